"""A person logs in with a browser, and comes back to this machine with a code.

Sources: RFC 6749 (4.1), RFC 7636 (PKCE), RFC 8252 (7.3: loopback address on a free port).
"""

import base64
import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Final, cast
from urllib.parse import parse_qs, urlencode, urlsplit

from etalon_target.cannot import CannotTest
from etalon_text.strings import text

_CLIENT_SECONDS: Final = 5.0

Browse = Callable[[str], object]


@dataclass(frozen=True, slots=True)
class Login:
    """What to ask a person to log in for.

    Attributes:
        endpoint: Address of the authorisation endpoint.
        client: Identifier of the client.
        scope: Scopes asked for.
        path: Path of the redirection.
        port: Port of the redirection; 0 for a free one.
        seconds: How long the person may take.
        parameters: Further parameters of the request.
    """

    endpoint: str
    client: str
    scope: str
    path: str
    port: int
    seconds: float
    parameters: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Code:
    """What came back.

    Attributes:
        code: The authorisation code.
        verifier: The verifier of PKCE.
        redirect: The address of redirection, as it was sent.
    """

    code: str
    verifier: str
    redirect: str


def log_in(login: Login, browse: Browse) -> Code:
    """Open a browser and wait for the code.

    Raises:
        CannotTest: The port is taken, nobody logged in, or the target refused.
    """
    verifier = secrets.token_urlsafe(48)
    state = secrets.token_urlsafe(24)
    try:
        listening = _Listening(("127.0.0.1", login.port), login.path, state)
    except OSError as error:
        raise CannotTest(key="target.login_port", port=login.port, problem=error) from error
    with listening:
        redirect = f"http://127.0.0.1:{listening.server_port}{login.path}"
        browse(_address(login, redirect, state, verifier))
        ends_at = time.monotonic() + login.seconds
        while listening.came is None and (left := ends_at - time.monotonic()) > 0:
            listening.timeout = left
            listening.handle_request()
    came = listening.came
    if came is None:
        raise CannotTest(key="target.login_late", seconds=f"{login.seconds:g}")
    if "code" not in came:
        problem = " ".join(came.get(key, "") for key in ("error", "error_description")).strip()
        raise CannotTest(key="target.login_refused", problem=problem or "-")
    return Code(came["code"], verifier, redirect)


def _address(login: Login, redirect: str, state: str, verifier: str) -> str:
    challenge = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    asked = {
        "response_type": "code",
        "client_id": login.client,
        "redirect_uri": redirect,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
        **({"scope": login.scope} if login.scope else {}),
        **dict(login.parameters),
    }
    joined = "&" if "?" in login.endpoint else "?"
    return f"{login.endpoint}{joined}{urlencode(asked)}"


class _Listening(HTTPServer):
    """Listens on the loopback address until the redirection of this login comes."""

    def __init__(self, address: tuple[str, int], path: str, state: str) -> None:
        super().__init__(address, _Handler)
        self.path = path
        self.state = state
        self.came: dict[str, str] | None = None

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that hung up."""


class _Handler(BaseHTTPRequestHandler):
    timeout = _CLIENT_SECONDS

    def do_GET(self) -> None:
        """Take the redirection of this login, and no other request."""
        parts = urlsplit(self.path)
        given = {name: values[0] for name, values in parse_qs(parts.query).items()}
        listening = cast("_Listening", self.server)
        ours = parts.path == listening.path and secrets.compare_digest(
            given.get("state", "").encode(), listening.state.encode()
        )
        if ours:
            listening.came = given
        key = "target.login_done" if ours else "target.login_other"
        said = f"<!doctype html><meta charset=utf-8><p>{text(key, 'fr')}<p>{text(key, 'en')}"
        body = said.encode()
        self.send_response(HTTPStatus.OK if ours else HTTPStatus.NOT_FOUND)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the name of the base)
        """Write nothing: the address holds the code."""
