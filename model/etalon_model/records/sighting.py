"""What one reader may see of one record, worked out once per call.

Sources: the truth table (`data/visibility.csv`), the matrix of professions; CSP art. R. 1111-46,
R. 1111-49; guide EEDS of the ANS (TD3.1).
Reading: the matrix limits readings in the course of care; in an emergency it does not, nor does
it for the attending doctor, administrator or not (decision 0044); whoever deposited a document
still sees it.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from etalon_model.access import refuse_operation
from etalon_model.actors import Actor, ActorKind
from etalon_model.command import Command
from etalon_model.outcomes import Refusal
from etalon_model.people import Person
from etalon_model.records.nomenclature import DOCUMENT_TYPES
from etalon_model.records.record import Document, Status
from etalon_model.records.visibility import HIDDEN_OFFSET, Sight, Stance, Viewer, sight
from etalon_model.register import Register
from etalon_model.rights.matrix import types_read
from etalon_model.rights.modes import AccessMode
from etalon_model.rights.reading import refuse_reader
from etalon_model.rights.rights import emergency_choices, is_administrator, is_attending
from etalon_model.rules import enforces

_STANCES: Final = {
    ActorKind.HOLDER: Stance.HOLDER,
    ActorKind.REPRESENTATIVE: Stance.REPRESENTATIVE,
    ActorKind.CAREGIVER: Stance.CAREGIVER,
}
_PROFESSIONALS: Final = (ActorKind.PROFESSIONAL, ActorKind.STRUCTURE)
_EVERY_TYPE: Final = frozenset(DOCUMENT_TYPES)
_OWN: Final = sight(Viewer(Stance.DEPOSITOR))


@dataclass(frozen=True, slots=True)
class Sighting:
    """What a reader sees now.

    Attributes:
        of_others: What they see of documents that others deposited.
        types: Codes of the types they may read.
        reader: Who reads.
        at: When (UTC).
        is_care: They read as a professional, and see what they deposited.
    """

    of_others: Sight
    types: frozenset[str]
    reader: Actor
    at: datetime
    is_care: bool

    def sees(self, document: Document) -> bool:
        """Whether the reader sees that version of that document, were it current."""
        index = document.confidentiality.index
        if document.hidden_until is not None and document.is_hidden(self.at):
            index += HIDDEN_OFFSET
        if self.is_care and document.depositor.ident == self.reader.ident:
            return _OWN[index]
        return self.of_others[index] and document.sheet.type_code in self.types

    def sees_current(self, document: Document) -> bool:
        """Whether the reader finds the document where current documents are (REC-10)."""
        return document.status is Status.CURRENT and self.sees(document)


def sighting(
    register: Register, person: Person, command: Command, mode: AccessMode
) -> Sighting | Refusal:
    """Return what the actor of `command` sees, or refuse the actor."""
    actor, at = command.actor, command.at
    if actor.kind not in _PROFESSIONALS:
        return _sighting_of_the_space(register, person, command)
    refusal = refuse_reader(register, person, actor, at, mode)
    if refusal is not None:
        return refusal
    viewer = viewer_of(register, person, actor, mode)
    types = _EVERY_TYPE
    if mode is AccessMode.NORMAL and not is_attending(person, actor.ident):
        types = types_read(register.parameters.policies.matrix_policy, actor.profession)
    return Sighting(sight(viewer), types, actor, at, is_care=True)


def _sighting_of_the_space(
    register: Register, person: Person, command: Command
) -> Sighting | Refusal:
    stance = _STANCES.get(command.actor.kind)
    if stance is None:
        return Refusal("ACC-08", "NOT_FOR_THIS_ACTOR", person.ins, (command.actor.kind.value,))
    refusal = refuse_operation(register, person, command, "read_documents")
    if refusal is not None:
        return refusal
    seen = sight(Viewer(stance))
    return Sighting(seen, _EVERY_TYPE, command.actor, command.at, is_care=False)


@enforces("VIS-03")
def viewer_of(register: Register, person: Person, actor: Actor, mode: AccessMode) -> Viewer:
    """Return in which quality a professional looks at documents that others deposited."""
    policies = register.parameters.policies
    policy = policies.masking_policy
    if mode is not AccessMode.NORMAL:
        stance = Stance.REGULATOR if mode is AccessMode.SAMU else Stance.EMERGENCY
        masked = emergency_choices(person, policies).masked
        return Viewer(stance, policy, reads_masked=masked)
    if is_administrator(person, actor.ident):
        return Viewer(Stance.ADMINISTRATOR, policy)
    if is_attending(person, actor.ident):
        return Viewer(Stance.ATTENDING, policy)
    if actor.role == "occupational":
        return Viewer(Stance.OCCUPATIONAL, policy)
    return Viewer(Stance.PROFESSIONAL, policy)
