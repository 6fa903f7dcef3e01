"""How equipment, qualified identities and habits spread among the professions, month by month."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_scenarios.curves import exp
from etalon_scenarios.life.kinds import SENDERS
from etalon_scenarios.public_holidays import is_mail_day, is_working_day

if TYPE_CHECKING:
    from datetime import date

    from etalon_scenarios.life_sections import Life, Spreading

FIRST_YEAR: Final = 2022
SUNDAY: Final = 6
_FARTHEST: Final = Decimal(60)


class Adopted(NamedTuple):
    """Where a profession stands in one month.

    Attributes:
        month: First day of the month.
        sender: Profession.
        equipped: Share of acts whose sender is equipped.
        identified: Share of patients whose identity is qualified.
        refusing: Share of equipped senders who send nothing.
    """

    month: date
    sender: str
    equipped: Decimal
    identified: Decimal
    refusing: Decimal

    @property
    def sending(self) -> Decimal:
        """Share of acts from which documents are sent."""
        return self.equipped * self.identified * (1 - self.refusing)


def months_between(starts_on: date, days: int) -> list[date]:
    """Return the first day of each month of a run."""
    last = starts_on + timedelta(days=days - 1)
    first = starts_on.year * 12 + starts_on.month - 1
    return [
        starts_on.replace(year=month // 12, month=month % 12 + 1, day=1)
        for month in range(first, last.year * 12 + last.month)
    ]


def adopted(life: Life, sender: str, month: date) -> Adopted:
    """Compute where a profession stands in a month."""
    since = Decimal((month.year - FIRST_YEAR) * 12 + month.month - 1)
    adoption, own = life.adoption, life.sender(sender)
    trained = since >= adoption.training_month.value
    won_over = adoption.training_effect.value if trained else Decimal(0)
    spread = adoption.spread_months.value
    return Adopted(
        month,
        sender,
        _spread(own.equipped, since, spread),
        _spread(adoption.identity, since, spread),
        own.refusing.value * (1 - won_over),
    )


def adoption_table(life: Life, months: list[date]) -> list[Adopted]:
    """Compute where every profession stands in every month."""
    return [adopted(life, sender, month) for month in months for sender in SENDERS]


def _spread(share: Spreading, since: Decimal, spread: Decimal) -> Decimal:
    steps = max(-_FARTHEST, min((since - share.half_month.value) / spread, _FARTHEST))
    way = 1 / (1 + exp(-steps))
    return share.first.value + (share.last.value - share.first.value) * way


def weekday_weight(life: Life, on: date) -> Decimal:
    """Return the documents of a day relative to those of a working day."""
    if is_working_day(on):
        return Decimal(1)
    return life.adoption.saturday.value if is_mail_day(on) else life.adoption.sunday.value
