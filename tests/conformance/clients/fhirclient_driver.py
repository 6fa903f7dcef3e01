# pyright: standard
"""Carries steps out with fhirclient, as its documentation uses it."""

from fhirclient.auth import FHIRAuth  # type: ignore[import-untyped]
from fhirclient.models.documentreference import DocumentReference  # type: ignore[import-untyped]
from fhirclient.server import FHIRServer  # type: ignore[import-untyped]
from software import Asked, carry_out, steps_of  # type: ignore[import-not-found]


def server(one: Asked) -> FHIRServer:
    """The service, with a token for it."""
    found = FHIRServer(None, one.fhir)
    known = {"access_token": one.token(), "authorize_uri": f"{one.fhir}/authorize"}
    found.auth = FHIRAuth.create("oauth2", known)
    return found


def deposit(one: Asked) -> None:
    """Create a document."""
    DocumentReference(one.document()).create(server(one))


def consult(one: Asked) -> None:
    """Find the documents in force, page by page, and read each."""
    fhir = server(one)
    for document in DocumentReference.where(one.current()).perform_resources_iter(fhir):
        if isinstance(document, DocumentReference):
            fhir.request_json(document.as_json()["content"][0]["attachment"]["url"])


def find(one: Asked) -> None:
    """Find the documents in force, and read none."""
    list(DocumentReference.where(one.current()).perform_resources_iter(server(one)))


STEPS = steps_of(deposit, consult, find)

if __name__ == "__main__":
    carry_out(STEPS)
