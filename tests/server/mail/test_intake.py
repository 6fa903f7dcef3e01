"""Mails taken: what comes of them, what is sent back, and what the log says."""

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import pytest

from etalon_model.actors import holder
from etalon_model.messaging.conversations import AttachmentOrigin, ReplyKind
from etalon_model.messaging.directory import RemoveMailbox
from etalon_model.messaging.writing import WriteMessage
from etalon_model.records.record import Status
from etalon_model.states import State
from etalon_server.mail.places import attachment_key, message_id
from etalon_server.records.places import kept_bytes_of
from etalon_wire.mail.clinical_writing import write_clinical_document
from etalon_wire.mail.lots import Enclosed, Lot, write_lot
from etalon_wire.mail.messages import Attachment, compose, patient_address
from mail_scene import AT_DOCTOR, AT_HOSPITAL, DOCTOR, HOSPITAL, PDF, MailScene

if TYPE_CHECKING:
    from etalon_model.records.deposit import Subject


@pytest.mark.requirement("W-MSS-04", "W-MSS-05", "W-MSS-07")
def test_a_lot_becomes_a_message_and_documents_and_a_receipt(scene: MailScene) -> None:
    """The documents are in the record, in the message, and the receipt carries them back."""
    mail = scene.mail(scene.lot("one", "two"), files=[Attachment("p.pdf", "application/pdf", PDF)])

    reply = scene.take(mail)

    assert reply.code == 250
    documents = list(scene.documents().values())
    read = scene.conversation()
    assert read is not None
    (message,) = read.messages
    assert (read.subject, message.text) == (mail.subject, mail.text)
    assert [one.reference for one in message.attachments] == [
        *(one.unique_id for one in documents),
        "",
    ]
    assert {one.origin for one in message.attachments[:2]} == {AttachmentOrigin.DOCUMENT}
    ins, contents = scene.whose.ins, scene.desk.contents
    body = contents.body(kept_bytes_of(ins, documents[0]))
    assert body is not None
    assert b"ClinicalDocument" in body
    assert contents.body(attachment_key(ins, message.attachments[2].sha1)) == PDF
    (receipt,) = scene.receipts()
    assert (receipt.code, receipt.answers, receipt.asked) == (0, mail.message_id, True)
    assert receipt.recipient == patient_address(ins)
    assert {one.name for one in receipt.attachments} >= {"IHE_XDM.zip", "p.pdf"}


def test_a_large_mail_is_taken_as_a_small_one(scene: MailScene) -> None:
    """Read and answered aside; its files come back whole."""
    large = Attachment("scan.png", "image/png", bytes(range(256)) * 1_500)

    assert scene.take(scene.mail(scene.lot(), files=[large])).code == 250

    (receipt,) = scene.receipts()
    assert large in receipt.attachments
    assert len(scene.documents()) == 1


@pytest.mark.requirement("W-MSS-04")
def test_where_no_notification_is_asked_a_receipt_is_an_ordinary_mail(scene: MailScene) -> None:
    """It carries the mail answered as message_original.eml, and is a program's."""
    scene.take(replace(scene.mail(scene.lot()), receipt_to=""))

    (receipt,) = scene.receipts()
    assert not receipt.asked
    assert "message_original.eml" in {one.name for one in receipt.attachments}


@pytest.mark.requirement("W-MSS-08")
def test_a_mail_that_closes_its_conversation_takes_no_answer(scene: MailScene) -> None:
    """FIN; without it the holder may answer."""
    scene.take(scene.mail(None))
    scene.take(replace(scene.mail(None), closes=True))

    kinds = [read.reply_kind for n in (1, 2) if (read := scene.conversation(n)) is not None]
    assert kinds == [ReplyKind.REPLY, ReplyKind.REPLY_BLOCKED]


