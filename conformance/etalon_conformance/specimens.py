"""Documents to deposit: all types and formats, names and titles that a hurried server loses.

What is free is chosen by the bench's own random numbers, so that a run says the same with the same
seed; what a check looks for, it gives. Codes come from the value sets of the ANS, words from
`data/specimen_words.csv`. The matricules are those of test people; identifiers of documents are
new each time.

Source: PDSm 3.1.1 (pdsm-comprehensive-document-reference, pdsm-simplified-publish); IHE MHD 4.2.
"""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, timezone
from functools import cache
from random import Random
from typing import Final, Protocol, TypedDict, Unpack
from uuid import UUID

from etalon_conformance.tables import rows_of
from etalon_model.records.nomenclature import DOCUMENT_TYPES
from etalon_model.tables import rows_of as model_rows_of
from etalon_target.people import TestPerson, TestProfessional
from etalon_wire.json_body import Resource
from etalon_wire.tables import rows_of as wire_rows_of

MASKED: Final = "MASQUE_PS"
HIDDEN: Final = "INVISIBLE_PATIENT"
NOT_FOR_REPRESENTATIVES: Final = "INVISIBLE_REPRESENTANTS_LEGAUX"
CCAM: Final = "urn:oid:1.2.250.1.213.2.5"
CIM_10: Final = "urn:oid:2.16.840.1.113883.6.3"
ORDERS: Final = "urn:oid:1.2.250.1.999.2"
TEXT: Final = "text/plain"
_ZONES: Final = (1, 2, 0, -4, 11)
"""Hours from UTC: metropolitan France in winter and in summer, UTC, Martinique, New Caledonia."""
_ACTS: Final = ((CCAM, "YYYY001"), (CCAM, "HBQK002"), (CIM_10, "J45.0"), (CIM_10, "E11"))


_ORDINARY: Final = frozenset({"10", "11", "31", "42", "43"})
"""Classes of reports, syntheses, imaging, prescriptions and dispensing."""


class Giver(Protocol):
    """What a specimen takes from a bench."""

    @property
    def random(self) -> Random:
        """Random numbers of the check alone."""
        ...

    def now(self) -> datetime:
        """Return the instant of the target."""
        ...

    def unique_oid(self) -> str:
        """Return an object identifier that nobody used, as an address (`urn:oid:…`)."""
        ...

    def unique_uuid(self) -> UUID:
        """Return a UUID that nobody used."""
        ...


@dataclass(frozen=True, slots=True)
class Code:
    """A code, its system and its French label."""

    system: str
    code: str
    label: str = ""

    @property
    def token(self) -> str:
        """The code as a search writes it."""
        return f"{self.system}|{self.code}"

    @property
    def coding(self) -> Resource:
        """The code as a Coding."""
        made: Resource = {"system": self.system, "code": self.code}
        return {**made, "display": self.label} if self.label else made

    @property
    def concept(self) -> Resource:
        """The code as a CodeableConcept."""
        return {"coding": [self.coding]}


