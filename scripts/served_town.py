"""A reference server that listens, with test people: what tests and benchmarks of it begin with."""

import json
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from http.client import HTTPConnection
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from etalon_model import vintage
from etalon_server.clock import ManualClock
from etalon_server.exchange import Desk
from etalon_server.listening import Endpoint, running
from etalon_server.service_host import Host
from etalon_server.settings import Bounds, Settings
from etalon_server.starting import desk_of
from etalon_wire.json_body import Json
from etalon_wire.modes import Mode
from in_process import Reply

SEED: Final = 5
NOW: Final = datetime(2022, 9, 5, 8, tzinfo=UTC)
INS_SYSTEM: Final = "urn:oid:1.2.250.1.213.1.4.10"
FHIR_JSON: Final = "application/fhir+json"
_JSON: Final = "application/json"
_PATIENCE_SECONDS: Final = 30.0


@dataclass(frozen=True, slots=True)
class Town:
    """A sandbox that listens.

    Attributes:
        desk: What its handlers work with.
        address: Where it is reached, without a slash at the end.
    """

    desk: Desk
    address: str

    def ask(  # noqa: PLR0913 (what a request is made of, by name)
        self,
        verb: str,
        path: str,
        body: bytes | None = None,
        *,
        token: str = "",
        media_type: str = FHIR_JSON,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Send one request over a connection of its own."""
        sent = {"Content-Type": media_type} if body is not None else {}
        if token:
            sent["Authorization"] = f"Bearer {token}"
        connection = HTTPConnection(urlsplit(self.address).netloc, timeout=_PATIENCE_SECONDS)
        try:
            connection.request(verb, path, body, {**sent, **(headers or {})})
            answer = connection.getresponse()
            named = {name.lower(): value for name, value in answer.getheaders()}
            return Reply(answer.status, named, answer.read())
        finally:
            connection.close()

    def control(self, name: str, body: Json = None) -> Any:  # noqa: ANN401 (JSON, for tests)
        """Return what a control of the sandbox answers.

        Raises:
            RuntimeError: It refuses.
        """
        sent = None if body is None else json.dumps(body).encode()
        reply = self.ask("POST", f"/sandbox/{name}", sent, media_type=_JSON)
        if reply.status not in {200, 201, 204}:
            message = f"/sandbox/{name}: {reply.status} {reply.body.decode()}"
            raise RuntimeError(message)
        return reply.json if reply.body else None

    def person(self, **asked: Json) -> str:
        """Make a test person; return their matricule."""
        return str(self.control("people", dict(asked))[0]["ins"])

    def doctor(self, *holders: str) -> str:
        """Name a test doctor, of the care team of some people; return the RPPS number."""
        rpps = str(self.control("professionals")[0]["rpps"])
        for ins in holders:
            self.control("relations", {"kind": "care_team", "holder": ins, "who": rpps})
        return rpps

    def token(self, kind: str, **named: Json) -> str:
        """Return a token for somebody."""
        return str(self.control("tokens", {"actor": {"kind": kind, **named}})["access_token"])


@contextmanager
def served(
    bounds: Bounds | None = None,
    mode: Mode = "pdsm-strict",
    directory: Path | None = None,
    values: str = "launch-2022",
) -> Generator[Town]:
    """Run a sandbox on a thread while the block lasts, its clock set by hand.

    Args:
        bounds: How much a client may ask for.
        mode: Which official text holds where two differ.
        directory: Where to keep what happens, or None.
        values: Name of the vintage.
    """
    clock = ManualClock(NOW)
    host = Host(vintage(values), seed=SEED, directory=directory, clock=clock)
    desk = desk_of(host, Settings(mode=mode, sandbox=True, bounds=bounds or Bounds()))
    with running(desk, Endpoint()) as server:
        yield Town(desk, server.address)
