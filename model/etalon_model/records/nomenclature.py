"""Nomenclatures of documents: classes, types, display categories, formats, limits, means.

Each is a table of `data/`, read once; rows are shared by every document that bears them.

Sources: nomenclatures of the ANS (JDV_J57 classes, JDV_J66 types, ASS_X04 class of a type,
JDV_J60 formats); official application (categories, formats and size of an upload).
Reading: the class of two types is not known; any of the eleven fits them.
"""

from dataclasses import dataclass
from typing import Final

from etalon_model.rules import enforces
from etalon_model.tables import rows_of

DOCUMENT_CLASSES: Final = {row["code"]: row["label_fr"] for row in rows_of("document_classes.csv")}
"""Label of each of the eleven classes, by code."""


@dataclass(frozen=True, slots=True)
class DocumentType:
    """One of the 108 types of document.

    Attributes:
        code: Its code.
        class_code: The class it belongs to, or an empty string when nobody of this project knows.
        category: Where Mon espace santé shows it, or an empty string.
        author: Who writes it: `care`, `patient`, `insurer`, `service` or `system`.
    """

    code: str
    class_code: str
    category: str
    author: str


DOCUMENT_TYPES: Final = {
    row["code"]: DocumentType(row["code"], row["class"], row["category"], row["author"])
    for row in rows_of("document_types.csv")
}
"""The types, by code."""


@dataclass(frozen=True, slots=True)
class DisplayCategory:
    """A heading under which Mon espace santé shows documents.

    Attributes:
        code: Its code.
        is_filter: The holder can filter documents by it.
        upload: Who may upload under it: `yes`, `adult` or `no`.
        upload_type: Type of a document uploaded under it.
    """

    code: str
    is_filter: bool
    upload: str
    upload_type: str


CATEGORIES: Final = {
    row["code"]: DisplayCategory(
        row["code"], row["is_filter"] == "yes", row["upload"], row["upload_type"]
    )
    for row in rows_of("display_categories.csv")
}
"""The fifteen display categories, by code."""

DEPOSIT_MIMES: Final = frozenset(
    row["mime"] for row in rows_of("document_formats.csv") if row["deposit"] == "yes"
)
"""Media types of the binaries that a record holds (REC-29)."""

UPLOAD_FORMATS: Final = {
    row["extension"]: row["mime"]
    for row in rows_of("document_formats.csv")
    if row["upload"] == "yes"
}
"""Media type of each file extension that a holder may upload (REC-05)."""

FORMAT_CODES: Final = {row["mime"]: row["format"] for row in rows_of("document_formats.csv")}
"""Format code of a binary, by media type."""

LIMITS: Final = {row["limit"]: int(row["value"]) for row in rows_of("record_limits.csv")}
"""Sizes and counts of records, by name."""

VIRUSES: Final = frozenset(row["sha1"] for row in rows_of("virus_signatures.csv"))
"""SHA-1 of the files that the antivirus knows."""


@enforces("REC-02", "REC-03", "REC-27")
def type_in_class(type_code: str, class_code: str) -> DocumentType | None:
    """Return the type `type_code` when it belongs to the class `class_code`, else None."""
    kind = DOCUMENT_TYPES.get(type_code)
    if kind is None or class_code not in DOCUMENT_CLASSES:
        return None
    return kind if kind.class_code in (class_code, "") else None
