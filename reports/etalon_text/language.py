"""The two languages, and the French typography that authors of strings need not type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Language = Literal["fr", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("fr", "en")

NO_BREAK: Final = "\u00a0"
NARROW_NO_BREAK: Final = "\u202f"
APOSTROPHE: Final = "\u2019"

_BEFORE = re.compile(r"(?<=\S)[ \u00a0](?=[:;!?»])")
_BEFORE_UNIT = re.compile(r"(?<=\S) (?=[%€]|M€)")
_AFTER = re.compile(r"(?<=«)[ \u00a0]")
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}\b)")
_TYPED: Final = str.maketrans({APOSTROPHE: "'", NARROW_NO_BREAK: " ", NO_BREAK: " "})
_APOSTROPHE = re.compile(r"(?<=[^\W\d_])'(?=[\w«{<`-])")
"""One that elides: a quoted word of a command has a space or a sign before its mark."""


def spaced(sentence: str, language: Language) -> str:
    """Return `sentence` with the signs and spaces of print that authors need not type.

    French: narrow no-break spaces before : ; ! ? » and after «, no-break ones before % and €, the
    curved apostrophe. In both languages, digits parted by a space (23 180) stay together.
    """
    sentence = _THOUSANDS.sub(NARROW_NO_BREAK, sentence)
    if language == "en":
        return sentence
    sentence = _BEFORE_UNIT.sub(NO_BREAK, _APOSTROPHE.sub(APOSTROPHE, sentence))
    return _AFTER.sub(NARROW_NO_BREAK, _BEFORE.sub(NARROW_NO_BREAK, sentence))


def as_typed(sentence: str) -> str:
    """Return `sentence` with the signs of a keyboard: its typography says nothing.

    For terminals that have no others.
    """
    return sentence.translate(_TYPED)


def semicolons(phrases: Iterable[str], language: Language) -> str:
    """Return phrases parted by semicolons, spaced as the language does."""
    return (f"{NARROW_NO_BREAK}; " if language == "fr" else "; ").join(phrases)
