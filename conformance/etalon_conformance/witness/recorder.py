"""Keeps every exchange of a client: a layer before the reference server, out of its way.

What it does while a client waits is to keep references to bytes that are there anyway, and the
instant of the service; all reading is done later, where the session is pumped.

Sources: ASGI, version 3 (HTTP connection scope and events); RFC 7519.
"""

from collections.abc import Callable, MutableMapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from time import monotonic
from typing import Final, cast

from etalon_conformance.exchanges import Exchange
from etalon_conformance.forgeries import claims_of
from etalon_conformance.witness.connecting.asking import PING_AGENT
from etalon_conformance.witness.traffic import Witnessed
from etalon_model.actors import ActorKind
from etalon_target.actors import Who
from etalon_target.messages import (
    Answer,
    FailureKind,
    HttpRequest,
    HttpResponse,
    TransportFailure,
)
from etalon_wire.interactions import FHIR
from etalon_wire.json_body import Json
from etalon_wire.parts import Application, Codec, Deciding, Message, Receive, Scope, Send

PLAYED: Final = "etalon.played"
"""Key of the scope under which a layer below says what it did on purpose: a list of names."""
WITHOUT: Final = ("/witness", "/sandbox", "/health", "/metrics")
"""Where paths begin that are no traffic of a client: our page, our controls."""
_REMEMBERED: Final = 1_000
_MOST_A_SECOND: Final = 500
"""Exchanges of one second that are kept; a client that sends more is told of as a flood."""

Arrival = Callable[[], Witnessed]
"""Reads an exchange that was kept as it came."""

