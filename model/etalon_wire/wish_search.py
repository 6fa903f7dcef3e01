"""The search of wishes: whose, of which kind, about whom."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from etalon_wire.bundles import Query
from etalon_wire.consents import KINDS, Wish
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.addresses import Named
from etalon_wire.records.search_parameters import (
    Asked,
    WrongError,
    person_asked,
    required,
    tokens,
    understand,
)

Test = Callable[[Wish], bool]


@dataclass(frozen=True, slots=True)
class WishSearch:
    """What is searched among the wishes of a person.

    Attributes:
        who: Whose.
        tests: What a wish must meet, all of it.
        page_size: How many to a page; 0 asks for their number alone.
        token: What leads to another page than the first, or an empty string.
        passed_over: Names of the parameters that are not known.
    """

    who: Named
    tests: tuple[Test, ...]
    page_size: int
    token: str
    passed_over: tuple[str, ...]

    def matches(self, wish: Wish) -> bool:
        """Tell whether a wish is one of those searched for."""
        return all(test(wish) for test in self.tests)


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
        who = cast("Named", person_asked(understood, base))
        tests = tuple(_TESTS[one.means](one) for one in understood.asked if one.means in _TESTS)
    except WrongError as wrong:
        return wrong.fault
    size, token = understood.page_size, understood.token
    return WishSearch(who, tests, size, token, understood.passed_over)


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
