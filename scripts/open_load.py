"""Short open loads on constant steps, in a process of their own: gevent and pytest stay apart.

    python scripts/open_load.py ADDRESS… --rate 100 --seconds 3 --seed 1 [--timeout 2]

One address after the other; a line of JSON for each tells measures, plan and conduct.
"""

import argparse
import json
import sys
import time
from urllib.parse import urlsplit

from etalon_load.arrivals import Plan, planned, poisson
from etalon_load.dispatching import Clock, Dispatcher, Walk
from etalon_load.http_client import Answer, Client
from etalon_load.measures import Measures, Step
from etalon_load.rates import constant

LEAD_SECONDS = 0.2
DRAIN_SECONDS = 10.0
BOUND = 500_000


def wrong(answer: Answer) -> str:
    """Say what is wrong with an answer."""
    return "" if answer.status == 200 else f"status {answer.status}"  # noqa: PLR2004 (done)


def main() -> int:
    """Load what is named, and tell what was measured."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("addresses", nargs="+")
    parser.add_argument("--rate", type=float, default=100.0)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--timeout", type=float, default=10.0)
    asked = parser.parse_args()
    rate = constant(asked.rate, asked.seconds)
    plan = planned(poisson(rate, asked.seed), {"visit": 1.0}, 1_000, asked.seconds, asked.seed)
    for address in asked.addresses:
        sys.stdout.write(json.dumps(loaded(address, plan, asked.timeout)) + "\n")
    return 0


def loaded(address: str, plan: Plan, seconds: float) -> dict[str, object]:
    """Load one address and return what is to be told.

    Args:
        address: With its path.
        plan: Who arrives when.
        seconds: How long an exchange may take.
    """
    place = urlsplit(address)
    client = Client(place.hostname or "", place.port or 80, seconds=seconds)

    def visit(walk: Walk) -> None:
        walk.step("get", lambda: client.send("GET", place.path or "/"), wrong)

    measures = Measures({Step("visit", "get"): BOUND})
    start = time.perf_counter() + LEAD_SECONDS
    dispatcher = Dispatcher({"visit": visit}, measures, Clock(start))
    dispatcher.run(plan.arrivals, DRAIN_SECONDS)
    return {
        "measures": measures.plain(),
        "planned": len(plan.arrivals),
        "digest": plan.digest,
        "most_in_flight": dispatcher.flight.most,
        "unfinished": dispatcher.flight.now,
        "broken": dispatcher.broken,
        "opened": client.opened,
    }


if __name__ == "__main__":
    sys.exit(main())
