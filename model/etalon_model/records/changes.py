"""Changes to a document in the record: replace, delete, archive, patch.

Sources: guide EEDS of the ANS (TD2.1, TD3.3c, TD3.3d), volet PDSm (what a patch may change),
HL7v2 volet (codes 900 and 901).
Reading: a deleted version stays in the record, out of everybody's sight (contradiction C5 is on
the wire); the author of a document is whoever deposited it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar, Final, Literal

from etalon_model.access_log import Family
from etalon_model.actors import Actor
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.records.confidentiality import confidentiality_of
from etalon_model.records.deposit import DepositDocument, Means, check_deposit, refuse_feeder, store
from etalon_model.records.hiding import hiding_ends_at
from etalon_model.records.record import Document, Status, documents_of, record_of, revise
from etalon_model.register import Register
from etalon_model.rules import enforces
from etalon_model.tables import rows_of

Protocol = Literal["fhir", "hl7v2"]

PATCHABLE: Final = frozenset(
    row["fhir"] for row in rows_of("document_metadata.csv") if row["patchable"] == "yes"
)
"""Elements of the metadata that a patch may change, by their FHIR name (REC-13)."""


@dataclass(frozen=True, slots=True)
class ReplaceDocument(DepositDocument):
    """Put a new version of a document in the record (TD2.1).

    Attributes:
        replaced: Unique identifier of the version replaced.
    """

    replaced: str = ""


@handles(ReplaceDocument)
@enforces("REC-10")
def replace_document(register: Register, person: Person, command: ReplaceDocument) -> Outcome:
    """Store the new version and set the old one aside; answer the new one."""
    old = _latest(person, command.replaced)
    if isinstance(old, Refusal):
        return old
    refusal = _refuse_other_author(person, command.actor, old, "fhir", "")
    if refusal is not None:
        return refusal
    checked = check_deposit(person, command)
    if isinstance(checked, Refusal):
        return checked
    record = record_of(person)
    new = store(
        register,
        person,
        record,
        command.actor,
        command.at,
        command.sheet,
        checked,
        old.number,
    )
    supersede(person, old, command.at)
    return Accepted(new)


@enforces("REC-10")
def supersede(person: Person, old: Document, at: datetime) -> None:
    """Set the version that was replaced aside; it stays in the record."""
    revise(person, replace(old, status=Status.SUPERSEDED), at)


@enforces("REC-15")
def _latest(person: Person, unique_id: str) -> Document | Refusal:
    """Return the version named, which must exist and be the latest."""
    document = documents_of(person).get(unique_id)
    if document is None or document.status is Status.DELETED:
        return Refusal("REC-15", "DOCUMENT_NOT_FOUND", person.ins, (unique_id,))
    if document.status is Status.SUPERSEDED:
        return Refusal("REC-15", "NOT_THE_LATEST_VERSION", person.ins, (unique_id,))
    return document


@enforces("REC-14")
def _refuse_other_author(
    person: Person, actor: Actor, document: Document, protocol: Protocol, organisation: str
) -> Refusal | None:
    """Refuse whoever is not the author; in HL7v2 somebody of the same organisation is as good."""
    if actor.kind is document.depositor.kind and actor.ident == document.depositor.ident:
        return None
    if protocol == "fhir":
        return Refusal("REC-14", "NOT_THE_AUTHOR", person.ins, (actor.ident,))
    if organisation and organisation == document.sheet.origin.organisation:
        return None
    return Refusal("REC-14", "NOT_AUTHOR_NOR_ORGANISATION", person.ins, (actor.ident,))


@dataclass(frozen=True, slots=True)
class DeleteDocument(Command):
    """Delete a document logically, as its author in care (TD3.3c).

    Attributes:
        unique_id: The latest version.
        means: By what means the author is known.
        protocol: In which protocol; HL7v2 knows organisations too.
        organisation: Identifier of the structure of whoever asks, or an empty string.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    unique_id: str
    means: Means
    protocol: Protocol = "fhir"
    organisation: str = ""


