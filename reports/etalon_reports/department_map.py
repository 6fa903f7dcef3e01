# pyright: reportUnknownMemberType=false
"""Tile maps of what the calendar does to départements: first notice, calls, wait for the opening.

Only what the simulation computes from dates and queues is mapped. Differences of objection
between départements are drawn at random, and stand on no map.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, NamedTuple

from matplotlib.collections import PolyCollection

from etalon_reports.drawing import SMALL, canvas, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_text import palette
from etalon_text.language import semicolons
from etalon_text.number_formats import EN_DASH, long_day, number, short_day
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.axes import Axes

    from etalon_reports.daily_counts import DepartmentCounts
    from etalon_text.language import Language

FEWEST_DEPARTMENTS: Final = 20
"""Under which a map would show holes."""

_GRID: Final = Path(__file__).parent / "data" / "department_grid.csv"
_SIDE: Final = 0.92
_LETTERS: Final = 5
_DARK: Final = 3
_DAY_0: Final = date(2000, 1, 1)


class Mapped(NamedTuple):
    """One map: the last part of the key of its title, a value a département, how it is written."""

    name: str
    values: dict[str, float]
    written: Callable[[float], str]


@cache
def department_grid() -> dict[str, tuple[int, int]]:
    """Return code -> column and row of its tile."""
    with _GRID.open(encoding="utf-8", newline="") as lines:
        table = csv.DictReader(line for line in lines if not line.startswith("#"))
        return {row["code"]: (int(row["column"]), int(row["row"])) for row in table}


def map_figure(rows: Sequence[DepartmentCounts], language: Language) -> FigureBlock | None:
    """Draw the maps; None when too few départements took part."""
    drawn = [found for found in _maps(rows, language) if len(found.values) >= FEWEST_DEPARTMENTS]
    if not drawn:
        return None
    with theme():
        figure = canvas(2.75)
        panels = figure.subplots(1, len(drawn), squeeze=False)[0]
        for panel, found in zip(panels, drawn, strict=True):
            _tiles(panel, found, language)
        title = text("figure.map.title", language)
        described = semicolons((_described(found, language) for found in drawn), language)
        image = svg(figure, "map", title, text("figure.map.alt", language, maps=described))
    return FigureBlock(
        name="map",
        title=title,
        image=image,
        note=text("figure.map.note", language),
        source_file="daily.parquet",
        headings=[
            text(f"column.{key}", language)
            for key in ("department", "notice_day", "calls_per_1000", "days_to_opening")
        ],
        rows=[_row(row, language) for row in rows],
    )


def _maps(rows: Sequence[DepartmentCounts], language: Language) -> list[Mapped]:
    def day(value: float) -> str:
        return short_day(_DAY_0 + timedelta(days=round(value)), language)

    def whole(value: float) -> str:
        return number(value, language)

    def one(value: float) -> str:
        return number(value, language, 1)

    first = {r.code: (r.noticed_on - _DAY_0).days for r in rows if r.noticed_on}
    calls = {r.code: r.calls * 1000 / r.notified for r in rows if r.notified}
    delays = {r.code: r.days_to_opening for r in rows if r.days_to_opening is not None}
    return [
        Mapped("notice_day", {code: float(value) for code, value in first.items()}, day),
        Mapped("calls", calls if any(calls.values()) else {}, one),
        Mapped("days_to_opening", delays, whole),
    ]


def _tiles(panel: Axes, found: Mapped, language: Language) -> None:
    low, high = min(found.values.values()), max(found.values.values())
    grid = department_grid()
    corners = [_corners(*grid[code]) for code in grid]
    shades = [_shade(found.values.get(code), low, high) for code in grid]
    colors = [palette.PAPER if shade is None else palette.RAMP[shade] for shade in shades]
    panel.add_collection(
        PolyCollection(corners, facecolors=colors, edgecolors=palette.RULE, linewidths=0.4)
    )
    for (code, (column, row)), shade in zip(grid.items(), shades, strict=True):
        light = shade is not None and shade >= _DARK
        color = palette.PAPER if light else palette.MUTED if shade is None else palette.INK
        letters = panel.text(column, row, code, size=_LETTERS, ha="center", va="center")
        letters.set_color(color)
        letters.set_in_layout(False)
    panel.set_title(text(f"figure.map.{found.name}", language))
    panel.set_xlim(-0.6, 11.6)
    panel.set_ylim(14.2, -0.7)
    panel.set_aspect("equal")
    panel.set_axis_off()
    _legend(panel, found, low, high)


def _legend(panel: Axes, found: Mapped, low: float, high: float) -> None:
    """Draw the classes under the map, the two ends written."""
    width = 1.5
    left = 5.5 - width * len(palette.RAMP) / 2
    for rank, color in enumerate(palette.RAMP):
        at = left + rank * width
        corners = [(at, 12.4), (at + width, 12.4), (at + width, 12.9), (at, 12.9)]
        panel.add_collection(PolyCollection([corners], facecolors=color, linewidths=0))
    right = left + width * len(palette.RAMP)
    for place, value, side in ((left, low, "left"), (right, high, "right")):
        panel.text(place, 13.7, found.written(value), size=SMALL - 1, ha=side, color=palette.MUTED)


def _corners(column: int, row: int) -> list[tuple[float, float]]:
    half = _SIDE / 2
    return [
        (column - half, row - half),
        (column + half, row - half),
        (column + half, row + half),
        (column - half, row + half),
    ]


def _shade(value: float | None, low: float, high: float) -> int | None:
    if value is None:
        return None
    classes = len(palette.RAMP)
    return min(int((value - low) / (high - low) * classes), classes - 1) if high > low else 0


def _described(found: Mapped, language: Language) -> str:
    values = found.values.values()
    ends = {"low": found.written(min(values)), "high": found.written(max(values))}
    title = text(f"figure.map.{found.name}", language)
    return text("figure.map.span", language, title=title, **ends)


def _row(row: DepartmentCounts, language: Language) -> list[str]:
    dash = EN_DASH
    return [
        row.code,
        long_day(row.noticed_on, language) if row.noticed_on else dash,
        number(row.calls * 1000 / row.notified, language, 1) if row.notified else dash,
        dash if row.days_to_opening is None else number(row.days_to_opening, language),
    ]
