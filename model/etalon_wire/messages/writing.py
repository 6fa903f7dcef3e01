"""Conversations, messages and drafts of a space as Communication, for whoever is in the space.

The shape is ours: no public text gives messages a resource. What a professional receives is a mail
(`etalon_wire.mail`); this is what the holder, a representative or a caregiver sees. Mailboxes stand
as references by identifier, an address being a URI (`mailto:`, RFC 6068), as is the identifier of
a mail (`mid:`, RFC 2392).

Sources: FHIR R4, Communication; official application (reply kinds, messages not read, remaining
size, "add to my record", message of a caregiver); `X-MSS-MES: FIN` of the ANS.
"""

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from urllib.parse import quote

from etalon_model import Identity
from etalon_model.messaging.conversations import (
    Attachment,
    Draft,
    Message,
    ReplyKind,
)
from etalon_model.messaging.correspondents import address_of
from etalon_wire.consents import party_reference
from etalon_wire.json_body import Json, Resource
from etalon_wire.messages.places import MailPlace, mail_id
from etalon_wire.records.addresses import person_id
from etalon_wire.records.document_encoding import narrative
from etalon_wire.records.instants import written
from etalon_wire.records.parties import ins_identifier, kind_of

PROFILE: Final = "urn:mes-etalon:StructureDefinition:mes-communication"
KINDS: Final = "urn:mes-etalon:CodeSystem:message-kind"
CONVERSATION: Final = "urn:mes-etalon:StructureDefinition:conversation"
REPLY_KIND: Final = "urn:mes-etalon:StructureDefinition:reply-kind"
FINAL: Final = "urn:mes-etalon:StructureDefinition:x-mss-mes"
CAREGIVER: Final = "urn:mes-etalon:StructureDefinition:caregiver"
REMAINING: Final = "urn:mes-etalon:StructureDefinition:remaining-bytes"
FOR_THE_RECORD: Final = "urn:mes-etalon:StructureDefinition:can-add-to-record"
URIS: Final = "urn:ietf:rfc:3986"
MAILTO: Final = "mailto:"
_MEDIUM: Final[Json] = {
    "coding": [
        {
            "system": "http://terminology.hl7.org/CodeSystem/v3-ParticipationMode",
            "code": "EMAILWRIT",
        }
    ]
}
_FIN: Final = "FIN"


@dataclass(frozen=True, slots=True)
class Seen:
    """Whose mailbox is shown, and where.

    Attributes:
        identity: The holder.
        base: Public address of the FHIR base, without a slash at its end.
    """

    identity: Identity
    base: str

    def at(self, place: MailPlace) -> str:
        """Return the `id` of something in the mailbox."""
        return mail_id(self.identity.ins, place)


@dataclass(frozen=True, slots=True)
class ConversationSeen:
    """A conversation as its reader sees it.

    Attributes:
        number: Its number.
        subject: What it is about.
        correspondents: Addresses of the professionals whom the reader sees in it.
        messages: How many messages the reader sees.
        unread: How many of them were not read.
        reply_kind: What may follow.
        finalized_by: Address of whoever ended it, or an empty string.
        began_at: When the first of them was sent (UTC).
        last_at: When the last one was (UTC).
    """

    number: int
    subject: str
    correspondents: tuple[str, ...]
    messages: int
    unread: int
    reply_kind: ReplyKind
    finalized_by: str
    began_at: datetime
    last_at: datetime


@dataclass(frozen=True, slots=True)
class MessageSeen:
    """A message as its reader sees it.

    Attributes:
        number: Number of its conversation.
        rank: Its rank in it, from 1.
        subject: What the conversation is about.
        message: The message.
        attachments: What the reader sees attached, each with its rank, from 1.
        mail_id: Identifier of the mail, or an empty string.
        ends: It ended the conversation.
    """

    number: int
    rank: int
    subject: str
    message: Message
    attachments: tuple[tuple[int, Attachment], ...]
    mail_id: str = ""
    ends: bool = False


def conversation_resource(seen: Seen, one: ConversationSeen) -> Resource:
    """Return a conversation; its messages name it as what they are part of (MSG-04, MSG-05)."""
    counted: list[Json] = [
        {"url": "messages", "valueUnsignedInt": one.messages},
        {"url": "unread", "valueUnsignedInt": one.unread},
        {"url": "replyKind", "valueCode": one.reply_kind.value},
    ]
    if one.finalized_by:
        counted.append({"url": "finalizedBy", "valueString": one.finalized_by})
    whole = _head(seen, MailPlace(one.number), one.last_at, "conversation", one.subject)
    whole["extension"] = [{"url": CONVERSATION, "extension": counted}, *_final(one.finalized_by)]
    whole["status"] = "completed" if one.finalized_by else "in-progress"
    whole["sent"] = written(one.began_at)
    whole["recipient"] = _recipients(one.correspondents)
    return whole


