"""Show that a calibration recovers parameters that are known, as often as it says.

Each trial draws two parameters within their ranges, simulates 20,000 people with them, by a seed
that the calibration never uses, and fits the parameters to two figures of that run. A parameter is
recovered when the value drawn lies within the 95 % interval stated.

    python scripts/recovery_proof.py [--trials 100] [--workers 2]

Exit code 1 when a parameter is recovered in fewer than 90 % of the trials.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import partial
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from etalon_scenarios.calibrations.calibration import calibrate
from etalon_scenarios.calibrations.plan import Fitted, Plan
from etalon_scenarios.cohort import simulate
from etalon_scenarios.comparisons import simulate_target
from etalon_scenarios.knowledge import drawn_values
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.tally import Tally
from etalon_scenarios.targets import Target, shipped_targets

PEOPLE = 20_000
SEEDS = 2
FIGURES = ("A22", "K05")
PATHS = ("intent.opposition", "intent.activation")
CHANGES = ("scenario.ends_on=2021-10-31",)
"""Both figures are settled by then; a run costs half as much."""

NEEDED = 0.9


@dataclass(frozen=True, slots=True)
class Found:
    """What a trial found of one parameter.

    Attributes:
        true: The value drawn.
        value: The value fitted.
        low: Lower end of its 95 % interval.
        high: Upper end.
    """

    true: float
    value: float
    low: float
    high: float

    @property
    def recovered(self) -> bool:
        """Whether the value drawn lies within the interval stated."""
        return self.low <= self.true <= self.high

    @property
    def half_width(self) -> float:
        """Half of the interval, relative to the value drawn."""
        return (self.high - self.low) / (2 * self.true)


def trial(number: int, people: int = PEOPLE) -> dict[str, Found]:
    """Draw, simulate, fit: path -> what was found of it."""
    scenario = load_scenario("pilot-2021", CHANGES)
    known = dict(scenario.parameters())
    true = drawn_values([(path, known[path]) for path in PATHS], seed=number, draw=0)
    measured = replace_seed(number)
    tally = Tally(simulate(scenario.with_values(true), population=people, seed=measured))
    figures = [target for target in shipped_targets() if target.id in FIGURES]
    found = tuple(exactly(t, simulate_target(scenario, t, tally)) for t in figures)
    plan = Plan(
        file="recovery",
        sha256="",
        scenario=scenario,
        asked="pilot-2021",
        population=people,
        seeds=SEEDS,
        seed=1 + 100 * number,
        observed=people,
        parameters=tuple(Fitted(path, "") for path in PATHS),
        fit=found,
        held_out=(),
    )
    values = calibrate(plan).values()
    return {path: Found(float(true[path]), *map(float, values[path])) for path in PATHS}


def replace_seed(number: int) -> int:
    """Give the seed of the people measured: no calibration uses it."""
    return 10_000_000 + number


def exactly(target: Target, value: float | None) -> Target:
    """Give a figure measured without error: what it leaves open is the luck of its people."""
    if value is None:
        message = f"{target.id}: the run cannot tell"
        raise ValueError(message)
    figure = Decimal(repr(value))
    return replace(target, value=figure, low=figure, high=figure)


def main() -> int:
    """Run the trials; 1 when a parameter is recovered too rarely."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--trials", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--people", type=int, default=PEOPLE)
    options = parser.parse_args()
    with ProcessPoolExecutor(options.workers, get_context("spawn")) as pool:
        run = partial(trial, people=options.people)
        found: list[dict[str, Found]] = []
        for number, one in enumerate(pool.map(run, range(options.trials))):
            found.append(one)
            print(number, *(f"{path} {seen(one[path])}" for path in PATHS), flush=True)
    counts = {path: sum(one[path].recovered for one in found) for path in PATHS}
    widths = {path: round(median(one[path].half_width for one in found), 4) for path in PATHS}
    for path, count in counts.items():
        print(
            f"{path}: {count} of {len(found)} within the interval stated, "
            f"of {widths[path]:.1%} to either side"
        )
    if "ETALON_FIGURES" in os.environ:
        figures = Path(os.environ["ETALON_FIGURES"]) / "figures.json"
        told = {"trials": len(found), "recovered": counts, "median_half_width": widths}
        figures.write_text(json.dumps(told, indent=2) + "\n", encoding="utf-8")
    return 1 if min(counts.values()) < NEEDED * len(found) else 0


def seen(found: Found) -> str:
    """Say what was found of one parameter."""
    said = "" if found.recovered else " MISSED"
    return f"{found.true:.5f}: {found.value:.5f} ({found.low:.5f} to {found.high:.5f}){said}"


if __name__ == "__main__":
    sys.exit(main())
