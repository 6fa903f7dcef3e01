"""A mail of the trust space: composed from what it says, and parsed from its bytes.

What a mail is composed of may come from anywhere: a control character in what becomes a header is
refused, since it would begin another one. A mail attached to a mail is carried as plain bytes,
since RFC 2046 lets none be encoded.

Sources: ANS, structure of the standard mail (subject, attachments, `X-MSS-MES`); RFC 5322, 2045 to
2049, 2231 and 3834; requirements W-MSS-01, -02, -08 and -10.
"""

import base64
import re
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from email.generator import BytesGenerator
from email.header import Header
from email.message import Message
from email.mime.base import MIMEBase
from email.mime.multipart import MIMEMultipart
from email.policy import compat32
from email.utils import format_datetime
from io import BytesIO
from secrets import token_hex
from typing import Final

from etalon_wire.malformed import REQUIRED, VALUE, Malformed

PATIENTS: Final = "patient.mssante.fr"
"""The domain of the mailboxes of patients."""
EXCHANGE: Final = "XDM/1.0/DDM+"
"""How the subject of a mail that carries a lot starts."""
CLOSING_HEADER: Final = "X-MSS-MES"
CLOSING: Final = "FIN"
"""What the header says where the patient is not to answer."""
RECEIPT_HEADER: Final = "Disposition-Notification-To"
AUTOMATIC_HEADER: Final = "Auto-Submitted"

WIRE: Final = compat32.clone(linesep="\r\n", max_line_length=76)
"""How the lines of a mail end, and how long they are."""

