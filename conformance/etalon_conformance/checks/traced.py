"""What the log holds in full: every act, of everybody, at its time, for who may read it."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.checks.audit import EVENTS, events_by, log_of
from etalon_conformance.deposits import bundle
from etalon_conformance.expectations import (
    absent,
    accepted,
    at_least,
    at_most,
    count,
    equals,
    excludes,
    present,
    status,
)
from etalon_conformance.life_scene import closed, decider, reopened
from etalon_conformance.record_scene import NEEDS, found, publish, sent
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import (
    BLOCK,
    BREAK_GLASS,
    EMERGENCY,
    READING,
    breaking_glass,
    fed,
    opened_record,
    wish,
    wished,
)
from etalon_conformance.seeing import (
    NOT_SHOWN,
    Kept,
    kept,
    labelled,
    lists_found,
    opened,
    searched_by_form,
    shown_too,
    unlabelled,
)
from etalon_conformance.specimens import MASKED, specimen
from etalon_model.actors import ActorKind
from etalon_target.actors import Who
from etalon_target.people import TestPerson, TestProfessional

_IDS: Final = f"{EVENTS}.resource.id"
_MOST: Final = 100
"""Rows of a page of the log."""
_Act = Callable[[], object]


def _readings(bench: Bench, who: Who, one: Kept) -> "tuple[_Act, ...]":
    """The ways to a document that leave a trace of whoever takes them."""
    return (
        lambda: found(bench, who, one.person),
        lambda: searched_by_form(bench, who, one.person),
        lambda: lists_found(bench, who, one.person),
        lambda: bench.call(who, "GET", one.place),
        lambda: opened(bench, who, one),
    )


def _more(  # noqa: PLR0913, PLR0917 (what grew, for whom, and by what)
    bench: Bench,
    requirement: str,
    holder: Who,
    subject: TestPerson,
    one: TestPerson | TestProfessional,
    act: _Act,
) -> Iterator[Assertion]:
    """An act leaves an event more, under the name of whoever did it."""
    before = log_of(bench, holder, subject)
    bench.expects(bench.check.requirements[0], before, status(200), control=True)
    act()
    after = log_of(bench, holder, subject)
    theirs = events_by(after, one)
    number = sum(len(page.value(theirs)) for page in before)
    more = at_least(theirs, number + 1)
    yield bench.expects(requirement, after, more, likely="trace_not_written")


@check(requirements=("TRC-01", "TRC-05"), needs=(*NEEDS, "caregiver", "representative"))
def every_reading_of_everybody_is_traced(bench: Bench) -> Iterator[Assertion]:
    """By each way in, holders, parents, caregivers and professions leave a trace of their own."""
    person, helper = bench.person(age=80), bench.person(age=49)
    parent, second = bench.person(age=40), bench.person(age=41)
    child = bench.person(age=16, guardian=parent)
    bench.relate("caregiver", person, helper)
    bench.relate("representative", child, second)
    subjects = {one.ins: kept(bench, one, bench.treating(one)) for one in (person, child)}
    parental = {
        each.ins: bench.acting(ActorKind.REPRESENTATIVE, each, child) for each in (parent, second)
    }
    # To read the log leaves a trace too: whoever acts is never the one who reads it here.
    cases: list[tuple[str, TestPerson, Who, TestPerson | TestProfessional]] = [
        ("TRC-01", child, child.who, child),
        ("TRC-05", person, bench.acting(ActorKind.CAREGIVER, helper, person), helper),
        *(("TRC-05", child, parental[each.ins], each) for each in (parent, second)),
    ]
    for code in ("10", "60", "21"):
        reader = bench.treating(person, code)
        cases.append(("TRC-01", person, reader.who, reader))
    for named, subject, who, one in cases:
        other = second if one is parent else parent
        holder = person.who if subject is person else parental[other.ins]
        for act in _readings(bench, who, subjects[subject.ins]):
            yield from _more(bench, named, holder, subject, one, act)


@check(
    requirements=("TRC-01",),
    needs=(
        *NEEDS,
        "give_consent",
        "open_record",
        "join_care_team",
        "leave_care_team",
        "representative",
    ),
    wire=Wire.VENDOR_MAPPED,
)
def every_change_is_traced(bench: Bench) -> Iterator[Assertion]:
    """Deposits, masks, wishes, teams and openings of a record each leave their trace."""
    parent, second = bench.person(age=44), bench.person(age=45)
    person = bench.person(age=8, guardian=parent)
    bench.relate("representative", person, second)
    reading, acting = (
        bench.acting(ActorKind.REPRESENTATIVE, each, person) for each in (parent, second)
    )
    author, other = bench.treating(person), bench.professional()
    one = kept(bench, person, author)
    wished(bench, reading, person, EMERGENCY, "permit")
    team = {"patient": person.ins}
    simple = specimen(bench, person, author)
    ident = one.place.rpartition("/")[2]
    newer = specimen(bench, person, author, kind=one.one.kind.code, replaces=ident)
    acts: tuple[tuple[TestPerson | TestProfessional, _Act], ...] = (
        (author, lambda: fed(bench, person, author)),
        (author, lambda: publish(bench, simple)),
        (author, lambda: labelled(bench, author.who, one, MASKED)),
        (author, lambda: unlabelled(bench, author.who, one, MASKED)),
        (author, lambda: sent(bench, author.who, bundle(bench, [newer]))),
        (author, lambda: wish(bench, author.who, person, READING, "permit", about=other)),
        (author, lambda: opened_record(bench, author.who, person, "normal")),
        (author, lambda: bench.operation("leave_care_team", author.who, **team)),
        (author, lambda: bench.operation("join_care_team", author.who, informed=True, **team)),
        (second, lambda: wish(bench, acting, person, EMERGENCY, "deny")),
        (second, lambda: wish(bench, acting, person, EMERGENCY, "permit")),
        (second, lambda: wish(bench, acting, person, BLOCK, "deny", about=other)),
        (second, lambda: wish(bench, acting, person, BLOCK, "permit", about=other)),
        (second, lambda: labelled(bench, acting, one, MASKED)),
        (
            other,
            lambda: opened_record(
                bench, breaking_glass(other), person, BREAK_GLASS, incapable=True
            ),
        ),
    )
    for each, act in acts:
        yield from _more(bench, "TRC-01", reading, person, each, act)


@check(requirements=("TRC-01",), needs=(*NEEDS, "give_consent", "block", "caregiver"))
def every_refusal_of_everybody_is_traced(bench: Bench) -> Iterator[Assertion]:
    """Strangers, who was blocked or objected to, and people of other records leave a trace too."""
    person, other = bench.person(age=59), bench.person(age=60)
    author, blocked, objected = (bench.treating(person) for _ in range(3))
    one = kept(bench, person, author)
    bench.relate("block", person, blocked)
    wished(bench, person.who, person, READING, "deny", about=objected)
    for each in (bench.professional(), bench.professional("21"), blocked, objected):
        for act in _readings(bench, each.who, one)[3:]:
            for assertion in _more(bench, "TRC-01", person.who, person, each, act):
                yield bench.expects(
                    "TRC-01",
                    assertion.exchanges,
                    assertion.expectation,
                    certain=False,
                    likely="refusals_not_traced",
                )
        _, answer = fed(bench, person, each)
        bench.expects("TRC-01", answer, status(200), control=True)
    read = bench.call(other.who, "GET", one.place)
    yield bench.expects("TRC-01", read, status(*NOT_SHOWN))


@check(
    requirements=("TRC-01", "TRC-02"),
    needs=(*NEEDS, "close_space", "regenerate_code", "reopen_space", "advance_clock"),
    wire=Wire.VENDOR_MAPPED,
    alone=True,
)
def log_says_when_and_outlasts_a_closing(bench: Bench) -> Iterator[Assertion]:
    """Events bear the instant of the act; months and a closing later they are still read."""
    person = bench.person(age=57)
    author = bench.treating(person)
    one = kept(bench, person, author)
    readers = list[TestProfessional]()
    for _ in range(3):
        reader, now = bench.treating(person), bench.now()
        shown_too(bench, reader.who, one)
        bounds = [
            ("date", f"ge{(now - timedelta(minutes=10)).isoformat(timespec='seconds')}"),
            ("date", f"le{(now + timedelta(minutes=10)).isoformat(timespec='seconds')}"),
        ]
        pages = log_of(bench, person.who, person, *bounds)
        yield bench.expects("TRC-01", pages, at_least(events_by(pages, reader), 1))
        for each in readers:
            yield bench.expects("TRC-01", pages, absent(events_by(pages, each)))
        readers.append(reader)
        bench.advance("P40D")
    bench.expects("TRC-01", closed(bench, person), accepted(), control=True)
    reopened(bench, person)
    pages = log_of(bench, person.who, person)
    for reader in readers:
        for requirement in ("TRC-01", "TRC-02"):
            yield bench.expects(requirement, pages, at_least(events_by(pages, reader), 3))


def _form(person: TestPerson) -> list[tuple[str, str]]:
    """Return the criteria that ask for all of a person's log."""
    return [
        ("patient.identifier", f"{person.system}|{person.ins}"),
        ("date", "ge2000-01-01"),
        ("date", "le2200-01-01"),
    ]


