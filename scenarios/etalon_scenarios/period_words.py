"""Periods of a scenario file in words: `P6W` is "six semaines", "six weeks"."""

from __future__ import annotations

import re
from typing import Final

from etalon_scenarios.section_base import PERIOD

FRENCH: Final = (
    "zéro",
    "un",
    "deux",
    "trois",
    "quatre",
    "cinq",
    "six",
    "sept",
    "huit",
    "neuf",
    "dix",
    "onze",
    "douze",
    "treize",
    "quatorze",
    "quinze",
    "seize",
)
ENGLISH: Final = (
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
)
UNITS: Final = {
    "fr": {
        "D": ("jour", "jours"),
        "W": ("semaine", "semaines"),
        "M": ("mois", "mois"),
        "Y": ("an", "ans"),
    },
    "en": {
        "D": ("day", "days"),
        "W": ("week", "weeks"),
        "M": ("month", "months"),
        "Y": ("year", "years"),
    },
}
DAYS: Final = {"D": 1, "W": 7}
MONTHS: Final = {"M": 1, "Y": 12}


def is_period(text: str) -> bool:
    """Tell whether a text is a period of one unit, such as `P6W`."""
    return re.match(PERIOD, text) is not None


def in_days_or_months(period: str) -> tuple[int, int]:
    """Return (days, months) of a period: `P6W` and `P42D` are the same, `P30D` and `P1M` not."""
    count, unit = int(period[1:-1]), period[-1]
    return count * DAYS.get(unit, 0), count * MONTHS.get(unit, 0)


def in_words(period: str, language: str) -> str:
    """Write a period out; numbers above sixteen stay in figures.

    Raises:
        KeyError: Neither `fr` nor `en`.
    """
    count, unit = int(period[1:-1]), period[-1]
    numbers = {"fr": FRENCH, "en": ENGLISH}[language]
    word = numbers[count] if count < len(numbers) else str(count)
    if language == "fr" and word == "un" and unit == "W":
        word = "une"
    return f"{word} {UNITS[language][unit][count > 1]}"
