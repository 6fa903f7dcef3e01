"""Who calls, as the claims of a token and as the model names them.

Sources: RFC 9068 (`sub`, `client_id`, `scope`), RFC 8705 (`cnf`, `x5t#S256`), OpenID Connect
(`acr`, `amr`), SMART App Launch (`patient`, scopes by resource), Pro Santé Connect (`acr`,
`SubjectRole` as code and nomenclature). `act_as`, `profession`, `role` and `access_mode` are ours:
no public text says how a token names the capacity in which somebody acts on a space.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache, lru_cache
from typing import Final, Literal, cast

from etalon_model import AccessMode, Actor, ActorKind, profession_of_role
from etalon_model.tables import rows_of as model_rows_of
from etalon_wire.app_scopes import LAUNCH, PURPOSE_SCOPES
from etalon_wire.interactions import Interaction, interactions
from etalon_wire.json_body import Json

Level = Literal["low", "substantial", "high"]
"""Levels of assurance of eIDAS."""

LEVELS: Final[Mapping[str, Level]] = {"eidas1": "low", "eidas2": "substantial", "eidas3": "high"}
"""What `acr` says of the level."""

ROLES_OID: Final = "1.2.250.1.213.1.1.5.5"
"""The nomenclature after the code in `SubjectRole`."""

THUMBPRINT: Final = "x5t#S256"

_CONTEXTS: Final[Mapping[ActorKind, str]] = {
    ActorKind.HOLDER: "patient",
    ActorKind.REPRESENTATIVE: "patient",
    ActorKind.CAREGIVER: "patient",
    ActorKind.APP: "patient",
    ActorKind.PROFESSIONAL: "user",
    ActorKind.STRUCTURE: "system",
    ActorKind.SUPPORT: "system",
    ActorKind.INSURER: "system",
    ActorKind.SYSTEM: "system",
}
_OF_ONE_SPACE: Final = frozenset(
    {ActorKind.HOLDER, ActorKind.REPRESENTATIVE, ActorKind.CAREGIVER, ActorKind.APP}
)
_LETTERS: Final = "cruds"
_ACTORS: Final = 65_536
"""How many actors are remembered, so that memory holds one object for equal ones."""


class ClaimsError(ValueError):
    """Claims that name nobody: the message says which claim and what was expected."""


@dataclass(frozen=True, slots=True)
class Caller:
    """Who calls, and in the name of whom.

    Attributes:
        actor: Who acts, in which capacity.
        patient: Matricule of the person whose space the token is for; empty when it is for
            whichever space the actor may come to.
        scopes: What was granted, each with its context: `user/DocumentReference.rs`, `openid`.
        client: Identifier of the software that calls.
        thumbprint: SHA-256 of the certificate the token is bound to, in base64url; or empty.
        expires_at: When the token ends (UTC).
        means: How the person proved who they are: `password`, `franceconnect`, `apcv`, `psc`, …
        level: Level of assurance of that proof.
        mode: How a professional comes to records with this token.
    """

    actor: Actor
    patient: str
    scopes: frozenset[str]
    client: str
    thumbprint: str
    expires_at: datetime
    means: str = ""
    level: Level = "substantial"
    mode: AccessMode = AccessMode.NORMAL


def claims_of(caller: Caller) -> dict[str, Json]:
    """Return the claims that say `caller`; issuer, audience and dates of issue are not among them.

    `exp` is in whole seconds: what is below one is lost.
    """
    actor = caller.actor
    acr = next(name for name, level in LEVELS.items() if level == caller.level)
    claims: dict[str, Json] = {
        "sub": actor.ident,
        "act_as": actor.kind.value,
        "client_id": caller.client,
        "scope": " ".join(sorted(caller.scopes)),
        "exp": int(caller.expires_at.timestamp()),
        "acr": acr,
        "access_mode": caller.mode.value,
    }
    if caller.means:
        claims["amr"] = [caller.means]
    if caller.patient:
        claims["patient"] = caller.patient
    if caller.thumbprint:
        claims["cnf"] = {THUMBPRINT: caller.thumbprint}
    if actor.profession:
        claims["profession"] = actor.profession
        roles: list[Json] = [f"{code}^{ROLES_OID}" for code in _codes_of(actor.profession)]
        if roles:
            claims["SubjectRole"] = roles[:1]
    if actor.role:
        claims["role"] = actor.role
    return claims


def caller_of(claims: Mapping[str, Json]) -> Caller:
    """Return who `claims` name; the profession is read from `SubjectRole` where ours is missing.

    Raises:
        ClaimsError: A claim is missing, of the wrong kind, or contradicts another.
    """
    actor = actor_of(
        _text(claims, "act_as"),
        _text(claims, "sub"),
        _profession(claims),
        _text(claims, "role", ""),
    )
    patient = _patient(actor, _text(claims, "patient", ""))
    bound = claims.get("cnf", {})
    if not isinstance(bound, dict):
        raise ClaimsError(_expected("cnf", "an object"))
    acr = _text(claims, "acr", "eidas2")
    if acr not in LEVELS:
        raise ClaimsError(_expected("acr", f"one of {', '.join(LEVELS)}"))
    mode = _text(claims, "access_mode", AccessMode.NORMAL)
    if mode not in set(AccessMode):
        raise ClaimsError(_expected("access_mode", f"one of {', '.join(AccessMode)}"))
    return Caller(
        actor=actor,
        patient=patient,
        scopes=frozenset(_text(claims, "scope", "").split()),
        client=_text(claims, "client_id", ""),
        thumbprint=_text(bound, THUMBPRINT, ""),
        expires_at=_instant(claims, "exp"),
        means=_means(claims),
        level=LEVELS[acr],
        mode=AccessMode(mode),
    )


@lru_cache(maxsize=_ACTORS)
def actor_of(kind: str, ident: str, profession: str = "", role: str = "") -> Actor:
    """Return the one actor with these values, one object for equal ones.

    Raises:
        ClaimsError: The capacity is none, or the identifier is empty.
    """
    if kind not in set(ActorKind):
        raise ClaimsError(_expected("act_as", f"one of {', '.join(ActorKind)}"))
    if not ident:
        raise ClaimsError(_expected("sub", "an identifier"))
    return Actor(ActorKind(kind), ident, profession, role)


def context_of(kind: ActorKind) -> str:
    """Return the context of the scopes of an actor: `patient`, `user` or `system`."""
    return _CONTEXTS[kind]


def scopes_for(kind: ActorKind) -> tuple[str, ...]:
    """Return the scopes that open every interaction a capacity may ever be accepted for."""
    letters: dict[str, set[str]] = {}
    for row in interactions().values():
        if kind in row.actors:
            for needed in row.scopes:
                resource, _, letter = needed.partition(".")
                letters.setdefault(resource, set()).update(letter)
    context = context_of(kind)
    return tuple(
        f"{context}/{resource}.{''.join(one for one in _LETTERS if one in found)}"
        if found
        else resource
        for resource, found in letters.items()
    )


def missing_scopes(caller: Caller, interaction: Interaction) -> tuple[str, ...]:
    """Return the scopes that the token would need and does not hold, with their context."""
    context = context_of(caller.actor.kind)
    return tuple(
        _with_context(context, needed)
        for needed in interaction.scopes
        if not _is_granted(caller.scopes, context, needed)
    )


def is_scope(text: str) -> bool:
    """Tell whether `text` is a scope of this wire: `user/DocumentReference.rs`, `openid`."""
    context, slash, rest = text.partition("/")
    if not slash:
        return text in {"openid", "offline_access", "scope_all"}
    if text == LAUNCH or text in PURPOSE_SCOPES:
        return True
    resource, dot, letters = rest.partition(".")
    known = {needed.partition(".")[0] for row in interactions().values() for needed in row.scopes}
    return (
        context in set(_CONTEXTS.values())
        and bool(dot)
        and (resource == "*" or resource in known)
        and bool(letters)
        and _is_ordered(letters)
    )


def _is_granted(scopes: frozenset[str], context: str, needed: str) -> bool:
    resource, dot, letter = needed.partition(".")
    if not dot:
        return needed in scopes
    for scope in scopes:
        held, slash, rest = scope.partition("/")
        about, _, letters = rest.partition(".")
        if slash and held == context and about in {resource, "*"} and letter in letters:
            return True
    return False


def _is_ordered(letters: str) -> bool:
    """Tell whether letters stand once each in the order that SMART gives them."""
    ranks = [_LETTERS.find(letter) for letter in letters]
    return -1 not in ranks and ranks == sorted(set(ranks))


def _with_context(context: str, needed: str) -> str:
    return f"{context}/{needed}" if "." in needed else needed


def _patient(actor: Actor, patient: str) -> str:
    """Return whose space a token is for; a holder's is their own."""
    if actor.kind is ActorKind.HOLDER:
        if patient not in {"", actor.ident}:
            raise ClaimsError(_expected("patient", "the holder's own matricule, that of `sub`"))
        return actor.ident
    if actor.kind in _OF_ONE_SPACE and not patient:
        raise ClaimsError(_expected("patient", f"whose space a {actor.kind.value} acts on"))
    return patient


