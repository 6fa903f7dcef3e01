"""The catalogue of referenced services as FHIR: Device, Organization and Endpoint, all of it ours.

A service is a Device, because the measures interface names a solution by an object identifier and
Device has a status, a version and an owner that can be searched. Its publisher is an Organization,
and each interface that services may call an Endpoint. Who sees the catalogue is anybody: what is on
trial, off line or delisted is not in it, and what is suspended is there, inactive (W-CAT-03).

Sources: the order of 23 October 2023 (criteria) and the official application (states, economic
models); FHIR R4. Reading: the model knows no name of a publisher; it is called after its service.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from unicodedata import combining, normalize

from etalon_model.catalogue.catalogue import (
    STATE_RIGHTS,
    Direction,
    ExchangeFamily,
    ReferencedService,
    ServiceState,
    Use,
)
from etalon_wire.bundles import Query
from etalon_wire.consents import EXCHANGED, PURPOSES
from etalon_wire.interactions import DOCUMENTS, FHIR, MEASURES
from etalon_wire.json_body import Json, Resource
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.at_hand import Search, search_of
from etalon_wire.records.document_encoding import narrative
from etalon_wire.records.instants import written
from etalon_wire.records.search_parameters import Asked, WrongError, plain, tokens, understand

DEVICE: Final = "Device"
ORGANIZATION: Final = "Organization"
ENDPOINT: Final = "Endpoint"
STATES: Final = "urn:mes-etalon:CodeSystem:service-state"
KINDS: Final = "urn:mes-etalon:CodeSystem:catalogue-kind"
PROPERTIES: Final = "urn:mes-etalon:CodeSystem:service-property"
ECONOMIC_MODELS: Final = "urn:mes-etalon:CodeSystem:economic-model"
DIRECTIONS: Final = "urn:mes-etalon:CodeSystem:exchange-direction"
_URIS: Final = "urn:ietf:rfc:3986"
_CONNECTIONS: Final = "http://terminology.hl7.org/CodeSystem/endpoint-connection-type"
_UCUM: Final = "http://unitsofmeasure.org"
_SOFTWARE: Final = "software"
_ACTIVE: Final = "active"
_INACTIVE: Final = "inactive"

_BASES: Final[Mapping[ExchangeFamily, str]] = {
    ExchangeFamily.DOCUMENTS: DOCUMENTS,
    ExchangeFamily.AGENDA: FHIR,
    ExchangeFamily.MEASURES: MEASURES,
}
_NAMES: Final[Mapping[ExchangeFamily, str]] = {
    ExchangeFamily.DOCUMENTS: "Documents du dossier",
    ExchangeFamily.AGENDA: "Agenda",
    ExchangeFamily.MEASURES: "Mesures de santé",
}


@dataclass(frozen=True, slots=True)
class Listed:
    """A service as the catalogue shows it to anybody.

    Attributes:
        service: The service.
        state: Where it stands.
        since: Since when (UTC).
        version: The version in force.
    """

    service: ReferencedService
    state: ServiceState
    since: datetime
    version: str

    @property
    def status(self) -> str:
        """The status of its Device: only what may be paired is active."""
        return _ACTIVE if STATE_RIGHTS[self.state].pairs == "yes" else _INACTIVE


def listed(services: Iterable[ReferencedService], at: datetime) -> list[Listed]:
    """Return the services that anybody sees at an instant, in the order they first asked."""
    found: list[Listed] = []
    for service in services:
        state = service.state_at(at)
        if STATE_RIGHTS[state].visible == "yes":
            since = max(entered for entered, _ in service.states if entered <= at)
            found.append(Listed(service, state, since, service.version_at(at)[1]))
    return found


def device(one: Listed) -> Resource:
    """Return a service as a Device."""
    service = one.service
    return {
        "resourceType": DEVICE,
        "id": service.ident,
        "meta": {"lastUpdated": written(one.since)},
        "text": narrative(service.title),
        "identifier": [_identifier(service.ident)],
        "status": one.status,
        "statusReason": [_concept(STATES, one.state.value)],
        "manufacturer": _publisher_name(service),
        "deviceName": [{"name": service.title, "type": "user-friendly-name"}],
        "type": _concept(KINDS, _SOFTWARE),
        "version": [{"value": one.version}],
        "property": _properties(service),
        "owner": {"reference": f"{ORGANIZATION}/{service.ident}"},
    }


def _properties(service: ReferencedService) -> list[Json]:
    model = service.economic_model.value.replace(" ", "-")
    version: Json = {"value": service.criteria_version, "system": _UCUM, "code": "1"}
    found: list[Json] = [
        {
            "type": _concept(PROPERTIES, "economic-model"),
            "valueCode": [_concept(ECONOMIC_MODELS, model)],
        },
        {"type": _concept(PROPERTIES, "criteria-version"), "valueQuantity": [version]},
    ]
    if service.uses:
        uses: list[Json] = [_use(use) for use in service.uses]
        found.append({"type": _concept(PROPERTIES, "exchange"), "valueCode": uses})
    return found


def _use(use: Use) -> Json:
    codings: list[Json] = [
        {"system": EXCHANGED, "code": use.family.value},
        {"system": DIRECTIONS, "code": use.direction.value},
        {"system": PURPOSES, "code": use.purpose},
    ]
    return {"coding": codings}


def organization(one: Listed) -> Resource:
    """Return the publisher of a service."""
    service = one.service
    name = _publisher_name(service)
    said: Resource = {
        "resourceType": ORGANIZATION,
        "id": service.ident,
        "text": narrative(name),
        "identifier": [_identifier(service.ident)],
        "active": one.status == _ACTIVE,
        "type": [_concept(KINDS, "publisher")],
        "name": name,
    }
    families = {use.family for use in service.uses}
    if families:
        said["endpoint"] = [
            {"reference": f"{ENDPOINT}/{one.value}"} for one in ExchangeFamily if one in families
        ]
    return said


def endpoint(family: ExchangeFamily, root: str) -> Resource:
    """Return the interface that exchanges a family of data.

    Args:
        family: Which data.
        root: Public address of the server, without a path.
    """
    payload: dict[str, Json] = {**_concept(EXCHANGED, family.value), "text": _NAMES[family]}
    return {
        "resourceType": ENDPOINT,
        "id": family.value,
        "text": narrative(_NAMES[family]),
        "status": _ACTIVE,
        "connectionType": {"system": _CONNECTIONS, "code": "hl7-fhir-rest"},
        "name": _NAMES[family],
        "payloadType": [payload],
        "payloadMimeType": ["application/fhir+json", "application/fhir+xml"],
        "address": f"{root}{_BASES[family]}",
    }


def family_named(name: str) -> ExchangeFamily | None:
    """Return the family whose Endpoint has an `id`, or None."""
    return next((family for family in ExchangeFamily if family.value == name), None)


def plain_view(one: Listed) -> Json:
    """Return a service as plain JSON, for whoever reads no FHIR."""
    service = one.service
    uses: list[Json] = [
        {"data": use.family.value, "direction": use.direction.value, "purpose": use.purpose}
        for use in service.uses
    ]
    return {
        "identifier": service.ident,
        "title": service.title,
        "version": one.version,
        "state": one.state.value,
        "since": written(one.since),
        "economic_model": service.economic_model.value,
        "criteria_version": service.criteria_version,
        "agreed_until": None if service.until_on is None else service.until_on.isoformat(),
        "uses": uses,
        "reads": _families(service, Direction.READ),
        "writes": _families(service, Direction.WRITE),
    }


def _families(service: ReferencedService, direction: Direction) -> list[Json]:
    found = {use.family.value for use in service.uses if use.direction is direction}
    return [*sorted(found)]


def _publisher_name(service: ReferencedService) -> str:
    return f"Éditeur de {service.title}"


def _identifier(ident: str) -> Json:
    return {"system": _URIS, "value": f"urn:oid:{ident}"}


def _concept(system: str, code: str) -> dict[str, Json]:
    return {"coding": [{"system": system, "code": code}]}


Test = Callable[[Listed], bool]


def read_service_search(query: Query, *, strict: bool) -> Search[Listed] | Fault:
    """Return what a search of Device asks for, or what is wrong with it."""
    try:
        return search_of(understand(DEVICE, query, strict=strict, sorts=()), "", _TESTS)
    except WrongError as wrong:
        return wrong.fault


def _by_identifier(asked: Asked) -> Test:
    wanted = tokens(asked)

    def test(one: Listed) -> bool:
        uri = f"urn:oid:{one.service.ident}"
        return any(
            token.is_met(_URIS, uri) or token.is_met(_URIS, one.service.ident) for token in wanted
        )

    return test


def _by_status(asked: Asked) -> Test:
    wanted = {token.code for token in tokens(asked)}
    return lambda one: one.status in wanted


def _by_type(asked: Asked) -> Test:
    found = any(token.is_met(KINDS, _SOFTWARE) for token in tokens(asked))
    return lambda _: found


def _by_name(asked: Asked) -> Test:
    wanted = tuple(_folded(plain(value)) for value in asked.values)
    return lambda one: _folded(one.service.title).startswith(wanted)


def _folded(text: str) -> str:
    """Return a text without accents and capitals, as FHIR compares strings."""
    bare = "".join(one for one in normalize("NFD", text) if not combining(one))
    return bare.casefold()


_TESTS: Final[Mapping[str, Callable[[Asked], Test]]] = {
    "identifier": _by_identifier,
    "status": _by_status,
    "type": _by_type,
    "name": _by_name,
}
