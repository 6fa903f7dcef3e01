"""What people are told of those who read their record."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import Bench, Operated
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import (
    absent,
    accepted,
    at_least,
    equals,
    includes,
    status,
)
from etalon_conformance.record_scene import NEEDS, found
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import (
    BREAK_GLASS,
    EMERGENCY,
    REGULATION,
    REGULATOR,
    SAMU,
    breaking_glass,
    in_role,
    opened_record,
    wished,
)
from etalon_conformance.seeing import kept, opened, shown_too
from etalon_target.cannot import CannotTest
from etalon_target.people import TestPerson

FIRST_ACCESS: Final = "ACCES_DMP_PS"
EMERGENCY_ACCESS: Final = "ACCES_BRIS_GLACE"


_NEEDS: Final = (*NEEDS, "tell_notices")


def _told(bench: Bench, person: TestPerson) -> Operated:
    """Ask what was told about somebody.

    Raises:
        CannotTest: The answer is not a list under the name `told`.
    """
    done = bench.operation("tell_notices", None, patient=person.ins)
    answer = done.exchange.json()
    if not isinstance(answer, dict) or not isinstance(answer.get("told"), list):
        raise CannotTest(key="cause.notices_not_told")
    return done


def _to(code: str) -> str:
    """The path to those who were sent a notice."""
    return f"told[code={code}].to"


@check(requirements=("ACC-10",), needs=_NEEDS, wire=Wire.OWN)
def first_access_is_announced_once(bench: Bench) -> Iterator[Assertion]:
    """The holder hears of the first access of each professional, and not of those after it."""
    person = bench.person(age=43)
    author = bench.treating(person)
    # The holder finds it: no professional has looked yet, and nothing has been told.
    one = kept(bench, person, author, finder=person.who)
    heard = len(_told(bench, person).exchange.value(_to(FIRST_ACCESS)))
    for way in ("search", "description", "bytes"):
        reader = bench.treating(person)
        if way == "search":
            found(bench, reader.who, person)
        elif way == "description":
            bench.call(reader.who, "GET", one.place)
        else:
            opened(bench, reader.who, one)
        heard += 1
        told = equals(_to(FIRST_ACCESS), *[person.ins] * heard)
        yield bench.expects("ACC-10", _told(bench, person), told, likely="notices_off")
        shown_too(bench, reader.who, one)
        yield bench.expects("ACC-10", _told(bench, person), told, likely="notices_off")


@check(requirements=("ACC-10",), needs=_NEEDS, wire=Wire.OWN)
def parents_hear_of_a_first_access(bench: Bench) -> Iterator[Assertion]:
    """The representatives of a minor hear of the first access to the record of the child."""
    parent = bench.person(age=44)
    child = bench.person(age=8, guardian=parent)
    author, reader = bench.treating(child), bench.treating(child)
    one = kept(bench, child, author)
    before = _told(bench, child).exchange.value(_to(FIRST_ACCESS))
    shown_too(bench, reader.who, one)
    after = _told(bench, child)
    yield bench.expects("ACC-10", after, includes(_to(FIRST_ACCESS), parent.ins))
    yield bench.expects("ACC-10", after, at_least(_to(FIRST_ACCESS), len(before) + 1))


@check(
    requirements=("EMG-05",),
    needs=(*_NEEDS, "open_record", "give_consent", "attending_doctor"),
    wire=Wire.OWN,
)
def emergency_access_is_told(bench: Bench) -> Iterator[Assertion]:
    """The holder and the attending doctor hear of an emergency access; nobody before it."""
    for mode in (BREAK_GLASS, SAMU):
        person = bench.person(age=77)
        author, attending, stranger = (
            bench.treating(person),
            bench.treating(person),
            bench.professional(),
        )
        bench.relate("attending_doctor", person, attending)
        one = kept(bench, person, author)
        kind = EMERGENCY if mode == BREAK_GLASS else REGULATION
        wished(bench, person.who, person, kind, "permit")
        usual = opened_record(bench, author.who, person, "normal")
        bench.expects("EMG-05", usual, accepted(), control=True)
        before = _told(bench, person)
        yield bench.expects("EMG-05", before, absent(_to(EMERGENCY_ACCESS)))
        glass = mode == BREAK_GLASS
        who = breaking_glass(stranger) if glass else in_role(stranger, REGULATOR, SAMU)
        told = opened_record(bench, who, person, mode, incapable=True if glass else None)
        bench.expects("EMG-05", told, accepted(), control=True)
        bench.expects("EMG-05", opened(bench, who, one), status(200), control=True)
        after = _told(bench, person)
        yield bench.expects(
            "EMG-05", after, includes(_to(EMERGENCY_ACCESS), person.ins), likely="notices_off"
        )
        yield bench.expects(
            "EMG-05", after, at_least(_to(EMERGENCY_ACCESS), 2), likely="notices_off"
        )
