"""Closing a space, coming back to it, and having it erased."""

from collections.abc import Iterator
from dataclasses import dataclass

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import absent, accepted, equals, refused
from etalon_conformance.life_scene import (
    INSURER,
    SYSTEM,
    closed,
    days_of,
    decider,
    deposited,
    entered,
    is_fed,
    new_code,
    reopened,
)
from etalon_conformance.record_scene import LISTS, NEEDS, UNIQUE_IDS, found
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
from etalon_conformance.seeing import Kept, kept, lists_found, misses, sees, shown_too
from etalon_conformance.specimens import MASKED
from etalon_model.actors import ActorKind
from etalon_model.states import State
from etalon_target.people import TestPerson, TestProfessional

_CLOSING = (*NEEDS, "close_space")
_REOPENING = (*_CLOSING, "regenerate_code", "reopen_space")


@check(
    requirements=("LIF-12", "REC-07", "W-CON-03", "W-COM-04"),
    needs=_CLOSING,
    wire=Wire.VENDOR_MAPPED,
)
def closed_space_is_out_of_everybodys_reach(bench: Bench) -> Iterator[Assertion]:
    """Once closed, a space is read by nobody and fed by nobody, whoever they were to it."""
    parent = bench.person(age=39)
    adult, child = bench.person(age=57), bench.person(age=8, guardian=parent)
    for person, guardian in ((adult, None), (child, parent)):
        holder = decider(bench, person, guardian)
        author, reader = bench.treating(person), bench.treating(person, "60")
        one, other = (kept(bench, person, author) for _ in range(2))
        for who in (holder, author.who, reader.who):
            shown_too(bench, who, one, other)
        yield bench.expects("LIF-12", closed(bench, person, guardian), accepted())
        for who in (holder, author.who, reader.who, bench.professional().who):
            yield from misses(bench, "LIF-12", who, one, other, likely="closing_of_the_portal")
            pages = found(bench, who, person)
            yield bench.expects("LIF-12", pages, absent(UNIQUE_IDS))
        for named in ("REC-07", "W-CON-03", "LIF-12"):
            yield from is_fed(bench, named, person, is_open=False, likely="closing_of_the_portal")
        active = "entry.resource[resourceType=Patient][active=true].id"
        address = f"Patient?identifier={person.system}|{person.ins}"
        yield bench.expects("W-CON-03", bench.call(reader.who, "GET", address), absent(active))


@check(
    requirements=("LIF-12",),
    needs=(*_CLOSING, "open_record", "give_consent", "caregiver"),
    wire=Wire.OWN,
)
def closed_space_opens_for_no_emergency(bench: Bench) -> Iterator[Assertion]:
    """Neither caregivers, nor breaking the glass, nor a regulator reach a closed space."""
    person, helper = bench.person(age=70), bench.person(age=40)
    bench.relate("caregiver", person, helper)
    caring = bench.acting(ActorKind.CAREGIVER, helper, person)
    author, doctor = bench.treating(person), bench.professional()
    one = kept(bench, person, author)
    wished(bench, person.who, person, EMERGENCY, "permit")
    wished(bench, person.who, person, REGULATION, "permit")
    regulating, breaking = in_role(doctor, REGULATOR, SAMU), breaking_glass(doctor)
    for who in (caring, regulating):
        shown_too(bench, who, one)
    yield bench.expects("LIF-12", closed(bench, person), accepted())
    told = opened_record(bench, breaking, person, BREAK_GLASS, incapable=True)
    yield bench.expects("LIF-12", told, refused())
    for who in (caring, regulating, breaking):
        yield from misses(bench, "LIF-12", who, one, likely="closing_of_the_portal")


@check(requirements=("LIF-14",), needs=_REOPENING, wire=Wire.VENDOR_MAPPED)
def reopened_space_has_its_documents(bench: Bench) -> Iterator[Assertion]:
    """After a closing a new space may be entered, and what was archived is in it again."""
    parent = bench.person(age=43)
    adult, child = bench.person(age=26), bench.person(age=8, guardian=parent)
    for person, guardian in ((adult, None), (child, parent)):
        holder = decider(bench, person, guardian)
        author = bench.treating(person)
        reader = bench.treating(person)
        those = [kept(bench, person, author) for _ in range(3)]
        masked = kept(bench, person, author, MASKED)
        shown_too(bench, holder, *those, masked)
        before = [one for page in found(bench, holder, person) for one in page.value(UNIQUE_IDS)]
        bench.expects("LIF-14", closed(bench, person, guardian), accepted(), control=True)
        pages = found(bench, holder, person)
        bench.expects("LIF-14", pages, absent(UNIQUE_IDS), control=True)
        code = new_code(bench, person, guardian)
        done = entered(bench, "reopen_space", person, code, guardian)
        yield bench.expects("LIF-14", done, accepted())
        yield from sees(bench, "LIF-14", holder, *those, masked)
        yield from misses(bench, "LIF-14", reader.who, masked)
        pages = found(bench, holder, person)
        yield bench.expects("LIF-14", pages, equals(UNIQUE_IDS, *before))
        yield from is_fed(bench, "LIF-14", person, is_open=True)


