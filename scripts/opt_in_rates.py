"""Fit the daily openings of the voluntary scheme to the cumulative counts that were published.

Each stretch of time of the scenario `dmp-opt-in` ends on the day of a measured count: its share of
the population a day is the difference between two counts, over the days and over the residents.
The range comes from that of the count that ends the stretch. Values are written into the scenario.

    python scripts/opt_in_rates.py [--check]
"""

from __future__ import annotations

import argparse
import sys
from decimal import ROUND_HALF_EVEN, Decimal
from pathlib import Path
from typing import TYPE_CHECKING

from etalon_scenarios.loading import load_scenario
from etalon_scenarios.population_table import population_table
from etalon_scenarios.targets import shipped_targets
from etalon_scenarios.value_in_file import set_value_in_file

if TYPE_CHECKING:
    from collections.abc import Iterator

SCENARIO = "dmp-opt-in"
FILE = Path(__file__).parents[1] / "scenarios/etalon_scenarios/data/scenarios" / f"{SCENARIO}.toml"
STEP = Decimal("0.000000001")


def rates() -> Iterator[tuple[str, Decimal]]:
    """The numbers of the scenario by path, in the order of the file."""
    scenario = load_scenario(SCENARIO)
    people = population_table(scenario).full
    segments = scenario.optin.segments if scenario.optin is not None else ()
    counts = {t.on: t for t in shipped_targets() if t.scenario == SCENARIO}
    before = Decimal(0)
    for rank, segment in enumerate(segments):
        count = counts[segment.to_on]
        person_days = ((segment.to_on - segment.from_on).days + 1) * people
        path = f"optin.segments.{rank}.per_day"
        ends = {"low": count.low, "high": count.high, "value": count.value}
        for key, end in ends.items():
            share = max(end - before, Decimal(0)) / person_days
            yield f"{path}.{key}", share.quantize(STEP, ROUND_HALF_EVEN)
        before = count.value


def main() -> int:
    """Write the numbers, or compare them with those of the file; 1 when they differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    check = bool(parser.parse_args().check)
    held = dict(load_scenario(SCENARIO).parameters())
    differing = 0
    for path, value in list(rates()):
        parameter, _, key = path.rpartition(".")
        if getattr(held[parameter], key) == value:
            continue
        differing += 1
        if not check:
            set_value_in_file(FILE, path, value)
    if check and differing:
        sys.stderr.write(f"{FILE.name}: {differing} numbers differ: run {Path(__file__).name}\n")
    return 1 if check and differing else 0


if __name__ == "__main__":
    raise SystemExit(main())
