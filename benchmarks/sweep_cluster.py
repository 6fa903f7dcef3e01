"""What a Dask scheduler costs over plain processes, on the shipped experiment.

The same sweep is made on two processes, then by a scheduler and two workers of one thread on
loopback. Processes are started within the sweep, workers before it, as users do: what a worker
loads before its first run falls into the sweep both ways. Workers do not sample their own calls, as
the guide advises. Wall seconds mean little on a busy
machine; CPU seconds are those of this process, of the processes or workers, and of the scheduler.
The runs must have the same bytes both ways, or there is no result.

    python benchmarks/sweep_cluster.py [--points N]
"""

import argparse
import os
import re
import resource
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Generator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path

from etalon_scenarios.run_directory import RunDirectory
from etalon_scenarios.sweeps.cluster import Cluster
from etalon_scenarios.sweeps.experiment import Experiment, read_experiment
from etalon_scenarios.sweeps.run_table import RUNS_FILE
from etalon_scenarios.sweeps.spreading import Processes, Workers
from etalon_scenarios.sweeps.sweep import Sweep
from stopwatch import Figure, write_figures

EXPERIMENT = "what-moves-refusals"
WORKERS = 2
TICKS = os.sysconf("SC_CLK_TCK")
LOOPBACK = "127.0.0.1"
UNSAMPLED = {"DASK_DISTRIBUTED__WORKER__PROFILE__ENABLED": "False"}


@contextmanager
def cluster() -> Generator[tuple[str, list[int]]]:
    """Start a scheduler and its workers; give its address and their process numbers."""
    started = [sys.executable, "-m"]
    scheduler = subprocess.Popen(
        [
            *started,
            "distributed.cli.dask_scheduler",
            "--host",
            LOOPBACK,
            "--port",
            "0",
            "--no-dashboard",
        ],
        stderr=subprocess.PIPE,
        encoding="utf-8",
    )
    with ExitStack() as ending:
        ending.callback(_end, scheduler)
        if scheduler.stderr is None:
            raise RuntimeError(EXPERIMENT)
        found = (re.search(r"Scheduler at:\s+(tcp://\S+)", line) for line in scheduler.stderr)
        address = next(match.group(1) for match in found if match)
        threading.Thread(target=scheduler.stderr.read, daemon=True).start()
        workers: list[subprocess.Popen[bytes]] = []
        for _ in range(WORKERS):
            worker = subprocess.Popen(
                [
                    *started,
                    "distributed.cli.dask_worker",
                    address,
                    "--nthreads",
                    "1",
                    "--no-nanny",
                    "--no-dashboard",
                ],
                stderr=subprocess.DEVNULL,
                env=os.environ | UNSAMPLED,
            )
            ending.callback(_end, worker)
            workers.append(worker)
        _wait_for_workers(address)
        yield address, [scheduler.pid, *(worker.pid for worker in workers)]


def _end(process: subprocess.Popen[str] | subprocess.Popen[bytes]) -> None:
    process.terminate()
    process.wait()


def _wait_for_workers(address: str) -> None:
    from distributed import Client  # noqa: PLC0415 (an extra)

    with Client(address) as client:  # type: ignore[no-untyped-call]
        client.wait_for_workers(WORKERS)


def cpu_of(processes: list[int]) -> float:
    """Return the CPU seconds of this process, of those it has ended, and of running ones."""
    ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    fields = (
        Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
        for pid in processes
    )
    running = sum((int(one[11]) + int(one[12])) / TICKS for one in fields)
    return running + sum(used.ru_utime + used.ru_stime for used in ended)


def swept(
    experiment: Experiment, workers: Workers, folder: Path, processes: list[int]
) -> tuple[dict[str, Figure], bytes]:
    """Make the sweep; return what it cost, and the table of its runs."""
    folder.mkdir()
    sweep = Sweep(experiment=experiment, directory=RunDirectory(folder), workers=workers)
    wall, cpu = time.perf_counter(), cpu_of(processes)
    if not sweep.carry_out():
        raise RuntimeError(str(sweep.record))
    wall, cpu = time.perf_counter() - wall, cpu_of(processes) - cpu
    found: dict[str, Figure] = {"wall_seconds": round(wall, 2), "cpu_seconds": round(cpu, 2)}
    return found, (folder / RUNS_FILE).read_bytes()


def main() -> int:
    """Time the sweep both ways; 1 when the two disagree."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("--points", type=int)
    asked = parser.parse_args().points
    experiment = read_experiment(Path(EXPERIMENT))
    if asked:
        experiment = replace(experiment, points=asked)
    with tempfile.TemporaryDirectory() as folder:
        plain, first = swept(experiment, Processes(WORKERS), Path(folder, "P"), [])
        with cluster() as (address, processes):
            spread, second = swept(experiment, Cluster(address), Path(folder, "C"), processes)
    same = first == second
    ratios = {
        f"{kind}_overhead": round(float(str(spread[kind])) / float(str(plain[kind])) - 1, 3)
        for kind in ("wall_seconds", "cpu_seconds")
    }
    write_figures(
        {
            "experiment": EXPERIMENT,
            "points": experiment.points,
            "people": experiment.population,
            "workers": WORKERS,
            "processes": plain,
            "cluster": spread,
            **ratios,
            "same_runs": same,
            "load_average": round(os.getloadavg()[0], 2),
        }
    )
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