@check(requirements=("TRC-02", "REP-09"), needs=(*NEEDS, "caregiver", "representative"))
def log_is_read_by_who_decides(bench: Bench) -> Iterator[Assertion]:
    """Holders and both parents read the log; nobody else does, by form or address either."""
    person, helper, stranger = bench.person(age=63), bench.person(age=46), bench.person(age=47)
    parent, second = bench.person(age=42), bench.person(age=43)
    child = bench.person(age=9, guardian=parent)
    bench.relate("caregiver", person, helper)
    bench.relate("representative", child, second)
    cases = (
        (person, (person.who,), (bench.acting(ActorKind.CAREGIVER, helper, person),)),
        (
            child,
            tuple(bench.acting(ActorKind.REPRESENTATIVE, each, child) for each in (parent, second)),
            (bench.acting(ActorKind.REPRESENTATIVE, stranger, child),),
        ),
    )
    for subject, readers, others in cases:
        author = bench.treating(subject)
        one = kept(bench, subject, author)
        shown_too(bench, author.who, one)
        form = _form(subject)
        address = ""
        for who in readers:
            pages = log_of(bench, who, subject)
            yield bench.expects("TRC-02", pages, at_least(events_by(pages, author), 2))
            ident = pages[0].first(_IDS)
            address = f"AuditEvent/{ident}"
            read = bench.call(who, "GET", address)
            if read.status not in {405, 501}:
                yield bench.expects("TRC-02", read, equals("id", ident), certain=False)
            asked = bench.call(who, "POST", "AuditEvent/_search", form=form)
            if asked.status not in {404, 405, 501}:
                yield bench.expects("TRC-02", asked, present(_IDS), certain=False)
        for who in (*others, stranger.who, author.who, bench.professional().who):
            named = "REP-09" if who.kind is ActorKind.CAREGIVER else "TRC-02"
            for answer in (
                *log_of(bench, who, subject),
                bench.call(who, "POST", "AuditEvent/_search", form=form),
            ):
                yield bench.expects(named, answer, absent(_IDS))
            by_address = bench.call(who, "GET", address)
            yield bench.expects(named, by_address, status(*NOT_SHOWN, 405, 501))


