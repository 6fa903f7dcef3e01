# pyright: reportUnknownMemberType=false
"""Fan charts: cumulative counts by date, and how far apart the knowledge draws put them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.binning import Bins
from etalon_reports.drawing import (
    axis_unit,
    canvas,
    date_axis,
    day_position,
    plain_numbers,
    svg,
    theme,
)
from etalon_reports.figure_block import FigureBlock
from etalon_reports.rounding import about
from etalon_text import palette
from etalon_text.language import semicolons
from etalon_text.number_formats import long_day, number, percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from etalon_reports.record import Record
    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

_COLORS: Final = {
    "opposed": palette.OPPOSED,
    "activated": palette.ACTIVATED,
    "opened_automatically": palette.OPENED,
    "calls": palette.CALLS,
}
_DATES: Final = 4


def fan_figure(files: RunFiles, language: Language) -> FigureBlock | None:
    """Draw one fan for each count that rises; None when no draw told of dates."""
    fans = [fan for fan in files.fans() if fan.figures("central")[-1] > 0]
    if not fans:
        return None
    with theme():
        figure = canvas(0.3 + 1.75 * ((len(fans) + 1) // 2))
        panels = figure.subplots((len(fans) + 1) // 2, 2, squeeze=False, sharex=True).ravel()
        for panel in panels[len(fans) :]:
            panel.set_axis_off()
        for panel, fan in zip(panels, fans, strict=False):
            _fan(panel, fan, files, language)
        title = text("figure.fans.title", language)
        items = semicolons((_described(fan, files, language) for fan in fans), language)
        image = svg(figure, "fans", title, text("figure.fans.alt", language, items=items))
    return FigureBlock(
        name="fans",
        title=title,
        image=image,
        note=text("figure.fans.note", language, **_levels(fans[0], language)),
        source_file="knowledge.json",
        headings=[text(f"column.{key}", language) for key in ("date", "indicator", "simulated")]
        + [
            text("column.quantile", language, level=number(level * 100, language))
            for level in fans[0].figures("quantiles")
        ],
        rows=[row for fan in fans for row in _rows(fan, files, language)],
    )


def _fan(panel: Axes, fan: Record, files: RunFiles, language: Language) -> None:
    key = fan.text("key")
    last = max(fan.matrix("values")[-1] + fan.figures("central")) / files.scope
    unit, named = axis_unit(last)
    scale = 1 / files.scope / unit
    days = fan.days("on")
    at = [day_position(day) for day in days]
    values = [[count * scale for count in row] for row in fan.matrix("values")]
    for rank in range(len(values) // 2):
        low, high = values[rank], values[-1 - rank]
        panel.fill_between(at, low, high, color=_COLORS[key], alpha=0.28, linewidth=0)
    panel.plot(at, [count * scale for count in fan.figures("central")], color=palette.INK)
    title = text(f"fan.{key}", language)
    panel.set_title(text(named, language, label=title[:1].upper() + title[1:]))
    panel.set_ylim(bottom=0)
    width = max((days[-1] - days[0]).days, 1)
    date_axis(panel, Bins(days[0], days[-1], width, "step.day"), language, _DATES)
    panel.set_xlim(at[0], at[-1])
    plain_numbers(panel, language)


def _levels(fan: Record, language: Language) -> dict[str, str]:
    quantiles = fan.figures("quantiles")
    wide = percent(quantiles[-1] - quantiles[0], language, 0)
    narrow = percent(quantiles[-2] - quantiles[1], language, 0)
    return {"wide": wide, "narrow": narrow}


def _described(fan: Record, files: RunFiles, language: Language) -> str:
    low, high = fan.matrix("values")[0][-1], fan.matrix("values")[-1][-1]
    ends = {
        name: number(about(count / files.scope), language)
        for name, count in (("value", fan.figures("central")[-1]), ("low", low), ("high", high))
    }
    return text(
        "figure.fans.item", language, title=text(f"fan.{fan.text('key')}", language), **ends
    )


def _rows(fan: Record, files: RunFiles, language: Language) -> list[list[str]]:
    """Give every fourth span and the last one, scaled to the whole scope."""
    name, days = text(f"fan.{fan.text('key')}", language), fan.days("on")
    shown = sorted({*range(3, len(days), 4), len(days) - 1})
    columns = [fan.figures("central"), *fan.matrix("values")]
    return [
        [
            long_day(days[rank], language),
            name,
            *(number(about(column[rank] / files.scope), language) for column in columns),
        ]
        for rank in shown
    ]
