"""Searches of what is at hand: each parameter becomes a test, and things are tried one by one.

Lists, wishes and the access log of one person are few; documents are searched by the model.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from etalon_wire.records.addresses import Named
from etalon_wire.records.search_parameters import Asked, Understood, person_asked

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Search(Generic[T]):
    """A search of things of one kind.

    Attributes:
        who: Whose they are; named by nothing where the search does not say.
        tests: What a thing must meet, all of it.
        page_size: How many to a page; 0 asks for their number alone.
        token: What leads to another page than the first, or an empty string.
        passed_over: Names of the parameters that are not known.
    """

    who: Named
    tests: tuple[Callable[[T], bool], ...]
    page_size: int
    token: str
    passed_over: tuple[str, ...]

    def matches(self, one: T) -> bool:
        """Tell whether a thing, as its reader sees it, is one of those asked for."""
        return all(test(one) for test in self.tests)


def search_of(
    understood: Understood,
    base: str,
    tests: Mapping[str, Callable[[Asked], Callable[[T], bool]]],
) -> Search[T]:
    """Return the search that understood parameters make.

    Args:
        understood: The parameters.
        base: Public address of the server, without a slash at its end.
        tests: The test that a parameter makes, by what it is about; others make none.

    Raises:
        WrongError: A value is none that its parameter takes.
    """
    made = tuple(tests[one.means](one) for one in understood.asked if one.means in tests)
    who = person_asked(understood, base) or Named()
    return Search(who, made, understood.page_size, understood.token, understood.passed_over)
