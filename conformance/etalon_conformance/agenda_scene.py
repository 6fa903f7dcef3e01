"""What checks of agendas do before they look: schedules, appointments, and where they stand."""

from datetime import UTC, datetime, timedelta
from typing import Final
from urllib.parse import urlencode

from etalon_conformance.bench import Bench
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import status
from etalon_conformance.record_scene import NOT_OFFERED, matricule, target_of
from etalon_target.actors import Who
from etalon_target.people import TestPerson, TestProfessional
from etalon_wire.json_body import Json, Resource

NEEDS: Final = ("create_professional",)
WITH_PEOPLE: Final = ("create_person", "create_professional")
RPPS: Final = "https://rpps.esante.gouv.fr"
SYSTEM: Final = "urn:ietf:rfc:3986"
QUARTER: Final = timedelta(minutes=15)
CREATED: Final = 201
MATCHES: Final = "entry[search.mode=match].resource"
_FR_CORE: Final = "https://hl7.fr/ig/fhir/core"
_GAP: Final = "https://interop.esante.gouv.fr/ig/fhir/gap/StructureDefinition"


def _actors(doctor: TestProfessional) -> list[Json]:
    """Return a professional as GAP has them: in activity, and as a person."""
    identifier: Json = {"system": RPPS, "value": doctor.rpps}
    return [
        {"type": kind, "identifier": identifier} for kind in ("PractitionerRole", "Practitioner")
    ]


SERVICE: Final = "Consultation"
"""What the hours of a schedule are for."""


def schedule(doctor: TestProfessional, start: datetime, openings: int = 1) -> Resource:
    """Return a schedule of hours that are free, day after day, for visits of a quarter."""
    kind: Json = {"system": f"{_FR_CORE}/CodeSystem/fr-core-cs-schedule-type", "code": "free"}
    free: list[Json] = [
        {
            "url": f"{_FR_CORE}/StructureDefinition/fr-core-schedule-availability-time",
            "extension": [
                {"url": "type", "valueCoding": kind},
                {"url": "start", "valueDateTime": written(start + timedelta(days=day))},
                {"url": "end", "valueDateTime": written(start + timedelta(days=day, hours=1))},
            ],
        }
        for day in range(openings)
    ]
    length: Json = {"value": 15, "system": "http://unitsofmeasure.org", "code": "min"}
    service: Json = {
        "url": f"{_FR_CORE}/StructureDefinition/fr-core-service-type-duration",
        "extension": [
            {"url": "serviceType", "valueCodeableConcept": {"text": SERVICE}},
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


def appointment(
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
        "identifier": [{"system": SYSTEM, "value": f"urn:uuid:{bench.unique_uuid()}"}],
        "status": "booked",
        "description": "Consultation",
        "start": written(start),
        "end": written(start + QUARTER),
        "participant": [
            {"actor": actor, "status": "accepted"} for actor in (patient, *_actors(doctor))
        ],
    }


def written(instant: datetime) -> str:
    """Return an instant as FHIR has it, in UTC."""
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def tomorrow(bench: Bench) -> datetime:
    """Return eight o'clock (UTC) of the day after that of the target."""
    day = bench.now().astimezone(UTC) + timedelta(days=1)
    return day.replace(hour=8, minute=0, second=0, microsecond=0)


def made_of(bench: Bench, requirement: str, who: Who, resource: Resource) -> Exchange:
    """Send a new resource; a control: the server offers that, where it does not declare it."""
    kind = str(resource["resourceType"])
    answer = bench.call(who, "POST", kind, body=resource)
    if answer.status in NOT_OFFERED:
        statement = bench.call(who, "GET", "metadata")
        declared = statement.value(f"rest.resource[type={kind}].interaction.code")
        if "create" not in declared:
            bench.expects(requirement, answer, status(CREATED), control=True)
    return answer


def place_of(answer: Exchange, kind: str) -> str:
    """Return where a new resource stands, below the base."""
    found = target_of(answer.header("location"))
    return "/".join(found) if found[0] == kind else kind


def identifier_of(resource: Resource) -> str:
    """Return the value of the one identifier of a resource of ours."""
    identifiers = resource["identifier"]
    first = identifiers[0] if isinstance(identifiers, list) else None
    return str(first["value"]) if isinstance(first, dict) else ""


def of_person(person: TestPerson) -> str:
    """Return the parameter that names somebody."""
    return urlencode({"patient.identifier": matricule(person)})
