"""What a check expects of answers, as data: judged here, printed in evidence, turned into scripts.

A path is one of

- `status`: HTTP status; `header:NAME`: a header; `type`: media type without its parameters;
- `body`: SHA-256 of the bytes, in hexadecimal; `size`: their number; `text`: them as a text;
- `url`: the address asked; `accepted`: whether an operation was done, `true` or `false`;
- else a path into the body, JSON or XML of FHIR (`etalon_conformance.places`). A dot before it
  says so where it has the name of one of the above: `.status`, `.type`, `.text`.

Values are texts, as JSON writes its scalars. Instants that differ in their time zone alone are the
same. The values of several exchanges are joined: the pages of a search are one answer.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from itertools import pairwise
from typing import Final

from etalon_conformance.exchanges import Exchange, Unreadable
from etalon_target.messages import NotJson, TransportFailure
from etalon_text.language import Language
from etalon_text.strings import text

_SHOWN: Final = 200
_LISTED: Final = 12
_SERVER_FAULT: Final = 500


class Relation(StrEnum):
    """How the values seen stand to those expected."""

    EQUALS = "equals"
    """The same values, as often, in any order."""
    ONE_OF = "one-of"
    """At least one value, each among those expected."""
    INCLUDES = "includes"
    """Each expected value is there."""
    EXCLUDES = "excludes"
    """None of those values is there."""
    PRESENT = "present"
    ABSENT = "absent"
    MATCHES = "matches"
    """At least one value, and the regular expression describes the whole of each."""
    COUNT = "count"
    """That many values."""
    AT_MOST = "at-most"
    """No more values than that."""
    AT_LEAST = "at-least"
    """No fewer values than that."""
    SORTED_DOWN = "sorted-down"
    SORTED_UP = "sorted-up"
    DISTINCT = "distinct"
    """No value twice."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is expected of an answer.

    Attributes:
        path: Where to look.
        relation: How what is there stands to the values.
        values: What it is compared with: texts; the number of `count` and `at-most` is the first.
    """

    path: str
    relation: Relation
    values: tuple[str, ...] = ()

    def __str__(self) -> str:
        """The expectation in English."""
        return told(self.path, self.relation, self.values)


@dataclass(frozen=True, slots=True)
class Seen:
    """What an expectation met.

    Attributes:
        holds: It was met.
        expected: What was expected, in English.
        got: What was there, shortened: values, or why there are none.
    """

    holds: bool
    expected: str
    got: str


def told(path: str, relation: Relation, values: Sequence[str], language: Language = "en") -> str:
    """Return an expectation as a phrase of a language: `status: one of 200, 201`."""
    return text(f"relation.{relation}", language, path=path, values=_listed(values))


def status(*codes: int) -> Expectation:
    """The answer has one of these statuses."""
    return Expectation("status", Relation.ONE_OF, tuple(map(str, codes)))


def equals(path: str, *values: str) -> Expectation:
    """The path gives these values, in any order."""
    return Expectation(path, Relation.EQUALS, values)


def one_of(path: str, *values: str) -> Expectation:
    """The path gives values, each one of these."""
    return Expectation(path, Relation.ONE_OF, values)


def includes(path: str, *values: str) -> Expectation:
    """The path gives these values, and maybe others."""
    return Expectation(path, Relation.INCLUDES, values)


def excludes(path: str, *values: str) -> Expectation:
    """The path gives none of these values."""
    return Expectation(path, Relation.EXCLUDES, values)


def present(path: str) -> Expectation:
    """The path gives something."""
    return Expectation(path, Relation.PRESENT)


def absent(path: str) -> Expectation:
    """The path gives nothing."""
    return Expectation(path, Relation.ABSENT)


def matches(path: str, regex: str) -> Expectation:
    """The path gives something, the whole of which the regular expression describes."""
    return Expectation(path, Relation.MATCHES, (regex,))


def count(path: str, number: int) -> Expectation:
    """The path gives that many values."""
    return Expectation(path, Relation.COUNT, (str(number),))


def at_most(path: str, number: int) -> Expectation:
    """The path gives no more values than that."""
    return Expectation(path, Relation.AT_MOST, (str(number),))


def at_least(path: str, number: int) -> Expectation:
    """The path gives no fewer values than that."""
    return Expectation(path, Relation.AT_LEAST, (str(number),))


def sorted_down(path: str) -> Expectation:
    """The values at the path never grow."""
    return Expectation(path, Relation.SORTED_DOWN)


def sorted_up(path: str) -> Expectation:
    """The values at the path never shrink."""
    return Expectation(path, Relation.SORTED_UP)


def distinct(path: str) -> Expectation:
    """No value at the path stands there twice."""
    return Expectation(path, Relation.DISTINCT)


def accepted() -> Expectation:
    """The operation was done."""
    return Expectation("accepted", Relation.EQUALS, ("true",))


def refused() -> Expectation:
    """The operation was refused."""
    return Expectation("accepted", Relation.EQUALS, ("false",))


def seen(expectation: Expectation, exchanges: Sequence[Exchange]) -> Seen:
    """Hold an expectation against answers, their values joined.

    It does not hold where there is no exchange, no answer, or a fault of the server (5xx) that it
    does not name; nor where it looks into a body that cannot be read.

    Raises:
        ValueError: Its path or its regular expression is none.
    """
    expected = str(expectation)
    if not exchanges:
        return Seen(holds=False, expected=expected, got=text("observed.no_exchange", "en"))
    for one in exchanges:
        if isinstance(one.answer, TransportFailure):
            why = f"{one.answer.kind}: {one.answer.detail}"[:_SHOWN]
            got = text("observed.no_answer", "en", why=why)
            return Seen(holds=False, expected=expected, got=got)
        if one.status >= _SERVER_FAULT and not _names(expectation, one.status):
            return Seen(holds=False, expected=expected, got=f"HTTP {one.status}")
    found: list[str] = []
    for one in exchanges:
        try:
            found += one.values(expectation.path)
        except Unreadable as error:
            why = str(error)[:_SHOWN]
            got = text("observed.unreadable", "en", status=one.status, why=why)
            return Seen(holds=False, expected=expected, got=got)
    holds = _RELATIONS[expectation.relation](found, expectation.values)
    if expectation.relation is Relation.EXCLUDES and holds and _into_body(expectation.path):
        holds = not any(_betrays(one, expectation.values) for one in exchanges)
    return Seen(holds, expected, _listed(found) if found else text("observed.nothing", "en"))


def _names(expectation: Expectation, status: int) -> bool:
    admits = expectation.relation in {Relation.EQUALS, Relation.ONE_OF}
    return expectation.path == "status" and admits and str(status) in expectation.values


def _into_body(path: str) -> bool:
    return ":" not in path and path not in {"status", "type", "body", "size", "text", "url"}


def _betrays(one: Exchange, values: Iterable[str]) -> bool:
    """Whether a refusal that is no JSON holds in its text what must not be there."""
    if not isinstance(one.json(), NotJson):
        return False
    written = one.body.decode("utf-8", "replace")
    return any(value and value in written for value in values)


def _equals(found: Sequence[str], values: Sequence[str]) -> bool:
    return Counter(map(canonical, found)) == Counter(map(canonical, values))


def _one_of(found: Sequence[str], values: Sequence[str]) -> bool:
    return bool(found) and {*map(canonical, found)} <= {*map(canonical, values)}


def _includes(found: Sequence[str], values: Sequence[str]) -> bool:
    return {*map(canonical, values)} <= {*map(canonical, found)}


def _excludes(found: Sequence[str], values: Sequence[str]) -> bool:
    return {*map(canonical, values)}.isdisjoint(map(canonical, found))


def _matches(found: Sequence[str], values: Sequence[str]) -> bool:
    return bool(found) and all(re.fullmatch(values[0], one, re.DOTALL) for one in found)


def _sorted_up(found: Sequence[str], _: Sequence[str]) -> bool:
    return all(before <= after for before, after in pairwise(_ordered(found)))


def _sorted_down(found: Sequence[str], values: Sequence[str]) -> bool:
    return _sorted_up(list(reversed(found)), values)


_RELATIONS: Final[Mapping[Relation, Callable[[Sequence[str], Sequence[str]], bool]]] = {
    Relation.EQUALS: _equals,
    Relation.ONE_OF: _one_of,
    Relation.INCLUDES: _includes,
    Relation.EXCLUDES: _excludes,
    Relation.PRESENT: lambda found, _: bool(found),
    Relation.ABSENT: lambda found, _: not found,
    Relation.MATCHES: _matches,
    Relation.COUNT: lambda found, values: len(found) == int(values[0]),
    Relation.AT_MOST: lambda found, values: len(found) <= int(values[0]),
    Relation.AT_LEAST: lambda found, values: len(found) >= int(values[0]),
    Relation.SORTED_DOWN: _sorted_down,
    Relation.SORTED_UP: _sorted_up,
    Relation.DISTINCT: lambda found, _: len(set(map(canonical, found))) == len(found),
}

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def canonical(value: str) -> str:
    """Return a text that is the same for instants that are: in UTC, without idle decimals."""
    if not _INSTANT.fullmatch(value):
        return value
    try:
        at = datetime.fromisoformat(value).astimezone(UTC)
    except (ValueError, OverflowError):
        return value
    return at.isoformat()


def _ordered(found: Sequence[str]) -> list[tuple[int, Decimal, str]]:
    return [_rank(one) for one in found]


def _rank(value: str) -> tuple[int, Decimal, str]:
    """Return what orders a value: an instant or a day by when it is, a number by its size."""
    try:
        return (0, Decimal(value), "")
    except InvalidOperation:
        pass
    try:
        at = datetime.fromisoformat(value)
        at = at if at.tzinfo is not None else at.replace(tzinfo=UTC)
        return (1, Decimal(str(at.timestamp())), "")
    except (ValueError, OverflowError):
        return (2, Decimal(0), value)


def _listed(values: Sequence[str]) -> str:
    shown = ", ".join(values[:_LISTED])
    more = f", … ({len(values)})" if len(values) > _LISTED else ""
    return (shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…") + more
