# pyright: standard
"""Institutions as SimPy processes: each yields the moment of the day at which it goes on."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING

import simpy

from etalon_scenarios.timetable import DAY

if TYPE_CHECKING:
    from collections.abc import Iterable

Institution = Generator[int, None, None]
"""Yields a moment of the day; goes on at that moment, today or else tomorrow."""


class Calendar:
    """The clock of one run, from one day on; it holds nothing else between days.

    Attributes:
        day: First day not run yet.
    """

    def __init__(self, first_day: int) -> None:
        self.day = first_day
        self._env = simpy.Environment(initial_time=first_day * DAY)

    def employ(self, institutions: Iterable[Institution]) -> None:
        """Let institutions work; those of one moment go in the order in which they are given."""
        for institution in institutions:
            self._env.process(self._live(institution))

    def pass_day(self) -> None:
        """Run the institutions of one day."""
        self._env.run(until=(self.day + 1) * DAY)
        self.day += 1

    def _live(self, institution: Institution) -> Generator[simpy.Event, object, None]:
        for moment in institution:
            now = int(self._env.now)
            ahead = moment - now % DAY
            yield self._env.timeout(ahead if ahead > 0 or now % DAY == 0 else ahead + DAY)
