"""Access: who enters an open space, who feeds it, who reads it.

Sources: official application (login, conditions of use, what a caregiver may do), TICsanté (spaces
never activated are fed and read), CNIL deliberation 2021-050 (opponents' legacy records).
Reading: masking and the matrix of professions come with the record; here the state of the space,
the capacity of the actor and the consent of the person decide.
"""

from dataclasses import dataclass
from datetime import date, datetime
from typing import ClassVar, Final, Literal

from etalon_model.access_log import Family, LogRow, rows_of_person
from etalon_model.actors import Actor, ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome, Refusal
from etalon_model.parameters import Parameters
from etalon_model.people import FirstChoices, Person
from etalon_model.periods import is_younger, paris_date
from etalon_model.register import Register
from etalon_model.representation import refuse_unless_holder, refuse_unless_represents
from etalon_model.rights.modes import AccessMode
from etalon_model.rights.reading import refuse_reader
from etalon_model.rules import enforces
from etalon_model.states import ACCESS, State
from etalon_model.tables import rows_of

_FEEDERS = (ActorKind.PROFESSIONAL, ActorKind.STRUCTURE, ActorKind.INSURER)
_READERS = (ActorKind.PROFESSIONAL, ActorKind.STRUCTURE)

OPERATIONS: Final = {row["operation"]: row for row in rows_of("operations.csv")}
"""What can be done in a space: the feature it belongs to and whether a caregiver may do it."""


@enforces("REP-11", "LIF-12", "LIF-19")
def refuse_unless_enters(
    register: Register, person: Person, actor: Actor, at: datetime
) -> Refusal | None:
    """Refuse whoever cannot be in the space: a stranger, or anybody when it is not open."""
    ins = person.identity.ins
    if not ACCESS[person.state].holder_logs_in:
        return Refusal("LIF-12", "NO_OPEN_SPACE", ins, (person.state.value,))
    if actor.kind is ActorKind.HOLDER:
        return refuse_unless_holder(person, actor)
    if actor.kind is ActorKind.CAREGIVER:
        if person.dossier is not None and actor.ident in person.dossier.caregivers:
            return None
        return Refusal("REP-11", "NO_SHARING", ins, (actor.ident,))
    return refuse_unless_represents(register, person, actor, at)


@enforces("LIF-26")
def refuse_old_terms(register: Register, person: Person, at: datetime) -> Refusal | None:
    """Nothing but a new acceptance is possible once new conditions of use are in force."""
    in_force = register.parameters.terms_on(paris_date(at))
    if person.dossier is not None and person.dossier.terms == in_force:
        return None
    return Refusal("LIF-26", "TERMS_NOT_ACCEPTED", person.identity.ins, (in_force,))


@dataclass(frozen=True, slots=True)
class LogIn(Command):
    """Enter an activated space.

    Attributes:
        means: Password, FranceConnect+ or digital carte Vitale (ApCV).
        second_factor: A one-time code was given beside the password.
        choices: First choices of confidentiality and emergency; the defaults when None.
        level: Level of assurance (eIDAS) of the means.
    """

    means: Literal["password", "franceconnect", "apcv"] = "password"
    second_factor: bool = True
    choices: FirstChoices | None = None
    level: Literal["low", "substantial", "high"] = "substantial"

    def detail(self) -> str:
        """Return the means."""
        return self.means


@handles(LogIn)
@enforces("LIF-32")
def log_in(register: Register, person: Person, command: LogIn) -> Outcome:
    """Let in; the first login sets the choices of confidentiality and emergency."""
    refusal = (
        refuse_unless_enters(register, person, command.actor, command.at)
        or _refuse_means(register.parameters, person, command)
        or _refuse_level(register.parameters, command)
        or refuse_old_terms(register, person, command.at)
    )
    if refusal is not None:
        return refusal
    dossier = person.kept()
    if dossier.choices is None:
        dossier.choices = command.choices or FirstChoices()
    return ACCEPTED


