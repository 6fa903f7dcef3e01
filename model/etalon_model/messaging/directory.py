"""The directory of professional mailboxes: published, changed, taken out.

These commands concern nobody's space: their `ins` is an empty string.

Source: draft guide of the ANS on mailboxes (address and type do not change; red list).
Reading: a mailbox taken out of the directory does not come back, and its address is not reused.
"""

from dataclasses import dataclass, replace

from etalon_model.actors import Actor, ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles_catalogue
from etalon_model.messaging.correspondents import (
    BEARERS,
    Correspondent,
    MailboxType,
    is_professional_address,
)
from etalon_model.outcomes import ACCEPTED, Outcome, Refusal
from etalon_model.register import Register
from etalon_model.rules import enforces


@dataclass(frozen=True, slots=True)
class PublishMailbox(Command):
    """Publish a professional mailbox, or change whether it is on the red list.

    Attributes:
        address: Its address.
        type: Its type.
        pharmacy: It is that of a pharmacy.
        red_listed: It is not to be published.
    """

    address: str
    type: MailboxType
    pharmacy: bool = False
    red_listed: bool = False

    def detail(self) -> str:
        """Return the type."""
        return self.type.value


@handles_catalogue(PublishMailbox)
@enforces("MSG-12")
def publish_mailbox(register: Register, command: PublishMailbox) -> Outcome:
    """Enter the mailbox of the actor; address, type and bearer never change afterwards."""
    if command.actor.kind.value != BEARERS[command.type]:
        return Refusal("MSG-12", "NOT_A_BEARER", "", (command.actor.kind.value, command.type.value))
    if not is_professional_address(command.address):
        return Refusal("MSG-12", "WRONG_ADDRESS", "", (command.address,))
    asked = Correspondent(
        command.address, command.type, command.actor.ident, command.pharmacy, command.red_listed
    )
    known = register.correspondents.get(command.address)
    if known is not None and asked != replace(known, red_listed=asked.red_listed):
        return Refusal("MSG-12", "MAILBOX_FIXED", "", (command.address,))
    register.correspondents[command.address] = asked
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class RemoveMailbox(Command):
    """Take a mailbox out of the directory.

    Attributes:
        address: Which one.
    """

    address: str


@handles_catalogue(RemoveMailbox)
@enforces("MSG-11", "MSG-12")
def remove_mailbox(register: Register, command: RemoveMailbox) -> Outcome:
    """Mark the mailbox as no longer active; its bearer or the system asks for it."""
    known = register.correspondents.get(command.address)
    if known is None or not known.active:
        return Refusal("MSG-11", "CONTACT_NOT_ACTIVE", "", (command.address,))
    if not _may_remove(command.actor, known):
        return Refusal("MSG-12", "NOT_FOR_THIS_ACTOR", "", (command.actor.kind.value,))
    register.correspondents[command.address] = replace(known, active=False)
    return ACCEPTED


def _may_remove(actor: Actor, known: Correspondent) -> bool:
    return actor.kind is ActorKind.SYSTEM or (
        actor.ident == known.bearer and actor.kind.value == BEARERS[known.type]
    )
