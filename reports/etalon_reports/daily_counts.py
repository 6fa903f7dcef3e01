"""Daily totals of a run, read from `daily.parquet` through DuckDB."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import duckdb

from etalon_reports.record import RunFileError
from etalon_text.schema_files import counters

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class DailyCounts:
    """Counts of the whole run by civil day (Europe/Paris), only days with a row, in order."""

    days: Sequence[date]
    counts: dict[str, Sequence[int]]


def daily_counts(file: Path) -> DailyCounts:
    """Sum every counter over départements, ages, sexes and channels.

    Raises:
        RunFileError: The file is missing, truncated or lacks a column.
    """
    if not file.exists():
        raise RunFileError(file.name, "", "no such file", "a run directory")
    names = counters()
    sums = ", ".join(f"sum({name})::BIGINT" for name in names)
    query = f"SELECT day::DATE, {sums} FROM read_parquet(?) GROUP BY 1 ORDER BY 1"  # noqa: S608
    try:
        with duckdb.connect() as base:
            rows = base.execute(query, [str(file)]).fetchall()
    except duckdb.Error as problem:
        reason = str(problem).splitlines()[0]
        raise RunFileError(file.name, "", reason, "the published columns") from None
    columns = list(zip(*rows, strict=True)) or [() for _ in range(len(names) + 1)]
    return DailyCounts(columns[0], dict(zip(names, columns[1:], strict=True)))
