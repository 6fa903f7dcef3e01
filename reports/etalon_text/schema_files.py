"""The JSON Schemas of the result files, and the columns of the tables."""

from __future__ import annotations

import csv
import json
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple, cast

from etalon_text.language import spaced

if TYPE_CHECKING:
    from collections.abc import Mapping

_HERE: Final = Path(__file__).parent
SCHEMA_NAMES: Final = (
    "run",
    "summary",
    "scenario",
    "knowledge",
    "comparison",
    "verdicts",
    "plan",
    "differential",
    "exchange",
    "signature",
    "contest",
    "decision",
    "load",
    "load-comparison",
    "capacity",
    "sweep",
    "session",
    "session-event",
    "calibration",
    "forecast",
    "tour",
)
DIMENSIONS: Final = ("day", "department", "age_band", "sex", "channel")


class Column(NamedTuple):
    """One column of a table.

    Attributes:
        name: Name in the file.
        sql_type: Type DuckDB gives it.
        unit: What is counted, in English.
        fr: Meaning, in French.
        en: Meaning, in English.
    """

    name: str
    sql_type: str
    unit: str
    fr: str
    en: str


@cache
def schema(name: str) -> Mapping[str, object]:
    """Return the JSON Schema (draft 2020-12) of `name`.json.

    Raises:
        LookupError: There is no such schema.
    """
    if name not in SCHEMA_NAMES:
        message = f"no schema {name!r}; there are {', '.join(SCHEMA_NAMES)}"
        raise LookupError(message)
    file = _HERE / "schemas" / f"{name}.schema.json"
    return cast("Mapping[str, object]", json.loads(file.read_text(encoding="utf-8")))


@cache
def daily_columns() -> tuple[Column, ...]:
    """Return the columns of `daily.parquet`, in order; the file is sorted by `DIMENSIONS`."""
    with (_HERE / "columns.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            Column(row["column"], row["type"], row["unit"], spaced(row["fr"], "fr"), row["en"])
            for row in csv.DictReader(lines)
        )


def arrival_columns(file: str) -> tuple[Column, ...]:
    """Return the columns of `arrivals_minute.parquet` or `arrivals.parquet`, in order.

    Raises:
        LookupError: There is no such file.
    """
    return _columns_of("arrival_columns.csv", file)


@cache
def usage_columns() -> tuple[Column, ...]:
    """Return the columns of `usage.parquet`, in order; sorted by day, département and kind."""
    with (_HERE / "usage_columns.csv").open(encoding="utf-8", newline="") as lines:
        return tuple(
            Column(row["column"], row["type"], row["unit"], spaced(row["fr"], "fr"), row["en"])
            for row in csv.DictReader(lines)
        )


def load_columns(file: str) -> tuple[Column, ...]:
    """Return the columns of `timeline.parquet` or `heat.parquet` of a load run, in order.

    Raises:
        LookupError: There is no such file.
    """
    return _columns_of("load_columns.csv", file)


@cache
def _columns_of(table: str, file: str) -> tuple[Column, ...]:
    with (_HERE / table).open(encoding="utf-8", newline="") as lines:
        found = tuple(
            Column(row["column"], row["type"], row["unit"], spaced(row["fr"], "fr"), row["en"])
            for row in csv.DictReader(lines)
            if row["file"] == file
        )
    if not found:
        message = f"no table {file!r} in {table}"
        raise LookupError(message)
    return found


def counters() -> tuple[str, ...]:
    """Return the names of the columns that count, in order."""
    return tuple(column.name for column in daily_columns() if column.name not in DIMENSIONS)
