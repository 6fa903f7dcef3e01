"""`arrivals_minute.parquet` and `arrivals.parquet`: the arrivals of a run, for measures of load.

Columns and their types stand in `etalon_text` (`arrival_columns.csv`). DuckDB writes the files on
one thread, so the same arrivals give the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal, TypeAlias

import duckdb
import numpy as np

from etalon_scenarios.arrivals import DAY_MINUTES, KINDS, Arrivals, Window, busiest_hour
from etalon_scenarios.run_directory import StorageError
from etalon_scenarios.usage import usage_law
from etalon_text.schema_files import arrival_columns

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import date
    from pathlib import Path

    from numpy.typing import NDArray

    from etalon_scenarios.arrivals import Attendance
    from etalon_scenarios.run_directory import RunDirectory
    from etalon_scenarios.runs import Run
    from etalon_scenarios.scenario import Scenario

    Integers = NDArray[np.int64]

Wanted: TypeAlias = Window | Literal["busiest"] | None
"""Whose arrivals are written one by one: those of a window, of the busiest hour, nobody's."""

MINUTES_FILE: Final = "arrivals_minute.parquet"
ARRIVALS_FILE: Final = "arrivals.parquet"
_NO_SPACE: Final = "no space left"


class MinuteCounts:
    """Arrivals by kind and minute over replications of one run.

    Attributes:
        replications: How many were added.
    """

    def __init__(self) -> None:
        self.replications = 0
        self._sums: Integers | None = None
        self._squares: Integers | None = None

    def add(self, counts: Integers) -> None:
        """Add the counts of a replication: one row a kind, one column a minute."""
        if self._sums is None or self._squares is None:
            self._sums, self._squares = np.zeros_like(counts), np.zeros_like(counts)
        self._sums += counts
        self._squares += counts * counts
        self.replications += 1

    def mean(self) -> NDArray[np.float64]:
        """Return the mean by kind and minute.

        Raises:
            ValueError: Nothing was added.
        """
        sums, _ = self._added()
        return sums / self.replications

    def spread(self) -> NDArray[np.float64]:
        """Return the standard deviation between replications; not a number with one.

        Raises:
            ValueError: Nothing was added.
        """
        sums, squares = self._added()
        number = self.replications
        if number == 1:
            return np.full(sums.shape, np.nan)
        return np.sqrt((number * squares - sums * sums) / (number * (number - 1)))

    def _added(self) -> tuple[Integers, Integers]:
        if self._sums is None or self._squares is None:
            message = "no replication was added"
            raise ValueError(message)
        return self._sums, self._squares


def write_minutes(directory: RunDirectory, counts: MinuteCounts, starts_on: date) -> None:
    """Write `arrivals_minute.parquet`, whole or not at all.

    Raises:
        StorageError: The disk is full or refused the file.
    """
    mean, spread = counts.mean(), counts.spread()
    minutes, kinds = np.nonzero(mean.T)
    data = {
        "minute": minutes,
        "kind": kinds,
        "mean": mean[kinds, minutes],
        "spread": spread[kinds, minutes],
    }
    values = {
        "minute": f"TIMESTAMP '{starts_on.isoformat()}' + to_minutes(minute)",
        "kind": _labelled("kind", KINDS),
        "spread": "CASE WHEN isnan(spread) THEN NULL ELSE spread END",
    }
    _write(directory, MINUTES_FILE, data, values)


def write_arrivals(
    directory: RunDirectory,
    arrivals: tuple[Integers, Integers, Integers],
    of: Integers,
    departments: Sequence[str],
) -> None:
    """Write `arrivals.parquet`, whole or not at all.

    Args:
        directory: Where it goes.
        arrivals: Microsecond of the run, rank of the kind and person, sorted.
        of: Rank of the département of each arrival's person.
        departments: Codes.

    Raises:
        StorageError: The disk is full or refused the file.
    """
    at, kinds, people = arrivals
    data = {"at_microsecond": at, "kind": kinds, "person": people, "department": of}
    values = {"kind": _labelled("kind", KINDS), "department": _labelled("department", departments)}
    _write(directory, ARRIVALS_FILE, data, values)


