"""Masking and hiding: who may take a document out of whose sight, and bring it back.

Sources: CSP art. R. 1111-49 (masking by the holder), R. 1111-50 (secret acts of minors), R.
1111-53 (announcement); guide EEDS of the ANS (TD3.3a, TD3.3b); official application (default).
Reading: a professional acts on what they deposited, or see in the course of care. The default
fails on what is out of date or set aside: such documents are not touched, and are listed.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import ClassVar

from etalon_model.access import refuse_operation
from etalon_model.access_log import Family
from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.records.confidentiality import NOT_FOR_REPRESENTATIVES, Confidentiality, changed
from etalon_model.records.hiding import hiding_ends_at, tell_of_deposit
from etalon_model.records.reading import seen_document
from etalon_model.records.record import Document, Status, documents_of, record_of, revise
from etalon_model.records.sighting import sighting
from etalon_model.register import Register
from etalon_model.representation import is_minor
from etalon_model.rights.modes import AccessMode
from etalon_model.rules import enforces
from etalon_model.states import ACCESS

_CARE = (ActorKind.PROFESSIONAL, ActorKind.STRUCTURE)


@dataclass(frozen=True, slots=True)
class DocumentCommand(Command):
    """A command on one document.

    Attributes:
        unique_id: The latest version.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    unique_id: str


def reachable(register: Register, person: Person, command: DocumentCommand) -> Document | Refusal:
    """Return the current document on which the actor may act, or refuse them."""
    actor, unique_id = command.actor, command.unique_id
    if actor.kind in _CARE:
        document = documents_of(person).get(unique_id)
        if (
            document is not None
            and document.depositor.ident == actor.ident
            and document.status is Status.CURRENT
            and ACCESS[person.state].professionals_feed
        ):
            return document
    else:
        refusal = refuse_operation(register, person, command, "modify_document")
        if refusal is not None:
            return refusal
    view = sighting(register, person, command, AccessMode.NORMAL)
    return view if isinstance(view, Refusal) else seen_document(person, view, unique_id)


def _relabel(
    person: Person, document: Document, confidentiality: Confidentiality, at: datetime
) -> Document:
    """Give the document other codes and another entry identifier (REC-11)."""
    return revise(person, replace(document, confidentiality=confidentiality), at)


@dataclass(frozen=True, slots=True)
class MaskDocument(DocumentCommand):
    """Mask a document from professionals (TD3.3a)."""


@handles(MaskDocument)
@enforces("VIS-02")
def mask_document(register: Register, person: Person, command: MaskDocument) -> Outcome:
    """Mask from the next reading on; answer the document."""
    return _set_mask(register, person, command, masked=True)


def _set_mask(
    register: Register, person: Person, command: DocumentCommand, *, masked: bool
) -> Outcome:
    document = reachable(register, person, command)
    if isinstance(document, Refusal):
        return document
    codes = changed(document.confidentiality, masked=masked)
    return Accepted(_relabel(person, document, codes, command.at))


@dataclass(frozen=True, slots=True)
class UnmaskDocument(DocumentCommand):
    """Show a masked document to professionals again (TD3.3a)."""


@handles(UnmaskDocument)
@enforces("VIS-02")
def unmask_document(register: Register, person: Person, command: UnmaskDocument) -> Outcome:
    """Show from the next reading on; answer the document."""
    return _set_mask(register, person, command, masked=False)


def _reachable_in_care(
    register: Register, person: Person, command: DocumentCommand
) -> Document | Refusal:
    """Return the document that a professional or a structure hides or announces."""
    if command.actor.kind not in _CARE:
        return Refusal("VIS-04", "NOT_FOR_THIS_ACTOR", command.ins, (command.actor.kind.value,))
    return reachable(register, person, command)


@dataclass(frozen=True, slots=True)
class HideFromPatient(DocumentCommand):
    """Hide a document from the patient until an announcement, as a professional (TD3.3b)."""


