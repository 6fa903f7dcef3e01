"""A short story told to a server, step by step, to see where two servers answer differently.

The same people, tokens and instants each time; what a step answers is kept as it came, without the
identifier of the request.
"""

import asyncio
import base64
import json
from functools import cache
from typing import Final

from etalon_model import (
    Actor,
    Command,
    Refusal,
)
from etalon_server.transforming import transformed
from etalon_wire.claims import Caller
from etalon_wire.consents import Wish, consent_resource
from etalon_wire.json_body import Json, Resource
from etalon_wire.labels import V3_CONFIDENTIALITY, VISIBILITY
from etalon_wire.operation_outcomes import Fault
from etalon_wire.parts import Transform
from etalon_wire.validation.validator import Validator
from import_table import ROOT
from in_process import Reply, asked
from rights_scene import FHIR_JSON, TEST_INS, RightsScene, identified, said

EXAMPLES: Final = ROOT / "tests" / "wire" / "examples"
MASKED: Final = "MASQUE_PS"
HIDDEN: Final = "INVISIBLE_PATIENT"
NOT_FOR_PARENTS: Final = "INVISIBLE_REPRESENTANTS_LEGAUX"
REPORT: Final = "11488-4"
SURGERY: Final = "34874-8"
DOCUMENTS: Final = "/fhir/DocumentReference"
_PATCH: Final = "application/json-patch+json"
_CONTENT: Final = "Examen terminé.\n".encode()
A_CERTIFICATE: Final = "k1s2"

Step = tuple[str, Reply]


@cache
def _validator() -> Validator:
    """Return one validator for all: compiling the profiles takes as long as the story."""
    return Validator()


class BoundCallers:
    """Knows callers by tokens that say the certificate they are bound to, as real ones do."""

    def __init__(self) -> None:
        self._callers: dict[str, Caller] = {}

    def token(self, caller: Caller) -> str:
        """Hand a token out."""
        claims = json.dumps({"n": len(self._callers), "cnf": {"x5t#S256": caller.thumbprint}})
        token = f"e.{base64.urlsafe_b64encode(claims.encode()).decode().rstrip('=')}.s"
        self._callers[token] = caller
        return token

    def caller_of(self, token: str, certificate: str, now: object) -> Caller | Fault:
        """Return who a token says, under its own certificate."""
        del now
        caller = self._callers.get(token)
        if caller is None or caller.thumbprint not in {"", certificate}:
            return Fault("TOKEN_REFUSED", "no such token under this certificate")
        return caller

    def close(self) -> None:
        """Do nothing: nothing is on the disk."""


