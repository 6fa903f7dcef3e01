"""Deposits: what professionals, structures, the insurer and the service put in a record.

Sources: CSP art. L. 1111-15, R. 1111-33, R. 1111-42, R. 1111-47; guide EEDS of the ANS (TD2);
HL7v2 volet of the ANS (codes 903 to 905); official application (antivirus).
Reading: traits compared are matricule, object identifier, birth date and sex, as everywhere in the
model. Names are not: no text that we read says which differences of spelling, accents or names in
use keep a document from being filed, and commands and journals would then carry names. A unique
identifier is unique in its record; a minor's secret act is known from the deposit itself.
"""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from operator import attrgetter
from typing import ClassVar, Final

from etalon_model.access_log import Family
from etalon_model.actors import Actor, ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.records.confidentiality import (
    HIDDEN,
    NOT_FOR_REPRESENTATIVES,
    Confidentiality,
    changed,
    confidentiality_of,
)
from etalon_model.records.hiding import hiding_ends_at, tell_of_deposit
from etalon_model.records.nomenclature import (
    DEPOSIT_MIMES,
    VIRUSES,
    type_in_class,
)
from etalon_model.records.record import Document, Record, Sheet, record_of, record_or_none
from etalon_model.register import Register
from etalon_model.representation import is_minor
from etalon_model.rules import enforces
from etalon_model.states import ACCESS
from etalon_model.tables import rows_of


class Means(StrEnum):
    """By what means whoever deposits is known."""

    NONE = "none"
    CPS = "cps"
    E_CPS = "e-cps"
    PRO_SANTE_CONNECT = "pro_sante_connect"
    STRUCTURE_CERTIFICATE = "structure_certificate"
    INSURER_FEED = "insurer_feed"
    SERVICE = "service"


@dataclass(frozen=True, slots=True)
class Subject:
    """Whose document it is, as the document says.

    Attributes:
        ins: Matricule INS.
        oid: Object identifier of the matricule.
        birth_on: Day of birth, or None when the trait is missing.
        sex: `F` or `M`, or an empty string when the trait is missing.
    """

    ins: str
    oid: str
    birth_on: date | None
    sex: str


_DEPOSITORS: Final = {
    ActorKind(row["actor"]): (
        frozenset(Means(means) for means in row["means"].split("|")),
        frozenset(row["authors"].split("|")),
    )
    for row in rows_of("deposit_rights.csv")
}
_CLOSED_TO_FEEDERS: Final = frozenset(
    state for state, access in ACCESS.items() if not access.professionals_feed
)
_MANDATORY: Final = {
    row["field"]: row["xds"]
    for row in rows_of("document_metadata.csv")
    if row["given_by"] == "producer"
    and row["cardinality"].startswith("1")
    and row["field"] not in ("", "subject", "sheet.size_bytes")
}
_KEPT_FROM_THE_SPACE: Final = frozenset({HIDDEN, NOT_FOR_REPRESENTATIVES})
_mandatory_values: Final = attrgetter(*_MANDATORY)


