"""Servers that look at the signature of a token and not at its end."""

from base64 import urlsafe_b64decode
from dataclasses import replace
from typing import Final

from etalon_conformance.transforms.exchanges import Asked, Onward, Told, exchanging, json_of
from etalon_wire.json_body import Json, Resource, write_json
from etalon_wire.parts import Transform

_UNAUTHORISED: Final = 401
_PARTS: Final = 3
_PSC: Final = "/oauth2/psc/"
_KINDS_BY_MATRICULE: Final = frozenset({"holder", "representative", "caregiver"})
_TOLD: Final = {"on_behalf_of": "patient", "role": "role", "access_mode": "access_mode"}
"""Key of the control that mints tokens -> claim that fills it."""


def expired_tokens_taken() -> Transform:
    """Take tokens that have ended for good ones.

    Those of the interfaces are taken for new ones of whoever they name, which the sandbox mints;
    those of the login of professionals are answered about as when they were issued.
    """
    known: dict[str, Told] = {}

    async def exchange(asked: Asked, onward: Onward) -> Told:
        told = await onward(asked)
        if asked.path == f"{_PSC}token":
            await _remember(asked, told, onward, known)
        if asked.path == f"{_PSC}introspect":
            return _introspected(asked, told, known)
        if told.status != _UNAUTHORISED:
            return told
        token = asked.header(b"authorization").partition(b" ")[2].decode("latin-1")
        if asked.path == f"{_PSC}userinfo":
            return known.get(token, told)
        return await _renewed(asked, told, token, onward)

    return exchanging(exchange)


async def _remember(asked: Asked, told: Told, onward: Onward, known: dict[str, Told]) -> None:
    """Keep what is said of somebody while their token is good."""
    token = told.resource.get("access_token")
    if isinstance(token, str):
        bearing = asked.with_header(b"authorization", f"Bearer {token}".encode())
        known[token] = await onward(replace(_get(bearing), path=f"{_PSC}userinfo"))


def _get(asked: Asked) -> Asked:
    return replace(asked, verb="GET", query=[]).with_body(b"")


def _introspected(asked: Asked, told: Told, known: dict[str, Told]) -> Told:
    token = dict(asked.form or ()).get("token", "")
    if token in known and told.resource.get("active") is False:
        return told.with_resource({"active": True, **_claims(token)})
    return told


async def _renewed(asked: Asked, told: Told, token: str, onward: Onward) -> Told:
    """Ask again with a new token, where the old one was good and has ended."""
    claims = _claims(token)
    if not claims or b'"expired"' not in told.body:
        return told
    minted = await onward(_minting(asked, claims))
    fresh = minted.resource.get("access_token")
    if not isinstance(fresh, str):
        return told
    return await onward(asked.with_header(b"authorization", f"Bearer {fresh}".encode()))


def _minting(asked: Asked, claims: Resource) -> Asked:
    kind, subject = str(claims.get("act_as")), str(claims.get("sub"))
    actor: dict[str, Json] = {"kind": kind, "scope": claims.get("scope")}
    if kind in _KINDS_BY_MATRICULE:
        actor["ins"] = subject
    else:
        actor["rpps" if kind == "professional" else "id"] = subject
    actor |= {key: claims[claim] for key, claim in _TOLD.items() if claim in claims}
    if kind == "holder":
        actor.pop("on_behalf_of", None)
    headers = tuple(
        (name, value) for name, value in asked.headers if name not in {b"authorization", b"accept"}
    )
    minting = replace(asked, verb="POST", path="/sandbox/tokens", query=[], headers=headers)
    minting = minting.with_header(b"content-type", b"application/json")
    return minting.with_body(write_json({"actor": actor}))


def _claims(token: str) -> Resource:
    """Return the claims that a token says, or none."""
    parts = token.split(".")
    if len(parts) != _PARTS:
        return {}
    try:
        claims = json_of(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) else {}


MAKERS: Final = (expired_tokens_taken,)
