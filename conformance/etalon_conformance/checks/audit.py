"""The access log: who did what, when, to whose record, and who may read of it."""

from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    absent,
    accepted,
    at_least,
    at_most,
    count,
    equals,
    excludes,
    includes,
    present,
    sorted_down,
    status,
)
from etalon_conformance.record_scene import NEEDS, found, matricule
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import (
    BREAK_GLASS,
    EMERGENCY,
    REGULATION,
    REGULATOR,
    SAMU,
    breaking_glass,
    fed,
    in_role,
    opened_record,
    wished,
)
from etalon_conformance.seeing import (
    NOT_SHOWN,
    kept,
    labelled,
    lists_found,
    opened,
    searched_by_form,
    shown_too,
)
from etalon_conformance.specimens import MASKED
from etalon_model.actors import ActorKind
from etalon_target.actors import Who
from etalon_target.people import TestPerson, TestProfessional

EVENTS: Final = "entry[resource.resourceType=AuditEvent]"
"""Path to the entries of a page that are events."""
_AGENTS: Final = (
    "resource.agent.who.identifier.value",
    "resource.agent.altId",
    "resource.agent.who.reference",
    "resource.agent.name",
    "resource.agent.who.display",
    "resource.contained.identifier.value",
)
"""Where an event may say who took part."""
_REFUSALS: Final = (400, 401, 403, 404, 405, 409, 412, 422)
_SHOWN: Final = 8
"""Events of a page that are looked at one by one."""


def log_of(
    bench: Bench, who: Who, person: TestPerson, *more: tuple[str, str]
) -> tuple[Exchange, ...]:
    """Search the log of somebody between two bounds of date; return the pages."""
    bounds = [("date", "ge2000-01-01"), ("date", "le2200-01-01")]
    asked = urlencode([("patient.identifier", matricule(person)), *bounds, *more])
    return bench.pages(bench.call(who, "GET", f"AuditEvent?{asked}"), who)


def _known(one: TestProfessional | TestPerson) -> tuple[str, ...]:
    """Return the identifiers under which a log may name somebody: matricule, RPPS, national."""
    if isinstance(one, TestPerson):
        return (one.ins,)
    return tuple(filter(None, (one.idnps, one.rpps)))


def by(pages: Sequence[Exchange], one: TestProfessional | TestPerson) -> str:
    """Return the path to the events in which somebody took part, in the way of this log.

    An agent is named by an identifier, by a reference that holds it, or by a resource contained.
    """
    for place in _AGENTS:
        for value in (each for page in pages for each in page.value(f"{EVENTS}.{place}")):
            if any(known in value for known in _known(one)) and "]" not in value:
                return f"{EVENTS}[{place}={value}].resource.recorded"
    return f"{EVENTS}[{_AGENTS[0]}={_known(one)[0]}].resource.recorded"


def _written(at: datetime) -> str:
    """Return an instant as a search writes it."""
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


@check(requirements=("TRC-01", "TRC-02"), needs=NEEDS)
def every_reading_and_search_is_traced(bench: Bench) -> Iterator[Assertion]:
    """Each search, reading, opening and deposit leaves a trace that names who did it."""
    person = bench.person(age=53)
    author, reader = bench.treating(person), bench.treating(person)
    one = kept(bench, person, author)
    acts: tuple[tuple[TestProfessional, Callable[[], object]], ...] = (
        (reader, lambda: found(bench, reader.who, person)),
        (reader, lambda: searched_by_form(bench, reader.who, person)),
        (reader, lambda: bench.call(reader.who, "GET", one.place)),
        (reader, lambda: opened(bench, reader.who, one)),
        (reader, lambda: lists_found(bench, reader.who, person)),
        (author, lambda: fed(bench, person, author)),
        (author, lambda: labelled(bench, author.who, one, MASKED)),
        (author, lambda: opened(bench, author.who, one)),
    )
    now = bench.now()
    for professional, act in acts:
        before = log_of(bench, person.who, person)
        bench.expects("TRC-01", before, status(200), control=True)
        act()
        after = log_of(bench, person.who, person)
        theirs = by(after, professional)
        number = sum(len(page.value(theirs)) for page in before)
        more = at_least(theirs, number + 1)
        yield bench.expects("TRC-01", after, more, likely="trace_not_written")
        yield bench.expects("TRC-02", after, at_least(theirs, 1))
    span = timedelta(minutes=10)
    dated = (("date", f"ge{_written(now - span)}"), ("date", f"le{_written(now + span)}"))
    for professional in (author, reader):
        pages = log_of(bench, person.who, person, *dated)
        there = at_least(by(pages, professional), 1)
        yield bench.expects("TRC-01", pages, there, likely="trace_not_written")
    large = log_of(bench, person.who, person)
    whole = [one for page in large for one in page.value(f"{EVENTS}.resource.id")]
    small = log_of(bench, person.who, person, ("_count", "4"))
    yield bench.expects("TRC-02", small, includes(f"{EVENTS}.resource.id", *whole))


