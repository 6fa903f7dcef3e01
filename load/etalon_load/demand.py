"""What a simulated launch asks of a platform, and what is not known of it.

Chance: a run counts arrivals minute by minute. What was expected of a minute is the mean of its
block of minutes (the hours of a scenario are even within), and counts spread around it as they did
in the run: as a Poisson process does, or wider.

Knowledge: the draws of a run tell counts by week, not by minute. A draw therefore moves the minutes
of a week by the ratio of its count to that of the central run of the draws; which count moves which
kind of arrival stands in `data/arrival_drivers.csv`.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from importlib.resources import files
from pathlib import Path
from typing import Final, TypeAlias, cast

import duckdb
import numpy as np

DAY_MINUTES: Final = 1440
BLOCKS: Final = (15, 60)
"""Minutes over which what was expected is taken, shortest first."""

ENOUGH: Final = 2_500
"""Arrivals in the busiest block from which its mean is known to one part in fifty."""

WHOLE: Final = 49.0
"""Minutes of everybody in a block: its mean then errs seven times less than a minute strays."""

FEWEST_EVENTS: Final = 400
"""With fewer in a week of the central run, a draw's ratio is that of all its weeks."""

_WEEK_DAYS: Final = 7
Floats: TypeAlias = "np.ndarray[tuple[int], np.dtype[np.float64]]"


class DemandError(ValueError):
    """A run directory that tells no demand; the message says which file, what and what to do."""


@dataclass(frozen=True, slots=True)
class Draw:
    """One draw of the parameters.

    Attributes:
        parameters: Their values, by path.
        ratios: Kind of arrival -> how many times the arrivals of the run, week by week.
    """

    parameters: Mapping[str, float]
    ratios: Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Demand:
    """Who comes in a simulated launch, at the scale of the country.

    Attributes:
        scenario: Name of the scenario.
        title: Its title, by language.
        starts_on: First day; minutes count from its midnight, civil time of Paris.
        days: How many days were simulated.
        population: People simulated.
        full: People of the scenario.
        replications: Runs that the counts are a mean of.
        block_minutes: Minutes over which what was expected was taken.
        expected: Kind -> arrivals a minute expected in each block.
        dispersion: Variance of a count over its mean; 1 for a Poisson process.
        known: Whether the busiest block rests on arrivals enough.
        draws: Draws of the parameters, none where none were made.
        seed: Of the run.
    """

    scenario: str
    title: Mapping[str, str]
    starts_on: date
    days: int
    population: int
    full: int
    replications: int
    block_minutes: int
    expected: Mapping[str, Floats]
    dispersion: float
    known: bool
    draws: tuple[Draw, ...]
    seed: int = 0

    @property
    def blocks(self) -> int:
        """How many blocks the days have."""
        return self.days * DAY_MINUTES // self.block_minutes

    def of_draw(self, draw: Draw | None) -> Floats:
        """Return arrivals a minute of all kinds in each block, under a draw or at the values."""
        whole = np.zeros(self.blocks)
        weeks = np.arange(self.blocks) * self.block_minutes // (DAY_MINUTES * _WEEK_DAYS)
        for kind, expected in self.expected.items():
            whole += expected if draw is None else expected * draw.ratios[kind][weeks]
        return whole

    def begins(self, block: int) -> datetime:
        """Return the first minute of a block, civil time of Paris."""
        midnight = datetime.combine(self.starts_on, datetime.min.time())
        return midnight + timedelta(minutes=block * self.block_minutes)


def read_demand(run: Path) -> Demand:
    """Read what a run directory says of arrivals.

    Raises:
        DemandError: It is no complete run directory, or a file of it cannot be read.
    """
    summary = _json(run / "summary.json")
    record = _json(run / "run.json")
    try:
        if record["status"] != "complete":
            message = f"{run}: the run is {record['status']}: let it end first (--resume)"
            raise DemandError(message)
        plan = cast("Mapping[str, int]", record["plan"])
        starts_on = date.fromisoformat(str(summary["starts_on"]))
        days = (date.fromisoformat(str(summary["last_day_on"])) - starts_on).days + 1
        people = int(cast("int", summary["population"]))
        full = int(cast("int", summary["full_population"]))
        counts, spreads = _minutes(run / "arrivals_minute.parquet", starts_on, days)
        block, known = _block(counts, int(plan["replications"]), people / full)
        return Demand(
            scenario=str(summary["scenario"]),
            title={one: str(summary[f"title_{one}"]) for one in ("fr", "en")},
            starts_on=starts_on,
            days=days,
            population=people,
            full=full,
            replications=int(plan["replications"]),
            block_minutes=block,
            expected={kind: _means(one, block) * full / people for kind, one in counts.items()},
            dispersion=_dispersion(counts, spreads, block, int(plan["replications"])),
            known=known,
            draws=_draws(run, days),
            seed=int(plan["seed"]),
        )
    except (KeyError, TypeError, ValueError) as error:
        if isinstance(error, DemandError):
            raise
        message = f"{run}: no run directory of `etalon simulate`, or a damaged one ({error!r})"
        raise DemandError(message) from error


