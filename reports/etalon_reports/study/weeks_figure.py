# pyright: reportUnknownMemberType=false
"""The weeks observed, then the fan of those to come."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_reports.drawing import canvas, plain_numbers, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_text import palette
from etalon_text.number_formats import number, short_day
from etalon_text.strings import text

if TYPE_CHECKING:
    from etalon_reports.record import Record
    from etalon_text.language import Language


def weeks_figure(found: Record, group: Record, language: Language) -> FigureBlock:
    """Draw the cumulative total of one group."""
    title = text("forecast.figure", language)
    known = found.days("observed_weeks")
    totals = group.figures("observed")
    weeks = group.rows("weeks")
    days = [known[-1], *(week.day("week_ends_on") for week in weeks)]
    ends = {
        key: [totals[-1], *(week.figure(key) for week in weeks)]
        for key in ("low", "middle", "high")
    }
    rows = [_row(week, language) for week in weeks]
    with theme():
        figure = canvas(2.6)
        panel = figure.subplots()
        count = len(known)
        panel.plot(range(count), totals, color=palette.INK)
        places = range(count - 1, count - 1 + len(days))
        panel.fill_between(places, ends["low"], ends["high"], color=palette.LETTER, alpha=0.25)
        panel.plot(places, ends["middle"], color=palette.LETTER)
        labels = [short_day(day, language) for day in (*known, *days[1:])]
        step = max(1, len(labels) // 8)
        panel.set_xticks(range(0, len(labels), step), labels[::step])
        panel.set_ylim(bottom=0)
        plain_numbers(panel, language)
        image = svg(figure, "weeks", title, text("forecast.figure_alt", language, last=rows[-1][2]))
    return FigureBlock(
        name="weeks",
        title=title,
        image=image,
        note=text("forecast.figure_note", language),
        source_file="forecast.json",
        headings=[
            text(f"forecast.column_{key}", language) for key in ("week", "low", "middle", "high")
        ],
        rows=rows,
    )


def _row(week: Record, language: Language) -> list[str]:
    ends = (number(week.count(key), language) for key in ("low", "middle", "high"))
    return [short_day(week.day("week_ends_on"), language), *ends]