@check(requirements=("TRC-01",), needs=NEEDS)
def refused_accesses_are_traced(bench: Bench) -> Iterator[Assertion]:
    """Whoever was refused is in the log, once for each attempt at least."""
    person = bench.person(age=24)
    author = bench.treating(person)
    one = kept(bench, person, author)
    shown_too(bench, author.who, one)
    for code in ("10", "60"):
        stranger = bench.professional(code)
        attempts = (
            found(bench, stranger.who, person),
            (bench.call(stranger.who, "GET", one.place),),
            (opened(bench, stranger.who, one),),
        )
        refusals = sum(any(each.status in NOT_SHOWN for each in pages) for pages in attempts)
        after = log_of(bench, person.who, person)
        bench.expects("TRC-01", after, status(200), control=True)
        named = at_least(by(after, stranger), max(1, refusals))
        yield bench.expects("TRC-01", after, named, certain=False, likely="refusals_not_traced")


@check(requirements=("TRC-02", "W-COM-04"), needs=NEEDS)
def holder_reads_the_log_and_nobody_else(bench: Bench) -> Iterator[Assertion]:
    """The holder, or a minor's representative, reads the log; others see nothing of it."""
    parent, stranger = bench.person(age=36), bench.person(age=37)
    adult, child = bench.person(age=65), bench.person(age=8, guardian=parent)
    parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    for person, who in ((adult, adult.who), (child, parental)):
        author, reader = bench.treating(person), bench.treating(person)
        one = kept(bench, person, author)
        shown_too(bench, reader.who, one)
        pages = log_of(bench, who, person)
        offered = status(200, 400, 401, 403)
        bench.expects("TRC-02", pages, offered, control=True)
        yield bench.expects("TRC-02", pages, status(200), likely="log_kept_for_the_desk")
        for each in (author, reader):
            there = at_least(by(pages, each), 1)
            yield bench.expects("TRC-02", pages, there, likely="log_kept_for_the_desk")
        newest = log_of(bench, who, person, ("_sort", "-date"))
        if "_sort" in newest[0].first("link[relation=self].url"):
            down = sorted_down(f"{EVENTS}.resource.recorded")
            yield bench.expects("TRC-02", newest, down, certain=False)
        shown = by(pages, reader)
        for other in (stranger.who, author.who):
            yield bench.expects("W-COM-04", log_of(bench, other, person), absent(shown))
    before = log_of(bench, adult.who, adult, ("date", "le2000-01-02"))
    yield bench.expects("TRC-02", before, absent(f"{EVENTS}.resource.id"), certain=False)


@check(requirements=("TRC-04", "W-AUD-02"), needs=NEEDS)
def events_say_when_who_and_whose(bench: Bench) -> Iterator[Assertion]:
    """An event has a start and one or two agents, each identified, and names the patient."""
    person = bench.person(age=32)
    author, reader = bench.treating(person), bench.treating(person)
    one = kept(bench, person, author)
    shown_too(bench, reader.who, one)
    pages = log_of(bench, person.who, person)
    bench.expects("TRC-04", pages[0], present(f"{EVENTS}.resource.id"), control=True)
    number = len(pages[0].value(f"{EVENTS}.resource.id"))
    for rank in range(min(number, _SHOWN)):
        event = f"{EVENTS}[{rank}].resource"
        start = present(f"{event}.period.start")
        yield bench.expects("TRC-04", pages[0], start)
        agents = len(pages[0].value(f"{event}.agent"))
        yield bench.expects("TRC-04", pages[0], at_least(f"{event}.agent", 1))
        yield bench.expects("TRC-04", pages[0], at_most(f"{event}.agent", 2))
        named = (f"{event}.agent.{name}" for name in ("who", "altId", "name"))
        ways = [one for one in named if len(pages[0].value(one)) == agents]
        whom = count(ways[0] if ways else f"{event}.agent.who", agents)
        yield bench.expects("TRC-04", pages[0], whom, likely="role_for_a_name")
        whose = present(f"{event}.entity.what")
        yield bench.expects("W-AUD-02", pages[0], whose, likely="patient_left_out")
        matricules = f"{event}.entity.what.identifier.value"
        if pages[0].value(matricules):
            yield bench.expects("W-AUD-02", pages[0], includes(matricules, person.ins))
    others = bench.person(age=33)
    theirs = kept(bench, others, bench.treating(others))
    shown_too(bench, reader.who, one)
    shown_too(bench, theirs.author, theirs)
    pages = log_of(bench, person.who, person)
    patients = f"{EVENTS}.resource.entity.what.identifier.value"
    yield bench.expects("W-AUD-02", pages, excludes(patients, others.ins))
    yield bench.expects("TRC-04", pages, at_least(by(pages, reader), 1))


