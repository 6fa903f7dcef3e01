"""Mail: what is composed comes back, injections and ambiguities are refused."""

import re
import string
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from etalon_wire.mail.messages import (
    Attachment,
    Mail,
    compose,
    exchange_subject,
    matricule_in,
    patient_address,
)
from etalon_wire.mail.parsing import MailBounds, parse
from etalon_wire.malformed import Malformed

LINES = (
    st.text(
        st.characters(exclude_categories=["Cc", "Cs", "Cn", "Cf", "Co", "Zl", "Zp", "Zs"])
        | st.just(" "),
        max_size=90,
    )
    .map(str.strip)
    .filter(lambda line: "=?" not in line)
)
TEXTS = st.text(st.characters(exclude_categories=["Cc", "Cs"], include_characters="\t\n"))
WORDS = st.text(string.ascii_letters + string.digits + "-", min_size=1, max_size=12)
ADDRESSES = st.builds("{}@a.mssante.fr".format, WORDS)
IDENTS = st.builds("<{}@a.mssante.fr>".format, WORDS)
NAMES = st.text(st.sampled_from("aé_ .-"), min_size=1, max_size=20).filter(
    lambda name: name == name.strip() and name not in (".", "..")
)
FILES = st.builds(
    Attachment, NAMES, st.sampled_from(["application/zip", "text/html"]), st.binary(max_size=200)
)
MAILS = st.builds(
    Mail,
    ADDRESSES,
    st.lists(ADDRESSES, min_size=1, max_size=3).map(tuple),
    LINES,
    st.datetimes(datetime(1970, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)).map(  # noqa: DTZ001 (bounds have none)
        lambda at: at.replace(microsecond=0)
    ),
    IDENTS,
    TEXTS,
    st.lists(FILES, max_size=3).map(tuple),
    st.just("") | ADDRESSES,
    st.just("") | ADDRESSES,
    st.just("") | IDENTS,
    st.booleans(),
    st.booleans(),
)


@given(MAILS)
def test_a_mail_comes_back_equal(mail: Mail) -> None:
    """Whatever its texts and files."""
    body = compose(mail)

    assert parse(body) == mail
    assert re.search(rb"\r(?!\n)|(?<!\r)\n|[^\r\n]{999}", body) is None


INJECTED = ["a\r\nBcc: b@c.fr", "a\nX: b", "a\rX: b", "a\0b", "a\x0bb", "a\u2028b", "a\x85b"]


@pytest.mark.parametrize("text", INJECTED)
@pytest.mark.parametrize(
    "member", ["sender", "subject", "message_id", "reply_to", "receipt_to", "answers"]
)
def test_nothing_that_becomes_a_header_begins_another(mail: Mail, member: str, text: str) -> None:
    """Header injection."""
    values: dict[str, str] = {member: text}
    with pytest.raises(Malformed):
        compose(replace(mail, **values))  # type: ignore[arg-type]
    with pytest.raises(Malformed):
        compose(replace(mail, recipients=(*mail.recipients, text)))
    for file in (Attachment(text, "a/b", b""), Attachment("a", f"a/b;{text}", b"")):
        with pytest.raises(Malformed):
            compose(replace(mail, attachments=(file,)))


HEAD = (
    "From: a@b.fr\r\nTo: c@d.fr\r\nDate: Mon, 02 Mar 2026 09:05:00 +0000\r\nMessage-ID: <a@b>\r\n"
)
PARTS = 'Content-Type: multipart/mixed; boundary="x"\r\n\r\n'
HOSTILE = [
    ("nothing", "", "no empty line"),
    ("no end of headers", HEAD, "no empty line"),
    ("long headers", HEAD + "X: " + "a" * 70_000 + "\r\n\r\n", "no empty line"),
    ("no sender", HEAD[14:] + "\r\n", "0 senders"),
    ("two senders", HEAD.replace("a@b.fr", "a@b.fr, e@f.fr") + "\r\n", "2 senders"),
    ("two From", HEAD + "From: e@f.fr\r\n\r\n", "2 times"),
    ("two closings", HEAD + "X-MSS-MES: FIN\r\nX-MSS-MES: NON\r\n\r\n", "2 times"),
    ("two types", HEAD + "Content-Type: a/b\r\nContent-Type: c/d\r\n\r\n", "2 times"),
    ("lone carriage return", HEAD + "X: a\rBcc: e@f.fr\r\n\r\n", "two ways"),
    ("lone line feed", HEAD + "X: a\nBcc: e@f.fr\r\n\r\n", "two ways"),
    ("null", HEAD + "X: a\0\r\n\r\n", "null"),
    ("hidden line", HEAD + "Subject: =?utf-8?q?a=0D=0ABcc:_b?=\r\n\r\n", "control character"),
    ("unknown charset", HEAD + "Subject: =?klingon?q?a?=\r\n\r\n", "cannot be read"),
    ("wrong charset", HEAD + "Subject: =?utf-8?q?=FF?=\r\n\r\n", "cannot be read"),
    ("no date", HEAD.replace("Date: Mon, 02", "Date: later") + "\r\n", "cannot be read"),
    ("no identifier", HEAD.replace("<a@b>", "a b") + "\r\n", "no identifier"),
    ("no address", HEAD.replace("c@d.fr", "c@@d") + "\r\n", "address"),
    ("no header", HEAD + "what is this\r\n\r\n", "cannot be told apart"),
    ("no boundary", HEAD + "Content-Type: multipart/mixed\r\n\r\n--x\r\n", "cannot be told apart"),
    ("parts that do not end", HEAD + PARTS + "--x\r\n\r\na\r\n", "cannot be told apart"),
    ("parts that do not start", HEAD + PARTS + "a\r\n", "cannot be told apart"),
    ("no base64", HEAD + "Content-Transfer-Encoding: base64\r\n\r\n!!!\r\n", "base64"),
    ("short base64", HEAD + "Content-Transfer-Encoding: base64\r\n\r\nYQ\r\n", "base64"),
    ("other encoding", HEAD + "Content-Transfer-Encoding: uu\r\n\r\na\r\n", "no encoding"),
    ("text not in its charset", HEAD + "\r\n\xe9\r\n", "cannot be read"),
    ("long parameters", HEAD + "Content-Type: a/b" + ";" * 5000 + "\r\n\r\n", "over 4096 bytes"),
    (
        "folded parameters",
        HEAD + "Content-Type: a/b" + ";\r\n " * 2000 + "\r\n\r\n",
        "over 4096 bytes",
    ),
    ("comments in comments", HEAD.replace("c@d.fr", "(" * 60_000) + "\r\n", "cannot be read"),
    ("many headers of parts", HEAD + "\r\n" + "content-\r\n" * 1025, "there are many"),
    ("many parts", HEAD + PARTS + "boundary\r\n" * 65, "more than 64 parts"),
    ("many mails", HEAD + "\r\n" + "message/rfc822\r\n" * 65, "more than 64 parts"),
    (
        "folder in a name",
        HEAD + 'Content-Disposition: attachment; filename="../a"\r\n\r\n',
        "no name of a file",
    ),
]


