"""The reference server in this process: what `--target inprocess` speaks to."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

from etalon_model.parameters import vintage
from etalon_server.application import create_app
from etalon_server.clock import ManualClock
from etalon_server.sandbox.controls import FIRST_INSTANTS
from etalon_server.service_host import Host
from etalon_server.settings import Settings
from etalon_server.starting import desk_of
from etalon_server.transforming import transformed
from etalon_target.adapters import AsgiAdapter

if TYPE_CHECKING:
    from collections.abc import Callable

    from etalon_target.messages import Answer, HttpRequest
    from etalon_wire.parts import Transform
    from etalon_wire.validation.validator import Validator

_VINTAGE: Final = "steady-2023"


class Inside:
    """A server that answers in this process, with its sandbox; nothing of it outlives it."""

    def __init__(
        self, seed: int, transform: Transform | None = None, validator: Validator | None = None
    ) -> None:
        """Make it.

        Args:
            seed: Of codes and of test people.
            transform: What makes another server of the reference, or None.
            validator: Checks resources against profiles; a new one when None.
        """
        clock = ManualClock(FIRST_INSTANTS[_VINTAGE])
        self._host = Host(vintage(_VINTAGE), seed=seed, clock=clock)
        desk = desk_of(self._host, Settings(sandbox=True), validator)
        app = create_app(desk)
        changed = app if transform is None else transformed(desk, app, transform)
        self._adapter = AsgiAdapter(changed)

    def send(self, request: HttpRequest) -> Answer:
        """Answer a request."""
        return self._adapter.send(request)

    def close(self) -> None:
        """Let go of what it keeps."""
        self._adapter.close()
        self._host.contents.close()


def application(
    seed: int, transform: Transform | None = None, validator: Validator | None = None
) -> Callable[[], Inside]:
    """Return what makes the server, once for each target."""
    return partial(Inside, seed, transform, validator)