@check(
    requirements=("LIF-12",),
    needs=(*_REOPENING, "advance_clock"),
    wire=Wire.VENDOR_MAPPED,
    alone=True,
)
def ten_years_end_an_archive(bench: Bench) -> Iterator[Assertion]:
    """Shortly before its ten years an archive comes back whole; after them nothing is left."""
    before, after = bench.person(), bench.person()
    archived = {
        one.ins: [kept(bench, one, bench.treating(one)) for _ in range(2)]
        for one in (before, after)
    }
    for one in (before, after):
        shown_too(bench, one.who, *archived[one.ins])
        bench.expects("LIF-12", closed(bench, one), accepted(), control=True)
    lasts = days_of(bench, "P10Y")
    bench.advance(f"P{lasts - 1}D")
    _archive_over(bench, before)
    reopened(bench, before)
    yield from sees(bench, "LIF-12", before.who, *archived[before.ins])
    bench.advance("P3D")
    _archive_over(bench, after)
    reopened(bench, after)
    likely = "archive_without_end"
    yield from misses(bench, "LIF-12", after.who, *archived[after.ins], likely=likely)
    pages = found(bench, after.who, after)
    yield bench.expects("LIF-12", pages, absent(UNIQUE_IDS), likely=likely)


def _archive_over(bench: Bench, person: TestPerson) -> None:
    """Have an archive end if its time has come, where the target has to be told to."""
    if bench.target.operations.can("end_archive"):
        bench.operation("end_archive", SYSTEM, patient=person.ins)


@dataclass(frozen=True, slots=True)
class _Erasing:
    """Somebody whose space is to be erased.

    Attributes:
        person: Who.
        guardian: Who decides for a minor, or None.
        author: Who deposited.
        those: What was in the record.
    """

    person: TestPerson
    guardian: TestPerson | None
    author: TestProfessional
    those: tuple[Kept, ...]


def _erased(bench: Bench, person: TestPerson) -> None:
    """Have what was asked for be carried out, where the target has to be told to."""
    for step in ("start_erasure", "finish_erasure"):
        if bench.target.operations.can(step):
            bench.operation(step, SYSTEM, patient=person.ins)


@check(
    requirements=("LIF-13", "LIF-16"),
    needs=(*_REOPENING, "request_erasure", "advance_clock"),
    wire=Wire.VENDOR_MAPPED,
    alone=True,
)
def erased_space_is_empty_ever_after(bench: Bench) -> Iterator[Assertion]:
    """Three months after the request nothing is left, and a space created then is empty."""
    parent = bench.person(age=38)
    people = (
        (bench.person(age=47), None),
        (bench.person(age=60), None),
        (bench.person(age=8, guardian=parent), parent),
    )
    cases: list[_Erasing] = []
    for person, guardian in people:
        author = bench.treating(person)
        those = tuple(kept(bench, person, author) for _ in range(2))
        if cases:
            bench.expects("LIF-13", closed(bench, person, guardian), accepted(), control=True)
            who = decider(bench, person, guardian)
            done = bench.operation("request_erasure", who, patient=person.ins)
        else:
            done = closed(bench, person, guardian, erase=True)
        yield bench.expects("LIF-13", done, accepted())
        cases.append(_Erasing(person, guardian, author, those))
    bench.advance("P2M")
    for one in cases:
        _erased(bench, one.person)
    bench.advance("P1M2D")
    for one in cases:
        code = new_code(bench, one.person, one.guardian)
        done = entered(bench, "reopen_space", one.person, code, one.guardian)
        yield bench.expects("LIF-16", done, accepted())
        yield from _is_empty(bench, one)


def _is_empty(bench: Bench, one: _Erasing) -> Iterator[Assertion]:
    """A space entered again has nothing of before, and holds what is put in it now."""
    person, author = one.person, one.author
    holder = decider(bench, person, one.guardian)
    bench.operation("care_team", None, holder=person.ins, who=author.rpps)
    for who in (holder, author.who):
        yield from misses(bench, "LIF-13", who, *one.those, likely="erasure_left_to_a_ticket")
        yield bench.expects("LIF-16", found(bench, who, person), absent(UNIQUE_IDS))
        lists = lists_found(bench, who, person)
        yield bench.expects("LIF-16", lists, absent(f"{LISTS}.id"))
    new = kept(bench, person, author)
    pages = found(bench, holder, person)
    yield bench.expects("LIF-16", pages, equals(UNIQUE_IDS, new.one.unique_id))


@check(requirements=("LIF-15",), needs=(*_REOPENING, "request_erasure"), wire=Wire.OWN)
def entering_again_cancels_an_erasure(bench: Bench) -> Iterator[Assertion]:
    """Entering before the erasure begins cancels it, and is refused once it has begun."""
    person, erasing = bench.person(age=33), bench.person(age=34)
    author = bench.treating(person)
    those = [kept(bench, person, author) for _ in range(2)]
    for one in (person, erasing):
        bench.expects("LIF-15", closed(bench, one, erase=True), accepted(), control=True)
    back = entered(bench, "reopen_space", person, new_code(bench, person))
    yield bench.expects("LIF-15", back, accepted())
    yield from sees(bench, "LIF-15", person.who, *those)
    if bench.target.operations.can("start_erasure"):
        code = new_code(bench, erasing)
        bench.operation("start_erasure", SYSTEM, patient=erasing.ins)
        late = entered(bench, "reopen_space", erasing, code)
        yield bench.expects("LIF-15", late, refused())


