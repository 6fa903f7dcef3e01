"""The catalogue: the services that asked to be referenced and where each stands.

Sources: CSP art. R. 1111-38 and R. 1111-39 (request, opinion, decision, agreement); orders of
23 June 2022 and 23 October 2023 (criteria); official application (states, economic models).
Reading: an agreement that has run out takes the service off line by itself.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from etalon_model.access_log import LogRow
from etalon_model.periods import paris_date
from etalon_model.rules import enforces
from etalon_model.tables import rows_of


class ServiceState(StrEnum):
    """Where a service stands; the last five words are those of the application (CAT-09)."""

    CANDIDATE = "CANDIDATE"
    REJECTED = "REJECTED"
    TRIAL = "PRESERIE"
    ONLINE = "EN_LIGNE"
    OFFLINE = "HORS_LIGNE"
    SUSPENDED = "SUSPENDUE"
    DELISTED = "DEREFERENCEE"


class EconomicModel(StrEnum):
    """What a service costs its users (CAT-11)."""

    FREE = "free"
    PAYING = "paying"
    FREE_WITH_PURCHASES = "free with purchases"


class Purpose(StrEnum):
    """What data may be exchanged for; the law knows no other (CAT-04)."""

    PREVENTION = "prevention"
    DIAGNOSIS = "diagnosis"
    CARE = "care"
    SOCIAL = "social follow-up"


class ExchangeFamily(StrEnum):
    """What is exchanged (CAT-14)."""

    DOCUMENTS = "documents"
    AGENDA = "agenda"
    MEASURES = "measures"


class Direction(StrEnum):
    """Which way data go, seen from the service."""

    READ = "read"
    WRITE = "write"


@dataclass(frozen=True, slots=True)
class Use:
    """A use of data that a service asks for and a holder consents to or not.

    Attributes:
        purpose: What for, a word of `Purpose`; another is refused at referencing (CAT-04).
        family: Which data.
        direction: Read from the space or written into it.
    """

    purpose: str
    family: ExchangeFamily
    direction: Direction


@dataclass(frozen=True, slots=True)
class StateRights:
    """What a state of a service allows.

    Attributes:
        visible: `yes`, `no` or `testers`: who sees it in the catalogue.
        pairs: Who may pair with it, likewise.
        exchanges: Whose data it exchanges, likewise.
        unpairs: Whether a pairing with it can be ended.
        next_states: States it may move to.
    """

    visible: str
    pairs: str
    exchanges: str
    unpairs: bool
    next_states: frozenset[ServiceState]


def _rights(row: dict[str, str]) -> StateRights:
    following = frozenset(ServiceState(state) for state in row["next"].split("|"))
    return StateRights(
        row["visible"], row["pairs"], row["exchanges"], row["unpairs"] == "yes", following
    )


STATE_RIGHTS: Final = {
    ServiceState(row["state"]): _rights(row) for row in rows_of("catalogue_states.csv")
}
"""What each state allows, from `data/catalogue_states.csv`."""


@dataclass(slots=True, kw_only=True)
class ReferencedService:
    """A service that asked to be referenced.

    Attributes:
        ident: Object identifier of the solution, under which it also signs its measures.
        title: Its name in the catalogue.
        economic_model: What it costs.
        uses: Uses of data it asks for.
        criteria_version: Version of the criteria it was examined under.
        requested_at: When it last asked to be referenced.
        favourable: The commission's opinion is favourable; None before it.
        decided: The minister decided to reference it.
        signatures: Who signed the agreement.
        until_on: Last day of the agreement, or None before it.
        testers: Matricules of those who may use it before it is on line.
        states: Every state it has been in, with the instant it entered it.
        versions: Every version published, with the instant of publication.
    """

    ident: str
    title: str
    economic_model: EconomicModel
    uses: tuple[Use, ...]
    criteria_version: int
    requested_at: datetime
    favourable: bool | None = None
    decided: bool = False
    signatures: frozenset[str] = frozenset()
    until_on: date | None = None
    testers: frozenset[str] = frozenset()
    states: list[tuple[datetime, ServiceState]] = field(
        default_factory=list[tuple[datetime, ServiceState]]
    )
    versions: list[tuple[datetime, str]] = field(default_factory=list[tuple[datetime, str]])

    @property
    def state(self) -> ServiceState:
        """The last state it entered."""
        return self.states[-1][1]

    @enforces("CAT-09")
    def state_at(self, at: datetime) -> ServiceState:
        """Return where it stands at `at`: off line once its agreement has run out."""
        state = ServiceState.CANDIDATE
        for since, entered in self.states:
            if since > at:
                break
            state = entered
        if (
            state in (ServiceState.ONLINE, ServiceState.TRIAL)
            and self.until_on is not None
            and paris_date(at) > self.until_on
        ):
            return ServiceState.OFFLINE
        return state

    def version_at(self, at: datetime) -> tuple[datetime, str]:
        """Return the version in force at `at`, after the instant of its publication."""
        published = [version for version in self.versions if version[0] <= at]
        return published[-1] if published else self.versions[0]

    def _allows(self, right: str, ins: str) -> bool:
        return right == "yes" or (right == "testers" and ins in self.testers)

    @enforces("CAT-01")
    def is_visible(self, ins: str, at: datetime) -> bool:
        """Whether `ins` sees it in the catalogue at `at`."""
        return self._allows(STATE_RIGHTS[self.state_at(at)].visible, ins)

    @enforces("CAT-08")
    def can_pair(self, ins: str, at: datetime) -> bool:
        """Whether `ins` may pair with it at `at`."""
        return self._allows(STATE_RIGHTS[self.state_at(at)].pairs, ins)

    @enforces("CAT-08")
    def can_exchange(self, ins: str, at: datetime) -> bool:
        """Whether it may exchange data of `ins` at `at`, consents apart."""
        return self._allows(STATE_RIGHTS[self.state_at(at)].exchanges, ins)


@dataclass(slots=True)
class Catalogue:
    """Every service that asked to be referenced, and what was done about them.

    Attributes:
        services: By object identifier.
        acts: The log of what concerns no space, oldest first.
    """

    services: dict[str, ReferencedService] = field(default_factory=dict[str, ReferencedService])
    acts: list[LogRow] = field(default_factory=list[LogRow])
