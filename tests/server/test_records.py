# pyright: standard
"""Records over a real server: deposit, search, read, change, and what nobody else is shown."""

import base64
import json
from collections.abc import Generator
from hashlib import sha1
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import pytest

from etalon_wire.json_body import read_json
from etalon_wire.labels import V3_CONFIDENTIALITY
from etalon_wire.patching import IS_ARCHIVED
from etalon_wire.xml_body import read_xml, write_xml
from in_process import Reply
from record_town import (
    CONTENT,
    MASK,
    NORMAL,
    PATCH,
    Scene,
    example,
    get,
    ids,
    place,
    scene_served,
    simplified,
    written,
)
from served_town import INS_SYSTEM, Town, served


@pytest.fixture(scope="module")
def scene() -> Generator[Scene]:
    """One server for the module."""
    with scene_served() as made:
        yield made


@pytest.mark.requirement("W-REC-12", "W-REC-27", "W-REC-29")
def test_a_document_deposited_is_read_back_with_its_bytes(scene: Scene) -> None:
    """Its author's words, the identifiers of the service, the content exactly."""
    reply = scene.publish()
    address = place(reply)
    read = scene.town.ask("GET", address, token=scene.holder)
    attachment = read.json["content"][0]["attachment"]
    binary = urlsplit(attachment["url"]).path
    raw = scene.town.ask("GET", binary, token=scene.holder)
    held = scene.town.ask(
        "GET", binary, token=scene.holder, headers={"Accept": "application/fhir+json"}
    )

    assert read.json == reply.json
    assert read.headers["etag"] == 'W/"1"'
    assert (raw.body, raw.headers["content-type"]) == (CONTENT, "application/pdf")
    assert base64.b64decode(held.json["data"]) == CONTENT
    assert attachment["size"] == len(CONTENT)
    digest = sha1(CONTENT, usedforsecurity=False).digest()
    assert attachment["hash"] == base64.b64encode(digest).decode()
    refused = scene.town.ask("GET", binary, token=scene.holder, headers={"Accept": "image/png"})
    assert refused.status == 406


@pytest.mark.requirement("W-COM-01")
def test_json_and_xml_say_the_same_both_ways(scene: Scene) -> None:
    """A deposit in XML is read in JSON, a search in XML holds what it holds in JSON."""
    body = write_xml(read_json(json.dumps(simplified(scene)).encode()))
    sent = scene.town.ask(
        "POST",
        "/fhir/DocumentReference",
        body,
        token=scene.author,
        media_type="application/fhir+xml",
        headers={"Accept": "application/fhir+xml"},
    )
    address = place(sent)
    as_json = scene.town.ask("GET", address, token=scene.author)
    as_xml = scene.town.ask("GET", f"{address}?_format=xml", token=scene.author)

    assert sent.headers["content-type"] == "application/fhir+xml"
    assert read_xml(sent.body) == read_xml(as_xml.body) == read_json(as_json.body)


@pytest.mark.requirement("W-REC-21", "W-REC-22")
def test_a_page_says_what_was_understood_of_its_search(scene: Scene) -> None:
    """What was passed over is named, and stands in no link; the next page is found all the same."""
    for _ in range(2):
        place(scene.publish())
    page = scene.found(scene.author, _count="1", colour="blue", _sort="colour")
    links = {one["relation"]: one["url"] for one in page["link"]}

    assert [word in links["self"] for word in ("colour", "_sort", "status", "_count")] == [
        False,
        False,
        True,
        True,
    ]
    following = scene.town.ask("GET", links["next"], token=scene.author)
    assert following.status == 200
    assert "colour" not in links["next"]


