"""Fit the shipped scenarios to the measured figures again, and compare what is shipped.

The fit is that of `etalon calibrate` on the shipped plans (`data/calibrations/`). A value shipped
agrees when it lies within the 95 % interval that the figures leave open. What is shipped of the
voluntary scheme comes from arithmetic (`scripts/opt_in_rates.py`), and must agree too.

    python scripts/calibrate.py [--check] [--plan NAME] [--workers 2]

Nothing is written into the scenarios: `etalon calibrate` writes a scenario of its own. Exit code 1
when a value shipped disagrees, or the figures contradict each other.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from etalon_scenarios.calibrations.calibration import calibrate
from etalon_scenarios.calibrations.plan import read_plan
from etalon_scenarios.parameters import Number
from etalon_scenarios.sweeps.spreading import Processes, in_order
from etalon_scenarios.sweeps.tasks import Outcome, Task

PLANS = {"pilot": "pilot-2021", "launch": "launch-2022", "dmp": "dmp-opt-in"}
"""Plan -> the scenario that it fits."""


Work = Callable[[Iterable[Task]], Iterator[Outcome | None]]


def differing(name: str, work: Work) -> tuple[int, dict[str, list[float]]]:
    """Fit one plan: how many values shipped disagree, and path -> value, low, high, shipped."""
    plan = read_plan(PLANS[name], name)
    result = calibrate(plan, work=work)
    known = dict(plan.scenario.parameters())
    found: dict[str, list[float]] = {}
    apart = int(result.fit.contradictory)
    for path, (value, low, high) in result.values().items():
        parameter = known[path]
        shipped = parameter.value if isinstance(parameter, Number) else 1
        agrees = low <= shipped <= high
        apart += not agrees
        found[path] = [float(value), float(low), float(high), float(shipped)]
        said = "agrees" if agrees else "DISAGREES"
        print(
            f"{name}: {path} = {value:f} ({low:f} to {high:f}); shipped {shipped}: {said}",
            flush=True,
        )
    return apart, found


def main() -> int:
    """Fit every plan asked for; 1 when a value shipped disagrees."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="compare; the script does no more")
    parser.add_argument("--plan", choices=sorted(PLANS), help="fit this plan only")
    parser.add_argument("--workers", type=int, default=2)
    options = parser.parse_args()
    apart, found = 0, dict[str, dict[str, list[float]]]()
    processes = Processes(options.workers)
    with processes.executor() as executor:

        def work(tasks: Iterable[Task]) -> Iterator[Outcome | None]:
            return in_order(executor, processes, tasks, lambda: False)

        for name in PLANS:
            if options.plan in (None, name):
                more, found[name] = differing(name, work)
                apart += more
    if "ETALON_FIGURES" in os.environ:
        figures = Path(os.environ["ETALON_FIGURES"]) / "figures.json"
        figures.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    return 1 if apart else 0


if __name__ == "__main__":
    sys.exit(main())
