"""Prevention and reminders: for whom, at what ages, how often, in which states and limits."""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from etalon_conformance.bench import Bench, Operated
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import (
    absent,
    accepted,
    equals,
    excludes,
    includes,
    one_of,
    present,
    refused,
)
from etalon_conformance.requirement import Wire
from etalon_conformance.several import under
from etalon_model.actors import ActorKind
from etalon_target.actors import Who
from etalon_target.ages import age_on
from etalon_target.cannot import CannotTest
from etalon_target.people import TestPerson

_NEEDS: Final = ("create_person", "read_agenda")
_DECLARES: Final = (*_NEEDS, "declare_prevention")
_REMINDS: Final = (*_NEEDS, "add_reminder")
_ITEMS: Final = "parameter[name=prevention]"
_KEYS: Final = "part[name=key].valueString"
_TITLES: Final = "parameter[name=reminder].part[name=title].valueString"
_COMMENTS: Final = "parameter[name=reminder].part[name=comment].valueString"
_BREAST: Final = "Breast cancer screening: mammography"
_COLON: Final = "Colorectal cancer screening: immunological test"
_CYTOLOGY: Final = "Cervical cancer screening: cytology"
_HPV: Final = "Cervical cancer screening: HPV test"
_FIRST_HPV: Final = 30
_SCREENED: Final[Mapping[tuple[str, int], tuple[str, ...]]] = {
    ("F", 23): (),
    ("F", 25): (_CYTOLOGY,),
    ("F", 27): (_CYTOLOGY,),
    ("F", 29): (_CYTOLOGY,),
    ("F", 30): (_HPV,),
    ("F", 40): (_HPV,),
    ("F", 49): (_HPV,),
    ("F", 50): (_BREAST, _COLON, _HPV),
    ("F", 62): (_BREAST, _COLON, _HPV),
    ("F", 65): (_BREAST, _COLON, _HPV),
    ("F", 70): (_BREAST, _COLON),
    ("F", 74): (_BREAST, _COLON),
    ("F", 78): (),
    ("M", 27): (),
    ("M", 40): (),
    ("M", 50): (_COLON,),
    ("M", 62): (_COLON,),
    ("M", 74): (_COLON,),
    ("M", 78): (),
}
"""What is to plan by sex and age in years: from 50 to 74, from 25 to 29, from 30 to 65."""
_DENTAL: Final[Mapping[int, bool]] = {
    **dict.fromkeys((3, 6, 9, 12, 15, 18, 21, 24), True),
    **dict.fromkeys((1, 4, 7, 10, 13, 16, 19, 22, 26), False),
}
_EXAMINED: Final[Mapping[int, bool]] = {
    **dict.fromkeys((2, 3, 4, 5, 8, 9, 11, 12, 13, 15, 16), True),
    **dict.fromkeys((6, 7, 10, 14, 17), False),
}
_VACCINATED: Final[Mapping[int, bool]] = {
    6: True,
    25: True,
    45: True,
    68: True,
    30: False,
    50: False,
}
_CHECKED_UP: Final[Mapping[int, bool]] = {
    **dict.fromkeys((18, 45, 60, 70), True),
    **dict.fromkeys((17, 30, 44, 55, 59), False),
}
_CALENDAR_ENDS: Final = 2025
_CHECK_UPS_BEGIN: Final = 2024


def _told(bench: Bench, person: TestPerson, who: Who | None = None) -> Operated:
    return bench.operation("read_agenda", who or person.who, patient=person.ins)


def _to_plan(code: str) -> str:
    """Return the path to the keys of the items of a kind that are to plan."""
    return f"{_ITEMS}[part.valueCode={code}][part.valueCode=to-plan].{_KEYS}"


def _titled(title: str, state: str = "to-plan") -> str:
    return f"{_ITEMS}[part.valueString={title}][part.valueCode={state}].{_KEYS}"


@check(requirements=("AGD-09", "AGD-05"), needs=_NEEDS, wire=Wire.OWN)
def each_age_has_its_screenings(bench: Bench) -> Iterator[Assertion]:
    """Breast, colon and cervix, by sex and at both ends of each range of ages."""
    for (sex, age), titles in _SCREENED.items():
        told = _told(bench, bench.person(age=age, sex=sex)).exchange
        for title in (_BREAST, _COLON, _CYTOLOGY, _HPV):
            its = present(_titled(title)) if title in titles else absent(_titled(title))
            yield from under(bench, ("AGD-09", "AGD-05"), told, its)


