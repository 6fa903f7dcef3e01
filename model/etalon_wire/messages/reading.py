"""What somebody in a space writes: a Communication that is sent, or kept as a draft.

`completed` sends, `preparation` keeps. What it answers is what it is in response to, or part of:
a conversation or one of its messages; without one it begins a conversation. An attachment is a
file (`data`), what stands in the record or in the mailbox (`url` of a Binary, a reference to a
DocumentReference), or a section of the profile (a reference by identifier).

The shape is ours. Sources: FHIR R4, Communication; official application (reply kinds, drafts,
attachments).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote

from etalon_model.messaging.conversations import ReplyKind
from etalon_wire.base64_text import bytes_of
from etalon_wire.json_body import Resource
from etalon_wire.mail.messages import MEDIA_TYPE, UNSENDABLE, check_line, check_name
from etalon_wire.malformed import REQUIRED, TOO_COSTLY, VALUE, Malformed
from etalon_wire.messages.places import ATTACHMENTS_MOST, MailPlace, mail_place
from etalon_wire.messages.writing import MAILTO, REPLY_KIND, URIS
from etalon_wire.records.addresses import Named, id_in, key_of
from etalon_wire.records.parties import INS_TYPES
from etalon_wire.validation.reading import part, parts, text

SECTIONS: Final = "urn:mes-etalon:CodeSystem:record-section"
"""System of the names of sections of the profile."""

SENT: Final = "completed"
_SUBJECT_LONGEST: Final = 255
_TEXT_LONGEST: Final = 200_000


@dataclass(frozen=True, slots=True)
class File:
    """A file that comes with the message.

    Attributes:
        name: Its name.
        media_type: Its media type.
        content: Its bytes.
    """

    name: str
    media_type: str
    content: bytes


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands in the space already.

    Attributes:
        resource_id: The `id` of a document, or of an attachment of the mailbox.
    """

    resource_id: str


@dataclass(frozen=True, slots=True)
class Section:
    """A section of the profile.

    Attributes:
        name: Its name.
    """

    name: str


Enclosed = File | Standing | Section


@dataclass(frozen=True, slots=True)
class Writing:
    """What is written.

    Attributes:
        sends: It is sent; otherwise it is kept as a draft.
        kind: An answer, an answer to everybody, or a new message.
        thread: Number of the conversation that is answered, or 0.
        thread_key: Key of the record that the conversation is in, or an empty string.
        to: Address of the recipient, or an empty string.
        subject: Subject, or an empty string.
        text: What it says.
        enclosed: What is attached.
    """

    sends: bool
    kind: ReplyKind
    thread: int
    thread_key: str
    to: str
    subject: str
    text: str
    enclosed: tuple[Enclosed, ...]


def named_subject(resource: Resource, base: str) -> Named | None:
    """Return the person whose space a Communication says, None when it says none."""
    subject = part(resource, "subject")
    identifier = part(subject, "identifier")
    known = text(identifier, "system").removeprefix("urn:oid:") in INS_TYPES
    ins = text(identifier, "value") if known else ""
    key = key_of(id_in(text(subject, "reference"), "Patient", base))
    return Named(ins, key or "") if ins or key else None


def writing_of(resource: Resource, base: str) -> Writing:
    """Return what a Communication writes; whose space it is in is read apart.

    Args:
        resource: The Communication, valid for its profile.
        base: Public address of the FHIR base, without a slash at its end.

    Raises:
        Malformed: What it answers, whom it goes to, its text or an attachment cannot be read.
    """
    key, place = _answered(resource, base)
    return Writing(
        sends=text(resource, "status") == SENT,
        kind=_kind(resource, place.number),
        thread=place.number,
        thread_key=key,
        to=_recipient(resource, is_answer=place.number > 0),
        subject=_subject(resource),
        text=_text(resource),
        enclosed=tuple(_enclosed(resource, base)),
    )


def _answered(resource: Resource, base: str) -> tuple[str, MailPlace]:
    """Return the record and the conversation that are answered."""
    found: set[tuple[str, MailPlace]] = set()
    for name in ("inResponseTo", "partOf"):
        for rank, reference in enumerate(parts(resource, name)):
            resource_id = id_in(text(reference, "reference"), "Communication", base)
            place = mail_place(resource_id)
            if place is None or place.is_draft:
                message = "what is answered is a conversation or one of its messages"
                raise Malformed(VALUE, f"Communication.{name}[{rank}]", message)
            found.add((key_of(resource_id) or "", MailPlace(place.number)))
    if len(found) > 1:
        message = "a message answers one conversation: name it once"
        raise Malformed(VALUE, "Communication.inResponseTo", message)
    return next(iter(found), ("", MailPlace(0)))


