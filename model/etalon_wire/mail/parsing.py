"""Mail parsed from bytes: bounded, unambiguous, or refused.

Two programs that read one mail differently let the second be deceived, so what may be read in two
ways is refused: a header twice, ends of lines of two kinds in the headers, parts that do not end.

Sources: RFC 5322, 2045 to 2049, 2231, 6532. Bounds: ours.
"""

import binascii
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email import message_from_bytes
from email.errors import MessageError
from email.header import decode_header
from email.message import Message
from email.utils import getaddresses, parsedate_to_datetime
from typing import Final, cast

from etalon_wire.mail.messages import (
    AUTOMATIC_HEADER,
    CLOSING,
    CLOSING_HEADER,
    CONTROL,
    MEDIA_TYPE,
    RECEIPT_HEADER,
    UNSENDABLE,
    WIRE,
    Attachment,
    Mail,
    check_address,
    check_message_id,
    check_name,
)
from etalon_wire.malformed import REQUIRED, STRUCTURE, TOO_COSTLY, TOO_LONG, VALUE, Malformed


@dataclass(frozen=True, slots=True)
class MailBounds:
    """How large a mail may be.

    Attributes:
        bytes: Most bytes, encodings and all.
        header_bytes: Most bytes before the first empty line.
        parts: Most parts, those that hold others included.
        depth: Most parts one inside the other.
        recipients: Most addresses of one header.
    """

    bytes: int = 48 * 1024 * 1024
    header_bytes: int = 64 * 1024
    parts: int = 64
    depth: int = 8
    recipients: int = 100


MAIL_BOUNDS: Final = MailBounds()
"""The bounds where nobody asks for others."""

_ONCE: Final = (
    "From",
    "Sender",
    "To",
    "Cc",
    "Reply-To",
    "Subject",
    "Date",
    "Message-ID",
    "In-Reply-To",
    "Content-Type",
    "Content-Transfer-Encoding",
    "MIME-Version",
    RECEIPT_HEADER,
    CLOSING_HEADER,
    AUTOMATIC_HEADER,
)
_HEAD_ENDS: Final = re.compile(rb"\r?\n\r?\n")
_LONE_CR: Final = re.compile(rb"\r(?!\n)")
_LONE_LF: Final = re.compile(rb"(?<!\r)\n")
_OF_CONTENT: Final = b"content-"
_LOGICAL_LINE: Final = re.compile(rb"[^\n]*\n(?:[ \t][^\n]*\n)*")
_LONGEST_PARAMETERS: Final = 4096
_HEADERS_OF_A_PART: Final = 16
_FOLD: Final = re.compile(r"\r?\n(?=[ \t])")
_QUOTED: Final = "quoted-printable"
_AS_IT_IS: Final = ("", "7bit", "8bit", "binary")
_BROKEN: Final = (
    MessageError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    OverflowError,
    RecursionError,
)


def parse(body: bytes, bounds: MailBounds = MAIL_BOUNDS) -> Mail:
    """Read a mail.

    Parts that are mails themselves are attachments, of type `message/…`. A text that is not plain
    (HTML) is an attachment too.

    Raises:
        Malformed: It is beyond the bounds, cannot be read, or may be read in two ways.
    """
    whole = message_of(body, bounds)
    try:
        return _mail(whole, bounds)
    except _BROKEN as error:
        raise _unreadable(error) from None


def message_of(body: bytes, bounds: MailBounds = MAIL_BOUNDS) -> Message:
    """Return the headers and parts of a mail, none of them looked into.

    Raises:
        Malformed: It is beyond the bounds, or its headers may be read in two ways.
    """
    _check_bounds(body, bounds)
    try:
        return message_from_bytes(body, policy=WIRE)
    except _BROKEN as error:
        raise _unreadable(error) from None


def header_of(part: Message, name: str) -> str:
    """Return the one header of this name, on one line and decoded; empty when there is none.

    Raises:
        Malformed: `value`: it stands twice, or holds what a header may not.
    """
    raw = _raw(part, name)
    if "=?" not in raw:
        return raw
    pieces = decode_header(raw)
    text = "".join(
        one if isinstance(one, str) else one.decode(charset or "ascii") for one, charset in pieces
    )
    return _checked(text, name).strip()