def _json(file: Path) -> Mapping[str, object]:
    try:
        read: object = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        message = f"{file} cannot be read ({error}): name a run directory of `etalon simulate`"
        raise DemandError(message) from error
    if not isinstance(read, dict):
        message = f"{file}: a JSON object is expected"
        raise DemandError(message)
    return cast("Mapping[str, object]", read)


def _minutes(file: Path, starts_on: date, days: int) -> tuple[dict[str, Floats], Floats]:
    """Return the mean count of each minute by kind, and the variance of all kinds together."""
    query = (
        "SELECT kind, date_diff('minute', ?, minute), mean, coalesce(spread, 0) "
        "FROM read_parquet(?) ORDER BY kind, minute"
    )
    try:
        with duckdb.connect() as database:
            rows = database.execute(query, [starts_on, str(file)]).fetchall()
    except duckdb.Error as error:
        message = f"{file} cannot be read, perhaps it was cut short: {str(error).splitlines()[0]}"
        raise DemandError(message) from error
    size = days * DAY_MINUTES
    counts: dict[str, Floats] = {}
    variances = np.zeros(size)
    for kind, minute, mean, spread in cast("list[tuple[str, int, float, float]]", rows):
        if kind not in counts:
            counts[kind] = np.zeros(size)
        counts[kind][minute] = mean
        variances[minute] += spread * spread
    if not counts:
        message = f"{file} holds no arrival"
        raise DemandError(message)
    return counts, variances


def _means(counts: Floats, block: int) -> Floats:
    return cast("Floats", counts.reshape(-1, block).mean(axis=1))


def _block(counts: Mapping[str, Floats], replications: int, scope: float) -> tuple[int, bool]:
    """Choose the shortest block that holds arrivals enough where it is busiest.

    Where none does, the longest is as good when everybody was simulated: what is not known of its
    mean is then little beside the chance of a minute.
    """
    whole = sum(counts.values(), start=np.zeros(1))
    for block in BLOCKS:
        if _means(whole, block).max() * block * replications >= ENOUGH:
            return block, True
    return BLOCKS[-1], BLOCKS[-1] * replications * scope >= WHOLE


def _dispersion(
    counts: Mapping[str, Floats], variances: Floats, block: int, replications: int
) -> float:
    """Return the variance of a minute's count over its mean, at least 1.

    Between replications where there are some, else between the minutes of a block.
    """
    whole = sum(counts.values(), start=np.zeros(1))
    if replications > 1:
        seen = variances.sum() / whole.sum()
    else:
        within = whole.reshape(-1, block).var(axis=1, ddof=1)
        seen = within.sum() * block / whole.sum()
    return max(1.0, float(seen))


def _draws(run: Path, days: int) -> tuple[Draw, ...]:
    file = run / "knowledge.json"
    if not file.exists():
        return ()
    knowledge = _json(file)
    central = _central_parameters(run)
    before = cast("Mapping[str, Sequence[int]]", knowledge["central_weeks"])
    rows = cast("Sequence[Mapping[str, Mapping[str, object]]]", knowledge["draws"])
    return tuple(_draw(row, before, central, -(-days // _WEEK_DAYS)) for row in rows)


def _central_parameters(run: Path) -> dict[str, float]:
    listed = cast("Sequence[Mapping[str, object]]", _json(run / "scenario.json")["parameters"])
    return {
        str(one["path"]): float(cast("float", one["value"]))
        for one in listed
        if one["kind"] == "number"
    }


def _draw(
    row: Mapping[str, Mapping[str, object]],
    before: Mapping[str, Sequence[int]],
    central: Mapping[str, float],
    weeks: int,
) -> Draw:
    parameters = {path: float(cast("float", one)) for path, one in row["parameters"].items()}
    after = cast("Mapping[str, Sequence[int]]", row["weeks"])

    def moved(path: str) -> float:
        return parameters[path] / central[path] if path in parameters and path in central else 1.0

    ratios: dict[str, Floats] = {}
    for driver in _drivers():
        ratio = _ratio(before[driver["counter"]], after[driver["counter"]], driver["counted"])
        factor = moved(driver["times"]) / moved(driver["over"])
        ratios[driver["kind"]] = np.resize(ratio, weeks) * factor
    return Draw(parameters, ratios)


def _ratio(before: Sequence[int], after: Sequence[int], counted: str) -> Floats:
    """Return how many times the count of the central run a draw has, week by week."""
    one, other = np.array(before, np.float64), np.array(after, np.float64)
    overall = other[-1] / one[-1] if one[-1] else 1.0
    if counted == "flow":
        one, other = np.diff(one, prepend=0.0), np.diff(other, prepend=0.0)
    ratio = np.full(len(one), overall)
    told = one >= FEWEST_EVENTS
    ratio[told] = other[told] / one[told]
    return ratio


def _drivers() -> list[dict[str, str]]:
    table = files("etalon_load").joinpath("data/arrival_drivers.csv").read_text(encoding="utf-8")
    return list(csv.DictReader(table.splitlines(), strict=True))