def test_a_search_by_form_is_the_search_by_address_and_pages_add_up(scene: Scene) -> None:
    """Every document once, in the order of the whole; the link of another reader is refused."""
    for _ in range(3):
        place(scene.publish())
    whole = scene.found(scene.author)
    query = written({"patient.identifier": f"{INS_SYSTEM}|{scene.ins}", "status": "current"})
    by_form = scene.town.ask(
        "POST",
        "/fhir/DocumentReference/_search",
        query.encode(),
        token=scene.author,
        media_type="application/x-www-form-urlencoded",
    )
    page = scene.found(scene.author, _count="2")
    walked, following = ids(page), page
    while link := next((one for one in following["link"] if one["relation"] == "next"), None):
        parts = urlsplit(link["url"])
        address = f"{parts.path}?{parts.query}"
        assert scene.town.ask("GET", address, token=scene.other).status == 400
        following = get(scene.town, address, scene.author)
        assert following["total"] == whole["total"]
        walked += ids(following)

    assert by_form.json["entry"] == whole["entry"]
    assert walked == ids(whole)
    assert whole["total"] == len(walked) >= 3
    assert scene.found(scene.author, _count="0").get("entry") is None


@pytest.mark.requirement("W-REC-34", "W-COM-04")
def test_a_masked_document_is_nowhere_for_the_others(scene: Scene) -> None:
    """In no search, count, list or address; for its author and the holder it is everywhere."""
    before = scene.found(scene.other)["total"]
    address = place(scene.publish())
    document = address.rpartition("/")[2]
    masked = scene.patch(address, {"op": "add", "path": "/securityLabel/-", "value": MASK})
    assert masked.status == 200, masked.body
    lists = "/fhir/List?" + written(
        {
            "patient.identifier": f"{INS_SYSTEM}|{scene.ins}",
            "code": "submissionset",
            "status": "current",
        }
    )
    addresses = [address, f"/fhir/Binary/{document}", f"/fhir/List/{document}"]

    assert scene.found(scene.other)["total"] == before
    assert document not in ids(scene.found(scene.other))
    assert document not in ids(get(scene.town, lists, scene.other))
    hidden = [scene.town.ask("GET", one, token=scene.other) for one in addresses]
    absent = [
        scene.town.ask("GET", one.replace(document, f"{document[:-12]}0fffff000000"), token=who)
        for one in addresses
        for who in (scene.other,)
    ]
    assert [one.status for one in hidden] == [404] * 3
    assert [outcome(one) for one in hidden] == [outcome(one) for one in absent]
    unmask = {"op": "replace", "path": "/securityLabel", "value": [NORMAL]}
    tried = [
        scene.patch(f"/fhir/DocumentReference/{one}", unmask, token=scene.other)
        for one in (document, f"{document[:-12]}0fffff000000")
    ]
    assert [one.status for one in tried] == [404, 404]
    assert outcome(tried[0]) == outcome(tried[1])
    for token in (scene.author, scene.holder):
        assert document in ids(scene.found(token))
        assert document in ids(get(scene.town, lists, token))
        statuses = [scene.town.ask("GET", one, token=token).status for one in addresses]
        assert statuses == [200] * 3


def outcome(reply: Reply) -> list[Any]:
    """What an OperationOutcome says, without the identifier of its request."""
    issues: list[Any] = reply.json["issue"]
    return issues


@pytest.mark.requirement("W-REC-30", "W-REC-33", "W-REC-39")
def test_labels_and_the_archive_flag_change_and_nothing_else_does(scene: Scene) -> None:
    """Each change makes a version with a later instant; what stands beside stays."""
    address = place(scene.publish())
    first = get(scene.town, address, scene.author)
    scene.town.control("clock", {"advance": "PT1M"})
    masked = scene.patch(address, {"op": "add", "path": "/securityLabel/-", "value": MASK})
    archive = {"op": "replace", "path": "/extension/0/valueBoolean", "value": True}
    stale = scene.patch(address, archive, match='W/"1"')
    set_aside = scene.patch(address, archive, match=masked.headers["etag"])
    normal = {"coding": [{"system": V3_CONFIDENTIALITY, "code": "N"}]}
    shown = scene.patch(address, {"op": "replace", "path": "/securityLabel", "value": [normal]})

    assert first["extension"][0] == {"url": IS_ARCHIVED, "valueBoolean": False}
    assert (masked.status, stale.status) == (200, 412)
    assert masked.headers["etag"] == 'W/"2"'
    assert masked.json["meta"]["lastUpdated"] > first["meta"]["lastUpdated"]
    codes = [label["coding"][0]["code"] for label in masked.json["securityLabel"]]
    assert codes == ["N", "MASQUE_PS"]
    assert set_aside.json["extension"][0]["valueBoolean"] is True
    assert len(shown.json["securityLabel"]) == 1
    decided = {"meta", "identifier", "extension", "securityLabel"}
    assert {k: v for k, v in shown.json.items() if k not in decided} == {
        k: v for k, v in first.items() if k not in decided
    }
    assert get(scene.town, address, scene.author) == shown.json


