"""A count over a count, and what chance alone leaves unsure about it."""

from __future__ import annotations

from math import sqrt
from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_text.number_formats import number, percent

if TYPE_CHECKING:
    from etalon_text.language import Language

_Z95: Final = 1.959964


class Proportion(NamedTuple):
    """`part` of `whole` people.

    Attributes:
        part: Count above the line.
        whole: Count below the line; the value is 0 when it is 0.
    """

    part: int
    whole: int

    @property
    def value(self) -> float:
        """The share, between 0 and 1."""
        return self.part / self.whole if self.whole else 0.0

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 95% interval, right for small counts too; 0 to 1 when `whole` is 0."""
        if not self.whole:
            return 0.0, 1.0
        square = _Z95 * _Z95 / self.whole
        middle = (self.value + square / 2) / (1 + square)
        spread = self.value * (1 - self.value) / self.whole + square / (4 * self.whole)
        half = _Z95 * sqrt(spread) / (1 + square)
        return max(middle - half, 0.0), min(middle + half, 1.0)

    def written(self, language: Language) -> str:
        """Return the share and its two counts: 0.82% (24 / 2,931)."""
        counts = f"{number(self.part, language)} / {number(self.whole, language)}"
        return f"{percent(self.value, language, 2)} ({counts})" if self.whole else counts
