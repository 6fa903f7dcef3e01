"""Searches of documents by date, by the times of the act and by the archive flag."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta, timezone
from operator import eq, ge, gt, le, lt
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.corpus import Corpus, corpus, finds, is_whole
from etalon_conformance.deposits import instant
from etalon_conformance.expectations import equals, excludes, includes
from etalon_conformance.record_scene import (
    DOCUMENTS,
    NEEDS,
    UNIQUE_IDS,
    Criteria,
    found,
)
from etalon_conformance.specimens import Specimen

Dated = Callable[[Specimen], datetime]
_ORDER: Final[Mapping[str, Callable[[datetime, datetime], bool]]] = {
    "ge": ge,
    "gt": gt,
    "le": le,
    "lt": lt,
    "eq": eq,
    "": eq,
}
_ZONES: Final = (timezone(timedelta(hours=2)), UTC, timezone(timedelta(hours=-4)))


def _at(given: Corpus, dated: Dated, prefix: str, bound: datetime) -> tuple[str, ...]:
    """Return the documents that a bound, to the second, lets through."""
    holds = _ORDER[prefix]
    return tuple(one.unique_id for one in given.specimens if holds(dated(one), bound))


def _bounded(
    bench: Bench, requirement: str, given: Corpus, name: str, dated: Dated
) -> Iterator[Assertion]:
    """Search around the date of one document, written in several time zones, and between two."""
    ordered = sorted(dated(one) for one in given.specimens)
    bound = ordered[len(ordered) // 2]
    for rank, prefix in enumerate(_ORDER):
        written = instant(bound.astimezone(_ZONES[rank % len(_ZONES)]))
        expected = _at(given, dated, prefix, bound)
        yield finds(
            bench,
            requirement,
            given,
            {name: f"{prefix}{written}"},
            *expected,
            likely="zone_ignored",
        )
    second = timedelta(seconds=1)
    for prefix, just in (("ge", bound + second), ("lt", bound + second), ("gt", bound - second)):
        expected = _at(given, dated, prefix, just)
        yield finds(bench, requirement, given, {name: f"{prefix}{instant(just)}"}, *expected)
    between = [(name, f"ge{instant(ordered[1])}"), (name, f"lt{instant(ordered[-2])}")]
    expected = tuple(
        one.unique_id for one in given.specimens if ordered[1] <= dated(one) < ordered[-2]
    )
    yield finds(bench, requirement, given, between, *expected)
    before, after = ordered[0] - timedelta(days=2), ordered[-1] + timedelta(days=2)
    for criteria in ({name: f"lt{before.date()}"}, {name: f"gt{after.date()}"}):
        yield finds(bench, requirement, given, criteria)
    for criteria in ({name: f"ge{before.date()}"}, {name: f"le{after.date()}"}):
        yield finds(bench, requirement, given, criteria, *given.everything)
    month = f"{bound.astimezone(UTC):%Y-%m}"
    of_month = tuple(
        one.unique_id for one in given.specimens if f"{dated(one).astimezone(UTC):%Y-%m}" == month
    )
    yield finds(bench, requirement, given, {name: month}, *of_month)


@check(requirements=("W-REC-24",), needs=NEEDS)
def dates_of_creation_bound(bench: Bench) -> Iterator[Assertion]:
    """Bounds on the creation of documents hold to the second, in whatever time zone."""
    given = corpus(bench, "W-REC-24", of_another=False)
    is_whole(bench, "W-REC-24", given)
    yield from _bounded(bench, "W-REC-24", given, "creation", lambda one: one.created)


@check(requirements=("W-REC-25",), needs=NEEDS)
def times_of_the_act_bound(bench: Bench) -> Iterator[Assertion]:
    """Bounds on the start and on the end of the act hold to the second, in whatever time zone."""
    given = corpus(bench, "W-REC-25", of_another=False)
    is_whole(bench, "W-REC-25", given)
    yield from _bounded(bench, "W-REC-25", given, "period-start", lambda one: one.started)
    yield from _bounded(bench, "W-REC-25", given, "period-end", lambda one: one.ended)
    one = given.specimens[3]
    exact = {"period-start": instant(one.started), "period-end": instant(one.ended)}
    yield finds(bench, "W-REC-25", given, exact, one.unique_id)
    crossed = {"period-start": instant(one.started), "period-end": f"lt{instant(one.ended)}"}
    yield finds(bench, "W-REC-25", given, crossed)


@check(requirements=("W-REC-24",), needs=NEEDS)
def period_of_the_act_bounds(bench: Bench) -> Iterator[Assertion]:
    """Bounds on the period of the act part the acts before from those after."""
    given = corpus(bench, "W-REC-24", of_another=False)
    is_whole(bench, "W-REC-24", given)
    for one in given.specimens[1:6:2]:
        apart = instant(one.started - timedelta(hours=2))
        later = _at(given, lambda each: each.started, "ge", one.started)
        earlier = tuple(each for each in given.everything if each not in later)
        yield finds(bench, "W-REC-24", given, {"period": f"ge{apart}"}, *later)
        yield finds(bench, "W-REC-24", given, {"period": f"lt{apart}"}, *earlier)
        around = [("period", f"ge{apart}"), ("period", f"le{instant(one.ended + _HOUR)}")]
        yield finds(bench, "W-REC-24", given, around, one.unique_id)


_HOUR: Final = timedelta(hours=1)


@check(requirements=("W-REC-24",), needs=NEEDS)
def dates_of_references_bound(bench: Bench) -> Iterator[Assertion]:
    """Bounds on the date of references hold as the references returned are dated."""
    given = corpus(bench, "W-REC-24", of_another=False)
    pages = found(bench, given.reader, given.person)
    bench.expects("W-REC-24", pages, equals(UNIQUE_IDS, *given.everything), control=True)
    written = {each for page in pages for each in page.value(f"{DOCUMENTS}.date")}
    dates = sorted((at, each) for each in written if (at := _instant(each)) is not None)
    if not dates:
        return
    (first, earliest), (last, latest) = dates[0], dates[-1]
    before, after = first - timedelta(days=2), last + timedelta(days=2)
    everything: tuple[Criteria, ...] = (
        {"date": f"ge{earliest}"},
        {"date": f"le{latest}"},
        [("date", f"ge{earliest}"), ("date", f"le{latest}")],
        {"date": f"ge{before.date()}"},
        {"date": f"lt{after.date()}"},
        [("date", f"gt{instant(before)}"), ("date", f"lt{instant(after)}")],
    )
    for criteria in everything:
        yield finds(bench, "W-REC-24", given, criteria, *given.everything)
    nothing: tuple[Criteria, ...] = (
        {"date": f"lt{earliest}"},
        {"date": f"gt{latest}"},
        {"date": f"ge{after.date()}"},
        {"date": f"lt{before.date()}"},
        {"date": str(after.year + 1)},
        [("date", f"ge{after.date()}"), ("date", f"lt{before.date()}")],
    )
    for criteria in nothing:
        yield finds(bench, "W-REC-24", given, criteria)
    one = given.specimens[2]
    its = f"{DOCUMENTS}[masterIdentifier.value={one.unique_id}].date"
    dated = next((each for page in pages for each in page.value(its)), latest)
    upto = found(bench, given.reader, given.person, {"date": f"le{dated}"})
    yield bench.expects("W-REC-24", upto, includes(UNIQUE_IDS, one.unique_id))
    beyond = found(bench, given.reader, given.person, {"date": f"gt{dated}"})
    yield bench.expects("W-REC-24", beyond, excludes(UNIQUE_IDS, one.unique_id))


def _instant(written: str) -> datetime | None:
    """Return the instant that a date says; None for a day, which says none."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return None
    return at if at.tzinfo is not None else None


@check(requirements=("W-REC-25",), needs=NEEDS)
def archive_flag_filters(bench: Bench) -> Iterator[Assertion]:
    """A search by isArchived parts archived documents from the others, and leaves none out."""
    given = corpus(bench, "W-REC-25", of_another=False)
    is_whole(bench, "W-REC-25", given)
    for written, archived in (("true", True), ("false", False)):
        expected = [one.unique_id for one in given.specimens if one.archived is archived]
        yield finds(bench, "W-REC-25", given, {"isArchived": written}, *expected)
        first = given.specimens[2 if archived else 0]
        narrowed = {"isArchived": written, "type": first.kind.token}
        yield finds(bench, "W-REC-25", given, narrowed, first.unique_id)
        other = given.specimens[0 if archived else 2]
        apart = {"isArchived": written, "type": other.kind.token}
        yield finds(bench, "W-REC-25", given, apart)
    flags = ("true", "false")
    found_by = [found(bench, given.reader, given.person, {"isArchived": one}) for one in flags]
    parts = [page for pages in found_by for page in pages]
    yield bench.expects("W-REC-25", parts, equals(UNIQUE_IDS, *given.everything))
