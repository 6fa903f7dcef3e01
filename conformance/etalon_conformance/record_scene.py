"""What checks of records do before they look: deposit, find, read; and where things are.

Documents are told apart by their unique identifier, which is ours, never by an `id`, which is the
server's to choose. A document is deposited by transaction (ITI-65), which every server of records
takes; the simplified publication (ITI-105) is an option.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import urlencode

from etalon_conformance.bench import FHIR_JSON, JSON_PATCH, Bench
from etalon_conformance.deposits import bundle, simplified
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import Expectation, equals, includes, one_of, present, status
from etalon_conformance.specimens import Specimen
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.people import TestPerson, TestProfessional
from etalon_wire.json_body import Json, Resource

DOCUMENTS: Final = "entry.resource[resourceType=DocumentReference]"
"""Path to the documents of a page; outcomes and inclusions of other types are left aside."""
UNIQUE_IDS: Final = f"{DOCUMENTS}.masterIdentifier.value"
LISTS: Final = "entry.resource[resourceType=List]"
RFC_3986: Final = "urn:ietf:rfc:3986"
REFUSED: Final = (400, 403, 404, 405, 406, 409, 410, 412, 413, 415, 422)
"""Statuses by which a request is refused for what it is."""
NOT_OFFERED: Final = (404, 405, 501)
"""Statuses by which a server says that it does not know an interaction."""
_MOVED: Final = (301, 307, 308)
_UNSUPPORTED: Final = 415
_NURSE: Final = "60"
_ADDRESS: Final = re.compile(r"(?:^|/)([A-Z][A-Za-z]+)/([A-Za-z0-9.-]{1,64})(?:/_history/[^/?]+)?$")

Criteria = Mapping[str, str] | Sequence[tuple[str, str]]


def matricule(person: TestPerson) -> str:
    """Return the matricule of somebody as a search writes it."""
    return f"{person.system}|{person.ins}"


def query(person: TestPerson, criteria: Criteria = (), *, current: bool = True) -> str:
    """Return the query of a search of somebody's documents.

    Args:
        person: Whose.
        criteria: Further parameters, in their order.
        current: Only current documents are asked for; else the criteria say which.
    """
    pairs = list(criteria.items()) if isinstance(criteria, Mapping) else list(criteria)
    status_asked = [("status", "current")] if current else []
    return urlencode([("patient.identifier", matricule(person)), *status_asked, *pairs])


def found(
    bench: Bench, who: Who, person: TestPerson, criteria: Criteria = (), *, current: bool = True
) -> tuple[Exchange, ...]:
    """Search somebody's documents; return the pages, all of them."""
    address = f"DocumentReference?{query(person, criteria, current=current)}"
    return bench.pages(bench.call(who, "GET", address), who)


def sent(
    bench: Bench,
    who: Who,
    whole: "Json | bytes",
    *,
    accept: str = FHIR_JSON,
    content_type: str = FHIR_JSON,
) -> Exchange:
    """Send a transaction to the base, without a slash; with one where the server wants it."""

    def ask(address: str) -> Exchange:
        return bench.call(
            who, "POST", address, body=whole, accept=accept, content_type=content_type
        )

    answer = ask("")
    if answer.status in {*NOT_OFFERED, *_MOVED}:
        with_slash = ask(f"{bench.target.fhir_base}/")
        return answer if with_slash.status in NOT_OFFERED else with_slash
    return answer


def colleague(bench: Bench, person: TestPerson) -> TestProfessional:
    """Return a professional of the care team who is no doctor; a doctor where there is none else.

    Raises:
        CannotTest: There is neither.
    """
    try:
        return bench.treating(person, _NURSE)
    except CannotTest:
        return bench.treating(person)


def deposit(bench: Bench, requirement: str, specimens: Sequence[Specimen]) -> Exchange:
    """Deposit documents by transaction, as their author; a control: the check needs them."""
    answer = sent(bench, specimens[0].author.who, bundle(bench, specimens))
    bench.expects(requirement, answer, one_of("status", "200"), control=True)
    return answer


def publish(bench: Bench, one: Specimen, resource: "Json" = None) -> Exchange:
    """Publish a document (ITI-105), as its author, and ask for what was made of it."""
    return bench.call(
        one.author.who,
        "POST",
        "DocumentReference",
        body=simplified(one) if resource is None else resource,
        headers=(("Prefer", "return=representation"),),
    )


def offers_publishing(bench: Bench, requirement: str, one: Specimen) -> Exchange:
    """Publish a document; a control: the server offers the simplified publication."""
    answer = publish(bench, one)
    if answer.status in NOT_OFFERED:
        bench.expects(requirement, answer, status(200, 201), control=True)
    return answer


def said(document: str, values: Mapping[str, str]) -> Iterator[Expectation]:
    """Yield what a document has to say, by path; a code may stand beside others.

    Args:
        document: Path to the document.
        values: What it says at each path below.
    """
    for path, value in values.items():
        whole = f"{document}.{path}"
        yield includes(whole, value) if path.endswith(".coding.code") else equals(whole, value)


