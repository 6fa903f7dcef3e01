"""Wishes and the access log on the wire, for whoever may know of them."""

from collections.abc import Generator
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from fhir.resources.R4B.bundle import Bundle

from etalon_model import Actor, State, holder
from etalon_wire.claims import actor_of
from etalon_wire.consents import Wish, consent_resource
from etalon_wire.json_body import Json, Resource, read_json, write_json
from etalon_wire.validation.validator import Validator
from etalon_wire.xml_body import read_xml, write_xml
from in_process import Reply
from rights_scene import (
    FHIR_JSON,
    INSURER_ACTOR,
    TEST_INS,
    RightsScene,
    identified,
    said,
    treating,
)

VALIDATOR = Validator()
NURSE = actor_of("professional", "810101010200", "nurse")


@pytest.fixture(scope="module")
def scene() -> Generator[RightsScene]:
    """A server for the tests of this file, each with people of its own."""
    opened = RightsScene()
    yield opened
    opened.close()


def consent(scene: RightsScene, ins: str, wish: Wish, status: str = "active") -> Resource:
    """A Consent as a client sends it."""
    resource = consent_resource(scene.service.person(ins).identity, wish)
    del resource["id"]
    return {**resource, "status": status, "dateTime": "2022-02-01T10:00:00+01:00"}


def wish(kind: str, stance: str, about: str = "") -> Wish:
    """A wish."""
    return Wish(kind, "permit" if stance == "permit" else "deny", about)


def give(scene: RightsScene, actor: Actor, ins: str, one: Wish, status: str = "active") -> Reply:
    """Send a wish."""
    return scene.send(actor, "POST", "/fhir/Consent", consent(scene, ins, one, status))


def found(scene: RightsScene, actor: Actor, ins: str, query: str = "") -> list[dict[str, Any]]:
    """The wishes that an actor finds, each page read."""
    path = f"/fhir/Consent?patient.identifier={TEST_INS}|{ins}{query}"
    entries: list[dict[str, Any]] = []
    while path:
        reply = scene.send(actor, "GET", path)
        assert reply.status == 200, reply.body
        Bundle.model_validate_json(reply.body)
        entries += [entry["resource"] for entry in reply.json.get("entry", [])]
        path = next_page(reply)
    return entries


def next_page(reply: Reply) -> str:
    """The address of the next page, empty after the last."""
    links: dict[str, str] = {link["relation"]: link["url"] for link in reply.json["link"]}
    parts = urlsplit(links.get("next", ""))
    return f"{parts.path}?{parts.query}" if parts.path else ""


def kinds(resources: list[dict[str, Any]]) -> set[tuple[str, str]]:
    """The kinds and stances of some Consents."""
    return {
        (one["category"][0]["coding"][0]["code"], one["provision"]["type"]) for one in resources
    }


@pytest.mark.requirement("W-REC-44")
def test_a_consent_given_is_at_its_address_valid_and_opens_one_reading(scene: RightsScene) -> None:
    """201, Location, and the same resource when it is read (W-REC-44)."""
    ins, doctor = scene.person(), treating()
    before = scene.operate(doctor, "mes-authorisation", identified(ins))

    reply = give(scene, doctor, ins, wish("consultation-consent", "permit", doctor.ident))
    after = scene.operate(doctor, "mes-authorisation", identified(ins))
    read = scene.send(doctor, "GET", urlsplit(reply.headers["location"]).path)

    assert reply.status == 201, reply.body
    assert read.json == reply.json
    findings = VALIDATOR.validate(reply.json, "mes-consent", "pdsm-strict")
    assert [one for one in findings if one.severity in {"fatal", "error"}] == []
    assert authorised(before) == "none"
    assert authorised(after) == "valid"


def authorised(reply: Reply) -> str:
    """What a professional is told about their own right."""
    assert reply.status == 200, reply.body
    values = {one["name"]: one for one in reply.json["parameter"]}
    return str(values["status"]["valueCode"])


