"""A referenced service reads documents under a consent, and learns no matricule from them."""

import json
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from itertools import count
from typing import Any, Final

import pytest

from etalon_model import ChangeServiceConsent, JoinCareTeam, MaskDocument, Use, holder
from etalon_model.catalogue.catalogue import Direction, ExchangeFamily, Purpose
from etalon_model.catalogue.rehearsal import SOLUTION
from etalon_wire.claims import Caller, actor_of, scopes_for
from hostile_scene import CONTENT, deposit, uuid_of
from identity_scene import VALIDATOR, doctor
from pairing_scene import FOREIGN, PairingScene, app_headers

READ: Final = Use(Purpose.CARE, ExchangeFamily.DOCUMENTS, Direction.READ)
MEASURES: Final = Use(Purpose.CARE, ExchangeFamily.MEASURES, Direction.READ)
BASE: Final = "/documents/fhir"
NUMBERS: Final = count(1)


@pytest.fixture(scope="module")
def scene() -> Iterator[PairingScene]:
    """One server for the module: each test has people of its own."""
    with closing(PairingScene()) as opened:
        yield opened


def deposited(scene: PairingScene, ins: str, title: str = "Note de suivi") -> str:
    """A document that a doctor deposits; its unique identifier."""
    who, now = doctor(), scene.clock.now()
    actor = actor_of("professional", who.idnps, "doctor")
    scene.people.do(JoinCareTeam(now, actor, ins, informed=True))
    scopes = frozenset(scopes_for(actor.kind))
    caller = Caller(actor, "", scopes, "", "", now + timedelta(hours=1), means="psc")
    token = scene.identity.mint(caller, now).access_token
    unique_id = uuid_of(next(NUMBERS))
    body = json.dumps(deposit(ins, unique_id, who.rpps, title)).encode()
    answer = scene.ask(
        "POST",
        "/fhir/DocumentReference",
        body,
        content_type="application/fhir+json",
        authorization=f"Bearer {token}",
    )
    assert answer.status == 201, answer.text
    return unique_id


def search(tokens: dict[str, Any], named: str = "", **more: str) -> str:
    """The address of a search."""
    subject = named or f"urn:oid:{SOLUTION}%7C{tokens['patient']}"
    query = "".join(f"&{name}={value}" for name, value in more.items())
    return f"{BASE}/DocumentReference?subject.identifier={subject}{query}"


def told(scene: PairingScene, ins: str) -> list[str]:
    """What the log says was refused to services."""
    return [row.deed.refused for row in scene.service.log(ins) if row.actor.kind == "app"]


@pytest.mark.rule("CAT-14", "CAT-15", "VIS-01")
def test_a_service_reads_what_is_not_masked_and_no_matricule(scene: PairingScene) -> None:
    """Resources are valid FHIR; the content is what was deposited."""
    ins = scene.person()
    seen, masked = deposited(scene, ins, "Lue"), deposited(scene, ins, "Masquée")
    scene.people.do(MaskDocument(scene.clock.now(), holder(ins), ins, masked))
    tokens = scene.pair(ins, READ)

    page = scene.called("GET", search(tokens), app_headers(tokens))
    [resource] = [entry["resource"] for entry in page.json["entry"]]
    address = resource["content"][0]["attachment"]["url"].removeprefix("http://etalon.test")
    content = scene.called("GET", address, {**app_headers(tokens), "accept": "text/plain"})
    accepted = {**app_headers(tokens), "accept": "application/fhir+json"}
    binary = scene.called("GET", address, accepted)

    assert (page.json["total"], resource["masterIdentifier"]["value"]) == (1, seen)
    assert (content.status, content.body) == (200, CONTENT)
    assert binary.json["contentType"] == "text/plain"
    assert ins not in page.text + binary.text
    identity = scene.service.person(ins).identity
    assert identity.family not in page.text
    grave = [
        one
        for one in VALIDATOR.validate(resource, "DocumentReference", "pdsm-strict")
        if one.severity in {"fatal", "error"}
    ]
    assert grave == []
    assert told(scene, ins) == ["", "", ""]


