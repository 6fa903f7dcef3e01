"""What is written in a space: messages, drafts, what they attach, the mail that leaves."""

import json
from collections.abc import Generator
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import pytest

from etalon_model import (
    Actor,
)
from etalon_model.messaging.conversations import Attachment
from etalon_model.messaging.correspondents import MailboxType
from etalon_model.messaging.delivery import FINAL_HEADER, DeliverMessage
from etalon_model.messaging.directory import PublishMailbox, RemoveMailbox
from etalon_server.mail.outbox import Outbox
from etalon_server.mail.places import thread_named
from etalon_wire.json_body import Json
from etalon_wire.mail.parsing import parse
from etalon_wire.messages.writing import CAREGIVER, FINAL, REMAINING
from messages_scene import (
    DOCTOR,
    MAIL_ID,
    MAILBOX,
    OTHER_MAILBOX,
    PHARMACY,
    RESULT,
    SCAN,
    SHA1,
    Mailed,
    answering,
    attachments,
    binary_id,
    code,
    file,
    marked,
    messages_scene,
    save,
    to,
    told,
    written,
)
from rights_scene import RightsScene
from served_town import served


@pytest.fixture(scope="module")
def scene() -> Generator[RightsScene]:
    """One server for the module."""
    with messages_scene() as opened:
        yield opened


@pytest.fixture
def mailed(scene: RightsScene) -> Mailed:
    """A person to whom nobody wrote yet."""
    return Mailed(scene, scene.person())


def left(
    mailed: Mailed, folder: Path, body: Json, by: Actor | None = None
) -> tuple[dict[str, Any], Any]:
    """Send a message where mail leaves; return the message and its mail."""
    desk = mailed.scene.desk
    desk.outbox = Outbox(folder / "mail", durable=False)
    try:
        reply = mailed.ask("POST", body=body, by=by)
    finally:
        waiting, desk.outbox = desk.outbox.waiting(), None
    assert reply.status == 201, reply.text
    (found,) = waiting
    return reply.json, parse(found.read_bytes())


@pytest.mark.requirement("W-MSS-08", "MSG-05")
def test_nobody_answers_a_conversation_that_a_professional_ended(mailed: Mailed) -> None:
    """The conversation and its last message say so (W-MSS-08)."""
    mailed.deliver(headers=(FINAL_HEADER,))
    conversation = mailed.listed()[0]
    message = mailed.listed(mailed.conversation())[0]

    reply = mailed.ask("POST", body=written(inResponseTo=answering(message["id"])))

    assert conversation["status"] == "completed"
    assert told(conversation)["replyKind"] == "REPLY_BLOCKED"
    assert [marked(one, FINAL)["valueCode"] for one in (conversation, message)] == ["FIN", "FIN"]
    assert (reply.status, code(reply)) == (403, "REPLY_BLOCKED")


@pytest.mark.requirement("W-MSS-13", "MSG-02", "MSG-03")
def test_a_holder_writes_first_to_a_pharmacy_and_to_nobody_who_never_wrote(
    mailed: Mailed,
) -> None:
    """Until they write, and then as to any contact (W-MSS-13)."""
    new = written(topic={"text": "Question"}, recipient=to(MAILBOX))
    before = mailed.ask("POST", body=new)
    pharmacy = mailed.ask("POST", body={**new, "recipient": to(PHARMACY)})
    mailed.deliver()
    after = mailed.ask("POST", body=new)

    assert (before.status, code(before)) == (403, "NEVER_WROTE")
    assert [pharmacy.status, after.status] == [201, 201]
    assert len(mailed.listed()) == 3


@pytest.mark.requirement("MSG-04")
def test_an_answer_to_all_goes_to_everybody_in_the_conversation(mailed: Mailed) -> None:
    """Where there are several, and it is asked for."""
    mailed.deliver(others=(OTHER_MAILBOX,))
    conversation = mailed.listed()[0]["id"]
    extension: Json = [
        {"url": "urn:mes-etalon:StructureDefinition:reply-kind", "valueCode": "REPLY_TO_ALL"}
    ]

    alone = mailed.ask("POST", body=written(partOf=answering(conversation)))
    to_all = mailed.ask("POST", body=written(partOf=answering(conversation), extension=extension))

    assert [one["display"] for one in alone.json["recipient"]] == [MAILBOX]
    assert [one["display"] for one in to_all.json["recipient"]] == [MAILBOX, OTHER_MAILBOX]


