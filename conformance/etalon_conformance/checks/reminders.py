"""The agenda of a space: reminders, and what is to be done for one's age and sex."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from etalon_conformance.bench import Bench, Operated
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import (
    accepted,
    excludes,
    includes,
    present,
    refused,
)
from etalon_conformance.requirement import Wire
from etalon_target.people import TestPerson

_NEEDS: Final = ("create_person", "read_agenda")
_REMINDERS: Final = (*_NEEDS, "add_reminder")
_MOST: Final = 10
_LONGEST: Final = 100
_TITLES: Final = "parameter[name=reminder].part[name=title].valueString"
_ITEMS: Final = "parameter[name=prevention].part"
_TITLED: Final = f"{_ITEMS}[name=title].valueString"
_AGES: Final[Mapping[tuple[str, int], tuple[bool, bool]]] = {
    ("F", 48): (False, False),
    ("F", 51): (True, True),
    ("F", 73): (True, True),
    ("F", 77): (False, False),
    ("M", 48): (False, False),
    ("M", 51): (False, True),
    ("M", 73): (False, True),
    ("M", 77): (False, False),
}
"""Whether breast and colon are screened, by sex and by age in years: from 50 to 74."""
_BREAST: Final = "Breast cancer screening: mammography"
_COLON: Final = "Colorectal cancer screening: immunological test"


def _agenda(bench: Bench, person: TestPerson) -> Operated:
    return bench.operation("read_agenda", person.who, patient=person.ins)


@check(requirements=("AGD-07", "AGD-01"), needs=_REMINDERS, wire=Wire.OWN)
def ten_reminders_a_day_at_most(bench: Bench) -> Iterator[Assertion]:
    """The eleventh of a day is refused, as is a title of more than a hundred characters."""
    person = bench.person()
    day = (bench.now() + timedelta(days=3)).date()
    titles = [f"Rappel {rank}" for rank in range(_MOST)]

    def add(title: str, later: int = 0) -> Operated:
        due = (day + timedelta(days=later)).isoformat()
        return bench.operation(
            "add_reminder", person.who, patient=person.ins, dueOn=due, title=title
        )

    for title in titles:
        yield bench.expects("AGD-07", add(title), accepted())
    yield bench.expects("AGD-07", add("Un de trop"), refused())
    yield bench.expects("AGD-07", add("Le lendemain", 1), accepted())
    yield bench.expects("AGD-07", add("a" * (_LONGEST + 1), 2), refused())
    yield bench.expects("AGD-07", add("a" * _LONGEST, 2), accepted())
    told = _agenda(bench, person)
    yield bench.expects("AGD-01", told, includes(_TITLES, *titles, "Le lendemain"))
    yield bench.expects("AGD-07", told, excludes(_TITLES, "Un de trop"))


@check(requirements=("AGD-05", "AGD-09"), needs=_NEEDS, wire=Wire.OWN)
def prevention_follows_from_age_and_sex(bench: Bench) -> Iterator[Assertion]:
    """At 55 a woman is screened for breast and colon, a man for colon; at 35 neither is."""
    woman, man = bench.person(age=55, sex="F"), bench.person(age=55, sex="M")
    younger = bench.person(age=35, sex="F")
    hers, his, later = (_agenda(bench, one) for one in (woman, man, younger))
    for requirement in ("AGD-05", "AGD-09"):
        yield bench.expects(requirement, hers, includes(_TITLED, _BREAST, _COLON))
        yield bench.expects(requirement, his, includes(_TITLED, _COLON))
        yield bench.expects(requirement, his, excludes(_TITLED, _BREAST))
        yield bench.expects(requirement, later, excludes(_TITLED, _BREAST, _COLON))


@check(requirements=("AGD-09",), needs=_NEEDS, wire=Wire.OWN)
def screenings_begin_and_end_with_age(bench: Bench) -> Iterator[Assertion]:
    """Breast and colon are screened from 50 to 74, and neither before nor after."""
    for (sex, age), expected in _AGES.items():
        told = _agenda(bench, bench.person(age=age, sex=sex))
        for title, screened in zip((_BREAST, _COLON), expected, strict=True):
            its = includes(_TITLED, title) if screened else excludes(_TITLED, title)
            yield bench.expects("AGD-09", told, its)


@check(requirements=("AGD-06",), needs=(*_NEEDS, "declare_prevention"), wire=Wire.OWN)
def prevention_is_declared_done_or_not(bench: Bench) -> Iterator[Assertion]:
    """An item is declared done on a day, then not done."""
    person = bench.person(age=55)
    before = _agenda(bench, person)
    bench.expects("AGD-06", before, present(f"{_ITEMS}[name=key]"), control=True)
    state = f"{_ITEMS}[name=state].valueCode"
    key = before.exchange.first(f"{_ITEMS}[name=key].valueString")
    today = bench.now().date().isoformat()

    def declare(said: str, day: str | None = None) -> Operated:
        return bench.operation(
            "declare_prevention",
            person.who,
            patient=person.ins,
            key=key,
            state=said,
            executedOn=day,
        )

    yield bench.expects("AGD-06", declare("done", today), accepted())
    yield bench.expects("AGD-06", _agenda(bench, person), includes(state, "done"))
    yield bench.expects("AGD-06", declare("not-done"), accepted())
    yield bench.expects("AGD-06", _agenda(bench, person), includes(state, "not-done"))
