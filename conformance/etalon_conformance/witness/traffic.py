"""What a client sent and what it was answered, read as the wire reads it.

An exchange is the same object as that of a check, with what only the witness knows beside it: the
step, the token's client, what was played on purpose, the instant of the service.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache, cached_property
from typing import Final, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from etalon_conformance.exchanges import Exchange
from etalon_conformance.places import steps, values_at
from etalon_wire.interactions import FHIR, interactions
from etalon_wire.json_body import Json, Resource, read_value
from etalon_wire.mail.messages import matricule_in
from etalon_wire.malformed import Limits, Malformed
from etalon_wire.xml_body import read_xml

_APPS: Final = ("/measures/fhir", "/documents/fhir")
"""Bases of the interfaces that are for referenced services."""
MAIL: Final = "MAIL"
"""The verb of an exchange that is no HTTP: a mail given to the witness."""
SEND_MAIL: Final = "send_mail"
"""The interaction that it is."""
_SUCCESSES: Final = range(200, 300)
_REFUSALS: Final = range(400, 500)
_FORM: Final = "application/x-www-form-urlencoded"
_PATIENT: Final = ("patient.identifier", "subject.identifier", "patient:identifier", "patient")
_SUBJECTS: Final = (
    "subject.identifier.value",
    "entry.resource.subject.identifier.value",
    "patient.identifier.value",
    "parameter[name=patient].valueIdentifier.value",
    "entry.resource.contained[resourceType=Patient].identifier.value",
    "contained[resourceType=Patient].identifier.value",
)
Query = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Witnessed:
    """One exchange of a client.

    Attributes:
        exchange: What was sent and answered.
        step: The step under way, or empty.
        base: Address of the FHIR base, without a slash at its end.
        began: When the request was whole, in seconds of a clock that only goes forward.
        ended: When the answer was.
        now: The instant of the service (UTC).
        client: Identifier of the software that the token says, or empty.
        patient: Matricule that the token is for, or empty.
        correlation: What the client calls the exchange (`X-Correlation-ID`), or empty.
        played: What the witness did on purpose; empty where it answered as the reference does.
    """

    exchange: Exchange
    step: str
    base: str
    began: float
    ended: float
    now: datetime
    client: str = ""
    patient: str = ""
    correlation: str = ""
    played: str = ""

    @property
    def number(self) -> int:
        """Its rank, from 1."""
        return self.exchange.number

    @property
    def verb(self) -> str:
        """Its method."""
        return self.exchange.request.verb

    @property
    def status(self) -> int:
        """Status of the answer; 0 where there was none."""
        return self.exchange.status

    @property
    def is_accepted(self) -> bool:
        """Whether it was carried out."""
        return self.status in _SUCCESSES

    @property
    def is_refused(self) -> bool:
        """Whether it was refused as the client's fault."""
        return self.status in _REFUSALS

    @property
    def token(self) -> str:
        """The token that it bears, or empty."""
        kind, _, token = self.exchange.request.header("authorization").partition(" ")
        return token if kind.lower() == "bearer" else ""

    @cached_property
    def below(self) -> str | None:
        """Its path below the FHIR base without a slash at its start; None for another place."""
        url = self.exchange.request.url.partition("?")[0]
        if url == self.base:
            return ""
        return url[len(self.base) + 1 :] if url.startswith(f"{self.base}/") else None

    @property
    def is_call(self) -> bool:
        """Whether it asks something of an interface of data, and not of a login."""
        return self.below is not None or self.is_of_app

    @property
    def is_of_app(self) -> bool:
        """Whether it asks something of an interface that is for referenced services."""
        return self.path.startswith(_APPS)

    @property
    def path(self) -> str:
        """Its path below the root."""
        if self.below is not None:
            return f"{FHIR}/{self.below}".rstrip("/")
        return unquote(urlsplit(self.exchange.request.url).path)

    @cached_property
    def query(self) -> Query:
        """Parameters of the address, and of a search sent as a form, in order."""
        asked = parse_qsl(urlsplit(self.exchange.request.url).query, keep_blank_values=True)
        return (*asked, *self.form)

    @cached_property
    def form(self) -> Query:
        """Parameters of a form; none when it is no form."""
        request = self.exchange.request
        if not request.header("content-type").lower().startswith(_FORM):
            return ()
        return parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)

    @cached_property
    def interaction(self) -> str:
        """Name of the interaction in the table of the wire, or empty."""
        if self.verb == MAIL:
            return SEND_MAIL
        return interaction_at(self.verb, self.path)

    @cached_property
    def sent(self) -> Resource:
        """The resource that was sent; empty where the body is none."""
        request = self.exchange.request
        return _resource(request.body, request.header("content-type"))

    @cached_property
    def answered(self) -> Resource:
        """The resource that was answered; empty where the body is none."""
        return _resource(self.exchange.body, self.exchange.header("content-type"))

    def asked(self, name: str) -> list[str]:
        """Return the values of a parameter."""
        return [value for key, value in self.query if key == name]

    def said(self, path: str) -> tuple[str, ...]:
        """Return the values at a path of what was sent."""
        return values_at(self.sent, steps(path))

    def told(self, path: str) -> tuple[str, ...]:
        """Return the values at a path of what was answered."""
        return values_at(self.answered, steps(path))

    def same_request(self, other: "Witnessed") -> bool:
        """Whether another exchange asked for the very same."""
        mine, theirs = self.exchange.request, other.exchange.request
        return (mine.verb, mine.url, mine.body) == (theirs.verb, theirs.url, theirs.body)