def _by_age(
    bench: Bench, requirements: tuple[str, ...], ages: Mapping[int, bool], kind: str
) -> Iterator[Assertion]:
    """Items of a kind are to plan at some ages and not at others; of a minor for the parent."""
    parent = bench.person(age=48)
    for age, due in ages.items():
        minor = age < _MAJORITY
        person = bench.person(age=age, guardian=parent if minor else None)
        who = bench.acting(ActorKind.REPRESENTATIVE, parent, person) if minor else person.who
        told = _told(bench, person, who).exchange
        its = present(_to_plan(kind)) if due else absent(_to_plan(kind))
        yield from under(bench, requirements, told, its)


_MAJORITY: Final = 18


@check(requirements=("AGD-12", "AGD-05"), needs=_NEEDS, wire=Wire.OWN)
def dental_check_up_comes_every_three_years(bench: Bench) -> Iterator[Assertion]:
    """At 3, 6, 9, 12, 15, 18, 21 and 24, and at no age between."""
    yield from _by_age(bench, ("AGD-12", "AGD-05"), _DENTAL, "dental")


@check(requirements=("AGD-10", "AGD-13"), needs=_NEEDS, wire=Wire.OWN)
def children_are_examined_by_the_calendar(bench: Bench) -> Iterator[Assertion]:
    """Every year to six, then at eight, eleven and fifteen: for the parent, by the calendar."""
    if bench.now().year >= _CALENDAR_ENDS:
        raise CannotTest(key="target.no_way", operation="set_clock")
    yield from _by_age(bench, ("AGD-10", "AGD-13"), _EXAMINED, "child_exam")


@check(requirements=("AGD-05",), needs=_NEEDS, wire=Wire.OWN)
def vaccines_come_with_age(bench: Bench) -> Iterator[Assertion]:
    """At 6, 25 and 45, and each year of the old; with both windows; at other ages none."""
    yield from _by_age(bench, ("AGD-05",), _VACCINATED, "vaccine")
    told = _told(bench, bench.person(age=68))
    for window in ("window", "campaign"):
        period = f"{_ITEMS}.part[name={window}].valuePeriod"
        yield bench.expects("AGD-05", told, present(f"{period}.start"))
        yield bench.expects("AGD-05", told, present(f"{period}.end"))


@check(
    requirements=("AGD-11", "AGD-05"),
    needs=(*_NEEDS, "advance_clock"),
    wire=Wire.OWN,
    alone=True,
)
def check_ups_begin_at_four_ages(bench: Bench) -> Iterator[Assertion]:
    """From 18, 45, 60 and 70, and not the year before nor long after."""
    while bench.now().year < _CHECK_UPS_BEGIN:
        bench.advance("P3M")
    yield from _by_age(bench, ("AGD-11", "AGD-05"), _CHECKED_UP, "prevention_check")


def _is_past_cytology(bench: Bench, person: TestPerson) -> bool:
    """Tell whether somebody has come of the age at which another test takes its place."""
    born = person.birth_date
    return born is None or age_on(bench.now().date(), born) >= _FIRST_HPV


@check(
    requirements=("AGD-09", "AGD-06"),
    needs=(*_DECLARES, "advance_clock"),
    wire=Wire.OWN,
    alone=True,
)
def screening_comes_again_when_it_is_time(bench: Bench) -> Iterator[Assertion]:
    """Twenty-four months for breast and colon, one year then three for cytology, five for HPV."""
    older, young, middle = (bench.person(age=age, sex="F") for age in (55, 25, 35))
    due = {
        (older, _BREAST): (25, 50),
        (older, _COLON): (25, 50),
        (young, _CYTOLOGY): (13, 50),
        (middle, _HPV): (61,),
    }
    passed = 0
    for months in (0, 11, 13, 23, 25, 47, 50, 59, 61):
        if months:
            bench.advance(f"P{months - passed}M")
            passed = months
        for (person, title), again in due.items():
            if title == _CYTOLOGY and _is_past_cytology(bench, person):
                continue
            told, path = _told(bench, person), _titled(title)
            is_due = months == 0 or months in again
            yield bench.expects("AGD-09", told, present(path) if is_due else absent(path))
            for key in told.exchange.value(path)[-1:]:
                said = _declared(bench, person, key, "done")
                yield bench.expects("AGD-06", said, accepted())


