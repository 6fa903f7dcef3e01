"""What a reader takes away: figures, tables, note and scenario file of an answer."""

from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING, Final

from etalon_explore.answer_page import answer_figures
from etalon_reports import write_note, write_report, write_tables, write_workbook
from etalon_reports.comparison_files import read_comparison
from etalon_reports.drawing import pictures
from etalon_reports.record import RunFileError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

    from etalon_reports.comparison_files import ComparisonFiles
    from etalon_text.language import Language

KINDS: Final[Mapping[str, str]] = {
    "png": "figures-png.zip",
    "svg": "figures-svg.zip",
    "csv": "tables-csv.zip",
    "xlsx": "tables.xlsx",
    "note": "note.docx",
    "report": "report.html",
}
"""Kind -> name under which it is handed out."""

_EPOCH: Final = (1980, 1, 1, 0, 0, 0)


def document(directory: Path, kind: str, language: Language) -> Path:
    """Write a document of an answer, and return its path.

    Args:
        directory: Directory of the comparison.
        kind: One of `KINDS`.
        language: Of the words.

    Raises:
        RunFileError: A file is missing, or there is no such document.
        OSError: The document cannot be written.
    """
    files = read_comparison(directory)
    # A policy alone is a run, and its documents are those of a run.
    told = directory if files.others else files.base.directory
    match kind:
        case "xlsx":
            return write_workbook(told, language)
        case "note":
            return write_note([told], language)[0]
        case "report":
            return write_report(told, language)
        case "csv":
            written = write_tables(told, language)
            named = ((path.name, path.read_bytes()) for path in written)
            return _gathered(directory / KINDS[kind], named)
        case "png" | "svg":
            return _gathered(directory / KINDS[kind], _figures(files, kind, language))
        case _:
            raise RunFileError(kind, "", "no such document", ", ".join(KINDS))


def _figures(files: ComparisonFiles, kind: str, language: Language) -> Iterable[tuple[str, bytes]]:
    with pictures() as drawn:
        figures = answer_figures(files, language)
    for figure in figures:
        content = drawn[figure.name] if kind == "png" else figure.image.encode()
        yield f"{figure.name}.{kind}", content


def _gathered(target: Path, files: Iterable[tuple[str, bytes]]) -> Path:
    """Write one archive; the same files give the same bytes."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files:
            archive.writestr(zipfile.ZipInfo(name, _EPOCH), content)
    return target
