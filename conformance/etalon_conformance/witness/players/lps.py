"""A good professional's software: what a doctor does with it, step by step.

Sources: PDSm 3.1.1 (flux 01, 03, 05, 07, 09), IHE MHD 4.2, PDSm4DMP (examples of use).
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random
from typing import Final
from urllib.parse import urlencode, urljoin
from uuid import UUID, uuid4

from etalon_conformance.deposits import bundle, labels_of
from etalon_conformance.places import steps, values_at
from etalon_conformance.seeing import SEEN_BY_ALL
from etalon_conformance.specimens import MASKED, Specimen, specimen
from etalon_conformance.witness.players.connection import (
    FHIR_JSON,
    JSON_PATCH,
    Connection,
    resource_of,
)
from etalon_conformance.witness.traffic import below, documents_in
from etalon_model.identifiers import is_matricule
from etalon_target.messages import Answer, HttpResponse
from etalon_target.people import TestPerson, TestProfessional
from etalon_wire.json_body import Json, Resource
from etalon_wire.xml_body import write_xml

_TWO_YEARS: Final = timedelta(days=730)
_BACK: Final = timedelta(hours=1)
_MOST_PAGES: Final = 30
_FHIR_XML: Final = "application/fhir+xml"
_CONFLICTS: Final = (409, 412)
_OK: Final = 200
_TRIES: Final = 3


@dataclass(slots=True)
class Desk:
    """What the software holds while it is used.

    Attributes:
        connection: How it speaks.
        people: Everybody of the session, by name.
        random: Chance.
        deposited: Documents that it deposited, in order.
        consulted: Matricule -> when their record was last consulted.
    """

    connection: Connection
    people: Mapping[str, TestPerson | TestProfessional]
    random: Random
    deposited: list[Specimen] = field(default_factory=list[Specimen])
    consulted: dict[str, datetime] = field(default_factory=dict[str, datetime])

    def now(self) -> datetime:
        """Return the instant of its clock."""
        return self.connection.means.now()

    def unique_oid(self) -> str:
        """Return an object identifier that nobody used."""
        return f"urn:oid:2.25.{uuid4().int}"

    def unique_uuid(self) -> UUID:
        """Return a UUID that nobody used."""
        return uuid4()

    def person(self, name: str) -> TestPerson:
        """Return somebody of the session.

        Raises:
            KeyError: Nobody bears that name.
        """
        found = self.people[name]
        if not isinstance(found, TestPerson):
            raise KeyError(name)
        return found

    @property
    def doctor(self) -> TestProfessional:
        """Who uses it."""
        found = self.people["doctor"]
        if not isinstance(found, TestProfessional):
            name = "doctor"
            raise KeyError(name)
        return found

    def keeps(self, habit: str) -> bool:
        """Whether it has a habit of a right client."""
        return self.connection.habits.keeps(habit)


def _log_in(desk: Desk) -> None:
    desk.connection.log_in(desk.doctor.rpps)


def _document(desk: Desk, person: TestPerson, **changed: str) -> Specimen:
    started = desk.now().replace(microsecond=0) - timedelta(days=desk.random.randint(2, 60))
    made = specimen(
        desk,
        person,
        desk.doctor,
        kind=SEEN_BY_ALL,
        started=started,
        ended=started + timedelta(minutes=30),
        created=started + timedelta(minutes=45),
        dated=started + timedelta(hours=1),
    )
    return replace(made, replaces=changed.get("replaces", ""))


def _deposit(desk: Desk, person: TestPerson, *, replaces: str = "") -> Answer:
    if desk.keeps("checks_keys") and not is_matricule(person.ins):
        message = "the software refuses an identity whose key is wrong"
        raise Declined(message)
    one = _document(desk, person, replaces=replaces)
    whole = bundle(desk, [one])

    def renamed() -> Json:
        return bundle(desk, [replace(one, unique_id=desk.unique_oid())])

    in_xml = desk.connection.habits.takes("writes_xml")
    body: Json | bytes = write_xml(whole) if in_xml else whole
    if not desk.keeps("awaits_answers"):
        return _twice(desk, whole)
    answer = desk.connection.ask(
        "POST", "", body=body, content_type=_FHIR_XML if in_xml else FHIR_JSON, renamed=renamed
    )
    if isinstance(answer, HttpResponse) and answer.status == _OK:
        desk.deposited.append(one)
    return answer


def _twice(desk: Desk, whole: Json) -> Answer:
    """Send the same deposit while the first one is awaited, as a double click does."""
    with ThreadPoolExecutor(2) as pool:
        sent = [pool.submit(desk.connection.ask, "POST", "", body=whole) for _ in range(2)]
        return next(iter([one.result() for one in sent]))


class Declined(Exception):  # noqa: N818 (what a right client does)
    """The software does not do what it was asked to, as it should."""


def _feed(desk: Desk) -> None:
    _deposit(desk, desk.person("amelie"))


def _feed_wrong_key(desk: Desk) -> None:
    _deposit(desk, desk.person("gaelle"))


def _replace(desk: Desk) -> None:
    old = _own(desk)
    named = old if desk.keeps("names_the_replaced") else ""
    _deposit(desk, desk.person("amelie"), replaces=named)


def _own(desk: Desk) -> str:
    """Return the `id` of a current reference that the doctor deposited for Amélie."""
    mine = [one.unique_id for one in desk.deposited]
    for document in _listed(desk, desk.person("amelie")):
        if (
            document.get("status") == "current"
            and _first(document, "masterIdentifier.value") in mine
        ):
            return str(document["id"])
    message = "no document of one's own is found"
    raise Declined(message)


def _listed(desk: Desk, person: TestPerson, *, whole: bool = True) -> list[Resource]:
    """Return the references of a record: the last two years first, then what changed."""
    return [
        document for page in _pages(desk, person, whole=whole) for document in documents_in(page)
    ]


def _pages(desk: Desk, person: TestPerson, *, whole: bool) -> Iterator[Resource]:
    before = desk.consulted.get(person.ins)
    since = desk.now() - _TWO_YEARS
    if before is not None and not whole and desk.keeps("asks_for_changes"):
        since = before - _BACK
    asked = {"patient.identifier": f"{person.system}|{person.ins}", "status": "current"}
    name = "_lastUpdated" if since != desk.now() and before is not None and not whole else "date"
    if desk.keeps("limits_first_search"):
        asked[name] = f"ge{since.date().isoformat()}"
    address = f"DocumentReference?{urlencode(asked)}"
    if desk.connection.habits.takes("searches_by_form"):
        address = _form_address(asked)
    for rank in range(_MOST_PAGES):
        answer = _search(desk, address, asked)
        page = resource_of(answer)
        yield page
        if isinstance(answer, HttpResponse) and answer.status == _OK:
            desk.consulted[person.ins] = desk.now()
        link = _first(page, "link[relation=next].url")
        if not link or not desk.keeps("reads_all_pages"):
            return
        address = urljoin(f"{desk.connection.base}/", link)
        if not desk.keeps("follows_links"):
            address = f"DocumentReference?{urlencode({**asked, '_page': str(rank + 2)})}"


def _form_address(asked: Mapping[str, str]) -> str:
    return f"form:{urlencode(asked)}"


def _search(desk: Desk, address: str, _asked: Mapping[str, str]) -> Answer:
    if address.startswith("form:"):
        return desk.connection.ask(
            "POST",
            "DocumentReference/_search",
            body=address.removeprefix("form:").encode(),
            content_type="application/x-www-form-urlencoded",
        )
    return desk.connection.ask("GET", address)


def _open(desk: Desk, person: TestPerson, found: list[Resource], most: int = 1) -> None:
    """Read the documents of a list, those that are to be read."""
    odd = any(_first(one, "type.coding.system").startswith("https://exemple.") for one in found)
    if odd and not desk.keeps("bears_surprises"):
        return
    read: list[str] = []
    for document in found:
        if desk.keeps("skips_superseded") and document.get("status") == "superseded":
            continue
        whose = _first(document, "subject.identifier.value")
        if desk.keeps("sets_strangers_aside") and whose not in {"", person.ins}:
            continue
        address = _first(document, "content.attachment.url")
        read.append(below(desk.connection.base, address))
    wanted = [one for one in read if one][:most]
    if desk.connection.habits.takes("reads_in_parallel"):
        with ThreadPoolExecutor(3) as pool:
            list(pool.map(lambda one: desk.connection.ask("GET", one, accept="*/*"), wanted))
        return
    for one in wanted:
        desk.connection.ask("GET", one, accept="*/*")


def _consult(name: str, most: int = 1) -> Callable[[Desk], None]:
    def consult(desk: Desk) -> None:
        person = desk.person(name)
        _open(desk, person, _listed(desk, person), most)

    return consult


def _refresh(desk: Desk) -> None:
    person = desk.person("bruno")
    found = _listed(desk, person, whole=False)
    _open(desk, person, found)


def _patched(desk: Desk, operation: Resource) -> None:
    """Change a document of one's own, on the version read; read it again where that changed."""
    ident = _own(desk)
    place = f"DocumentReference/{ident}"
    read = desk.connection.ask("GET", place)
    for _ in range(_TRIES):
        version = _first(resource_of(read), "meta.versionId")
        conditional = (
            (("If-Match", f'W/"{version}"'),) if desk.keeps("changes_what_it_read") else ()
        )
        answer = desk.connection.ask(
            "PATCH", place, body=[operation], content_type=JSON_PATCH, headers=conditional
        )
        if not isinstance(answer, HttpResponse) or answer.status not in _CONFLICTS:
            return
        if desk.keeps("reads_again"):
            read = desk.connection.ask("GET", place)


