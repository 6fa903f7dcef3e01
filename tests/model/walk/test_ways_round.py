"""What the truth table keeps from somebody is not told them by another way round."""

from datetime import date
from typing import cast

import pytest

from etalon_model import Actor, ActorKind, holder, representative, vintage
from etalon_model.access import LogPage, ReadLog
from etalon_model.messaging.conversations import Attachment, AttachmentOrigin, Message
from etalon_model.messaging.correspondents import MailboxType
from etalon_model.messaging.delivery import DeliverMessage
from etalon_model.messaging.directory import PublishMailbox
from etalon_model.messaging.reading import Conversation, MailboxPage, ReadMailbox, ReadThread
from etalon_model.messaging.transmission import TransmitDocument
from etalon_model.messaging.writing import SaveDraft
from etalon_model.records.changes import DeleteDocument
from etalon_model.records.deposit import DepositDocument, Means
from etalon_model.records.masking import HideFromPatient, MaskDocument
from etalon_model.records.record import Document
from etalon_model.records.rehearsal import DOCTOR, RecordRehearsal
from etalon_model.records.sections import ReadSection
from etalon_model.records.uploads import UploadDocument
from etalon_model.records.wishes import DeclareDirectives

LAUNCH = vintage("launch-2022")
BORN_A_MINOR = date(2007, 3, 1)
WARD = Actor(ActorKind.STRUCTURE, "1750100125")
AT_WARD = "ward@hospital.mssante.fr"


def mailed(care: RecordRehearsal, *attachments: Attachment, thread: int = 0) -> None:
    """Deliver a message of the ward."""
    message = DeliverMessage(
        care.now, WARD, care.ins, AT_WARD, "Results", "Enclosed", thread, attachments=attachments
    )
    care.sandbox.do(message)


def attach(document: Document) -> Attachment:
    """Return a document of the record, attached."""
    return Attachment("x", "text/plain", 1, AttachmentOrigin.DOCUMENT, document.unique_id)


def mailbox(care: RecordRehearsal, by: Actor) -> MailboxPage:
    """Return the mailbox as somebody lists it."""
    return cast("MailboxPage", care.sandbox.do(ReadMailbox(care.now, by, care.ins)))


def first_message(care: RecordRehearsal) -> Message:
    """Return the first message of the first conversation, as the holder reads it."""
    thread = care.sandbox.do(ReadThread(care.now, care.holder, care.ins, 1))
    return cast("Conversation", thread).messages[0]


@pytest.mark.rule("VIS-01", "REC-20")
def test_masked_directives_are_not_named_to_professionals() -> None:
    """The section of wishes names them to the holder alone, once they are masked."""
    care = RecordRehearsal(LAUNCH)
    care.team(DOCTOR)
    upload = UploadDocument(
        care.now,
        care.holder,
        care.ins,
        "urn:oid:1.2.3",
        "DIR_ANT",
        "Directives",
        "pdf",
        20_000,
        "ab" * 20,
        care.now,
    )
    care.sandbox.do(upload)
    care.sandbox.do(DeclareDirectives(care.now, care.holder, care.ins, upload.unique_id))

    def named(by: Actor) -> object:
        return care.sandbox.do(ReadSection(care.now, by, care.ins, "wishes"))

    assert named(DOCTOR) == named(care.holder) == upload.unique_id
    care.sandbox.do(MaskDocument(care.now, care.holder, care.ins, upload.unique_id))

    assert named(DOCTOR) == ""
    assert named(care.holder) == upload.unique_id


@pytest.mark.rule("VIS-01", "MSG-10")
def test_a_draft_does_not_show_what_was_hidden_since() -> None:
    """The draft stays, without what its reader no longer sees."""
    care = RecordRehearsal(LAUNCH)
    document, other = care.put(), care.put()
    files = (attach(document), attach(other))
    care.sandbox.do(SaveDraft(care.now, care.holder, care.ins, "See", attachments=files))
    care.sandbox.do(HideFromPatient(care.now, DOCTOR, care.ins, document.unique_id))

    (draft,) = mailbox(care, care.holder).drafts

    assert [one.reference for one in draft.attachments] == [other.unique_id]
    assert draft.text == "See"


@pytest.mark.rule("VIS-01", "REC-14")
def test_a_deleted_document_is_in_no_message() -> None:
    """Out of everybody's sight, attachments included."""
    care = RecordRehearsal(LAUNCH)
    document = care.put()
    care.sandbox.do(PublishMailbox(care.now, WARD, "", AT_WARD, MailboxType.ORG))
    mailed(care, attach(document))
    assert len(first_message(care).attachments) == 1

    care.sandbox.do(DeleteDocument(care.now, DOCTOR, care.ins, document.unique_id, Means.CPS))

    assert first_message(care).attachments == ()


@pytest.mark.rule("VIS-09")
def test_a_conversation_tells_representatives_neither_the_title_nor_the_count_of_what_is_kept() -> (
    None
):
    """The title of a document kept from them is the subject of its conversation."""
    care = RecordRehearsal(LAUNCH, born=BORN_A_MINOR)
    parent = representative(care.parents[0])
    care.sandbox.do(PublishMailbox(care.now, WARD, "", AT_WARD, MailboxType.ORG))
    known = care.sandbox.service.person(care.ins).identity
    codes = ("INVISIBLE_REP_LEGAUX", "DESTMSSANTEPAT")
    secret = TransmitDocument(
        care.now,
        WARD,
        care.ins,
        AT_WARD,
        "1.2.3",
        "Secret",
        "T02",
        codes,
        care.ins,
        known.birth_on,
        known.sex,
    )
    care.sandbox.do(secret)
    mailed(care, thread=1)

    (row,) = mailbox(care, parent).rows
    thread = care.sandbox.do(ReadThread(care.now, parent, care.ins, 1))

    assert (row.subject, row.messages, row.unread) == ("", 1, 1)
    assert cast("Conversation", thread).subject == ""
    (own,) = mailbox(care, holder(care.ins)).rows
    assert (own.subject, own.messages) == ("Secret", 2)


@pytest.mark.rule("VIS-04", "VIS-10", "TRC-02")
@pytest.mark.parametrize(
    ("codes", "secret_act", "said"),
    [
        (("N",), False, "11488-4"),
        (("N", "MASQUE_PS"), False, "11488-4"),
        (("N", "INVISIBLE_PATIENT"), False, ""),
        (("N", "INVISIBLE_REPRESENTANTS_LEGAUX"), False, ""),
        (("N",), True, ""),
    ],
)
def test_the_log_does_not_say_of_which_type_a_hidden_document_is(
    codes: tuple[str, ...], said: str, *, secret_act: bool
) -> None:
    """It says that a document was deposited, by whom and when."""
    care = RecordRehearsal(LAUNCH, born=BORN_A_MINOR)
    plain = care.deposit(*codes)
    care.sandbox.do(
        DepositDocument(
            plain.at,
            plain.actor,
            plain.ins,
            plain.sheet,
            plain.subject,
            plain.means,
            codes,
            secret_act,
        )
    )

    page = care.sandbox.do(ReadLog(care.now, representative(care.parents[0]), care.ins))

    row = cast("LogPage", page).rows[0]
    assert (row.deed.action, row.actor, row.deed.detail) == ("DepositDocument", DOCTOR, said)
