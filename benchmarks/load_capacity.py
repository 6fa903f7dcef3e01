"""How close a search for capacity comes to the capacity of a queue whose law is known.

The queue (M/M/4, 20 ms) carries 200 requests a second and no more. The objective, that 99 % are
answered within half a second, holds by its law up to a rate a little below, for ever; a probe of
some seconds begins with nobody waiting, and passes a little beyond. The search is held against the
200, and told beside the law.
"""

import argparse
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Final

from etalon_load.arrivals import Plan
from etalon_load.queueing import longer_than
from etalon_load.searching import Probed, Search, searched
from etalon_load.verdicts import Verdict
from load_oracle import SERVERS, SERVICE, queue
from load_rounds import Cores, two_cores
from load_sent import OBJECTIVE, sent
from stopwatch import Figure, write_figures

APART_MOST: Final = 0.05
SECONDS_MOST: Final = 90.0
_STEPS: Final = 60


def capacity_by_law() -> float:
    """Return the greatest rate (a second) at which the objective holds by the law."""
    low, high = 0.0, SERVERS / SERVICE
    for _ in range(_STEPS):
        rate = (low + high) / 2
        held = longer_than(OBJECTIVE.within / 1e6, SERVERS, rate, SERVICE) <= 1 - OBJECTIVE.share
        low, high = (rate, high) if held else (low, rate)
    return low


def found(cores: Cores, seed: int, first: float, probe_seconds: float) -> dict[str, Figure]:
    """Search once, and return what was found."""
    asked = Search(mix={"visit": 1.0}, seed=seed, first=first, seconds=probe_seconds)
    began = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        queue(cores, seed, Path(folder) / "log.csv") as server,
    ):

        def probe(plan: Plan, _name: str) -> tuple[Verdict, Mapping[str, object]]:
            load = sent(server.address, plan)
            measured = {
                "measures": load.measures.plain(),
                "conduct": asdict(load.conduct),
                "workers": [one.plain() for one in load.workers],
                "server": None,
            }
            return load.verdict, measured

        def told(one: Probed) -> None:
            print(f"  {one.rate:.1f}/s {one.verdict}", file=sys.stderr, flush=True)

        result = searched(asked, probe, told)
    capacity = result.capacity
    seconds = time.perf_counter() - began
    if capacity is None:
        return {"problem": result.problem, "seconds": seconds}
    return {
        "held": capacity.held,
        "missed": capacity.missed,
        "rate": capacity.rate,
        "apart": capacity.rate * SERVICE / SERVERS - 1,
        "apart_from_law": capacity.rate / capacity_by_law() - 1,
        "probes": len(capacity.probes),
        "seconds": seconds,
    }


def main() -> int:
    """Search some times; exit 1 when one is farther off, or longer, than it may be."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--searches", type=int, default=3)
    parser.add_argument("--first", type=float, default=100.0)
    parser.add_argument("--probe-seconds", type=float, default=10.0)
    asked = parser.parse_args()
    cores, searches = two_cores(), list[Figure]()
    short = 0
    for seed in range(1, asked.searches + 1):
        one = found(cores, seed, asked.first, asked.probe_seconds)
        print(f"search {seed}: {one}", file=sys.stderr, flush=True)
        searches.append(one)
        apart, seconds = one.get("apart"), one["seconds"]
        good = isinstance(apart, float) and abs(apart) <= APART_MOST
        short += not (good and isinstance(seconds, float) and seconds <= SECONDS_MOST)
    write_figures(
        {
            "capacity": SERVERS / SERVICE,
            "capacity_by_law": capacity_by_law(),
            "searches": searches,
            "missed": short,
        }
    )
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
