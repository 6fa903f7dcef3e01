"""Rights: where each professional stands with one person, and what the person chose.

Sources: CSP art. L. 1111-16, L. 1111-17, R. 1111-46 (consent, care team, attending doctor); order
of 26 October 2023; official application (list of professionals, blocks, administrators).
Reading: a consent outside the care team opens one consultation (decision 0041).
"""

from dataclasses import dataclass, field
from datetime import datetime
from itertools import product

from etalon_model.people import Person
from etalon_model.policies import Policies
from etalon_model.rights.modes import AccessMode
from etalon_model.rules import enforces


@dataclass(frozen=True, slots=True)
class Consent:
    """A consent declared to the service; its proof stays with whoever collected it (ACC-14).

    Attributes:
        collector: National identifier of the professional who heard it.
        given_at: When it was given (UTC).
    """

    collector: str
    given_at: datetime


@dataclass(slots=True)
class Standing:
    """Where one professional stands with one person.

    Attributes:
        in_team: A member of the care team (équipe de soins), hence deemed authorised.
        blocked: The holder, or an administrator, blocked them.
        must_consent: Membership of the team no longer suffices: after an objection or a block.
        administrator: The holder made them an administrator of the record.
        consent: The last consent for them, or None.
        until: End of the consultation that the consent opened, or None while it is unused.
        emergency: Mode of the last emergency access, or None.
        emergency_until: End of that access, or None.
        announced: Their first access was announced to the holder (ACC-10).
    """

    in_team: bool = False
    blocked: bool = False
    must_consent: bool = False
    administrator: bool = False
    consent: Consent | None = None
    until: datetime | None = None
    emergency: AccessMode | None = None
    emergency_until: datetime | None = None
    announced: bool = False

    def withdraw(self) -> None:
        """Take back what was consented, deemed or delegated; only a new consent opens again."""
        self.in_team = False
        self.administrator = False
        self.consent = None
        self.until = None
        self.emergency = None
        self.must_consent = True

    def in_emergency(self, mode: AccessMode, at: datetime) -> bool:
        """Whether an emergency access in that mode is under way at `at` (UTC)."""
        ends_at = self.emergency_until
        return self.emergency is mode and ends_at is not None and at < ends_at


@dataclass(frozen=True, slots=True)
class EmergencyChoices:
    """The three choices about emergencies.

    Attributes:
        regulator: A regulator (SAMU) may read; the application calls it ETREAT.
        break_glass: Another professional may read (BTG).
        masked: Masked documents are read too (MASKED).
    """

    regulator: bool
    break_glass: bool
    masked: bool


# Eight objects for everybody: the question is asked at each emergency reading.
_CHOICES = {bits: EmergencyChoices(*bits) for bits in product((False, True), repeat=3)}


@dataclass(frozen=True, slots=True)
class AccessReport:
    """An access that the holder reported as unauthorised (ACC-11).

    Attributes:
        at: When it was reported (UTC).
        professional: National identifier of whoever is said to have read.
        accessed_at: Instant of the access in the log (UTC).
    """

    at: datetime
    professional: str
    accessed_at: datetime


@dataclass(slots=True)
class Rights:
    """What decides who reads the record of one person.

    Attributes:
        standings: By national identifier, the professionals on the person's list.
        attending: National identifier of the attending doctor, or an empty string.
        reports: Accesses reported as unauthorised, in order of time.
    """

    standings: dict[str, Standing] = field(default_factory=dict[str, Standing])
    attending: str = ""
    reports: tuple[AccessReport, ...] = ()

    def standing(self, ident: str) -> Standing:
        """Return where `ident` stands, on the list from now on."""
        known = self.standings.get(ident)
        if known is None:
            known = self.standings[ident] = Standing()
        return known


def rights_of(person: Person) -> Rights:
    """Return the rights of `person`, made now if there were none."""
    holdings = person.held()
    if holdings.rights is None:
        holdings.rights = Rights()
    return holdings.rights


def standing_of(person: Person, ident: str) -> Standing | None:
    """Return where the professional `ident` stands, or None for a stranger."""
    holdings = person.holdings
    if holdings is None or holdings.rights is None:
        return None
    return holdings.rights.standings.get(ident)


def is_attending(person: Person, ident: str) -> bool:
    """Whether `ident` is the attending doctor (médecin traitant) declared to the insurer."""
    holdings = person.holdings
    if holdings is None or holdings.rights is None or not ident:
        return False
    return holdings.rights.attending == ident


@enforces("ACC-09")
def is_administrator(person: Person, ident: str) -> bool:
    """Whether the holder made `ident` an administrator, who sees masked documents."""
    standing = standing_of(person, ident)
    return standing is not None and standing.administrator


@enforces("EMG-01", "EMG-02")
def emergency_choices(person: Person, policies: Policies) -> EmergencyChoices:
    """Return the choices in force; those of `policies` (gap G7) before any was made.

    Masked documents are never read in an emergency when nobody may read at all.
    """
    chosen = None if person.dossier is None else person.dossier.choices
    if chosen is None:
        regulator = policies.emergency_samu
        break_glass = policies.emergency_break_glass
        masked = policies.emergency_masked
    else:
        regulator, break_glass, masked = chosen.regulator, chosen.break_glass, chosen.masked
    return _CHOICES[regulator, break_glass, masked and (regulator or break_glass)]
