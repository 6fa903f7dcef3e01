"""The agenda on the wire: GAP for editors and holders, reminders, prevention items, iCalendar."""

import json
from collections.abc import Generator, Mapping
from copy import deepcopy
from typing import Any, Final
from urllib.parse import quote

import pytest

from agenda_scene import FORM, SYSTEM, example, named, place_of
from etalon_model import Actor, State, holder
from etalon_wire.claims import actor_of
from in_process import Reply
from rights_scene import TEST_INS, RightsScene, treating

WARD: Final = actor_of("structure", "1750000001")
IDENT: Final = f"{SYSTEM}|2022-0042"


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


def one(scene: RightsScene, ins: str, **changed: Any) -> Reply:  # noqa: ANN401 (JSON)
    """Make an appointment, as the doctor."""
    body = example("appointment", ins, **changed)
    return scene.send(treating(0), "POST", "/fhir/Appointment", body)


def found(reply: Reply) -> list[dict[str, Any]]:
    """What a search found."""
    assert reply.status == 200, reply.body
    entries = reply.json.get("entry", [])
    return [entry["resource"] for entry in entries if entry["search"]["mode"] == "match"]


def search(scene: RightsScene, by: Actor, kind: str, *pairs: tuple[str, str]) -> Reply:
    """Search by address."""
    written = "&".join(f"{quote(name)}={quote(value, safe='')}" for name, value in pairs)
    return scene.send(by, "GET", f"/fhir/{kind}?{written}")


def of(ins: str) -> tuple[str, str]:
    """The parameter that names somebody."""
    return "patient.identifier", f"{TEST_INS}|{ins}"


def code(reply: Reply) -> str:
    """The code of the first issue of a refusal."""
    details = reply.json["issue"][0].get("details", {"coding": [{"code": ""}]})
    return str(details["coding"][0]["code"])


@pytest.mark.requirement("W-AGD-06")
def test_an_appointment_is_made_read_by_its_author_and_by_the_holder(
    scene: RightsScene, ins: str
) -> None:
    """With its address, and all that was sent."""
    made = one(scene, ins)

    assert made.status == 201, made.body
    assert made.headers["etag"] == 'W/"1"'
    for reader in (treating(0), holder(ins)):
        read = scene.send(reader, "GET", place_of(made))
        assert read.json == made.json
    sent = example("appointment", ins)
    decided = {"meta", "participant", "text"}
    assert {key: value for key, value in made.json.items() if key in sent.keys() - decided} == {
        key: value for key, value in sent.items() if key not in decided
    }
    patient, *others = made.json["participant"]
    assert patient["actor"]["identifier"]["value"] == ins
    assert others == sent["participant"][1:]


@pytest.mark.requirement("W-COM-04")
def test_nobody_else_finds_it_and_is_not_told_that_it_is_there(
    scene: RightsScene, ins: str
) -> None:
    """Another doctor, another holder, whoever has an address."""
    made = one(scene, ins)
    path, other = place_of(made), scene.person()

    for by in (treating(1), WARD, holder(other)):
        assert scene.send(by, "GET", path).status == 404
        assert scene.send(by, "DELETE", path).status == 404
        change = scene.send(by, "PUT", path, example("appointment", ins))
        assert change.status in {403, 404}
    assert found(search(scene, treating(1), "Appointment", of(ins))) == []
    assert search(scene, holder(other), "Appointment", of(ins)).status == 403
    assert scene.send(treating(0), "GET", path).status == 200


