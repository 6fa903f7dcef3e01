# pyright: standard
"""Records over a real server: one person, her doctor, another one, and what they deposit."""

import base64
import json
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from itertools import count
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, urlsplit

from etalon_wire.labels import V3_CONFIDENTIALITY, VISIBILITY
from import_table import ROOT
from in_process import Reply
from served_town import INS_SYSTEM, Town, served

EXAMPLES: Final = ROOT / "tests" / "wire" / "examples"
PATCH: Final = "application/json-patch+json"
CONTENT: Final = b"%PDF-1.7 compte rendu"
MASK: Final = {"coding": [{"system": VISIBILITY, "code": "MASQUE_PS"}]}
NORMAL: Final = {"coding": [{"system": V3_CONFIDENTIALITY, "code": "N"}]}
_NUMBERS: Final = count(1)


@dataclass(frozen=True, slots=True)
class Scene:
    """One person, her doctor and another one of her care team.

    Attributes:
        town: The server.
        ins: The person.
        holder: Her token.
        author: Token of the doctor who deposits.
        other: Token of the other doctor.
        rpps: Number of the doctor who deposits.
    """

    town: Town
    ins: str
    holder: str
    author: str
    other: str
    rpps: str

    def publish(self, **changed: object) -> Reply:
        """Deposit one document of the author's (ITI-105)."""
        body = json.dumps(simplified(self, **changed)).encode()
        return self.town.ask("POST", "/fhir/DocumentReference", body, token=self.author)

    def found(self, token: str, **asked: str) -> Any:  # noqa: ANN401 (JSON, for tests)
        """Search her documents."""
        query = {"patient.identifier": f"{INS_SYSTEM}|{self.ins}", "status": "current", **asked}
        return get(self.town, f"/fhir/DocumentReference?{written(query)}", token)

    def patch(self, address: str, *operations: object, token: str = "", match: str = "") -> Reply:
        """Patch a document by JSON Patch, as its author unless told."""
        headers = {"If-Match": match} if match else {}
        body = json.dumps(operations).encode()
        token = token or self.author
        return self.town.ask("PATCH", address, body, token=token, media_type=PATCH, headers=headers)


def simplified(scene: Scene, **changed: object) -> dict[str, Any]:
    """A simplified publication with a unique identifier of its own."""
    attachment = {
        "contentType": "application/pdf",
        "data": base64.b64encode(CONTENT).decode(),
        "title": "Compte rendu",
    }
    return {
        "resourceType": "DocumentReference",
        "masterIdentifier": {
            "system": "urn:ietf:rfc:3986",
            "value": f"urn:oid:1.2.250.1.999.7.{next(_NUMBERS)}",
        },
        "status": "current",
        "type": {"coding": [{"system": "http://loinc.org", "code": "11488-4"}]},
        "subject": {"identifier": {"system": INS_SYSTEM, "value": scene.ins}},
        "date": "2022-03-02T10:05:00+01:00",
        "author": [{"identifier": {"system": "https://rpps.esante.gouv.fr", "value": scene.rpps}}],
        "custodian": {
            "identifier": {"system": "https://finess.esante.gouv.fr", "value": "750712184"}
        },
        "content": [{"attachment": attachment}],
        **changed,
    }


def written(query: dict[str, str]) -> str:
    """Write parameters."""
    return "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in query.items())


def get(town: Town, address: str, token: str) -> Any:  # noqa: ANN401 (JSON, for tests)
    """Read what an address answers.

    Raises:
        RuntimeError: It is refused.
    """
    return _answered(town.ask("GET", address, token=token), HTTPStatus.OK).json


def place(reply: Reply) -> str:
    """Where a deposit was put, below the root.

    Raises:
        RuntimeError: It was refused.
    """
    return urlsplit(_answered(reply, HTTPStatus.CREATED).headers["location"]).path


def _answered(reply: Reply, status: HTTPStatus) -> Reply:
    if reply.status == status:
        return reply
    message = f"{reply.status} and not {status.value}: {reply.text}"
    raise RuntimeError(message)


def ids(bundle: dict[str, Any]) -> list[str]:
    """The resources of a page, in its order."""
    return [entry["resource"]["id"] for entry in bundle.get("entry", [])]


def example(scene: Scene, name: str, **replaced: str) -> bytes:
    """An example of a transaction, of this scene's person."""
    text = (EXAMPLES / f"{name}.json").read_text(encoding="utf-8")
    identity = scene.town.desk.host.service.person(scene.ins).identity
    replaced = {
        "279035121518989": scene.ins,
        "1979-03-12": identity.birth_on.isoformat(),
        '"gender": "female"': f'"gender": "{"female" if identity.sex == "F" else "male"}"',
        **replaced,
    }
    for old, new in replaced.items():
        text = text.replace(old, new)
    return text.encode()


@contextmanager
def scene_served(directory: Path | None = None) -> Generator[Scene]:
    """Run a server with this scene while the block lasts.

    Args:
        directory: Where to keep what happens, or None.
    """
    with served(directory=directory) as town:
        ins = town.person()
        author, other = town.doctor(ins), town.doctor(ins)
        yield Scene(
            town,
            ins,
            town.token("holder", ins=ins),
            town.token("professional", rpps=author),
            town.token("professional", rpps=other),
            author,
        )
