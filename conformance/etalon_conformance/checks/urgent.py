"""Emergencies in full: the three choices together, who breaks the glass, who is told."""

from collections.abc import Iterator
from itertools import product
from typing import TYPE_CHECKING, Final

from etalon_conformance.bench import Bench, Operated
from etalon_conformance.checking import Assertion, check
from etalon_conformance.checks.audit import events_by, log_of
from etalon_conformance.checks.notices import EMERGENCY_ACCESS, FIRST_ACCESS
from etalon_conformance.expectations import absent, accepted, at_least, equals, includes, refused
from etalon_conformance.life_scene import decider
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
from etalon_conformance.seeing import Kept, kept, misses, opened, sees, shown_too
from etalon_conformance.specimens import MASKED
from etalon_model.states import State

if TYPE_CHECKING:
    from etalon_target.actors import Who
    from etalon_target.people import TestPerson, TestProfessional

_NEEDS: Final = (*NEEDS, "open_record", "give_consent")
_FIRE_BRIGADE: Final = "fire_brigade"
_STANCES: Final = {True: "permit", False: "deny"}


@check(requirements=("EMG-01", "EMG-02", "EMG-04"), needs=_NEEDS, wire=Wire.OWN)
def eight_choices_are_kept_apart(bench: Bench) -> Iterator[Assertion]:
    """Each of the eight choices opens to each who regulates or breaks the glass what it says."""
    parent = bench.person(age=41)
    adult, child = bench.person(age=47), bench.person(age=9, guardian=parent)
    for person, guardian in ((adult, None), (child, parent)):
        who = decider(bench, person, guardian)
        author = bench.treating(person)
        plain, masked = kept(bench, person, author), kept(bench, person, author, MASKED)
        for regulates, breaks, reveals in product((True, False), repeat=3):
            regulating = in_role(bench.professional(), REGULATOR, SAMU)
            breaking = breaking_glass(bench.professional())
            for kind, permits in ((REGULATION, regulates), (EMERGENCY, breaks)):
                wished(bench, who, person, kind, _STANCES[permits], masked=reveals)
            # Said of one choice, masked documents are said of both: they are one choice.
            for kind, permits in ((REGULATION, regulates), (EMERGENCY, breaks)):
                wished(bench, who, person, kind, _STANCES[permits], masked=reveals)
            told = opened_record(bench, breaking, person, BREAK_GLASS, incapable=True)
            yield bench.expects("EMG-01", told, accepted() if breaks else refused())
            for reader, reads in ((regulating, regulates), (breaking, breaks)):
                both = ("EMG-01", "EMG-04") if reader is regulating else ("EMG-01",)
                look = sees if reads else misses
                yield from look(bench, both, reader, plain)
                shows = sees if reads and reveals else misses
                yield from shows(bench, "EMG-02", reader, masked)
            asked = opened_record(bench, regulating, person, SAMU)
            for named in ("EMG-01", "EMG-04"):
                yield bench.expects(named, asked, accepted() if regulates else refused())


@check(requirements=("EMG-01", "EMG-02"), needs=_NEEDS, wire=Wire.OWN)
def choice_for_emergencies_changes_alone(bench: Bench) -> Iterator[Assertion]:
    """Who changes one of the three choices leaves the two others as they were."""
    person = bench.person(age=56)
    author = bench.treating(person)
    plain, masked = kept(bench, person, author), kept(bench, person, author, MASKED)
    for kind in (REGULATION, EMERGENCY):
        other = EMERGENCY if kind == REGULATION else REGULATION
        for permits, reveals in product((True, False), repeat=2):
            wished(bench, person.who, person, kind, "permit", masked=reveals)
            for stance in ("deny", _STANCES[permits]):
                wished(bench, person.who, person, other, stance)
            regulating = in_role(bench.professional(), REGULATOR, SAMU)
            breaking = breaking_glass(bench.professional())
            told = opened_record(bench, breaking, person, BREAK_GLASS, incapable=True)
            reads = {kind: True, other: permits}
            expected = accepted() if reads[EMERGENCY] else refused()
            yield bench.expects("EMG-01", told, expected)
            for reader, named in ((regulating, REGULATION), (breaking, EMERGENCY)):
                look = sees if reads[named] else misses
                yield from look(bench, "EMG-01", reader, plain)
                if reads[named]:
                    shows = sees if reveals else misses
                    yield from shows(bench, "EMG-02", reader, masked, certain=False)


