"""Schedules and slots on the wire: flows 2a to 4a of GAP, and what the official examples meet."""

import json
from collections.abc import Callable, Generator, Mapping
from copy import deepcopy
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import pytest

from agenda_scene import FORM, example, named, place_of
from etalon_model import holder
from etalon_model.agenda.agenda import LIMITS
from etalon_wire.agenda.schedules import AVAILABILITY, DURATION
from etalon_wire.records.parties import RPPS
from etalon_wire.validation.validator import Validator
from import_table import ROOT
from in_process import Reply
from rights_scene import RightsScene, treating
from served_town import INS_SYSTEM, Town, served

OFFICIAL: Final = ROOT.parent / "shared" / "samples" / "agenda" / "examples"
MONDAY: Final = "2022-05-30"
DOCTOR: Final = treating(0)


@pytest.fixture(scope="module")
def validator() -> Validator:
    """The tables of profiles, compiled once."""
    return Validator()


@pytest.fixture
def scene(validator: Validator) -> Generator[RightsScene]:
    """A server without a schedule."""
    opened = RightsScene(validator=validator)
    yield opened
    opened.close()


def made(scene: RightsScene, **changed: Any) -> Reply:  # noqa: ANN401 (JSON)
    """Make the schedule of the doctor."""
    return scene.send(DOCTOR, "POST", "/fhir/Schedule", example("schedule", **changed))


def slots(scene: RightsScene, *pairs: tuple[str, str], of: str = "") -> Reply:
    """Search slots as somebody who entered their space, or as the doctor."""
    written = "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in pairs)
    return scene.send(holder(of) if of else DOCTOR, "GET", f"/fhir/Slot?{written}")


def entries(reply: Reply, mode: str = "match") -> list[dict[str, Any]]:
    """What a search answers, by mode."""
    assert reply.status == 200, reply.body
    listed = reply.json.get("entry", [])
    return [entry["resource"] for entry in listed if entry["search"]["mode"] == mode]


@pytest.mark.requirement("W-AGD-01", "W-AGD-02")
def test_a_schedule_is_made_read_changed_and_deleted(scene: RightsScene) -> None:
    """201, 200, 200, 204; what was sent is what is read."""
    first = made(scene)
    path = place_of(first)
    body = example("schedule")

    read = scene.send(DOCTOR, "GET", path)
    assert read.json == first.json
    assert {key: read.json[key] for key in body.keys() - {"meta", "text"}} == {
        key: body[key] for key in body.keys() - {"meta", "text"}
    }
    closed = scene.send(DOCTOR, "PUT", path, {**body, "active": False})
    assert (closed.status, closed.headers["etag"]) == (200, 'W/"2"')
    days = (("schedule", path.rpartition("/")[2]), ("start", MONDAY))
    assert entries(slots(scene, *days)) == []
    assert scene.send(DOCTOR, "DELETE", path).status == 204
    assert scene.send(DOCTOR, "GET", path).status == 404
    assert scene.send(DOCTOR, "PUT", path, body).status == 404


def test_a_change_of_a_schedule_names_the_revision_it_was_made_for(scene: RightsScene) -> None:
    """One that comes too late is refused."""
    path, body = place_of(made(scene)), json.dumps(example("schedule")).encode()
    by = scene.caller(DOCTOR)

    statuses = [scene.ask(by, "PUT", path, body, if_match=f'W/"{tag}"').status for tag in (1, 1, 2)]

    assert statuses == [200, 412, 200]
    assert scene.ask(by, "DELETE", path, if_match='W/"1"').status == 412


def test_a_schedule_is_found_by_its_actor(scene: RightsScene) -> None:
    """By identifier, with or without a type; who says none is asked."""
    first = made(scene).json
    number = DOCTOR.ident[1:]

    for name, value in (
        ("actor.identifier", number),
        ("actor:Practitioner.identifier", f"https://rpps.esante.gouv.fr|{number}"),
        ("_id", first["id"]),
    ):
        reply = scene.send(DOCTOR, "GET", f"/fhir/Schedule?{name}={quote(value, safe='')}")
        assert entries(reply) == [first]
    nobody = scene.send(DOCTOR, "GET", "/fhir/Schedule?actor:Location.identifier=1")
    assert entries(nobody) == []
    assert scene.send(DOCTOR, "GET", "/fhir/Schedule").status == 400


