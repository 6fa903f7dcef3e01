# pyright: reportUnknownMemberType=false
"""How much slower or faster each step became, with its interval."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.ticker import MaxNLocator

from etalon_reports.drawing import SMALL, canvas, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_reports.load.amounts import asked_share, step_name
from etalon_reports.load.axes import written
from etalon_reports.load.comparison_words import change, changes
from etalon_text import palette
from etalon_text.language import semicolons
from etalon_text.number_formats import MINUS
from etalon_text.strings import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from etalon_reports.record import Record
    from etalon_text.language import Language

_LEAST: Final = 0.3
_MOST: Final = 2.5
"""Intervals that reach farther are cut at the edge of the figure."""

_MARGIN: Final = 0.08
_COLORS: Final = {
    "regression": palette.FAILED,
    "improvement": palette.PASSED,
    "equal": palette.MUTED,
    "inconclusive": palette.MUTED,
}


def change_figure(found: Record, language: Language) -> FigureBlock:
    """Draw the change of all requests together, then that of each step."""
    rows = [(text("load.all_requests", language), found.record("whole"))]
    rows += [
        (step_name(one.text("journey"), one.text("step"), language), one)
        for one in found.rows("steps")
    ]
    with theme():
        figure = canvas(0.75 + 0.24 * len(rows))
        axes = figure.subplots()
        _rows(axes, rows, found.figure("tolerance"), language)
        axes.set_title(text("load.figure_change_axis", language))
        title = text("load.figure_change_title", language)
        items = [f"{name} {_said(one, language)}" for name, one in rows]
        alt = text("load.figure_change_alt", language, items=semicolons(items, language))
        image = svg(figure, "changes", title, alt)
    return FigureBlock(
        name="changes",
        title=title,
        image=image,
        note=text("load.figure_change_note", language),
        source_file="load-comparison.json",
        headings=(),
        rows=(),
    )


def _tick(ratio: float, language: Language) -> str:
    moved = round((ratio - 1) * 100, 2)
    sign = "" if not moved else MINUS if moved < 0 else "+"
    return f"{sign}{asked_share(abs(moved) / 100, language)}"


def _said(one: Record, language: Language) -> str:
    interval = changes(one.figure("low"), one.figure("high"), language)
    return f"{change(one.figure('ratio'), language)} ({interval})"


def _rows(axes: Axes, rows: list[tuple[str, Record]], tolerance: float, language: Language) -> None:
    axes.axvspan(1 - tolerance, 1 + tolerance, color=palette.SHADE, linewidth=0, zorder=0.5)
    axes.axvline(1, color=palette.INK, linewidth=0.9, zorder=1)
    for rank, (_, one) in enumerate(rows):
        color = _COLORS[one.text("change")]
        low, high = one.figure("low"), one.figure("high")
        axes.plot([low, high], [rank, rank], color=color, linewidth=2.2, solid_capstyle="butt")
        hollow = one.text("change") in {"equal", "inconclusive"}
        face = palette.PAPER if hollow else color
        axes.plot([one.figure("ratio")], [rank], marker="o", markersize=5, color=color, mfc=face)
    axes.set_yticks(range(len(rows)), [name for name, _ in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.tick_params(axis="y", labelcolor=palette.INK, labelsize=SMALL + 0.5)
    axes.grid(visible=True, axis="x")
    axes.grid(visible=False, axis="y")
    low = min([1.0, *(one.figure("low") for _, one in rows)])
    high = max([1.0, *(one.figure("high") for _, one in rows)])
    axes.set_xlim(max(low, _LEAST) - _MARGIN, min(high, _MOST) + _MARGIN)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=6, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(written(lambda x: _tick(round(x, 4), language)))
