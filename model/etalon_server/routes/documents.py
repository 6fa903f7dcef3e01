"""Documents that a referenced service reads: a page of them, and the content of one (CAT-14).

The model answers what the service may see, under the consent to read documents for a purpose of its
token; here a page of it is written, in the words of `etalon_wire.app_documents`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final, cast

from etalon_model.catalogue.catalogue import Direction, ExchangeFamily
from etalon_model.catalogue.exchange import IdToken, ReadThroughService
from etalon_model.records.record import Document
from etalon_server.app_calls import AppCalling, app_call
from etalon_server.asking import known_person, told
from etalon_server.exchange import Answer, Desk, Handler, Refused, Request, answer_resource
from etalon_server.records.places import kept_bytes_of
from etalon_server.records.reading import content_answer, nothing_here
from etalon_wire.app_documents import (
    AppDocumentSearch,
    AppReader,
    app_document,
    read_app_document_search,
)
from etalon_wire.bundles import Hit, links_of, searchset
from etalon_wire.interactions import DOCUMENTS, FHIR
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.search_parameters import is_strict

_NOBODY: Final = "another"
"""An identifier that no person has: who names somebody else is refused as somebody else."""


async def find_documents_of_app(desk: Desk, request: Request) -> Answer:
    """Answer a page of the documents that a service may see, newest first."""
    calling = app_call(desk, request, ExchangeFamily.DOCUMENTS, Direction.READ)
    solution = calling.actor.ident
    strict = is_strict(request.headers.get("prefer", ""))
    search = read_app_document_search(request.query, solution, strict=strict)
    named = calling.id_pe if isinstance(search, Fault) else search.named
    documents = await _seen(desk, calling, named)
    if isinstance(search, Fault):
        raise Refused(search)
    wanted = [one for one in reversed(documents) if _is_wanted(one, search)]
    start = search.offset * search.count
    page = wanted[start : start + search.count]
    base = f"{request.base.removesuffix(FHIR)}{DOCUMENTS}"
    reader = AppReader(desk.host.seed, solution, calling.id_pe)
    identity = known_person(desk, calling.ins).identity
    shown = [app_document(reader, identity, one, base) for one in page]
    hits = [Hit(f"{base}/DocumentReference/{one['id']}", one) for one in shown]
    more = start + search.count < len(wanted)
    following = {"_offset": str(search.offset + 1)} if more else None
    links = links_of(f"{base}/DocumentReference", request.query, following)
    return answer_resource(request, desk, searchset(hits, len(wanted), links))


async def read_content_of_app(desk: Desk, request: Request) -> Answer:
    """Answer the bytes of a document that a service may see, or the Binary that holds them."""
    calling = app_call(desk, request, ExchangeFamily.DOCUMENTS, Direction.READ)
    reader = AppReader(desk.host.seed, calling.actor.ident, calling.id_pe)
    for document in await _seen(desk, calling, calling.id_pe):
        if reader.document_id(document) == request.places["id"]:
            content = desk.contents.body(kept_bytes_of(calling.ins, document))
            if content is not None:
                return content_answer(desk, request, document.sheet.form.mime, content)
    raise nothing_here()


async def _seen(desk: Desk, calling: AppCalling, named: str) -> Sequence[Document]:
    """Return the documents that a service may see, oldest first.

    Raises:
        Refused: The model refuses the call: its tokens, the person it names, its consent.
    """
    tokens = calling.tokens
    if tokens.identity is not None and named != calling.id_pe:
        tokens = replace(tokens, identity=IdToken(named or _NOBODY, calling.actor.ident))
    family = ExchangeFamily.DOCUMENTS
    command = ReadThroughService(
        calling.at, calling.actor, calling.ins, tokens, calling.purpose, family
    )
    return cast("Sequence[Document]", await told(desk, command))


def _is_wanted(document: Document, search: AppDocumentSearch) -> bool:
    return not search.types or document.sheet.type_code in search.types


HANDLERS: Final[Mapping[str, Handler]] = {
    "find_documents_of_app": find_documents_of_app,
    "read_content_of_app": read_content_of_app,
}
