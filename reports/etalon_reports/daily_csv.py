"""`daily.csv`: the table of days for a spreadsheet, with its headings in the reader's language."""

from __future__ import annotations

import csv
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

import duckdb

from etalon_reports.daily_counts import asked
from etalon_reports.table_csv import ENCODING, SEPARATORS
from etalon_reports.whole_files import named_when_whole
from etalon_text.schema_files import DIMENSIONS, counters, daily_columns
from etalon_text.strings import text

if TYPE_CHECKING:
    from etalon_text.language import Language

CSV_NAME: Final = "daily.csv"
MOST_ROWS: Final = 1_048_575
"""Rows that a spreadsheet opens, the headings apart."""

_ADDED_UP: Final = ("age_band", "sex")
"""Groups that are added up when the table has more rows than that."""


def write_daily_csv(run_directory: Path, language: Language, most_rows: int = MOST_ROWS) -> Path:
    """Write `daily.csv` in the run directory and return its path.

    Encoded in UTF-8 with a byte order mark. A table of more than `most_rows` rows is added up
    over ages and sexes, whose columns then say so.

    Raises:
        RunFileError: `daily.parquet` is missing, truncated or lacks a column.
        OSError: The file cannot be written.
    """
    source = run_directory / "daily.parquet"
    query = _query(source, language, most_rows)
    target = run_directory / CSV_NAME
    with (
        named_when_whole(target) as unfinished,
        tempfile.TemporaryDirectory(dir=run_directory) as folder,
        unfinished.open("w", encoding=ENCODING, newline="") as stream,
    ):
        lines = csv.writer(stream, delimiter=SEPARATORS[language])
        lines.writerow([getattr(column, language) for column in daily_columns()])
        rows = Path(folder) / "rows"
        _copy(query, source, rows, SEPARATORS[language])
        with rows.open(encoding="utf-8", newline="") as content:
            shutil.copyfileobj(content, stream)
    return target


def _query(source: Path, language: Language, most_rows: int) -> str:
    counted = asked(source, "SELECT count(*)::BIGINT FROM read_parquet(?)")[0][0]
    order = ", ".join(DIMENSIONS)
    if isinstance(counted, int) and counted <= most_rows:
        selected = ", ".join(column.name for column in daily_columns())
        return f"SELECT {selected} FROM read_parquet($source) ORDER BY {order}"  # noqa: S608 (own names)
    every = text("daily.every", language)
    kept = [name for name in DIMENSIONS if name not in _ADDED_UP]
    groups = [name if name in kept else f"'{every}' AS {name}" for name in DIMENSIONS]
    sums = [f"sum({name})::BIGINT AS {name}" for name in counters()]
    selected = ", ".join((*groups, *sums))
    kept_names = ", ".join(kept)
    return (
        f"SELECT {selected} FROM read_parquet($source) "  # noqa: S608 (own names)
        f"GROUP BY {kept_names} ORDER BY {kept_names}"
    )


def _copy(query: str, source: Path, target: Path, separator: str) -> None:
    with duckdb.connect() as base:
        base.execute("SET preserve_insertion_order = true")
        options = f"FORMAT csv, HEADER false, DELIMITER '{separator}', NEW_LINE '\\r\\n'"
        base.execute(
            f"COPY ({query}) TO $target ({options})",
            {"source": str(source), "target": str(target)},
        )
