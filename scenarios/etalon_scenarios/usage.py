"""How people use a space once they have entered it: load on the service, outside the ledger."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from decimal import Decimal
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from etalon_scenarios.curves import SIXTEEN_BITS, exponential_quantiles, fixed
from etalon_scenarios.law_building import visit_minutes
from etalon_scenarios.timetable import DAY

if TYPE_CHECKING:
    from etalon_scenarios.scenario import Scenario

_HALF_DAY: Final = Decimal("0.5")
_SHORTEST: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class UsageLaw:
    """Use of a space, in integers.

    Attributes:
        gaps: Equally likely whole days between two planned logins, at least 1.
        weekdays: Share of planned logins that take place, Monday first, over 2 ** 16.
        reading: Share of logins in which a document is opened, over 2 ** 16.
        minutes: Equally likely minutes of the day.
    """

    gaps: tuple[int, ...]
    weekdays: tuple[int, ...]
    reading: int
    minutes: tuple[int, ...]


def usage_law(scenario: Scenario) -> UsageLaw | None:
    """Compute the law of use; None when the scenario says nothing of it."""
    usage = scenario.usage
    if usage is None:
        return None
    weights = weekday_weights()
    kept = Decimal(sum(weights)) / (len(weights) * max(weights))
    # Rounding a gap up to whole days adds half a day on average.
    mean = max(usage.login_days.value * kept - _HALF_DAY, _SHORTEST)
    return UsageLaw(
        gaps=tuple(-(-gap // DAY) for gap in exponential_quantiles(mean * DAY)),
        weekdays=tuple(fixed(Decimal(w) / max(weights), SIXTEEN_BITS) for w in weights),
        reading=fixed(usage.reading_share.value, SIXTEEN_BITS),
        minutes=visit_minutes(),
    )


def weekday_weights() -> list[int]:
    """Return the traffic of the days of the week, Monday first."""
    text = files("etalon_scenarios").joinpath("data/web_weekdays.csv").read_text(encoding="utf-8")
    lines = (line for line in text.splitlines() if not line.startswith("#"))
    return [int(row["weight"]) for row in csv.DictReader(lines)]