def test_two_services_cannot_join_what_they_read(scene: PairingScene) -> None:
    """Neither addresses nor the person's identifier are the same; a foreign one leads nowhere."""
    ins = scene.person()
    deposited(scene, ins)
    own, other = scene.pair(ins, READ), scene.pair(ins, READ, client=scene.foreign)
    subject = f"urn:oid:{FOREIGN}%7C{other['patient']}"

    found = [
        scene.called("GET", address, app_headers(held)).json["entry"][0]["resource"]
        for address, held in ((search(own), own), (search(other, subject), other))
    ]
    stolen = scene.called("GET", f"{BASE}/Binary/{found[0]['id']}", app_headers(other))

    assert found[0]["id"] != found[1]["id"]
    assert found[0]["subject"] != found[1]["subject"]
    assert stolen.status == 404


@pytest.mark.parametrize(
    ("more", "total", "shown", "links"),
    [
        ({}, 3, 3, {"self"}),
        ({"_count": "2"}, 3, 2, {"self", "next"}),
        ({"_count": "2", "_offset": "1"}, 3, 1, {"self"}),
        ({"_count": "2", "_offset": "9"}, 3, 0, {"self"}),
        ({"type": "11488-4"}, 3, 3, {"self"}),
        ({"type": "http://loinc.org%7C11488-4,34112-3"}, 3, 3, {"self"}),
        ({"type": "34112-3"}, 0, 0, {"self"}),
    ],
)
def test_a_service_pages_and_filters(
    scene: PairingScene, more: dict[str, str], total: int, shown: int, links: set[str]
) -> None:
    """Newest first; the total counts what it may see and no more."""
    ins = scene.person()
    for rank in range(3):
        deposited(scene, ins, f"Note {rank}")
    tokens = scene.pair(ins, READ)

    page = scene.called("GET", search(tokens, **more), app_headers(tokens)).json

    assert (page["total"], len(page.get("entry", []))) == (total, shown)
    assert {one["relation"] for one in page["link"]} == links
    titles = [one["resource"]["content"][0]["attachment"]["title"] for one in page.get("entry", [])]
    assert titles == sorted(titles, reverse=True)


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({"_count": "0"}, 400),
        ({"_count": "101"}, 400),
        ({"_count": "-1"}, 400),
        ({"_count": "²"}, 400),
        ({"_offset": "99999999"}, 400),
        ({"subject.identifier": "twice"}, 400),
    ],
)
def test_a_search_that_says_nothing_clear_is_refused(
    scene: PairingScene, more: dict[str, str], status: int
) -> None:
    """After consent was looked at, and never with a fault of ours."""
    ins = scene.person()
    tokens = scene.pair(ins, READ)

    assert scene.called("GET", search(tokens, **more), app_headers(tokens)).status == status


@pytest.mark.rule("CAT-05", "CAT-07")
@pytest.mark.requirement("W-CAT-02")
def test_without_the_consent_to_read_documents_nothing_is_read(scene: PairingScene) -> None:
    """Another consent opens no scope; one withdrawn is met by the next call, of content too."""
    ins = scene.person()
    deposited(scene, ins)
    other = scene.pair(ins, MEASURES)
    without = scene.called("GET", search(other), app_headers(other))
    tokens = scene.pair(ins, READ)
    page = scene.called("GET", search(tokens), app_headers(tokens)).json
    number = page["entry"][0]["resource"]["id"]

    scene.people.do(
        ChangeServiceConsent(scene.clock.now(), holder(ins), ins, SOLUTION, READ, given=False)
    )
    searched = scene.called("GET", search(tokens), app_headers(tokens))
    content = scene.called("GET", f"{BASE}/Binary/{number}", app_headers(tokens))

    assert (without.status, searched.status, content.status) == (403, 403, 403)
    assert told(scene, ins)[-2:] == ["CONSENT_NOT_GIVEN"] * 2
    assert ins not in searched.text + content.text


@pytest.mark.rule("MEA-09")
@pytest.mark.parametrize("whose", ["matricule", "nobody", "foreign_authority"])
def test_another_identifier_than_ones_own_is_refused_and_told(
    scene: PairingScene, whose: str
) -> None:
    """Like a measure of somebody else."""
    ins = scene.person()
    tokens = scene.pair(ins, READ)
    named = {
        "matricule": ins,
        "nobody": "0" * 32,
        "foreign_authority": f"urn:oid:{FOREIGN}%7C{tokens['patient']}",
    }[whose]

    found = scene.called("GET", search(tokens, named), app_headers(tokens))

    assert (found.status, told(scene, ins)) == (403, ["ID_PE_MISMATCH"])
