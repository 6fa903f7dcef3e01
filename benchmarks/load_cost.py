"""What a request costs the generator, beside a user of Locust, and how many one core sends.

A constant server (nginx) answers 2 kB on one core; the generator has the other. Both check each
answer. The ratio is that of requests per CPU second of the generator, median of interleaved rounds.
"""

import argparse
import statistics
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


def main() -> int:
    """Measure both; exit 1 when a figure is not reached."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=10.0)
    asked = parser.parse_args()
    cores = two_cores()
    figures: dict[str, Figure] = {}
    short = list[str]()
    with constant_server(cores, BODY_BYTES) as address:
        for rate in RATES:
            ratios, ours, theirs = list[float](), list[Figure](), list[Figure]()
            for number in range(1, asked.rounds + 1):
                load = sent(address, visits(constant(rate, asked.seconds), number))
                users = USERS[rate]
                options = ("--user", "fast", "--users", str(users), "--each", str(rate / users))
                other = idiom(address, *options, "--seconds", str(asked.seconds))
                cost = per_second(other["requests"], other["cpu_seconds"])
                ratios.append(per_second(load.response.total, load.cpu_seconds) / cost)
                ours.append(told_of(load))
                theirs.append(
                    {
                        "requests_per_cpu_second": cost,
                        "sent_per_second": other["requests"] / asked.seconds,
                    }
                )
                print(f"{rate:g}/s, round {number}: {ratios[-1]:.2f}", file=sys.stderr, flush=True)
            ratio = statistics.median(ratios)
            lags = [one["lag_p99_ms"] for one in ours if isinstance(one, dict)]
            lag = statistics.median(one for one in lags if isinstance(one, float))
            figures[f"{rate:g}"] = {
                "ratio_to_fast_http_user": ratio,
                "median_lag_p99_ms": lag,
                "ours": ours,
                "fast_http_user": theirs,
            }
            short += [f"ratio at {rate:g}/s"] * (ratio < TIMES_FAST)
            short += [f"lag at {rate:g}/s"] * (lag >= LAG_MS)
    figures["missed"] = list[Figure](short)
    write_figures(figures)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
