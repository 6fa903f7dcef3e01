# pyright: standard
"""Versions of a document over a real server: the history, one version, and who is told of which."""

from collections.abc import Generator
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

import pytest

from etalon_wire.json_body import read_json
from etalon_wire.labels import VISIBILITY
from etalon_wire.xml_body import read_xml
from record_town import (
    MASK,
    NORMAL,
    Scene,
    example,
    get,
    place,
    scene_served,
)

XML: Final = {"Accept": "application/fhir+xml"}
HIDDEN: Final = {"coding": [{"system": VISIBILITY, "code": "INVISIBLE_PATIENT"}]}
ARCHIVE: Final = {"op": "replace", "path": "/extension/0/valueBoolean", "value": True}


@pytest.fixture(scope="module")
def scene() -> Generator[Scene]:
    """One server for the module."""
    with scene_served() as made:
        yield made


def relabelled(*labels: object) -> dict[str, object]:
    """A patch that leaves these labels, and the level."""
    return {"op": "replace", "path": "/securityLabel", "value": [NORMAL, *labels]}


def versions(bundle: dict[str, Any]) -> list[str]:
    """The versions of a page of history, in its order."""
    return [entry["resource"]["meta"]["versionId"] for entry in bundle.get("entry", [])]


@pytest.mark.requirement("W-REC-30")
def test_every_change_makes_a_version_that_is_read_again_as_it_was(scene: Scene) -> None:
    """By patch, by operation of the holder; each with when it came, and no other with that."""
    address = place(scene.publish())
    shown = [get(scene.town, address, scene.author)]
    for change in (ARCHIVE, relabelled(MASK)):
        scene.town.control("clock", {"advance": "PT1M"})
        assert scene.patch(address, change, token=scene.author).status == 200
        shown.append(get(scene.town, address, scene.author))

    history = get(scene.town, f"{address}/_history", scene.author)

    assert (history["type"], history["total"]) == ("history", 3)
    assert [entry["resource"] for entry in history["entry"]] == shown[::-1]
    assert [entry["request"]["method"] for entry in history["entry"]] == ["PATCH", "PATCH", "POST"]
    assert {entry["fullUrl"] for entry in history["entry"]} == {scene.town.address + address}
    changed = [one["meta"]["lastUpdated"] for one in shown]
    assert changed == sorted(set(changed))
    for number, one in enumerate(shown, 1):
        reply = scene.town.ask("GET", f"{address}/_history/{number}", token=scene.author)
        assert (reply.json, reply.headers["etag"]) == (one, f'W/"{number}"')
    has_it = {"If-None-Match": 'W/"2"'}
    same = scene.town.ask("GET", f"{address}/_history/2", token=scene.author, headers=has_it)
    assert (same.status, same.body) == (304, b"")


@pytest.mark.requirement("W-COM-01")
def test_a_history_and_a_version_are_the_same_in_xml(scene: Scene) -> None:
    """Word for word."""
    address = place(scene.publish())
    assert scene.patch(address, ARCHIVE).status == 200
    for asked in (f"{address}/_history", f"{address}/_history/1"):
        as_json = scene.town.ask("GET", asked, token=scene.author)
        as_xml = scene.town.ask("GET", asked, token=scene.author, headers=XML)
        assert read_xml(as_xml.body) == read_json(as_json.body)


@pytest.mark.requirement("W-REC-34", "W-REC-35", "W-COM-04")
def test_a_version_that_was_not_for_a_reader_is_not_told_by_the_past(scene: Scene) -> None:
    """Nor counted; who saw it all along is told all of it, who sees nothing now nothing."""
    masked = place(scene.publish())
    assert scene.patch(masked, relabelled(MASK)).status == 200
    assert scene.patch(masked, relabelled()).status == 200
    hidden = place(scene.publish(securityLabel=[NORMAL, HIDDEN]))
    during = scene.town.ask("GET", f"{hidden}/_history", token=scene.holder)
    assert scene.patch(hidden, relabelled()).status == 200

    def told(address: str, token: str) -> tuple[list[str], int]:
        history = get(scene.town, f"{address}/_history", token)
        return versions(history), history["total"]

    assert told(masked, scene.author) == (["3", "2", "1"], 3)
    assert told(masked, scene.other) == (["3", "1"], 2)
    assert during.status == 404
    assert told(hidden, scene.other) == (["2", "1"], 2)
    assert told(hidden, scene.holder) == (["2"], 1)
    for address, token in ((f"{masked}/_history/2", scene.other), (hidden + "/_history/1", "")):
        reply = scene.town.ask("GET", address, token=token or scene.holder)
        assert reply.status == 404
        assert b"MASQUE" not in reply.body