@check(requirements=("EMG-03",), needs=_NEEDS, wire=Wire.OWN)
def glass_is_broken_by_one_for_one(bench: Bench) -> Iterator[Assertion]:
    """Whoever breaks the glass does so for themselves, of one person, unless it was objected to."""
    parent = bench.person(age=42)
    adult, child = bench.person(age=79), bench.person(age=7, guardian=parent)
    other = bench.person(age=80)
    for person, guardian in ((adult, None), (child, parent)):
        who = decider(bench, person, guardian)
        author = bench.treating(person)
        one = kept(bench, person, author)
        elsewhere = kept(bench, other, bench.treating(other))
        for one_of, chooser in ((person, who), (other, other.who)):
            wished(bench, chooser, one_of, EMERGENCY, "permit")
        for code in ("10", "60", "21"):
            rescuer, colleague = bench.professional(code), bench.professional(code)
            breaking = breaking_glass(rescuer)
            told = opened_record(bench, breaking, person, BREAK_GLASS, incapable=True)
            yield bench.expects("EMG-03", told, accepted())
            yield from sees(bench, "EMG-03", breaking, one)
            yield from misses(bench, "EMG-03", breaking_glass(colleague), one)
            yield from misses(bench, "EMG-03", breaking, elsewhere)
            yield from misses(bench, "EMG-03", rescuer.who, one)
        wished(bench, who, person, EMERGENCY, "deny")
        late = breaking_glass(bench.professional())
        for _ in range(2):
            told = opened_record(bench, late, person, BREAK_GLASS, incapable=True)
            yield bench.expects("EMG-03", told, refused(), likely="choice_not_read")
        yield from misses(bench, "EMG-03", late, one, likely="choice_not_read")
        shown_too(bench, author.who, one)


@check(requirements=("EMG-03",), needs=(*_NEEDS, "advance_clock"), wire=Wire.OWN, alone=True)
def broken_glass_is_mended(bench: Bench) -> Iterator[Assertion]:
    """Days after an emergency the glass is broken again for a reason, or nothing shows."""
    person = bench.person(age=78)
    one = kept(bench, person, bench.treating(person))
    wished(bench, person.who, person, EMERGENCY, "permit")
    breaking = breaking_glass(bench.professional())
    for _ in range(2):
        told = opened_record(bench, breaking, person, BREAK_GLASS, incapable=True)
        yield bench.expects("EMG-03", told, accepted())
        yield from sees(bench, "EMG-03", breaking, one)
        bench.advance("P2D")
        yield from misses(bench, "EMG-03", breaking, one, certain=False)
        untold = opened_record(bench, breaking, person, BREAK_GLASS, incapable=False)
        yield bench.expects("EMG-03", untold, refused())


@check(requirements=("EMG-04", "EMG-06", "ID-11"), needs=_NEEDS, wire=Wire.OWN)
def right_of_a_regulator_is_in_the_token(bench: Bench) -> Iterator[Assertion]:
    """Two roles read as regulators; no other role does, nor a mode that is only said."""
    parent = bench.person(age=42)
    cases = (
        (bench.person(age=61), None),
        (bench.person(age=9, guardian=parent), parent),
        (bench.person(State.OPEN_INACTIVE, age=62), None),
    )
    for person, guardian in cases:
        who = decider(bench, person, guardian)
        author = bench.treating(person)
        one = kept(bench, person, author)
        if person.state == State.OPEN_ACTIVE:
            wished(bench, who, person, REGULATION, "permit")
        for role, named in ((REGULATOR, "EMG-04"), (_FIRE_BRIGADE, "EMG-06")):
            acting = in_role(bench.professional(), role, SAMU)
            asked = opened_record(bench, acting, person, SAMU)
            yield bench.expects(named, asked, accepted())
            yield from sees(bench, named, acting, one)
            yield from misses(bench, named, in_role(bench.professional(), role), one, certain=False)
        nurse = in_role(bench.professional("60"), _FIRE_BRIGADE, SAMU)
        yield from misses(bench, "EMG-06", nurse, one, certain=False)
        for role in ("", "occupational", "nursing_home"):
            claiming = in_role(bench.professional(), role, SAMU)
            asked = opened_record(bench, claiming, person, SAMU)
            yield bench.expects("ID-11", asked, refused())
            yield from misses(bench, "ID-11", claiming, one)
        if person.state != State.OPEN_ACTIVE:
            continue
        wished(bench, who, person, REGULATION, "deny")
        for role, named in ((REGULATOR, "EMG-04"), (_FIRE_BRIGADE, "EMG-06")):
            acting = in_role(bench.professional(), role, SAMU)
            asked = opened_record(bench, acting, person, SAMU)
            yield bench.expects(named, asked, refused(), likely="choice_not_read")
            yield from misses(bench, named, acting, one, likely="choice_not_read")


@check(
    requirements=("EMG-05",),
    needs=(*_NEEDS, "attending_doctor", "tell_notices"),
    wire=Wire.OWN,
)
def each_emergency_access_is_told_to_each(bench: Bench) -> Iterator[Assertion]:
    """Whichever way an emergency begins, who decides and the attending doctor hear of it."""
    parent = bench.person(age=43)
    for person, guardian in (
        (bench.person(age=76), None),
        (bench.person(age=9, guardian=parent), parent),
    ):
        who = decider(bench, person, guardian)
        author, attending = bench.treating(person), bench.treating(person)
        bench.relate("attending_doctor", person, attending)
        one = kept(bench, person, author)
        for kind in (EMERGENCY, REGULATION):
            wished(bench, who, person, kind, "permit")
        to = f"told[code={EMERGENCY_ACCESS}].to"
        for number, (acting, way) in enumerate(_emergencies(bench), start=1):
            if acting.mode == BREAK_GLASS:
                told = opened_record(bench, acting, person, BREAK_GLASS, incapable=True)
                bench.expects("EMG-05", told, accepted(), control=True)
            _looked(bench, acting, one, way)
            after = _told(bench, person)
            holder = (guardian or person).ins
            yield bench.expects("EMG-05", after, includes(to, holder), likely="notices_off")
            doctors = [
                each
                for each in after.exchange.value(to)
                if each in {attending.rpps, attending.idnps}
            ]
            doctor = f"told[code={EMERGENCY_ACCESS}][to={doctors[0] if doctors else '-'}].to"
            mine = f"told[code={EMERGENCY_ACCESS}][to={holder}].to"
            for whose in (doctor, mine):
                yield bench.expects("EMG-05", after, at_least(whose, number), likely="notices_off")


