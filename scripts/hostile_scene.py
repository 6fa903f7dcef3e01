"""Two people on a server that listens, one of whom keeps something to herself."""

import base64
import json
import re
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha1, sha256
from typing import Any, Final

from etalon_server.routes import HANDLERS
from etalon_server.settings import Bounds
from etalon_wire.interactions import Interaction, interactions
from etalon_wire.malformed import Limits
from in_process import Reply
from served_town import INS_SYSTEM, Town, served

TITLE: Final = "Bilan confidentiel"
CONTENT: Final = b"Rien de ceci ne sort."
BODY_BYTES: Final = 64 * 1024
"""Most bytes of a body on that server."""

_TRACES: Final = (b"Traceback", b'File "', b"etalon_server", b"site-packages")
_REFUSED: Final = range(400, 500)


class NotSober(AssertionError):  # noqa: N818 (the answer is not)
    """An answer is a fault of the server, shows something of the program, or is no refusal."""


@dataclass(frozen=True, slots=True)
class Scene:
    """Two people, whom the same doctor treats, and what one of them keeps to herself.

    Attributes:
        town: The server.
        holder: Matricule of the person who asks, a holder.
        other: Matricule of the person whose record is hers.
        token: Of the holder.
        doctors_token: Of a doctor who treats neither.
        document: Identifier of the other person's document, on the wire.
        unique_id: Its `masterIdentifier`.
    """

    town: Town
    holder: str
    other: str
    token: str
    doctors_token: str
    document: str
    unique_id: str

    def digest(self) -> str:
        """Return the digest of what the service holds, traces of refusals apart."""
        return self.town.desk.host.service.digest()


def deposit(
    ins: str, unique_id: str, rpps: str, title: str = "Note de suivi", content: bytes = CONTENT
) -> dict[str, Any]:
    """Return a simplified publication (ITI-105)."""
    attachment = {
        "contentType": "text/plain",
        "language": "fr-FR",
        "data": base64.b64encode(content).decode(),
        "size": len(content),
        "hash": base64.b64encode(sha1(content, usedforsecurity=False).digest()).decode(),
        "title": title,
    }
    coding = {"system": "http://loinc.org", "code": "11488-4", "display": "Compte rendu"}
    profile = "https://interop.esante.gouv.fr/ig/fhir/pdsm/StructureDefinition/"
    return {
        "resourceType": "DocumentReference",
        "meta": {"profile": [f"{profile}pdsm-simplified-publish"]},
        "masterIdentifier": {"system": "urn:ietf:rfc:3986", "value": unique_id},
        "status": "current",
        "type": {"coding": [coding]},
        "subject": {"identifier": {"system": INS_SYSTEM, "value": ins}},
        "date": "2022-03-02T10:05:00+01:00",
        "author": [{"identifier": {"system": "https://rpps.esante.gouv.fr", "value": rpps}}],
        "custodian": {
            "identifier": {"system": "https://finess.esante.gouv.fr", "value": "750712184"}
        },
        "content": [{"attachment": attachment}],
    }


def uuid_of(rank: int) -> str:
    """Return an identifier of a document, one for each rank."""
    digits = sha256(b"%d" % rank).hexdigest()
    return f"urn:uuid:{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-8{digits[17:20]}-{digits[20:32]}"


@contextmanager
def hostile_scene() -> Generator[Scene]:
    """Run one server while the block lasts; its bodies are bounded at 64 KiB."""
    with served(Bounds(body=Limits(bytes=BODY_BYTES))) as town:
        holder, other = town.person(), town.person()
        treating, stranger = town.doctor(other), town.doctor()
        feeding = town.token("professional", rpps=treating)
        unique_id = uuid_of(0)
        body = json.dumps(deposit(other, unique_id, treating, TITLE)).encode()
        made = town.ask("POST", "/fhir/DocumentReference", body, token=feeding)
        if not made.body.startswith(b'{"resourceType":"DocumentReference"'):
            raise NotSober(made.body)
        yield Scene(
            town,
            holder,
            other,
            town.token("holder", ins=holder),
            town.token("professional", rpps=stranger),
            made.json["id"],
            unique_id,
        )


def check_refused(reply: Reply, *statuses: int) -> None:
    """Check a sober refusal: 4xx, or one of some statuses, without a trace of the program.

    Raises:
        NotSober: It is something else.
    """
    if reply.status not in (statuses or _REFUSED):
        raise NotSober(reply)
    check_sober(reply)


def check_sober(reply: Reply) -> None:
    """Check that nothing of the program shows.

    Raises:
        NotSober: Something does, or the server failed.
    """
    if reply.status >= _REFUSED.stop or any(trace in reply.body for trace in _TRACES):
        raise NotSober(reply)


def rows(*bodies: str) -> list[Interaction]:
    """Return the interactions offered that take one of these bodies."""
    return [row for row in interactions().values() if row.body in bodies and row.name in HANDLERS]


def path_of(row: Interaction, ident: str) -> str:
    """Return the path of a row, with an identifier where it has a place."""
    return re.sub(r"\{[a-z_]+\}", ident, row.path)
