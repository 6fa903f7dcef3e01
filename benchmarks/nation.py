"""What the whole country costs: 67.4 million people over 200 days, every institution at work.

Each run begins in a process of its own, so that memory is that of one run, and two processes share
it. Memory is told twice: the most that each process held, added up, which counts twice what they
share, and the most that they held together at one time, looked at ten times a second in a run of
its own that nobody times. The yardstick runs in the first process: copy a word a person and hash
it. Wall seconds mean little on a busy machine: the load average stands beside them, and CPU seconds
are what to compare.

    python benchmarks/nation.py [--people N]

The engine runs in plain NumPy and with its compiled kernels, read from disk; compiling them into
an empty folder, once a machine, stands apart, and so does writing the ledger to its file.

`ETALON_PROTOTYPE` may name a folder with an earlier prototype (`national.py`); it then runs beside
the engine with only the prototype's features switched on.
"""

import argparse
import contextlib
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from pathlib import Path

import numpy as np

from etalon_scenarios.cohort.crew import CHUNK, Crew
from etalon_scenarios.cohort.institutions import Calendar, Institution
from etalon_scenarios.cohort.nation import Nation
from etalon_scenarios.cohort.simulation import institutions
from etalon_scenarios.daily_file import write_daily
from etalon_scenarios.draws_arrays import draw_many
from etalon_scenarios.law_building import build_law, lay_out
from etalon_scenarios.layout import BANDS
from etalon_scenarios.ledger import Ledger
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.population_table import population_table
from etalon_scenarios.run_directory import RunDirectory
from etalon_scenarios.timetable import Timetable
from growth_plot import exponent, growth_plot
from stopwatch import Figure, figures_folder, write_figures

PEOPLE = 67_400_000
DAYS = 200
PROCESSES = 2
SIZES = (1_000_000, 3_000_000, 10_000_000, 30_000_000)
LENGTHS = (50, 100, 150, 200)
WARM = 300_000
PEOPLE_OF_LENGTHS = 10_000_000
KIBI = 1024
LOOK_SECONDS = 0.1
EVERYWHERE = ("population.except=[]", "scenario.ends_on=2022-12-31")
PROTOTYPE = (
    *EVERYWHERE,
    "population.vital_events=false",
    "population.protected_share=0",
    "population.twin_share=0",
    f"notices.excluded_share.values={[0] * BANDS}",
    "notices.email_bounce=0",
    "post.undelivered=0",
    "friction.identity_failure=0",
    "routes.post=0",
    "routes.counter=0",
    "creation.impossible_share=0",
    "hotline.information_calls=0.03",
    "media.shock_on=2022-03-01",
)
"""Only what the prototype had: waves, printer, post, hotline, lost codes, media, expiry."""


