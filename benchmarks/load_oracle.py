"""Latencies as the generator sees them, beside those of a queue whose law and course are known.

A queue of four servers (M/M/4) behind HTTP keeps when each request came and when its answer left.
Each load is held against that course of its own realisation, and against a second witness: the
queue worked out from the planned arrivals and the services that the seed gives. All loads of one
utilisation together are held against the law: their percentiles lie within what 99 % of simulated
designs of the same size give.
"""

import argparse
import csv
import heapq
import random
import sys
import tempfile
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from etalon_load.arrivals import Plan, poisson
from etalon_load.histogram import Histogram
from etalon_load.queueing import time_at
from etalon_load.rates import constant
from load_rounds import Cores, Served, served, two_cores
from load_sent import Sent, sent, visits
from stopwatch import Figure, write_figures

SERVERS: Final = 4
SERVICE: Final = 0.02
PERCENTILES: Final = (50.0, 95.0, 99.0)
DESIGNS: Final = 500
ALLOWED_P50_MS: Final = 1.5
ALLOWED: Final = {95.0: 0.02, 99.0: 0.03}
_INTERVAL: Final = (0.5, 99.5)
_MICROSECONDS: Final = 1_000_000


@contextmanager
def queue(cores: Cores, seed: int, log: Path, service: float = SERVICE) -> Generator[Served]:
    """Run the queue on its core while the block lasts; its log is whole after the block."""
    options = ("--servers", str(SERVERS), "--service", str(service), "--seed", str(seed))
    with served(cores, "-m", "etalon_load.oracle", *options, "--log", str(log)) as server:
        yield server


def logged(log: Path) -> Histogram:
    """Return what requests took by the log of the queue, from their coming to their answer."""
    with log.open(encoding="ascii", newline="") as file:
        rows = [(float(one["came"]), float(one["ended"])) for one in csv.DictReader(file)]
    return Histogram.of(int((ended - came) * _MICROSECONDS) for came, ended in rows)


def came_of(log: Path) -> Iterator[float]:
    """Yield when each request came by the log of the queue (seconds), in no order."""
    with log.open(encoding="ascii", newline="") as file:
        yield from (float(one["came"]) for one in csv.DictReader(file))


def worked_out(instants: Sequence[int], services: Iterator[float]) -> Iterator[int]:
    """Yield what each request takes (µs): first come, first served, by the next free server.

    Args:
        instants: When requests come (µs), ascending.
        services: Seconds of each service, in the order in which they begin.
    """
    free = [0.0] * SERVERS
    for at in instants:
        begins = max(float(at), heapq.heappop(free))
        ends = begins + next(services) * _MICROSECONDS
        heapq.heappush(free, ends)
        yield int(ends - at)


def drawn(seed: int | str, service: float = SERVICE) -> Iterator[float]:
    """Yield the services that the queue draws from a seed."""
    chance = random.Random(f"services/{seed}")  # noqa: S311 (no secret)
    while True:
        yield chance.expovariate(1 / service)


def witnessed(plan: Plan, seed: int) -> Histogram:
    """Return what the plan should take with the services of a seed."""
    instants = [one.at_microsecond for one in plan.arrivals]
    return Histogram.of(worked_out(instants, drawn(seed)))


def percentiles(latencies: Histogram) -> dict[str, Figure]:
    """Return percentiles in milliseconds."""
    return {f"p{percent:g}": latencies.percentile(percent) / 1000 for percent in PERCENTILES}


def within(seen: Histogram, truth: Histogram) -> bool:
    """Tell whether percentiles are as close to the truth as they are to be."""
    if abs(seen.percentile(50) - truth.percentile(50)) > ALLOWED_P50_MS * 1000:
        return False
    return all(
        abs(seen.percentile(percent) / truth.percentile(percent) - 1) <= most
        for percent, most in ALLOWED.items()
    )


def simulated(rate: float, seconds: float, loads: int) -> dict[float, tuple[float, float]]:
    """Return the interval (ms) of each percentile over simulated designs of so many loads."""
    found: dict[float, list[int]] = {percent: [] for percent in PERCENTILES}
    for design in range(DESIGNS):
        pooled = Histogram()
        for load in range(loads):
            instants = poisson(constant(rate, seconds), 1_000_000 + design * loads + load)
            for latency in worked_out(instants, drawn(f"design/{design}/{load}")):
                pooled.record(latency)
        for percent in PERCENTILES:
            found[percent].append(pooled.percentile(percent))
    return {percent: _between(sorted(values)) for percent, values in found.items()}


def _between(values: Sequence[int]) -> tuple[float, float]:
    low, high = (values[round((len(values) - 1) * end / 100)] / 1000 for end in _INTERVAL)
    return low, high


def one_load(cores: Cores, rate: float, seconds: float, seed: int) -> tuple[Sent, Histogram]:
    """Send one load to a queue of its own; return it, and what the queue logged."""
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "log.csv"
        with queue(cores, seed, log) as server:
            load = sent(server.address, visits(constant(rate, seconds), seed))
        return load, logged(log)


def at_utilisation(cores: Cores, share: float, seconds: float, seeds: int) -> dict[str, Figure]:
    """Return the figures of one utilisation."""
    rate = share * SERVERS / SERVICE
    pooled, rows, held = Histogram(), list[Figure](), 0
    for seed in range(1, seeds + 1):
        load, truth = one_load(cores, rate, seconds, seed)
        pooled.merge(load.response)
        good = within(load.response, truth)
        held += good
        rows.append(
            {
                "seed": seed,
                "generator_ms": percentiles(load.response),
                "queue_ms": percentiles(truth),
                "worked_out_ms": percentiles(witnessed(load.plan, seed)),
                "lag_p99_ms": load.measures.lag.percentile(99) / 1000,
                "close": good,
            }
        )
        print(f"utilisation {share:g}, seed {seed}: {rows[-1]}", file=sys.stderr, flush=True)
    intervals = simulated(rate, seconds, seeds)
    inside = {
        f"p{percent:g}": low <= pooled.percentile(percent) / 1000 <= high
        for percent, (low, high) in intervals.items()
    }
    return {
        "rate": rate,
        "loads": rows,
        "close": held,
        "pooled_ms": percentiles(pooled),
        "law_ms": {
            f"p{percent:g}": time_at(percent, SERVERS, rate, SERVICE) * 1000
            for percent in PERCENTILES
        },
        "interval_ms": {f"p{percent:g}": list(ends) for percent, ends in intervals.items()},
        "inside": dict(inside),
    }


def main() -> int:
    """Measure each utilisation; exit 1 when a load is farther off than it may be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--utilisation", type=float, nargs="+", default=[0.5, 0.7])
    asked = parser.parse_args()
    cores = two_cores()
    figures: dict[str, Figure] = {"seconds": asked.seconds, "servers": SERVERS}
    missed = 0
    for share in asked.utilisation:
        one = at_utilisation(cores, share, asked.seconds, asked.seeds)
        figures[f"{share:g}"] = one
        missed += one["close"] != asked.seeds or not all(_truths(one["inside"]))
    write_figures(figures)
    return 1 if missed else 0


def _truths(told: Figure) -> list[Figure]:
    return list(told.values()) if isinstance(told, dict) else []


if __name__ == "__main__":
    sys.exit(main())
