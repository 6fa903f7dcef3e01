"""Searching measures: two modes, pages, and nothing else."""

from dataclasses import replace
from datetime import date, timedelta
from typing import cast

import pytest

from etalon_model import Refusal, holder
from etalon_model.actors import Actor, ActorKind
from etalon_model.catalogue.measures import WEIGHT
from etalon_model.catalogue.measuring import EnterMeasure, MeasurePage, ReadMeasures, SearchMeasures
from etalon_model.catalogue.rehearsal import USES, pair, searching
from etalon_model.sandbox import Sandbox

A_DAY = timedelta(days=1)
FIRST, LAST = date(2023, 10, 1), date(2024, 12, 31)


@pytest.fixture
def last(online: Sandbox, ins: str) -> SearchMeasures:
    """Return a search of the last weight that is accepted, of 120 weights."""
    id_pe = pair(online, ins, *USES)
    for day in range(120):
        online.wait(A_DAY)
        kilograms = (60.0 + day / 10,)
        online.do(EnterMeasure(online.now, holder(ins), ins, WEIGHT, online.now, kilograms))
    return searching(online, ins, id_pe)


@pytest.fixture
def every(last: SearchMeasures) -> SearchMeasures:
    """Return a search of all of them."""
    return replace(last, from_on=FIRST, to_on=LAST, count=None, sort="")


def page(box: Sandbox, search: SearchMeasures) -> MeasurePage:
    """Return what a search answers."""
    return cast("MeasurePage", box.do(search))


@pytest.mark.rule("MEA-06")
def test_the_last_measure_is_one(online: Sandbox, last: SearchMeasures) -> None:
    """The newest."""
    found = page(online, last)

    assert [row.values for row in found.rows] == [(71.9,)]
    assert (found.total, found.previous, found.next) == (120, None, None)


@pytest.mark.rule("MEA-06")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to_on": None}, "NO_SEARCH_MODE"),
        ({"from_on": None}, "NO_SEARCH_MODE"),
        ({"from_on": None, "to_on": None}, "NO_SEARCH_MODE"),
        ({"sort": "-date"}, "LAST_SEARCH_INCOMPLETE"),
        ({"sort": "date", "count": 1}, "LAST_SEARCH_INCOMPLETE"),
        ({"sort": "-date", "count": 2}, "LAST_SEARCH_INCOMPLETE"),
        ({"sort": "-date", "count": 1}, "SEARCHES_MIXED"),
        ({"sort": "-date", "count": 1, "from_on": None}, "SEARCHES_MIXED"),
        ({"sort": "-date", "count": 1, "from_on": None, "to_on": None}, ""),
        (
            {"sort": "-date", "count": 1, "from_on": None, "to_on": None, "offset": 0},
            "SEARCHES_MIXED",
        ),
        ({"code": "1-1"}, "UNKNOWN_MEASURE"),
    ],
)
def test_both_days_or_the_last_one(
    online: Sandbox, every: SearchMeasures, changes: dict[str, object], code: str
) -> None:
    """One bound is no search; the two modes do not mix."""
    outcome = online.service.apply(replace(every, **changes))  # type: ignore[arg-type]

    assert getattr(outcome, "code", "") == code


@pytest.mark.rule("MEA-07")
@pytest.mark.parametrize(
    "case",
    [
        (None, None, 50, None, 50),
        (None, 50, 50, 0, 100),
        (None, 100, 20, 50, None),
        (100, None, 100, None, 100),
        (100, 100, 20, 0, None),
        (100, 20, 100, 0, None),
        (1, 119, 1, 118, None),
        (1, 120, 0, 119, None),
    ],
)
def test_pages_of_fifty_unless_asked(
    online: Sandbox,
    every: SearchMeasures,
    case: tuple[int | None, int | None, int, int | None, int | None],
) -> None:
    """With the offsets of the pages around."""
    count, offset, rows, previous, following = case
    found = page(online, replace(every, count=count, offset=offset))

    assert (len(found.rows), found.total) == (rows, 120)
    assert (found.previous, found.next) == (previous, following)


@pytest.mark.rule("MEA-07")
@pytest.mark.parametrize(
    ("count", "offset", "accepted"),
    [(100, 0, True), (101, 0, False), (1, 0, True), (0, 0, False), (-1, 0, False), (1, -1, False)],
)
def test_a_page_has_a_hundred_measures_at_most(
    online: Sandbox, every: SearchMeasures, count: int, offset: int, *, accepted: bool
) -> None:
    """And one at least."""
    outcome = online.service.apply(replace(every, count=count, offset=offset))

    assert isinstance(outcome, Refusal) is not accepted
    assert accepted or getattr(outcome, "code", "") == "PAGE_TOO_LARGE"


@pytest.mark.rule("MEA-06")
def test_the_days_are_both_included_and_those_of_paris(
    online: Sandbox, every: SearchMeasures
) -> None:
    """The first measure was taken on 7 November."""
    day = date(2023, 11, 7)
    found = page(online, replace(every, from_on=day, to_on=day))

    assert [row.values for row in found.rows] == [(60.0,)]
    assert page(online, replace(every, to_on=date(2023, 11, 6))).total == 0


@pytest.mark.rule("MEA-07")
def test_pages_put_together_are_the_whole_newest_first(
    online: Sandbox, every: SearchMeasures
) -> None:
    """Nothing twice, nothing missing."""
    offset: int | None = 0
    seen: list[float] = []
    while offset is not None:
        found = page(online, replace(every, count=7, offset=offset))
        seen += [row.values[0] for row in found.rows]
        offset = found.next

    assert seen == sorted(seen, reverse=True)
    assert len(set(seen)) == 120


@pytest.mark.rule("MEA-09")
def test_a_search_names_the_person_of_the_token(online: Sandbox, last: SearchMeasures) -> None:
    """Another identifier, or the matricule, is refused."""
    for id_pe in ("0" * 32, last.ins, ""):
        assert online.refusal(replace(last, id_pe=id_pe)) == ("MEA-09", "ID_PE_MISMATCH")


@pytest.mark.rule("MEA-06")
def test_an_empty_space_answers_no_measure(online: Sandbox, ins: str) -> None:
    """To a service and to the holder."""
    id_pe = pair(online, ins, *USES)

    assert page(online, searching(online, ins, id_pe)) == MeasurePage((), 0)
    assert online.do(ReadMeasures(online.now, holder(ins), ins, WEIGHT)) == ()


@pytest.mark.rule("MEA-03")
def test_measures_are_not_for_professionals(online: Sandbox, ins: str) -> None:
    """They read documents, not the medical profile."""
    read = ReadMeasures(online.now, Actor(ActorKind.PROFESSIONAL, "8001"), ins, WEIGHT)

    assert online.refusal(read) == ("REP-01", "NOT_FOR_THIS_ACTOR")
