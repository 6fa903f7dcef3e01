"""The sources of a report, numbered in the order in which its tables cite them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

from markupsafe import Markup, escape

from etalon_text.number_formats import EN_DASH

if TYPE_CHECKING:
    from collections.abc import Sequence

_ADDRESS: Final = re.compile(r"(https?://[^\s;,()]+)")
_NOTHING: Final = ("", "none")


class Sources:
    """Numbers given to sources; equal texts share a number."""

    def __init__(self) -> None:
        """Start with no source."""
        self._numbers: dict[str, int] = {}

    def cite(self, source: str) -> str:
        """Return the number of a source between brackets; a dash for none."""
        if source in _NOTHING:
            return EN_DASH
        return f"[{self._numbers.setdefault(source, len(self._numbers) + 1)}]"

    def listed(self) -> Sequence[Markup]:
        """Return the sources in order, addresses as links (followed only if the reader clicks)."""
        return [_linked(source) for source in self._numbers]


def _linked(source: str) -> Markup:
    parts = _ADDRESS.split(source)
    link = Markup('<a href="{}" rel="noreferrer">{}</a>')
    return Markup("").join(
        link.format(part, part.removeprefix("https://").removeprefix("http://"))
        if _ADDRESS.fullmatch(part)
        else escape(part)
        for part in parts
    )
