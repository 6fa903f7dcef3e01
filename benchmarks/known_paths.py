"""Journeys that read addresses of a server in turn, as somebody; what they are stands in a file."""

import json
from collections.abc import Mapping, Sequence
from itertools import cycle
from pathlib import Path
from typing import cast
from urllib.parse import urlsplit

from constant_journey import PATIENCE_SECONDS, wrong
from etalon_load.arrivals import Plan
from etalon_load.dispatching import Journey, Walk
from etalon_load.http_client import Client
from etalon_load.workload import Workload


def made(workload: Workload, plan: Plan, people: Sequence[str], rank: int) -> Mapping[str, Journey]:
    """Return journeys of the step `get`: `visit`, one address each."""
    del plan, people, rank
    written = Path(workload.target["address"] or "").read_text(encoding="utf-8")
    asked = cast("dict[str, str]", json.loads(written))
    place = urlsplit(asked["root"])
    client = Client(place.hostname or "", place.port or 80, seconds=PATIENCE_SECONDS)
    headers = f"Authorization: Bearer {asked['token']}\r\n".encode("ascii")
    paths = cycle(asked["paths"].split("\n"))

    def visited(walk: Walk) -> None:
        path = next(paths)
        walk.step("get", lambda: client.send("GET", path, headers), wrong)

    return {"visit": visited}
