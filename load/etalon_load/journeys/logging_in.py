"""How people and professionals log in, page after page, and where other tokens come from.

People: FranceConnect+-shaped, or password and one-time code, with PKCE. Professionals:
Pro-Santé-Connect-shaped, refreshed at two minutes and exchanged for a token of the service. Where
a target is not like ours, tokens come from its profile.

Sources: RFC 6749 (4.1, 6), RFC 7636, RFC 7591, RFC 8693; specification of the ANS on Pro Santé
Connect (an access token lives two minutes).
"""

import base64
import secrets
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlencode

import orjson

from etalon_load.journeys.judging import (
    RIGHT,
    Judge,
    code_of,
    one_time_code_of,
    pending_of,
    token_wrong,
)
from etalon_load.measures import Wrong
from etalon_model.access import LogIn

if TYPE_CHECKING:
    from etalon_load.calling import Caller, Grant
    from etalon_load.http_client import Answer
    from etalon_load.journeys.errands import Errand
    from etalon_target.actors import Who

Means = Literal["password", "franceconnect"]

BACK: Final = "http://127.0.0.1:4321/callback"
"""Where people go back to: nobody listens there, the code is read from the redirection."""

_APPLICATION: Final = "sandbox-app"
_SCOPE: Final = "openid patient/*.cruds"
_EXCHANGE: Final = "urn:ietf:params:oauth:grant-type:token-exchange"
_ACCESS: Final = "urn:ietf:params:oauth:token-type:access_token"
_ASIDE: Final = 303
_CREATED: Final = 201


