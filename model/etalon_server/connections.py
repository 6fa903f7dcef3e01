# pyright: standard
"""One connection: its client certificate, how much it sends before it is believed, how fast.

uvicorn hands an application no client certificate; this subclass of its protocol reads it from the
transport. A connection that sends too much, or takes too long, is answered here and closed.

Sources: RFC 8705, 3.1 (thumbprint of a certificate); RFC 9110, 15 (408, 431, 503).
"""

import asyncio
import base64
import hashlib
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

import httptools
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from etalon_server.application import EXTENSION, RETRY_SECONDS, WHOLE_ANSWER
from etalon_server.exchange import Answer, Desk, refusal_answer
from etalon_server.prompt_answers import Cycle, begun
from etalon_server.settings import Bounds
from etalon_wire.operation_outcomes import Fault

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

_ASGI: Final = {"version": "3.0", "spec_version": "2.3"}
_NO_ID: Final = "none"


def thumbprint_of(certificate: bytes) -> str:
    """Return the `x5t#S256` of a certificate in DER."""
    digest = hashlib.sha256(certificate).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Connection(HttpToolsProtocol):
    """One connection: its certificate, and how much and how fast it sends.

    Attributes:
        bounds: What a client may ask for.
        too_large: The application that refuses headers.
        too_many: The application that refuses one connection more.
    """

    bounds: Bounds
    too_large: "_Refusing"
    too_many: "_Refusing"
    too_slow: "_Refusing"
    no_http: "_Refusing"

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 (uvicorn's own)
        super().__init__(*given, **named)
        self._extensions: dict[str, object] = {}
        self._fed_bytes = 0
        self._in_head = False
        self._begun_at: float | None = None
        self._idle_since: float | None = None
        self._stuck_since: float | None = None
        self._next: tuple[RequestResponseCycle, Any] | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Read the certificate; wait for the first request no longer than for the next ones."""
        super().connection_made(transport)  # type: ignore[arg-type]
        known = transport.get_extra_info("ssl_object")
        certificate = None if known is None else known.getpeercert(binary_form=True)
        thumbprint = "" if certificate is None else thumbprint_of(certificate)
        self._extensions = {
            EXTENSION: {"certificate": thumbprint, "abort": self.transport.abort},
            WHOLE_ANSWER: {},
        }
        self._idle_since = self.loop.time()

    def data_received(self, data: bytes) -> None:
        """Count what comes before the headers are whole; answer a request once all is read."""
        most = self.bounds.header_bytes
        self._fed_bytes = self._fed_bytes + len(data) if self._in_head else len(data)
        super().data_received(data)
        if self._in_head and self._fed_bytes > most:
            self._close_with(self.too_large)
        following, self._next = self._next, None
        if following is not None and not self.transport.is_closing():
            cycle, app = following
            task = begun(self.loop, cycle.run_asgi(app))
            if task is not None:
                self.tasks.add(task)
                task.add_done_callback(self.tasks.discard)

    def on_message_begin(self) -> None:
        """Note when a request begins."""
        self.url = b""
        self.headers = []
        self.expect_100_continue = False
        self._in_head = True
        self._idle_since = None
        self._begun_at = self.loop.time()

    def on_headers_complete(self) -> None:
        """Hand the request over, or have it refused."""
        self._in_head = False
        # Set again if the answer before it left while its headers came.
        self._idle_since = None
        # uvicorn and Starlette name the types of ASGI differently.
        app: Any = self.app
        if self._fed_bytes > self.bounds.header_bytes:
            size = len(self.url) + sum(len(name) + len(value) for name, value in self.headers)
            app = self.too_large if size > self.bounds.header_bytes else app
        if len(self.connections) > self.bounds.connections:
            app = self.too_many
        before: RequestResponseCycle | None = self.cycle
        self.cycle = self._cycle()
        if before is None or before.response_complete:
            # What is left of this piece is read first: it often holds the whole body.
            self._next = self.cycle, app
        else:
            self.flow.pause_reading()
            self.pipeline.appendleft((self.cycle, app))

    def _cycle(self) -> Cycle:
        """Return the exchange of the request whose headers were read."""
        parser: Any = self.parser
        version = parser.get_http_version()
        address = httptools.parse_url(self.url)
        path = address.path.decode("ascii")
        scope: Any = {
            "type": "http",
            "asgi": _ASGI,
            "http_version": version,
            "server": self.server,
            "client": self.client,
            "scheme": self.scheme,
            "root_path": "",
            "headers": self.headers,
            "method": parser.get_method().decode("ascii"),
            "path": unquote(path) if "%" in path else path,
            "raw_path": address.path,
            "query_string": address.query or b"",
            "extensions": self._extensions,
        }
        self.scope = scope
        return Cycle(
            scope=scope,
            transport=self.transport,
            flow=self.flow,
            logger=self.logger,
            access_logger=self.access_logger,
            access_log=False,
            default_headers=self.server_state.default_headers,
            message_event=asyncio.Event(),
            expect_100_continue=self.expect_100_continue,
            keep_alive=version != "1.0" and parser.should_keep_alive(),
            on_response=self.on_response_complete,
        )

    def on_body(self, body: bytes) -> None:
        """Keep a piece of a body, unless its request is answered already."""
        if isinstance(self.cycle, Cycle) and not self.cycle.response_complete:
            self.cycle.read(body)

    def on_message_complete(self) -> None:
        """Note that the request is whole."""
        self._begun_at = None
        if not self.cycle.response_complete:
            self.cycle.more_body = False
            self.cycle.message_event.set()

    def on_response_complete(self) -> None:
        """Go on to the next request of the connection, or wait for it."""
        self.server_state.total_requests += 1
        if self.transport.is_closing():
            return
        self.flow.resume_reading()
        if self.pipeline:
            self._start_asgi_task(*self.pipeline.pop())
        else:
            self._idle_since = self.loop.time()

    def pause_writing(self) -> None:
        """Note since when the client takes nothing."""
        super().pause_writing()
        self._stuck_since = self.loop.time()

    def resume_writing(self) -> None:
        """Note that the client takes its answer."""
        super().resume_writing()
        self._stuck_since = None

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no HTTP, and an address longer than its reader takes."""
        del msg
        is_long = len(getattr(self, "url", b"")) > self.bounds.header_bytes
        self._close_with(self.too_large if is_long else self.no_http)

    def watch(self, now: float) -> None:
        """Let go of a client that is too slow, to send or to take."""
        stuck, since, idle = self._stuck_since, self._begun_at, self._idle_since
        if stuck is not None and now - stuck > self.bounds.answer_seconds:
            self.transport.abort()
        elif since is not None and now - since > self.bounds.request_seconds:
            self._close_with(self.too_slow)
        elif idle is not None and now - idle > self.timeout_keep_alive:
            self.transport.close()

    def _close_with(self, refusing: "_Refusing") -> None:
        """Answer outside the application, unless an answer has begun, and close."""
        self._begun_at = None
        self._in_head = False
        if self.transport.is_closing():
            return
        # uvicorn has no cycle before the first request, whatever its types say.
        cycle: RequestResponseCycle | None = getattr(self, "cycle", None)
        if cycle is None or cycle.response_complete or not cycle.response_started:
            self.transport.write(refusing.raw)
        self.transport.close()


class _Refusing:
    """Answers every request with one refusal, and closes the connection.

    Attributes:
        raw: The answer as it goes over the connection.
    """

    __slots__ = ("_answer", "_headers", "raw")

    def __init__(self, answer: Answer, reason: str) -> None:
        named = {
            "content-type": answer.media_type,
            "content-length": str(len(answer.body)),
            "connection": "close",
            **dict(answer.headers),
        }
        self._answer = answer
        self._headers = [(name.encode(), value.encode()) for name, value in named.items()]
        lines = [f"HTTP/1.1 {answer.status} {reason}", *(f"{n}: {v}" for n, v in named.items())]
        self.raw = ("\r\n".join(lines) + "\r\n\r\n").encode() + answer.body

    async def __call__(self, scope: "Scope", receive: "Receive", send: "Send") -> None:
        del scope, receive
        status = self._answer.status
        await send({"type": "http.response.start", "status": status, "headers": self._headers})
        await send({"type": "http.response.body", "body": self._answer.body})


def protocol_of(desk: Desk) -> type[Connection]:
    """Return the protocol of one server, with its bounds and its refusals."""
    bounds = desk.settings.bounds

    def refusing(code: str, message: str, reason: str, *headers: tuple[str, str]) -> _Refusing:
        answer = refusal_answer(Fault(code, message), desk.mode, "json", _NO_ID)
        named = Answer(answer.status, answer.body, answer.media_type, headers)
        return _Refusing(named, reason)

    retry = ("retry-after", str(RETRY_SECONDS))
    held = {
        "bounds": bounds,
        "too_large": refusing(
            "HEADER_TOO_LARGE",
            f"the request line and headers have more than {bounds.header_bytes} bytes",
            "Request Header Fields Too Large",
        ),
        "too_many": refusing(
            "UNAVAILABLE",
            f"there are {bounds.connections} connections already: come back later",
            "Service Unavailable",
            retry,
        ),
        "too_slow": refusing(
            "TOO_SLOW",
            f"the request was not whole after {bounds.request_seconds:g} s",
            "Request Timeout",
        ),
        "no_http": refusing("NO_HTTP", "this is no request of HTTP/1.1", "Bad Request"),
    }
    return type("BoundConnection", (Connection,), held)
