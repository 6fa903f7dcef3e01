"""Suspensions, deaths and closings: how long, by whom, how, and what is then out of reach."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import (
    absent,
    accepted,
    at_least,
    includes,
    refused,
    status,
)
from etalon_conformance.life_scene import (
    INSURER,
    SYSTEM,
    decider,
    entered,
    is_fed,
    new_code,
    reopened,
)
from etalon_conformance.record_scene import NEEDS, NOT_OFFERED, publish
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import (
    NOT_TAKEN,
    breaking_glass,
    in_role,
)
from etalon_conformance.seeing import kept, misses, sees, shown_too
from etalon_conformance.specimens import MASKED, specimen
from etalon_model.actors import ActorKind
from etalon_model.states import State
from etalon_target.actors import Who
from etalon_target.people import TestPerson

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

_REOPENING: Final = (*NEEDS, "close_space", "regenerate_code", "reopen_space")
_UNFED: Final = (
    State.NOT_NOTIFIED,
    State.NOTIFIED,
    State.OPPOSED,
    State.SUSPENDED,
    State.CLOSED_ARCHIVED,
    State.DELETION_REQUESTED,
    State.PURGED,
)


def _given_back(bench: Bench, who: Who, person: TestPerson) -> Assertion:
    """Object to a suspension that holds: the space is given back."""
    given = bench.operation("object_to_suspension", who, patient=person.ins)
    return bench.expects("LIF-24", given, accepted())


def _suspended(
    bench: Bench, person: TestPerson, guardian: TestPerson | None, reason: str
) -> Iterator[Assertion]:
    """Suspend a space: who decides is told, and nothing is taken any more."""
    can_tell = bench.target.operations.can("tell_notices")
    to = f"told[to={(guardian or person).ins}].to"
    heard = _heard(bench, person, to) if can_tell else 0
    done = bench.operation("suspend_space", INSURER, patient=person.ins, reason=reason)
    yield bench.expects("LIF-24", done, accepted())
    if can_tell:
        told = bench.operation("tell_notices", None, patient=person.ins)
        yield bench.expects("LIF-24", told, at_least(to, heard + 1))
    yield from is_fed(bench, "LIF-24", person, is_open=False)


@check(
    requirements=("LIF-24",),
    needs=(*NEEDS, "suspend_space", "object_to_suspension", "close_suspended", "advance_clock"),
    wire=Wire.VENDOR_MAPPED,
    alone=True,
)
def suspension_lasts_six_weeks(bench: Bench) -> Iterator[Assertion]:
    """Within six weeks who decides has the space back; after them it closes, each time anew."""
    parent, stranger = bench.person(age=46), bench.person(age=47)
    adult, child = bench.person(age=48), bench.person(age=8, guardian=parent)
    late, inactive = bench.person(age=49), bench.person(State.OPEN_INACTIVE, age=50)
    cases = ((adult, None, "fraud"), (child, parent, "malfunction"), (late, None, "malfunction"))
    those = {one.ins: kept(bench, one, bench.treating(one)) for one, _, _ in cases}
    unread = kept(bench, inactive, bench.treating(inactive))
    for person, guardian, reason in (*cases, (inactive, None, "fraud")):
        yield from _suspended(bench, person, guardian, reason)
        if person.ins in those:
            who = decider(bench, person, guardian)
            yield from misses(bench, "LIF-24", who, those[person.ins])
    yield from misses(bench, "LIF-24", unread.author, unread)
    bench.advance("P41DT22H")
    for person, guardian, _ in cases:
        early = bench.operation("close_suspended", SYSTEM, patient=person.ins)
        yield bench.expects("LIF-24", early, refused())
        if person is late:
            continue
        for who in (stranger.who, those[person.ins].author, *([child.who] if guardian else [])):
            theirs = bench.operation("object_to_suspension", who, patient=person.ins)
            yield bench.expects("LIF-24", theirs, refused())
        who = decider(bench, person, guardian)
        yield _given_back(bench, who, person)
        yield from sees(bench, "LIF-24", who, those[person.ins])
        yield from is_fed(bench, "LIF-24", person, is_open=True)
    yield _given_back(bench, inactive.who, inactive)
    yield from sees(bench, "LIF-24", unread.author, unread)
    again = bench.operation("suspend_space", INSURER, patient=adult.ins, reason="fraud")
    yield bench.expects("LIF-24", again, accepted())
    bench.advance("PT4H")
    for person, ends in ((adult, False), (child, False), (late, True)):
        done = bench.operation("close_suspended", SYSTEM, patient=person.ins)
        yield bench.expects("LIF-24", done, accepted() if ends else refused())
    objecting = bench.operation("object_to_suspension", late.who, patient=late.ins)
    yield bench.expects("LIF-24", objecting, refused())
    yield from misses(bench, "LIF-24", late.who, those[late.ins])
    yield _given_back(bench, adult.who, adult)
    for person, guardian in ((adult, None), (child, parent)):
        yield from sees(bench, "LIF-24", decider(bench, person, guardian), those[person.ins])


def _heard(bench: Bench, person: TestPerson, to: str) -> int:
    """How often somebody was told something about a person."""
    told = bench.operation("tell_notices", None, patient=person.ins)
    return len(told.exchange.value(to))


@check(
    requirements=("LIF-24",),
    needs=(*NEEDS, "suspend_space", "reinstate_space"),
    wire=Wire.VENDOR_MAPPED,
)
def suspended_space_is_out_of_everybodys_reach(bench: Bench) -> Iterator[Assertion]:
    """While a space is suspended nobody reads it, in an emergency either; then it is as it was."""
    person, helper = bench.person(age=68), bench.person(age=44)
    bench.relate("caregiver", person, helper)
    author, reader = bench.treating(person), bench.treating(person, "60")
    plain, masked = kept(bench, person, author), kept(bench, person, author, MASKED)
    who = (
        person.who,
        bench.acting(ActorKind.CAREGIVER, helper, person),
        author.who,
        reader.who,
        in_role(bench.professional(), "regulator", "samu"),
        breaking_glass(bench.professional()),
    )
    shown_too(bench, reader.who, plain)
    for reason in ("malfunction", "fraud"):
        done = bench.operation("suspend_space", INSURER, patient=person.ins, reason=reason)
        yield bench.expects("LIF-24", done, accepted())
        for each in who:
            yield from misses(bench, "LIF-24", each, plain, certain=False)
        back = bench.operation("reinstate_space", INSURER, patient=person.ins)
        yield bench.expects("LIF-24", back, accepted())
        yield from sees(bench, "LIF-24", person.who, plain, masked)
        yield from sees(bench, "LIF-24", reader.who, plain)
        yield from misses(bench, "LIF-24", reader.who, masked)


@check(
    requirements=("LIF-29",),
    needs=(*_REOPENING, "record_death", "activate", "open_space", "notify", "advance_clock"),
    wire=Wire.OWN,
    alone=True,
)
def the_dead_are_enrolled_from_no_state(bench: Bench) -> Iterator[Assertion]:
    """Neither silence, nor a code, nor a parent enrols somebody dead; the others are enrolled."""
    parent = bench.person(age=40)
    unknown, living = bench.person(State.NOT_NOTIFIED, age=70), bench.person(State.NOTIFIED, age=70)
    cases = (
        (bench.person(State.NOTIFIED, age=71), None, "activate"),
        (bench.person(State.NOTIFIED, age=9, guardian=parent), parent, "activate"),
        (bench.person(State.OPPOSED, age=72), None, "activate"),
        (bench.person(State.OPEN_INACTIVE, age=73), None, "activate"),
        (bench.person(State.CLOSED_ARCHIVED, age=74), None, "reopen_space"),
        (bench.person(State.DELETION_REQUESTED, age=75), None, "reopen_space"),
        (bench.person(State.PURGED, age=76), None, "reopen_space"),
    )
    codes = {
        one.ins: one.provisional_code or new_code(bench, one, guardian)
        for one, guardian, _ in cases
    }
    for person in (unknown, *(one for one, _, _ in cases)):
        done = bench.operation("record_death", INSURER, patient=person.ins)
        yield bench.expects("LIF-29", done, accepted())
    for person, guardian, name in cases:
        entering = entered(bench, name, person, codes[person.ins], guardian)
        yield bench.expects("LIF-29", entering, refused())
    for channel in ("email", "letter"):
        sent = bench.operation("notify", None, patient=unknown.ins, channel=channel)
        yield bench.expects("LIF-29", sent, refused())
    bench.advance("P43D")
    for person, is_open in (
        *((one, False) for one, _, _ in cases),
        (unknown, False),
        (living, True),
    ):
        bench.operation("open_space", SYSTEM, patient=person.ins)
        yield from is_fed(bench, "LIF-29", person, is_open=is_open)


@check(requirements=("LIF-30",), needs=(*NEEDS, "close_space", "caregiver"), wire=Wire.OWN)
def closing_is_asked_on_the_web_with_the_password(bench: Bench) -> Iterator[Assertion]:
    """On the web, with the password typed again, one closes; by no other way and nobody else."""
    helper = bench.person(age=50)
    parent = bench.person(age=45)
    adult = bench.person(age=76)
    bench.relate("caregiver", adult, helper)
    children = [(bench.person(age=age, guardian=parent), parent) for age in (3, 17)]
    caring = bench.acting(ActorKind.CAREGIVER, helper, adult)
    wrong: tuple[dict[str, Json], ...] = (
        {"passwordReentered": False},
        {},
        {"passwordReentered": False, "erase": True},
        {"erase": True},
        {"through": "phone", "passwordReentered": True},
        {"through": "post", "passwordReentered": True},
        {"through": "counter", "passwordReentered": True},
        {"through": "post"},
        {"through": "web"},
    )
    for person, guardian in ((adult, None), *children):
        who = decider(bench, person, guardian)
        for said in wrong:
            done = bench.operation("close_space", who, patient=person.ins, **said)
            yield bench.expects("LIF-30", done, refused())
        if person is adult:
            for more in ({}, {"erase": True}, {"through": "web"}, {"through": "phone"}):
                said = {"patient": person.ins, "passwordReentered": True, **more}
                done = bench.operation("close_space", caring, **said)
                yield bench.expects("LIF-30", done, refused())
        yield from is_fed(bench, "LIF-30", person, is_open=True)
        right = bench.operation(
            "close_space", who, patient=person.ins, through="web", passwordReentered=True
        )
        yield bench.expects("LIF-30", right, accepted())
        yield from is_fed(bench, "LIF-30", person, is_open=False)


@check(
    requirements=("W-CON-03",),
    needs=(*_REOPENING, "suspend_space", "reinstate_space"),
    wire=Wire.OWN,
)
def patients_are_active_while_their_space_is_open(bench: Bench) -> Iterator[Assertion]:
    """Closed, suspended, opposed or erased, nobody is active nor fed; open again, everybody is."""
    for state in _UNFED:
        person = bench.person(state, age=64)
        yield from _stands(bench, person, is_open=False)
    for state in (State.OPEN_ACTIVE, State.OPEN_INACTIVE):
        yield from _stands(bench, bench.person(state, age=64), is_open=True)
    person = bench.person(age=63)
    for name, who, values in (
        ("suspend_space", INSURER, {"reason": "malfunction"}),
        ("reinstate_space", INSURER, {}),
        ("close_space", person.who, {"passwordReentered": True}),
    ):
        done = bench.operation(name, who, patient=person.ins, **values)
        bench.expects("W-CON-03", done, accepted(), control=True)
        yield from _stands(bench, person, is_open=name == "reinstate_space")
    reopened(bench, person)
    yield from _stands(bench, person, is_open=True)


def _stands(bench: Bench, person: TestPerson, *, is_open: bool) -> Iterator[Assertion]:
    """A patient is active and fed, or neither, to whoever looks for them."""
    active = "entry.resource[resourceType=Patient][active=true].identifier.value"
    for code in ("10", "60"):
        who = bench.professional(code).who
        for asked in (
            bench.call(who, "GET", f"Patient?identifier={person.system}|{person.ins}"),
            bench.call(
                who,
                "POST",
                "Patient/_search",
                form={"identifier": f"{person.system}|{person.ins}"},
            ),
        ):
            expected = includes(active, person.ins) if is_open else absent(active)
            yield bench.expects("W-CON-03", asked, expected)
    yield from is_fed(bench, "W-CON-03", person, is_open=is_open)
    simply = publish(bench, specimen(bench, person, bench.professional()))
    if not is_open and simply.status not in NOT_OFFERED:
        yield bench.expects("W-CON-03", simply, status(*NOT_TAKEN))
