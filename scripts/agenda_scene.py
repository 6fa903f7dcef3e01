"""Appointments, schedules and requests about an agenda: what tests of it share."""

import json
from datetime import date
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import quote

from etalon_model.agenda.prevention import ReadAgenda
from etalon_model.agenda.reminders import AddReminder
from in_process import Reply
from rights_scene import TEST_INS, RightsScene, treating

if TYPE_CHECKING:
    from etalon_model.agenda.prevention import AgendaView

MATRICULE: Final = "279035121518989"
RPPS: Final = "99700366240"
SYSTEM: Final = "https://cabinet.example/rendez-vous"
FORM: Final = "application/x-www-form-urlencoded"

Asked = tuple[str, str, bytes, dict[str, str]]
"""A request: verb, path, body, headers."""

_EXAMPLES: Final = Path(__file__).parent.parent / "tests" / "wire" / "examples"


def example(name: str, ins: str = MATRICULE, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 (JSON)
    """An example of ours about somebody and the first test doctor, changed."""
    text = (_EXAMPLES / f"{name}.json").read_text(encoding="utf-8")
    found: dict[str, Any] = json.loads(
        text.replace(MATRICULE, ins).replace(RPPS, treating(0).ident[1:])
    )
    return {**found, **changed}


def named(value: str) -> list[dict[str, str]]:
    """Return the identifiers of an appointment that its author calls so."""
    return [{"system": SYSTEM, "value": value}]


def place_of(made: Reply) -> str:
    """Return the path of what was made."""
    if made.status != HTTPStatus.CREATED:
        raise AssertionError(made.body)
    return "/fhir/" + made.headers["location"].partition("/fhir/")[2]


class AgendaPlaces:
    """An agenda with one appointment of the first test doctor, who keeps one schedule."""

    def __init__(self, scene: RightsScene, *people: str) -> None:
        """Make the schedule, and an appointment of each of some people."""
        doctor = treating(0)
        schedule = scene.send(doctor, "POST", "/fhir/Schedule", example("schedule"))
        self.schedule = place_of(schedule)
        self.slot = f"/fhir/Slot/{schedule.json['id']}.20220530T070000.1"
        self.appointments = {
            ins: place_of(
                scene.send(
                    doctor,
                    "POST",
                    "/fhir/Appointment",
                    example("appointment", ins, identifier=named("kept")),
                )
            )
            for ins in people
        }
        self.items: dict[str, str] = {}
        for ins in people:
            by, now = scene.people.decider(ins), scene.people.now
            scene.people.do(AddReminder(now, by, ins, date(2022, 6, 1), "Ordonnance"))
            view = cast("AgendaView", scene.people.do(ReadAgenda(now, by, ins)))
            self.items[ins] = next((item.window.key for item in view.prevention), "none")

    def request(self, name: str, ins: str) -> Asked:
        """Return a request for an interaction about somebody, right in all but who asks."""
        patient = f"patient.identifier={quote(f'{TEST_INS}|{ins}', safe='')}"
        of_schedule = f"schedule={self.schedule.rpartition('/')[2]}&start=2022-05-30"
        actor = f"actor.identifier={quote(treating(0).ident[1:])}"
        appointment = self.appointments[ins]
        new = example("appointment", ins, identifier=named("new"))
        kept = example("appointment", ins, identifier=named("kept"))
        by_identifier = f"/fhir/Appointment?identifier={quote(f'{SYSTEM}|new', safe='')}"
        return {
            "make_schedule": _sent("POST", "/fhir/Schedule", example("schedule")),
            "read_schedule": _asked(self.schedule),
            "change_schedule": _sent("PUT", self.schedule, example("schedule")),
            "delete_schedule": _deleted(self.schedule),
            "find_schedules": _asked(f"/fhir/Schedule?{actor}"),
            "find_schedules_by_form": _form("Schedule", actor),
            "find_slots": _asked(f"/fhir/Slot?{of_schedule}"),
            "find_slots_by_form": _form("Slot", of_schedule),
            "read_slot": _asked(self.slot),
            "make_appointment": _sent("POST", "/fhir/Appointment", new),
            "put_appointment": _sent("PUT", by_identifier, new),
            "read_appointment": _asked(appointment),
            "change_appointment": _sent("PUT", appointment, kept),
            "delete_appointment": _deleted(appointment),
            "find_appointments": _asked(f"/fhir/Appointment?{patient}"),
            "find_appointments_by_form": _form("Appointment", patient),
            "export_calendar": _asked("/agenda/calendar.ics"),
        }[name]


def _asked(path: str) -> Asked:
    return "GET", path, b"", {}


def _deleted(path: str) -> Asked:
    return "DELETE", path, b"", {}


def _sent(verb: str, path: str, body: dict[str, Any]) -> Asked:
    return verb, path, json.dumps(body).encode(), {}


def _form(kind: str, query: str) -> Asked:
    return "POST", f"/fhir/{kind}/_search", query.encode(), {"content-type": FORM}
