"""`daily.parquet`: what happened, by day, département, age band, sex, channel and counter.

Columns and their types stand in `etalon_text` (`columns.csv`); rows are sorted by the five
dimensions, as text. DuckDB writes the file on one thread, so the same ledger gives the same
bytes. A national ledger has some twenty million cells: they pass as arrays, some days at a time.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, cast

import duckdb
import numpy as np

from etalon_scenarios.layout import BANDS, SEXES
from etalon_scenarios.ledger import CHANNELS, COUNTERS
from etalon_scenarios.parameters import AGE_BANDS
from etalon_scenarios.run_directory import StorageError
from etalon_text.schema_files import DIMENSIONS, daily_columns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from pathlib import Path

    from numpy.typing import NDArray

    from etalon_scenarios.engine import Counts
    from etalon_scenarios.run_directory import RunDirectory

DAILY_FILE: Final = "daily.parquet"
DAYS_AT_ONCE: Final = 8
_NO_SPACE: Final = "no space left"
_RANKS: Final = ("day", "department", "age_band", "sex", "channel")
_WIDTH: Final = len(COUNTERS)

Row = tuple[object, ...]
"""One row, in the order of the columns."""


def write_daily(directory: RunDirectory, counts: Counts, starts_on: date) -> None:
    """Write `daily.parquet`, whole or not at all.

    Args:
        directory: Where it goes.
        counts: The ledger of a run.
        starts_on: Civil day (Europe/Paris) that the ledger calls day 0.

    Raises:
        StorageError: The disk is full or refused the file.
    """
    ranks = ", ".join(f"{name} SMALLINT" for name in _RANKS)
    numbers = ", ".join(f"{name} INTEGER" for name in _counters())
    with directory.whole(DAILY_FILE) as unfinished, duckdb.connect() as database:
        database.execute("SET threads TO 1")
        database.execute(f"CREATE TABLE counted ({ranks}, {numbers})")
        for block in _blocks(counts):
            database.register("block", block)
            database.execute("INSERT INTO counted SELECT * FROM block")
            database.unregister("block")
        target = str(unfinished).replace("'", "''")
        try:
            database.execute(
                f"COPY ({_labelled(counts.departments, starts_on)}) "
                f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
            )
        except duckdb.IOException as error:
            raise _refused(directory.path / DAILY_FILE, error) from error


def _counters() -> list[str]:
    return [column.name for column in daily_columns() if column.name not in DIMENSIONS]


def _labelled(departments: tuple[str, ...], starts_on: date) -> str:
    """Select the columns of the file: days as dates, ranks as their labels."""
    labels = {
        "department": departments,
        "age_band": AGE_BANDS,
        "sex": SEXES,
        "channel": CHANNELS,
    }
    parts = {"day": f"CAST(DATE '{starts_on.isoformat()}' + CAST(day AS INTEGER) AS DATE)"}
    for name, values in labels.items():
        listed = ", ".join(f"'{value}'" for value in values)
        parts[name] = f"list_extract([{listed}], {name} + 1)"
    selected = ", ".join(
        f"CAST({parts.get(c.name, c.name)} AS {c.sql_type}) AS {c.name}" for c in daily_columns()
    )
    return f"SELECT {selected} FROM counted"  # noqa: S608 (own names)


def _blocks(counts: Counts) -> Iterator[dict[str, NDArray[np.integer]]]:
    """Yield the rows of some days as columns: ranks of the dimensions, then the counters."""
    order = _text_order(counts.departments)
    wanted = [COUNTERS.index(name) for name in _counters()]
    for first in range(0, counts.days, DAYS_AT_ONCE):
        days = range(first, min(first + DAYS_AT_ONCE, counts.days))
        parts = [_day_rows(counts, day, order) for day in days]
        groups = np.concatenate([groups for groups, _ in parts])
        if not len(groups):
            continue
        rows = np.ascontiguousarray(np.concatenate([rows for _, rows in parts]).T)
        sizes = [len(groups) for groups, _ in parts]
        ranks = (np.repeat(np.array(days), sizes), *_ranks(groups))
        block = {name: rank.astype(np.int16) for name, rank in zip(_RANKS, ranks, strict=True)}
        yield block | {COUNTERS[rank]: rows[rank] for rank in wanted}


def _ranks(groups: NDArray[np.int64]) -> tuple[NDArray[np.int64], ...]:
    """Part the number of a group into the ranks of département, band, sex and channel."""
    rest, channel = np.divmod(groups, len(CHANNELS))
    rest, sex = np.divmod(rest, len(SEXES))
    department, band = np.divmod(rest, BANDS)
    return department, band, sex, channel


def _text_order(departments: tuple[str, ...]) -> NDArray[np.int64]:
    """Return the groups in the order of their labels, as text."""
    groups = np.arange(len(departments) * BANDS * len(SEXES) * len(CHANNELS))
    names = (departments, AGE_BANDS, SEXES, CHANNELS)
    labels = [np.array(n)[rank] for n, rank in zip(names, _ranks(groups), strict=True)]
    return np.lexsort(labels[::-1])


def _day_rows(
    counts: Counts, day: int, order: NDArray[np.int64]
) -> tuple[NDArray[np.int64], NDArray[np.int32]]:
    """Return the groups of one day that count anything, and a row of counters for each."""
    cells = np.zeros(len(order) * _WIDTH, dtype=np.int32)
    addresses, values = counts.day_cells(day)
    cells[addresses] = values
    rows = cells.reshape(-1, _WIDTH)[order]
    kept = np.flatnonzero(rows.any(axis=1))
    return order[kept], rows[kept]


def read_daily(path: Path, day: date | None = None) -> list[Row]:
    """Read the rows of a `daily.parquet`, sorted by the five dimensions; those of a day, or all.

    Raises:
        ValueError: The file is missing, truncated, or has other columns.
    """
    wanted = "TRUE" if day is None else f"day = DATE '{day.isoformat()}'"
    return _rows(f"SELECT {_names()} FROM read_parquet(?) WHERE {wanted} ORDER BY ALL", path)  # noqa: S608 (own names)


def days_of(path: Path) -> list[date]:
    """Read which days a `daily.parquet` holds, in order.

    Raises:
        ValueError: The file is missing, truncated, or has other columns.
    """
    rows = _rows("SELECT DISTINCT day FROM read_parquet(?) ORDER BY 1", path)
    return [cast("date", row[0]) for row in rows]


def first_day_apart(one: Path, other: Path) -> date | None:
    """Read on which day two `daily.parquet` first hold other rows, in whatever order; or None.

    Raises:
        ValueError: A file is missing, truncated, or has other columns.
    """
    query = f"""
        WITH one AS (SELECT {_names()} FROM read_parquet(?)),
            other AS (SELECT {_names()} FROM read_parquet(?))
        SELECT min(day) FROM (
            (FROM one EXCEPT ALL FROM other) UNION ALL (FROM other EXCEPT ALL FROM one)
        )
    """  # noqa: S608 (own names)
    return cast("date | None", _rows(query, one, other)[0][0])


def _names() -> str:
    return ", ".join(column.name for column in daily_columns())


def _rows(query: str, *paths: Path) -> list[Row]:
    try:
        with duckdb.connect() as database:
            rows: list[Row] = database.execute(query, [str(path) for path in paths]).fetchall()
    except duckdb.Error as error:
        message = str(error).splitlines()[0]
        raise ValueError(message) from error
    return rows


def _refused(path: Path, error: duckdb.IOException) -> StorageError:
    words = str(error).splitlines()[0]
    return StorageError(path, words, full=_NO_SPACE in words.lower())
