"""The software of professionals: registered once, with who is logged in to it.

They log in as with Pro Santé Connect. The token of the login is good for two minutes: it is
refreshed when a journey finds it old, and exchanged for a token of the service, which bears how the
professional comes to records where that is not in the course of care.

Sources: RFC 6749 (4.1, 6), RFC 7591, RFC 8693; specification of the ANS on Pro Santé Connect.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

import orjson
from joserfc import jwt
from joserfc.jwk import ECKey

from etalon_load.journeys.judging import RIGHT, Judge, code_of, pending_of, unless_forgotten
from etalon_load.journeys.logging_in import (
    BACK,
    bear,
    form_of,
    is_back,
    is_page,
    token_of,
)
from etalon_load.measures import Wrong

if TYPE_CHECKING:
    from etalon_load.calling import Caller, Grant
    from etalon_load.http_client import Answer
    from etalon_load.journeys.errands import Errand

Key = tuple[str, str]
"""RPPS number of a professional, and how they come to records."""

Named = tuple[str, str]
"""A step, and the interaction of the wire."""

Ask = Callable[[Named, Judge, str, bytes], "Answer | None"]
"""Asks, with a query and a body, and returns the answer when it was right."""

_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS: Final = "urn:ietf:params:oauth:token-type:access_token"
_JWT: Final = "urn:ietf:params:oauth:token-type:jwt"
_DECLARED_SECONDS: Final = 300
_CREATED: Final = 201
_REFUSED: Final = 400


@dataclass(slots=True)
class Session:
    """A professional who is logged in.

    Attributes:
        subject: Token of the login, good for two minutes.
        grant: Token of the service, had for it.
    """

    subject: "Grant"
    grant: "Grant"


class Desk:
    """The software of one worker.

    Attributes:
        sessions: By RPPS number, and mode of access.
    """

    def __init__(self, caller: "Caller") -> None:
        """Know nobody yet."""
        self.sessions: dict[Key, Session] = {}
        self._caller = caller
        self._client = ""
        self._proof = b""
        self._key: ECKey = ECKey.generate_key("P-256", private=True, auto_kid=True)

    def register(self) -> None:
        """Register the software with the target, once, before anybody arrives.

        Raises:
            FailedError: It answers nothing that can be used.
        """
        caller = self._caller
        if self._client or not caller.settings.by_pages:
            return
        asked = {
            "client_name": "Étalon, charge",
            "redirect_uris": [BACK],
            "token_endpoint_auth_method": "client_secret_post",
            "jwks": {"keys": [self._key.as_dict(private=False)]},
        }
        answer = caller.before_all(caller.call("oauth2_register"), orjson.dumps(asked))
        if answer.status != _CREATED:
            message = f"no software can be registered: status {answer.status}"
            raise caller.failed(message)
        told = orjson.loads(answer.body)
        self._client = str(told["client_id"])
        self._proof = form_of({name: told[name] for name in ("client_id", "client_secret")})

    def session(self, errand: "Errand", mode: str = "") -> "Grant | None":
        """Return the token of the professional of a journey, logged in or refreshed if need be.

        Args:
            errand: The journey.
            mode: How they come to records, empty in the course of care.
        """
        if not errand.caller.settings.by_pages:
            return bear(errand, replace(errand.one.professional, mode=mode))
        key = (errand.one.rpps, mode)
        held = self.sessions.get(key)
        if held is not None and held.subject.is_current:
            return held.grant

        def ask(named: Named, judge: Judge, query: str, body: bytes) -> "Answer | None":
            return errand.ask(*named, judge, query=query, body=body)

        return self._begun(ask, key)

    def _begun(self, ask: Ask, key: Key) -> "Grant | None":
        """Log in, or refresh the login that there is, and exchange its token."""
        # Whoever else comes meanwhile logs in: a refresh token is used once.
        held, subject = self.sessions.pop(key, None), None
        if held is not None:
            refreshed = self._refreshed(ask, key, held)
            if refreshed is None:
                return None
            subject = self._granted(refreshed)
        if subject is None:
            subject = self._logged_in(ask, key)
        elif held is not None:
            subject.refresh = subject.refresh or held.subject.refresh
        if subject is None:
            return None
        judge = unless_forgotten(token_of("sub", key[0]))
        body = self._exchange(subject, key[1])
        grant = self._granted(ask(("exchange", "oauth2_token"), judge, "", body))
        if grant is not None:
            grant.renew = partial(self._renewed, key, grant.token)
            self.sessions[key] = Session(subject, grant)
        return grant

    def _logged_in(self, ask: Ask, key: Key) -> "Grant | None":
        asked = {
            "response_type": "code",
            "client_id": self._client,
            "redirect_uri": BACK,
            "scope": "openid scope_all",
            "acr_values": "eidas1",
            "state": "s1",
            "nonce": "n1",
        }
        page = ask(("login-page", "psc_authorize"), is_page, urlencode(asked), b"")
        if page is None:
            return None
        form = {"pending": str(pending_of(page)), "step": "professional", "professional": key[0]}
        came = ask(("log-in", "psc_login"), unless_forgotten(is_back), "", form_of(form))
        if came is None:
            return None
        form = {"grant_type": "authorization_code", "redirect_uri": BACK}
        body = self._asked({**form, "code": str(code_of(came))})
        judge = unless_forgotten(token_of("sub", key[0]))
        return self._granted(ask(("token", "psc_token"), judge, "", body))

    def _refreshed(self, ask: Ask, key: Key, held: Session) -> "Answer | None":
        """Ask for the token of a login again; that it is over is right too (RFC 6749, 5.2)."""
        form = {"grant_type": "refresh_token", "refresh_token": held.subject.refresh}
        given = token_of("sub", key[0])

        def judge(answer: "Answer") -> str | Wrong:
            is_over = answer.status == _REFUSED and b'"invalid_grant"' in answer.body
            return RIGHT if is_over else given(answer)

        return ask(("refresh", "psc_token"), judge, "", self._asked(form))

    def _renewed(self, key: Key, refused: str, trace: bytes) -> "Grant | None":
        """Return a new token in the place of one that was refused, None when there is none.

        What comes of it is part of the step whose token was refused.

        Raises:
            FailedError: No answer.
        """
        held, caller = self.sessions.get(key), self._caller
        if held is not None and held.grant.token != refused:
            return held.grant

        def ask(named: Named, judge: Judge, query: str, body: bytes) -> "Answer | None":
            call = caller.call(named[1])
            path = f"{call.path}?{query}" if query else call.path
            answer = caller.send(call, path, trace, body=body)
            return None if judge(answer) else answer

        return self._begun(ask, key)

    def _exchange(self, subject: "Grant", mode: str) -> bytes:
        form = {
            "grant_type": _EXCHANGE,
            "subject_token": subject.token,
            "subject_token_type": _ACCESS,
            "scope": "user/*.cruds",
        }
        if mode:
            form |= {"actor_token": self._declared(mode), "actor_token_type": _JWT}
        return self._asked(form)

    def _declared(self, mode: str) -> str:
        """Return what the software says, signed, of how the professional comes to records."""
        now = int(self._caller.now.timestamp())
        claims = {
            "iss": self._client,
            "aud": self._caller.root,
            "access_mode": mode,
            "iat": now,
            "exp": now + _DECLARED_SECONDS,
        }
        header = {"alg": "ES256", "kid": str(self._key.kid), "typ": "JWT"}
        return jwt.encode(header, claims, self._key, algorithms=["ES256"])

    def _granted(self, answer: "Answer | None") -> "Grant | None":
        return None if answer is None else self._caller.grant_of(answer)

    def _asked(self, form: dict[str, str]) -> bytes:
        return self._proof + b"&" + form_of(form)
