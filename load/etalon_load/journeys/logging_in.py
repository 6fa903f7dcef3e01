"""How people log in, page after page, and where tokens come from that nobody logs in for.

FranceConnect+-shaped, or password and one-time code, with PKCE. Where a target is not like ours,
tokens come from its profile.

Sources: RFC 6749 (4.1), RFC 7636 (PKCE).
"""

import base64
import secrets
from hashlib import sha256
from typing import TYPE_CHECKING, Final, Literal
from urllib.parse import urlencode

from etalon_load.journeys.judging import (
    RIGHT,
    Judge,
    code_of,
    one_time_code_of,
    pending_of,
    token_wrong,
    unless_forgotten,
)
from etalon_load.measures import Wrong
from etalon_model.access import LogIn

if TYPE_CHECKING:
    from etalon_load.calling import Grant
    from etalon_load.http_client import Answer
    from etalon_load.journeys.errands import Errand
    from etalon_target.actors import Who

Means = Literal["password", "franceconnect"]

BACK: Final = "http://127.0.0.1:4321/callback"
"""Where people go back to: nobody listens there, the code is read from the redirection."""

_APPLICATION: Final = "sandbox-app"
_SCOPE: Final = "openid patient/*.cruds"
_ASIDE: Final = 303


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
    page = errand.ask("login-page", "oauth2_authorize", is_page, query=urlencode(asked))
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
    judge = unless_forgotten(token_of("patient", ins))
    return granted(errand, errand.ask("token", "oauth2_token", judge, body=body))


def _prove(errand: "Errand", pending: str) -> "Answer | None":
    """Prove who somebody is; return the redirection with the code."""
    one = errand.one
    means: Means = "franceconnect"
    form = {"pending": pending, "step": means, "ins": one.representative or one.ins}
    is_proved = False
    if one.login and errand.chance < errand.caller.settings.passwords:
        means = "password"
        form = {"pending": pending, "step": means, "login": one.login, "password": one.password}
        judge = unless_forgotten(_follows_password(errand))
        page = errand.ask("password", "oauth2_login", judge, body=form_of(form))
        if page is None or page.status == _ASIDE:
            return page
        code = one_time_code_of(page)
        # Before second factors were asked for, a password was enough (ID-07).
        is_proved = not code
        form = {"pending": pending, "step": "one_time_code", "one_time_code": code}
    entered = unless_forgotten(_entered(errand, means, second_factor=not is_proved))
    if not one.representative:
        return errand.ask("log-in", "oauth2_login", entered, body=form_of(form))
    body = form_of(form)
    proved = unless_forgotten(is_page)
    if not is_proved and errand.ask("prove", "oauth2_login", proved, body=body) is None:
        return None
    form = {"pending": pending, "step": "profiles", "profile": one.ins}
    return errand.ask("log-in", "oauth2_login", entered, body=form_of(form))


def _entered(errand: "Errand", means: Means, *, second_factor: bool) -> Judge:
    """Return what judges the end of a login, with the model in the sampled share."""

    def judge(answer: "Answer") -> str | Wrong:
        code = code_of(answer)
        expected = errand.expecting
        if isinstance(code, Wrong) or expected is None:
            return code if isinstance(code, Wrong) else RIGHT
        command = LogIn(
            expected.at,
            errand.actor,
            errand.one.ins,
            means,
            second_factor=second_factor,
            level="substantial" if second_factor else "low",
        )
        return expected.judge(command, answer.status) or RIGHT

    return judge


def _follows_password(errand: "Errand") -> Judge:
    """Return what judges the answer to a password.

    A page that asks for a code; before second factors, whose space it is about, or the end.
    """
    entered = _entered(errand, "password", second_factor=False)

    def judge(answer: "Answer") -> str | Wrong:
        if answer.status == _ASIDE:
            return entered(answer)
        wrong = is_page(answer)
        chooses = bool(errand.one.representative) and b'name="profile"' in answer.body
        if wrong == RIGHT and not one_time_code_of(answer) and not chooses:
            return Wrong("shape", {"expected": "one_time_code"})
        return wrong

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
    judge = token_of(claim, whose)
    answer = errand.take("token", lambda: caller.token_answer(who, errand.trace), judge)
    return None if answer is None else caller.kept(who, answer)


def granted(errand: "Errand", answer: "Answer | None") -> "Grant | None":
    """Return the token of an answer, None when it was not right."""
    return None if answer is None else errand.caller.grant_of(answer)


def is_page(answer: "Answer") -> str | Wrong:
    """Judge a page of a login: it goes on."""
    pending = pending_of(answer)
    return pending if isinstance(pending, Wrong) else RIGHT


def is_back(answer: "Answer") -> str | Wrong:
    """Judge the end of a login: the person goes back with a code."""
    code = code_of(answer)
    return code if isinstance(code, Wrong) else RIGHT


def token_of(claim: str, whose: str) -> Judge:
    """Return what judges a token: a claim says whose it is."""
    return lambda answer: token_wrong(answer, claim, whose)


def form_of(values: dict[str, str]) -> bytes:
    """Return a form as it is sent."""
    return urlencode(values).encode()