Keep = Callable[[Arrival], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Raw:
    """An exchange as it went by: what there is to read of it is read later."""

    number: int
    scope: Scope
    came: list[bytes]
    left: list[bytes]
    start: list[Message]
    played: list[str]
    at: datetime
    began: float
    ended: float
    now: datetime
    step: str


class Recorder:
    """The layer.

    Attributes:
        is_on: Whether exchanges are kept.
        step: The step under way, or empty.
        flooded: How many exchanges were let go of because too many came in one second.
    """

    def __init__(self, keep: Keep, now: Callable[[], datetime], first: int = 0) -> None:
        """Keep nothing yet.

        Args:
            keep: Called with what reads an exchange once its answer has left, on the thread of the
                server.
            now: Gives the instant of the service.
            first: Number of the last exchange kept before, in a session that is taken up again.
        """
        self.is_on = False
        self.step = ""
        self.flooded = 0
        self._keep = keep
        self._now = now
        self._number = first
        self._second = 0
        self._in_second = 0
        self._claims: dict[str, Json] = {}

    def __call__(
        self, service: Deciding, codec: Codec, app: Application
    ) -> tuple[Deciding, Codec, Application]:
        """Stand before an application."""

        async def recorded(scope: Scope, receive: Receive, send: Send) -> None:
            path = str(scope.get("path", ""))
            left_out = path.startswith(WITHOUT) or _is_ping(scope)
            if not self.is_on or scope["type"] != "http" or left_out:
                await app(scope, receive, send)
                return
            await self._recorded(app, scope, receive, send)

        return service, codec, recorded

    async def _recorded(self, app: Application, scope: Scope, receive: Receive, send: Send) -> None:
        came: list[bytes] = []
        left: list[bytes] = []
        start: list[Message] = []
        played: list[str] = []
        at, began, step = datetime.now(UTC), monotonic(), self.step

        async def receiving() -> Message:
            message = await receive()
            if body := message.get("body"):
                came.append(cast("bytes", body))
            return message

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.append(message)
            elif body := message.get("body"):
                left.append(cast("bytes", body))
            await send(message)

        try:
            await app({**scope, PLAYED: played}, receiving, sending)
        finally:
            if self._has_room():
                self._number += 1
                raw = _Raw(
                    number=self._number,
                    scope=scope,
                    came=came,
                    left=left,
                    start=start,
                    played=played,
                    at=at,
                    began=began,
                    ended=monotonic(),
                    now=self._now(),
                    step=step,
                )
                self._keep(partial(self._read, raw))

    def _read(self, raw: _Raw) -> Witnessed:
        """Return an exchange that was kept as it came."""
        request = request_of(raw.scope, b"".join(raw.came))
        answer = _answer(raw.start, b"".join(raw.left), raw.ended - raw.began, request.url)
        exchange = Exchange(raw.number, raw.at, self._who(request), request, answer)
        return self._witnessed(exchange, raw)

    def mail(self, asked: HttpRequest, answer: HttpResponse, played: str) -> None:
        """Keep a mail that the witness was given."""
        if self.is_on and self._has_room():
            self._number += 1
            at, ended = datetime.now(UTC), monotonic()
            exchange = Exchange(self._number, at, None, asked, answer)
            began, now = ended - answer.seconds, self._now()
            one = Witnessed(exchange, self.step, "", began, ended, now, played=played)
            self._keep(lambda: one)

    def _has_room(self) -> bool:
        second = int(monotonic())
        if second != self._second:
            self._second, self._in_second = second, 0
        self._in_second += 1
        if self._in_second > _MOST_A_SECOND:
            self.flooded += 1
            return False
        return True

    def _witnessed(self, exchange: Exchange, raw: _Raw) -> Witnessed:
        request = exchange.request
        claims = self._claims_in(request)
        parts = request.url.split("/", 3)
        return Witnessed(
            exchange=exchange,
            step=raw.step,
            base="/".join(parts[:3]) + FHIR,
            began=raw.began,
            ended=raw.ended,
            now=raw.now,
            client=_text(claims, "client_id"),
            patient=_text(claims, "patient"),
            correlation=request.header("x-correlation-id") or request.header("x-request-id"),
            played=" ".join(raw.played),
        )

    def _who(self, request: HttpRequest) -> Who | None:
        claims = self._claims_in(request)
        kind = _text(claims, "act_as")
        if kind not in set(ActorKind):
            return None
        return Who(
            ActorKind(kind),
            _text(claims, "sub"),
            profession=_text(claims, "profession"),
            on_behalf_of=_text(claims, "patient"),
            scope=_text(claims, "scope"),
            mode=_text(claims, "access_mode"),
        )

    def _claims_in(self, request: HttpRequest) -> MutableMapping[str, Json]:
        token = request.header("authorization").partition(" ")[2]
        if not token:
            return {}
        if token not in self._claims:
            if len(self._claims) >= _REMEMBERED:
                self._claims.clear()
            self._claims[token] = dict(claims_of(token))
        return cast("dict[str, Json]", self._claims[token])


def _is_ping(scope: Scope) -> bool:
    """Whether a request comes from `etalon witness ping`."""
    pairs = cast("list[tuple[bytes, bytes]]", scope.get("headers") or [])
    agent = PING_AGENT.encode()
    return any(name == b"user-agent" and value.startswith(agent) for name, value in pairs)


def request_of(scope: Scope, body: bytes) -> HttpRequest:
    """Return the request of a scope, with an absolute address."""
    pairs = cast("list[tuple[bytes, bytes]]", scope["headers"])
    headers = tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in pairs)
    host = next((value for name, value in headers if name == "host"), "witness.localhost")
    raw = scope.get("raw_path")
    path = raw.decode("latin-1") if isinstance(raw, bytes) else str(scope["path"])
    query = cast("bytes", scope["query_string"]).decode("latin-1")
    address = f"{scope.get('scheme', 'http')}://{host}{path.partition('?')[0]}"
    return HttpRequest(
        str(scope["method"]), f"{address}?{query}" if query else address, headers, body
    )


def _answer(start: list[Message], body: bytes, seconds: float, url: str) -> Answer:
    if not start:
        return TransportFailure(FailureKind.DROPPED, "no answer", seconds, maybe_applied=True)
    pairs = cast("list[tuple[bytes, bytes]]", start[0].get("headers") or [])
    headers = tuple(
        (name.decode("latin-1").lower(), value.decode("latin-1")) for name, value in pairs
    )
    return HttpResponse(int(cast("int", start[0]["status"])), headers, body, seconds, url)


def _text(claims: MutableMapping[str, Json], name: str) -> str:
    found = claims.get(name)
    return found if isinstance(found, str) else ""
