"""What the holder, a representative or a caregiver adds to the record, and changes in it.

Sources: official application (size, formats, categories, flags of each document, bulk deletion,
antivirus, advance directives for adults only).
Reading: a document may be changed in the space when somebody of the space deposited it, whoever
of them that was; the flags of the application show when, not by what rule.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final

from etalon_model.access import refuse_operation
from etalon_model.access_log import Family
from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.records.confidentiality import ALL
from etalon_model.records.deposit import refuse_infected, refuse_taken, store
from etalon_model.records.nomenclature import (
    CATEGORIES,
    DOCUMENT_TYPES,
    FORMAT_CODES,
    LIMITS,
    UPLOAD_FORMATS,
    DisplayCategory,
)
from etalon_model.records.reading import seen_document
from etalon_model.records.record import (
    Author,
    Document,
    Form,
    Origin,
    Sheet,
    Status,
    record_of,
    revise,
)
from etalon_model.records.sighting import sighting
from etalon_model.register import Register
from etalon_model.representation import is_minor
from etalon_model.rights.modes import AccessMode
from etalon_model.rules import enforces

_OF_THE_SPACE: Final = (ActorKind.HOLDER, ActorKind.REPRESENTATIVE, ActorKind.CAREGIVER)
_FORMS: Final = {
    extension: Form(mime, FORMAT_CODES[mime]) for extension, mime in UPLOAD_FORMATS.items()
}


@dataclass(frozen=True, slots=True)
class UploadDocument(Command):
    """Add a file to the record, from the space.

    Attributes:
        unique_id: Identifier that the space gives the document.
        category: Display category chosen.
        title: Title.
        extension: Extension of the file, in small letters, without the dot.
        size_bytes: Size of the file.
        sha1: Digest of the file, forty hexadecimal digits.
        dated_at: Date of the document (UTC).
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    unique_id: str
    category: str
    title: str
    extension: str
    size_bytes: int
    sha1: str
    dated_at: datetime

    def detail(self) -> str:
        """Return the category when there is one such."""
        return self.category if self.category in CATEGORIES else ""


@handles(UploadDocument)
def upload_document(register: Register, person: Person, command: UploadDocument) -> Outcome:
    """Take the file in; answer the document."""
    refusal = refuse_operation(register, person, command, "add_document") or _refuse_file(command)
    if refusal is not None:
        return refusal
    category = _open_category(person, command)
    if isinstance(category, Refusal):
        return category
    sheet = _sheet(command, category)
    refusal = refuse_taken(person, sheet)
    if refusal is not None:
        return refusal
    record = record_of(person)
    return Accepted(store(register, person, record, command.actor, command.at, sheet, ALL[0]))


@enforces("REC-05")
def _refuse_file(command: UploadDocument) -> Refusal | None:
    """Refuse a file too large, empty, of a form that is not taken, or infected."""
    most = LIMITS["upload_bytes"]
    if command.size_bytes > most:
        return Refusal("REC-05", "SIZE", command.ins, (command.size_bytes, most))
    if command.size_bytes <= 0:
        return Refusal("REC-05", "EMPTY_DOCUMENT", command.ins)
    if command.extension not in UPLOAD_FORMATS:
        return Refusal("REC-05", "MIME", command.ins, (command.extension,))
    if not command.title or not command.unique_id:
        missing = "uniqueId" if command.title else "title"
        return Refusal("REC-04", "METADATA_MISSING", command.ins, (missing,))
    if command.dated_at > command.at:
        return Refusal("REC-04", "DATE_IN_FUTURE", command.ins, (command.dated_at,))
    return refuse_infected(command.ins, command.sha1)


@enforces("REC-20")
def _open_category(person: Person, command: UploadDocument) -> DisplayCategory | Refusal:
    """Return the category when the person may upload under it; directives are for adults."""
    category = CATEGORIES.get(command.category)
    if category is None or category.upload == "no":
        return Refusal("REC-05", "UNKNOWN_CATEGORY", command.ins, (command.category,))
    if category.upload == "adult" and is_minor(person, command.at):
        return Refusal("REC-20", "ADULTS_ONLY", command.ins)
    return category


