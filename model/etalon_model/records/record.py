"""The record (DMP): the documents of one person and what stands beside them.

Sources: CSP art. R. 1111-42 (contents); guides EEDS and PDSm of the ANS (metadata, identifiers).
Reading: a document never changes; an operation that changes its metadata puts a new one in its
place, under the same logical identifier and with another entry identifier (REC-11).
"""

import hashlib
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from typing import Final

from etalon_model.actors import Actor
from etalon_model.people import Person
from etalon_model.records.confidentiality import Confidentiality
from etalon_model.records.medical_data import Profile
from etalon_model.records.nomenclature import DOCUMENT_TYPES, DocumentType
from etalon_model.rules import enforces


class Status(StrEnum):
    """Where a version of a document stands (availabilityStatus)."""

    CURRENT = "current"
    SUPERSEDED = "superseded"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True)
class Author:
    """Who wrote a document, as its metadata say.

    Attributes:
        ident: National identifier, or the matricule of a patient.
        family: Family name, or the name of a structure or device.
        given: First name, or an empty string.
        role: Code of the profession or role.
    """

    ident: str
    family: str
    given: str = ""
    role: str = ""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where documents come from: one for all that the same author writes in the same place.

    Attributes:
        authors: Who wrote them, at least one.
        organisation: Identifier of the structure, or an empty string.
        authenticator: Identifier of whoever takes legal responsibility.
        facility_type: Code of the kind of structure.
        practice_setting: Code of the setting of care.
        language: Language of the content.
    """

    authors: tuple[Author, ...]
    organisation: str
    authenticator: str
    facility_type: str
    practice_setting: str
    language: str = "fr-FR"


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a content.

    Attributes:
        mime: Media type.
        format_code: Code of the nomenclature of formats.
    """

    mime: str
    format_code: str


@dataclass(frozen=True, slots=True)
class Extras:
    """Metadata that may be absent, together.

    Attributes:
        service_end_at: End of the act (UTC), or None.
        event_codes: Codes of the acts documented.
        references: Identifiers of related objects: accession, order, imaging study.
        comments: A comment, or an empty string.
    """

    service_end_at: datetime | None = None
    event_codes: tuple[str, ...] = ()
    references: tuple[str, ...] = ()
    comments: str = ""