@pytest.mark.requirement("W-AGD-07")
def test_a_conditional_update_makes_changes_or_refuses_by_what_it_meets(
    scene: RightsScene, ins: str
) -> None:
    """None: 201. One: 200. Several: 412."""
    path = f"/fhir/Appointment?identifier={quote(f'{SYSTEM}|{ins}', safe='')}"
    own = {"identifier": named(ins)}
    body = example("appointment", ins, **own)

    def put(resource: Mapping[str, Any]) -> Reply:
        return scene.send(treating(0), "PUT", path, dict(resource))

    assert put(body).status == 201
    changed = put({**body, "description": "Reportée"})
    assert (changed.status, changed.json["description"]) == (200, "Reportée")
    assert changed.json["meta"]["versionId"] == "2"
    second = scene.person()
    moved = put(example("appointment", second, **own))
    assert (moved.status, code(moved)) == (400, "PARAMETER_WRONG")
    assert one(scene, second, **own).status == 201
    several = put(body)
    assert (several.status, code(several)) == (412, "SEVERAL_MATCHES")


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400),
        ("identifier=", 400),
        ("identifier=a%7Cb", 400),
        (f"identifier={IDENT}&identifier={IDENT}", 400),
        (f"identifier={IDENT}&status=booked", 400),
        (f"identifier={IDENT}&status", 400),
    ],
)
def test_a_conditional_update_is_by_one_identifier_of_what_is_sent(
    scene: RightsScene, ins: str, query: str, status: int
) -> None:
    """And by nothing else."""
    body = example("appointment", ins)

    reply = scene.send(treating(0), "PUT", f"/fhir/Appointment?{query}", body)

    assert reply.status == status
    assert found(search(scene, treating(0), "Appointment", of(ins))) == []


def test_a_change_names_the_revision_it_was_made_for(scene: RightsScene, ins: str) -> None:
    """One that comes too late is refused; so is a tag that is none."""
    path = place_of(one(scene, ins))
    body = json.dumps(example("appointment", ins)).encode()
    by = scene.caller(treating(0))

    def put(tag: str) -> int:
        return scene.ask(by, "PUT", path, body, if_match=tag).status

    assert [put('W/"1"'), put('W/"1"'), put("1"), put('W/"0"'), put("*")] == [
        *(200, 412, 412, 412, 200)
    ]
    assert scene.ask(by, "DELETE", path, if_match='W/"1"').status == 412
    assert scene.ask(by, "DELETE", path, if_match='W/"3"').status == 204
    assert scene.ask(by, "GET", path).status == 404


@pytest.mark.requirement("W-AGD-05")
@pytest.mark.parametrize(
    ("name", "value", "is_found"),
    [
        ("status", "booked", True),
        ("status", "proposed,pending", False),
        ("identifier", IDENT, True),
        ("identifier", "2022-0042", True),
        ("identifier", f"{SYSTEM}|other", False),
        ("date", "2022-06-01", True),
        ("date", "ge2022-06-02", False),
        ("created", "2022-05-20", True),
        ("created", "lt2022-05-20", False),
        ("service-type", "https://cabinet.example/motifs|suivi", True),
        ("service-type", "bilan", False),
        ("description", "consultation", True),
        ("description", "suivi", False),
        ("priority", "5", False),
        ("supporting-info", "DocumentReference/1", False),
        ("practitioner.identifier", f"https://rpps.esante.gouv.fr|{treating(0).ident[1:]}", True),
        ("actor:Practitioner.identifier", treating(0).ident[1:], True),
        ("actor:Location.identifier", treating(0).ident[1:], False),
        ("actor.identifier", treating(0).ident[1:], True),
        ("location", "Location/1", False),
        ("practitioner", "Practitioner/1", False),
    ],
)
def test_a_search_finds_what_meets_every_parameter(
    scene: RightsScene, ins: str, name: str, value: str, *, is_found: bool
) -> None:
    """By address and by form, for the author and for the holder."""
    made = one(scene, ins).json

    for by in (treating(0), holder(ins)):
        reply = search(scene, by, "Appointment", of(ins), (name, value))
        assert found(reply) == ([made] if is_found else [])
    form = "&".join(f"{quote(key)}={quote(one, safe='')}" for key, one in (of(ins), (name, value)))
    by_form = scene.ask(
        scene.caller(treating(0)),
        "POST",
        "/fhir/Appointment/_search",
        form.encode(),
        content_type=FORM,
    )
    assert found(by_form) == ([made] if is_found else [])