def _sheet(command: UploadDocument, category: DisplayCategory) -> Sheet:
    """Return what the space says of a file: its author is whoever uploads it."""
    ident = command.actor.ident
    return Sheet(
        command.unique_id,
        category.upload_type,
        DOCUMENT_TYPES[category.upload_type].class_code,
        command.title,
        command.dated_at,
        command.dated_at,
        command.size_bytes,
        command.sha1,
        Origin((Author(ident, ident),), "", ident, "patient", "patient"),
        _FORMS[command.extension],
    )


@dataclass(frozen=True, slots=True)
class Flags:
    """What somebody in the space may do with a document.

    Attributes:
        can_update: They may change its category, title and date (canOwnerUpdate).
        can_delete: They may delete it (canOwnerDelete).
    """

    can_update: bool
    can_delete: bool


@enforces("REC-16", "REC-17", "REC-24")
def flags_of(document: Document) -> Flags:
    """Return the flags: both for what was uploaded in the space, none for anything else."""
    own = document.depositor.kind in _OF_THE_SPACE
    return Flags(can_update=own, can_delete=own)


def _own(
    register: Register, person: Person, command: Command, operation: str, unique_id: str
) -> Document | Refusal:
    """Return the document that somebody in the space sees and may change."""
    refusal = refuse_operation(register, person, command, operation)
    view = refusal or sighting(register, person, command, AccessMode.NORMAL)
    if isinstance(view, Refusal):
        return view
    document = seen_document(person, view, unique_id)
    if isinstance(document, Refusal):
        return document
    return document if flags_of(document).can_delete else _not_theirs(person, document)


@enforces("REC-16", "REC-24")
def _not_theirs(person: Person, document: Document) -> Refusal:
    """Refuse to touch what professionals, the insurer or the service deposited."""
    return Refusal("REC-16", "NOT_DELETABLE_BY_HOLDER", person.ins, (document.unique_id,))


@dataclass(frozen=True, slots=True)
class EditOwnDocument(Command):
    """Change the category, title or date of an uploaded document.

    Attributes:
        unique_id: Which one.
        category: Its category from now on, or an empty string to keep it.
        title: Its title from now on, or an empty string to keep it.
        dated_at: Its date from now on (UTC), or None to keep it.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    unique_id: str
    category: str = ""
    title: str = ""
    dated_at: datetime | None = None


@handles(EditOwnDocument)
@enforces("REC-17")
def edit_own_document(register: Register, person: Person, command: EditOwnDocument) -> Outcome:
    """Change what is given; answer the document."""
    document = _own(register, person, command, "modify_document", command.unique_id)
    if isinstance(document, Refusal):
        return document
    sheet = document.sheet
    if command.category:
        category = CATEGORIES.get(command.category)
        if category is None or category.upload != "yes":
            return Refusal("REC-17", "UNKNOWN_CATEGORY", command.ins, (command.category,))
        kind = DOCUMENT_TYPES[category.upload_type]
        sheet = replace(sheet, type_code=kind.code, class_code=kind.class_code)
    if command.dated_at is not None and command.dated_at > command.at:
        return Refusal("REC-04", "DATE_IN_FUTURE", command.ins, (command.dated_at,))
    sheet = replace(
        sheet,
        title=command.title or sheet.title,
        created_at=command.dated_at or sheet.created_at,
    )
    return Accepted(revise(person, replace(document, sheet=sheet), command.at))


@dataclass(frozen=True, slots=True)
class DeleteOwnDocuments(Command):
    """Delete uploaded documents, one or several at once.

    Attributes:
        unique_ids: Which ones.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    unique_ids: tuple[str, ...]


@handles(DeleteOwnDocuments)
@enforces("REC-19")
def delete_own_documents(
    register: Register, person: Person, command: DeleteOwnDocuments
) -> Outcome:
    """Delete all of them, or none when one cannot be or they are too many."""
    count, most = len(command.unique_ids), LIMITS["bulk_deletion"]
    if count > most:
        return Refusal("REC-19", "TOO_MANY_DOCUMENTS", command.ins, (count, most))
    found: list[Document] = []
    for unique_id in command.unique_ids:
        document = _own(register, person, command, "delete_document", unique_id)
        if isinstance(document, Refusal):
            return document
        found.append(document)
    for document in found:
        revise(person, replace(document, status=Status.DELETED), command.at)
    return ACCEPTED
