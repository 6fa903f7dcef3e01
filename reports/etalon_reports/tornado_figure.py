# pyright: reportUnknownMemberType=false
"""The tornado: what the main unknown parameters do to the opt-out rate, largest first."""

from __future__ import annotations

from statistics import fmean
from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.drawing import SMALL, canvas, plain_numbers, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_reports.headlines import headlines
from etalon_reports.parameters import parameter_label
from etalon_reports.rounding import percent_decimals
from etalon_text import palette
from etalon_text.language import semicolons
from etalon_text.number_formats import percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from etalon_reports.headlines import Headline
    from etalon_reports.record import Record
    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

_SHOWN: Final = ("opt_out_rate", "opened_uninformed_rate")
_MOST_BARS: Final = 8
_FEWEST_DRAWS: Final = 9


class Bar(NamedTuple):
    """One parameter.

    Attributes:
        path: Its dotted path.
        low: Mean headline over the draws in which it lies in its lowest third.
        high: The same for its highest third.
    """

    path: str
    low: float
    high: float


def tornado(files: RunFiles, headline: Headline) -> list[Bar]:
    """Return the drivers of a headline by decreasing effect; empty when the draws tell of none.

    Draws are compared with the central run of the same people; the ratio is applied to the run.
    """
    if files.knowledge is None or files.draws < _FEWEST_DRAWS:
        return []
    central = files.knowledge.record("central").optional_figure(headline.key)
    drivers = files.knowledge.record("drivers")
    if not central or headline.key not in drivers.values:
        return []
    draws = [
        (draw.record("parameters"), draw.record("headlines").optional_figure(headline.key))
        for draw in files.knowledge.rows("draws")
    ]
    known = [(values, found * headline.value / central) for values, found in draws if found]
    paths = [row.text("path") for row in drivers.rows(headline.key)][:_MOST_BARS]
    bars = [_bar(path, known) for path in paths]
    return sorted(
        (bar for bar in bars if bar), key=lambda bar: (-abs(bar.high - bar.low), bar.path)
    )


def _bar(path: str, draws: Sequence[tuple[Record, float]]) -> Bar | None:
    found = [(values.figure(path), headline) for values, headline in draws if path in values.values]
    if len(found) < _FEWEST_DRAWS:
        return None
    found.sort()
    third = len(found) // 3
    low, high = (fmean(h for _, h in part) for part in (found[:third], found[-third:]))
    return Bar(path, low, high)


def tornado_figure(files: RunFiles, language: Language) -> FigureBlock | None:
    """Draw the tornado of each headline shown; None without enough draws."""
    drawn = [(h, tornado(files, h)) for h in headlines(files) if h.key in _SHOWN]
    drawn = [(headline, bars) for headline, bars in drawn if bars]
    if not drawn:
        return None
    names = {row.text("path"): row for row in files.scenario.rows("parameters")}
    labels = {path: parameter_label(row, language) for path, row in names.items()}
    with theme():
        heights = [0.7 + 0.27 * len(bars) for _, bars in drawn]
        figure = canvas(sum(heights))
        panels = figure.subplots(len(drawn), 1, squeeze=False, height_ratios=heights)[:, 0]
        for panel, (headline, bars) in zip(panels, drawn, strict=True):
            _panel(panel, headline, bars, labels, language)
        title = text("figure.tornado.title", language)
        rows = [_row(h, bar, labels, language) for h, bars in drawn for bar in bars]
        items = semicolons((" ".join(row) for row in rows), language)
        image = svg(figure, "tornado", title, text("figure.tornado.alt", language, items=items))
    keys = ("indicator", "parameter", "lowest_third", "highest_third")
    return FigureBlock(
        name="tornado",
        title=title,
        image=image,
        note=text("figure.tornado.note", language),
        source_file="knowledge.json",
        headings=[text(f"column.{key}", language) for key in keys],
        rows=rows,
    )


def _panel(
    panel: Axes,
    headline: Headline,
    bars: Sequence[Bar],
    labels: dict[str, str],
    language: Language,
) -> None:
    middle = headline.value * 100
    for rank, bar in enumerate(bars):
        for end, color in ((bar.low, palette.LETTER), (bar.high, palette.ACTIVATED)):
            panel.barh(rank, end * 100 - middle, left=middle, height=0.6, color=color)
    panel.axvline(middle, color=palette.INK, linewidth=1.1)
    panel.set_yticks(range(len(bars)), [labels.get(bar.path, bar.path) for bar in bars])
    panel.tick_params(axis="y", labelcolor=palette.INK, labelsize=SMALL + 0.5)
    panel.set_ylim(len(bars) - 0.4, -0.6)
    panel.margins(x=0.08)
    panel.grid(visible=False, axis="y")
    panel.grid(visible=True, axis="x")
    name = text(f"rate.{headline.key}", language)
    panel.set_title(f"{name}, %")
    plain_numbers(panel, language, horizontal=True)


def _row(headline: Headline, bar: Bar, labels: dict[str, str], language: Language) -> list[str]:
    return [
        text(f"rate.{headline.key}", language),
        labels.get(bar.path, bar.path),
        *(percent(end, language, percent_decimals(end)) for end in (bar.low, bar.high)),
    ]
