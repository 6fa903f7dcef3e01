"""What the service remembers of one person."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from etalon_model.access_log import Entry
from etalon_model.holdings import Holdings
from etalon_model.identities import Identity
from etalon_model.notices import Notification
from etalon_model.states import State


class Channel(StrEnum):
    """How a notice travels."""

    EMAIL = "email"
    LETTER = "letter"


class Route(StrEnum):
    """How a person reaches the service."""

    WEB = "web"
    PHONE = "phone"
    POST = "post"
    COUNTER = "counter"


@dataclass(frozen=True, slots=True)
class Contacts:
    """Which contacts the insurer knows for reaching somebody.

    For a minor they are those of the adult the child is attached to. The addresses themselves
    follow from the identity, so that nobody's are stored.

    Attributes:
        email: An e-mail address was declared.
        mobile: A mobile telephone number was declared.
    """

    email: bool
    mobile: bool


class DelegationKind(StrEnum):
    """Why somebody may act on another's space."""

    CAREGIVER = "CAREGIVER"
    LEGAL_REPRESENTATION = "LEGAL_REPRESENTATION"


class DelegationState(StrEnum):
    """How far a delegation has come; a representative's words stand beside a caregiver's."""

    PENDING = "PENDING"
    ACCEPTED = "ACCEPTED"
    REFUSED = "REFUSED"
    EXPIRED = "EXPIRED"
    WAITING = "WAITING"
    VALIDATED = "VALIDATED"
    ENDED = "ENDED"


@dataclass(slots=True)
class Delegation:
    """The invitation of a guest to a holder's space, and what became of it.

    Attributes:
        kind: As a caregiver, or as a second legal representative.
        invited_at: When the invitation was sent.
        expires_at: When it can no longer be accepted.
        state: How far it has come; read it with `state_at`.
    """

    kind: DelegationKind
    invited_at: datetime
    expires_at: datetime
    state: DelegationState

    def state_at(self, at: datetime) -> DelegationState:
        """Return how far the delegation has come at the instant `at`."""
        if self.state is DelegationState.PENDING and at >= self.expires_at:
            return DelegationState.EXPIRED
        return self.state


@dataclass(frozen=True, slots=True)
class FirstChoices:
    """What a holder chooses at the first login (LIF-32); the defaults are gap G7.

    Attributes:
        open_to_professionals: General choice: professionals may see the documents.
        regulator: An emergency regulator (SAMU) may read.
        break_glass: Another professional may read in an emergency.
        masked: In an emergency masked documents are read too.
    """

    open_to_professionals: bool = True
    regulator: bool = True
    break_glass: bool = True
    masked: bool = False


@dataclass(slots=True)
class Dossier:
    """What only some people have: kept apart so that the others weigh nothing.

    Attributes:
        undescribed: How many documents of the space or its archive are known by their number alone:
            of a legacy record, attestations, brought without a description. The others are in
            the record.
        legacy_documents: Documents of a legacy record (DMP) not yet integrated, or None.
        held: Automatic opening is blocked: the addressee is not the representative (LIF-25).
        failed_at: When an opening last failed, or None.
        opposed_at: When the person last objected, or None.
        objecting: Matricule of the parent whose objection waits for the other's (gap G4).
        closed_at: When the space was closed, or None.
        erasure_asked_at: When erasure was asked for, or None.
        suspended_at: When the space was suspended, or None.
        before_suspension: State before the suspension, or None.
        died_at: When death was recorded, or None.
        terms: Version of the conditions of use accepted, or an empty string.
        choices: First choices of confidentiality and emergency, or None before the first login.
        newcomer: Affiliated by birth or arrival: informed by weekly batches (LIF-27).
        caregivers: Matricules of the caregivers whose help is accepted.
        helps: Matricules of the holders this person helps as a caregiver.
        muted: Preferences of notification switched off.
        told: Notifications sent about the person, other than the notices of the log.
    """

    undescribed: int = 0
    legacy_documents: int | None = None
    held: bool = False
    failed_at: datetime | None = None
    opposed_at: datetime | None = None
    objecting: str = ""
    closed_at: datetime | None = None
    erasure_asked_at: datetime | None = None
    suspended_at: datetime | None = None
    before_suspension: State | None = None
    died_at: datetime | None = None
    terms: str = ""
    choices: FirstChoices | None = None
    newcomer: bool = False
    caregivers: tuple[str, ...] = ()
    helps: tuple[str, ...] = ()
    muted: tuple[str, ...] = ()
    told: list[Notification] = field(default_factory=list[Notification])


@dataclass(slots=True, eq=False)
class Person:
    """One person in the register of the service; only commands change it.

    Attributes:
        identity: Who they are.
        contacts: How the insurer can reach them.
        representatives: Matricules of the legal representatives, when a minor.
        protected_by: Matricule of the person in charge of a protected adult, or None.
        notice_to: Matricule of the adult to whom a minor's notice goes, or None.
        state: Where they stand.
        since: When they entered that state.
        seen_at: Instant of the last command on them.
        sent_at: When the last notice was sent, or None.
        window_ends_at: Earliest automatic opening, or None before any notice.
        channel: Channel of the last notice, or None.
        bounced: The last notice was an e-mail that failed.
        undelivered: The last notice was a letter that came back.
        code_at: When the last provisional code was sent, or None.
        codes: How many codes were issued.
        codes_used: One bit per code used, the lowest for the first.
        opened_at: When the space was first opened, or None.
        dossier: What only some people have, or None.
        holdings: What the space holds, or None while it holds nothing.
        log: The last rows of their access log, flat: a hundred at least once there are.
        older: The rows before those that a rule asks about, flat, or None.
    """

    identity: Identity
    contacts: Contacts
    representatives: tuple[str, ...]
    protected_by: str | None
    notice_to: str | None
    state: State
    since: datetime
    seen_at: datetime
    sent_at: datetime | None = None
    window_ends_at: datetime | None = None
    channel: Channel | None = None
    bounced: bool = False
    undelivered: bool = False
    code_at: datetime | None = None
    codes: int = 0
    codes_used: int = 0
    opened_at: datetime | None = None
    dossier: Dossier | None = None
    holdings: Holdings | None = None
    log: list[Entry] = field(default_factory=list[Entry])
    older: list[Entry] | None = None

    @property
    def entries(self) -> list[Entry]:
        """What memory holds of the access log, flat, oldest first."""
        return self.log if self.older is None else self.older + self.log

    @property
    def ins(self) -> str:
        """Matricule of the person."""
        return self.identity.ins

    def kept(self) -> Dossier:
        """Return the dossier, opened now if there was none."""
        if self.dossier is None:
            self.dossier = Dossier()
        return self.dossier

    def held(self) -> Holdings:
        """Return the holdings, made now if there were none."""
        if self.holdings is None:
            self.holdings = Holdings()
        return self.holdings

    @property
    def is_dead(self) -> bool:
        """Whether the death of the person was recorded."""
        return self.dossier is not None and self.dossier.died_at is not None
