"""What every engine takes and gives: the progress of a simulation, and its run."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from etalon_scenarios.law import Law
    from etalon_scenarios.layout import Layout
    from etalon_scenarios.ledger import Ledger
    from etalon_scenarios.life.following import Lives


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a simulation is.

    Attributes:
        day: Day just finished.
        days_done: Days finished.
        days: Days to simulate in all.
    """

    day: date
    days_done: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """What a simulation gave.

    Attributes:
        ledger: What happened, over the days done.
        law: The law it ran under.
        layout: Who is who.
        population: People at the start.
        full: People of the scenario at full scale.
        seed: Seed of every draw.
        days_done: Days simulated to their end.
        lives: What happened in its spaces, where that was counted.
    """

    ledger: Ledger
    law: Law
    layout: Layout
    population: int
    full: int
    seed: int
    days_done: int
    lives: Lives | None = None

    @property
    def law_digest(self) -> str:
        """Digest of the integers that decided every draw."""
        return self.law.digest
