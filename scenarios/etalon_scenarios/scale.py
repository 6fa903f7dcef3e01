"""The scale of a run: which part of a scenario's population it holds, how far its days go."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from decimal import Decimal

BEYOND: Final = 60
"""Days known after the horizon: an act may be planned there, and is then never reached."""


@dataclass(frozen=True, slots=True)
class Scope:
    """The part of a scenario's population that a run holds.

    Attributes:
        population: People of the run.
        full: People of the scenario.
    """

    population: int
    full: int

    def capacity(self, full_scale: Decimal) -> int:
        """Scale a capacity to the run: rounded up, at least 1."""
        return max(1, -(-int(full_scale) * self.population // self.full))
