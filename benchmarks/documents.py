"""What a year of documents costs for the whole country, each drawn and counted one by one.

The spaces of everybody are open from the first day to the last, so that the campaign costs nothing
here; the year is 2024 under `stress-500-million`. All that happens in spaces is counted: documents
by day, département and kind, first and fifth documents, later activations, pairings, reminders.
Two workers share it: processes in plain NumPy, threads of the compiled kernel, read from disk.

The yardstick draws 64 bits a document by the same hash in plain NumPy, on one thread. Wall seconds
mean little on a busy machine: the load average stands beside them, and CPU seconds are what to
compare. Both ways must give the same digest, or there is no result.

    python benchmarks/documents.py [--people N]
"""

import argparse
import os
import sys
import time

import numpy as np

from etalon_scenarios.arrivals import NEVER_DAY
from etalon_scenarios.draws_arrays import draw_range
from etalon_scenarios.law_building import lay_out
from etalon_scenarios.layout import Layout
from etalon_scenarios.life.account import Account
from etalon_scenarios.life.kinds import CARE_KINDS
from etalon_scenarios.life.law import LifeLaw
from etalon_scenarios.life.law_building import life_law
from etalon_scenarios.life.living import live
from etalon_scenarios.life.spaces import Spaces
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.population_table import population_table
from stopwatch import Figure, median_cpu_seconds, write_figures

PEOPLE = 67_400_000
WORKERS = 2
WARM = 20_000
DRAWN = 1 << 22
YEAR = (
    "scenario.starts_on=2024-01-01",
    "waves=[{first_on=2024-01-02, last_on=2024-03-29, departments='all', order='spread'}]",
    "creation.starts_on=2024-04-01",
)


def everybody_open(people: int, days: int) -> Spaces:
    """Return spaces that are open all along and that nobody entered before."""
    return Spaces(
        np.zeros(people, np.uint16),
        np.full(people, NEVER_DAY, np.uint16),
        np.full(people, days, np.uint16),
        np.full(people, NEVER_DAY, np.uint16),
        np.empty(0, np.int64),
    )


def cpu_seconds() -> float:
    """Return the CPU seconds of this process and of those that have ended."""
    return sum(os.times()[:4])


def timed(law: LifeLaw, layout: Layout, *, compiled: bool) -> tuple[dict[str, Figure], Account]:
    """Let everybody live through the year; return what it cost."""
    spaces = everybody_open(layout.size, law.days)
    wall, cpu = time.perf_counter(), cpu_seconds()
    account = live(law, spaces, layout, 1, compiled=compiled, workers=WORKERS)
    wall, cpu = time.perf_counter() - wall, cpu_seconds() - cpu
    documents = int(account.deposits[:, :, : len(CARE_KINDS)].sum())
    return {
        "wall_seconds": round(wall, 2),
        "cpu_seconds": round(cpu, 2),
        "cpu_ns_a_document": round(cpu / documents * 1e9, 2),
    }, account


def yardstick() -> float:
    """Return the nanoseconds of CPU that one draw of 64 bits takes in plain NumPy."""
    return median_cpu_seconds(lambda: draw_range(7, 0, DRAWN)) / DRAWN * 1e9


def main() -> int:
    """Time the year both ways; 1 when the two disagree."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--people", type=int, default=PEOPLE)
    people = parser.parse_args().people
    scenario = load_scenario("stress-500-million", YEAR)
    table = population_table(scenario)
    days = (scenario.ends_on - scenario.starts_on).days + 1
    law = life_law(scenario, days)
    if law is None:
        return 1
    layout, warm = lay_out(scenario, table, people), lay_out(scenario, table, WARM)
    live(law, everybody_open(WARM, days), warm, 1, compiled=True)
    figures: dict[str, Figure] = {"people": people, "days": days, "workers": WORKERS}
    digests: set[str] = set()
    for name, compiled in (("compiled", True), ("numpy", False)):
        draw = yardstick()
        found, account = timed(law, layout, compiled=compiled)
        digests.add(account.digest())
        documents = int(account.deposits[:, :, : len(CARE_KINDS)].sum())
        found["yardstick_ns_a_draw"] = round(draw, 2)
        found["draws_a_document"] = round(float(str(found["cpu_ns_a_document"])) / draw, 2)
        figures |= {name: dict(found), "documents": documents}
    figures["same_digest"] = len(digests) == 1
    figures["load_average"] = round(os.getloadavg()[0], 2)
    write_figures(figures)
    return 0 if len(digests) == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
