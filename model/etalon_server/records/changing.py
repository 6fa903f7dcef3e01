"""Changing what may be changed of a document: status, labels, the archive flag (TD3.3).

A patch is applied to the document as its caller sees it, and what it changes becomes commands: in
the words of the model masking, hiding, announcing, setting aside and deleting, which tell the
patient what they have to be told.

Sources: PDSm, flux 03 and 04; PDSm4DMP, TD3.3a to TD3.3d; FHIR R4, 3.1.0.7 (patch, conditional).
"""

from collections.abc import Iterator
from http import HTTPStatus
from typing import Final

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
from etalon_model.records.record import Document, Status, documents_of
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
from etalon_server.records.conditions import (
    condition_of,
    found_by,
    is_own,
    only_one,
    own_documents,
)
from etalon_server.records.feeding import means_of
from etalon_server.records.places import kept_resource_of
from etalon_server.records.reading import (
    nothing_here,
    place_at,
    seen_at,
    tag_matches,
    version_headers,
)
from etalon_server.records.showing import replaced_among, shown
from etalon_server.rehearsal import Halted
from etalon_wire.operation_outcomes import Fault
from etalon_wire.patching import StatusChange, status_change
from etalon_wire.records.document_encoding import Showing, document_resource

_OF_THE_SPACE: Final = frozenset({ActorKind.HOLDER, ActorKind.REPRESENTATIVE, ActorKind.CAREGIVER})
_DELETED: Final = "entered-in-error"


async def change_document(desk: Desk, request: Request) -> Answer:
    """Patch the document at an address."""
    place = place_at(desk, request)
    if place.document is not None and is_own(request, place.document):
        own = own_documents(request, place)
        return await _changed(desk, request, place.person, place.document, own)
    person, document, versions = await seen_at(desk, request)
    return await _changed(desk, request, person, document, versions)


async def change_document_found(desk: Desk, request: Request) -> Answer:
    """Patch the one document that a condition finds; none and several are refused (W-REC-32)."""
    condition = condition_of(request.query, request.base)
    candidates = await found_by(desk, request, condition)
    if not candidates:
        raise nothing_here()
    return await _changed(desk, request, *only_one(candidates))


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
    """Yield the commands that make a change; a deletion comes last.

    A patch of what is deleted asks for that once more, whatever it changes: the model says that
    nothing is there (REC-15), as it does of every other address of it.
    """
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
    is_deletion = change.status == _DELETED or document.status is Status.DELETED
    if is_deletion and actor.kind in _OF_THE_SPACE:
        yield DeleteOwnDocuments(at, actor, ins, (unique_id,))
    elif is_deletion:
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
