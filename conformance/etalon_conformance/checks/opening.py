"""From the notice to an open space: silence, objections by every channel, changes of mind."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import accepted, refused
from etalon_conformance.life_scene import (
    PAST_THE_WINDOW,
    SYSTEM,
    code_asked,
    code_in,
    decider,
    entered,
    is_fed,
    new_code,
    objected,
    typed,
)
from etalon_conformance.requirement import Wire
from etalon_model.states import State

CHANNELS: Final = ("web", "phone", "post", "counter")
_PEOPLE: Final = ("create_person", "create_professional")


@check(
    requirements=("LIF-04",),
    needs=(*_PEOPLE, "open_space", "advance_clock"),
    wire=Wire.VENDOR_MAPPED,
    alone=True,
)
def space_opens_after_the_window_only(bench: Bench) -> Iterator[Assertion]:
    """Silence opens a space after the six weeks of the notice, and on no day of them."""
    people = [bench.person(State.NOTIFIED, age=age) for age in (20, 45, 92)]
    for period in ("PT1H", "P2D", "P26D", "P12D", "P1D"):
        bench.advance(period)
        for person in people:
            bench.operation("open_space", SYSTEM, patient=person.ins)
            yield from is_fed(
                bench, "LIF-04", person, is_open=False, likely="window_not_waited_for"
            )
    bench.advance("P2D")
    for person in people:
        bench.operation("open_space", SYSTEM, patient=person.ins)
        yield from is_fed(bench, "LIF-04", person, is_open=True)


@check(
    requirements=("LIF-06",),
    needs=(*_PEOPLE, "open_space", "advance_clock"),
    wire=Wire.VENDOR_MAPPED,
    alone=True,
)
def childs_space_opens_after_the_window(bench: Bench) -> Iterator[Assertion]:
    """The space of a minor opens by silence like that of an adult, and not before."""
    parents = (bench.person(), bench.person(), bench.person(State.OPPOSED))
    people = [
        bench.person(State.NOTIFIED, age=age, guardian=parent)
        for age, parent in zip((8, 16, 9), parents, strict=True)
    ]
    for period, is_open in (("P41D", False), ("P2D", True)):
        bench.advance(period)
        for person in people:
            bench.operation("open_space", SYSTEM, patient=person.ins)
            yield from is_fed(bench, "LIF-06", person, is_open=is_open)


@check(
    requirements=("LIF-11", "REP-01"),
    needs=(*_PEOPLE, "oppose", "open_space", "advance_clock"),
    wire=Wire.VENDOR_MAPPED,
    alone=True,
)
def objection_holds_by_every_channel(bench: Bench) -> Iterator[Assertion]:
    """An objection by web, telephone, post or counter keeps the space from opening."""
    parent, stranger, silent = bench.person(), bench.person(), bench.person(State.NOTIFIED)
    for through in CHANNELS:
        adult = bench.person(State.NOTIFIED, age=40)
        child = bench.person(State.NOTIFIED, age=8, guardian=parent)
        for person, guardian in ((adult, None), (child, parent)):
            if guardian is not None:
                for other in (stranger, None):
                    theirs = objected(bench, person, through, other, typed(person, guardian))
                    yield bench.expects("REP-01", theirs, refused())
            done = objected(bench, person, through, guardian)
            yield bench.expects("REP-01" if guardian else "LIF-11", done, accepted())
    people = [one for one in bench.people if one.state == State.NOTIFIED and one is not silent]
    bench.advance(PAST_THE_WINDOW)
    bench.operation("open_space", SYSTEM, patient=silent.ins)
    yield from is_fed(bench, "LIF-11", silent, is_open=True, control=True)
    for person in people:
        bench.operation("open_space", SYSTEM, patient=person.ins)
        yield from is_fed(bench, "LIF-11", person, is_open=False, likely="objection_not_kept")


@check(
    requirements=("LIF-11", "W-CON-04"),
    needs=(*_PEOPLE, "oppose", "open_space", "advance_clock"),
    wire=Wire.VENDOR_MAPPED,
    alone=True,
)
def objection_late_in_the_window_is_received(bench: Bench) -> Iterator[Assertion]:
    """On the forty-first day an objection is still received, and holds."""
    people = {through: bench.person(State.NOTIFIED, age=35) for through in CHANNELS}
    silent = bench.person(State.NOTIFIED, age=36)
    bench.advance("P41D")
    for through, person in people.items():
        yield bench.expects("LIF-11", objected(bench, person, through), accepted())
        again = bench.operation("open_space", SYSTEM, patient=person.ins)
        yield bench.expects("W-CON-04", again, refused())
    bench.advance("P3D")
    bench.operation("open_space", SYSTEM, patient=silent.ins)
    yield from is_fed(bench, "LIF-11", silent, is_open=True, control=True)
    for person in people.values():
        bench.operation("open_space", SYSTEM, patient=person.ins)
        yield from is_fed(bench, "LIF-11", person, is_open=False, likely="objection_not_kept")


@check(
    requirements=("LIF-11", "LIF-04"),
    needs=(*_PEOPLE, "oppose", "regenerate_code", "open_space", "advance_clock"),
    wire=Wire.VENDOR_MAPPED,
    alone=True,
)
def objection_outlives_a_code_and_a_notice(bench: Bench) -> Iterator[Assertion]:
    """Neither a new code that nobody enters with nor another notice undoes an objection."""
    coded, noticed = (bench.person(State.NOTIFIED, age=age) for age in (41, 42))
    silent = bench.person(State.NOTIFIED, age=43)
    for person in (coded, noticed):
        done = objected(bench, person, "web")
        bench.expects("LIF-11", done, accepted(), control=True)
    bench.advance("PT1H")
    new_code(bench, coded)
    if bench.target.operations.can("notify"):
        bench.operation("notify", None, patient=noticed.ins, channel="email")
    bench.advance(PAST_THE_WINDOW)
    bench.operation("open_space", SYSTEM, patient=silent.ins)
    yield from is_fed(bench, "LIF-11", silent, is_open=True, control=True)
    for person in (coded, noticed):
        bench.operation("open_space", SYSTEM, patient=person.ins)
        for requirement in ("LIF-11", "LIF-04"):
            yield from is_fed(
                bench, requirement, person, is_open=False, likely="objection_not_kept"
            )


@check(
    requirements=("LIF-18", "LIF-17", "LIF-07"),
    needs=(*_PEOPLE, "oppose", "regenerate_code", "activate"),
    wire=Wire.OWN,
)
def opponent_may_change_their_mind(bench: Bench) -> Iterator[Assertion]:
    """Somebody who objected has a space as soon as they ask for one."""
    for through in CHANNELS:
        person = bench.person(State.NOTIFIED, age=51)
        done = objected(bench, person, through)
        bench.expects("LIF-18", done, accepted(), control=True)
        yield from is_fed(bench, "LIF-17", person, is_open=False)
        if through == "web":
            spent = entered(bench, "activate", person, person.provisional_code)
            yield bench.expects("LIF-07", spent, refused())
        entering = entered(bench, "activate", person, new_code(bench, person))
        yield bench.expects("LIF-18", entering, accepted())
        yield from is_fed(bench, "LIF-18", person, is_open=True)


@check(requirements=("LIF-09",), needs=(*_PEOPLE, "oppose"), wire=Wire.OWN)
def identity_is_asked_for(bench: Bench) -> Iterator[Assertion]:
    """Whoever types another birth date, card or matricule is not recognised."""
    person, other = bench.person(State.NOTIFIED), bench.person(State.NOTIFIED, age=62)
    theirs = typed(other)
    for name in ("nir", "birthDate", "vitaleSerial"):
        for through in ("web", "phone"):
            wrong = objected(bench, person, through, instead={name: theirs[name]})
            yield bench.expects("LIF-09", wrong, refused())
    yield bench.expects("LIF-09", objected(bench, person, "web"), accepted())


@check(
    requirements=("LIF-07", "LIF-08"),
    needs=(*_PEOPLE, "oppose", "activate", "regenerate_code", "advance_clock"),
    wire=Wire.OWN,
    alone=True,
)
def code_is_good_once_and_for_a_time(bench: Bench) -> Iterator[Assertion]:
    """A provisional code is its holder's, is good once, and not after the window."""
    person, other, slow, late = (bench.person(State.NOTIFIED, age=age) for age in (30, 31, 33, 32))
    theirs = entered(bench, "activate", person, other.provisional_code)
    yield bench.expects("LIF-07", theirs, refused())
    first = person.provisional_code
    asked = code_asked(bench, person)
    yield bench.expects("LIF-08", asked, accepted())
    second = code_in(asked)
    yield bench.expects("LIF-08", code_asked(bench, person), refused())
    bench.advance("PT28S")
    yield bench.expects("LIF-08", code_asked(bench, person), refused())
    bench.advance("PT3S")
    again = code_asked(bench, person)
    yield bench.expects("LIF-08", again, accepted())
    for code in (first, second):
        yield bench.expects("LIF-08", entered(bench, "activate", person, code), refused())
    yield bench.expects("LIF-07", entered(bench, "activate", person, code_in(again)), accepted())
    bench.advance("P41D")
    in_time = entered(bench, "activate", slow, slow.provisional_code)
    yield bench.expects("LIF-07", in_time, accepted())
    bench.advance("P2D")
    old = entered(bench, "activate", late, late.provisional_code)
    yield bench.expects("LIF-07", old, refused())
    yield bench.expects(
        "LIF-07", entered(bench, "activate", late, new_code(bench, late)), accepted()
    )


