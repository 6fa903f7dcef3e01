"""Values and differences of a measure as words: rounded to what their interval supports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.rounding import about, percent_decimals, short_euros
from etalon_text.language import NO_BREAK
from etalon_text.number_formats import EN_DASH, MINUS, number, percent, supported_decimals
from etalon_text.strings import text

if TYPE_CHECKING:
    from etalon_reports.comparison_files import Bounds, Difference, Figure
    from etalon_text.language import Language

_MOST_DECIMALS: Final = 3
_MOST_FIGURES: Final = 3
_MOST_FINER: Final = 5


def written_value(found: Figure | None, unit: str, language: Language) -> str:
    """Return a value; a dash when the run cannot tell."""
    if found is None:
        return EN_DASH
    if unit == "share":
        return percent(found.value, language, _share_decimals(found.value, found.knowledge))
    return amount(found.value, unit, language)


def amount(value: float, unit: str, language: Language, finer: int = 0) -> str:
    """Return a value of at least 0 with its unit: three significant digits, two for euros.

    Args:
        value: The value.
        unit: Its unit.
        language: Of the words and number formats.
        finer: Further digits.
    """
    match unit:
        case "share":
            return percent(value, language, percent_decimals(value))
        case "EUR":
            return short_euros(value, language, 2 + finer)
        case "seconds":
            return f"{number(about(value), language)}{NO_BREAK}s"
        case _:
            return number(about(value, _MOST_FIGURES + finer), language)


def written_difference(found: Difference | None, unit: str, language: Language) -> str:
    """Return a difference, or that it cannot be told from none."""
    if found is None:
        return EN_DASH
    if found.distinguishable is False:
        return text("difference.none", language)
    return signed(found.value, unit, language, _bounds_decimals(found, unit))


def written_bounds(bounds: Bounds, unit: str, language: Language) -> str:
    """Return an interval of a difference; a dash when it is not known."""
    if bounds is None:
        return EN_DASH
    if unit == "share":
        decimals = _decimals(bounds)
        low, high = (_signed_points(end, language, decimals) for end in bounds)
        span = text("difference.span", language, low=low, high=high) if low != high else low
        return text("difference.points", language, value=span)
    return _span(bounds, unit, language)


def _span(bounds: tuple[float, float], unit: str, language: Language) -> str:
    """Return an interval of amounts, with the digits that part its ends; one figure if none do."""
    ends = ["", ""]
    for finer in range(_MOST_FINER):
        ends = [_with_sign(end, amount(abs(end), unit, language, finer)) for end in bounds]
        if ends[0] != ends[1]:
            return text("difference.span", language, low=ends[0], high=ends[1])
    return ends[0]


def signed(value: float, unit: str, language: Language, decimals: int | None = None) -> str:
    """Return a difference with its sign; a difference of shares in points of percentage."""
    if unit == "share":
        places = percent_decimals(value) if decimals is None else decimals
        written = _signed_points(value, language, places)
        return text("difference.points", language, value=written)
    return _with_sign(value, amount(abs(value), unit, language))


def _signed_points(value: float, language: Language, decimals: int) -> str:
    written = _with_sign(value, number(abs(value) * 100, language, decimals))
    return written if written[0] in f"+{MINUS}" else "0"


def _with_sign(value: float, written: str) -> str:
    """Put the sign before a figure, unless it is printed as zero."""
    if not any(digit in written for digit in "123456789"):
        return written
    return f"{MINUS if value < 0 else '+'}{written}"


def _share_decimals(value: float, bounds: Bounds) -> int:
    return percent_decimals(value) if bounds is None else _decimals(bounds)


def _bounds_decimals(found: Difference, unit: str) -> int | None:
    bounds = found.knowledge or found.chance
    return _decimals(bounds) if bounds and unit == "share" else None


def _decimals(bounds: tuple[float, float]) -> int:
    low, high = bounds
    if low == high:
        return percent_decimals(low)
    return min(max(supported_decimals(low * 100, high * 100), 0), _MOST_DECIMALS)
