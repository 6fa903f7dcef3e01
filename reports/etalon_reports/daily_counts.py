"""Totals of a run, read from `daily.parquet` through DuckDB: millions of rows are never loaded."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple, cast

import duckdb

from etalon_reports.record import RunFileError
from etalon_text.schema_files import counters

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path

    DepartmentRow = tuple[str, date | None, int, int, int, float | None, float | None]

Row = tuple[object, ...]
_BY_DAY: Final = "SELECT day::DATE, {sums} FROM read_parquet(?) GROUP BY 1 ORDER BY 1"
_BY_DEPARTMENT: Final = """
SELECT department,
       DATE '2000-01-01' + round(sum(notified * datediff('day', DATE '2000-01-01', day))
         / nullif(sum(notified), 0))::INTEGER,
       sum(notified)::BIGINT,
       sum(calls)::BIGINT,
       sum(opened_automatically)::BIGINT,
       sum(notified * datediff('day', DATE '2000-01-01', day)) / nullif(sum(notified), 0),
       sum(opened_automatically * datediff('day', DATE '2000-01-01', day))
         / nullif(sum(opened_automatically), 0)
FROM read_parquet(?) GROUP BY 1 ORDER BY 1
"""
_CLOSED: Final = """
SELECT age_band, sex, sum(closed)::BIGINT FROM read_parquet(?) GROUP BY ALL
"""


@dataclass(frozen=True, slots=True)
class DailyCounts:
    """Counts of the whole run by civil day (Europe/Paris), only days with a row, in order."""

    days: Sequence[date]
    counts: dict[str, Sequence[int]]


class DepartmentCounts(NamedTuple):
    """What one département saw.

    Attributes:
        code: Its code.
        noticed_on: Mean day of the notices (the newly born get theirs all along), or None.
        notified: Its people to whom a notice was sent; reminders and second letters add none.
        calls: Calls that its people offered.
        opened: Spaces that silence opened.
        days_to_opening: Mean day of opening less mean day of sending; None when nothing opened.
    """

    code: str
    noticed_on: date | None
    notified: int
    calls: int
    opened: int
    days_to_opening: float | None


def daily_counts(file: Path) -> DailyCounts:
    """Sum every counter over départements, ages, sexes and channels.

    Raises:
        RunFileError: The file is missing, truncated or lacks a column.
    """
    names = counters()
    sums = ", ".join(f"sum({name})::BIGINT" for name in names)
    rows = cast("list[tuple[date, ...]]", asked(file, _BY_DAY.format(sums=sums)))
    columns = list(zip(*rows, strict=True)) or [() for _ in range(len(names) + 1)]
    counts = cast("list[Sequence[int]]", columns[1:])
    return DailyCounts(columns[0], dict(zip(names, counts, strict=True)))


def department_counts(file: Path) -> list[DepartmentCounts]:
    """Return people notified, calls and openings of each département with a row, in order of code.

    Raises:
        RunFileError: The file is missing, truncated or lacks a column.
    """
    rows = cast("list[DepartmentRow]", asked(file, _BY_DEPARTMENT))
    return [
        DepartmentCounts(
            code, first_on, notified, calls, opened, _difference(sent_at=sent, opened_at=open_at)
        )
        for code, first_on, notified, calls, opened, sent, open_at in rows
    ]


def closed_by_group(file: Path) -> dict[tuple[str, str], int]:
    """Return (age band, sex) -> spaces closed by their holder.

    Raises:
        RunFileError: The file is missing, truncated or lacks a column.
    """
    rows = cast("list[tuple[str, str, int]]", asked(file, _CLOSED))
    return {(band, sex): closed for band, sex, closed in rows}


def _difference(*, sent_at: float | None, opened_at: float | None) -> float | None:
    return None if sent_at is None or opened_at is None else opened_at - sent_at


def asked(file: Path, query: str) -> list[Row]:
    """Answer a query whose one `?` is the file.

    Raises:
        RunFileError: The file is missing, truncated or lacks a column.
    """
    if not file.exists():
        raise RunFileError(file.name, "", "no such file", "a run directory")
    try:
        with duckdb.connect() as base:
            return base.execute(query, [str(file)]).fetchall()
    except duckdb.Error as problem:
        reason = str(problem).splitlines()[0]
        raise RunFileError(file.name, "", reason, "the published columns") from None