def log_in(errand: "Errand", scope: str = _SCOPE) -> "Grant | None":
    """Log a person in, or their representative; return the token, None when it came to nothing."""
    if not errand.caller.settings.by_pages:
        one = errand.one
        return bear(errand, one.represented if one.representative else one.holder)
    verifier = secrets.token_urlsafe(32)
    digest = sha256(verifier.encode()).digest()
    asked = {
        "response_type": "code",
        "client_id": _APPLICATION,
        "redirect_uri": BACK,
        "scope": scope,
        "state": "s1",
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    page = errand.ask("login-page", "oauth2_authorize", _is_page, query=urlencode(asked))
    if page is None:
        return None
    came = _prove(errand, str(pending_of(page)))
    if came is None:
        return None
    form = {
        "grant_type": "authorization_code",
        "client_id": _APPLICATION,
        "code": str(code_of(came)),
        "redirect_uri": BACK,
        "code_verifier": verifier,
    }
    ins, body = errand.one.ins, urlencode(form).encode()
    judge = _token_of("patient", ins)
    return _granted(errand, errand.ask("token", "oauth2_token", judge, body=body))


def _prove(errand: "Errand", pending: str) -> "Answer | None":
    """Prove who somebody is; return the redirection with the code."""
    one, by_password = errand.one, errand.chance < errand.caller.settings.passwords
    last = "prove" if one.representative else "log-in"
    if by_password and one.login:
        form = {"pending": pending, "step": "password"}
        form |= {"login": one.login, "password": one.password}
        page = errand.ask("password", "oauth2_login", _is_code_asked, body=_form(form))
        if page is None or page.status == _ASIDE:
            return page
        form = {"pending": pending, "step": "one_time_code"}
        form["one_time_code"] = one_time_code_of(page)
    else:
        form = {"pending": pending, "step": "franceconnect", "ins": one.representative or one.ins}
    means: Means = "password" if by_password and one.login else "franceconnect"
    if not one.representative:
        return errand.ask(last, "oauth2_login", _entered(errand, means), body=_form(form))
    if errand.ask(last, "oauth2_login", _is_page, body=_form(form)) is None:
        return None
    form = {"pending": pending, "step": "profiles", "profile": one.ins}
    return errand.ask("log-in", "oauth2_login", _entered(errand, means), body=_form(form))


def _entered(errand: "Errand", means: Means) -> Judge:
    """Return what judges the end of a login, with the model in the sampled share."""

    def judge(answer: "Answer") -> str | Wrong:
        code = code_of(answer)
        if isinstance(code, Wrong) or (expected := errand.expecting) is None:
            return RIGHT if isinstance(code, str) else code
        command = LogIn(expected.at, errand.actor, errand.one.ins, means)
        return expected.judge(command, answer.status) or RIGHT

    return judge


def bear(errand: "Errand", who: "Who") -> "Grant | None":
    """Return the token of somebody from the sandbox or the profile; a step where it is asked for.

    None when there is none.
    """
    caller = errand.caller
    held = caller.grants.get(who)
    if held is not None and held.is_current:
        return held
    claim, whose = ("patient", errand.one.ins) if who.on_behalf_of else ("sub", who.ident)
    judge = _token_of(claim, whose)
    answer = errand.take("token", lambda: caller.token_answer(who, errand.trace), judge)
    return None if answer is None else caller.kept(who, answer)


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
    """The software of the professionals of one worker, with who is logged in to it.

    Attributes:
        sessions: By RPPS number.
    """

    def __init__(self, caller: "Caller") -> None:
        """Know nobody yet."""
        self.sessions: dict[str, Session] = {}
        self._caller = caller
        self._client = ""

    def register(self) -> None:
        """Register the software with the target, once, before anybody arrives.

        Raises:
            FailedError: It answers nothing that can be used.
        """
        caller = self._caller
        if self._client or not caller.settings.by_pages:
            return
        call = caller.call("oauth2_register")
        asked = {
            "client_name": "Étalon, charge",
            "redirect_uris": [BACK],
            "token_endpoint_auth_method": "client_secret_post",
        }
        answer = caller.before_all(call, orjson.dumps(asked))
        if answer.status != _CREATED:
            message = f"no software can be registered: status {answer.status}"
            raise caller.failed(message)
        told = orjson.loads(answer.body)
        self._client = urlencode({name: told[name] for name in ("client_id", "client_secret")})

    def session(self, errand: "Errand") -> "Grant | None":
        """Return the token of the professional of a journey, logged in or refreshed if need be."""
        if not errand.caller.settings.by_pages:
            return bear(errand, errand.one.professional)
        rpps = errand.one.rpps
        held = self.sessions.get(rpps)
        if held is not None and held.subject.is_current:
            return held.grant
        # Whoever else comes meanwhile logs in: a refresh token is used once.
        self.sessions.pop(rpps, None)
        subject = self._refreshed(errand, held) if held is not None else self._logged_in(errand)
        grant = None if subject is None else self._exchanged(errand, subject)
        if subject is None or grant is None:
            return None
        self.sessions[rpps] = Session(subject, grant)
        return grant

    def _logged_in(self, errand: "Errand") -> "Grant | None":
        client = dict(part.split("=") for part in self._client.split("&"))["client_id"]
        asked = {
            "response_type": "code",
            "client_id": client,
            "redirect_uri": BACK,
            "scope": "openid scope_all",
            "acr_values": "eidas1",
            "state": "s1",
            "nonce": "n1",
        }
        page = errand.ask("login-page", "psc_authorize", _is_page, query=urlencode(asked))
        if page is None:
            return None
        form = {"pending": str(pending_of(page)), "step": "professional"}
        form["professional"] = errand.one.rpps
        came = errand.ask("log-in", "psc_login", _is_back, body=_form(form))
        if came is None:
            return None
        form = {"grant_type": "authorization_code", "redirect_uri": BACK}
        form["code"] = str(code_of(came))
        return self._had(errand, "token", "psc_token", form)

    def _refreshed(self, errand: "Errand", held: Session) -> "Grant | None":
        form = {"grant_type": "refresh_token", "refresh_token": held.subject.refresh}
        renewed = self._had(errand, "refresh", "psc_token", form)
        if renewed is not None and not renewed.refresh:
            renewed.refresh = held.subject.refresh
        return renewed

    def _exchanged(self, errand: "Errand", subject: "Grant") -> "Grant | None":
        form = {
            "grant_type": _EXCHANGE,
            "subject_token": subject.token,
            "subject_token_type": _ACCESS,
            "scope": "user/*.cruds",
        }
        return self._had(errand, "exchange", "oauth2_token", form)

    def _had(
        self, errand: "Errand", step: str, interaction: str, form: dict[str, str]
    ) -> "Grant | None":
        body = f"{self._client}&{urlencode(form)}".encode()
        judge = _token_of("sub", errand.one.rpps)
        return _granted(errand, errand.ask(step, interaction, judge, body=body))


def _granted(errand: "Errand", answer: "Answer | None") -> "Grant | None":
    return None if answer is None else errand.caller.grant_of(answer)


def _is_page(answer: "Answer") -> str | Wrong:
    pending = pending_of(answer)
    return pending if isinstance(pending, Wrong) else RIGHT


def _is_code_asked(answer: "Answer") -> str | Wrong:
    """Judge what follows a password: a page that asks for a code, or the end of the login."""
    if answer.status == _ASIDE:
        return _is_back(answer)
    wrong = _is_page(answer)
    if wrong == RIGHT and not one_time_code_of(answer):
        return Wrong("shape", {"expected": "one_time_code"})
    return wrong


def _is_back(answer: "Answer") -> str | Wrong:
    code = code_of(answer)
    return code if isinstance(code, Wrong) else RIGHT


def _token_of(claim: str, whose: str) -> Judge:
    return lambda answer: token_wrong(answer, claim, whose)


def _form(values: dict[str, str]) -> bytes:
    return urlencode(values).encode()