def message_resource(seen: Seen, one: MessageSeen) -> Resource:
    """Return a message (REP-12)."""
    message, own = one.message, address_of(seen.identity.ins)
    whole = _head(seen, MailPlace(one.number, one.rank), message.at, "message", one.subject)
    extensions = _final(_FIN if one.ends else "")
    if message.caregiver:
        extensions.append({"url": CAREGIVER, "valueReference": party_reference(message.caregiver)})
    if extensions:
        whole["extension"] = extensions
    if one.mail_id:
        mid = quote(one.mail_id.strip("<>"), safe="@")
        whole["identifier"] = [{"system": URIS, "value": f"mid:{mid}"}]
    whole["partOf"] = [{"reference": f"Communication/{seen.at(MailPlace(one.number))}"}]
    whole["status"] = "completed"
    whole["sent"] = written(message.at)
    if message.sender != own:
        whole["received"] = written(message.at)
    whole["recipient"] = _recipients(message.recipients)
    whole["sender"] = mailbox_reference(message.sender, message.author.ident)
    places = [
        (MailPlace(one.number, one.rank, rank), attachment) for rank, attachment in one.attachments
    ]
    return whole | _payload(seen, message.text, places)


def draft_resource(
    seen: Seen, draft: Draft, attachments: tuple[tuple[int, Attachment], ...]
) -> Resource:
    """Return a draft, what its attachments may still weigh, not when it was saved (MSG-06, MSG-10).

    Args:
        seen: Whose mailbox.
        draft: The draft.
        attachments: What the reader sees attached, each with its rank, from 1.
    """
    whole = _head(seen, MailPlace(draft.number, is_draft=True), None, "draft", draft.subject)
    whole["extension"] = [{"url": REMAINING, "valueUnsignedInt": draft.remaining_bytes}]
    if draft.thread:
        reference = f"Communication/{seen.at(MailPlace(draft.thread))}"
        whole["inResponseTo"] = [{"reference": reference}]
    whole["status"] = "preparation"
    places = [
        (MailPlace(draft.number, 0, rank, is_draft=True), attachment)
        for rank, attachment in attachments
    ]
    if draft.to:
        whole["recipient"] = [mailbox_reference(draft.to)]
    whole["sender"] = mailbox_reference(address_of(seen.identity.ins), draft.author.ident)
    return whole | _payload(seen, draft.text, places)


def _recipients(addresses: tuple[str, ...]) -> list[Json]:
    return [mailbox_reference(address) for address in addresses]


def mailbox_reference(address: str, ident: str = "") -> Resource:
    """Return a reference to whoever has a mailbox.

    Args:
        address: Its address.
        ident: Identifier of whoever wrote from it, or an empty string.
    """
    said: Resource = {
        "identifier": {"system": URIS, "value": f"{MAILTO}{quote(address, safe='@')}"},
        "display": address,
    }
    kind = kind_of(ident) if ident else ""
    return {"type": kind, **said} if kind in {"Practitioner", "Organization"} else said


def _head(seen: Seen, place: MailPlace, at: datetime | None, kind: str, about: str) -> Resource:
    """Return what conversations, messages and drafts have in common."""
    ins, subject = seen.identity.ins, about.strip()
    meta: Resource = {"profile": [PROFILE]}
    if at is not None:
        meta["lastUpdated"] = written(at)
    whole: Resource = {
        "resourceType": "Communication",
        "id": seen.at(place),
        "meta": meta,
        "text": narrative(f"{kind} {subject}".strip()),
        "category": [{"coding": [{"system": KINDS, "code": kind}]}],
        "medium": [_MEDIUM],
        "subject": {
            "reference": f"Patient/{person_id(ins)}",
            "identifier": ins_identifier(ins, seen.identity.oid),
        },
    }
    if subject:
        whole["topic"] = {"text": subject}
    return whole


def _final(ended: str) -> list[Json]:
    """Return the marking of a last message (MSG-05)."""
    return [{"url": FINAL, "valueCode": _FIN}] if ended else []


def _payload(seen: Seen, said: str, attachments: list[tuple[MailPlace, Attachment]]) -> Resource:
    listed: list[Json] = [{"contentString": said}] if said.strip() else []
    listed += [_attached(seen, place, one) for place, one in attachments]
    return {"payload": listed} if listed else {}


def _attached(seen: Seen, place: MailPlace, attachment: Attachment) -> Json:
    """Return an attachment, and whether it may go to the record (MSG-07)."""
    content: Resource = {
        "contentType": attachment.mime,
        "url": f"{seen.base}/Binary/{seen.at(place)}",
        "size": attachment.size_bytes,
        "title": attachment.name,
    }
    if attachment.sha1:
        content["hash"] = base64.b64encode(bytes.fromhex(attachment.sha1)).decode()
    return {
        "extension": [{"url": FOR_THE_RECORD, "valueBoolean": attachment.can_add_to_record}],
        "contentAttachment": content,
    }
