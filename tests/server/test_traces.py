# pyright: standard
"""Traces that sources send over a real server (ITI-20), and the holder who reads them."""

import json
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final

import pytest

from etalon_wire.json_body import read_json
from etalon_wire.validation.validator import Validator
from etalon_wire.xml_body import read_xml, write_xml
from in_process import Reply
from record_town import Scene, get, scene_served
from served_town import INS_SYSTEM

ROLE: Final = {"system": "http://terminology.hl7.org/CodeSystem/object-role", "code": "1"}
XML: Final = "application/fhir+xml"


@pytest.fixture(scope="module")
def scene() -> Generator[Scene]:
    """One server for the module."""
    with scene_served() as made:
        yield made


def trace(scene: Scene, **changed: object) -> dict[str, Any]:
    """What the software of the author did with her space a minute ago."""
    who = {"identifier": {"system": "https://rpps.esante.gouv.fr", "value": scene.rpps}}
    return {
        "resourceType": "AuditEvent",
        "type": {"system": "http://dicom.nema.org/resources/ontology/DCM", "code": "110106"},
        "subtype": [{"system": "urn:ihe:event-type-code", "code": "ITI-68"}],
        "action": "R",
        "period": {"start": "2022-09-05T07:58:00Z"},
        "recorded": "2022-09-05T07:59:00Z",
        "agent": [{"who": who, "requestor": True}],
        "source": {"observer": {"display": "Logiciel du cabinet"}},
        "entity": [
            {
                "what": {"identifier": {"system": INS_SYSTEM, "value": scene.ins}},
                "role": ROLE,
            }
        ],
        **changed,
    }


def send(scene: Scene, token: str = "", **changed: object) -> Reply:
    """Send a trace, as the author unless told."""
    body = json.dumps(trace(scene, **changed)).encode()
    return scene.town.ask("POST", "/fhir/AuditEvent", body, token=token or scene.author)


def told(scene: Scene, **asked: str) -> list[dict[str, Any]]:
    """What her log tells her."""
    query = "&".join(f"{name}={value}" for name, value in {"date": "ge2022", **asked}.items())
    bundle = get(scene.town, f"/fhir/AuditEvent?_count=200&{query}", scene.holder)
    return [entry["resource"] for entry in bundle.get("entry", [])]


@pytest.mark.requirement("W-AUD-02")
def test_a_trace_that_was_sent_is_read_by_the_holder_as_it_was(scene: Scene) -> None:
    """With the row of its sending; by search, by address, in JSON and in XML."""
    reply = send(scene)
    where = f"/fhir/AuditEvent/{reply.json['id']}"

    assert (reply.status, reply.headers["etag"]) == (201, 'W/"1"')
    assert reply.headers["location"] == scene.town.address + where
    assert get(scene.town, where, scene.holder) == reply.json
    as_xml = scene.town.ask("GET", where, token=scene.holder, headers={"Accept": XML})
    assert read_xml(as_xml.body) == read_json(reply.body)
    assert reply.json in told(scene, subtype="ITI-68")
    rows = [one for one in told(scene, subtype="RecordTrace") if one["outcome"] == "0"]
    assert rows[0]["agent"][0]["who"]["identifier"]["value"] == f"8{scene.rpps}"
    decided = {"id", "meta"}
    assert {k: v for k, v in reply.json.items() if k not in decided} == trace(scene)
    findings = Validator().validate(read_json(reply.body), "tde-auditevent", "pdsm-strict")
    assert [one for one in findings if one.severity != "warning"] == []


def test_a_trace_comes_in_xml_and_its_answer_may_be_empty(scene: Scene) -> None:
    """`Prefer: return=minimal` answers where it is, and no more."""
    sent = write_xml(read_json(json.dumps(trace(scene)).encode()))
    path, token = "/fhir/AuditEvent", scene.author
    full = scene.town.ask("POST", path, sent, token=token, media_type=XML)
    minimal = scene.town.ask(
        "POST", path, sent, token=token, media_type=XML, headers={"Prefer": "return=minimal"}
    )

    assert (full.status, minimal.status, minimal.body) == (201, 201, b"")
    assert minimal.headers["location"] != full.headers["location"]