def page_with(
    bench: Bench, requirement: str, who: Who, one: Specimen, *, current: bool = True
) -> Exchange:
    """Return the page, of all of somebody's documents, that holds one of them; a control."""
    pages = found(bench, who, one.person, current=current)
    bench.expects(requirement, pages, includes(UNIQUE_IDS, one.unique_id), control=True)
    page = next(each for each in pages if one.unique_id in each.value(UNIQUE_IDS))
    bench.expects(requirement, page, present(f"{DOCUMENTS}.id"), control=True)
    return page


def place_of(page: Exchange, unique_id: str) -> str:
    """Return the address of a document of a page, below the base; empty when it is not there."""
    chosen = f"{DOCUMENTS}[masterIdentifier.value={unique_id}]"
    ident = page.first(f"{chosen}.id")
    return f"DocumentReference/{ident}" if ident else ""


def content_of(bench: Bench, page: Exchange, unique_id: str) -> str:
    """Return the address of the bytes of a document of a page; empty when it is not there."""
    chosen = f"{DOCUMENTS}[masterIdentifier.value={unique_id}]"
    return resolved(bench, page.first(f"{chosen}.content.attachment.url"))


def reads_back(bench: Bench, requirement: str, who: Who, address: str, one: Specimen) -> Exchange:
    """Read the bytes of a document; a control: they are those deposited (W-REC-27 says so)."""
    read = bench.call(who, "GET", address or "Binary", accept=one.media_type)
    bench.expects(requirement, read, equals("body", one.sha256), control=True)
    return read


def resolved(bench: Bench, address: str) -> str:
    """Return an address of an answer in full: it may be one below the base, or below the root."""
    if not address or "://" in address:
        return address
    if address.startswith("/"):
        root = bench.target.fhir_base.split("/", 3)
        return "/".join(root[:3]) + address
    return f"{bench.target.fhir_base}/{address}"


def target_of(address: str) -> tuple[str, str]:
    """Return type and `id` of the resource that an address leads to, whatever its form."""
    match = _ADDRESS.search(address.partition("?")[0])
    return (match[1], match[2]) if match else ("", "")


def leading_to(addresses: Sequence[str], kind: str, ident: str) -> str:
    """Return the first address that leads to a resource; what it would be when there is none."""
    wanted = (kind, ident)
    expected = f"{kind}/{ident}"
    return next((one for one in addresses if target_of(one) == wanted), expected)


def changed(bench: Bench, who: Who, place: str, *operations: Resource) -> Exchange:
    """Change a document by a JSON Patch; by a FHIRPath Patch where the server takes only that.

    Args:
        bench: The bench.
        who: Who asks.
        place: Address of the document, or a condition on documents.
        operations: Those of the JSON Patch; with `fhirpath` those of the other, left out here.
    """
    patch: list[Json] = [{k: v for k, v in one.items() if k in _PATCH} for one in operations]
    answer = bench.call(who, "PATCH", place, body=patch, content_type=JSON_PATCH)
    if answer.status != _UNSUPPORTED:
        return answer
    parts: list[Json] = [_part(one) for one in operations]
    parameters: Json = {"resourceType": "Parameters", "parameter": parts}
    return bench.call(who, "PATCH", place, body=parameters, content_type=FHIR_JSON)


_PATCH: Final = frozenset({"op", "path", "value"})


def replacing(element: str, value: Json, kind: str, path: str = "") -> Resource:
    """Return the operation that gives an element another value, in both languages of patches.

    Args:
        element: Its JSON Pointer.
        value: The value, as JSON has it.
        kind: The name of the value in Parameters, like `valueCode`.
        path: Its FHIRPath; worked out from the pointer when empty.
    """
    fhirpath = path or "DocumentReference" + element.replace("/", ".")
    return {"op": "replace", "path": element, "value": value, "fhirpath": fhirpath, "kind": kind}


def adding(element: str, value: Json, kind: str) -> Resource:
    """Return the operation that adds a value to an element that repeats, in both languages."""
    return {"op": "add", "path": f"/{element}/-", "value": value, "fhirpath": element, "kind": kind}


def _part(operation: Resource) -> Json:
    """Return an operation as a part of the Parameters of a FHIRPath Patch."""
    said = {name: str(operation.get(name, "")) for name in ("op", "fhirpath", "kind")}
    adds, removes = said["op"] == "add", said["op"] == "remove"
    parts: list[Json] = [
        {"name": "type", "valueCode": "delete" if removes else said["op"]},
        {"name": "path", "valueString": "DocumentReference" if adds else said["fhirpath"]},
    ]
    if adds:
        parts.append({"name": "name", "valueString": said["fhirpath"]})
    if not removes:
        parts.append({"name": "value", said["kind"]: operation["value"]})
    return {"name": "operation", "part": parts}


NEEDS: Final = ("create_person", "create_professional", "care_team")
"""Operations that a scene with a person and those who treat them takes."""
