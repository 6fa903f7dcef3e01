"""Who sees which document: the truth table, kept as data and worked out once per viewer.

The table is `data/visibility.csv`: its first 37 rows are those of the published and observed
rules, the next complete it, each with its certainty. A document is seen when every code it bears
is seen; what no row says is not seen.

Sources: CSP art. L. 1111-16, R. 1111-49, R. 1111-50, R. 1111-53; nomenclature JDV_J58; official
application. Contradiction C1 (masked documents and the attending doctor) is a policy.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from typing import Final

from etalon_model.policies import MaskingPolicy
from etalon_model.records.confidentiality import ALL, Confidentiality
from etalon_model.records.record import Status
from etalon_model.rules import enforces
from etalon_model.tables import rows_of


class Stance(StrEnum):
    """In which quality somebody looks at a document."""

    HOLDER = "holder"
    REPRESENTATIVE = "representative"
    CAREGIVER = "caregiver"
    DEPOSITOR = "depositor"
    PROFESSIONAL = "professional"
    ATTENDING = "attending"
    ADMINISTRATOR = "administrator"
    EMERGENCY = "emergency"
    REGULATOR = "regulator"
    OCCUPATIONAL = "occupational"
    OUTSIDER = "outsider"
    APP = "app"


@dataclass(frozen=True, slots=True)
class Viewer:
    """Somebody who looks at a record.

    Attributes:
        stance: In which quality.
        policy: Who still sees masked documents (C1).
        admitted: They may read the record at all: consent, no block, emergency not refused.
        reads_masked: The holder lets masked documents be read in an emergency.
    """

    stance: Stance
    policy: MaskingPolicy = "law"
    admitted: bool = True
    reads_masked: bool = False


@dataclass(frozen=True, slots=True)
class Facts:
    """What about a document, beside its codes, decides whether it is seen.

    Attributes:
        hidden: It is hidden from the patient now: not announced, and its month not over.
        announced: It was announced before its month was over.
        type_allowed: The matrix lets the profession read its type.
        status: Where the version stands.
    """

    hidden: bool = False
    announced: bool = False
    type_allowed: bool = True
    status: Status = Status.CURRENT


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table.

    Attributes:
        number: Its number, 1 to 37 for the rows of the published table.
        viewer: A stance, or `anyone`.
        code: `BASE` for N, R and V, a visibility code, or `ANY`.
        circumstance: When the row holds, or an empty string for always.
        policy: The policy under which it holds, or an empty string for both.
        visible: Whether the document is seen.
    """

    number: int
    viewer: str
    code: str
    circumstance: str
    policy: str
    visible: bool


TRUTH_TABLE: Final = tuple(
    Row(
        int(row["row"]),
        row["viewer"],
        row["code"],
        row["circumstance"],
        row["policy"],
        row["visible"] == "yes",
    )
    for row in rows_of("visibility.csv")
)
"""The rows, in the order of their numbers."""


def holds(row: Row, viewer: Viewer, facts: Facts) -> bool:
    """Whether `row` speaks of this viewer in these circumstances."""
    if row.viewer not in (viewer.stance.value, "anyone") or row.policy not in ("", viewer.policy):
        return False
    circumstances = {
        "": True,
        "hidden": facts.hidden,
        "announced": facts.announced,
        "term_over": not facts.hidden and not facts.announced,
        "admitted": viewer.admitted and facts.type_allowed,
        "not_admitted": not viewer.admitted,
        "type_denied": not facts.type_allowed,
        "masked_permitted": viewer.reads_masked,
        "masked_refused": not viewer.reads_masked,
        "deleted": facts.status is Status.DELETED,
        "superseded": facts.status is Status.SUPERSEDED,
    }
    return circumstances[row.circumstance]


@enforces("VIS-01", "VIS-03", "VIS-04", "VIS-06")
def sees(viewer: Viewer, confidentiality: Confidentiality, facts: Facts) -> bool:
    """Whether `viewer` sees a document that bears `confidentiality`, as the table says."""
    rows = [row for row in TRUTH_TABLE if holds(row, viewer, facts)]
    if any(row.code == "ANY" and not row.visible for row in rows):
        return False
    base, *marks = confidentiality.codes
    del base
    return all(_seen(rows, code) for code in ("BASE", *marks))


def _seen(rows: list[Row], code: str) -> bool:
    """Whether the rows that hold for `code` exist and none of them hides."""
    said = [row.visible for row in rows if row.code == code]
    return bool(said) and all(said)


Sight = tuple[bool, ...]
"""Whether a viewer sees each of the 24 sets of codes; then each while hidden from the patient."""


@cache
def sight(viewer: Viewer) -> Sight:
    """Return what `viewer` sees of current documents of types they may read."""
    return tuple(
        sees(viewer, confidentiality, Facts(hidden=hidden))
        for hidden in (False, True)
        for confidentiality in ALL
    )


HIDDEN_OFFSET: Final = len(ALL)
"""Where the second half of a `Sight` starts."""