@pytest.mark.requirement("MSG-11")
def test_nothing_is_sent_to_a_correspondent_who_left_and_the_draft_stays(
    scene: RightsScene, mailed: Mailed
) -> None:
    """The warning is a refusal."""
    address, people = "parti@medecin.mssante.fr", scene.people
    people.do(PublishMailbox(people.now, DOCTOR, "", address, MailboxType.PER))
    scene.wait(timedelta(minutes=1))
    people.do(DeliverMessage(people.now, DOCTOR, mailed.ins, address, "Adieu", ""))
    people.do(RemoveMailbox(people.now, DOCTOR, "", address))
    conversation = mailed.listed()[0]["id"]
    kept = mailed.ask("POST", body=written("preparation", inResponseTo=answering(conversation)))

    reply = mailed.ask("PUT", f"/{kept.json['id']}", {**kept.json, "status": "completed"})

    assert (reply.status, code(reply)) == (409, "CONTACT_NOT_ACTIVE")
    assert [one["status"] for one in mailed.listed()] == ["in-progress", "preparation"]


@pytest.mark.requirement("MSG-06", "MSG-10")
def test_a_draft_is_kept_changed_and_sent(mailed: Mailed) -> None:
    """With its attachments, which need not be sent again."""
    mailed.deliver()
    conversation = mailed.listed()[0]["id"]
    body = written("preparation", inResponseTo=answering(conversation))
    body["payload"] = [{"contentString": "Mer"}, file()]

    kept = mailed.ask("POST", body=body)
    draft = kept.json
    draft["payload"][0]["contentString"] = "Merci"
    changed = mailed.ask("PUT", f"/{draft['id']}", draft)
    sent = mailed.ask("PUT", f"/{draft['id']}", {**changed.json, "status": "completed"})
    gone = mailed.ask("GET", f"/{draft['id']}")

    assert [kept.status, changed.status, sent.status, gone.status] == [201, 200, 200, 404]
    assert kept.headers["location"].endswith(draft["id"])
    assert sent.headers["location"].endswith(sent.json["id"])
    assert marked(changed.json, REMAINING)["valueUnsignedInt"] == 10_000_000 - 3
    assert sent.json["payload"][0] == {"contentString": "Merci"}
    assert [mailed.binary(binary_id(one)).body for one in attachments(sent.json)] == [b"abc"]
    assert [one["status"] for one in mailed.listed()] == ["in-progress"]


@pytest.mark.requirement("MSG-07")
def test_an_attachment_is_saved_in_the_record_with_its_bytes(mailed: Mailed) -> None:
    """Once: the same one again is a duplicate."""
    mailed.deliver()
    message = mailed.listed(mailed.conversation())[0]
    attachment = binary_id(attachments(message)[0])

    saved = save(mailed, f"Binary/{attachment}")
    again = save(mailed, attachment)
    bad_category = save(mailed, attachment, category="NOPE")

    assert saved.status == 200, saved.text
    assert saved.json["content"][0]["attachment"]["title"] == SCAN.name
    assert mailed.binary(saved.json["id"]).body == RESULT
    assert (again.status, code(again)) == (409, "DUPLICATE_DOCUMENT")
    assert bad_category.status == 422


def test_what_cannot_be_saved_says_so(mailed: Mailed) -> None:
    """A format that the record does not take; a message, a draft, a stranger's attachment."""
    zipped = Attachment("lot.zip", "application/zip", len(RESULT), sha1=SHA1)
    mailed.deliver(attachments=(zipped,))
    message = mailed.listed(mailed.conversation())[0]
    attachment = binary_id(attachments(message)[0])
    stranger = Mailed(mailed.scene, mailed.scene.person())

    refused = save(mailed, attachment)

    assert (refused.status, code(refused)) == (422, "NOT_FOR_THE_RECORD")
    assert save(mailed, message["id"]).status == 404
    assert save(mailed, f"{attachment[:-1]}9").status == 404
    assert save(stranger, attachment).status == 404


