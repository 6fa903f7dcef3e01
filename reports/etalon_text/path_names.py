"""Parameters and levers by their names."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_text.language import Language

_ROWS: Final = re.compile(r"\.(\d+)\.")
"""A row of a table of the scenario, counted from 0, within a path."""


def path_name(path: str, language: Language) -> str | None:
    """Return the name of a key of scenarios as a parameter, else as a lever; None for none.

    A parameter of a row has the name of the column and the number of the row, from 1.

    Args:
        path: As `intent.opposition`, or `optin.segments.0.per_day`.
        language: Of the name.
    """
    bare = _ROWS.sub(".", path)
    return _name((f"parameter.{bare}", f"lever.{bare}"), path, language)


def lever_name(path: str, language: Language) -> str | None:
    """Return the name of a key of scenarios as a lever, else as a parameter; None for none."""
    bare = _ROWS.sub(".", path)
    return _name((f"lever.{bare}", f"parameter.{bare}"), path, language)


def _name(keys: Sequence[str], path: str, language: Language) -> str | None:
    row = _ROWS.search(path)
    for key in keys:
        if has_text(key):
            name = text(key, language)
            return name if row is None else text("row.of", language, name=name, row=int(row[1]) + 1)
    return None
