"""Answers leave at once or after a wait, whole, in the order of their requests."""

import asyncio
import re
import socket
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import Final
from urllib.parse import urlsplit

import pytest

from durable_town import SEED, parameters
from etalon_server import application
from etalon_server.exchange import Answer, Desk, Request
from etalon_server.listening import Running, running
from etalon_server.prompt_answers import begun
from etalon_server.routes import HANDLERS
from etalon_server.service_host import Host
from etalon_server.settings import Bounds, Settings
from etalon_wire.validation.validator import Validator

IDLE_SECONDS: Final = 1
ANSWER: Final = re.compile(rb"HTTP/1\.1 (\d{3}) .*?\r\n\r\n", re.DOTALL)


async def _echo(desk: Desk, request: Request) -> Answer:
    """Answer what was sent, after as long a wait as is asked for."""
    del desk
    asked = dict(request.query)
    if "wait" in asked:
        await asyncio.sleep(float(asked["wait"]))
    headers = (("X-Said", asked["said"]),) if "said" in asked else ()
    return Answer(200, request.body or request.path.encode(), "text/plain", headers)


@pytest.fixture(scope="module")
def server() -> Generator[Running]:
    """A server that answers what it hears."""
    desk = Desk(
        Host(parameters(), seed=SEED),
        Settings(bounds=Bounds(idle_seconds=IDLE_SECONDS), sandbox=True),
        Validator(),
    )
    with pytest.MonkeyPatch.context() as patched:
        heard = {**HANDLERS, "health": _echo, "readiness": _echo, "sandbox_tokens": _echo}
        patched.setattr(application.create_app, "__defaults__", (None, heard))
        with running(desk) as listening:
            yield listening


@contextmanager
def connected(server: Running) -> Generator[socket.socket]:
    """A bare connection."""
    parts = urlsplit(server.address)
    with socket.create_connection((parts.hostname, parts.port), timeout=10) as one:
        yield one


def everything(connection: socket.socket) -> bytes:
    """What comes until the other side closes."""
    return b"".join(iter(lambda: connection.recv(1 << 16), b""))


def got(path: str, *lines: str, body: bytes = b"", verb: str = "GET") -> bytes:
    """A request."""
    length = [f"Content-Length: {len(body)}"] if body else []
    return (
        "\r\n".join((f"{verb} {path} HTTP/1.1", "Host: x", *lines, *length, "", "")).encode() + body
    )


LAST: Final = got("/health", "Connection: close")


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param([got("/health/ready"), LAST], id="one after the other"),
        pytest.param([got("/health/ready") + LAST], id="in one piece"),
        pytest.param([got("/health/ready?wait=0.05") + LAST], id="the first one waits"),
        pytest.param([got("/health/ready?wait=0"), LAST], id="it gives way to others"),
        pytest.param([got("/health/ready")[:9], got("/health/ready")[9:] + LAST], id="cut"),
    ],
)
def test_answers_come_in_the_order_of_their_requests(server: Running, sent: list[bytes]) -> None:
    """However they are sent, and whichever has to wait."""
    with connected(server) as connection:
        for piece in sent:
            connection.sendall(piece)
            time.sleep(0.01)
        answers = everything(connection)

    assert ANSWER.findall(answers) == [b"200", b"200"]
    assert re.findall(rb"\r\n\r\n(/[a-z/]+)", answers) == [b"/health/ready", b"/health"]


def test_very_many_requests_in_one_piece_are_answered(server: Running) -> None:
    """More than calls may stand one inside the other."""
    with connected(server) as connection:
        connection.sendall(got("/health") * 1500 + LAST)
        assert len(ANSWER.findall(everything(connection))) == 1501


