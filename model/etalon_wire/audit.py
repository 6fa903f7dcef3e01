"""Rows of the access log as AuditEvent, as a person may read them.

The shape is that of TDE: a start, one or two agents each known by an identifier. Where a command is
a transaction of IHE, its subtype, type and roles are those of the audit profiles of MHD, the second
agent being this service.

Readings: the log keeps the command and not the transaction, so a deposit is told as ITI-65 whether
it came alone or in a bundle, a search of lists as one of the documents they hold (ITI-67), and a
description read by its address as the document (ITI-68). The set that a deposit came in is not
told; whose space it was is.

Sources: ANS, Traçabilité des évènements 2.0.0; IHE MHD 4.2.3, audit profiles (BALP); DICOM PS3.16
(110106, 110107, 110112, 110152, 110153).
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from hashlib import sha256
from typing import Final

from etalon_model import Identity, LogRow, audit_event
from etalon_model.rights.audit import Agent
from etalon_wire.consents import party_reference
from etalon_wire.event_searching import Code
from etalon_wire.json_body import Json, Resource
from etalon_wire.operation_outcomes import REFUSALS
from etalon_wire.records.addresses import person_id, record_key
from etalon_wire.records.document_encoding import narrative
from etalon_wire.records.instants import written
from etalon_wire.records.parties import ins_identifier
from etalon_wire.tables import rows_of
from etalon_wire.validation.reading import text

EVENTS_OF_IHE: Final = "urn:ihe:event-type-code"
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
DONE: Final = "0"
_FAILED: Final = "4"
_SERVICE: Final[Resource] = {"type": "Device", "display": "Étalon"}


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

    @property
    def recorded_at(self) -> datetime:
        """When it happened, which is when it was noted (UTC)."""
        return self.row.at

    @property
    def started_at(self) -> datetime:
        """When it happened (UTC)."""
        return self.row.at

    @property
    def type(self) -> Code:
        """What kind of event it is."""
        return _pair(_type(_kind_of(self.row)))

    @property
    def subtype(self) -> Code:
        """Of which transaction or command."""
        return _pair(_subtype(self.row.deed.action, _kind_of(self.row)))

    @property
    def outcome(self) -> str:
        """Code of how it ended."""
        return _FAILED if self.row.deed.refused else DONE

    @property
    def parties(self) -> frozenset[str]:
        """National identifiers of whoever took part."""
        return frozenset(one.ident for one in audit_event(self.row).agents)

    @property
    def agents(self) -> list[Resource]:
        """Whoever took part, as an AuditEvent says."""
        return _agents(self.row)

    def resource(self, identity: Identity) -> Resource:
        """Return it as an AuditEvent of somebody's space."""
        return event_resource(identity, self)


def events_of(rows: Sequence[LogRow]) -> list[Event]:
    """Return the events of one person's log, oldest first like its rows.

    Two equal rows of one instant have two addresses, in their order.
    """
    seen: Counter[LogRow] = Counter()
    found: list[Event] = []
    for row in rows:
        seen[row] += 1
        said = f"{row.at.isoformat()}|{row.actor!r}|{row.deed!r}|{seen[row]}"
        digest = sha256(said.encode()).hexdigest()
        found.append(Event(f"{record_key(row.ins)}-d{digest[:_DIGITS]}", row))
    return found


def event_resource(identity: Identity, event: Event) -> Resource:
    """Return a row as an AuditEvent."""
    row = event.row
    told = audit_event(row)
    kind = _kind_of(row)
    at = written(row.at)
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
        "outcome": _FAILED if told.refused else DONE,
    }
    if told.refused:
        resource["outcomeDesc"] = f"{REFUSALS}#{told.refused}"
    resource["agent"] = list[Json](_agents(row))
    resource["source"] = {"observer": _SERVICE}
    resource["entity"] = [_patient_entity(identity, row)]
    return resource


def _agents(row: LogRow) -> list[Resource]:
    kind = _kind_of(row)
    agents = [_agent(one, kind) for one in audit_event(row).agents]
    if kind.requester_role and len(agents) == 1:
        agents.append(_service_agent(kind))
    return agents


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


def _kind_of(row: LogRow) -> EventKind:
    return event_kinds().get(row.deed.action, _PLAIN)


def _pair(coding: Resource) -> tuple[str, str]:
    return text(coding, "system"), text(coding, "code")
