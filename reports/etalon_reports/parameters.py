"""Parameters of a scenario in words: name, value with unit, range."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from etalon_reports.rounding import percent_decimals
from etalon_text.number_formats import EN_DASH, number, percent, rounded
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from etalon_reports.record import Record
    from etalon_text.language import Language


def parameter_label(parameter: Record, language: Language) -> str:
    """Return the name of a parameter followed by its path, or the path alone."""
    path = parameter.text("path")
    key = f"parameter.{path}"
    label = parameter.optional_text(f"label_{language}")
    label = label or (text(key, language) if has_text(key) else None)
    return f"{label} [{path}]" if label else path


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
        return _with_unit(_quantity(float(value), unit, language), unit, language)
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
    if unit != "share":
        return _plain(value, language)
    shown = Decimal(repr(value)) * 100
    shown = rounded(shown, percent_decimals(value)).normalize()
    exponent = shown.as_tuple().exponent
    return percent(value, language, max(-exponent, 0) if isinstance(exponent, int) else 0)


def _plain(value: float, language: Language) -> str:
    exponent = Decimal(repr(value)).normalize().as_tuple().exponent
    return number(value, language, max(-exponent, 0) if isinstance(exponent, int) else 0)


def _with_unit(written: str, unit: str, language: Language) -> str:
    if unit == "share":
        return written
    key = f"unit.{unit}"
    return f"{written} {text(key, language) if has_text(key) else unit}"
