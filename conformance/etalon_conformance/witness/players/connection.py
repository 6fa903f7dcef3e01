"""How a good client speaks to a service: logging in, renewing tokens, asking again as it should.

Sources: RFC 6749 (4.1, 6), RFC 8693, RFC 9110 (10.2.3, 15.5, 15.6); the specification of the ANS
on Pro Santé Connect.
"""

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from urllib.parse import parse_qs, urlencode, urlsplit

from etalon_conformance.witness.players.habits import Habits
from etalon_conformance.witness.traffic import interaction_at
from etalon_target.messages import Answer, HttpRequest, HttpResponse
from etalon_target.post import Post
from etalon_wire.interactions import FHIR
from etalon_wire.json_body import Json, read_value, write_json
from etalon_wire.malformed import Malformed

FHIR_JSON: Final = "application/fhir+json"
JSON_PATCH: Final = "application/json-patch+json"
FORM: Final = "application/x-www-form-urlencoded"
BACK: Final = "http://127.0.0.1:4321/callback"
"""Where a client of ours is sent back to after a login; nothing listens there."""
_PENDING: Final = re.compile(r'name="pending" value="([^"]*)"')
_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS: Final = "urn:ietf:params:oauth:token-type:access_token"
_MOST: Final = 5
_TOKENS: Final = 2
"""How often a token that is refused is followed by another."""
_FIRST_WAIT_SECONDS: Final = 0.3
_FAULTS: Final = range(500, 600)
_UNAUTHORISED: Final = 401
_BUSY: Final = (429, 503)
_CONTENT: Final = (400, 422)
_REFUSED: Final = (403,)
_GONE: Final = (404, 410)

Send = Callable[[HttpRequest], Answer]


class PlayerLost(Exception):  # noqa: N818 (what a client of ours meets, not a fault)
    """A client of ours cannot go on: the message says what it was answered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a client is given to speak with.

    Attributes:
        send: Sends a request whose address is absolute.
        root: Address of the service, without a slash at its end.
        client: Its identifier.
        secret: What it proves who it is with.
        scope: What it asks tokens for.
        now: Its clock.
        solution: Object identifier of the referenced service that it is, or empty.
        post: How it sends mail, or None where it sends none.
        sleep: How it waits.
    """

    send: Send
    root: str
    client: str
    secret: str
    scope: str
    now: Callable[[], datetime]
    solution: str = ""
    post: Post | None = None
    sleep: Callable[[float], None] = time.sleep


