"""A stall, a surge and a starved generator: what a load tool tells of each.

A server stalls for 2 s of 20 at 200 requests a second: nine people in a hundred wait, and the 99th
percentile is 1.8 s. Users of Locust wait with the server, and report a tenth of that. Beside it:
how closely a surge is offered as planned, whether the histograms of two workers together are the
one of all samples, and whether a generator without CPU says that its run is not to be believed.
"""

import argparse
import math
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from etalon_load.histogram import Histogram
from etalon_load.rates import constant, surge
from load_oracle import came_of, queue
from load_rounds import Cores, served, two_cores
from load_sent import Sent, idiom, sent, visits
from stopwatch import Figure, write_figures

RATE: Final = 200.0
SECONDS: Final = 20.0
STALL: Final = ("--stall-at", "9", "--stall", "2")
TRUE_P99_MS: Final = 1_800.0
ALLOWED: Final = 0.05
USERS: Final = 20
SURGE: Final = (20.0, 300.0, 40.0)
HUNGRY: Final = 6
"""Programs that compute on the core of the generator while it starves."""

STARVED_RATE: Final = 4_000.0
"""More than the share of a core that they leave can send, several times over."""

STARVED_SECONDS: Final = 6.0
UNHURRIED: Final = 0.001
"""Seconds of a service that nobody waits for."""

SAMPLES: Final = 200_000
L1_MOST: Final = 0.01
ERROR_MOST: Final = 0.001


def stalled(cores: Cores, seed: int) -> Sent:
    """Load a server that stalls."""
    with served(cores, "scripts/stalling_server.py", *STALL) as server:
        return sent(server.address, visits(constant(RATE, SECONDS), seed))


def stalls(cores: Cores, rounds: int) -> dict[str, Figure]:
    """Return what is told of the stall, round by round."""
    p99, verdicts = list[float](), Counter[str]()
    for seed in range(1, rounds + 1):
        load = stalled(cores, seed)
        p99.append(load.response.percentile(99) / 1000)
        verdicts[f"{load.verdict}{' ' + ' '.join(load.faults) if load.faults else ''}"] += 1
        print(f"stall {seed}: p99 {p99[-1]:.0f} ms, {load.verdict}", file=sys.stderr, flush=True)
    close = sum(abs(one / TRUE_P99_MS - 1) <= ALLOWED for one in p99)
    return {
        "rounds": rounds,
        "p99_ms": list(p99),
        "median_p99_ms": statistics.median(p99),
        "within_5_percent": close,
        "verdicts": dict(verdicts),
    }


def idioms(cores: Cores, rounds: int) -> dict[str, Figure]:
    """Return what users of Locust report of the same stall."""
    told: dict[str, Figure] = {}
    for kind in ("http", "fast"):
        options = ("--user", kind, "--users", str(USERS), "--each", str(RATE / USERS))
        found = list[float]()
        for _ in range(rounds):
            with served(cores, "scripts/stalling_server.py", *STALL) as server:
                found.append(idiom(server.address, *options, "--seconds", str(SECONDS))["p99_ms"])
        told[kind] = {"p99_ms": list(found), "median_p99_ms": statistics.median(found)}
    return told


def surged(cores: Cores, rounds: int) -> dict[str, Figure]:
    """Return how far requests came from when they were planned, second by second (L1).

    The server says when each came: what the generator says of itself would prove nothing.
    """
    found = list[float]()
    for seed in range(1, rounds + 1):
        plan = visits(surge(*SURGE), seed)
        with tempfile.TemporaryDirectory() as folder:
            log = Path(folder) / "log.csv"
            with queue(cores, seed, log, UNHURRIED) as server:
                sent(server.address, plan)
            came = sorted(came_of(log))
        first = came[0] - plan.arrivals[0].at_microsecond / 1e6
        counts = Counter(int(at - first) for at in came)
        planned = plan.by_second()
        apart = sum(abs(counts[second] - count) for second, count in enumerate(planned))
        found.append(apart / sum(planned))
    return {"l1": list(found), "median_l1": statistics.median(found)}


