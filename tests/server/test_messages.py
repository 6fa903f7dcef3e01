"""The messages of a space on the wire: read, answered, kept as drafts, saved in the record."""

import base64
import hashlib
import json
from collections.abc import Generator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

import pytest
from fhir.resources.R4B.communication import Communication

from etalon_model import (
    AcceptTerms,
    Actor,
    AnswerInvitation,
    InviteCaregiver,
    caregiver,
    holder,
    representative,
)
from etalon_model.messaging.conversations import Attachment, AttachmentOrigin
from etalon_model.messaging.correspondents import MailboxType
from etalon_model.messaging.delivery import FINAL_HEADER, DeliverMessage
from etalon_model.messaging.directory import PublishMailbox, RemoveMailbox
from etalon_model.periods import paris_date
from etalon_server.durable.encoding import Kept
from etalon_server.mail.outbox import Outbox
from etalon_server.mail.places import attachment_key, message_id
from etalon_server.messages.places import received_key
from etalon_wire.json_body import Json
from etalon_wire.mail.parsing import parse
from etalon_wire.messages.writing import CAREGIVER, CONVERSATION, FINAL, REMAINING
from etalon_wire.validation.validator import Validator
from etalon_wire.xml_body import read_xml
from in_process import Reply
from rights_scene import LAUNCH, RightsScene, said, treating

DOCTOR: Final = treating(0)
MAILBOX: Final = "doc@medecin.mssante.fr"
OTHER_MAILBOX: Final = "autre@medecin.mssante.fr"
PHARMACY: Final = "officine@pharmacien.mssante.fr"
RESULT: Final = b"%PDF-1.4 resultat"
SHA1: Final = hashlib.sha1(RESULT, usedforsecurity=False).hexdigest()
SCAN: Final = Attachment(
    "resultat.pdf", "application/pdf", len(RESULT), AttachmentOrigin.DEVICE, "", SHA1
)
MAIL_ID: Final = "<1@medecin.mssante.fr>"
VALIDATOR: Final = Validator()


@dataclass
class Mailed:
    """A person to whom a doctor wrote, and who may be asked on the server.

    Attributes:
        scene: The server.
        ins: The person.
    """

    scene: RightsScene
    ins: str

    def deliver(
        self,
        subject: str = "Vos résultats",
        **more: Any,  # noqa: ANN401 (fields of the command)
    ) -> int:
        """Have the doctor write; return the number of the conversation."""
        self.scene.wait(timedelta(minutes=1))
        at, host = self.scene.clock.now(), self.scene.desk.host
        files = more.setdefault("attachments", (SCAN,))
        host.contents.hold(
            [Kept(attachment_key(self.ins, one.sha1), RESULT) for one in files if one.sha1]
        )
        host.contents.hold([Kept(received_key(self.ins, MAILBOX, at), MAIL_ID.encode())])
        command = DeliverMessage(at, DOCTOR, self.ins, MAILBOX, subject, "Bonjour", **more)
        return int(str(self.scene.people.do(command)))

    def ask(
        self, verb: str, path: str = "", body: Json = None, by: Actor | None = None, **more: str
    ) -> Reply:
        """Ask about messages, as the holder or as somebody who acts for them."""
        self.scene.wait(timedelta(seconds=1))
        sent = b"" if body is None else json.dumps(body).encode()
        caller = self.scene.caller(by or holder(self.ins), self.ins)
        return self.scene.ask(caller, verb, f"/fhir/Communication{path}", sent, **more)

    def listed(self, search: str = "", by: Actor | None = None) -> list[dict[str, Any]]:
        """What a search finds, each valid for its profile and for another reader."""
        reply = self.ask("GET", search, by=by)
        assert reply.status == 200, reply.text
        found = [entry["resource"] for entry in reply.json.get("entry", [])]
        for one in found:
            Communication.model_validate(one)
            assert VALIDATOR.validate(one, "mes-communication", "pdsm-strict") == []
        return found

    def conversation(self, by: Actor | None = None) -> str:
        """The search of the messages of the latest conversation."""
        return f"?part-of=Communication/{self.listed(by=by)[0]['id']}"

    def binary(self, resource_id: str, by: Actor | None = None) -> Reply:
        """Read bytes."""
        caller = self.scene.caller(by or holder(self.ins), self.ins)
        return self.scene.ask(caller, "GET", f"/fhir/Binary/{resource_id}", accept="*/*")

    def carer(self) -> Actor:
        """A caregiver of the person."""
        other, people = self.scene.person(), self.scene.people
        people.do(InviteCaregiver(people.now, holder(self.ins), self.ins, other))
        people.do(AnswerInvitation(people.now, caregiver(other), self.ins, accept=True))
        self.scene.clock.start_at(people.now)
        return caregiver(other)


