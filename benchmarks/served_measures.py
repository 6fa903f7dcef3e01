"""Measures on a reference server under load: people paired with one service that writes and reads.

The server stands after October 2023, when exchange begins. What is written is what the tests write:
`tests/wire/examples/measure_feed.json`, a weight with the scale that took it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from load_rounds import ROOT, Served, request_of

VINTAGE: Final = "steady-2023"
NOW: Final = datetime(2024, 3, 1, 9, tzinfo=UTC)
FHIR_JSON: Final = "application/fhir+json"
INS_SYSTEM: Final = "urn:oid:1.2.250.1.213.1.4.10"

_FEED: Final = (ROOT / "tests/wire/examples/measure_feed.json").read_text(encoding="utf-8")
_ID_PE: Final = "0123456789abcdef0123456789abcdef"
_TAKEN: Final = "2022-08-22T01:56:16+02:00"
_SOLUTION: Final = "1.2.250.1.999.7.1"
_FIRST: Final = datetime(2023, 1, 1, tzinfo=UTC)
_PERIOD: Final = "&date=ge2023-01-01&date=le2024-12-31"
_CALLBACK: Final = "http://127.0.0.1:4321/callback"
_KINDS: Final = "urn:mes-etalon:CodeSystem:"
_CONSENT: Final = "http://terminology.hl7.org/CodeSystem/consent"


@dataclass(slots=True)
class PairedPeople:
    """People paired with one service, which holds tokens about each.

    Attributes:
        server: Where they are.
        headers: Headers of the calls about each.
        named: Opaque identifier of each.
    """

    server: Served
    headers: list[dict[str, str]] = field(default_factory=list[dict[str, str]])
    named: list[str] = field(default_factory=list[str])
    _taken: Iterator[datetime] = field(default_factory=lambda: _minutes(_FIRST))

    def admit(self, people: int) -> None:
        """Have a service referenced, and so many people pair with it."""
        service = self._control("services", {"title": "Carnet", "redirect_uris": [_CALLBACK]})
        if service["solution"] != _SOLUTION:
            message = "the server has services already"
            raise RuntimeError(message)
        for one in self._control("people", {"count": people}):
            ins = str(one["ins"])
            asked = {"kind": "holder", "ins": ins}
            holder = self._control("tokens", {"actor": asked})["access_token"]
            body = json.dumps(_consent(ins)).encode()
            bearer = {"Content-Type": FHIR_JSON, "Authorization": f"Bearer {holder}"}
            self._asked("/fhir/Consent", bearer, body)
            actor = {"kind": "app", "id": _SOLUTION, "on_behalf_of": ins}
            tokens = self._control("tokens", {"actor": actor})
            self.named.append(str(tokens["patient"]))
            self.headers.append(
                {
                    "Content-Type": FHIR_JSON,
                    "Authorization": f"Bearer {tokens['access_token']}",
                    "Id-Token": str(tokens["id_token"]),
                }
            )

    def feed(self, measures: int) -> None:
        """Write so many measures of each."""
        for rank in range(len(self.named)):
            for _ in range(measures):
                self._asked("/measures/fhir", self.headers[rank], self._bundle(rank))

    def feedings(self, measures: int) -> list[bytes]:
        """Return the requests to write so many measures, of each person in turn."""
        people = len(self.named)
        ranks = [number % people for number in range(measures)]
        return [
            request_of("POST", "/measures/fhir", self.headers[rank], self._bundle(rank))
            for rank in ranks
        ]

    def searches(self, page: int) -> Iterator[bytes]:
        """Yield, without an end, the request for the first page of each person in turn."""
        return self._asking(f"code=29463-7{_PERIOD}&_include=Observation:device&_count={page}")

    def lasts(self) -> Iterator[bytes]:
        """Yield, without an end, the request for the last measure of each person in turn."""
        return self._asking("code=29463-7&_sort=-date&_count=1")

    def _asking(self, query: str) -> Iterator[bytes]:
        written = [
            request_of(
                "GET", f"/measures/fhir/Observation?subject.identifier={name}&{query}", headers
            )
            for name, headers in zip(self.named, self.headers, strict=True)
        ]
        while True:
            yield from written

    def _bundle(self, rank: int) -> bytes:
        body = _FEED.replace(_ID_PE, self.named[rank])
        return body.replace(_TAKEN, next(self._taken).isoformat()).encode()

    def _control(self, name: str, asked: object) -> Any:  # noqa: ANN401 (JSON)
        body = json.dumps(asked).encode()
        return self._asked(f"/sandbox/{name}", {"Content-Type": "application/json"}, body)

    def _asked(self, path: str, headers: dict[str, str], body: bytes) -> Any:  # noqa: ANN401 (JSON)
        status, answer = self.server.ask("POST", path, headers, body)
        if status not in {200, 201}:
            message = f"{path}: {status} {answer.decode()}"
            raise RuntimeError(message)
        return json.loads(answer)


def _minutes(first: datetime) -> Iterator[datetime]:
    while True:
        yield first
        first += timedelta(minutes=1)


def _consent(ins: str) -> dict[str, Any]:
    """Return the Consent of a holder to what the benchmark does."""
    uses = [
        {
            "type": "permit",
            "action": [{"coding": [{"system": f"{_CONSENT}action", "code": action}]}],
            "purpose": [{"system": f"{_KINDS}exchange-purpose", "code": "care"}],
            "class": [{"system": f"{_KINDS}exchange-family", "code": "measures"}],
        }
        for action in ("disclose", "collect")
    ]
    role = {"system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationType", "code": "PRCP"}
    solution = {"system": "urn:ietf:rfc:3986", "value": f"urn:oid:{_SOLUTION}"}
    actor = {
        "role": {"coding": [role]},
        "reference": {"type": "Device", "identifier": solution},
    }
    return {
        "resourceType": "Consent",
        "status": "active",
        "scope": {"coding": [{"system": f"{_CONSENT}scope", "code": "patient-privacy"}]},
        "category": [{"coding": [{"system": f"{_KINDS}consent-kind", "code": "app-sharing"}]}],
        "patient": {"identifier": {"system": INS_SYSTEM, "value": ins}},
        "dateTime": NOW.isoformat(),
        "policyRule": {"text": "L. 1111-13-1"},
        "provision": {"type": "permit", "actor": [actor], "provision": uses},
    }
