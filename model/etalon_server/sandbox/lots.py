"""Lots of test documents, as a professional's software attaches them to a mail.

They are built here from the public texts, and no sample of anybody's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from typing import Final

from etalon_model.actors import Actor, ActorKind
from etalon_model.identities import Identity
from etalon_model.records.record import Author, Extras, Form, Origin, Sheet
from etalon_wire.mail.clinical_writing import write_clinical_document
from etalon_wire.mail.lots import Enclosed, Lot
from etalon_wire.mail.messages import exchange_subject
from etalon_wire.mail.submissions import Submission
from etalon_wire.records.documents import Described, known_subject

TYPE: Final = "11488-4"
"""Notes of a consultation."""
LABEL: Final = "CR de consultation"

_ARC: Final = "urn:oid:2.25"
_CLASS: Final = "10"
_PDF: Final = "urn:ihe:iti:xds-sd:pdf:2008"
_ACTIVITY: Final = "07"
_ROLE: Final = "10"
_FACILITY: Final = "SA01"
_SETTING: Final = "AMBULATOIRE"


@dataclass(frozen=True, slots=True)
class Note:
    """A test document.

    Attributes:
        name: What tells it from others: equal ones are one document.
        title: Title.
        content: A document in PDF.
        at: When it was written (UTC, to the second).
        codes: Its confidentiality codes.
        replaced: Unique identifier of the one that it replaces, or an empty string.
    """

    name: str
    title: str
    content: bytes
    at: datetime
    codes: tuple[str, ...] = ("N",)
    replaced: str = ""


def subject_of(whose: Identity) -> str:
    """Return the subject of the mail that carries a lot of somebody (W-MSS-01)."""
    return exchange_subject(LABEL, whose.family, whose.given, whose.birth_on)


def test_lot(whose: Identity, author: Actor, notes: Sequence[Note]) -> Lot:
    """Return a lot of clinical documents of level 1.

    Args:
        whose: Whose documents these are.
        author: Who writes and sends them: a professional, or a structure by its software.
        notes: The documents, at least one.
    """
    documents = tuple(_enclosed(described_note(whose, author, one), one) for one in notes)
    first = documents[0].described.sheet
    unique_id = unique_id_of(f"lot {first.unique_id}")
    submission = Submission(
        unique_id,
        _ARC,
        first.created_at,
        first.origin.authors[0],
        first.origin.organisation,
        _ACTIVITY,
        first.title,
        known_subject(whose),
    )
    return Lot(submission, documents)


def described_note(whose: Identity, author: Actor, note: Note) -> Described:
    """Return what the metadata of a test document say."""
    writer = Author(author.ident, "TEST", "", _ROLE)
    organisation = author.ident if author.kind is ActorKind.STRUCTURE else ""
    sheet = Sheet(
        unique_id_of(note.name),
        TYPE,
        _CLASS,
        note.title,
        note.at,
        note.at,
        0,
        "",
        Origin((writer,), organisation, author.ident, _FACILITY, _SETTING),
        Form("text/xml", _PDF),
        Extras(note.at),
    )
    return Described(sheet, known_subject(whose), note.codes, note.replaced, "")


def unique_id_of(name: str) -> str:
    """Return an identifier that follows from a name (under 2.25, as UUIDs stand)."""
    number = int.from_bytes(blake2b(name.encode(), digest_size=16).digest(), "big")
    return f"{_ARC}.{number}"


def _enclosed(described: Described, note: Note) -> Enclosed:
    return Enclosed(described, write_clinical_document(described, note.content, "application/pdf"))
