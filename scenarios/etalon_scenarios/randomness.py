"""Which function draws: a fast hash by default, Philox as the safe choice.

Both are pure functions of (seed, slot, person); `draws` registers slots and fields for both. What
belongs to the population and not to a run (birthdays, twins, protection, exclusion) and the
effects of départements are drawn by the fast hash whatever the choice: the same people live under
the same law.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

from etalon_scenarios import draws
from etalon_scenarios.philox import philox

if TYPE_CHECKING:
    from collections.abc import Callable

    from etalon_scenarios.draws import Slot

SPLITMIX64: Final = "splitmix64"
PHILOX4X32_10: Final = "philox4x32-10"
_LOW: Final = (1 << 32) - 1


class Randomness(Protocol):
    """A function that draws, under the seed of a run."""

    def key(self, slot: Slot, repetition: int = 0) -> int:
        """Return the key of one decision.

        Raises:
            ValueError: The repetition is not one the slot owns.
        """
        ...

    def draw(self, key: int, person: int) -> int:
        """Return the 64 bits of one person under a key."""
        ...


class Splitmix64:
    """The finaliser of splitmix64, keyed by seed and slot."""

    def __init__(self, seed: int) -> None:
        self._seed = seed

    @staticmethod
    def draw(key: int, person: int) -> int:
        """Return the 64 bits of one person under a key."""
        return draws.draw(key, person)

    def key(self, slot: Slot, repetition: int = 0) -> int:
        """Return the key of one decision."""
        return draws.stream(self._seed, slot, repetition)


class Philox4x32:
    """Philox with four words of 32 bits and ten rounds, keyed by the seed.

    The counter is (person, low word first; slot and repetition; 0), the draw its first two words.

    Attributes:
        words: The seed, low word first.
    """

    def __init__(self, seed: int) -> None:
        self.words = (seed & _LOW, seed >> 32 & _LOW)

    @staticmethod
    def key(slot: Slot, repetition: int = 0) -> int:
        """Return the word of the counter that stands for one decision."""
        draws.check_repetition(slot, repetition)
        return slot + repetition

    def draw(self, key: int, person: int) -> int:
        """Return the 64 bits of one person under a key."""
        low, high, _, _ = philox((person & _LOW, person >> 32, key, 0), self.words)
        return high << 32 | low


RANDOM_FUNCTIONS: Final[dict[str, Callable[[int], Randomness]]] = {
    SPLITMIX64: Splitmix64,
    PHILOX4X32_10: Philox4x32,
}
"""How to make a function from the seed of a run, by its name in a scenario file."""
