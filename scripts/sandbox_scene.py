"""A sandbox without a network: its controls called as the server calls them."""

import asyncio
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import pytest

from etalon_model import vintage
from etalon_server.clock import Clock, ManualClock
from etalon_server.exchange import Answer, Desk, Refused, Request
from etalon_server.routes.sandbox import HANDLERS
from etalon_server.sandbox.controls import FIRST_INSTANTS, Controls
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from etalon_wire.interactions import interactions
from etalon_wire.validation.validator import Validator

SEED: Final = 11
JSON: Final = "application/json; charset=utf-8"
VALIDATOR: Final = Validator()


def desk_of(
    name: str = "launch-2022", clock: Clock | None = None, directory: Path | None = None
) -> Desk:
    """A desk with a sandbox, its clock where the vintage begins unless told."""
    moved = ManualClock(FIRST_INSTANTS[name]) if clock is None else clock
    host = Host(vintage(name), seed=SEED, clock=moved, directory=directory)
    return Desk(host, Settings(sandbox=True), VALIDATOR, faults=Controls(SEED, host.clock))


async def asked(desk: Desk, name: str, body: object = None, media_type: str = JSON) -> Answer:
    """What a control answers."""
    row = interactions()[name]
    sent = b"" if body is None else json.dumps(body).encode()
    headers = {"content-type": media_type}
    request = Request(
        row, row.verb, row.path, {}, (), headers, sent, None, "", "r1", "http://x/fhir"
    )
    return await HANDLERS[name](desk, request)


def ask(desk: Desk, name: str, body: object = None) -> Any:  # noqa: ANN401 (JSON)
    """What a control answers, read; None for nothing."""
    answer = asyncio.run(asked(desk, name, body))
    if answer.status != interactions()[name].status:
        pytest.fail(f"{name} answers {answer.status}")
    return json.loads(answer.body) if answer.body else None


def refusal(desk: Desk, name: str, body: object) -> str:
    """The code of the refusal of a control."""
    with pytest.raises(Refused) as caught:
        ask(desk, name, body)
    reason = caught.value.reason
    if isinstance(reason, Sequence):
        pytest.fail(f"{name} is refused for {reason}")
    return reason.code
