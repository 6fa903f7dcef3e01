"""The wire of SMTP: what is let in, what is turned away, and what never leaves the conversation."""

import json
import select
import smtplib
import socket
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from etalon_server.mail.settings import MailBounds
from etalon_wire.mail.receipts import parse_receipt
from mail_scene import AT_HOSPITAL, Post, posted
from secured_scene import Operators

SMALL = MailBounds(
    message_bytes=200_000,
    waiting_bytes=450_000,
    connections=6,
    refused_recipients=3,
)
DATA = (b"EHLO a", b"MAIL FROM:<%s>" % AT_HOSPITAL.encode(), b"RCPT TO:<%s>", b"DATA")


@pytest.fixture(scope="module")
def post(tmp_path_factory: pytest.TempPathFactory) -> Generator[Post]:
    """One server for the module."""
    with posted(tmp_path_factory.mktemp("maildir"), bounds=SMALL) as one:
        yield one


class Line:
    """A bare socket that speaks SMTP."""

    def __init__(self, post: Post) -> None:
        self.socket = socket.create_connection(post.smtp, 10)
        self.read()

    def read(self) -> str:
        """The next answer, all its lines; empty at the end."""
        told = b""
        while not (told.endswith(b"\r\n") and told.splitlines()[-1][3:4] == b" "):
            more = self.socket.recv(65536)
            if not more:
                return told.decode()
            told += more
        return told.decode()

    def say(self, *lines: bytes) -> str:
        """The answer to the last of some lines."""
        told = ""
        for line in lines:
            self.socket.sendall(line + b"\r\n")
            told = self.read()
        return told

    def close(self) -> None:
        """Hang up."""
        self.socket.close()


@pytest.fixture
def line(post: Post) -> Iterator[Line]:
    """A conversation of its own."""
    with closing(Line(post)) as one:
        yield one


def ready(post: Post, line: Line, rank: int = 0) -> str:
    """The answer to DATA for somebody."""
    return line.say(*(one % post.to(rank).encode() if b"%s" in one else one for one in DATA))


def test_smtplib_delivers_a_document_to_a_record(post: Post) -> None:
    """Two mails over one connection; each has its receipt, and the server counts them."""
    with smtplib.SMTP(*post.smtp) as client:
        for name in ("first", "second"):
            client.sendmail(AT_HOSPITAL, [post.to(0)], post.body(0, name))

    assert len(post.documents(0)) == 2
    receipts = [parse_receipt(one.read_bytes()) for one in (post.maildir / "new").iterdir()]
    assert [one.code for one in receipts if one] == [0, 0]
    assert post.desk.metrics.answers("smtp_data", 250) == 2


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ((b"MAIL FROM:<a@b.mssante.fr>",), "503"),
        ((b"EHLO a", b"MAIL FROM:<>"), "550 5.7.1"),
        ((b"EHLO a", b"MAIL FROM:<a@b.mssante.fr> SIZE=200001"), "552"),
        ((b"EHLO a", b"MAIL FROM:<a@b.fr>\rRCPT TO:<c@d.fr>"), "5"),
        ((b"EHLO a", b"RCPT TO:<x@y.fr>"), "503"),
        ((b"EHLO a", b"DATA"), "503"),
        ((*DATA[:2], b"RCPT TO:<someone@hospital.mssante.fr>"), "550 5.7.1"),
        ((*DATA[:2], b"RCPT TO:<someone@example.org>"), "550 5.7.1"),
        ((*DATA[:2], b"RCPT TO:<255081416802538@patient.mssante.fr>"), "550 5.1.1"),
        ((*DATA[:2], b"RCPT TO:<@a.fr:255081416802538@patient.mssante.fr>"), "55"),
        ((*DATA[:2], *[b"RCPT TO:<255081416802538@patient.mssante.fr>"] * 3), "421 4.7.0"),
        ((b"EHLO a", b"AUTH PLAIN AGEAYg=="), "502"),
        ((b"EHLO a", b"STARTTLS"), "454"),
        ((b"EHLO a", b"EXPN list"), "502"),
        ((b"EHLO " + b"a" * 2000,), "500"),
        ((b"\xff\xfe",), "500"),
    ],
)
def test_what_is_no_mail_to_a_patient_is_turned_away(
    line: Line, said: tuple[bytes, ...], answer: str
) -> None:
    """No relay, no sender of nothing, no password, no trying of many mailboxes."""
    assert line.say(*said).startswith(answer)


def test_nobody_learns_whose_mailboxes_there_are(post: Post, line: Line) -> None:
    """VRFY tells the same of everybody."""
    told = {line.say(b"EHLO a", b"VRFY " + to.encode()) for to in (post.to(0), "x@y.fr")}
    assert len(told) == 1


def test_a_mail_goes_to_one_patient(post: Post, line: Line) -> None:
    """The second one is asked for in another mail, as senders do."""
    said = [*DATA[:2], *(b"RCPT TO:<%s>" % post.to(rank).encode() for rank in (1, 2))]
    assert line.say(*said).startswith("452 4.5.3")

    with smtplib.SMTP(*post.smtp) as client:
        refused = client.sendmail(AT_HOSPITAL, [post.to(1), post.to(2)], post.body(1, "one"))
    assert list(refused) == [post.to(2)]
    assert (len(post.documents(1)), len(post.documents(2))) == (1, 0)


