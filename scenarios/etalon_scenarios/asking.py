"""Questions asked from Python: what `etalon simulate` and `etalon compare` answer, as frames.

    >>> from etalon_scenarios import run
    >>> answer = run("launch-2022", population=20_000, enrolment__opposition_window="P10W")
    >>> answer.rates

Same people, same luck, same figures as the command line with the same scenario, people and seed.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Final, cast

import numpy as np

from etalon_scenarios.arrivals import Attendance
from etalon_scenarios.engine import engine_named
from etalon_scenarios.frames import columns_of, frame_of
from etalon_scenarios.ledger import COUNTERS
from etalon_scenarios.life.following import counts_lives, follow
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.policies.comparable import first_apart
from etalon_scenarios.policies.comparison import Comparison
from etalon_scenarios.policies.pairing import REPLICATIONS
from etalon_scenarios.population_table import population_table
from etalon_scenarios.run_directory import RunDirectory
from etalon_scenarios.run_record import ComparisonPlan, ComparisonRecord, inputs_of
from etalon_scenarios.scenario_errors import ScenarioError
from etalon_scenarios.tally import Tally

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from decimal import Decimal

    from etalon_scenarios.frames import Frame
    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.runs import Run
    from etalon_scenarios.scenario import Scenario

    Value = str | int | float | Decimal | date

ENGINE: Final = "cohort"
PEOPLE: Final = 200_000
"""People simulated where nothing else is asked for: seconds, and shares to three digits."""

_INTERVALS: Final = ("chance", "sample_noise", "knowledge")


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What one simulation gave.

    Attributes:
        scenario: What was simulated, changes made.
        run: The simulation itself.
        summary: What `summary.json` of a run directory holds (docs/reference/files.md).
    """

    scenario: Scenario
    run: Run
    summary: Mapping[str, Json]

    @cached_property
    def daily(self) -> Frame:
        """One row a civil day (Europe/Paris): each counter of `daily.parquet`, people simulated."""
        tally, days = Tally(self.run), self.run.days_done
        first = np.datetime64(self.scenario.starts_on, "D")
        counts = {
            name: np.array([tally.of_day(name, day) for day in range(days)]) for name in COUNTERS
        }
        return frame_of({"day": first + np.arange(days), **counts})

    @property
    def rates(self) -> Frame:
        """One row a rate: its value, the two counts, and the name of what is counted below."""
        return self._rows("rates")

    @property
    def measured(self) -> Frame:
        """One row a published figure: simulated, measured, accepted, and where it was read."""
        return self._rows("comparisons")

    @property
    def by_age_band(self) -> Frame:
        """One row an age band: its people, and what happened to them."""
        return self._rows("by_age_band")

    @property
    def by_department(self) -> Frame:
        """The same, one row a département."""
        return self._rows("by_department")

    def _rows(self, key: str) -> Frame:
        return frame_of(columns_of(cast("Sequence[Mapping[str, Json]]", self.summary[key])))


@dataclass(frozen=True, kw_only=True)
class Compared:
    """What policies gave on the same people and luck.

    Attributes:
        result: What `comparison.json` holds (docs/reference/files.md).
    """

    result: Mapping[str, Json]

    @property
    def figures(self) -> Frame:
        """One row a policy, measure and group: its value."""
        return self._rows("figures")

    @property
    def differences(self) -> Frame:
        """One row a policy, measure and group: from, to, difference, both intervals.

        `chance` is at 95 %; `knowledge`, where parameters were drawn, from the 10th to the 90th
        percentile; `distinguishable` tells whether the difference can be told from none.
        """
        return self._rows("differences")

    def _rows(self, key: str) -> Frame:
        rows = cast("Sequence[Mapping[str, Json]]", self.result[key])
        return frame_of(columns_of(rows, pairs=_INTERVALS))


