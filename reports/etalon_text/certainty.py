"""How sure a reading is, in words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from etalon_text.language import Language

_PART: Final = re.compile(r"[^()/ ](?:[^()/]*[^()/ ])?")


def certainty_text(certainty: str, language: Language) -> str:
    """Give how sure something is: French for each part between slashes and brackets."""
    if language == "en":
        return certainty
    return _PART.sub(_french_part, certainty)


def _french_part(part: re.Match[str]) -> str:
    key = f"certainty.{part[0].replace(' ', '_')}"
    return text(key, "fr") if has_text(key) else part[0]