@pytest.mark.requirement("W-REC-31", "W-REC-32", "W-REC-38")
def test_a_patch_that_may_not_be_is_refused_and_changes_nothing(scene: Scene) -> None:
    """Another element, another's document, no match; deletion is for the author."""
    reply = scene.publish()
    address = place(reply)
    unique_id = quote(f"urn:ietf:rfc:3986|{reply.json['masterIdentifier']['value']}", safe="")
    delete = {"op": "replace", "path": "/status", "value": "entered-in-error"}

    assert scene.patch(address, {"op": "remove", "path": "/type"}).status == 405
    assert scene.patch(address, delete, token=scene.other).status == 403
    assert scene.patch("/fhir/DocumentReference?identifier=urn:none", delete).status == 404
    assert get(scene.town, address, scene.author) == reply.json
    gone = scene.patch(f"/fhir/DocumentReference?identifier={unique_id}", delete)
    assert (gone.status, gone.json["status"]) == (200, "entered-in-error")
    assert [
        scene.town.ask("GET", address, token=t).status for t in (scene.author, scene.holder)
    ] == [
        404,
        404,
    ]


def test_a_document_that_is_deleted_is_nowhere_for_its_author_either(scene: Scene) -> None:
    """A patch of it that changes nothing is refused as one that would change it."""
    address = place(scene.publish())
    delete = {"op": "replace", "path": "/status", "value": "entered-in-error"}
    same = {"op": "test", "path": "/status", "value": "entered-in-error"}
    revived = {"op": "replace", "path": "/status", "value": "current"}

    assert scene.patch(address, delete).status == 200
    assert [scene.patch(address, one).status for one in (delete, same, revived)] == [404] * 3


@pytest.mark.requirement("W-REC-32")
def test_a_condition_finds_what_was_deposited_since_the_last_and_in_every_record(
    scene: Scene,
) -> None:
    """In two records two documents may bear one unique identifier: which is meant is not known."""
    unmask = {"op": "replace", "path": "/securityLabel", "value": [NORMAL]}
    bears = {"system": "urn:ietf:rfc:3986", "value": "urn:oid:1.2.3.4.5.6.7"}
    address = f"/fhir/DocumentReference?identifier={quote('urn:ietf:rfc:3986|' + bears['value'])}"
    other = scene.town.control("people", {"age": 30})[0]
    subject = {"identifier": {"system": other["oid"], "value": other["ins"]}}

    nothing = scene.patch(address, unmask)
    first = scene.publish(masterIdentifier=bears)
    one = scene.patch(address, unmask)
    second = scene.publish(masterIdentifier=bears, subject=subject)
    two = scene.patch(address, unmask)

    assert (first.status, second.status) == (201, 201)
    assert (nothing.status, one.status, two.status) == (404, 200, 412)
    assert one.json["id"] == first.json["id"]


@pytest.mark.requirement("W-REC-30")
def test_a_patch_of_another_media_type_is_told_those_of_a_patch(scene: Scene) -> None:
    """And one that does not apply is told which operation does not."""
    address = place(scene.publish())
    merge = "application/merge-patch+json"
    merged = scene.town.ask("PATCH", address, b"{}", token=scene.author, media_type=merge)
    differs = scene.patch(address, {"op": "test", "path": "/status", "value": "superseded"})

    assert (merged.status, differs.status) == (415, 422)
    assert PATCH in merged.body.decode()
    assert "test at /status fails" in differs.body.decode()