@check(requirements=("AGD-06",), needs=_DECLARES, wire=Wire.OWN)
def declaration_is_of_one_item_and_one_holder(bench: Bench) -> Iterator[Assertion]:
    """Done, not done, to plan again: each shows, with its day; nothing else moves."""
    person, other = bench.person(age=62, sex="F"), bench.person(age=62, sex="F")
    before = _told(bench, person)
    for path in (_titled(_BREAST), _titled(_COLON)):
        bench.expects("AGD-06", before, present(path), control=True)
    states = f"{_ITEMS}.part[name=state].valueCode"
    levels = f"{_ITEMS}.part[name=level].valueCode"
    yield bench.expects("AGD-06", before, one_of(levels, "RECOMMANDE", "OBLIGATOIRE"))
    yield bench.expects(
        "AGD-06", before, one_of(states, "to-plan", "not-specified", "done", "not-done")
    )
    key = before.exchange.first(_titled(_BREAST))
    beside = before.exchange.first(_titled(_COLON))
    yield bench.expects("AGD-06", _declared(bench, person, beside, "not-done"), accepted())
    for state in ("done", "not-done", "to-plan", "not-done", "done", "to-plan"):
        said = _declared(bench, person, key, state)
        yield bench.expects("AGD-06", said, accepted())
        told = _told(bench, person)
        yield bench.expects("AGD-06", told, includes(_titled(_BREAST, state), key))
        day = f"{_ITEMS}[part.valueString={key}].part[name=executedOn].valueDate"
        today = bench.now().date().isoformat()
        yield bench.expects("AGD-06", told, equals(day, today) if state == "done" else absent(day))
        yield bench.expects("AGD-06", told, includes(_titled(_COLON, "not-done"), beside))
        yield bench.expects("AGD-06", _told(bench, other), present(_titled(_BREAST)))
    for state in ("refused", "maybe", "DEFERRED"):
        yield bench.expects("AGD-06", _declared(bench, person, key, state), refused())
    stolen = bench.operation(
        "declare_prevention", other.who, patient=person.ins, key=key, state="not-done"
    )
    yield bench.expects("AGD-06", stolen, refused())
    yield bench.expects("AGD-06", _told(bench, person), includes(_titled(_BREAST), key))


@check(requirements=("AGD-06",), needs=_NEEDS, wire=Wire.OWN)
def compulsory_and_recommended_are_told_apart(bench: Bench) -> Iterator[Assertion]:
    """Screenings are recommended; what the law asks of a child is compulsory."""
    parent = bench.person(age=40, sex="F")
    child = bench.person(age=4, guardian=parent)
    level = "part[name=level].valueCode"
    told = _told(bench, bench.person(age=62, sex="F"))
    screening = f"{_ITEMS}[part.valueCode=screening].{level}"
    yield bench.expects("AGD-06", told, one_of(screening, "RECOMMANDE"))
    if bench.now().year < _CALENDAR_ENDS:
        acting = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
        exam = f"{_ITEMS}[part.valueCode=child_exam].{level}"
        yield bench.expects("AGD-06", _told(bench, child, acting), one_of(exam, "OBLIGATOIRE"))


@check(
    requirements=("AGD-06",),
    needs=(*_DECLARES, "advance_clock"),
    wire=Wire.OWN,
    alone=True,
)
def unanswered_item_is_left_unspecified(bench: Bench) -> Iterator[Assertion]:
    """Once its window has closed and nothing was said, it is unspecified, and may still be told."""
    person = bench.person(age=62, sex="F")
    before = _told(bench, person)
    bench.expects("AGD-06", before, present(_titled(_COLON)), control=True)
    key = before.exchange.first(_titled(_COLON))
    bench.advance("P25M")
    after = _told(bench, person)
    yield bench.expects("AGD-06", after, includes(_titled(_COLON, "not-specified"), key))
    yield bench.expects("AGD-06", _declared(bench, person, key, "not-done"), accepted())
    last = _told(bench, person)
    yield bench.expects("AGD-06", last, includes(_titled(_COLON, "not-done"), key))


