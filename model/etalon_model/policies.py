"""Policies: the choices that the texts leave open, and what each would change.

Eight contradictions between texts (C1 to C8) and fourteen gaps (G1 to G14) stand in
`data/policies.csv`. Where the answer of the service depends on one, it is a switch: a field of
`Policies`, or a value of the vintage that a scenario replaces. The others are notes. A default
is never evidence against somebody else's system.
"""

from dataclasses import dataclass
from functools import cache
from typing import Literal

from etalon_model.rights.habilitation import Matrix
from etalon_model.tables import rows_of

MaskingPolicy = Literal["law", "product"]
MatrixPolicy = Literal["strict", "permissive"]
ParentsPolicy = Literal["one", "both"]
MeasureRanges = Literal["wide", "none"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Policies:
    """The switches that are no value of a vintage, each with the default of the model.

    Attributes:
        masking_policy: Who still sees a masked document (C1).
        matrix_policy: Whether an inferred cell of the matrix of professions allows (G1), or
            an imported matrix in the place of ours.
        message_limit_bytes: Largest message to a citizen (G2).
        parents_policy: How many of two parents must object for a child (G4).
        emergency_samu: A regulator reads when the holder chose nothing (G7).
        emergency_break_glass: Another professional reads in an emergency, likewise (G7).
        emergency_masked: Masked documents are read in an emergency, likewise (G7).
        opinion_days: Days the commission has to give its opinion, or None (G8).
        reminder_lead_hours: Hours from a reminder to the appointment (G12).
        measure_ranges: Whether implausible measures are refused (G14).
    """

    masking_policy: MaskingPolicy = "law"
    matrix_policy: MatrixPolicy | Matrix = "strict"
    message_limit_bytes: int = 10_000_000
    parents_policy: ParentsPolicy = "one"
    emergency_samu: bool = True
    emergency_break_glass: bool = True
    emergency_masked: bool = False
    opinion_days: int | None = None
    reminder_lead_hours: int = 24
    measure_ranges: MeasureRanges = "wide"


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A contradiction between texts, or a gap in them.

    Attributes:
        ident: `C1` to `C8`, `G1` to `G14`.
        kind: `contradiction` or `gap`.
        form: `switch` when an outcome depends on it, else `note`.
        question: What nobody can tell from the texts.
        settings: Fields of `Parameters` that hold the answer, `policies.` first for a policy.
        values: The answers the model knows, for each setting.
        default: The answer of the model.
        rules: Rules concerned.
        would_change: What another answer would change.
        how_to_close: Who or what could answer.
        source: Keys of `data/sources.csv`.
        certainty: How sure the default is.
        tried: Other answers, as a setting and its value, that test vectors work out.
        question_fr: The question in French; the next four likewise.
        values_fr: The answers; what a scenario writes comes first, its meaning in brackets.
        default_fr: The answer of the model.
        would_change_fr: What another answer would change.
        how_to_close_fr: Who or what could answer.
    """

    ident: str
    kind: str
    form: str
    question: str
    settings: tuple[str, ...]
    values: str
    default: str
    rules: tuple[str, ...]
    would_change: str
    how_to_close: str
    source: str
    certainty: str
    tried: tuple[tuple[str, str], ...]
    question_fr: str
    values_fr: str
    default_fr: str
    would_change_fr: str
    how_to_close_fr: str


@cache
def open_questions() -> tuple[OpenQuestion, ...]:
    """Return the 22 open questions, contradictions first."""
    return tuple(
        OpenQuestion(
            ident=row["id"],
            kind=row["kind"],
            form=row["form"],
            question=row["question"],
            settings=tuple(filter(None, row["setting"].split("|"))),
            values=row["values"],
            default=row["default"],
            rules=tuple(filter(None, row["rules"].split(";"))),
            would_change=row["would_change"],
            how_to_close=row["how_to_close"],
            source=row["source"],
            certainty=row["certainty"],
            tried=tuple(_pair(cell) for cell in filter(None, row["tried"].split("|"))),
            question_fr=row["question_fr"],
            values_fr=row["values_fr"],
            default_fr=row["default_fr"],
            would_change_fr=row["would_change_fr"],
            how_to_close_fr=row["how_to_close_fr"],
        )
        for row in rows_of("policies.csv")
    )


def _pair(cell: str) -> tuple[str, str]:
    setting, _, value = cell.partition("=")
    return setting, value
