"""The window to object, from both sides: what opens, what waits, which codes are still good."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import accepted, excludes, matches, refused
from etalon_conformance.life_scene import (
    INSURER,
    PAST_THE_WINDOW,
    code_asked,
    code_in,
    decider,
    entered,
    is_fed,
    new_code,
    objected,
    open_by_itself,
    typed,
)
from etalon_conformance.requirement import Wire
from etalon_model.actors import ActorKind
from etalon_model.states import State
from etalon_wire.life_cycle import PROVISIONAL_CODE

_PEOPLE: Final = ("create_person", "create_professional")
_SHORT_OF_SIX_WEEKS: Final = "P41DT22H"
_TO_THE_END: Final = "PT4H"
"""From less than the six weeks to more than them, an hour of summer time included."""
_CODE: Final = f"extension[url={PROVISIONAL_CODE}].valueString"


@check(
    requirements=("LIF-04", "LIF-06"),
    needs=(*_PEOPLE, "open_space", "regenerate_code", "advance_clock"),
    wire=Wire.VENDOR_MAPPED,
    alone=True,
)
def window_is_six_weeks_to_the_hour(bench: Bench) -> Iterator[Assertion]:
    """Two hours before six weeks nothing opens, however one was told; two after, all do."""
    parent = bench.person(age=41)
    by_letter = bench.person(State.NOTIFIED, age=71, email=False)
    coded = bench.person(State.NOTIFIED, age=38)
    cases = [
        ("LIF-04", bench.person(State.NOTIFIED, age=29)),
        ("LIF-04", by_letter),
        ("LIF-04", coded),
        *(("LIF-06", bench.person(State.NOTIFIED, age=age, guardian=parent)) for age in (1, 17)),
    ]
    bench.advance("P20D")
    new_code(bench, coded)
    bench.advance("P21DT22H")
    for requirement, person in cases:
        open_by_itself(bench, person)
        yield from is_fed(bench, requirement, person, is_open=False, likely="window_not_waited_for")
    bench.advance(_TO_THE_END)
    for requirement, person in cases:
        open_by_itself(bench, person)
        yield from is_fed(bench, requirement, person, is_open=True)


@check(
    requirements=("LIF-05", "LIF-04"),
    needs=(*_PEOPLE, "notify", "report_undelivered", "open_space", "advance_clock"),
    wire=Wire.OWN,
    alone=True,
)
def failed_email_is_followed_by_a_letter(bench: Bench) -> Iterator[Assertion]:
    """When an e-mail fails a letter goes, and nothing opens before its own six weeks."""
    person, delivered = (bench.person(State.NOTIFIED, age=age) for age in (34, 35))
    again = bench.operation("notify", None, patient=delivered.ins, channel="letter")
    yield bench.expects("LIF-05", again, refused(), certain=False)
    failed = bench.operation("report_undelivered", INSURER, patient=person.ins, channel="email")
    bench.expects("LIF-05", failed, accepted(), control=True)
    for channel, expected in (("email", refused()), ("letter", accepted())):
        if channel == "letter":
            bench.advance("P43D")
            open_by_itself(bench, person)
            yield from is_fed(bench, "LIF-05", person, is_open=False)
        sent = bench.operation("notify", None, patient=person.ins, channel=channel)
        yield bench.expects("LIF-05", sent, expected)
    open_by_itself(bench, delivered)
    yield from is_fed(bench, "LIF-05", delivered, is_open=True)
    for period, is_open in ((_SHORT_OF_SIX_WEEKS, False), (_TO_THE_END, True)):
        bench.advance(period)
        open_by_itself(bench, person)
        for requirement in ("LIF-04", "LIF-05"):
            yield from is_fed(bench, requirement, person, is_open=is_open)


@check(
    requirements=("LIF-07", "LIF-08"),
    needs=(*_PEOPLE, "oppose", "activate", "regenerate_code", "advance_clock"),
    wire=Wire.OWN,
    alone=True,
)
def codes_last_as_long_as_the_window(bench: Bench) -> Iterator[Assertion]:
    """A code is good to the end of six weeks from its sending, and no hour longer."""
    early, late, objecting = (bench.person(State.NOTIFIED, age=age) for age in (26, 27, 28))
    timely, tardy = (bench.person(State.NOTIFIED, age=age) for age in (36, 37))
    bench.advance("P10D")
    codes = {one.ins: new_code(bench, one) for one in (timely, tardy)}
    bench.advance("P31DT22H")
    in_time = entered(bench, "activate", early, early.provisional_code)
    yield bench.expects("LIF-07", in_time, accepted())
    bench.advance(_TO_THE_END)
    for done in (
        entered(bench, "activate", late, late.provisional_code),
        objected(bench, objecting, "web"),
    ):
        yield bench.expects("LIF-07", done, refused())
    bench.advance("P9DT20H")
    within = entered(bench, "activate", timely, codes[timely.ins])
    yield bench.expects("LIF-08", within, accepted())
    bench.advance(_TO_THE_END)
    beyond = entered(bench, "activate", tardy, codes[tardy.ins])
    yield bench.expects("LIF-08", beyond, refused())
    yield bench.expects("LIF-07", beyond, refused())


@check(
    requirements=("LIF-07",),
    needs=(*_PEOPLE, "oppose", "activate", "regenerate_code", "close_space", "reopen_space"),
    wire=Wire.OWN,
)
def code_is_of_one_person_and_one_use(bench: Bench) -> Iterator[Assertion]:
    """A code is twelve letters or digits: none, another's or one that was used opens nothing."""
    person, other = (bench.person(State.NOTIFIED, age=age) for age in (47, 48))
    for one in (person, other):
        told = code_asked(bench, one)
        code_in(told)
        if told.exchange.value(_CODE):
            twelve = matches(_CODE, "[A-Za-z0-9]{12}")
            yield bench.expects("LIF-07", told, twelve)
            foreign = person.provisional_code or "-"
            yield bench.expects("LIF-07", told, excludes(_CODE, foreign))
    objecting, theirs = (bench.person(State.NOTIFIED, age=age) for age in (49, 50))
    for code in (theirs.provisional_code, "0" * 12, None):
        wrong = objected(bench, objecting, "web", instead={"code": code})
        yield bench.expects("LIF-07", wrong, refused())
    yield bench.expects("LIF-07", objected(bench, objecting, "web"), accepted())
    used = theirs.provisional_code
    yield bench.expects("LIF-07", entered(bench, "activate", theirs, used), accepted())
    closing = bench.operation("close_space", theirs.who, patient=theirs.ins, passwordReentered=True)
    bench.expects("LIF-07", closing, accepted(), control=True)
    again = entered(bench, "reopen_space", theirs, used)
    yield bench.expects("LIF-07", again, refused())
    back = new_code(bench, theirs)
    yield bench.expects("LIF-07", entered(bench, "reopen_space", theirs, back), accepted())