class Probe(RightsScene):
    """A server, the reference or another one made of it, and the story told to it."""

    def __init__(self, transform: Transform | None = None) -> None:
        super().__init__(sandbox=True, validator=_validator())
        self.loop = asyncio.new_event_loop()
        self.tokens = BoundCallers()
        self.desk.identity = self.tokens
        self.desk.page_key = b"0" * len(self.desk.page_key)
        self.numbers = 0
        if transform is not None:
            self.app = transformed(self.desk, self.app, transform)

    def close(self) -> None:
        """Let go of what the server keeps, and of its loop."""
        self.loop.run_until_complete(self.desk.host.close())
        self.loop.close()

    def ask(
        self, caller: Caller | None, verb: str, path: str, body: bytes = b"", **headers: str
    ) -> Reply:
        """Ask something as somebody; the identifier of the request is left out of the answer."""
        return self.ask_under("", caller, verb, path, body, **headers)

    def ask_under(
        self,
        certificate: str,
        caller: Caller | None,
        verb: str,
        path: str,
        body: bytes = b"",
        **headers: str,
    ) -> Reply:
        """Ask something over a connection with a client certificate."""
        sent = {"accept": FHIR_JSON, "content-type": FHIR_JSON, "x-request-id": "probe"}
        if caller is not None:
            sent["authorization"] = f"Bearer {self.tokens.token(caller)}"
        sent |= {name.replace("_", "-"): value for name, value in headers.items()}
        return self.loop.run_until_complete(asked(self.app, verb, path, body, sent, certificate))

    def carried_out(self, command: Command) -> Reply:
        """Carry a command out through the host, and say what it met."""
        outcome = self.loop.run_until_complete(self.desk.host.write(command))
        return self.noted(outcome.code if isinstance(outcome, Refusal) else "accepted")

    def noted(self, what: object) -> Reply:
        """Say something of the service, as a step of the story."""
        return Reply(200, {}, repr(what).encode())

    def publish(self, author: Actor, ins: str, *labels: str, **changed: object) -> Reply:
        """Deposit one document (ITI-105)."""
        resource = self.simplified(author, ins, *labels, **changed)
        return self.ask(self.caller(author), "POST", DOCUMENTS, json.dumps(resource).encode())

    def simplified(
        self, author: Actor, ins: str, *labels: str, **changed: object
    ) -> dict[str, object]:
        """A simplified publication, each with a unique identifier of its own."""
        self.numbers += 1
        codes = [(V3_CONFIDENTIALITY, "N"), *((VISIBILITY, one) for one in labels)]
        return {
            "resourceType": "DocumentReference",
            "masterIdentifier": {
                "system": "urn:ietf:rfc:3986",
                "value": unique(self.numbers),
            },
            "status": "current",
            "type": {"coding": [{"system": "http://loinc.org", "code": REPORT}]},
            "subject": {"identifier": {"system": TEST_INS, "value": ins}},
            "date": "2022-02-01T09:30:00+01:00",
            "author": [{"identifier": _rpps(author), "display": "Évrard Zoé"}],
            "custodian": {
                "identifier": {"system": "https://finess.esante.gouv.fr", "value": "750712184"}
            },
            "securityLabel": [{"coding": [{"system": s, "code": c}]} for s, c in codes],
            "content": [{"attachment": attachment()}],
            **changed,
        }

    def join(self, doctor: Actor, ins: str) -> Reply:
        """Have a doctor take part in somebody's care."""
        informed = said("informed", valueBoolean=True)
        return self.operate(doctor, "mes-join-care-team", identified(ins), informed)

    def find(self, actor: Actor, ins: str, query: str = "&status=current", of: str = "") -> Reply:
        """Search documents."""
        return self.send(actor, "GET", f"{DOCUMENTS}?patient.identifier={ins}{query}", of=of)

    def patch(self, actor: Actor, path: str, *operations: Json) -> Reply:
        """Patch a document by JSON Patch."""
        body = json.dumps(operations).encode()
        return self.ask(self.caller(actor), "PATCH", path, body, content_type=_PATCH)

    def wish(self, actor: Actor, ins: str, kind: str, stance: str, about: str = "") -> Reply:
        """Send a wish."""
        wanted = Wish(kind, "permit" if stance == "permit" else "deny", about)
        resource = consent_resource(self.service.person(ins).identity, wanted)
        del resource["id"]
        resource |= {"status": "active", "dateTime": "2022-02-01T10:00:00+01:00"}
        return self.send(actor, "POST", "/fhir/Consent", resource)

    def told_about(self, ins: str) -> Reply:
        """Say which notifications were sent about somebody."""
        dossier = self.service.person(ins).dossier
        return self.noted([] if dossier is None else [(one.code, one.to) for one in dossier.told])


def _rpps(author: Actor) -> Json:
    return {"system": "https://rpps.esante.gouv.fr", "value": author.ident[1:]}


def attachment() -> Resource:
    """A text, its size and its hash."""
    data = base64.b64encode(_CONTENT).decode()
    return {
        "contentType": "text/plain",
        "data": data,
        "title": "Note",
        "size": len(_CONTENT),
        "hash": "EE4Ax4EYZa5BDfd1fj1W1OzXK7c=",
    }


def unique(number: int) -> str:
    """The unique identifier of the document deposited at a rank, from 1."""
    return f"urn:oid:1.2.250.1.999.8.{number}"


def place(reply: Reply) -> str:
    """Where a deposit was put, below the root."""
    return f"{DOCUMENTS}/{reply.json['id']}"
