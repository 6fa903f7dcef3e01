"""Run a finished run again, and say whether it gives the same, differs, or cannot be run again.

What is compared: every row of `daily.parquet`, then `summary.json` but for its key `run`, then
`knowledge.json`, then every arrival, by minute and one by one, and every row of `usage.parquet`
where there is one. A run can be repeated only by the
same version, from files with the same digest, a checkpoint among them.
"""

from __future__ import annotations

import filecmp
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from etalon_scenarios.arrivals_files import ARRIVALS_FILE, MINUTES_FILE, first_different_row
from etalon_scenarios.daily_file import DAILY_FILE, days_of, first_day_apart, read_daily
from etalon_scenarios.draws_file import KNOWLEDGE_FILE
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.run_directory import RUN_FILE, RunDirectory, sha256_of
from etalon_scenarios.run_record import (
    CHECKPOINT,
    Plan,
    RunRecord,
    inputs_of,
    plan_from_json,
)
from etalon_scenarios.scenario_errors import ScenarioError
from etalon_scenarios.study import SUMMARY_FILE, Stage, Study
from etalon_scenarios.trials import days_planned
from etalon_scenarios.usage_file import USAGE_FILE
from etalon_scenarios.versions import installed_version
from etalon_scenarios.windows import wanted_arrivals
from etalon_text.schema_files import DIMENSIONS, arrival_columns, daily_columns, usage_columns

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from datetime import date

    from etalon_scenarios.daily_file import Row
    from etalon_scenarios.engine import Engine, Simulate
    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.scenario import Scenario

_APART: Final = "run"
"""Key of `summary.json` under which equal runs may differ."""


@dataclass(frozen=True, slots=True)
class Same:
    """The run gives the same.

    Attributes:
        days: Days compared.
        draws: Knowledge draws compared.
    """

    days: int
    draws: int


@dataclass(frozen=True, slots=True)
class DifferentDay:
    """A count differs.

    Attributes:
        day: First day on which anything differs, ISO 8601.
        counter: First counter that differs on that day, in the order of the columns.
        found: Its total on that day in the run that was given.
        expected: Its total on that day now.
    """

    day: str
    counter: str
    found: int
    expected: int


@dataclass(frozen=True, slots=True)
class DifferentKey:
    """The days are the same, but a result drawn from them differs.

    Attributes:
        file: `summary.json`, `knowledge.json` or a file of arrivals.
        key: First dotted key that differs, or the row and column of a table.
        found: Its value in the run that was given, as text.
        expected: Its value now, as text.
    """

    file: str
    key: str
    found: str
    expected: str


@dataclass(frozen=True, slots=True)
class Cannot:
    """The run cannot be repeated here.

    Attributes:
        reason: `unreadable`, `partial`, `version`, `input_missing`, `input_changed` or `stopped`.
        found: What was found.
        expected: What would be needed.
    """

    reason: str
    found: str
    expected: str = ""


Verdict: TypeAlias = Same | DifferentDay | DifferentKey | Cannot


