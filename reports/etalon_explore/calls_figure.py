# pyright: reportUnknownMemberType=false
"""The calls that each policy brings to the hotline, day by day."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.binning import bins
from etalon_reports.drawing import (
    SMALL,
    canvas,
    date_axis,
    day_position,
    plain_numbers,
    svg,
    theme,
)
from etalon_reports.figure_block import FigureBlock
from etalon_text import palette
from etalon_text.language import semicolons
from etalon_text.number_formats import long_day, number
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from markupsafe import Markup

    from etalon_reports.binning import Bins
    from etalon_reports.comparison_files import ComparisonFiles
    from etalon_text.language import Language

_STYLES: Final = ("-", (0, (5, 1.5)))


def calls_figure(files: ComparisonFiles, language: Language) -> FigureBlock | None:
    """Draw the calls offered, a line a policy; None when nobody calls."""
    curves = files.comparison.record("curves")
    days = curves.days("days")
    spans = bins(days[0], days[-1])
    calls = {
        row.text("policy"): spans.sums(days, [round(value) for value in row.figures("calls")])
        for row in curves.rows("policies")
    }
    if not any(max(counts, default=0) for counts in calls.values()):
        return None
    titles = {policy.name: policy.title(language) for policy in files.policies}
    peaks = {name: max(zip(found, spans.starts, strict=True)) for name, found in calls.items()}
    rows = [
        [titles[name], number(most, language), long_day(day, language)]
        for name, (most, day) in peaks.items()
    ]
    image = _drawn(calls, titles, rows, spans, language)
    return FigureBlock(
        name="calls",
        title=text("explore.calls_title", language),
        image=image,
        note=text("explore.calls_note", language),
        source_file="comparison.json",
        headings=[text(f"column.{key}", language) for key in ("policy", "calls", "date")],
        rows=rows,
    )


def _drawn(
    calls: Mapping[str, Sequence[int]],
    titles: Mapping[str, str],
    rows: Sequence[Sequence[str]],
    spans: Bins,
    language: Language,
) -> Markup:
    with theme():
        figure = canvas(2.5 + 0.09 * len(rows))
        axes = figure.subplots()
        for rank, (name, counts) in enumerate(calls.items()):
            axes.plot(
                [day_position(day) for day in spans.starts],
                counts,
                color=palette.SERIES[rank],
                linestyle=_STYLES[rank % len(_STYLES)],
                linewidth=1.4,
                label=titles[name],
            )
        axes.set_title(text("figure.hotline.axis", language, step=text(spans.step, language)))
        axes.set_ylim(bottom=0)
        date_axis(axes, spans, language)
        plain_numbers(axes, language)
        figure.legend(loc="outside lower left", frameon=False, fontsize=SMALL)
        items = semicolons((", ".join(row) for row in rows), language)
        alt = text("explore.calls_alt", language, items=items)
        return svg(figure, "calls", text("explore.calls_title", language), alt)