@pytest.mark.parametrize("name", ["patient", "actor", "actor:Patient"])
def test_the_person_is_named_by_address_too(scene: RightsScene, ins: str, name: str) -> None:
    """As the appointment names them."""
    made = one(scene, ins).json
    reference = made["participant"][0]["actor"]["reference"]

    for value in (reference, reference.partition("/fhir/")[2]):
        assert found(search(scene, treating(0), "Appointment", (name, value))) == [made]


def test_an_editor_searches_by_its_identifier_alone_a_holder_by_nothing(
    scene: RightsScene, ins: str
) -> None:
    """Who says neither is asked whose appointments; a holder has one agenda."""
    made = one(scene, ins, identifier=named(f"only-{ins}")).json

    identifier = ("identifier", f"{SYSTEM}|only-{ins}")
    assert found(search(scene, treating(0), "Appointment", identifier)) == [made]
    assert found(search(scene, treating(1), "Appointment", identifier)) == []
    assert found(scene.send(holder(ins), "GET", "/fhir/Appointment")) == [made]
    nobody = scene.send(treating(0), "GET", "/fhir/Appointment?status=booked")
    assert (nobody.status, code(nobody)) == (400, "PARAMETER_MISSING")


def test_appointments_come_in_order_of_time_page_by_page(scene: RightsScene, ins: str) -> None:
    """And the total counts them all."""
    for day in (3, 1, 2):
        times = {"start": f"2022-06-0{day}T09:00:00Z", "end": f"2022-06-0{day}T10:00:00Z"}
        assert one(scene, ins, identifier=named(f"{ins}-{day}"), **times).status == 201
    first = search(scene, holder(ins), "Appointment", ("_count", "2"))
    links = {link["relation"]: link["url"] for link in first.json["link"]}
    second = scene.send(holder(ins), "GET", "/fhir/" + links["next"].partition("/fhir/")[2])

    days = [[resource["start"][9] for resource in found(page)] for page in (first, second)]

    assert days == [["1", "2"], ["3"]]
    assert first.json["total"] == 3


REFUSED: Final[Mapping[str, tuple[dict[str, Any], int]]] = {
    "no status": ({"status": None}, 400),
    "a status of nobody": ({"status": "gone"}, 400),
    "no participant": ({"participant": []}, 400),
    "a participant without a status": (
        {"participant": [{"actor": {"reference": "Patient/1"}}]},
        400,
    ),
    "booked without times": ({"start": None, "end": None}, 422),
    "a start without an end": ({"end": None}, 422),
    "an end before the start": ({"end": "2022-06-01T08:00:00+02:00"}, 422),
    "a first state that is none": ({"status": "fulfilled"}, 422),
    "a title too long": ({"description": "a" * 101}, 422),
    "a note too long": ({"comment": "a" * 1001}, 422),
    "a slot of nowhere": ({"slot": [{"reference": "Slot/none"}]}, 404),
    "another resource": ({"resourceType": "Schedule"}, 400),
    "nobody known": (
        {"participant": [{"actor": {"reference": "Patient/1"}, "status": "accepted"}]},
        404,
    ),
    "nobody": (
        {"participant": [{"actor": {"reference": "Location/1"}, "status": "accepted"}]},
        422,
    ),
}


@pytest.mark.requirement("W-AGD-08")
@pytest.mark.parametrize("case", REFUSED)
def test_an_appointment_that_cannot_stand_is_refused_and_nothing_is_stored(
    scene: RightsScene, ins: str, case: str
) -> None:
    """With the status that says whose fault it is."""
    changed, status = REFUSED[case]
    body = {**example("appointment", ins), **changed}
    body = {key: value for key, value in body.items() if value is not None}

    reply = scene.send(treating(0), "POST", "/fhir/Appointment", body)

    assert 400 <= reply.status < 500, reply.body
    assert reply.json["resourceType"] == "OperationOutcome"
    assert reply.status in {status, 400, 422}, reply.body
    assert found(search(scene, holder(ins), "Appointment")) == []


