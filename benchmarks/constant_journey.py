"""Journeys of one step against whatever answers at the address of a run, its answer checked."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from etalon_load.arrivals import Plan
from etalon_load.dispatching import Journey, Walk
from etalon_load.http_client import Answer, Client
from etalon_load.workload import Workload

RIGHT = 200
PATIENCE_SECONDS = 10.0


def wrong(answer: Answer) -> str:
    """Say what is wrong with an answer: its status, or a body that is none."""
    if answer.status != RIGHT:
        return f"status {answer.status}"
    return "" if answer.body else "empty"


def made(workload: Workload, plan: Plan, people: Sequence[str], rank: int) -> Mapping[str, Journey]:
    """Return journeys of the step `get`: `visit`, or `before` and `after` of two addresses."""
    del plan, people, rank
    addresses = (workload.target["address"] or "").split()
    kinds = ("visit",) if len(addresses) == 1 else ("before", "after")
    return {kind: _got(address) for kind, address in zip(kinds, addresses, strict=True)}


def _got(address: str) -> Journey:
    place = urlsplit(address)
    client = Client(place.hostname or "", place.port or 80, seconds=PATIENCE_SECONDS)
    path = place.path or "/"

    def got(walk: Walk) -> None:
        walk.step("get", lambda: client.send("GET", path), wrong)

    return got