@check(
    requirements=("LIF-15",),
    needs=(*_REOPENING, "request_erasure", "advance_clock"),
    wire=Wire.OWN,
    alone=True,
)
def cancelled_erasure_never_happens(bench: Bench) -> Iterator[Assertion]:
    """Months after an erasure was cancelled by entering again, all that was there still is."""
    person = bench.person(age=35)
    those = [kept(bench, person, bench.treating(person)) for _ in range(2)]
    bench.expects("LIF-15", closed(bench, person, erase=True), accepted(), control=True)
    bench.advance("P2M")
    back = entered(bench, "reopen_space", person, new_code(bench, person))
    yield bench.expects("LIF-15", back, accepted())
    bench.advance("P2M")
    _erased(bench, person)
    yield from sees(bench, "LIF-15", person.who, *those)


@check(requirements=("LIF-30", "REP-09"), needs=(*_CLOSING, "caregiver"), wire=Wire.OWN)
def closing_asks_for_the_password(bench: Bench) -> Iterator[Assertion]:
    """Nobody closes without the password, by telephone, or as a caregiver."""
    person, helper = bench.person(age=75), bench.person(age=50)
    bench.relate("caregiver", person, helper)
    caring = bench.acting(ActorKind.CAREGIVER, helper, person)
    child = bench.person(age=8, guardian=helper)
    for said in ({"passwordReentered": False}, {"through": "phone"}):
        done = bench.operation(
            "close_space", decider(bench, child, helper), patient=child.ins, **said
        )
        yield bench.expects("LIF-30", done, refused())
        yield from is_fed(bench, "LIF-30", child, is_open=True)
    attempts = (
        ("LIF-30", person.who, {"passwordReentered": False}),
        ("LIF-30", person.who, {"through": "phone"}),
        ("LIF-30", caring, {"passwordReentered": True}),
        ("REP-09", caring, {"passwordReentered": True}),
    )
    for named, who, said in attempts:
        done = bench.operation("close_space", who, patient=person.ins, **said)
        yield bench.expects(named, done, refused())
        yield from is_fed(bench, named, person, is_open=True)


@check(
    requirements=("LIF-24", "LIF-14"),
    needs=(*NEEDS, "suspend_space", "object_to_suspension", "advance_clock"),
    wire=Wire.VENDOR_MAPPED,
    alone=True,
)
def suspended_space_is_given_back_or_closed(bench: Bench) -> Iterator[Assertion]:
    """A suspended space is out of reach; it comes back on objection, and else is closed."""
    objecting, silent = bench.person(age=29), bench.person(age=30)
    cases = [(one, kept(bench, one, bench.treating(one))) for one in (objecting, silent)]
    for person, one in cases:
        shown_too(bench, one.author, one)
        done = bench.operation("suspend_space", INSURER, patient=person.ins, reason="fraud")
        yield bench.expects("LIF-24", done, accepted())
        yield from misses(bench, "LIF-24", one.author, one, certain=False)
    bench.advance("P41D")
    back = bench.operation("object_to_suspension", objecting.who, patient=objecting.ins)
    yield bench.expects("LIF-24", back, accepted())
    yield from sees(bench, "LIF-24", cases[0][1].author, cases[0][1])
    bench.advance("P2D")
    if bench.target.operations.can("close_suspended"):
        bench.operation("close_suspended", SYSTEM, patient=silent.ins)
    late = bench.operation("object_to_suspension", silent.who, patient=silent.ins)
    yield bench.expects("LIF-24", late, refused(), certain=False)
    yield from misses(bench, "LIF-24", cases[1][1].author, cases[1][1])
    yield from sees(bench, "LIF-24", cases[0][1].author, cases[0][1])
    if bench.target.operations.can("reopen_space"):
        reopened(bench, silent)
        yield from sees(bench, "LIF-14", silent.who, cases[1][1])


@check(requirements=("LIF-29",), needs=(*NEEDS, "record_death", "activate"), wire=Wire.OWN)
def nobody_enters_the_space_of_the_dead(bench: Bench) -> Iterator[Assertion]:
    """Somebody recorded as dead is not enrolled, and their space takes nothing more."""
    waiting, living = bench.person(State.NOTIFIED, age=88), bench.person(age=90)
    deposited(bench, living)
    for person in (waiting, living):
        done = bench.operation("record_death", INSURER, patient=person.ins)
        yield bench.expects("LIF-29", done, accepted())
        yield from is_fed(bench, "LIF-29", person, is_open=False)
    entering = entered(bench, "activate", waiting, waiting.provisional_code)
    yield bench.expects("LIF-29", entering, refused())
    again = bench.operation("notify", None, patient=waiting.ins, channel="letter")
    yield bench.expects("LIF-29", again, refused())