def _declared(bench: Bench, person: TestPerson, key: str, state: str) -> Operated:
    day = bench.now().date().isoformat() if state == "done" else None
    return bench.operation(
        "declare_prevention", person.who, patient=person.ins, key=key, state=state, executedOn=day
    )


@check(requirements=("AGD-13",), needs=_NEEDS, wire=Wire.OWN)
def prevention_of_a_minor_is_read_by_the_parent(bench: Bench) -> Iterator[Assertion]:
    """At each age of a minor the parent reads the items; another adult does not."""
    parent, stranger = bench.person(age=40), bench.person(age=41)
    for age in (3, 6, 9, 15):
        child = bench.person(age=age, guardian=parent)
        acting = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
        read = _told(bench, child, acting)
        yield bench.expects("AGD-13", read, present(_to_plan("dental")))
        false = bench.acting(ActorKind.REPRESENTATIVE, stranger, child)
        for who in (stranger.who, false):
            try:
                hidden = _told(bench, child, who)
            except CannotTest:
                continue
            yield bench.expects("AGD-13", hidden, absent(f"{_ITEMS}.{_KEYS}"))
    own = _told(bench, parent)
    yield bench.expects("AGD-13", own, absent(_to_plan("dental")))


@check(requirements=("AGD-07",), needs=(*_REMINDS, "caregiver"), wire=Wire.OWN)
def limits_of_reminders_hold_from_both_sides(bench: Bench) -> Iterator[Assertion]:
    """A hundred and a thousand characters, ten a day of a space: no more, no less, by anybody."""
    person, other, helper = bench.person(age=81), bench.person(), bench.person(age=52)
    bench.relate("caregiver", person, helper)
    caring = bench.acting(ActorKind.CAREGIVER, helper, person)
    day = (bench.now() + timedelta(days=4)).date()

    def add(
        title: str, comment: str | None = None, *, later: int = 0, who: Who | None = None
    ) -> Operated:
        due = (day + timedelta(days=later)).isoformat()
        asking = who or person.who
        ins = other.ins if asking == other.who else person.ins
        return bench.operation(
            "add_reminder", asking, patient=ins, dueOn=due, title=title, comment=comment
        )

    for title, comment, expected in (
        ("é" * 100, None, accepted()),
        ("é" * 101, None, refused()),
        ("Long", "ç" * 1000, accepted()),
        ("Trop long", "ç" * 1001, refused()),
        ("a" * 99, "b" * 999, accepted()),
        ("c" * 200, "b", refused()),
        ("Bien trop long", "d" * 5000, refused()),
    ):
        yield bench.expects("AGD-07", add(title, comment, later=1), expected)
    told = _told(bench, person)
    yield bench.expects("AGD-07", told, includes(_TITLES, "é" * 100, "Long", "a" * 99))
    yield bench.expects("AGD-07", told, includes(_COMMENTS, "ç" * 1000))
    yield bench.expects("AGD-07", told, excludes(_TITLES, "é" * 101, "Trop long", "Bien trop long"))
    for rank in range(10):
        done = add(f"Rappel {rank}", who=caring if rank % 2 else None)
        yield bench.expects("AGD-07", done, accepted())
    for who in (person.who, caring):
        yield bench.expects("AGD-07", add("Le onzième", who=who), refused())
    yield bench.expects("AGD-07", add("Un autre jour", later=2), accepted())
    yield bench.expects("AGD-07", add("Un autre agenda", who=other.who), accepted())
    after = _told(bench, person)
    yield bench.expects("AGD-07", after, excludes(_TITLES, "Le onzième"))
    yield from _place_is_freed(bench, person, add)


def _place_is_freed(
    bench: Bench, person: TestPerson, add: Callable[[str], Operated]
) -> Iterator[Assertion]:
    """Of ten reminders of a day one is deleted, and one more is taken."""
    if bench.target.operations.can("delete_reminder"):
        number = _told(bench, person).exchange.first(
            "parameter[name=reminder][part.valueString=Rappel 3].part[name=number].valueString"
        )
        gone = bench.operation("delete_reminder", person.who, patient=person.ins, number=number)
        yield bench.expects("AGD-07", gone, accepted())
        yield bench.expects("AGD-07", add("À la place"), accepted())
        yield bench.expects("AGD-07", add("Encore un de trop"), refused())
