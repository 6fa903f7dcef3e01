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
from etalon_model.policies import MaskingPolicy
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
    ActorKind.HOLDER: sight(Viewer(Stance.HOLDER)),
    ActorKind.REPRESENTATIVE: sight(Viewer(Stance.REPRESENTATIVE)),
    ActorKind.CAREGIVER: sight(Viewer(Stance.CAREGIVER)),
}
_PROFESSIONALS: Final = (ActorKind.PROFESSIONAL, ActorKind.STRUCTURE)
_EVERY_TYPE: Final = frozenset(DOCUMENT_TYPES)
_OWN: Final = sight(Viewer(Stance.DEPOSITOR))
# Reading a member of an enumeration through its class costs as much as the question asked.
_NORMAL, _SAMU = AccessMode.NORMAL, AccessMode.SAMU
_CURRENT: Final = Status.CURRENT


@dataclass(frozen=True, slots=True)
class _InCare:
    """What is seen in the course of care, by quality."""

    administrator: Sight
    attending: Sight
    occupational: Sight
    professional: Sight


def _in_care(policy: MaskingPolicy) -> _InCare:
    return _InCare(
        sight(Viewer(Stance.ADMINISTRATOR, policy)),
        sight(Viewer(Stance.ATTENDING, policy)),
        sight(Viewer(Stance.OCCUPATIONAL, policy)),
        sight(Viewer(Stance.PROFESSIONAL, policy)),
    )


_IN_CARE: Final[dict[MaskingPolicy, _InCare]] = {
    "law": _in_care("law"),
    "product": _in_care("product"),
}


@dataclass(slots=True)
class Sighting:
    """What a reader sees now; made at each reading, and never changed.

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
        return document.status is _CURRENT and self.sees(document)


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
    types = _EVERY_TYPE
    if mode is _NORMAL and not is_attending(person, actor.ident):
        types = types_read(register.parameters.policies.matrix_policy, actor.profession)
    return Sighting(sight_in_care(register, person, actor, mode), types, actor, at, is_care=True)


def _sighting_of_the_space(
    register: Register, person: Person, command: Command
) -> Sighting | Refusal:
    seen = _STANCES.get(command.actor.kind)
    if seen is None:
        return Refusal("ACC-08", "NOT_FOR_THIS_ACTOR", person.ins, (command.actor.kind.value,))
    refusal = refuse_operation(register, person, command, "read_documents")
    if refusal is not None:
        return refusal
    return Sighting(seen, _EVERY_TYPE, command.actor, command.at, is_care=False)


@enforces("VIS-03")
def sight_in_care(register: Register, person: Person, actor: Actor, mode: AccessMode) -> Sight:
    """Return what a professional sees of the documents that others deposited."""
    policies = register.parameters.policies
    if mode is not _NORMAL:
        stance = Stance.REGULATOR if mode is _SAMU else Stance.EMERGENCY
        masked = emergency_choices(person, policies).masked
        return sight(Viewer(stance, policies.masking_policy, reads_masked=masked))
    seen = _IN_CARE[policies.masking_policy]
    if is_administrator(person, actor.ident):
        return seen.administrator
    if is_attending(person, actor.ident):
        return seen.attending
    return seen.occupational if actor.role == "occupational" else seen.professional
