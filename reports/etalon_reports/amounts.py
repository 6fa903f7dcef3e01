"""Values and differences of a measure as words: rounded to what their interval supports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.rounding import MILLION, about, percent_decimals, short_euros
from etalon_text.language import NO_BREAK
from etalon_text.number_formats import (
    EN_DASH,
    MINUS,
    euros,
    number,
    percent,
    supported_decimals,
)
from etalon_text.strings import text

if TYPE_CHECKING:
    from etalon_reports.comparison_files import Bounds, Difference, Figure
    from etalon_text.language import Language

_MOST_DECIMALS: Final = 3
_MILLION_PLACES: Final = 6


def written_value(found: Figure | None, unit: str, language: Language) -> str:
    """Return a value; a dash when the run cannot tell."""
    if found is None:
        return EN_DASH
    if unit == "share":
        return percent(found.value, language, _share_decimals(found.value, found.knowledge))
    return amount(found.value, unit, language)


def amount(value: float, unit: str, language: Language) -> str:
    """Return a value of at least 0 with its unit: three significant digits, two for euros.

    Args:
        value: The value.
        unit: Its unit.
        language: Of the words and number formats.
    """
    match unit:
        case "share":
            return percent(value, language, percent_decimals(value))
        case "EUR":
            return short_euros(value, language)
        case "seconds":
            return f"{number(about(value), language)}{NO_BREAK}s"
        case _:
            return number(about(value), language)


def written_difference(found: Difference | None, unit: str, language: Language) -> str:
    """Return a difference, or that it cannot be told from none, or that nothing moved."""
    if found is None:
        return EN_DASH
    if found.value == 0 and all(
        bounds in {None, (0, 0)} for bounds in (found.knowledge, found.luck)
    ):
        return text("difference.same", language)
    if found.distinguishable is False:
        return text("difference.none", language)
    return signed(found.value, unit, language, found.knowledge or found.luck)


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
    """Return an interval of amounts, with as many digits as its width supports, in one unit."""
    if bounds[0] == bounds[1]:
        return _with_sign(bounds[0], amount(abs(bounds[0]), unit, language))
    places, of = supported_decimals(*bounds), max(map(abs, bounds))
    low, high = (_with_sign(end, _placed(abs(end), unit, language, places, of)) for end in bounds)
    return text("difference.span", language, low=low, high=high) if low != high else low


def signed(
    value: float, unit: str, language: Language, bounds: tuple[float, float] | None = None
) -> str:
    """Return a difference with its sign; a difference of shares in points of percentage.

    Args:
        value: The difference.
        unit: Its unit.
        language: Of the words and number formats.
        bounds: Its interval, whose width says how many digits it has; without it, three (two for
            euros).
    """
    if unit == "share":
        places = percent_decimals(value) if bounds is None else _decimals(bounds)
        written = _signed_points(value, language, places)
        return text("difference.points", language, value=written)
    if bounds is None or bounds[0] == bounds[1]:
        return _with_sign(value, amount(abs(value), unit, language))
    of = max(map(abs, (value, *bounds)))
    places = supported_decimals(*bounds)
    return _with_sign(value, _placed(abs(value), unit, language, places, of))


def _placed(value: float, unit: str, language: Language, places: int, of: float) -> str:
    """Return an amount rounded at a place of the number, in millions of euros as `of` is."""
    if unit == "EUR" and of >= MILLION:
        decimals = min(max(places + _MILLION_PLACES, 0), _MOST_DECIMALS)
        return text("amount.million", language, value=number(value / MILLION, language, decimals))
    if unit == "EUR":
        return euros(value, language, min(places, 0))
    written = number(value, language, min(places, 0))
    return f"{written}{NO_BREAK}s" if unit == "seconds" else written


def euros_each(value: float, bounds: Bounds, language: Language) -> str:
    """Return euros per person with the sign of a saving: the digits of its interval, or two."""
    if bounds is None or bounds[0] == bounds[1]:
        size = abs(about(value, 2))
        decimals = 2 if size < 1 else 1 if size < 10 else 0  # noqa: PLR2004 (two digits)
    else:
        decimals = min(supported_decimals(*bounds), 2)
    written = text("amount.euros", language, value=number(abs(value), language, decimals))
    return _with_sign(value, written).removeprefix("+")


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


def _decimals(bounds: tuple[float, float]) -> int:
    low, high = bounds
    if low == high:
        return percent_decimals(low)
    return min(max(supported_decimals(low * 100, high * 100), 0), _MOST_DECIMALS)