class Connection:
    """A client that is logged in, or is about to be."""

    def __init__(self, means: Means, habits: Habits) -> None:
        """Log nobody in."""
        self.means = means
        self.habits = habits
        self.base = f"{means.root}{FHIR}"
        self._token = ""
        self._renew: Callable[[], None] = lambda: None

    def log_in(self, professional: str) -> None:
        """Log a professional in through the login that stands for Pro Santé Connect.

        Raises:
            PlayerLost: The login, or the exchange of its token, is refused.
        """
        self._renew = lambda: self.log_in(professional)
        psc = f"{self.means.root}/oauth2/psc"
        query = {
            "response_type": "code",
            "client_id": self.means.client,
            "redirect_uri": BACK,
            "scope": "openid scope_all",
            "acr_values": "eidas1",
            "state": "s1",
            "nonce": "n1",
        }
        page = self._answer(HttpRequest("GET", f"{psc}/authorize?{urlencode(query)}"))
        pending = _PENDING.search(page.body.decode("utf-8", "replace"))
        form = {"pending": pending[1] if pending else "", "step": "professional"}
        told = self._posted(f"{psc}/authorize", {**form, "professional": professional})
        code = parse_qs(urlsplit(told.header("location")).query).get("code", [""])[0]
        grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": BACK}
        given = self._posted(f"{psc}/token", {**grant, **self._proof})
        subject = _text(given, "access_token")
        exchange = {
            "grant_type": _EXCHANGE,
            "subject_token": subject,
            "subject_token_type": _ACCESS,
            "scope": self.means.scope,
        }
        granted = self._posted(f"{self.means.root}/oauth2/token", {**exchange, **self._proof})
        self._token = _text(granted, "access_token") or self._token
        if not self._token:
            message = f"no token: {granted.status} {granted.body[:200]!r}"
            raise PlayerLost(message)

    def bearer(self) -> tuple[tuple[str, str], ...]:
        """Return the header that bears the token in use."""
        return (("Authorization", f"Bearer {self._token}"),)

    def bear(self, token: str) -> None:
        """Bear a token that was had in another way."""
        self._token = token

    @property
    def _proof(self) -> dict[str, str]:
        return {"client_id": self.means.client, "client_secret": self.means.secret}

    def bear_token_of(self, **actor: str) -> None:
        """Bear the token of somebody, as the kit gives it, now and when it has ended."""
        self._renew = lambda: self.bear(self.sandbox_token(**actor))
        self._renew()

    def sandbox_token(self, **actor: str) -> str:
        """Return the token of somebody, as the kit gives it."""
        request = HttpRequest(
            "POST",
            f"{self.means.root}/sandbox/tokens",
            (("Content-Type", "application/json"),),
            write_json({"actor": dict(actor)}),
        )
        return _text(self._answer(request), "access_token")

    def ask(  # noqa: PLR0913 (the parts of a request)
        self,
        verb: str,
        path: str,
        *,
        body: "Json | bytes" = None,
        content_type: str = FHIR_JSON,
        accept: str = FHIR_JSON,
        headers: Sequence[tuple[str, str]] = (),
        renamed: "Callable[[], Json] | None" = None,
    ) -> Answer:
        """Ask the service for something, and again as a client should where it is told to.

        Args:
            verb: HTTP method.
            path: Below the FHIR base, or absolute.
            body: What is sent.
            content_type: Media type of the body.
            accept: Media type wanted.
            headers: Further headers.
            renamed: Gives the body under other names: what a wrong client sends again.
        """
        request = self._request(verb, path, body, content_type, accept, headers)
        answer = self._sent(request)
        for rank in range(_MOST - 1):
            again = self._again(request, answer, rank)
            if again is None:
                break
            if renamed is not None and not self.habits.keeps("keeps_names"):
                again = self._request(verb, path, renamed(), content_type, accept, headers)
            request = again
            answer = self._sent(request)
        return answer

    def _again(self, request: HttpRequest, answer: Answer, rank: int) -> HttpRequest | None:
        """Return what is asked next where the answer calls for it, None where it is final."""
        status = answer.status if isinstance(answer, HttpResponse) else 0
        if status == _UNAUTHORISED and rank < _TOKENS:
            if self.habits.keeps("renews_tokens"):
                self._renew()
            return self._bearing(request)
        if status in _BUSY and isinstance(answer, HttpResponse):
            if self.habits.keeps("waits_as_told"):
                self.means.sleep(float(answer.header("retry-after") or 1))
            return request
        if status == 0 or status in _FAULTS:
            if self.habits.keeps("backs_off"):
                self.means.sleep(_FIRST_WAIT_SECONDS * 2**rank)
            return request
        insists = {
            "gives_up_content": _CONTENT,
            "takes_no_for_an_answer": _REFUSED,
            "gives_up_what_is_gone": _GONE,
        }
        for habit, statuses in insists.items():
            if status in statuses and not self.habits.keeps(habit) and rank == 0:
                return request
        return None

    def _request(  # noqa: PLR0913, PLR0917 (the parts of a request)
        self,
        verb: str,
        path: str,
        body: "Json | bytes",
        content_type: str,
        accept: str,
        headers: Sequence[tuple[str, str]],
    ) -> HttpRequest:
        url = path if "://" in path else f"{self.base}/{path}".rstrip("/")
        if path.startswith("?"):
            url = f"{self.base}{path}"
        written = body if isinstance(body, bytes) else b"" if body is None else self._written(body)
        typed = (("Content-Type", content_type),) if written else ()
        made = HttpRequest(verb, url, (("Accept", accept), *typed, *headers), written)
        made = self._bearing(made)
        called = interaction_at(verb, urlsplit(url).path.rstrip("/"))
        for change in self.habits.changes:
            made = change.applied(made, called)
        return made

    def _written(self, body: Json) -> bytes:
        return write_json(_turned(body) if self.habits.takes("turns_members") else body)

    def _bearing(self, request: HttpRequest) -> HttpRequest:
        kept = tuple(one for one in request.headers if one[0] != "Authorization")
        if not self.habits.keeps("token_in_header"):
            url = request.url.partition("access_token=")[0].rstrip("?&")
            sign = "&" if "?" in url else "?"
            request = replace(request, url=f"{url}{sign}access_token={self._token}")
        return replace(request, headers=(*kept, ("Authorization", f"Bearer {self._token}")))

    def _sent(self, request: HttpRequest) -> Answer:
        return self.means.send(request)

    def _answer(self, request: HttpRequest) -> HttpResponse:
        answer = self.means.send(request)
        if not isinstance(answer, HttpResponse):
            message = f"{request.url}: {answer.kind}: {answer.detail}"
            raise PlayerLost(message)
        return answer

    def _posted(
        self, url: str, form: dict[str, str], proof: Sequence[tuple[str, str]] = ()
    ) -> HttpResponse:
        headers = (("Content-Type", FORM), ("Accept", "application/json"), *proof)
        request = HttpRequest("POST", url, headers, urlencode(form).encode(), follows=False)
        called = interaction_at("POST", urlsplit(url).path)
        for change in self.habits.changes:
            if change.path.startswith("form:") and called in change.calls:
                name = change.path.removeprefix("form:")
                kept = {key: value for key, value in form.items() if key != name}
                request = replace(request, body=urlencode(kept).encode())
        return self._answer(request)


def _turned(value: Json) -> Json:
    """Return JSON with the members of its objects in another order."""
    if isinstance(value, dict):
        return {key: _turned(value[key]) for key in reversed(value)}
    return [_turned(one) for one in value] if isinstance(value, list) else value


def resource_of(answer: Answer) -> dict[str, Json]:
    """Return what was answered, empty where it cannot be read."""
    if not isinstance(answer, HttpResponse) or not answer.body:
        return {}
    try:
        read = read_value(answer.body)
    except Malformed:
        return {}
    return read if isinstance(read, dict) else {}


def _text(answer: HttpResponse, name: str) -> str:
    found = resource_of(answer).get(name)
    return found if isinstance(found, str) else ""
