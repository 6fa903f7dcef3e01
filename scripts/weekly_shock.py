# pyright: standard
"""Take the weekly shock of a flow from the counts published of the voluntary shared record.

The counts of `data/targets.csv` (scenario `dmp-opt-in`) give the mean flow of each stretch of time
between two of them. Were the logarithm of the flow a random walk of variance v a week, that of the
means of two stretches of a and b weeks, one after the other, would differ by v (a + b) / 3: v is
the mean of what each pair of stretches gives. The range is what so few pairs leave open (95 %, a
chi-square law). Values are written into the scheme `england-ndop`, of whose weeks nothing is read.

    python scripts/weekly_shock.py [--check]
"""

from __future__ import annotations

import argparse
import sys
from decimal import Decimal
from itertools import pairwise
from math import log, sqrt
from pathlib import Path

from scipy.stats import chi2  # type: ignore[import-untyped]  # SciPy ships no types

from etalon_scenarios.forecasts.scheme import read_scheme
from etalon_scenarios.targets import shipped_targets
from etalon_scenarios.value_in_file import set_value_in_file

COUNTED = "dmp-opt-in"
SCHEME = "england-ndop"
FILE = Path(__file__).parents[1] / "scenarios/etalon_scenarios/data/schemes" / f"{SCHEME}.toml"
PATH = "course.weekly_shock"
STEP = Decimal("0.01")


def shocks() -> dict[str, Decimal]:
    """Give the standard deviation of a week's move, and both ends of its range, in logarithm."""
    counts = sorted(
        (t.on, t.value) for t in shipped_targets() if t.scenario == COUNTED and t.on is not None
    )
    stretches = [
        ((later - day).days / 7, float(count - before))
        for (day, before), (later, count) in pairwise(counts)
    ]
    variances = [
        (log(flow / weeks) - log(before / long)) ** 2 / ((long + weeks) / 3)
        for (long, before), (weeks, flow) in pairwise(stretches)
    ]
    pairs, variance = len(variances), sum(variances) / len(variances)
    ends = {
        "value": variance,
        "low": variance * pairs / float(chi2.ppf(0.975, pairs)),
        "high": variance * pairs / float(chi2.ppf(0.025, pairs)),
    }
    return {key: Decimal(repr(sqrt(end))).quantize(STEP) for key, end in ends.items()}


def main() -> int:
    """Write the numbers, or compare them with those of the file; 1 when they differ."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare, do not write")
    check = bool(parser.parse_args().check)
    held = read_scheme(SCHEME).course["weekly_shock"]
    differing = {key: end for key, end in shocks().items() if getattr(held, key) != end}
    if check and differing:
        sys.stderr.write(f"{FILE.name}: {PATH} differs: run {Path(__file__).name}\n")
        return 1
    for key, end in differing.items():
        set_value_in_file(FILE, f"{PATH}.{key}", end)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
