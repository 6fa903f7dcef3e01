"""What a server is made of, for whoever puts another server in the place of the reference.

Three parts: a service decides, a codec passes resources, an application answers HTTP. A transform
takes the three and gives the three back, each as it was or wrapped.

Sources: ASGI, version 3 (applications).
"""

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Final, Protocol, runtime_checkable

from etalon_model.command import Command
from etalon_model.outcomes import Outcome
from etalon_model.snapshot import Snapshot
from etalon_wire.json_body import Resource

Scope = MutableMapping[str, object]
"""What an ASGI server says of a connection."""

Message = MutableMapping[str, object]
"""An event of ASGI."""

Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class Deciding(Protocol):
    """A service: carries commands out, or refuses them."""

    def apply(self, command: Command) -> Outcome:
        """Carry out a command, or refuse it."""
        ...

    def snapshot(self, *, copied: bool = True) -> Snapshot:
        """Return its state; one that is not `copied` is the state itself."""
        ...


class Codec(Protocol):
    """Passes resources between the wire and the server."""

    def arriving(self, resource: Resource) -> Resource:
        """Return a resource received, as the server is to take it."""
        ...

    def leaving(self, resource: Resource) -> Resource:
        """Return a resource of the server, as it is to be sent."""
        ...


@runtime_checkable
class Posting(Protocol):
    """A codec that passes receipts by mail too."""

    def posting(self, mail: bytes) -> bytes:
        """Return a receipt as it is to leave, or nothing where none does."""
        ...


class Application(Protocol):
    """Answers HTTP: an application of ASGI."""

    def __call__(self, scope: Scope, receive: Receive, send: Send, /) -> Awaitable[None]:
        """Answer one request."""
        ...


Transform = Callable[[Deciding, Codec, Application], tuple[Deciding, Codec, Application]]
"""Makes another server out of the parts of one."""


class _Faithful:
    """Passes every resource as it is."""

    __slots__ = ()

    def arriving(self, resource: Resource) -> Resource:
        return resource

    def leaving(self, resource: Resource) -> Resource:
        return resource


FAITHFUL: Final[Codec] = _Faithful()
"""The codec of the reference."""
