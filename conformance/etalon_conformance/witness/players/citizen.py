"""Good software of citizens: opens a space or objects to it, shows a record, masks a document.

Sources: CSP art. R. 1111-28 and following; PDSm 3.1.1 (flux 03, 05, 07).
"""

from collections.abc import Callable, Mapping
from typing import Final

from etalon_conformance.deposits import labels_of
from etalon_conformance.specimens import MASKED
from etalon_conformance.witness.players.connection import JSON_PATCH, resource_of
from etalon_conformance.witness.players.desk import Declined, Desk, first, parameters
from etalon_conformance.witness.players.lps import listed, open_documents
from etalon_target.messages import HttpResponse
from etalon_target.people import TestPerson
from etalon_wire.json_body import Json

_TERMS: Final = "1"
_CONFLICTS: Final = (409, 412)
_TRIES: Final = 3


def _as(desk: Desk, name: str) -> TestPerson:
    """Log somebody in on their own space."""
    person = desk.person(name)
    desk.connection.bear_token_of(kind="holder", ins=person.ins)
    return person


def _typed(person: TestPerson) -> dict[str, Json]:
    born = "" if person.birth_date is None else person.birth_date.isoformat()
    return {
        "nir": person.ins,
        "birthDate": born,
        "vitaleSerial": person.vitale_serial,
        "code": person.provisional_code,
    }


def activate(desk: Desk) -> None:
    """Open a space with the code of the notice."""
    person = _as(desk, "nadia")
    said = {**_typed(person), "termsVersion": _TERMS}
    desk.connection.ask("POST", "Patient/$mes-activate", body=parameters(person, "", **said))


def oppose(desk: Desk) -> None:
    """Object to a space, on the web."""
    person = _as(desk, "omar")
    said = {**_typed(person), "through": "web"}
    desk.connection.ask("POST", "Patient/$mes-oppose", body=parameters(person, "", **said))


def consult(desk: Desk) -> None:
    """Show one's own record, and read a document."""
    person = _as(desk, "paul")
    open_documents(desk, person, listed(desk, person))


def mask(desk: Desk) -> None:
    """Mask a document from professionals, on the version that was read."""
    person = _as(desk, "paul")
    found = [one for one in listed(desk, person) if one.get("status") == "current"]
    if not found:
        message = "there is no document to mask"
        raise Declined(message)
    place = f"DocumentReference/{found[0]['id']}"
    operation: Json = {
        "op": "add",
        "path": "/securityLabel/-",
        "value": labels_of("N", [MASKED])[1],
    }
    read = desk.connection.ask("GET", place)
    for _ in range(_TRIES):
        version = first(resource_of(read), "meta.versionId")
        answer = desk.connection.ask(
            "PATCH",
            place,
            body=[operation],
            content_type=JSON_PATCH,
            headers=(("If-Match", f'W/"{version}"'),),
        )
        if not isinstance(answer, HttpResponse) or answer.status not in _CONFLICTS:
            return
        read = desk.connection.ask("GET", place)


STEPS: Final[Mapping[str, Callable[[Desk], None]]] = {
    "activate": activate,
    "oppose-refused": oppose,
    "oppose": oppose,
    "consult": consult,
    "surprises": consult,
    "another-person": consult,
    "expired-token": consult,
    "too-many": consult,
    "cut-answer": consult,
    "mask": mask,
    "revoked": consult,
}
"""What it does at each step of its profile."""
