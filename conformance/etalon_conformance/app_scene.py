"""What checks of referenced services do before they look: a service, its pairing, its measures.

A service calls with two tokens: the access token, and the identity token that came with it. The
header of the second is ours to name: the text that names it is not public.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final
from urllib.parse import urlencode

from etalon_conformance.bench import FHIR_JSON, Bench
from etalon_conformance.exchanges import Exchange
from etalon_conformance.specimens import Giver
from etalon_model.actors import ActorKind
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.people import TestPerson
from etalon_wire.json_body import Json, Resource

NEEDS: Final = ("create_person", "create_service", "pairing", "advance_clock")
WEIGHT: Final = "29463-7"
IDENTITY: Final = "Id-Token"
LOINC: Final = "http://loinc.org"
_PROFILES: Final = "https://fhir.monespacesante.fr/ref/mesure/StructureDefinition"
_UNITS: Final = "http://unitsofmeasure.org"
_CATEGORIES: Final = "http://terminology.hl7.org/CodeSystem/observation-category"
_UNTIL_EXCHANGES: Final = "P160D"
"""Until the second criteria of the catalogue are in force, on the clock of a sandbox."""

Use = tuple[str, str]
"""A family of data and a direction; for care."""
READ: Final[Use] = ("measures", "read")
WRITE: Final[Use] = ("measures", "write")


@dataclass(frozen=True, slots=True)
class Paired:
    """A service that a holder joined, with consent to all that it asks for.

    Attributes:
        person: The holder.
        solution: Object identifier of the solution.
        access: Its access token.
        identity: Its identity token.
        patient: Under what name it knows the holder (idPe).
    """

    person: TestPerson
    solution: str
    access: str
    identity: str
    patient: str

    @property
    def headers(self) -> tuple[tuple[str, str], ...]:
        """Those of its calls."""
        return (("Authorization", f"Bearer {self.access}"), (IDENTITY, self.identity))

    @property
    def subject(self) -> Resource:
        """How a measure names the holder."""
        return {"identifier": {"system": f"urn:oid:{self.solution}", "value": self.patient}}


def referenced(bench: Bench, uses: Sequence[Use]) -> str:
    """Return the object identifier of a new service on line, which asks for some uses.

    The clock is moved where the criteria that let services exchange are not published yet.

    Raises:
        CannotTest: There is no way to have one.
    """
    asked: list[Json] = [
        {"purpose": "care", "family": family, "direction": direction} for family, direction in uses
    ]
    done = bench.operation("create_service", None, uses=asked)
    if not done.accepted:
        bench.advance(_UNTIL_EXCHANGES)
        done = bench.operation("create_service", None, uses=asked)
    solution = done.captures.get("solution")
    if not done.accepted or not isinstance(solution, str):
        raise CannotTest(key="cause.refused", operation="create_service")
    return solution


def paired(bench: Bench, *uses: Use, person: TestPerson | None = None) -> Paired:
    """Have somebody join a new service that asks for some uses.

    Raises:
        CannotTest: There is no way, or its tokens do not say whom they are about.
    """
    return joined(bench, referenced(bench, uses), person or bench.person())


def joined(bench: Bench, solution: str, holder: TestPerson) -> Paired:
    """Have somebody join a service that is on line.

    Raises:
        CannotTest: There is no way, or its tokens do not say whom they are about.
    """
    bench.relate("pairing", holder, solution)
    token = bench.held(Who(ActorKind.APP, solution, on_behalf_of=holder.ins))
    if not (token.identity and token.patient):
        raise CannotTest(key="cause.no_identity_token", service=solution)
    return Paired(holder, solution, token.access, token.identity, token.patient)


def fed(bench: Bench, who: Paired, *resources: Resource, **headers: str) -> Exchange:
    """Send measures as a service: a transaction that creates each of them.

    Args:
        bench: What the check works with.
        who: The service.
        resources: What is sent.
        headers: Those that are sent instead of the usual ones, `authorization` or `identity`.
    """
    entries: list[Json] = [entry(bench, one) for one in resources]
    body: Resource = {"resourceType": "Bundle", "type": "transaction", "entry": entries}
    return called(bench, who, "POST", "", body if resources else b"", **headers)


def searched(bench: Bench, who: Paired, *criteria: tuple[str, str], **headers: str) -> Exchange:
    """Search the weights of the holder, as a service."""
    return found_of(bench, who, WEIGHT, *criteria, **headers)


def found_of(
    bench: Bench, who: Paired, code: str, *criteria: tuple[str, str], **headers: str
) -> Exchange:
    """Search the measures of a kind, or of none where the code is empty, as a service."""
    named = [("subject.identifier", f"urn:oid:{who.solution}|{who.patient}")]
    query = urlencode([*named, *([("code", code)] if code else []), *criteria])
    return called(bench, who, "GET", f"Observation?{query}", None, **headers)


def called(
    bench: Bench, who: Paired, verb: str, path: str, body: "Json | bytes | None", **headers: str
) -> Exchange:
    """Ask something of the interface of measures."""
    own = bench.target.speaks_own_wire
    base = "root:/measures/fhir" if own else bench.target.fhir_base
    access = headers.get("authorization", f"Bearer {who.access}")
    identity = headers.get("identity", who.identity)
    sent = [("Authorization", access), *([(IDENTITY, identity)] if identity else [])]
    address = f"{base}/{path}" if path else base
    return bench.call(None, verb, address, body=body, headers=sent, content_type=FHIR_JSON)


def between(bench: Bench) -> tuple[tuple[str, str], ...]:
    """Return the criteria of the last two months."""
    now = bench.now()
    start, end = (now - timedelta(days=60)).date(), (now + timedelta(days=1)).date()
    return ("date", f"ge{start.isoformat()}"), ("date", f"le{end.isoformat()}")


def weight(who: Paired, at: datetime, value: float = 71.5) -> Resource:
    """Return a weight, right in all it says."""
    return measure(who, at, WEIGHT, "mes-observation-bodyweight", ("kg", value))


def measure(  # noqa: PLR0913 (what a measure is made of)
    who: Paired,
    at: datetime,
    code: str,
    profile: str,
    quantity: tuple[str, float] | None,
    *,
    system: str = LOINC,
    display: str = "",
    extensions: Sequence[Json] = (),
) -> Resource:
    """Return a measure of a kind.

    Args:
        who: The service that sends it.
        at: When it was taken.
        code: Its code.
        profile: Name of its profile.
        quantity: Unit and value, or None.
        system: The system of its code.
        display: Label of its category.
        extensions: Its extensions.
    """
    category: Resource = {"system": _CATEGORIES, "code": "vital-signs"}
    made: Resource = {
        "resourceType": "Observation",
        "meta": {"source": f"urn:oid:{who.solution}.1", "profile": [f"{_PROFILES}/{profile}"]},
        "status": "final",
        "category": [{"coding": [category | ({"display": display} if display else {})]}],
        "code": {"coding": [{"system": system, "code": code}]},
        "subject": who.subject,
        "effectiveDateTime": at.isoformat(timespec="seconds"),
    }
    if quantity is not None:
        unit, value = quantity
        written: Resource = {
            "value": Decimal(str(value)),
            "unit": unit,
            "system": _UNITS,
            "code": unit,
        }
        made["valueQuantity"] = written
    if extensions:
        made["extension"] = list(extensions)
    return made


def device(who: Paired, serial: str) -> Resource:
    """Return a device, under an identifier of the solution."""
    system = f"urn:oid:{who.solution}.2680"
    kind: Resource = {
        "system": "http://hl7.org/fhir/uv/phd/CodeSystem/ContinuaDeviceIdentifiers",
        "code": "SYSID",
    }
    return {
        "resourceType": "Device",
        "meta": {"profile": ["http://hl7.org/fhir/uv/phd/StructureDefinition/PhdDevice"]},
        "identifier": [{"type": {"coding": [kind]}, "system": system, "value": serial}],
        "manufacturer": "Fabricant d'essai",
        "serialNumber": "0001",
        "modelNumber": "B-1",
        "type": {"coding": [{"system": "urn:iso:std:iso:11073:10101", "code": "65573"}]},
        "specialization": [
            {
                "systemType": {
                    "coding": [{"system": "urn:iso:std:iso:11073:10101", "code": "528399"}]
                },
                "version": "1.0",
            }
        ],
    }


def changed(resource: Resource, values: Mapping[str, Json]) -> Resource:
    """Return a resource with other elements; None takes one away."""
    whole = {**resource, **values}
    return {name: value for name, value in whole.items() if value is not None}


def entry(giver: Giver, resource: Resource) -> Resource:
    """Return the entry of a transaction that creates a resource; a device, where there is none."""
    kind = str(resource["resourceType"])
    request: Resource = {"method": "POST", "url": kind}
    if kind == "Device":
        identifiers = resource["identifier"]
        first = identifiers[0] if isinstance(identifiers, list) else None
        if isinstance(first, dict):
            request["ifNoneExist"] = f"identifier={first['system']}|{first['value']}"
    full = str(resource.get("id") or giver.unique_uuid())
    kept = {name: value for name, value in resource.items() if name != "id"}
    return {"fullUrl": f"urn:uuid:{full}", "resource": kept, "request": request}
