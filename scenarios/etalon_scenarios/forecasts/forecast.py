"""A forecast: weeks to come, given the first ones, with the interval in which they should lie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.forecasts.courses import KEPT, drawn_courses
from etalon_scenarios.forecasts.observed import ALL, WEEK
from etalon_scenarios.forecasts.scheme import group_courses
from etalon_scenarios.knowledge import drawn_values
from etalon_scenarios.population_table import population_table
from etalon_scenarios.scenario_errors import StudyFileError
from etalon_scenarios.trials import Trial, run_trials
from etalon_scenarios.versions import installed_version

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from etalon_scenarios.engine import Engine
    from etalon_scenarios.forecasts.observed import Observed
    from etalon_scenarios.forecasts.scheme import Scheme
    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.scenario import Scenario

    Floats = NDArray[np.float64]

SCHEMA_VERSION: Final = 1
FORECAST_FILE: Final = "forecast.json"
LEVEL: Final = 0.8
QUANTILES: Final = (0.1, 0.5, 0.9)
FEWEST_DRAWS: Final = 5.0
"""Below so many draws' worth of weight, no draw resembles what was observed."""

_MODEL_ERROR: Final = 0.1
"""Standard deviation, in logarithm, by which a simulated course may miss the truth."""

_OTHER_PEOPLE: Final = 0.05


@dataclass(frozen=True, slots=True)
class Forecast:
    """Weeks to come.

    Attributes:
        weeks: Last day of each week to come.
        totals: Group -> cumulative total at the end of each week, by draw.
        weights: Of the draws; they sum to one.
        weighed: Weights of the draws that these were drawn from, where they were drawn again.
    """

    weeks: tuple[date, ...]
    totals: Mapping[str, Floats]
    weights: Floats
    weighed: Floats | None = None

    @property
    def draws(self) -> int:
        """How many draws were weighed by the weeks known."""
        return len(self.weights if self.weighed is None else self.weighed)

    @property
    def draws_worth(self) -> float:
        """How many draws of equal weight would tell as much."""
        weights = self.weights if self.weighed is None else self.weighed
        return float(1 / np.square(weights).sum())

    def quantiles(self, group: str, week: int, shares: Sequence[float]) -> list[float]:
        """Give the cumulative totals below which some shares of the weight lie."""
        values = self.totals[group][week]
        order = np.argsort(values)
        reached = np.cumsum(self.weights[order])
        places = np.searchsorted(reached, shares)
        return [float(values[order[min(place, len(order) - 1)]]) for place in places]

    def interval(self, group: str, week: int) -> tuple[int, int, int]:
        """Give the 10th, 50th and 90th percentile of a cumulative total."""
        low, middle, high = map(round, self.quantiles(group, week, QUANTILES))
        return low, middle, high


def forecast_scheme(scheme: Scheme, observed: Observed, weeks: int, seed: int) -> Forecast:
    """Forecast a scheme without notice or window."""
    courses = drawn_courses(scheme, observed, weeks, seed)
    parted = group_courses(scheme, observed, courses, seed)
    totals = {
        group: observed.totals[group][-1] + np.cumsum(flows, axis=0)
        for group, flows in parted.items()
    }
    equal = np.full(KEPT, 1 / KEPT)
    return Forecast(_weeks_after(observed, weeks), totals, equal, courses.weights)


