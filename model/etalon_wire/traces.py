"""Traces that a source sends of what happened in its own system (ITI-20), read and kept.

What is kept is what was sent, under an address of ours. A trace names one person, by matricule or
by an address of ours, and its sender, as an agent or as the observer: the log of a space is not to
say of somebody what they did not say of themselves. It is noted after it happened, and no later
than now but for what clocks differ.

Sources: ANS, Traçabilité des évènements 2.0.0 (flux 1, profile tde-auditevent); IHE ITI-20, FHIR
feed, one event at a time; IHE MHD, audit profiles (the patient is the entity of role 1).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from secrets import token_hex
from typing import Final, NamedTuple, cast

from etalon_model import Actor, Identity
from etalon_wire.audit import DONE, EVENTS_OF_IHE
from etalon_wire.event_searching import Code
from etalon_wire.findings import Finding
from etalon_wire.json_body import Json, Resource, read_value, write_json
from etalon_wire.malformed import TOO_LONG, Malformed
from etalon_wire.records.addresses import Named, record_key
from etalon_wire.records.document_encoding import KEPT_LIMITS
from etalon_wire.records.documents import named_subject
from etalon_wire.records.instants import instant_of, written
from etalon_wire.records.origins import contained_in
from etalon_wire.records.parties import identifier_named
from etalon_wire.validation.reading import first, part, parts, text

BYTES_MOST: Final = 64 * 1024
"""Most bytes of one trace: the log of a space is read as a whole."""

CLOCKS_DIFFER: Final = timedelta(minutes=5)

_PATIENT: Final = "1"
"""Role of the entity whose space it was, in the roles of objects of FHIR."""

_DIGITS: Final = 11
_REQUIREMENT: Final = "W-AUD-02"


class Sent(NamedTuple):
    """A trace as it was sent.

    Attributes:
        who: Whose space it tells of.
        transaction: Code of the transaction of IHE it tells of, or an empty string.
        resource: What was sent.
    """

    who: Named
    transaction: str
    resource: Resource


def read_trace(resource: Resource, sender: Actor, at: datetime, base: str) -> Sent | list[Finding]:
    """Return what a trace tells, or what is wrong with it; it has been validated.

    Args:
        resource: The AuditEvent.
        sender: Who sends it.
        at: Now (UTC).
        base: Public address of the server, without a slash at its end.

    Raises:
        Malformed: A date that cannot be kept, or too much to keep.
    """
    if len(write_json(resource)) > BYTES_MOST:
        message = f"a trace is {BYTES_MOST // 1024} kB at most: leave out what was exchanged"
        raise Malformed(TOO_LONG, "AuditEvent", message)
    named = list(_people(resource, base))
    found = [*_wrong_people(named), *_wrong_dates(resource, at)]
    if sender.ident not in parties_of(resource) | _observers(resource):
        message = "whoever sends a trace is an agent of it or its observer, by their identifier"
        found.append(_error("business-rule", "agent", message))
    if found:
        return found
    subtype = first(resource, "subtype")
    known = text(subtype, "system") == EVENTS_OF_IHE
    return Sent(named[0], text(subtype, "code") if known else "", resource)


def _people(resource: Resource, base: str) -> Iterator[Named]:
    """Yield the people whose space a trace tells of, each once."""
    seen: set[Named] = set()
    for entity in parts(resource, "entity"):
        if text(part(entity, "role"), "code") != _PATIENT:
            continue
        about: Resource = {**resource, "subject": part(entity, "what")}
        named = named_subject(about, base) or Named()
        if named not in seen:
            seen.add(named)
            yield named


def _wrong_people(named: list[Named]) -> Iterator[Finding]:
    if not named or Named() in named:
        message = "say whose space it was: an entity of role 1 with their matricule INS"
        yield _error("required", "entity", message)
    elif len(named) > 1:
        message = "a trace tells of one person's space: send one for each"
        yield _error("business-rule", "entity", message)


def _wrong_dates(resource: Resource, at: datetime) -> Iterator[Finding]:
    recorded_at, started_at = _recorded(resource), _started(resource)
    if recorded_at > at + CLOCKS_DIFFER:
        yield _error("value", "recorded", "it is noted later than now: send it once it was")
    if started_at > recorded_at:
        yield _error("value", "period.start", "it begins after it was noted")


def _error(code: str, element: str, message: str) -> Finding:
    return Finding("error", code, f"AuditEvent.{element}", _REQUIREMENT, message)


def _recorded(resource: Resource) -> datetime:
    return instant_of(text(resource, "recorded"), "AuditEvent.recorded")


def _started(resource: Resource) -> datetime:
    start = text(part(resource, "period"), "start")
    return instant_of(start, "AuditEvent.period.start")


def parties_of(resource: Resource) -> frozenset[str]:
    """Return the identifiers of the agents of an AuditEvent."""
    return _named(resource, (part(agent, "who") for agent in parts(resource, "agent")))


def _observers(resource: Resource) -> frozenset[str]:
    return _named(resource, (part(part(resource, "source"), "observer"),))


def _named(resource: Resource, references: Iterable[Resource]) -> frozenset[str]:
    """Return whom references name: by an identifier, or by an address that ends with it."""
    contained = contained_in(resource)
    idents = (identifier_named(one, contained) for one in references)
    return frozenset(one.rpartition("/")[2] for one in idents) - {""}


@dataclass(frozen=True, slots=True)
class KeptTrace:
    """A trace that was taken in.

    Attributes:
        event_id: Its `id`.
        came_at: When it was taken in (UTC).
        sent: What was sent, without what the service decides.
    """

    event_id: str
    came_at: datetime
    sent: Resource

    @property
    def recorded_at(self) -> datetime:
        """When its source noted it (UTC)."""
        return _recorded(self.sent)

    @property
    def started_at(self) -> datetime:
        """When what it tells of began (UTC)."""
        return _started(self.sent)

    @property
    def type(self) -> Code:
        """What kind of event it is."""
        kind = part(self.sent, "type")
        return text(kind, "system"), text(kind, "code")

    @property
    def subtype(self) -> Code:
        """Of which transaction, if its source says so."""
        subtype = first(self.sent, "subtype")
        return text(subtype, "system"), text(subtype, "code")

    @property
    def outcome(self) -> str:
        """Code of how it ended; well where its source does not say."""
        return text(self.sent, "outcome") or DONE

    @property
    def parties(self) -> frozenset[str]:
        """National identifiers of whoever took part."""
        return parties_of(self.sent)

    @property
    def agents(self) -> list[Resource]:
        """Whoever took part, as it says."""
        return parts(self.sent, "agent")

    def resource(self, identity: Identity | None = None) -> Resource:
        """Return it as it was sent, under its address; whose it is, it says itself."""
        del identity
        meta: Resource = {"versionId": "1", "lastUpdated": written(self.came_at)}
        meta |= part(self.sent, "meta")
        rest = {name: value for name, value in self.sent.items() if name != "meta"}
        del rest["resourceType"]
        return {"resourceType": "AuditEvent", "id": self.event_id, "meta": meta, **rest}

    def to_bytes(self) -> bytes:
        """Return it as it is kept."""
        kept: Resource = {"id": self.event_id, "at": written(self.came_at), "sent": self.sent}
        return write_json(kept)


def keep_trace(sent: Sent, ins: str, at: datetime) -> KeptTrace:
    """Return what is kept of a trace of somebody's space, taken in at `at` (UTC)."""
    meta: Resource = {
        name: value
        for name, value in part(sent.resource, "meta").items()
        if name not in {"versionId", "lastUpdated"}
    }
    kept: Resource = {
        name: value for name, value in sent.resource.items() if name not in {"id", "meta"}
    }
    if meta:
        kept["meta"] = meta
    # Two equal traces of one instant are two: their source sent two.
    event_id = f"{record_key(ins)}-e{token_hex(_DIGITS)[:_DIGITS]}"
    return KeptTrace(event_id, at, kept)


def kept_trace_from(body: bytes) -> KeptTrace:
    """Return a trace from what was kept of it."""
    kept = cast("Resource", read_value(body, KEPT_LIMITS))
    came_at = datetime.fromisoformat(text(kept, "at"))
    return KeptTrace(text(kept, "id"), came_at, cast("dict[str, Json]", kept["sent"]))