@dataclass(slots=True)
class Known:
    """What answers told so far of the documents of people.

    Attributes:
        patients: Address below the base of a document or a content -> matricule.
        statuses: Address of a content -> status of its document.
        names: Address of a content -> unique identifier of its document.
    """

    patients: dict[str, str]
    statuses: dict[str, str]
    names: dict[str, str]

    def patient_of(self, one: Witnessed) -> str:
        """Return the matricule of whom an exchange is about, or empty.

        Referenced services know no matricule: whom their calls are about is who their token is for.
        """
        if one.is_of_app:
            return one.patient
        if one.verb == MAIL:
            return matricule_in(one.path.removeprefix("/"))
        for name in _PATIENT:
            for value in one.asked(name):
                found = value.rpartition("|")[2]
                if found.isdigit():
                    return found
        for path in _SUBJECTS:
            if values := one.said(path):
                return values[0]
        return self.patients.get((one.below or "").partition("/_history")[0], "") or one.patient

    def learn(self, one: Witnessed) -> None:
        """Remember what an answer tells of documents."""
        for document in documents_in(one.answered):
            subject = values_at(document, steps("subject.identifier.value"))
            if not subject:
                continue
            ident = str(document.get("id") or "")
            if ident:
                self.patients[f"DocumentReference/{ident}"] = subject[0]
            for address in values_at(document, steps("content.attachment.url")):
                content = below(one.base, address)
                self.patients[content] = subject[0]
                self.statuses[content] = str(document.get("status") or "")
                unique = values_at(document, steps("masterIdentifier.value"))
                self.names[content] = unique[0] if unique else ""


def nothing_known() -> Known:
    """Return what is known before the first answer."""
    return Known({}, {}, {})


def below(base: str, address: str) -> str:
    """Return an address as it stands below the FHIR base."""
    if address.startswith(f"{base}/"):
        return address[len(base) + 1 :]
    return address.partition(f"{FHIR}/")[2] or address


def documents_in(resource: Resource) -> Iterator[Resource]:
    """Yield the document references of a page, or the one that a resource is."""
    yield from resources_in(resource, "DocumentReference")


def resources_in(resource: Resource, kind: str) -> Iterator[Resource]:
    """Yield the resources of a type in a bundle, or the one that a resource is."""
    if resource.get("resourceType") == kind:
        yield resource
    entries = resource.get("entry")
    for entry in entries if isinstance(entries, list) else ():
        held = entry.get("resource") if isinstance(entry, dict) else None
        if isinstance(held, dict) and held.get("resourceType") == kind:
            yield held


def _resource(body: bytes, media_type: str) -> Resource:
    if not body:
        return {}
    limits = Limits(bytes=max(1, len(body)))
    read: Json
    try:
        if "xml" in media_type.lower():
            read = cast("Json", read_xml(body, limits))
        else:
            read = read_value(body, limits)
    except (Malformed, ValueError):
        return {}
    return read if isinstance(read, dict) else {}


def interaction_at(verb: str, path: str) -> str:
    """Return the name of the interaction of a method at a path below the root, or empty."""
    return next((name for name, each in _paths(verb) if each.fullmatch(path)), "")


@cache
def _paths(verb: str) -> tuple[tuple[str, re.Pattern[str]], ...]:
    """Return name and path of the interactions of a method, those without a gap first."""
    rows = [one for one in interactions().values() if one.verb == verb]
    rows.sort(key=lambda one: one.path.count("{"))
    return tuple((one.name, re.compile(_pattern(one.path))) for one in rows)


def _pattern(path: str) -> str:
    return re.sub(r"\\\{[a-z_]+\\\}", "[^/]+", re.escape(path))
