"""The application: one thin shell over handlers that know nothing of it.

A request is matched to a row of the interaction table, its caller let through, its body read, its
handler asked. Whatever goes wrong becomes an OperationOutcome with the identifier of the request.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import count
from secrets import token_hex
from time import perf_counter
from typing import Final

from starlette.applications import Starlette
from starlette.routing import Route
from starlette.types import Message, Receive, Scope, Send

from etalon_server.app_calls import trace_refused_call
from etalon_server.authorising import Gate
from etalon_server.dispatch import Dispatcher, Match, NoSuchRoute
from etalon_server.disturbances import Disturbance
from etalon_server.durable.failures import (
    HostClosedError,
    JournalFailedError,
    ServiceBrokenError,
)
from etalon_server.exchange import (
    FORM,
    REQUEST_ID,
    Answer,
    Desk,
    Form,
    Handler,
    Refused,
    Request,
    answer_refusal,
    form_accepted,
    refusal_answer,
)
from etalon_server.limits import ClientGone, ParametersRefused, body_of, parameters_of
from etalon_server.log import Log
from etalon_server.routes import HANDLERS
from etalon_wire.bundles import Query
from etalon_wire.interactions import FHIR, interactions
from etalon_wire.malformed import TOO_LONG, Malformed
from etalon_wire.operation_outcomes import Fault, Reason

EXTENSION: Final = "etalon"
"""Where a scope holds what a connection knows: `certificate`, and `abort` to cut it."""

WHOLE_ANSWER: Final = "etalon.whole_answer"
"""The message of an answer that is whole, and the extension of a scope where it is understood.

