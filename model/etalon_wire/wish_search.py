"""The search of wishes: whose, of which kind, about whom."""

from collections.abc import Callable, Mapping
from typing import Final

from etalon_wire.bundles import Query
from etalon_wire.consents import KINDS, Wish
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.at_hand import Search, search_of
from etalon_wire.records.search_parameters import (
    Asked,
    WrongError,
    required,
    tokens,
    understand,
)

Test = Callable[[Wish], bool]


WishSearch = Search[Wish]
"""A search of the wishes of a person."""


def read_wish_search(query: Query, *, strict: bool, base: str = "") -> WishSearch | Fault:
    """Return what a search of Consent asks for, or what is wrong with it.

    Args:
        query: Its parameters, in their order.
        strict: Refuse parameters that are not known.
        base: Public address of the server, without a slash at its end.
    """
    try:
        understood = understand("Consent", query, strict=strict, sorts=())
        required(understood, "person", "matricule", name="patient.identifier")
        return search_of(understood, base, _TESTS)
    except WrongError as wrong:
        return wrong.fault


def _of_kind(asked: Asked) -> Test:
    wanted = tokens(asked)
    return lambda wish: any(one.is_met(KINDS, wish.kind) for one in wanted)


def _of_status(asked: Asked) -> Test:
    """Test for a status; a wish that is found is active, for one taken back is not kept."""
    wanted = {one.code for one in tokens(asked)}
    return lambda _: "active" in wanted


def _about(asked: Asked) -> Test:
    wanted = {one.code.rpartition("/")[2].removeprefix("urn:oid:") for one in tokens(asked)}
    return lambda wish: wish.about in wanted


_TESTS: Final[Mapping[str, Callable[[Asked], Test]]] = {
    "category": _of_kind,
    "status": _of_status,
    "actor": _about,
}