@pytest.mark.parametrize("cut", [1, 40, 90, 120])
def test_a_body_is_read_whole_however_it_is_cut(server: Running, cut: int) -> None:
    """In the piece of its head, or after."""
    whole = got("/sandbox/tokens", "Connection: close", body=b"b" * 100, verb="POST")
    with connected(server) as connection:
        connection.sendall(whole[:-cut])
        time.sleep(0.01)
        connection.sendall(whole[-cut:])
        assert everything(connection).endswith(b"\r\n\r\n" + b"b" * 100)


def test_a_body_is_asked_for_where_its_client_waits_for_that(server: Running) -> None:
    """`Expect: 100-continue`."""
    whole = got(
        "/sandbox/tokens", "Connection: close", "Expect: 100-continue", body=b"bb", verb="POST"
    )
    with connected(server) as connection:
        connection.sendall(whole[:-2])
        assert connection.recv(1 << 10) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(whole[-2:])
        assert everything(connection).endswith(b"\r\n\r\nbb")


def test_a_head_is_answered_without_a_body_and_with_its_length(server: Running) -> None:
    """RFC 9110, 9.3.2."""
    with connected(server) as connection:
        connection.sendall(got("/health", "Connection: close", verb="HEAD"))
        answer = everything(connection)
    assert b"content-length: 7\r\n" in answer
    assert answer.endswith(b"\r\n\r\n")


def test_a_header_is_never_two(server: Running) -> None:
    """What would end its line is a fault of ours, and nothing of it leaves."""
    with connected(server) as connection:
        connection.sendall(got("/health?said=a%0D%0AX-More:%20b", "Connection: close"))
        answer = everything(connection)
        assert answer.startswith(b"HTTP/1.1 500 ")
        assert b"x-" not in answer.lower()


@pytest.mark.parametrize("after", [b"", b"\r\n"], ids=["nothing", "an empty line"])
def test_a_connection_that_asks_for_nothing_more_is_closed(server: Running, after: bytes) -> None:
    """After the seconds agreed, not at once; an empty line is no request."""
    with connected(server) as connection:
        connection.sendall(got("/health"))
        assert connection.recv(1 << 16).endswith(b"/health")
        connection.sendall(after)
        connection.settimeout(IDLE_SECONDS / 2)
        with pytest.raises(TimeoutError):
            connection.recv(1)
        connection.settimeout(10)
        assert connection.recv(1) == b""


def test_a_request_that_takes_longer_than_a_connection_may_idle_is_answered(
    server: Running,
) -> None:
    """Even one whose headers were on their way when the answer before it left."""
    last = got(f"/health?wait={IDLE_SECONDS + 0.3}", "Connection: close")
    with connected(server) as connection:
        connection.sendall(got("/health/ready") + last[:20])
        time.sleep(0.05)
        connection.sendall(last[20:])
        assert ANSWER.findall(everything(connection)) == [b"200", b"200"]


def test_work_that_waits_is_gone_on_with_by_a_task() -> None:
    """What it waits for comes to it: a value, an error, an end from outside."""
    heard: list[str] = []

    async def waiting(future: "asyncio.Future[str]") -> None:
        try:
            heard.append(await future)
        except ValueError:
            heard.append("error")
        except asyncio.CancelledError:
            heard.append("end")
            raise
        await asyncio.sleep(0)
        heard.append("after")

    async def run() -> None:
        loop = asyncio.get_running_loop()
        futures: list[asyncio.Future[str]] = [loop.create_future() for _ in range(3)]
        tasks = [begun(loop, waiting(one)) for one in futures]
        futures[0].set_result("value")
        futures[1].set_exception(ValueError())
        await asyncio.sleep(0)
        tasks[2].cancel()  # type: ignore[union-attr]
        found = await asyncio.gather(*filter(None, tasks), return_exceptions=True)
        assert [type(one) for one in found] == [type(None), type(None), asyncio.CancelledError]
        assert begun(loop, _at_once(heard)) is None

    asyncio.run(run())
    assert heard[-1] == "at once"
    assert sorted(heard[:-1]) == ["after", "after", "end", "error", "value"]


async def _at_once(heard: list[str]) -> None:
    heard.append("at once")