@check(
    requirements=("LIF-08", "LIF-09"),
    needs=(*_PEOPLE, "regenerate_code"),
    wire=Wire.OWN,
)
def new_code_goes_to_whom_the_insurer_knows(bench: Bench) -> Iterator[Assertion]:
    """A code is sent to whom is identified, by the contact that is known, in each state."""
    parent, stranger = bench.person(age=44), bench.person(age=45)
    for email, mobile in ((True, False), (False, True), (False, False)):
        person = bench.person(State.NOTIFIED, age=40, email=email, mobile=mobile)
        said = typed(person)
        ways = (("sms", mobile), ("email", email))
        for by, known in sorted(ways, key=lambda way: way[1]):
            done = bench.operation("regenerate_code", person.who, patient=person.ins, by=by, **said)
            yield bench.expects("LIF-08", done, accepted() if known else refused())
    hasty = bench.person(State.NOTIFIED, age=41)
    for by, expected in (("email", accepted()), ("sms", refused()), ("email", refused())):
        done = bench.operation(
            "regenerate_code", hasty.who, patient=hasty.ins, by=by, **typed(hasty)
        )
        yield bench.expects("LIF-08", done, expected)
    child = bench.person(State.NOTIFIED, age=8, guardian=parent)
    false = bench.acting(ActorKind.REPRESENTATIVE, stranger, child)
    for who, said in ((false, typed(child, parent)), (false, typed(child, stranger))):
        theirs = bench.operation("regenerate_code", who, patient=child.ins, by="sms", **said)
        yield bench.expects("LIF-08", theirs, refused())
    yield bench.expects("LIF-08", code_asked(bench, child, parent), accepted())
    for state in (State.OPPOSED, State.OPEN_INACTIVE, State.CLOSED_ARCHIVED, State.PURGED):
        one = bench.person(state, age=46)
        for name in ("nir", "birthDate", "vitaleSerial"):
            wrong = {**typed(one), name: typed(stranger)[name]}
            done = bench.operation("regenerate_code", one.who, patient=one.ins, by="sms", **wrong)
            for requirement in ("LIF-08", "LIF-09"):
                yield bench.expects(requirement, done, refused())
        right = code_asked(bench, one)
        for requirement in ("LIF-08", "LIF-09"):
            yield bench.expects(requirement, right, accepted())


@check(
    requirements=("LIF-25", "LIF-06"),
    needs=(*_PEOPLE, "hold_opening", "open_space", "activate", "advance_clock"),
    wire=Wire.OWN,
    alone=True,
)
def opening_is_held_by_who_got_the_notice(bench: Bench) -> Iterator[Assertion]:
    """Only who got a child's notice holds its opening, until a representative enters."""
    parent, stranger = bench.person(age=42), bench.person(age=43)
    held, free, wanted = (
        bench.person(State.NOTIFIED, age=age, guardian=parent) for age in (5, 8, 16)
    )
    adult = bench.person(State.NOTIFIED, age=31)
    others = (
        (free, bench.acting(ActorKind.REPRESENTATIVE, stranger, free)),
        (free, bench.professional().who),
        (free, stranger.who),
        (adult, adult.who),
    )
    for person, who in others:
        done = bench.operation("hold_opening", who, patient=person.ins)
        yield bench.expects("LIF-25", done, refused())
    for person in (held, wanted):
        said = bench.operation("hold_opening", decider(bench, person, parent), patient=person.ins)
        yield bench.expects("LIF-25", said, accepted())
        yield bench.expects("LIF-06", said, accepted())
    for period in (PAST_THE_WINDOW, "P1D", "P90D"):
        bench.advance(period)
        for person in (held, wanted):
            open_by_itself(bench, person)
            yield from is_fed(bench, "LIF-25", person, is_open=False)
    for person in (free, adult):
        open_by_itself(bench, person)
        yield from is_fed(bench, "LIF-25", person, is_open=True)
    code = new_code(bench, wanted, parent)
    yield bench.expects("LIF-25", entered(bench, "activate", wanted, code, parent), accepted())
    yield from is_fed(bench, "LIF-25", wanted, is_open=True)
    open_by_itself(bench, held)
    yield from is_fed(bench, "LIF-25", held, is_open=False)
