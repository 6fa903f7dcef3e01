"""How many people a second the agents engine carries, and what a person weighs.

Each size runs in a process of its own, so that memory is that of one run; the bare SimPy
yardstick runs in the same process, before it, on the same number of people.
"""

import gc
import json
import resource
import statistics
import subprocess
import sys

from bare_simpy import bare_people_per_second
from etalon_scenarios.agents import simulate
from etalon_scenarios.loading import load_scenario
from growth_plot import exponent, growth_plot
from stopwatch import Figure, cpu_seconds, figures_folder, write_figures

SIZES = (10_000, 30_000, 100_000, 300_000, 500_000)
REPEATS = {10_000: 5, 30_000: 5, 100_000: 3, 300_000: 1, 500_000: 1}
HEADLINE_SIZE = 100_000
KIBI = 1024


def peak_bytes() -> int:
    """Return the largest memory this process has held."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * KIBI


def measure(people: int) -> dict[str, float]:
    """Run the pilot once in this process and return what it cost."""
    scenario = load_scenario("pilot-2021")
    simulate(scenario, population=300, seed=1)
    before = peak_bytes()
    seconds = cpu_seconds(lambda: simulate(scenario, population=people, seed=1))
    after = peak_bytes()
    gc.collect()
    bare = bare_people_per_second(people)
    return {
        "cpu_seconds": seconds,
        "people_per_cpu_second": people / seconds,
        "bare_simpy_people_per_cpu_second": bare,
        "ratio_to_bare_simpy": people / seconds / bare,
        "bytes_per_person": (after - before) / people,
    }


def measure_apart(people: int) -> dict[str, float]:
    """Measure one size in a process of its own."""
    command = [sys.executable, __file__, str(people)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, float] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure every size and write the figures and the plot."""
    rows: list[dict[str, Figure]] = []
    for people in SIZES:
        runs = [measure_apart(people) for _ in range(REPEATS[people])]
        medians: dict[str, Figure] = {
            key: round(statistics.median(run[key] for run in runs), 3) for key in runs[0]
        }
        rows.append({"people": people, "repeats": len(runs), **medians})
    headline = next(row for row in rows if row["people"] == HEADLINE_SIZE)
    costs = [float(str(row["cpu_seconds"])) for row in rows]
    write_figures(
        {
            "pilot_2021_at_100000": headline,
            "exponent_of_cpu_seconds_in_people": round(exponent(SIZES, costs), 3),
            "growth": [*rows],
        }
    )
    growth_plot(figures_folder() / "agents.svg", SIZES, costs, what="people", unit="CPU seconds")


if __name__ == "__main__":
    if len(sys.argv) > 1:
        print(json.dumps(measure(int(sys.argv[1]))))
    else:
        main()
