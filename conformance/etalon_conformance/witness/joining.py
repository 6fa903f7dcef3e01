"""How a service joins a space, keeps to what was consented to, and leaves when it is over.

Sources: RFC 6749 (4.1, 5.2, 6), RFC 7636 (PKCE), RFC 9700 (2.1), SMART App Launch 2.2; CSP art.
L. 1111-13-1 III; measures API v1.5.2 (consent to read and to write apart).
"""

import re
from collections.abc import Iterator
from typing import Final

from etalon_conformance.witness.seeing_traffic import Point, Read, Scene, is_refresh, point
from etalon_conformance.witness.traffic import Witnessed
from etalon_wire.app_scopes import LAUNCH
from etalon_wire.interactions import interactions

_AUTHORISE: Final = "oauth2_authorize"
_TOKEN: Final = "oauth2_token"  # noqa: S105 (an interaction)
_CHALLENGE: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_ENDED: Final = "pairing-ended"
_ONCE: Final = ("state", "code_challenge")


def logins(scene: Scene) -> Iterator[Point]:
    """Yield how a service has people sent to log in, and redeems the code (W-CAT-04)."""
    earlier = [dict(read.one.query) for read in scene.before if read.one.interaction == _AUTHORISE]
    for read in scene.reads:
        one = read.one
        if one.interaction == _AUTHORISE and _is_of_app(scene, one):
            asked = dict(one.query)
            lacking = ", ".join(_lacking(asked))
            yield point("W-CAT-04", "authorise", one, holds=not lacking, lacking=lacking)
            again = [
                name
                for name in _ONCE
                if name in asked and any(asked[name] == each.get(name) for each in earlier)
            ]
            yield point("W-CAT-04", "used_twice", one, holds=not again, names=", ".join(again))
        if _is_redemption(one) and scene.asks("W-CAT-04"):
            sent = dict(one.form)
            lacking = ", ".join(
                name for name in ("code_verifier", "redirect_uri") if not sent.get(name)
            )
            yield point("W-CAT-04", "authorise", one, holds=not lacking, lacking=lacking)


def _is_of_app(scene: Scene, one: Witnessed) -> bool:
    if scene.step is not None:
        return scene.asks("W-CAT-04")
    return LAUNCH in dict(one.query).get("scope", "").split()


def _is_redemption(one: Witnessed) -> bool:
    return one.interaction == _TOKEN and dict(one.form).get("grant_type") == "authorization_code"


def _lacking(asked: dict[str, str]) -> Iterator[str]:
    """Yield what a request to log in does not say as it has to."""
    if asked.get("response_type") != "code":
        yield "response_type=code"
    if "openid" not in asked.get("scope", "").split():
        yield "scope=openid"
    if not asked.get("state"):
        yield "state"
    if not asked.get("redirect_uri"):
        yield "redirect_uri"
    if _CHALLENGE.fullmatch(asked.get("code_challenge", "")) is None:
        yield "code_challenge"
    if asked.get("code_challenge_method") != "S256":
        yield "code_challenge_method=S256"


def endings(scene: Scene) -> Iterator[Point]:
    """Yield what a service does once a pairing is over (W-CAT-05)."""
    refused = [one for one in scene.plays(_ENDED) if one.is_call]
    if refused:
        first = refused[0]
        later = [read.one for read in scene.after(first) if read.one.began > first.ended]
        calls = [one for one in later if one.is_call and one.token == first.token]
        # One refresh is how a service learns that it is over.
        again = [one for one in later if is_refresh(one)][1:]
        stray = sorted((*calls, *again), key=lambda one: one.number)
        yield point("W-CAT-05", "goes_on", first, *stray[:3], holds=not stray)
    elif scene.asks("W-CAT-05"):
        ended = [read.one for read in scene.before if _ENDED in read.one.played.split()]
        tokens = {one.token for one in ended if one.token}
        old = [read.one for read in scene.reads if read.one.is_call and read.one.token in tokens]
        joined = [read.one for read in scene.reads if _is_redemption(read.one)]
        if ended:
            holds = not old and any(one.is_accepted for one in joined)
            yield point("W-CAT-05", "not_joined_again", *old[:3], *joined[:1], holds=holds)


def consents(scene: Scene) -> Iterator[Point]:
    """Yield whether calls keep to what their token was given for (W-CAT-06)."""
    granted = _granted((*scene.before, *scene.reads))
    for read in scene.reads:
        one = read.one
        if one.interaction not in interactions() or not one.is_of_app or one.token not in granted:
            continue
        needed = interactions()[one.interaction].scopes
        beyond = [each for each in needed if not _opens(granted[one.token], each)]
        yield point("W-CAT-06", "beyond", one, holds=not beyond, needed=", ".join(beyond))


def _granted(reads: tuple[Read, ...]) -> dict[str, frozenset[str]]:
    """Return the scopes of each access token that was given."""
    found: dict[str, frozenset[str]] = {}
    for read in reads:
        if read.one.interaction == _TOKEN and read.one.is_accepted:
            token, scope = read.one.answered.get("access_token"), read.one.answered.get("scope")
            if isinstance(token, str) and isinstance(scope, str):
                found[token] = frozenset(scope.split())
    return found


def _opens(granted: frozenset[str], needed: str) -> bool:
    """Whether scopes open what an interaction needs, such as `Observation.c`."""
    resource, _, letter = needed.partition(".")
    return any(
        about == resource and letter in letters
        for one in granted
        for about, _, letters in [one.partition("/")[2].partition(".")]
    )
