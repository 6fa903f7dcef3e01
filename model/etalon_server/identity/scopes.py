"""Which scopes a login may be granted: those asked for that open something to its capacity.

Sources: RFC 6749 (3.3: fewer may be granted than asked), SMART App Launch (scopes by resource);
the interaction table says what opens what to whom.
"""

from collections.abc import Iterable
from typing import Final

from etalon_model import ActorKind, Use
from etalon_server.identity.failures import refuse_scope
from etalon_server.identity.realms import PSC, Realm
from etalon_wire.app_scopes import LAUNCH, PURPOSE_SCOPES, consented
from etalon_wire.claims import context_of, is_scope, scopes_for

OPENID: Final = "openid"
OFFLINE: Final = "offline_access"
SCOPE_ALL: Final = "scope_all"
"""What Pro Santé Connect asks for beside `openid`."""

PEOPLE: Final = (ActorKind.HOLDER, ActorKind.REPRESENTATIVE, ActorKind.CAREGIVER)


def asked_scopes(realm: Realm, written: str) -> frozenset[str]:
    """Return the scopes that a client asks for in a login.

    Raises:
        OAuthError: One is no scope of this server, or `openid` is missing.
    """
    asked = frozenset(written.split())
    known = {OPENID, SCOPE_ALL, OFFLINE, LAUNCH}
    wrong = sorted(one for one in asked if one not in known and (realm is PSC or not is_scope(one)))
    if wrong:
        refuse_scope(f"no such scope: {wrong[0][:80]!r}")
    if OPENID not in asked:
        refuse_scope("a login asks for the scope openid")
    return asked


def granted_scopes(asked: Iterable[str], kind: ActorKind) -> frozenset[str]:
    """Return what of `asked` is granted to a capacity; letters that open nothing are left out.

    Raises:
        OAuthError: Something asked for is no scope of this server.
    """
    granted = {one for scope in asked for one in _granted(scope, kind)}
    return frozenset(granted)


def granted_to_app(asked: Iterable[str], consents: Iterable[Use]) -> frozenset[str]:
    """Return what of `asked` is granted to a referenced service, by the uses consented to."""
    opened = granted_scopes(asked, ActorKind.APP) | (frozenset(asked) & PURPOSE_SCOPES.keys())
    return consented(opened, consents)


def _granted(scope: str, kind: ActorKind) -> list[str]:
    if not is_scope(scope):
        refuse_scope(f"no such scope: {scope[:80]!r}")
    context, slash, rest = scope.partition("/")
    if not slash or scope == LAUNCH:
        return [scope]
    if context != context_of(kind):
        return []
    resource, _, letters = rest.partition(".")
    kept: list[str] = []
    for most in scopes_for(kind):
        about, _, open_letters = most.partition("/")[2].partition(".")
        common = "".join(one for one in open_letters if one in letters)
        if common and resource in {about, "*"}:
            kept.append(f"{context}/{about}.{common}")
    return kept


def resource_scopes(scopes: Iterable[str]) -> frozenset[str]:
    """Return the scopes that open resources, without those of OpenID Connect."""
    return frozenset(one for one in scopes if "/" in one)


def every_scope(realm: Realm) -> list[str]:
    """Return what a realm can grant, for its description."""
    if realm is PSC:
        return [OPENID, SCOPE_ALL]
    others = (ActorKind.PROFESSIONAL, ActorKind.STRUCTURE, ActorKind.INSURER, ActorKind.APP)
    kinds = (*PEOPLE, *others)
    found = {scope for kind in kinds for scope in scopes_for(kind) if "/" in scope}
    return [OPENID, OFFLINE, LAUNCH, *PURPOSE_SCOPES, *sorted(found)]
