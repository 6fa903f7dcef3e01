"""`daily.parquet`: what happened, by day, département, age band, sex, channel and counter.

Columns and their types stand in `etalon_text` (`columns.csv`); rows are sorted by the five
dimensions. DuckDB writes the file on one thread, so the same rows give the same bytes.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Final

import duckdb
import numpy as np

from etalon_scenarios.layout import SEXES
from etalon_scenarios.ledger import CHANNELS, COUNTERS
from etalon_scenarios.parameters import AGE_BANDS
from etalon_scenarios.run_directory import StorageError
from etalon_text.schema_files import DIMENSIONS, daily_columns

if TYPE_CHECKING:
    from pathlib import Path

    from etalon_scenarios.engine import Counts
    from etalon_scenarios.run_directory import RunDirectory

DAILY_FILE: Final = "daily.parquet"
_NO_SPACE: Final = "no space left"
_KINDS: Final[dict[str, str]] = {"DATE": "str", "INTEGER": "int32", "VARCHAR": "str"}
"""SQL type -> NumPy type."""

Row = tuple[object, ...]
"""One row, in the order of the columns."""


def daily_rows(counts: Counts, starts_on: date) -> list[Row]:
    """Give the rows of the file, sorted by the five dimensions.

    Args:
        counts: The ledger of a run.
        starts_on: Civil day (Europe/Paris) that the ledger calls day 0.
    """
    wanted = [COUNTERS.index(c.name) for c in daily_columns() if c.name not in DIMENSIONS]
    return sorted(
        (
            starts_on + timedelta(days=day),
            counts.departments[department],
            AGE_BANDS[band],
            SEXES[sex],
            CHANNELS[channel],
            *(line[rank] for rank in wanted),
        )
        for (day, department, band, sex, channel), line in counts.table().items()
    )


def write_daily(directory: RunDirectory, rows: list[Row]) -> None:
    """Write `daily.parquet`, whole or not at all.

    Raises:
        StorageError: The disk is full or refused the file.
    """
    columns = daily_columns()
    values: list[Row] = list(zip(*rows, strict=True)) if rows else [()] * len(columns)
    data = {
        column.name: np.array(
            [_plain(value) for value in part], dtype=np.dtype(_KINDS[column.sql_type])
        )
        for column, part in zip(columns, values, strict=True)
    }
    with directory.whole(DAILY_FILE) as unfinished, duckdb.connect() as database:
        database.execute("SET threads TO 1")
        database.register("days", data)
        selected = ", ".join(f"CAST({c.name} AS {c.sql_type}) AS {c.name}" for c in columns)
        order = ", ".join(DIMENSIONS)
        target = str(unfinished).replace("'", "''")
        try:
            database.execute(
                f"COPY (SELECT {selected} FROM days ORDER BY {order}) "  # noqa: S608 (own names)
                f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
            )
        except duckdb.IOException as error:
            raise _refused(directory.path / DAILY_FILE, error) from error


def read_daily(path: Path) -> list[Row]:
    """Read the rows of a `daily.parquet`, sorted by the five dimensions.

    Raises:
        ValueError: The file is missing, truncated, or has other columns.
    """
    selected = ", ".join(column.name for column in daily_columns())
    query = f"SELECT {selected} FROM read_parquet(?) ORDER BY ALL"  # noqa: S608 (own names)
    try:
        with duckdb.connect() as database:
            rows: list[Row] = database.execute(query, [str(path)]).fetchall()
    except duckdb.Error as error:
        message = str(error).splitlines()[0]
        raise ValueError(message) from error
    return rows


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, date) else value


def _refused(path: Path, error: duckdb.IOException) -> StorageError:
    words = str(error).splitlines()[0]
    return StorageError(path, words, full=_NO_SPACE in words.lower())