It has `status`, `head` (the header lines, each with its end), `body`, and `closes`, whether the
connection is closed after it. Whoever stands between takes the extension out of the scope.
"""

RETRY_SECONDS: Final = 5
_OURS: Final = (HostClosedError, JournalFailedError, ServiceBrokenError)
_GIVEN_ID: Final = re.compile(r"[A-Za-z0-9\-.]{1,64}")
_ADDRESS: Final = re.compile(r"[A-Za-z0-9.\-_]+(?::\d{1,5})?|\[[0-9a-fA-F:.]+\](?::\d{1,5})?")
_SANDBOX: Final = "sandbox"
_REQUEST_ID: Final = REQUEST_ID.lower().encode()
_LENGTHLESS: Final = frozenset({204, 304})
_CLOSE: Final = ("Connection", "close")
_NO_EXTENSIONS: Final[Mapping[str, object]] = {}
_NO_NAME: Final = re.compile(r'[\x00-\x1f\x7f()<>@,;:\[\]={} \t\\"]')
_NO_VALUE: Final = re.compile(r"[\x00-\x08\x0a-\x1f\x7f]")
_BODILESS: Final = frozenset({"GET", "HEAD", "DELETE"})


def create_app(
    desk: Desk, log: Log | None = None, handlers: Mapping[str, Handler] = HANDLERS
) -> Starlette:
    """Return the application of a server.

    Args:
        desk: What handlers work with.
        log: Where answers and faults are told, or None.
        handlers: Handlers by name of the interaction.
    """
    return _Application(Shell(desk, log, handlers))


class _Application(Starlette):
    """Starlette without the layers that catch errors: the shell answers every one itself."""

    def __init__(self, shell: "Shell") -> None:
        super().__init__(routes=[Route("/{path:path}", shell)])
        self._shell = shell

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request to the shell, and anything else to Starlette."""
        if scope["type"] == "http":
            await self._shell(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


@dataclass(slots=True)
class _Exchange:
    """One request on its way.

    Attributes:
        scope: What the protocol says of it.
        receive: Where its body comes from.
        request_id: What it is called.
        headers: By name in lower case.
        interaction: Name of the row it matched, or an empty string.
        slow_body_seconds: How long a fault switch makes the body take.
    """

    scope: Scope
    receive: Receive
    request_id: str
    headers: Mapping[str, str]
    interaction: str = ""
    slow_body_seconds: float = 0.0


class _Cut(Exception):  # noqa: N818 (a fault switch asked for it)
    """The connection is cut without an answer."""


class Shell:
    """What stands between a connection and handlers."""

    __slots__ = ("_desk", "_dispatcher", "_gate", "_handlers", "_ids", "_log", "_prefix")

    def __init__(self, desk: Desk, log: Log | None, handlers: Mapping[str, Handler]) -> None:
        """Offer the interactions that have a handler; those of a sandbox only in one."""
        self._desk = desk
        self._log = log
        self._handlers = handlers
        self._gate = Gate()
        self._dispatcher = Dispatcher(
            row
            for name, row in interactions().items()
            if name in handlers and (row.family != _SANDBOX or desk.settings.sandbox)
        )
        self._prefix = token_hex(4)
        self._ids = count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        started = perf_counter()
        headers = _headers_of(scope)
        exchange = _Exchange(scope, receive, self._request_id(headers), headers)
        try:
            answer = await self._answer(exchange)
        except ClientGone:
            return
        except _Cut:
            _abort(scope)
            return
        await _send(send, answer, exchange)
        seconds = perf_counter() - started
        self._desk.metrics.count(exchange.interaction, answer.status, seconds)
        if self._log is not None:
            name, verb = exchange.interaction, scope["method"]
            size = len(answer.body)
            self._log.answer(exchange.request_id, name, verb, answer.status, seconds, size)

    def _request_id(self, headers: Mapping[str, str]) -> str:
        given = headers.get("x-request-id", "")
        if given and _GIVEN_ID.fullmatch(given):
            return given
        return f"{self._prefix}-{next(self._ids):x}"

    async def _answer(self, exchange: _Exchange) -> Answer:
        scope, desk = exchange.scope, self._desk
        try:
            match = self._dispatcher.match(scope["method"], scope["path"])
        except NoSuchRoute as none:
            return self._refuse(exchange, none.fault, allowed=none.allowed)
        exchange.interaction = match.interaction.name
        if desk.faults is not None:
            disturbance = desk.faults.of(scope["path"])
            if disturbance is not None:
                disturbed = await self._disturbed(exchange, disturbance)
                if disturbed is not None:
                    return disturbed
        request: Request | None = None
        try:
            request = await self._request(exchange, match)
            return await self._handlers[match.interaction.name](desk, request)
        except (Refused, ParametersRefused, Malformed, *_OURS) as refused:
            return self._refuse(exchange, _reason_of(refused), request)
        except (ClientGone, asyncio.CancelledError):
            raise
        except Exception as error:  # noqa: BLE001 (whatever it is, the client hears of it soberly)
            if self._log is not None:
                self._log.fault(exchange.request_id, error)
            message = "the server failed: this is a fault of ours, report it with the identifier"
            return self._refuse(exchange, Fault("FAILED", message), request)

    async def _request(self, exchange: _Exchange, match: Match) -> Request:
        """Read a request, having let its caller through.

        Raises:
            Refused: The caller, what they accept or what they send is.
            ParametersRefused: Its parameters cannot be read.
            Malformed: Its body is too long.
            ClientGone: The client left.
        """
        scope, desk, row = exchange.scope, self._desk, match.interaction
        headers = exchange.headers
        certificate: str = scope.get("extensions", {}).get(EXTENSION, {}).get("certificate", "")
        now = desk.host.clock.now()
        try:
            caller = self._gate.caller(row, headers, certificate, desk.identity, now)
        except Refused:
            await trace_refused_call(desk, row, headers)
            raise
        body = b""
        if scope["method"] not in _BODILESS:
            body = await body_of(exchange.receive, headers, desk.settings.bounds.body.bytes)
        request = Request(
            row,
            scope["method"],
            scope["path"],
            match.places,
            _query_of(scope, match, headers, body),
            headers,
            body,
            caller,
            certificate,
            exchange.request_id,
            self._base(scope, headers),
        )
        if row.answer == "fhir":
            form_accepted(request, desk.mode)
        return request

    def _base(self, scope: Scope, headers: Mapping[str, str]) -> str:
        known = self._desk.settings.public_address
        if known:
            return f"{known.rstrip('/')}{FHIR}"
        base = _base_named(scope["scheme"], headers.get("host", ""))
        if base:
            return base
        host, port = scope["server"] or ("localhost", None)
        return f"{scope['scheme']}://{host if port is None else f'{host}:{port}'}{FHIR}"

    async def _disturbed(self, exchange: _Exchange, disturbance: Disturbance) -> Answer | None:
        """Do what a fault switch asks; return an answer when it takes the place of the handler's.

        Raises:
            _Cut: The connection is to be cut.
        """
        await asyncio.sleep(disturbance.wait_seconds)
        if disturbance.resets:
            raise _Cut
        exchange.slow_body_seconds = disturbance.slow_body_seconds
        if not disturbance.status:
            return None
        wait = disturbance.retry_after_seconds
        code = "TOO_MANY_REQUESTS" if disturbance.status == 429 else "FAILED"  # noqa: PLR2004
        answer = self._refuse(exchange, Fault(code, "a fault switch of the sandbox answers this"))
        headers = (*answer.headers, ("Retry-After", str(wait))) if wait else answer.headers
        return Answer(disturbance.status, answer.body, answer.media_type, headers)

    def _refuse(
        self,
        exchange: _Exchange,
        reason: Reason,
        request: Request | None = None,
        allowed: tuple[str, ...] = (),
    ) -> Answer:
        """Answer a refusal, in the form the client accepts if that is known by now."""
        desk = self._desk
        if request is not None:
            answer = answer_refusal(request, desk, reason)
        else:
            form: Form = "xml" if "xml" in exchange.headers.get("accept", "") else "json"
            answer = refusal_answer(reason, desk.mode, form, exchange.request_id)
        headers = answer.headers
        if allowed:
            headers = (*headers, ("Allow", ", ".join(allowed)))
        if isinstance(reason, Malformed) and reason.code == TOO_LONG:
            headers = (*headers, _CLOSE)
        if isinstance(reason, Fault) and reason.code == "UNAVAILABLE":
            headers = (*headers, ("Retry-After", str(RETRY_SECONDS)))
        return Answer(answer.status, answer.body, answer.media_type, headers)


def _reason_of(refused: Exception) -> Reason:
    if isinstance(refused, Refused):
        return refused.reason
    if isinstance(refused, ParametersRefused):
        return refused.fault
    if isinstance(refused, Malformed):
        return refused
    return Fault("UNAVAILABLE", "the server takes no request now: ask again later")


@lru_cache(maxsize=256)
def _base_named(scheme: str, address: str) -> str:
    """Return the base under an address that a client named, empty when it is none."""
    return f"{scheme}://{address}{FHIR}" if _ADDRESS.fullmatch(address) else ""


def _headers_of(scope: Scope) -> dict[str, str]:
    given = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
    headers = dict(given)
    if len(headers) < len(given):
        headers.clear()
        for name, value in given:
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers


def _query_of(scope: Scope, match: Match, headers: Mapping[str, str], body: bytes) -> Query:
    """Return the parameters of the address, and of the form of a search.

    Raises:
        ParametersRefused: They cannot be read.
        Refused: The form of a search is none.
    """
    query = parameters_of(scope["query_string"])
    row = match.interaction
    if row.kind != "search-type" or row.body != "form":
        return query
    sent = headers.get("content-type", "").partition(";")[0].strip().lower()
    if body and sent != FORM:
        message = f"the form of a search is {FORM}"
        raise Refused(Fault("UNSUPPORTED_MEDIA_TYPE", message, "Content-Type"))
    return [*query, *parameters_of(body)]


async def _send(send: Send, answer: Answer, exchange: _Exchange) -> None:
    body, status = answer.body, answer.status
    extensions = exchange.scope.get("extensions", _NO_EXTENSIONS)
    if WHOLE_ANSWER in extensions and not exchange.slow_body_seconds:
        await send(_whole(answer, exchange.request_id))
        return
    headers = [(_REQUEST_ID, exchange.request_id.encode())]
    if status not in _LENGTHLESS:
        headers.append((b"content-length", b"%d" % len(body)))
    if answer.media_type:
        headers.append(_written("content-type", answer.media_type))
    headers += [_written(name, value) for name, value in answer.headers]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    if exchange.slow_body_seconds:
        half = len(body) // 2
        await send({"type": "http.response.body", "body": body[:half], "more_body": True})
        await asyncio.sleep(exchange.slow_body_seconds)
        body = body[half:]
    await send({"type": "http.response.body", "body": body})


def _whole(answer: Answer, request_id: str) -> Message:
    """Return an answer as the one message of `prompt_answers`."""
    lines = [b"x-request-id: %s\r\n" % request_id.encode()]
    if answer.status not in _LENGTHLESS:
        lines.append(b"content-length: %d\r\n" % len(answer.body))
    if answer.media_type:
        lines.append(_line("content-type", answer.media_type))
    lines += [_line(name, value) for name, value in answer.headers]
    return {
        "type": WHOLE_ANSWER,
        "status": answer.status,
        "head": b"".join(lines),
        "body": answer.body,
        "closes": _CLOSE in answer.headers,
    }


@lru_cache(maxsize=1024)
def _line(name: str, value: str) -> bytes:
    """Write a header.

    Raises:
        ValueError: It would be no header, or more than one.
    """
    if _NO_NAME.search(name) or _NO_VALUE.search(value):
        message = f"no header is made of {name!r} and {value!r}"
        raise ValueError(message)
    return f"{name.lower()}: {value}\r\n".encode("latin-1")


@lru_cache(maxsize=1024)
def _written(name: str, value: str) -> tuple[bytes, bytes]:
    return name.lower().encode("latin-1"), value.encode("latin-1")


def _abort(scope: Scope) -> None:
    abort = scope.get("extensions", {}).get(EXTENSION, {}).get("abort")
    if abort is not None:
        abort()