@pytest.mark.requirement("W-REC-43")
def test_a_block_holds_until_it_is_taken_back_and_a_new_consent_is_given(
    scene: RightsScene,
) -> None:
    """A blocked professional has no access, with or without authorisation (W-REC-43)."""
    ins, doctor = scene.person(), treating()
    block = wish("professional-block", "deny", doctor.ident)
    give(scene, doctor, ins, wish("consultation-consent", "permit", doctor.ident))

    blocked = give(scene, holder(ins), ins, block)
    during = authorised(scene.operate(doctor, "mes-authorisation", identified(ins)))
    address = urlsplit(blocked.headers["location"]).path
    lifted = scene.send(holder(ins), "PUT", address, consent(scene, ins, block, "inactive"))
    gone = scene.send(holder(ins), "GET", address)
    after = authorised(scene.operate(doctor, "mes-authorisation", identified(ins)))

    assert (blocked.status, lifted.status, gone.status) == (201, 200, 404)
    assert lifted.json["status"] == "inactive"
    assert (during, after) == ("blocked", "none")


def test_a_professional_knows_of_the_wishes_about_them_and_no_other(scene: RightsScene) -> None:
    """By search, by address and by number; the holder knows them all."""
    ins, doctor = scene.person(), treating()
    give(scene, holder(ins), ins, wish("professional-block", "deny", NURSE.ident))
    give(scene, doctor, ins, wish("consultation-consent", "permit", doctor.ident))
    give(scene, INSURER_ACTOR, ins, wish("treating-physician", "permit", doctor.ident))

    theirs = found(scene, doctor, ins)
    all_of_them = found(scene, holder(ins), ins)
    others = next(one for one in all_of_them if kinds([one]) == {("professional-block", "deny")})
    read = scene.send(doctor, "GET", f"/fhir/Consent/{others['id']}")

    assert kinds(theirs) == {("consultation-consent", "permit"), ("treating-physician", "permit")}
    assert kinds(all_of_them) >= {*kinds(theirs), ("professional-block", "deny")}
    assert read.status == 404
    assert NURSE.ident not in str(theirs)


def test_wishes_are_found_by_kind_and_party_page_after_page(scene: RightsScene) -> None:
    """Every page once, and nothing twice."""
    ins = scene.person()
    for rank in range(5):
        give(scene, holder(ins), ins, wish("professional-block", "deny", treating(rank).ident))

    by_page = found(scene, holder(ins), ins, "&_count=2")
    blocks = found(scene, holder(ins), ins, "&category=professional-block")
    one = found(scene, holder(ins), ins, f"&actor.identifier={treating(3).ident}")

    assert len({entry["id"] for entry in by_page}) == len(by_page) == 7
    assert len(blocks) == 5
    assert len(one) == 1


def test_the_choices_about_emergencies_follow_what_is_wished(scene: RightsScene) -> None:
    """Denied, then no longer denied; the other choice stays."""
    ins = scene.person()
    denied = wish("samu-access-opposition", "deny")

    first = kinds(found(scene, holder(ins), ins))
    reply = give(scene, holder(ins), ins, denied)
    second = kinds(found(scene, holder(ins), ins))
    address = urlsplit(reply.headers["location"]).path
    scene.send(holder(ins), "PUT", address, consent(scene, ins, denied, "inactive"))

    assert first == {
        ("samu-access-opposition", "permit"),
        ("emergency-access-opposition", "permit"),
    }
    assert second == {("samu-access-opposition", "deny"), ("emergency-access-opposition", "permit")}
    assert kinds(found(scene, holder(ins), ins)) == first


def test_who_does_not_exist_has_no_wishes_and_no_other_answer(scene: RightsScene) -> None:
    """A professional does not learn who is affiliated (W-COM-04)."""
    known = scene.send(treating(), "GET", f"/fhir/Consent?patient.identifier={scene.person()}")
    unknown = scene.send(treating(), "GET", "/fhir/Consent?patient.identifier=180017599999972")

    assert (known.status, unknown.status) == (200, 200)
    assert known.json["total"] == unknown.json["total"] == 0


def test_an_objection_to_feeding_needs_a_ground(scene: RightsScene) -> None:
    """The ground is legitimate, and named (W-CON-02)."""
    ins = scene.person()
    without = give(scene, holder(ins), ins, wish("feeding-opposition", "deny", NURSE.ident))
    reply = give(
        scene,
        holder(ins),
        ins,
        Wish("feeding-opposition", "deny", NURSE.ident, ground="no_care"),
    )

    assert (without.status, reply.status) == (422, 201)
    assert reply.json["provision"]["code"][0]["coding"][0]["code"] == "no_care"