@enforces("ID-07", "ID-09")
def _refuse_means(parameters: Parameters, person: Person, command: LogIn) -> Refusal | None:
    """Two factors with a password since June 2022; a digital card only from sixteen on."""
    if command.means == "apcv":
        years = parameters.digital_card_age_years
        if is_younger(person.identity.birth_on, years, command.at):
            return Refusal("ID-09", "TOO_YOUNG_FOR_DIGITAL_CARD", command.ins, (years,))
        return None
    since = parameters.second_factor_from
    if (
        command.means == "password"
        and not command.second_factor
        and paris_date(command.at) >= since
    ):
        return Refusal("ID-07", "SECOND_FACTOR_NEEDED", command.ins, (since.isoformat(),))
    return None


@enforces("ID-08")
def _refuse_level(parameters: Parameters, command: LogIn) -> Refusal | None:
    """Nothing below the substantial level from January 2026 on."""
    since = parameters.substantial_from
    if command.level != "low" or paris_date(command.at) < since:
        return None
    return Refusal("ID-08", "LEVEL_TOO_LOW", command.ins, (since.isoformat(),))


@dataclass(frozen=True, slots=True)
class AcceptTerms(Command):
    """Accept a version of the conditions of use.

    Attributes:
        terms_version: The version accepted.
    """

    terms_version: str


@handles(AcceptTerms)
@enforces("LIF-26")
def accept_terms(register: Register, person: Person, command: AcceptTerms) -> Outcome:
    """Record the acceptance of the version in force."""
    refusal = refuse_unless_enters(register, person, command.actor, command.at)
    if refusal is not None:
        return refusal
    in_force = register.parameters.terms_on(paris_date(command.at))
    if command.terms_version != in_force:
        return Refusal("LIF-26", "TERMS_NOT_ACCEPTED", command.ins, (in_force,))
    person.kept().terms = in_force
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class UseFeature(Command):
    """Do one of the operations of `data/operations.csv` in a space.

    Attributes:
        operation: Which one.
    """

    family: ClassVar[Family] = Family.SERVICES

    operation: str

    def detail(self) -> str:
        """Return the operation."""
        return self.operation


@handles(UseFeature)
def use_feature(register: Register, person: Person, command: UseFeature) -> Outcome:
    """Let the operation happen: feature in service, actor in the space and allowed to."""
    return refuse_operation(register, person, command, command.operation) or ACCEPTED


@enforces("REP-09")
def refuse_operation(
    register: Register, person: Person, command: Command, name: str
) -> Refusal | None:
    """Refuse an operation of `data/operations.csv` to whoever may not do it in the space."""
    operation = OPERATIONS.get(name)
    if operation is None:
        return Refusal("REP-09", "UNKNOWN_OPERATION", command.ins, (name,))
    refusal = (
        refuse_feature(register.parameters, command, operation["feature"])
        or refuse_unless_enters(register, person, command.actor, command.at)
        or refuse_old_terms(register, person, command.at)
    )
    if refusal is not None:
        return refusal
    if command.actor.kind is ActorKind.CAREGIVER and operation["caregiver"] != "yes":
        return Refusal("REP-09", "NOT_FOR_A_CAREGIVER", command.ins, (name,))
    return None


@enforces("LIF-02")
def refuse_feature(parameters: Parameters, command: Command, feature: str) -> Refusal | None:
    """The agenda and the catalogue came after the pilot."""
    since = feature_from(parameters, feature)
    if since is None or paris_date(command.at) >= since:
        return None
    return Refusal("LIF-02", "FEATURE_NOT_AVAILABLE", command.ins, (feature, since.isoformat()))


def feature_from(parameters: Parameters, feature: str) -> date | None:
    """Return the first day of a feature, or None when it came with the service."""
    if feature == "agenda":
        return parameters.agenda_from
    return parameters.catalogue_from if feature == "catalogue" else None


