"""Legacy records: the opt-in medical record (DMP) of before 2021 and its integration.

Sources: decree n° 2021-1047 (integration at opening), press and law (end of creation on 1 July
2021), CNIL deliberation 2021-050 on the draft (opponents' records).
"""

from dataclasses import dataclass

from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Outcome, Refusal
from etalon_model.people import Person, Route
from etalon_model.periods import paris_date
from etalon_model.register import Register
from etalon_model.representation import refuse_unless_decides
from etalon_model.rules import enforces

_CREATORS = (ActorKind.PROFESSIONAL, ActorKind.STRUCTURE, ActorKind.INSURER, ActorKind.SUPPORT)


@dataclass(frozen=True, slots=True)
class CreateLegacyRecord(Command):
    """Create an opt-in record (DMP), with the consent of the person.

    Attributes:
        documents: Documents it holds from the start.
        through: Where it was asked for.
    """

    documents: int
    through: Route

    def detail(self) -> str:
        """Return the route."""
        return self.through.value


@handles(CreateLegacyRecord)
@enforces("LIF-20")
def create_legacy_record(
    register: Register, person: Person, command: CreateLegacyRecord
) -> Outcome:
    """Create the record while records could still be created."""
    if command.actor.kind not in _CREATORS:
        refusal = refuse_unless_decides(register, person, command.actor, command.at)
        if refusal is not None:
            return refusal
    end_on = register.parameters.legacy_creation_end_on
    if paris_date(command.at) >= end_on:
        return Refusal("LIF-20", "LEGACY_CREATION_ENDED", command.ins, (end_on.isoformat(),))
    if person.is_dead:
        return Refusal("LIF-29", "DECEASED_INDIVIDUAL", command.ins)
    dossier = person.kept()
    if dossier.legacy_documents is not None:
        return Refusal("LIF-20", "LEGACY_RECORD_EXISTS", command.ins)
    dossier.legacy_documents = command.documents
    return ACCEPTED


@enforces("LIF-21")
def integrate_legacy_record(person: Person) -> None:
    """Bring the documents of the legacy record into the space that opens."""
    dossier = person.dossier
    if dossier is not None and dossier.legacy_documents is not None:
        dossier.undescribed += dossier.legacy_documents
        dossier.legacy_documents = None
