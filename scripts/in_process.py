"""Asking an application something without a network: what tests of a server share."""

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back.

    Attributes:
        status: HTTP status.
        headers: By name in lower case.
        body: Its bytes.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:  # noqa: ANN401 (JSON, for tests)
        """The body, read as JSON."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body.decode()


async def asked(  # noqa: PLR0913, PLR0917 (what a request is made of)
    app: ASGIApp,
    verb: str,
    path: str,
    body: bytes,
    headers: Mapping[str, str],
    certificate: str = "",
    meanwhile: Callable[[], object] | None = None,
) -> Reply:
    """Send an application one request.

    Args:
        app: The application.
        verb: Method.
        path: Path and query.
        body: Bytes sent.
        headers: By name in lower case; the host and the length of the body are added.
        certificate: Thumbprint of the client's certificate, or an empty string.
        meanwhile: What happens when the head of the request has come and its body has not.
    """
    written = {"host": "etalon.test", "content-length": str(len(body)), **headers}
    where, _, query = path.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": verb,
        "scheme": "http",
        "path": where,
        "raw_path": where.encode(),
        "root_path": "",
        "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in written.items()],
        "server": ("etalon.test", 80),
        "client": ("127.0.0.1", 1),
        "extensions": {"etalon": {"certificate": certificate}},
    }
    messages: list[Message] = []

    async def receive() -> Message:
        if meanwhile is not None:
            meanwhile()
        return {"type": "http.request", "body": body, "more_body": False}

    async def send(message: Message) -> None:
        messages.append(message)

    await app(scope, receive, send)
    start, *rest = messages
    answered = {name.decode(): value.decode() for name, value in start["headers"]}
    return Reply(start["status"], answered, b"".join(one.get("body", b"") for one in rest))
