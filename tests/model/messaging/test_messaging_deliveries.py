"""Deliveries: bounces, waiting, notices, documents sent by machines, codes of the wire."""

from collections.abc import Iterator
from dataclasses import fields, replace
from datetime import date
from itertools import combinations
from typing import cast

import pytest

from etalon_model import (
    SYSTEM,
    Actor,
    ActorKind,
    Notification,
    Refusal,
    State,
    caregiver,
    holder,
    representative,
)
from etalon_model.messaging.conversations import Attachment, ReplyKind
from etalon_model.messaging.correspondents import MailboxType
from etalon_model.messaging.delivery import DeliverMessage
from etalon_model.messaging.delivery_codes import NUMBERS, Acknowledgement, acknowledgement
from etalon_model.messaging.directory import PublishMailbox
from etalon_model.messaging.reading import Conversation, DeleteThread, ReadMailbox, ReadThread
from etalon_model.messaging.transmission import (
    SEND_CODES,
    Destinations,
    TransmitDocument,
    destinations,
)
from etalon_model.messaging.writing import WriteMessage
from etalon_model.preferences import Preference, SetPreference
from etalon_model.sandbox import Sandbox

HOSPITAL = Actor(ActorKind.STRUCTURE, "1750100125")
CLINIC = Actor(ActorKind.STRUCTURE, "1750100133")
AT_WARD = "ward@hospital.mssante.fr"
AT_CLINIC = "ward@clinic.mssante.fr"
BOTH = ("DESTMSSANTEPS", "DESTMSSANTEPAT")
PROFESSIONALS = ("INVISIBLE_PATIENT", "DESTMSSANTEPS")
PATIENT = ("MASQUE_PS", "DESTMSSANTEPAT")


@pytest.fixture
def box(launch: Sandbox) -> Sandbox:
    """Return a service with two mailboxes in its directory."""
    for by, address in ((HOSPITAL, AT_WARD), (CLINIC, AT_CLINIC)):
        launch.do(PublishMailbox(launch.now, by, "", address, MailboxType.ORG))
    return launch


def somebody(box: Sandbox, state: State) -> str:
    """Return somebody brought to a state."""
    ins = box.person()
    box.bring(ins, state)
    return ins


def message(box: Sandbox, ins: str) -> DeliverMessage:
    """Return a message of the hospital."""
    return DeliverMessage(box.now, HOSPITAL, ins, AT_WARD, "Biopsy", "Result: benign")


def transmission(
    box: Sandbox, ins: str, event: str = "T02", codes: tuple[str, ...] = BOTH
) -> TransmitDocument:
    """Return a document of the hospital, with the right identity."""
    known = box.service.person(ins).identity
    return TransmitDocument(
        box.now,
        HOSPITAL,
        ins,
        AT_WARD,
        "1.2.3",
        "Letter of discharge",
        event,
        codes,
        ins,
        known.birth_on,
        known.sex,
        size_bytes=10,
    )


def conversation(box: Sandbox, ins: str, number: int = 1) -> Conversation:
    """Return a conversation as its holder reads it."""
    return cast("Conversation", box.do(ReadThread(box.now, holder(ins), ins, number)))


def told(box: Sandbox, ins: str) -> list[Notification]:
    """Return the notices of messages about somebody."""
    return [notice for notice in box.service.notifications(ins) if notice.code == "MESSAGE"]


@pytest.mark.rule("MSG-13", "MSG-15")
@pytest.mark.parametrize(
    ("state", "refused", "number"),
    [
        (State.NOT_NOTIFIED, ("MSG-13", "MAILBOX_UNAVAILABLE"), 550),
        (State.NOTIFIED, ("MSG-13", "MAILBOX_UNAVAILABLE"), 550),
        (State.OPPOSED, ("MSG-13", "MAILBOX_UNAVAILABLE"), 550),
        (State.CLOSED_ARCHIVED, ("MSG-13", "MAILBOX_UNAVAILABLE"), 550),
        (State.PURGED, ("MSG-13", "MAILBOX_UNAVAILABLE"), 550),
        (State.DECEASED, ("MSG-13", "MAILBOX_UNAVAILABLE"), 550),
        (State.SUSPENDED, ("MSG-15", "MAILBOX_SUSPENDED"), 450),
    ],
)
def test_a_message_to_a_space_that_is_not_open_bounces(
    box: Sandbox, state: State, refused: tuple[str, str], number: int
) -> None:
    """550 for good, 450 while suspended; a machine's document likewise."""
    ins = somebody(box, state)

    for command in (message(box, ins), transmission(box, ins)):
        outcome = box.service.apply(command)
        assert isinstance(outcome, Refusal)
        assert (outcome.rule, outcome.code) == refused
        assert acknowledgement(outcome) == Acknowledgement(207, number)
    assert box.service.person(ins).holdings is None


