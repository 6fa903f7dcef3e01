# pyright: reportUnknownMemberType=false
"""The weeks observed, then the fan of those to come: everybody, then group by group."""

from __future__ import annotations

import re
from math import ceil
from typing import TYPE_CHECKING, Final

from etalon_reports.drawing import SMALL, canvas, plain_numbers, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_text import palette
from etalon_text.language import semicolons
from etalon_text.number_formats import number, percent, short_day
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from etalon_reports.record import Record
    from etalon_text.language import Language


_TICKS: Final = 4
_ACROSS: Final = 4
_PERCENT: Final = 100
_AGES: Final = re.compile(r"(\d+)-(\d+)|(\d+)\+")


def group_label(group: Record, language: Language) -> str:
    """Return the name of a group: ages and sexes in words, any other as the series names it."""
    name = group.text("group")
    if ages := _AGES.fullmatch(name):
        low, high, oldest = ages.groups()
        if oldest:
            return text("forecast.oldest", language, low=oldest)
        return text("forecast.ages", language, low=low, high=high)
    key = f"forecast.group_{name.lower()}"
    return text(key, language) if has_text(key) else name


def weeks_figure(found: Record, group: Record, language: Language) -> FigureBlock:
    """Draw the cumulative total of one group."""
    title = text("forecast.figure", language)
    rows = [_row(week, language) for week in group.rows("weeks")]
    with theme():
        figure = canvas(2.6)
        whole, near = figure.subplots(1, 2)
        observed = len(group.figures("observed"))
        # A total of years dwarfs what ten weeks add: the last weeks are drawn again, closer.
        for panel, first in ((whole, 0), (near, max(observed - len(rows) // 2 - 1, 0))):
            _fan(panel, group, 1.0, first)
            _weeks(panel, found, group, _TICKS, language, first)
            plain_numbers(panel, language)
        whole.set_ylim(bottom=0)
        whole.set_ylabel(text("unit.people", language))
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


def groups_figure(found: Record, groups: Sequence[Record], language: Language) -> FigureBlock:
    """Draw every group as a share of its population, on one scale."""
    title = text("forecast.by_group", language)
    rows = [[group_label(group, language), *_shares(group, language)] for group in groups]
    with theme():
        down = ceil(len(groups) / _ACROSS)
        figure = canvas(1.15 * down)
        panels = figure.subplots(down, _ACROSS, squeeze=False, sharey=True).flatten()
        for panel, group in zip(panels, groups, strict=False):
            _fan(panel, group, _PERCENT / group.count("population"))
            _weeks(panel, found, group, 2, language)
            panel.set_title(group_label(group, language), fontsize=SMALL)
        panels[0].set_ylim(bottom=0)
        plain_numbers(panels[0], language)
        for panel in panels[len(groups) :]:
            panel.set_visible(False)
        items = semicolons((" ".join(row) for row in rows), language)
        image = svg(figure, "groups", title, text("forecast.by_group_alt", language, items=items))
    keys = ("group", "low", "middle", "high")
    return FigureBlock(
        name="groups",
        title=title,
        image=image,
        note=text("forecast.by_group_note", language),
        source_file="forecast.json",
        headings=[text(f"forecast.column_{key}", language) for key in keys],
        rows=rows,
    )


def _fan(panel: Axes, group: Record, factor: float, first: int = 0) -> None:
    """Draw the observed line from one of its weeks on, the median and the band of one group."""
    totals = [factor * total for total in group.figures("observed")[first:]]
    weeks = group.rows("weeks")
    ends = {
        key: [totals[-1], *(factor * week.figure(key) for week in weeks)]
        for key in ("low", "middle", "high")
    }
    places = range(len(totals) - 1, len(totals) + len(weeks))
    panel.plot(range(len(totals)), totals, color=palette.INK)
    panel.fill_between(places, ends["low"], ends["high"], color=palette.LETTER, alpha=0.25)
    panel.plot(places, ends["middle"], color=palette.LETTER)


def _weeks(  # noqa: PLR0913, PLR0917 (a panel, and what stands below it)
    panel: Axes, found: Record, group: Record, ticks: int, language: Language, first: int = 0
) -> None:
    """Name some of the weeks below a panel, from one of those observed on."""
    days = [*found.days("observed_weeks")[first:]]
    days += [week.day("week_ends_on") for week in group.rows("weeks")]
    step = max(1, ceil(len(days) / ticks))
    panel.set_xticks(range(0, len(days), step), [short_day(day, language) for day in days[::step]])


def _shares(group: Record, language: Language) -> list[str]:
    last, people = group.rows("weeks")[-1], group.count("population")
    return [percent(last.count(key) / people, language, 2) for key in ("low", "middle", "high")]


def _row(week: Record, language: Language) -> list[str]:
    ends = (number(week.count(key), language) for key in ("low", "middle", "high"))
    return [short_day(week.day("week_ends_on"), language), *ends]
