"""Targets inside this process: an ASGI application, or an object that answers requests.

Source: ASGI 3.0, HTTP connection scope.
"""

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Coroutine, MutableMapping
from concurrent.futures import Future
from concurrent.futures import TimeoutError as FutureTimeoutError
from dataclasses import replace
from importlib import import_module
from math import inf
from typing import Any, Final, Protocol, TypeAlias, TypeVar, cast, runtime_checkable
from urllib.parse import unquote, urlsplit

from etalon_target.matricules import withheld
from etalon_target.messages import (
    Answer,
    FailureKind,
    Headers,
    HttpRequest,
    HttpResponse,
    TransportFailure,
)
from etalon_target.profile_errors import ProfileError
from etalon_target.transport import Bounds, Observer

INSIDE: Final = "http://inprocess.localhost"
"""The address that requests bear when they stay in this process."""

Message: TypeAlias = MutableMapping[str, Any]
AsgiApp: TypeAlias = Callable[
    [Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]],
    Awaitable[None],
]


@runtime_checkable
class Adapter(Protocol):
    """What a factory of a profile may return: it answers one request after the other."""

    def send(self, request: HttpRequest) -> Answer:
        """Answer a request."""
        ...


class AdapterCarrier:
    """The way to an object that answers requests.

    Attributes:
        observers: Told of every exchange, in order.
        ends_at: Instant of `time.monotonic` after which no exchange lasts.
    """

    def __init__(self, adapter: Adapter, bounds: Bounds) -> None:
        """Ask for nothing yet."""
        self.observers: list[Observer] = []
        self.ends_at = inf
        self._adapter = adapter
        self._bounds = bounds

    def send(self, request: HttpRequest) -> Answer:
        """Send a request whose address is absolute; wait no longer than the bounds."""
        began = time.monotonic()
        answer = withheld(request) or self._answered(request)
        answer = replace(answer, seconds=time.monotonic() - began)
        for observe in self.observers:
            observe(request, answer)
        return answer

    def close(self) -> None:
        """Close the object, when it can be."""
        close = getattr(self._adapter, "close", None)
        if callable(close):
            close()

    def _answered(self, request: HttpRequest) -> Answer:
        answers: list[object] = []
        failures: list[Exception] = []

        def ask() -> None:
            try:
                answers.append(self._adapter.send(request))
            except Exception as error:  # noqa: BLE001 (whatever an object of others raises)
                failures.append(error)

        asking = threading.Thread(target=ask, name="etalon-adapter", daemon=True)
        asking.start()
        asking.join(max(0.0, min(self._bounds.seconds, self.ends_at - time.monotonic())))
        if failures:
            return _failure(FailureKind.ADAPTER, failures[0])
        if not answers:
            return _failure(FailureKind.TIMEOUT, TimeoutError("the adapter did not answer in time"))
        answer = answers[0]
        if isinstance(answer, TransportFailure):
            return answer
        if not isinstance(answer, HttpResponse):
            message = f"the adapter answered {type(answer).__name__}, no HttpResponse"
            return _failure(FailureKind.ADAPTER, TypeError(message))
        return _bounded(answer, self._bounds)


_Done = TypeVar("_Done")


