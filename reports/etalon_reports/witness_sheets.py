"""The sheets of a witness, to be printed: how to reach it, how to trust it, who the people are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.cover import Cover, Fact
from etalon_reports.page import write_page
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from etalon_text.language import Language

SHEETS_NAME: Final = "sheets.html"
PRINTED_NAME: Final = "sheets.pdf"


class System(NamedTuple):
    """How one system is told to trust the witness, and to trust it no more."""

    name: str
    trust: str
    undo: str


class Identity(NamedTuple):
    """One test identity: a person or a professional, with the number that they go by.

    Attributes:
        label: What the steps of a session call them.
        kind: `person` or `professional`.
        name: First and family name.
        number: Matricule INS or RPPS number.
        detail: Sex, or profession.
        born_on: Day of birth, or empty.
        second: Serial of the Vitale card, or identifier of the structure.
        guardian: Matricule of who represents them, or empty.
    """

    label: str
    kind: str
    name: str
    number: str
    detail: str
    born_on: str
    second: str
    guardian: str


class Sheets(NamedTuple):
    """What the sheets show.

    Attributes:
        root: Address of the witness.
        places: Names and addresses of what a client is told of.
        hosts: Lines that lead the names to it.
        hosts_files: Systems, and where such lines are written.
        systems: How each is told to trust it.
        password: Of the client certificates in PKCS#12.
        days: How long the certificates hold.
        identities: Everybody.
        documents: Names of the sample documents.
        seed: Of the test people.
    """

    root: str
    places: Sequence[tuple[str, str]]
    hosts: Sequence[str]
    hosts_files: Sequence[tuple[str, str]]
    systems: Sequence[System]
    password: str
    days: int
    identities: Sequence[Identity]
    documents: Sequence[str]
    seed: int


def write_sheets(sheets: Sheets, language: Language, folder: Path) -> Path:
    """Write `sheets.html` in a folder and return its path.

    Raises:
        OSError: It cannot be written.
    """
    cover = Cover(
        kind=text("sheets.kind", language),
        title=text("sheets.title", language),
        question=text("sheets.question", language, address=sheets.root),
        status="complete",
        status_text=text("sheets.status", language, days=sheets.days),
        facts=[
            Fact(text(f"witness.place.{name}", language), [address])
            for name, address in sheets.places
        ],
        changes=[],
    )
    people = [one for one in sheets.identities if one.kind == "person"]
    professionals = [one for one in sheets.identities if one.kind == "professional"]
    content = {
        "cover": cover,
        "sheets": sheets,
        "people": people,
        "professionals": professionals,
    }
    return write_page(folder / SHEETS_NAME, "witness_sheets.html", language, str, content)


def print_sheets(page: Path) -> Path:
    """Write `sheets.pdf` beside the sheets and return its path.

    Raises:
        etalon_reports.missing_pdf.NoPdfError: WeasyPrint (extra `pdf`) is not installed.
        OSError: It cannot be written.
    """
    from etalon_reports.note_pdf import write_pdf  # noqa: PLC0415 (optional, and slow to load)

    return write_pdf(page.read_text(encoding="utf-8"), page.with_name(PRINTED_NAME))