@dataclass(frozen=True, slots=True)
class FeedSpace(Command):
    """Bring documents known by their number alone, as a professional, a structure or the insurer.

    A document that is described is deposited (`DepositDocument`), and its rights are its own.

    Attributes:
        documents: How many documents.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    documents: int = 1


@handles(FeedSpace)
@enforces("LIF-19")
def feed_space(register: Register, person: Person, command: FeedSpace) -> Outcome:
    """Add to their number when the space is open, activated or not."""
    del register
    ins = command.ins
    if command.actor.kind not in _FEEDERS:
        return Refusal("LIF-19", "NOT_FOR_THIS_ACTOR", ins, (command.actor.kind.value,))
    if not ACCESS[person.state].professionals_feed:
        return Refusal("LIF-19", "NO_OPEN_SPACE", ins, (person.state.value,))
    person.kept().undescribed += command.documents
    return ACCEPTED


@dataclass(frozen=True, slots=True)
class ReadSpace(Command):
    """Ask how many documents a space holds that are known by their number alone."""

    family: ClassVar[Family] = Family.DOCUMENTS


@handles(ReadSpace)
@enforces("ACC-01", "LIF-12", "LIF-19")
def read_space(register: Register, person: Person, command: ReadSpace) -> Outcome:
    """Answer their number to whoever may read in this state, and to nobody else."""
    if command.actor.kind not in _READERS:
        refusal = refuse_unless_enters(register, person, command.actor, command.at)
        refusal = refusal or refuse_old_terms(register, person, command.at)
        return refusal or Accepted(_undescribed(person))
    if ACCESS[person.state].professionals_read:
        stranger = refuse_reader(register, person, command.actor, command.at, AccessMode.NORMAL)
        return stranger or Accepted(_undescribed(person))
    return _read_opponent(register.parameters, person, command)


@enforces("LIF-22")
def _read_opponent(parameters: Parameters, person: Person, command: ReadSpace) -> Outcome:
    """Answer the legacy record of an opponent to professionals, until its last day."""
    kept = None if person.dossier is None else person.dossier.legacy_documents
    last_on = parameters.legacy_opponent_end_on
    if person.state is State.OPPOSED and kept is not None and paris_date(command.at) <= last_on:
        return Accepted(kept)
    return Refusal("LIF-12", "NO_OPEN_SPACE", command.ins, (person.state.value,))


def _undescribed(person: Person) -> int:
    return 0 if person.dossier is None else person.dossier.undescribed


@dataclass(frozen=True, slots=True)
class LogPage:
    """A page of the access log, newest first.

    Attributes:
        rows: The rows of the page.
        page: Its number, from 1.
        pages: How many pages there are.
    """

    rows: tuple[LogRow, ...]
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class ReadLog(Command):
    """Read the access log, as the holder or the representative of a minor.

    Attributes:
        page: Number of the page, from 1, the newest rows first.
        of_family: Only the rows of that family, or all when None.
    """

    page: int = 1
    of_family: Family | None = None


@handles(ReadLog)
@enforces("TRC-02")
def read_log(register: Register, person: Person, command: ReadLog) -> Outcome:
    """Answer a `LogPage`; a caregiver does not see the log.

    A page past the last is empty, not refused: refused calls leave rows too, and a journal of
    accepted commands would not replay if an answer hung on them.
    """
    if command.actor.kind is ActorKind.CAREGIVER:
        return Refusal("TRC-02", "NOT_FOR_THIS_ACTOR", command.ins, (command.actor.kind.value,))
    refusal = refuse_unless_enters(register, person, command.actor, command.at) or (
        refuse_old_terms(register, person, command.at)
    )
    if refusal is not None:
        return refusal
    wanted = command.of_family
    rows = [
        row
        for row in reversed(rows_of_person(command.ins, person.entries))
        if wanted is None or row.deed.family is wanted
    ]
    size = register.parameters.log_page_rows
    pages = max(1, -(-len(rows) // size))
    if command.page < 1:
        return Refusal("TRC-02", "NO_SUCH_PAGE", command.ins, (command.page, pages))
    start = (command.page - 1) * size
    return Accepted(LogPage(tuple(rows[start : start + size]), command.page, pages))