def read_minutes(path: Path, starts_on: date, days: int) -> Integers:
    """Read the counts of a run without replications, as `MinuteCounts.add` takes them.

    Args:
        path: An `arrivals_minute.parquet`.
        starts_on: Day 0 of the run.
        days: Days of the run.

    Raises:
        ValueError: The file is missing or truncated.
    """
    query = (
        "SELECT list_position(?, kind) - 1, date_diff('minute', ?, minute), CAST(mean AS BIGINT) "
        "FROM read_parquet(?)"
    )
    try:
        with duckdb.connect() as database:
            rows = database.execute(query, [list(KINDS), starts_on, str(path)]).fetchall()
    except duckdb.Error as error:
        message = str(error).splitlines()[0]
        raise ValueError(message) from error
    kinds, minutes, arrived = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    counts = np.zeros((len(KINDS), days * DAY_MINUTES), dtype=np.int64)
    counts[kinds, minutes] = arrived
    return counts


def first_different_row(
    one: Path, other: Path, names: Sequence[str]
) -> tuple[int, str, str, str] | None:
    """Find the first row in which two tables differ, counted from 1; None when there is none.

    Args:
        one: A Parquet file.
        other: Another one.
        names: Columns compared, in order.

    Returns:
        Row, first column that differs, its value in either file.

    Raises:
        ValueError: A file is truncated, or lacks a column.
    """
    mine, theirs = (", ".join(f"{table}.{name}" for name in names) for table in ("a", "b"))
    apart = " OR ".join(f"a.{name} IS DISTINCT FROM b.{name}" for name in names)
    rows = "(SELECT row_number() OVER () AS row, * FROM read_parquet(?)) {table}"
    query = (
        f"SELECT coalesce(a.row, b.row), {mine}, {theirs} "  # noqa: S608 (own names)
        f"FROM {rows.format(table='a')} FULL JOIN {rows.format(table='b')} ON a.row = b.row "
        f"WHERE {apart} ORDER BY 1 LIMIT 1"
    )
    try:
        with duckdb.connect() as database:
            found = database.execute(query, [str(one), str(other)]).fetchone()
    except duckdb.Error as error:
        raise ValueError(str(error).splitlines()[0]) from error
    if found is None:
        return None
    row, *values = found
    half = len(names)
    rank = next(rank for rank in range(half) if values[rank] != values[half + rank])
    return row, names[rank], str(values[rank]), str(values[half + rank])


def write_run_arrivals(
    directory: RunDirectory, scenario: Scenario, run: Run, arrivals: Arrivals, wanted: Wanted
) -> MinuteCounts:
    """Write the arrivals of one run: by minute, and one by one in the window that is wanted.

    Raises:
        StorageError: The disk is full or refused a file.
    """
    counts, by_minute = MinuteCounts(), arrivals.by_minute()
    counts.add(by_minute)
    write_minutes(directory, counts, scenario.starts_on)
    if wanted is not None:
        window = busiest_hour(by_minute) if wanted == "busiest" else wanted
        rows = arrivals.between(window)
        of = arrivals.attendance.departments(rows[2], run.layout)
        write_arrivals(directory, rows, of, run.ledger.departments)
    return counts


def arrivals_of(attendance: Attendance, scenario: Scenario, *, seed: int, days: int) -> Arrivals:
    """Give the arrivals of a run of so many days that was watched."""
    return Arrivals(
        attendance,
        usage_law(scenario),
        seed=seed,
        weekday=scenario.starts_on.weekday(),
        days=days,
    )


def _labelled(column: str, labels: Sequence[str]) -> str:
    listed = ", ".join(f"'{label}'" for label in labels)
    return f"list_extract([{listed}], {column} + 1)"


def _write(
    directory: RunDirectory,
    name: str,
    data: Mapping[str, NDArray[np.generic]],
    values: Mapping[str, str],
) -> None:
    selected = ", ".join(
        f"CAST({values.get(c.name, c.name)} AS {c.sql_type}) AS {c.name}"
        for c in arrival_columns(name)
    )
    with directory.whole(name) as unfinished, duckdb.connect() as database:
        database.execute("SET threads TO 1")
        database.register("arrived", dict(data))
        target = str(unfinished).replace("'", "''")
        try:
            database.execute(
                f"COPY (SELECT {selected} FROM arrived) "  # noqa: S608 (own names)
                f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
            )
        except duckdb.IOException as error:
            words = str(error).splitlines()[0]
            path = directory.path / name
            raise StorageError(path, words, full=_NO_SPACE in words.lower()) from error
