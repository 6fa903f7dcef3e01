# pyright: standard
"""Listening: a socket, TLS, one loop until the stop, which finishes what was accepted."""

import asyncio
import gc
import signal
import socket
import ssl
import sys
import threading
from collections.abc import Callable, Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from pathlib import Path
from typing import TYPE_CHECKING, Final

from starlette.types import ASGIApp
from uvicorn import Config, Server

from etalon_server.application import create_app
from etalon_server.connections import Connection, protocol_of
from etalon_server.exchange import Desk
from etalon_server.log import Log, events_of
from etalon_server.mail.settings import MailSettings
from etalon_server.transforming import transformed
from etalon_wire.parts import Transform

if TYPE_CHECKING:
    from types import FrameType

    from etalon_server.mail.listening import MailServer

BACKLOG: Final = 2048
_COLLECTIONS: Final = (20_000, 20, 50)
_SIGNALS: Final = (signal.SIGINT, signal.SIGTERM)


class TlsRefusedError(ValueError):
    """A certificate, its key or the authority of clients cannot be used."""


@dataclass(frozen=True, slots=True)
class Tls:
    """Certificates of an endpoint.

    Attributes:
        certificate: Its own certificate with its chain, in PEM.
        key: The private key, in PEM.
        client_authority: Authorities whose client certificates are accepted, in PEM, or None to
            ask for none. A client may come without; what needs one refuses it.
    """

    certificate: Path
    key: Path
    client_authority: Path | None = None


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a server listens.

    Attributes:
        host: Address of an interface.
        port: Port; 0 for one that is free.
        tls: Certificates, or None for plain HTTP.
        mail: How mail comes and goes, on the same interface with the same certificates; None for
            no mail.
    """

    host: str = "127.0.0.1"
    port: int = 0
    tls: Tls | None = None
    mail: MailSettings | None = None


@dataclass(slots=True)
class Running:
    """A server that listens.

    Attributes:
        address: Where it is reached, without a slash at the end.
        smtp: Where mail is received, `host:port`; empty where it is not.
        stop: Ends it from any thread: what was accepted is finished first.
    """

    address: str
    smtp: str
    stop: Callable[[], None] = field(repr=False)


def start(
    desk: Desk,
    endpoint: Endpoint,
    told: Callable[[Running], None],
    log: Log | None = None,
    transform: Transform | None = None,
) -> None:
    """Listen until told to stop, by a signal or by `Running.stop`; the host is closed at the end.

    Args:
        desk: What handlers work with.
        endpoint: Where to listen.
        told: Called once requests are taken, on the thread of the server.
        log: Where answers and faults are told, or None.
        transform: What makes another server of this one, or None.

    Raises:
        MailPortError: Nothing can listen for mail there.
        OutboxError: The folder of the mail that leaves cannot be written.
        OSError: Nothing can listen there.
        TlsRefusedError: The certificates cannot be used.
        JournalFailedError: Something accepted could not be written.
        SnapshotFailedError: The snapshot of the end could not; nothing is lost.
    """
    with (
        events_of("uvicorn.error", log),
        _rare_collections(),
        asyncio.Runner(loop_factory=_loop_factory()) as runner,
    ):
        try:
            context = None if endpoint.tls is None else tls_context(endpoint.tls)
            with _bound(endpoint) as listener:
                config = _config(_app(desk, log, transform), desk, context)
                post = _post(desk, endpoint, context, log)
                server = _Server(config, told, context, listener, post)
                runner.run(server.serve(sockets=[listener]))
        finally:
            runner.run(_closed(desk))
            if log is not None:
                log.flush()


def _post(
    desk: Desk, endpoint: Endpoint, tls: ssl.SSLContext | None, log: Log | None
) -> "MailServer | None":
    if endpoint.mail is None:
        return None
    # A server without mail starts without what mail needs.
    from etalon_server.mail.listening import MailServer  # noqa: PLC0415

    own = endpoint.mail.tls
    context = tls if own is None else tls_context(own)
    return MailServer(desk, endpoint.mail, endpoint.host, context, log)


def _app(desk: Desk, log: Log | None, transform: Transform | None) -> ASGIApp:
    app = create_app(desk, log)
    return app if transform is None else transformed(desk, app, transform)


@contextmanager
def _rare_collections() -> Generator[None]:
    """Have the collector look less often at a memory of which nearly all stays.

    On a thread the memory is also that of others, and its collector is left alone.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_COLLECTIONS)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


