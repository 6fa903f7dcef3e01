"""Vaccinations: entered in the space or by care, confirmed by professionals.

Sources: official application (section of vaccinations, lot of 100 and comment of 3 000
characters, notices).
Reading: a professional adds under the same means as a deposit; what care entered or confirmed
nobody of the space changes or deletes.
"""

from dataclasses import dataclass, replace
from datetime import date
from typing import ClassVar, Final

from etalon_model.access import refuse_operation
from etalon_model.access_log import Family
from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.periods import paris_date
from etalon_model.records.deposit import Means, refuse_feeder
from etalon_model.records.hiding import space_people
from etalon_model.records.medical_data import Profile, Vaccination
from etalon_model.records.nomenclature import LIMITS
from etalon_model.records.record import profile_of, record_or_none
from etalon_model.register import Register
from etalon_model.rules import enforces

_CARE: Final = (ActorKind.PROFESSIONAL, ActorKind.STRUCTURE)


def _refuse_writer(
    register: Register, person: Person, command: Command, means: Means, operation: str
) -> Refusal | None:
    if command.actor.kind in _CARE:
        return refuse_feeder(person, command.actor, means)
    return refuse_operation(register, person, command, operation)


def _refuse_texts(ins: str, lot: str, comment: str) -> Refusal | None:
    for text, limit in ((lot, "vaccination_lot"), (comment, "vaccination_comment")):
        if len(text) > LIMITS[limit]:
            return Refusal("REC-22", "TEXT_TOO_LONG", ins, (len(text), LIMITS[limit]))
    return None


@dataclass(frozen=True, slots=True)
class AddVaccination(Command):
    """Enter a vaccination.

    Attributes:
        code: Vaccine or disease.
        done_on: Day of the injection.
        lot: Number of the lot, or an empty string.
        comment: A comment, or an empty string.
        means: By what means a professional is known; nothing for somebody of the space.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    code: str
    done_on: date
    lot: str = ""
    comment: str = ""
    means: Means = Means.NONE


@handles(AddVaccination)
@enforces("REC-22")
def add_vaccination(register: Register, person: Person, command: AddVaccination) -> Outcome:
    """Enter it; answer its number."""
    refusal = _refuse_writer(
        register, person, command, command.means, "add_document"
    ) or _refuse_texts(command.ins, command.lot, command.comment)
    if refusal is not None:
        return refusal
    if command.done_on > paris_date(command.at):
        return Refusal("REC-22", "DATE_IN_FUTURE", command.ins, (command.done_on.isoformat(),))
    profile = profile_of(person)
    profile.vaccinations_entered += 1
    profile.vaccinations[profile.vaccinations_entered] = Vaccination(
        command.code, command.done_on, command.lot, command.comment, command.actor
    )
    for to in space_people(person, command.at):
        register.tell(person, "AJOUT_VACCINATION", to, command.at)
    return Accepted(profile.vaccinations_entered)


def _profile(person: Person) -> Profile | None:
    record = record_or_none(person)
    return None if record is None else record.profile


def _known(person: Person, number: int) -> Vaccination | Refusal:
    profile = _profile(person)
    found = None if profile is None else profile.vaccinations.get(number)
    return found or Refusal("REC-22", "NO_SUCH_VACCINATION", person.ins, (number,))


@enforces("REC-22")
def _editable(person: Person, number: int) -> Vaccination | Refusal:
    """Return a vaccination that somebody of the space entered and no professional confirmed."""
    found = _known(person, number)
    if isinstance(found, Refusal):
        return found
    if found.author.kind in _CARE or found.confirmed_by is not None:
        return Refusal("REC-22", "VACCINATION_CONFIRMED", person.ins, (number,))
    return found


@dataclass(frozen=True, slots=True)
class UpdateVaccination(Command):
    """Change a vaccination entered in the space.

    Attributes:
        number: Which one.
        code: Vaccine or disease.
        done_on: Day of the injection.
        lot: Number of the lot, or an empty string.
        comment: A comment, or an empty string.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    number: int
    code: str
    done_on: date
    lot: str = ""
    comment: str = ""


@handles(UpdateVaccination)
def update_vaccination(register: Register, person: Person, command: UpdateVaccination) -> Outcome:
    """Put the new values in the place of the old ones."""
    refusal = refuse_operation(register, person, command, "modify_document") or _refuse_texts(
        command.ins, command.lot, command.comment
    )
    known = refusal or _editable(person, command.number)
    if isinstance(known, Refusal):
        return known
    if command.done_on > paris_date(command.at):
        return Refusal("REC-22", "DATE_IN_FUTURE", command.ins, (command.done_on.isoformat(),))
    profile_of(person).vaccinations[command.number] = replace(
        known,
        code=command.code,
        done_on=command.done_on,
        lot=command.lot,
        comment=command.comment,
    )
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class DeleteVaccination(Command):
    """Delete a vaccination entered in the space.

    Attributes:
        number: Which one.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    number: int


@handles(DeleteVaccination)
def delete_vaccination(register: Register, person: Person, command: DeleteVaccination) -> Outcome:
    """Delete it, while no professional confirmed it."""
    refusal = refuse_operation(register, person, command, "delete_document")
    known = refusal or _editable(person, command.number)
    if isinstance(known, Refusal):
        return known
    del profile_of(person).vaccinations[command.number]
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class ConfirmVaccination(Command):
    """Confirm, as a professional, a vaccination entered in the space.

    Attributes:
        number: Which one.
        means: By what means the professional is known.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    number: int
    means: Means


@handles(ConfirmVaccination)
@enforces("REC-22")
def confirm_vaccination(register: Register, person: Person, command: ConfirmVaccination) -> Outcome:
    """Confirm it: from now on nobody of the space changes it."""
    del register
    if command.actor.kind not in _CARE:
        return Refusal("REC-22", "NOT_FOR_THIS_ACTOR", command.ins, (command.actor.kind.value,))
    refusal = refuse_feeder(person, command.actor, command.means)
    known = refusal or _known(person, command.number)
    if isinstance(known, Refusal):
        return known
    profile_of(person).vaccinations[command.number] = replace(known, confirmed_by=command.actor)
    return ACCEPTED