def test_a_mail_without_documents_has_no_receipt(scene: MailScene) -> None:
    """Nothing was to be taken; a program's mail is read and never answered."""
    assert scene.take(scene.mail(None)).code == 250
    assert scene.take(replace(scene.mail(scene.lot()), automatic=True)).code == 250

    assert scene.receipts() == []
    assert len(scene.documents()) == 1


def test_the_same_mail_again_is_told_again_and_taken_once(scene: MailScene) -> None:
    """As its sender does who heard nothing, and nobody else; other words make another mail."""
    mail = scene.mail(scene.lot())
    body = compose(mail)

    for again in (body, body, b"Received: from a by b\r\n" + body):
        assert scene.take(again).code == 250
    assert scene.conversation(2) is None
    assert scene.take(body, AT_DOCTOR).code == 530
    scene.take(replace(mail, attachments=(), subject="Autre"))

    assert [receipt.code for receipt in scene.receipts()] == [0, 0, 0]
    assert scene.conversation(2) is not None
    assert len(scene.documents()) == 1


def test_an_answer_comes_back_into_the_conversation_it_answers(scene: MailScene) -> None:
    """By the identifier that the space gave; of another space or sender it begins another."""
    scene.take(scene.mail(None))
    at, ins = scene.desk.host.clock.now(), scene.whose.ins
    mail = scene.mail(None)
    sent = replace(mail, sender=patient_address(ins), recipients=(AT_HOSPITAL,), receipt_to="")
    sent = replace(sent, message_id=message_id(ins, 1, at))
    write = WriteMessage(at, holder(ins), ins, "Merci", thread=1)

    scene.leave(write, sent)
    scene.take(replace(scene.mail(None), answers=sent.message_id))
    scene.take(replace(scene.mail(None, AT_DOCTOR), answers=sent.message_id))
    scene.take(replace(scene.mail(None), answers=message_id(scene.people[1].ins, 1, at)))

    assert [len(read.messages) for n in (1, 2, 3) if (read := scene.conversation(n))] == [3, 1, 1]
    assert len(scene.outbox.waiting()) == 1
    refused = scene.leave(replace(write, thread=9), sent)
    assert refused == "NO_SUCH_THREAD"
    assert len(scene.outbox.waiting()) == 1


def other_patient(scene: MailScene, ins: str) -> Lot:
    """A lot whose documents are of somebody else."""
    return with_subject(scene, ins=ins)


def with_subject(scene: MailScene, **changed: object) -> Lot:
    """A lot whose metadata say other of the patient, and documents that say it too."""
    lot = scene.lot()
    described = lot.documents[0].described
    subject = replace(cast("Subject", described.subject), **changed)  # type: ignore[arg-type]
    made = written_again(Enclosed(replace(described, subject=subject), b""))
    return Lot(replace(lot.submission, subject=subject), (made,))


def written_again(enclosed: Enclosed) -> Enclosed:
    """A document whose header says what its metadata do."""
    return replace(
        enclosed, content=write_clinical_document(enclosed.described, PDF, "application/pdf")
    )


def in_the_document(scene: MailScene, before: bytes, after: bytes) -> Lot:
    """A lot whose document says other than its metadata."""
    lot = scene.lot()
    (one,) = lot.documents
    assert before in one.content
    return replace(lot, documents=(replace(one, content=one.content.replace(before, after)),))


def packed(scene: MailScene, name: str, content: bytes, mode: int = 0o100644) -> bytes:
    """A sound lot with one more file."""
    into = io.BytesIO(write_lot(scene.lot()))
    with zipfile.ZipFile(into, "a", zipfile.ZIP_DEFLATED) as archive:
        entry = zipfile.ZipInfo(name)
        entry.create_system, entry.external_attr = 3, mode << 16
        archive.writestr(entry, content, zipfile.ZIP_DEFLATED)
    return into.getvalue()


def two_patients(scene: MailScene) -> Lot:
    """A lot of two documents, the second one of somebody else."""
    lot, other = scene.lot(), with_subject(scene, ins=scene.people[1].ins)
    return replace(lot, documents=(*lot.documents, *other.documents))


