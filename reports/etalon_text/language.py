"""The two languages, and the French spacing that authors of strings need not type."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

Language = Literal["fr", "en"]
LANGUAGES: Final[tuple[Language, ...]] = ("fr", "en")

NO_BREAK: Final = "\u00a0"
NARROW_NO_BREAK: Final = "\u202f"

_BEFORE = re.compile(r"(?<=\S) (?=[%:;!?»€])")
_AFTER = re.compile(r"(?<=«) ")
_THOUSANDS = re.compile(r"(?<=\d) (?=\d{3}\b)")


def spaced(sentence: str, language: Language) -> str:
    """Return `sentence` with no-break spaces: French ones before % : ; ! ? » € and after «.

    In both languages, digits parted by a space (23 180) stay together.
    """
    sentence = _THOUSANDS.sub(NARROW_NO_BREAK, sentence)
    if language == "en":
        return sentence
    return _AFTER.sub(NO_BREAK, _BEFORE.sub(NO_BREAK, sentence))


def semicolons(phrases: Iterable[str], language: Language) -> str:
    """Return phrases parted by semicolons, spaced as the language does."""
    return (f"{NO_BREAK}; " if language == "fr" else "; ").join(phrases)