@pytest.mark.requirement("W-REC-38")
def test_what_is_deleted_has_no_history_for_anybody(scene: Scene) -> None:
    """Nor has what never was, or another's; a version that never was is none."""
    address = place(scene.publish())
    assert scene.town.ask("GET", f"{address}/_history/2", token=scene.author).status == 404
    delete = {"op": "replace", "path": "/status", "value": "entered-in-error"}
    assert scene.patch(address, delete).status == 200
    stranger = scene.town.token("holder", ins=scene.town.person())
    nobody = f"{address[:-12]}0fffff000000"

    asked = [(address, scene.author), (address, scene.holder), (nobody, scene.author)]
    asked.append((place(scene.publish()), stranger))
    for where, token in asked:
        for version in ("", "/1"):
            reply = scene.town.ask("GET", f"{where}/_history{version}", token=token)
            assert reply.status == 404, reply.body


def test_a_history_is_paged_and_asked_for_by_dates(scene: Scene) -> None:
    """Pages add up; a date that is none is refused, and a parameter not known under strictness."""
    address = place(scene.publish())
    for archived in (True, False):
        scene.town.control("clock", {"advance": "PT1M"})
        assert scene.patch(address, {**ARCHIVE, "value": archived}).status == 200
    middle = get(scene.town, f"{address}/_history/2", scene.author)["meta"]["lastUpdated"]

    pages: list[list[str]] = []
    asked = f"{address}/_history?_count=2"
    while asked:
        page = get(scene.town, asked, scene.author)
        assert page["total"] == 3
        pages.append(versions(page))
        links = {one["relation"]: urlsplit(one["url"]) for one in page["link"]}
        asked = f"{links['next'].path}?{links['next'].query}" if "next" in links else ""

    assert pages == [["3", "2"], ["1"]]
    since = get(scene.town, f"{address}/_history?_since={middle}", scene.author)
    stood = get(scene.town, f"{address}/_history?_at={middle}", scene.author)
    assert (versions(since), versions(stood)) == (["3", "2"], ["2"])
    for query, strict, status in (
        ("_since=yesterday", "", 400),
        ("_page=made-up", "", 400),
        ("colour=blue", "", 200),
        ("colour=blue", "handling=strict", 400),
    ):
        headers = {"Prefer": strict} if strict else {}
        reply = scene.town.ask(
            "GET", f"{address}/_history?{query}", token=scene.author, headers=headers
        )
        assert reply.status == status, reply.body


@pytest.mark.requirement("W-REC-10")
def test_a_document_replaced_has_its_own_history_and_the_new_one_begins(scene: Scene) -> None:
    """Being superseded is a version of the old one; the new one says in each what it replaces."""
    old = place(scene.publish())
    words = {"DocumentReference/41": old.removeprefix("/fhir/"), ".9003": ".9903"}
    body = example(scene, "replacement", **words)
    reply = scene.town.ask("POST", "/fhir", body, token=scene.author)
    assert reply.status == 200, reply.body
    new = f"/fhir/{reply.json['entry'][1]['response']['location']}"
    assert scene.patch(new, ARCHIVE).status == 200

    before = get(scene.town, f"{old}/_history", scene.other)["entry"]
    after = get(scene.town, f"{new}/_history", scene.other)["entry"]

    assert [one["resource"]["status"] for one in before] == ["superseded", "current"]
    targets = [one["resource"]["relatesTo"][0]["target"]["reference"] for one in after]
    assert [urlsplit(one).path for one in targets] == [old, old]


@pytest.mark.requirement("W-REC-30")
def test_versions_are_there_after_a_restart(tmp_path: Path) -> None:
    """With their instants."""
    with scene_served(tmp_path) as scene:
        address = place(scene.publish())
        scene.town.control("clock", {"advance": "PT1M"})
        assert scene.patch(address, ARCHIVE).status == 200
        before = get(scene.town, f"{address}/_history", scene.author)["entry"]
        rpps = scene.rpps
    with scene_served(tmp_path) as scene:
        token = scene.town.token("professional", rpps=rpps)
        after = get(scene.town, f"{address}/_history", token)["entry"]
    said = [[one["resource"]["meta"], one["response"]] for one in (*before, *after)]
    assert said[:2] == said[2:]


def test_the_statement_declares_versions_of_documents_alone(scene: Scene) -> None:
    """As the server answers."""
    statement = get(scene.town, "/fhir/metadata", "")
    declared = {
        one["type"]: {code["code"] for code in one.get("interaction", ())}
        for one in statement["rest"][0]["resource"]
        if one.get("readHistory")
    }
    assert declared.keys() == {"DocumentReference"}
    assert declared["DocumentReference"] >= {"vread", "history-instance"}
