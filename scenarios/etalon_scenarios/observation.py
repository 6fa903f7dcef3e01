"""What a run lets an observer see, person by person, while it counts.

The ledger counts events without their people. An observer is told which people came, called,
entered and left; it hears of events and changes none, so that a watched run has the same ledger.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Observer(Protocol):
    """Somebody who watches a run; told at the end of each day at the latest, in any order."""

    def visits(
        self, minutes: NDArray[np.int64], people: NDArray[np.int64], objecting: NDArray[np.bool_]
    ) -> None:
        """Hear of visits to the web site, those turned away included.

        Args:
            minutes: Minute of the run of each visit, from midnight of day 0.
            people: For whom each is made.
            objecting: Whether it is to object or to close a space; otherwise to activate.
        """
        ...

    def calls(self, instants: NDArray[np.int64], people: NDArray[np.int64]) -> None:
        """Hear of calls to the hotline, answered or not.

        Args:
            instants: Microsecond of the run of each call.
            people: Who calls, or for whom.
        """
        ...

    def activations(self, day: int, people: NDArray[np.int64]) -> None:
        """Hear who entered their space on a day."""
        ...

    @property
    def hears_lives(self) -> bool:
        """Whether it wants to hear of automatic openings, which are many, and of deaths apart."""
        ...

    def openings(self, day: int, people: NDArray[np.int64]) -> None:
        """Hear whose space was opened automatically on a day, if `hears_lives`."""
        ...

    def deaths(self, day: int, people: NDArray[np.int64]) -> None:
        """Hear who died on a day, beside `endings`, if `hears_lives`."""
        ...

    def endings(self, day: int, people: NDArray[np.int64]) -> None:
        """Hear who closed their space, or died, on a day."""
        ...

    def births(self, people: NDArray[np.int64], cells: NDArray[np.int64]) -> None:
        """Hear which children were born, by ascending number, and into which cells."""
        ...
