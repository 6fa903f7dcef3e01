"""In French, what a package says in English of a file, a value or a place that it cannot use.

Packages that know no reader (the scenarios, a target, the server, the load) raise sentences in
English. Where there is a reader, the sentence is found again in the table `refusals.csv` (columns
fr, en): its values are taken out of the English pattern and put into the French one. The value of
a placeholder whose name begins with `said` is such a sentence itself; `count`, `day`, `word` and
`error` stand for a number, a date, a word and the name of an exception. What the table does not
have, such as the words of a library, is given as it stands.
"""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_text.language import spaced

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from etalon_text.language import Language

_TABLE: Final = Path(__file__).with_name("refusals.csv")
_PLACE: Final = re.compile(r"\{(\w+)\}")
_SENTENCE: Final = "said"
_FIRST: Final = f"{{{_SENTENCE}"
_REFUSALS: Final = ("problem", "why")
_SHAPES: Final = {
    "count": r"[-+\d.,]+",
    "day": r"\d{4}-\d\d-\d\d",
    "word": r"\S+",
    "error": r"\w+Error",
}
"""What stands for a placeholder of such a name, alone or before an underscore."""


def refusal_in(sentence: str, language: Language) -> str:
    """Return a sentence raised in English in the language of its reader."""
    if language == "en":
        return sentence
    for pattern, french in _patterns():
        if found := pattern.fullmatch(sentence):
            return filled(french, found.groupdict())
    return sentence


def values_in(values: Mapping[str, object], language: Language) -> dict[str, object]:
    """Return the values of a sentence, the refusals among them (`problem`, `why`) in a language."""
    return {
        name: refusal_in(str(value), language) if name in _REFUSALS else value
        for name, value in values.items()
    }


def filled(french: str, values: Mapping[str, str]) -> str:
    """Return a French sentence with its values, those that are sentences told in French."""

    def value(place: re.Match[str]) -> str:
        name = place[1]
        said = values[name]
        return refusal_in(said, "fr") if name.startswith(_SENTENCE) else said

    return _PLACE.sub(value, spaced(french, "fr"))


@cache
def _patterns() -> Sequence[tuple[re.Pattern[str], str]]:
    """Return English pattern -> French sentence, in the order in which they are tried.

    Those that begin with another sentence come first, as that one would swallow what follows it;
    then those with most words of their own.
    """
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        rows = [(row["en"], row["fr"]) for row in csv.DictReader(lines)]
    rows.sort(key=lambda row: (not row[0].startswith(_FIRST), -len(_PLACE.sub("", row[0]))))
    return [(_pattern(english), french) for english, french in rows]


def _pattern(english: str) -> re.Pattern[str]:
    """Return what matches a sentence; names stand between the parts taken as they are."""
    parts = _PLACE.split(english)
    for place, part in enumerate(parts):
        shape = _SHAPES.get(part.partition("_")[0], ".+?")
        parts[place] = f"(?P<{part}>{shape})" if place % 2 else re.escape(part)
    return re.compile("".join(parts), re.DOTALL)
