"""What answers a mail: its documents were taken, or why they were not.

A receipt is a disposition notification where one was asked for, an ordinary mail otherwise
(W-MSS-04). Both carry what was written and the files of the mail answered (W-MSS-07).

Reading: of the two published spellings of a subject that tells of a refusal the first is written,
both are read. The subject of an acceptance is that of the mail answered. A refusal under a number
that no table knows is not written, and is read as it stands.

Sources: ANS, structure of the message of acknowledgement and error codes; RFC 8098 and 3834;
requirements W-MSS-04 to W-MSS-07.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime
from email import message_from_bytes
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.message import MIMEMessage
from typing import Final

from etalon_wire.mail.messages import (
    WIRE,
    Attachment,
    Mail,
    attached,
    check_address,
    compose,
    encoded,
    of_parts,
    text_part,
    write_headers,
    written,
)
from etalon_wire.mail.parsing import header_of, parse
from etalon_wire.malformed import NOT_SUPPORTED, STRUCTURE, VALUE, Malformed
from etalon_wire.tables import rows_of

LABELS: Final = {int(row["code"]): row["label_fr"] for row in rows_of("mail_errors.csv")}
"""Official label of each reason of a refusal."""
TAKEN: Final = 0
"""The number of an acceptance."""
ORIGINAL_NAME: Final = "message_original.eml"
"""The name of the mail answered, in an ordinary mail."""

_ENGLISH: Final = {int(row["code"]): row["label_en"] for row in rows_of("mail_errors.csv")}
_TAKEN_FR: Final = "Les documents ont été intégrés."
_TAKEN_EN: Final = "The documents were taken."
_NOTIFICATION: Final = "message/disposition-notification"
_MODE: Final = "automatic-action/MDN-sent-automatically; processed"
_REFUSED: Final = re.compile(
    r"\[(?:KO Intégration système|Erreur d['\u2019]intégration)\s?!\]\s?\[(\d{3})\]\s?(.*)"
)
_DISPOSITION: Final = re.compile(
    r"[A-Za-z-]+/[A-Za-z-]+\s*;\s*([A-Za-z-]+)(?:/[Ee]rror\s*:\s*(\d{3})\s*(?:\^\s*(.*))?)?"
)


@dataclass(frozen=True, slots=True)
class Receipt:
    """What a receipt says.

    Attributes:
        code: `TAKEN`, or the number of the reason of a refusal, 900 to 906.
        label: Reason of a refusal in the words of the receipt, or an empty string.
        answers: Identifier of the mail answered, or an empty string.
        recipient: Address of the mailbox that the mail answered went to, or an empty string.
        subject: Subject of the mail answered.
        asked: A notification was asked for, and this is one.
        attachments: The files of the mail answered, and what was written in it.
    """

    code: int
    label: str
    answers: str
    recipient: str
    subject: str
    asked: bool
    attachments: tuple[Attachment, ...] = ()


def compose_receipt(
    answered: Mail, recipient: str, code: int, at: datetime, message_id: str
) -> bytes:
    """Write the receipt of a mail.

    Args:
        answered: The mail.
        recipient: Address of the mailbox that it went to, from which the receipt comes.
        code: `TAKEN`, or the number of the reason of a refusal.
        at: When the receipt is written (UTC).
        message_id: Identifier of the receipt.

    Raises:
        Malformed: `not-supported` for a number that no table knows, or a mail that a program wrote:
            two programs would answer each other for ever.
    """
    if code != TAKEN and code not in LABELS:
        raise Malformed(NOT_SUPPORTED, "Disposition", f"{code} is the number of no refusal")
    if answered.automatic:
        raise Malformed(NOT_SUPPORTED, "Auto-Submitted", "a program wrote this: leave it be")
    subject = answered.subject.strip()
    if code != TAKEN:
        subject = f"[KO Intégration système !][{code}] {subject}"
    to = answered.receipt_to or answered.reply_to or answered.sender
    text = _told(code)
    mail = Mail(
        recipient, (to,), subject, at, message_id, text, answers=answered.message_id, automatic=True
    )
    whole = of_parts("report" if answered.receipt_to else "mixed")
    write_headers(whole, mail)
    whole.attach(text_part(text))
    original = MIMEMessage(message_from_bytes(_without_files(answered), policy=WIRE), policy=WIRE)
    if answered.receipt_to:
        whole.set_param("report-type", "disposition-notification")
        whole.attach(_notification(answered, recipient, code))
    else:
        original.add_header("Content-Disposition", "attachment", filename=ORIGINAL_NAME)
    whole.attach(original)
    for attachment in answered.attachments:
        whole.attach(attached(attachment))
    return written(whole)


def parse_receipt(body: bytes) -> Receipt | None:
    """Read the receipt of a mail, None when a mail is no receipt.

    Raises:
        Malformed: It cannot be read as a mail, or notifies without saying of what, or twice.
    """
    mail = parse(body)
    told = [one for one in mail.attachments if one.media_type == _NOTIFICATION]
    others = tuple(one for one in mail.attachments if one.media_type != _NOTIFICATION)
    refused = _REFUSED.fullmatch(mail.subject)
    subject = refused[2] if refused else mail.subject
    if len(told) > 1:
        raise Malformed(STRUCTURE, "", f"{len(told)} notifications in one mail: send one")
    if told:
        fields = message_from_bytes(told[0].content, policy=WIRE)
        return _notified(fields, subject, others, int(refused[1]) if refused else None)
    carries = any(one.name == ORIGINAL_NAME for one in others)
    if not carries and not refused:
        return None
    code = int(refused[1]) if refused else TAKEN
    label = LABELS.get(code, "")
    return Receipt(code, label, mail.answers, mail.sender, subject, asked=False, attachments=others)


def _notified(
    fields: Message, subject: str, attachments: tuple[Attachment, ...], announced: int | None
) -> Receipt:
    match = _DISPOSITION.fullmatch(header_of(fields, "Disposition"))
    recipient = header_of(fields, "Final-Recipient").rpartition(";")[2].strip()
    if match is None or not recipient:
        message = "a notification says a Disposition and a Final-Recipient"
        raise Malformed(VALUE, _NOTIFICATION, message)
    code = int(match[2] or TAKEN)
    if announced not in (None, code):
        message = f"the subject says {announced}, the notification {code}"
        raise Malformed(VALUE, "Disposition", message)
    return Receipt(
        code,
        (match[3] or "").strip(),
        header_of(fields, "Original-Message-ID"),
        check_address(recipient, "Final-Recipient"),
        subject,
        asked=True,
        attachments=attachments,
    )


def _notification(answered: Mail, recipient: str, code: int) -> MIMEBase:
    """W-MSS-05: return what a program reads of a receipt."""
    address = check_address(recipient, "Final-Recipient")
    fields = (
        ("Original-Recipient", f"rfc822;{address}"),
        ("Final-Recipient", f"rfc822;{address}"),
        ("Original-Message-ID", answered.message_id),
        ("Disposition", _disposition(code)),
    )
    part = MIMEBase(*_NOTIFICATION.split("/"), policy=WIRE)
    part.set_payload("".join(f"{name}: {value}\r\n" for name, value in fields) + "\r\n")
    return part


def _disposition(code: int) -> str:
    if code == TAKEN:
        return _MODE
    label = LABELS[code]
    # What a program compares stays plain; an encoded word stands alone between spaces.
    reason = (
        label if label.isascii() else f"\n {encoded(label, 'Disposition')}".replace("\n", "\r\n")
    )
    return f"{_MODE}/Error: {code}^{reason}"


def _without_files(answered: Mail) -> bytes:
    """Return the mail answered as it was, but for its files, which the receipt carries itself."""
    subject = " ".join(answered.subject.split())
    recipients = answered.recipients or (answered.sender,)
    return compose(replace(answered, subject=subject, recipients=recipients, attachments=()))


def _told(code: int) -> str:
    """Return what a person reads of a receipt, in French then in English."""
    if code == TAKEN:
        return f"{_TAKEN_FR}\n\n{_TAKEN_EN}\n"
    reason, english = LABELS[code], _ENGLISH[code]
    return (
        f"Documents non intégrés\u00a0: {code} {reason}.\n\n"
        f"The documents were not taken: {code} {english}.\n"
    )
