"""Reading one document, its bytes, one list, one person.

An address that leads to nothing and one that leads to what the caller may not see are answered
alike, without a word of whose it is (W-COM-04).

Sources: FHIR R4, 3.1.0.1.4 (read) and Binary; IHE MHD, ITI-68; PDSm4DMP, TD0.2 and TD3.2.
"""

import re
from http import HTTPStatus
from typing import TYPE_CHECKING, Final, cast

from etalon_model import Accepted, ActorKind, Command, Refusal
from etalon_model.people import Person
from etalon_model.records.reading import ReadDocument, ReadVersions
from etalon_model.records.record import Document, Status
from etalon_model.rights.consultation import AskAuthorisation
from etalon_server.asking import known_caller
from etalon_server.exchange import (
    FHIR_JSON,
    FHIR_XML,
    MEDIA_TYPES,
    Answer,
    Desk,
    Refused,
    Request,
    answer_resource,
    form_accepted,
    media_ranges,
)
from etalon_server.records.places import Place, kept_bytes_of, latest_of, place_of
from etalon_server.records.showing import replaced_among, shown
from etalon_wire.bundles import etag
from etalon_wire.claims import Caller
from etalon_wire.json_body import Resource
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.binaries import binary_resource
from etalon_wire.records.patients import patient_resource, standing_of

if TYPE_CHECKING:
    from etalon_model.rights.modes import Authorisation

_CARE: Final = frozenset({ActorKind.PROFESSIONAL, ActorKind.STRUCTURE})
_TAG: Final = re.compile(r'(?:W/)?"([^"]*)"')
_NOT_CACHED: Final = ("Cache-Control", "private, no-cache")
_SUPERSEDED: Final = Status.SUPERSEDED


def nothing_here() -> Refused:
    """Return what leaves a handler when there is nothing that this caller may read."""
    message = "there is nothing at this address that you may read: search first"
    return Refused(Fault("NO_MATCH", message))


async def read_document(desk: Desk, request: Request) -> Answer:
    """Answer one version of a document as its reader sees it."""
    person, document, versions = await seen_at(desk, request)
    form = form_accepted(request, desk.mode)
    headers = version_headers(document)
    if tag_matches(request.headers.get("if-none-match", ""), document):
        return Answer(HTTPStatus.NOT_MODIFIED, headers=headers)
    replaced = replaced_among(document, versions)
    body = shown(desk, person, document, replaced, request.base, form)
    return Answer(HTTPStatus.OK, body, MEDIA_TYPES[form], headers)


async def seen_at(desk: Desk, request: Request) -> tuple[Person, Document, tuple[Document, ...]]:
    """Return the document at the address of a request, and the versions its reader sees.

    Raises:
        Refused: There is nothing there for them, or they may not read this record.
    """
    return await seen_of(desk, request, place_at(desk, request))


async def seen_of(
    desk: Desk, request: Request, place: Place
) -> tuple[Person, Document, tuple[Document, ...]]:
    """Return a document, and the versions its reader sees.

    Raises:
        Refused: There is nothing there for them, or they may not read this record.
    """
    caller, person, document = known_caller(request), place.person, place.document
    latest = document
    if document is not None and document.status is _SUPERSEDED:
        latest = latest_of(person, document)
    # Asked even where no document is: who may not read the record hears that, as for any other.
    unique_id = "" if latest is None else latest.unique_id
    at, ins, mode = desk.host.clock.now(), person.ins, caller.mode
    answer = await asked(desk, ReadVersions(at, caller.actor, ins, unique_id, mode))
    versions = cast("tuple[Document, ...]", answer)
    if document is None or not (
        versions[0] is document or any(one is document for one in versions)
    ):
        raise nothing_here()
    return person, document, versions


def place_at(desk: Desk, request: Request) -> Place:
    """Return what the address of a request leads to, in a space that its token is for.

    Raises:
        Refused: It leads to nobody, or to another space than the token's.
    """
    place = place_of(desk.people, desk.host.service, request.places["id"])
    caller = known_caller(request)
    if place is None or (caller.patient and caller.patient != place.person.ins):
        raise nothing_here()
    return place


async def asked(desk: Desk, command: Command) -> object:
    """Return the answer to a reading asked for by address.

    Raises:
        Refused: The model refuses it; whose record it is is not said.
    """
    outcome = await desk.host.read(command)
    if isinstance(outcome, Refusal):
        if outcome.code == "DOCUMENT_NOT_FOUND":
            raise nothing_here()
        raise Refused(Refusal(outcome.rule, outcome.code, "", outcome.facts))
    return outcome.answer


