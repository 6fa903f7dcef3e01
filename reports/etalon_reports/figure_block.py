"""A figure as the page shows it: image, caption, note, source, and its data as a table."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup


_DESCRIBED: Final = re.compile(r"<desc[^>]*>(.*?)</desc>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class FigureBlock:
    """One figure of a report.

    Attributes:
        name: Stable name, also the anchor in the page.
        title: Caption, without its number.
        image: Inline SVG, with alternative text inside.
        note: Reading note; names the denominator of every rate drawn.
        source_file: Result file the figure is drawn from.
        headings: Column names of the data table.
        rows: The data drawn, formatted.
        assumed: Whether the image carries the mark of an assumed shape.
    """

    name: str
    title: str
    image: Markup
    note: str
    source_file: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    assumed: bool = False

    @property
    def description(self) -> str:
        """The alternative text that the image carries."""
        found = _DESCRIBED.search(self.image)
        return unescape(found[1]) if found else self.title
