"""The rule under which an answer is wrong, as the model cites it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, cast

from etalon_conformance.exploring.reached import rules_of
from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.outcomes import Outcome, Refusal
from etalon_model.records.record import Document, Status
from etalon_model.records.search import DocumentPage

ANYBODY: Final = "ACC-01"
"""What is cited where a document is shown or kept and bears no mark."""
_CARE: Final = frozenset({ActorKind.PROFESSIONAL, ActorKind.STRUCTURE})
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
    before = _shown(expected[0]) if expected else {}
    after = _shown(observed)
    kind = command.actor.kind
    usual = next(iter(rules_of(type(command))), "")
    for one in (*expected, observed):
        if isinstance(one, Refusal):
            extra = [*after.values()] if one.rule == UNSEEN_RULE else []
            return rule_shown(extra[0], command.at, kind, usual=one.rule) if extra else one.rule
    for name, shown in after.items():
        if name not in before:
            return rule_shown(shown, command.at, kind, usual=usual or ANYBODY)
    for name, kept in before.items():
        if name not in after:
            return rule_kept(kept, usual=usual or ANYBODY)
    return usual


def rule_shown(document: Document, at: datetime, viewer: ActorKind, *, usual: str) -> str:
    """Return the rule by which a document is kept from a viewer who was shown it.

    Args:
        document: The document.
        at: When (UTC).
        viewer: As what they look.
        usual: The rule where no mark of the document keeps it from them.
    """
    gone = {Status.DELETED: "REC-14", Status.SUPERSEDED: "REC-10"}.get(document.status)
    if gone is not None:
        return gone
    codes = document.confidentiality
    if viewer in _CARE:
        # What is hidden from the patient or from parents is hidden from nobody else.
        return "VIS-01" if codes.masked else usual
    if document.is_hidden(at) or codes.hidden:
        return "VIS-04"
    is_secret = viewer is ActorKind.REPRESENTATIVE and codes.not_for_representatives
    return "VIS-06" if is_secret else usual


def rule_kept(document: Document, *, usual: str) -> str:
    """Return the rule of the one mark for which a document may have been kept from a viewer.

    Args:
        document: The document, which they were to be shown.
        usual: The rule where it bears no mark, or several: nobody can tell which it was.
    """
    codes = document.confidentiality
    marks = {
        "VIS-01": codes.masked,
        "VIS-04": codes.hidden,
        "VIS-06": codes.not_for_representatives,
    }
    borne = [rule for rule, holds in marks.items() if holds]
    return borne[0] if len(borne) == 1 else usual


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
