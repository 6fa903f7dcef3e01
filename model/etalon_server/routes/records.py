"""Records: deposits, searches, readings and changes of PDSm, and the patient of TD0.2."""

from collections.abc import Mapping
from typing import Final

from etalon_server.exchange import Answer, Desk, Handler, Request
from etalon_server.messages.reading import read_attachment
from etalon_server.records.changing import change_document, change_document_found
from etalon_server.records.feeding import provide_documents, publish_document
from etalon_server.records.histories import document_history, read_version
from etalon_server.records.listing import find_lists, read_list
from etalon_server.records.reading import read_content, read_document, read_patient
from etalon_server.records.searching import find_documents, find_patients
from etalon_wire.messages.places import mail_place


async def read_binary(desk: Desk, request: Request) -> Answer:
    """Answer the bytes of a document, or of an attachment of a message."""
    is_attached = mail_place(request.places["id"]) is not None
    return await (read_attachment if is_attached else read_content)(desk, request)


HANDLERS: Final[Mapping[str, Handler]] = {
    "read_patient": read_patient,
    "provide_documents": provide_documents,
    "publish_document": publish_document,
    "read_document": read_document,
    "document_history": document_history,
    "read_version": read_version,
    "read_content": read_binary,
    "change_document": change_document,
    "change_document_found": change_document_found,
    "find_documents": find_documents,
    "find_documents_by_form": find_documents,
    "find_lists": find_lists,
    "find_lists_by_form": find_lists,
    "read_list": read_list,
    "find_patients": find_patients,
    "find_patients_by_form": find_patients,
}