@pytest.mark.requirement("W-AGD-04")
def test_slots_are_matches_and_their_schedule_is_included(scene: RightsScene) -> None:
    """Twelve quarters of an hour on a Monday morning, for whoever looks for one."""
    schedule = made(scene).json
    ins = scene.person()
    pairs = (
        ("schedule.actor:Practitioner.identifier", DOCTOR.ident[1:]),
        ("start", f"ge{MONDAY}"),
        ("start", "lt2022-05-31"),
        ("_include", "Slot:schedule"),
    )

    reply = slots(scene, *pairs, of=ins)

    found = entries(reply)
    assert [slot["start"] for slot in found][:2] == ["2022-05-30T07:00:00Z", "2022-05-30T07:15:00Z"]
    assert reply.json["total"] == len(found) == 12
    assert {slot["status"] for slot in found} == {"free"}
    assert {slot["serviceType"][0]["coding"][0]["display"] for slot in found} == {"Suivi"}
    assert entries(reply, "include") == [schedule]
    assert all(slot["schedule"]["reference"].endswith(schedule["id"]) for slot in found)
    read = scene.send(holder(ins), "GET", f"/fhir/Slot/{found[3]['id']}")
    assert read.json == found[3]
    form = "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in pairs)
    by_form = scene.ask(
        scene.caller(holder(ins)), "POST", "/fhir/Slot/_search", form.encode(), content_type=FORM
    )
    assert entries(by_form) == found


@pytest.mark.requirement("W-AGD-04")
def test_the_actors_of_a_schedule_are_included_as_the_directory_has_them(
    scene: RightsScene,
) -> None:
    """Each once, whatever names them; who stands nowhere is left out."""
    number = DOCTOR.ident[1:]
    actors = [
        {"type": "PractitionerRole", "identifier": {"system": RPPS, "value": number}},
        {"reference": f"Practitioner/{number}"},
        {"type": "Practitioner", "identifier": {"system": RPPS, "value": number}},
        {"reference": "Practitioner/10000000000"},
        {"reference": "https://other.example/fhir/Location/1"},
    ]
    schedule = made(scene, actor=actors).json
    both = (("_include", "Slot:schedule"), ("_include:iterate", "Schedule:actor"))

    reply = slots(scene, ("schedule", schedule["id"]), ("start", MONDAY), *both)

    included = [one["resourceType"] for one in entries(reply, "include")]
    assert included == ["Schedule", "PractitionerRole", "Practitioner"]


@pytest.mark.parametrize(
    ("pairs", "count"),
    [
        ((("start", MONDAY),), 12),
        ((("start", "ge2022-05-30"), ("start", "le2022-06-05")), 24),
        ((("start", f"ge{MONDAY}T11:30:00+02:00"), ("start", "lt2022-05-31")), 2),
        ((("start", MONDAY), ("status", "busy")), 0),
        ((("start", MONDAY), ("status", "free,busy")), 12),
        ((("start", MONDAY), ("service-type", "suivi")), 12),
        ((("start", MONDAY), ("service-type", "https://other.example|suivi")), 0),
        ((("start", "2023-02-06"),), 0),
    ],
)
def test_a_search_of_slots_narrows_by_every_parameter(
    scene: RightsScene, pairs: tuple[tuple[str, str], ...], count: int
) -> None:
    """And stops where the schedule does."""
    schedule = made(scene).json["id"]

    assert slots(scene, ("schedule", schedule), *pairs).json["total"] == count


@pytest.mark.parametrize(
    "query",
    [
        "start=2022-05-30",
        "schedule=x&start=ge2022-01-01&start=lt2022-12-31",
        "schedule=x&start=9999-01-01",
        "schedule=x&start=ge0001-01-01",
        "schedule=x&start=soon",
        "schedule=x&_include=Slot:nobody",
        "schedule=x&schedule.actor.name=a",
    ],
)
def test_a_search_of_slots_that_is_none_is_refused(scene: RightsScene, query: str) -> None:
    """What is asked for has a schedule and a month at most."""
    made(scene)

    assert scene.send(DOCTOR, "GET", f"/fhir/Slot?{query}").status == 400


def test_more_slots_than_one_search_finds_are_refused(scene: RightsScene) -> None:
    """A schedule of everything, every day, costs no more than its bound."""
    day = availability("2022-06-01T00:00:00Z", "2022-06-02T00:00:00Z", "FREQ=DAILY")
    every = [day] * LIMITS["openings"] + [duration(5)] * LIMITS["services"]
    schedule = made(scene, extension=every)
    assert schedule.status == 201, schedule.body

    reply = slots(scene, ("schedule", schedule.json["id"]), ("start", "ge2022-06-01"))

    assert 400 <= reply.status < 500
    assert reply.json["issue"][0]["code"] == "too-costly"