@check(requirements=("W-AUD-02",), needs=NEEDS)
def transactions_leave_their_own_events(bench: Bench) -> Iterator[Assertion]:
    """Deposits, searches and readings leave the events that IHE has for them."""
    person = bench.person(age=21)
    author, reader = bench.treating(person), bench.treating(person)
    one = kept(bench, person, author)
    shown_too(bench, reader.who, one)
    pages = log_of(bench, person.who, person)
    bench.expects("W-AUD-02", pages[0], present(f"{EVENTS}.resource.id"), control=True)
    acts = ((author, "ITI-65"), (author, "ITI-67"), (reader, "ITI-67"), (reader, "ITI-68"))
    for professional, transaction in acts:
        subtypes = by(pages, professional).replace(".recorded", ".subtype.code")
        yield bench.expects("W-AUD-02", pages, includes(subtypes, transaction))


@check(requirements=("W-AUD-01",), needs=NEEDS)
def log_is_searched_between_bounds(bench: Bench) -> Iterator[Assertion]:
    """A search of the log has bounds of date; with them it answers a searchset."""
    person = bench.person(age=68)
    author = bench.treating(person)
    one = kept(bench, person, author)
    shown_too(bench, author.who, one)
    pages = log_of(bench, person.who, person)
    bench.expects("W-AUD-01", pages[0], status(200, 400, 401, 403), control=True)
    yield bench.expects("W-AUD-01", pages[0], status(200))
    yield bench.expects("W-AUD-01", pages[0], equals(".type", "searchset"))
    for period in (("ge1990-01-01", "le2000-01-01"), ("ge2190-01-01", "le2200-01-01")):
        dates = [("patient.identifier", matricule(person)), *(("date", each) for each in period)]
        elsewhere = bench.call(person.who, "GET", f"AuditEvent?{urlencode(dates)}")
        nothing = absent(f"{EVENTS}.resource.id")
        yield bench.expects("W-AUD-01", elsewhere, nothing, certain=False)
    for asked in (f"patient.identifier={matricule(person)}", f"patient={person.patient_id}", ""):
        if asked == "patient=":
            continue
        answer = bench.call(person.who, "GET", f"AuditEvent?{asked}")
        unbound = status(*_REFUSALS)
        yield bench.expects("W-AUD-01", answer, unbound, certain=False, likely="bounds_assumed")
    form = [("patient.identifier", matricule(person))]
    answer = bench.call(person.who, "POST", "AuditEvent/_search", form=form)
    yield bench.expects("W-AUD-01", answer, status(*_REFUSALS), certain=False)


@check(requirements=("TRC-05", "TRC-01"), needs=(*NEEDS, "caregiver"))
def carers_are_traced_under_their_own_name(bench: Bench) -> Iterator[Assertion]:
    """What a caregiver, a representative or the holder does stands under their own identity."""
    person, helper = bench.person(age=79), bench.person(age=48)
    bench.relate("caregiver", person, helper)
    child = bench.person(age=8, guardian=helper)
    cases = (
        ("TRC-05", person, bench.acting(ActorKind.CAREGIVER, helper, person), helper),
        ("TRC-05", child, bench.acting(ActorKind.REPRESENTATIVE, helper, child), helper),
        ("TRC-01", person, person.who, person),
    )
    for named, subject, who, one in cases:
        document = kept(bench, subject, bench.treating(subject))
        shown_too(bench, who, document)
        reading = who if who.kind is ActorKind.REPRESENTATIVE else subject.who
        pages = log_of(bench, reading, subject)
        bench.expects(named, pages, status(200), control=True)
        yield bench.expects(named, pages, at_least(by(pages, one), 1))


@check(
    requirements=("TRC-01",),
    needs=(*NEEDS, "open_record", "give_consent"),
    wire=Wire.VENDOR_MAPPED,
)
def emergency_accesses_are_traced(bench: Bench) -> Iterator[Assertion]:
    """Breaking the glass, and reading as a regulator, leave their traces."""
    person = bench.person(age=74)
    author = bench.treating(person)
    one = kept(bench, person, author)
    wished(bench, person.who, person, EMERGENCY, "permit")
    wished(bench, person.who, person, REGULATION, "permit")
    rescuer, doctor = bench.professional(), bench.professional()
    told = opened_record(bench, breaking_glass(rescuer), person, BREAK_GLASS, incapable=True)
    bench.expects("TRC-01", told, accepted(), control=True)
    regulating = in_role(doctor, REGULATOR, SAMU)
    bench.expects("TRC-01", opened(bench, regulating, one), status(200), control=True)
    pages = log_of(bench, person.who, person)
    bench.expects("TRC-01", pages, status(200), control=True)
    for each in (rescuer, doctor):
        theirs = at_least(by(pages, each), 1)
        yield bench.expects("TRC-01", pages, theirs, likely="trace_not_written")