@pytest.fixture(scope="module")
def scene() -> Generator[RightsScene]:
    """One server, on which three mailboxes are published."""
    opened = RightsScene(validator=VALIDATOR)
    for actor, address, pharmacy in (
        (DOCTOR, MAILBOX, False),
        (DOCTOR, OTHER_MAILBOX, False),
        (treating(1), PHARMACY, True),
    ):
        command = PublishMailbox(opened.people.now, actor, "", address, MailboxType.PER, pharmacy)
        opened.people.do(command)
    yield opened
    opened.close()


@pytest.fixture
def mailed(scene: RightsScene) -> Mailed:
    """A person to whom nobody wrote yet."""
    return Mailed(scene, scene.person())


def written(status: str = "completed", **more: Json) -> dict[str, Json]:
    """A message as it is sent."""
    return {
        "resourceType": "Communication",
        "status": status,
        "payload": [{"contentString": "Merci"}],
        **more,
    }


def to(address: str = PHARMACY) -> list[Json]:
    """A recipient."""
    return [{"identifier": {"system": "urn:ietf:rfc:3986", "value": f"mailto:{address}"}}]


def answering(resource_id: str) -> Json:
    """What is answered."""
    return [{"reference": f"Communication/{resource_id}"}]


def file(content: bytes = b"abc", title: str = "mot.txt", mime: str = "text/plain") -> Json:
    """A file that comes with a message."""
    data = base64.b64encode(content).decode()
    return {"contentAttachment": {"contentType": mime, "title": title, "data": data}}


def attachments(resource: dict[str, Any]) -> list[dict[str, Any]]:
    """What is attached to a message."""
    return [one["contentAttachment"] for one in resource["payload"] if "contentAttachment" in one]


def binary_id(attachment: dict[str, Any]) -> str:
    """The address of an attachment."""
    return str(attachment["url"]).rpartition("/")[2]


def marked(resource: dict[str, Any], url: str) -> dict[str, Any]:
    """An extension of a resource, empty when it is not there."""
    nothing: dict[str, Any] = {}
    return next((one for one in resource.get("extension", []) if one["url"] == url), nothing)


def told(resource: dict[str, Any]) -> dict[str, Any]:
    """What a conversation says of itself."""
    inner = marked(resource, CONVERSATION)["extension"]
    return {one["url"]: one.get("valueUnsignedInt", one.get("valueCode")) for one in inner}


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


def code(reply: Reply) -> str:
    """Why a request was refused."""
    return str(reply.json["issue"][0]["details"]["coding"][0]["code"])


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


def test_contacts_are_who_wrote_then_pharmacies(mailed: Mailed) -> None:
    """With the mailbox one writes to."""
    mailed.deliver()

    reply = mailed.ask("POST", "/$mes-contacts", {"resourceType": "Parameters", "parameter": []})

    found = [one["resource"]["telecom"] for one in reply.json["entry"]]
    assert [[one["value"] for one in telecom] for telecom in found] == [[MAILBOX], [PHARMACY]]


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


def save(
    mailed: Mailed, attachment: str, by: Actor | None = None, category: str = "RADIO_SC"
) -> Reply:
    """Save an attachment in the record."""
    parts = [
        said("attachment", valueString=attachment),
        said("category", valueCode=category),
    ]
    body: Json = {"resourceType": "Parameters", "parameter": parts}
    return mailed.ask("POST", "/$mes-save-attachment", body, by)


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

    thread = 1
    now = mailed.scene.service.person(mailed.ins).holdings
    assert now is not None
    assert now.mailbox is not None
    at = now.mailbox.threads[thread].messages[-1].at
    assert (letter.sender, letter.recipients) == (f"{mailed.ins}@patient.mssante.fr", (MAILBOX,))
    assert (letter.subject, letter.text.strip()) == ("Re: Vos résultats", "Merci\ndocteur")
    assert (letter.message_id, letter.answers) == (message_id(mailed.ins, thread, at), MAIL_ID)
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