@pytest.mark.requirement("W-AGD-10")
def test_an_appointment_takes_its_slot_and_gives_it_back(scene: RightsScene) -> None:
    """It lasts as long as the slot; nobody else is given it meanwhile."""
    pairs = (("schedule", made(scene).json["id"]), ("start", MONDAY))
    slot, *_ = entries(slots(scene, *pairs))
    first, second = scene.person(), scene.person()

    def book(ins: str, **changed: object) -> Reply:
        times = {"start": slot["start"], "end": slot["end"]}
        where = {"slot": [{"reference": f"Slot/{slot['id']}"}]}
        body = example("appointment", ins, identifier=named(ins), **{**times, **where, **changed})
        return scene.send(DOCTOR, "POST", "/fhir/Appointment", body)

    longer = book(first, end="2022-05-30T07:30:00Z")
    assert (longer.status, refusal(longer)) == (422, "SLOT_AND_TIMES_DIFFER")
    booked = book(first)
    assert booked.status == 201
    assert entries(slots(scene, *pairs))[0]["status"] == "busy"
    taken = book(second)
    assert (taken.status, refusal(taken)) == (409, "SLOT_TAKEN")
    assert scene.send(DOCTOR, "DELETE", place_of(booked)).status == 204
    assert entries(slots(scene, *pairs))[0]["status"] == "free"
    assert book(second).status == 201


def refusal(reply: Reply) -> str:
    """The code of a refusal."""
    return str(reply.json["issue"][0]["details"]["coding"][0]["code"])


def availability(start: str, end: str, rule: str = "", kind: str = "free") -> dict[str, Any]:
    """An availability of a schedule."""
    parts: list[dict[str, Any]] = [
        {"url": "type", "valueCoding": {"system": "https://hl7.fr/a", "code": kind}},
        {"url": "start", "valueDateTime": start},
        {"url": "end", "valueDateTime": end},
    ]
    if rule:
        parts.append({"url": "rrule", "valueString": rule})
    return {"url": AVAILABILITY, "extension": parts}


def duration(minutes: float, unit: str = "min") -> dict[str, Any]:
    """A service of a schedule."""
    return {
        "url": DURATION,
        "extension": [
            {"url": "serviceType", "valueCodeableConcept": {"text": "a"}},
            {"url": "duration", "valueDuration": {"value": minutes, "code": unit}},
        ],
    }


NIGHT: Final = ("2022-06-01T22:00:00Z", "2022-06-02T04:00:00Z")
WRONG: Final[Mapping[str, dict[str, Any]]] = {
    "nobody's": {"actor": []},
    "of an actor without a name": {"actor": [{"display": "Dr A"}]},
    "with a type of service": {"serviceType": [{"text": "a"}]},
    "another resource": {"resourceType": "Slot"},
    "with a rule of months": {"extension": [availability(*NIGHT, "FREQ=MONTHLY")]},
    "with a rule that is none": {"extension": [availability(*NIGHT, "every day")]},
    "with an opening backwards": {"extension": [availability(NIGHT[1], NIGHT[0])]},
    "with an opening of two days": {"extension": [availability(NIGHT[0], "2022-06-04T00:00:00Z")]},
    "with an opening of nothing": {"extension": [availability(*NIGHT, kind="busy")]},
    "with an opening without a start": {
        "extension": [{"url": AVAILABILITY, "extension": [{"url": "end", "valueDateTime": "2022"}]}]
    },
    "with a service of half a minute": {"extension": [duration(0.5)]},
    "with a service of a week": {"extension": [duration(7 * 24, "h")]},
    "with a service of no time": {"extension": [duration(0)]},
    "with a service in days": {"extension": [duration(1, "d")]},
    "with too many openings": {"extension": [availability(*NIGHT)] * (LIMITS["openings"] + 1)},
    "in the year one": {
        "extension": [availability("0001-01-01T00:00:00Z", "0001-01-01T01:00:00Z")]
    },
    "in the year 9999": {
        "extension": [availability("9999-12-31T23:00:00Z", "9999-12-31T23:59:00Z")]
    },
}


@pytest.mark.parametrize("case", WRONG)
def test_a_schedule_that_cannot_be_kept_is_refused(scene: RightsScene, case: str) -> None:
    """And none is there."""
    reply = made(scene, **WRONG[case])

    assert reply.status in {400, 422}, reply.body
    assert reply.json["resourceType"] == "OperationOutcome"
    number = DOCTOR.ident[1:]
    assert entries(scene.send(DOCTOR, "GET", f"/fhir/Schedule?actor.identifier={number}")) == []