def _check_bounds(body: bytes, bounds: MailBounds) -> None:
    if len(body) > bounds.bytes:
        message = f"the mail has {len(body)} bytes: at most {bounds.bytes} are read"
        raise Malformed(TOO_LONG, "", message)
    ends = _HEAD_ENDS.search(body, 0, bounds.header_bytes)
    if ends is None:
        message = f"no empty line ends the headers within {bounds.header_bytes} bytes"
        raise Malformed(STRUCTURE, "", message)
    head = body[: ends.end()]
    if _LONE_CR.search(head) or (b"\r\n" in head and _LONE_LF.search(head)) or b"\0" in head:
        message = "the headers hold a null character, or lines that end in two ways"
        raise Malformed(STRUCTURE, "", message)
    # The parser of the standard library calls itself for every part inside another.
    lowered = body.lower()
    if lowered.count(b"boundary") + lowered.count(b"message/") > bounds.parts:
        message = f"the mail announces more than {bounds.parts} parts"
        raise Malformed(TOO_COSTLY, "", message)
    _check_parameters(lowered, bounds)


def _check_parameters(lowered: bytes, bounds: MailBounds) -> None:
    """Bound the headers of parts: the standard library copies one again for each parameter."""
    start, seen = lowered.find(_OF_CONTENT), 0
    while start >= 0:
        seen += 1
        line = _LOGICAL_LINE.match(lowered, start, start + _LONGEST_PARAMETERS)
        # What would go on beyond the bound was cut there, and not measured.
        goes_on = line is not None and lowered[line.end() : line.end() + 1] in (b" ", b"\t")
        if line is None or goes_on or seen > bounds.parts * _HEADERS_OF_A_PART:
            message = f"a header of a part has over {_LONGEST_PARAMETERS} bytes, or there are many"
            raise Malformed(TOO_COSTLY, "", message)
        start = lowered.find(_OF_CONTENT, line.end())


def _mail(whole: Message, bounds: MailBounds) -> Mail:
    senders = _addresses(whole, "From", bounds)
    if len(senders) != 1:
        raise Malformed(REQUIRED, "From", f"{len(senders)} senders: a mail has one")
    recipients = (*_addresses(whole, "To", bounds), *_addresses(whole, "Cc", bounds))
    replies = _addresses(whole, "Reply-To", bounds)
    receipts = _addresses(whole, RECEIPT_HEADER, bounds)
    content = _Content()
    for part in _leaves(whole, bounds):
        content.take(part)
    closing = header_of(whole, CLOSING_HEADER)
    automatic = header_of(whole, AUTOMATIC_HEADER).partition(";")[0].strip().lower()
    return Mail(
        senders[0],
        recipients,
        header_of(whole, "Subject"),
        _written_at(whole),
        check_message_id(_raw(whole, "Message-ID"), "Message-ID"),
        content.text or "",
        tuple(content.attachments),
        (*replies, "")[0],
        (*receipts, "")[0],
        _answered(whole),
        closing == CLOSING,
        automatic not in ("", "no"),
    )


def _answered(whole: Message) -> str:
    answered = _raw(whole, "In-Reply-To")
    return check_message_id(answered, "In-Reply-To") if answered else ""


def _written_at(whole: Message) -> datetime:
    at = parsedate_to_datetime(_raw(whole, "Date"))
    # RFC 5322: an offset of -0000 says UTC, and says nothing of where the writer is.
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def _addresses(whole: Message, name: str, bounds: MailBounds) -> tuple[str, ...]:
    raw = _raw(whole, name)
    found = [address for _, address in getaddresses([raw]) if address] if raw else []
    if len(found) > bounds.recipients:
        raise Malformed(TOO_COSTLY, name, f"at most {bounds.recipients} addresses are read")
    if not found and "@" in raw:
        raise Malformed(VALUE, name, "the addresses cannot be read")
    return tuple(check_address(one, name) for one in found)