def test_a_document_and_a_section_of_the_space_are_attached_as_they_stand(
    mailed: Mailed,
) -> None:
    """By reference; a document of somebody else is not there."""
    mailed.deliver()
    message = mailed.listed(mailed.conversation())[0]
    document = save(mailed, binary_id(attachments(message)[0])).json["id"]
    stranger = Mailed(mailed.scene, mailed.scene.person())
    section: dict[str, Json] = {
        "system": "urn:mes-etalon:CodeSystem:record-section",
        "value": "allergies",
    }
    payload: Json = [
        {"contentReference": {"reference": f"DocumentReference/{document}"}},
        {"contentReference": {"identifier": section}},
        {"contentAttachment": {"url": attachments(message)[0]["url"]}},
    ]
    body = written(inResponseTo=answering(message["id"]), payload=payload)

    sent = mailed.ask("POST", body=body)
    new = written(topic={"text": "Lu"}, recipient=to(), payload=payload)
    stolen = stranger.ask("POST", body=new)
    unknown: Json = [{"contentReference": {"identifier": {**section, "value": "none"}}}]

    assert sent.status == 201, sent.text
    read = [mailed.binary(binary_id(one)) for one in attachments(sent.json)]
    assert [one.status for one in read] == [200, 200, 200]
    assert (read[0].body, read[2].body) == (RESULT, RESULT)
    assert read[1].text == "Allergies\n\n- Cette rubrique est vide.\n"
    assert stolen.status == 404
    assert mailed.ask("POST", body={**new, "payload": unknown}).status == 404


@pytest.mark.requirement("MSG-06")
def test_a_message_beyond_ten_megabytes_is_refused(mailed: Mailed) -> None:
    """Draft or not, with the code of the application."""
    body = written(topic={"text": "Lourd"}, recipient=to())
    body["payload"] = [file(bytes(10_000_001))]

    for status in ("completed", "preparation"):
        reply = mailed.ask("POST", body={**body, "status": status})
        assert (reply.status, code(reply)) == (413, "MSG_FILE_SIZE_EXCEEDED_ERROR")


HOSTILE: Final[dict[str, dict[str, Json]]] = {
    "no status": {"status": None},
    "a status of a conversation's end": {"status": "entered-in-error"},
    "two recipients": {"recipient": [*to(), *to(MAILBOX)]},
    "a recipient by another system": {"recipient": [{"identifier": {"value": PHARMACY}}]},
    "a recipient with a second header": {"recipient": to(f"{PHARMACY}%0D%0ABcc:a@b.fr")},
    "a subject of two lines": {"topic": {"text": "Un\r\nBcc: a@b.fr"}},
    "a subject too long": {"topic": {"text": "a" * 256}},
    "a control character": {"payload": [{"contentString": "a\x0bb"}]},
    "an attachment without data": {"payload": [{"contentAttachment": {"title": "a"}}]},
    "an attachment that is no base64": {
        "payload": [{"contentAttachment": {"title": "a", "contentType": "a/b", "data": "%%"}}]
    },
    "a name of a folder": {"payload": [file(title="../../etc/passwd")]},
    "a media type with a parameter": {"payload": [file(mime="text/plain; charset=x")]},
    "too many attachments": {"payload": [file()] * 101},
    "an answer to a draft": {"inResponseTo": answering("00000000-0000-8000-8000-b00001000000")},
    "an answer to another kind": {"inResponseTo": [{"reference": "Patient/1"}]},
    "an answer to two conversations": {
        "inResponseTo": [
            {"reference": f"Communication/00000000-0000-8000-8000-c0000{one}000000"}
            for one in (1, 2)
        ]
    },
    "an answer in another space": {
        "inResponseTo": answering("00000000-0000-8000-8000-c00001000000")
    },
    "another space": {
        "subject": {
            "identifier": {"system": "urn:oid:1.2.250.1.213.1.4.10", "value": "1"},
        }
    },
    "a kind of answer that is none": {
        "extension": [
            {"url": "urn:mes-etalon:StructureDefinition:reply-kind", "valueCode": "SHOUT"}
        ]
    },
    "a reference to nothing": {"payload": [{"contentReference": {"reference": "List/1"}}]},
    "another resource": {"resourceType": "Consent"},
}


@pytest.mark.parametrize("change", HOSTILE.values(), ids=HOSTILE)
def test_what_is_no_message_is_refused_and_nothing_is_kept(
    mailed: Mailed, change: dict[str, Json]
) -> None:
    """4xx, soberly; the mailbox is as it was."""
    body = {**written(topic={"text": "Bonjour"}, recipient=to()), **change}

    reply = mailed.ask("POST", body={key: one for key, one in body.items() if one is not None})

    assert 400 <= reply.status < 500, reply.text
    assert reply.json["resourceType"] == "OperationOutcome"
    assert mailed.listed() == []


