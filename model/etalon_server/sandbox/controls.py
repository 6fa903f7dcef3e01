"""What a running sandbox remembers beside the service: faults, ranks, where its clock began."""

import asyncio
from datetime import UTC, datetime
from typing import Final

from etalon_model.professionals import Professional, professional_numbered
from etalon_server.clock import Clock, ManualClock
from etalon_server.disturbances import Disturbance
from etalon_server.sandbox.faults import FaultSwitches

FIRST_INSTANTS: Final = {
    "pilot-2021": datetime(2021, 10, 4, 8, tzinfo=UTC),
    "launch-2022": datetime(2022, 2, 1, 9, tzinfo=UTC),
    "steady-2023": datetime(2023, 6, 1, 9, tzinfo=UTC),
}
"""Where a clock set by hand begins, by vintage: late enough for what opens after six weeks."""


class Controls:
    """The state of a sandbox that is not the service's; it is that of one process.

    Attributes:
        switches: The faults that are on.
        making: Held while people are made, so that nobody takes another's matricule.
    """

    __slots__ = ("_began_at", "_ranks", "_seed", "making", "switches")

    def __init__(self, seed: int, clock: Clock) -> None:
        """Start without faults, with the clock where it is."""
        self.making = asyncio.Lock()
        self._seed = seed
        self._began_at = clock.now() if isinstance(clock, ManualClock) else None
        self.reset()

    def of(self, path: str) -> Disturbance | None:
        """Return what a fault does to a request for `path`, or None when nothing does."""
        return self.switches.of(path)

    def next_professional(self, role: str) -> Professional:
        """Return a test professional of a role code that this process has not given yet.

        Raises:
            LookupError: No profession has that role code.
            ValueError: All of them were given.
        """
        rank = self._ranks.get(role, 0)
        found = professional_numbered(self._seed, role, rank)
        self._ranks[role] = rank + 1
        return found

    def reset(self) -> None:
        """Put out the faults and number professionals from the first one again."""
        self.switches = FaultSwitches(self._seed)
        self._ranks: dict[str, int] = {}

    def first_clock(self) -> ManualClock | None:
        """Return a clock set by hand where this one began, or None when it is the real one."""
        return None if self._began_at is None else ManualClock(self._began_at)
