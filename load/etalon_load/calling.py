"""Requests of journeys: what each bears, whose token, and what becomes of a refused one.

One caller a worker. The lines of a header that never change are written once; a request adds a
trace, a span and the line of its token. A token that is refused is asked for anew, once.

Sources: W3C Trace Context (`traceparent`); RFC 6750.
"""

import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol
from urllib.parse import urlsplit

import orjson

from etalon_load.expecting import Expecting
from etalon_load.http_client import Answer, Client, FailedError
from etalon_target.cannot import CannotTest
from etalon_target.tokens import told_to_sandbox
from etalon_wire.interactions import FHIR, interactions

if TYPE_CHECKING:
    from etalon_target.actors import Who
    from etalon_wire.interactions import Interaction

_RUNS: Final = 10**9
_DOCUMENTS_MOST: Final = 10_000
"""More documents than a run adds to a record."""

_GRANTS_MOST: Final = 10_000
"""Tokens that are kept: memory does not follow the population."""

_UNAUTHORISED: Final = 401
_AN_HOUR: Final = 3600.0
_USED: Final = 0.9
"""The share of its life after which a token is renewed."""

_ACCEPTS: Final[Mapping[str, bytes]] = {
    "fhir": b"application/fhir+json",
    "json": b"application/json",
    "html": b"text/html",
    "redirect": b"text/html",
    "raw": b"*/*",
}
_SENDS: Final[Mapping[str, bytes]] = {
    "fhir": b"application/fhir+json",
    "json": b"application/json",
    "patch": b"application/json-patch+json",
    "form": b"application/x-www-form-urlencoded",
}


class Bearers(Protocol):
    """Where tokens come from that a profile describes."""

    def bearer(self, who: "Who") -> str:
        """Return the token of somebody."""
        ...

    def forget(self, who: "Who", refused: str = "") -> None:
        """Give up a token that was refused."""
        ...


class Opened(Protocol):
    """A target that a worker speaks to."""

    @property
    def fhir_base(self) -> str:
        """The base of FHIR."""
        ...

    @property
    def root(self) -> str:
        """What stands above it."""
        ...

    @property
    def sandbox(self) -> str:
        """Address of the controls, or empty."""
        ...

    @property
    def tokens(self) -> Bearers:
        """Where tokens come from."""
        ...

    def client(self) -> Client:
        """Return connections to it."""
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """What the journeys of one worker go by.

    Attributes:
        run_id: Identifier of the run, in every request.
        seed: What chance starts from.
        sample: Share of people whose answers are held against the model, from 0 to 1.
        time_scale: What the lives of tokens are divided by.
        pace: What times of thought are multiplied by.
        by_pages: People and professionals log in on pages like ours; else tokens come from the
            profile of the target.
        vintage: Of the target, for the model; empty when it is not known, and nothing is held
            against the model.
        now: The instant of the target when the run began.
        passwords: Share of people who log in with a password, not through FranceConnect+.
    """

    run_id: str
    seed: int = 1
    sample: float = 0.05
    time_scale: float = 1.0
    pace: float = 1.0
    by_pages: bool = True
    vintage: str = ""
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    passwords: float = 0.5


@dataclass(frozen=True, slots=True)
class Call:
    """What every request for one interaction has in common.

    Attributes:
        verb: Of the request.
        path: Template, below the root of the host.
        head: Lines of headers, the last of them open: the trace follows.
        status: Of a success.
    """

    verb: str
    path: str
    head: bytes
    status: int


class Grant:
    """A token in use.

    Attributes:
        token: The token.
        line: The line of a header that bears it.
        renewed_at: From when a new one is asked for, on the monotonic clock.
        refresh: What a new one can be had with, or empty.
        renew: Asks for a new one, under a trace; None where nobody can.
    """

    __slots__ = ("line", "refresh", "renew", "renewed_at", "token")

    def __init__(self, token: str, seconds: float = float("inf"), refresh: str = "") -> None:
        """Hold a token that is used for some seconds."""
        self.token = token
        self.line = b"Authorization: Bearer " + token.encode("ascii") + b"\r\n" if token else b""
        self.renewed_at = time.monotonic() + seconds
        self.refresh = refresh
        self.renew: Callable[[bytes], Grant | None] | None = None

    @property
    def is_current(self) -> bool:
        """Whether it need not be renewed yet."""
        return time.monotonic() < self.renewed_at


_NO_TRACE: Final = b"0" * 31 + b"1"
"""The trace of what is sent before any journey."""

NOBODY: Final = Grant("")
"""No token at all."""