NO_EXTRAS: Final = Extras()
EARLIER_MOST: Final = 100
"""How far back memory holds what a document was before its changes."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """What the producer of a document says about it, once and for all (REC-12).

    Attributes:
        unique_id: Identifier given by the producer, `urn:oid:…` or `urn:uuid:…`.
        type_code: Code of the type.
        class_code: Code of the class.
        title: Title.
        created_at: When the document was written (UTC).
        service_start_at: Start of the act (UTC).
        size_bytes: Size of the content.
        sha1: Digest of the content, forty hexadecimal digits.
        origin: Author, structure, setting.
        form: Media type and format.
        extras: What may be absent.
    """

    unique_id: str
    type_code: str
    class_code: str
    title: str
    created_at: datetime
    service_start_at: datetime
    size_bytes: int
    sha1: str
    origin: Origin
    form: Form
    extras: Extras = NO_EXTRAS


@dataclass(frozen=True, slots=True)
class Document:
    """One version of a document in the record.

    Attributes:
        sheet: What its producer says of it.
        depositor: Who deposited it, under their own identity.
        deposited_at: When (UTC).
        number: Rank of deposit in the record, from 1.
        revision: How often its metadata changed.
        confidentiality: Its codes.
        status: Where this version stands.
        archived: Set aside by the archive flag.
        hidden_until: End of the month during which it may be hidden from the patient (UTC), or
            None when it never was.
        told_hidden: The patient was told that something is to be consulted (VIS-05).
        replaces: Number of the version it replaces, or 0.
        changed_at: When its metadata last changed (UTC), or None for never since the deposit.
    """

    sheet: Sheet
    depositor: Actor
    deposited_at: datetime
    number: int
    revision: int
    confidentiality: Confidentiality
    status: Status = Status.CURRENT
    archived: bool = False
    hidden_until: datetime | None = None
    told_hidden: bool = False
    replaces: int = 0
    changed_at: datetime | None = None

    @property
    def kind(self) -> DocumentType:
        """Its type."""
        return DOCUMENT_TYPES[self.sheet.type_code]

    @property
    def unique_id(self) -> str:
        """Identifier given by the producer (masterIdentifier)."""
        return self.sheet.unique_id

    def is_hidden(self, at: datetime) -> bool:
        """Whether the document is hidden from the patient at the instant `at` (VIS-04)."""
        return self.hidden_until is not None and (
            self.confidentiality.hidden and at < self.hidden_until
        )


@enforces("REC-10", "REC-11")
def logical_id(ins: str, document: Document) -> str:
    """Return the identifier that changes on replacement only."""
    return f"urn:uuid:{_stem(ins)}-{document.number:06x}000000"


@enforces("REC-11")
def entry_id(ins: str, document: Document) -> str:
    """Return the identifier that changes at each version and each change of metadata."""
    return f"urn:uuid:{_stem(ins)}-{document.number:06x}{document.revision:06x}"


@lru_cache
def _stem(ins: str) -> str:
    """Return the part that the identifiers of one record share: a digest, not the matricule."""
    digest = hashlib.sha256(ins.encode()).hexdigest()
    return f"{digest[:8]}-{digest[8:12]}-8{digest[12:15]}-8{digest[15:18]}"


@dataclass(slots=True)
class Record:
    """The record of one person; only commands change it.

    Attributes:
        documents: Every version of every document by unique identifier, in order of deposit.
        masked_by_default: New documents are masked from professionals (VIS-08).
        folders: Unique identifiers of the documents filed in each folder, by name, or None.
        profile: Medical profile, vaccinations, wishes, or None while empty.
        objections: Ground of the objection to feeding, by identifier of the professional, or None.
        earlier: How documents stood before each change, oldest first, by number, or None.
    """

    documents: dict[str, Document] = field(default_factory=dict[str, Document])
    masked_by_default: bool = False
    folders: dict[str, tuple[str, ...]] | None = None
    profile: Profile | None = None
    objections: dict[str, str] | None = None
    earlier: dict[int, tuple[Document, ...]] | None = None


@enforces("REC-01")
def record_of(person: Person) -> Record:
    """Return the one record of `person`, made now if there was none."""
    holdings = person.held()
    if holdings.record is None:
        holdings.record = Record()
    return holdings.record


def record_or_none(person: Person) -> Record | None:
    """Return the record of `person`, or None when nothing was ever put in it."""
    return None if person.holdings is None else person.holdings.record


def documents_of(person: Person) -> dict[str, Document]:
    """Return the documents of `person`; an empty dictionary of nobody when there is no record."""
    record = record_or_none(person)
    return {} if record is None else record.documents


@enforces("REC-11")
def revise(person: Person, changed: Document, at: datetime) -> Document:
    """Put a document whose metadata changed in its place; return it under another entry identifier.

    How it stood before is kept, as far back as `EARLIER_MOST` changes.
    """
    record = record_of(person)
    before = record.documents[changed.unique_id]
    record.earlier = record.earlier or {}
    earlier = (*record.earlier.get(before.number, ()), before)
    record.earlier[before.number] = earlier[-EARLIER_MOST:]
    revised = replace(changed, revision=before.revision + 1, changed_at=at)
    record.documents[changed.unique_id] = revised
    return revised


def revisions_of(person: Person, document: Document) -> tuple[Document, ...]:
    """Return how a document of `person` stands and stood before, the latest first."""
    record = record_or_none(person)
    earlier = None if record is None else record.earlier
    return (document, *reversed(() if earlier is None else earlier.get(document.number, ())))


def profile_of(person: Person) -> Profile:
    """Return what stands in the record of `person` beside documents, made now if need be."""
    record = record_of(person)
    if record.profile is None:
        record.profile = Profile()
    return record.profile
