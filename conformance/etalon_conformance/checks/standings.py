"""Rights by standing: one rule for every actor, kind of holder, state and way in that it names."""

from collections.abc import Iterator, Sequence
from http import HTTPStatus
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import accepted, equals, includes, refused, status
from etalon_conformance.life_scene import INSURER, PAST_THE_WINDOW, SYSTEM, decider, is_fed
from etalon_conformance.record_scene import NEEDS, NOT_OFFERED, UNIQUE_IDS, found, publish
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import (
    BLOCK,
    BREAK_GLASS,
    EMERGENCY,
    READING,
    REGULATION,
    SAMU,
    breaking_glass,
    fed,
    in_role,
    never_kept,
    not_fed,
    opened_record,
    wish,
    wished,
)
from etalon_conformance.seeing import SEEN_BY_ALL, Kept, hidden_too, kept, misses, sees, shown_too
from etalon_conformance.specimens import specimen
from etalon_model.actors import ActorKind
from etalon_model.states import State
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.people import TestPerson, TestProfessional

_CARERS: Final = ("10", "60", "21", "40", "50", "70")
"""Doctor, nurse, pharmacist, dentist, midwife, physiotherapist."""
_STATUS: Final = "parameter[name=status].valueCode"
_MOST_CAREGIVERS: Final = 3
_NOT_OPEN: Final = (
    State.NOT_NOTIFIED,
    State.NOTIFIED,
    State.OPPOSED,
    State.SUSPENDED,
    State.CLOSED_ARCHIVED,
    State.DELETION_REQUESTED,
    State.PURGED,
)
_BESIDE_CARE: Final = ("occupational", "insurance", "bank", "employer")


def _child_and_adult(bench: Bench) -> tuple[tuple[TestPerson, TestPerson | None], ...]:
    parent = bench.person(age=43)
    return (bench.person(age=48), None), (bench.person(age=10, guardian=parent), parent)


@check(
    requirements=("ACC-03",),
    needs=(*NEEDS, "give_consent", "leave_care_team"),
    wire=Wire.OWN,
)
def consent_gathered_by_another_opens_to_whoever_lacks_it(bench: Bench) -> Iterator[Assertion]:
    """Stranger, objected to, gone from the team or unblocked: who is named reads again."""
    for person, guardian in _child_and_adult(bench):
        who = decider(bench, person, guardian)
        author = bench.treating(person)
        one = kept(bench, person, author)
        for collector in (author, bench.treating(person, "60"), bench.professional()):
            for colleague in _without_consent(bench, who, person):
                hidden_too(bench, colleague.who, one)
                yield from _opens(bench, collector, colleague, one)
                wished(bench, who, person, READING, "deny", about=colleague)
                hidden_too(bench, colleague.who, one)
                yield from _opens(bench, collector, colleague, one)


def _without_consent(bench: Bench, who: Who, person: TestPerson) -> tuple[TestProfessional, ...]:
    """Return professionals who do not read, each for another reason."""
    objected, gone, freed = (bench.treating(person) for _ in range(3))
    strange, nurse, pharmacist = (bench.professional(code) for code in ("10", "60", "21"))
    for each in (objected, strange):
        wished(bench, who, person, READING, "deny", about=each)
    left = bench.operation("leave_care_team", gone.who, patient=person.ins)
    if not left.accepted:
        raise CannotTest(key="cause.refused", operation="leave_care_team")
    for stance in ("deny", "permit"):
        wished(bench, who, person, BLOCK, stance, about=freed)
    return objected, strange, gone, freed, nurse, pharmacist


def _opens(
    bench: Bench, collector: TestProfessional, colleague: TestProfessional, one: Kept
) -> Iterator[Assertion]:
    """A consent that somebody gathers for a colleague is taken, told, and read by."""
    done = wish(bench, collector.who, one.person, READING, "permit", about=colleague)
    yield bench.expects("ACC-03", done, accepted())
    yield from sees(bench, "ACC-03", colleague.who, one)
    if bench.target.operations.can("ask_authorisation"):
        asked = bench.operation("ask_authorisation", colleague.who, patient=one.person.ins)
        if asked.exchange.value(_STATUS):
            yield bench.expects("ACC-03", asked, equals(_STATUS, "valid"))


