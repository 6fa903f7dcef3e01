"""Agendas on a reference server under load: people, a doctor who keeps a schedule, appointments.

What is written is what the tests write: `tests/wire/examples/appointment.json` and `schedule.json`,
for each person with identifiers of its own.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any, Final
from urllib.parse import quote

from load_rounds import ROOT, Served, request_of

FHIR_JSON: Final = "application/fhir+json"
INS_SYSTEM: Final = "urn:oid:1.2.250.1.213.1.4.10"

_EXAMPLES: Final = ROOT / "tests/wire/examples"
_APPOINTMENT: Final = (_EXAMPLES / "appointment.json").read_text(encoding="utf-8")
_SCHEDULE: Final = (_EXAMPLES / "schedule.json").read_text(encoding="utf-8")
_MATRICULE: Final = "279035121518989"
_RPPS: Final = "99700366240"
_NAME: Final = "2022-0042"
_TIMES: Final = ("2022-06-01T09:00:00+02:00", "2022-06-01T09:15:00+02:00")
_FIRST: Final = datetime(2022, 9, 6, 8, tzinfo=UTC)
_QUARTER: Final = timedelta(minutes=15)
_MONTH: Final = "start=ge2022-09-05&start=lt2022-10-01"
_CREATED: Final = 201


@dataclass(slots=True)
class Agendas:
    """Agendas of people whose doctor holds a token.

    Attributes:
        server: Where they are.
        people: Matricules.
        places: Addresses of their appointments, below the root.
    """

    server: Served
    people: list[str] = field(default_factory=list[str])
    places: list[str] = field(default_factory=list[str])
    _doctor: str = ""
    _token: str = ""
    _schedule: str = ""
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def admit(self, people: int) -> None:
        """Make so many people, and a doctor who keeps a schedule."""
        self._doctor = str(self._control("professionals", {})[0]["rpps"])
        asked = {"actor": {"kind": "professional", "rpps": self._doctor}}
        self._token = str(self._control("tokens", asked)["access_token"])
        made = self._control("people", {"count": people, "state": "OPEN_ACTIVE"})
        self.people += [str(one["ins"]) for one in made]
        self._schedule = self._made("/fhir/Schedule", _SCHEDULE.replace(_RPPS, self._doctor))

    def feed(self, appointments: int) -> None:
        """Write so many appointments of each."""
        for ins in self.people:
            for _ in range(appointments):
                place = self._made("/fhir/Appointment", self._appointment(ins))
                self.places.append(f"/fhir/Appointment/{place}")

    def readings(self) -> Iterator[bytes]:
        """Yield, without an end, the request to read each appointment in turn."""
        return self._asking(self.places)

    def searches(self, page: int) -> Iterator[bytes]:
        """Yield, without an end, the request for the first page of each agenda in turn."""
        return self._asking(
            [
                f"/fhir/Appointment?patient.identifier={quote(f'{INS_SYSTEM}|{ins}', safe='')}"
                f"&_count={page}"
                for ins in self.people
            ]
        )

    def slots(self, page: int) -> Iterator[bytes]:
        """Yield, without an end, the request for the first page of the free slots of a month."""
        return self._asking(
            [f"/fhir/Slot?schedule={self._schedule}&status=free&{_MONTH}&_count={page}"]
        )

    def bookings(self, appointments: int) -> list[bytes]:
        """Return the requests to make so many appointments, of each person in turn."""
        people = len(self.people)
        return [
            request_of(
                "POST",
                "/fhir/Appointment",
                self._headers(),
                self._appointment(self.people[number % people]).encode(),
            )
            for number in range(appointments)
        ]

    def _asking(self, places: list[str]) -> Iterator[bytes]:
        bearer = {"Authorization": f"Bearer {self._token}"}
        written = [request_of("GET", place, bearer) for place in places]
        while True:
            yield from written

    def _appointment(self, ins: str) -> str:
        number = next(self._numbers)
        start = _FIRST + number * _QUARTER
        text = _APPOINTMENT.replace(_MATRICULE, ins).replace(_RPPS, self._doctor)
        text = text.replace(_NAME, str(number)).replace(_TIMES[0], start.isoformat())
        return text.replace(_TIMES[1], (start + _QUARTER).isoformat())

    def _headers(self) -> dict[str, str]:
        return {"Content-Type": FHIR_JSON, "Authorization": f"Bearer {self._token}"}

    def _made(self, path: str, body: str) -> str:
        """Make a resource; return its `id`."""
        return str(self._asked(path, self._headers(), body.encode())["id"])

    def _control(self, name: str, asked: object) -> Any:  # noqa: ANN401 (JSON)
        body = json.dumps(asked).encode()
        return self._asked(f"/sandbox/{name}", {"Content-Type": "application/json"}, body)

    def _asked(self, path: str, headers: dict[str, str], body: bytes) -> Any:  # noqa: ANN401 (JSON)
        status, answer = self.server.ask("POST", path, headers, body)
        if status not in {200, _CREATED}:
            message = f"{path}: {status} {answer.decode()}"
            raise RuntimeError(message)
        return json.loads(answer)
