# pyright: reportUnknownMemberType=false
"""What each policy does as days go by: spaces open, objections, euros spent."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.binning import Bins
from etalon_reports.drawing import (
    SMALL,
    axis_unit,
    canvas,
    date_axis,
    day_position,
    plain_numbers,
    svg,
    theme,
)
from etalon_reports.figure_block import FigureBlock
from etalon_reports.rounding import about, short_euros
from etalon_text import palette
from etalon_text.language import semicolons
from etalon_text.number_formats import long_day, number
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from matplotlib.axes import Axes

    from etalon_reports.comparison_files import ComparisonFiles
    from etalon_reports.record import Record
    from etalon_text.language import Language

_PANELS: Final = ("spaces_open", "opposed", "informed", "cost_eur")
_DATES: Final = 4
_STYLES: Final = ("-", (0, (5, 1.5)), (0, (1.5, 1.2)))


def policy_curves_figure(files: ComparisonFiles, language: Language) -> FigureBlock:
    """Draw four panels, one line a policy."""
    curves = files.comparison.record("curves")
    days, rows = curves.days("days"), curves.rows("policies")
    names = {policy.name: policy.title(language) for policy in files.policies}
    with theme():
        figure = canvas(3.9 + 0.09 * len(rows))
        panels = figure.subplots(2, 2, sharex=True).ravel()
        for panel, key in zip(panels, _PANELS, strict=True):
            _panel(panel, key, days, rows, language)
        labels = [names[row.text("policy")] for row in rows]
        figure.legend(
            panels[0].get_lines(),
            labels,
            loc="outside lower left",
            ncols=2,
            frameon=False,
            fontsize=SMALL,
        )
        title = text("figure.policy_curves.title", language)
        table = [_row(names[row.text("policy")], row, language) for row in rows]
        items = semicolons((", ".join(row) for row in table), language)
        alt = text("figure.policy_curves.alt", language, items=items)
        image = svg(figure, "policy-curves", title, alt)
    columns = ("policy", "spaces_open", "opposed", "informed_people", "cost")
    return FigureBlock(
        name="policy-curves",
        title=title,
        image=image,
        note=text("figure.policy_curves.note", language, last=long_day(days[-1], language)),
        source_file="comparison.json",
        headings=[text(f"column.{key}", language) for key in columns],
        rows=table,
    )


def _panel(
    panel: Axes, key: str, days: Sequence[date], rows: Sequence[Record], language: Language
) -> None:
    highest = max((max(row.figures(key), default=0.0) for row in rows), default=0.0)
    unit, named = axis_unit(highest)
    at = [day_position(day) for day in days]
    for rank, row in enumerate(rows):
        panel.plot(
            at,
            [value / unit for value in row.figures(key)],
            color=palette.SERIES[rank % len(palette.SERIES)],
            linestyle=_STYLES[rank // len(palette.SERIES) % len(_STYLES)],
            linewidth=1.4 if rank else 3.2,
        )
    label = text(f"figure.policy_curves.{key}", language)
    panel.set_title(text(named, language, label=label))
    width = max((days[-1] - days[0]).days, 1)
    date_axis(panel, Bins(days[0], days[-1], width, "step.day"), language, _DATES)
    panel.set_xlim(at[0], at[-1])
    panel.set_ylim(bottom=0)
    plain_numbers(panel, language)


def _row(name: str, row: Record, language: Language) -> list[str]:
    counts = [number(about(row.figures(key)[-1]), language) for key in _PANELS[:-1]]
    return [name, *counts, short_euros(row.figures("cost_eur")[-1], language)]