@pytest.mark.parametrize(
    ("kind", "status"), [("account-creation-opposition", 422), ("account-closure", 422)]
)
def test_the_life_of_a_space_is_not_changed_by_a_consent(
    scene: RightsScene, kind: str, status: int
) -> None:
    """The answer names the operation that does."""
    ins = scene.person()

    reply = give(scene, holder(ins), ins, wish(kind, "deny"))

    assert reply.status == status
    assert "$mes-" in reply.json["issue"][0]["diagnostics"]
    assert scene.service.state(ins) is State.OPEN_ACTIVE


def test_a_consent_at_another_address_than_its_own_is_refused(scene: RightsScene) -> None:
    """Kind, party and patient make the address."""
    ins, other = scene.person(), scene.person()
    block = wish("professional-block", "deny", NURSE.ident)
    reply = give(scene, holder(ins), ins, block)
    address = urlsplit(reply.headers["location"]).path
    before = scene.service.digest()

    another_kind = consent(scene, ins, wish("consultation-consent", "deny", NURSE.ident))
    another_person = consent(scene, other, block, "inactive")

    assert scene.send(holder(ins), "PUT", address, another_kind).status == 400
    assert scene.send(holder(ins), "PUT", address, another_person).status == 403
    assert scene.service.digest() == before


def test_a_wish_asked_for_by_its_version_is_never_the_one_that_stands(scene: RightsScene) -> None:
    """It has none: whoever makes the condition hears so, and nothing changes."""
    ins = scene.person()
    wanted = consent(scene, ins, wish("samu-access-opposition", "deny"))
    given = give(scene, holder(ins), ins, wish("samu-access-opposition", "deny"))
    address, sent = urlsplit(given.headers["location"]).path, write_json(wanted)
    caller, before = scene.caller(holder(ins)), scene.service.digest()

    tagged = scene.ask(caller, "PUT", address, sent, if_match='W/"1"')
    assert (tagged.status, scene.service.digest()) == (412, before)
    any_one = scene.ask(caller, "PUT", address, sent, if_match="*")
    assert any_one.status == 200


def test_a_consent_that_is_not_valid_is_refused_with_its_findings(scene: RightsScene) -> None:
    """Without a category nobody knows what is wished."""
    ins = scene.person()
    body = consent(scene, ins, wish("professional-block", "deny", NURSE.ident))
    del body["category"]

    reply = scene.send(holder(ins), "POST", "/fhir/Consent", body)

    assert reply.status == 422
    assert any("category" in str(one.get("expression")) for one in reply.json["issue"])


def test_an_emergency_says_until_when_it_lasts(scene: RightsScene) -> None:
    """Breaking the glass asks that the person cannot express a will (W-REC-43)."""
    ins, doctor = scene.person(), treating()
    mode = said("mode", valueCode="break_glass")

    refused = scene.operate(doctor, "mes-open-record", identified(ins), mode)
    opened = scene.operate(
        doctor, "mes-open-record", identified(ins), mode, said("incapable", valueBoolean=True)
    )

    values = {one["name"]: one for one in opened.json["parameter"]}
    assert (refused.status, opened.status) == (403, 200)
    assert values["mode"]["valueCode"] == "break_glass"
    assert values["until"]["valueDateTime"] > scene.clock.now().isoformat()


def test_care_teams_and_administrators_have_their_operations(scene: RightsScene) -> None:
    """A professional joins and leaves; the holder names an administrator."""
    ins, doctor = scene.person(), treating()

    joined = scene.operate(
        doctor, "mes-join-care-team", identified(ins), said("informed", valueBoolean=True)
    )
    named = scene.operate(
        holder(ins),
        "mes-set-administrator",
        said("professional", valueIdentifier={"value": doctor.ident}),
    )
    left = scene.operate(doctor, "mes-leave-care-team", identified(ins))
    again = scene.operate(doctor, "mes-leave-care-team", identified(ins))

    assert [one.status for one in (joined, named, left)] == [200, 200, 200]
    assert again.status == 409
    assert joined.json["resourceType"] == "Patient"
    assert ":space-state" not in joined.body.decode()


def zfa(ins: str, feeding: str, consultation: str) -> bytes:
    """A message of hospital software about somebody."""
    segments = (
        r"MSH|^~\&|HIS|HOSPITAL|ETALON|MES|20220201100000||ADT^A31|M-1|P|2.5",
        f"PID|||{ins}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.10&ISO^INS",
        f"ZFA|ACTIF|20220101|||||||{feeding}|20220201|{consultation}|20220201",
    )
    return "\r".join(segments).encode()


