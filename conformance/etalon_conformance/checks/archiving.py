"""What a closed or erased space gives: to whom, by which door, until when."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import (
    absent,
    accepted,
    equals,
    excludes,
    refused,
    status,
)
from etalon_conformance.life_scene import (
    SYSTEM,
    closed,
    days_of,
    decider,
    entered,
    is_fed,
    new_code,
    reopened,
)
from etalon_conformance.record_scene import NEEDS, NOT_OFFERED, UNIQUE_IDS, found, publish
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import (
    NOT_TAKEN,
    READING,
    opened_record,
    wish,
)
from etalon_conformance.seeing import Kept, kept, labelled, misses, sees, shown_too
from etalon_conformance.specimens import HIDDEN, MASKED, specimen
from etalon_model.states import State
from etalon_target.people import TestPerson

_REOPENING: Final = (*NEEDS, "close_space", "regenerate_code", "reopen_space")
_LOG: Final = "entry.resource[resourceType=AuditEvent].id"
_EVENTS: Final = "AuditEvent?patient.identifier={system}|{ins}&date=ge2000-01-01&date=le2200-01-01"


def _step(bench: Bench, name: str, person: TestPerson) -> None:
    """Have a step be taken that has come due, where the target has to be told to."""
    if bench.target.operations.can(name):
        bench.operation(name, SYSTEM, patient=person.ins)


@check(requirements=("LIF-12",), needs=(*NEEDS, "close_space", "block"), wire=Wire.OWN)
def closed_space_has_no_other_door(bench: Bench) -> Iterator[Assertion]:
    """Of a closed space nothing leaves by a history, a log or an export, and nobody is let in."""
    person = bench.person(age=66)
    author, attending, stranger = (
        bench.treating(person),
        bench.treating(person),
        bench.professional(),
    )
    can = bench.target.operations.can
    if can("attending_doctor"):
        bench.relate("attending_doctor", person, attending)
    if can("set_administrator"):
        trusted = {"patient": person.ins, "professional": attending.rpps}
        bench.operation("set_administrator", person.who, **trusted)
    one, masked = kept(bench, person, author), kept(bench, person, author, MASKED)
    shown_too(bench, attending.who, one)
    yield bench.expects("LIF-12", closed(bench, person), accepted())
    for who in (author.who, person.who):
        told = bench.call(who, "GET", f"{one.place}/_history")
        yield bench.expects("LIF-12", told, excludes(UNIQUE_IDS, one.one.unique_id))
    yield from misses(bench, "LIF-12", attending.who, one, masked, likely="closing_of_the_portal")
    log = bench.call(person.who, "GET", _EVENTS.format(system=person.system, ins=person.ins))
    yield bench.expects("LIF-12", log, absent(_LOG))
    if can("export_space"):
        taken = bench.operation("export_space", person.who, patient=person.ins)
        yield bench.expects("LIF-12", taken, refused())
        yield bench.expects("LIF-12", taken.exchange, excludes(UNIQUE_IDS, one.one.unique_id))
    if can("join_care_team"):
        bench.operation("join_care_team", stranger.who, patient=person.ins, informed=True)
    if can("give_consent"):
        wish(bench, author.who, person, READING, "permit", about=stranger)
    if can("open_record"):
        asked = opened_record(bench, author.who, person, "normal")
        yield bench.expects("LIF-12", asked, refused())
    yield from misses(bench, "LIF-12", stranger.who, one, likely="closing_of_the_portal")
    simply = publish(bench, specimen(bench, person, author))
    if simply.status not in NOT_OFFERED:
        yield bench.expects("LIF-12", simply, status(*NOT_TAKEN))
    masking = labelled(bench, author.who, one, MASKED)
    yield bench.expects("LIF-12", masking, status(*NOT_TAKEN))


@check(
    requirements=("LIF-12", "LIF-14"),
    needs=_REOPENING,
    wire=Wire.OWN,
)
def space_never_entered_is_closed_by_the_desk(bench: Bench) -> Iterator[Assertion]:
    """Who never entered a space closes it by telephone, post or counter, and may have it back."""
    parent = bench.person(age=45)
    cases = (
        (bench.person(State.OPEN_INACTIVE, age=51), None, "phone"),
        (bench.person(State.OPEN_INACTIVE, age=52), None, "post"),
        (bench.person(State.OPEN_INACTIVE, age=6, guardian=parent), parent, "counter"),
    )
    for person, guardian, through in cases:
        author = bench.treating(person)
        one = kept(bench, person, author)
        who = decider(bench, person, guardian)
        done = bench.operation("close_space", who, patient=person.ins, through=through)
        yield bench.expects("LIF-12", done, accepted())
        yield from misses(bench, "LIF-12", author.who, one, likely="closing_of_the_portal")
        yield from is_fed(bench, "LIF-12", person, is_open=False)
        code = new_code(bench, person, guardian)
        back = entered(bench, "reopen_space", person, code, guardian)
        yield bench.expects("LIF-14", back, accepted())
        yield from sees(bench, "LIF-14", who, one)
        yield from sees(bench, "LIF-14", author.who, one)


@check(
    requirements=("LIF-12", "LIF-13", "LIF-14"),
    needs=(*_REOPENING, "advance_clock"),
    wire=Wire.VENDOR_MAPPED,
    alone=True,
)
def archive_is_kept_from_the_last_closing(bench: Bench) -> Iterator[Assertion]:
    """Nothing is erased unasked: years later, and after a second closing, all is still there."""
    parent = bench.person(age=30)
    once, twice = bench.person(age=41), bench.person(age=42)
    child = bench.person(age=2, guardian=parent)
    cases = ((once, None), (twice, None), (child, parent))
    those: dict[str, tuple[Kept, Kept, Kept]] = {}
    for person, guardian in cases:
        author = bench.treating(person)
        plain = kept(bench, person, author)
        those[person.ins] = (
            plain,
            kept(bench, person, author, MASKED),
            kept(bench, person, author),
        )
        bench.expects("LIF-12", closed(bench, person, guardian), accepted(), control=True)
    bench.advance("P4M")
    for person, _ in cases:
        for name in ("start_erasure", "finish_erasure"):
            _step(bench, name, person)
    reopened(bench, twice)
    yield from sees(bench, ("LIF-13", "LIF-14"), twice.who, *those[twice.ins])
    bench.advance("P5Y")
    yield bench.expects("LIF-12", closed(bench, twice), accepted())
    lasts = days_of(bench, "P10Y") - days_of(bench, "P5Y")
    bench.advance(f"P{lasts - 150}D")
    for person, guardian in cases[::2]:
        _step(bench, "end_archive", person)
        reopened(bench, person, guardian)
        who = decider(bench, person, guardian)
        for requirement in ("LIF-12", "LIF-14"):
            yield from sees(bench, requirement, who, *those[person.ins])
    bench.advance("P1Y")
    _step(bench, "end_archive", twice)
    reopened(bench, twice)
    yield from sees(bench, ("LIF-12", "LIF-14"), twice.who, *those[twice.ins])


@check(
    requirements=("LIF-13", "LIF-15", "LIF-16"),
    needs=(*_REOPENING, "request_erasure", "start_erasure", "finish_erasure", "advance_clock"),
    wire=Wire.OWN,
    alone=True,
)
def erasure_is_one_step_after_the_other(bench: Bench) -> Iterator[Assertion]:
    """An erasure asked for is cancelled by entering; one begun is not; one done leaves nothing."""
    parent = bench.person(age=41)
    adult, child = bench.person(age=53), bench.person(age=16, guardian=parent)
    for person, guardian in ((adult, None), (child, parent)):
        author = bench.treating(person)
        those = (kept(bench, person, author), kept(bench, person, author, HIDDEN))
        who = decider(bench, person, guardian)
        bench.expects("LIF-13", closed(bench, person, guardian), accepted(), control=True)
        for again in (False, True):
            asked = bench.operation("request_erasure", who, patient=person.ins)
            yield bench.expects("LIF-13", asked, accepted())
            yield from misses(bench, "LIF-13", author.who, *those)
            bench.advance("PT31S")
            code = new_code(bench, person, guardian)
            if not again:
                back = entered(bench, "reopen_space", person, code, guardian)
                yield bench.expects("LIF-15", back, accepted())
                yield from sees(bench, "LIF-15", who, those[0])
                yield from is_fed(bench, "LIF-15", person, is_open=True)
                begun = bench.operation("start_erasure", SYSTEM, patient=person.ins)
                yield bench.expects("LIF-15", begun, refused())
                yield bench.expects("LIF-15", closed(bench, person, guardian), accepted())
        begun = bench.operation("start_erasure", SYSTEM, patient=person.ins)
        yield bench.expects("LIF-13", begun, accepted())
        for _ in range(2):
            late = entered(bench, "reopen_space", person, code, guardian)
            yield bench.expects("LIF-15", late, refused())
        yield from is_fed(bench, "LIF-15", person, is_open=False)
        done = bench.operation("finish_erasure", SYSTEM, patient=person.ins)
        yield bench.expects("LIF-13", done, accepted())
        anew = entered(bench, "reopen_space", person, code, guardian)
        yield bench.expects("LIF-16", anew, accepted())
        yield bench.expects("LIF-16", found(bench, who, person), absent(UNIQUE_IDS))
        bench.operation("care_team", None, holder=person.ins, who=author.rpps)
        for reader in (who, author.who):
            yield from misses(bench, ("LIF-13", "LIF-16"), reader, *those)
            told = bench.call(reader, "GET", f"{those[0].place}/_history")
            gone = excludes(UNIQUE_IDS, those[0].one.unique_id)
            yield bench.expects("LIF-16", told, gone)
        yield from is_fed(bench, "LIF-16", person, is_open=True)


@check(
    requirements=("LIF-16", "LIF-12"),
    needs=(*_REOPENING, "activate"),
    wire=Wire.OWN,
)
def purged_space_begins_anew(bench: Bench) -> Iterator[Assertion]:
    """Who asks for a space after an erasure has one, empty, that is fed and read as any other."""
    parent = bench.person(age=44)
    adult = bench.person(State.PURGED, age=54)
    child = bench.person(State.PURGED, age=9, guardian=parent)
    for person, guardian in ((adult, None), (child, parent)):
        who = decider(bench, person, guardian)
        done = entered(bench, "reopen_space", person, new_code(bench, person, guardian), guardian)
        yield bench.expects("LIF-16", done, accepted())
        yield bench.expects("LIF-16", found(bench, who, person), absent(UNIQUE_IDS))
        one = kept(bench, person, bench.treating(person))
        yield bench.expects(
            "LIF-16", found(bench, who, person), equals(UNIQUE_IDS, one.one.unique_id)
        )
        yield bench.expects("LIF-12", closed(bench, person, guardian), accepted())
        yield from misses(bench, "LIF-12", who, one)


@check(requirements=("LIF-19",), needs=(*NEEDS, "activate", "regenerate_code"), wire=Wire.OWN)
def space_opened_by_silence_keeps_what_it_was_fed(bench: Bench) -> Iterator[Assertion]:
    """Carers alone read a space nobody entered; its holder then enters, and finds it all."""
    parent = bench.person(age=44)
    adult = bench.person(State.OPEN_INACTIVE, age=58)
    child = bench.person(State.OPEN_INACTIVE, age=7, guardian=parent)
    for person, guardian in ((adult, None), (child, parent)):
        author = bench.treating(person)
        those = [kept(bench, person, author) for _ in range(2)]
        who = decider(bench, person, guardian)
        for code in ("10", "60", "21"):
            yield from sees(bench, "LIF-19", bench.treating(person, code).who, *those)
        yield from misses(bench, "LIF-19", who, *those)
        yield from misses(bench, "LIF-19", bench.professional().who, *those)
        code = new_code(bench, person, guardian)
        done = entered(bench, "activate", person, code, guardian)
        yield bench.expects("LIF-19", done, accepted())
        for each in (who, author.who):
            yield from sees(bench, "LIF-19", each, *those)
        yield from is_fed(bench, "LIF-19", person, is_open=True)
