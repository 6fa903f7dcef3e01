"""The mailbox of a space on the wire: what is listed, read, deleted, and by whom."""

from collections.abc import Generator
from datetime import date

import pytest
from fhir.resources.R4B.communication import Communication

from etalon_model import (
    AcceptTerms,
    holder,
    representative,
)
from etalon_model.messaging.delivery import FINAL_HEADER
from etalon_model.periods import paris_date
from etalon_wire.validation.validator import Validator
from etalon_wire.xml_body import read_xml
from messages_scene import (
    MAILBOX,
    OTHER_MAILBOX,
    PHARMACY,
    Mailed,
    answering,
    attachments,
    binary_id,
    file,
    messages_scene,
    to,
    told,
    written,
)
from rights_scene import LAUNCH, RightsScene


@pytest.fixture(scope="module")
def scene() -> Generator[RightsScene]:
    """One server for the module."""
    with messages_scene() as opened:
        yield opened


@pytest.fixture
def mailed(scene: RightsScene) -> Mailed:
    """A person to whom nobody wrote yet."""
    return Mailed(scene, scene.person())


def test_whatever_is_shown_is_valid_for_its_profile_and_for_another_reader(
    mailed: Mailed,
) -> None:
    """Conversations, messages and drafts, with a warning for nothing."""
    first = mailed.deliver(headers=(FINAL_HEADER,))
    mailed.deliver("Sans suite", others=(OTHER_MAILBOX,))
    body = written("preparation", topic={"text": "Plus tard"}, recipient=to())
    mailed.ask("POST", body={**body, "payload": [{"contentString": "A"}, file()]})
    validator, listed = Validator(), mailed.listed()
    conversations = [one["id"] for one in listed if one["status"] != "preparation"]
    messages = [message for one in conversations for message in mailed.listed(f"?part-of={one}")]

    assert (first, len(listed), len(messages)) == (1, 3, 2)
    for one in [*listed, *messages]:
        Communication.model_validate(one)
        assert validator.validate(one, "mes-communication", "pdsm-strict") == []


def test_conversations_are_listed_latest_first_and_read_with_their_messages(
    mailed: Mailed,
) -> None:
    """A conversation is not read by being listed."""
    first = mailed.deliver("Premier")
    mailed.deliver("Deuxième")
    mailed.deliver("Premier", thread=first, attachments=())

    conversations = mailed.listed()
    messages = mailed.listed(mailed.conversation())

    assert [one["topic"]["text"] for one in conversations] == ["Premier", "Deuxième"]
    assert told(conversations[0]) == {"messages": 2, "unread": 2, "replyKind": "REPLY"}
    assert [one["payload"][0]["contentString"] for one in messages] == ["Bonjour", "Bonjour"]
    assert [len(attachments(one)) for one in messages] == [1, 0]
    assert messages[0]["identifier"][0]["value"] == "mid:1@medecin.mssante.fr"
    assert messages[0]["sender"]["identifier"]["value"] == f"mailto:{MAILBOX}"
    assert [told(one)["unread"] for one in mailed.listed()] == [0, 1]


def test_what_is_listed_is_read_by_its_address_in_both_forms(mailed: Mailed) -> None:
    """A conversation, a message, a draft."""
    mailed.deliver()
    mailed.ask("POST", body=written("preparation", topic={"text": "Plus tard"}))

    messages = mailed.listed(mailed.conversation())
    for one in [*messages, *mailed.listed()]:
        read = mailed.ask("GET", f"/{one['id']}")
        as_xml = mailed.ask("GET", f"/{one['id']}", accept="application/fhir+xml")
        assert read.json == one
        assert read_xml(as_xml.body) == one


def test_the_pages_of_a_search_are_followed_by_their_links(mailed: Mailed) -> None:
    """Conversations then drafts, each once."""
    for rank in range(3):
        mailed.deliver(f"Sujet {rank}")
    mailed.ask("POST", body=written("preparation"))
    met, search, total = list[str](), "?_count=3", 0
    for _ in range(2):
        page = mailed.ask("GET", search).json
        total = page["total"]
        met += [entry["resource"]["id"] for entry in page["entry"]]
        links = {link["relation"]: link["url"] for link in page["link"]}
        search = links.get("next", "").rpartition("Communication")[2]

    assert (total, len(set(met)), search) == (4, 4, "")


def test_a_status_and_a_date_narrow_a_search(mailed: Mailed) -> None:
    """Drafts alone, what is ended alone, the messages since a day."""
    mailed.deliver("Ouvert")
    mailed.deliver("Clos", headers=(FINAL_HEADER,))
    mailed.ask("POST", body=written("preparation"))
    part_of = mailed.conversation()

    found = {
        status: len(mailed.listed(f"?status={status}"))
        for status in ("preparation", "in-progress", "completed", "preparation,completed")
    }
    dated = [
        len(mailed.listed(f"{part_of}&sent={day}")) for day in ("ge2022-02-01", "lt2022-02-01")
    ]

    assert found == {"preparation": 1, "in-progress": 1, "completed": 1, "preparation,completed": 2}
    assert dated == [1, 0]


