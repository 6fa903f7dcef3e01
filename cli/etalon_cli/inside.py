"""The reference server in this process: what `--target inprocess` speaks to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from etalon_model.parameters import vintage
from etalon_server.application import create_app
from etalon_server.clock import ManualClock
from etalon_server.sandbox.controls import FIRST_INSTANTS
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from etalon_server.starting import desk_of
from etalon_server.transforming import transformed

if TYPE_CHECKING:
    from collections.abc import Callable

    from etalon_wire.parts import Transform
    from etalon_wire.validation.validator import Validator

_VINTAGE = "steady-2023"


def application(
    seed: int, transform: Transform | None = None, validator: Validator | None = None
) -> Callable[[], object]:
    """Return what makes the application of a reference server, with its sandbox.

    Args:
        seed: Of codes and of test people.
        transform: What makes another server of it, or None.
        validator: Checks resources against profiles; a new one when None.
    """
    return partial(_made, seed, transform, validator)


def _made(seed: int, transform: Transform | None, validator: Validator | None) -> object:
    clock = ManualClock(FIRST_INSTANTS[_VINTAGE])
    host = Host(vintage(_VINTAGE), seed=seed, clock=clock)
    desk = desk_of(host, Settings(sandbox=True), validator)
    app = create_app(desk)
    return app if transform is None else transformed(desk, app, transform)
