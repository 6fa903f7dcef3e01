"""Shared agendas (GAP): schedules, slots, appointments."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    count,
    equals,
    excludes,
    includes,
    one_of,
    present,
    status,
)
from etalon_conformance.record_scene import NOT_OFFERED, matricule, target_of
from etalon_target.actors import Who
from etalon_target.people import TestPerson, TestProfessional
from etalon_wire.json_body import Json, Resource

_NEEDS: Final = ("create_professional",)
_WITH_PEOPLE: Final = ("create_person", "create_professional")
_RPPS: Final = "https://rpps.esante.gouv.fr"
_FR_CORE: Final = "https://hl7.fr/ig/fhir/core"
_GAP: Final = "https://interop.esante.gouv.fr/ig/fhir/gap/StructureDefinition"
_SYSTEM: Final = "urn:ietf:rfc:3986"
_QUARTER: Final = timedelta(minutes=15)
_CREATED: Final = 201
_MATCHES: Final = "entry[search.mode=match].resource"


def _actors(doctor: TestProfessional) -> list[Json]:
    """Return a professional as GAP has them: in activity, and as a person."""
    identifier: Json = {"system": _RPPS, "value": doctor.rpps}
    return [
        {"type": kind, "identifier": identifier} for kind in ("PractitionerRole", "Practitioner")
    ]


def _schedule(doctor: TestProfessional, start: datetime, openings: int = 1) -> Resource:
    """Return a schedule of hours that are free, day after day, for visits of a quarter."""
    kind: Json = {"system": f"{_FR_CORE}/CodeSystem/fr-core-cs-schedule-type", "code": "free"}
    free: list[Json] = [
        {
            "url": f"{_FR_CORE}/StructureDefinition/fr-core-schedule-availability-time",
            "extension": [
                {"url": "type", "valueCoding": kind},
                {"url": "start", "valueDateTime": _written(start + timedelta(days=day))},
                {"url": "end", "valueDateTime": _written(start + timedelta(days=day, hours=1))},
            ],
        }
        for day in range(openings)
    ]
    length: Json = {"value": 15, "system": "http://unitsofmeasure.org", "code": "min"}
    service: Json = {
        "url": f"{_FR_CORE}/StructureDefinition/fr-core-service-type-duration",
        "extension": [
            {"url": "serviceType", "valueCodeableConcept": {"text": "Consultation"}},
            {"url": "duration", "valueDuration": length},
        ],
    }
    return {
        "resourceType": "Schedule",
        "meta": {"profile": [f"{_GAP}/gap-fr-schedule"]},
        "extension": [*free, service],
        "active": True,
        "actor": _actors(doctor),
    }


def _appointment(
    bench: Bench, person: TestPerson, doctor: TestProfessional, start: datetime
) -> Resource:
    """Return an appointment that is declared: booked, and everybody comes."""
    patient: Json = {
        "type": "Patient",
        "identifier": {"system": person.system, "value": person.ins},
    }
    return {
        "resourceType": "Appointment",
        "meta": {"profile": [f"{_GAP}/gap-fr-appointment"]},
        "identifier": [{"system": _SYSTEM, "value": f"urn:uuid:{bench.unique_uuid()}"}],
        "status": "booked",
        "description": "Consultation",
        "start": _written(start),
        "end": _written(start + _QUARTER),
        "participant": [
            {"actor": actor, "status": "accepted"} for actor in (patient, *_actors(doctor))
        ],
    }


def _written(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _tomorrow(bench: Bench) -> datetime:
    """Return eight o'clock (UTC) of the day after that of the target."""
    day = bench.now().astimezone(UTC) + timedelta(days=1)
    return day.replace(hour=8, minute=0, second=0, microsecond=0)


def _made(bench: Bench, requirement: str, who: Who, resource: Resource) -> Exchange:
    """Send a new resource; a control: the server offers that, where it does not declare it."""
    kind = str(resource["resourceType"])
    answer = bench.call(who, "POST", kind, body=resource)
    if answer.status in NOT_OFFERED:
        statement = bench.call(who, "GET", "metadata")
        declared = statement.value(f"rest.resource[type={kind}].interaction.code")
        if "create" not in declared:
            bench.expects(requirement, answer, status(_CREATED), control=True)
    return answer


def _place(answer: Exchange, kind: str) -> str:
    """Return where a new resource stands, below the base."""
    found = target_of(answer.header("location"))
    return "/".join(found) if found[0] == kind else kind


@check(requirements=("W-AGD-01", "W-AGD-02"), needs=_NEEDS)
def schedules_are_made_changed_and_deleted(bench: Bench) -> Iterator[Assertion]:
    """A schedule is created (201), changed with its openings (200), deleted (200 or 204)."""
    doctor, start = bench.professional(), _tomorrow(bench)
    made = _made(bench, "W-AGD-01", doctor.who, _schedule(doctor, start))
    yield bench.expects("W-AGD-01", made, status(_CREATED))
    yield bench.expects("W-AGD-01", made, present("header:location"))
    place = _place(made, "Schedule")
    longer = {**_schedule(doctor, start, openings=3), "id": place.rpartition("/")[2]}
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