@pytest.mark.rule("MSG-14", "MSG-08")
def test_a_message_waits_in_a_space_never_entered(box: Sandbox) -> None:
    """Accepted, announced to nobody, read after the activation."""
    ins = somebody(box, State.OPEN_INACTIVE)
    number = box.do(message(box, ins))
    assert told(box, ins) == []
    assert box.refusal(ReadMailbox(box.now, holder(ins), ins)) == ("LIF-12", "NO_OPEN_SPACE")

    box.activate(ins)

    assert number == 1
    assert conversation(box, ins).messages[0].text == "Result: benign"


@pytest.mark.rule("MSG-08")
def test_the_notice_of_a_message_says_nothing_of_it(box: Sandbox) -> None:
    """A code, an instant, who and about whom; neither subject, text nor sender."""
    ins = somebody(box, State.OPEN_ACTIVE)
    box.do(message(box, ins))

    (notice,) = told(box, ins)

    assert [field.name for field in fields(notice)] == ["at", "code", "ins", "to"]
    assert notice == Notification(box.now, "MESSAGE", ins, ins)


@pytest.mark.rule("MSG-08", "VIS-09")
def test_the_notice_for_a_minor_goes_to_the_representative(box: Sandbox) -> None:
    """Not to the child, who reads nothing alone."""
    parent = somebody(box, State.OPEN_ACTIVE)
    child = box.person(parent, born=date(2015, 1, 1))
    box.bring(child, State.OPEN_ACTIVE)

    box.do(message(box, child))

    assert [notice.to for notice in told(box, child)] == [parent]
    read = ReadThread(box.now, representative(parent), child, 1)
    assert cast("Conversation", box.do(read)).subject == "Biopsy"


@pytest.mark.rule("MSG-08", "ACC-10")
def test_notices_may_be_muted_but_those_of_access_may_not(box: Sandbox) -> None:
    """Switched off, then on again; a caregiver does not choose."""
    ins = somebody(box, State.OPEN_ACTIVE)

    def choose(preference: Preference, *, wanted: bool) -> SetPreference:
        return SetPreference(box.now, holder(ins), ins, preference, wanted)

    box.do(choose(Preference.MESSAGE, wanted=False))
    box.do(choose(Preference.MESSAGE, wanted=False))
    box.do(message(box, ins))
    assert told(box, ins) == []
    assert len(conversation(box, ins).messages) == 1
    box.do(choose(Preference.MESSAGE, wanted=True))
    box.do(message(box, ins))
    assert len(told(box, ins)) == 1

    refused = choose(Preference.ACCESS, wanted=False)
    assert box.refusal(refused) == ("ACC-10", "ALWAYS_TOLD")
    box.do(choose(Preference.ACCESS, wanted=True))
    stranger = replace(refused, actor=caregiver("255081416802538"))
    assert box.refusal(stranger) == ("REP-11", "NO_SHARING")


@pytest.mark.rule("MSG-15")
def test_delivery_errors_have_the_numbers_of_the_table(box: Sandbox) -> None:
    """Too large 523, not a sender 530; the tables hold all the numbers of the specification."""
    ins = somebody(box, State.OPEN_ACTIVE)
    large = Attachment("scan", "image/png", 10_000_001)
    many = replace(message(box, ins), attachments=(large,))
    stranger = replace(message(box, ins), sender=AT_CLINIC)

    assert acknowledgement(box.service.apply(many)) == Acknowledgement(207, 523)
    assert acknowledgement(box.service.apply(stranger)) == Acknowledgement(207, 530)
    assert acknowledgement(box.service.apply(message(box, ins))) == Acknowledgement(0)
    assert {table: len(numbers) for table, numbers in NUMBERS.items()} == {
        "acknowledgement": 12,
        "application": 7,
        "smtp": 12,
    }
    assert {422, 523, 550} <= NUMBERS["smtp"]


