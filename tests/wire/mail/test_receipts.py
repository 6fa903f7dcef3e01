"""Receipts: what became of a mail, told to programs and to people, and read in both spellings."""

import re
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from etalon_model.messaging.delivery_codes import NUMBERS
from etalon_wire.mail.messages import Mail, compose
from etalon_wire.mail.parsing import message_of, parse
from etalon_wire.mail.receipts import LABELS, TAKEN, compose_receipt, parse_receipt
from etalon_wire.malformed import Malformed

AT = datetime(2026, 3, 2, 10, tzinfo=UTC)


def receipt(mail: Mail, code: int) -> bytes:
    """Return the receipt of a mail."""
    return compose_receipt(mail, mail.recipients[0], code, AT, "<2@mes>")


@pytest.mark.requirement("W-MSS-04")
@pytest.mark.requirement("W-MSS-05")
@pytest.mark.requirement("W-MSS-06")
@pytest.mark.requirement("W-MSS-07")
@pytest.mark.parametrize("code", [TAKEN, *LABELS])
@pytest.mark.parametrize("asked", [True, False])
def test_a_receipt_says_what_became_of_a_mail(mail: Mail, code: int, *, asked: bool) -> None:
    """Notification or ordinary mail, whichever was asked for."""
    mail = replace(mail, receipt_to=mail.receipt_to if asked else "")
    body = receipt(mail, code)
    read = parse_receipt(body)

    assert read is not None
    assert (read.code, read.asked, read.answers) == (code, asked, mail.message_id)
    assert re.search(rb"\r(?!\n)|(?<!\r)\n", body) is None
    assert read.label == LABELS.get(code, "")
    assert (read.recipient, read.subject) == (mail.recipients[0], mail.subject)
    assert [one for one in read.attachments if one in mail.attachments] == list(mail.attachments)
    assert message_of(body).get_content_type() == f"multipart/{'report' if asked else 'mixed'}"
    original = next(one for one in read.attachments if one.media_type == "message/rfc822")
    assert parse(original.content) == replace(mail, attachments=())
    assert original.name == "message_original.eml" or asked


def test_every_number_of_a_refusal_has_a_label() -> None:
    """The model refuses under no other."""
    assert set(LABELS) == NUMBERS["application"]


@pytest.mark.requirement("W-MSS-05")
@pytest.mark.parametrize(
    "start",
    [
        "[KO Intégration système !][902] ",
        "[KO Intégration système\u00a0!] [902]",
        "[Erreur d'intégration !][902] ",
        "[Erreur d\u2019intégration !][902] ",
    ],
)
def test_both_spellings_of_a_refusal_are_read(mail: Mail, start: str) -> None:
    """The published texts have two."""
    read = parse_receipt(compose(replace(mail, subject=f"{start}{mail.subject}")))

    assert read is not None
    assert (read.code, read.subject, read.asked) == (902, mail.subject, False)


def test_a_mail_is_no_receipt(mail: Mail) -> None:
    """Nor is the answer of a person."""
    assert parse_receipt(compose(mail)) is None
    assert parse_receipt(compose(replace(mail, subject="Re: [902]", answers="<1@a>"))) is None


def test_a_program_is_never_answered(mail: Mail) -> None:
    """Two programs would answer each other for ever."""
    with pytest.raises(Malformed, match="a program wrote this"):
        receipt(parse(receipt(mail, TAKEN)), TAKEN)


def test_a_refusal_that_no_table_knows_is_not_written(mail: Mail) -> None:
    """900 to 906."""
    with pytest.raises(Malformed, match="907"):
        receipt(mail, 907)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (b"Error: 902", b"Error: 903", "the subject says 902"),
        (b"processed/Error", b"Error", "says a Disposition"),
        (b"Final-Recipient", b"Other-Recipient", "says a Disposition"),
        (b"Final-Recipient: rfc822;", b"Final-Recipient: rfc822;@", "no mail address"),
        (b"\r\nDisposition:", b"\r\nDisposition: a\r\nDisposition:", "2 times"),
    ],
)
def test_a_receipt_that_contradicts_itself_is_refused(
    mail: Mail, old: bytes, new: bytes, said: str
) -> None:
    """Subject against notification."""
    body = receipt(mail, 902)
    assert old in body

    with pytest.raises(Malformed, match=said):
        parse_receipt(body.replace(old, new))