@pytest.mark.requirement("W-REC-01", "W-REC-26")
def test_a_transaction_makes_documents_and_the_set_that_lists_them(scene: Scene) -> None:
    """Entries are answered in their order; each leads to what it made."""
    reply = scene.town.ask("POST", "/fhir", example(scene, "deposit"), token=scene.author)
    assert reply.status == 200, reply.body
    answers = [entry["response"] for entry in reply.json["entry"]]
    submitted, *documents = [answers[0], answers[1], answers[3], answers[5]]
    made = get(scene.town, f"/fhir/{submitted['location']}", scene.holder)

    assert [one["status"] for one in answers] == ["201 Created"] * 7
    listed = [entry["item"]["reference"] for entry in made["entry"]]
    assert [urlsplit(one).path.removeprefix("/fhir/") for one in listed] == [
        one["location"] for one in documents
    ]
    for one in answers[1:]:
        assert scene.town.ask("GET", f"/fhir/{one['location']}", token=scene.holder).status == 200
    twice = scene.town.ask("POST", "/fhir/", example(scene, "deposit"), token=scene.author)
    assert twice.status == 409


@pytest.mark.requirement("W-REC-02")
def test_a_transaction_of_which_one_entry_is_refused_leaves_nothing(scene: Scene) -> None:
    """The third document is a double of the first: none of the three is there."""
    body = example(scene, "deposit", **{".9001": ".9601", ".9002": ".9602", ".9003": ".9601"})
    host = scene.town.desk.host
    before = host.service.digest()

    reply = scene.town.ask("POST", "/fhir", body, token=scene.author)

    assert reply.status == 409, reply.body
    assert host.service.digest() == before


def test_a_transaction_of_too_many_entries_is_refused_unread(scene: Scene) -> None:
    """Before anything of it is believed."""
    body = json.dumps({"resourceType": "Bundle", "type": "transaction", "entry": [{}] * 1001})

    reply = scene.town.ask("POST", "/fhir", body.encode(), token=scene.author)

    assert (reply.status, outcome(reply)[0]["code"]) == (400, "too-costly")


@pytest.mark.requirement("W-REC-10", "W-REC-28")
def test_a_replacement_sets_the_old_version_aside_and_names_it(scene: Scene) -> None:
    """The new version is current and says what it replaces; the old one is found as superseded."""
    old = place(scene.publish()).rpartition("/")[2]
    body = example(
        scene,
        "replacement",
        **{"DocumentReference/41": f"DocumentReference/{old}", ".9003": ".9703"},
    )
    reply = scene.town.ask("POST", "/fhir", body, token=scene.author)
    assert reply.status == 200, reply.body
    location = reply.json["entry"][1]["response"]["location"]
    new = get(scene.town, f"/fhir/{location}", scene.other)

    assert new["relatesTo"][0]["target"]["reference"].endswith(f"/DocumentReference/{old}")
    assert get(scene.town, f"/fhir/DocumentReference/{old}", scene.other)["status"] == "superseded"
    gone = [
        scene.town.ask("GET", f"/fhir/Binary/{old}", token=one, headers={"Accept": accept})
        for one in (scene.other, scene.holder)
        for accept in ("*/*", "application/fhir+json")
    ]
    assert [one.status for one in gone] == [410] * 4
    stranger = scene.town.token("holder", ins=scene.town.person())
    assert scene.town.ask("GET", f"/fhir/Binary/{old}", token=stranger).status == 404
    assert old not in ids(scene.found(scene.other))
    assert old in ids(scene.found(scene.other, status="superseded"))


