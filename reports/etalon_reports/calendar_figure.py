# pyright: reportUnknownMemberType=false
"""What happens by date: notices, objections, activations, openings; waves and creation marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.binning import bins
from etalon_reports.drawing import (
    SMALL,
    bars_by_date,
    canvas,
    date_axis,
    day_position,
    plain_numbers,
    svg,
    theme,
)
from etalon_reports.figure_block import FigureBlock
from etalon_text import palette
from etalon_text.number_formats import long_day, number, short_day
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from matplotlib.axes import Axes

    from etalon_reports.binning import Bins
    from etalon_reports.daily_counts import DailyCounts
    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language


class Panel(NamedTuple):
    """One panel: the last part of the key of its title, its counters and their colours."""

    name: str
    counters: tuple[str, ...]
    colors: tuple[str, ...]


_PANELS: Final = (
    Panel("notices", ("sent_email", "sent_letter"), (palette.EMAIL, palette.LETTER)),
    Panel("opposed", ("opposed",), (palette.OPPOSED,)),
    Panel("activated", ("activated",), (palette.ACTIVATED,)),
    Panel("opened", ("opened_automatically",), (palette.OPENED,)),
    Panel("requested", ("legacy_created",), (palette.ACTIVATED,)),
)


def calendar_figure(files: RunFiles, daily: DailyCounts, language: Language) -> FigureBlock:
    """Draw one panel for each thing that happened in the run."""
    spans = bins(files.summary.day("starts_on"), files.last_day_on)
    sums = {
        counter: spans.sums(daily.days, daily.counts[counter])
        for panel in _PANELS
        for counter in panel.counters
    }
    drawn = [p for p in _PANELS if any(any(sums[name]) for name in p.counters)] or [_PANELS[0]]
    titles = [text(f"figure.calendar.{panel.name}", language) for panel in drawn]
    totals = [sum(sum(sums[name]) for name in panel.counters) for panel in drawn]
    described = ", ".join(
        f"{title} {number(total, language)}" for title, total in zip(titles, totals, strict=True)
    )
    opening = first_opening(daily, files.last_day_on)
    with theme():
        figure = canvas(0.6 + 1.2 * len(drawn))
        every = figure.subplots(len(drawn), 1, sharex=True, squeeze=False)[:, 0]
        for axes, panel, panel_title in zip(every, drawn, titles, strict=True):
            _bars(axes, panel, spans, sums, language)
            axes.set_title(panel_title)
            _mark_waves(axes, files)
            _mark_opening(axes, opening, language, labelled=panel is drawn[0])
            plain_numbers(axes, language)
        date_axis(every[-1], spans, language)
        title = text("figure.calendar.title", language)
        alt = text("figure.calendar.alt", language, panels=described)
        image = svg(figure, "calendar", title, alt)
    return FigureBlock(
        name="calendar",
        title=title,
        image=image,
        note=text("figure.calendar.note", language, step=text(spans.step, language)),
        source_file="daily.parquet",
        headings=[text("column.date", language), *_headings(drawn, language)],
        rows=_rows(spans, [sums[name] for panel in drawn for name in panel.counters], language),
    )


def _bars(
    axes: Axes, panel: Panel, spans: Bins, sums: dict[str, list[int]], language: Language
) -> None:
    below: list[int] | None = None
    for counter, color in zip(panel.counters, panel.colors, strict=True):
        bars = bars_by_date(axes, spans, sums[counter], color, below)
        below = sums[counter]
        if len(panel.counters) > 1:
            bars.set_label(_channel(counter, language))
    if len(panel.counters) > 1:
        axes.legend(loc="upper right", frameon=False, fontsize=SMALL, ncols=2, borderaxespad=0)


def _channel(counter: str, language: Language) -> str:
    return text(f"channel.{counter.removeprefix('sent_')}", language)


def _headings(drawn: Sequence[Panel], language: Language) -> list[str]:
    found: list[str] = []
    for panel in drawn:
        title = text(f"figure.calendar.{panel.name}", language)
        if len(panel.counters) == 1:
            found.append(title)
        else:
            found += [f"{title} ({_channel(name, language)})" for name in panel.counters]
    return found


def _rows(spans: Bins, columns: Sequence[Sequence[int]], language: Language) -> list[list[str]]:
    return [
        [long_day(day, language), *(number(column[rank], language) for column in columns)]
        for rank, day in enumerate(spans.starts)
        if any(column[rank] for column in columns)
    ]


def first_opening(daily: DailyCounts, last_on: date) -> date | None:
    """Return the first day, until `last_on`, on which silence opened a space, if any."""
    opened = zip(daily.days, daily.counts["opened_automatically"], strict=True)
    return min((day for day, count in opened if count and day <= last_on), default=None)


def _mark_waves(axes: Axes, files: RunFiles) -> None:
    for wave in files.scenario.rows("waves"):
        first, last = day_position(wave.day("first_on")), day_position(wave.day("last_on")) + 1
        axes.axvspan(first, last, color=palette.SHADE, zorder=0, linewidth=0)


def _mark_opening(axes: Axes, opening: date | None, language: Language, *, labelled: bool) -> None:
    if opening is None:
        return
    at = day_position(opening)
    axes.axvline(at, color=palette.DEADLINE, linewidth=0.9, linestyle=(0, (4, 2)))
    if labelled:
        axes.annotate(
            text("figure.calendar.creation", language, day=short_day(opening, language)),
            (at, 0.62),
            xycoords=("data", "axes fraction"),
            xytext=(4, 0),
            textcoords="offset points",
            fontsize=SMALL,
            color=palette.DEADLINE,
        )
