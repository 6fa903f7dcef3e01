"""The measures interface: what a service writes it finds again."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import pytest

from etalon_model import holder
from etalon_model.catalogue.measuring import EnterMeasure
from etalon_model.catalogue.pairings import opaque_identifier
from etalon_model.catalogue.rehearsal import SOLUTION
from etalon_wire.consents import Wish, consent_resource
from etalon_wire.json_body import Json, read_json
from etalon_wire.measures.kinds import OLDER, REASON, wire_kinds
from etalon_wire.xml_body import read_xml, write_xml
from identity_scene import CALLBACK, VALIDATOR
from import_table import ROOT
from measures_scene import ALL, EXAMPLES, FEED, LAST, READ, SEARCH, WRITE, Body, Visit, observation
from pairing_scene import PairingScene
from served_town import Town, served

OFFICIAL: Final = ROOT.parent / "shared" / "samples" / "mesures" / "mes_api_v1.5.2"
TRANSACTION: Final = OFFICIAL / "02_Bundle_transaction.json"


@pytest.fixture(scope="module")
def scene() -> Iterator[PairingScene]:
    """One server for the module: each test has people of its own."""
    with closing(PairingScene()) as opened:
        yield opened


@pytest.mark.rule("MEA-01", "MEA-02", "MEA-06")
@pytest.mark.requirement("W-MEA-01", "W-MEA-02")
def test_a_measure_is_kept_with_its_device_and_found_again(scene: PairingScene) -> None:
    """The second time the device is there already; it stands once in what is found."""
    visit = Visit(scene, READ, WRITE)
    body = visit.example()

    first, second = visit.feed(body), visit.feed(body)
    found = visit.search(f"code=29463-7{ALL}&_include=Observation:device")

    assert [one["response"]["status"] for one in first.json["entry"]] == ["201 Created"] * 2
    assert [one["response"]["status"] for one in second.json["entry"]] == ["201 Created", "200 OK"]
    assert found.json["total"] == 2
    kinds = [one["resource"]["resourceType"] for one in found.json["entry"]]
    assert kinds == ["Observation", "Observation", "Device"]
    shown, device = found.json["entry"][0]["resource"], found.json["entry"][2]["resource"]
    sent = observation(body)
    for name in ("status", "category", "code", "valueQuantity", "extension", "effectiveDateTime"):
        assert shown[name] == sent[name]
    assert shown["subject"]["identifier"] == visit.identifier
    assert shown["meta"]["source"] == sent["meta"]["source"]
    assert shown["device"]["reference"] == f"Device/{device['id']}"
    locations = {one["response"]["location"] for one in first.json["entry"]}
    told = {
        f"{one['resource']['resourceType']}/{one['resource']['id']}" for one in found.json["entry"]
    }
    assert locations <= told
    assert visit.ins not in found.text + first.text


@pytest.mark.rule("MEA-08")
def test_a_source_that_is_not_sent_is_that_of_the_service(scene: PairingScene) -> None:
    """The text: where it is not provided, the object identifier of the solution is put there."""
    visit = Visit(scene, READ, WRITE)
    body = visit.example()
    del observation(body)["meta"]["source"]
    assert visit.feed(body).status == 200
    found = visit.search(f"code=29463-7{LAST}").json["entry"][0]["resource"]
    assert found["meta"]["source"] == f"urn:oid:{SOLUTION}"


@pytest.mark.rule("CAT-15")
def test_two_services_find_the_same_measure_under_other_identifiers(scene: PairingScene) -> None:
    """Neither the person nor the resources bear the same identifier, and narratives stay away."""
    visit = Visit(scene, READ, WRITE)
    body = visit.example()
    observation(body)["performer"] = [{"identifier": visit.identifier}]
    assert visit.feed(body).status == 200
    query = f"code=29463-7{ALL}&_include=Observation:device"
    own = visit.search(query)
    first = visit.id_pe
    visit.pair((READ,), foreign=True)
    other = visit.search(query)

    assert other.json["total"] == 1
    ids = [{one["resource"]["id"] for one in found.json["entry"]} for found in (own, other)]
    assert ids[0].isdisjoint(ids[1])
    assert first in own.text
    assert first not in other.text


@pytest.mark.rule("MEA-03", "MEA-10")
def test_what_the_holder_enters_and_the_index_are_shown_in_the_units_of_the_profiles(
    scene: PairingScene,
) -> None:
    """A height of 1.83 m is read as 183 cm, and the index is computed."""
    visit = Visit(scene, READ)
    at = datetime(2024, 2, 1, 9, tzinfo=UTC)
    for code, value in (("8302-2", 1.83), ("29463-7", 71.5)):
        command = EnterMeasure(
            scene.clock.now(), holder(visit.ins), visit.ins, code, at, (value,), comment="Suivi"
        )
        scene.people.do(command)
    shown = {
        code: visit.search(f"code={code}{LAST}").json["entry"][0]["resource"]
        for code in ("8302-2", "29463-7", "39156-5")
    }
    values = {
        code: (one["valueQuantity"]["value"], one["valueQuantity"]["code"])
        for code, one in shown.items()
    }
    assert values == {"8302-2": (183, "cm"), "29463-7": (71.5, "kg"), "39156-5": (21.4, "kg/m2")}
    assert "source" not in shown["8302-2"]["meta"]
    assert shown["29463-7"]["extension"][0]["valueString"] == "Suivi"
    for code in shown:
        bundle = read_json(visit.search(f"code={code}{LAST}").body)
        found = VALIDATOR.validate(bundle, "Bundle", "pdsm-strict")
        assert [finding for finding in found if finding.severity == "error"] == []


@pytest.mark.rule("MEA-07")
@pytest.mark.requirement("W-MEA-05")
def test_pages_bear_numbers_and_lead_to_one_another(scene: PairingScene) -> None:
    """Fifty unless asked otherwise; the last page leads back only; devices do not count."""
    visit = Visit(scene, READ, WRITE)
    body = visit.example()
    for day in range(1, 6):
        observation(body)["effectiveDateTime"] = f"2023-05-0{day}T08:00:00Z"
        assert visit.feed(body).status == 200
    query = "code=29463-7&date=gt2023-05-01&date=lt2023-05-05&_include=Observation.device"

    first = visit.search(f"{query}&_count=2")
    links = {one["relation"]: one["url"] for one in first.json["link"]}
    last = visit.ask("GET", links["next"].partition("etalon.test")[2] or links["next"], b"")

    assert first.json["total"] == 3
    dates = [one["resource"].get("effectiveDateTime", "")[:10] for one in first.json["entry"]]
    assert dates == ["2023-05-04", "2023-05-03", ""]
    assert [one["relation"] for one in last.json["link"]] == ["self", "previous"]
    assert [one["search"]["mode"] for one in last.json["entry"]] == ["match", "include"]
    form = f"subject.identifier={visit.id_pe}&{query}&_count=2"
    media_type = "application/x-www-form-urlencoded"
    by_form = visit.ask("POST", f"{SEARCH}/_search", form.encode(), content_type=media_type)
    assert by_form.json["entry"] == first.json["entry"]


def as_the_text_writes(visit: Visit) -> Body:
    """Our example in the manner of the official one: a bare UUID, `Device/id`, the older guide."""
    body = visit.example()
    held, scale = body["entry"][0], body["entry"][1]
    held["fullUrl"] = held["fullUrl"].removeprefix("urn:uuid:")
    del scale["fullUrl"]
    weight: Body = held["resource"]
    weight["device"] = {"reference": f"Device/{scale['resource']['id']}"}
    weight["meta"] = {"profile": [f"{OLDER}ENS_FrObservationBodyWeight"]}
    weight["extension"][0]["url"] = f"{OLDER}ENS_ReasonForMeasurement"
    for one in (weight, scale["resource"]):
        del one["text"]
    body["entry"] = [scale, held]
    return body


def official(visit: Visit) -> Body:
    """The official one, about somebody, under the identifiers of our solution."""
    text = TRANSACTION.read_text(encoding="utf-8").replace("{{idPe}}", visit.id_pe)
    found: Body = json.loads(text.replace("1.2.840.10004.1.1.1.0.0.1.0.0.1", SOLUTION))
    return found


WRITTEN: Final = [as_the_text_writes, *([official] if TRANSACTION.exists() else [])]


def test_xml_says_the_same_as_json(scene: PairingScene) -> None:
    """A bundle sent in XML is found in JSON and in XML."""
    visit = Visit(scene, READ, WRITE)
    body = visit.example("measure_pressure")
    sent = write_xml(read_json(json.dumps(body).encode()))
    xml = "application/fhir+xml"

    fed = visit.ask("POST", FEED, sent, content_type=xml, accept=xml)
    found = visit.search(f"code=85354-9{LAST}")
    in_xml = visit.search(f"code=85354-9{LAST}", accept=xml)

    assert fed.status == 200, fed.text
    assert read_xml(fed.body)["type"] == "transaction-response"
    assert read_xml(in_xml.body) == read_json(found.body)
    assert found.json["entry"][0]["resource"]["component"] == observation(body)["component"]


@pytest.mark.parametrize("written", WRITTEN)
def test_a_transaction_as_the_text_writes_it_is_taken_and_answered_as_it_shows(
    scene: PairingScene, written: Callable[[Visit], Body]
) -> None:
    """Profiles and extensions of an older guide are shown under the addresses of today."""
    visit = Visit(scene, READ, WRITE)
    sent = written(visit)

    reply = visit.feed(sent)

    assert reply.status == 200, reply.text
    statuses = [one["response"]["status"] for one in reply.json["entry"]]
    places = [one["response"]["location"].partition("/")[0] for one in reply.json["entry"]]
    assert statuses == ["201 Created"] * 2
    assert places == ["Device", "Observation"]
    found = visit.search(f"code=29463-7{ALL}&_offset=0&_count=2&_include=Observation.device")
    weight, scale = (one["resource"] for one in found.json["entry"])
    assert OLDER not in found.text
    assert weight["meta"]["profile"] == [wire_kinds()["29463-7"].profile]
    comment = observation(sent)["extension"][0]["valueString"]
    assert weight["extension"] == [{"url": REASON, "valueString": comment}]
    for name in ("identifier", "manufacturer", "modelNumber", "type", "specialization"):
        assert scale[name] == sent["entry"][0]["resource"][name]


@pytest.mark.parametrize("name", ["measure_pressure", "measure_glucose", "measure_glucose_index"])
def test_each_example_of_ours_is_taken_and_read_back(scene: PairingScene, name: str) -> None:
    """Components, moments and numbers of days to the letter."""
    visit = Visit(scene, READ, WRITE)
    body = visit.example(name)
    assert visit.feed(body).status == 200
    sent = observation(body)
    code = sent["code"]["coding"][0]["code"]
    shown = visit.search(f"code={code}{LAST}").json["entry"][0]["resource"]
    decided = {"meta", "text", "subject"}
    assert {key: shown.get(key) for key in sent if key not in decided} == {
        key: value for key, value in sent.items() if key not in decided
    }


def paired(town: Town, ins: str) -> dict[str, str]:
    """The headers of a service that somebody of a town is paired with."""
    actor: dict[str, Json] = {"kind": "app", "id": SOLUTION, "on_behalf_of": ins}
    tokens = town.control("tokens", {"actor": actor})
    return {"Authorization": f"Bearer {tokens['access_token']}", "Id-Token": tokens["id_token"]}


def test_a_measure_and_its_device_outlive_the_server(tmp_path: Path) -> None:
    """What was sent is shown again after a start, under the same identifiers."""
    uses = frozenset({READ, WRITE})
    with served(directory=tmp_path, values="steady-2023") as town:
        town.control("clock", {"set": "2024-03-01T09:00:00Z"})
        town.control("services", {"title": "Carnet", "redirect_uris": [CALLBACK]})
        ins = town.person()
        identity = town.desk.host.service.person(ins).identity
        wish = Wish("app-sharing", "permit", SOLUTION, town.desk.host.clock.now(), uses=uses)
        consent = json.dumps(consent_resource(identity, wish)).encode()
        holders = town.token("holder", ins=ins)
        assert town.ask("POST", "/fhir/Consent", consent, token=holders).status == 201
        headers = paired(town, ins)
        body = json.loads((EXAMPLES / "measure_feed.json").read_text(encoding="utf-8"))
        value = opaque_identifier(town.desk.host.seed, ins, SOLUTION)
        observation(body)["subject"]["identifier"]["value"] = value
        fed = town.ask("POST", FEED, json.dumps(body).encode(), headers=headers)
        assert fed.status == 200, fed.body
        query = (
            f"{SEARCH}?subject.identifier={value}&code=29463-7{LAST}&_include=Observation:device"
        )
        before = town.ask("GET", query, headers=headers).json
    with served(directory=tmp_path, values="steady-2023") as town:
        after = town.ask("GET", query, headers=paired(town, ins)).json
    shown = [[one["resource"] for one in found["entry"]] for found in (before, after)]
    assert shown[0] == shown[1]
    assert [one["resourceType"] for one in shown[0]] == ["Observation", "Device"]