@check(
    requirements=("ACC-08",),
    needs=(*NEEDS, "consent", "give_consent", "open_record"),
    wire=Wire.OWN,
)
def no_emergency_replaces_express_consent(bench: Bench) -> Iterator[Assertion]:
    """By broken glass or as who regulates, in the team or not: nothing without a consent."""
    for person, guardian in _child_and_adult(bench):
        who = decider(bench, person, guardian)
        one = kept(bench, person, bench.treating(person))
        for kind in (EMERGENCY, REGULATION):
            wished(bench, who, person, kind, "permit")
        rescuer = breaking_glass(bench.professional())
        told = opened_record(bench, rescuer, person, BREAK_GLASS, incapable=True)
        bench.expects("ACC-08", told, accepted(), control=True)
        shown_too(bench, rescuer, one)
        for role in _BESIDE_CARE:
            for doctor in (bench.professional(), bench.treating(person)):
                yield from _shut_in_emergency(bench, doctor, role, one)
        doctor = bench.professional()
        bench.relate("consent", person, doctor)
        yield from sees(bench, "ACC-08", in_role(doctor, "occupational"), one)


def _shut_in_emergency(
    bench: Bench, doctor: TestProfessional, role: str, one: Kept
) -> Iterator[Assertion]:
    """Who bears a role opens a record in no mode, and reads nothing by any."""
    certain = role == "occupational"
    for mode in ("", BREAK_GLASS, SAMU):
        acting = in_role(doctor, role, mode)
        for incapable in (True, None):
            asked = opened_record(bench, acting, one.person, mode or "normal", incapable=incapable)
            yield bench.expects("ACC-08", asked, refused(), certain=certain)
        yield from misses(bench, "ACC-08", acting, one, certain=certain)


@check(
    requirements=("REP-05",),
    needs=(*NEEDS, "caregiver", "representative"),
    wire=Wire.OWN,
)
def caregivers_are_counted_for_every_holder(bench: Bench) -> Iterator[Assertion]:
    """Children of one parent or of two, and adults of any kind: three help each, no fourth."""
    for holder in _holders(bench):
        one = kept(bench, holder, bench.treating(holder))
        for number in range(_MOST_CAREGIVERS + 2):
            helper = bench.person(age=50)
            done = bench.operation("caregiver", None, holder=holder.ins, who=helper.ins)
            fits = number < _MOST_CAREGIVERS
            yield bench.expects("REP-05", done, accepted() if fits else refused())
            look = sees if fits else misses
            acting = bench.acting(ActorKind.CAREGIVER, helper, holder)
            yield from look(bench, "REP-05", acting, one)


def _holders(bench: Bench) -> Iterator[TestPerson]:
    """Yield people of whom each differs by one trait: age, sex, parents, whom they help."""
    parent, second = bench.person(age=41), bench.person(age=42)
    for age in (3, 12, 17):
        yield bench.person(age=age, guardian=parent)
    of_two = bench.person(age=9, guardian=parent)
    bench.relate("representative", of_two, second)
    yield of_two
    yield parent
    for sex, age in (("F", 19), ("M", 45), ("M", 84)):
        yield bench.person(sex=sex, age=age)
    yield bench.person(age=63, email=False)
    helping = bench.person(age=56)
    bench.relate("caregiver", bench.person(age=82), helping)
    yield helping


@check(requirements=("LIF-19",), needs=NEEDS)
def space_opened_by_silence_is_fed_by_all_who_feed(bench: Bench) -> Iterator[Assertion]:
    """Every profession, by either way to deposit, and structures feed it; carers read it all."""
    parent = bench.person(age=44)
    people = (
        bench.person(State.OPEN_INACTIVE, age=59),
        bench.person(State.OPEN_INACTIVE, age=70, email=False),
        bench.person(State.OPEN_INACTIVE, age=6, guardian=parent),
        bench.person(State.OPEN_INACTIVE, age=16, guardian=parent),
    )
    opened = bench.person()
    _is_fed_while_open(bench, opened, "LIF-19")
    carers = [bench.professional(code) for code in _CARERS]
    feeding = [one for one in carers if _feeds(bench, opened, one, one.who)]
    structure = _feeding_structure(bench, opened)
    for person in people:
        names: list[str] = []
        for author in feeding:
            one, answer = fed(bench, person, author)
            yield bench.expects("LIF-19", answer, status(200))
            names.append(one.unique_id)
            simple = specimen(bench, person, author, kind=SEEN_BY_ALL)
            published = publish(bench, simple)
            if published.status not in NOT_OFFERED:
                yield bench.expects("LIF-19", published, status(201))
                names.append(simple.unique_id)
        yield from _read(bench, person, names)
        if structure is not None:
            one, answer = fed(bench, person, *structure)
            yield bench.expects("LIF-19", answer, status(200), certain=False)
            yield from _read(bench, person, [one.unique_id], certain=False)


