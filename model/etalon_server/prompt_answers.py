"""Answers that wait for nothing leave at once: without a task of their own, and in one write.

uvicorn makes a task of every request and writes an answer in two messages. Nearly every answer here
is ready without a pause: it is worked out where its request was read. Where one has to wait, for
the disk or for the rest of a body, a task goes on from there.
"""

import asyncio
from collections.abc import Coroutine, Generator
from types import coroutine
from typing import TYPE_CHECKING, Any, Final

from uvicorn.protocols.http.flow_control import HIGH_WATER_LIMIT
from uvicorn.protocols.http.httptools_impl import STATUS_LINE, RequestResponseCycle

from etalon_server.application import WHOLE_ANSWER

if TYPE_CHECKING:
    from starlette.types import Message

_LAST: Final = b"connection: close\r\n"
_END: Final = b"\r\n"


class Cycle(RequestResponseCycle):
    """One request and its answer, which may leave whole."""

    _is_read = False

    def read(self, piece: bytes) -> None:
        """Keep a piece of the body: nearly always the one there is."""
        self.body = self.body + piece if self.body else piece  # type: ignore[assignment]
        if len(self.body) > HIGH_WATER_LIMIT:
            self.flow.pause_reading()
        self.message_event.set()

    async def receive(self) -> "Message":  # type: ignore[override]
        """Return what came of the body; at once where that is all of it."""
        if self.more_body or self._is_read or self.disconnected or self.response_complete:
            return await super().receive()  # type: ignore[return-value]
        self._is_read = True
        body, self.body = bytes(self.body), bytearray()
        self.message_event.clear()
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(self, message: "Message") -> None:  # type: ignore[override]
        """Write what an application says."""
        if message["type"] != WHOLE_ANSWER:
            await super().send(message)  # type: ignore[arg-type]
            return
        if self.flow.write_paused and not self.disconnected:
            await self.flow.drain()
        if not self.disconnected:
            self._leave(message)

    def _leave(self, answer: "Message") -> None:
        lines = [STATUS_LINE[answer["status"]]]
        for name, value in self.default_headers:
            lines += (name, b": ", value, _END)
        lines.append(answer["head"])
        closes = answer["closes"] or not self.keep_alive
        if closes and not answer["closes"]:
            lines.append(_LAST)
        lines.append(_END)
        head, body = b"".join(lines), answer["body"]
        if body and self.scope["method"] != "HEAD":
            self.transport.writelines((head, body))
        else:
            self.transport.write(head)
        self.waiting_for_100_continue = False
        self.response_started = self.response_complete = True
        self.message_event.set()
        if closes:
            self.keep_alive = False
            self.transport.close()
        self.on_response()


def begun(
    loop: asyncio.AbstractEventLoop, work: Coroutine[object, Any, None]
) -> asyncio.Task[None] | None:
    """Begin some work here and now; return the task that goes on with it, None when it is done."""
    try:
        waited = work.send(None)
    except StopIteration:
        return None
    return loop.create_task(_finished(work, waited))


async def _finished(work: Coroutine[object, Any, None], waited: object) -> None:
    await _rest(work, waited)


@coroutine
def _rest(work: Coroutine[object, Any, None], waited: object) -> Generator[object, Any, None]:
    """Yield what some work waits for, as a task expects it, until it is done."""
    try:
        while True:
            try:
                found = yield waited
            except BaseException as error:  # noqa: BLE001 (whatever it is, it is for the work)
                waited = work.throw(error)
            else:
                waited = work.send(found)
    except StopIteration:
        return
