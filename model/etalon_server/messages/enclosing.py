"""What is attached to a message: files that come with it, what stands in the space, sections.

A file is kept beside the command that attaches it. What stands in the space is what whoever writes
sees there: a document is attached as the record holds it, an attachment of the mailbox again.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from functools import cache
from hashlib import sha1
from typing import Final, cast

from etalon_model import Actor, Command, Person
from etalon_model.messaging.conversations import Attachment, AttachmentOrigin
from etalon_model.messaging.reading import ReadMailbox
from etalon_model.records.sections import SECTIONS, ReadSection
from etalon_server.asking import known_caller, told
from etalon_server.durable.encoding import Kept
from etalon_server.exchange import Desk, Request
from etalon_server.mail.places import attachment_key
from etalon_server.messages.seeing import attachment_at, content_of
from etalon_server.records.places import place_of
from etalon_server.records.reading import nothing_here
from etalon_wire.messages.places import mail_place
from etalon_wire.messages.reading import Enclosed, File, Section, Standing
from etalon_wire.records.addresses import key_of, record_key
from etalon_wire.tables import rows_of

_TEXT: Final = "text/plain"
_NOTHING: Final = "Cette rubrique est vide."


@dataclass(frozen=True, slots=True)
class Attached:
    """What is attached, as the model knows it, and what is kept of it.

    Attributes:
        attachments: The attachments, in order.
        kept: Bytes that stand beside the command.
    """

    attachments: tuple[Attachment, ...]
    kept: tuple[Kept, ...]


async def attached(
    desk: Desk, request: Request, person: Person, enclosed: Sequence[Enclosed]
) -> Attached:
    """Return what a message attaches.

    Raises:
        Refused: Something is not there for whoever writes.
    """
    attachments: list[Attachment] = []
    kept: list[Kept] = []
    for one in enclosed:
        if isinstance(one, Standing):
            attachments.append(_standing(desk, request, person, one.resource_id))
            continue
        origin, reference, file = AttachmentOrigin.DEVICE, "", one
        if isinstance(file, Section):
            origin, reference = AttachmentOrigin.PROFILE, file.name
            file = await _section(desk, request, person, file.name)
        digest = sha1(file.content, usedforsecurity=False).hexdigest()
        size = len(file.content)
        attachments.append(Attachment(file.name, file.media_type, size, origin, reference, digest))
        kept.append(Kept(attachment_key(person.ins, digest), file.content))
    return Attached(tuple(attachments), tuple(kept))


def _standing(desk: Desk, request: Request, person: Person, resource_id: str) -> Attachment:
    if key_of(resource_id) != record_key(person.ins):
        raise nothing_here()
    place = mail_place(resource_id)
    if place is not None:
        looking: Command = ReadMailbox(
            desk.host.clock.now(), known_caller(request).actor, person.ins
        )
        found = attachment_at(desk, person, looking, place)
        if found is None or content_of(desk, person, found) is None:
            raise nothing_here()
        return found
    stands = place_of(desk.people, desk.host.service, resource_id)
    if stands is None or stands.document is None:
        raise nothing_here()
    # The model attaches the document as the record holds it, if whoever writes sees it.
    return Attachment("", "", 0, AttachmentOrigin.DOCUMENT, stands.document.unique_id)


async def _section(desk: Desk, request: Request, person: Person, name: str) -> File:
    """Return a section as a text; that it was read leaves its trace."""
    actor = known_caller(request).actor
    content = await told(desk, ReadSection(desk.host.clock.now(), actor, person.ins, name))
    title = _titles()[name]
    lines = [f"- {_said(one)}" for one in _items(content)] or [f"- {_NOTHING}"]
    body = "\n".join([title, "", *lines, ""])
    return File(f"{title}.txt", _TEXT, body.encode())


@cache
def _titles() -> dict[str, str]:
    """Return the French title of each section."""
    titles = {row["section"]: row["title"] for row in rows_of("section_titles.csv")}
    return {section: titles[section] for section in SECTIONS}


def _items(content: object) -> Sequence[object]:
    if isinstance(content, tuple):
        return cast("tuple[object, ...]", content)
    return [content] if content else []


def _said(value: object) -> str:
    """Return what a person reads of an item: its values in order, those that say something."""
    if isinstance(value, Actor):
        return value.ident
    if is_dataclass(value):
        parts = [_said(getattr(value, one.name)) for one in fields(value)]
    elif isinstance(value, tuple):
        parts = [_said(one) for one in cast("tuple[object, ...]", value)]
    else:
        return _plain(value)
    return ", ".join(one for one in parts if one)


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        value = value.date()
    if isinstance(value, date):
        return f"{value.day:02}/{value.month:02}/{value.year:04}"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, Enum):
        return str(value.value)
    return "" if value is None else str(value)
