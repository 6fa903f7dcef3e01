"""Deposits alike: a software changes name, patient, date, title and content, and nothing else.

What the first of them was found to mean, and the bytes kept of it, are a template for the others:
what differs is filled in where it stood. A deposit that says more than the usual has no template
and is worked out whole; what it becomes is the same either way.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple, cast

import orjson

from etalon_model.identities import Identity
from etalon_model.records.record import NO_EXTRAS, Sheet
from etalon_wire.json_body import Json, Resource, write_json
from etalon_wire.records.document_encoding import keep, narrative, patient_contained
from etalon_wire.records.documents import CREATION, hash_of, measured_content
from etalon_wire.records.instants import instant_of, written
from etalon_wire.validation.reading import first, part, parts, text

_USUAL: Final = frozenset(
    {
        "resourceType", "meta", "language", "text", "masterIdentifier", "status", "docStatus",
        "type", "category", "subject", "date", "author", "authenticator", "custodian",
        "securityLabel", "content",
    }
)  # fmt: skip
_DIFFERENT: Final = ("masterIdentifier", "text", "subject", "date")
_DIFFERENT_IN_CONTENT: Final = ("data", "title", "creation", "size", "hash")
_LONGEST: Final = 4096
_PATIENTS: Final = 4096
_MARK: Final = b"\0"
"""Stands in no JSON, which writes it as an escape."""


@dataclass(frozen=True, slots=True)
class Template:
    """What deposits alike share.

    Attributes:
        sheet: Metadata of one of them.
        codes: Their confidentiality codes.
        pieces: What is kept of them, in turn bytes that they share and the name of what differs.
    """

    sheet: Sheet
    codes: tuple[str, ...]
    pieces: tuple[bytes, ...]


class Told(NamedTuple):
    """What one deposit says that those like it say otherwise.

    Attributes:
        shared: The exact text of what it shares with them.
        unique_id: Its identifier, given by its producer.
        title: Its title.
        creation: When it was written, or an empty string where it does not say.
    """

    shared: bytes
    unique_id: str
    title: str
    creation: str


def told_by(resource: Resource) -> Told | None:
    """Part what a simplified deposit shares with those like it from what it alone says.

    Returns:
        The parts, or None for a deposit that says more than the usual, or less.
    """
    contents = resource.get("content")
    if not resource.keys() <= _USUAL or type(contents) is not list or len(contents) != 1:
        return None
    content = first(resource, "content")
    described = part(content, "attachment").copy()
    unique_id = text(part(resource, "masterIdentifier"), "value")
    title, creation = text(described, "title"), text(described, "creation")
    is_inside = text(part(resource, "subject"), "reference").startswith("#")
    if not unique_id or not title or is_inside or (not creation and "creation" in described):
        return None
    shared = resource.copy()
    for name in _DIFFERENT:
        if name in shared:
            shared[name] = None
    for name in _DIFFERENT_IN_CONTENT:
        if name in described:
            described[name] = None
    shared["content"] = [{**content, "attachment": described}]
    written_alike = write_json(shared)
    if len(written_alike) > _LONGEST:
        return None
    return Told(written_alike, unique_id, title, creation)


def template_of(whole: Resource, sheet: Sheet, codes: tuple[str, ...]) -> Template:
    """Return the template of a deposit and of those that share its text.

    Args:
        whole: The deposit, completed; it is marked, and of no more use.
        sheet: Its metadata.
        codes: Its confidentiality codes.
    """
    attachment = part(first(whole, "content"), "attachment")
    for name in ("size", "hash", "title", "creation"):
        attachment[name] = _marked(name)
    whole["masterIdentifier"], whole["text"] = _marked("masterIdentifier"), _marked("text")
    whole["contained"] = [_marked("patient"), *parts(whole, "contained")[1:]]
    part(part(whole, "context"), "period")["start"] = _marked("start")
    return Template(sheet, codes, tuple(keep(whole).split(_MARK)))


def _marked(name: str) -> Json:
    return cast("Json", orjson.Fragment(_MARK + name.encode() + _MARK))


def filled(
    template: Template, told: Told, resource: Resource, content: bytes, identity: Identity
) -> tuple[Sheet, bytes]:
    """Return the metadata of a deposit that has a template, and what is kept of it.

    Raises:
        Malformed: A date that cannot be kept, or none at all.
    """
    title, creation = told.title, told.creation
    created_at = instant_of(creation or text(resource, "date"), CREATION)
    size, sha1 = measured_content(content)
    known = template.sheet
    sheet = Sheet(
        told.unique_id,
        known.type_code,
        known.class_code,
        title,
        created_at,
        created_at,
        size,
        sha1,
        known.origin,
        known.form,
        NO_EXTRAS,
    )
    start = written(created_at)
    values = {
        b"masterIdentifier": write_json(resource["masterIdentifier"]),
        b"text": write_json(resource["text"] if "text" in resource else narrative(title)),
        b"patient": _patient(identity),
        b"start": b'"%s"' % start.encode(),
        b"creation": write_json(creation or start),
        b"title": write_json(title),
        b"size": b"%d" % size,
        b"hash": b'"%s"' % hash_of(sha1).encode(),
    }
    pieces = [*template.pieces]
    pieces[1::2] = [values[name] for name in pieces[1::2]]
    return sheet, b"".join(pieces)


@lru_cache(_PATIENTS)
def _patient(identity: Identity) -> bytes:
    return write_json(patient_contained(identity))
