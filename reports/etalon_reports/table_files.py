"""The tables of a run or a comparison as files: `tables.xlsx`, or one CSV a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.comparison_data import comparison_tables
from etalon_reports.comparison_files import is_comparison, read_comparison
from etalon_reports.comparison_report import comparison_command, comparison_cover
from etalon_reports.cover import simulation_cover
from etalon_reports.daily_counts import daily_counts
from etalon_reports.daily_csv import write_daily_csv
from etalon_reports.run_data import run_tables
from etalon_reports.run_files import read_run
from etalon_reports.simulation_text import command_line
from etalon_reports.table_csv import write_csv
from etalon_reports.workbook import WORKBOOK_NAME, ReadMe, write_workbook
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from etalon_reports.comparison_files import ComparisonFiles
    from etalon_reports.cover import Cover
    from etalon_reports.data_table import DataTable
    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

TABLES: Final = "tables"
"""Folder of the CSV files in a directory."""
_NOTES_OF_A_COMPARISON: Final = (
    "sheet.note_units",
    "sheet.note_shares",
    "sheet.note_full_scope",
    "sheet.note_intervals",
    "report.disclaimer",
)


def write_tables_workbook(directory: Path, language: Language) -> Path:
    """Write `tables.xlsx` in the directory of a run or a comparison and return its path.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        OSError: The file cannot be written.
    """
    target = directory / WORKBOOK_NAME
    if is_comparison(directory):
        compared = read_comparison(directory)
        read_me = _read_me_of_comparison(compared, language)
        write_workbook(target, comparison_tables(compared, language), read_me, language)
    else:
        files = read_run(directory)
        tables = run_tables(files, daily_counts(files.daily), language)
        write_workbook(target, tables, _read_me(files, language), language)
    return target


def write_tables_csv(directory: Path, language: Language) -> list[Path]:
    """Write each table in `tables/`, and `daily.csv` for a run; return their paths.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        OSError: A file cannot be written.
    """
    if is_comparison(directory):
        return _each(directory, comparison_tables(read_comparison(directory), language), language)
    files = read_run(directory)
    tables = run_tables(files, daily_counts(files.daily), language)
    return [write_daily_csv(directory, language), *_each(directory, tables, language)]


def _each(directory: Path, tables: Sequence[DataTable], language: Language) -> list[Path]:
    folder = directory / TABLES
    folder.mkdir(exist_ok=True)
    written = [folder / f"{table.key}.csv" for table in tables]
    for table, target in zip(tables, written, strict=True):
        write_csv(target, table, language)
    return written


def _read_me_of_comparison(files: ComparisonFiles, language: Language) -> ReadMe:
    cover = comparison_cover(files, language)
    digests = [
        (f"{text('reproduce.ledger', language)} ({policy.name})", policy.row.text("ledger_digest"))
        for policy in files.policies
    ]
    facts = _facts(cover, comparison_command(files), language) + digests
    notes = [text(key, language) for key in _NOTES_OF_A_COMPARISON]
    return ReadMe(cover.title, facts, notes, sources_of(files.base_run()))


def _facts(cover: Cover, command: str, language: Language) -> list[tuple[str, str]]:
    return [
        (text("sheet.question", language), cover.question),
        (text("sheet.status", language), cover.status_text),
        *((fact.label, "\n".join(fact.values)) for fact in cover.facts),
        (text("sheet.command", language), command),
    ]


def _read_me(files: RunFiles, language: Language) -> ReadMe:
    cover = simulation_cover(files, language)
    command = command_line(files.run, files.summary.count("seed"))
    facts = _facts(cover, command, language)
    facts.append((text("reproduce.ledger", language), files.summary.text("ledger_digest")))
    notes = ["sheet.note_units", "sheet.note_shares", "sheet.note_intervals", "report.disclaimer"]
    if files.is_sample:
        notes.insert(2, "sheet.note_sample")
    return ReadMe(
        title=cover.title,
        facts=facts,
        notes=[text(key, language) for key in notes],
        sources=sources_of(files),
    )


def sources_of(files: RunFiles) -> list[str]:
    """Return every source of the parameters and of the measured figures, each once."""
    rows = [*files.summary.rows("comparisons"), *files.scenario.rows("parameters")]
    sources = (row.text("source") for row in rows)
    return list(dict.fromkeys(source for source in sources if source not in ("", "none")))
