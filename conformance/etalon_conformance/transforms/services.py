"""Servers that decide otherwise about messages, agendas, services and their measures."""

from collections.abc import Callable, Mapping
from copy import copy
from dataclasses import MISSING, fields, replace
from typing import TYPE_CHECKING, Final, cast

from etalon_conformance.transforms.commands import forgotten
from etalon_conformance.transforms.service import Case, deciding, kinds_of
from etalon_model.agenda.appointments import ReadAppointments
from etalon_model.catalogue.catalogue import Direction, Use
from etalon_model.catalogue.exchange import AppCall, AppTokens, IdToken
from etalon_model.catalogue.measure_checks import MeasureDraft
from etalon_model.catalogue.measures import WEIGHT
from etalon_model.catalogue.measuring import SearchMeasures, WriteMeasure
from etalon_model.catalogue.pairing import PairService
from etalon_model.catalogue.pairings import opaque_identifier, pairing_of
from etalon_model.messaging.conversations import Mailbox
from etalon_model.messaging.writing import WriteMessage
from etalon_model.outcomes import Accepted, Outcome, Refusal
from etalon_model.records.deposit import DepositDocument
from etalon_model.states import State
from etalon_wire.parts import Transform

if TYPE_CHECKING:
    from etalon_model.agenda.agenda import Appointment

_FASTING: Final = "53049-3"
_GLUCOSE: Final = "2345-7"


def left_unread(*, commands: str, names: str) -> Transform:
    """Carry commands out as if they did not say some of what they say."""
    chosen = names.split(",")

    def act(case: Case) -> Outcome:
        command = case.command
        unsaid = copy(command)
        for one in fields(command):
            if one.name in chosen:
                object.__setattr__(unsaid, one.name, _usual(one))
        return case.service.apply(unsaid)

    return deciding(act, *kinds_of(commands))


def _usual(field: object) -> object:
    """Return what a field holds when nothing is said."""
    default, factory = getattr(field, "default"), getattr(field, "default_factory")  # noqa: B009
    return factory() if default is MISSING else default


def refusals_worded(*, commands: str, found: str, put: str) -> Transform:
    """Refuse under another name than that of the cause."""
    codes = frozenset(found.split(","))

    def act(case: Case) -> Outcome:
        outcome = case.decided()
        if isinstance(outcome, Refusal) and outcome.code in codes:
            return replace(outcome, code=put)
        return outcome

    return deciding(act, *kinds_of(commands))


def anybody_is_a_contact() -> Transform:
    """Let the holder of a space write first to whoever has a mailbox."""

    def act(case: Case) -> Outcome:
        command = case.command
        if isinstance(command, WriteMessage) and command.to:
            held = case.person.held()
            held.mailbox = held.mailbox or Mailbox()
            held.mailbox.contacts.setdefault(command.to)
        return case.decided()

    return deciding(act, WriteMessage)


def fed_once_active() -> Transform:
    """Lose what is deposited for a space whose holder never came."""

    def act(case: Case) -> Outcome:
        is_waiting = case.person.state is State.OPEN_INACTIVE
        return forgotten(case) if is_waiting else case.decided()

    return deciding(act, DepositDocument)


def past_appointments_dropped() -> Transform:
    """Answer the appointments to come, and none that is past."""

    def act(case: Case) -> Outcome:
        outcome = case.decided()
        if not isinstance(outcome, Accepted):
            return outcome
        known = cast("tuple[Appointment, ...]", outcome.answer)
        return Accepted(tuple(one for one in known if one.starts_at >= case.command.at))

    return deciding(act, ReadAppointments)


def consents_widened() -> Transform:
    """Take the consent to one direction for a consent to both."""

    def act(case: Case) -> Outcome:
        outcome, command = case.decided(), case.command
        if isinstance(outcome, Accepted) and isinstance(command, PairService):
            pairing = pairing_of(case.person, command.service)
            if pairing is not None:
                pairing.consents = frozenset(
                    Use(one.purpose, one.family, direction)
                    for one in pairing.consents
                    for direction in Direction
                )
        return outcome

    return deciding(act, PairService)


def identity_assumed() -> Transform:
    """Take the identity token for good, whatever it says, where the access token is."""

    def act(case: Case) -> Outcome:
        command = case.command
        if isinstance(command, AppCall) and command.tokens.access_valid:
            solution = command.actor.ident
            known = opaque_identifier(case.register.seed, command.ins, solution)
            tokens = AppTokens(IdToken(known, solution))
            return case.service.apply(replace(command, tokens=tokens))
        return case.decided()

    return deciding(act, WriteMeasure, SearchMeasures)


def _own(case: Case) -> str:
    return opaque_identifier(case.register.seed, case.command.ins, case.command.actor.ident)


_MENDED: Final[Mapping[str, Callable[[Case, MeasureDraft], MeasureDraft]]] = {
    "code": lambda _, one: replace(one, code=WEIGHT) if one.code == "39156-5" else one,
    "source": lambda case, one: replace(one, source=f"{case.command.actor.ident}.1"),
    "subject": lambda case, one: replace(one, subject=_own(case)),
    "moment": lambda _, one: (
        replace(one, moment=one.moment or _FASTING)
        if one.code == _GLUCOSE
        else replace(one, moment="")
    ),
}
"""What a server may mend of a measure that it should refuse, by name."""


def measures_mended(*, what: str) -> Transform:
    """Take measures that are wrong in something, as if they were right in it."""
    mend = _MENDED[what]

    def act(case: Case) -> Outcome:
        command = case.command
        if not isinstance(command, WriteMeasure):
            return case.decided()
        bundle = tuple(
            one if one.measure is None else replace(one, measure=mend(case, one.measure))
            for one in command.bundle
        )
        return case.service.apply(replace(command, bundle=bundle))

    return deciding(act, WriteMeasure)


def first_measure_taken() -> Transform:
    """Take the first measure of a bundle, and drop the others without a word."""

    def act(case: Case) -> Outcome:
        command = case.command
        if not isinstance(command, WriteMeasure):
            return case.decided()
        firsts = [one for one in command.bundle if one.measure is not None][:1]
        others = [one for one in command.bundle if one.measure is None]
        return case.service.apply(replace(command, bundle=(*firsts, *others)))

    return deciding(act, WriteMeasure)


MAKERS: Final = (
    left_unread,
    refusals_worded,
    anybody_is_a_contact,
    fed_once_active,
    past_appointments_dropped,
    consents_widened,
    identity_assumed,
    measures_mended,
    first_measure_taken,
)