class AsgiAdapter:
    """An ASGI application, run on a thread of its own."""

    def __init__(self, app: AsgiApp, seconds: float = 30.0) -> None:
        """Start the thread; the application is asked for nothing yet."""
        self._app = app
        self._seconds = seconds
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run, name="etalon-asgi", daemon=True)
        self._thread.start()

    def send(self, request: HttpRequest) -> Answer:
        """Answer a request.

        Raises:
            Exception: Whatever the application raises before it answers.
        """
        coming: Future[HttpResponse] = asyncio.run_coroutine_threadsafe(
            self._exchange(request), self._loop
        )
        try:
            return coming.result(self._seconds)
        except FutureTimeoutError:
            coming.cancel()
            return _failure(FailureKind.TIMEOUT, TimeoutError("no answer in time"))

    def run(self, work: Coroutine[None, None, _Done]) -> _Done:
        """Do something on the thread of the application, and wait for it."""
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(self._seconds)

    def close(self) -> None:
        """Stop the thread."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._loop.stop)
            self._thread.join()
            self._loop.close()

    def _run(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_forever()

    async def _exchange(self, request: HttpRequest) -> HttpResponse:
        status, body = 0, bytearray()
        headers: Headers = ()
        sent = False

        async def receive() -> Message:
            nonlocal sent
            if sent:
                return {"type": "http.disconnect"}
            sent = True
            return {"type": "http.request", "body": request.body, "more_body": False}

        async def send(message: Message) -> None:
            nonlocal status, headers
            if message["type"] == "http.response.start":
                status = int(message["status"])
                headers = tuple(
                    (name.decode("latin-1").lower(), value.decode("latin-1"))
                    for name, value in message.get("headers", ())
                )
            else:
                body.extend(message.get("body", b""))

        await self._app(_scope(request), receive, send)
        return HttpResponse(status, headers, bytes(body), 0.0, request.url)


def _scope(request: HttpRequest) -> dict[str, Any]:
    parts = urlsplit(request.url)
    headers = [("host", parts.netloc), *((n.lower(), v) for n, v in request.headers)]
    if request.body:
        headers.append(("content-length", str(len(request.body))))
    return {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.4"},
        "http_version": "1.1",
        "method": request.verb,
        "scheme": parts.scheme,
        "path": unquote(parts.path) or "/",
        "raw_path": parts.path.encode() or b"/",
        "root_path": "",
        "query_string": parts.query.encode(),
        "headers": [(name.encode("latin-1"), value.encode()) for name, value in headers],
        "client": ("127.0.0.1", 1),
        "server": (parts.hostname or "", parts.port or 80),
        "extensions": {},
    }


def adapter_of(made: object, bounds: Bounds) -> Adapter | None:
    """Return what answers requests: the object itself, or an ASGI application; None for neither."""
    if isinstance(made, Adapter):
        return made
    if callable(made):
        return AsgiAdapter(cast("AsgiApp", made), bounds.seconds)
    return None


def _bounded(answer: HttpResponse, bounds: Bounds) -> Answer:
    if len(answer.body) <= bounds.bytes:
        return answer
    message = f"the answer goes on beyond {bounds.bytes} bytes"
    return _failure(FailureKind.TOO_LARGE, ValueError(message))


def _failure(kind: FailureKind, error: Exception) -> TransportFailure:
    detail = f"{type(error).__name__}: {error}"
    return TransportFailure(kind, detail, 0.0, maybe_applied=True)


def factory_of(asked: str) -> Callable[[], object]:
    """Return the factory that `python:module:factory` names.

    Raises:
        ProfileError: There is none.
    """
    module, _, name = asked.removeprefix("python:").partition(":")
    try:
        found: object = getattr(import_module(module), name)
    except Exception as error:
        said = f"{asked!r} ({type(error).__name__}: {error})"
        expected = "python:module:factory, importable from here"
        raise ProfileError(file="--target", path="", found=said, expected=expected) from error
    if not callable(found):
        expected = "python:module:factory, the factory being callable"
        raise ProfileError(file="--target", path="", found=repr(asked), expected=expected)
    return found


def adapter_made(factory: Callable[[], object], bounds: Bounds) -> Adapter:
    """Return the adapter that a factory makes.

    Raises:
        ProfileError: It raises, or makes nothing that answers.
    """
    try:
        adapter = adapter_of(factory(), bounds)
    except Exception as error:
        found = f"a factory that raises {type(error).__name__}: {error}"
        expected = "a factory that returns an ASGI application or an object with send()"
        raise ProfileError(file="--target", path="", found=found, expected=expected) from error
    if adapter is None:
        found = "a factory that returns neither"
        expected = "an ASGI application, or an object with send()"
        raise ProfileError(file="--target", path="", found=found, expected=expected)
    return adapter
