"""How many figures a printed value deserves."""

from __future__ import annotations

from decimal import Decimal
from typing import Final

from etalon_text.number_formats import rounded

_FIGURES: Final = 3
_MOST_PERCENT_DECIMALS: Final = 4


def about(value: float, figures: int = _FIGURES) -> float:
    """Return `value` with `figures` significant digits, for an amount scaled up from a sample."""
    exact = Decimal(repr(float(value)))
    return float(rounded(exact, figures - 1 - exact.adjusted())) if exact else 0.0


def percent_decimals(share: float, figures: int = _FIGURES) -> int:
    """Return the decimals that print a share as a percentage with `figures` digits."""
    exact = Decimal(repr(float(share))) * 100
    if not exact:
        return 1
    return min(max(figures - 1 - exact.adjusted(), 0), _MOST_PERCENT_DECIMALS)