@pytest.mark.requirement("W-CON-01", "W-CON-02")
def test_what_hospital_software_tells_becomes_the_wishes_about_the_hospital(
    scene: RightsScene,
) -> None:
    """Consent, then refusal and opposition; an opposition is not taken back by a message."""
    ins, hospital = scene.person(), actor_of("structure", "1750000001")
    answers = [
        scene.ask(scene.caller(hospital), "POST", "/hl7v2", body, content_type="application/hl7-v2")
        for body in (zfa(ins, "INO", "IC"), zfa(ins, "IO", "INC"), zfa(ins, "INO", "NA"))
    ]
    wished = kinds(found(scene, hospital, ins))

    assert [one.status for one in answers] == [200, 200, 403]
    assert [b"MSA|AA|M-1" in one.body for one in answers] == [True, True, False]
    assert {one.headers["content-type"] for one in answers} == {"application/hl7-v2"}
    assert wished == {("feeding-opposition", "deny"), ("consultation-consent", "deny")}


@pytest.mark.parametrize(
    ("body", "media_type", "status", "said"),
    [
        (zfa("180017599999972", "INO", "IC"), "application/hl7-v2", 404, b"|204^^HL70357|"),
        (b"MSH|^~\\&|", "application/hl7-v2", 400, b"MSA|AE|"),
        (b"hello", "application/hl7-v2", 400, b"OperationOutcome"),
        (b"{}", "application/fhir+json", 415, b"OperationOutcome"),
    ],
)
def test_a_message_that_cannot_be_carried_out_is_answered_as_far_as_it_is_one(
    scene: RightsScene, body: bytes, media_type: str, status: int, said: bytes
) -> None:
    """A negative acknowledgement, or an OperationOutcome for what is no message."""
    hospital = actor_of("structure", "1750000001")
    reply = scene.ask(scene.caller(hospital), "POST", "/hl7v2", body, content_type=media_type)

    assert (reply.status, said in reply.body) == (status, True)


def accesses(scene: RightsScene, actor: Actor, query: str, of: str = "") -> Reply:
    """Search a log."""
    return scene.send(actor, "GET", f"/fhir/AuditEvent?{query}", of=of)


@pytest.mark.requirement("W-AUD-01", "W-AUD-02")
def test_every_access_is_told_to_the_holder_newest_first_and_valid(scene: RightsScene) -> None:
    """The log is searched by date, and each event is at its address (W-AUD-01, W-AUD-02)."""
    ins, doctor = scene.person(), treating()
    scene.operate(doctor, "mes-authorisation", identified(ins))
    give(scene, doctor, ins, wish("consultation-consent", "permit", doctor.ident))

    reply = accesses(scene, holder(ins), "date=ge2022-01-01")
    events = [entry["resource"] for entry in reply.json["entry"]]
    mine = accesses(scene, holder(ins), f"date=ge2022-01-01&agent.identifier={doctor.ident}")
    number = f"https://rpps.esante.gouv.fr|{doctor.ident[1:]}"
    by_number = accesses(scene, holder(ins), f"date=ge2022-01-01&agent.identifier={number}")
    read = scene.send(holder(ins), "GET", f"/fhir/AuditEvent/{events[0]['id']}")

    assert reply.status == 200
    Bundle.model_validate_json(reply.body)
    assert all(VALIDATOR.validate(one, "tde-auditevent", "pdsm-strict") == [] for one in events)
    told = [one["subtype"][0]["code"] for one in events]
    assert told[:2] == ["DeclareConsent", "AskAuthorisation"]
    assert events == sorted(events, key=lambda one: one["recorded"], reverse=True)
    assert (mine.json["total"], by_number.json["total"]) == (2, 2)
    assert read.json == events[0]


def test_pages_of_a_log_hold_every_event_once_though_searching_leaves_one(
    scene: RightsScene,
) -> None:
    """What happens between two pages moves nothing."""
    ins = scene.person()
    for _ in range(3):
        found(scene, holder(ins), ins)
    before = [row.deed.action for row in reversed(scene.service.log(ins))]

    reply = accesses(scene, holder(ins), "date=ge2022-01-01&_count=2")
    told: list[str] = []
    while True:
        told += [
            entry["resource"]["entity"][0]["detail"][0]["valueString"]
            for entry in reply.json.get("entry", [])
        ]
        path = next_page(reply)
        if not path:
            break
        reply = scene.send(holder(ins), "GET", path)
        assert reply.status == 200, reply.body

    assert told == before


