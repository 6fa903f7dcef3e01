"""Numbers, percentages, euros and days as a reader of each language expects them.

French: narrow no-break space between thousands, decimal comma, no-break space before % and €.
English: comma between thousands, decimal point, no space before %.
Halves are rounded to even digits on the decimal written form of the number, so that the same
figure prints the same on every machine.
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import TYPE_CHECKING, Final

from etalon_text.language import NARROW_NO_BREAK, NO_BREAK

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from etalon_text.language import Language

MINUS: Final = "\u2212"
EN_DASH: Final = "\u2013"
_MOST_DECIMALS: Final = 6
_FINE_DIGIT: Final = 2

_MONTHS: Final[Mapping[str, str]] = {
    "fr": "janvier février mars avril mai juin juillet août septembre octobre novembre décembre",
    "en": "January February March April May June July August September October November December",
}
_SHORT_MONTHS: Final[Mapping[str, str]] = {
    "fr": "janv. févr. mars avr. mai juin juil. août sept. oct. nov. déc.",
    "en": "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec",
}


def rounded(value: Decimal | float, decimals: int) -> Decimal:
    """Return `value` rounded to `decimals` places; negative places round to tens."""
    return _exact(value).quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_EVEN)


def number(value: Decimal | float, language: Language, decimals: int = 0) -> str:
    """Return `value` with its thousands parted and `decimals` places (negative: round to tens…)."""
    figure = rounded(value, decimals)
    written = f"{abs(figure):,.{max(decimals, 0)}f}"
    if language == "fr":
        written = written.replace(",", NARROW_NO_BREAK).replace(".", ",")
    return f"{MINUS}{written}" if figure < 0 else written


def percent(share: Decimal | float, language: Language, decimals: int = 1) -> str:
    """Return a share (0.00683) as a percentage (0.68 %)."""
    space = NO_BREAK if language == "fr" else ""
    return f"{number(_exact(share) * 100, language, decimals)}{space}%"


def euros(value: Decimal | float, language: Language, decimals: int = 0) -> str:
    """Return an amount in euros."""
    written = number(value, language, decimals)
    return f"{written}{NO_BREAK}€" if language == "fr" else f"€{written}"


def fewest_decimals(*values: Decimal | float, most: int = _MOST_DECIMALS) -> int:
    """Return the fewest places that print every value as exactly as `most` places would."""
    exponents = (rounded(value, most).normalize().as_tuple().exponent for value in values)
    return max(0, *(-places for places in exponents if isinstance(places, int)))


def supported_decimals(low: Decimal | float, high: Decimal | float) -> int:
    """Return how many decimals an interval supports.

    The half-width keeps its first significant digit, one more when that digit is 1
    (rounding would move the bound by too much): 0.43 to 0.97 supports 0.4 to 1.0 and no more.
    A negative result means tens, hundreds… An interval of no width supports six decimals.
    """
    half = abs(_exact(high) - _exact(low)) / 2
    if half == 0:
        return _MOST_DECIMALS
    fine = half.scaleb(-half.adjusted()) < _FINE_DIGIT
    return min(-half.adjusted() + int(fine), _MOST_DECIMALS)


def percent_interval(
    low: Decimal | float, high: Decimal | float, language: Language, decimals: int
) -> str:
    """Return an interval of shares, its unit written once at the end."""
    space = NO_BREAK if language == "fr" else ""
    first, last = (number(_exact(end) * 100, language, decimals) for end in (low, high))
    return f"{first}{EN_DASH}{last}{space}%"


def long_day(day: date, language: Language) -> str:
    """Return a civil day in full: 1er septembre 2021, 1 September 2021."""
    return f"{_ordinal(day, language)}{NO_BREAK}{_month(day, language, _MONTHS)} {day.year}"


def short_day(day: date, language: Language) -> str:
    """Return a civil day for an axis: 1er sept., 1 Sep."""
    return f"{_ordinal(day, language)}{NO_BREAK}{_month(day, language, _SHORT_MONTHS)}"


def _exact(value: Decimal | float) -> Decimal:
    return value if isinstance(value, Decimal) else Decimal(repr(float(value)))


def _ordinal(day: date, language: Language) -> str:
    return "1er" if language == "fr" and day.day == 1 else str(day.day)


def _month(day: date, language: Language, names: Mapping[str, str]) -> str:
    return names[language].split()[day.month - 1]
