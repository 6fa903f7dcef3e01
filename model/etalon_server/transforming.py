"""Putting another server together out of the parts of this one.

The server knows nothing of what a transform does; without one, no part is wrapped.
"""

from typing import TYPE_CHECKING, cast

from etalon_model.command import Command
from etalon_model.outcomes import Outcome
from etalon_model.snapshot import Snapshot
from etalon_server.exchange import Desk
from etalon_server.service_host import Host
from etalon_wire.parts import Application, Transform

if TYPE_CHECKING:
    from starlette.types import ASGIApp


class _OfHost:
    """The service of a host, whichever it is by then: a reset makes another one."""

    __slots__ = ("_host",)

    def __init__(self, host: Host) -> None:
        self._host = host

    def apply(self, command: Command) -> Outcome:
        return self._host.service.apply(command)

    def snapshot(self, *, copied: bool = True) -> Snapshot:
        return self._host.service.snapshot(copied=copied)


def transformed(desk: Desk, app: "ASGIApp", transform: Transform) -> "ASGIApp":
    """Return the application that answers from now on; the desk works with the other parts.

    Commands rehearsed together, for a bundle, are rehearsed by the service of the host.
    """
    parts = transform(_OfHost(desk.host), desk.codec, cast("Application", app))
    desk.host.deciding, desk.codec, answering = parts
    return cast("ASGIApp", answering)