@pytest.mark.parametrize(("query", "status"), [("", 400), ("date=soon", 400), ("date=ge2022", 200)])
@pytest.mark.requirement("W-AUD-01")
def test_a_log_is_not_searched_without_a_date(scene: RightsScene, query: str, status: int) -> None:
    """W-AUD-01."""
    ins = scene.person()

    assert accesses(scene, holder(ins), query).status == status


def test_a_log_is_read_by_who_decides_and_an_address_tells_nothing_to_others(
    scene: RightsScene,
) -> None:
    """Neither another holder nor a professional nor a caregiver (TRC-02)."""
    ins, other = scene.person(), scene.person()
    reply = accesses(scene, holder(ins), "date=ge2022")
    event = reply.json["entry"][0]["resource"]["id"]

    assert scene.send(holder(other), "GET", f"/fhir/AuditEvent/{event}").status == 404
    assert scene.send(treating(), "GET", f"/fhir/AuditEvent/{event}").status == 403
    assert accesses(scene, holder(other), f"date=ge2022&patient.identifier={ins}").status == 403


def test_an_access_is_reported_by_its_instant_in_the_log(scene: RightsScene) -> None:
    """ACC-11: an access that is not there, or reported already, is refused."""
    ins, doctor = scene.person(), treating()
    scene.operate(doctor, "mes-authorisation", identified(ins))
    scene.wait(timedelta(minutes=5))
    event = accesses(scene, holder(ins), f"date=ge2022&agent.identifier={doctor.ident}").json
    at: Json = event["entry"][0]["resource"]["recorded"]
    who = said("professional", valueIdentifier={"value": doctor.ident})
    when = said("accessedAt", valueInstant=at)

    first = scene.operate(holder(ins), "mes-report-access", who, when)
    again = scene.operate(holder(ins), "mes-report-access", who, when)
    absent = scene.operate(
        holder(ins),
        "mes-report-access",
        who,
        said("accessedAt", valueInstant="2022-01-01T00:00:00Z"),
    )

    assert (first.status, again.status) == (200, 409)
    assert absent.status in {404, 409, 422}
    assert first.json["parameter"][0]["name"] == "reportedAt"


def test_a_space_is_exported_whole_to_who_decides_for_it(scene: RightsScene) -> None:
    """The person, their wishes and the accesses, the export among the traces it leaves."""
    ins = scene.person()
    give(scene, holder(ins), ins, wish("professional-block", "deny", NURSE.ident))

    reply = scene.operate(holder(ins), "mes-export")

    Bundle.model_validate_json(reply.body)
    resources = [entry["resource"] for entry in reply.json["entry"]]
    accesses_told = [one for one in resources if one["resourceType"] == "AuditEvent"]
    assert resources[0]["resourceType"] == "Patient"
    assert ("professional-block", "deny") in kinds(
        [one for one in resources if one["resourceType"] == "Consent"]
    )
    assert "UseFeature" in [one["subtype"][0]["code"] for one in accesses_told]
    assert len({entry["fullUrl"] for entry in reply.json["entry"]}) == len(resources)


@pytest.mark.requirement("W-COM-01")
def test_wishes_and_accesses_are_told_and_taken_in_xml(scene: RightsScene) -> None:
    """What is said in XML is what is said in JSON."""
    ins = scene.person()
    caller, xml = scene.caller(holder(ins)), "application/fhir+xml"
    body = write_xml(consent(scene, ins, wish("professional-block", "deny", NURSE.ident)))
    path = f"/fhir/Consent?patient.identifier={TEST_INS}|{ins}"

    given = scene.ask(caller, "POST", "/fhir/Consent", body, content_type=xml, accept=xml)
    wishes = [scene.ask(caller, "GET", path, accept=one).body for one in (FHIR_JSON, xml)]
    log = scene.ask(caller, "GET", "/fhir/AuditEvent?date=ge2022", accept=xml)

    assert given.status == 201, given.body
    assert read_xml(given.body)["resourceType"] == "Consent"
    assert read_xml(wishes[1]) == read_json(wishes[0])
    assert read_xml(log.body)["type"] == "searchset"
