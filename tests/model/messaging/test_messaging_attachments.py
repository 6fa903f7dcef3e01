"""Attachments: what may be attached, who finds it, what is saved in the record."""

from dataclasses import replace
from datetime import date, timedelta
from typing import cast

import pytest

from etalon_model import Actor, ActorKind, holder, representative, vintage
from etalon_model.messaging.attaching import SaveAttachment
from etalon_model.messaging.conversations import Attachment, AttachmentOrigin, Draft, Message
from etalon_model.messaging.correspondents import MailboxType
from etalon_model.messaging.delivery import DeliverMessage
from etalon_model.messaging.directory import PublishMailbox
from etalon_model.messaging.reading import Conversation, MailboxPage, ReadMailbox, ReadThread
from etalon_model.messaging.transmission import TransmitDocument
from etalon_model.messaging.writing import SaveDraft, WriteMessage
from etalon_model.records.record import Document
from etalon_model.records.rehearsal import RecordRehearsal

WARD = Actor(ActorKind.STRUCTURE, "1750100125")
AT_WARD = "ward@hospital.mssante.fr"
SCAN = Attachment("scan", "image/tiff", 3_000_000, sha1="ab" * 20)


def mailed(care: RecordRehearsal, *attachments: Attachment) -> int:
    """Publish a mailbox and deliver a message with attachments; return the conversation."""
    care.sandbox.do(PublishMailbox(care.now, WARD, "", AT_WARD, MailboxType.ORG))
    message = DeliverMessage(
        care.now, WARD, care.ins, AT_WARD, "Results", "Enclosed", attachments=attachments
    )
    return cast("int", care.sandbox.do(message))


def read(care: RecordRehearsal, by: Actor, number: int = 1) -> tuple[Message, ...]:
    """Return the messages of a conversation as somebody reads them."""
    thread = care.sandbox.do(ReadThread(care.now, by, care.ins, number))
    return cast("Conversation", thread).messages


def attach(unique_id: str) -> Attachment:
    """Return a document of the space to attach, whatever it claims to be."""
    return Attachment("x", "text/plain", 1, AttachmentOrigin.DOCUMENT, unique_id)


@pytest.mark.rule("MSG-06")
def test_a_document_is_attached_as_the_record_holds_it() -> None:
    """Its title, type and size, not those claimed; a section of the profile by its name."""
    care = RecordRehearsal(vintage("launch-2022"))
    document = care.put()
    number = mailed(care)
    section = Attachment("Allergies", "text/plain", 10, AttachmentOrigin.PROFILE, "allergies")
    files = (attach(document.sheet.unique_id), section)
    write = WriteMessage(care.now, care.holder, care.ins, "See", thread=number, attachments=files)

    care.sandbox.do(write)

    first, second = read(care, care.holder)[-1].attachments
    assert (first.name, first.mime, first.size_bytes) == (
        document.sheet.title,
        "application/pdf",
        20_000,
    )
    assert second == section
    unknown = replace(write, attachments=(replace(section, reference="secrets"),))
    assert care.sandbox.refusal(unknown) == ("MSG-06", "NO_SUCH_SECTION")
    draft = SaveDraft(care.now, care.holder, care.ins, "See", attachments=files)
    assert cast("Draft", care.sandbox.do(draft)).remaining_bytes == 10_000_000 - 20_010


@pytest.mark.rule("MSG-06", "VIS-01")
def test_nobody_attaches_a_document_that_they_do_not_see() -> None:
    """Hidden from the patient, unknown or deleted: answered as one that does not exist."""
    care = RecordRehearsal(vintage("launch-2022"))
    hidden = care.put("N", "INVISIBLE_PATIENT")
    number = mailed(care)

    for unique_id in (hidden.sheet.unique_id, "urn:oid:0"):
        files = (attach(unique_id),)
        for command in (
            WriteMessage(care.now, care.holder, care.ins, "x", thread=number, attachments=files),
            SaveDraft(care.now, care.holder, care.ins, "x", attachments=files),
        ):
            assert care.sandbox.refusal(command) == ("VIS-01", "DOCUMENT_NOT_FOUND")
    assert len(read(care, care.holder)) == 1


@pytest.mark.rule("VIS-09", "VIS-01")
def test_a_message_does_not_show_what_the_record_keeps_from_its_reader() -> None:
    """An attachment that is a hidden document of the record is not there for the patient."""
    care = RecordRehearsal(vintage("launch-2022"))
    hidden, seen = care.put("N", "INVISIBLE_PATIENT"), care.put()
    mailed(care, *(attach(one.sheet.unique_id) for one in (hidden, seen)), SCAN)

    (message,) = read(care, care.holder)

    assert [one.reference for one in message.attachments] == [seen.sheet.unique_id, ""]


