"""Journeys of one step against whatever answers at the address of a run; a stand-in of tests."""

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from etalon_load.arrivals import Plan
from etalon_load.dispatching import Journey, Walk
from etalon_load.http_client import Answer, Client
from etalon_load.people.pool import PoolDry
from etalon_load.target_spec import TargetSpecError
from etalon_load.workload import Workload


def wrong(answer: Answer) -> str:
    """Say what is wrong with an answer."""
    return "" if answer.status == 200 else f"status {answer.status}"


def lacking(
    workload: Workload, plan: Plan, people: Sequence[str], rank: int
) -> Mapping[str, Journey]:
    """Lack a file that the profile of the target names, as a machine does that was not given it."""
    del workload, plan, people, rank
    message = "authority.pem: no such file"
    raise TargetSpecError(message)


def made(workload: Workload, plan: Plan, people: Sequence[str], rank: int) -> Mapping[str, Journey]:
    """Return `visit`, a step; `dry` and `broken` never take one."""
    del plan, people, rank
    place = urlsplit(workload.target["address"] or "")
    client = Client(place.hostname or "", place.port or 80, seconds=5.0)

    def visit(walk: Walk) -> None:
        walk.step("get", lambda: client.send("GET", place.path or "/"), wrong)

    def dry(walk: Walk) -> None:
        raise PoolDry(walk.arrival.kind, walk.arrival.person)

    def broken(walk: Walk) -> None:
        message = f"journey of {walk.arrival.kind}"
        raise KeyError(message)

    return {"visit": visit, "dry": dry, "broken": broken}
