"""What is sent to a target and what comes back; a surprise of the network is a value too."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Literal

from etalon_wire.json_body import Json, read_value
from etalon_wire.malformed import Limits, Malformed

Headers = tuple[tuple[str, str], ...]
Certificate = Literal["", "first", "second"]
"""Client certificate that a request shows; empty for that of the target, or none."""

BELOW_ROOT: Final = "root:"
"""What an address begins with when it stands below the root of a target, not its FHIR base."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """A request.

    Attributes:
        verb: HTTP method.
        url: Absolute; or a path below the FHIR base; or `root:/…`, below the root.
        headers: Name and value, in order.
        body: Its bytes.
        follows: A GET or HEAD follows redirections, as many as the limits allow.
        certificate: The client certificate that the connection shows.
    """

    verb: str
    url: str
    headers: Headers = ()
    body: bytes = b""
    follows: bool = True
    certificate: Certificate = ""

    def header(self, name: str) -> str:
        """Return the first header of that name, or an empty string."""
        return _header(self.headers, name)


@dataclass(frozen=True, slots=True)
class NotJson:
    """A body that is no JSON.

    Attributes:
        problem: Why, in English.
    """

    problem: str


@dataclass(frozen=True, slots=True)
class HttpResponse:
    """An answer, whole.

    Attributes:
        status: HTTP status.
        headers: Name in lower case and value, in order.
        body: Its bytes, after the content coding.
        seconds: From the first byte sent to the last received, redirections included.
        url: Where it was answered in the end.
        redirects: Where it was redirected to, in order.
    """

    status: int
    headers: Headers
    body: bytes
    seconds: float
    url: str
    redirects: tuple[str, ...] = ()

    def header(self, name: str) -> str:
        """Return the first header of that name, or an empty string."""
        return _header(self.headers, name)

    def json(self) -> "Json | NotJson":
        """Return the body read as JSON, or why it is none."""
        try:
            return read_value(self.body, Limits(bytes=max(1, len(self.body))))
        except Malformed as error:
            return NotJson(str(error))


class FailureKind(StrEnum):
    """Why no answer came back."""

    UNRESOLVED = "unresolved"
    REFUSED = "refused"
    TLS = "tls"
    TIMEOUT = "timeout"
    DROPPED = "dropped"
    CUT_SHORT = "cut_short"
    TOO_LARGE = "too_large"
    REDIRECTS = "redirects"
    MALFORMED = "malformed"
    UNSENDABLE = "unsendable"
    ADAPTER = "adapter"
    PROXY = "proxy"
    WITHHELD = "withheld"
    """We did not send it: it held a matricule of production."""


@dataclass(frozen=True, slots=True)
class TransportFailure:
    """No answer, or none that can be used.

    Attributes:
        kind: Why.
        detail: What the network said, in English.
        seconds: How long it took to know.
        maybe_applied: The target may have acted on the request; False when it certainly did not.
    """

    kind: FailureKind
    detail: str
    seconds: float
    maybe_applied: bool


Answer = HttpResponse | TransportFailure


def _header(headers: Headers, name: str) -> str:
    wanted = name.lower()
    return next((value for given, value in headers if given.lower() == wanted), "")