def _is_fed_while_open(bench: Bench, opened: TestPerson, *requirements: str) -> None:
    """Take for a control that a doctor feeds an open space."""
    _, answer = fed(bench, opened, bench.professional())
    for requirement in requirements:
        bench.expects(requirement, answer, status(200), control=True)


def _read(
    bench: Bench, person: TestPerson, names: Sequence[str], *, certain: bool = True
) -> Iterator[Assertion]:
    for code in ("10", "60", "21"):
        pages = found(bench, bench.treating(person, code).who, person)
        yield bench.expects("LIF-19", pages, includes(UNIQUE_IDS, *names), certain=certain)


def _feeds(bench: Bench, person: TestPerson, author: TestProfessional, who: Who) -> bool:
    """Whether somebody feeds a space that its holder entered."""
    _, answer = fed(bench, person, author, who)
    return answer.status == HTTPStatus.OK


def _feeding_structure(bench: Bench, opened: TestPerson) -> tuple[TestProfessional, Who] | None:
    """Return a structure that feeds a space its holder entered; None where there is none."""
    author = bench.professional()
    who = Who(ActorKind.STRUCTURE, author.structure)
    try:
        feeds = _feeds(bench, opened, author, who)
    except CannotTest:
        return None
    return (author, who) if feeds else None


@check(requirements=("REC-07", "W-CON-03"), needs=NEEDS)
def space_that_is_not_open_has_no_door_to_feed_it(bench: Bench) -> Iterator[Assertion]:
    """In no state but the open ones, by neither way, do carers or structures feed a space."""
    parent, opened = bench.person(age=46), bench.person()
    _is_fed_while_open(bench, opened, "REC-07", "W-CON-03")
    carers = [bench.professional(code) for code in ("10", "60", "21")]
    feeding = [(one, one.who) for one in carers if _feeds(bench, opened, one, one.who)]
    structure = _feeding_structure(bench, opened)
    feeding += [] if structure is None else [structure]
    for state in _NOT_OPEN:
        for person in (bench.person(state, age=52), bench.person(state, age=8, guardian=parent)):
            for author, who in feeding:
                one, answer = fed(bench, person, author, who)
                for named in ("REC-07", "W-CON-03"):
                    yield from not_fed(
                        bench, named, answer, certain=who.kind is ActorKind.PROFESSIONAL
                    )
                yield from never_kept(bench, "W-CON-03", author.who, one)
            for author in carers:
                simple = publish(bench, specimen(bench, person, author, kind=SEEN_BY_ALL))
                if simple.status not in NOT_OFFERED:
                    for named in ("REC-07", "W-CON-03"):
                        yield from not_fed(bench, named, simple)


@check(
    requirements=("LIF-25",),
    needs=("create_person", "create_professional", "hold_opening", "open_space", "advance_clock"),
    wire=Wire.OWN,
    alone=True,
)
def held_opening_is_nobodys_to_make(bench: Bench) -> Iterator[Assertion]:
    """Said early or late in the window, for any child: neither service nor insurer opens."""
    parent = bench.person(age=42)
    early, late = (_told(bench, parent) for _ in range(2))
    free = {opener: bench.person(State.NOTIFIED, age=8, guardian=parent) for opener in _OPENERS}
    yield from _held(bench, parent, early)
    bench.advance("P41D")
    yield from _held(bench, parent, late)
    bench.advance(PAST_THE_WINDOW)
    openers = [opener for opener, child in free.items() if _opens_a_space(bench, opener, child)]
    for _ in range(2):
        for child in (*early, *late):
            for opener in openers:
                done = bench.operation("open_space", opener, patient=child.ins)
                yield bench.expects("LIF-25", done, refused())
            yield from is_fed(bench, "LIF-25", child, is_open=False)
        bench.advance("P400D")


_OPENERS: Final = (SYSTEM, INSURER)


def _told(bench: Bench, parent: TestPerson) -> tuple[TestPerson, ...]:
    """Return children whose parent was just given notice, by e-mail or by letter."""
    young = tuple(bench.person(State.NOTIFIED, age=age, guardian=parent) for age in (1, 9, 15))
    return (*young, bench.person(State.NOTIFIED, age=6, guardian=parent, email=False))


def _held(bench: Bench, parent: TestPerson, children: Sequence[TestPerson]) -> Iterator[Assertion]:
    for child in children:
        said = bench.operation("hold_opening", decider(bench, child, parent), patient=child.ins)
        yield bench.expects("LIF-25", said, accepted())


def _opens_a_space(bench: Bench, opener: Who, child: TestPerson) -> bool:
    """Whether somebody opens the space of a child for whom nothing was said."""
    try:
        return bench.operation("open_space", opener, patient=child.ins).accepted
    except CannotTest:
        return False