def reproduce(
    path: Path,
    engine: Callable[[str], Engine],
    *,
    workers: int,
    stop: Callable[[], bool],
    progress: Callable[[Stage, int, int, str], None],
) -> Verdict:
    """Repeat the run in `path` and compare.

    Args:
        path: A run directory.
        engine: Gives an engine by its name.
        workers: Processes for replications and draws.
        stop: Asked after each simulated day; yes makes the verdict `Cannot`.
        progress: Told (stage, done, total, detail).
    """
    given = RunDirectory(path)
    try:
        record = cast("Mapping[str, Json]", given.read_json(RUN_FILE))
        plan = plan_from_json(record)
        repeatable = _repeatable(record, plan)
        if isinstance(repeatable, Cannot):
            return repeatable
        days_of(path / DAILY_FILE)
        summary, draws = given.read_json(SUMMARY_FILE), _read_draws(given, plan)
        wanted = wanted_arrivals(
            cast("str | None", record.get("arrivals")),
            repeatable.starts_on,
            days_planned(repeatable, plan.until),
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        return Cannot("unreadable", f"{type(error).__name__}: {error}")
    with tempfile.TemporaryDirectory(prefix="etalon-reproduce-") as folder:
        again = RunDirectory(Path(folder))
        study = Study(
            record=RunRecord(
                plan=plan, command="reproduce", arguments=(), started_at=datetime.now(UTC)
            ),
            scenario=repeatable,
            directory=again,
            engine=engine(plan.engine),
            workers=workers,
            stop=stop,
            progress=progress,
            arrivals=wanted,
            simulate=_from_checkpoint(record, again),
        )
        if not study.carry_out():
            return Cannot("stopped", "")
        found = _first_difference(given, again, plan, summary, draws)
    return found or Same(days_planned(repeatable, plan.until), plan.knowledge_draws)


def _first_difference(
    given: RunDirectory, again: RunDirectory, plan: Plan, summary: Json, draws: Json
) -> DifferentDay | DifferentKey | Cannot | None:
    """Compare the files of two runs, those of the given one read already where they are JSON."""
    try:
        return (
            first_different_day(given.path / DAILY_FILE, again.path / DAILY_FILE)
            or _first_different_key(SUMMARY_FILE, summary, again.read_json(SUMMARY_FILE))
            or _first_different_key(KNOWLEDGE_FILE, draws, _read_draws(again, plan))
            or first_different_arrival(given.path, again.path)
        )
    except ValueError as error:
        return Cannot("unreadable", f"{type(error).__name__}: {error}")


def _repeatable(record: Mapping[str, Json], plan: Plan) -> Scenario | Cannot:
    """Load the scenario again if version, status and files allow it."""
    if record["status"] != "complete":
        return Cannot("partial", str(record["status"]), "complete")
    if record["etalon_version"] != installed_version():
        return Cannot("version", installed_version(), str(record["etalon_version"]))
    recorded = cast("Sequence[Mapping[str, str]]", record["inputs"])
    try:
        scenario = load_scenario(plan.scenario, plan.changes)
    except ScenarioError as error:
        return Cannot("input_missing", str(error))
    now = {(entry["role"], entry["path"]): entry["sha256"] for entry in inputs_of(scenario)}
    for entry in recorded:
        digest = now.get((entry["role"], entry["path"]))
        if entry["role"] == CHECKPOINT:
            path = Path(entry["path"])
            digest = sha256_of(path) if path.is_file() else None
        if digest != entry["sha256"]:
            return Cannot("input_changed", entry["path"], entry["sha256"])
    return scenario


def _from_checkpoint(record: Mapping[str, Json], directory: RunDirectory) -> Simulate | None:
    """Go on from the checkpoint that the run went on from, if it did."""
    recorded = cast("Sequence[Mapping[str, str]]", record["inputs"])
    paths = [Path(entry["path"]) for entry in recorded if entry["role"] == CHECKPOINT]
    if not paths:
        return None
    from etalon_scenarios.checkpointed import CheckpointedSimulation  # noqa: PLC0415 (an engine)

    return CheckpointedSimulation(directory, start_from=paths[0])


def _read_draws(directory: RunDirectory, plan: Plan) -> Json:
    return directory.read_json(KNOWLEDGE_FILE) if plan.knowledge_draws else {}


def first_different_day(given: Path, again: Path) -> DifferentDay | None:
    """Find the first day and counter on which two `daily.parquet` differ, or None.

    A difference that leaves every total of its day equal (people of another cell) is told with
    the first counter whose cells differ. Files that are equal byte for byte are not read further.

    Raises:
        ValueError: A file is missing, truncated, or has other columns.
    """
    if filecmp.cmp(given, again, shallow=False):
        return None
    day = first_day_apart(given, again)
    if day is None:
        return None
    return _first_different_counter(day, read_daily(given, day), read_daily(again, day))


def _first_different_counter(day: date, mine: Sequence[Row], theirs: Sequence[Row]) -> DifferentDay:
    names = [column.name for column in daily_columns()]
    counters = range(len(DIMENSIONS), len(names))
    totals = [(rank, _total(mine, rank), _total(theirs, rank)) for rank in counters]
    by_total = [part for part in totals if part[1] != part[2]]
    by_cell = [part for part in totals if _cells(mine, part[0]) != _cells(theirs, part[0])]
    rank, found, expected = (by_total or by_cell)[0]
    return DifferentDay(day.isoformat(), names[rank], found, expected)


def _total(rows: Sequence[Row], rank: int) -> int:
    return sum(cast("int", row[rank]) for row in rows)


def _cells(rows: Sequence[Row], rank: int) -> dict[Row, object]:
    return {row[: len(DIMENSIONS)]: row[rank] for row in rows if row[rank]}


def first_different_arrival(given: Path, again: Path) -> DifferentKey | None:
    """Find the first row and column in which arrivals or usage of two runs differ, or None.

    Raises:
        ValueError: A file is truncated, or has other columns.
    """
    for file in (MINUTES_FILE, ARRIVALS_FILE, USAGE_FILE):
        one, other = given / file, again / file
        if one.is_file() != other.is_file():
            return DifferentKey(file, "file", *(str(path.is_file()) for path in (one, other)))
        if one.is_file() and not filecmp.cmp(one, other, shallow=False):
            columns = usage_columns() if file == USAGE_FILE else arrival_columns(file)
            names = [column.name for column in columns]
            if (found := first_different_row(one, other, names)) is not None:
                row, column, mine, theirs = found
                return DifferentKey(file, f"row {row}, {column}", _short(mine), _short(theirs))
    return None


def _first_different_key(file: str, given: Json, again: Json) -> DifferentKey | None:
    for key, found, expected in _differences("", given, again):
        return DifferentKey(file, key, _short(found), _short(expected))
    return None


def _differences(path: str, given: Json, again: Json) -> Iterator[tuple[str, Json, Json]]:
    """Yield dotted key, value given and value now, where two JSON values differ."""
    if isinstance(given, dict) and isinstance(again, dict):
        for key in sorted({*given, *again}):
            if path or key != _APART:
                below = f"{path}.{key}" if path else key
                yield from _differences(below, given.get(key), again.get(key))
    elif isinstance(given, list) and isinstance(again, list) and len(given) == len(again):
        for rank, (one, other) in enumerate(zip(given, again, strict=True)):
            yield from _differences(f"{path}.{rank}", one, other)
    elif given != again:
        yield path, given, again


def _short(value: Json) -> str:
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"  # noqa: PLR2004 (room on one line)
