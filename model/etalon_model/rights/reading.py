"""Whether a professional may read a record at all now, and what reading it sets off.

What they then find in it is a matter of the matrix of professions and of each document.

Sources: CSP art. L. 1111-16, L. 1111-17, R. 1111-46, R. 1111-48; order of 26 October 2023;
guide of the ANS on documents of the DMP (TD0.2); official application (blocks, notices).
Reading: a block holds in emergencies too; a consultation lasts at most four hours; an emergency
access is announced once per such span (decisions 0041 and 0042).
"""

from datetime import datetime, timedelta

from etalon_model.actors import Actor, ActorKind
from etalon_model.outcomes import Refusal
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.representation import is_minor
from etalon_model.rights.modes import AccessMode
from etalon_model.rights.rights import Standing, emergency_choices, is_attending, rights_of
from etalon_model.rights.roles import Basis, Role, role_of
from etalon_model.rules import enforces
from etalon_model.states import ACCESS

_READERS = (ActorKind.PROFESSIONAL, ActorKind.STRUCTURE)
# Reading a member of an enumeration through its class costs as much as the question asked.
_NORMAL, _BREAK_GLASS, _SAMU = AccessMode.NORMAL, AccessMode.BREAK_GLASS, AccessMode.SAMU
_NEVER, _TEAM, _AGREEMENT = Basis.NEVER, Basis.TEAM, Basis.AGREEMENT
_CLOSED_TO_READERS = frozenset(
    state for state, access in ACCESS.items() if not access.professionals_read
)


def refuse_reader(  # noqa: PLR0913 (one question, asked before every reading)
    register: Register,
    person: Person,
    actor: Actor,
    at: datetime,
    mode: AccessMode,
    *,
    claimed: bool = False,
) -> Refusal | None:
    """Refuse a professional or a structure that may not read the record at `at` (UTC).

    Args:
        register: Everybody the service knows.
        person: Whose record it is.
        actor: Who would read.
        at: When.
        mode: The mode they declare.
        claimed: They say now that the person cannot express a will; otherwise a break-glass
            reading needs an `OpenRecord` that said so.
    """
    if actor.kind not in _READERS or person.state in _CLOSED_TO_READERS:
        return _refuse_outright(person, actor)
    holdings = person.holdings
    rights = None if holdings is None else holdings.rights
    standing = None if rights is None else rights.standings.get(actor.ident)
    if standing is not None and standing.blocked:
        return _blocked(person, actor)
    if mode is not _NORMAL:
        return _refuse_in_emergency(register, person, actor, standing, at, mode, claimed=claimed)
    if actor.role:
        return _refuse_role(person, actor, standing, at)
    if standing is not None and _is_authorised(standing, at):
        return None
    return _refuse_stranger(person, actor, standing)


@enforces("ACC-08", "LIF-12")
def _refuse_outright(person: Person, actor: Actor) -> Refusal:
    """Only professionals and structures read as such, and only what is open."""
    if actor.kind not in _READERS:
        return Refusal("ACC-08", "NOT_FOR_THIS_ACTOR", person.ins, (actor.kind.value,))
    return Refusal("LIF-12", "NO_OPEN_SPACE", person.ins, (person.state.value,))


@enforces("ACC-04")
def _blocked(person: Person, actor: Actor) -> Refusal:
    """A blocked professional never reads, whatever consent or emergency they declare."""
    return Refusal("ACC-04", "PROFESSIONAL_BLOCKED", person.ins, (actor.ident,))


@enforces("ACC-01")
def _is_authorised(standing: Standing, at: datetime) -> bool:
    """Whether the care team, an administration or a consent opens the record."""
    if (standing.administrator or standing.in_team) and not standing.must_consent:
        return True
    return _has_consent(standing, at)


@enforces("ACC-02")
def _has_consent(standing: Standing, at: datetime) -> bool:
    """Whether a consent is unused, or its consultation is not over."""
    return standing.consent is not None and (standing.until is None or at < standing.until)


@enforces("ACC-01", "ACC-05", "ACC-06")
def _refuse_stranger(person: Person, actor: Actor, standing: Standing | None) -> Refusal | None:
    """Without consent only the attending doctor reads; being on the list is nothing."""
    if standing is not None and standing.must_consent:
        return Refusal("ACC-05", "NEW_CONSENT_NEEDED", person.ins, (actor.ident,))
    if is_attending(person, actor.ident):
        return None
    return Refusal("ACC-01", "NO_CONSENT", person.ins, (actor.ident,))