def merged_exactly(cores: Cores) -> bool:
    """Tell whether two workers measured what one whole plan holds, and merging loses nothing."""
    plan = visits(constant(RATE, 5.0), 1)
    with served(cores, "scripts/stalling_server.py") as server:
        load = sent(server.address, plan, workers=2)
    return load.response.total == len(plan.arrivals) and histograms_add_up()


def histograms_add_up() -> bool:
    """Tell whether the histogram of all samples is the sum of those of its parts."""
    chance = random.Random("samples")  # noqa: S311 (no secret)
    samples = [int(chance.lognormvariate(10, 2)) for _ in range(SAMPLES)]
    whole, one, other = Histogram.of(samples), Histogram.of(samples[::2]), Histogram()
    for sample in samples[1::2]:
        other.record(sample)
    one.merge(other)
    return one == whole and one.digest() == whole.digest()


def greatest_error() -> float:
    """Return the greatest relative error of a sample in a histogram, as a share."""
    chance = random.Random("errors")  # noqa: S311 (no secret)
    worst = 0.0
    for _ in range(SAMPLES):
        sample = int(math.exp(chance.uniform(0, math.log(3_600_000_000))))
        held = Histogram.of([sample])
        worst = max(worst, abs(held.percentile(50) - sample) / sample)
    return worst


@contextmanager
def hungry(core: int, count: int) -> Generator[None]:
    """Have programs compute on a core while the block lasts."""
    line = [sys.executable, "-c", "while True: pass"]
    processes = [subprocess.Popen(line) for _ in range(count)]
    try:
        for one in processes:
            os.sched_setaffinity(one.pid, {core})
        yield
    finally:
        for one in processes:
            one.send_signal(signal.SIGKILL)
            one.wait()


def starved(cores: Cores, rounds: int) -> dict[str, Figure]:
    """Return what a generator says that has a fraction of its core."""
    verdicts, faults = Counter[str](), Counter[str]()
    for seed in range(1, rounds + 1):
        plan = visits(constant(STARVED_RATE, STARVED_SECONDS), seed)
        with served(cores, "scripts/stalling_server.py") as server, hungry(cores.client, HUNGRY):
            load = sent(server.address, plan)
        verdicts[str(load.verdict)] += 1
        faults.update(load.faults)
        print(f"starved {seed}: {load.verdict} {load.faults}", file=sys.stderr, flush=True)
    return {"rounds": rounds, "verdicts": dict(verdicts), "faults": dict(faults)}


def missed(figures: dict[str, Figure], rounds: int) -> list[str]:
    """Name the figures that are not reached."""
    stall, surge_, hunger = figures["stall"], figures["surge"], figures["starved"]
    if not (isinstance(stall, dict) and isinstance(surge_, dict) and isinstance(hunger, dict)):
        return ["figures"]
    checks = {
        "stall p99": stall["within_5_percent"] == rounds,
        "stall verdict": stall["verdicts"] == {"FAIL": rounds},
        "surge": _number(surge_["median_l1"]) <= L1_MOST,
        "starved": hunger["verdicts"] == {"INVALID": rounds},
        "merge": figures["merged_exactly"] is True,
        "histogram": _number(figures["greatest_histogram_error"]) <= ERROR_MOST,
    }
    return [name for name, reached in checks.items() if not reached]


def _number(told: Figure) -> float:
    return told if isinstance(told, float) else math.inf


def main() -> int:
    """Measure everything; exit 1 when a figure is not reached."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--idiom-rounds", type=int, default=3)
    asked = parser.parse_args()
    cores = two_cores()
    began = time.perf_counter()
    figures: dict[str, Figure] = {
        "stall": stalls(cores, asked.rounds),
        "locust": idioms(cores, asked.idiom_rounds),
        "surge": surged(cores, asked.idiom_rounds),
        "merged_exactly": merged_exactly(cores),
        "greatest_histogram_error": greatest_error(),
        "starved": starved(cores, asked.rounds),
    }
    figures["seconds"] = round(time.perf_counter() - began)
    short = missed(figures, asked.rounds)
    figures["missed"] = list[Figure](short)
    write_figures(figures)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