def forecast_scenario(  # noqa: PLR0913 (what it depends on, each by its name)
    scenario: Scenario,
    observed: Observed,
    weeks: int,
    *,
    engine: Engine,
    draws: int,
    population: int,
    workers: int,
    stop: Callable[[], bool],
) -> Forecast:
    """Forecast the objections of a campaign: draws of its parameters, weighed by the first weeks.

    Raises:
        StudyFileError: The weeks observed are not those of the scenario, or of other people.
    """
    _check_people(scenario, observed)
    at = _places(scenario, observed, weeks)
    parameters = scenario.parameters()
    trials = {
        rank: Trial(
            population=population,
            seed=scenario.seed,
            values=drawn_values(parameters, scenario.seed, rank),
        )
        for rank in range(draws)
    }
    courses = np.zeros((len(at), draws))
    full = population_table(scenario).full
    for rank, result in run_trials(scenario, engine, trials, workers=workers, stop=stop):
        counted = result.measured.weeks["opposed"]
        courses[:, rank] = [counted[place] * full / population for place in at]
    seen = np.array(observed.totals[ALL], dtype=np.float64)
    known = courses[: len(seen)]
    # Few people simulated leave a total uncertain by its own luck, beside the model's error.
    luck = full / population / np.maximum(known, full / population)
    misses = np.log(np.maximum(known, 1)) - np.log(np.maximum(seen, 1))[:, None]
    likeness = -(np.square(misses) / (2 * (_MODEL_ERROR**2 + luck))).sum(axis=0)
    weights = np.exp(likeness - likeness.max())
    gained = (courses[len(seen) :] - known[-1]) * seen[-1] / np.maximum(known[-1], 1)
    # What a course may miss of the weeks known, it may miss of those to come.
    missed = np.random.default_rng(scenario.seed).normal(0, _MODEL_ERROR, draws)
    to_come = seen[-1] + gained * np.exp(missed)
    return Forecast(_weeks_after(observed, weeks), {ALL: to_come}, weights / weights.sum())


def _weeks_after(observed: Observed, weeks: int) -> tuple[date, ...]:
    return tuple(observed.weeks[-1] + WEEK * (rank + 1) for rank in range(weeks))


def _check_people(scenario: Scenario, observed: Observed) -> None:
    full = population_table(scenario).full
    if abs(observed.population[ALL] - full) > _OTHER_PEOPLE * full:
        raise StudyFileError(
            observed.file,
            "population",
            found=str(observed.population[ALL]),
            accepted=f"the people of the scenario, {full}, within 5 %",
        )


def _places(scenario: Scenario, observed: Observed, weeks: int) -> list[int]:
    """Give the rank of each week, observed and to come, among those of the scenario."""
    first = scenario.starts_on + timedelta(days=6)
    away = (observed.weeks[0] - first).days
    last = observed.weeks[-1] + WEEK * weeks
    if away % 7 or away < 0 or last > scenario.ends_on:
        raise StudyFileError(
            observed.file,
            "week_ends_on",
            found=f"{observed.weeks[0]} to {last}",
            accepted=f"{first} or seven days later, and so on, up to {scenario.ends_on}",
        )
    return [away // 7 + rank for rank in range(len(observed.weeks) + weeks)]


def forecast_record(  # noqa: PLR0913, PLR0917 (what the file tells)
    found: Forecast,
    observed: Observed,
    titles: tuple[str, str, str],
    digest: str,
    seed: int,
    parameters: Sequence[Json],
    source: str = "",
) -> dict[str, Json]:
    """Give what `forecast.json` holds.

    Args:
        found: The forecast.
        observed: The weeks it is conditioned on.
        titles: Name, title in French, title in English.
        digest: Of the scheme, or of the scenario.
        seed: Of the draws.
        parameters: What was drawn, with its ranges.
        source: Where the weeks were published; their file when empty.
    """
    groups: list[Json] = []
    for group in found.totals:
        rows: list[Json] = []
        for week, day in enumerate(found.weeks):
            low, middle, high = found.interval(group, week)
            rows.append(
                {"week_ends_on": day.isoformat(), "low": low, "middle": middle, "high": high}
            )
        groups.append(
            {
                "group": group,
                "population": observed.population[group],
                "observed": list(observed.totals[group]),
                "weeks": rows,
            }
        )
    return {
        "schema_version": SCHEMA_VERSION,
        "kind": "forecast",
        "etalon_version": installed_version(),
        "name": titles[0],
        "title_fr": titles[1],
        "title_en": titles[2],
        "digest": digest,
        "observed_sha256": observed.sha256,
        "observed_source": source or observed.file,
        "observed_weeks": [day.isoformat() for day in observed.weeks],
        "seed": seed,
        "level": LEVEL,
        "draws": found.draws,
        "draws_worth": round(found.draws_worth, 1),
        "conditioned": found.draws_worth >= FEWEST_DRAWS,
        "parameters": list(parameters),
        "groups": groups,
    }
