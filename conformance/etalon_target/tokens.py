"""Tokens: where each actor's comes from, renewed before it expires and when it is refused.

Sources: RFC 6749 (4.4, 5, 6), RFC 6750, RFC 8693.
"""

import base64
import json
import shlex
import threading
import time
import webbrowser
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol
from urllib.parse import quote_plus, urlencode

from etalon_model.actors import ActorKind
from etalon_target.actors import Who
from etalon_target.browser_login import Browse, Login, log_in
from etalon_target.cannot import CannotTest
from etalon_target.messages import Answer, HttpRequest, NotJson, TransportFailure
from etalon_target.profile_sections import (
    ClientToken,
    CodeToken,
    CommandToken,
    CredentialsToken,
    ExchangeToken,
    FixedToken,
    TokenSource,
)
from etalon_target.programs import ProgramError, run_program
from etalon_target.secrecy import SecretError, Secrets
from etalon_target.templates import Values, filled
from etalon_wire.json_body import Json, write_json

_EARLY_SECONDS: Final = 30.0
_EARLY_SHARE: Final = 0.1
_Key = tuple[str, Who]
_MOST: Final = 1_048_576
_OF_PEOPLE: Final = frozenset({ActorKind.HOLDER, ActorKind.REPRESENTATIVE, ActorKind.CAREGIVER})
_TOKEN_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"  # noqa: S105 (a grant)
_FORM: Final = ("Content-Type", "application/x-www-form-urlencoded")


@dataclass(frozen=True, slots=True)
class Token:
    """A token in use.

    Attributes:
        access: The token.
        renewed_at: From when a new one is asked for, on the monotonic clock; None for never.
        refresh: What a new one can be had with, or empty.
        is_new: It was obtained for this request, so that a refusal says nothing of its age.
        identity: The identity token that came with it, or empty.
        patient: Under what name whoever holds it knows the person of the space, or empty.
    """

    access: str
    renewed_at: float | None = None
    refresh: str = ""
    is_new: bool = True
    identity: str = ""
    patient: str = ""

    @property
    def is_current(self) -> bool:
        """Whether it need not be renewed yet."""
        return self.renewed_at is None or time.monotonic() < self.renewed_at


@dataclass(frozen=True, slots=True)
class Sources:
    """Where tokens come from.

    Attributes:
        by_name: Source by kind of actor, or by a name of the profile.
        by_label: Source of a named person or professional.
        folder: Where programs are run.
    """

    by_name: Mapping[str, TokenSource]
    by_label: Mapping[str, TokenSource]
    folder: Path


class Sends(Protocol):
    """What tokens need of a target."""

    @property
    def sandbox_address(self) -> str:
        """Address of the controls, or empty."""
        ...

    def send(self, request: HttpRequest) -> Answer:
        """Send a request as it stands."""
        ...