def _raw(part: Message, name: str) -> str:
    values = [value for key, value in part.raw_items() if key.lower() == name.lower()]
    if len(values) > 1:
        raise Malformed(VALUE, name, f"the header {name} stands {len(values)} times: write it once")
    unfolded = _FOLD.sub("", str(values[0])) if values else ""
    return _checked(unfolded.encode("utf-8", "surrogateescape").decode("utf-8"), name).strip()


def _checked(text: str, name: str) -> str:
    plain = text.replace("\t", " ")
    if CONTROL.search(plain):
        raise Malformed(VALUE, name, f"the header {name} holds a control character")
    return plain


def _leaves(whole: Message, bounds: MailBounds) -> Iterator[Message]:
    """Return the parts that hold no others, in their order."""
    waiting: list[tuple[Message, int]] = [(whole, 1)]
    seen = 0
    while waiting:
        part, depth = waiting.pop()
        seen += 1
        _check_part(part)
        if depth > bounds.depth or seen > bounds.parts:
            message = f"more than {bounds.parts} parts, or {bounds.depth} one inside the other"
            raise Malformed(TOO_COSTLY, "", message)
        if part.get_content_maintype() == "multipart":
            waiting.extend((one, depth + 1) for one in reversed(_held(part)))
        else:
            yield part


def _held(part: Message) -> list[Message]:
    payload = cast("list[Message] | str | None", part.get_payload())
    return payload if isinstance(payload, list) else []


def _check_part(part: Message) -> None:
    for name in _ONCE:
        _raw(part, name)
    if part.defects:
        kind = type(part.defects[0]).__name__.removesuffix("Defect")
        raise Malformed(STRUCTURE, "", f"the parts of the mail cannot be told apart: {kind}")


@dataclass(slots=True)
class _Content:
    """What the parts of a mail hold: a text, and files."""

    text: str | None = None
    attachments: list[Attachment] = field(default_factory=list[Attachment])

    def take(self, part: Message) -> None:
        media_type = part.get_content_type()
        if not MEDIA_TYPE.fullmatch(media_type):
            media_type = "application/octet-stream"
        content = _bytes_of(part)
        name = _name_of(part)
        shown = part.get_content_disposition() != "attachment" and not name
        if media_type == "text/plain" and self.text is None and shown:
            charset = str(part.get_content_charset("us-ascii"))
            written = content.decode(charset).replace("\r\n", "\n")
            self.text = UNSENDABLE.sub("\ufffd", written)
            return
        default = f"part-{len(self.attachments) + 1}"
        self.attachments.append(Attachment(name or default, media_type, content))


def _name_of(part: Message) -> str:
    name = part.get_filename("")
    if "=?" in name:
        pieces = decode_header(name)
        name = "".join(
            one if isinstance(one, str) else one.decode(charset or "ascii")
            for one, charset in pieces
        )
    return check_name(name) if name else ""


def _bytes_of(part: Message) -> bytes:
    held = _held(part)
    if held:
        _check_part(held[0])
        return held[0].as_bytes(policy=WIRE)
    encoding = _raw(part, "Content-Transfer-Encoding").lower()
    payload = part.get_payload()
    if not isinstance(payload, str):
        raise Malformed(STRUCTURE, "", "a part holds nothing that can be read")
    if encoding == "base64":
        packed = "".join(payload.split())
        try:
            return binascii.a2b_base64(packed, strict_mode=True) if packed else b""
        except binascii.Error:
            raise Malformed(VALUE, "", "a part is said to be base64, and is not") from None
    if encoding not in (*_AS_IT_IS, _QUOTED):
        raise Malformed(VALUE, "Content-Transfer-Encoding", f"{encoding[:40]!r} is no encoding")
    raw = payload.encode("ascii", "surrogateescape")
    return binascii.a2b_qp(raw) if encoding == _QUOTED else raw


def _unreadable(error: BaseException) -> Malformed:
    message = f"the mail cannot be read: {str(error)[:80] or type(error).__name__}"
    return Malformed(STRUCTURE, "", message)
