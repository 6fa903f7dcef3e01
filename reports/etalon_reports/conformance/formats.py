"""The formats that a conformance run is drawn in, each from its files alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from etalon_reports.conformance.attestation_sheet import draw_attestation
from etalon_reports.conformance.certification_tables import (
    write_certification_csv,
    write_certification_workbook,
)
from etalon_reports.conformance.conformance_page import draw_conformance
from etalon_reports.conformance.junit_file import write_junit
from etalon_reports.conformance.testreport_file import write_testreport
from etalon_reports.note_pdf import can_write_pdf, write_pdf

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from etalon_text.language import Language

_TO_A_FILE: Final = re.compile(r'<a href="(?!https?:|#)[^"]*"[^>]*>')


def _html(directory: Path, language: Language, out: Path) -> list[Path]:
    return [draw_conformance(directory, language, out)]


def _pdf(directory: Path, language: Language, out: Path) -> list[Path]:
    return [_printed(draw_conformance(directory, language, out))]


def _junit(directory: Path, language: Language, out: Path) -> list[Path]:
    return [write_junit(directory, language, out)]


def _testreport(directory: Path, language: Language, out: Path) -> list[Path]:
    return [write_testreport(directory, language, out)]


def _xlsx(directory: Path, language: Language, out: Path) -> list[Path]:
    return [write_certification_workbook(directory, language, out)]


def _attestation(directory: Path, language: Language, out: Path) -> list[Path]:
    page = draw_attestation(directory, language, out)
    return [page, *([_printed(page)] if can_write_pdf() else [])]


def _printed(page: Path) -> Path:
    """Print a page; addresses of files beside it lead nowhere from a PDF that travels alone."""
    html = _TO_A_FILE.sub("<a>", page.read_text(encoding="utf-8"))
    return write_pdf(html, page.with_suffix(".pdf"))


CONFORMANCE_WRITERS: Final[Mapping[str, Callable[[Path, Language, Path], list[Path]]]] = {
    "html": _html,
    "pdf": _pdf,
    "junit": _junit,
    "testreport": _testreport,
    "csv": write_certification_csv,
    "xlsx": _xlsx,
    "attestation": _attestation,
}
"""Format -> what writes it, from a run directory, in a language, into a folder."""