@enforces("ACC-08", "ACC-12")
def _refuse_role(
    person: Person, actor: Actor, standing: Standing | None, at: datetime
) -> Refusal | None:
    """Insurers, banks and employers never read; some doctors only with what the person said."""
    role = role_of(actor)
    if role.basis is _NEVER:
        return _never(person, actor)
    if role.basis is _TEAM:
        if standing is not None and _is_authorised(standing, at):
            return None
        return _refuse_stranger(person, actor, standing)
    if standing is not None and (
        _has_consent(standing, at) or (role.basis is _AGREEMENT and standing.consent is not None)
    ):
        return None
    rule = "ACC-12" if role.basis is _AGREEMENT else "ACC-08"
    return Refusal(rule, "EXPRESS_CONSENT_NEEDED", person.ins, (actor.ident, actor.role))


def _never(person: Person, actor: Actor) -> Refusal:
    return Refusal("ACC-08", "ROLE_NEVER_READS", person.ins, (actor.role,))


@enforces("EMG-01")
def _refuse_in_emergency(  # noqa: PLR0913, PLR0917 (the call it continues has as many)
    register: Register,
    person: Person,
    actor: Actor,
    standing: Standing | None,
    at: datetime,
    mode: AccessMode,
    *,
    claimed: bool,
) -> Refusal | None:
    role = role_of(actor)
    if role.basis is _NEVER:
        return _never(person, actor)
    choices = emergency_choices(person, register.parameters.policies)
    if mode is _SAMU:
        return _refuse_regulator(person, actor, role, objected=not choices.regulator)
    if not role.break_glass:
        return Refusal("ACC-08", "EXPRESS_CONSENT_NEEDED", person.ins, (actor.ident, actor.role))
    if not choices.break_glass:
        return Refusal("EMG-01", "EMERGENCY_REFUSED", person.ins, (mode.value,))
    return _refuse_unclaimed(person, actor, standing, at, claimed=claimed)


@enforces("EMG-04", "EMG-06", "ID-11")
def _refuse_regulator(
    person: Person, actor: Actor, role: Role, *, objected: bool
) -> Refusal | None:
    """A regulator reads by the claim of the token, unless the holder said no; no consent."""
    if not role.samu:
        return Refusal("ID-11", "NO_REGULATOR_CLAIM", person.ins, (actor.ident,))
    if objected:
        return Refusal("EMG-04", "EMERGENCY_REFUSED", person.ins, (_SAMU.value,))
    return None


@enforces("EMG-03")
def _refuse_unclaimed(
    person: Person, actor: Actor, standing: Standing | None, at: datetime, *, claimed: bool
) -> Refusal | None:
    """The glass is broken first, by saying that the person cannot express a will."""
    if claimed or (standing is not None and standing.in_emergency(_BREAK_GLASS, at)):
        return None
    return Refusal("EMG-03", "NO_INCAPACITY_CLAIM", person.ins, (actor.ident,))


def note_reading(
    register: Register, person: Person, actor: Actor, at: datetime, mode: AccessMode
) -> None:
    """Use up a consent outside the team; announce a first access, or an emergency."""
    standing = rights_of(person).standing(actor.ident)
    if mode is _NORMAL:
        if standing.consent is not None and standing.until is None:
            standing.until = _consultation_end(register, at)
        if not standing.announced:
            _announce_first_access(register, person, standing, at)
    elif not standing.in_emergency(mode, at):
        begin_emergency(register, person, actor, at, mode)


def _consultation_end(register: Register, at: datetime) -> datetime:
    return at + timedelta(hours=register.parameters.consultation_hours)


@enforces("ACC-10")
def _announce_first_access(
    register: Register, person: Person, standing: Standing, at: datetime
) -> None:
    """The holder, and a minor's representatives, hear of a professional's first access."""
    standing.announced = True
    for to in _told_about(person, at):
        register.tell(person, "ACCES_DMP_PS", to, at)


@enforces("EMG-05")
def begin_emergency(
    register: Register, person: Person, actor: Actor, at: datetime, mode: AccessMode
) -> None:
    """Open an emergency access, and tell the holder and the attending doctor of it."""
    rights = rights_of(person)
    standing = rights.standing(actor.ident)
    standing.emergency = mode
    standing.emergency_until = _consultation_end(register, at)
    for to in _told_about(person, at):
        register.tell(person, "ACCES_BRIS_GLACE", to, at)
    if rights.attending:
        register.tell(person, "ACCES_BRIS_GLACE", rights.attending, at)


def _told_about(person: Person, at: datetime) -> tuple[str, ...]:
    return (person.ins, *person.representatives) if is_minor(person, at) else (person.ins,)
