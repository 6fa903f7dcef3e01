"""What a thousand replications of 100 000 people cost, as comparisons and intervals of chance ask.

The launch is simulated again and again, by another seed each time, on two processes started afresh:
in plain NumPy, and with the compiled kernels, which are read from disk. What all replications share
(the law, the layout of the people, the calendar) is built once a process.

The yardstick draws 64 bits by the hash of every decision in plain NumPy, on one thread. Wall
seconds mean little on a busy machine: the load average stands beside them, and CPU seconds are what
to compare. Both ways must give the same ledgers, or there is no result.

    python benchmarks/replications.py [--replications N] [--people N]
"""

import argparse
import hashlib
import os
import resource
import sys
import time

from etalon_scenarios.draws_arrays import draw_range
from etalon_scenarios.engine import cohort_engine
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.scenario import Scenario
from etalon_scenarios.trials import Trial, run_trial, run_trials
from stopwatch import Figure, median_cpu_seconds, write_figures

SCENARIO = "launch-2022"
REPLICATIONS = 1_000
PEOPLE = 100_000
WARM = 2_000
WORKERS = 2
DRAWN = 1 << 22


def cpu_of_all() -> float:
    """Return the CPU seconds of this process and of those it has ended."""
    return sum(
        used.ru_utime + used.ru_stime
        for used in map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    )


def timed(
    scenario: Scenario, people: int, replications: int, *, compiled: bool
) -> tuple[dict[str, Figure], str]:
    """Make the replications; return what they cost and a digest of their ledgers."""
    engine = cohort_engine(compiled=compiled)
    run_trial(scenario, engine, Trial(population=WARM, seed=0), lambda: False)
    trials = {seed: Trial(population=people, seed=seed) for seed in range(1, replications + 1)}
    wall, cpu = time.perf_counter(), cpu_of_all()
    results = dict(run_trials(scenario, engine, trials, workers=WORKERS, stop=lambda: False))
    wall, cpu = time.perf_counter() - wall, cpu_of_all() - cpu
    ledgers = "".join(results[seed].ledger_digest for seed in sorted(results))
    return {
        "wall_seconds": round(wall, 2),
        "cpu_seconds": round(cpu, 2),
        "cpu_seconds_a_replication": round(cpu / replications, 4),
    }, hashlib.sha256(ledgers.encode()).hexdigest()


def yardstick() -> float:
    """Return the nanoseconds of CPU that one draw of 64 bits takes in plain NumPy."""
    return median_cpu_seconds(lambda: draw_range(7, 0, DRAWN)) / DRAWN * 1e9


def main() -> int:
    """Time the replications both ways; 1 when the two disagree."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--replications", type=int, default=REPLICATIONS)
    parser.add_argument("--people", type=int, default=PEOPLE)
    options = parser.parse_args()
    scenario = load_scenario(SCENARIO)
    figures: dict[str, Figure] = {
        "scenario": SCENARIO,
        "people": options.people,
        "replications": options.replications,
        "processes": WORKERS,
    }
    digests: set[str] = set()
    for name, compiled in (("compiled", True), ("numpy", False)):
        draw = yardstick()
        found, digest = timed(scenario, options.people, options.replications, compiled=compiled)
        digests.add(digest)
        found["yardstick_ns_a_draw"] = round(draw, 2)
        each = float(str(found["cpu_seconds_a_replication"]))
        found["draws_a_person"] = round(each / options.people * 1e9 / draw, 1)
        figures[name] = dict(found)
    figures["same_ledgers"] = len(digests) == 1
    figures["load_average"] = round(os.getloadavg()[0], 2)
    write_figures(figures)
    return 0 if len(digests) == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