@check(requirements=("TRC-02",), needs=NEEDS)
def log_is_read_by_pages_of_a_hundred(bench: Bench) -> Iterator[Assertion]:
    """A page of the log has a hundred rows at most, and the pages together have them all."""
    person = bench.person(age=54)
    author = bench.treating(person)
    one = kept(bench, person, author)
    for _ in range(_MOST + 5):
        bench.call(author.who, "GET", one.place)
    pages = log_of(bench, person.who, person)
    for page in pages:
        yield bench.expects("TRC-02", page, at_most(_IDS, _MOST), certain=False)
    yield bench.expects("TRC-02", pages, at_least(events_by(pages, author), _MOST + 5))


@check(requirements=("TRC-04",), needs=(*NEEDS, "give_consent", "open_record", "caregiver"))
def every_event_has_a_start_and_agents(bench: Bench) -> Iterator[Assertion]:
    """Every event, of a consent for a colleague or a refusal too, has a start and agents."""
    person, helper = bench.person(age=77), bench.person(age=51)
    author, colleague, rescuer = (
        bench.treating(person),
        bench.professional(),
        bench.professional(),
    )
    bench.relate("caregiver", person, helper)
    one = kept(bench, person, author)
    wished(bench, person.who, person, EMERGENCY, "permit")
    wished(bench, author.who, person, READING, "permit", about=colleague)
    opened_record(bench, breaking_glass(rescuer), person, BREAK_GLASS, incapable=True)
    bench.call(bench.professional().who, "GET", one.place)
    opened(bench, bench.acting(ActorKind.CAREGIVER, helper, person), one)
    opened(bench, person.who, one)
    pages = log_of(bench, person.who, person)
    for each in (author, rescuer, helper, person):
        yield bench.expects("TRC-04", pages, at_least(events_by(pages, each), 1))
    for page in pages:
        for rank in range(len(page.value(_IDS))):
            event = f"{EVENTS}[{rank}].resource"
            yield bench.expects("TRC-04", page, present(f"{event}.period.start"))
            agents = len(page.value(f"{event}.agent"))
            yield bench.expects("TRC-04", page, at_least(f"{event}.agent", 1))
            yield bench.expects("TRC-04", page, at_most(f"{event}.agent", 2))
            named = (f"{event}.agent.{name}" for name in ("who", "altId", "name"))
            ways = [way for way in named if len(page.value(way)) == agents]
            whom = count(ways[0] if ways else f"{event}.agent.who", agents)
            yield bench.expects("TRC-04", page, whom, likely="role_for_a_name")