def test_what_was_written_is_there_after_a_restart(tmp_path: Path) -> None:
    """Schedules, appointments and what was received of both, over a real connection."""
    with served(directory=tmp_path) as town:
        ins, rpps = town.person(state="OPEN_ACTIVE"), town.doctor()
        schedule, appointment = stored(town, ins, rpps)
    with served(directory=tmp_path) as town:
        token = town.token("professional", rpps=rpps)
        read = [town.ask("GET", place_of(one), token=token) for one in (schedule, appointment)]
        slots = town.ask(
            "GET", f"/fhir/Slot?schedule={schedule.json['id']}&start={SEPTEMBER}", token=token
        )

    assert [one.json | {"meta": None} for one in read] == [
        rebased(one, read_one) | {"meta": None}
        for one, read_one in zip((schedule, appointment), read, strict=True)
    ]
    assert [slot["status"] for slot in entries(slots)[:2]] == ["busy", "free"]


SEPTEMBER: Final = "2022-09-12"


def rebased(before: Reply, after: Reply) -> dict[str, Any]:
    """What was answered before, under the address of the server that answers now."""
    old, new = (
        next(
            (
                one["actor"]["reference"].partition("/fhir/")[0]
                for one in reply.json.get("participant", [])
                if "reference" in one["actor"]
            ),
            "",
        )
        for reply in (before, after)
    )
    text = json.dumps(before.json)
    return json.loads(text.replace(old, new) if old else text)  # type: ignore[no-any-return]


def stored(town: Town, ins: str, rpps: str) -> tuple[Reply, Reply]:
    """Make a schedule, and an appointment in its first slot."""
    token = town.token("professional", rpps=rpps)

    def post(kind: str, body: dict[str, Any]) -> Reply:
        text = json.dumps(body).replace(DOCTOR.ident[1:], rpps)
        return town.ask("POST", f"/fhir/{kind}", text.encode(), token=token)

    schedule = post("Schedule", example("schedule"))
    query = f"/fhir/Slot?schedule={schedule.json['id']}&start={SEPTEMBER}"
    slot = entries(town.ask("GET", query, token=token))[0]
    times = {"start": slot["start"], "end": slot["end"]}
    where = {"slot": [{"reference": f"Slot/{slot['id']}"}]}
    return schedule, post("Appointment", example("appointment", ins, **times, **where))


Change = Callable[[dict[str, Any], str], dict[str, Any]]


def as_is(resource: dict[str, Any], ins: str) -> dict[str, Any]:
    """The example untouched."""
    del ins
    return resource


def of_somebody(resource: dict[str, Any], ins: str) -> dict[str, Any]:
    """The example about a person this server knows."""
    changed = deepcopy(resource)
    identifier = {"system": INS_SYSTEM, "value": ins}
    changed["participant"][0]["actor"] = {"type": "Patient", "identifier": identifier}
    return changed


MEETS: Final[tuple[tuple[str, str, Change, int], ...]] = (
    ("Schedule-example", "Schedule", as_is, 201),
    # Its patient is a reference to another server: nobody here is that person.
    ("Appointment-example-req-appointment", "Appointment", as_is, 404),
    ("Appointment-example-req-appointment", "Appointment", of_somebody, 201),
    # Slots follow from schedules: nobody writes one (GAP has no flow that does).
    ("Slot-example", "Slot", as_is, 405),
)
"""What each official example meets when it is sent, as it is or about somebody known."""


@pytest.mark.skipif(not OFFICIAL.exists(), reason="the folder of official samples is not here")
@pytest.mark.parametrize(("name", "kind", "change", "status"), MEETS)
def test_the_official_examples_meet_what_is_said_of_them(
    scene: RightsScene, name: str, kind: str, change: Change, status: int
) -> None:
    """What is taken is read back but for what the service decides."""
    ins = scene.person()
    sent = change(json.loads((OFFICIAL / f"{name}.json").read_text(encoding="utf-8")), ins)

    reply = scene.send(DOCTOR, "POST", f"/fhir/{kind}", sent)

    assert reply.status == status, reply.body
    if status == 201:
        decided = {"id", "meta", "text", "participant"}
        assert {key: reply.json.get(key) for key in sent.keys() - decided} == {
            key: sent[key] for key in sent.keys() - decided
        }
        assert scene.send(DOCTOR, "GET", place_of(reply)).json == reply.json


def test_an_editor_who_comes_later_is_found_as_the_first_is(scene: RightsScene) -> None:
    """And after the service began again, nobody is found who is not there."""
    first = place_of(made(scene))
    before = scene.service.snapshot()
    assert scene.send(DOCTOR, "GET", first).status == 200
    second = place_of(scene.send(treating(1), "POST", "/fhir/Schedule", example("schedule")))
    assert scene.send(DOCTOR, "GET", second).status == 200

    scene.service.restore(before)

    assert [scene.send(DOCTOR, "GET", one).status for one in (first, second)] == [200, 404]