@pytest.mark.parametrize(
    ("ending", "answer"),
    [
        (b"\r\n.\r\n", "250"),
        (b"\n.\r\nMAIL FROM:<a@b.fr>\r\n.\r\n", "550 5.6.11"),
        (b"\r\n.\nMAIL FROM:<a@b.fr>\r\n.\r\n", "550 5.6.11"),
        (b"\r.\rMAIL FROM:<a@b.fr>\r\n.\r\n", "550 5.6.11"),
        (b"\r\n.\r\nMAIL FROM:<a@b.mssante.fr>\r\n", "554 5.5.0"),
    ],
    ids=["sound", "LF dot CRLF", "CRLF dot LF", "CR dot CR", "behind the end"],
)
def test_a_mail_has_one_end(post: Post, line: Line, ending: bytes, answer: str) -> None:
    """What another server could take for an end smuggles no second mail in."""
    name = ending.hex()
    body = post.body(3, name).rstrip() + ending
    assert ready(post, line, 3).startswith("354")
    before = len(post.documents(3))

    line.socket.sendall(body)

    assert line.read().startswith(answer)
    assert len(post.documents(3)) - before == (answer == "250")


def test_dots_at_the_start_of_lines_come_back_as_they_were(post: Post) -> None:
    """A line of one dot is no end, and is read as one."""
    head = f"From: {AT_HOSPITAL}\r\nTo: {post.to(4)}\r\nSubject: a\r\nMessage-ID: <dots@a.fr>\r\n"
    mail = f"{head}Date: Tue, 1 Feb 2022 10:00:00 +0100\r\n\r\n.\r\n..a\r\nend\r\n".encode()

    with smtplib.SMTP(*post.smtp) as client:
        client.sendmail(AT_HOSPITAL, [post.to(4)], mail)

    held = post.desk.host.service.person(post.people[4].ins).holdings
    assert held is not None
    assert held.mailbox is not None
    assert held.mailbox.threads[1].messages[0].text.rstrip() == ".\n..a\nend"


@pytest.mark.parametrize(
    ("sent", "answer"),
    [
        (b"x" * 150_000 + b"\r\n", "554 5.6.0"),
        (b"x" * 250_000 + b"\r\n", "552 5.3.4"),
        (b"Received: by a\r\n" * 51 + b"\r\n", "554 5.4.6"),
    ],
    ids=["unreadable", "larger than announced", "loop"],
)
def test_a_mail_beyond_the_bounds_is_refused_and_the_next_one_is_not(
    post: Post, line: Line, sent: bytes, answer: str
) -> None:
    """The conversation goes on, with nothing of the mail before."""
    assert ready(post, line, 5).startswith("354")
    line.socket.sendall(sent + b"\r\n.\r\n")
    assert line.read().startswith(answer)
    assert line.say(b"DATA").startswith("503")
    assert line.say(b"NOOP").startswith("250")


def test_what_is_far_too_long_ends_the_conversation(post: Post, line: Line) -> None:
    """Nobody reads for ever what nobody will take."""
    ready(post, line, 5)
    with suppress(OSError):
        line.socket.sendall(b"x" * 2_000_000)
    with suppress(OSError):
        assert line.read().startswith("552")
        assert line.read() == ""
    with closing(Line(post)) as other:
        assert other.say(b"NOOP").startswith("250")


def test_mails_that_weigh_too_much_together_are_asked_for_later(post: Post) -> None:
    """One of them at least; the others may go on."""
    lines = [Line(post) for _ in range(3)]
    for one in lines:
        assert ready(post, one, 5).startswith("354")
    for one in lines:
        one.socket.sendall(b"x" * 190_000)
    answered, _, _ = select.select([one.socket for one in lines], [], [], 10)
    told = [one.read() for one in lines if one.socket in answered]
    for one in lines:
        one.close()

    assert told
    assert all(one.startswith("452 4.3.1") for one in told)


def test_slow_senders_are_let_go(tmp_path: Path) -> None:
    """Who says nothing, half a command, or half a mail."""
    hasty = MailBounds(idle_seconds=0.5, data_seconds=0.5)
    with posted(tmp_path, bounds=hasty) as post:
        lines = [Line(post) for _ in range(3)]
        lines[1].socket.sendall(b"EHL")
        assert ready(post, lines[2], 5)[:3] in {"354", "421"}
        for line in lines:
            assert line.read().startswith("421 4.4.2")
            assert line.read() == ""
            line.close()


def test_one_more_than_may_be_connected_is_asked_to_come_back(post: Post) -> None:
    """And comes in once another left."""
    lines = [Line(post) for _ in range(SMALL.connections)]
    with closing(socket.create_connection(post.smtp, 5)) as more:
        assert more.recv(100).startswith(b"421 4.3.2")
    for one in lines:
        one.say(b"QUIT")
        one.close()
    with closing(Line(post)) as again:
        assert again.say(b"NOOP").startswith("250")


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Operators:
    """One set for the module."""
    return Operators(tmp_path_factory.mktemp("certificates"))