@pytest.mark.parametrize(
    ("changed", "status", "code"),
    [
        ({"period": {}}, 422, ""),
        ({"agent": []}, 422, ""),
        ({"type": {}}, 422, ""),
        ({"recorded": "2022-09-06T07:59:00Z"}, 422, "value"),
        ({"recorded": "yesterday"}, 422, "value"),
        ({"entity": []}, 422, ""),
        ({"entity": [{"what": {"reference": "Patient/1"}, "role": ROLE}]}, 422, "required"),
        ({"source": None}, 422, "structure"),
        ({"resourceType": "Observation"}, 422, ""),
        ({"outcomeDesc": "x" * 70_000}, 413, "too-long"),
        (
            {
                "entity": [
                    {
                        "what": {"identifier": {"system": INS_SYSTEM, "value": "180017500000134"}},
                        "role": ROLE,
                    }
                ]
            },
            404,
            "not-found",
        ),
    ],
)
def test_a_trace_that_may_not_be_is_refused_and_nothing_kept(
    scene: Scene, changed: dict[str, object], status: int, code: str
) -> None:
    """Each with its status and an OperationOutcome."""
    before = scene.town.desk.host.service.digest()

    reply = send(scene, "", **changed)

    assert reply.status == status, reply.body
    assert reply.json["resourceType"] == "OperationOutcome"
    assert code in {"", reply.json["issue"][0]["code"]}
    assert scene.town.desk.host.service.digest() == before


@pytest.mark.requirement("W-COM-04")
def test_a_trace_is_of_what_its_sender_did_and_is_read_by_the_holder_alone(scene: Scene) -> None:
    """Another doctor sends none in the author's name; neither doctor reads the log."""
    forged = send(scene, token=scene.other)
    sent = send(scene)
    where = f"/fhir/AuditEvent/{sent.json['id']}"
    stranger = scene.town.token("holder", ins=scene.town.person())

    assert (forged.status, sent.status) == (422, 201)
    assert send(scene, token=scene.holder).status == 403
    tokens = (scene.author, scene.other, stranger)
    assert [scene.town.ask("GET", where, token=one).status for one in tokens] == [403, 403, 404]


def test_traces_are_there_after_a_restart_and_in_what_a_holder_takes_away(tmp_path: Path) -> None:
    """With the row that brought them."""
    with scene_served(tmp_path) as scene:
        sent = send(scene).json
        ins = scene.ins
    with scene_served(tmp_path) as scene:
        holder = scene.town.token("holder", ins=ins)
        assert get(scene.town, f"/fhir/AuditEvent/{sent['id']}", holder) == sent
        asked = json.dumps({"resourceType": "Parameters"}).encode()
        space = scene.town.ask("POST", "/fhir/Patient/$mes-export", asked, token=holder)
        assert space.status == 200, space.body
        resources = [entry["resource"] for entry in space.json["entry"]]
        assert sent in resources


def test_pages_of_a_log_hold_while_traces_come(scene: Scene) -> None:
    """What comes between two pages moves nothing; the links lead on."""
    whole = [one["id"] for one in told(scene)]
    page = get(scene.town, "/fhir/AuditEvent?date=ge2022&_count=3", scene.holder)
    found: list[str] = []
    while True:
        found += [entry["resource"]["id"] for entry in page["entry"]]
        links = {one["relation"]: one["url"] for one in page["link"]}
        if "next" not in links:
            break
        assert send(scene).status == 201
        page = get(scene.town, links["next"].removeprefix(scene.town.address), scene.holder)

    assert len(found) == len(set(found))
    assert [one for one in found if one in whole] == whole
