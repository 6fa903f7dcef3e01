"""Messages of PAM-FR: what they tell, what is wrong with them, and how they are answered."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_wire.consents import Wish
from etalon_wire.malformed import Malformed
from etalon_wire.zfa import WrongMessage, acknowledgement, read_message

INS, HOSPITAL = "279035121518989", "1750000001"
AT = datetime(2022, 2, 3, 9, tzinfo=UTC)
MSH = r"MSH|^~\&|HIS|HOSPITAL|ETALON|MES|20220203100000||ADT^A31^ADT_A05|M-1|T|2.5"
PID = f"PID|1||4711^^^HOSPITAL^PI~{INS}^^^ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO^INS"


def zfa(feeding: str = "INO", consultation: str = "IC") -> str:
    """A segment with two answers."""
    return f"ZFA|ACTIF|20210301||||||| {feeding}|20220203|{consultation}|20220203".replace(
        "| ", "|"
    )


def message(*segments: str, end: str = "\r") -> bytes:
    """A message."""
    return end.join(segments).encode("latin-1")


@pytest.mark.requirement("W-CON-01")
@pytest.mark.parametrize(
    ("feeding", "consultation", "wishes"),
    [
        ("INO", "IC", [Wish("consultation-consent", "permit", HOSPITAL, collector=HOSPITAL)]),
        ("INO", "INC", [Wish("consultation-consent", "deny", HOSPITAL)]),
        ("INO", "NA", []),
        ("NA", "NA", []),
        ("", "", []),
        ("IO", "NA", [Wish("feeding-opposition", "deny", HOSPITAL, ground="relayed")]),
        (
            "IO",
            "INC",
            [
                Wish("feeding-opposition", "deny", HOSPITAL, ground="relayed"),
                Wish("consultation-consent", "deny", HOSPITAL),
            ],
        ),
    ],
)
@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_each_pair_of_answers_is_its_wishes_about_the_sender(
    feeding: str, consultation: str, wishes: list[Wish], end: str
) -> None:
    """Not opposed and not asked ask for nothing; whatever ends a segment."""
    told = read_message(message(MSH, "EVN||20220203", PID, zfa(feeding, consultation), end=end))

    assert told.ins == INS
    assert list(told.wishes(HOSPITAL)) == wishes


@pytest.mark.parametrize(
    ("segments", "code", "at"),
    [
        ((MSH, PID), "101", "ZFA"),
        ((MSH, zfa()), "101", "PID-3"),
        ((MSH, "PID|1||4711^^^HOSPITAL^PI", zfa()), "101", "PID-3"),
        ((MSH, PID, zfa(feeding="OUI")), "103", "ZFA-9"),
        ((MSH, PID, zfa(consultation="OUI")), "103", "ZFA-11"),
        ((MSH, PID, zfa().replace("20220203", "20220230")), "102", "ZFA-10"),
        ((MSH, PID, zfa().replace("20220203", "hier")), "102", "ZFA-10"),
        ((MSH.replace("ADT", "ORU"), PID, zfa()), "200", "MSH-9"),
    ],
)
def test_what_is_wrong_with_a_message_is_told_where_it_stands(
    segments: tuple[str, ...], code: str, at: str
) -> None:
    """With what its answer needs."""
    with pytest.raises(WrongMessage) as wrong:
        read_message(message(*segments))

    assert (wrong.value.code, wrong.value.at) == (code, at)
    assert wrong.value.head.control_id == "M-1"


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: (MSH + text).encode()))
def test_no_bytes_break_the_reading(body: bytes) -> None:
    """They are a message, a wrong one, or none."""
    try:
        read_message(body)
    except (Malformed, WrongMessage) as wrong:
        assert wrong.message  # noqa: PT017 (either way)


@given(st.text(max_size=60))
def test_an_answer_is_a_message_whatever_its_words(words: str) -> None:
    """Sender and receiver change places, the number comes back, nothing spills over."""
    head = read_message(message(MSH, PID, zfa())).head

    answer = acknowledgement(head, AT, "AE", ("207", "ZFA-9", words)).decode("latin-1")

    msh, msa, err = answer.removesuffix("\r").split("\r")
    assert msh.split("|")[2:6] == ["ETALON", "MES", "HIS", "HOSPITAL"]
    assert msh.split("|")[8] == "ACK^A31^ACK"
    assert msa == "MSA|AE|M-1"
    assert err.split("|")[:5] == ["ERR", "", "ZFA^1^9", "207^^HL70357", "E"]
    assert len(err.split("|")) == 9


def test_what_is_accepted_says_so_and_no_more() -> None:
    """No ERR."""
    head = read_message(message(MSH, PID, zfa())).head

    assert acknowledgement(head, AT, "AA").count(b"\r") == 2