def _emergencies(bench: Bench) -> "Iterator[tuple[Who, str]]":
    for way in ("search", "description", "bytes"):
        yield breaking_glass(bench.professional()), way
        yield in_role(bench.professional(), REGULATOR, SAMU), way
    yield in_role(bench.professional(), _FIRE_BRIGADE, SAMU), "bytes"


def _looked(bench: Bench, who: "Who", one: Kept, way: str) -> None:
    """Look at a document by a search, its description or its bytes."""
    if way == "search":
        found(bench, who, one.person)
    elif way == "description":
        bench.call(who, "GET", one.place)
    else:
        opened(bench, who, one)


def _told(bench: Bench, person: "TestPerson") -> Operated:
    return bench.operation("tell_notices", None, patient=person.ins)


@check(
    requirements=("ACC-10",),
    needs=(*NEEDS, "tell_notices", "consent", "representative", "advance_clock"),
    wire=Wire.OWN,
    alone=True,
)
def first_access_is_told_of_each_to_each(bench: Bench) -> Iterator[Assertion]:
    """A first access is told once, of each professional to each person, and no refusal is."""
    parent, second = bench.person(age=44), bench.person(age=45)
    adult, child = bench.person(age=46), bench.person(age=9, guardian=parent)
    bench.relate("representative", child, second)
    nurse, consented, stranger = (
        bench.professional("60"),
        bench.professional(),
        bench.professional(),
    )
    to = f"told[code={FIRST_ACCESS}].to"
    for person, hearing in ((adult, (adult,)), (child, (parent, second))):
        bench.relate("care_team", person, nurse)
        bench.relate("consent", person, consented)
        decides = adult.who if person is adult else decider(bench, person, parent)
        one = kept(bench, person, bench.treating(person), finder=decides)
        heard = {each.ins: _number(_told(bench, person), to, each) for each in hearing}
        found(bench, stranger.who, person)
        bench.call(stranger.who, "GET", one.place)
        yield from _same(bench, person, heard)
        for reader in (nurse, consented):
            opened(bench, reader.who, one)
            for ins in heard:
                heard[ins] += 1
            yield from _same(bench, person, heard)
            shown_too(bench, reader.who, one)
            yield from _same(bench, person, heard)
        bench.advance("P3D")
        shown_too(bench, nurse.who, one)
        yield from _same(bench, person, heard)


def _number(told: Operated, to: str, person: "TestPerson") -> int:
    return told.exchange.value(to).count(person.ins)


def _same(bench: Bench, person: "TestPerson", heard: dict[str, int]) -> Iterator[Assertion]:
    """Each heard of as many first accesses as there were."""
    after = _told(bench, person)
    for ins, number in heard.items():
        theirs = f"told[code={FIRST_ACCESS}][to={ins}].to"
        expected = equals(theirs, *[ins] * number) if number else absent(theirs)
        yield bench.expects("ACC-10", after, expected, likely="notices_off")


@check(requirements=("TRC-01", "EMG-06"), needs=_NEEDS, wire=Wire.VENDOR_MAPPED)
def each_emergency_access_is_traced(bench: Bench) -> Iterator[Assertion]:
    """Granted or refused, by whichever way, an emergency access is in the log under its author."""
    person = bench.person(age=75)
    one = kept(bench, person, bench.treating(person))
    for stance in ("permit", "deny"):
        for kind in (EMERGENCY, REGULATION):
            wished(bench, person.who, person, kind, stance)
        cases: tuple[tuple[TestProfessional, str, str], ...] = (
            (bench.professional(), REGULATOR, SAMU),
            (bench.professional(), _FIRE_BRIGADE, SAMU),
            (bench.professional(), "", BREAK_GLASS),
        )
        for each, role, mode in cases:
            acting = in_role(each, role, mode)
            incapable = True if mode == BREAK_GLASS else None
            opened_record(bench, acting, person, mode, incapable=incapable)
            opened(bench, acting, one)
            pages = log_of(bench, person.who, person)
            theirs = at_least(events_by(pages, each), 2)
            certain = stance == "permit"
            yield bench.expects(
                "TRC-01", pages, theirs, certain=certain, likely="trace_not_written"
            )
            if role == _FIRE_BRIGADE and certain:
                yield bench.expects("EMG-06", pages, at_least(events_by(pages, each), 1))
