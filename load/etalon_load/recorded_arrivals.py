"""Arrivals that a simulation wrote: one by one (`arrivals.parquet`) or by the minute.

Both files are read with DuckDB, by their columns, and only where a window asks. Kinds become
journeys by `data/arrival_kinds.csv`; a kind that is a journey already stays what it is.

Format: `docs/reference/files.md`.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final, cast

import duckdb

from etalon_load.arrivals import (
    MICROSECONDS,
    Arrival,
    ArrivalsError,
    Plan,
    compressed,
    recorded,
    thinned,
)
from etalon_load.curves import Curve, plan_of_curve
from etalon_load.journeys.table import journey_of_kind
from etalon_load.windows import Window, window_from

ONE_BY_ONE: Final = ("at_microsecond", "kind", "person")
BY_MINUTE: Final = ("minute", "kind", "mean")
_MINUTE: Final = 60


@dataclass(frozen=True, slots=True)
class Stretch:
    """What a file holds of time.

    Attributes:
        first: Microsecond of its first arrival, from midnight of the first day.
        end: Microsecond after its last.
    """

    first: int
    end: int


def read_plan(  # noqa: PLR0913 (what a plan is made of, each by its name)
    file: Path,
    window: str | None = None,
    *,
    peak: float | None = None,
    time_scale: float = 1.0,
    seed: int = 0,
    among: Collection[str] = (),
) -> Plan:
    """Read the arrivals of a simulation as a plan of journeys.

    Args:
        file: An `arrivals.parquet` or an `arrivals_minute.parquet`, in its run directory.
        window: The stretch to take, such as `2022-02-03T18:00/PT1M`; None for all there is.
        peak: Arrivals in the busiest second. Recorded arrivals are thinned to it and never made
            up; counts by minute are scaled to it.
        time_scale: How many times faster they come.
        seed: What chance starts from, in thinning and in drawing from counts.
        among: The journeys that are kept; none named keeps all.

    Raises:
        ArrivalsError: The file cannot be read or is none of these, the window is none or holds
            nobody; the message says which and what to do.
    """
    columns = _columns_of(file)
    asked = None if window is None else window_from(window)
    if set(ONE_BY_ONE) <= columns:
        plan = compressed(_among(_one_by_one(file, asked), among, file), time_scale)
        return plan if peak is None else thinned(plan, peak, seed)
    if set(BY_MINUTE) <= columns:
        curve = read_minutes(file, asked).among(among)
        seconds = len(curve.totals) * _MINUTE / time_scale
        scaled = curve.peak * time_scale if peak is None else peak
        return plan_of_curve(curve, peak=scaled, seconds=seconds, seed=seed)
    expected = f"{', '.join(ONE_BY_ONE)}, or {', '.join(BY_MINUTE)}"
    message = f"{file} has the columns {', '.join(sorted(columns))}; expected {expected}"
    raise ArrivalsError(message)


def _among(plan: Plan, kinds: Collection[str], file: Path) -> Plan:
    if not kinds:
        return plan
    kept = tuple(arrival for arrival in plan.arrivals if arrival.kind in kinds)
    if not kept:
        found = ", ".join(sorted({arrival.kind for arrival in plan.arrivals}))
        message = f"{file}: none of {', '.join(sorted(kinds))} arrives there, but {found}"
        raise ArrivalsError(message)
    return Plan(kept, plan.seconds)


def read_minutes(file: Path, window: Window | None = None) -> Curve:
    """Read an `arrivals_minute.parquet` as a curve of journeys, minute by minute.

    Raises:
        ArrivalsError: The file cannot be read, or nobody arrives in the window.
    """
    if window is not None and (window.seconds % _MINUTE or window.starts_at.second):
        message = f"{file} counts by the minute: a window of whole minutes is expected"
        raise ArrivalsError(message)
    first = datetime.min if window is None else window.starts_at  # noqa: DTZ901 (civil time)
    end = datetime.max if window is None else first + timedelta(seconds=window.seconds)  # noqa: DTZ901
    query = "SELECT minute, kind, mean FROM arrived WHERE minute >= ? AND minute < ? ORDER BY 1"
    rows = cast("list[tuple[datetime, str, float]]", _rows(file, query, [first, end]))
    if not rows:
        raise ArrivalsError(_nobody(file, window, _span_of_minutes(file)))
    if window is None:
        first, end = rows[0][0], rows[-1][0] + timedelta(minutes=1)
    return _curve(rows, first, (end - first) // timedelta(minutes=1))


def _curve(rows: Sequence[tuple[datetime, str, float]], starts_at: datetime, many: int) -> Curve:
    journeys = journey_of_kind()
    counts: dict[str, list[float]] = {}
    for minute, kind, mean in rows:
        place = int((minute - starts_at).total_seconds()) // _MINUTE
        counts.setdefault(journeys.get(kind, kind), [0.0] * many)[place] += mean
    return Curve(counts, float(_MINUTE))


def _one_by_one(file: Path, window: Window | None) -> Plan:
    stretch = _span(file)
    if window is None:
        first = stretch.first // MICROSECONDS * MICROSECONDS
        seconds = float(-(-(stretch.end - first) // MICROSECONDS))
    else:
        since = window.starts_at - _starts_at(file)
        first, seconds = since // timedelta(microseconds=1), float(window.seconds)
    end = first + int(seconds * MICROSECONDS)
    query = (
        "SELECT at_microsecond, kind, person FROM arrived "
        "WHERE at_microsecond >= ? AND at_microsecond < ?"
    )
    rows = cast("list[tuple[int, str, int]]", _rows(file, query, [first, end]))
    if not rows:
        raise ArrivalsError(_nobody(file, window, _civil(file, stretch)))
    journeys = journey_of_kind()
    arrivals = [Arrival(at, journeys.get(kind, kind), person) for at, kind, person in rows]
    return recorded(arrivals, first, seconds)


def _span(file: Path) -> Stretch:
    ((first, last),) = _rows(file, "SELECT min(at_microsecond), max(at_microsecond) FROM arrived")
    if first is None:
        message = f"{file} holds no arrival"
        raise ArrivalsError(message)
    return Stretch(cast("int", first), cast("int", last) + 1)


def _span_of_minutes(file: Path) -> str:
    ((first, last),) = _rows(file, "SELECT min(minute), max(minute) FROM arrived")
    return "" if first is None else f"; it covers {_iso(first)} to {_iso(last)}"


def _civil(file: Path, stretch: Stretch) -> str:
    midnight = _starts_at(file)
    first, end = (midnight + timedelta(microseconds=at) for at in (stretch.first, stretch.end))
    return f"; it covers {_iso(first)} to {_iso(end)}"


def _iso(instant: object) -> str:
    return cast("datetime", instant).isoformat(timespec="minutes")


def _nobody(file: Path, window: Window | None, covered: str) -> str:
    asked = "" if window is None else f" from {_iso(window.starts_at)} for {window.seconds} s"
    return f"{file}: nobody arrives{asked}{covered}"


def _starts_at(file: Path) -> datetime:
    """Return midnight of the first day of the simulation, from its summary beside the file."""
    summary = file.with_name("summary.json")
    try:
        read = cast("Mapping[str, str]", json.loads(summary.read_text(encoding="utf-8")))
        return datetime.fromisoformat(read["starts_on"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        message = f"{summary} does not say when the simulation starts, which a window asks for"
        raise ArrivalsError(message) from error


def _columns_of(file: Path) -> set[str]:
    if not file.is_file():
        message = f"{file} is no file: name the arrivals.parquet of a run directory"
        raise ArrivalsError(message)
    return {str(name) for name, *_ in _rows(file, "DESCRIBE SELECT * FROM arrived")}


def _rows(file: Path, query: str, values: Sequence[object] = ()) -> list[tuple[object, ...]]:
    """Ask a file of Parquet, which the query calls `arrived`."""
    try:
        with duckdb.connect() as database:
            database.read_parquet(str(file)).create_view("arrived")
            return database.execute(query, list(values)).fetchall()
    except duckdb.Error as error:
        words = str(error).splitlines()[0]
        message = f"{file} cannot be read as Parquet, perhaps it was cut short: {words}"
        raise ArrivalsError(message) from error