async def _closed(desk: Desk) -> None:
    if desk.identity is not None:
        desk.identity.close()
    await desk.host.close()


@contextmanager
def running(
    desk: Desk,
    endpoint: Endpoint | None = None,
    log: Log | None = None,
    transform: Transform | None = None,
) -> Generator[Running]:
    """Run a server on a thread of its own while the block lasts, as `start` does.

    Raises:
        OSError: Nothing can listen there.
        TlsRefusedError: The certificates cannot be used.
    """
    ready = threading.Event()
    found: list[Running] = []
    failed: list[BaseException] = []

    def told(one: Running) -> None:
        found.append(one)
        ready.set()

    def run() -> None:
        try:
            start(desk, endpoint or Endpoint(), told, log, transform)
        except BaseException as error:  # noqa: BLE001 (raised again by whoever waits)
            failed.append(error)
        ready.set()

    thread = threading.Thread(target=run, name="server")
    thread.start()
    ready.wait()
    try:
        if found:
            yield found[0]
    finally:
        for one in found:
            one.stop()
        thread.join()
    if failed:
        raise failed[0]


def _bound(endpoint: Endpoint) -> socket.socket:
    family = socket.AF_INET6 if ":" in endpoint.host else socket.AF_INET
    return socket.create_server((endpoint.host, endpoint.port), family=family, backlog=BACKLOG)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Return what makes a faster loop where it is installed."""
    if sys.platform == "win32":
        return None
    try:
        import uvloop  # noqa: PLC0415 (an extra: the server runs without)
    except ImportError:
        return None
    return uvloop.new_event_loop


def tls_context(tls: Tls) -> ssl.SSLContext:
    """Return the TLS settings of an endpoint: 1.2 at least (W-SEC-01).

    Raises:
        TlsRefusedError: The certificates cannot be used.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        context.load_cert_chain(tls.certificate, tls.key)
        if tls.client_authority is not None:
            context.load_verify_locations(tls.client_authority)
            context.verify_mode = ssl.CERT_OPTIONAL
    except (OSError, ssl.SSLError) as error:
        message = (
            f"{tls.certificate}, {tls.key}: no certificate in PEM with its key, or no authority "
            f"of clients: {error}"
        )
        raise TlsRefusedError(message) from error
    return context


def _config(app: ASGIApp, desk: Desk, context: ssl.SSLContext | None) -> Config:
    bounds = desk.settings.bounds
    return Config(
        app,
        http=protocol_of(desk),
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        proxy_headers=False,
        server_header=False,
        backlog=BACKLOG,
        timeout_keep_alive=ceil(bounds.idle_seconds),
        timeout_graceful_shutdown=int(bounds.graceful_seconds),
        ssl_context_factory=None if context is None else lambda *_: context,
    )


class _Server(Server):
    """uvicorn's server: told when it listens, watching its connections, dying of no signal."""

    def __init__(
        self,
        config: Config,
        told: Callable[[Running], None],
        context: ssl.SSLContext | None,
        listener: socket.socket,
        mail: "MailServer | None",
    ) -> None:
        super().__init__(config)
        self._mail = mail
        self._told = told
        self._scheme = "http" if context is None else "https"
        self._listener = listener

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, then tell where."""
        host, port, *_ = self._listener.getsockname()
        await super().startup(sockets)
        smtp = ""
        if self._mail is not None:
            await self._mail.start()
            smtp = self._mail.address
        written = f"[{host}]" if ":" in host else host
        self._told(Running(f"{self._scheme}://{written}:{port}", smtp, self._stop))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Answer what was received whole, mail and requests, then close."""
        if self._mail is not None:
            await self._mail.close(self.config.timeout_graceful_shutdown or 0)
        await super().shutdown(sockets)

    async def on_tick(self, counter: int) -> bool:
        """Ten times a second, look for clients that are too slow."""
        now = asyncio.get_running_loop().time()
        for connection in list(self.server_state.connections):
            if isinstance(connection, Connection):
                connection.watch(now)
        return await super().on_tick(counter)

    def _stop(self) -> None:
        self.should_exit = True

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Stop on the first signal, at once on the second; the process goes on after the stop."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self._signalled) for one in _SIGNALS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def _signalled(self, number: int, frame: "FrameType | None") -> None:
        self.handle_exit(number, frame)
