"""Keyed strings, in French and English, read from the tables of `strings/`.

A table has the columns key, fr, en. A placeholder is written `{name}`, and words that agree with
the number it stands for `{name:one|several}`: French counts none as one, English does not. Keys are
dotted and belong to one table only; a key that no table holds is a programming error.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_text.language import spaced

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etalon_text.language import Language

_OR: Final = "|"
_TABLES: Final = Path(__file__).with_name("strings")


class UnknownStringError(LookupError):
    """No table holds this key."""

    def __init__(self, key: str) -> None:
        """Name the key and where to add it."""
        super().__init__(f"no string {key!r} in {_TABLES.name}/*.csv; add it in French and English")


@cache
def all_strings() -> Mapping[str, Mapping[str, str]]:
    """Return key -> {"fr": …, "en": …}.

    Raises:
        ValueError: A key stands twice, or lacks a language.
    """
    found: dict[str, dict[str, str]] = {}
    for table in sorted(_TABLES.glob("*.csv")):
        with table.open(encoding="utf-8", newline="") as lines:
            for row in csv.DictReader(lines):
                key = row["key"]
                if key in found or not row["fr"] or not row["en"] or None in row:
                    message = f"{table.name}: key {key!r} stands twice or lacks a language"
                    raise ValueError(message)
                found[key] = {"fr": spaced(row["fr"], "fr"), "en": row["en"]}
    return found


def text(key: str, language: Language, /, **values: object) -> str:
    """Return the string `key`, its placeholders filled with `values` (already formatted).

    Raises:
        UnknownStringError: No table holds the key.
        KeyError: A placeholder has no value.
    """
    try:
        sentence = all_strings()[key][language]
    except KeyError:
        raise UnknownStringError(key) from None
    if _OR in sentence:
        return sentence.format(**{name: _Counted(one, language) for name, one in values.items()})
    return sentence.format(**values)


class _Counted:
    """A value with which words may agree."""

    __slots__ = ("_language", "_value")

    def __init__(self, value: object, language: Language) -> None:
        self._value = value
        self._language = language

    def __format__(self, words: str) -> str:
        one, several, others = words.partition(_OR)
        if not several:
            return format(self._value, words)
        digits = re.sub(r"\D", "", str(self._value))
        is_one = digits == "1" or (self._language == "fr" and digits == "0")
        return one if is_one else others


def has_text(key: str) -> bool:
    """Tell whether a table holds `key` (labels of a user's own figures may not)."""
    return key in all_strings()
