"""Reading one document, or the versions of one.

Sources: guide EEDS of the ANS (TD3.2); official application (CONSULTATION_DOCUMENT).
Reading: a document that the reader does not see is answered as one that does not exist.
"""

from dataclasses import dataclass
from typing import ClassVar

from etalon_model.access_log import Family
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.records.record import Document, Status, documents_of
from etalon_model.records.sighting import Sighting, sighting
from etalon_model.register import Register
from etalon_model.rights.modes import AccessMode
from etalon_model.rights.reading import note_reading
from etalon_model.rules import enforces
from etalon_model.states import State


@dataclass(frozen=True, slots=True)
class DocumentReading(Command):
    """A reading of one document.

    Attributes:
        unique_id: Which one: its current version.
        mode: How a professional comes to the record.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    unique_id: str
    mode: AccessMode = AccessMode.NORMAL

    def detail(self) -> str:
        """Return the mode."""
        return str(self.mode)


@dataclass(frozen=True, slots=True)
class ReadDocument(DocumentReading):
    """Read one current document (TD3.2)."""


@handles(ReadDocument)
def read_document(register: Register, person: Person, command: ReadDocument) -> Outcome:
    """Answer the document; its holder hears of a professional's reading."""
    view = sighting(register, person, command, command.mode)
    if isinstance(view, Refusal):
        return view
    document = seen_document(person, view, command.unique_id)
    if isinstance(document, Refusal):
        return document
    if view.is_care:
        note_reading(register, person, command.actor, command.at, command.mode)
        if person.state is State.OPEN_ACTIVE and not document.is_hidden(command.at):
            register.tell(person, "CONSULTATION_DOCUMENT", person.ins, command.at)
    return Accepted(document)


@enforces("VIS-01", "VIS-04", "VIS-06", "REC-10", "REC-14")
def seen_document(person: Person, view: Sighting, unique_id: str) -> Document | Refusal:
    """Return the current document that the reader sees under that identifier."""
    document = documents_of(person).get(unique_id)
    if document is None or not view.sees_current(document):
        return Refusal("VIS-01", "DOCUMENT_NOT_FOUND", person.ins, (unique_id,))
    return document


@dataclass(frozen=True, slots=True)
class ReadVersions(DocumentReading):
    """Read the chain of versions of a document, the newest first."""


@handles(ReadVersions)
@enforces("REC-10")
def read_versions(register: Register, person: Person, command: ReadVersions) -> Outcome:
    """Answer the versions, superseded ones included, that the reader sees."""
    view = sighting(register, person, command, command.mode)
    if isinstance(view, Refusal):
        return view
    document = seen_document(person, view, command.unique_id)
    if isinstance(document, Refusal):
        return document
    if view.is_care:
        note_reading(register, person, command.actor, command.at, command.mode)
    if not document.replaces:
        return Accepted((document,))
    chain = [document]
    by_number = {one.number: one for one in documents_of(person).values()}
    while chain[-1].replaces:
        chain.append(by_number[chain[-1].replaces])
    return Accepted(
        tuple(one for one in chain if one.status is not Status.DELETED and view.sees(one))
    )
