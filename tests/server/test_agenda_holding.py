# pyright: standard
"""The agenda of whoever is in the space, and what a referenced service sees of it."""

import json
from collections.abc import Generator
from datetime import date
from typing import Any, Final

import pytest
from icalendar import Calendar

from agenda_scene import example, named
from etalon_model import caregiver, holder, professional
from etalon_model.agenda.agenda import LIMITS
from etalon_model.catalogue.catalogue import Direction, ExchangeFamily, Purpose, Use
from etalon_model.catalogue.rehearsal import SOLUTION
from etalon_wire.claims import Caller, scopes_for
from etalon_wire.json_body import Json
from identity_scene import Reply
from pairing_scene import PairingScene, app_headers
from rights_scene import RightsScene, identified, said, treating

CARE: Final = Purpose.CARE.value
READS: Final = Use(CARE, ExchangeFamily.AGENDA, Direction.READ)
WRITES: Final = Use(CARE, ExchangeFamily.AGENDA, Direction.WRITE)


@pytest.fixture(scope="module")
def scene() -> Generator[RightsScene]:
    """One server; each test has people of its own."""
    opened = RightsScene()
    yield opened
    opened.close()


@pytest.fixture
def ins(scene: RightsScene) -> str:
    """Somebody who entered their space."""
    return scene.person()


def parts(parameter: dict[str, Any]) -> dict[str, Any]:
    """What a parameter of several parts says, by name."""
    return {
        part["name"]: next(value for key, value in part.items() if key != "name")
        for part in parameter["part"]
    }


def agenda(scene: RightsScene, ins: str) -> dict[str, list[dict[str, Any]]]:
    """The three collections of an agenda, as its holder reads them."""
    reply = scene.operate(holder(ins), "mes-read-agenda")
    assert reply.status == 200, reply.body
    found: dict[str, list[dict[str, Any]]] = {"appointment": [], "reminder": [], "prevention": []}
    for one in reply.json.get("parameter", []):
        found[one["name"]].append(one["resource"] if "resource" in one else parts(one))
    return found


def remind(scene: RightsScene, ins: str, title: str = "Ordonnance", **more: Json) -> Any:  # noqa: ANN401 (JSON)
    """Ask for a reminder; return the answer."""
    asked = [said("dueOn", valueDate="2022-06-01"), said("title", valueString=title)]
    asked += [said(name, valueString=value) for name, value in more.items()]
    return scene.operate(holder(ins), "mes-add-reminder", *asked)


def code(reply: Any) -> str:  # noqa: ANN401 (JSON)
    """The code of a refusal."""
    return str(reply.json["issue"][0]["details"]["coding"][0]["code"])


def test_a_reminder_is_made_read_and_deleted(scene: RightsScene, ins: str) -> None:
    """Its number is the answer."""
    made = remind(scene, ins, comment="Cardiologue")
    assert made.status == 200, made.body
    number = made.json["parameter"][0]["valueString"]

    assert agenda(scene, ins)["reminder"] == [
        {"number": number, "dueOn": "2022-06-01", "title": "Ordonnance", "comment": "Cardiologue"}
    ]
    gone = scene.operate(holder(ins), "mes-delete-reminder", said("number", valueString=number))
    assert gone.status == 200
    assert agenda(scene, ins)["reminder"] == []
    again = scene.operate(holder(ins), "mes-delete-reminder", said("number", valueString=number))
    assert (again.status, code(again)) == (404, "NO_SUCH_ITEM")
    wrong = scene.operate(holder(ins), "mes-delete-reminder", said("number", valueString="one"))
    assert wrong.status == 400


