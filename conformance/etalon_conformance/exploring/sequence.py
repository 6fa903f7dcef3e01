"""A sequence of calls, made on a target and in the model, one beside the other."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from etalon_conformance.expectations import (
    Expectation,
    absent,
    equals,
    excludes,
    includes,
    status,
)
from etalon_conformance.exploring.acts import ACTS, asked
from etalon_conformance.exploring.calls import Call, kinds
from etalon_conformance.exploring.citing import UNSEEN_RULE, rule_kept, rule_shown
from etalon_conformance.exploring.company import Company
from etalon_conformance.exploring.deadlines import moved
from etalon_conformance.exploring.looking_acts import told_in
from etalon_conformance.exploring.seats import Asked, Seat
from etalon_conformance.rights_scene import NOT_TAKEN
from etalon_conformance.specimens import HIDDEN, MASKED, NOT_FOR_REPRESENTATIVES
from etalon_model.catalogue.measuring import ReadMeasures
from etalon_model.command import Command
from etalon_model.messaging.reading import Conversation, MailboxPage
from etalon_model.outcomes import Refusal
from etalon_model.records.record import Document, documents_of
from etalon_model.records.search import DocumentPage
from etalon_model.service import Service

if TYPE_CHECKING:
    from etalon_model.catalogue.measures import Measure

LABELS: Final = "securityLabel.coding.code"
WAIT: Final = "wait"
"""The act that is nobody's: time passes."""
NOTICES: Final = "notices"
_RULES: Final = {
    "ACCES_DMP_PS": "ACC-10",
    "ACCES_BRIS_GLACE": "EMG-05",
    MASKED: "VIS-02",
    HIDDEN: "VIS-04",
    NOT_FOR_REPRESENTATIVES: "VIS-06",
}
"""What is wrong under which rule where a look at it shows another than the model's."""
_READINGS: Final = frozenset({"read", "open"})
_TAKEN: Final = (200, 201, 202, 204)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the model answers to a call under one reading.

    Attributes:
        accepted: It is done.
        rule: The rule under which it is refused, or empty.
        listed: What is listed: unique identifiers of documents, subjects of conversations, texts of
            messages, values of measures; or None.
    """

    accepted: bool
    rule: str = ""
    listed: frozenset[str] | None = None


@dataclass(frozen=True, slots=True)
class Met:
    """A call, what was to be answered, and what was.

    Attributes:
        call: The call.
        wanted: What the model answers, under each reading that was still right.
        asked: What the target answered.
        agrees: It is what a reading says; None where nobody can tell what was answered.
        rule: The rule under which it is wrong; empty where it is not.
        apart: A document that is listed and ought not to be, or the reverse; or empty.
    """

    call: Call
    wanted: tuple[Wanted, ...]
    asked: Asked
    agrees: bool | None
    rule: str = ""
    apart: str = ""


class Playing:
    """A sequence while it is made.

    Attributes:
        company: The people.
        met: What was met so far.
        sent: The kinds of command of the model that were asked of the target.
    """

    __slots__ = ("_readings", "company", "met", "sent")

    def __init__(self, company: Company) -> None:
        """Make no call yet."""
        self.company = company
        self.met: list[Met] = []
        self.sent: set[str] = set()
        self._readings = list(company.stage.readings)

    @property
    def first(self) -> Service:
        """The model under the first reading that is still right."""
        return self._readings[0]

    def makes(self, call: Call) -> Met:
        """Make a call, on the target and in the model.

        Raises:
            CannotTest: The target is gone, or the model makes nothing of what is deposited.
        """
        if call.act == WAIT:
            return self._waits(call)
        seat = Seat(self.company, call)
        commands = ACTS[call.act].commands(seat)
        self.sent.update(type(one).__name__ for one in commands)
        wanted = [_wanted(one, commands, seat) for one in self._readings]
        answered = asked(seat)
        if answered.accepted is None:
            met = Met(call, tuple(wanted), answered, None)
        else:
            right = [agrees(answered, one) for one in wanted]
            if any(right):
                pairs = zip(self._readings, right, strict=True)
                self._readings = [one for one, holds in pairs if holds]
                # What acts look up in the model is looked up where it still follows the calls.
                self.company.stage.readings = tuple(self._readings)
                met = Met(call, tuple(wanted), answered, agrees=True)
            else:
                met = self._wrong(call, tuple(wanted), answered)
        self.met.append(met)
        return met

    def _waits(self, call: Call) -> Met:
        """Move the clock; whoever cannot move theirs tells so by an error."""
        bench = self.company.stage.bench
        self.sent.update(kind.__name__ for kind in moved(bench, self.company, call.about))
        done = Asked(bench.exchanges[-1:], accepted=True)
        met = Met(call, (Wanted(accepted=True),), done, agrees=True)
        self.met.append(met)
        return met

    def _wrong(self, call: Call, wanted: tuple[Wanted, ...], answered: Asked) -> Met:
        """Return a call that was answered as no reading says, with the rule it is wrong under."""
        expected, usual = wanted[0], kinds()[call.act].rule
        kind = self.company.stage.actors[call.who].kind
        now, apart, rule = self.company.stage.now, "", expected.rule or usual
        if answered.listed is not None and expected.listed is not None:
            extra, lacking = answered.listed - expected.listed, expected.listed - answered.listed
            apart = min(extra or lacking)
            rule = _RULES.get(call.about if call.act == NOTICES else apart, rule)
            document = self._document(apart)
            if document is not None and extra:
                rule = rule_shown(document, now, kind, usual=usual)
            elif document is not None:
                rule = rule_kept(document, usual=usual)
        elif call.act in _READINGS and (document := self._document(self._unique_id(call))):
            if expected.accepted:
                rule = rule_kept(document, usual=usual)
            elif rule == UNSEEN_RULE:
                rule = rule_shown(document, now, kind, usual=rule)
        return Met(call, wanted, answered, agrees=False, rule=rule, apart=apart)

    def _unique_id(self, call: Call) -> str:
        kept = self.company.shelf.get(call.document)
        return "" if kept is None else kept.one.unique_id

    def _document(self, unique_id: str) -> Document | None:
        return documents_of(self.first.person(self.company.stage.ins)).get(unique_id)


def _wanted(service: Service, commands: Sequence[Command], seat: Seat) -> Wanted:
    """Return what a reading answers to commands that are carried out in turn."""
    if seat.call.act == NOTICES:
        return Wanted(accepted=True, listed=told_in(service.person(seat.ins), seat.call.about))
    if not commands:
        return Wanted(accepted=False, rule=kinds()[seat.call.act].rule)
    lists = ACTS[seat.call.act].lists
    listed: frozenset[str] | None = None
    for command in commands:
        outcome = service.apply(command)
        if isinstance(outcome, Refusal):
            return Wanted(accepted=False, rule=outcome.rule)
        answer = outcome.answer
        listed = listed_in(command, answer) if lists is None else lists(seat, answer)
    return Wanted(accepted=True, listed=listed)


def listed_in(command: Command, answer: object) -> frozenset[str] | None:
    """Return what the answer to a command lists, as `Asked.listed` has it; None where it does not.

    A conversation lists the texts of its messages, a mailbox the subjects of what is in it.
    """
    if isinstance(answer, DocumentPage):
        return frozenset(one.unique_id for one in answer.documents)
    if isinstance(answer, MailboxPage):
        rows, drafts = answer.rows, answer.drafts
        return frozenset([*(one.subject for one in rows), *(one.subject for one in drafts)])
    if isinstance(answer, Conversation):
        return frozenset(one.text for one in answer.messages)
    if isinstance(command, ReadMeasures):
        return frozenset(f"{one.values[0]:g}" for one in cast("tuple[Measure, ...]", answer))
    return None


def agrees(answered: Asked, wanted: Wanted) -> bool:
    """Whether an answer is what a reading says.

    A search that is refused may find nothing instead, and one that finds nothing may be refused:
    what counts is that nothing comes through (ITI TF-2 Z.7). What is done and lists nothing was
    done: a target need not tell what the model does.
    """
    if answered.listed is None and (wanted.listed is None or answered.accepted):
        return answered.accepted == wanted.accepted
    if wanted.listed is None and wanted.accepted:
        return bool(answered.accepted)
    return (answered.listed or frozenset()) == (wanted.listed or frozenset())


def expectation_of(met: Met) -> Expectation:
    """Return what an answer that was wrong ought to have been.

    Raises:
        ValueError: It was not wrong.
    """
    expected, answered = met.wanted[0], met.asked
    listed, wanted = answered.listed or frozenset(), expected.listed or frozenset()
    if answered.is_ranked and expected.accepted:
        names = sorted(one.partition(" ")[2] for one in wanted)
        return equals(answered.where, *names) if names else absent(answered.where)
    if answered.listed is not None and listed - wanted:
        return excludes(answered.where, *sorted(listed - wanted))
    if expected.listed is not None and wanted - listed:
        return includes(answered.where, *sorted(wanted - listed))
    if answered.lacks:
        return includes(LABELS, answered.lacks)
    if met.agrees is not False:
        message = f"{met.call}: it was not wrong"
        raise ValueError(message)
    return kept_to(expected)


def kept_to(wanted: Wanted) -> Expectation:
    """Return that a call is done, or refused, as a reading says."""
    return status(*_TAKEN) if wanted.accepted else status(*NOT_TAKEN)