@check(
    requirements=("TRC-05", "TRC-01"),
    needs=(
        *NEEDS,
        "caregiver",
        "give_consent",
        "representative",
        "close_space",
        "regenerate_code",
        "reopen_space",
    ),
    wire=Wire.OWN,
)
def who_acts_for_another_signs_as_themselves(bench: Bench) -> Iterator[Assertion]:
    """What a parent or a caregiver does is put down to them, not to the one it is about."""
    parent, helper = bench.person(age=43), bench.person(age=44)
    child, person = bench.person(age=9, guardian=parent), bench.person(age=81)
    second = bench.person(age=45)
    bench.relate("representative", child, second)
    reads = bench.acting(ActorKind.REPRESENTATIVE, second, child)
    bench.relate("caregiver", person, helper)
    parental = decider(bench, child, parent)
    caring = bench.acting(ActorKind.CAREGIVER, helper, person)
    one = kept(bench, child, bench.treating(child))
    other = kept(bench, person, bench.treating(person))
    cases: tuple[tuple[TestPerson, Who, TestPerson, _Act], ...] = (
        (child, reads, parent, lambda: wish(bench, parental, child, EMERGENCY, "deny")),
        (child, reads, parent, lambda: labelled(bench, parental, one, MASKED)),
        (person, person.who, helper, lambda: opened(bench, caring, other)),
        (person, person.who, helper, lambda: wish(bench, caring, person, EMERGENCY, "deny")),
    )
    for subject, reading, actor, act in cases:
        before = log_of(bench, reading, subject)
        act()
        after = log_of(bench, reading, subject)
        theirs = events_by(after, actor)
        number = sum(len(page.value(theirs)) for page in before)
        yield bench.expects("TRC-05", after, at_least(theirs, number + 1))
        named = f"{EVENTS}[resource.agent.who.identifier.value={subject.ins}].resource.id"
        known = {one for page in before for one in page.value(_IDS)}
        new = {one for page in after for one in page.value(named)} - known
        if subject is child:
            yield bench.expects("TRC-05", after, excludes(_IDS, *new))
    before = log_of(bench, reads, child)
    bench.expects("TRC-05", closed(bench, child, parent), accepted(), control=True)
    reopened(bench, child, parent)
    after = log_of(bench, reads, child)
    theirs = events_by(after, parent)
    number = sum(len(page.value(theirs)) for page in before)
    # The closing, the code that is asked for, and the entry.
    for requirement in ("TRC-01", "TRC-05"):
        yield bench.expects(requirement, after, at_least(theirs, number + 3), certain=False)
