"""Lots of test documents, as a professional's software attaches them to a mail.

They are built here from the public texts, and no sample of anybody's.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b
from secrets import token_hex
from typing import Final

from etalon_model.actors import Actor, ActorKind
from etalon_model.identities import Identity
from etalon_model.messaging.correspondents import BEARERS
from etalon_model.records.record import Author, Extras, Form, Origin, Sheet
from etalon_server.service_host import Host
from etalon_wire.mail.clinical_writing import write_clinical_document
from etalon_wire.mail.lots import Enclosed, Lot, write_lot
from etalon_wire.mail.messages import exchange_subject
from etalon_wire.mail.submissions import Submission
from etalon_wire.records.documents import Described, known_subject

TYPE: Final = "11488-4"
"""Notes of a consultation."""
LABEL: Final = "CR de consultation"

_ARC: Final = "urn:oid:2.25"
_CLASS: Final = "10"
_FORMATS: Final = {
    "application/pdf": "urn:ihe:iti:xds-sd:pdf:2008",
    "text/plain": "urn:ihe:iti:xds-sd:text:2008",
}
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
        content: The document itself.
        at: When it was written (UTC, to the second).
        codes: Its confidentiality codes.
        replaced: Unique identifier of the one that it replaces, or an empty string.
        media_type: Media type of the document itself: PDF or plain text.
    """

    name: str
    title: str
    content: bytes
    at: datetime
    codes: tuple[str, ...] = ("N",)
    replaced: str = ""
    media_type: str = "application/pdf"


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


def lot_by_mail(host: Host, whose: Identity, sender: str, title: str, written: str) -> bytes:
    """Return IHE_XDM.zip with one document of plain text, from the bearer of a mailbox.

    Raises:
        LookupError: The directory has no such mailbox.
    """
    known = host.service.snapshot(copied=False).register.correspondents.get(sender)
    if known is None:
        message = f"the directory has no mailbox {sender[:80]!r}: see /sandbox/professionals"
        raise LookupError(message)
    author = Actor(ActorKind(BEARERS[known.type]), known.bearer)
    at = host.clock.now().replace(microsecond=0)
    note = Note(token_hex(16), title, written.encode(), at, media_type="text/plain")
    return write_lot(test_lot(whose, author, [note]))


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
        Form("text/xml", _FORMATS[note.media_type]),
        Extras(note.at),
    )
    return Described(sheet, known_subject(whose), note.codes, note.replaced, "")


def unique_id_of(name: str) -> str:
    """Return an identifier that follows from a name (under 2.25, as UUIDs stand)."""
    number = int.from_bytes(blake2b(name.encode(), digest_size=16).digest(), "big")
    return f"{_ARC}.{number}"


def _enclosed(described: Described, note: Note) -> Enclosed:
    return Enclosed(described, write_clinical_document(described, note.content, note.media_type))