@dataclass(frozen=True, slots=True, kw_only=True)
class Specimen:
    """One document to deposit.

    Attributes:
        person: Whose it is.
        author: Who wrote it.
        family: Family name of the author, as written in the document.
        given: Given name of the author.
        structure: Name of the structure that keeps it.
        unique_id: Its unique identifier (`urn:oid:…`).
        entry_id: Identifier of its entry (`urn:uuid:…`).
        kind: Its type (JDV_J07).
        class_: Its class (JDV_J06).
        form: Its format (JDV_J10).
        facility: Kind of structure (JDV_J02).
        setting: Setting of the act (JDV_J04).
        act: Act or illness documented.
        order: Number of the prescription it answers.
        level: Level of confidentiality.
        labels: Codes of visibility (TRE_A07).
        title: Title.
        comment: Comment.
        media_type: Media type of the content.
        content: Its bytes.
        dated: When the reference was made.
        created: When the document was.
        started: When the act began.
        ended: When it ended.
        archived: Set aside from the start.
        replaces: Identifier of the DocumentReference that it replaces, or empty.
    """

    person: TestPerson
    author: TestProfessional
    family: str
    given: str
    structure: str
    unique_id: str
    entry_id: str
    kind: Code
    class_: Code
    form: Code
    facility: Code
    setting: Code
    act: Code
    order: str
    level: str = "N"
    labels: tuple[str, ...] = ()
    title: str
    comment: str
    media_type: str
    content: bytes
    dated: datetime
    created: datetime
    started: datetime
    ended: datetime
    archived: bool = False
    replaces: str = ""

    @property
    def size(self) -> int:
        """How many bytes it has."""
        return len(self.content)

    @property
    def hash(self) -> str:
        """SHA-1 of its bytes, in base64."""
        digest = hashlib.sha1(self.content, usedforsecurity=False).digest()
        return base64.b64encode(digest).decode()

    @property
    def base64(self) -> str:
        """Its bytes, in base64."""
        return base64.b64encode(self.content).decode()

    @property
    def sha256(self) -> str:
        """SHA-256 of its bytes, in hexadecimal: what an exchange says of a body."""
        return hashlib.sha256(self.content).hexdigest()


class Given(TypedDict, total=False):
    """What a check wants a specimen to be; the rest is chosen."""

    family: str
    given: str
    structure: str
    unique_id: str
    class_: Code
    form: Code
    facility: Code
    setting: Code
    act: Code
    order: str
    level: str
    labels: tuple[str, ...]
    title: str
    comment: str
    content: bytes
    dated: datetime
    created: datetime
    started: datetime
    ended: datetime
    archived: bool
    replaces: str


@cache
def words(use: str) -> Sequence[str]:
    """Return the words for a `title`, a `comment`, a `line`, a name (`family`, `given`)."""
    return tuple(row["words"] for row in rows_of("specimen_words.csv") if row["use"] == use)


@cache
def _codes(file: str) -> Mapping[str, Code]:
    rows = wire_rows_of(f"valuesets/{file}.csv")
    return {row["code"]: Code(row["system"], row["code"], row["display_fr"]) for row in rows}


@cache
def care_types() -> Sequence[str]:
    """Return the codes of all the types that professionals deposit, in the order of the table."""
    known = _codes("jdv_j07")
    return tuple(
        code
        for code, kind in DOCUMENT_TYPES.items()
        if kind.author == "care" and kind.class_code and code in known
    )


@cache
def ordinary_types() -> Sequence[str]:
    """Return the types that every profession known here reads, reports and prescriptions alike.

    What a profession may read is another matter (ACC-07) than what a check of records looks at.
    """
    apart = {row["of"] for row in model_rows_of("matrix.csv") if row["reads"] == "no"}
    return tuple(
        code
        for code in care_types()
        if code not in apart and DOCUMENT_TYPES[code].class_code in _ORDINARY
    )


def type_of(code: str) -> Code:
    """Return a type of document."""
    return _codes("jdv_j07")[code]


def class_of(code: str) -> Code:
    """Return the class of a type of document."""
    return _codes("jdv_j06")[DOCUMENT_TYPES[code].class_code]


def facilities() -> Sequence[Code]:
    """Return the kinds of structure where care is given."""
    return tuple(one for code, one in _codes("jdv_j02").items() if code.startswith("SA0"))


def settings() -> Sequence[Code]:
    """Return the settings of acts."""
    apart = {"EXP_PATIENT", "SNR", "AMO"}
    return tuple(one for code, one in _codes("jdv_j04").items() if code not in apart)


def media_types() -> Sequence[str]:
    """Return the media types of unstructured documents."""
    return tuple(_FORMATS)


