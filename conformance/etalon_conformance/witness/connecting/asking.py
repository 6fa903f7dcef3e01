"""Asking the witness something over a connection of its own that shows a client certificate."""

import http.client
import json
import ssl
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode, urlsplit

from etalon_target.throwaway_authority import AuthorityFiles
from etalon_wire.json_body import Json, Resource

PING_AGENT: Final = "etalon-witness-ping"
"""How the witness tells these requests from those of the client: they are not judged."""

_MOST_BYTES: Final = 2_000_000
_SHOWN: Final = 200
_FORM: Final = "application/x-www-form-urlencoded"


class NotAnsweredError(Exception):
    """No answer came back, for the reason that it says."""


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer.

    Attributes:
        status: Status.
        location: Where it leads, or empty.
        body: Its bytes.
    """

    status: int
    location: str
    body: bytes

    @property
    def told(self) -> str:
        """The beginning of what it says, on one line."""
        return " ".join(self.body.decode("utf-8", "replace").split())[:_SHOWN]

    def first(self, key: str) -> str:
        """Return a text of a JSON object, or an empty string."""
        try:
            read: Json = json.loads(self.body)
        except ValueError:
            return ""
        found = read.get(key) if isinstance(read, dict) else None
        return found if isinstance(found, str) else ""


class Asking:
    """Asks, with the first client certificate of a kit."""

    __slots__ = ("_context", "_root", "_seconds")

    def __init__(self, root: str, files: AuthorityFiles, seconds: float) -> None:
        """Trust the authority of the kit and nobody else.

        Args:
            root: Address of the witness, without a slash at the end.
            files: The certificates of the kit.
            seconds: How long each wait may take.
        """
        self._root = root
        self._seconds = seconds
        self._context = ssl.create_default_context(cafile=str(files.authority))
        self._context.load_cert_chain(files.first)

    def ask(
        self,
        verb: str,
        path: str,
        body: Resource | Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        form: bool = False,
    ) -> Reply:
        """Ask.

        Args:
            verb: Method.
            path: From the root, with its query; or a whole address of the witness.
            body: What is sent.
            headers: Headers beside ours.
            form: The body is a form rather than JSON.

        Raises:
            NotAnsweredError: No whole answer came back.
        """
        where = urlsplit(path if "://" in path else self._root + path)
        target = f"{where.path}?{where.query}" if where.query else where.path
        kind = _FORM if form else "application/json"
        sent = None
        if body is not None:
            sent = (urlencode(body) if form else json.dumps(body)).encode()
        told = {"User-Agent": PING_AGENT, "Content-Type": kind, **(headers or {})}
        connection = http.client.HTTPSConnection(
            where.netloc, timeout=self._seconds, context=self._context
        )
        try:
            connection.request(verb, target, sent, told)
            answer = connection.getresponse()
            location = answer.getheader("Location", "")
            return Reply(answer.status, location, answer.read(_MOST_BYTES))
        except TimeoutError:
            message = f"{self._seconds:g} s"
            raise NotAnsweredError(message) from None
        except (OSError, http.client.HTTPException) as error:
            said = getattr(error, "reason", None) or getattr(error, "strerror", None) or error
            raise NotAnsweredError(str(said) or type(error).__name__) from None
        finally:
            connection.close()
