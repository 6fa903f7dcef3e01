"""Objections in full: by every channel, for whom, and what they leave as it was."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import absent, accepted, refused
from etalon_conformance.life_scene import (
    code_in,
    decider,
    entered,
    is_fed,
    new_code,
    objected,
    open_by_itself,
    typed,
)
from etalon_conformance.record_scene import NEEDS
from etalon_conformance.requirement import Wire
from etalon_conformance.seeing import kept, sees, shown_too
from etalon_model.actors import ActorKind
from etalon_model.states import State
from etalon_target.people import TestPerson

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

_OWN_CARD: Final = 16
"""Years from which a minor may have a card of their own."""
_CHANNELS: Final = ("web", "phone", "post", "counter")
_ACTIVE: Final = "entry.resource[resourceType=Patient][active=true].id"


@check(
    requirements=("LIF-11", "LIF-18", "REP-01"),
    needs=(*NEEDS, "oppose", "open_space", "activate", "regenerate_code", "advance_clock"),
    wire=Wire.OWN,
    alone=True,
)
def objection_is_one_whatever_the_channel(bench: Bench) -> Iterator[Assertion]:
    """By every channel, early or late, an objection holds until one asks for a space."""
    parent = bench.person(age=43)
    people: list[tuple[TestPerson, TestPerson | None]] = []
    for rank in range(len(_CHANNELS)):
        early = bench.person(State.NOTIFIED, age=30 + rank)
        child = bench.person(State.NOTIFIED, age=(0, 7, 15, 16)[rank], guardian=parent)
        people += [(early, None), (child, parent)]
    for rank, (person, guardian) in enumerate(people):
        if rank == len(people) // 2:
            bench.advance("P41DT20H")
        done = objected(bench, person, _CHANNELS[rank // 2], guardian)
        yield bench.expects("REP-01" if guardian else "LIF-11", done, accepted())
        yield from is_fed(bench, "LIF-11", person, is_open=False)
    for period in ("P3D", "P200D"):
        bench.advance(period)
        for person, _ in people:
            open_by_itself(bench, person)
            open_by_itself(bench, person)
            yield from is_fed(bench, "LIF-11", person, is_open=False, likely="objection_not_kept")
            who = bench.professional().who
            address = f"Patient?identifier={person.system}|{person.ins}"
            yield bench.expects("LIF-11", bench.call(who, "GET", address), absent(_ACTIVE))
    for person, guardian in people:
        code = new_code(bench, person, guardian)
        done = entered(bench, "activate", person, code, guardian)
        yield bench.expects("LIF-18", done, accepted())
        one = kept(bench, person, bench.treating(person))
        yield from sees(bench, "LIF-18", decider(bench, person, guardian), one)


@check(
    requirements=("LIF-17", "LIF-11"),
    needs=(*NEEDS, "oppose", "open_space", "advance_clock"),
    wire=Wire.VENDOR_MAPPED,
    alone=True,
)
def objection_touches_nothing_else(bench: Bench) -> Iterator[Assertion]:
    """Who objects loses nothing elsewhere: children, brothers and carers go on as before."""
    parent = bench.person(State.NOTIFIED, age=40)
    child = bench.person(age=8, guardian=parent)
    waiting, sibling = (bench.person(State.NOTIFIED, age=9, guardian=parent) for _ in range(2))
    patient, twin = bench.person(age=62), bench.person(State.NOTIFIED, age=40)
    author = bench.treating(child)
    bench.relate("care_team", patient, author)
    those = (kept(bench, child, author), kept(bench, patient, author))
    parental = decider(bench, child, parent)
    readers = ((parental, those[0]), (patient.who, those[1]), *((author.who, one) for one in those))
    for who, one in readers:
        shown_too(bench, who, one)
    for person, guardian in ((waiting, parent), (parent, None)):
        done = objected(bench, person, "web", guardian)
        bench.expects("LIF-17", done, accepted(), control=True)
    for who, one in readers:
        yield from sees(bench, "LIF-17", who, one)
    for person in (child, patient):
        yield from is_fed(bench, "LIF-17", person, is_open=True)
    bench.advance("P43D")
    for person, is_open in ((twin, True), (sibling, True), (waiting, False), (parent, False)):
        open_by_itself(bench, person)
        for requirement in ("LIF-17", "LIF-11"):
            yield from is_fed(bench, requirement, person, is_open=is_open)
    for who, one in readers:
        yield from sees(bench, "LIF-17", who, one)


@check(
    requirements=("LIF-09",),
    needs=("create_person", "create_professional", "oppose", "activate", "regenerate_code"),
    wire=Wire.OWN,
)
def identity_is_typed_in_full(bench: Bench) -> Iterator[Assertion]:
    """Every channel and entry asks for matricule, birth date and card, and all must be right."""
    parent, stranger = bench.person(age=41), bench.person(age=42)
    adult = bench.person(State.NOTIFIED, age=39)
    child = bench.person(State.NOTIFIED, age=8, guardian=parent)
    other = bench.person(State.NOTIFIED, age=12, guardian=parent)
    for person, guardian in ((adult, None), (child, parent)):
        for instead in _wrong(person, guardian, stranger, other):
            for through in _CHANNELS:
                done = objected(bench, person, through, guardian, instead)
                yield bench.expects("LIF-09", done, refused())
            said = {**typed(person, guardian), **instead}
            entering = bench.operation(
                "activate",
                decider(bench, person, guardian),
                patient=person.ins,
                code=person.provisional_code,
                termsVersion="1",
                **said,
            )
            yield bench.expects("LIF-09", entering, refused())
        code = person.provisional_code
        right = entered(bench, "activate", person, code, guardian)
        yield bench.expects("LIF-09", right, accepted())


def _wrong(
    person: TestPerson, guardian: TestPerson | None, stranger: TestPerson, other: TestPerson
) -> "Iterator[dict[str, Json]]":
    """What is typed wrong: of somebody else, or near what is right."""
    right, theirs = typed(person, guardian), typed(stranger)
    yield {"nir": theirs["nir"]}
    yield {"birthDate": theirs["birthDate"]}
    yield {"vitaleSerial": theirs["vitaleSerial"]}
    serial = str(right["vitaleSerial"])
    for near in (serial[:-1], f"{serial}0", serial[::-1] if serial != serial[::-1] else "1" * 11):
        yield {"vitaleSerial": near}
    if person.birth_date is not None:
        day = 2 if person.birth_date.day == 1 else 1
        yield {"birthDate": person.birth_date.replace(day=day).isoformat()}
        year = person.birth_date.year - 1
        yield {"birthDate": person.birth_date.replace(year=year).isoformat()}
    if guardian is not None:
        yield {"birthDate": typed(other, guardian)["birthDate"]}
        yield {"chosen": other.ins}
        yield {"nir": theirs["nir"], "vitaleSerial": theirs["vitaleSerial"]}


@check(
    requirements=("REP-01",),
    needs=(*NEEDS, "oppose", "activate", "regenerate_code", "close_space", "reopen_space"),
    wire=Wire.OWN,
)
def space_of_a_minor_is_managed_by_the_representative(bench: Bench) -> Iterator[Assertion]:
    """At eight and at seventeen the representative decides, no stranger and no minor."""
    parent, stranger = bench.person(age=44), bench.person(age=45)
    for age in (8, 17):
        waiting = bench.person(State.NOTIFIED, age=age, guardian=parent)
        opposed = bench.person(State.NOTIFIED, age=age, guardian=parent)
        inside = bench.person(age=age, guardian=parent)
        erased = bench.person(age=age, guardian=parent)
        suspended = bench.person(State.SUSPENDED, age=age, guardian=parent)
        password: dict[str, Json] = {"passwordReentered": True}
        coded: dict[str, Json] = {"code": opposed.provisional_code, "through": "web"}
        steps: tuple[tuple[str, TestPerson, dict[str, Json]], ...] = (
            ("activate", waiting, {"code": waiting.provisional_code, "termsVersion": "1"}),
            ("oppose", opposed, coded),
            ("close_space", inside, password),
            ("regenerate_code", inside, {"by": "sms"}),
            ("reopen_space", inside, {"termsVersion": "1"}),
            ("close_space", erased, {**password, "erase": True}),
            ("close_space", inside, password),
            ("request_erasure", inside, {}),
            ("object_to_suspension", suspended, {}),
        )
        code = ""
        for name, person, values in steps:
            if not bench.target.operations.can(name):
                continue
            said = {"patient": person.ins, **values}
            if name not in {"close_space", "request_erasure", "object_to_suspension"}:
                said |= typed(person, parent)
            if name == "reopen_space":
                said["code"] = code
            false = bench.acting(ActorKind.REPRESENTATIVE, stranger, person)
            alone = (person.who, age < _OWN_CARD)
            for who, certain in ((false, True), (stranger.who, True), alone):
                theirs = bench.operation(name, who, **said)
                yield bench.expects("REP-01", theirs, refused(), certain=certain)
            done = bench.operation(name, decider(bench, person, parent), **said)
            yield bench.expects("REP-01", done, accepted())
            if name == "regenerate_code":
                code = code_in(done)
