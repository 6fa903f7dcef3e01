"""The result files of a load run, read once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import duckdb

from etalon_reports.record import RunFileError, read_record

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from etalon_reports.record import Record

SUMMARY_FILE: Final = "summary.json"
TIMELINE_FILE: Final = "timeline.parquet"
HEAT_FILE: Final = "heat.parquet"
CAPACITY_FILE: Final = "capacity.json"
DECISION_FILE: Final = "decision.json"
COMPARISON_FILE: Final = "load-comparison.json"
VERDICTS: Final = ("PASS", "FAIL", "INCONCLUSIVE", "INVALID")
_KIND: Final = "load"


class Cell(NamedTuple):
    """Requests of one class of latency within one stretch, as `heat.parquet` holds them."""

    first_second: int
    seconds: int
    low_us: int
    high_us: int
    requests: int


class Counted(NamedTuple):
    """Requests of one second of one step, as `timeline.parquet` holds them."""

    second: int
    journey: str
    step: str
    sent: int
    within: int


@dataclass(frozen=True, slots=True)
class LoadFiles:
    """A load run, as its files tell it.

    Attributes:
        directory: Where they stand.
        summary: summary.json.
        heat: heat.parquet.
        counted: timeline.parquet, the rows of single steps.
        capacity: capacity.json, where the directory holds one.
    """

    directory: Path
    summary: Record
    heat: Sequence[Cell]
    counted: Sequence[Counted]
    capacity: Record | None

    @property
    def asked(self) -> Record:
        """What was asked of the run."""
        return self.summary.record("asked")

    @property
    def verdict(self) -> str:
        """PASS, FAIL, INCONCLUSIVE or INVALID."""
        return self.summary.text("verdict")

    @property
    def objectives(self) -> Sequence[Record]:
        """Each objective with what was found."""
        return self.summary.rows("objectives")

    @property
    def seconds(self) -> int:
        """How long the figures of the run reach (s)."""
        last = self.summary.rows("stretches")[-1]
        return last.count("first_second") + last.count("seconds")


def is_load(directory: Path) -> bool:
    """Tell whether a directory holds a load run."""
    return (directory / TIMELINE_FILE).is_file() and (directory / HEAT_FILE).is_file()


def is_load_comparison(directory: Path) -> bool:
    """Tell whether a directory holds two load runs compared."""
    return (directory / COMPARISON_FILE).is_file()


def is_decision(directory: Path) -> bool:
    """Tell whether a directory holds a decision."""
    return (directory / DECISION_FILE).is_file()


def is_capacity(directory: Path) -> bool:
    """Tell whether a directory holds a search for capacity."""
    return (directory / CAPACITY_FILE).is_file()


def has_load_page(directory: Path) -> bool:
    """Tell whether a directory holds something of load that has a page."""
    kinds = (is_load, is_load_comparison, is_decision, is_capacity)
    return any(kind(directory) for kind in kinds)


def read_load(directory: Path) -> LoadFiles:
    """Read the files of a load run.

    Raises:
        RunFileError: One is missing, truncated or not as published.
    """
    summary = read_record(directory / SUMMARY_FILE)
    if summary.optional_text("kind") != _KIND:
        raise RunFileError(SUMMARY_FILE, "kind", "no load run", _KIND)
    if summary.text("verdict") not in VERDICTS:
        found = f"found {summary.text('verdict')!r}"
        raise RunFileError(SUMMARY_FILE, "verdict", found, ", ".join(VERDICTS))
    if not summary.rows("stretches"):
        raise RunFileError(SUMMARY_FILE, "stretches", "found none", "a stretch at least")
    heat = _rows(directory / HEAT_FILE, Cell._fields, "TRUE")
    counted = _rows(directory / TIMELINE_FILE, Counted._fields, "journey IS NOT NULL")
    capacity = directory / CAPACITY_FILE
    return LoadFiles(
        directory,
        summary,
        [Cell(*row) for row in heat],
        [Counted(*row) for row in counted],
        read_record(capacity) if capacity.is_file() else None,
    )


def _rows(file: Path, columns: Sequence[str], kept: str) -> Sequence[tuple[Any, ...]]:
    if not file.is_file():
        raise RunFileError(file.name, "", "no such file", "the directory of a load run")
    query = f"SELECT {', '.join(columns)} FROM read_parquet(?) WHERE {kept}"  # noqa: S608 (own names)
    try:
        with duckdb.connect() as database:
            return database.execute(query, [str(file)]).fetchall()
    except duckdb.Error as error:
        problem = f"cannot be read ({str(error).splitlines()[0]})"
        raise RunFileError(file.name, "", problem, "Parquet") from error
