"""What a referenced service asks for in a login, in scopes, and the uses of data these stand for.

Sources: SMART App Launch (scopes by resource); measures API v1.5.2 (consent to read and to write
apart); CSP art. L. 1111-13-1 III (consent by purpose). The scopes of purposes are ours: no public
text says how a token tells what data are exchanged for.
"""

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

from etalon_model.catalogue.catalogue import Direction, ExchangeFamily, Purpose, Use
from etalon_wire.tables import rows_of

LAUNCH: Final = "launch/patient"
"""Asks for the person of the login to be told: here it is, asked or not."""

PURPOSE_SCOPES: Final = {
    f"purpose/{purpose.value.replace(' ', '-')}": purpose.value for purpose in Purpose
}
"""Scopes that name what data are exchanged for, and the words of the model."""

_DIRECTIONS: Final = {
    "c": Direction.WRITE,
    "u": Direction.WRITE,
    "d": Direction.WRITE,
    "r": Direction.READ,
    "s": Direction.READ,
}


@cache
def _families() -> dict[str, ExchangeFamily]:
    return {row["resource"]: ExchangeFamily(row["family"]) for row in rows_of("app_families.csv")}


def purposes_in(scopes: Iterable[str]) -> frozenset[str]:
    """Return the purposes that scopes name; all of them when they name none."""
    named = frozenset(PURPOSE_SCOPES[one] for one in scopes if one in PURPOSE_SCOPES)
    return named or frozenset(PURPOSE_SCOPES.values())


def consented(scopes: Iterable[str], consents: Iterable[Use]) -> frozenset[str]:
    """Return what is left of scopes when a holder consented to some uses and to no other.

    Args:
        scopes: Scopes with their context; those of resources whose letters open something.
        consents: The uses consented to.
    """
    asked = frozenset(scopes)
    wanted = purposes_in(asked)
    uses = frozenset(use for use in consents if use.purpose in wanted)
    purposes = {use.purpose for use in uses}
    found = {scope for scope, word in PURPOSE_SCOPES.items() if word in purposes}
    for scope in asked - PURPOSE_SCOPES.keys():
        context, slash, rest = scope.partition("/")
        if not slash or scope == LAUNCH:
            found.add(scope)
            continue
        resource, _, letters = rest.partition(".")
        kept = "".join(letter for letter in letters if _is_consented(resource, letter, uses))
        if kept:
            found.add(f"{context}/{resource}.{kept}")
    return frozenset(found)


def uses_of(scopes: Iterable[str]) -> Iterator[tuple[ExchangeFamily, Direction]]:
    """Return what scopes of resources exchange and which way, in the order of the scopes."""
    for scope in scopes:
        resource, _, letters = scope.partition("/")[2].partition(".")
        family = _families().get(resource)
        if family is not None:
            yield from ((family, _DIRECTIONS[letter]) for letter in letters)


def _is_consented(resource: str, letter: str, uses: frozenset[Use]) -> bool:
    family, direction = _families().get(resource), _DIRECTIONS[letter]
    return any(use.family is family and use.direction is direction for use in uses)
