"""Entourage and wishes: contacts, the trusted person, advance directives and their recall.

Sources: CSP art. R. 1111-17 and R. 1111-19 (advance directives of adults, periodic recall);
official application (one trusted person, RAPPEL_MODIF_DA, AJOUT_ENTOURAGE).
Reading: a second trusted person is refused until the first is removed; the recall comes once a
year, a period of ours since no text names one.
"""

from dataclasses import dataclass
from typing import ClassVar, Final

from etalon_model.access import refuse_operation
from etalon_model.access_log import Family
from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.periods import Period
from etalon_model.records.hiding import space_people
from etalon_model.records.medical_data import Contact
from etalon_model.records.nomenclature import LIMITS
from etalon_model.records.record import Status, documents_of, profile_of, record_or_none
from etalon_model.register import Register
from etalon_model.representation import is_minor, refuse_unless
from etalon_model.rules import enforces

_DIRECTIVES: Final = "EXPPAT_3"
_RECALL: Final = Period("P1Y")


@dataclass(frozen=True, slots=True)
class AddContact(Command):
    """Add somebody to the entourage.

    Attributes:
        name: Name or label.
        trusted: As the trusted person (personne de confiance).
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    name: str
    trusted: bool = False


@handles(AddContact)
@enforces("REC-21")
def add_contact(register: Register, person: Person, command: AddContact) -> Outcome:
    """Add them; the trusted person is one and no more."""
    refusal = refuse_operation(register, person, command, "add_document")
    if refusal is not None:
        return refusal
    profile = profile_or_empty(person)
    trusted = sum(contact.trusted for contact in profile)
    if command.trusted and trusted >= LIMITS["trusted_persons"]:
        return Refusal("REC-21", "TRUSTED_PERSON_EXISTS", command.ins)
    profile_of(person).contacts = (*profile, Contact(command.name, command.trusted))
    for to in space_people(person, command.at):
        register.tell(person, "AJOUT_ENTOURAGE", to, command.at)
    return ACCEPTED


def profile_or_empty(person: Person) -> tuple[Contact, ...]:
    """Return the entourage, without making a profile for whoever has none."""
    holdings = person.holdings
    if holdings is None or holdings.record is None or holdings.record.profile is None:
        return ()
    return holdings.record.profile.contacts


@dataclass(frozen=True, slots=True)
class RemoveContact(Command):
    """Remove somebody from the entourage.

    Attributes:
        name: Name or label.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    name: str


@handles(RemoveContact)
def remove_contact(register: Register, person: Person, command: RemoveContact) -> Outcome:
    """Remove everybody of that name."""
    refusal = refuse_operation(register, person, command, "delete_document")
    if refusal is not None:
        return refusal
    known = profile_or_empty(person)
    rest = tuple(contact for contact in known if contact.name != command.name)
    if rest == known:
        return Refusal("REC-21", "NO_SUCH_CONTACT", command.ins)
    profile_of(person).contacts = rest
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class DeclareDirectives(Command):
    """Say which uploaded document holds the advance directives.

    Attributes:
        unique_id: A current document of the type of advance directives.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    unique_id: str


@handles(DeclareDirectives)
@enforces("REC-20")
def declare_directives(register: Register, person: Person, command: DeclareDirectives) -> Outcome:
    """Take note of it for an adult, alone; the recalls start from now."""
    if is_minor(person, command.at):
        return Refusal("REC-20", "ADULTS_ONLY", command.ins)
    if command.actor.kind is not ActorKind.HOLDER:
        return Refusal("REC-20", "NOT_FOR_THIS_ACTOR", command.ins, (command.actor.kind.value,))
    refusal = refuse_operation(register, person, command, "add_document")
    if refusal is not None:
        return refusal
    document = documents_of(person).get(command.unique_id)
    if (
        document is None
        or document.status is not Status.CURRENT
        or document.kind.code != _DIRECTIVES
    ):
        return Refusal("REC-20", "DOCUMENT_NOT_FOUND", command.ins, (command.unique_id,))
    profile = profile_of(person)
    profile.directives = command.unique_id
    profile.directives_recalled_at = command.at
    return ACCEPTED


def current_directives(person: Person) -> str:
    """Return the unique identifier of the directives in force, or an empty string."""
    record = record_or_none(person)
    if record is None or record.profile is None:
        return ""
    document = record.documents.get(record.profile.directives)
    if document is None or document.status is not Status.CURRENT:
        return ""
    return document.unique_id


@dataclass(frozen=True, slots=True)
class RecallDirectives(Command):
    """Recall to an adult that their advance directives exist, as the service."""

    family: ClassVar[Family] = Family.DOCUMENTS


@handles(RecallDirectives)
@enforces("REC-20")
def recall_directives(register: Register, person: Person, command: RecallDirectives) -> Outcome:
    """Tell the holder; answer when the next recall is due."""
    refusal = refuse_unless(person, command.actor, ActorKind.SYSTEM)
    if refusal is not None:
        return refusal
    profile = profile_of(person) if current_directives(person) else None
    if profile is None or profile.directives_recalled_at is None:
        return Refusal("REC-20", "NO_DIRECTIVES", command.ins)
    due_at = _RECALL.after(profile.directives_recalled_at)
    if command.at < due_at:
        return Refusal("REC-20", "RECALL_NOT_DUE", command.ins, (due_at,))
    profile.directives_recalled_at = command.at
    register.tell(person, "RAPPEL_MODIF_DA", command.ins, command.at)
    return Accepted(_RECALL.after(command.at))