@handles(DeleteDocument)
@enforces("REC-14")
def delete_document(register: Register, person: Person, command: DeleteDocument) -> Outcome:
    """Take the document out of everybody's sight; nothing is erased."""
    del register
    document = own_document(
        person, command, command.means, command.unique_id, command.protocol, command.organisation
    )
    if isinstance(document, Refusal):
        return document
    revise(person, replace(document, status=Status.DELETED), command.at)
    return ACCEPTED


def own_document(  # noqa: PLR0913, PLR0917 (who, by what means, which, in which protocol)
    person: Person,
    command: Command,
    means: Means,
    unique_id: str,
    protocol: Protocol = "fhir",
    organisation: str = "",
) -> Document | Refusal:
    """Return the document that a depositor may act on, read authorisation or not."""
    refusal = refuse_feeder(person, command.actor, means)
    if refusal is not None:
        return refusal
    document = _latest(person, unique_id)
    if isinstance(document, Refusal):
        return document
    return _refuse_other_author(person, command.actor, document, protocol, organisation) or document


@dataclass(frozen=True, slots=True)
class ArchiveDocument(Command):
    """Set a document aside by the archive flag, or take it back (TD3.3d).

    Attributes:
        unique_id: The latest version.
        means: By what means the author is known.
        archived: The flag.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    unique_id: str
    means: Means
    archived: bool = True


@handles(ArchiveDocument)
@enforces("REC-11")
def archive_document(register: Register, person: Person, command: ArchiveDocument) -> Outcome:
    """Set the flag; answer the document as it now stands."""
    del register
    document = own_document(person, command, command.means, command.unique_id)
    if isinstance(document, Refusal):
        return document
    return Accepted(revise(person, replace(document, archived=command.archived), command.at))


@dataclass(frozen=True, slots=True)
class PatchDocument(Command):
    """Change one element of the metadata, as the author (TD3.3).

    Attributes:
        unique_id: The latest version.
        means: By what means the author is known.
        element: FHIR name of the element.
        value: Its new value; codes of confidentiality are parted by spaces.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    unique_id: str
    means: Means
    element: str
    value: str

    def detail(self) -> str:
        """Return the element when it is one that can be changed."""
        return self.element if self.element in PATCHABLE else ""


@handles(PatchDocument)
@enforces("REC-12", "REC-13")
def patch_document(register: Register, person: Person, command: PatchDocument) -> Outcome:
    """Change status, confidentiality or the archive flag; refuse anything else."""
    del register
    if command.element not in PATCHABLE:
        return Refusal("REC-13", "NOT_PATCHABLE", command.ins, (command.element,))
    document = own_document(person, command, command.means, command.unique_id)
    if isinstance(document, Refusal):
        return document
    patched = _patched(document, command)
    if isinstance(patched, Refusal):
        return patched
    return Accepted(revise(person, patched, command.at))


def _patched(document: Document, command: PatchDocument) -> Document | Refusal:
    """Return the document with its new value, or why no document has it."""
    if command.element == "securityLabel":
        return _relabelled(document, command)
    if command.element == "status" and command.value in ("deleted", "entered-in-error"):
        return replace(document, status=Status.DELETED)
    if command.element == "extension" and command.value in ("true", "false"):
        return replace(document, archived=command.value == "true")
    return Refusal("REC-13", "PATCH_REFUSED", command.ins, (command.element, command.value))


@enforces("VIS-04", "VIS-07")
def _relabelled(document: Document, command: PatchDocument) -> Document | Refusal:
    """Return the document with other codes; none hides it past its month."""
    confidentiality = confidentiality_of(tuple(command.value.split()))
    if confidentiality is None:
        return Refusal("VIS-07", "CODES_WRONG", command.ins, (command.value,))
    if not confidentiality.hidden:
        return replace(document, confidentiality=confidentiality)
    ends_at = hiding_ends_at(document.deposited_at)
    if command.at >= ends_at:
        return Refusal("VIS-04", "HIDING_OVER", command.ins, (document.deposited_at,))
    return replace(document, confidentiality=confidentiality, hidden_until=ends_at)