@pytest.fixture(scope="module")
def secured(certificates: Operators, tmp_path_factory: pytest.TempPathFactory) -> Generator[Post]:
    """A server with certificates, that asks operators for theirs."""
    with posted(tmp_path_factory.mktemp("secured"), tls=certificates.files) as one:
        yield one


@pytest.mark.requirement("W-SEC-01")
@pytest.mark.parametrize(("shown", "code"), [("hospital", 250), ("clinic", 530), ("", 530)])
def test_over_tls_the_certificate_of_an_operator_answers_for_the_sender(
    secured: Post, certificates: Operators, shown: str, code: int
) -> None:
    """Its own domain and no other; without one nothing is taken."""
    before = len(secured.documents(0))
    with smtplib.SMTP(*secured.smtp) as client:
        client.starttls(context=certificates.client(shown))
        try:
            client.sendmail(AT_HOSPITAL, [secured.to(0)], secured.body(0, f"by {shown}"))
        except (smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as refused:
            assert refused.smtp_code == code  # noqa: PT017 (the other outcome is looked at below)
    assert len(secured.documents(0)) - before == (code == 250)


def test_nothing_is_said_before_tls_or_slipped_in_front_of_it(
    secured: Post, certificates: Operators
) -> None:
    """530 in clear; what follows STARTTLS before its answer ends the conversation."""
    with closing(Line(secured)) as line:
        assert line.say(b"EHLO a", b"MAIL FROM:<a@b.mssante.fr>").startswith("530")
    with closing(Line(secured)) as line:
        line.say(b"EHLO a")
        line.socket.sendall(b"STARTTLS\r\nMAIL FROM:<a@b.mssante.fr>\r\n")
        assert line.read().startswith("501")
    with smtplib.SMTP(*secured.smtp) as client:
        client.ehlo("a")
        client.starttls(context=certificates.client("hospital"))
        assert client.docmd("MAIL FROM:<a@b.mssante.fr>")[0] == 503
        assert client.docmd("STARTTLS")[0] == 503


def test_an_operator_that_nobody_knows_gets_no_tls(secured: Post, certificates: Operators) -> None:
    """Its certificate is of another authority."""
    client = smtplib.SMTP(*secured.smtp)

    def greet() -> None:
        client.starttls(context=certificates.client("stranger"))
        client.ehlo("a")

    with pytest.raises((OSError, smtplib.SMTPServerDisconnected)):
        greet()
    client.close()


def test_a_clear_handshake_ends_the_conversation_and_no_other(secured: Post) -> None:
    """Bytes that are no TLS, and a sender who leaves in the middle of it."""
    for sent in (b"EHLO a\r\n", b"\x16\x03"):
        with closing(Line(secured)) as line:
            assert line.say(b"EHLO a", b"STARTTLS").startswith("220")
            line.socket.sendall(sent)
    with closing(Line(secured)) as line:
        assert line.say(b"NOOP").startswith("250")


@pytest.mark.requirement("W-AUD-01")
def test_the_holder_reads_in_the_log_what_was_taken_and_who_was_refused(post: Post) -> None:
    """The message and the document, then somebody unknown and a lot sent back."""
    with smtplib.SMTP(*post.smtp) as client:
        client.sendmail(AT_HOSPITAL, [post.to(6)], post.body(6, "logged"))
        with pytest.raises(smtplib.SMTPDataError):
            client.sendmail("forged@a.mssante.fr", [post.to(6)], post.body(6, "forged"))
        client.sendmail(AT_HOSPITAL, [post.to(6)], post.body(6, "logged", text="Again"))
    ins = post.people[6].ins
    holder = {"actor": {"kind": "holder", "ins": ins}}
    token = post.ask("/sandbox/tokens", holder)["access_token"]

    found = post.ask("/fhir/AuditEvent?date=ge2021-01-01", token=token)

    told = json.dumps(found)
    assert "unknown sender" in told
    outcomes = [entry["resource"]["outcome"] for entry in found["entry"]]
    assert outcomes.count("0") >= 2
    assert sum(outcome != "0" for outcome in outcomes) >= 2
    state = post.ask("/sandbox")
    assert (state["smtp"], AT_HOSPITAL in state["mailboxes"]) == (post.running.smtp, True)


def test_mail_is_taken_on_the_loop_of_the_standard_library_too(
    certificates: Operators, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no faster one is installed: over TLS, to the end of the server."""
    monkeypatch.setattr("etalon_server.listening._loop_factory", lambda: None)
    with (
        posted(tmp_path, tls=certificates.files) as post,
        smtplib.SMTP(*post.smtp) as client,
    ):
        client.starttls(context=certificates.client("hospital"))
        client.sendmail(AT_HOSPITAL, [post.to(0)], post.body(0, "slower loop"))

        assert len(post.documents(0)) == 1