FAULTY: Final[list[tuple[int, Callable[[MailScene], Lot | bytes]]]] = [
    (902, lambda s: other_patient(s, "255081416802538")),
    (903, lambda s: with_subject(s, oid="1.2.3")),
    (903, lambda s: in_the_document(s, b"1.2.250.1.213.1.4", b"1.2.999.1.213.1.4")),
    (904, lambda s: other_patient(s, s.people[1].ins)),
    (904, lambda s: with_subject(s, birth_on=date(1901, 2, 3))),
    (904, lambda s: in_the_document(s, s.whose.ins.encode(), s.people[1].ins.encode())),
    (905, lambda s: with_subject(s, sex="")),
    (905, lambda s: in_the_document(s, b"administrativeGenderCode", b"religiousCode")),
    (900, lambda s: s.lot("new", replaced="urn:oid:1.2.3")),
    (906, lambda s: s.lot("hidden", codes=("N", "INVISIBLE_PATIENT"))),
    (906, lambda s: s.lot("unknown", codes=("N", "SECRET"))),
    (906, lambda s: s.lot("ahead", at=s.desk.host.clock.now() + timedelta(days=1))),
    (906, lambda s: s.lot("twice", "twice")),
    (906, lambda s: in_the_document(s, b"11488-4", b"11490-0")),
    (906, lambda s: in_the_document(s, b"ClinicalDocument", b"Document")),
    (906, lambda _: b""),
    (906, lambda _: b"PK\x05\x06" + bytes(18)),
    (906, lambda s: packed(s, "../../etc/passwd", b"x")),
    (906, lambda s: packed(s, "link", b"/etc/passwd", mode=0o120777)),
    (906, lambda s: packed(s, "bomb", bytes(64 * 1024 * 1024))),
    (906, two_patients),
]


@pytest.mark.requirement("W-MSS-06", "W-MSS-09", "W-CDA-03")
@pytest.mark.parametrize(
    ("number", "faulty"),
    FAULTY,
)
def test_a_lot_that_is_not_right_is_sent_back_under_its_number(
    scene: MailScene, number: int, faulty: Callable[[MailScene], Lot | bytes]
) -> None:
    """Taken by SMTP, refused by a receipt, in the log, and nothing is stored of it."""
    reply = scene.take(scene.mail(faulty(scene)))

    assert reply.code == 250
    assert [receipt.code for receipt in scene.receipts()] == [number]
    assert scene.is_untouched()
    assert "LOT_REFUSED" in scene.refusals()


@pytest.mark.requirement("W-MSS-06")
def test_a_version_is_replaced_by_its_author_and_once(scene: MailScene) -> None:
    """900 for a version that is not the last, 901 for whoever did not deposit it."""
    scene.take(scene.mail(scene.lot("first")))
    (first,) = scene.documents()
    scene.take(scene.mail(scene.lot("by another", replaced=first, author=DOCTOR), AT_DOCTOR))
    scene.take(scene.mail(scene.lot("second", replaced=first)))
    scene.take(scene.mail(scene.lot("third", replaced=first)))

    assert [receipt.code for receipt in scene.receipts()] == [0, 901, 0, 900]
    statuses = [one.status for one in scene.documents().values()]
    assert statuses == [Status.SUPERSEDED, Status.CURRENT]