def test_two_patients_stand_in_no_agenda(scene: RightsScene, ins: str) -> None:
    """Neither's."""
    body = example("appointment", ins)
    other = deepcopy(body["participant"][0])
    other["actor"]["identifier"]["value"] = scene.person()
    body["participant"].append(other)

    assert scene.send(treating(0), "POST", "/fhir/Appointment", body).status == 400
    assert found(search(scene, holder(ins), "Appointment")) == []


def test_a_creation_overwrites_nothing(scene: RightsScene, ins: str) -> None:
    """The identifier is there already."""
    assert one(scene, ins).status == 201
    again = one(scene, ins, description="Autre")

    assert (again.status, code(again)) == (409, "ITEM_EXISTS")
    assert found(search(scene, holder(ins), "Appointment"))[0]["description"] != "Autre"


@pytest.mark.requirement("W-AGD-08")
def test_a_request_has_no_times_yet_and_is_booked_later(scene: RightsScene, ins: str) -> None:
    """As in the example of the guide: proposed, with the period asked for."""
    body = example("appointment", ins, status="proposed")
    body["requestedPeriod"] = [{"start": "2022-06-01T09:15:00Z"}]
    times = {name: body.pop(name) for name in ("start", "end")}
    made = scene.send(treating(0), "POST", "/fhir/Appointment", body)
    assert made.status == 201, made.body
    assert "start" not in made.json

    booked = scene.send(treating(0), "PUT", place_of(made), {**body, **times, "status": "booked"})

    assert (booked.status, booked.json["status"]) == (200, "booked")
    back = scene.send(treating(0), "PUT", place_of(made), body)
    assert (back.status, code(back)) == (409, "NO_SUCH_STEP")


def test_what_an_editor_wrote_is_read_only_for_the_holder_and_told_to_them(
    scene: RightsScene, ins: str
) -> None:
    """Who may note appointments of their own, booked elsewhere."""
    made = one(scene, ins)
    changed = scene.send(holder(ins), "PUT", place_of(made), example("appointment", ins))
    deleted = scene.send(holder(ins), "DELETE", place_of(made))

    assert [(reply.status, code(reply)) for reply in (changed, deleted)] == [
        (403, "READ_ONLY_ITEM")
    ] * 2
    assert scene.service.notifications(ins)[-1].code == "RDV_AGENDA"
    own = example("appointment", ins, identifier=[{"value": "a moi"}])
    noted = scene.send(holder(ins), "POST", "/fhir/Appointment", own)
    assert noted.status == 201
    asked = scene.send(holder(ins), "POST", "/fhir/Appointment", {**own, "status": "proposed"})
    assert asked.status == 409
    assert scene.send(holder(ins), "DELETE", place_of(noted)).status == 204


@pytest.mark.parametrize("state", [State.NOTIFIED, State.CLOSED_ARCHIVED, State.SUSPENDED])
def test_nothing_is_written_where_no_space_is_open(scene: RightsScene, state: State) -> None:
    """Nor read."""
    shut = scene.person(state=state)

    assert one(scene, shut).status == 403
    assert search(scene, treating(0), "Appointment", of(shut)).status == 403


@pytest.mark.parametrize("kind", ["json", "xml"])
def test_both_forms_say_the_same(scene: RightsScene, ins: str, kind: str) -> None:
    """An appointment read as XML is one."""
    path = place_of(one(scene, ins))
    reply = scene.ask(scene.caller(holder(ins)), "GET", path, accept=f"application/fhir+{kind}")

    assert reply.status == 200
    assert "Consultation de suivi" in reply.text


def test_every_reading_leaves_its_trace(scene: RightsScene, ins: str) -> None:
    """In the log of the person, refused ones too."""
    made = one(scene, ins)
    scene.send(treating(0), "GET", place_of(made))
    scene.send(treating(1), "DELETE", place_of(made))

    rows = [(row.deed.action, row.deed.refused) for row in scene.service.log(ins)]

    assert ("PutAppointment", "") in rows
    assert ("ReadAppointments", "") in rows
    assert ("DeleteAppointment", "ITEM_OF_ANOTHER") in rows
