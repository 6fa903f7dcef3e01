"""What a row of simulated against measured compares, in words."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from etalon_text.number_formats import long_day, number
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from etalon_text.language import Language


def comparison_label(
    quantity: str, language: Language, *, day: int | None = None, on: str | None = None
) -> str:
    """Return the name of a quantity, and when it is taken.

    Args:
        quantity: Key of a comparison in `summary.json`; an unknown one is returned as it is.
        language: Of the label.
        day: Days since each person's own notice, or None.
        on: Date, YYYY-MM-DD, or None for the end of the run.
    """
    key = f"comparison.{quantity}"
    label = text(key, language) if has_text(key) else quantity
    if day is not None:
        return text("comparison.at_day", language, label=label, day=number(day, language))
    if on is not None:
        when = long_day(date.fromisoformat(on), language)
        return text("comparison.on", language, label=label, day=when)
    return label
