"""The log of a server: one line of JSON for each answer and each fault of ours.

It holds names of interactions, statuses and durations: no path, no parameter, no identifier of a
person or document, no token, and of an exception its type and where it was raised, not its words.
Who saw whose record is in the access log of the model, not here.
"""

import asyncio
import logging
import sys
import traceback
from collections.abc import Generator
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import lru_cache
from time import time  # noqa: TID251 (a stamp, written for every answer)
from types import TracebackType
from typing import BinaryIO, Final, TypeAlias

import orjson

LineValue: TypeAlias = "str | int | float | list[str]"

_FLUSH_SECONDS: Final = 0.25
_FLUSH_BYTES: Final = 64 * 1024
_FRAMES_MOST: Final = 12


class Log:
    """Lines written together, a quarter of a second late at most."""

    __slots__ = ("_bytes", "_lines", "_second", "_stream", "_timer", "_written_second")

    def __init__(self, stream: BinaryIO | None = None) -> None:
        """Write to a stream, or to standard error."""
        self._stream = stream or sys.stderr.buffer
        self._lines: list[bytes] = []
        self._bytes = 0
        self._timer: asyncio.TimerHandle | None = None
        self._second = 0
        self._written_second = ""

    def answer(  # noqa: PLR0913, PLR0917 (a line has as many parts)
        self, request_id: str, interaction: str, verb: str, status: int, seconds: float, size: int
    ) -> None:
        """Write one line for an answer; `request_id` holds nothing that JSON escapes."""
        # Put together by hand: there is one for every answer.
        now = time()
        second = int(now)
        if second != self._second:
            self._second = second
            self._written_second = _second(second)
        said = _said(interaction, verb, status)
        line = (
            f'{{"at":"{self._written_second}.{int((now - second) * 1000):03}+00:00",'
            f'"event":"answer","request":"{request_id}",{said},'
            f'"milliseconds":{seconds * 1000:.3f},"bytes":{size}}}\n'
        )
        self._add(line.encode())

    def fault(self, request_id: str, error: BaseException) -> None:
        """Write one line for a fault of ours: its kind and where, without its words."""
        self._put(
            {
                "at": _now(),
                "event": "fault",
                "request": request_id,
                "kind": type(error).__name__,
                "where": _frames(error.__traceback__),
            }
        )

    def event(self, event: str, **values: LineValue) -> None:
        """Write one line for something that happened to the server itself."""
        self._put({"at": _now(), "event": event, **values})

    def flush(self) -> None:
        """Write what waits."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._lines:
            self._stream.write(b"".join(self._lines))
            self._stream.flush()
            self._lines.clear()
            self._bytes = 0

    def _put(self, line: dict[str, LineValue]) -> None:
        self._add(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def _add(self, written: bytes) -> None:
        self._lines.append(written)
        self._bytes += len(written)
        if self._bytes >= _FLUSH_BYTES:
            self.flush()
        elif self._timer is None:
            try:
                loop = asyncio.get_running_loop()
            except RuntimeError:
                self.flush()
            else:
                self._timer = loop.call_later(_FLUSH_SECONDS, self.flush)


class LoggedEvents(logging.Handler):
    """What a library says through `logging`, as events: its words, not what fills them."""

    def __init__(self, log: Log | None) -> None:
        """Write to a log, or nowhere."""
        super().__init__(logging.INFO)
        self._log = log

    def emit(self, record: logging.LogRecord) -> None:
        """Write one line."""
        if self._log is None:
            return
        raised = record.exc_info[1] if record.exc_info else None
        if raised is not None:
            self._log.fault("", raised)
        self._log.event("listener", level=record.levelname, words=_words(record))


@contextmanager
def events_of(name: str, log: Log | None) -> Generator[None]:
    """Have what the logger `name` says written as events, and by nobody else, while it lasts."""
    logger, handler = logging.getLogger(name), LoggedEvents(log)
    level, propagates = logger.level, logger.propagate
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    logger.propagate = False
    try:
        yield
    finally:
        logger.removeHandler(handler)
        logger.setLevel(level)
        logger.propagate = propagates


def _words(record: logging.LogRecord) -> str:
    """Return what a library says with its numbers; whatever else fills its words is left out."""
    given = record.args if isinstance(record.args, tuple) else ()
    shown = tuple(one if isinstance(one, int | float) else "…" for one in given)
    try:
        return str(record.msg) % shown
    except (TypeError, ValueError):
        return str(record.msg)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _second(since_epoch: int) -> str:
    """Return a second of UTC without its zone."""
    return datetime.fromtimestamp(since_epoch, UTC).replace(tzinfo=None).isoformat()


@lru_cache(maxsize=1024)
def _said(interaction: str, verb: str, status: int) -> str:
    """Return the members of a line that are alike for many answers."""
    alike = {"interaction": interaction, "verb": verb, "status": status}
    return orjson.dumps(alike)[1:-1].decode()


def _frames(raised: TracebackType | None) -> list[str]:
    frames = traceback.extract_tb(raised)[-_FRAMES_MOST:]
    return [f"{_module(frame.filename)}:{frame.lineno} {frame.name}" for frame in frames]


def _module(file: str) -> str:
    """Return the last two parts of a path, which tell no more than the module."""
    return "/".join(file.replace("\\", "/").split("/")[-2:])