def _kind(resource: Resource, thread: int) -> ReplyKind:
    said = [
        text(one, "valueCode")
        for one in parts(resource, "extension")
        if text(one, "url") == REPLY_KIND
    ]
    if not said:
        return ReplyKind.REPLY if thread else ReplyKind.NEW_MESSAGE
    if len(said) > 1 or said[0] not in set(ReplyKind):
        message = f"the kind of answer is one of {', '.join(ReplyKind)}"
        raise Malformed(VALUE, "Communication.extension", message)
    return ReplyKind(said[0])


def _recipient(resource: Resource, *, is_answer: bool) -> str:
    """Return whom it goes to; an answer goes to its conversation, whoever is named."""
    named = parts(resource, "recipient")
    if is_answer or not named:
        return ""
    if len(named) > 1:
        message = "a new message goes to one mailbox"
        raise Malformed(VALUE, "Communication.recipient", message)
    identifier = part(named[0], "identifier")
    value = text(identifier, "value")
    if text(identifier, "system") != URIS or not value.lower().startswith(MAILTO):
        message = f"a mailbox is asked by identifier: system {URIS}, value {MAILTO}…"
        raise Malformed(VALUE, "Communication.recipient[0].identifier", message)
    return unquote(value[len(MAILTO) :])


def _subject(resource: Resource) -> str:
    said = text(part(resource, "topic"), "text")
    if len(said) > _SUBJECT_LONGEST:
        message = f"a subject has at most {_SUBJECT_LONGEST} characters"
        raise Malformed(VALUE, "Communication.topic.text", message)
    return check_line(said, "Communication.topic.text")


def _text(resource: Resource) -> str:
    said = "\n\n".join(
        text(one, "contentString") for one in parts(resource, "payload") if "contentString" in one
    )
    found = UNSENDABLE.search(said)
    if found or len(said) > _TEXT_LONGEST:
        message = f"plain text of at most {_TEXT_LONGEST} characters, without control characters"
        raise Malformed(VALUE, "Communication.payload", message)
    return said


def _enclosed(resource: Resource, base: str) -> Iterator[Enclosed]:
    """Yield what is attached, in its order."""
    held = [
        (rank, one)
        for rank, one in enumerate(parts(resource, "payload"))
        if "contentString" not in one
    ]
    if len(held) > ATTACHMENTS_MOST:
        message = f"at most {ATTACHMENTS_MOST} attachments go with a message"
        raise Malformed(TOO_COSTLY, "Communication.payload", message)
    for rank, one in held:
        at = f"Communication.payload[{rank}]"
        if "contentAttachment" in one:
            yield _attachment(part(one, "contentAttachment"), base, f"{at}.contentAttachment")
        else:
            yield _reference(part(one, "contentReference"), base, f"{at}.contentReference")


def _attachment(said: Resource, base: str, at: str) -> Enclosed:
    if "data" not in said:
        resource_id = id_in(text(said, "url"), "Binary", base)
        if not resource_id:
            message = "an attachment has its data, or the url of a Binary of this space"
            raise Malformed(REQUIRED, at, message)
        return Standing(resource_id)
    content, media_type = bytes_of(text(said, "data")), text(said, "contentType")
    if not content:
        raise Malformed(VALUE, f"{at}.data", "base64 of a file that is not empty is asked")
    if not MEDIA_TYPE.fullmatch(media_type):
        message = "a media type without parameters is asked, like application/pdf"
        raise Malformed(VALUE, f"{at}.contentType", message)
    return File(check_name(text(said, "title")), media_type.lower(), content)


def _reference(said: Resource, base: str, at: str) -> Enclosed:
    resource_id = id_in(text(said, "reference"), "DocumentReference", base)
    if resource_id:
        return Standing(resource_id)
    identifier = part(said, "identifier")
    if text(identifier, "system") == SECTIONS and text(identifier, "value"):
        return Section(text(identifier, "value"))
    message = f"a DocumentReference of this space, or a section by identifier of {SECTIONS}"
    raise Malformed(VALUE, at, message)