def _profession(claims: Mapping[str, Json]) -> str:
    known = _text(claims, "profession", "")
    roles = claims.get("SubjectRole")
    if known or roles is None:
        return known
    if not isinstance(roles, list) or not roles or not isinstance(roles[0], str):
        raise ClaimsError(_expected("SubjectRole", f"a list of texts like 10^{ROLES_OID}"))
    return profession_of_role(roles[0].partition("^")[0])


def _means(claims: Mapping[str, Json]) -> str:
    means = claims.get("amr", [])
    if not isinstance(means, list) or not all(isinstance(one, str) for one in means):
        raise ClaimsError(_expected("amr", "a list of texts"))
    return cast("str", means[0]) if means else ""


def _text(claims: Mapping[str, Json], name: str, default: str | None = None) -> str:
    value = claims.get(name, default)
    if not isinstance(value, str):
        raise ClaimsError(_expected(name, "a text"))
    return value


def _instant(claims: Mapping[str, Json], name: str) -> datetime:
    value = claims.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ClaimsError(_expected(name, "seconds since 1970"))
    try:
        return datetime.fromtimestamp(value, UTC)
    except (OverflowError, ValueError, OSError):
        raise ClaimsError(_expected(name, "seconds since 1970")) from None


def _expected(name: str, what: str) -> str:
    return f"the claim {name!r} of the token is missing or wrong: expected {what}"


@cache
def _codes_of(profession: str) -> tuple[str, ...]:
    """Return the codes under which a profession authenticates."""
    for row in model_rows_of("professions.csv"):
        if row["profession"] == profession:
            return tuple(filter(None, row["roles"].split("|")))
    return ()