@pytest.mark.rule("VIS-09")
def test_what_is_hidden_from_representatives_is_not_shown_to_them() -> None:
    """Neither listed, read, saved nor announced; other messages are."""
    care = RecordRehearsal(vintage("launch-2022"), born=date(2007, 3, 1))
    (parent,) = care.parents
    mailed(care)
    known = care.sandbox.service.person(care.ins).identity
    command = TransmitDocument(
        care.now,
        WARD,
        care.ins,
        AT_WARD,
        "1.2.3",
        "Letter",
        "T02",
        ("INVISIBLE_REP_LEGAUX", "DESTMSSANTEPAT"),
        care.ins,
        known.birth_on,
        known.sex,
    )
    by = representative(parent)
    told = [n for n in care.sandbox.service.notifications(care.ins) if n.code == "MESSAGE"]

    care.sandbox.do(command)

    page = cast("MailboxPage", care.sandbox.do(ReadMailbox(care.now, by, care.ins)))
    assert [row.number for row in page.rows] == [1]
    hidden = ReadThread(care.now, by, care.ins, 2)
    assert care.sandbox.refusal(hidden) == ("MSG-09", "NO_SUCH_THREAD")
    save = SaveAttachment(care.now, by, care.ins, 2, 1, 1, "urn:oid:9", "BIOLOGIE")
    assert care.sandbox.refusal(save) == ("MSG-07", "NO_SUCH_ATTACHMENT")
    assert [n for n in care.sandbox.service.notifications(care.ins) if n.code == "MESSAGE"] == told
    care.sandbox.do(replace(command, document="1.2.4", codes=("DESTMSSANTEPAT",)))
    assert len(care.sandbox.service.notifications(care.ins)) > len(told)
    assert len(read(care, by, 3)) == 1


@pytest.mark.rule("VIS-09")
def test_a_message_may_carry_what_is_not_for_the_representatives() -> None:
    """A mail's, as a machine's: neither announced to them nor shown."""
    care = RecordRehearsal(vintage("launch-2022"), born=date(2007, 3, 1))
    (parent,) = care.parents
    mailed(care)
    told = [n for n in care.sandbox.service.notifications(care.ins) if n.code == "MESSAGE"]
    command = DeliverMessage(care.now, WARD, care.ins, AT_WARD, "Letter", "For you alone")

    care.sandbox.do(replace(command, hidden_from_representatives=True))

    hidden = ReadThread(care.now, representative(parent), care.ins, 2)
    assert care.sandbox.refusal(hidden) == ("MSG-09", "NO_SUCH_THREAD")
    assert [n for n in care.sandbox.service.notifications(care.ins) if n.code == "MESSAGE"] == told


@pytest.mark.rule("MSG-07")
def test_an_attachment_is_saved_in_the_record() -> None:
    """As an upload of whoever saves it: its name, type, size and digest."""
    care = RecordRehearsal(vintage("launch-2022"))
    number = mailed(care, SCAN)
    care.sandbox.wait(timedelta(days=1))
    command = SaveAttachment(care.now, care.holder, care.ins, number, 1, 1, "urn:oid:9", "BIOLOGIE")

    saved = care.sandbox.do(command)

    assert isinstance(saved, Document)
    assert saved.depositor == holder(care.ins)
    assert (saved.sheet.title, saved.sheet.form.mime) == ("scan", "image/tiff")
    assert (saved.sheet.size_bytes, saved.sheet.sha1) == (SCAN.size_bytes, SCAN.sha1)
    assert saved.sheet.created_at == care.now - timedelta(days=1)


@pytest.mark.rule("MSG-07")
@pytest.mark.parametrize(
    ("attachment", "change", "refused"),
    [
        (replace(SCAN, size_bytes=8_000_000), {}, ("MSG-07", "NOT_FOR_THE_RECORD")),
        (replace(SCAN, mime="video/mp4"), {}, ("MSG-07", "NOT_FOR_THE_RECORD")),
        (replace(SCAN, size_bytes=0), {}, ("REC-05", "EMPTY_DOCUMENT")),
        (SCAN, {"category": "NONE"}, ("REC-05", "UNKNOWN_CATEGORY")),
        (SCAN, {"thread": 2}, ("MSG-07", "NO_SUCH_THREAD")),
        (SCAN, {"message": 0}, ("MSG-07", "NO_SUCH_ATTACHMENT")),
        (SCAN, {"message": 2}, ("MSG-07", "NO_SUCH_ATTACHMENT")),
        (SCAN, {"attachment": 0}, ("MSG-07", "NO_SUCH_ATTACHMENT")),
        (SCAN, {"attachment": 2}, ("MSG-07", "NO_SUCH_ATTACHMENT")),
        (SCAN, {"actor": WARD}, ("REP-01", "NOT_FOR_THIS_ACTOR")),
    ],
)
def test_what_the_record_would_not_take_is_not_saved(
    attachment: Attachment, change: dict[str, object], refused: tuple[str, str]
) -> None:
    """8 MB, a film, nothing, an unknown category, an attachment that is not there."""
    care = RecordRehearsal(vintage("launch-2022"))
    mailed(care, attachment)
    plain = SaveAttachment(care.now, care.holder, care.ins, 1, 1, 1, "urn:oid:9", "BIOLOGIE")

    assert care.sandbox.refusal(replace(plain, **change)) == refused  # type: ignore[arg-type]


@pytest.mark.rule("MSG-07", "REC-31")
def test_an_infected_attachment_is_not_saved() -> None:
    """The antivirus knows the test file by its digest."""
    care = RecordRehearsal(vintage("launch-2022"))
    known = "3395856ce81f2b7382dee72602f798b642f14140"
    mailed(care, replace(SCAN, sha1=known))
    save = SaveAttachment(care.now, care.holder, care.ins, 1, 1, 1, "urn:oid:9", "BIOLOGIE")

    assert care.sandbox.refusal(save) == ("REC-31", "ANTIVIRUS")