def version_headers(document: Document) -> tuple[tuple[str, str], ...]:
    """Return the headers that tell a version."""
    return (("ETag", etag(str(document.revision))), _NOT_CACHED)


def tag_matches(header: str, document: Document) -> bool:
    """Whether entity tags of a header name this version; `*` names every one."""
    if not header:
        return False
    return header.strip() == "*" or str(document.revision) in _TAG.findall(header)


async def read_content(desk: Desk, request: Request) -> Answer:
    """Answer the bytes of a document, or the Binary that holds them (ITI-68).

    Those of a version that another replaced are gone for whoever may know of it, and for anybody
    else as if they had never been (W-REC-28).
    """
    caller, place = known_caller(request), place_at(desk, request)
    person, document = place.person, place.document
    if document is not None and document.status is _SUPERSEDED:
        await seen_of(desk, request, place)
        message = "a later version took its place: search again, and read that one"
        raise Refused(Fault("GONE", message))
    unique_id = "" if document is None else document.unique_id
    at = desk.host.clock.now()
    await asked(desk, ReadDocument(at, caller.actor, person.ins, unique_id, caller.mode))
    content = None if document is None else desk.contents.body(kept_bytes_of(person.ins, document))
    if document is None or content is None:
        raise nothing_here()
    return content_answer(desk, request, document.sheet.form.mime, content)


def content_answer(desk: Desk, request: Request, media_type: str, content: bytes) -> Answer:
    """Answer bytes as they are, or the Binary that holds them, as the request accepts.

    Raises:
        Refused: It accepts neither.
    """
    if _wants_resource(request, media_type):
        binary = binary_resource(request.places["id"], media_type, content)
        return answer_resource(request, desk, binary, headers=(_NOT_CACHED,))
    nosniff = ("X-Content-Type-Options", "nosniff")
    return Answer(HTTPStatus.OK, content, media_type, (_NOT_CACHED, nosniff))


def _wants_resource(request: Request, media_type: str) -> bool:
    """Whether the Binary is asked for rather than its bytes.

    Raises:
        Refused: Neither is accepted.
    """
    if any(name == "_format" for name, _ in request.query):
        return True
    kind = media_type.partition("/")[0]
    raw = {media_type.partition(";")[0].strip(), f"{kind}/*", "*/*"}
    for name in media_ranges(request.headers.get("accept", "")):
        if name in {FHIR_JSON, FHIR_XML}:
            return True
        if name in raw:
            return False
    message = f"this document is {media_type}: accept that, or {FHIR_JSON} for a Binary"
    raise Refused(Fault("NOT_ACCEPTABLE", message, "Accept"))


async def read_patient(desk: Desk, request: Request) -> Answer:
    """Answer the person of a record, as TD0.2 tells of them."""
    place = place_of(desk.people, desk.host.service, request.places["id"])
    if place is None or place.document is not None:
        raise nothing_here()
    found = await patient_seen(desk, known_caller(request), place.person)
    if found is None:
        raise nothing_here()
    return answer_resource(request, desk, found)


def _acts_for(caller: Caller, person: Person) -> bool:
    """Whether whoever holds a token for a space still has to do with it, however it stands."""
    ident = caller.actor.ident
    if caller.actor.kind is ActorKind.REPRESENTATIVE:
        return ident in person.representatives or ident == person.protected_by
    if caller.actor.kind is ActorKind.CAREGIVER:
        return person.dossier is not None and ident in person.dossier.caregivers
    return True


async def patient_seen(desk: Desk, caller: Caller, person: Person) -> Resource | None:
    """Return a person's Patient, None where there is no record or it is not for this caller.

    Raises:
        Refused: The model refuses it.
    """
    if caller.patient and (caller.patient != person.ins or not _acts_for(caller, person)):
        return None
    attending: bool | None = None
    if caller.actor.kind in _CARE:
        question = AskAuthorisation(desk.host.clock.now(), caller.actor, person.ins)
        outcome = await desk.host.read(question)
        if not isinstance(outcome, Accepted):
            raise Refused(outcome)
        attending = cast("Authorisation", outcome.answer).attending_doctor
    standing = standing_of(person, attending)
    return None if standing is None else patient_resource(standing)
