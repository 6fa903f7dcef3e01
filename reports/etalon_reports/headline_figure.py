# pyright: reportUnknownMemberType=false
"""The two uncertainties of each headline, and the noise of the sample, on one scale each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.drawing import SMALL, canvas, plain_numbers, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_reports.headlines import INTERVALS, Headline, headlines, written_interval
from etalon_text import palette
from etalon_text.language import semicolons
from etalon_text.number_formats import percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

_COLORS: Final = {
    "knowledge": palette.ACTIVATED,
    "chance": palette.OPPOSED,
    "sample_noise": palette.MUTED,
}
_HEIGHTS: Final = {"knowledge": 6.5, "chance": 6.5, "sample_noise": 2.5}


def intervals_figure(files: RunFiles, language: Language, table: int) -> FigureBlock:
    """Draw each headline with its intervals, never merged; `table` names of whom."""
    found = headlines(files)
    with theme():
        figure = canvas(0.45 + 0.92 * len(found))
        panels = figure.subplots(len(found), 1, squeeze=False)[:, 0]
        for panel, headline in zip(panels, found, strict=True):
            _panel(panel, headline, language)
        sampled = any("sample_noise" in headline.intervals for headline in found)
        title = text(f"figure.intervals.title_{'sample' if sampled else 'full'}", language)
        items = semicolons((_described(headline, language) for headline in found), language)
        image = svg(figure, "intervals", title, text("figure.intervals.alt", language, items=items))
    return FigureBlock(
        name="intervals",
        title=title,
        image=image,
        note=text("figure.intervals.note", language, table=table),
        source_file="summary.json, knowledge.json",
        headings=[],
        rows=[],
    )


def _panel(panel: Axes, headline: Headline, language: Language) -> None:
    kinds = [kind for kind in INTERVALS if kind in headline.intervals or kind == "knowledge"]
    highest = max(
        [headline.value, headline.measured or 0, *(b[1] for b in headline.intervals.values())]
    )
    panel.set_xlim(0, max(highest * 100 * 1.12, 0.001))
    for rank, kind in enumerate(kinds):
        _bar(panel, headline, kind, rank, language)
    panel.axvline(headline.value * 100, color=palette.INK, linewidth=1.1)
    if headline.measured is not None:
        panel.plot([headline.measured * 100], [-0.62], marker="D", color=palette.INK, markersize=4)
    panel.set_ylim(len(kinds) - 0.4, -0.95)
    panel.set_yticks(range(len(kinds)), [text(f"interval.{kind}", language) for kind in kinds])
    panel.grid(visible=False, axis="y")
    panel.grid(visible=True, axis="x")
    name = text(f"rate.{headline.key}", language)
    of = text(headline.denominator_name, language)
    panel.set_title(f"{name}, % ({of})", fontsize=8.5)
    plain_numbers(panel, language, horizontal=True)


def _bar(panel: Axes, headline: Headline, kind: str, rank: int, language: Language) -> None:
    bounds = headline.intervals.get(kind)
    if bounds is None:
        panel.annotate(
            text("interval.not_drawn", language),
            (0.01, rank),
            xycoords=("axes fraction", "data"),
            va="center",
            fontsize=SMALL,
            fontstyle="italic",
            color=palette.MUTED,
        )
        return
    low, high = (bound * 100 for bound in bounds)
    panel.hlines(rank, low, high, color=_COLORS[kind], linewidth=_HEIGHTS[kind], capstyle="butt")
    # A mark that stays visible where the interval is narrower than the line of the run.
    panel.plot([low, high], [rank, rank], "|", color=_COLORS[kind], markersize=_HEIGHTS[kind] + 3)


def _described(headline: Headline, language: Language) -> str:
    name = text(f"rate.{headline.key}", language)
    value = percent(headline.value, language, 3)
    spans = ", ".join(
        f"{text(f'interval.{kind}', language)} {written_interval(bounds, language)}"
        for kind, bounds in headline.intervals.items()
    )
    return f"{name} {value} ({spans})"