@check(requirements=("W-AGD-06", "W-AGD-07"), needs=_WITH_PEOPLE)
def appointments_are_made_and_updated_by_condition(bench: Bench) -> Iterator[Assertion]:
    """An appointment is created (201, Location); by identifier it is made, then changed."""
    person, doctor, start = bench.person(), bench.professional(), _tomorrow(bench)
    made = _made(bench, "W-AGD-06", doctor.who, _appointment(bench, person, doctor, start))
    yield bench.expects("W-AGD-06", made, status(_CREATED))
    yield bench.expects("W-AGD-06", made, present("header:location"))
    other = _appointment(bench, person, doctor, start + timedelta(hours=1))
    identifier = f"{_SYSTEM}|{_identifier(other)}"
    address = f"Appointment?{urlencode({'identifier': identifier})}"
    first = bench.call(doctor.who, "PUT", address, body=other)
    yield bench.expects("W-AGD-07", first, status(_CREATED))
    second = bench.call(doctor.who, "PUT", address, body={**other, "description": "Reportée"})
    yield bench.expects("W-AGD-07", second, status(200))
    found = bench.call(doctor.who, "GET", f"{address}&{_of(person)}")
    yield bench.expects("W-AGD-07", found, equals(f"{_MATCHES}.description", "Reportée"))


@check(requirements=("W-AGD-05",), needs=_WITH_PEOPLE)
def appointments_are_found_by_patient_date_and_status(bench: Bench) -> Iterator[Assertion]:
    """A search answers a searchset of the appointments that match, and of no others."""
    person, doctor, start = bench.person(), bench.professional(), _tomorrow(bench)
    early = _appointment(bench, person, doctor, start)
    late = _appointment(bench, person, doctor, start + timedelta(days=3))
    for one in (early, late):
        made = _made(bench, "W-AGD-05", doctor.who, one)
        bench.expects("W-AGD-05", made, status(_CREATED), control=True)
    day = start.date().isoformat()
    for criteria, expected, kept_out in (
        ({}, (early, late), ()),
        ({"status": "booked"}, (early, late), ()),
        ({"date": f"lt{(start + timedelta(days=1)).date().isoformat()}"}, (early,), (late,)),
        ({"date": f"ge{day}", "status": "cancelled"}, (), (early, late)),
        ({"practitioner.identifier": f"{_RPPS}|{doctor.rpps}"}, (early, late), ()),
    ):
        query = "&".join(filter(None, (_of(person), urlencode(criteria))))
        answer = bench.call(doctor.who, "GET", f"Appointment?{query}")
        identifiers = f"{_MATCHES}.identifier.value"
        yield bench.expects("W-AGD-05", answer, status(200))
        yield bench.expects("W-AGD-05", answer, one_of(".type", "searchset"))
        if expected:
            values = map(_identifier, expected)
            yield bench.expects("W-AGD-05", answer, includes(identifiers, *values))
        if kept_out:
            values = map(_identifier, kept_out)
            yield bench.expects("W-AGD-05", answer, excludes(identifiers, *values))


@check(requirements=("W-AGD-04",), needs=_NEEDS)
def slots_are_matches_and_their_schedule_is_included(bench: Bench) -> Iterator[Assertion]:
    """A search of slots answers a searchset: slots match, the schedule asked for is included."""
    doctor, start = bench.professional(), _tomorrow(bench)
    made = _made(bench, "W-AGD-04", doctor.who, _schedule(doctor, start))
    bench.expects("W-AGD-04", made, status(_CREATED), control=True)
    ident = _place(made, "Schedule").rpartition("/")[2]
    asked = [
        ("schedule", ident),
        ("start", f"ge{_written(start)}"),
        ("start", f"lt{_written(start + timedelta(hours=1))}"),
        ("_include", "Slot:schedule"),
    ]
    answer = bench.call(doctor.who, "GET", f"Slot?{urlencode(asked)}")
    yield bench.expects("W-AGD-04", answer, status(200))
    yield bench.expects("W-AGD-04", answer, one_of(".type", "searchset"))
    kinds = "entry[search.mode={}].resource.resourceType"
    yield bench.expects("W-AGD-04", answer, one_of(kinds.format("match"), "Slot"))
    yield bench.expects("W-AGD-04", answer, one_of(kinds.format("include"), "Schedule"))
    yield bench.expects("W-AGD-04", answer, present(f"{_MATCHES}.start"))
    yield bench.expects("W-AGD-04", answer, includes(f"{_MATCHES}.status", "free"))


def _identifier(resource: Resource) -> str:
    """Return the value of the one identifier of a resource of ours."""
    identifiers = resource["identifier"]
    first = identifiers[0] if isinstance(identifiers, list) else None
    return str(first["value"]) if isinstance(first, dict) else ""


def _of(person: TestPerson) -> str:
    """Return the parameter that names somebody."""
    return urlencode({"patient.identifier": matricule(person)})
