"""Opening a record to read it, asking beforehand whether one may, reporting who did without.

Sources: guide of the ANS on documents of the DMP (TD0.2: existence, authorisation, attending
doctor); CSP art. L. 1111-17 I, R. 1111-48; official application (reports of accesses).
"""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from etalon_model.access import refuse_operation
from etalon_model.access_log import Family, is_access, rows_of_person
from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.representation import refuse_unless
from etalon_model.rights.modes import AccessMode, Authorisation, AuthorisationStatus
from etalon_model.rights.reading import begin_emergency, note_reading, refuse_reader
from etalon_model.rights.rights import AccessReport, is_attending, rights_of, standing_of
from etalon_model.rules import enforces
from etalon_model.states import ACCESS

_CARERS = (ActorKind.PROFESSIONAL, ActorKind.STRUCTURE)


@dataclass(frozen=True, slots=True)
class AskAuthorisation(Command):
    """Ask, as a professional, whether the record exists and whether one may read it (TD0.2)."""

    family: ClassVar[Family] = Family.DOCUMENTS


@handles(AskAuthorisation)
@enforces("ACC-01", "ACC-04")
def ask_authorisation(register: Register, person: Person, command: AskAuthorisation) -> Outcome:
    """Answer an `Authorisation`; it opens nothing and announces nothing."""
    actor = command.actor
    refusal = refuse_unless(person, actor, *_CARERS)
    if refusal is not None:
        return refusal
    standing = standing_of(person, actor.ident)
    if standing is not None and standing.blocked:
        status = AuthorisationStatus.BLOCKED
    elif refuse_reader(register, person, actor, command.at, AccessMode.NORMAL) is None:
        status = AuthorisationStatus.VALID
    else:
        status = AuthorisationStatus.NONE
    exists = ACCESS[person.state].professionals_read
    return Accepted(Authorisation(exists, status, is_attending(person, actor.ident)))


@dataclass(frozen=True, slots=True)
class OpenRecord(Command):
    """Open a record to read it; in an emergency this comes before reading.

    Attributes:
        mode: In the course of care, by breaking the glass, or as a regulator.
        incapable: The professional says that the person cannot express a will.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    mode: AccessMode = AccessMode.NORMAL
    incapable: bool = False

    def detail(self) -> str:
        """Return the mode."""
        return self.mode.value


@handles(OpenRecord)
@enforces("EMG-03", "EMG-05")
def open_record(register: Register, person: Person, command: OpenRecord) -> Outcome:
    """Open a consultation; an emergency is announced each time the record is opened so."""
    actor, at, mode = command.actor, command.at, command.mode
    refusal = refuse_reader(register, person, actor, at, mode, claimed=command.incapable)
    if refusal is not None:
        return refusal
    if mode is AccessMode.NORMAL:
        note_reading(register, person, actor, at, mode)
    else:
        begin_emergency(register, person, actor, at, mode)
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class ReportAccess(Command):
    """Report, as the holder, an access of the log as unauthorised.

    Attributes:
        professional: National identifier of whoever read.
        accessed_at: Instant of the access, as the log says it (UTC).
    """

    professional: str
    accessed_at: datetime

    def detail(self) -> str:
        """Return whose access is reported."""
        return self.professional


@handles(ReportAccess)
@enforces("ACC-11")
def report_access(register: Register, person: Person, command: ReportAccess) -> Outcome:
    """Keep the report, within their limit; answer the `AccessReport`, with its date."""
    refusal = refuse_operation(register, person, command, "report_access")
    if refusal is not None:
        return refusal
    if not any(
        row.at == command.accessed_at
        and row.actor.ident == command.professional
        and is_access(row.actor.kind, row.deed)
        for row in rows_of_person(command.ins, person.entries)
    ):
        facts = (command.professional, command.accessed_at)
        return Refusal("ACC-11", "NO_SUCH_ACCESS", command.ins, facts)
    rights = rights_of(person)
    report = AccessReport(command.at, command.professional, command.accessed_at)
    for known in rights.reports:
        if (known.professional, known.accessed_at) == (report.professional, report.accessed_at):
            return Refusal("ACC-11", "ACCESS_ALREADY_REPORTED", command.ins, (known.at,))
    most = register.parameters.access_reports
    if len(rights.reports) >= most:
        return Refusal("ACC-11", "TOO_MANY_REPORTS", command.ins, (most,))
    rights.reports += (report,)
    return Accepted(report)