@pytest.mark.rule("MSG-16")
@pytest.mark.parametrize(
    ("codes", "expected"),
    [
        (BOTH, Destinations(1, to_professionals=True, to_patient=True)),
        (
            (*BOTH, "CONNEXION_SECRETE", "DESTDMP"),
            Destinations(1, to_professionals=True, to_patient=True),
        ),
        (PROFESSIONALS, Destinations(2, to_professionals=True, to_patient=False)),
        (PATIENT, Destinations(3, to_professionals=False, to_patient=True)),
        (("DESTMSSANTEPAT",), Destinations(3, to_professionals=False, to_patient=True)),
        (("DESTMSSANTEPAT", "DESTDMP"), None),
        (("MASQUE_PS", *BOTH), None),
        (("INVISIBLE_PATIENT", "DESTMSSANTEPAT"), None),
        (("INVISIBLE_REP_LEGAUX", *BOTH), None),
        ((), None),
        (("DESTMSSANTEPS",), None),
    ],
)
def test_the_codes_of_a_message_decide_whom_it_goes_to(
    codes: tuple[str, ...], expected: Destinations | None
) -> None:
    """The three cases of the matrix, and what is none of them."""
    assert destinations(codes) == expected


def every_combination() -> Iterator[tuple[str, ...]]:
    """Yield the 1 024 combinations of codes."""
    for size in range(len(SEND_CODES) + 1):
        yield from combinations(SEND_CODES, size)


@pytest.mark.rule("MSG-16")
def test_no_combination_sends_to_the_patient_what_is_invisible_to_the_patient() -> None:
    """Of 1 024 combinations, 96 are allowed, and none to the patient under that code."""
    found = {codes: destinations(codes) for codes in every_combination()}
    allowed = {codes: to for codes, to in found.items() if to is not None}

    assert len(found) == 1024
    assert [sum(to.case == case for to in allowed.values()) for case in (1, 2, 3)] == [32, 32, 32]
    for codes, to in allowed.items():
        assert to.to_patient is ("DESTMSSANTEPAT" in codes)
        assert to.to_professionals is ("DESTMSSANTEPS" in codes)
        assert not (to.to_patient and "INVISIBLE_PATIENT" in codes)
        assert not (to.to_professionals and "MASQUE_PS" in codes)


@pytest.mark.rule("MSG-16")
def test_a_document_is_sent_replaced_and_withdrawn(box: Sandbox) -> None:
    """T02, T10, T04 in one conversation; each new version is announced."""
    ins = somebody(box, State.OPEN_ACTIVE)

    assert box.do(transmission(box, ins)) == Destinations(1, to_professionals=True, to_patient=True)
    box.do(replace(transmission(box, ins, "T10"), title="Letter, corrected"))
    seen = conversation(box, ins)
    assert [sent.attachments[0].name for sent in seen.messages] == [
        "Letter of discharge",
        "Letter, corrected",
    ]
    assert len(told(box, ins)) == 2

    box.do(WriteMessage(box.now, holder(ins), ins, "Thank you", thread=1))
    box.do(replace(transmission(box, ins, "T04"), version=2))
    assert [sent.attachments for sent in conversation(box, ins).messages] == [(), (), ()]
    assert len(told(box, ins)) == 2
    assert box.do(transmission(box, ins, "R01"))
    assert len(conversation(box, ins, 2).messages) == 1


@pytest.mark.rule("MSG-16")
def test_a_document_survives_the_deletion_of_its_conversation(box: Sandbox) -> None:
    """A replacement begins another conversation; a withdrawal finds nothing to take out."""
    ins = somebody(box, State.OPEN_ACTIVE)
    box.do(transmission(box, ins))
    box.do(DeleteThread(box.now, holder(ins), ins, 1))

    box.do(transmission(box, ins, "T10"))
    assert len(conversation(box, ins, 2).messages) == 1
    box.do(DeleteThread(box.now, holder(ins), ins, 2))
    box.do(replace(transmission(box, ins, "T04"), version=2))


@pytest.mark.rule("MSG-16", "MSG-05")
def test_the_note_of_a_transmission_ends_the_conversation(box: Sandbox) -> None:
    """`FIN`, and nothing else."""
    ins = somebody(box, State.OPEN_ACTIVE)
    box.do(replace(transmission(box, ins), note="SUITE"))
    assert conversation(box, ins).reply_kind is ReplyKind.REPLY
    box.do(replace(transmission(box, ins, "T10"), note="FIN"))

    assert conversation(box, ins).reply_kind is ReplyKind.REPLY_BLOCKED
    assert conversation(box, ins).finalized_by == AT_WARD


