"""Conversations: who writes first, what may follow, what is kept."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import cast

import pytest

from etalon_model import (
    SYSTEM,
    Actor,
    ActorKind,
    AnswerInvitation,
    InviteCaregiver,
    Parameters,
    State,
    caregiver,
    holder,
    representative,
    vintage,
)
from etalon_model.messaging.conversations import (
    Attachment,
    AttachmentOrigin,
    Draft,
    Message,
    ReplyKind,
)
from etalon_model.messaging.correspondents import Correspondent, MailboxType, address_of
from etalon_model.messaging.delivery import FINAL_HEADER, DeliverMessage
from etalon_model.messaging.delivery_codes import Acknowledgement, acknowledgement
from etalon_model.messaging.directory import PublishMailbox, RemoveMailbox
from etalon_model.messaging.reading import (
    Conversation,
    DeleteThread,
    FindContacts,
    MailboxPage,
    ReadMailbox,
    ReadThread,
)
from etalon_model.messaging.writing import DeleteDraft, SaveDraft, WriteMessage
from etalon_model.sandbox import Sandbox

DOCTOR = Actor(ActorKind.PROFESSIONAL, "899700366240")
NURSE = Actor(ActorKind.PROFESSIONAL, "899700366257")
HOSPITAL = Actor(ActorKind.STRUCTURE, "1750100125")
CHEMIST = Actor(ActorKind.STRUCTURE, "1750100133")
AT_DOCTOR = "doctor@pro.mssante.fr"
AT_NURSE = "nurse@pro.mssante.fr"
AT_HOSPITAL = "ward@hospital.mssante.fr"
AT_MACHINE = "results@hospital.mssante.fr"
AT_CHEMIST = "chemist@pharmacy.mssante.fr"
AT_HIDDEN = "hidden@pharmacy.mssante.fr"
SUBJECT = "Biopsy"
LIMIT = 10_000_000


@dataclass(frozen=True, slots=True)
class Scene:
    """A service with a directory and somebody who entered their space."""

    box: Sandbox
    ins: str

    def deliver(self, by: Actor = DOCTOR, sender: str = AT_DOCTOR, **more: object) -> int:
        """Deliver a message that must arrive; return the number of the conversation."""
        return cast("int", self.box.do(self.message(by, sender, **more)))

    def message(
        self, by: Actor = DOCTOR, sender: str = AT_DOCTOR, **more: object
    ) -> DeliverMessage:
        """Return a message as a professional sends it now."""
        plain = DeliverMessage(self.box.now, by, self.ins, sender, SUBJECT, "Result: benign")
        return replace(plain, **more)  # type: ignore[arg-type]

    def write(self, **more: object) -> WriteMessage:
        """Return a message as the holder sends it now."""
        plain = WriteMessage(self.box.now, holder(self.ins), self.ins, "Thank you")
        return replace(plain, **more)  # type: ignore[arg-type]

    def thread(self, number: int) -> Conversation:
        """Return a conversation as the holder reads it."""
        read = ReadThread(self.box.now, holder(self.ins), self.ins, number)
        return cast("Conversation", self.box.do(read))

    def page(self, page: int = 1) -> MailboxPage:
        """Return a page of conversations as the holder lists them."""
        read = ReadMailbox(self.box.now, holder(self.ins), self.ins, page)
        return cast("MailboxPage", self.box.do(read))


def publish(box: Sandbox) -> None:
    """Publish the mailboxes of the tests."""
    for by, address, kind, more in (
        (DOCTOR, AT_DOCTOR, MailboxType.PER, {}),
        (NURSE, AT_NURSE, MailboxType.CAB, {"red_listed": True}),
        (HOSPITAL, AT_HOSPITAL, MailboxType.ORG, {}),
        (HOSPITAL, AT_MACHINE, MailboxType.APP, {}),
        (CHEMIST, AT_CHEMIST, MailboxType.ORG, {"pharmacy": True}),
        (CHEMIST, AT_HIDDEN, MailboxType.ORG, {"pharmacy": True, "red_listed": True}),
    ):
        box.do(PublishMailbox(box.now, by, "", address, kind, **more))


@pytest.fixture
def scene(launch: Sandbox) -> Scene:
    """Return a directory and an activated space."""
    publish(launch)
    ins = launch.person()
    launch.bring(ins, State.OPEN_ACTIVE)
    return Scene(launch, ins)


@pytest.mark.rule("MSG-01")
def test_the_address_of_a_space_is_its_matricule_in_the_trust_space(scene: Scene) -> None:
    """Messages go to it and answers come from it."""
    number = scene.deliver()
    scene.box.do(scene.write(thread=number))

    first, answer = scene.thread(number).messages

    assert address_of("255081416802538") == "255081416802538@patient.mssante.fr"
    assert first.recipients == (answer.sender,) == (address_of(scene.ins),)
    assert answer.recipients == (first.sender,) == (AT_DOCTOR,)


@pytest.mark.rule("MSG-02")
def test_a_professional_writes_first_and_is_then_answered(scene: Scene) -> None:
    """Before the first message nothing goes to them; afterwards a new message does too."""
    first = scene.write(kind=ReplyKind.NEW_MESSAGE, to=AT_DOCTOR, subject="Question")
    assert scene.box.refusal(first) == ("MSG-02", "NEVER_WROTE")

    scene.deliver()

    assert scene.box.do(first) == 2
    assert scene.thread(2).subject == "Question"
    unknown = scene.write(kind=ReplyKind.NEW_MESSAGE, to="nobody@pro.mssante.fr")
    assert scene.box.refusal(unknown) == ("MSG-02", "NEVER_WROTE")


@pytest.mark.rule("MSG-02", "MSG-12")
def test_only_the_bearer_of_an_active_mailbox_writes_to_a_space(scene: Scene) -> None:
    """Neither another professional, nor the holder, nor an address nobody published."""
    refused = ("MSG-12", "SENDER_UNKNOWN")

    assert scene.box.refusal(scene.message(NURSE)) == refused
    assert scene.box.refusal(scene.message(DOCTOR, "other@pro.mssante.fr")) == refused
    assert scene.box.refusal(scene.message(Actor(ActorKind.STRUCTURE, DOCTOR.ident))) == refused
    assert scene.box.refusal(scene.message(holder(scene.ins))) == ("MSG-02", "NOT_FOR_THIS_ACTOR")
    scene.box.do(RemoveMailbox(scene.box.now, DOCTOR, "", AT_DOCTOR))
    assert scene.box.refusal(scene.message()) == refused
    assert scene.page().rows == ()


@pytest.mark.rule("MSG-03", "MSG-12")
def test_a_pharmacy_is_written_to_first_and_found_unless_on_the_red_list(scene: Scene) -> None:
    """Contacts come before pharmacies; who left the directory is not found."""
    scene.deliver(HOSPITAL, AT_HOSPITAL)
    scene.deliver(NURSE, AT_NURSE)
    find = FindContacts(scene.box.now, holder(scene.ins), scene.ins)

    found = cast("tuple[Correspondent, ...]", scene.box.do(find))
    written = scene.write(kind=ReplyKind.NEW_MESSAGE, to=AT_CHEMIST, subject="Opening hours")

    assert [other.address for other in found] == [AT_HOSPITAL, AT_NURSE, AT_CHEMIST]
    assert scene.box.do(written) == 3
    scene.box.do(RemoveMailbox(scene.box.now, SYSTEM, "", AT_CHEMIST))
    found = cast("tuple[Correspondent, ...]", scene.box.do(find))
    assert [other.address for other in found] == [AT_HOSPITAL, AT_NURSE]


@pytest.mark.rule("MSG-04")
def test_a_conversation_says_what_may_follow(scene: Scene) -> None:
    """One correspondent, several, a machine, an ended one."""
    several = scene.deliver(others=(AT_NURSE,))
    numbers = {
        ReplyKind.REPLY: scene.deliver(),
        ReplyKind.REPLY_TO_ALL: several,
        ReplyKind.NO_REPLY: scene.deliver(HOSPITAL, AT_MACHINE),
        ReplyKind.REPLY_BLOCKED: scene.deliver(headers=(FINAL_HEADER,)),
    }

    assert {kind: scene.thread(number).reply_kind for kind, number in numbers.items()} == {
        kind: kind for kind in numbers
    }
    assert set(ReplyKind) - set(numbers) == {ReplyKind.NEW_MESSAGE}


@pytest.mark.rule("MSG-04")
@pytest.mark.parametrize(
    ("kind", "others", "to", "refused"),
    [
        (ReplyKind.REPLY, (), (AT_DOCTOR,), None),
        (ReplyKind.REPLY, (AT_NURSE,), (AT_DOCTOR,), None),
        (ReplyKind.REPLY_TO_ALL, (AT_NURSE,), (AT_DOCTOR, AT_NURSE), None),
        (ReplyKind.REPLY_TO_ALL, (), (), "NOT_A_REPLY_KIND"),
        (ReplyKind.NEW_MESSAGE, (), (), "NOT_A_REPLY_KIND"),
        (ReplyKind.NO_REPLY, (), (), "NOT_A_REPLY_KIND"),
    ],
)
def test_an_answer_is_of_a_kind_that_the_conversation_takes(
    scene: Scene,
    kind: ReplyKind,
    others: tuple[str, ...],
    to: tuple[str, ...],
    refused: str | None,
) -> None:
    """To the last who wrote, or to everybody when there are several."""
    number = scene.deliver(others=others)
    command = scene.write(kind=kind, thread=number)

    if refused is None:
        scene.box.do(command)
        assert scene.thread(number).messages[-1].recipients == to
    else:
        assert scene.box.refusal(command) == ("MSG-04", refused)
        assert len(scene.thread(number).messages) == 1


@pytest.mark.rule("MSG-04")
def test_an_answer_goes_to_the_last_who_wrote(scene: Scene) -> None:
    """Even when somebody else began; a stranger does not join a conversation."""
    number = scene.deliver(others=(AT_NURSE,))
    scene.deliver(NURSE, AT_NURSE, thread=number)
    scene.box.do(scene.write(thread=number))
    scene.box.do(scene.write(thread=number))

    assert scene.thread(number).messages[-1].recipients == (AT_NURSE,)
    joining = scene.message(HOSPITAL, AT_HOSPITAL, thread=number)
    assert scene.box.refusal(joining) == ("MSG-02", "NO_SUCH_THREAD")
    missing = scene.message(thread=7)
    assert scene.box.refusal(missing) == ("MSG-02", "NO_SUCH_THREAD")
    assert scene.box.refusal(scene.write(thread=7)) == ("MSG-04", "NO_SUCH_THREAD")


@pytest.mark.rule("MSG-04")
def test_nobody_answers_a_machine(scene: Scene) -> None:
    """Neither in its conversation nor with a new message."""
    number = scene.deliver(HOSPITAL, AT_MACHINE)
    new = scene.write(kind=ReplyKind.NEW_MESSAGE, to=AT_MACHINE)

    assert scene.box.refusal(scene.write(thread=number)) == ("MSG-04", "NO_REPLY")
    assert scene.box.refusal(new) == ("MSG-04", "NO_REPLY")


@pytest.mark.rule("MSG-05")
def test_an_ended_conversation_takes_no_answer(scene: Scene) -> None:
    """The header ends it, whatever the other headers; the reader sees by whom."""
    number = scene.deliver()
    scene.deliver(thread=number, headers=(("X-Other", "FIN"), ("X-MSS-MES", "SUITE")))
    scene.box.do(scene.write(thread=number))
    scene.deliver(thread=number, headers=(("X-Other", "1"), FINAL_HEADER))

    seen = scene.thread(number)

    assert seen.reply_kind is ReplyKind.REPLY_BLOCKED
    assert seen.finalized_by == AT_DOCTOR
    for kind in (ReplyKind.REPLY, ReplyKind.REPLY_TO_ALL):
        refused = scene.write(thread=number, kind=kind)
        assert scene.box.refusal(refused) == ("MSG-05", "REPLY_BLOCKED")


@pytest.mark.rule("MSG-06")
@pytest.mark.parametrize(
    ("sizes", "refused"), [((LIMIT,), False), ((LIMIT - 5, 6), True), ((LIMIT + 1,), True)]
)
def test_attachments_together_stay_within_the_limit(
    scene: Scene, sizes: tuple[int, ...], *, refused: bool
) -> None:
    """For a message and for a draft, which says what remains."""
    number = scene.deliver()
    files = tuple(Attachment("scan", "image/png", size) for size in sizes)
    write = scene.write(thread=number, attachments=files)
    save = SaveDraft(scene.box.now, holder(scene.ins), scene.ins, "Soon", attachments=files)

    if refused:
        for command in (write, save):
            assert scene.box.refusal(command) == ("MSG-06", "MSG_FILE_SIZE_EXCEEDED_ERROR")
        assert scene.page().drafts == ()
    else:
        assert cast("Draft", scene.box.do(save)).remaining_bytes == 0
        scene.box.do(write)
        assert scene.thread(number).messages[-1].attachments == files


@pytest.mark.rule("MSG-06")
def test_the_limit_is_a_policy() -> None:
    """Gap G2: another limit gives another answer."""
    plain = vintage("launch-2022")
    small = replace(plain, policies=replace(plain.policies, message_limit_bytes=10))

    def answer(parameters: Parameters) -> object:
        box = Sandbox(parameters)
        publish(box)
        ins = box.person()
        box.bring(ins, State.OPEN_ACTIVE)
        files = (Attachment("scan", "image/png", 11),)
        message = Scene(box, ins).message(attachments=files)
        return acknowledgement(box.service.apply(message))

    assert answer(plain) == Acknowledgement(0)
    assert answer(small) == Acknowledgement(207, 523)


@pytest.mark.rule("MSG-07")
@pytest.mark.parametrize(
    ("mime", "size", "offered"),
    [
        ("image/tiff", 3_000_000, True),
        ("image/tiff", 5_000_000, True),
        ("image/tiff", 5_000_001, False),
        ("application/pdf", 1, True),
        ("video/mp4", 1, False),
    ],
)
def test_saving_to_the_record_is_offered_by_format_and_size(
    mime: str, size: int, *, offered: bool
) -> None:
    """What could be uploaded can be saved."""
    assert Attachment("scan", mime, size, AttachmentOrigin.DEVICE).can_add_to_record is offered


@pytest.mark.rule("MSG-09")
def test_deleting_a_conversation_loses_its_messages(scene: Scene) -> None:
    """Absent from the list, not read, not answered, not gone on with."""
    number, kept = scene.deliver(), scene.deliver()
    delete = DeleteThread(scene.box.now, holder(scene.ins), scene.ins, number)

    scene.box.do(delete)

    assert [row.number for row in scene.page().rows] == [kept]
    read = ReadThread(scene.box.now, holder(scene.ins), scene.ins, number)
    assert scene.box.refusal(read) == ("MSG-09", "NO_SUCH_THREAD")
    assert scene.box.refusal(delete) == ("MSG-09", "NO_SUCH_THREAD")
    assert scene.box.refusal(scene.message(thread=number)) == ("MSG-02", "NO_SUCH_THREAD")
    assert scene.deliver() == kept + 1


@pytest.mark.rule("MSG-09")
def test_conversations_are_listed_by_fifty_the_latest_first(scene: Scene) -> None:
    """A page more for the fifty-first; unread ones are counted until read."""
    for _ in range(51):
        scene.deliver()
    scene.box.wait(timedelta(hours=1))
    scene.deliver(thread=7)

    first, second = scene.page(1), scene.page(2)

    assert [first.rows[rank].number for rank in (0, 1, 49)] == [7, 51, 2]
    assert [row.number for row in second.rows] == [1]
    assert (first.pages, second.pages) == (2, 2)
    assert (first.rows[0].messages, first.rows[0].unread) == (2, 2)
    scene.thread(7)
    assert scene.page(1).rows[0].unread == 0
    for page in (0, 3):
        read = ReadMailbox(scene.box.now, holder(scene.ins), scene.ins, page)
        assert scene.box.refusal(read) == ("MSG-09", "NO_SUCH_PAGE")


@pytest.mark.rule("MSG-10")
def test_a_draft_is_saved_reloaded_replaced_and_deleted(scene: Scene) -> None:
    """The service keeps it; its number stays and is not given again."""
    by = holder(scene.ins)
    saved = cast("Draft", scene.box.do(SaveDraft(scene.box.now, by, scene.ins, "Dear")))
    again = SaveDraft(scene.box.now, by, scene.ins, "Dear doctor", AT_DOCTOR, draft=saved.number)
    scene.box.do(again)

    (kept,) = scene.page().drafts
    assert (kept.number, kept.text, kept.to) == (saved.number, "Dear doctor", AT_DOCTOR)

    scene.box.do(DeleteDraft(scene.box.now, by, scene.ins, kept.number))
    assert scene.page().drafts == ()
    missing = ("MSG-10", "NO_SUCH_DRAFT")
    assert scene.box.refusal(again) == missing
    assert scene.box.refusal(DeleteDraft(scene.box.now, by, scene.ins, 1)) == missing
    assert cast("Draft", scene.box.do(SaveDraft(scene.box.now, by, scene.ins, ""))).number == 2


@pytest.mark.rule("MSG-10")
def test_a_draft_is_forgotten_when_its_message_is_sent(scene: Scene) -> None:
    """And kept when it is not."""
    number = scene.deliver()
    by = holder(scene.ins)
    scene.box.do(SaveDraft(scene.box.now, by, scene.ins, "Thank you", thread=number))

    assert scene.box.refusal(scene.write(thread=9, draft=1))[1] == "NO_SUCH_THREAD"
    assert len(scene.page().drafts) == 1
    assert scene.box.refusal(scene.write(thread=number, draft=2)) == ("MSG-10", "NO_SUCH_DRAFT")
    scene.box.do(scene.write(thread=number, draft=1))
    assert scene.page().drafts == ()


@pytest.mark.rule("MSG-11")
def test_a_contact_no_longer_active_gets_no_message(scene: Scene) -> None:
    """A warning instead, even for one among several."""
    number = scene.deliver(others=(AT_NURSE,))
    scene.box.do(RemoveMailbox(scene.box.now, SYSTEM, "", AT_NURSE))
    refused = ("MSG-11", "CONTACT_NOT_ACTIVE")

    to_all = scene.write(thread=number, kind=ReplyKind.REPLY_TO_ALL)
    assert scene.box.refusal(to_all) == refused
    scene.box.do(scene.write(thread=number))
    scene.box.do(RemoveMailbox(scene.box.now, SYSTEM, "", AT_DOCTOR))
    assert scene.box.refusal(scene.write(thread=number)) == refused
    assert scene.box.refusal(RemoveMailbox(scene.box.now, SYSTEM, "", AT_DOCTOR)) == refused
    assert len(scene.thread(number).messages) == 2


@pytest.mark.rule("MSG-12")
@pytest.mark.parametrize(
    ("by", "address", "kind", "refused"),
    [
        (DOCTOR, "new@pro.mssante.fr", MailboxType.PER, None),
        (DOCTOR, "new@pro.mssante.fr", MailboxType.CAB, None),
        (HOSPITAL, "new@pro.mssante.fr", MailboxType.ORG, None),
        (HOSPITAL, "new@pro.mssante.fr", MailboxType.APP, None),
        (HOSPITAL, "new@pro.mssante.fr", MailboxType.PER, "NOT_A_BEARER"),
        (DOCTOR, "new@pro.mssante.fr", MailboxType.ORG, "NOT_A_BEARER"),
        (SYSTEM, "new@pro.mssante.fr", MailboxType.ORG, "NOT_A_BEARER"),
        (DOCTOR, AT_DOCTOR, MailboxType.PER, None),
        (DOCTOR, AT_DOCTOR, MailboxType.CAB, "MAILBOX_FIXED"),
        (NURSE, AT_DOCTOR, MailboxType.PER, "MAILBOX_FIXED"),
        (DOCTOR, "new@pro.example.org", MailboxType.PER, "WRONG_ADDRESS"),
        (DOCTOR, "255081416802538@patient.mssante.fr", MailboxType.PER, "WRONG_ADDRESS"),
        (DOCTOR, "@pro.mssante.fr", MailboxType.PER, "WRONG_ADDRESS"),
        (DOCTOR, "a@b@pro.mssante.fr", MailboxType.PER, "WRONG_ADDRESS"),
        (DOCTOR, "new@notmssante.fr", MailboxType.PER, "WRONG_ADDRESS"),
    ],
)
def test_a_mailbox_has_a_type_a_bearer_and_an_address_that_stay(
    scene: Scene, by: Actor, address: str, kind: MailboxType, refused: str | None
) -> None:
    """Four types, each with its bearer."""
    command = PublishMailbox(scene.box.now, by, "", address, kind)

    if refused is None:
        scene.box.do(command)
    else:
        assert scene.box.refusal(command) == ("MSG-12", refused)


@pytest.mark.rule("MSG-12")
def test_the_red_list_may_be_left_and_a_mailbox_removed_by_its_bearer_only(scene: Scene) -> None:
    """Then it does not come back."""
    shown = PublishMailbox(scene.box.now, CHEMIST, "", AT_HIDDEN, MailboxType.ORG, pharmacy=True)
    find = FindContacts(scene.box.now, holder(scene.ins), scene.ins)

    scene.box.do(shown)
    found = cast("tuple[Correspondent, ...]", scene.box.do(find))
    assert [other.address for other in found] == [AT_CHEMIST, AT_HIDDEN]

    remove = RemoveMailbox(scene.box.now, HOSPITAL, "", AT_HIDDEN)
    assert scene.box.refusal(remove) == ("MSG-12", "NOT_FOR_THIS_ACTOR")
    scene.box.do(replace(remove, actor=CHEMIST))
    assert scene.box.refusal(shown) == ("MSG-12", "MAILBOX_FIXED")


@pytest.mark.rule("REP-12", "REP-09")
def test_the_message_of_a_caregiver_is_marked(scene: Scene) -> None:
    """With the caregiver's matricule; the holder's own bears no mark."""
    helper = scene.box.person(born=date(1990, 1, 1))
    scene.box.bring(helper, State.OPEN_ACTIVE)
    now = scene.box.now
    scene.box.do(InviteCaregiver(now, holder(scene.ins), scene.ins, helper))
    scene.box.do(AnswerInvitation(now, caregiver(helper), scene.ins, accept=True))
    number = scene.deliver()

    scene.box.do(replace(scene.write(thread=number), actor=caregiver(helper)))
    scene.box.do(scene.write(thread=number))

    messages: tuple[Message, ...] = scene.thread(number).messages
    assert [message.caregiver for message in messages] == ["", helper, ""]
    told = [n.to for n in scene.box.service.notifications(scene.ins) if n.code == "MESSAGE"]
    assert told == [scene.ins, helper]


@pytest.mark.rule("REP-11")
def test_somebody_who_is_no_caregiver_reads_and_writes_nothing(scene: Scene) -> None:
    """Nor does a professional enter the mailbox of a space."""
    number = scene.deliver()
    stranger = caregiver("255081416802538")
    for by, refused in ((stranger, "REP-11"), (DOCTOR, "REP-01"), (representative("1"), "REP-04")):
        for command in (
            ReadMailbox(scene.box.now, by, scene.ins),
            ReadThread(scene.box.now, by, scene.ins, number),
            DeleteThread(scene.box.now, by, scene.ins, number),
            FindContacts(scene.box.now, by, scene.ins),
            SaveDraft(scene.box.now, by, scene.ins, "x"),
            DeleteDraft(scene.box.now, by, scene.ins, 1),
            replace(scene.write(thread=number), actor=by),
        ):
            assert scene.box.refusal(command)[0] == refused