_ADDRESS: Final = re.compile(
    r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*"
    r"@(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}",
    re.ASCII,
)
_LONGEST_ADDRESS: Final = 254
_LINE: Final = 76
_LINE_END: Final = re.compile(r"\r\n|\r|\n")
_MESSAGE_ID: Final = re.compile(r"<[!-;=?A-~]{1,200}@[!-;=?A-~]{1,200}>", re.ASCII)
MEDIA_TYPE: Final = re.compile(r"[A-Za-z0-9!#$&^_.+-]+/[A-Za-z0-9!#$&^_.+-]+", re.ASCII)
_PLAIN: Final = re.compile(r"[!-<>-~](?:[ -<>-~]{0,58}[!-<>-~])?", re.ASCII)
CONTROL: Final = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]")
"""What no header holds: control characters, ends of lines, halves of characters."""
UNSENDABLE: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]|\r(?!\n)")
"""What no plain text holds."""
_INS: Final = re.compile(r"[0-9][0-9AB]{14}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Attachment:
    """A file attached to a mail.

    Attributes:
        name: Its name, without folders.
        media_type: Its media type, without parameters.
        content: Its bytes.
    """

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Mail:
    """What a mail says.

    Attributes:
        sender: Address of the mailbox it comes from.
        recipients: Addresses it goes to, at least one.
        subject: Subject.
        at: When it was written (UTC, to the second).
        message_id: Its identifier, between angle brackets.
        text: What is written in it.
        attachments: Files attached.
        reply_to: Address that answers go to, or an empty string.
        receipt_to: Address that asks for a receipt, or an empty string.
        answers: Identifier of the mail it answers, or an empty string.
        closes: The patient is not to answer.
        automatic: A program wrote it, and no program is to answer.
    """

    sender: str
    recipients: tuple[str, ...]
    subject: str
    at: datetime
    message_id: str
    text: str
    attachments: tuple[Attachment, ...] = field(default=(), repr=False)
    reply_to: str = ""
    receipt_to: str = ""
    answers: str = ""
    closes: bool = False
    automatic: bool = False


def patient_address(ins: str) -> str:
    """W-MSS-10: return the address of the mailbox of a patient.

    Raises:
        Malformed: `value`: `ins` has not the shape of a matricule.
    """
    if not _INS.fullmatch(ins):
        raise Malformed(VALUE, "To", "a matricule has fifteen characters: give it whole")
    return f"{ins}@{PATIENTS}"


def matricule_in(address: str) -> str:
    """Return the matricule of a patient's address, empty for any other address."""
    name, _, domain = address.rpartition("@")
    return name if domain.lower() == PATIENTS and _INS.fullmatch(name) else ""


def exchange_subject(label: str, family: str, given: str, birth_on: date) -> str:
    """W-MSS-01: return the subject of a mail that carries a lot.

    Args:
        label: Label of the type of document.
        family: Family name of the patient, written in capitals.
        given: First name of the patient.
        birth_on: Day of birth of the patient.
    """
    day = f"{birth_on.day:02}/{birth_on.month:02}/{birth_on.year:04}"
    return f"{EXCHANGE}{label} {family.upper()} {given} {day}"


def check_address(text: str, header: str) -> str:
    """Return a mail address, once it is known to be one and nothing else.

    Raises:
        Malformed: `value`.
    """
    if len(text) > _LONGEST_ADDRESS or not _ADDRESS.fullmatch(text):
        raise Malformed(VALUE, header, f"{text[:80]!r} is no mail address")
    return text


def check_message_id(text: str, header: str) -> str:
    """Return the identifier of a mail, once it is known to be one.

    Raises:
        Malformed: `value`.
    """
    if not _MESSAGE_ID.fullmatch(text):
        raise Malformed(VALUE, header, f"{text[:80]!r} is no identifier like <a@b>")
    return text


def check_line(text: str, header: str) -> str:
    """Return a text that may become a header: no control character, no space at either end.

    Raises:
        Malformed: `value`.
    """
    if CONTROL.search(text) or text != text.strip():
        message = "the text holds a control character or an outer space: it must be one plain line"
        raise Malformed(VALUE, header, message)
    return text


def compose(mail: Mail) -> bytes:
    """Write a mail: a text, then its attachments.

    Raises:
        Malformed: `value` or `required`: an address, an identifier, a name or a subject that would
            not stay one header, or a text that no mail carries.
    """
    whole = of_parts("mixed")
    write_headers(whole, mail)
    whole.attach(text_part(mail.text))
    for attachment in mail.attachments:
        whole.attach(attached(attachment))
    return written(whole)


def of_parts(subtype: str) -> MIMEMultipart:
    """Return a mail of several parts, none of them there yet.

    What stands between them is drawn here: parts are in base64, in which it cannot stand, and the
    standard library would look for it in all of them.
    """
    return MIMEMultipart(subtype, f"=_{token_hex(16)}", policy=WIRE)


def written(whole: MIMEMultipart) -> bytes:
    """Return the bytes of a mail."""
    into = BytesIO()
    _Writer(into, mangle_from_=False, policy=WIRE).flatten(whole)
    return into.getvalue()


class _Writer(BytesGenerator):
    """Writes texts and short headers at once, which the standard library takes apart first."""

    _NL: str

    def _write_headers(self, msg: Message) -> None:
        for name, value in msg.raw_items():
            line = f"{name}: {value}"
            if len(line) <= _LINE and line.isascii() and line.isprintable():
                self.write(f"{line.rstrip()}{self._NL}")
            else:
                self.write(WIRE.fold(name, value))
        self.write(self._NL)

    def _write_lines(self, lines: str) -> None:
        if lines:
            self.write(_LINE_END.sub(self._NL, lines))


def base64_lines(content: bytes) -> str:
    """Return bytes in base64, in lines as a mail has them."""
    packed = base64.b64encode(content).decode()
    lines = [packed[start : start + _LINE] for start in range(0, len(packed), _LINE)]
    return "\n".join([*lines, ""])


def write_headers(whole: MIMEMultipart, mail: Mail) -> None:
    """Write the headers of a mail.

    Raises:
        Malformed: `value` or `required`.
    """
    if not mail.recipients:
        raise Malformed(REQUIRED, "To", "a mail goes to at least one address")
    recipients = [check_address(one, "To") for one in mail.recipients]
    whole["From"] = check_address(mail.sender, "From")
    whole["To"] = ", ".join(recipients)
    whole["Subject"] = encoded(mail.subject, "Subject")
    whole["Date"] = format_datetime(mail.at.astimezone(UTC))
    whole["Message-ID"] = check_message_id(mail.message_id, "Message-ID")
    for header, address in (("Reply-To", mail.reply_to), (RECEIPT_HEADER, mail.receipt_to)):
        if address:
            whole[header] = check_address(address, header)
    if mail.answers:
        whole["In-Reply-To"] = check_message_id(mail.answers, "In-Reply-To")
        whole["References"] = mail.answers
    if mail.closes:
        whole[CLOSING_HEADER] = CLOSING
    if mail.automatic:
        whole[AUTOMATIC_HEADER] = "auto-replied"


def encoded(text: str, header: str) -> str:
    """Return a text as a header carries it: short plain text as it is, any other in encoded words.

    Raises:
        Malformed: `value`: it would not stay one header.
    """
    check_line(text, header)
    if not text or (_PLAIN.fullmatch(text) and "  " not in text):
        return text
    return Header(text, "utf-8", maxlinelen=64).encode(linesep="\n")


def text_part(text: str) -> MIMEBase:
    """Return the text of a mail as a part of it.

    Raises:
        Malformed: `value`: the text holds a character that no mail carries.
    """
    found = UNSENDABLE.search(text)
    if found:
        message = f"a control character at {found.start()}: send plain text"
        raise Malformed(VALUE, "text", message)
    part = MIMEBase("text", "plain", policy=WIRE, charset="utf-8")
    part["Content-Transfer-Encoding"] = "base64"
    lines = text.replace("\r\n", "\n").replace("\n", "\r\n")
    part.set_payload(base64_lines(lines.encode()))
    return part


def attached(attachment: Attachment) -> MIMEBase:
    """Return an attachment as a part of a mail.

    Raises:
        Malformed: `value`: its name or media type would not stay in its header.
    """
    name = check_name(attachment.name)
    if not MEDIA_TYPE.fullmatch(attachment.media_type):
        message = f"{attachment.media_type[:80]!r} is no media type without parameters"
        raise Malformed(VALUE, "Content-Type", message)
    main, _, sub = attachment.media_type.partition("/")
    if main.lower() in ("message", "multipart"):
        main, sub = "application", "octet-stream"
    part = MIMEBase(main, sub, policy=WIRE)
    written = name if name.isascii() else ("utf-8", "", name)
    part.add_header("Content-Disposition", "attachment", filename=written)
    part["Content-Transfer-Encoding"] = "base64"
    part.set_payload(base64_lines(attachment.content))
    return part


def check_name(name: str) -> str:
    """Return the name of a file, once it is known to name one and no folder.

    Raises:
        Malformed: `value`.
    """
    if not name or set(name) & set('/\\"') or name in (".", "..") or len(name) > 200:  # noqa: PLR2004
        raise Malformed(VALUE, "Content-Disposition", f"{name[:80]!r} is no name of a file")
    return check_line(name, "Content-Disposition")
