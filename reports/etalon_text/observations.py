"""What was observed where something else was expected: a run writes it in English.

Values stand as they came; the few words that stand for them are those of the table, and are given
back in the language of the reader.
"""

import re
from functools import cache
from typing import Final

from etalon_text.language import Language
from etalon_text.strings import all_strings, text

_KEYS: Final = (
    "observed.nothing",
    "observed.no_exchange",
    "observed.no_answer",
    "observed.unreadable",
)
_PLACEHOLDER: Final = re.compile(r"\\\{(\w+)\\\}")


def observed(written: str, language: Language) -> str:
    """Return in a language what a run wrote in English; values are left as they are."""
    if language == "en":
        return written
    for key in _KEYS:
        if match := _form(key).fullmatch(written):
            return text(key, language, **match.groupdict())
    return written


@cache
def _form(key: str) -> re.Pattern[str]:
    """Return what recognises a string of the table in English, and takes its values."""
    escaped = re.escape(all_strings()[key]["en"])
    return re.compile(_PLACEHOLDER.sub(r"(?P<\1>.*)", escaped), re.DOTALL)