def run(
    scenario: str,
    *,
    population: int | None = None,
    seed: int | None = None,
    until: date | None = None,
    **levers: Value,
) -> Answer:
    """Simulate a scenario.

    Args:
        scenario: Name of a shipped scenario, path of a file, or PACK:NAME.
        population: People simulated, up to those of its scope; `PEOPLE` if not given.
        seed: Seed of every draw, or that of the scenario.
        until: Last day simulated, or that of the scenario.
        levers: Any key of a scenario file, its dots written `__`.

    Raises:
        ScenarioError: The scenario or a lever cannot be used; the message says what to mend.
        ValueError: There are not so many people, or fewer than one.
    """
    loaded = load_scenario(scenario, changes_of(levers))
    engine = engine_named(ENGINE)
    attendance = Attendance(hears_lives=True) if counts_lives(loaded) else None
    simulated = engine.simulate(
        loaded,
        population=_people(loaded, population),
        seed=loaded.seed if seed is None else seed,
        until=until,
        on_day=None,
        stop=lambda: False,
        observer=attendance,
    )
    done = cast("Run", simulated)
    if attendance is not None:
        done = follow(done, loaded, attendance, engine=engine.name)
    return Answer(
        scenario=loaded, run=done, summary={**engine.summarise(done, loaded), "engine": ENGINE}
    )


def compare(
    first: str,
    *others: str,
    population: int | None = None,
    seed: int | None = None,
    until: date | None = None,
    draws: int = 0,
    **policies: Mapping[str, Value],
) -> Compared:
    """Simulate policies on the same people and luck, and tell how each differs from the first.

    Args:
        first: The scenario that the others are compared with, as `run` takes it.
        others: Other scenarios.
        population: People simulated of each, as `run` takes it.
        seed: Seed of every draw, the same for all, or that of the first.
        until: Last day simulated, or that of the scenarios.
        draws: Draws of the parameters behind the interval of knowledge; 0 for none.
        policies: Name -> levers: the first scenario with these changes.

    Raises:
        ScenarioError: A scenario or a lever cannot be used, or two cannot be compared.
        ValueError: There is one policy only, or there are not so many people.
    """
    asked = [(name, load_scenario(name)) for name in (first, *others)]
    asked += [(first, _variant(first, name, levers)) for name, levers in policies.items()]
    _check_comparable([scenario for _, scenario in asked])
    base = asked[0][1]
    people = _people(base, population)
    plan = ComparisonPlan(
        policies=tuple(scenario.name for _, scenario in asked),
        changes=(),
        engine=ENGINE,
        population=people,
        seed=base.seed if seed is None else seed,
        until=until,
        knowledge_draws=draws,
        knowledge_population=min(people, PEOPLE),
        replications=REPLICATIONS,
    )
    inputs = tuple(inputs_of(base))
    record = ComparisonRecord(plan=plan, arguments=(), started_at=datetime.now(UTC), inputs=inputs)
    with TemporaryDirectory(prefix="etalon-") as folder:
        comparison = Comparison(
            record=record,
            scenarios=tuple(asked),
            directory=RunDirectory(Path(folder)),
            engine=engine_named(ENGINE),
        )
        comparison.carry_out()
        return Compared(result=comparison.result)


def changes_of(levers: Mapping[str, Value]) -> tuple[str, ...]:
    """Return levers as `--set` takes them: `reading__email=0.5` is `reading.email=0.5`."""
    return tuple(f"{key.replace('__', '.')}={_typed(value)}" for key, value in levers.items())


def _typed(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _variant(base: str, name: str, levers: Mapping[str, Value]) -> Scenario:
    named = name.replace("_", "-")
    heading = {f"scenario.{key}": named for key in ("name", "title_fr", "title_en")}
    return load_scenario(base, changes_of({**heading, **levers}))


def _people(scenario: Scenario, asked: int | None) -> int:
    full = population_table(scenario).full
    people = min(PEOPLE, full) if asked is None else asked
    if not 1 <= people <= full:
        message = f"population {people}: {scenario.name} has 1 to {full} people"
        raise ValueError(message)
    return people


def _check_comparable(scenarios: Sequence[Scenario]) -> None:
    if len(scenarios) < 2:  # noqa: PLR2004 (a comparison has two sides)
        message = f"{scenarios[0].name} alone: name another scenario, or a policy by its levers"
        raise ValueError(message)
    apart = first_apart(scenarios)
    if apart is not None:
        raise ScenarioError(apart.name, apart.key, found=apart.found, accepted=apart.expected)
