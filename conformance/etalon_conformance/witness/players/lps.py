"""A good professional's software: what a doctor does with it, step by step.

Sources: PDSm 3.1.1 (flux 01, 03, 05, 07, 09), IHE MHD 4.2, PDSm4DMP (examples of use).
"""

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from typing import Final
from urllib.parse import urlencode, urljoin

from etalon_conformance.deposits import bundle, labels_of
from etalon_conformance.seeing import SEEN_BY_ALL
from etalon_conformance.specimens import MASKED, Specimen, specimen
from etalon_conformance.structured import structured
from etalon_conformance.witness.players.connection import (
    FHIR_JSON,
    JSON_PATCH,
    resource_of,
)
from etalon_conformance.witness.players.desk import Declined, Desk, first, parameters
from etalon_conformance.witness.traffic import below, documents_in
from etalon_model.identifiers import is_matricule
from etalon_target.messages import Answer, HttpResponse
from etalon_target.people import TestPerson
from etalon_wire.json_body import Json, Resource
from etalon_wire.xml_body import write_xml

_TWO_YEARS: Final = timedelta(days=730)
_BACK: Final = timedelta(hours=1)
_MOST_PAGES: Final = 30
_FHIR_XML: Final = "application/fhir+xml"
_CONFLICTS: Final = (409, 412)
_OK: Final = 200
_TRIES: Final = 3


def log_in(desk: Desk) -> None:
    """Log in who uses the software."""
    desk.log_in()


