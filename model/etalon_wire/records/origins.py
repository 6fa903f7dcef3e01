"""Where a document received comes from: author, structure, who answers for it, setting.

A software says the same of itself with every document: what it was found to mean is remembered by
its exact text.

Sources: PDSm 3.1.1 (author, authenticator, custodian, facilityType, practiceSetting).
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Final, cast

import orjson

from etalon_model.records.record import Author, Origin
from etalon_wire.json_body import Resource, write_json
from etalon_wire.records.codings import code_of
from etalon_wire.records.parties import identifier_named, party_of, shared_origin
from etalon_wire.validation.reading import part, parts, text

_REMEMBERED: Final = 4096
_LONGEST: Final = 2048
_PARTIES: Final = ("contained", "author", "authenticator", "custodian")
_PLACES: Final = ("facilityType", "practiceSetting")


@dataclass(frozen=True, slots=True)
class Unsaid:
    """What counts where a document does not say it.

    Attributes:
        facility: Code of the kind of structure.
        setting: Code of the setting of care.
        language: Language of the content.
    """

    facility: str = ""
    setting: str = ""
    language: str = ""


NOTHING: Final = Unsaid()


def origin_of(resource: Resource, attachment: Resource, unsaid: Unsaid = NOTHING) -> Origin:
    """Return where a DocumentReference says that it comes from.

    Args:
        resource: The DocumentReference.
        attachment: Its attachment, which says its language.
        unsaid: What counts where it says nothing.
    """
    context = part(resource, "context")
    said: Resource = {name: resource[name] for name in _PARTIES if name in resource}
    said |= {name: context[name] for name in _PLACES if name in context}
    filled = (unsaid.facility, unsaid.setting, text(attachment, "language") or unsaid.language)
    # Patients are contained too, and each has few documents: what holds them is not remembered.
    written = b"" if "contained" in said else write_json(said)
    if not written or len(written) > _LONGEST:
        return _origin(said, *filled)
    return _remembered_origin(written, *filled)


@lru_cache(_REMEMBERED)
def _remembered_origin(written: bytes, facility: str, setting: str, language: str) -> Origin:
    return _origin(cast("Resource", orjson.loads(written)), facility, setting, language)


def _origin(said: Resource, facility: str, setting: str, language: str) -> Origin:
    held = contained_in(said)
    parties = [party_of(one, held) for one in parts(said, "author")]
    authors = tuple(author for author, _ in parties)
    organisation = identifier_named(part(said, "custodian"), held)
    if "custodian" not in said:
        organisation = next((found for _, found in parties if found), "")
    return shared_origin(
        Origin(
            authors,
            organisation,
            _authenticator(said, held, authors),
            code_of("facility", part(said, "facilityType")) or facility,
            code_of("setting", part(said, "practiceSetting")) or setting,
            language,
        )
    )


def _authenticator(said: Resource, held: dict[str, Resource], authors: tuple[Author, ...]) -> str:
    """Return who answers for the document: where nobody is named, its first author does."""
    if "authenticator" in said:
        return party_of(part(said, "authenticator"), held)[0].ident
    return authors[0].ident if authors else ""


def contained_in(resource: Resource) -> dict[str, Resource]:
    """Return the resources that a resource contains, by fragment (`#author`)."""
    return {f"#{text(one, 'id')}": one for one in parts(resource, "contained")}
