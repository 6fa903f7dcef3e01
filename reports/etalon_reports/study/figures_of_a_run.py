"""The figures that one run of a study gives, in words: names, units, values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.rounding import percent_decimals
from etalon_text.number_formats import EN_DASH, number, percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from etalon_text.language import Language

AMOUNTS: Final = ("calls", "cost_eur", "documents", "reminders_followed", "apps_paired")
_PERCENT: Final = 100


def figure_label(name: str, language: Language) -> str:
    """Return the name of a figure with its unit; amounts are those of the people simulated."""
    said = text(f"rate.{name}", language)
    if name == "cost_eur":
        return f"{said}, €"
    return said if name in AMOUNTS else f"{said}, %"


def in_unit(name: str, value: float) -> float:
    """Return a value in the unit that an axis shows: shares as percentages."""
    return value if name in AMOUNTS else value * _PERCENT


def written(name: str, value: float | None, language: Language) -> str:
    """Return a value in words."""
    if value is None:
        return EN_DASH
    if name in AMOUNTS:
        return number(value, language)
    return percent(value, language, percent_decimals(value))
