"""Two intervals, never merged: what chance alone would move, and what a sample adds.

*Chance* is that of the whole notified population: were its people to draw again under the same
parameters. *Sample noise* is what simulating fewer people adds. Both use the normal approximation
of a share, widened by a design effect because households decide together: at most the ratio of
the sum of squared household sizes to the sum of sizes, which supposes that a household always
acts as one. What we do not know of the parameters is a third thing (`etalon_scenarios.knowledge`).
"""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from etalon_scenarios.layout import Layout
    from etalon_scenarios.run_directory import Json

LEVEL: Final = 0.95
NORMAL_QUANTILE: Final = 1.959963984540054
"""Quantile of the normal law that leaves 2.5 % on either side."""


def design_effect(layout: Layout) -> float:
    """Bound how much a household's common decisions widen an interval of shares."""
    members = squares = 0
    for department in range(len(layout.departments)):
        children, households = layout.children(department), layout.households(department)
        adults = len(layout.department_range(department)) - children
        size, larger = divmod(children, households) if households else (0, 0)
        members += adults + children
        squares += max(0, adults - households)
        squares += larger * (size + 2) ** 2 + (households - larger) * (size + 1) ** 2
    return squares / members


def share_intervals(numerator: int, denominator: int, scope: float, effect: float) -> Json:
    """Return the intervals of a share, its knowledge left for the draws to say.

    Args:
        numerator: Events counted.
        denominator: People they were counted among.
        scope: People of the run per person of the full population.
        effect: Design effect.
    """
    if not denominator:
        return {"chance": [0.0, 1.0], "sample_noise": None, "knowledge": None}
    share = numerator / denominator
    variance = share * (1 - share) * effect / denominator
    chance = NORMAL_QUANTILE * sqrt(variance * scope)
    # A draw that leaves fewer people than were simulated has nobody left to add.
    noise = NORMAL_QUANTILE * sqrt(variance * max(0.0, 1 - scope))
    return {
        "chance": _around(share, chance),
        "sample_noise": _around(share, noise) if scope < 1 else None,
        "knowledge": None,
    }


def _around(share: float, half: float) -> list[Json]:
    return [max(0.0, share - half), min(1.0, share + half)]
