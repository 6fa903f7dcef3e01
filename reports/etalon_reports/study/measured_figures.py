"""The measured figures of a study, in words: what each is, and its value in its unit."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from etalon_text.number_formats import long_day, number, percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etalon_text.language import Language


def quantity_words(row: Mapping[str, object], language: Language) -> str:
    """Return what a figure measures, and when.

    Args:
        row: One of `fitted` or `held_out` of `calibration.json`.
        language: Of the words.
    """
    said = text(f"quantity.{row['quantity']}", language)
    if row["on"] is not None:
        on = long_day(date.fromisoformat(str(row["on"])), language)
        return text("quantity.on", language, quantity=said, on=on)
    if row["day"] is not None:
        return text("quantity.at_day", language, quantity=said, day=row["day"])
    return said


def in_its_unit(value: float, unit: str, language: Language) -> str:
    """Return the value of a figure: a share as a percentage, people as a whole number."""
    return percent(value, language, 3) if unit == "share" else number(value, language)
