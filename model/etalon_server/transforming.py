"""Putting another server together out of the parts of this one.

The server knows nothing of what a transform does; without one, no part is wrapped.
"""

from typing import TYPE_CHECKING, cast

from etalon_model.command import Command
from etalon_model.outcomes import Outcome
from etalon_model.snapshot import Snapshot
from etalon_server.application import WHOLE_ANSWER
from etalon_server.exchange import Desk
from etalon_server.service_host import Host
from etalon_wire.parts import Application, Transform

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


class _OfHost:
    """The service of a host, whichever it is by then: a reset makes another one."""

    __slots__ = ("_host",)

    def __init__(self, host: Host) -> None:
        self._host = host

    def apply(self, command: Command) -> Outcome:
        return self._host.service.apply(command)

    def snapshot(self, *, copied: bool = True) -> Snapshot:
        return self._host.service.snapshot(copied=copied)


class _Standard:
    """An application that sends the messages of ASGI and no others, for who stands before it."""

    __slots__ = ("_app",)

    def __init__(self, app: "ASGIApp") -> None:
        self._app = app

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        extensions = dict(scope.get("extensions") or {})
        extensions.pop(WHOLE_ANSWER, None)
        await self._app({**scope, "extensions": extensions}, receive, send)


def transformed(desk: Desk, app: "ASGIApp", transform: Transform) -> "ASGIApp":
    """Return the application that answers from now on; the desk works with the other parts.

    Commands rehearsed together, for a bundle, are rehearsed by the service of the host.
    """
    inner = cast("Application", _Standard(app))
    parts = transform(_OfHost(desk.host), desk.codec, inner)
    desk.host.deciding, desk.codec, answering = parts
    return cast("ASGIApp", answering)
