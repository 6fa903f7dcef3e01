"""What a request costs the generator, beside a user of Locust, and how many one core sends.

A constant server (nginx) answers 2 kB on one core; the generator has the other. Both check each
answer. The ratio is that of requests per CPU second of the generator, median of interleaved rounds.
`HttpUser` and wrk stand beside them: wrk is a closed loop in C that checks no answer, and sends as
fast as it can.
"""

import argparse
import re
import resource
import shutil
import statistics
import subprocess
import sys
from typing import Final

from etalon_load.rates import constant
from load_rounds import two_cores
from load_sent import Sent, idiom, sent, visits
from nginx_constant import constant_server
from stopwatch import Figure, write_figures

BODY_BYTES: Final = 2_048
RATES: Final = (1_500.0, 5_000.0)
USERS: Final = {1_500.0: 50, 5_000.0: 100}
TIMES_FAST: Final = 2.0
LAG_MS: Final = 5.0
CONNECTIONS: Final = 50
_COUNTED: Final = re.compile(r"(\d+) requests in")


def per_second(requests: float, cpu_seconds: float) -> float:
    """Return requests for each CPU second."""
    return requests / cpu_seconds


def told_of(load: Sent) -> dict[str, Figure]:
    """Return what is told of one load of ours."""
    return {
        "requests_per_cpu_second": per_second(load.response.total, load.cpu_seconds),
        "offered_per_second": load.response.total / load.plan.seconds,
        "lag_p50_ms": load.measures.lag.percentile(50) / 1000,
        "lag_p99_ms": load.measures.lag.percentile(99) / 1000,
        "busiest": load.conduct.busiest,
    }


def user_of_locust(address: str, kind: str, rate: float, seconds: float) -> dict[str, float]:
    """Return what is told of users of Locust, `fast` or `http`, that are to send at a rate."""
    users = USERS[rate]
    options = ("--user", kind, "--users", str(users), "--each", str(rate / users))
    told = idiom(address, *options, "--seconds", str(seconds))
    return {
        "requests_per_cpu_second": per_second(told["requests"], told["cpu_seconds"]),
        "sent_per_second": told["requests"] / seconds,
    }


def wrk(address: str, seconds: float) -> dict[str, Figure] | None:
    """Return what is told of wrk, on the core of this process; None where it is not installed."""
    program = shutil.which("wrk")
    if program is None:
        return None
    before = _cpu_of_children()
    line = [program, "-t1", f"-c{CONNECTIONS}", f"-d{seconds:.0f}s", address]
    done = subprocess.run(line, capture_output=True, text=True, check=True)
    counted = _COUNTED.search(done.stdout)
    requests = int(counted[1]) if counted else 0
    return {
        "requests_per_cpu_second": per_second(requests, _cpu_of_children() - before),
        "sent_per_second": requests / seconds,
    }


def _cpu_of_children() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def at_rate(
    address: str, rate: float, rounds: int, seconds: float
) -> tuple[dict[str, Figure], list[str]]:
    """Return the figures of one rate, and those of them that are not reached."""
    ratios, lags, offered = list[float](), list[float](), list[float]()
    ours, theirs = list[Figure](), list[Figure]()
    for number in range(1, rounds + 1):
        load = sent(address, visits(constant(rate, seconds), number))
        other = user_of_locust(address, "fast", rate, seconds)
        cost = per_second(load.response.total, load.cpu_seconds)
        ratios.append(cost / other["requests_per_cpu_second"])
        lags.append(load.measures.lag.percentile(99) / 1000)
        offered.append(load.response.total / load.plan.seconds)
        ours.append(told_of(load))
        theirs.append(dict[str, Figure](other))
        print(f"{rate:g}/s, round {number}: {ratios[-1]:.2f}", file=sys.stderr, flush=True)
    ratio, lag = statistics.median(ratios), statistics.median(lags)
    short = [f"ratio at {rate:g}/s"] * (ratio < TIMES_FAST)
    short += [f"lag at {rate:g}/s"] * (lag >= LAG_MS)
    return {
        "ratio_to_fast_http_user": ratio,
        "median_lag_p99_ms": lag,
        "median_offered_per_second": statistics.median(offered),
        "ours": ours,
        "fast_http_user": theirs,
        "http_user": dict[str, Figure](user_of_locust(address, "http", rate, seconds)),
    }, short


def main() -> int:
    """Measure all of them; exit 1 when a figure is not reached."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    asked = parser.parse_args()
    cores = two_cores()
    figures: dict[str, Figure] = {}
    short = list[str]()
    with constant_server(cores, BODY_BYTES) as address:
        for rate in RATES:
            figures[f"{rate:g}"], found = at_rate(address, rate, asked.rounds, asked.seconds)
            short += found
        figures["wrk"] = wrk(address, asked.seconds)
    figures["missed"] = list[Figure](short)
    write_figures(figures)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