def _mask(desk: Desk) -> None:
    _patched(desk, {"op": "add", "path": "/securityLabel/-", "value": labels_of("N", [MASKED])[1]})


def _delete(desk: Desk) -> None:
    _patched(desk, {"op": "replace", "path": "/status", "value": "entered-in-error"})


def _try(name: str) -> Callable[[Desk], None]:
    """Ask whether a record may be read, and leave it alone where it may not."""

    def attempt(desk: Desk) -> None:
        person = desk.person(name)
        asked = _parameters(patient=person)
        answer = desk.connection.ask("POST", "Patient/$mes-authorisation", body=asked)
        told = resource_of(answer)
        refused = _first(told, "parameter[name=status].valueCode") != "valid"
        if refused and desk.keeps("leaves_refused_records"):
            return
        _open(desk, person, _listed(desk, person))

    return attempt


def _break_glass(desk: Desk) -> None:
    person, connection = desk.person("emma"), desk.connection
    token = connection.sandbox_token(
        kind="professional", rpps=desk.doctor.rpps, access_mode="break_glass"
    )
    connection.bear(token)
    said: dict[str, Json] = {"incapable": True} if desk.keeps("says_why") else {"incapable": False}
    whose = person if desk.keeps("breaks_no_glass_at_home") else desk.person("claire")
    connection.ask(
        "POST",
        "Patient/$mes-open-record",
        body=_parameters(patient=whose, mode="break_glass", **said),
    )
    if desk.keeps("says_why"):
        _open(desk, person, _listed(desk, person))
    _log_in(desk)