class Bill:
    """Wall and CPU seconds, by what they went to."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        self._at = time.perf_counter(), time.process_time()

    def charge(self, name: str) -> None:
        """Put what passed since the last charge on an account."""
        now = time.perf_counter(), time.process_time()
        account = self.seconds.setdefault(name, [0.0, 0.0])
        account[0] += now[0] - self._at[0]
        account[1] += now[1] - self._at[1]
        self._at = now

    def begin_anew(self) -> None:
        """Forget what another process paid for, in a copy of it."""
        self.seconds.clear()
        self._at = time.perf_counter(), time.process_time()

    def add_cpu(self, seconds: dict[str, list[float]]) -> None:
        """Add the CPU seconds of another process, whose wall seconds are those of the first."""
        for name, (_, cpu) in seconds.items():
            self.seconds.setdefault(name, [0.0, 0.0])[1] += cpu

    def watch(self, name: str, institution: Institution) -> Generator[int, None, None]:
        """Let an institution work on its own account."""
        steps: Iterator[int] = iter(institution)
        while True:
            self.charge("calendar")
            try:
                moment = next(steps)
            except StopIteration:
                return
            finally:
                self.charge(name)
            yield moment


def run_nation(
    people: int,
    days: int,
    changes: tuple[str, ...],
    *,
    compiled: bool = False,
    processes: int = PROCESSES,
) -> tuple[Bill, Ledger]:
    """Run the launch of 2022 everywhere; return what it cost and its ledger."""
    bill = Bill()
    scenario = load_scenario("launch-2022", changes)
    table = population_table(scenario)
    layout = lay_out(scenario, table, people)
    law = build_law(scenario, table, layout, days)
    timetable = Timetable(scenario.starts_on, days)
    crew = Crew(processes, CHUNK)
    nation = Nation(law, layout, timetable, scenario.scenario.seed, crew, compiled=compiled)
    bill.charge("law")

    def live() -> None:
        if crew.rank:
            bill.begin_anew()
        bill.charge("copy of the process")
        working = institutions(nation)
        bill.charge("plan of waves, births and deaths")
        calendar = Calendar(0)
        calendar.employ(bill.watch(name, one) for name, one in working.items())
        for day in range(days):
            crew.meet()
            bill.charge("waiting for each other")
            nation.day = day
            calendar.pass_day()
            bill.charge("calendar")
            nation.close_day()
            bill.charge("ledger")
        nation.close_run()
        if crew.rank:
            crew.report(bill.seconds)
        for other in crew.hear():
            bill.add_cpu(other)

    crew.together(live)
    return bill, nation.ledger


def file_seconds(ledger: Ledger) -> float:
    """Return the wall seconds of writing the ledger to its file."""
    starts_on = load_scenario("launch-2022").starts_on
    with tempfile.TemporaryDirectory() as folder:
        started = time.perf_counter()
        write_daily(RunDirectory(Path(folder)), ledger, starts_on)
        return time.perf_counter() - started


def copy_and_hash(people: int) -> float:
    """Return the CPU seconds of one copy and one hash of a word a person, on one thread."""
    words = np.arange(CHUNK, dtype=np.int64)
    target = np.empty(CHUNK, np.uint64)
    started = time.process_time()
    for _ in range(0, people, CHUNK):
        target[:] = draw_many(1, words)
    return time.process_time() - started


def peak_bytes() -> int:
    """Return the most that this process and another of the run can have held together.

    What they have in common is counted twice.
    """
    own, other = resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN
    peak = sum(resource.getrusage(who).ru_maxrss for who in (own, other))
    return peak if sys.platform == "darwin" else peak * KIBI


def measure(
    people: int, days: int, changes: tuple[str, ...], *, compiled: bool
) -> dict[str, Figure]:
    """Run once in this process and return what it cost; kernels are loaded before."""
    run_nation(WARM, days, changes, compiled=compiled, processes=1)
    before = copy_and_hash(people)
    bill, ledger = run_nation(people, days, changes, compiled=compiled)
    memory = peak_bytes()
    yardstick = (before + copy_and_hash(people)) / 2
    wall, cpu = (sum(account[rank] for account in bill.seconds.values()) for rank in (0, 1))
    return {
        "people": people,
        "days": days,
        "compiled": compiled,
        "wall_seconds": round(wall, 2),
        "cpu_seconds": round(cpu, 2),
        "peak_bytes": memory,
        "copy_and_hash_cpu_seconds": round(yardstick, 3),
        "ratio_to_copy_and_hash": round(cpu / yardstick, 1),
        "load_average": round(os.getloadavg()[0], 1),
        "file_wall_seconds": round(file_seconds(ledger), 2),
        "ledger_digest": ledger.digest(),
        "institutions": [
            {"institution": name, "wall_seconds": round(w, 3), "cpu_seconds": round(c, 3)}
            for name, (w, c) in bill.seconds.items()
        ],
    }


def measure_apart(
    people: int, days: int, changes: tuple[str, ...], *, compiled: bool = False
) -> dict[str, Figure]:
    """Measure one run in a process of its own."""
    settings = json.dumps([people, days, changes, compiled])
    command = [sys.executable, __file__, "--once", settings]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Figure] = json.loads(done.stdout)
    return found


def held_bytes(process: int) -> int:
    """Return what a process and its copies hold now; each part of what they share counts once."""
    held = 0
    with contextlib.suppress(OSError):  # one may have ended since
        copies = (
            Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()
        )
        for one in (process, *copies):
            for line in Path(f"/proc/{one}/smaps_rollup").read_text(encoding="ascii").splitlines():
                held += int(line.split()[1]) * KIBI if line.startswith("Pss:") else 0
    return held


def peak_held(people: int, days: int, changes: tuple[str, ...], *, compiled: bool) -> Figure:
    """Run once more, looking how much memory its processes hold together."""
    if sys.platform != "linux":
        return "not measured: the system does not tell"
    settings = json.dumps([people, days, changes, compiled])
    command = [sys.executable, __file__, "--once", settings]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL) as run:
        peak = 0
        while run.poll() is None:
            peak = max(peak, held_bytes(run.pid))
            time.sleep(LOOK_SECONDS)
    if run.returncode:
        raise subprocess.CalledProcessError(run.returncode, command)
    return peak


def first_run_seconds() -> float:
    """Return the CPU seconds of compiling every kernel: a small run with an empty folder."""
    run = f"nation.run_nation({WARM}, {DAYS}, {EVERYWHERE!r}, compiled=True, processes=1)"
    code = f"import nation; {run}"
    with tempfile.TemporaryDirectory() as folder:
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        environment = {**os.environ, "NUMBA_CACHE_DIR": folder}
        here = Path(__file__).parent
        subprocess.run([sys.executable, "-c", code], check=True, cwd=here, env=environment)
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before


def beside_prototype(people: int) -> Figure:
    """Run the prototype, where it is at hand, and the engine with the same features."""
    folder = os.environ.get("ETALON_PROTOTYPE")
    if folder is None:
        return "not run: no prototype at hand"
    ways = (("plain", False), ("compiled", True))
    return {name: _beside(Path(folder), people, compiled=compiled) for name, compiled in ways}


def _beside(folder: Path, people: int, *, compiled: bool) -> dict[str, Figure]:
    """Run both once, in plain NumPy or compiled, one after the other."""
    command = [sys.executable, str(folder / "national.py"), str(people), str(PROCESSES)]
    environment = dict(os.environ) if compiled else {**os.environ, "NO_NUMBA": "1"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    prototype: dict[str, float] = json.loads(done.stdout)
    ours = measure_apart(people, DAYS, PROTOTYPE, compiled=compiled)
    cpu, wall = (float(str(ours[name])) for name in ("cpu_seconds", "wall_seconds"))
    return {
        "prototype_cpu_seconds": prototype["cpu"],
        "prototype_wall_seconds": prototype["wall"],
        "prototype_peak_mebibytes": prototype["rss_mb"],
        "engine_cpu_seconds": cpu,
        "engine_wall_seconds": wall,
        "load_average": ours["load_average"],
        "ratio": round(cpu / prototype["cpu"], 2),
        "ratio_of_wall_seconds": round(wall / prototype["wall"], 2),
    }


def main() -> None:
    """Measure, and write figures and plots."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--people", type=int, default=PEOPLE, metavar="N")
    parser.add_argument("--once", metavar="SETTINGS", help="measure one run, in this process")
    asked = parser.parse_args()
    if asked.once:
        people, days, changes, compiled = json.loads(asked.once)
        print(json.dumps(measure(people, days, tuple(changes), compiled=compiled)))
        return
    headline = measure_apart(asked.people, DAYS, EVERYWHERE)
    compiled = measure_apart(asked.people, DAYS, EVERYWHERE, compiled=True)
    for row in (headline, compiled):
        ways = bool(row["compiled"])
        row["peak_held_bytes"] = peak_held(asked.people, DAYS, EVERYWHERE, compiled=ways)
    sizes = [measure_apart(people, DAYS, EVERYWHERE) for people in SIZES] + [headline]
    lengths = [measure_apart(PEOPLE_OF_LENGTHS, days, EVERYWHERE) for days in LENGTHS]
    costs = [float(str(row["cpu_seconds"])) for row in sizes]
    counts = [float(str(row["people"])) for row in sizes]
    growth_plot(figures_folder() / "people.svg", counts, costs, what="people", unit="CPU seconds")
    spent = [float(str(row["cpu_seconds"])) for row in lengths]
    growth_plot(figures_folder() / "days.svg", LENGTHS, spent, what="days", unit="CPU seconds")

    def short(row: dict[str, Figure]) -> dict[str, Figure]:
        return {key: row[key] for key in ("people", "days", "cpu_seconds", "peak_bytes")}

    write_figures(
        {
            "nation": headline,
            "nation_compiled": compiled,
            "one_digest": headline["ledger_digest"] == compiled["ledger_digest"],
            "compiling_cpu_seconds": round(first_run_seconds(), 1),
            "exponent_of_cpu_seconds_in_people": round(exponent(counts, costs), 3),
            "growth_in_people": [short(row) for row in sizes],
            "growth_in_days": [short(row) for row in lengths],
            "beside_the_prototype": beside_prototype(asked.people),
        }
    )


if __name__ == "__main__":
    main()
