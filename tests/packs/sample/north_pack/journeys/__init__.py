"""Journeys: what a monitor of the region asks a platform, day and night."""

from collections.abc import Mapping
from pathlib import Path
from urllib.parse import urlsplit

from etalon_load.arrivals import Plan
from etalon_load.dispatching import Journey, Walk
from etalon_load.http_client import Answer, Client
from etalon_load.packed_journeys import Journeys
from etalon_load.workload import Workload

PATIENCE_SECONDS = 10.0


def looks_wrong(answer: Answer) -> str:
    """Say what is wrong with an answer, nothing when it is a statement of capabilities."""
    if answer.status != 200:
        return f"status {answer.status}"
    return "" if b"CapabilityStatement" in answer.body else "shape"


def made(workload: Workload, plan: Plan, rank: int) -> Mapping[str, Journey]:
    """Make the journeys of one worker."""
    del plan, rank
    place = urlsplit(workload.target["address"] or "")
    client = Client(place.hostname or "", place.port or 80, seconds=PATIENCE_SECONDS)
    path = f"{place.path.rstrip('/')}/metadata"

    def monitor(walk: Walk) -> None:
        walk.step("read", lambda: client.send("GET", path), looks_wrong)

    return {"monitor": monitor}


JOURNEYS = Journeys(
    mix={"monitor": 1.0},
    steps={"monitor": ("read",)},
    objectives=Path(__file__).with_name("objectives.toml"),
    made=made,
)
