"""A lot of documents sent together: who sends it, when, whose it is, and what is in it.

A document in a lot is described in the words of the record (`Described`): what came by mail and
what came over HTTP are compared, and deposited, alike. Its `url` is its name in the lot.

Sources: IHE ITI TF-3 4.2.3.3 (attributes of a submission set) and 4.2.5 (identifiers in ebRIM).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from etalon_model.records.deposit import Subject
from etalon_model.records.record import Author
from etalon_wire.records.documents import Described
from etalon_wire.tables import rows_of

RIM: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
LCM: Final = "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
APPROVED: Final = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
HAS_MEMBER: Final = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
REPLACES: Final = "urn:ihe:iti:2007:AssociationType:RPLC"

SCHEMES: Final = {(row["object"], row["scheme"]): row["uuid"] for row in rows_of("xds_schemes.csv")}
"""Identifiers of nodes, classification schemes and identification schemes of XDS."""

REFERENCES: Final = "urn:ihe:iti:xds:2013:referenceIdList"
"""The slot of identifiers of related objects."""


@dataclass(frozen=True, slots=True)
class Submission:
    """What the sender says of a lot.

    Attributes:
        unique_id: Identifier given by the sender, `urn:oid:…`.
        source_id: Identifier of the sending system, `urn:oid:…`.
        at: When it was sent (UTC, to the second).
        author: Who sends it.
        organisation: Identifier of the structure they act in, or an empty string.
        content_type: Code of the kind of activity (JDV_J03).
        title: Title, or an empty string.
        subject: Whose documents these are.
        comments: A comment, or an empty string.
    """

    unique_id: str
    source_id: str
    at: datetime
    author: Author
    organisation: str
    content_type: str
    title: str
    subject: Subject
    comments: str = ""


@dataclass(frozen=True, slots=True)
class Contents:
    """What METADATA.XML says: a submission, and each of its documents."""

    submission: Submission
    documents: tuple[Described, ...]
