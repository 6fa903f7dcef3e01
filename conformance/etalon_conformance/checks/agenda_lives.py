"""What becomes of schedules and appointments: versions, conditions, hours and lengths."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from etalon_conformance.agenda_scene import (
    CREATED,
    MATCHES,
    NEEDS,
    QUARTER,
    SERVICE,
    SYSTEM,
    WITH_PEOPLE,
    appointment,
    identifier_of,
    made_of,
    of_person,
    place_of,
    schedule,
    tomorrow,
    written,
)
from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    absent,
    count,
    equals,
    excludes,
    includes,
    one_of,
    present,
    status,
)
from etalon_conformance.record_scene import NOT_OFFERED
from etalon_conformance.several import under
from etalon_target.actors import Who
from etalon_target.people import TestPerson, TestProfessional
from etalon_wire.json_body import Json, Resource

_TEXTS: Final = f"{MATCHES}.description"
_SHUT: Final = (400, 401, 403, 404, 405, 409, 410, 412, 422)
_GONE: Final = (404, 410)
_STALE: Final = (409, 412)


def _found(bench: Bench, who: Who, person: TestPerson) -> Exchange:
    return bench.call(who, "GET", f"Appointment?{of_person(person)}")


def _by_identifier(one: Resource) -> str:
    """Return the address of a conditional update."""
    return f"Appointment?{urlencode({'identifier': f'{SYSTEM}|{identifier_of(one)}'})}"


def _at(place: str, one: Resource, **changed: Json) -> Resource:
    """Return what is put at an address."""
    return {**one, "id": place.rpartition("/")[2], **changed}


@check(requirements=("AGD-08", "W-AGD-07"), needs=WITH_PEOPLE)
def update_is_conditional_on_the_version(bench: Bench) -> Iterator[Assertion]:
    """Of the version that was read it is taken, of another it is refused and changes nothing."""
    person, doctor, start = bench.person(), bench.professional(), tomorrow(bench)
    one = appointment(bench, person, doctor, start)
    made = made_of(bench, "AGD-08", doctor.who, one)
    bench.expects("AGD-08", made, status(CREATED), control=True)
    place = place_of(made, "Appointment")
    first = bench.call(doctor.who, "GET", place)
    version = first.header("etag")
    bench.expects("AGD-08", first, present("header:etag"), control=True)
    for address in (place, _by_identifier(one)):
        tag = bench.call(doctor.who, "GET", place).header("etag")
        body = _at(place, one) if address is place else one
        text = f"Reportée ({'adresse' if address is place else 'identifiant'})"
        stale = (("If-Match", 'W/"987"'),)
        refused = bench.call(
            doctor.who, "PUT", address, body={**body, "description": "Non"}, headers=stale
        )
        yield from under(bench, ("AGD-08", "W-AGD-07"), refused, status(*_STALE))
        right = (("If-Match", tag),)
        changed = bench.call(
            doctor.who, "PUT", address, body={**body, "description": text}, headers=right
        )
        yield from under(bench, ("AGD-08", "W-AGD-07"), changed, status(200))
        again = bench.call(
            doctor.who, "PUT", address, body={**body, "description": "Non"}, headers=right
        )
        yield from under(bench, ("AGD-08", "W-AGD-07"), again, status(*_STALE))
        read = bench.call(doctor.who, "GET", place)
        yield from under(bench, ("AGD-08", "W-AGD-07"), read, equals("description", text))
        yield bench.expects("AGD-08", read, excludes("header:etag", version, tag))
    old = bench.call(doctor.who, "DELETE", place, headers=(("If-Match", version),))
    if old.status not in NOT_OFFERED:
        yield bench.expects("AGD-08", old, status(*_STALE))
    yield bench.expects("AGD-08", bench.call(doctor.who, "GET", place), status(200))


@check(requirements=("W-AGD-07", "W-AGD-06"), needs=WITH_PEOPLE)
def condition_makes_changes_or_refuses(bench: Bench) -> Iterator[Assertion]:
    """Once made it changes that one alone; deleted, it makes it again; each time where it says."""
    first, second = bench.person(), bench.person()
    doctor, start = bench.professional(), tomorrow(bench)
    beside = appointment(bench, first, doctor, start + timedelta(hours=3))
    made = made_of(bench, "W-AGD-06", doctor.who, beside)
    yield bench.expects("W-AGD-06", made, status(CREATED))
    yield bench.expects("W-AGD-06", made, present("header:location"))
    at = bench.call(doctor.who, "GET", place_of(made, "Appointment"))
    yield bench.expects("W-AGD-06", at, includes("identifier.value", identifier_of(beside)))
    for person in (first, second):
        one = appointment(bench, person, doctor, start)
        address = _by_identifier(one)
        for round_ in range(2):
            new = bench.call(doctor.who, "PUT", address, body=one)
            yield bench.expects("W-AGD-07", new, status(CREATED))
            yield bench.expects("W-AGD-07", new, present("header:location"))
            place = place_of(new, "Appointment")
            for text in ("Reportée", "Reportée encore"):
                put = bench.call(doctor.who, "PUT", address, body={**one, "description": text})
                yield bench.expects("W-AGD-07", put, status(200))
                page = _found(bench, doctor.who, person)
                chosen = f"{MATCHES}[identifier.value={identifier_of(one)}].description"
                yield bench.expects("W-AGD-07", page, equals(chosen, text))
                read = bench.call(doctor.who, "GET", place)
                yield bench.expects("W-AGD-07", read, equals("description", text))
            gone = bench.call(doctor.who, "DELETE", place)
            if gone.status in NOT_OFFERED or round_:
                break
            yield bench.expects("W-AGD-07", bench.call(doctor.who, "GET", place), status(*_GONE))
    left = bench.call(doctor.who, "GET", place_of(made, "Appointment"))
    yield bench.expects("W-AGD-07", left, equals("description", "Consultation"))
    yield from _several_change_none(bench, doctor, first, second)


def _several_change_none(
    bench: Bench, doctor: TestProfessional, first: TestPerson, second: TestPerson
) -> Iterator[Assertion]:
    """Where two appointments bear an identifier, neither is changed by it."""
    start = tomorrow(bench)
    twins = (
        appointment(bench, first, doctor, start + timedelta(hours=6)),
        appointment(bench, second, doctor, start + timedelta(hours=8)),
    )
    same = twins[0]["identifier"]
    for one in twins:
        sent = bench.call(doctor.who, "POST", "Appointment", body={**one, "identifier": same})
        if sent.status != CREATED:
            return
    several = bench.call(
        doctor.who, "PUT", _by_identifier(twins[0]), body={**twins[0], "description": "Deux"}
    )
    yield bench.expects("W-AGD-07", several, status(412))
    for person in (first, second):
        page = _found(bench, doctor.who, person)
        yield bench.expects("W-AGD-07", page, excludes(_TEXTS, "Deux"))


@check(requirements=("W-AGD-01", "W-AGD-02"), needs=NEEDS)
def schedule_is_its_editors_alone(bench: Bench) -> Iterator[Assertion]:
    """Nobody else changes or deletes it; deleted, it is gone with its hours, and others are not."""
    doctor, other, start = bench.professional(), bench.professional(), tomorrow(bench)
    places: list[str] = []
    for begins in (start, start + timedelta(days=10)):
        made = made_of(bench, "W-AGD-01", doctor.who, schedule(doctor, begins))
        yield from under(bench, ("W-AGD-01", "W-AGD-02"), made, status(CREATED))
        places.append(place_of(made, "Schedule"))
    longer = _at(places[0], schedule(other, start, openings=4))
    stolen = bench.call(other.who, "PUT", places[0], body=longer)
    yield from under(bench, ("W-AGD-01", "W-AGD-02"), stolen, status(*_SHUT))
    taken = bench.call(other.who, "DELETE", places[0])
    yield bench.expects("W-AGD-01", taken, status(*_SHUT))
    yield bench.expects("W-AGD-01", _hours(bench, doctor.who, places[0], start), count(_STARTS, 4))
    for place, kept in ((places[0], places[1]), (places[1], "")):
        gone = bench.call(doctor.who, "DELETE", place)
        yield bench.expects("W-AGD-01", gone, status(200, 204))
        again = bench.call(doctor.who, "DELETE", place)
        yield bench.expects("W-AGD-01", again, status(200, 204, *_GONE))
        hours = _hours(bench, doctor.who, place, start)
        yield bench.expects("W-AGD-01", hours, absent(_STARTS))
        if kept:
            beside = _hours(bench, doctor.who, kept, start + timedelta(days=10))
            yield bench.expects("W-AGD-01", beside, count(_STARTS, 4))


_STARTS: Final = f"{MATCHES}.start"


def _hours(bench: Bench, who: Who, place: str, start: datetime, days: int = 1) -> Exchange:
    """Search the slots of a schedule over some days."""
    asked = [
        ("schedule", place.rpartition("/")[2]),
        ("start", f"ge{written(start)}"),
        ("start", f"lt{written(start + timedelta(days=days))}"),
        ("_count", "100"),
    ]
    return bench.call(who, "GET", f"Slot?{urlencode(asked)}")


@check(requirements=("W-AGD-02",), needs=NEEDS)
def replaced_hours_are_those_that_are_found(bench: Bench) -> Iterator[Assertion]:
    """More hours, fewer, others: what was put last is what a search finds."""
    doctor, start = bench.professional(), tomorrow(bench)
    made = made_of(bench, "W-AGD-02", doctor.who, schedule(doctor, start))
    bench.expects("W-AGD-02", made, status(CREATED), control=True)
    place = place_of(made, "Schedule")
    for begins, openings in (
        (start, 3),
        (start, 1),
        (start + timedelta(hours=5), 2),
        (start + timedelta(hours=5), 2),
        (start, 4),
    ):
        whole = schedule(doctor, begins, openings=openings)
        changed = bench.call(doctor.who, "PUT", place, body=_at(place, whole))
        yield bench.expects("W-AGD-02", changed, status(200))
        hours = _hours(bench, doctor.who, place, start, 6)
        expected = [
            written(begins + timedelta(days=day) + n * QUARTER)
            for day in range(openings)
            for n in range(4)
        ]
        yield bench.expects("W-AGD-02", hours, equals(_STARTS, *expected))


@check(requirements=("W-AGD-10",), needs=WITH_PEOPLE)
def length_is_that_of_the_service(bench: Bench) -> Iterator[Assertion]:
    """Shorter, longer, begun before or after its slot: refused; slots last what a service does."""
    doctor, start = bench.professional(), tomorrow(bench)
    two = _two_services(schedule(doctor, start))
    made = made_of(bench, "W-AGD-10", doctor.who, two)
    bench.expects("W-AGD-10", made, status(CREATED), control=True)
    hours = _hours(bench, doctor.who, place_of(made, "Schedule"), start)
    kinds = f"{MATCHES}.serviceType.text"
    if hours.value(kinds):
        yield bench.expects("W-AGD-10", hours, one_of(kinds, SERVICE, "Bilan"))
        for service, minutes, number in ((SERVICE, 15, 4), ("Bilan", 30, 2)):
            chosen = f"{MATCHES}[serviceType.text={service}]"
            ends = [written(start + (n + 1) * timedelta(minutes=minutes)) for n in range(number)]
            yield bench.expects("W-AGD-10", hours, equals(f"{chosen}.end", *ends))
    person = bench.person()
    first = next(one for one in hours.value(f"{MATCHES}.id") if _lasts(hours, one) == QUARTER)
    begins = _instant(hours.first(f"{MATCHES}[id={first}].start"))
    slot_taken: list[Json] = [{"reference": f"Slot/{first}"}]
    one: Resource = {**appointment(bench, person, doctor, begins), "slot": slot_taken}
    minute = timedelta(minutes=1)
    for from_, until in (
        (begins, begins + QUARTER + minute),
        (begins, begins + QUARTER - minute),
        (begins, begins + 2 * QUARTER),
        (begins - minute, begins + QUARTER),
        (begins + minute, begins + QUARTER),
        (begins + QUARTER, begins + 2 * QUARTER),
    ):
        wrong = {**one, "start": written(from_), "end": written(until)}
        refused = bench.call(doctor.who, "POST", "Appointment", body=wrong)
        yield bench.expects("W-AGD-10", refused, status(400, 409, 422))
        put = bench.call(doctor.who, "PUT", _by_identifier(one), body=wrong)
        yield bench.expects("W-AGD-10", put, status(400, 409, 422))
    taken = bench.call(doctor.who, "POST", "Appointment", body=one)
    yield bench.expects("W-AGD-10", taken, status(CREATED))
    place = place_of(taken, "Appointment")
    longer = _at(place, {**one, "end": written(begins + 3 * QUARTER)})
    moved = bench.call(doctor.who, "PUT", place, body=longer)
    yield bench.expects("W-AGD-10", moved, status(400, 409, 422))
    page = _found(bench, doctor.who, person)
    yield bench.expects("W-AGD-10", page, equals(f"{MATCHES}.end", written(begins + QUARTER)))


def _instant(said: str) -> datetime:
    return datetime.fromisoformat(said)


def _lasts(page: Exchange, ident: str) -> timedelta:
    ends, starts = (page.first(f"{MATCHES}[id={ident}].{end}") for end in ("end", "start"))
    return _instant(ends) - _instant(starts)


def _two_services(one: Resource) -> Resource:
    """Return a schedule of two services, the second twice as long as the first."""
    extensions = one["extension"]
    held = extensions if isinstance(extensions, list) else []
    length: Json = {"value": 30, "system": "http://unitsofmeasure.org", "code": "min"}
    last = held[-1] if isinstance(held[-1], dict) else {}
    second: Json = {
        "url": last["url"],
        "extension": [
            {"url": "serviceType", "valueCodeableConcept": {"text": "Bilan"}},
            {"url": "duration", "valueDuration": length},
        ],
    }
    return {**one, "extension": [*held, second]}
