"""Civil periods: where a legal window ends.

Windows are counted in Paris civil time: six weeks after 10:00 end at 10:00 on the forty-second
day, whatever the change of the hour in between; one month ends on the same day of the next
month, or on its last day when there is none; ten years likewise.

Sources: CSP art. R. 1111-28 and R. 1111-36 (six weeks, three months, ten years).
Reading: the texts name no hour and no time zone (decision 0010). A wall-clock time that the
change of the hour skips or repeats is read in favour of the person: the later instant.
"""

import re
from calendar import monthrange
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

PARIS: Final = ZoneInfo("Europe/Paris")

_ISO_PERIOD: Final = re.compile(r"P(?:(\d+)Y)?(?:(\d+)M)?(?:(\d+)W)?(?:(\d+)D)?")
# Thousands of notices share an instant; an unbounded memory of instants would be a leak.
_REMEMBERED_ENDS: Final = 4096


@dataclass(frozen=True, slots=True)
class Period:
    """A civil period written in ISO 8601: years, months, weeks and days (`P6W`, `P1M`, `P10Y`).

    Attributes:
        text: The period as written.
        months: Calendar months in it, years included.
        days: Calendar days in it, weeks included.

    Raises:
        ValueError: `text` is not such a period, or is empty (`P`).
    """

    text: str
    months: int = field(init=False, compare=False, repr=False)
    days: int = field(init=False, compare=False, repr=False)
    _ends: dict[datetime, datetime] = field(
        init=False, compare=False, repr=False, default_factory=dict[datetime, datetime]
    )

    def __post_init__(self) -> None:
        """Read the text once."""
        match = _ISO_PERIOD.fullmatch(self.text)
        if match is None or not any(match.groups()):
            message = (
                f"period {self.text!r} is not understood; "
                "write years, months, weeks or days, like P10Y, P1M, P6W or P30D"
            )
            raise ValueError(message)
        years, months, weeks, days = (int(part or 0) for part in match.groups())
        object.__setattr__(self, "months", 12 * years + months)
        object.__setattr__(self, "days", 7 * weeks + days)

    def after(self, instant: datetime) -> datetime:
        """Return the instant (UTC) at which the period that starts at `instant` ends."""
        end = self._ends.get(instant)
        if end is None:
            if len(self._ends) >= _REMEMBERED_ENDS:
                self._ends.clear()
            end = self._ends[instant] = _later(instant, self.months, self.days)
        return end

    def before(self, instant: datetime) -> datetime:
        """Return the instant (UTC) at which a period that ends at `instant` started."""
        return _later(instant, -self.months, -self.days)


def _later(instant: datetime, months: int, days: int) -> datetime:
    wall = instant.astimezone(PARIS).replace(tzinfo=None)
    year, month = divmod(wall.year * 12 + wall.month - 1 + months, 12)
    last_day = monthrange(year, month + 1)[1]
    wall = wall.replace(year=year, month=month + 1, day=min(wall.day, last_day))
    wall += timedelta(days=days)
    return max(wall.replace(tzinfo=PARIS, fold=fold).astimezone(UTC) for fold in (0, 1))


@lru_cache(maxsize=_REMEMBERED_ENDS)
def paris_date(instant: datetime) -> date:
    """Return the civil date in Paris at `instant`."""
    return instant.astimezone(PARIS).date()


def birthday(birth_on: date, age_years: int) -> date:
    """Return the day somebody born on `birth_on` reaches `age_years`.

    Somebody born on 29 February comes of a given age on 1 March of a common year.
    """
    try:
        return birth_on.replace(year=birth_on.year + age_years)
    except ValueError:
        return date(birth_on.year + age_years, 3, 1)


def is_younger(birth_on: date, age_years: int, at: datetime) -> bool:
    """Whether somebody born on `birth_on` has not reached `age_years` at the instant `at`."""
    years = at.year - birth_on.year
    # The civil date matters only in the year of the birthday, or a few hours before it.
    if years > age_years:
        return False
    if years < age_years - 1:
        return True
    return paris_date(at) < birthday(birth_on, age_years)
