"""A document that the holder deposits, or whoever acts for them: an upload from the space.

The model takes an upload under a display category, and says of it what the space says: its author
is whoever uploads it. The category is the one named, by its own code, else the one whose uploads
have the type that is said. What was received is not kept beside it: its metadata are those of the
space, and it is read as they say.

Sources: official application (categories, formats and sizes of uploads); PDSm, equivalence with the
interface of documents of Mon espace santé, whose categories are a table of its own.
"""

from typing import Final

from etalon_model.actors import ActorKind
from etalon_model.records.nomenclature import CATEGORIES, UPLOAD_FORMATS
from etalon_model.records.uploads import UploadDocument
from etalon_wire.findings import Finding
from etalon_wire.json_body import Resource
from etalon_wire.records.documents import Described
from etalon_wire.records.plans import Depositing, Step, Stored, archived
from etalon_wire.validation.reading import parts, text

_OF_THE_SPACE: Final = frozenset({ActorKind.HOLDER, ActorKind.REPRESENTATIVE, ActorKind.CAREGIVER})
_BY_TYPE: Final = {
    category.upload_type: code for code, category in CATEGORIES.items() if category.upload != "no"
}
_EXTENSIONS: Final = {mime: extension for extension, mime in UPLOAD_FORMATS.items()}


def is_upload(who: Depositing) -> bool:
    """Whether whoever deposits comes from the space."""
    return who.actor.kind in _OF_THE_SPACE


def upload_step(  # noqa: PLR0913, PLR0917 (what, of what, whose, by whom, from where)
    resource: Resource, described: Described, content: bytes, ins: str, who: Depositing, entry: int
) -> Step:
    """Return the command that uploads a document.

    Args:
        resource: The DocumentReference.
        described: What it says.
        content: The document.
        ins: Whose space it goes to.
        who: Who deposits.
        entry: Rank of the entry it comes from.
    """
    sheet = described.sheet
    media_type = sheet.form.mime.partition(";")[0]
    command = UploadDocument(
        who.at,
        who.actor,
        ins,
        sheet.unique_id,
        _category(resource, sheet.type_code),
        sheet.title,
        _EXTENSIONS.get(media_type, media_type),
        sheet.size_bytes,
        sheet.sha1,
        sheet.created_at,
    )
    return Step(command, entry, Stored(sheet.unique_id, None, sheet.form.mime, content))


def upload_errors(resource: Resource, described: Described, at: str) -> list[Finding]:
    """Say what an upload cannot bear: labels, the archive flag, an older version."""
    asked = {
        "securityLabel": set(described.codes) - {"N"},
        "extension": archived(resource),
        "relatesTo": described.replaced,
    }
    return [
        Finding("error", "business-rule", f"{at}.{name}", "W-REC-14", _REASON)
        for name, found in asked.items()
        if found
    ]


_REASON: Final = "a document of the space is deposited first, then changed: leave this out"


def _category(resource: Resource, type_code: str) -> str:
    """Return the display category under which a document is uploaded."""
    named = (
        text(coding, "code")
        for concept in parts(resource, "category")
        for coding in parts(concept, "coding")
    )
    return next((code for code in named if code in CATEGORIES), _BY_TYPE.get(type_code, ""))
