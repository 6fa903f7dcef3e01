"""The tables of a run directory as files: `tables.xlsx`, or one CSV a table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

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
    from pathlib import Path

    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

TABLES: Final = "tables"
"""Folder of the CSV files in a run directory."""


def write_run_workbook(run_directory: Path, language: Language) -> Path:
    """Write `tables.xlsx` in the run directory and return its path.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        OSError: The file cannot be written.
    """
    files = read_run(run_directory)
    tables = run_tables(files, daily_counts(files.daily), language)
    target = run_directory / WORKBOOK_NAME
    write_workbook(target, tables, _read_me(files, language), language)
    return target


def write_run_csv(run_directory: Path, language: Language) -> list[Path]:
    """Write `daily.csv`, and each table of the report in `tables/`; return their paths.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        OSError: A file cannot be written.
    """
    files = read_run(run_directory)
    folder = run_directory / TABLES
    folder.mkdir(exist_ok=True)
    written = [write_daily_csv(run_directory, language)]
    for table in run_tables(files, daily_counts(files.daily), language):
        target = folder / f"{table.key}.csv"
        write_csv(target, table, language)
        written.append(target)
    return written


def _read_me(files: RunFiles, language: Language) -> ReadMe:
    cover = simulation_cover(files, language)
    facts = [(text("sheet.question", language), cover.question)]
    facts.append((text("sheet.status", language), cover.status_text))
    facts += [(fact.label, "\n".join(fact.values)) for fact in cover.facts]
    facts.append((text("sheet.command", language), command_line(files)))
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
