"""Documents hidden from the patient: for how long, and what the patient is told meanwhile.

Sources: CSP art. R. 1111-53 (until an announcement, one month at most; an invitation to consult
within two weeks); official application (REMISE_VISIBILITE_AUTO, DOCUMENT).
Reading: visibility ends by the clock alone; the code is taken off and the notice sent by the
service's own command, which is a duty missed when it comes late (decision 0040).
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final

from etalon_model.access_log import Family
from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import Accepted, Outcome
from etalon_model.people import Person
from etalon_model.periods import Period
from etalon_model.records.confidentiality import changed
from etalon_model.records.record import Document, Status, documents_of, revise
from etalon_model.register import Register
from etalon_model.representation import addressee_of, refuse_unless
from etalon_model.rules import enforces
from etalon_model.states import State

# R. 1111-53 fixes both; no vintage and no scenario changes them.
_HIDDEN_MAX: Final = Period("P1M")
_INVITED_WITHIN: Final = Period("P2W")


@enforces("VIS-04")
def hiding_ends_at(deposited_at: datetime) -> datetime:
    """Return when a document deposited at `deposited_at` can no longer be hidden (UTC)."""
    return _HIDDEN_MAX.after(deposited_at)


@enforces("VIS-05")
def invitation_due_at(register: Register, person: Person) -> datetime | None:
    """Return until when the patient is to be told of what is hidden (UTC), or None."""
    del register
    untold = (one for one in _hidden(documents_of(person)) if not one.told_hidden)
    return min((_INVITED_WITHIN.after(one.deposited_at) for one in untold), default=None)


@enforces("VIS-04")
def release_due_at(register: Register, person: Person) -> datetime | None:
    """Return when what is hidden comes into sight, and the patient is told so (UTC), or None."""
    del register
    hidden = _hidden(documents_of(person))
    return min((hiding_ends_at(one.deposited_at) for one in hidden), default=None)


def space_people(person: Person, at: datetime) -> tuple[str, ...]:
    """Return who hears of what happens in the space: holder or adult of a minor, caregivers."""
    if person.state is not State.OPEN_ACTIVE:
        return ()
    caregivers = () if person.dossier is None else person.dossier.caregivers
    return (addressee_of(person, at) or person.ins, *caregivers)


def told_people(person: Person, document: Document, at: datetime) -> tuple[str, ...]:
    """Return whom a new document is announced to: whoever enters the space and may see it."""
    if document.is_hidden(at):
        return ()
    people = space_people(person, at)
    if document.confidentiality.not_for_representatives:
        return tuple(person.ins if to in person.representatives else to for to in people)
    return people


def tell_of_deposit(register: Register, person: Person, document: Document, at: datetime) -> None:
    """Announce a document to those who may see it."""
    for to in told_people(person, document, at):
        register.tell(person, "DOCUMENT", to, at)


@dataclass(frozen=True, slots=True)
class ReleaseHidden(Command):
    """End the hiding of documents whose month is over, as the service."""

    family: ClassVar[Family] = Family.DOCUMENTS


@handles(ReleaseHidden)
@enforces("VIS-04")
def release_hidden(register: Register, person: Person, command: ReleaseHidden) -> Outcome:
    """Take the code off and tell the patient; answer the unique identifiers."""
    refusal = refuse_unless(person, command.actor, ActorKind.SYSTEM)
    if refusal is not None:
        return refusal
    documents = documents_of(person)
    due = [one for one in _hidden(documents) if not one.is_hidden(command.at)]
    for document in due:
        shown = replace(document, confidentiality=changed(document.confidentiality, hidden=False))
        seen = revise(person, shown, command.at)
        for to in told_people(person, seen, command.at):
            register.tell(person, "REMISE_VISIBILITE_AUTO", to, command.at)
    return Accepted(tuple(document.unique_id for document in due))


def _hidden(documents: dict[str, Document]) -> list[Document]:
    return [
        document
        for document in documents.values()
        if document.confidentiality.hidden and document.status is Status.CURRENT
    ]


@dataclass(frozen=True, slots=True)
class InviteToConsult(Command):
    """Tell the patient that the record changed and to see a professional, as the service."""

    family: ClassVar[Family] = Family.DOCUMENTS


@handles(InviteToConsult)
@enforces("VIS-05")
def invite_to_consult(register: Register, person: Person, command: InviteToConsult) -> Outcome:
    """Send one notice for all that is hidden and was not told of, and says nothing of it."""
    refusal = refuse_unless(person, command.actor, ActorKind.SYSTEM)
    if refusal is not None:
        return refusal
    documents = documents_of(person)
    untold = uninvited(documents, command.at)
    for document in untold:
        documents[document.unique_id] = replace(document, told_hidden=True)
    if untold:
        register.tell(person, "NEWDATA_HIDDEN", _invited(person, untold, command.at), command.at)
    return Accepted(len(untold))


def uninvited(documents: dict[str, Document], at: datetime) -> list[Document]:
    """Return the documents hidden at `at` that the patient was not told of."""
    return [
        document
        for document in _hidden(documents)
        if document.is_hidden(at) and not document.told_hidden
    ]


def _invited(person: Person, untold: list[Document], at: datetime) -> str:
    """Return who is told: the patient, or the adult of a minor unless all is kept from them."""
    secret = all(document.confidentiality.not_for_representatives for document in untold)
    return person.ins if secret else addressee_of(person, at) or person.ins
