"""Changing what may be changed of a document: status, labels, the archive flag (TD3.3).

A patch is applied to the document as its caller sees it, and what it changes becomes commands: in
the words of the model masking, hiding, announcing, setting aside and deleting, which tell the
patient what they have to be told.

Sources: PDSm, flux 03 and 04; PDSm4DMP, TD3.3a to TD3.3d; FHIR R4, 3.1.0.7 (patch, conditional).
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Final, cast

from etalon_model import ActorKind, Command, Refusal
from etalon_model.people import Person
from etalon_model.records.changes import DeleteDocument, PatchDocument
from etalon_model.records.confidentiality import Confidentiality, confidentiality_of
from etalon_model.records.masking import (
    Announce,
    HideFromPatient,
    HideFromRepresentatives,
    MaskDocument,
    UnmaskDocument,
)
from etalon_model.records.record import Document, Status, documents_of, entry_id, logical_id
from etalon_model.records.uploads import DeleteOwnDocuments
from etalon_server.asking import known_caller
from etalon_server.exchange import (
    MEDIA_TYPES,
    Answer,
    Desk,
    Refused,
    Request,
    form_accepted,
    received_patch,
)
from etalon_server.records.feeding import means_of
from etalon_server.records.places import Place, kept_resource_of, place_of
from etalon_server.records.reading import (
    nothing_here,
    place_at,
    seen_at,
    seen_of,
    tag_matches,
    version_headers,
)
from etalon_server.records.showing import replaced_among, shown
from etalon_server.rehearsal import Halted
from etalon_wire.operation_outcomes import Fault
from etalon_wire.patching import StatusChange, status_change
from etalon_wire.records.document_encoding import Showing, document_resource
from etalon_wire.records.searching import read_conditional

_OF_THE_SPACE: Final = frozenset({ActorKind.HOLDER, ActorKind.REPRESENTATIVE, ActorKind.CAREGIVER})
_DELETED: Final = "entered-in-error"
_GONE: Final = Status.DELETED


async def change_document(desk: Desk, request: Request) -> Answer:
    """Patch the document at an address."""
    place = place_at(desk, request)
    if place.document is not None and _is_own(request, place.document):
        return await _changed(desk, request, place.person, place.document, _own(request, place))
    person, document, versions = await seen_at(desk, request)
    return await _changed(desk, request, person, document, versions)


async def change_document_found(desk: Desk, request: Request) -> Answer:
    """Patch the one document that a condition finds; none and several are refused (W-REC-32)."""
    names = read_conditional(request.query)
    if isinstance(names, Fault):
        raise Refused(names)
    found = [place for place in _named(desk, frozenset(names)) if _may_be_meant(request, place)]
    own = [place for place in found if place.document and _is_own(request, place.document)]
    if own:
        candidates = [
            (one.person, cast("Document", one.document), _own(request, one)) for one in own
        ]
    else:
        candidates = [seen for one in found if (seen := await _seen(desk, request, one))]
    if not candidates:
        raise nothing_here()
    if len(candidates) > 1:
        message = f"{len(candidates)} documents match: name one"
        raise Refused(Fault("SEVERAL_MATCHES", message, "identifier"))
    return await _changed(desk, request, *candidates[0])


async def _seen(
    desk: Desk, request: Request, place: Place
) -> tuple[Person, Document, tuple[Document, ...]] | None:
    """Return a document that the caller sees; whoever may not know of it is told nothing."""
    try:
        return await seen_of(desk, request, place)
    except Refused:
        return None


def _may_be_meant(request: Request, place: Place) -> bool:
    """Whether a document is in a space that the token is for, and not deleted."""
    patient = known_caller(request).patient
    in_space = not patient or patient == place.person.ins
    return in_space and place.document is not None and place.document.status is not _GONE


def _named(desk: Desk, names: frozenset[str]) -> Iterator[Place]:
    """Yield the documents with one of these identifiers: unique, logical or entry."""
    for name in names:
        place = place_of(desk.people, desk.host.service, name.removeprefix("urn:uuid:"))
        if place is not None and place.document is not None:
            ins, document = place.person.ins, place.document
            if name in {logical_id(ins, document), entry_id(ins, document)}:
                yield place
        yield from desk.unique_identifiers.find(desk.host, name)


def _is_own(request: Request, document: Document) -> bool:
    """Whether the caller deposited a document, and acts on it, reader or not (W-REC-44)."""
    actor, depositor = known_caller(request).actor, document.depositor
    return (actor.kind, actor.ident) == (depositor.kind, depositor.ident)


def _own(request: Request, place: Place) -> tuple[Document, ...]:
    """Return the documents of a record that the caller deposited."""
    return tuple(one for one in documents_of(place.person).values() if _is_own(request, one))


async def _changed(
    desk: Desk,
    request: Request,
    person: Person,
    document: Document,
    versions: tuple[Document, ...],
) -> Answer:
    """Apply the patch of a request to a document; answer it as it then stands.

    Raises:
        Refused: The version is another one, the patch does not apply, or the model refuses.
        Malformed: It is no patch.
    """
    wanted = request.headers.get("if-match", "")
    if wanted and not tag_matches(wanted, document):
        message = f"the document is at version {document.revision}: read it again"
        raise Refused(Fault("VERSION_MISMATCH", message, "If-Match"))
    replaced = replaced_among(document, versions)
    change = _asked(desk, request, person, document)
    commands = list(_commands(desk, request, person, document, change))
    if commands:
        document = await _carried_out(desk, person, document, commands)
    form = form_accepted(request, desk.mode)
    body = shown(desk, person, document, replaced, request.base, form)
    return Answer(HTTPStatus.OK, body, MEDIA_TYPES[form], version_headers(document))


def _asked(desk: Desk, request: Request, person: Person, document: Document) -> StatusChange:
    """Return what a patch changes.

    Raises:
        Refused: It does not apply, or changes something else.
        Malformed: It is no patch.
    """
    kept = desk.contents.body(kept_resource_of(person.ins, document))
    resource = document_resource(person.identity, document, kept, Showing(request.base))
    change = status_change(
        resource,
        received_patch(request, desk),
        lenient_ans_patch_path=desk.settings.lenient_ans_patch_path or desk.mode == "lenient",
    )
    if isinstance(change, Refusal | Fault):
        raise Refused(change)
    return change


async def _carried_out(
    desk: Desk, person: Person, document: Document, commands: list[Command]
) -> Document:
    """Carry out commands on a document, all or none; return it as it then stands.

    Raises:
        Refused: The model refuses one.
    """
    outcome = await desk.host.write_all([(command, ()) for command in commands])
    if isinstance(outcome, Halted):
        raise Refused(outcome.refusal)
    return documents_of(person)[document.unique_id]


def _commands(
    desk: Desk, request: Request, person: Person, document: Document, change: StatusChange
) -> Iterator[Command]:
    """Yield the commands that make a change; a deletion comes last."""
    caller = known_caller(request)
    at, actor, ins, unique_id = desk.host.clock.now(), caller.actor, person.ins, document.unique_id
    means = means_of(caller)
    if change.codes is not None:
        codes = confidentiality_of(change.codes)
        if codes is None or codes.base != document.confidentiality.base:
            written = " ".join(change.codes)
            yield PatchDocument(at, actor, ins, unique_id, means, "securityLabel", written)
        else:
            for make in _relabelling(document.confidentiality, codes):
                yield make(at, actor, ins, unique_id)
            if codes.not_for_representatives != document.confidentiality.not_for_representatives:
                hidden = codes.not_for_representatives
                yield HideFromRepresentatives(at, actor, ins, unique_id, hidden)
    if change.archived is not None:
        flag = "true" if change.archived else "false"
        yield PatchDocument(at, actor, ins, unique_id, means, "extension", flag)
    if change.status == _DELETED and actor.kind in _OF_THE_SPACE:
        yield DeleteOwnDocuments(at, actor, ins, (unique_id,))
    elif change.status == _DELETED:
        yield DeleteDocument(at, actor, ins, unique_id, means)
    elif change.status is not None:
        yield PatchDocument(at, actor, ins, unique_id, means, "status", change.status)


_Labelling = type[MaskDocument | UnmaskDocument | HideFromPatient | Announce]


def _relabelling(before: Confidentiality, after: Confidentiality) -> Iterator[_Labelling]:
    """Yield the kinds of command that lead from some labels to others."""
    if before.masked != after.masked:
        yield MaskDocument if after.masked else UnmaskDocument
    if before.hidden != after.hidden:
        yield HideFromPatient if after.hidden else Announce
