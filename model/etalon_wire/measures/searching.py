"""The search of measures: all of a kind between two days, or the last one.

Sources: measures API v1.5.2, 2.3. Readings: `_offset` is the number of a page, from 0, as the text
says and its example of links shows; dates are days, in Paris, as every example has them; a date
without a prefix is both bounds.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from etalon_model.catalogue.measuring import DEFAULT_PAGE, MeasurePage
from etalon_model.periods import paris_date
from etalon_wire.bundles import Query
from etalon_wire.opaque_identity import id_pe_in
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.instants import SHORTEST, span_of

SUBJECT: Final = "subject.identifier"
_KNOWN: Final = frozenset(
    {SUBJECT, "code", "date", "_include", "_offset", "_count", "_sort", "_format", "_pretty"}
)
_INCLUDED: Final = frozenset({"Observation:device", "Observation.device"})
_PREFIXES: Final = frozenset({"ge", "gt", "le", "lt", "eq"})
_DAY: Final = timedelta(days=1)
_REMEMBERED: Final = 1024
_LONGEST: Final = 9
"""Digits of the largest number of a page that is read."""


@dataclass(frozen=True, slots=True)
class MeasureSearch:
    """What a search asks for.

    Attributes:
        id_pe: Opaque identifier of the person, or an empty string.
        code: Code of the kind.
        from_on: First day, in Paris, or None.
        to_on: Last day, in Paris, or None.
        count: Measures in a page as asked for, or None.
        page: Number of the page from 0, or None.
        sort: How they are to stand, or an empty string.
        includes_devices: The devices are asked for too.
        page_size: What was written for the size of a page.
        fault: What is wrong with it that the interface documents no error for, or None.
    """

    id_pe: str
    code: str
    from_on: date | None
    to_on: date | None
    count: int | None
    page: int | None
    sort: str
    includes_devices: bool
    page_size: str
    fault: Fault | None

    @property
    def offset(self) -> int | None:
        """How many measures stand before the page, or None when no page was named."""
        return None if self.page is None else self.page * (self.count or DEFAULT_PAGE)


def read_measure_search(query: Query, solution: str, *, strict: bool) -> MeasureSearch:
    """Return what the parameters of a search ask for.

    Args:
        query: The parameters.
        solution: Object identifier of the solution that searches.
        strict: A parameter that is not known is a fault.
    """
    given: dict[str, str] = {}
    for name, value in query:
        given.setdefault(name, value)
    dates = [value for name, value in query if name == "date"]
    bounds = [_bounds(one) for one in dates]
    known = [one for one in bounds if one is not None]
    code = given.get("code", "").rpartition("|")[2]
    includes = {value for name, value in query if name == "_include"}
    size, page = given.get("_count", ""), given.get("_offset", "")
    return MeasureSearch(
        id_pe_in(solution, given.get(SUBJECT, "")),
        code,
        max((low for low, _ in known if low), default=None),
        min((high for _, high in known if high), default=None),
        _number(size) if "_count" in given else None,
        _number(page) if "_offset" in given else None,
        given.get("_sort", ""),
        bool(includes & _INCLUDED),
        size or str(DEFAULT_PAGE),
        _fault(query, strict=strict, code=code, page=page, dates=dates),
    )


def _fault(query: Query, *, strict: bool, code: str, page: str, dates: list[str]) -> Fault | None:
    unknown = next((name for name, _ in query if name not in _KNOWN), "")
    if strict and unknown:
        return Fault("PARAMETER_UNKNOWN", f"no parameter {unknown[:60]!r} here", unknown[:60])
    if not code:
        return Fault("PARAMETER_MISSING", "say which measure, by its code", "code")
    wrong = next((one for one in dates if _bounds(one) is None), "")
    if wrong:
        message = f"{wrong[:40]!r} is no day: write date=ge2022-09-04&date=le2022-09-23"
        return Fault("PARAMETER_WRONG", message, "date")
    if page and _number(page) < 0:
        return Fault("PARAMETER_WRONG", "a page is a number from 0", "_offset")
    return None


def _number(written: str) -> int:
    """Return a number that no bound lets through for what is not one."""
    digits = written.isascii() and written.isdigit() and len(written) <= _LONGEST
    return int(written) if digits else -1


@lru_cache(_REMEMBERED)
def _bounds(written: str) -> tuple[date | None, date | None] | None:
    """Return the first and the last day that a date admits, each None where it does not bound.

    Returns:
        None for what is no day, month or year with a prefix of the interface.
    """
    prefix = written[:2] if written[:2].isalpha() else ""
    span = None if "T" in written else span_of(written.removeprefix(prefix))
    if span is None or (prefix and prefix not in _PREFIXES):
        return None
    try:
        return _days(prefix, *span)
    except OverflowError:
        return None


def _days(prefix: str, start: datetime, end: datetime) -> tuple[date | None, date | None]:
    first, last = paris_date(start), paris_date(end - SHORTEST)
    return {
        "ge": (first, None),
        "gt": (last + _DAY, None),
        "le": (None, last),
        "lt": (None, first - _DAY),
    }.get(prefix, (first, last))


def links_to_pages(search: MeasureSearch, found: MeasurePage) -> Mapping[str, int]:
    """Return the numbers of the pages before and after one, by relation."""
    page = search.page or 0
    links: dict[str, int] = {}
    if found.previous is not None:
        links["previous"] = page - 1
    if found.next is not None:
        links["next"] = page + 1
    return links
