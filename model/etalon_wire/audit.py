"""Rows of the access log as AuditEvent, and the search of what a person may read of them.

The shape is that of TDE: a start, one or two agents each known by an identifier. Where a command is
a transaction of IHE, its subtype, type and roles are those of the audit profiles of MHD, the second
agent being this service.

Readings: the log keeps the command and not the transaction, so a deposit is told as ITI-65 whether
it came alone or in a bundle, and the set it came in is not told; whose space it was is.

Sources: ANS, Traçabilité des évènements 2.0.0; IHE MHD 4.2.3, audit profiles (BALP); DICOM PS3.16
(110106, 110107, 110112, 110152, 110153).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Final, Literal

from etalon_model import Identity, LogRow, audit_event
from etalon_model.rights.audit import Agent
from etalon_wire.bundles import Query
from etalon_wire.consents import party_reference
from etalon_wire.json_body import Json, Resource
from etalon_wire.operation_outcomes import REFUSALS, Fault
from etalon_wire.records.addresses import person_id, record_key
from etalon_wire.records.document_encoding import narrative
from etalon_wire.records.instants import span_of, written
from etalon_wire.records.parties import ins_identifier
from etalon_wire.tables import rows_of

COMMANDS: Final = "urn:mes-etalon:CodeSystem:command"
LOG_KINDS: Final = "urn:mes-etalon:CodeSystem:log-kind"
PROFILE: Final = "https://interop.esante.gouv.fr/ig/fhir/tde/StructureDefinition/tde-auditevent"
DICOM: Final = "http://dicom.nema.org/resources/ontology/DCM"
REST: Final = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_ENTITY_TYPES: Final = "http://terminology.hl7.org/CodeSystem/audit-entity-type"
_OBJECT_ROLES: Final = "http://terminology.hl7.org/CodeSystem/object-role"
_SOURCE: Final = "110153"
_DESTINATION: Final = "110152"
_EXECUTE: Final = "E"
_DIGITS: Final = 11
_DONE: Final = "0"
_FAILED: Final = "4"
_SERVICE: Final[Resource] = {"type": "Device", "display": "Étalon"}

Prefix = Literal["eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"]
_PREFIXES: Final = frozenset({"eq", "ne", "gt", "lt", "ge", "le", "sa", "eb"})
_PREFIX: Final = 2


@dataclass(frozen=True, slots=True)
class EventKind:
    """How a command is told.

    Attributes:
        type: Code of DICOM, or empty for a call of this interface.
        action: Code of FHIR: `C`, `R`, `U`, `D`, `E`.
        subtype: System and code of a transaction, joined by `#`, or empty.
        requester_role: Code of DICOM for the part of whoever asked, or empty.
    """

    type: str
    action: str
    subtype: str
    requester_role: str


_PLAIN: Final = EventKind("", _EXECUTE, "", "")


@cache
def event_kinds() -> Mapping[str, EventKind]:
    """Return how commands are told, by name; one that is not there is plainly executed."""
    return {
        row["command"]: EventKind(row["type"], row["action"], row["subtype"], row["requester_role"])
        for row in rows_of("audit_events.csv")
    }


@dataclass(frozen=True, slots=True)
class Event:
    """A row of the log under the address it has on the wire.

    Attributes:
        event_id: Its `id`.
        row: The row.
    """

    event_id: str
    row: LogRow


def events_of(rows: Sequence[LogRow]) -> list[Event]:
    """Return the events of one person's log, oldest first like its rows.

    Two equal rows of one instant have two addresses, in their order.
    """
    seen: dict[tuple[datetime, str], int] = {}
    found: list[Event] = []
    for row in rows:
        said = f"{row.actor!r}{row.deed!r}"
        rank = seen[row.at, said] = seen.get((row.at, said), 0) + 1
        digest = sha256(f"{row.at.isoformat()}|{said}|{rank}".encode()).hexdigest()
        found.append(Event(f"{record_key(row.ins)}-d{digest[:_DIGITS]}", row))
    return found


def event_resource(identity: Identity, event: Event) -> Resource:
    """Return a row as an AuditEvent."""
    row = event.row
    told = audit_event(row)
    kind = event_kinds().get(told.action, _PLAIN)
    at = written(row.at)
    agents: list[Json] = [_agent(one, kind) for one in told.agents]
    if kind.requester_role and len(agents) == 1:
        agents.append(_service_agent(kind))
    resource: Resource = {
        "resourceType": "AuditEvent",
        "id": event.event_id,
        "meta": {"lastUpdated": at, "profile": [PROFILE]},
        "text": narrative(f"{told.action} {at}"),
        "type": _type(kind),
        "subtype": [_subtype(told.action, kind)],
        "action": kind.action,
        "period": {"start": at},
        "recorded": at,
        "outcome": _FAILED if told.refused else _DONE,
    }
    if told.refused:
        resource["outcomeDesc"] = f"{REFUSALS}#{told.refused}"
    resource["agent"] = agents
    resource["source"] = {"observer": _SERVICE}
    resource["entity"] = [_patient_entity(identity, row)]
    return resource


def _type(kind: EventKind) -> Resource:
    if kind.type:
        return {"system": DICOM, "code": kind.type}
    return {"system": REST, "code": "rest"}


def _subtype(command: str, kind: EventKind) -> Resource:
    if kind.subtype:
        system, _, code = kind.subtype.partition("#")
        return {"system": system, "code": code}
    return {"system": COMMANDS, "code": command}


def _agent(agent: Agent, kind: EventKind) -> Resource:
    said: Resource = {}
    if agent.requests and kind.requester_role:
        said["type"] = _role(kind.requester_role)
    said["role"] = [{"coding": [{"system": LOG_KINDS, "code": agent.kind.value}]}]
    said["who"] = party_reference(agent.ident)
    said["requestor"] = agent.requests
    return said


def _service_agent(kind: EventKind) -> Resource:
    """Return this service, on the other side of a transaction."""
    code = _SOURCE if kind.requester_role == _DESTINATION else _DESTINATION
    return {"type": _role(code), "who": _SERVICE, "requestor": False}


def _role(code: str) -> Resource:
    return {"coding": [{"system": DICOM, "code": code}]}


def _patient_entity(identity: Identity, row: LogRow) -> Resource:
    """Return whose space it was, and the words of the log: command, detail, family."""
    told = {"command": row.deed.action, "detail": row.deed.detail, "family": row.deed.family.value}
    details: list[Json] = [
        {"type": name, "valueString": value} for name, value in told.items() if value
    ]
    return {
        "what": {
            "reference": f"Patient/{person_id(identity.ins)}",
            "identifier": ins_identifier(identity.ins, identity.oid),
        },
        "type": {"system": _ENTITY_TYPES, "code": "1"},
        "role": {"system": _OBJECT_ROLES, "code": "1"},
        "detail": details,
    }


@dataclass(frozen=True, slots=True)
class EventSearch:
    """What is searched in a log.

    Attributes:
        dates: Bounds on the instant: prefix, first instant of the span, first after it.
        types: Codes of the type, one of which it has; any when empty.
        subtypes: Codes of the subtype, likewise.
        agents: Identifiers of those who took part, likewise.
        outcomes: Codes of the outcome, likewise.
        passed_over: Parameters that are not known, and were not asked to be.
    """

    dates: tuple[tuple[str, datetime, datetime], ...]
    types: frozenset[str] = frozenset()
    subtypes: frozenset[str] = frozenset()
    agents: frozenset[str] = frozenset()
    outcomes: frozenset[str] = frozenset()
    passed_over: tuple[str, ...] = ()

    def matches(self, row: LogRow) -> bool:
        """Tell whether a row is one that is searched for."""
        kind = event_kinds().get(row.deed.action, _PLAIN)
        subtype = kind.subtype.rpartition("#")[2] or row.deed.action
        return (
            all(_is_within(row.at, bound) for bound in self.dates)
            and (not self.types or (kind.type or "rest") in self.types)
            and (not self.subtypes or subtype in self.subtypes)
            and (not self.outcomes or (_FAILED if row.deed.refused else _DONE) in self.outcomes)
            and (not self.agents or any(one.ident in self.agents for one in _agents_of(row)))
        )


def read_event_search(query: Query, *, strict: bool) -> EventSearch | Fault:
    """Return what a query searches; the person is read apart.

    Args:
        query: The parameters, in order; those of paging and of form are known and passed by.
        strict: Unknown parameters are refused rather than passed over.
    """
    dates: list[tuple[str, datetime, datetime]] = []
    codes: dict[str, frozenset[str]] = {}
    passed_over: list[str] = []
    for name, value in query:
        if name in {"date", "period-start"}:
            bound = _bound(value)
            if bound is None:
                message = f"{name} takes a date with a prefix, like ge2022-02-03"
                return Fault("PARAMETER_WRONG", message, name)
            dates.append(bound)
        elif name in _CODED:
            codes[name] = codes.get(name, frozenset()) | frozenset(_codes(value))
        elif name not in _ELSEWHERE:
            passed_over.append(name)
    if not any(name == "date" for name, _ in query):
        message = "say between which dates: date=ge…&date=le…"
        return Fault("PARAMETER_MISSING", message, "date")
    if strict and passed_over:
        message = f"the parameter {passed_over[0]} is not known here"
        return Fault("PARAMETER_UNKNOWN", message, passed_over[0])
    return EventSearch(
        dates=tuple(dates),
        types=codes.get("type", frozenset()),
        subtypes=codes.get("subtype", frozenset()),
        agents=codes.get("agent", frozenset()) | codes.get("agent.identifier", frozenset()),
        outcomes=codes.get("outcome", frozenset()),
        passed_over=tuple(passed_over),
    )


_CODED: Final = frozenset({"type", "subtype", "agent", "agent.identifier", "outcome"})
_ELSEWHERE: Final = frozenset(
    {"patient", "patient.identifier", "patient:identifier", "_count", "_page", "_format", "_pretty"}
)


def _bound(value: str) -> tuple[str, datetime, datetime] | None:
    """Return a bound: its prefix, and the span that its date names."""
    prefix = value[:_PREFIX] if value[:_PREFIX] in _PREFIXES else ""
    span = span_of(value[len(prefix) :].replace(" ", "+"))
    return None if span is None else (prefix or "eq", *span)


def _is_within(at: datetime, bound: tuple[str, datetime, datetime]) -> bool:
    """Tell whether an instant satisfies a bound (FHIR R4, 3.1.1.4.4)."""
    prefix, start, after = bound
    if prefix in {"eq", "ne"}:
        return (start <= at < after) is (prefix == "eq")
    if prefix in {"gt", "sa"}:
        return at >= after
    if prefix in {"lt", "eb"}:
        return at < start
    return at >= start if prefix == "ge" else at < after


def _codes(value: str) -> Iterator[str]:
    """Yield the codes of a comma list, without their systems."""
    for one in value.split(","):
        yield one.rpartition("|")[2].rpartition("/")[2]


def _agents_of(row: LogRow) -> tuple[Agent, ...]:
    return audit_event(row).agents
