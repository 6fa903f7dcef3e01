"""What processes beside the first hear, to be told to the observer of the run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.layout_arrays import Mask
    from etalon_scenarios.layout_arrays import People as Numbers
    from etalon_scenarios.observation import Observer

    Heard = list[tuple[str, tuple[int | NDArray[np.generic], ...]]]


class Hearsay:
    """An observer that keeps what it is told until the first process asks for it.

    Attributes:
        hears_lives: Whether the observer of the run hears of automatic openings and deaths.
    """

    def __init__(self, *, hears_lives: bool = False) -> None:
        self.hears_lives = hears_lives
        self._heard: Heard = []

    def visits(self, minutes: Numbers, people: Numbers, objecting: Mask) -> None:
        """Keep visits to the web site."""
        self._heard.append(("visits", (minutes, people, objecting)))

    def calls(self, instants: Numbers, people: Numbers) -> None:
        """Keep calls to the hotline."""
        self._heard.append(("calls", (instants, people)))

    def activations(self, day: int, people: Numbers) -> None:
        """Keep who entered their space."""
        self._heard.append(("activations", (day, people)))

    def openings(self, day: int, people: Numbers) -> None:
        """Keep whose space was opened automatically."""
        self._heard.append(("openings", (day, people.astype(np.int32))))

    def deaths(self, day: int, people: Numbers) -> None:
        """Keep who died."""
        self._heard.append(("deaths", (day, people)))

    def endings(self, day: int, people: Numbers) -> None:
        """Keep who closed their space, or died."""
        self._heard.append(("endings", (day, people)))

    def births(self, people: Numbers, cells: Numbers) -> None:
        """Keep where children were born."""
        self._heard.append(("births", (people, cells)))

    def take(self) -> Heard:
        """Return what was kept, and forget it."""
        heard, self._heard = self._heard, []
        return heard


def tell(observer: Observer, heard: Heard) -> None:
    """Tell an observer what another process heard."""
    for event, details in heard:
        getattr(observer, event)(*details)