_FORMATS: Final[Mapping[str, str]] = {
    TEXT: "urn:ihe:iti:xds-sd:text:2008",
    "application/pdf": "urn:ihe:iti:xds-sd:pdf:2008",
    "application/rtf": "urn:ihe:iti-fr:xds-sd:rtf:2010",
    "image/jpeg": "urn:ihe:iti-fr:xds-sd:jpeg:2010",
    "image/tiff": "urn:ihe:iti-fr:xds-sd:tiff:2010",
}


def format_of(media_type: str) -> Code:
    """Return the format of unstructured documents of a media type."""
    return _codes("jdv_j10")[_FORMATS[media_type]]


def some_content(random: Random, media_type: str = TEXT, size: int = 0) -> bytes:
    """Return bytes of a media type: odd texts, or every byte there is.

    Args:
        random: Random numbers.
        media_type: One of `media_types()`.
        size: Bytes at least, or 0 for a few.
    """
    if media_type == TEXT:
        lines = [random.choice(words("line")) for _ in range(random.randint(3, 9))]
        ends = [random.choice(("\n", "\r\n", "\n\n")) for _ in lines]
        made = "".join(line + end for line, end in zip(lines, ends, strict=True)).encode()
        made += f"n° {random.getrandbits(64):016x} é".encode()
        return made + ("à" * ((size - len(made) + 1) // 2)).encode()
    every = bytes(range(256))
    filling = random.randbytes(max(16, size)) + every
    before, after = _AROUND[media_type]
    if media_type == "application/rtf":
        filling = filling.hex().encode()
    return before + filling + after


_AROUND: Final[Mapping[str, tuple[bytes, bytes]]] = {
    "application/pdf": (b"%PDF-1.4\n1 0 obj<</Length 272>>stream\n", b"\nendstream\n%%EOF\n"),
    "application/rtf": (b"{\\rtf1\\ansi ", b"}"),
    "image/jpeg": (b"\xff\xd8\xff\xe0\x00\x10JFIF\x00", b"\xff\xd9"),
    "image/tiff": (b"II*\x00\x08\x00\x00\x00", b"\x00\x00\x00\x00"),
}


def specimen(
    bench: Giver,
    person: TestPerson,
    author: TestProfessional,
    *,
    kind: str = "",
    media_type: str = TEXT,
    **changed: Unpack[Given],
) -> Specimen:
    """Return a document to deposit, in all that is not given chosen at random.

    Args:
        bench: What gives random numbers, the instant and identifiers.
        person: Whose it is.
        author: Who wrote it.
        kind: Code of its type; an ordinary one when empty.
        media_type: Media type of its content.
        changed: Other attributes of the specimen, as they are to be.
    """
    random = bench.random
    code = kind or random.choice(ordinary_types())
    zone = timezone(timedelta(hours=random.choice(_ZONES)))
    now = bench.now().replace(microsecond=0)
    started = now - timedelta(days=random.randint(2, 600), minutes=random.randint(0, 1439))
    chosen = Specimen(
        person=person,
        author=author,
        family=random.choice(words("family")),
        given=random.choice(words("given")),
        structure=random.choice(words("structure")),
        unique_id=bench.unique_oid(),
        entry_id=f"urn:uuid:{bench.unique_uuid()}",
        kind=type_of(code),
        class_=class_of(code),
        form=format_of(media_type),
        facility=random.choice(facilities()),
        setting=random.choice(settings()),
        act=Code(*random.choice(_ACTS)),
        order=f"PRES-{random.randint(1, 10**9)}",
        title=random.choice(words("title")),
        comment=random.choice(words("comment")),
        media_type=media_type,
        content=some_content(random, media_type),
        started=started.astimezone(zone),
        ended=(started + timedelta(minutes=30)).astimezone(zone),
        created=(started + timedelta(minutes=45)).astimezone(zone),
        dated=(started + timedelta(hours=1)).astimezone(zone),
    )
    return replace(chosen, **changed) if changed else chosen
