"""What memory a generator takes: by how many people come, by how many are under way, by how long.

A server that answers after a while keeps as many journeys under way as the rate and that while
make. Each case differs in one thing from the first and is sent by a process of its own: what is
told is the most memory that process held at once.
"""

import argparse
import asyncio
import json
import resource
import subprocess
import sys
import threading
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Final, cast

from etalon_load.arrivals import Plan, planned, poisson
from etalon_load.rates import constant
from load_sent import ROOT, sent
from stopwatch import Figure, write_figures

_ANSWER: Final = b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\ncontent-type: text/plain\r\n\r\nok"
_HEAD_END: Final = b"\r\n\r\n"
_SEED: Final = 1
_KIBIBYTE: Final = 1024
PEOPLE_MOST: Final = 1.05
"""A hundred times the people may add so much at most: a twentieth."""


@dataclass(frozen=True, slots=True)
class Case:
    """A load whose memory is looked at.

    Attributes:
        rate: Journeys a second.
        seconds: How long they come.
        people: How many different people come in turn.
        answered_ms: After how long the server answers.
    """

    rate: float = 500.0
    seconds: float = 10.0
    people: int = 1_000
    answered_ms: int = 20

    @property
    def in_flight(self) -> float:
        """How many journeys are under way on average (Little's law)."""
        return self.rate * self.answered_ms / 1000


CASES: Final = {
    "base": Case(),
    "people_x_100": Case(people=100_000),
    "people_x_10000": Case(people=10_000_000),
    "in_flight_x_10": Case(answered_ms=200),
    "in_flight_x_100": Case(answered_ms=2_000),
    "arrivals_x_4": Case(seconds=40.0),
}


def spread(case: Case) -> Plan:
    """Return a plan whose people stand at even distances in the whole population."""
    instants = poisson(constant(case.rate, case.seconds), _SEED)
    plan = planned(instants, {"visit": 1.0}, min(case.people, len(instants)), case.seconds, _SEED)
    apart = max(1, case.people // len(instants))
    moved = tuple(one._replace(person=one.person * apart) for one in plan.arrivals)
    return Plan(moved, plan.seconds)


@contextmanager
def answering(after_ms: int) -> Generator[str]:
    """Yield the address of a server that answers each request after a while."""
    loop = asyncio.new_event_loop()
    serving = asyncio.start_server(partial(_answer, after_ms / 1000), "127.0.0.1", 0, backlog=4_096)
    server = loop.run_until_complete(serving)
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/"
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


async def _answer(after: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while True:
            await reader.readuntil(_HEAD_END)
            await asyncio.sleep(after)
            writer.write(_ANSWER)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def one(case: Case) -> dict[str, Figure]:
    """Send one case; return what its generator held and what was under way."""
    with answering(case.answered_ms) as address:
        load = sent(address, spread(case))
    held = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return {
        "mebibytes": held / _KIBIBYTE,
        "in_flight": case.in_flight,
        "people": case.people,
        "arrivals": load.response.total,
        "right": load.response.total == len(load.plan.arrivals),
    }


def alone(name: str) -> dict[str, Figure]:
    """Send one case from a process that has sent nothing before."""
    line = [sys.executable, "benchmarks/load_memory.py", "--case", name]
    done = subprocess.run(line, cwd=ROOT, capture_output=True, text=True, check=True)
    return cast("dict[str, Figure]", json.loads(done.stdout))


def main() -> int:
    """Measure all cases; exit 1 when people cost memory, or a case was not sent whole."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--case", choices=list(CASES))
    asked = parser.parse_args()
    if asked.case:
        print(json.dumps(one(CASES[asked.case])))
        return 0
    told = {name: alone(name) for name in CASES}
    mebibytes = {name: cast("float", each["mebibytes"]) for name, each in told.items()}
    base, crowd = mebibytes["base"], mebibytes["people_x_10000"]
    more = CASES["in_flight_x_100"].in_flight - CASES["base"].in_flight
    figures: dict[str, Figure] = {
        **told,
        "ten_thousand_times_the_people": crowd / base,
        "kibibytes_a_journey_under_way": (mebibytes["in_flight_x_100"] - base) * _KIBIBYTE / more,
    }
    whole = all(each["right"] for each in told.values())
    short = ["people"] * (crowd > base * PEOPLE_MOST) + ["arrivals"] * (not whole)
    figures["missed"] = list[Figure](short)
    write_figures(figures)
    return 1 if short else 0


if __name__ == "__main__":
    sys.exit(main())
