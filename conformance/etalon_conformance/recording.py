"""What goes over the wire while a check runs, in order: its own calls, tokens and controls."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin

from etalon_conformance.exchanges import Exchange
from etalon_target.messages import Answer, HttpRequest, HttpResponse

if TYPE_CHECKING:
    from collections.abc import Generator

    from etalon_target.actors import Who

_REDIRECTS: Final = range(300, 400)

RECORDING: ContextVar[Recording | None] = ContextVar("recording", default=None)


class Recording:
    """The exchanges of one check, in order.

    Attributes:
        exchanges: What went over the wire.
    """

    def __init__(self) -> None:
        """Record nothing yet."""
        self.exchanges: list[Exchange] = []
        self._who: Who | None = None
        self._own: tuple[str, bytes, set[str]] | None = None

    @contextmanager
    def asking(self, who: Who | None, request: HttpRequest) -> Generator[None]:
        """Take a request, repeated or redirected, for the check's own while it is sent."""
        self._who, self._own = who, (request.verb, request.body, {request.url})
        try:
            yield
        finally:
            self._who, self._own = None, None

    def observed(self, request: HttpRequest, answer: Answer) -> None:
        """Add what went over the wire."""
        own = self._owns(request, answer)
        self.add(self._who if own else None, request, answer, control=not own)

    def add(
        self, who: Who | None, request: HttpRequest, answer: Answer, *, control: bool
    ) -> Exchange:
        """Add an exchange and return it, numbered."""
        number = len(self.exchanges) + 1
        self.exchanges.append(
            Exchange(number, datetime.now(UTC), who, request, answer, control=control)
        )
        return self.exchanges[-1]

    def _owns(self, request: HttpRequest, answer: Answer) -> bool:
        if self._own is None:
            return False
        verb, body, places = self._own
        if request.verb != verb or request.body != body or request.url not in places:
            return False
        if isinstance(answer, HttpResponse) and answer.status in _REDIRECTS:
            places.add(urljoin(request.url, answer.header("location")).partition("#")[0])
        return True


def observe(request: HttpRequest, answer: Answer) -> None:
    """Record an exchange with the check that this thread runs: the observer of a target."""
    recording = RECORDING.get()
    if recording is not None:
        recording.observed(request, answer)