@pytest.mark.parametrize(
    ("search", "status"),
    [
        ("?sent=ge2022-01-01", 400),
        ("?status=", 400),
        ("?part-of:missing=true", 400),
        ("?part-of=Communication/1", 404),
        ("?part-of=Communication/00000000-0000-8000-8000-c00001000000", 404),
        ("?patient=Patient/1", 403),
    ],
)
def test_a_search_of_nothing_there_or_that_cannot_be_read_is_refused(
    mailed: Mailed, search: str, status: int
) -> None:
    """With its status."""
    assert mailed.ask("GET", search).status == status


def test_contacts_are_who_wrote_then_pharmacies(mailed: Mailed) -> None:
    """With the mailbox one writes to."""
    mailed.deliver()

    reply = mailed.ask("POST", "/$mes-contacts", {"resourceType": "Parameters", "parameter": []})

    found = [one["resource"]["telecom"] for one in reply.json["entry"]]
    assert [[one["value"] for one in telecom] for telecom in found] == [[MAILBOX], [PHARMACY]]


@pytest.mark.requirement("MSG-09")
def test_a_conversation_is_deleted_with_its_messages_and_a_draft_alone(mailed: Mailed) -> None:
    """A message is not deleted alone."""
    mailed.deliver()
    message = mailed.listed(mailed.conversation())[0]
    conversation = mailed.listed()[0]["id"]
    draft = mailed.ask("POST", body=written("preparation")).json["id"]

    statuses = [
        mailed.ask("DELETE", f"/{one}").status
        for one in (message["id"], draft, draft, conversation, conversation)
    ]

    assert statuses == [405, 204, 404, 204, 404]
    assert mailed.listed() == []
    assert mailed.ask("GET", f"/{message['id']}").status == 404
    assert mailed.binary(binary_id(attachments(message)[0])).status == 404


def test_the_export_of_a_space_holds_its_mailbox_and_reads_nothing(mailed: Mailed) -> None:
    """Conversations, messages and drafts as they are read one by one."""
    mailed.deliver()
    mailed.ask("POST", body=written("preparation"))

    exported = mailed.scene.operate(holder(mailed.ins), "mes-export")
    found = [one["resource"] for one in exported.json["entry"]]
    listed = mailed.listed()

    assert told(listed[0])["unread"] == 1
    assert [one for one in listed if one not in found] == []
    assert [one for one in mailed.listed(mailed.conversation()) if one not in found] == []


def test_nobody_reads_or_writes_in_the_mailbox_of_another(mailed: Mailed) -> None:
    """An address of theirs leads nowhere."""
    mailed.deliver()
    conversation = mailed.listed()[0]["id"]
    message = mailed.listed(mailed.conversation())[0]
    other = Mailed(mailed.scene, mailed.scene.person())

    statuses = [
        other.ask("GET", f"/{conversation}").status,
        other.ask("GET", f"/{message['id']}").status,
        other.ask("GET", f"?part-of={conversation}").status,
        other.ask("DELETE", f"/{conversation}").status,
        other.ask("PUT", f"/{conversation}", written("preparation")).status,
        other.binary(binary_id(attachments(message)[0])).status,
    ]

    assert statuses == [404, 404, 404, 404, 404, 404]


@pytest.mark.requirement("VIS-09")
def test_a_representative_is_not_shown_what_a_minor_keeps_from_them(scene: RightsScene) -> None:
    """Nor answers it, nor deletes it, nor reads what is attached."""
    parent = scene.person()
    child = Mailed(scene, scene.person(parent, born=date(2010, 5, 17)))
    acting = representative(parent)
    terms = LAUNCH.terms_on(paris_date(scene.people.now))
    scene.people.do(AcceptTerms(scene.people.now, acting, child.ins, terms))
    child.deliver("Pour tous")
    secret = child.deliver("Secret", hidden_from_representatives=True)
    listed = child.listed(by=acting)
    hidden = f"{listed[0]['id'][:24]}c{secret:05x}000000"
    attached = f"{hidden[:30]}000101"

    answers = {
        "read": child.ask("GET", f"/{hidden}", by=acting).status,
        "messages": child.ask("GET", f"?part-of={hidden}", by=acting).status,
        "delete": child.ask("DELETE", f"/{hidden}", by=acting).status,
        "answer": child.ask("POST", body=written(inResponseTo=answering(hidden)), by=acting).status,
        "bytes": child.binary(attached, acting).status,
    }

    assert [one["topic"]["text"] for one in listed] == ["Pour tous"]
    assert answers == dict.fromkeys(answers, 404)
    assert child.binary(attached, representative(parent)).status == 404