@pytest.mark.rule("MSG-16")
def test_what_goes_to_professionals_only_leaves_nothing_in_the_mailbox(box: Sandbox) -> None:
    """Whatever the state of the space."""
    for state in (State.OPEN_ACTIVE, State.OPPOSED):
        ins = somebody(box, state)
        to = box.do(transmission(box, ins, codes=PROFESSIONALS))
        assert to == Destinations(2, to_professionals=True, to_patient=False)
        assert box.service.person(ins).holdings is None


@pytest.mark.rule("MSG-16")
@pytest.mark.parametrize(
    ("change", "code", "number"),
    [
        ({"document": ""}, "REQUIRED_FIELD_MISSING", Acknowledgement(101)),
        ({"title": ""}, "REQUIRED_FIELD_MISSING", Acknowledgement(101)),
        ({"event": "A01"}, "EVENT_NOT_SUPPORTED", Acknowledgement(201)),
        ({"codes": ("SECRET",)}, "TABLE_VALUE_NOT_FOUND", Acknowledgement(103)),
        ({"codes": ("DESTDMP",)}, "COMBINATION_REJECTED", Acknowledgement(207, 906)),
        ({"event": "T10", "version": 2}, "STALE_VERSION", Acknowledgement(207, 900)),
        ({"event": "T04", "version": 2}, "STALE_VERSION", Acknowledgement(207, 900)),
        ({"event": "T10", "document": "9"}, "NO_SUCH_TRANSMISSION", Acknowledgement(207, 906)),
        ({"event": "T02"}, "DOCUMENT_ALREADY_SENT", Acknowledgement(207, 906)),
        ({"patient_ins": ""}, "INS_MISSING", Acknowledgement(207, 903)),
        ({"birth_on": None}, "INS_INCOMPLETE", Acknowledgement(207, 905)),
        ({"sex": ""}, "INS_INCOMPLETE", Acknowledgement(207, 905)),
        ({"patient_ins": "255081416802538"}, "INS_MISMATCH", Acknowledgement(207, 904)),
        ({"birth_on": date(1980, 5, 18)}, "INS_MISMATCH", Acknowledgement(207, 904)),
        ({"sex": "M"}, "INS_MISMATCH", Acknowledgement(207, 904)),
    ],
)
def test_a_faulty_transmission_is_refused_with_its_number(
    box: Sandbox, change: dict[str, object], code: str, number: Acknowledgement
) -> None:
    """Syntax, identity, version; the document already sent stays."""
    ins = somebody(box, State.OPEN_ACTIVE)
    box.do(transmission(box, ins))
    faulty = replace(transmission(box, ins, "T10"), **change)  # type: ignore[arg-type]

    outcome = box.service.apply(faulty)

    assert isinstance(outcome, Refusal)
    assert (outcome.rule, outcome.code) == ("MSG-16", code)
    assert outcome.message
    assert acknowledgement(outcome) == number
    assert len(conversation(box, ins).messages) == 1


@pytest.mark.rule("MSG-16")
def test_only_the_author_replaces_and_an_unknown_patient_is_902(box: Sandbox) -> None:
    """Another establishment is refused under 901."""
    ins = somebody(box, State.OPEN_ACTIVE)
    box.do(transmission(box, ins))
    other = replace(transmission(box, ins, "T10"), actor=CLINIC, sender=AT_CLINIC)
    unknown = replace(transmission(box, ins), ins="255081416802538")

    assert acknowledgement(box.service.apply(other)) == Acknowledgement(207, 901)
    assert acknowledgement(box.service.apply(unknown)) == Acknowledgement(207, 902)
    machine = replace(transmission(box, ins), actor=SYSTEM)
    assert box.refusal(machine) == ("MSG-02", "NOT_FOR_THIS_ACTOR")


@pytest.mark.rule("MSG-16")
def test_a_message_whose_documents_cannot_be_taken_is_sent_back_whole(box: Sandbox) -> None:
    """Error 906: nothing is in the mailbox and nobody is told; the sender is looked at first."""
    ins = somebody(box, State.OPEN_ACTIVE)
    faulty = replace(message(box, ins), fault=903)

    outcome = box.service.apply(faulty)

    assert isinstance(outcome, Refusal)
    assert (outcome.code, outcome.facts) == ("LOT_REFUSED", (903,))
    assert acknowledgement(outcome) == Acknowledgement(207, 906)
    assert box.service.person(ins).holdings is None
    assert told(box, ins) == []
    unknown = box.service.apply(replace(faulty, sender="nobody@hospital.mssante.fr"))
    assert isinstance(unknown, Refusal)
    assert unknown.code == "SENDER_UNKNOWN"