class Tokens:
    """The tokens of a run. May be used by several threads at once."""

    def __init__(
        self,
        sources: Sources,
        secrets: Secrets,
        target: Sends,
        browse: Browse | None = None,
        time_scale: float = 1.0,
    ) -> None:
        """Ask for nothing yet.

        Args:
            sources: Where tokens come from.
            secrets: Reads what proves who asks.
            target: What is asked for them.
            browse: Opens an address in a browser.
            time_scale: What the lives of tokens are divided by.
        """
        self.sources = sources
        self._time_scale = time_scale
        self._secrets = secrets
        self._target = target
        self._browse: Browse = browse or webbrowser.open
        self._held: dict[_Key, Token] = {}
        self._locks: dict[_Key, threading.Lock] = {}
        self._lock = threading.Lock()

    def bearer(self, who: Who) -> str:
        """Return a token that says who asks.

        Raises:
            CannotTest: None can be had.
        """
        return self.held(who).access

    def held(self, who: Who) -> Token:
        """Return the token in use for somebody, renewed when it is about to expire.

        Raises:
            CannotTest: None can be had.
        """
        return self._current(("", who), self._source(who))

    def _current(self, key: _Key, source: TokenSource | None) -> Token:
        """Return the token in use under a key, obtained from a source when there is none."""
        with self._lock:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            token = self._held.get(key)
            if token is not None and token.is_current:
                return replace(token, is_new=False)
            token = self._obtained(source, key[1], token)
            self._secrets.redaction.add(token.access)
            self._secrets.redaction.add(token.refresh)
            self._secrets.redaction.add(token.identity)
            self._held[key] = token
            return token

    def forget(self, who: Who, refused: str = "") -> None:
        """Give up the token of somebody; one that was renewed meanwhile stays.

        Args:
            who: Whose token.
            refused: The token that was refused; whichever is held when empty.
        """
        self._forget(("", who), refused)

    def forget_all(self) -> None:
        """Give up every token: whoever issued them may have forgotten them."""
        with self._lock:
            self._held.clear()

    def _forget(self, key: _Key, refused: str) -> None:
        token = self._held.get(key)
        if token is not None and refused in {"", token.access}:
            self._held[key] = replace(token, renewed_at=0.0)

    def _source(self, who: Who) -> TokenSource | None:
        """Return where the token of somebody comes from; None for the sandbox.

        Raises:
            CannotTest: From nowhere.
        """
        found = self.sources.by_label.get(who.label) or self.sources.by_name.get(who.kind.value)
        if found is None and not self._target.sandbox_address:
            raise CannotTest(key="target.no_token_source", who=who, kind=who.kind.value)
        return found

    def _obtained(self, source: TokenSource | None, who: Who, old: Token | None) -> Token:
        try:
            match source:
                case None:
                    return self._minted(who)
                case FixedToken():
                    return Token(self._secrets.read(source.token, again=old is not None))
                case CommandToken():
                    return self._printed(source, who)
                case CredentialsToken():
                    return self._granted(source, who, {"grant_type": "client_credentials"})
                case CodeToken():
                    return self._logged_in(source, who, old)
                case ExchangeToken():
                    return self._exchanged(source, who)
        except SecretError as error:
            raise CannotTest(key="target.no_secret", who=who, problem=error) from error

    def _minted(self, who: Who) -> Token:
        """Ask the sandbox."""
        headers = (("Content-Type", "application/json"),)
        body = write_json({"actor": told_to_sandbox(who)})
        address = f"{self._target.sandbox_address}/tokens"
        return self._token_of(self._target.send(HttpRequest("POST", address, headers, body)), who)

    def _printed(self, source: CommandToken, who: Who) -> Token:
        line = [filled(part, _values(who)) for part in source.command]
        try:
            ran = run_program(line, self.sources.folder, source.seconds, _MOST)
        except ProgramError as error:
            raise CannotTest(key="target.token_program", who=who, problem=error) from error
        if ran.code:
            problem = self._secrets.redaction.text(f"{line[0]}: {ran.code} {ran.errors}".strip())
            raise CannotTest(key="target.token_program", who=who, problem=problem)
        printed = ran.output.decode("utf-8", "replace").strip()
        if printed.startswith("{"):
            try:
                return self._read(json.loads(printed), who)
            except ValueError as error:
                raise CannotTest(key="target.token_program", who=who, problem=error) from None
        if not printed or len(printed.split()) != 1:
            problem = f"{shlex.quote(line[0])}: one token, or JSON, is expected"
            raise CannotTest(key="target.token_program", who=who, problem=problem)
        return Token(printed)

    def _logged_in(self, source: CodeToken, who: Who, old: Token | None) -> Token:
        if old is not None and old.refresh:
            form = {"grant_type": "refresh_token", "refresh_token": old.refresh}
            try:
                renewed = self._granted(source, who, form, asks_scope=False)
            except CannotTest:
                pass  # The session is over: the person logs in again.
            else:
                refresh = renewed.refresh or old.refresh
                return Token(renewed.access, renewed.renewed_at, refresh)
        login = Login(
            endpoint=source.authorization_endpoint,
            client=source.client,
            scope=who.scope or source.scope,
            path=source.redirect_path,
            port=source.redirect_port,
            seconds=source.seconds,
            parameters=tuple((k, filled(v, _values(who))) for k, v in source.parameters.items()),
        )
        came = log_in(login, self._browse)
        self._secrets.redaction.add(came.code)
        self._secrets.redaction.add(came.verifier)
        form = {
            "grant_type": "authorization_code",
            "code": came.code,
            "redirect_uri": came.redirect,
            "code_verifier": came.verifier,
        }
        return self._granted(source, who, form, asks_scope=False)

    def _exchanged(self, source: ExchangeToken, who: Who) -> Token:
        """Exchange a token of another source; a new one where the one in use is refused."""
        key = (source.subject, replace(who, scope=""))
        subject = self._current(key, self.sources.by_name[source.subject])
        try:
            return self._exchanged_for(source, who, subject)
        except CannotTest:
            if subject.is_new:
                raise
        self._forget(key, subject.access)
        subject = self._current(key, self.sources.by_name[source.subject])
        return self._exchanged_for(source, who, subject)

    def _exchanged_for(self, source: ExchangeToken, who: Who, subject: Token) -> Token:
        form = {
            "grant_type": _TOKEN_EXCHANGE,
            "subject_token": subject.access,
            "subject_token_type": source.subject_token_type,
        }
        if source.audience:
            form["audience"] = source.audience
        if source.resource:
            form["resource"] = source.resource
        return self._granted(source, who, form)

    def _granted(
        self, source: ClientToken, who: Who, form: Mapping[str, str], *, asks_scope: bool = True
    ) -> Token:
        """Ask a token endpoint."""
        asked = {name: filled(value, _values(who)) for name, value in source.parameters.items()}
        if isinstance(source, CodeToken):
            asked = {}
        asked |= form
        scope = who.scope or source.scope
        if scope and asks_scope:
            asked["scope"] = scope
        headers = [_FORM, ("Accept", "application/json")]
        secret = self._secrets.read(source.secret)
        if source.proof == "basic":
            pair = f"{quote_plus(source.client)}:{quote_plus(secret)}"
            coded = base64.b64encode(pair.encode()).decode()
            self._secrets.redaction.add(coded)
            headers.append(("Authorization", f"Basic {coded}"))
        else:
            asked["client_id"] = source.client
        if source.proof == "post":
            asked["client_secret"] = secret
        body = urlencode(asked).encode()
        request = HttpRequest("POST", source.token_endpoint, tuple(headers), body)
        return self._token_of(self._target.send(request), who)

    def _token_of(self, answer: Answer, who: Who) -> Token:
        """Read what a token endpoint answers.

        Raises:
            CannotTest: It gives no token.
        """
        if isinstance(answer, TransportFailure):
            problem = f"{answer.kind}: {answer.detail}"
            raise CannotTest(key="target.token_unreachable", who=who, problem=problem)
        value = answer.json()
        if isinstance(value, dict) and answer.status == 200:  # noqa: PLR2004 (RFC 6749, 5.1)
            return self._read(value, who)
        said = f"HTTP {answer.status}"
        if isinstance(value, dict):
            told = [str(value[key]) for key in ("error", "error_description") if key in value]
            said = " ".join([said, *told])
        elif isinstance(value, NotJson):
            said = f"{said}, {answer.header('content-type') or 'no Content-Type'}"
        said = self._secrets.redaction.text(said)
        raise CannotTest(key="target.token_refused", who=who, problem=said[:300])

    def _read(self, value: Mapping[str, Json], who: Who) -> Token:
        access, kind = value.get("access_token"), value.get("token_type", "Bearer")
        if not isinstance(access, str) or not access.isascii() or not access.isprintable():
            raise CannotTest(key="target.token_refused", who=who, problem="no access_token")
        if not isinstance(kind, str) or kind.lower() != "bearer":
            raise CannotTest(
                key="target.token_refused", who=who, problem="token_type is not Bearer"
            )
        renewed_at = _renewed_at(value.get("expires_in"), self._time_scale)
        said = [value.get(name) for name in ("refresh_token", "id_token", "patient")]
        refresh, identity, patient = (one if isinstance(one, str) else "" for one in said)
        return Token(access, renewed_at, refresh, identity=identity, patient=patient)


def told_to_sandbox(who: Who) -> "dict[str, Json]":
    """Return somebody as a sandbox is told of them, to be given their token."""
    named = "id"
    if who.kind in _OF_PEOPLE:
        named = "ins"
    elif who.kind is ActorKind.PROFESSIONAL:
        named = "rpps"
    told = {"kind": who.kind.value, named: who.ident}
    told |= {"on_behalf_of": who.on_behalf_of, "scope": who.scope}
    told |= {"role": who.role, "access_mode": who.mode}
    return {key: value for key, value in told.items() if value}


def _renewed_at(expires_in: Json, time_scale: float) -> float | None:
    """Return when to renew a token, or None when nobody says that it ends."""
    try:
        life = float(str(expires_in)) / time_scale
    except ValueError:
        return None
    if not 0 < life < float("inf"):
        return None
    return time.monotonic() + life - min(_EARLY_SECONDS, life * _EARLY_SHARE)


def _values(who: Who) -> Values:
    """Return what gaps of a source may stand for."""
    return {
        "kind": who.kind.value,
        "ident": who.ident,
        "profession": who.profession,
        "on_behalf_of": who.on_behalf_of,
        "label": who.label,
        "role": who.role,
        "mode": who.mode,
    }