@handles(HideFromPatient)
@enforces("VIS-04")
def hide_from_patient(register: Register, person: Person, command: HideFromPatient) -> Outcome:
    """Hide until the month after the deposit is over; answer the document."""
    document = _reachable_in_care(register, person, command)
    if isinstance(document, Refusal):
        return document
    ends_at = hiding_ends_at(document.deposited_at)
    if command.at >= ends_at:
        return Refusal("VIS-04", "HIDING_OVER", command.ins, (document.deposited_at,))
    hidden = replace(document, hidden_until=ends_at)
    codes = changed(document.confidentiality, hidden=True)
    return Accepted(_relabel(person, hidden, codes, command.at))


@dataclass(frozen=True, slots=True)
class Announce(DocumentCommand):
    """Show a hidden document to the patient, after the announcement (TD3.3b)."""


@handles(Announce)
@enforces("VIS-04")
def announce(register: Register, person: Person, command: Announce) -> Outcome:
    """End the hiding, and tell the patient of the document; answer it."""
    document = _reachable_in_care(register, person, command)
    if isinstance(document, Refusal):
        return document
    was_hidden = document.is_hidden(command.at)
    codes = changed(document.confidentiality, hidden=False)
    shown = _relabel(person, document, codes, command.at)
    if was_hidden:
        tell_of_deposit(register, person, shown, command.at)
    return Accepted(shown)


@dataclass(frozen=True, slots=True)
class HideFromRepresentatives(DocumentCommand):
    """Hide a document from a minor's representatives, or show it to them (TD3.3b).

    Attributes:
        hidden: Whether they no longer see it.
    """

    hidden: bool = True


@handles(HideFromRepresentatives)
@enforces("VIS-10")
def hide_from_representatives(
    register: Register, person: Person, command: HideFromRepresentatives
) -> Outcome:
    """Do it for the minor, or for the professional whom the minor asked; answer the document."""
    actor = command.actor
    if actor.kind not in (*_CARE, ActorKind.HOLDER):
        return Refusal("VIS-10", "NOT_FOR_THIS_ACTOR", command.ins, (actor.kind.value,))
    if not is_minor(person, command.at):
        return Refusal("VIS-10", "SECRET_ACT_OF_AN_ADULT", command.ins, (NOT_FOR_REPRESENTATIVES,))
    document = reachable(register, person, command)
    if isinstance(document, Refusal):
        return document
    codes = changed(document.confidentiality, not_for_representatives=command.hidden)
    return Accepted(_relabel(person, document, codes, command.at))


@dataclass(frozen=True, slots=True)
class DefaultApplied:
    """What became of a default of confidentiality on the documents there were.

    Attributes:
        done: Unique identifiers of the documents that now follow it.
        failed: Those of the documents that do not: superseded versions, documents set aside.
    """

    done: tuple[str, ...]
    failed: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetConfidentialityDefault(Command):
    """Choose whether documents are masked from professionals unless told otherwise.

    Attributes:
        masked: Whether they are.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    masked: bool


@handles(SetConfidentialityDefault)
@enforces("VIS-08")
def set_confidentiality_default(
    register: Register, person: Person, command: SetConfidentialityDefault
) -> Outcome:
    """Apply it to all there is and all to come; answer a `DefaultApplied` of what is seen."""
    refusal = refuse_operation(register, person, command, "modify_document")
    view = refusal or sighting(register, person, command, AccessMode.NORMAL)
    if isinstance(view, Refusal):
        return view
    record = record_of(person)
    record.masked_by_default = command.masked
    done: list[str] = []
    failed: list[str] = []
    for document in tuple(record.documents.values()):
        if document.status is Status.DELETED:
            continue
        fits = document.status is Status.CURRENT and not document.archived
        if fits:
            codes = changed(document.confidentiality, masked=command.masked)
            _relabel(person, document, codes, command.at)
        if view.sees(document):
            (done if fits else failed).append(document.unique_id)
    return Accepted(DefaultApplied(tuple(done), tuple(failed)))
