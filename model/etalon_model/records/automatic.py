"""What comes into a record by itself: reimbursements, the synthesis, measures read in documents.

Sources: CSP art. R. 1111-33 (reimbursement data, secrecy of minors); official application
(PRIMO_ALIM_MHS, generated synthesis, TRAITEMENT_AUTO_DOCS and the events COPIE_DOC).
Reading: the synthesis is made of what the profile says, in the order of its sections; a new one
replaces the one before. Documents are read for measures until the holder says no.
"""

import hashlib
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import ClassVar, Final

from etalon_model.access import refuse_operation
from etalon_model.access_log import Family
from etalon_model.actors import SYSTEM, ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.periods import paris_date
from etalon_model.records.changes import supersede
from etalon_model.records.confidentiality import ALL
from etalon_model.records.deposit import Means, refuse_feeder, refuse_taken, store
from etalon_model.records.hiding import space_people
from etalon_model.records.medical_data import Profile, Reimbursement
from etalon_model.records.nomenclature import DOCUMENT_TYPES, FORMAT_CODES
from etalon_model.records.record import (
    Author,
    Document,
    Form,
    Origin,
    Sheet,
    Status,
    documents_of,
    profile_of,
    record_of,
    record_or_none,
)
from etalon_model.register import Register
from etalon_model.representation import is_minor, refuse_unless
from etalon_model.rules import enforces

_SYNTHESIS: Final = DOCUMENT_TYPES["DOCPAT08"]
_OF_THE_SERVICE: Final = Origin(
    (Author(SYSTEM.ident, "Mon espace santé"),), "", SYSTEM.ident, "service", "service"
)
_PLAIN_TEXT: Final = Form("text/plain", FORMAT_CODES["text/plain"])


@dataclass(frozen=True, slots=True)
class FeedReimbursement(Command):
    """Add an act to the health history, as the insurer.

    Attributes:
        act: Code of the act.
        done_on: Day of the act.
        secret: A minor asked for secrecy on this act.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    act: str
    done_on: date
    secret: bool = False


@handles(FeedReimbursement)
@enforces("REC-26")
def feed_reimbursement(register: Register, person: Person, command: FeedReimbursement) -> Outcome:
    """Add it, but not the secret act of a minor; tell of the first one ever."""
    refusal = refuse_unless(person, command.actor, ActorKind.INSURER) or refuse_feeder(
        person, command.actor, Means.INSURER_FEED
    )
    if refusal is not None:
        return refusal
    if command.secret and is_minor(person, command.at):
        return Refusal("REC-26", "SECRET_ACT", command.ins)
    if command.done_on > paris_date(command.at):
        return Refusal("REC-26", "DATE_IN_FUTURE", command.ins, (command.done_on.isoformat(),))
    profile = profile_of(person)
    if not profile.reimbursements:
        for to in space_people(person, command.at):
            register.tell(person, "PRIMO_ALIM_MHS", to, command.at)
    done = Reimbursement(command.act, command.done_on)
    profile.reimbursements = (*profile.reimbursements, done)
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class GenerateSynthesis(Command):
    """Make the document that sums up the medical profile, as the service.

    Attributes:
        unique_id: Identifier that the service gives it.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    unique_id: str


@handles(GenerateSynthesis)
@enforces("REC-24")
def generate_synthesis(register: Register, person: Person, command: GenerateSynthesis) -> Outcome:
    """Make it, in the place of the one before; answer the document."""
    refusal = refuse_unless(person, command.actor, ActorKind.SYSTEM) or refuse_feeder(
        person, command.actor, Means.SERVICE
    )
    if refusal is not None:
        return refusal
    sheet = _summary(person, command)
    refusal = refuse_taken(person, sheet)
    if refusal is not None:
        return refusal
    old = _current_synthesis(person)
    document = store(
        register,
        person,
        record_of(person),
        command.actor,
        command.at,
        sheet,
        ALL[0],
        0 if old is None else old.number,
    )
    if old is not None:
        supersede(person, old, command.at)
    return Accepted(document)


def _current_synthesis(person: Person) -> Document | None:
    return next(
        (
            document
            for document in documents_of(person).values()
            if document.kind is _SYNTHESIS and document.status is Status.CURRENT
        ),
        None,
    )


def _summary(person: Person, command: GenerateSynthesis) -> Sheet:
    record = record_or_none(person)
    profile = Profile() if record is None or record.profile is None else record.profile
    lines = [
        f"{section}: {item.label}" for section, items in profile.sections.items() for item in items
    ]
    content = "\n".join(lines or ["-"]).encode()
    return Sheet(
        command.unique_id,
        _SYNTHESIS.code,
        _SYNTHESIS.class_code,
        "Synthèse du profil médical",
        command.at,
        command.at,
        len(content),
        hashlib.sha1(content, usedforsecurity=False).hexdigest(),
        _OF_THE_SERVICE,
        _PLAIN_TEXT,
    )


class Measured(StrEnum):
    """What is read in documents, under the name of its event."""

    GLUCOSE = "GLYCEMIE"
    HBA1C = "HBA1C"
    HEIGHT = "TAILLE"
    WEIGHT = "POIDS"
    HEAD_CIRCUMFERENCE = "PC"


@dataclass(frozen=True, slots=True)
class AllowAutomaticReading(Command):
    """Let documents be read for measures, or not (TRAITEMENT_AUTO_DOCS).

    Attributes:
        allowed: Whether they may be.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    allowed: bool


@handles(AllowAutomaticReading)
def allow_automatic_reading(
    register: Register, person: Person, command: AllowAutomaticReading
) -> Outcome:
    """Take note of the choice."""
    refusal = refuse_operation(register, person, command, "modify_document")
    if refusal is not None:
        return refusal
    profile_of(person).automatic = command.allowed
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class CopyMeasure(Command):
    """Say that a measure was read in a document, as the service.

    Attributes:
        unique_id: The document.
        measured: What was read.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    unique_id: str
    measured: Measured

    def detail(self) -> str:
        """Return what was read."""
        return self.measured.value


@handles(CopyMeasure)
@enforces("REC-25")
def copy_measure(register: Register, person: Person, command: CopyMeasure) -> Outcome:
    """Tell the holder, who allowed it and sees the document."""
    refusal = refuse_unless(person, command.actor, ActorKind.SYSTEM)
    if refusal is not None:
        return refusal
    record = record_or_none(person)
    document = documents_of(person).get(command.unique_id)
    if document is None or document.status is not Status.CURRENT or document.is_hidden(command.at):
        return Refusal("REC-25", "DOCUMENT_NOT_FOUND", command.ins, (command.unique_id,))
    if record is not None and record.profile is not None and not record.profile.automatic:
        return Refusal("REC-25", "PROCESSING_REFUSED", command.ins)
    for to in space_people(person, command.at):
        register.tell(person, f"COPIE_DOC_AJOUT_{command.measured.value}", to, command.at)
    return ACCEPTED
