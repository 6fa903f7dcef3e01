"""The catalogue for anybody: what stands in it, what it says, and who leaves it."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from typing import Any, Final

import pytest

from etalon_model import INSURER
from etalon_model.catalogue.catalogue import ServiceState
from etalon_model.catalogue.referencing import MoveService
from etalon_model.catalogue.rehearsal import SOLUTION, put_online
from etalon_wire.json_body import read_json
from identity_scene import ADDRESS, VALIDATOR, Reply
from pairing_scene import FOREIGN, PairingScene

MANY: Final = [f"1.2.250.1.999.8.{number}" for number in range(1, 6)]


@pytest.fixture(scope="module")
def scene() -> Iterator[PairingScene]:
    """One server for the module."""
    with closing(PairingScene()) as opened:
        yield opened


def found(scene: PairingScene, query: str = "") -> Any:  # noqa: ANN401 (JSON)
    """What a search of the catalogue answers."""
    reply = scene.called("GET", f"/catalogue/Device{query}", {})
    assert reply.status == 200, reply.text
    return reply.json


def names(bundle: Any) -> list[str]:  # noqa: ANN401 (JSON)
    """The identifiers of the services of a page."""
    return [one["resource"]["id"] for one in bundle.get("entry", [])]


def move(scene: PairingScene, service: str, to: ServiceState) -> None:
    """Move a service to another state."""
    scene.wait(timedelta(hours=1))
    scene.people.do(MoveService(scene.clock.now(), INSURER, "", service, to))


@pytest.mark.rule("CAT-01")
def test_a_service_is_shown_to_anybody_with_its_publisher_and_its_interfaces(
    scene: PairingScene,
) -> None:
    """Device, Organization and Endpoint lead to one another, and are valid."""
    device = scene.called("GET", f"/catalogue/Device/{SOLUTION}", {})
    owner = device.json["owner"]["reference"]
    publisher = scene.called("GET", f"/catalogue/{owner}", {})
    places = [one["reference"] for one in publisher.json["endpoint"]]
    interfaces = [scene.called("GET", f"/catalogue/{place}", {}) for place in places]

    assert device.json["identifier"][0]["value"] == f"urn:oid:{SOLUTION}"
    assert (device.json["status"], device.json["version"]) == ("active", [{"value": "1.0"}])
    addresses = [one.json["address"] for one in interfaces]
    bases = ("/documents/fhir", "/fhir", "/measures/fhir")
    assert addresses == [f"{ADDRESS}{base}" for base in bases]
    answers: list[Reply] = [device, publisher, *interfaces]
    for answer in answers:
        resource = read_json(answer.body)
        assert VALIDATOR.validate(resource, str(resource["resourceType"]), "pdsm-strict") == []


def test_the_plain_view_says_the_same(scene: PairingScene) -> None:
    """For whoever reads no FHIR."""
    listed: list[dict[str, Any]] = json.loads(scene.called("GET", "/catalogue", {}).text)
    view = {one["identifier"]: one for one in listed}
    assert view[SOLUTION]["state"] == "EN_LIGNE"
    assert view[SOLUTION]["reads"] == ["agenda", "documents", "measures"]
    assert {"data": "measures", "direction": "write", "purpose": "care"} in view[SOLUTION]["uses"]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        (f"?identifier=urn:oid:{SOLUTION}", 1),
        (f"?identifier=urn:ietf:rfc:3986%7Curn:oid:{SOLUTION},{FOREIGN}", 2),
        ("?identifier=1.2.3", 0),
        ("?status=active", 2),
        ("?status=inactive", 0),
        ("?type=software", 2),
        ("?type=hardware", 0),
        ("?device-name=carnet%20D", 2),
        ("?device-name=exemple", 0),
        ("?unknown=1", 2),
    ],
)
def test_services_are_searched(scene: PairingScene, query: str, number: int) -> None:
    """By address and by form."""
    assert found(scene, query)["total"] == number
    form = query[1:].encode()
    reply = scene.ask("POST", "/catalogue/Device/_search", form)
    assert reply.json["total"] == number


@pytest.mark.parametrize("query", ["?_count=x", "?identifier=", "?status:not=active", "?_page=x"])
def test_a_search_that_cannot_be_read_is_refused(scene: PairingScene, query: str) -> None:
    """With status 400."""
    assert scene.called("GET", f"/catalogue/Device{query}", {}).status == 400


@pytest.mark.parametrize("place", ["Device/1.2.3", "Organization/1.2.3", "Endpoint/mail"])
def test_what_is_not_there_is_not_found(scene: PairingScene, place: str) -> None:
    """With status 404."""
    assert scene.called("GET", f"/catalogue/{place}", {}).status == 404


@pytest.mark.rule("CAT-01", "CAT-09")
@pytest.mark.requirement("W-CAT-03")
def test_a_service_that_is_suspended_or_delisted_leaves_the_active_ones() -> None:
    """Suspended it is still shown, as inactive; delisted it is not there; pages lead to all."""
    with closing(PairingScene()) as scene:
        for service in MANY:
            put_online(scene.people, service)
        move(scene, MANY[0], ServiceState.SUSPENDED)
        move(scene, MANY[1], ServiceState.DELISTED)

        active, first = found(scene, "?status=active"), found(scene, "?_count=4")
        following = next(one["url"] for one in first["link"] if one["relation"] == "next")
        last = found(scene, following.removeprefix(f"{ADDRESS}/catalogue/Device"))

        assert {*names(active)} == {SOLUTION, FOREIGN, *MANY[2:]}
        assert names(found(scene, "?status=inactive")) == [MANY[0]]
        assert names(first) + names(last) == [SOLUTION, FOREIGN, MANY[0], *MANY[2:]]
        assert scene.called("GET", f"/catalogue/Device/{MANY[1]}", {}).status == 404
