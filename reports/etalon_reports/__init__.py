"""Reports drawn from the files of a run directory, and from nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from etalon_text.language import Language


def write_report(run_directory: Path, language: Language) -> Path:
    """Draw `report.html` of a run of any kind in its directory, and return its path.

    A conformance run and a load run have a page in each language, the other one beside it; once a
    conformance run is signed, they are drawn into its folder `redrawn`.

    Raises:
        etalon_reports.record.RunFileError: A result file is missing, truncated or not as published.
        OSError: The page cannot be written.
    """
    from etalon_reports.conformance.verdict_file import is_conformance  # noqa: PLC0415 (as below)

    if is_conformance(run_directory):
        from etalon_reports.conformance.conformance_page import draw_conformance  # noqa: PLC0415
        from etalon_reports.conformance.run_folder import folder_of  # noqa: PLC0415

        return draw_conformance(run_directory, language, folder_of(run_directory))
    from etalon_reports.load.load_files import has_load_page  # noqa: PLC0415

    # Loaded here because matplotlib takes half a second.
    if has_load_page(run_directory):
        from etalon_reports.load.load_pages import draw_load_page  # noqa: PLC0415

        return draw_load_page(run_directory, language)
    from etalon_reports.tour_file import is_tour  # noqa: PLC0415

    if is_tour(run_directory):
        from etalon_reports.tour_page import draw_tour  # noqa: PLC0415

        return draw_tour(run_directory, language)
    from etalon_reports.study.study_files import kind_of  # noqa: PLC0415

    if kind_of(run_directory):
        from etalon_reports.study.study_pages import draw_study  # noqa: PLC0415

        return draw_study(run_directory, language)
    from etalon_reports.comparison_files import is_comparison  # noqa: PLC0415
    from etalon_reports.comparison_report import draw_comparison  # noqa: PLC0415
    from etalon_reports.html_report import draw_report  # noqa: PLC0415

    draw = draw_comparison if is_comparison(run_directory) else draw_report
    return draw(run_directory, language)


def write_workbook(directory: Path, language: Language) -> Path:
    """Write every table of a run or a comparison as `tables.xlsx`, and return its path.

    Raises:
        etalon_reports.record.RunFileError: A result file is missing, truncated or not as published.
        OSError: The file cannot be written.
    """
    from etalon_reports.table_files import write_tables_workbook  # noqa: PLC0415 (as above)

    return write_tables_workbook(directory, language)


def write_tables(directory: Path, language: Language) -> list[Path]:
    """Write every table of a run or a comparison as CSV, and return their paths.

    Raises:
        etalon_reports.record.RunFileError: A result file is missing, truncated or not as published.
        OSError: A file cannot be written.
    """
    from etalon_reports.table_files import write_tables_csv  # noqa: PLC0415 (as above)

    return write_tables_csv(directory, language)


def write_pdf(directory: Path, language: Language) -> Path:
    """Draw the report and write it as `report.pdf` too; return the path of the latter.

    Raises:
        etalon_reports.record.RunFileError: A result file is missing, truncated or not as published.
        etalon_reports.missing_pdf.NoPdfError: WeasyPrint (extra `pdf`) is not installed.
        OSError: The file cannot be written.
    """
    from etalon_reports.note_pdf import be_sure_of_pdf, write_pdf  # noqa: PLC0415 (as above)

    be_sure_of_pdf()
    page = write_report(directory, language)
    return write_pdf(page.read_text(encoding="utf-8"), page.with_suffix(".pdf"))


def write_note(
    directories: Sequence[Path], language: Language, out: Path | None = None
) -> list[Path]:
    """Write a note of two pages on a comparison, a run or several runs.

    Args:
        directories: Directories of runs, or of one comparison.
        language: Of the note.
        out: Where it lands; the first directory when not given.

    Returns:
        `note-LANGUAGE.docx`, and `note-LANGUAGE.pdf` where WeasyPrint (extra `pdf`) is installed.

    Raises:
        etalon_reports.record.RunFileError: A result file is missing, truncated or not as published.
        OSError: A document cannot be written.
    """
    from etalon_reports.note import read_note  # noqa: PLC0415 (as above)
    from etalon_reports.note_docx import write_docx  # noqa: PLC0415
    from etalon_reports.note_pdf import can_write_pdf, write_note_pdf  # noqa: PLC0415

    note = read_note(directories, language)
    target = (out or directories[0]) / f"note-{language}.docx"
    target.parent.mkdir(parents=True, exist_ok=True)
    written = [write_docx(note, target)]
    if can_write_pdf():
        written.append(write_note_pdf(note, target.with_suffix(".pdf")))
    return written
