# pyright: reportUnknownMemberType=false
"""The error budget: how much of the misses that an objective bears was used, and when."""

from __future__ import annotations

from itertools import accumulate
from typing import TYPE_CHECKING, Final

from matplotlib.ticker import LogLocator, MaxNLocator, NullLocator

from etalon_reports.drawing import SMALL, canvas, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_reports.load.axes import shade_stalls, time_axis, written
from etalon_reports.load.sentences import budgets, objective_name, share_of_budget
from etalon_text import palette
from etalon_text.language import semicolons
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from markupsafe import Markup
    from matplotlib.axes import Axes

    from etalon_reports.load.load_files import LoadFiles
    from etalon_reports.record import Record
    from etalon_text.language import Language

_SEVERAL: Final = 4.0
"""Budgets used so many times over are drawn on a logarithmic axis."""

_LEAST: Final = 0.01
_DRAWN: Final = 5
"""Objectives drawn: those that used most of their budget; the table has all."""


def budget_figure(files: LoadFiles, language: Language) -> FigureBlock | None:
    """Draw the use of each budget over intended time; None when no objective has one."""
    having = [one for one in files.objectives if one.figure("share") < 1 and one.count("requests")]
    if not having:
        return None
    drawn = sorted(having, key=lambda one: -_used(one))[:_DRAWN]
    title = text("load.figure_budget_title", language)
    return FigureBlock(
        name="budget",
        title=title,
        image=_image(drawn, files, title, language),
        note=_note(len(having) - len(drawn), language),
        source_file="timeline.parquet",
        headings=[
            text(f"load.column_{key}", language) for key in ("objective", "missed", "budget")
        ],
        rows=[_row(one, files, language) for one in having],
    )


def _image(drawn: Sequence[Record], files: LoadFiles, title: str, language: Language) -> Markup:
    with theme():
        figure = canvas(2.7)
        axes = figure.subplots()
        for rank, one in enumerate(drawn):
            _line(axes, one, files, palette.SERIES[rank], language)
        axes.axhline(1, color=palette.DEADLINE, linewidth=0.9, linestyle=(0, (4, 2)), zorder=3)
        _budget_axis(axes, max(_used(one) for one in drawn))
        axes.yaxis.set_major_formatter(written(lambda y: share_of_budget(y, language)))
        shade_stalls(axes, files)
        time_axis(axes, files.seconds, language)
        axes.legend(
            loc="upper left",
            bbox_to_anchor=(0.0, -0.24),
            borderaxespad=0.0,
            frameon=False,
            fontsize=SMALL,
            ncols=2,
        )
        axes.set_title(text("load.figure_budget_axis", language))
        return svg(figure, "budget", title, _alt(drawn, language))


def _note(left_out: int, language: Language) -> str:
    note = text("load.figure_budget_note", language)
    if not left_out:
        return note
    more = text("load.figure_budget_more", language, count=number(left_out, language))
    return f"{note} {more}"


def _budget_axis(axes: Axes, most: float) -> None:
    """Show budgets from nothing; on a logarithmic axis when one of them hides the others."""
    if most > _SEVERAL:
        axes.set_yscale("log")
        axes.set_ylim(_LEAST, most * 2)
        axes.yaxis.set_major_locator(LogLocator())
        axes.yaxis.set_minor_locator(NullLocator())
        return
    axes.set_ylim(0, max(1.15, 1.12 * most))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))


def _used(one: Record) -> float:
    return one.optional_figure("budgets") or 0.0


def missed_by_second(one: Record, files: LoadFiles) -> Sequence[int]:
    """Return the requests of each second that an objective counts as missed."""
    missed = [0] * files.seconds
    journey, step = one.text("journey"), one.text("step")
    for row in files.counted:
        if row.journey == journey and step in {"", row.step}:
            missed[min(row.second, files.seconds - 1)] += row.sent - row.within
    return missed


def _line(axes: Axes, one: Record, files: LoadFiles, color: str, language: Language) -> None:
    allowed = (1 - one.figure("share")) * one.count("requests")
    used = [count / allowed for count in accumulate(missed_by_second(one, files))]
    name = f"{objective_name(one, language)} ({budgets(one, language)})"
    axes.step([0, *range(1, files.seconds + 1)], [0, *used], where="post", color=color, label=name)


def _alt(drawn: Sequence[Record], language: Language) -> str:
    items = [f"{objective_name(one, language)} {budgets(one, language)}" for one in drawn]
    return text("load.figure_budget_alt", language, items=semicolons(items, language))


def _row(one: Record, files: LoadFiles, language: Language) -> list[str]:
    missed = sum(missed_by_second(one, files))
    return [objective_name(one, language), number(missed, language), budgets(one, language)]