@dataclass(frozen=True, slots=True)
class DepositDocument(Command):
    """Put a document in a record (TD2).

    Attributes:
        sheet: What the producer says of it.
        subject: Whose document it is, or None when the document does not say.
        means: By what means the depositor is known.
        codes: Confidentiality codes.
        secret_act: The act of a minor who asked that representatives do not read it.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    sheet: Sheet
    subject: Subject | None
    means: Means
    codes: tuple[str, ...] = ("N",)
    secret_act: bool = False

    def detail(self) -> str:
        """Return the code of the type, unless somebody who reads the log is not to know it."""
        kept = self.secret_act or not _KEPT_FROM_THE_SPACE.isdisjoint(self.codes)
        return "" if kept else self.sheet.type_code


@handles(DepositDocument)
def deposit_document(register: Register, person: Person, command: DepositDocument) -> Outcome:
    """Take the document in; answer it as it now stands."""
    checked = check_deposit(person, command)
    if isinstance(checked, Refusal):
        return checked
    record = record_of(person)
    document = store(register, person, record, command.actor, command.at, command.sheet, checked)
    return Accepted(document)


def check_deposit(person: Person, command: DepositDocument) -> Refusal | Confidentiality:
    """Return the codes of an acceptable deposit, or why it is refused."""
    refusal = (
        refuse_feeder(person, command.actor, command.means)
        or _refuse_incomplete(command)
        or _refuse_subject(person, command)
        or refuse_content(command, command.sheet)
    )
    if refusal is not None:
        return refusal
    sheet = command.sheet
    kind = type_in_class(sheet.type_code, sheet.class_code)
    if kind is None:
        return Refusal(
            "REC-03", "TYPE_OUT_OF_CLASS", command.ins, (sheet.type_code, sheet.class_code)
        )
    if kind.author not in _DEPOSITORS[command.actor.kind][1]:
        return Refusal(
            "REC-02",
            "TYPE_NOT_FOR_THIS_ACTOR",
            command.ins,
            (sheet.type_code, command.actor.kind.value),
        )
    return _codes(person, command)


@enforces("REC-06", "REC-07", "REC-08", "MTX-07")
def refuse_feeder(person: Person, actor: Actor, means: Means) -> Refusal | None:
    """Refuse who comes without strong means, or to a record not open; rights to read count not."""
    rights = _DEPOSITORS.get(actor.kind)
    if rights is None:
        return Refusal("REC-06", "NOT_FOR_THIS_ACTOR", person.ins, (actor.kind.value,))
    if means not in rights[0]:
        return Refusal("REC-06", "NO_STRONG_MEANS", person.ins, (means.value,))
    if person.state in _CLOSED_TO_FEEDERS:
        return Refusal("REC-07", "NO_OPEN_SPACE", person.ins, (person.state.value,))
    return _refuse_objected(person, actor)


@enforces("REC-09")
def _refuse_objected(person: Person, actor: Actor) -> Refusal | None:
    """Whom the holder kept from feeding, on a legitimate ground, feeds no more."""
    record = record_or_none(person)
    if record is None or record.objections is None or actor.ident not in record.objections:
        return None
    ground = record.objections[actor.ident]
    return Refusal("REC-09", "FEEDING_OBJECTED", person.ins, (actor.ident, ground))


@enforces("REC-04")
def _refuse_incomplete(command: DepositDocument) -> Refusal | None:
    """Refuse a deposit that lacks a mandatory element of the metadata."""
    if all(_mandatory_values(command)):
        return None
    missing = next(xds for field, xds in _MANDATORY.items() if not attrgetter(field)(command))
    return Refusal("REC-04", "METADATA_MISSING", command.ins, (missing,))


@enforces("REC-28")
def _refuse_subject(person: Person, command: DepositDocument) -> Refusal | None:
    """Refuse a document without identity, without traits, or of somebody else."""
    subject, known = command.subject, person.identity
    if subject is None:
        return Refusal("REC-28", "DOCUMENT_WITHOUT_INS", command.ins)
    if subject.birth_on is None or not subject.sex:
        return Refusal("REC-28", "INS_WITHOUT_TRAITS", command.ins)
    if (
        subject.ins != known.ins
        or subject.birth_on != known.birth_on
        or subject.sex != known.sex
        or subject.oid != known.oid
    ):
        return Refusal("REC-28", "INS_DIFFERS", command.ins)
    return None


def refuse_content(command: Command, sheet: Sheet) -> Refusal | None:
    """Refuse a content of a wrong form, empty, infected, or written after its deposit."""
    ins = command.ins
    if sheet.form.mime not in DEPOSIT_MIMES:
        return _unsupported(ins, sheet.form.mime)
    if sheet.size_bytes <= 0:
        return Refusal("REC-04", "EMPTY_DOCUMENT", ins)
    if sheet.created_at > command.at:
        return Refusal("REC-04", "DATE_IN_FUTURE", ins, (sheet.created_at,))
    return refuse_infected(ins, sheet.sha1)


@enforces("REC-29")
def _unsupported(ins: str, mime: str) -> Refusal:
    """Refuse a media type that a record does not hold."""
    return Refusal("REC-29", "FORMAT_NOT_SUPPORTED", ins, (mime,))


@enforces("REC-31")
def refuse_infected(ins: str, sha1: str) -> Refusal | None:
    """Refuse a content that the antivirus knows."""
    return Refusal("REC-31", "ANTIVIRUS", ins) if sha1 in VIRUSES else None


def _codes(person: Person, command: DepositDocument) -> Confidentiality | Refusal:
    """Return the codes to store, or refuse those given and an identifier already taken."""
    confidentiality = confidentiality_of(command.codes)
    if confidentiality is None:
        return Refusal("VIS-07", "CODES_WRONG", command.ins, (" ".join(command.codes),))
    refusal = refuse_taken(person, command.sheet)
    if refusal is not None:
        return refusal
    if command.secret_act:
        return _secret(person, command, confidentiality)
    return confidentiality


def refuse_taken(person: Person, sheet: Sheet) -> Refusal | None:
    """Refuse a unique identifier that a document of the record already bears."""
    record = record_or_none(person)
    if record is None or sheet.unique_id not in record.documents:
        return None
    return Refusal("REC-10", "DUPLICATE_DOCUMENT", person.ins, (sheet.unique_id,))


@enforces("VIS-10")
def _secret(
    person: Person, command: DepositDocument, confidentiality: Confidentiality
) -> Confidentiality | Refusal:
    """Keep a minor's secret act from the representatives, whatever the codes given."""
    if not is_minor(person, command.at):
        return Refusal("VIS-10", "SECRET_ACT_OF_AN_ADULT", command.ins, (NOT_FOR_REPRESENTATIVES,))
    return changed(confidentiality, not_for_representatives=True)


@enforces("VIS-08")
def _with_default(record: Record, confidentiality: Confidentiality) -> Confidentiality:
    """Mask a new document when the holder chose that for all."""
    if record.masked_by_default and not confidentiality.masked:
        return changed(confidentiality, masked=True)
    return confidentiality


def store(  # noqa: PLR0913, PLR0917 (a document is made of as much)
    register: Register,
    person: Person,
    record: Record,
    depositor: Actor,
    at: datetime,
    sheet: Sheet,
    confidentiality: Confidentiality,
    replaces: int = 0,
) -> Document:
    """Add a document to the record, and tell of it whoever may know; return it."""
    confidentiality = _with_default(record, confidentiality)
    document = Document(
        sheet,
        depositor,
        at,
        len(record.documents) + 1,
        1,
        confidentiality,
        hidden_until=hiding_ends_at(at) if confidentiality.hidden else None,
        replaces=replaces,
    )
    record.documents[sheet.unique_id] = document
    tell_of_deposit(register, person, document, at)
    return document
