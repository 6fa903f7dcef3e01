"""Records on a reference server under load: people, their doctor, documents of four kilobytes.

What is deposited is what the tests deposit: `tests/wire/examples/deposit.json`, a transaction of
three documents of the comprehensive profile, for each person with identifiers of its own.
"""

import base64
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from typing import Any, Final
from urllib.parse import quote

from load_rounds import ROOT, Served, request_of

INS_SYSTEM: Final = "urn:oid:1.2.250.1.213.1.4.10"
FHIR_JSON: Final = "application/fhir+json"
PER_DEPOSIT: Final = 3
PEOPLE_AT_ONCE: Final = 1_000
DEPOSIT_BYTES: Final = 4_500
"""What a simplified deposit weighs, its content included."""

_DEPOSIT: Final = (ROOT / "tests/wire/examples/deposit.json").read_text(encoding="utf-8")
_MATRICULE: Final = "279035121518989"
_RPPS: Final = "10100000017"
_BIRTH: Final = "1979-03-12"
_OWN: Final = ("aaaaaaaa-0000-4000-8000", "7d1f0c52-3b6e-4f8a-8a11", "0f2a9c31-7d4e-4b6a-9c10")
_OID: Final = "1.2.250.1.999.1.1."


@dataclass(slots=True)
class Records:
    """Records of people whose doctor holds a token.

    Attributes:
        server: Where they are.
        people: Matricules.
        documents: Addresses of their documents, below the root.
    """

    server: Served
    people: list[str] = field(default_factory=list[str])
    documents: list[str] = field(default_factory=list[str])
    _doctor: str = ""
    _token: str = ""
    _births: dict[str, str] = field(default_factory=dict[str, str])
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def admit(self, people: int) -> None:
        """Make so many more people, the doctor in the team of each."""
        if not self._doctor:
            self._doctor = str(self._control("professionals", {})[0]["rpps"])
            asked = {"actor": {"kind": "professional", "rpps": self._doctor}}
            self._token = str(self._control("tokens", asked)["access_token"])
        for first in range(0, people, PEOPLE_AT_ONCE):
            wanted = {"count": min(PEOPLE_AT_ONCE, people - first), "sex": "F"}
            for one in self._control("people", wanted):
                ins = str(one["ins"])
                self._control(
                    "relations", {"kind": "care_team", "holder": ins, "who": self._doctor}
                )
                self.people.append(ins)
                self._births[ins] = str(one["birth_date"])

    def feed(self, ins: str, documents: int) -> None:
        """Deposit at least so many documents in a record, by transactions of three."""
        birth = self._births[ins]
        for _ in range(-(-documents // PER_DEPOSIT)):
            body = self._deposit(ins, birth)
            status, answer = self.server.ask("POST", "/fhir", self._headers(), body)
            if status != 200:  # noqa: PLR2004 (done)
                message = f"the deposit was refused: {answer.decode()}"
                raise RuntimeError(message)
            places = [one["response"]["location"] for one in json.loads(answer)["entry"]]
            self.documents += [_below_root(one) for one in places if "DocumentReference/" in one]

    def readings(self) -> Iterator[bytes]:
        """Yield, without an end, the request to read each document in turn."""
        token = self._bearer()
        written = [request_of("GET", place, token) for place in self.read_paths()]
        while True:
            yield from written

    def searches(self, page: int) -> Iterator[bytes]:
        """Yield, without an end, the request for the first page of each record in turn."""
        token = self._bearer()
        written = [request_of("GET", place, token) for place in self.search_paths(page)]
        while True:
            yield from written

    def read_paths(self) -> list[str]:
        """Return the address of each document, below the root."""
        return [*self.documents]

    def search_paths(self, page: int) -> list[str]:
        """Return the search for the first page of each record, below the root."""
        return [self._search(ins, page) for ins in self.people]

    @property
    def token(self) -> str:
        """The token of the doctor who treats them all."""
        return self._token

    def publications(self, documents: int) -> list[bytes]:
        """Return so many simplified deposits (ITI-105), for each record in turn."""
        content = base64.b64encode(bytes(1 + at % 251 for at in range(DEPOSIT_BYTES // 2))).decode()
        return [
            request_of(
                "POST",
                "/fhir/DocumentReference",
                self._headers(),
                self._published(self.people[rank % len(self.people)], content),
            )
            for rank in range(documents)
        ]

    def found(self, page: int) -> int:
        """Return how many documents the first page of the first record holds."""
        page_found = json.loads(self._seen(self._search(self.people[0], page)))
        return len(page_found["entry"])

    def _search(self, ins: str, page: int) -> str:
        return (
            f"/fhir/DocumentReference?patient.identifier={_named(ins)}&status=current&_count={page}"
        )

    def _seen(self, path: str) -> bytes:
        status, body = self.server.ask("GET", path, self._bearer())
        if status != 200:  # noqa: PLR2004 (seen)
            message = f"{path} was refused: {body.decode()}"
            raise RuntimeError(message)
        return body

    def _control(self, name: str, asked: object) -> Any:  # noqa: ANN401 (JSON)
        body = json.dumps(asked).encode()
        status, answer = self.server.ask(
            "POST", f"/sandbox/{name}", {"Content-Type": "application/json"}, body
        )
        if status not in {200, 201, 204}:
            message = f"/sandbox/{name}: {status} {answer.decode()}"
            raise RuntimeError(message)
        return json.loads(answer) if answer else None

    def _bearer(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}

    def _headers(self) -> dict[str, str]:
        return {"Content-Type": FHIR_JSON, **self._bearer()}

    def _deposit(self, ins: str, birth: str) -> bytes:
        number = next(self._numbers)
        body = _DEPOSIT.replace(_MATRICULE, ins).replace(_RPPS, self._doctor)
        body = body.replace(_BIRTH, birth).replace(_OID, f"{_OID}{number}.")
        for own in _OWN:
            body = body.replace(own, f"{number:08x}{own[8:]}")
        return body.encode()

    def _published(self, ins: str, content: str) -> bytes:
        return json.dumps(
            {
                "resourceType": "DocumentReference",
                "masterIdentifier": {
                    "system": "urn:ietf:rfc:3986",
                    "value": f"urn:oid:1.2.250.1.999.7.{next(self._numbers)}",
                },
                "status": "current",
                "type": {"coding": [{"system": "http://loinc.org", "code": "11488-4"}]},
                "subject": {"identifier": {"system": INS_SYSTEM, "value": ins}},
                "date": "2022-03-02T10:05:00+01:00",
                "author": [
                    {"identifier": {"system": "https://rpps.esante.gouv.fr", "value": self._doctor}}
                ],
                "custodian": {
                    "identifier": {"system": "https://finess.esante.gouv.fr", "value": "750712184"}
                },
                "content": [
                    {
                        "attachment": {
                            "contentType": "application/pdf",
                            "data": content,
                            "title": "Compte rendu",
                        }
                    }
                ],
            }
        ).encode()


def _named(ins: str) -> str:
    return quote(f"{INS_SYSTEM}|{ins}", safe="")


def _below_root(address: str) -> str:
    return f"/fhir/DocumentReference/{address.partition('DocumentReference/')[2].partition('/')[0]}"