@pytest.mark.requirement("W-COM-04")
def test_naming_a_document_that_one_does_not_see_tells_nothing(scene: Scene) -> None:
    """In a list, as what is replaced, in a search: answered as one that does not exist."""
    hidden = place(scene.publish(securityLabel=[NORMAL, MASK])).rpartition("/")[2]
    nobody = f"{hidden[:-12]}0fffff000000"

    def told(ident: str, name: str) -> tuple[int, str]:
        words = {"DocumentReference/41": f"DocumentReference/{ident}", "1.1.900": "1.1.980"}
        bundle = json.loads(example(scene, name, **words))
        if name == "deposit":
            item = {"reference": f"DocumentReference/{ident}"}
            bundle["entry"][0]["resource"]["entry"].append({"item": item})
        body = json.dumps(bundle).encode()
        reply = scene.town.ask("POST", "/fhir", body, token=scene.other)
        return reply.status, json.dumps(reply.json["issue"]).replace(ident, "")

    for name in ("replacement", "deposit"):
        assert told(hidden, name) == told(nobody, name)
        assert told(hidden, name)[0] in (404, 422)
    assert ids(scene.found(scene.other, relatesto=f"DocumentReference/{hidden}")) == []


@pytest.mark.requirement("W-REC-40")
def test_td02_answers_one_patient_or_nobody(scene: Scene) -> None:
    """There is a record or there is none, and another's token learns nothing."""
    asked = f"/fhir/Patient?identifier={quote(f'{INS_SYSTEM}|{scene.ins}', safe='')}"
    stranger = scene.town.token("holder", ins=scene.town.person())
    bundle = get(scene.town, asked, scene.other)
    address = urlsplit(bundle["entry"][0]["fullUrl"]).path

    assert bundle["total"] == 1
    assert bundle["entry"][0]["resource"]["active"] is True
    assert get(scene.town, address, scene.holder)["id"] == bundle["entry"][0]["resource"]["id"]
    unknown = asked.replace(scene.ins, "279035121518989")
    assert get(scene.town, unknown, scene.other)["total"] == 0
    elsewhere = asked.replace("213.1.4.10", "213.1.4.11")
    assert get(scene.town, elsewhere, scene.other)["total"] == 0
    assert scene.town.ask("GET", asked, token=stranger).status == 403
    assert scene.town.ask("GET", address, token=stranger).status == 404


def test_a_reader_who_has_a_version_is_not_sent_it_again(scene: Scene) -> None:
    """The entity tag of a version answers 304 without a body, until the document changes."""
    address = place(scene.publish())
    known = {"If-None-Match": 'W/"1"'}

    same = scene.town.ask("GET", address, token=scene.author, headers=known)
    scene.patch(address, {"op": "add", "path": "/securityLabel/-", "value": MASK})
    other = scene.town.ask("GET", address, token=scene.author, headers=known)

    assert (same.status, same.body) == (304, b"")
    assert other.status == 200


def test_the_base_is_the_same_with_a_slash_at_its_end(scene: Scene) -> None:
    """A path and the same with a slash answer alike."""
    address = place(scene.publish())

    with_slash = scene.town.ask("GET", f"{address}/", token=scene.author)

    assert with_slash.body == scene.town.ask("GET", address, token=scene.author).body


def test_what_was_received_is_there_after_a_restart(tmp_path: Path) -> None:
    """Resources, bytes, lists and instants of changes, after a stop and a start."""
    with served(directory=tmp_path) as town:
        ins = town.person()
        doctor = town.doctor(ins)
        token = town.token("professional", rpps=doctor)
        scene = Scene(town, ins, "", token, token, doctor)
        body = example(scene, "deposit")
        made = town.ask("POST", "/fhir", body, token=token)
        assert made.status == 200, made.body
        places = [f"/fhir/{one['response']['location']}" for one in made.json["entry"]]
        town.control("clock", {"advance": "PT1M"})
        assert (
            scene.patch(places[1], {"op": "add", "path": "/securityLabel/-", "value": MASK}).status
            == 200
        )
        before = [_shown(town, one, token) for one in places]
    with served(directory=tmp_path) as town:
        token = town.token("professional", rpps=doctor)
        assert [_shown(town, one, token) for one in places] == before


def _shown(town: Town, address: str, token: str) -> bytes:
    """What an address answers, whatever port it is at."""
    reply = town.ask("GET", address, token=token)
    assert reply.status == 200, reply.body
    return reply.body.replace(town.address.encode(), b"")
