# pyright: reportUnknownMemberType=false
"""When people respond: cumulative curves by day since own notice, the deadline marked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from matplotlib.ticker import MultipleLocator

from etalon_reports.comparisons import comparisons, measured_at_end
from etalon_reports.curves import cumulative_curve
from etalon_reports.drawing import (
    SMALL,
    canvas,
    note_on_line,
    plain_numbers,
    svg,
    theme,
)
from etalon_reports.figure_block import FigureBlock
from etalon_reports.record import RunFileError
from etalon_text import palette
from etalon_text.number_formats import number, percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

_YEAR: Final = 365
_ACTS: Final = (("opposed", palette.OPPOSED), ("activated", palette.ACTIVATED))
_RATES: Final = {"opposed": "opt_out_rate", "activated": "activation_rate"}


def curves_figure(files: RunFiles, language: Language) -> FigureBlock:
    """Cumulative objection and activation by day since own notice, the deadline marked.

    Raises:
        RunFileError: The curves hold nobody.
    """
    curves = {act: cumulative_curve(files.summary.record("curves"), act) for act, _ in _ACTS}
    if not all(curves.values()):
        raise RunFileError(files.summary.file, "curves", "nobody", "those who were notified")
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
    panel.xaxis.set_major_locator(MultipleLocator(_step(len(points))))
    panel.tick_params(axis="x", length=3)
    plain_numbers(panel, language)
    _mark_deadline(panel, files.window_days, len(points), language)


def _step(days: int) -> int:
    """Return the days between two ticks: whole weeks, or years where a run has some."""
    if days > 2 * _YEAR:
        return _YEAR
    return max(7, (days // 7 + 6) // 7 * 7)


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
        if not row.of_others
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
