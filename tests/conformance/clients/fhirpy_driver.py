# pyright: standard
"""Carries steps out with fhirpy, as its documentation uses it."""

from typing import Any

from fhirpy import SyncFHIRClient
from software import Asked, carry_out, steps_of  # type: ignore[import-not-found]


def client(one: Asked) -> SyncFHIRClient:
    """A client of the service."""
    return SyncFHIRClient(one.fhir, authorization=f"Bearer {one.token()}")


def deposit(one: Asked) -> None:
    """Save a document."""
    client(one).resource("DocumentReference", **one.document()).save()


def consult(one: Asked) -> None:
    """Find the documents in force, page by page, and read each."""
    fhir = client(one)
    for document in fhir.resources("DocumentReference").search(**one.current()).fetch_all():
        fhir.execute(_address(document), "get")


def find(one: Asked) -> None:
    """Find the documents in force, and read none."""
    client(one).resources("DocumentReference").search(**one.current()).fetch_all()


def _address(document: Any) -> str:  # noqa: ANN401 (JSON)
    return str(document["content"][0]["attachment"]["url"])


STEPS = steps_of(deposit, consult, find)

if __name__ == "__main__":
    carry_out(STEPS)