class Caller:
    """Requests of one worker.

    Attributes:
        settings: What journeys go by.
        grants: Tokens in use, by whose they are.
        expecting: What the model expects for the people of the sampled share.
        root: What stands above the base of FHIR.
        numbers: Of the next document of people to whom documents were added.
    """

    def __init__(self, opened: Opened, settings: Settings) -> None:
        """Send nothing yet."""
        self.settings = settings
        self.grants: dict[Who, Grant] = {}
        self.expecting = Expecting(settings.vintage, settings.now) if settings.sample else None
        self.numbers: dict[str, int] = {}
        # Another run with the same people makes other documents.
        self.first_number = int(settings.run_id, 16) % _RUNS * _DOCUMENTS_MOST
        self.root = opened.root
        self._client = opened.client()
        self._bearers = opened.tokens
        self._sandbox = bool(opened.sandbox)
        fhir, root = urlsplit(opened.fhir_base).path, urlsplit(opened.root).path
        self._calls = {
            name: _call(one, fhir.rstrip("/"), root.rstrip("/"), settings.run_id)
            for name, one in interactions().items()
        }
        self._spans = 0
        self._elapsed_from = time.monotonic()

    def call(self, name: str) -> Call:
        """Return what requests for an interaction have in common."""
        return self._calls[name]

    def warm(self) -> None:
        """Ask for what changes nothing; whatever comes back, the next answer takes no longer."""
        for name in ("capabilities", "oauth2_activation")[: 1 + self.settings.by_pages]:
            call = self._calls[name]
            with suppress(FailedError):
                self.before_all(call)

    def before_all(self, call: Call, body: bytes = b"") -> Answer:
        """Send what belongs to no journey.

        Raises:
            FailedError: No answer.
        """
        return self._send(call, call.path, _NO_TRACE, NOBODY, body)

    def send(
        self, call: Call, path: str, trace: bytes, grant: Grant = NOBODY, body: bytes = b""
    ) -> Answer:
        """Send a request; once more with a new token where the one in use is refused.

        Raises:
            FailedError: No answer, or no token.
        """
        answer = self._send(call, path, trace, grant, body)
        if answer.status != _UNAUTHORISED or grant.renew is None:
            return answer
        renewed = grant.renew(trace)
        return answer if renewed is None else self._send(call, path, trace, renewed, body)

    def token_answer(self, who: "Who", trace: bytes) -> Answer:
        """Ask the sandbox, or the profile of the target, for the token of somebody.

        Raises:
            FailedError: No answer, or no token.
        """
        if self._sandbox:
            call = self._calls["sandbox_tokens"]
            body = orjson.dumps({"actor": told_to_sandbox(who)})
            return self._send(call, call.path, trace, NOBODY, body)
        try:
            token = self._bearers.bearer(who)
        except CannotTest as error:
            # Whose token it is would make another reason of each.
            raise FailedError(error.values.get("problem", error.key)) from error
        # The profile's own sources renew it: what it gives is asked for again each time.
        return Answer(200, b"", orjson.dumps({"access_token": token, "expires_in": 0}))

    def kept(self, who: "Who", answer: Answer) -> Grant | None:
        """Return the token that an answer gives somebody, and keep it for their next request."""
        grant = self.grant_of(answer)
        if grant is not None:
            grant.renew = partial(self._renewed, who, grant.token)
            if len(self.grants) >= _GRANTS_MOST:
                del self.grants[next(iter(self.grants))]
            self.grants[who] = grant
        return grant

    def grant_of(self, answer: Answer) -> Grant | None:
        """Return the token that an answer gives, None when it gives none."""
        try:
            told = orjson.loads(answer.body)
            life = float(told.get("expires_in", _AN_HOUR)) / self.settings.time_scale
            return Grant(told["access_token"], life * _USED, told.get("refresh_token", ""))
        except (ValueError, KeyError, TypeError, AttributeError):
            return None

    @staticmethod
    def failed(message: str) -> FailedError:
        """Return what to raise where the target gives nothing that can be used."""
        return FailedError(message)

    @property
    def now(self) -> datetime:
        """The instant of the target, as far as it moves by itself (UTC)."""
        elapsed = timedelta(seconds=time.monotonic() - self._elapsed_from)
        return self.settings.now.astimezone(UTC) + elapsed

    def _renewed(self, who: "Who", refused: str, trace: bytes) -> Grant | None:
        """Return a new token in the place of one that was refused.

        Raises:
            FailedError: No answer, or no token.
        """
        held = self.grants.get(who)
        if held is not None and held.token != refused:
            return held
        if not self._sandbox:
            self._bearers.forget(who, refused)
        return self.kept(who, self.token_answer(who, trace))

    def _send(self, call: Call, path: str, trace: bytes, grant: Grant, body: bytes) -> Answer:
        self._spans += 1
        headers = b"%b%b-%016x-01\r\n%b" % (call.head, trace, self._spans, grant.line)
        return self._client.send(call.verb, path, headers, body)


def _call(one: "Interaction", fhir: str, root: str, run_id: str) -> Call:
    is_fhir = one.path == FHIR or one.path.startswith(f"{FHIR}/")
    path = fhir + one.path.removeprefix(FHIR) if is_fhir else root + one.path
    lines = [b"X-Etalon-Run: " + run_id.encode("ascii")]
    if one.answer in _ACCEPTS:
        lines.append(b"Accept: " + _ACCEPTS[one.answer])
    if one.body in _SENDS:
        lines.append(b"Content-Type: " + _SENDS[one.body])
    head = b"\r\n".join([*lines, b"traceparent: 00-"])
    return Call(one.verb, path, head, one.status)
