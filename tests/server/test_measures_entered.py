"""Measures that whoever decides for a space enters and reads; the wire is ours."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from etalon_model import holder
from etalon_model.catalogue.measures import Measure
from etalon_wire.json_body import Json, read_json, write_json
from etalon_wire.measures.kinds import OLDER
from etalon_wire.measures.showing import Reader, observation
from etalon_wire.validation.validator import Validator
from in_process import Reply
from rights_scene import FIRST, TEST_INS, RightsScene, said

Body = dict[str, Any]


@pytest.fixture(scope="module")
def scene() -> Iterator[RightsScene]:
    """One server for the module."""
    with closing(RightsScene()) as opened:
        yield opened


def entered(ins: str, code: str, value: float, moment: str = "") -> Body:
    """An Observation that somebody enters, without a profile."""
    measure = Measure(code, FIRST, (value,), moment=moment)
    shown: Body = json.loads(write_json(observation(Reader("", ""), measure, "0", None)))
    del shown["meta"]
    return {**shown, "subject": {"identifier": {"system": TEST_INS, "value": ins}}}


def enter(scene: RightsScene, ins: str, body: Json) -> Reply:
    """Enter a measure as the holder."""
    return scene.send(holder(ins), "POST", "/fhir/Observation", body)


def read(scene: RightsScene, ins: str, code: str) -> list[Body]:
    """Read the measures of a kind as the holder."""
    reply = scene.operate(holder(ins), "mes-measures", said("code", valueCode=code))
    assert reply.status == 200, reply.body
    return [one["resource"] for one in reply.json.get("entry", [])]


@pytest.mark.rule("MEA-10", "MEA-03")
def test_a_holder_enters_measures_and_reads_them_and_the_index(scene: RightsScene) -> None:
    """What was entered stands at its address; weight and height make an index."""
    ins = scene.person()
    made = enter(scene, ins, entered(ins, "29463-7", 71.5))
    assert made.status == 201, made.body
    assert enter(scene, ins, entered(ins, "8302-2", 1.83)).status == 201

    read_again = scene.send(holder(ins), "GET", urlsplit(made.headers["location"]).path)
    assert read_again.json == made.json
    assert read(scene, ins, "29463-7") == [made.json]
    assert [one["valueQuantity"]["value"] for one in read(scene, ins, "39156-5")] == [21.4]
    assert read(scene, ins, "8867-4") == []
    errors = [
        one
        for one in Validator().validate(
            read_json(made.body), made.json["meta"]["profile"][0], "pdsm-strict"
        )
        if one.severity == "error"
    ]
    assert errors == []


WRONG: Final[list[tuple[str, Callable[[Body], object], int]]] = [
    ("another resource", lambda body: body.update(resourceType="Basic"), 400),
    ("nobody", lambda body: body.pop("subject"), 400),
    ("no instant", lambda body: body.pop("effectiveDateTime"), 422),
    ("no value", lambda body: body.pop("valueQuantity"), 422),
    ("in the future", lambda body: body.update(effectiveDateTime="2099-01-01T00:00:00Z"), 422),
    ("another unit", lambda body: body["valueQuantity"].update(code="stone"), 422),
    ("no such measure", lambda body: body["code"]["coding"][0].update(code="1-1"), 422),
    ("implausible", lambda body: body["valueQuantity"].update(value=7000), 422),
    ("of the index", lambda body: body["code"]["coding"][0].update(code="39156-5"), 422),
]


@pytest.mark.rule("MEA-01", "MEA-03", "MEA-04")
@pytest.mark.parametrize(
    ("change", "status"), [row[1:] for row in WRONG], ids=[row[0] for row in WRONG]
)
def test_what_is_wrong_is_refused_and_nothing_is_kept(
    scene: RightsScene, change: Callable[[Body], object], status: int
) -> None:
    """With its status and an OperationOutcome."""
    ins = scene.person()
    body = entered(ins, "29463-7", 71.5)
    change(body)
    reply = enter(scene, ins, body)
    assert reply.status == status, reply.body
    assert reply.json["resourceType"] == "OperationOutcome"
    assert read(scene, ins, "29463-7") == []


@pytest.mark.rule("MEA-05")
def test_glucose_entered_needs_its_moment(scene: RightsScene) -> None:
    """As it does from a service; the address of the older guide is read too."""
    ins = scene.person()
    body = entered(ins, "2345-7", 92.0, "A05")
    bare = {key: value for key, value in body.items() if key != "extension"}
    assert enter(scene, ins, bare).status == 422
    body["meta"] = {"profile": [f"{OLDER}ENS_ObservationGlucose"]}
    assert enter(scene, ins, body).status == 201
    (shown,) = read(scene, ins, "2345-7")
    moment = shown["extension"][0]["valueCodeableConcept"]["coding"][0]
    assert moment["code"] == "A05"


def test_nobody_enters_for_somebody_else(scene: RightsScene) -> None:
    """The token is for one space."""
    ins, other = scene.person(), scene.person()
    assert enter(scene, ins, entered(other, "29463-7", 71.5)).status in {403, 404}
    assert read(scene, other, "29463-7") == []
    assert scene.send(holder(ins), "GET", "/fhir/Observation/none").status == 404


def test_the_export_of_a_space_holds_its_measures(scene: RightsScene) -> None:
    """As they are read one by one."""
    ins = scene.person()
    made = enter(scene, ins, entered(ins, "29463-7", 71.5))
    exported = scene.operate(holder(ins), "mes-export")
    resources = [one["resource"] for one in exported.json["entry"]]
    assert made.json in resources
