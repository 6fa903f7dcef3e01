"""Shared agendas (GAP): schedules, slots, appointments."""

from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import urlencode

from etalon_conformance.agenda_scene import (
    CREATED,
    MATCHES,
    NEEDS,
    RPPS,
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
from etalon_conformance.expectations import (
    count,
    equals,
    excludes,
    includes,
    one_of,
    present,
    status,
)
from etalon_conformance.record_scene import NOT_OFFERED


@check(requirements=("W-AGD-01", "W-AGD-02"), needs=NEEDS)
def schedules_are_made_changed_and_deleted(bench: Bench) -> Iterator[Assertion]:
    """A schedule is created (201), changed with its openings (200), deleted (200 or 204)."""
    doctor, start = bench.professional(), tomorrow(bench)
    made = made_of(bench, "W-AGD-01", doctor.who, schedule(doctor, start))
    yield bench.expects("W-AGD-01", made, status(CREATED))
    yield bench.expects("W-AGD-01", made, present("header:location"))
    place = place_of(made, "Schedule")
    longer = {**schedule(doctor, start, openings=3), "id": place.rpartition("/")[2]}
    changed = bench.call(doctor.who, "PUT", place, body=longer)
    yield bench.expects("W-AGD-01", changed, status(200))
    yield bench.expects("W-AGD-02", changed, status(200))
    read = bench.call(doctor.who, "GET", place)
    if read.status not in NOT_OFFERED:
        # Reading a schedule is in the text of GAP, not in the statement of its server.
        free = "extension.extension[url=start].valueDateTime"
        yield bench.expects("W-AGD-02", read, count(free, 3), certain=False)
    deleted = bench.call(doctor.who, "DELETE", place)
    yield bench.expects("W-AGD-01", deleted, status(200, 204))
    if read.status not in NOT_OFFERED:
        gone = bench.call(doctor.who, "GET", place)
        yield bench.expects("W-AGD-01", gone, status(403, 404, 410))


@check(requirements=("W-AGD-06", "W-AGD-07"), needs=WITH_PEOPLE)
def appointments_are_made_and_updated_by_condition(bench: Bench) -> Iterator[Assertion]:
    """An appointment is created (201, Location); by identifier it is made, then changed."""
    person, doctor, start = bench.person(), bench.professional(), tomorrow(bench)
    made = made_of(bench, "W-AGD-06", doctor.who, appointment(bench, person, doctor, start))
    yield bench.expects("W-AGD-06", made, status(CREATED))
    yield bench.expects("W-AGD-06", made, present("header:location"))
    other = appointment(bench, person, doctor, start + timedelta(hours=1))
    identifier = f"{SYSTEM}|{identifier_of(other)}"
    address = f"Appointment?{urlencode({'identifier': identifier})}"
    first = bench.call(doctor.who, "PUT", address, body=other)
    yield bench.expects("W-AGD-07", first, status(CREATED))
    second = bench.call(doctor.who, "PUT", address, body={**other, "description": "Reportée"})
    yield bench.expects("W-AGD-07", second, status(200))
    found = bench.call(doctor.who, "GET", f"{address}&{of_person(person)}")
    yield bench.expects("W-AGD-07", found, equals(f"{MATCHES}.description", "Reportée"))


@check(requirements=("W-AGD-05",), needs=WITH_PEOPLE)
def appointments_are_found_by_patient_date_and_status(bench: Bench) -> Iterator[Assertion]:
    """A search answers a searchset of the appointments that match, and of no others."""
    person, doctor, start = bench.person(), bench.professional(), tomorrow(bench)
    early = appointment(bench, person, doctor, start)
    late = appointment(bench, person, doctor, start + timedelta(days=3))
    for one in (early, late):
        made = made_of(bench, "W-AGD-05", doctor.who, one)
        bench.expects("W-AGD-05", made, status(CREATED), control=True)
    day = start.date().isoformat()
    for criteria, expected, kept_out in (
        ({}, (early, late), ()),
        ({"status": "booked"}, (early, late), ()),
        ({"date": f"lt{(start + timedelta(days=1)).date().isoformat()}"}, (early,), (late,)),
        ({"date": f"ge{day}", "status": "cancelled"}, (), (early, late)),
        ({"status": "cancelled,booked"}, (early, late), ()),
        ({"date": f"ge{day}", "status": "cancelled,noshow"}, (), (early, late)),
        ({"practitioner.identifier": f"{RPPS}|{doctor.rpps}"}, (early, late), ()),
    ):
        query = "&".join(filter(None, (of_person(person), urlencode(criteria))))
        answer = bench.call(doctor.who, "GET", f"Appointment?{query}")
        identifiers = f"{MATCHES}.identifier.value"
        yield bench.expects("W-AGD-05", answer, status(200))
        yield bench.expects("W-AGD-05", answer, one_of(".type", "searchset"))
        if expected:
            values = map(identifier_of, expected)
            yield bench.expects("W-AGD-05", answer, includes(identifiers, *values))
        if kept_out:
            values = map(identifier_of, kept_out)
            yield bench.expects("W-AGD-05", answer, excludes(identifiers, *values))


@check(requirements=("W-AGD-05", "W-AGD-07"), needs=WITH_PEOPLE)
def cancelled_appointment_is_told_as_cancelled(bench: Bench) -> Iterator[Assertion]:
    """Once its editor cancels it an appointment is booked to nobody's eyes."""
    person, doctor, start = bench.person(), bench.professional(), tomorrow(bench)
    one = appointment(bench, person, doctor, start)
    address = f"Appointment?{urlencode({'identifier': f'{SYSTEM}|{identifier_of(one)}'})}"
    made = bench.call(doctor.who, "PUT", address, body=one)
    bench.expects("W-AGD-07", made, status(CREATED), control=True)
    changed = bench.call(doctor.who, "PUT", address, body={**one, "status": "cancelled"})
    yield bench.expects("W-AGD-07", changed, status(200))
    for who in (doctor.who, person.who):
        found = bench.call(who, "GET", f"Appointment?{of_person(person)}")
        chosen = f"{MATCHES}[identifier.value={identifier_of(one)}].status"
        yield bench.expects("W-AGD-07", found, excludes(chosen, "booked"))
        asked = bench.call(who, "GET", f"Appointment?{of_person(person)}&status=cancelled")
        yield bench.expects("W-AGD-05", asked, excludes(f"{MATCHES}.status", "booked"))


@check(requirements=("W-AGD-04",), needs=NEEDS)
def slots_are_matches_and_their_schedule_is_included(bench: Bench) -> Iterator[Assertion]:
    """A search of slots answers a searchset: slots match, the schedule asked for is included."""
    doctor, start = bench.professional(), tomorrow(bench)
    made = made_of(bench, "W-AGD-04", doctor.who, schedule(doctor, start))
    bench.expects("W-AGD-04", made, status(CREATED), control=True)
    ident = place_of(made, "Schedule").rpartition("/")[2]
    asked = [
        ("schedule", ident),
        ("start", f"ge{written(start)}"),
        ("start", f"lt{written(start + timedelta(hours=1))}"),
        ("_include", "Slot:schedule"),
    ]
    answer = bench.call(doctor.who, "GET", f"Slot?{urlencode(asked)}")
    yield bench.expects("W-AGD-04", answer, status(200))
    yield bench.expects("W-AGD-04", answer, one_of(".type", "searchset"))
    kinds = "entry[search.mode={}].resource.resourceType"
    yield bench.expects("W-AGD-04", answer, one_of(kinds.format("match"), "Slot"))
    yield bench.expects("W-AGD-04", answer, one_of(kinds.format("include"), "Schedule"))
    yield bench.expects("W-AGD-04", answer, present(f"{MATCHES}.start"))
    yield bench.expects("W-AGD-04", answer, includes(f"{MATCHES}.status", "free"))
