"""What a mail to a patient brings: files, documents, or the reason why its lot is not taken.

A lot is taken whole or not at all. Its numbers are those of the receipt: 902 to 905 for whose it
is, 900 and 901 for what it replaces, 906 for anything else.

Sources: ANS, volet of documents by mail (structure of the mail, application errors), send matrix;
requirements W-MSS-02, -03, -06 and -09, W-CDA-03.
Readings: a lot that cannot be read is 906, and so is one whose codes keep it from the patient whom
it is sent to; a document of somebody else is 904 where they are known and 902 where they are not.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from etalon_model.messaging.transmission import destinations
from etalon_model.outcomes import Refusal
from etalon_model.records.confidentiality import (
    HIDDEN,
    MASKED,
    NOT_FOR_REPRESENTATIVES,
)
from etalon_model.records.deposit import Subject
from etalon_wire.clinical_deposits import is_clinical
from etalon_wire.findings import Finding
from etalon_wire.mail.clinical_documents import Header, disagreements, read_header
from etalon_wire.mail.hl7_values import is_ins_authority, unique_uri
from etalon_wire.mail.lots import ARCHIVE_NAME, Enclosed, read_lot
from etalon_wire.mail.messages import EXCHANGE, Attachment, Mail
from etalon_wire.mail.parsing import parse
from etalon_wire.malformed import Malformed
from etalon_wire.records.documents import Described
from etalon_wire.tables import rows_of

UNKNOWN_PATIENT: Final = 902
NO_INS: Final = 903
ANOTHER_INS: Final = 904
INCOMPLETE_INS: Final = 905
OTHER: Final = 906

_SENT_AS: Final = {
    MASKED: MASKED,
    HIDDEN: HIDDEN,
    NOT_FOR_REPRESENTATIVES: "INVISIBLE_REP_LEGAUX",
}
_TO_THE_PATIENT: Final = "DESTMSSANTEPAT"
_WHOSE: Final = ("patientId", "sourcePatientInfo")
_NUMBERS: Final = {row["refusal"]: int(row["number"]) for row in rows_of("mail_refusals.csv")}


Judge = Callable[[bytes], list[Finding]]
"""Returns what is wrong with a clinical document."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a lot is not taken.

    Attributes:
        number: Number of the reason, 900 to 906.
        message: What is wrong, of no patient.
    """

    number: int
    message: str


@dataclass(frozen=True, slots=True)
class Brought:
    """What a mail brings.

    Attributes:
        mail: The mail.
        announces: It says that it carries documents: a lot, or the subject of one.
        documents: Documents of its lot, each with the one that it replaces.
        files: Its other files.
        fault: Why its lot is not taken, or None.
    """

    mail: Mail
    announces: bool
    documents: tuple[Enclosed, ...]
    files: tuple[Attachment, ...]
    fault: Fault | None = None

    @property
    def is_kept_from_representatives(self) -> bool:
        """Whether one of its documents is."""
        return any(NOT_FOR_REPRESENTATIVES in one.described.codes for one in self.documents)


class _NotTakenError(Exception):
    """Carries a fault out of a lot."""

    def __init__(self, number: int, message: str) -> None:
        super().__init__()
        self.fault = Fault(number, message)


def brought_by(
    body: bytes, ins: str, is_known: Callable[[str], bool], judge: Judge | None = None
) -> Brought:
    """Read a mail and the lot in it.

    Args:
        body: The mail.
        ins: Matricule of the patient whose mailbox it came to.
        is_known: Whether the service knows a matricule.
        judge: Judges clinical documents beyond their header, or None.

    Raises:
        Malformed: The mail itself cannot be read: nobody can be told.
    """
    mail = parse(body)
    lots = [one for one in mail.attachments if _is_lot(one)]
    files = tuple(one for one in mail.attachments if not _is_lot(one))
    announces = bool(lots) or mail.subject.startswith(EXCHANGE)
    if not announces:
        return Brought(mail, announces, (), files)
    try:
        documents = tuple(_documents(lots, ins, is_known))
        _judge(documents, judge)
        return Brought(mail, announces, documents, files)
    except _NotTakenError as error:
        return Brought(mail, announces, (), files, error.fault)
    except Malformed as malformed:
        return Brought(mail, announces, (), files, Fault(OTHER, malformed.message))


def fault_of(refusal: Refusal) -> Fault:
    """Return why the record did not take a document, under the number that a receipt gives it."""
    return Fault(_NUMBERS.get(refusal.code, OTHER), refusal.message)


def _is_lot(attachment: Attachment) -> bool:
    return attachment.name.casefold() == ARCHIVE_NAME.casefold()


def _documents(
    lots: list[Attachment], ins: str, is_known: Callable[[str], bool]
) -> Iterator[Enclosed]:
    """Yield the documents of the one lot of a mail.

    Raises:
        _NotTakenError: One of them is not the patient's, or not what is said of it.
        Malformed: The lot cannot be read.
    """
    if len(lots) != 1:
        raise _NotTakenError(OTHER, f"{len(lots)} files {ARCHIVE_NAME}: attach one")
    for enclosed in read_lot(lots[0].content).documents:
        described = enclosed.described
        _check_whose(described.subject, ins, is_known)
        _check_destination(described)
        replaced = described.replaced and unique_uri(described.replaced)
        if is_clinical(described.sheet.form.mime):
            header = read_header(enclosed.content)
            _check_header(header, described, ins, is_known)
            replaced = header.replaced or replaced
        yield replace(enclosed, described=replace(described, replaced=replaced))


def _judge(documents: tuple[Enclosed, ...], judge: Judge | None) -> None:
    """W-CDA-01, W-CDA-02: clinical documents keep to the kit, where there is one.

    Raises:
        _NotTakenError: 906.
    """
    for one in documents:
        if judge is not None and is_clinical(one.described.sheet.form.mime):
            found = judge(one.content)
            if found:
                raise _NotTakenError(OTHER, found[0].message)


def _check_whose(subject: Subject | None, ins: str, is_known: Callable[[str], bool]) -> None:
    """W-MSS-06: the document bears a matricule INS, and that of the mailbox.

    Raises:
        _NotTakenError: 902, 903 or 904.
    """
    if subject is None or not subject.ins or not is_ins_authority(subject.oid):
        raise _NotTakenError(NO_INS, "the document bears no matricule INS")
    if subject.ins != ins:
        number = ANOTHER_INS if is_known(subject.ins) else UNKNOWN_PATIENT
        raise _NotTakenError(number, "the document is of another patient than the mailbox")


def _check_destination(described: Described) -> None:
    """W-MSS-09: the codes of a document let it go to the patient.

    Raises:
        _NotTakenError: 906.
    """
    codes = {_SENT_AS[code] for code in described.codes if code in _SENT_AS}
    to = destinations({*codes, _TO_THE_PATIENT})
    if to is None or not to.to_patient:
        raise _NotTakenError(OTHER, "the codes of the document keep it from the patient")


def _check_header(
    header: Header, described: Described, ins: str, is_known: Callable[[str], bool]
) -> None:
    """W-CDA-03: the header is of the patient, and says what the metadata say.

    Raises:
        _NotTakenError: 902 to 906.
    """
    _check_whose(header.subject, ins, is_known)
    subject = header.subject
    if subject is None or subject.birth_on is None or not subject.sex:
        raise _NotTakenError(INCOMPLETE_INS, "the document bears a matricule without traits")
    found = disagreements(header, described)
    whose = [one for one in found if one.expression in _WHOSE]
    if found:
        number = ANOTHER_INS if whose else OTHER
        raise _NotTakenError(number, (whose or found)[0].message)