def _document(desk: Desk, person: TestPerson, **changed: str) -> Specimen:
    started = desk.now().replace(microsecond=0) - timedelta(days=desk.random.randint(2, 60))
    made = specimen(
        desk,
        person,
        desk.professional(),
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


def feed(desk: Desk) -> None:
    """Deposit a document."""
    _deposit(desk, desk.person("amelie"))


def feed_many(desk: Desk) -> None:
    """Deposit three documents at once."""
    person = desk.person("amelie")
    made = [_document(desk, person) for _ in range(3)]
    desk.connection.ask("POST", "", body=bundle(desk, made))


def feed_structured(desk: Desk) -> None:
    """Deposit a structured document, whose header says what its reference says."""
    one = structured(desk, desk.person("amelie"), desk.professional())
    desk.connection.ask("POST", "", body=bundle(desk, [one]))


def feed_wrong_key(desk: Desk) -> None:
    """Refuse to deposit for an identity whose key is wrong."""
    _deposit(desk, desk.person("gaelle"))


def supersede(desk: Desk) -> None:
    """Replace a document of one's own."""
    old = _own(desk)
    named = old if desk.keeps("names_the_replaced") else ""
    _deposit(desk, desk.person("amelie"), replaces=named)


def _own(desk: Desk) -> str:
    """Return the `id` of a current reference that the doctor deposited for Amélie."""
    mine = [one.unique_id for one in desk.deposited]
    for document in listed(desk, desk.person("amelie")):
        if (
            document.get("status") == "current"
            and first(document, "masterIdentifier.value") in mine
        ):
            return str(document["id"])
    message = "no document of one's own is found"
    raise Declined(message)


def listed(desk: Desk, person: TestPerson, *, whole: bool = True) -> list[Resource]:
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
        link = first(page, "link[relation=next].url")
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


def open_documents(desk: Desk, person: TestPerson, found: list[Resource], most: int = 1) -> None:
    """Read the documents of a list, those that are to be read."""
    odd = any(first(one, "type.coding.system").startswith("https://exemple.") for one in found)
    if odd and not desk.keeps("bears_surprises"):
        return
    read: list[str] = []
    for document in found:
        if desk.keeps("skips_superseded") and document.get("status") == "superseded":
            continue
        whose = first(document, "subject.identifier.value")
        if desk.keeps("sets_strangers_aside") and whose not in {"", person.ins}:
            continue
        address = first(document, "content.attachment.url")
        read.append(below(desk.connection.base, address))
    wanted = [one for one in read if one][:most]
    if desk.connection.habits.takes("reads_in_parallel"):
        with ThreadPoolExecutor(3) as pool:
            for one in wanted:
                pool.submit(desk.connection.ask, "GET", one, accept="*/*")
        return
    for one in wanted:
        desk.connection.ask("GET", one, accept="*/*")


def consult(name: str, most: int = 1) -> Callable[[Desk], None]:
    """Return what opens somebody's record, and reads some documents of it."""

    def consult(desk: Desk) -> None:
        person = desk.person(name)
        open_documents(desk, person, listed(desk, person), most)

    return consult


def refresh(desk: Desk) -> None:
    """Ask a record for what changed."""
    person = desk.person("bruno")
    found = listed(desk, person, whole=False)
    open_documents(desk, person, found)


def _patched(desk: Desk, operation: Resource) -> None:
    """Change a document of one's own, on the version read; read it again where that changed."""
    ident = _own(desk)
    place = f"DocumentReference/{ident}"
    read = desk.connection.ask("GET", place)
    for _ in range(_TRIES):
        version = first(resource_of(read), "meta.versionId")
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


def mask(desk: Desk) -> None:
    """Mask a document of one's own from professionals."""
    _patched(desk, {"op": "add", "path": "/securityLabel/-", "value": labels_of("N", [MASKED])[1]})


def withdraw(desk: Desk) -> None:
    """Delete a document of one's own."""
    _patched(desk, {"op": "replace", "path": "/status", "value": "entered-in-error"})


def attempt_on(name: str) -> Callable[[Desk], None]:
    """Ask whether a record may be read, and leave it alone where it may not."""

    def attempt(desk: Desk) -> None:
        person = desk.person(name)
        asked = parameters(patient=person)
        answer = desk.connection.ask("POST", "Patient/$mes-authorisation", body=asked)
        told = resource_of(answer)
        refused = first(told, "parameter[name=status].valueCode") != "valid"
        if refused and desk.keeps("leaves_refused_records"):
            return
        open_documents(desk, person, listed(desk, person))

    return attempt


def break_glass(desk: Desk) -> None:
    """Open the record of somebody who cannot express a will."""
    person, connection = desk.person("emma"), desk.connection
    token = connection.sandbox_token(
        kind="professional", rpps=desk.professional().rpps, access_mode="break_glass"
    )
    connection.bear(token)
    said: dict[str, Json] = {"incapable": True} if desk.keeps("says_why") else {"incapable": False}
    whose = person if desk.keeps("breaks_no_glass_at_home") else desk.person("claire")
    connection.ask(
        "POST",
        "Patient/$mes-open-record",
        body=parameters(patient=whose, mode="break_glass", **said),
    )
    if desk.keeps("says_why"):
        open_documents(desk, person, listed(desk, person))
    log_in(desk)


STEPS: Final[Mapping[str, Callable[[Desk], None]]] = {
    "login": log_in,
    "deposit": feed,
    "deposit-cda": feed_structured,
    "deposit-slow": feed,
    "deposit-error": feed,
    "deposit-lost": feed,
    "deposit-refused": feed,
    "first-consult": consult("bruno"),
    "later-consult": refresh,
    "surprises": consult("claire"),
    "oversize": consult("claire"),
    "superseded": consult("claire", 3),
    "another-person": consult("claire", 3),
    "expired-token": consult("claire"),
    "too-many": consult("claire"),
    "unavailable": consult("claire"),
    "cut-answer": consult("claire"),
    "not-found": consult("claire"),
    "replace": supersede,
    "mask": mask,
    "delete": withdraw,
    "refused": attempt_on("denis"),
    "revoked": attempt_on("farid"),
    "break-glass": break_glass,
    "ins-quality": feed_wrong_key,
}
"""What it does at each step of its profile."""