def _parameters(patient: TestPerson, mode: str = "", **said: Json) -> Resource:
    identifier: Json = {"system": patient.system, "value": patient.ins}
    parts: list[Json] = [{"name": "patient", "valueIdentifier": identifier}]
    if mode:
        parts.append({"name": "mode", "valueCode": mode})
    parts += [{"name": name, "valueBoolean": value} for name, value in said.items()]
    return {"resourceType": "Parameters", "parameter": parts}


def _first(value: Json, path: str) -> str:
    return next(iter(values_at(value, steps(path))), "")


STEPS: Final[Mapping[str, Callable[[Desk], None]]] = {
    "login": _log_in,
    "deposit": _feed,
    "deposit-slow": _feed,
    "deposit-error": _feed,
    "deposit-lost": _feed,
    "deposit-refused": _feed,
    "first-consult": _consult("bruno"),
    "later-consult": _refresh,
    "surprises": _consult("claire"),
    "oversize": _consult("claire"),
    "superseded": _consult("claire", 3),
    "another-person": _consult("claire", 3),
    "expired-token": _consult("claire"),
    "too-many": _consult("claire"),
    "unavailable": _consult("claire"),
    "cut-answer": _consult("claire"),
    "not-found": _consult("claire"),
    "replace": _replace,
    "mask": _mask,
    "delete": _delete,
    "refused": _try("denis"),
    "revoked": _try("farid"),
    "break-glass": _break_glass,
    "ins-quality": _feed_wrong_key,
}
"""What it does at each step of its profile."""
