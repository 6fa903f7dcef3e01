"""Folders: how the holder arranges documents.

Sources: official application (names unique and of fifty characters at most; deleting a folder
keeps what was in it).
Reading: names are compared as written; a document stands in as many folders as one likes.
"""

from dataclasses import dataclass
from typing import ClassVar

from etalon_model.access import refuse_operation
from etalon_model.access_log import Family
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.records.nomenclature import LIMITS
from etalon_model.records.reading import seen_document
from etalon_model.records.record import record_of, record_or_none
from etalon_model.records.sighting import Sighting, sighting
from etalon_model.register import Register
from etalon_model.rights.modes import AccessMode
from etalon_model.rules import enforces

Folders = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class FolderCommand(Command):
    """A command on one folder.

    Attributes:
        name: Name of the folder.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    name: str


def _folders(person: Person) -> Folders:
    record = record_or_none(person)
    return {} if record is None or record.folders is None else record.folders


def _keep(person: Person, folders: Folders) -> None:
    record_of(person).folders = folders or None


@enforces("REC-18")
def _refuse_name(person: Person, name: str) -> Refusal | None:
    """Refuse a name that is empty, too long or already taken."""
    most = LIMITS["folder_name"]
    if not 1 <= len(name) <= most:
        return Refusal("REC-18", "FOLDER_NAME_WRONG", person.ins, (most,))
    if name in _folders(person):
        return Refusal("REC-18", "FOLDER_NAME_ALREADY_EXISTS", person.ins, (name,))
    return None


def _refuse_unknown(person: Person, name: str) -> Refusal | None:
    if name in _folders(person):
        return None
    return Refusal("REC-18", "NO_SUCH_FOLDER", person.ins, (name,))


@dataclass(frozen=True, slots=True)
class CreateFolder(FolderCommand):
    """Make an empty folder."""


@handles(CreateFolder)
def create_folder(register: Register, person: Person, command: CreateFolder) -> Outcome:
    """Make it under a name of its own."""
    refusal = refuse_operation(register, person, command, "add_document") or _refuse_name(
        person, command.name
    )
    if refusal is not None:
        return refusal
    _keep(person, {**_folders(person), command.name: ()})
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class RenameFolder(FolderCommand):
    """Give a folder another name.

    Attributes:
        new_name: Its name from now on.
    """

    new_name: str


@handles(RenameFolder)
def rename_folder(register: Register, person: Person, command: RenameFolder) -> Outcome:
    """Rename it in its place."""
    refusal = (
        refuse_operation(register, person, command, "modify_document")
        or _refuse_unknown(person, command.name)
        or _refuse_name(person, command.new_name)
    )
    if refusal is not None:
        return refusal
    folders = _folders(person)
    _keep(
        person,
        {
            command.new_name if name == command.name else name: filed
            for name, filed in folders.items()
        },
    )
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class DeleteFolder(FolderCommand):
    """Delete a folder, not its documents."""


@handles(DeleteFolder)
@enforces("REC-18")
def delete_folder(register: Register, person: Person, command: DeleteFolder) -> Outcome:
    """Forget the folder; every document stays in the record."""
    refusal = refuse_operation(register, person, command, "delete_document") or _refuse_unknown(
        person, command.name
    )
    if refusal is not None:
        return refusal
    _keep(
        person,
        {name: filed for name, filed in _folders(person).items() if name != command.name},
    )
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class FileDocument(FolderCommand):
    """Put a document in a folder, or take it out.

    Attributes:
        unique_id: Which document.
        filed: Whether it stands there from now on.
    """

    unique_id: str
    filed: bool = True


@handles(FileDocument)
def file_document(register: Register, person: Person, command: FileDocument) -> Outcome:
    """Do it with a document that whoever asks sees."""
    refusal = refuse_operation(register, person, command, "modify_document") or _refuse_unknown(
        person, command.name
    )
    view = refusal or sighting(register, person, command, AccessMode.NORMAL)
    if isinstance(view, Refusal):
        return view
    document = seen_document(person, view, command.unique_id)
    if isinstance(document, Refusal):
        return document
    folders = _folders(person)
    filed = tuple(one for one in folders[command.name] if one != document.unique_id)
    if command.filed:
        filed = (*filed, document.unique_id)
    _keep(person, {**folders, command.name: filed})
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class ListFolders(Command):
    """List the folders and what stands in them."""

    family: ClassVar[Family] = Family.DOCUMENTS


@handles(ListFolders)
def list_folders(register: Register, person: Person, command: ListFolders) -> Outcome:
    """Answer, by name, the identifiers of the documents that whoever asks sees."""
    refusal = refuse_operation(register, person, command, "read_documents")
    view = refusal or sighting(register, person, command, AccessMode.NORMAL)
    if isinstance(view, Refusal):
        return view
    return Accepted(
        tuple((name, _seen(person, view, filed)) for name, filed in _folders(person).items())
    )


def _seen(person: Person, view: Sighting, filed: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(one for one in filed if not isinstance(seen_document(person, view, one), Refusal))
