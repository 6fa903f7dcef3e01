"""How many figures a printed value deserves."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Final

from etalon_text.number_formats import euros, fewest_decimals, number, rounded
from etalon_text.strings import text

if TYPE_CHECKING:
    from etalon_text.language import Language

_FIGURES: Final = 3
MILLION: Final = 1_000_000
_MOST_PERCENT_DECIMALS: Final = 6


def about(value: float, figures: int = _FIGURES) -> float:
    """Return `value` with `figures` significant digits, for an amount scaled up from a sample."""
    exact = Decimal(repr(float(value)))
    return float(rounded(exact, figures - 1 - exact.adjusted())) if exact else 0.0


def short_euros(value: float, language: Language, figures: int = 2) -> str:
    """Return an amount with so many digits, in millions from a million on."""
    amount = about(value, figures)
    if amount < MILLION:
        return euros(amount, language)
    millions = amount / MILLION
    written = number(millions, language, fewest_decimals(millions))
    return text("amount.million", language, value=written)


def percent_decimals(share: float, figures: int = _FIGURES) -> int:
    """Return the decimals that print a share as a percentage with `figures` digits."""
    exact = Decimal(repr(float(share))) * 100
    if not exact:
        return 0
    return min(max(figures - 1 - exact.adjusted(), 0), _MOST_PERCENT_DECIMALS)
