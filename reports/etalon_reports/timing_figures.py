# pyright: reportUnknownMemberType=false
"""When people respond: cumulative curves by day since own notice, and flows by date."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.ticker import MultipleLocator

from etalon_reports.binning import bins
from etalon_reports.comparisons import comparisons, measured_at_end
from etalon_reports.curves import cumulative_curve
from etalon_reports.drawing import (
    SMALL,
    bars_by_date,
    canvas,
    date_axis,
    day_position,
    note_on_line,
    plain_numbers,
    svg,
    theme,
)
from etalon_reports.figure_block import FigureBlock
from etalon_text import palette
from etalon_text.number_formats import long_day, number, percent, short_day
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from etalon_reports.binning import Bins
    from etalon_reports.daily_counts import DailyCounts
    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

_ACTS: Final = (("opposed", palette.OPPOSED), ("activated", palette.ACTIVATED))
_RATES: Final = {"opposed": "opt_out_rate", "activated": "activation_rate"}
_FLOWS: Final = (
    ("opposed", palette.OPPOSED),
    ("activated", palette.ACTIVATED),
    ("opened", palette.OPENED),
)
_COUNTERS: Final = {
    "opposed": "opposed",
    "activated": "activated",
    "opened": "opened_automatically",
}


def curves_figure(files: RunFiles, language: Language) -> FigureBlock:
    """Cumulative objection and activation by day since own notice, the deadline marked."""
    curves = {act: cumulative_curve(files.summary.record("curves"), act) for act, _ in _ACTS}
    with theme():
        figure = canvas(2.9)
        panels = figure.subplots(1, 2)
        for panel, (act, color) in zip(panels, _ACTS, strict=True):
            _curve(panel, files, curves[act], (act, color), language)
        title = text("figure.curves.title", language)
        last = {act: percent(curve[-1], language, 2) for act, curve in curves.items()}
        deadline = number(files.window_days[1], language)
        alt = text("figure.curves.alt", language, deadline=deadline, **last)
        image = svg(figure, "curves", title, alt)
    return FigureBlock(
        name="curves",
        title=title,
        image=image,
        note=text("figure.curves.note", language),
        source_file="summary.json",
        headings=[text(f"column.{name}", language) for name in ("day", "opposed", "activated")],
        rows=[
            [number(day, language), *(percent(curves[act][day], language, 3) for act, _ in _ACTS)]
            for day in range(0, len(curves["opposed"]), 7)
        ],
    )


def _curve(
    panel: Axes,
    files: RunFiles,
    curve: Sequence[float],
    style: tuple[str, str],
    language: Language,
) -> None:
    act, color = style
    points = [share * 100 for share in curve]
    panel.fill_between(range(len(points)), points, color=color, alpha=0.10, linewidth=0)
    panel.plot(points, color=color)
    panel.set_title(text(f"figure.curves.{act}", language), color=color)
    panel.set_xlabel(text("figure.curves.axis", language))
    panel.set_xlim(0, max(len(points) - 1, 1))
    _mark_measured(panel, files, act, points, language)
    panel.xaxis.set_major_locator(MultipleLocator(max(7, (len(points) // 7 + 6) // 7 * 7)))
    panel.tick_params(axis="x", length=3)
    plain_numbers(panel, language)
    _mark_deadline(panel, files.window_days, len(points), language)


def _mark_deadline(panel: Axes, window: tuple[int, int], days: int, language: Language) -> None:
    first, last = window
    if first >= days:
        return
    if first == last:
        label = text("figure.curves.deadline", language, day=number(last, language))
    else:
        panel.axvspan(first, last, color=palette.RULE, alpha=0.5, linewidth=0)
        ends = {"first": number(first, language), "last": number(last, language)}
        label = text("figure.curves.deadline_span", language, **ends)
    note_on_line(panel, last, label)


def _mark_measured(
    panel: Axes, files: RunFiles, act: str, points: Sequence[float], language: Language
) -> None:
    """Mark the values measured at a day with diamonds, the one of the end with a dotted line."""
    rate = _RATES[act]
    dated = [
        (row.day, row.measured * 100)
        for row in comparisons(files)
        if row.key == rate and row.measured is not None and row.day is not None
    ]
    dated = [(day, share) for day, share in dated if day < len(points)]
    at_end = measured_at_end(files, rate)
    highest = max([points[-1], (at_end or 0) * 100, *(share for _, share in dated), 0.01])
    panel.set_ylim(0, highest * 1.28)
    for day, share in dated:
        panel.plot([day], [share], marker="D", markersize=4.5, color=palette.INK, zorder=5)
        label = percent(share / 100, language, 2)
        _say_measured(panel, (day, share), points[day], label)
    if at_end is not None:
        panel.axhline(at_end * 100, color=palette.INK, linewidth=0.8, linestyle=(0, (1, 2)))
        label = text("figure.curves.measured", language, value=percent(at_end, language, 2))
        _say_measured(panel, (len(points) - 1, at_end * 100), points[-1], label)


def _say_measured(panel: Axes, at: tuple[float, float], simulated: float, label: str) -> None:
    """Write a measured value beside its mark, on the side of it where the curve is not."""
    day, measured = at
    on_right = day < panel.get_xlim()[1] * 0.6
    below = measured <= simulated
    panel.annotate(
        label,
        at,
        xytext=(6 if on_right else -3, -4 if below else 4),
        textcoords="offset points",
        ha="left" if on_right else "right",
        va="top" if below else "bottom",
        fontsize=SMALL,
        color=palette.INK,
        zorder=5,
    )


def calendar_figure(files: RunFiles, daily: DailyCounts, language: Language) -> FigureBlock:
    """Notices, objections, activations and openings by date; waves and creation marked."""
    spans = bins(files.summary.day("starts_on"), files.last_day_on)
    flows = {
        name: spans.sums(daily.days, daily.counts[counter]) for name, counter in _COUNTERS.items()
    }
    notices = {
        channel: spans.sums(daily.days, daily.counts[f"sent_{channel}"])
        for channel in ("email", "letter")
    }
    with theme():
        drawn = [(name, color) for name, color in _FLOWS if any(flows[name])] or list(_FLOWS)
        figure = canvas(0.6 + 1.2 * (1 + len(drawn)))
        panels = figure.subplots(1 + len(drawn), 1, sharex=True)
        _notices(panels[0], spans, notices, language)
        for panel, (name, color) in zip(panels[1:], drawn, strict=True):
            bars_by_date(panel, spans, flows[name], color)
            panel.set_title(text(f"figure.calendar.{name}", language), color=palette.INK)
        for rank, panel in enumerate(panels):
            _mark_dates(panel, files, language, labelled=rank == 0)
            plain_numbers(panel, language)
        date_axis(panels[-1], spans, language)
        title = text("figure.calendar.title", language)
        totals = {name: number(sum(flow), language) for name, flow in flows.items()}
        sent = number(sum(map(sum, notices.values())), language)
        alt = text("figure.calendar.alt", language, notices=sent, **totals)
        image = svg(figure, "calendar", title, alt)
    columns = [notices["email"], notices["letter"], *flows.values()]
    return FigureBlock(
        name="calendar",
        title=title,
        image=image,
        note=text("figure.calendar.note", language, step=text(spans.step, language)),
        source_file="daily.parquet",
        headings=_calendar_headings(language),
        rows=[
            [long_day(day, language), *(number(column[rank], language) for column in columns)]
            for rank, day in enumerate(spans.starts)
            if any(column[rank] for column in columns)
        ],
    )


def _calendar_headings(language: Language) -> list[str]:
    notices = text("figure.calendar.notices", language)
    channels = [f"{notices} ({text(f'channel.{name}', language)})" for name in ("email", "letter")]
    flows = [text(f"figure.calendar.{name}", language) for name, _ in _FLOWS]
    return [text("column.date", language), *channels, *flows]


def _notices(panel: Axes, spans: Bins, notices: dict[str, list[int]], language: Language) -> None:
    email, letter = notices["email"], notices["letter"]
    by_email = bars_by_date(panel, spans, email, palette.EMAIL)
    by_email.set_label(text("channel.email", language))
    by_letter = bars_by_date(panel, spans, letter, palette.LETTER, email)
    by_letter.set_label(text("channel.letter", language))
    panel.set_title(text("figure.calendar.notices", language))
    panel.legend(loc="upper right", frameon=False, fontsize=SMALL, ncols=2, borderaxespad=0)


def _mark_dates(panel: Axes, files: RunFiles, language: Language, *, labelled: bool) -> None:
    for wave in files.scenario.rows("waves"):
        first, last = day_position(wave.day("first_on")), day_position(wave.day("last_on")) + 1
        panel.axvspan(first, last, color=palette.SHADE, zorder=0, linewidth=0)
    creation = files.scenario.record("creation").optional_day("starts_on")
    if creation is None or creation > files.last_day_on:
        return
    at = day_position(creation)
    panel.axvline(at, color=palette.DEADLINE, linewidth=0.9, linestyle=(0, (4, 2)))
    if labelled:
        label = text("figure.calendar.creation", language, day=short_day(creation, language))
        panel.annotate(
            label,
            (at, 0.62),
            xycoords=("data", "axes fraction"),
            xytext=(4, 0),
            textcoords="offset points",
            fontsize=SMALL,
            color=palette.DEADLINE,
        )