def test_ten_reminders_a_day_and_no_more(scene: RightsScene, ins: str) -> None:
    """The eleventh is refused, and so are titles and days that are none."""
    for rank in range(LIMITS["reminders_per_day"]):
        assert remind(scene, ins, f"Rappel {rank}").status == 200
    late = remind(scene, ins)
    long = remind(scene, scene.person(), "a" * (LIMITS["title"] + 1))
    past = scene.operate(
        holder(ins),
        "mes-add-reminder",
        said("dueOn", valueDate="2021-06-01"),
        said("title", valueString="a"),
    )

    assert [code(reply) for reply in (late, long, past)] == [
        *("TOO_MANY_REMINDERS", "TITLE_LENGTH", "DAY_IS_PAST")
    ]
    assert len(agenda(scene, ins)["reminder"]) == LIMITS["reminders_per_day"]


def test_a_prevention_item_is_declared_done_and_to_plan_again(scene: RightsScene) -> None:
    """With the day it was done; what is to plan bears none."""
    ins = scene.person(born=date(1961, 5, 17))
    items = agenda(scene, ins)["prevention"]
    key = items[0]["key"]
    assert items[0]["state"] == "to-plan"

    def declare(state: str, **more: str) -> int:
        asked = [said("key", valueString=key), said("state", valueCode=state)]
        asked += [said(name, valueDate=value) for name, value in more.items()]
        return scene.operate(holder(ins), "mes-declare-prevention", *asked).status

    day = items[0]["campaign"]["start"] if "campaign" in items[0] else "2022-01-30"
    assert declare("done") == 422
    assert declare("done", executedOn=max(day, "2022-01-20")) == 200
    assert agenda(scene, ins)["prevention"][0]["state"] == "done"
    assert declare("to-plan") == 200
    assert agenda(scene, ins)["prevention"][0]["state"] == "to-plan"
    assert declare("maybe") == 400
    assert [item["key"] for item in agenda(scene, ins)["prevention"]] == [
        item["key"] for item in items
    ]


def test_the_agenda_is_exported_as_icalendar(scene: RightsScene, ins: str) -> None:
    """Another reader finds events, tasks, and who takes part."""
    times = {"start": "2022-06-01T07:00:00Z", "end": "2022-06-01T07:15:00Z"}
    body = example("appointment", ins, identifier=named(ins), **times)
    body["description"] = "Suivi, « bilan » ; à jeun\nBEGIN:VEVENT"
    assert scene.send(treating(0), "POST", "/fhir/Appointment", body).status == 201
    remind(scene, ins, comment="Cardiologue")

    reply = scene.send(holder(ins), "GET", "/agenda/calendar.ics")

    assert (reply.status, reply.headers["content-type"]) == (200, "text/calendar; charset=utf-8")
    assert max(map(len, reply.body.split(b"\r\n"))) <= 75
    calendar = Calendar.from_ical(reply.body)
    events: list[Any] = calendar.walk("VEVENT")
    tasks: list[Any] = calendar.walk("VTODO")
    assert [str(event["summary"]) for event in events] == [body["description"]]
    assert [event.decoded("dtend").isoformat() for event in events] == ["2022-06-01T07:15:00+00:00"]
    assert str(events[0]["status"]) == "CONFIRMED"
    assert [one.params["PARTSTAT"] for one in events[0]["attendee"]] == ["ACCEPTED", "ACCEPTED"]
    reminder = next(task for task in tasks if str(task["uid"]).startswith("reminder"))
    assert (str(reminder["summary"]), reminder.decoded("due")) == ("Ordonnance", date(2022, 6, 1))
    items = agenda(scene, ins)["prevention"]
    assert sum("prevention" in str(task["uid"]) for task in tasks) == len(items)


def test_an_export_of_the_space_holds_its_agenda(scene: RightsScene, ins: str) -> None:
    """Appointments as they are read, reminders and prevention items beside them."""
    made = scene.send(treating(0), "POST", "/fhir/Appointment", example("appointment", ins))
    remind(scene, ins)

    reply = scene.operate(holder(ins), "mes-export")

    assert reply.status == 200, reply.body
    resources = [entry["resource"] for entry in reply.json["entry"]]
    assert [one for one in resources if one["resourceType"] == "Appointment"] == [made.json]
    (told,) = [one for one in resources if one["resourceType"] == "Parameters"]
    names = {one["name"] for one in told["parameter"]}
    assert names == {"reminder", "prevention"}


