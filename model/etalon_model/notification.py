"""Notices: the e-mail or letter that opens the window, and the codes that go with it.

Sources: CSP art. R. 1111-28 (e-mail declared to the insurer, else letter); official application
(code, regeneration); press of February 2022 (validity).
Reading: a letter sent after a failed e-mail starts the window anew, and no space opens while the
failed e-mail has no letter behind it (decision 0015).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from etalon_model.access_log import Deed, Family, deed_of
from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.identification import IdentityInputs, refuse_unless_identified
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Channel, Person
from etalon_model.register import Register
from etalon_model.representation import addressee_of, refuse_unless, refuse_unless_may_object
from etalon_model.rules import enforces
from etalon_model.states import TRANSITIONS, State
from etalon_model.territory import refuse_out_of_scope

_T02 = TRANSITIONS["T02"]
_T03 = TRANSITIONS["T03"]
_T08 = TRANSITIONS["T08"]
_BY_EMAIL = deed_of("SendNotice", Family.GENERAL, "email")
_BY_LETTER = deed_of("SendNotice", Family.GENERAL, "letter")


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice that was sent.

    Attributes:
        sent_at: When (UTC); the window and the code run from there.
        channel: How.
        addressee: Matricule of the person it is addressed to.
        code: Provisional code it carries.
        window_ends_at: Earliest automatic opening (UTC).
    """

    sent_at: datetime
    channel: Channel
    addressee: str
    code: str
    window_ends_at: datetime


@dataclass(frozen=True, slots=True)
class SendNotice(Command):
    """Send the information on the space and the right to object (T02, T03).

    Attributes:
        channel: By e-mail or by letter.
    """

    channel: Channel

    def detail(self) -> str:
        """Return the channel."""
        return self.channel.value

    def deed(self) -> Deed:
        """Return the deed of the channel."""
        return _BY_EMAIL if self.channel is Channel.EMAIL else _BY_LETTER


@handles(SendNotice)
def send_notice(register: Register, person: Person, command: SendNotice) -> Outcome:
    """Send a notice and start the window; answer the `Notice`."""
    at = command.at
    refusal = (
        _refuse_sender(person, command)
        or refuse_out_of_scope(register.parameters, person, at)
        or _refuse_channel(person, command)
    )
    if refusal is not None:
        return refusal
    addressee = addressee_of(person, at)
    if addressee is None:
        return Refusal("LIF-06", "REPRESENTATIVE_UNKNOWN", command.ins)
    ends_at = register.parameters.opposition_window.after(at)
    person.sent_at = at
    person.window_ends_at = ends_at
    person.channel = command.channel
    person.bounced = False
    person.undelivered = False
    register.move(person, _T02 if command.channel is Channel.EMAIL else _T03, at)
    return Accepted(
        Notice(at, command.channel, addressee, register.issue_code(person, at), ends_at)
    )


def _refuse_sender(person: Person, command: SendNotice) -> Refusal | None:
    if command.actor.kind is not ActorKind.INSURER:
        return refuse_unless(person, command.actor, ActorKind.INSURER)
    if person.state is State.NOT_NOTIFIED or (person.state is State.NOTIFIED and person.bounced):
        return None
    return Refusal("LIF-05", "NO_NOTICE_DUE", command.ins, (person.state.value,))


@enforces("LIF-05")
def _refuse_channel(person: Person, command: SendNotice) -> Refusal | None:
    """E-mail to the declared address; letter when there is none or when the e-mail failed."""
    if command.channel is Channel.EMAIL:
        if not person.contacts.email:
            return Refusal("LIF-05", "NO_EMAIL_ADDRESS", command.ins)
        if person.bounced:
            return Refusal("LIF-05", "EMAIL_FAILED", command.ins)
    elif person.contacts.email and not person.bounced:
        return Refusal("LIF-05", "EMAIL_COMES_FIRST", command.ins)
    return None


@dataclass(frozen=True, slots=True)
class ReportBounce(Command):
    """Report that the e-mail of the last notice could not be delivered."""


@handles(ReportBounce)
def report_bounce(register: Register, person: Person, command: ReportBounce) -> Outcome:
    """Record the failure: a letter is due, and nothing opens before it."""
    del register
    refusal = refuse_unless(person, command.actor, ActorKind.INSURER, ActorKind.SYSTEM)
    if refusal is not None:
        return refusal
    if person.channel is not Channel.EMAIL or person.bounced:
        return Refusal("LIF-05", "NO_EMAIL_SENT", command.ins)
    person.bounced = True
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class ReportUndelivered(Command):
    """Report that the letter of the last notice came back."""


@handles(ReportUndelivered)
def report_undelivered(register: Register, person: Person, command: ReportUndelivered) -> Outcome:
    """Record that the letter came back; the state and the window do not change."""
    del register
    refusal = refuse_unless(person, command.actor, ActorKind.INSURER, ActorKind.SYSTEM)
    if refusal is not None:
        return refusal
    if person.channel is not Channel.LETTER or person.undelivered:
        return Refusal("LIF-05", "NO_LETTER_SENT", command.ins)
    person.undelivered = True
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class RegenerateCode(Command):
    """Ask for a new provisional code (T08), before an activation or an objection.

    Attributes:
        inputs: What the person types to be recognised.
        by: `sms` or `email`, to the contact the insurer knows.
    """

    inputs: IdentityInputs
    by: Literal["sms", "email"]

    def detail(self) -> str:
        """Return the carrier."""
        return self.by


_WITHOUT_CODE = (State.NOT_NOTIFIED, State.OPEN_ACTIVE, State.SUSPENDED, State.DELETION_RUNNING)


@handles(RegenerateCode)
@enforces("LIF-08")
def regenerate_code(register: Register, person: Person, command: RegenerateCode) -> Outcome:
    """Answer a new code; it replaces the one before and lives as long from now."""
    refusal = (
        refuse_unless_may_object(register, person, command.actor, command.at)
        or refuse_unless_identified(register, person, command.inputs, command.at)
        or _refuse_code(register, person, command)
    )
    if refusal is not None:
        return refusal
    if person.state is State.NOTIFIED:
        register.move(person, _T08, command.at)
    return Accepted(register.issue_code(person, command.at))


def _refuse_code(register: Register, person: Person, command: RegenerateCode) -> Refusal | None:
    ins = command.ins
    if person.is_dead:
        return Refusal("LIF-29", "DECEASED_INDIVIDUAL", ins)
    if person.state is State.OPEN_ACTIVE:
        return Refusal("LIF-08", "PROFILE_ALREADY_EXISTS", ins)
    if person.state in _WITHOUT_CODE:
        return Refusal("LIF-08", "NO_CODE_IN_THIS_STATE", ins, (person.state.value,))
    if not (person.contacts.mobile if command.by == "sms" else person.contacts.email):
        return Refusal("LIF-08", "CONTACTS_NOT_FOUND", ins, (command.by,))
    delay = timedelta(seconds=register.parameters.code_delay_seconds)
    if person.code_at is not None and command.at < person.code_at + delay:
        return Refusal("LIF-08", "MIN_DELAY_ERROR", ins, (person.code_at,))
    return None