@check(requirements=("LIF-05",), needs=(*_PEOPLE, "notify"), wire=Wire.OWN)
def notice_goes_by_the_channel_there_is(bench: Bench) -> Iterator[Assertion]:
    """Who has an e-mail address gets an e-mail; who has none, a letter."""
    for email, right, wrong in ((True, "email", "letter"), (False, "letter", "email")):
        person = bench.person(State.NOT_NOTIFIED, email=email)
        for channel, expected in ((wrong, refused()), (right, accepted())):
            sent = bench.operation("notify", None, patient=person.ins, channel=channel)
            yield bench.expects("LIF-05", sent, expected)


@check(
    requirements=("LIF-25",),
    needs=(*_PEOPLE, "hold_opening", "open_space", "advance_clock"),
    wire=Wire.OWN,
    alone=True,
)
def opening_is_held_for_a_child_of_another(bench: Bench) -> Iterator[Assertion]:
    """Nothing opens while whoever got the notice says that the child is not theirs."""
    parent = bench.person()
    held, other = (bench.person(State.NOTIFIED, age=8, guardian=parent) for _ in range(2))
    said = bench.operation("hold_opening", decider(bench, held, parent), patient=held.ins)
    yield bench.expects("LIF-25", said, accepted())
    bench.advance(PAST_THE_WINDOW)
    for person, is_open in ((other, True), (held, False)):
        bench.operation("open_space", SYSTEM, patient=person.ins)
        yield from is_fed(bench, "LIF-25", person, is_open=is_open)