@pytest.mark.parametrize(
    ("body", "said"), [one[1:] for one in HOSTILE], ids=[h[0] for h in HOSTILE]
)
def test_a_hostile_mail_is_refused_with_a_reason(body: str, said: str) -> None:
    """Nothing of it is returned."""
    with pytest.raises(Malformed, match=said):
        parse(body.encode())


def test_a_mail_beyond_the_bounds_is_refused(mail: Mail) -> None:
    """Bytes, depth, and addresses of one header."""
    body = compose(mail)
    deep = HEAD.encode()
    for rank in range(9):
        deep += f'Content-Type: multipart/mixed; boundary="x{rank}"\r\n\r\n--x{rank}\r\n'.encode()
    deep += b"\r\n" + b"".join(f"\r\n--x{rank}--\r\n".encode() for rank in range(8, -1, -1))

    with pytest.raises(Malformed, match="at most 10"):
        parse(body, MailBounds(bytes=10))
    with pytest.raises(Malformed, match="8 one inside the other"):
        parse(deep)
    with pytest.raises(Malformed, match="addresses are read"):
        parse(compose(replace(mail, recipients=mail.recipients * 101)))


@given(st.binary(max_size=300).map(lambda tail: HEAD.encode() + tail))
@example(b"From: =?utf-8?b?a?= <a@b.fr>\r\n\r\n")
def test_any_bytes_are_a_mail_or_refused(body: bytes) -> None:
    """Never an error of another kind."""
    with suppress(Malformed):
        assert isinstance(parse(body), Mail)


@given(data=st.data())
def test_a_mail_with_one_wrong_byte_is_read_or_refused(data: st.DataObject) -> None:
    """Never an error of another kind."""
    at = datetime(2026, 3, 2, tzinfo=UTC)
    file = Attachment("é.zip", "application/zip", b"PK")
    body = compose(Mail("a@b.fr", ("c@d.fr",), "été", at, "<a@b>", "à\n", (file,)))
    place = data.draw(st.integers(0, len(body) - 1))
    byte = data.draw(st.integers(0, 255))
    with suppress(Malformed):
        assert isinstance(parse(body[:place] + bytes([byte]) + body[place + 1 :]), Mail)


@pytest.mark.requirement("W-MSS-10")
def test_addresses_of_patients_hold_their_matricule() -> None:
    """And no others do."""
    assert patient_address("146026322000196") == "146026322000196@patient.mssante.fr"
    assert matricule_in("146026322000196@PATIENT.mssante.fr") == "146026322000196"
    assert matricule_in("146026322000196@medecin.mssante.fr") == ""
    assert matricule_in("146026@patient.mssante.fr") == ""
    with pytest.raises(Malformed, match="fifteen"):
        patient_address("1\r\nBcc: a@b.fr")


@pytest.mark.requirement("W-MSS-01")
def test_the_subject_of_a_lot_says_type_and_patient() -> None:
    """As published."""
    subject = exchange_subject("CR de consultation", "Dupont", "Zoé", date(946, 2, 1))

    assert subject == "XDM/1.0/DDM+CR de consultation DUPONT Zoé 01/02/0946"


@pytest.mark.requirement("W-MSS-08")
@pytest.mark.parametrize(("value", "closes"), [("FIN", True), ("fin", False), ("FIN.", False)])
def test_fin_alone_closes(mail: Mail, value: str, *, closes: bool) -> None:
    """Three capital letters."""
    body = compose(mail).replace(b"X-MSS-MES: FIN", f"X-MSS-MES: {value}".encode())

    assert parse(body).closes is closes
