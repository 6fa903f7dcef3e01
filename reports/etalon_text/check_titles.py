"""What a check looks at, in a sentence: each of ours has one, and so has what was looked for."""

from typing import Final

from etalon_text.language import Language
from etalon_text.strings import has_text, text

EXPLORED: Final = "explored"
"""What the name of a check begins with that was found by exploring; its requirement follows."""

RACED: Final = "raced"
"""What the name of a check begins with that was found by looking for races; its scene follows."""


def check_title(check: str, language: Language) -> str:
    """Return what a check looks at; empty where this version does not know it."""
    key = f"check.{check}"
    if has_text(key):
        return text(key, language)
    name, _, about = check.partition("_")
    if name == RACED and about:
        return text("raced.title", language)
    return text("explored.title", language) if name == EXPLORED and about else ""