@pytest.mark.requirement("REP-12")
def test_what_a_caregiver_writes_says_so_in_the_space_and_in_the_mail(
    mailed: Mailed, tmp_path: Path
) -> None:
    """Drafts are everybody's; the message is its author's."""
    carer = mailed.carer()
    mailed.deliver()
    conversation = mailed.listed()[0]["id"]

    sent, letter = left(mailed, tmp_path, written(inResponseTo=answering(conversation)), carer)

    assert marked(sent, CAREGIVER)["valueReference"]["identifier"]["value"] == carer.ident
    assert letter.text.startswith("[Message écrit par un aidant")


def test_an_answer_leaves_as_a_mail_that_leads_back_to_its_conversation(
    mailed: Mailed, tmp_path: Path
) -> None:
    """With its files, a document under a name that no folder is in."""
    mailed.deliver("Vos résultats")
    message = mailed.listed(mailed.conversation())[0]
    document = save(mailed, binary_id(attachments(message)[0])).json["id"]
    payload: Json = [
        {"contentString": "Merci\ndocteur"},
        file(title="été.txt"),
        {"contentReference": {"reference": f"DocumentReference/{document}"}},
    ]

    sent, letter = left(
        mailed, tmp_path, written(inResponseTo=answering(message["id"]), payload=payload)
    )

    assert (letter.sender, letter.recipients) == (f"{mailed.ins}@patient.mssante.fr", (MAILBOX,))
    assert (letter.subject, letter.text.strip()) == ("Re: Vos résultats", "Merci\ndocteur")
    assert (thread_named(mailed.ins, letter.message_id), letter.answers) == (1, MAIL_ID)
    assert [(one.name, one.content) for one in letter.attachments] == [
        ("été.txt", b"abc"),
        ("resultat.pdf", RESULT),
    ]
    assert sent["identifier"][0]["value"] == f"mid:{letter.message_id.strip('<>')}"


def test_what_is_refused_leaves_no_mail_and_nothing_on_the_disk(
    mailed: Mailed, tmp_path: Path
) -> None:
    """A message to somebody who never wrote."""
    desk = mailed.scene.desk
    desk.outbox = Outbox(tmp_path / "mail", durable=False)
    try:
        reply = mailed.ask("POST", body=written(topic={"text": "A"}, recipient=to(MAILBOX)))
    finally:
        desk.outbox = None

    assert reply.status == 403
    assert [one for one in (tmp_path / "mail").rglob("*") if one.is_file()] == []


def test_what_is_kept_and_attached_outlives_the_server(tmp_path: Path) -> None:
    """A draft and the bytes of its file."""
    with served(directory=tmp_path / "data") as town:
        ins = town.person()
        body = written("preparation", topic={"text": "Plus tard"}, recipient=to())
        body["payload"] = [{"contentString": "Bonjour"}, file()]
        token = town.token("holder", ins=ins)
        kept = town.ask("POST", "/fhir/Communication", json.dumps(body).encode(), token=token)
        assert kept.status == 201, kept.text
    with served(directory=tmp_path / "data") as town:
        token = town.token("holder", ins=ins)
        read = town.ask("GET", f"/fhir/Communication/{kept.json['id']}", token=token)
        address = f"/fhir/Binary/{binary_id(attachments(read.json)[0])}"
        content = town.ask("GET", address, token=token, headers={"Accept": "text/plain"})

    assert read.json["payload"][0] == {"contentString": "Bonjour"}
    assert (content.status, content.body) == (200, b"abc")


def test_a_disk_that_takes_no_mail_is_no_fault_of_whoever_writes(
    mailed: Mailed, tmp_path: Path
) -> None:
    """503, soberly; nothing stands in the mailbox."""
    mailed.deliver()
    conversation = mailed.listed()[0]["id"]
    desk = mailed.scene.desk
    desk.outbox = Outbox(tmp_path / "mail", durable=False)
    (tmp_path / "mail" / "tmp").rmdir()
    try:
        reply = mailed.ask("POST", body=written(partOf=answering(conversation)))
    finally:
        desk.outbox = None

    assert (reply.status, code(reply)) == (503, "UNAVAILABLE")
    assert len(mailed.listed(mailed.conversation())) == 1
