"""What a deposit becomes: commands of the model in order, and what is kept beside them.

A plan is made of one message and changes nothing. Its commands are carried out all or none; once
they are, `answers_of` says what became of each entry of the message.

Sources: FHIR R4, 3.1.0.11 (transactions); IHE MHD, ITI-65 (entries answered in their order).
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Final, Literal, NamedTuple

from etalon_model.actors import Actor
from etalon_model.command import Command
from etalon_model.identities import Identity
from etalon_model.records.deposit import Means
from etalon_model.records.record import Document, Sheet
from etalon_wire.bundles import EntryAnswer
from etalon_wire.findings import Finding
from etalon_wire.json_body import Json, Resource
from etalon_wire.modes import Mode
from etalon_wire.patching import IS_ARCHIVED
from etalon_wire.records.addresses import Named, document_id, id_in, person_id
from etalon_wire.records.documents import hash_of
from etalon_wire.records.lists import KeptList
from etalon_wire.records.related_objects import RFC_3986
from etalon_wire.validation.reading import first, part, parts

Find = Callable[[Named], Identity | None]
"""Returns whom a message names, or None when nobody is known by that name."""

UniqueIdOf = Callable[[str], str]
"""Returns the unique identifier of the document with an `id` of ours, or an empty string."""


@dataclass(frozen=True, slots=True)
class Depositing:
    """Who deposits, when and how, and whom and what this server knows.

    Attributes:
        at: When (UTC).
        actor: Who deposits.
        means: By what means they are known.
        find: Who a person is.
        unique_id_of: Which document an `id` names.
        mode: Which of two texts holds where they differ.
        base: Public address of the server, without a slash at its end.
    """

    at: datetime
    actor: Actor
    means: Means
    find: Find
    unique_id_of: UniqueIdOf
    mode: Mode = "pdsm-strict"
    base: str = ""

    def unique_id(self, reference: str) -> str:
        """Return the unique identifier that an address names; any other text names itself."""
        found = id_in(reference, "DocumentReference", self.base)
        return (self.unique_id_of(found) if found else "") or reference


class Stored(NamedTuple):
    """What is kept beside a document.

    Attributes:
        unique_id: Its unique identifier.
        kept: What `document_encoding.keep` kept of its resource, or None for what is read as its
            metadata say.
        media_type: Media type of its content.
        content: Its content.
    """

    unique_id: str
    kept: bytes | None
    media_type: str
    content: bytes


class Step(NamedTuple):
    """One command of a plan.

    Attributes:
        command: What is asked of the model.
        entry: Rank of the entry it comes from, from 0.
        stored: What is kept beside the document it deposits; None for any other command.
    """

    command: Command
    entry: int = 0
    stored: Stored | None = None


EntryKind = Literal["document", "binary", "list", "superseded", "person"]


class Entry(NamedTuple):
    """What one entry of a message becomes.

    Attributes:
        kind: What it is.
        name: Unique identifier of its document, or `id` of its list; empty for a person.
    """

    kind: EntryKind
    name: str = ""


class Plan(NamedTuple):
    """What a deposit becomes.

    Attributes:
        ins: Whose record it goes to.
        steps: Commands, in the order in which they are carried out.
        lists: Lists to keep.
        entries: What each entry of the message becomes, in its order.
        warnings: What of the message is passed over.
    """

    ins: str
    steps: tuple[Step, ...]
    lists: tuple[KeptList, ...]
    entries: tuple[Entry, ...]
    warnings: tuple[Finding, ...] = ()


_RELATIONS: Final = {
    "appends": "PartialAppendContentNotProcessed",
    "transforms": "PartialTransformContentNotProcessed",
    "signs": "PartialTransformContentNotProcessed",
}


def relation_warnings(resource: Resource, at: str) -> list[Finding]:
    """Say which relations to other documents a record does not keep (IHE MHD, ITI-65)."""
    return [
        Finding(
            "warning",
            "not-supported",
            f"{at}.relatesTo[{rank}]",
            "",
            f"{code}: a record keeps replacements only",
        )
        for rank, one in enumerate(parts(resource, "relatesTo"))
        if (code := _RELATIONS.get(str(one.get("code"))))
    ]


def measured(resource: Resource, sheet: Sheet) -> Resource:
    """Return a DocumentReference that says what its content is, size and digest, and its name."""
    content = first(resource, "content")
    attachment: Resource = {
        **part(content, "attachment"),
        "size": sheet.size_bytes,
        "hash": hash_of(sheet.sha1),
    }
    changed: Json = {**content, "attachment": attachment}
    unique_id: Resource = {"use": "usual", "system": RFC_3986, "value": sheet.unique_id}
    return {"masterIdentifier": unique_id, **resource, "content": [changed]}


def archived(resource: Resource) -> bool:
    """Whether a DocumentReference asks to be set aside from the start."""
    flags = (one for one in parts(resource, "extension") if one.get("url") == IS_ARCHIVED)
    return any(one.get("valueBoolean") is True for one in flags)


def answers_of(plan: Plan, documents: Mapping[str, Document], at: datetime) -> list[EntryAnswer]:
    """Return what became of each entry, once the commands of a plan were carried out.

    Args:
        plan: The plan.
        documents: Documents of the record as they now stand, by unique identifier.
        at: When it was carried out (UTC).
    """
    return [_answer(plan.ins, entry, documents, at) for entry in plan.entries]


def _answer(ins: str, entry: Entry, documents: Mapping[str, Document], at: datetime) -> EntryAnswer:
    created, done = HTTPStatus.CREATED.value, HTTPStatus.OK.value
    if entry.kind == "person":
        return EntryAnswer(done, f"Patient/{person_id(ins)}")
    if entry.kind == "list":
        return EntryAnswer(created, f"List/{entry.name}", "1", at)
    document = documents[entry.name]
    kind = "Binary" if entry.kind == "binary" else "DocumentReference"
    version = "1" if entry.kind == "binary" else str(document.revision)
    status = done if entry.kind == "superseded" else created
    return EntryAnswer(status, f"{kind}/{document_id(ins, document)}", version, at)
