"""Blocks, administrators and the attending doctor.

Sources: official application (a professional is blocked and unblocked, after which a new oral
consent is needed; an administrator blocks colleagues and sees masked documents; the attending
doctor is shown and cannot be changed there); guide of the ANS on documents of the DMP (TD0.2);
CSP art. L. 1111-16.
"""

from dataclasses import dataclass

from etalon_model.access import refuse_operation
from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.rights.rights import is_administrator, rights_of, standing_of
from etalon_model.rules import enforces
from etalon_model.states import ACCESS


@dataclass(frozen=True, slots=True)
class ProfessionalCommand(Command):
    """A command on where one professional stands.

    Attributes:
        professional: Their national identifier; of the attending doctor, empty for nobody.
    """

    professional: str

    def detail(self) -> str:
        """Return the professional."""
        return self.professional


@dataclass(frozen=True, slots=True)
class BlockProfessional(ProfessionalCommand):
    """Block a professional, as the holder or as an administrator."""


@handles(BlockProfessional)
@enforces("ACC-04")
def block_professional(register: Register, person: Person, command: BlockProfessional) -> Outcome:
    """Block at once; nothing that was consented or deemed before comes back later."""
    refusal = _refuse_unless_blocks(register, person, command)
    if refusal is not None:
        return refusal
    standing = rights_of(person).standing(command.professional)
    if standing.blocked:
        return Refusal("ACC-04", "PROFESSIONAL_BLOCKED", command.ins, (command.professional,))
    standing.withdraw()
    standing.blocked = True
    return ACCEPTED


@enforces("ACC-09")
def _refuse_unless_blocks(register: Register, person: Person, command: Command) -> Refusal | None:
    """Besides whoever decides for the space, an administrator blocks and unblocks colleagues."""
    actor = command.actor
    if actor.kind is not ActorKind.PROFESSIONAL:
        return refuse_operation(register, person, command, "manage_sharing")
    if not ACCESS[person.state].professionals_read:
        return Refusal("LIF-12", "NO_OPEN_SPACE", command.ins, (person.state.value,))
    if not is_administrator(person, actor.ident):
        return Refusal("ACC-09", "NOT_AN_ADMINISTRATOR", command.ins, (actor.ident,))
    return None


@dataclass(frozen=True, slots=True)
class UnblockProfessional(ProfessionalCommand):
    """Lift a block, as the holder or as an administrator."""


@handles(UnblockProfessional)
@enforces("ACC-05")
def unblock_professional(
    register: Register, person: Person, command: UnblockProfessional
) -> Outcome:
    """Lift the block; the professional still needs a new consent."""
    refusal = _refuse_unless_blocks(register, person, command)
    if refusal is not None:
        return refusal
    standing = standing_of(person, command.professional)
    if standing is None or not standing.blocked:
        return Refusal("ACC-05", "NOT_BLOCKED", command.ins, (command.professional,))
    standing.blocked = False
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class SetAdministrator(ProfessionalCommand):
    """Make a professional an administrator of the record, or no longer.

    Attributes:
        administrator: Whether they are one from now on.
    """

    administrator: bool = True


@handles(SetAdministrator)
@enforces("ACC-09")
def set_administrator(register: Register, person: Person, command: SetAdministrator) -> Outcome:
    """Give or take back the administration; a caregiver does neither."""
    refusal = refuse_operation(register, person, command, "manage_sharing")
    if refusal is not None:
        return refusal
    ident = command.professional
    standing = standing_of(person, ident)
    if standing is not None and standing.blocked:
        return Refusal("ACC-04", "PROFESSIONAL_BLOCKED", command.ins, (ident,))
    if command.administrator and standing is not None and standing.must_consent:
        return Refusal("ACC-05", "NEW_CONSENT_NEEDED", command.ins, (ident,))
    rights_of(person).standing(command.professional).administrator = command.administrator
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class DeclareAttendingDoctor(ProfessionalCommand):
    """Tell the service who the attending doctor is, as the insurer."""


@handles(DeclareAttendingDoctor)
@enforces("ACC-13")
def declare_attending_doctor(
    register: Register, person: Person, command: DeclareAttendingDoctor
) -> Outcome:
    """Take what the insurer says; the choice of a doctor is never made in the space."""
    del register
    if command.actor.kind is not ActorKind.INSURER:
        return Refusal("ACC-13", "DECLARED_TO_THE_INSURER", command.ins)
    rights_of(person).attending = command.professional
    return ACCEPTED