def test_a_caregiver_has_the_agenda_and_a_doctor_has_not(scene: RightsScene, ins: str) -> None:
    """The operations are of those in the space."""
    stranger = scene.person()

    assert scene.operate(treating(0), "mes-read-agenda", identified(ins)).status == 403
    assert scene.send(treating(0), "GET", "/agenda/calendar.ics").status == 403
    false = scene.send(caregiver(stranger), "GET", "/agenda/calendar.ics", of=ins)
    assert false.status == 403
    another = scene.operate(holder(stranger), "mes-read-agenda", identified(ins))
    assert another.status == 403


@pytest.fixture(scope="module")
def paired() -> PairingScene:
    """A server whose catalogue holds services."""
    return PairingScene()


def called(
    scene: PairingScene, tokens: dict[str, Any], verb: str, path: str, body: Json = None
) -> Reply:
    """Ask as a referenced service."""
    sent = None if body is None else json.dumps(body).encode()
    headers = app_headers(tokens) | {"content-type": "application/fhir+json"}
    return scene.ask(verb, path, sent, **headers)


def by_a_doctor(scene: PairingScene, ins: str) -> Reply:
    """Have a doctor make an appointment."""
    actor = professional("899900000000", "doctor")
    now = scene.clock.now()
    scopes = frozenset(scopes_for(actor.kind))
    caller = Caller(actor, "", scopes, "", "", now.replace(year=now.year + 1))
    token = scene.identity.mint(caller, now).access_token
    body = json.dumps(example("appointment", ins)).encode()
    headers = {"authorization": f"Bearer {token}", "content-type": "application/fhir+json"}
    return scene.ask("POST", "/fhir/Appointment", body, **headers)


def test_a_service_reads_what_was_consented_to_and_never_the_matricule(
    paired: PairingScene,
) -> None:
    """Under its own opaque identifier, at addresses of its own."""
    ins = paired.person()
    assert by_a_doctor(paired, ins).status == 201
    tokens = paired.pair(ins, READS)

    reply = called(paired, tokens, "GET", "/fhir/Appointment")

    assert reply.status == 200, reply.text
    (entry,) = reply.json["entry"]
    patient = entry["resource"]["participant"][0]["actor"]
    assert patient["identifier"]["system"] == f"urn:oid:{SOLUTION}"
    assert ins not in reply.text
    at = called(paired, tokens, "GET", f"/fhir/Appointment/{entry['resource']['id']}")
    assert at.json == entry["resource"]
    assert called(paired, tokens, "DELETE", f"/fhir/Appointment/{at.json['id']}").status == 403


def test_a_service_writes_with_the_consent_to_write_and_reads_nothing_without_the_other(
    paired: PairingScene,
) -> None:
    """For the person its token goes with, named by the opaque identifier."""
    ins = paired.person()
    tokens = paired.pair(ins, WRITES)
    patient: dict[str, Any] = {
        "type": "Patient",
        "identifier": {"system": f"urn:oid:{SOLUTION}", "value": tokens["patient"]},
    }
    body = example("appointment", ins, identifier=named("app"))
    body["participant"] = [{"actor": patient, "status": "accepted"}]

    made = called(paired, tokens, "POST", "/fhir/Appointment", body)

    assert made.status == 201, made.text
    assert ins not in made.text
    assert called(paired, tokens, "GET", "/fhir/Appointment").status == 403
    foreign = {**patient, "identifier": {**patient["identifier"], "value": "somebody-else"}}
    body["participant"] = [{"actor": foreign, "status": "accepted"}]
    other = called(paired, tokens, "POST", "/fhir/Appointment", body)
    assert other.status == 403
    body["participant"] = example("appointment", ins)["participant"]
    by_matricule = called(paired, tokens, "POST", "/fhir/Appointment", body)
    assert 400 <= by_matricule.status < 500
    kept = paired.people.service.person(ins).held().agenda
    assert kept is not None
    assert len(kept.appointments) == 1