@pytest.mark.parametrize(
    ("forged", "envelope", "domains"),
    [
        ({}, AT_DOCTOR, None),
        ({"sender": AT_DOCTOR}, AT_HOSPITAL, None),
        ({"sender": "nobody@hospital.mssante.fr"}, "nobody@hospital.mssante.fr", None),
        ({"sender": "app@hospital.example"}, "app@hospital.example", None),
        ({}, AT_HOSPITAL, frozenset({"clinic.mssante.fr"})),
    ],
    ids=["envelope", "from", "unknown", "outside", "certificate"],
)
def test_a_forged_sender_is_refused_and_the_log_has_it(
    scene: MailScene, forged: dict[str, str], envelope: str, domains: frozenset[str] | None
) -> None:
    """530; the log says that somebody unknown wrote, and not who they said; nobody is answered."""
    mail = replace(scene.mail(scene.lot()), **forged)  # type: ignore[arg-type]

    reply = scene.take(mail, envelope, domains)

    assert reply.code == 530
    assert scene.receipts() == []
    assert scene.is_untouched()
    last = scene.desk.host.service.log(scene.whose.ins)[-1]
    assert (last.deed.refused, last.actor.ident) == ("SENDER_UNKNOWN", "unknown sender")


def test_a_certificate_answers_for_its_own_domains(scene: MailScene) -> None:
    """And a sender who left the directory is no sender."""
    domains = frozenset({"hospital.mssante.fr"})
    assert scene.take(scene.mail(scene.lot()), domains=domains).code == 250

    at = scene.desk.host.clock.now()
    scene.do(RemoveMailbox(at, HOSPITAL, "", AT_HOSPITAL))
    assert scene.take(scene.mail(None), domains=domains).code == 530


SOUND: Final = (
    b"From: app@hospital.mssante.fr\r\nSubject: a\r\nMessage-ID: <1@b.fr>\r\n"
    b"Date: Tue, 1 Feb 2022 10:00:00 +0100\r\n\r\n"
)


def test_a_mail_of_few_headers_is_taken(scene: MailScene) -> None:
    """What is refused below is refused for one of its headers."""
    assert scene.take(SOUND).code == 250


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no header at all",
        b"From: a@b.fr\r\nFrom: c@d.fr\r\n\r\n",
        b"From: app@hospital.mssante.fr\r\nSubject: x\r\n\r\nno date",
        b"From: a@b.fr\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n",
        b"From: \xff\xfe\r\nMessage-ID: <1@b>\r\n\r\n",
        SOUND.replace(b"Subject: a", b"Subject: =?utf-8?q?a=0D=0ABcc:_b@c.fr?="),
        SOUND.replace(b"Subject: a", b"Reply-To: =?utf-8?q?a=40b.fr=0D=0ABcc:_b=40c.fr?="),
    ],
)
def test_a_mail_that_cannot_be_read_is_refused_at_once(scene: MailScene, body: bytes) -> None:
    """554: nobody could be answered; the line is plain, and the log has it."""
    reply = scene.take(body)

    assert reply.code == 554
    assert reply.line.isascii()
    assert scene.is_untouched()
    assert scene.refusals()[-1] == "LOT_REFUSED"
    assert scene.receipts() == []


@pytest.mark.parametrize(("size", "code"), [(5_000 - len(PDF), 250), (5_001 - len(PDF), 523)])
def test_files_beyond_what_a_mailbox_takes_are_refused(
    tmp_path: Path, size: int, code: int
) -> None:
    """523, and nothing of it stays; they count together."""
    scene = MailScene(tmp_path, limit_bytes=5_000)
    files = [Attachment("a", "application/pdf", PDF), Attachment("b", "image/png", bytes(size))]

    assert scene.take(scene.mail(None, files=files)).code == code
    assert (scene.conversation() is None) == (code == 523)
    scene.close()


@pytest.mark.parametrize(
    ("state", "code"),
    [(State.SUSPENDED, 450), (State.OPPOSED, 550), (State.CLOSED_ARCHIVED, 550)],
)
def test_a_space_that_is_not_open_takes_no_mail(tmp_path: Path, state: State, code: int) -> None:
    """450 while it is suspended, 550 for good; the log has it."""
    scene = MailScene(tmp_path, state=state)

    assert scene.take(scene.mail(scene.lot())).code == code
    assert scene.is_untouched()
    assert scene.receipts() == []
    assert scene.refusals()[-1] in {"MAILBOX_SUSPENDED", "MAILBOX_UNAVAILABLE"}
    scene.close()
