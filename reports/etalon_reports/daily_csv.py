"""`daily.csv`: the table of days for a spreadsheet, with its headings in the reader's language."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Final

import duckdb

from etalon_reports.record import RunFileError
from etalon_text.schema_files import DIMENSIONS, daily_columns

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from etalon_text.language import Language

CSV_NAME: Final = "daily.csv"
_SEPARATORS: Final = {"fr": ";", "en": ","}
"""What a spreadsheet of that language splits columns at."""


def write_daily_csv(run_directory: Path, language: Language) -> Path:
    """Write `daily.csv` in the run directory and return its path.

    Encoded in UTF-8 with a byte order mark, which spreadsheets need to show accents.

    Raises:
        RunFileError: `daily.parquet` is missing, truncated or lacks a column.
        OSError: The file cannot be written.
    """
    rows = _rows(run_directory / "daily.parquet")
    target = run_directory / CSV_NAME
    unfinished = target.with_suffix(".csv.part")
    try:
        with unfinished.open("w", encoding="utf-8-sig", newline="") as stream:
            lines = csv.writer(stream, delimiter=_SEPARATORS[language])
            lines.writerow([getattr(column, language) for column in daily_columns()])
            lines.writerows(rows)
        unfinished.replace(target)
    finally:
        unfinished.unlink(missing_ok=True)
    return target


def _rows(file: Path) -> Sequence[Sequence[object]]:
    if not file.exists():
        raise RunFileError(file.name, "", "no such file", "a run directory")
    selected = ", ".join(column.name for column in daily_columns())
    order = ", ".join(DIMENSIONS)
    query = f"SELECT {selected} FROM read_parquet(?) ORDER BY {order}"  # noqa: S608 (own names)
    try:
        with duckdb.connect() as base:
            rows: Sequence[Sequence[object]] = base.execute(query, [str(file)]).fetchall()
    except duckdb.Error as problem:
        reason = str(problem).splitlines()[0]
        raise RunFileError(file.name, "", reason, "the published columns") from None
    return rows
