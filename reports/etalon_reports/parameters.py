"""Parameters of a scenario in words: name, value with unit, range."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.rounding import percent_decimals
from etalon_text.number_formats import EN_DASH, fewest_decimals, number, percent
from etalon_text.path_names import path_name
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from etalon_reports.record import Record
    from etalon_text.language import Language


_PLURAL: Final = 2
"""From which number on French takes the plural."""

_BARE: Final = frozenset({"share", "ratio"})


def parameter_label(parameter: Record, language: Language) -> str:
    """Return the name of a parameter, or its path when it has none."""
    path = parameter.text("path")
    return parameter.optional_sentence("label", language) or path_name(path, language) or path


def parameter_value(parameter: Record, language: Language) -> str:
    """Return the value with its unit; a series as its number of values and its ends."""
    value = parameter.values.get("value")
    unit = parameter.text("unit")
    if isinstance(value, list):
        values = parameter.figures("value")
        key = "age" if parameter.optional_text("by") == "age_band" else "delay"
        ends = {"low": min(values, default=0.0), "high": max(values, default=0.0)}
        written = {name: _quantity(end, unit, language) for name, end in ends.items()}
        count = number(len(values), language)
        return text(f"assumptions.series_{key}", language, count=count, **written)
    if isinstance(value, int | float):
        return _with_unit(float(value), unit, language)
    return EN_DASH if value is None else str(value)


def parameter_range(parameter: Record, language: Language) -> str:
    """Return the range explored by the draws; for a series, a factor."""
    low, high = parameter.optional_figure("low"), parameter.optional_figure("high")
    if low is None or high is None:
        return EN_DASH
    if parameter.text("kind") == "series":
        ends = {"low": _plain(low, language), "high": _plain(high, language)}
        return text("assumptions.factor", language, **ends)
    unit = parameter.text("unit")
    ends = {"low": _quantity(low, unit, language), "high": _quantity(high, unit, language)}
    return text("assumptions.span", language, **ends)


def _quantity(value: float, unit: str, language: Language) -> str:
    if not unit.startswith("share"):
        return _plain(value, language)
    return percent(value, language, fewest_decimals(value * 100, most=percent_decimals(value)))


def _plain(value: float, language: Language) -> str:
    return number(value, language, fewest_decimals(value))


def _with_unit(value: float, unit: str, language: Language) -> str:
    written = _quantity(value, unit, language)
    if unit in _BARE:
        return written
    key = f"unit.{unit}"
    single = value == 1 or (language == "fr" and 0 <= value < _PLURAL)
    if single and has_text(f"{key}_one"):
        key = f"{key}_one"
    return f"{written} {text(key, language) if has_text(key) else unit}"


def unit_words(unit: str, language: Language) -> str:
    """Return the name of a unit, or the unit where it has none."""
    key = f"unit.{unit}"
    return text(key, language) if has_text(key) else unit
