"""The rule under which an answer is wrong, as the model cites it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from etalon_conformance.exploring.reached import rules_of
from etalon_model.command import Command
from etalon_model.outcomes import Outcome, Refusal
from etalon_model.records.record import Document, Status
from etalon_model.records.search import DocumentPage

_ANYBODY: Final = "ACC-01"
UNSEEN_RULE: Final = "VIS-01"
"""What the model cites for a document that is not seen, whichever mark keeps it from being."""


@dataclass(frozen=True, slots=True)
class Raised:
    """A command that a target did not answer: it broke."""

    error: str


def cited(command: Command, expected: Sequence[Outcome], observed: Outcome | Raised) -> str:
    """Return the rule under which what was observed is wrong; empty where the model has none.

    That of the refusal that the model gives; else of the one that the target gives; else that of
    a document which one of them shows and the other does not; else one that the command carries
    out.
    """
    documents = list(_shown(observed).values())
    for one in (*expected, observed):
        if isinstance(one, Refusal):
            is_unseen = one.rule == UNSEEN_RULE and documents
            return rule_of(documents[0], command.at, unmarked=one.rule) if is_unseen else one.rule
    of_kind = rules_of(type(command))
    shown = [_shown(one) for one in (*expected[:1], observed)]
    first, last = shown[0], shown[-1]
    apart = [one for name, one in {**first, **last}.items() if (name in first) != (name in last)]
    if apart:
        return rule_of(apart[0], command.at)
    return next(iter(of_kind), "")


def rule_of(document: Document, at: datetime, *, unmarked: str = _ANYBODY) -> str:
    """Return the rule that decides whether a document is seen: that of its strongest mark."""
    confidentiality = document.confidentiality
    marks = (
        ("REC-14", document.status is Status.DELETED),
        ("REC-10", document.status is Status.SUPERSEDED),
        ("VIS-04", document.is_hidden(at) or confidentiality.hidden),
        ("VIS-06", confidentiality.not_for_representatives),
        ("VIS-01", confidentiality.masked),
    )
    return next((rule for rule, bears in marks if bears), unmarked)


def _shown(outcome: Outcome | Raised) -> dict[str, Document]:
    answer = None if isinstance(outcome, Refusal | Raised) else outcome.answer
    if isinstance(answer, Document):
        return {answer.unique_id: answer}
    if isinstance(answer, DocumentPage):
        return {one.unique_id: one for one in answer.documents}
    if isinstance(answer, tuple):
        held = cast("Iterable[object]", answer)
        return {one.unique_id: one for one in held if isinstance(one, Document)}
    return {}
