"""What national runs of the launch must give, beside what was published; 1 when one does not hold.

    python benchmarks/launch_figures.py

The figures of 31 May 2022 were used to fit the launch: that it meets them shows that the shipped
numbers are the fitted ones. The effect of the window is no evidence at all: it follows from the
assumed delay of response, and is given as a range over that delay: as the launch was (nothing opens
before the window of the last wave, and the batch takes months), and where the window alone binds.
"""

from __future__ import annotations

import sys
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

from etalon_scenarios.engine import cohort_engine
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.population_table import population_table
from stopwatch import Figure, write_figures

if TYPE_CHECKING:
    from etalon_scenarios.policies.measuring import Measured

LAUNCH: Final = "launch-2022"
MAY_31: Final = date(2022, 5, 31)
OPPOSED: Final = (0.013, 0.016)
OPEN: Final = (0.9 * 11.2e6, 1.1 * 11.2e6)
ON_REQUEST: Final = (0.0, 0.15)
SCARE_POINTS: Final = (2.0, 3.0)
SCARE_EARLY: Final = (0.8, 0.9)
TAU_DAYS: Final = (4, 6, 8, 10, 12, 15)
WINDOWS: Final = ("P4W", "P10W")
AT_ONCE: Final = ("creation.starts_on=2022-02-28", "creation.per_day.value=100000000")
"""A batch that opens each space on the day after its own window, whatever their number."""

SAMPLE: Final = 1_000_000
"""People of a run of the window: the difference is on the same people and luck."""


@cache
def measured(name: str, *changes: str, people: int | None = None) -> Measured:
    """Run a policy on the whole population, or on a part of it."""
    scenario, engine = load_scenario(name, changes), cohort_engine()
    run = engine.simulate(
        scenario,
        population=people or population_table(scenario).full,
        seed=scenario.seed,
        until=None,
        on_day=None,
        stop=lambda: False,
    )
    return engine.measure(run, scenario)


def on(day: date, curve: str, name: str) -> float:
    """Read a curve of a policy on a day."""
    return float(measured(name).curves[curve][(day - load_scenario(name).starts_on).days])


def checked(value: float, accepted: tuple[float, float]) -> dict[str, Figure]:
    """Set a figure beside what is accepted."""
    low, high = accepted
    return {"value": value, "low": low, "high": high, "holds": low <= value <= high}


def required() -> dict[str, dict[str, Figure]]:
    """Give each figure that is required."""
    last_on, shock_on = load_scenario(LAUNCH).ends_on, load_scenario("press-scare").media.shock_on
    assert shock_on is not None  # noqa: S101 (a shipped file)

    def added(day: date) -> float:
        return on(day, "opposed", "press-scare") - on(day, "opposed", LAUNCH)

    early = [added(shock_on + timedelta(weeks=weeks)) / added(last_on) for weeks in (5, 6)]
    twenty_months = measured("opt-in", "scenario.ends_on=2023-09-30")
    notified = on(last_on, "notified", LAUNCH)
    return {
        "share_opposed_on_31_may": checked(
            on(MAY_31, "opposed", LAUNCH) / on(MAY_31, "notified", LAUNCH), OPPOSED
        ),
        "spaces_open_on_31_may": checked(on(MAY_31, "spaces_open", LAUNCH), OPEN),
        "coverage_on_request_after_20_months": checked(
            twenty_months.figures["coverage", "all", "all"].value, ON_REQUEST
        ),
        "points_added_by_a_scare_of_englands_size": checked(
            100 * added(last_on) / notified, SCARE_POINTS
        ),
        "part_of_it_in_five_to_six_weeks": checked(sum(early) / len(early), SCARE_EARLY),
    }


def window_effects(name: str, *changes: str) -> dict[str, Figure]:
    """Give the points that another window adds to the opt-out rate, for each delay of response."""
    rate = ("opt_out_rate", "all", "all")
    effects: dict[str, Figure] = {}
    for window in WINDOWS:
        points: list[float] = []
        for tau in TAU_DAYS:
            delay = f"response.tau_days.value={tau}"
            times = (f"enrolment.{key}={window}" for key in ("opposition_window", "code_validity"))
            there = measured(name, *changes, delay, *times, people=SAMPLE).figures[rate].value
            here = measured(name, *changes, delay, people=SAMPLE).figures[rate].value
            points.append(round(100 * (there - here), 4))
        effects[f"points_{window}_in_place_of_P6W"] = [*points]
        effects[f"range_{window}"] = [min(points), max(points)]
    return effects


def main() -> int:
    """Write the figures; tell whether all that is required holds."""
    found = required()
    windows: dict[str, Figure] = {
        "follows_from": "the assumption response.tau_days: no evidence for it",
        "tau_days": [*TAU_DAYS],
        "launch": window_effects(LAUNCH),
        "every_space_opened_when_its_window_ends": window_effects("early-opening", *AT_ONCE),
    }
    write_figures({**found, "effect_of_the_window": windows})
    return 0 if all(figure["holds"] for figure in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
