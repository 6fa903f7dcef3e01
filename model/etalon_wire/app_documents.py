"""Documents as a referenced service reads them: under its own opaque identifier, no matricule.

A document is written from its metadata alone; the traits of the patient, identifiers that follow
from a matricule and what two services could join are left out. Its content is what was deposited.

Sources: PDSm 3.1.1 (names of elements); rules CAT-14 and CAT-15. The interface of documents for
services is not public: this one is ours.
"""

from dataclasses import dataclass
from hashlib import blake2b
from typing import Final

from etalon_model.identities import Identity
from etalon_model.records.record import Document
from etalon_wire.bundles import Query
from etalon_wire.json_body import Json, Resource
from etalon_wire.opaque_identity import id_pe_identifier, id_pe_in
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.document_encoding import STATUSES, described_by, labels_of
from etalon_wire.records.instants import written
from etalon_wire.validation.reading import first, part, parts

_ID_BYTES: Final = 16
_PAGE: Final = 50
_PAGE_MOST: Final = 100
_DIGITS: Final = 6
_KNOWN: Final = frozenset({"subject.identifier", "type", "_count", "_offset", "_format"})


@dataclass(frozen=True, slots=True)
class AppReader:
    """A service that reads in one space.

    Attributes:
        seed: Seed of the opaque identifiers.
        solution: Object identifier of the service.
        id_pe: As whom it knows the person.
    """

    seed: int
    solution: str
    id_pe: str

    def document_id(self, document: Document) -> str:
        """Return the identifier of a document for this service; no other has the same."""
        text = f"{self.id_pe}/{document.number}".encode()
        key = b"%d" % self.seed
        return blake2b(text, digest_size=_ID_BYTES, key=key, person=b"document").hexdigest()


@dataclass(frozen=True, slots=True)
class AppDocumentSearch:
    """What a service searches for.

    Attributes:
        named: Opaque identifier that it names; empty when another authority's.
        types: Codes of the types wanted; all when empty.
        count: Documents in a page.
        offset: Number of the page, from 0.
    """

    named: str
    types: frozenset[str]
    count: int
    offset: int


def read_app_document_search(
    query: Query, solution: str, *, strict: bool = False
) -> AppDocumentSearch | Fault:
    """Return what a query asks for, or what is wrong with it.

    Args:
        query: Parameters, in order.
        solution: Object identifier of the service that asks.
        strict: Refuse parameters that are not known.
    """
    unknown = next((name for name, _ in query if name not in _KNOWN), None)
    if strict and unknown is not None:
        return Fault("PARAMETER_UNKNOWN", f"{unknown[:40]!r} is not known here", unknown[:40])
    named = [value for name, value in query if name == "subject.identifier"]
    if len(named) != 1 or not named[0]:
        message = "name the person once: urn:oid:<solution>|<idPe>"
        return Fault("PARAMETER_MISSING", message, "subject.identifier")
    numbers: dict[str, int] = {"_count": _PAGE, "_offset": 0}
    for name, value in query:
        if name in numbers:
            if not (value.isascii() and value.isdigit() and len(value) <= _DIGITS):
                return Fault("PARAMETER_WRONG", f"{name} is a whole number", name)
            numbers[name] = int(value)
    if not 1 <= numbers["_count"] <= _PAGE_MOST:
        return Fault("PARAMETER_WRONG", f"a page has 1 to {_PAGE_MOST} documents", "_count")
    types = [value for name, value in query if name == "type"]
    codes = frozenset(one.rpartition("|")[2] for value in types for one in value.split(","))
    return AppDocumentSearch(
        id_pe_in(solution, named[0]), codes, numbers["_count"], numbers["_offset"]
    )


def app_document(reader: AppReader, identity: Identity, document: Document, base: str) -> Resource:
    """Return a DocumentReference as a service reads it.

    Args:
        reader: The service.
        identity: Whose record it is in: no trait of it is shown.
        document: The version.
        base: Address of the interface, without a slash at its end.
    """
    said = described_by(identity, document.sheet)
    own = reader.document_id(document)
    content = first(said, "content")
    attachment = {**part(content, "attachment"), "url": f"{base}/Binary/{own}"}
    contained: list[Json] = [_known_as(reader, one) for one in parts(said, "contained")]
    return {
        **said,
        "resourceType": "DocumentReference",
        "id": own,
        "contained": contained,
        "status": STATUSES[document.status],
        "date": written(document.deposited_at),
        "subject": {"identifier": id_pe_identifier(reader.solution, reader.id_pe)},
        "securityLabel": labels_of(document.confidentiality),
        "content": [{**content, "attachment": attachment}],
    }


def _known_as(reader: AppReader, contained: Resource) -> Resource:
    """Return a contained resource; a person of the record is known by the opaque identifier."""
    if contained.get("resourceType") != "Patient":
        return contained
    identifier: Json = [id_pe_identifier(reader.solution, reader.id_pe)]
    return {"resourceType": "Patient", "id": contained["id"], "identifier": identifier}
