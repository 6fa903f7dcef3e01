"""Documents that test people have before a run, and how a model is told of the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from etalon_model.actors import professional
from etalon_model.records.deposit import DepositDocument, Means, Subject
from etalon_model.records.nomenclature import DOCUMENT_TYPES, FORMAT_CODES
from etalon_model.records.record import Author, Form, Origin, Sheet
from etalon_model.rights.matrix import profession_of_role

if TYPE_CHECKING:
    from datetime import datetime

    from etalon_load.people.credential import Credential

_DOCTOR: Final = "10"
_FACILITY: Final = "SA07"
_SETTING: Final = "AMBULATOIRE"


@dataclass(frozen=True, slots=True)
class KnownDocument:
    """A document of a record, as far as it is known. Texts are empty where nothing is.

    Attributes:
        id: Of the DocumentReference.
        unique_id: Given by its producer.
        kind: Code of its type.
        title: Its title.
        media_type: Of its content.
        size: Of its content, in bytes; 0 where it is not known.
        sha1: Digest of its content, forty hexadecimal digits.
        author: National identifier of the doctor who wrote and deposited it.
    """

    id: str
    unique_id: str = ""
    kind: str = ""
    title: str = ""
    media_type: str = ""
    size: int = 0
    sha1: str = ""
    author: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether a model can be told of it."""
        texts = (self.unique_id, self.kind, self.title, self.media_type, self.sha1, self.author)
        return all(texts) and self.size > 0


def deposits_of(whose: Credential, at: datetime) -> list[DepositDocument]:
    """Return the commands by which the documents of somebody came into their record, in order.

    Args:
        whose: The person.
        at: When (UTC).

    Raises:
        ValueError: One of them is not known well enough, or the person is not.
    """
    subject = Subject(whose.ins, whose.oid, date.fromisoformat(whose.birth_date), whose.sex)
    made: list[DepositDocument] = []
    for one in whose.documents:
        if not one.is_whole:
            message = f"of document {one.id} only a part is known"
            raise ValueError(message)
        doctor = professional(one.author, profession_of_role(_DOCTOR))
        sheet = _sheet(one, at)
        made.append(DepositDocument(at, doctor, whose.ins, sheet, subject, Means.PRO_SANTE_CONNECT))
    return made


def _sheet(one: KnownDocument, at: datetime) -> Sheet:
    author = Author(one.author, "Essai", "", _DOCTOR)
    return Sheet(
        unique_id=one.unique_id,
        type_code=one.kind,
        class_code=DOCUMENT_TYPES[one.kind].class_code,
        title=one.title,
        created_at=at,
        service_start_at=at,
        size_bytes=one.size,
        sha1=one.sha1,
        origin=Origin((author,), one.author, one.author, _FACILITY, _SETTING),
        form=Form(one.media_type, FORMAT_CODES[one.media_type]),
    )
