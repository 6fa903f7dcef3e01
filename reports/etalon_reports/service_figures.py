# pyright: reportUnknownMemberType=false
"""What the service faces and pays: calls offered by date, cost by item."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.binning import bins
from etalon_reports.drawing import (
    bars_by_date,
    canvas,
    date_axis,
    labelled_bars,
    plain_numbers,
    svg,
    theme,
)
from etalon_reports.figure_block import FigureBlock
from etalon_reports.rounding import about
from etalon_text import palette
from etalon_text.number_formats import euros, fewest_decimals, long_day, number
from etalon_text.strings import text

if TYPE_CHECKING:
    from etalon_reports.binning import Bins
    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

_SHORTEST_MINUTES: Final = 0.1
_ITEMS: Final = (
    ("letters", palette.LETTER),
    ("emails", palette.EMAIL),
    ("calls", palette.CALLS),
)


def hotline_figure(files: RunFiles, language: Language) -> FigureBlock:
    """Draw the calls offered; below full scope the note says why waiting is left out."""
    rows = files.summary.record("hotline").rows("by_day")
    spans = bins(files.summary.day("starts_on"), files.last_day_on)
    calls = spans.sums([row.day("day") for row in rows], [row.count("calls") for row in rows])
    step = text(spans.step, language)
    with theme():
        figure = canvas(2.1)
        axes = figure.subplots()
        bars_by_date(axes, spans, calls, palette.CALLS)
        axes.set_title(text("figure.hotline.axis", language, step=step))
        date_axis(axes, spans, language)
        plain_numbers(axes, language)
        title = text("figure.hotline.title", language)
        image = svg(figure, "hotline", title, _hotline_alt(spans, calls, step, language))
    return FigureBlock(
        name="hotline",
        title=title,
        image=image,
        note=_hotline_note(files, language),
        source_file="summary.json",
        headings=[text(f"column.{name}", language) for name in ("date", "calls")],
        rows=[
            [long_day(day, language), number(count, language)]
            for day, count in zip(spans.starts, calls, strict=True)
            if count
        ],
    )


def _hotline_alt(spans: Bins, calls: list[int], step: str, language: Language) -> str:
    peak = max(calls)
    peak_on = long_day(spans.starts[calls.index(peak)], language)
    return text(
        "figure.hotline.alt",
        language,
        step=step,
        total=number(sum(calls), language),
        peak=number(peak, language),
        peak_on=text("figure.hotline.peak_on", language, day=peak_on),
    )


def _hotline_note(files: RunFiles, language: Language) -> str:
    hotline = files.summary.record("hotline")
    if files.is_sample:
        scaled = about(hotline.count("calls") / files.scope)
        values = {"scaled": number(scaled, language), "range": _calls_range(files, language)}
        return text("figure.hotline.note_sample", language, **values)
    counted = ("calls", "answered", "blocked", "abandoned")
    values = {name: number(hotline.optional_figure(name) or 0, language) for name in counted}
    seconds = hotline.optional_figure("wait_p95_seconds") or 0
    if not seconds:
        return text("figure.hotline.note_no_wait", language, **values)
    minutes = number(max(seconds / 60, _SHORTEST_MINUTES), language, 1)
    wait = f"{minutes} {text('unit.minute', language)}"
    return text("figure.hotline.note_full", language, wait=wait, **values)


def _calls_range(files: RunFiles, language: Language) -> str:
    bounds = files.knowledge_bounds("calls")
    if bounds is None:
        return ""
    low, high = (number(about(end / files.scope, 2), language) for end in bounds)
    return text("figure.hotline.range", language, low=low, high=high)


def cost_figure(files: RunFiles, language: Language) -> FigureBlock:
    """Draw the cost by item at full scope."""
    cost = files.summary.record("cost_eur")
    simulated = {item: cost.figure(item) for item, _ in _ITEMS}
    scaled = {item: about(amount / files.scope) for item, amount in simulated.items()}
    names = [text(f"cost.{item}", language) for item, _ in _ITEMS]
    with theme():
        figure = canvas(1.55)
        amounts = [euros(amount, language) for amount in scaled.values()]
        colors = [color for _, color in _ITEMS]
        labelled_bars(figure.subplots(), names, list(scaled.values()), amounts, colors)
        items = ", ".join(map(" ".join, zip(names, amounts, strict=True)))
        title = text("figure.cost.title", language)
        image = svg(figure, "cost", title, text("figure.cost.alt", language, items=items))
    return FigureBlock(
        name="cost",
        title=title,
        image=image,
        note=_cost_note(files, language),
        source_file="summary.json",
        headings=[
            text(f"column.{name}", language) for name in ("item", "simulated_cost", "scaled_cost")
        ],
        rows=_cost_rows(files, language),
    )


def _cost_note(files: RunFiles, language: Language) -> str:
    if not files.is_sample:
        return text("figure.cost.note_full", language)
    total = euros(files.summary.record("cost_eur").figure("total"), language)
    scope = number(files.scope, language, fewest_decimals(about(files.scope), most=8))
    return text("figure.cost.note_sample", language, simulated=total, scope=scope)


def _cost_rows(files: RunFiles, language: Language) -> list[list[str]]:
    cost = files.summary.record("cost_eur")
    return [
        [
            text(f"cost.{item}", language),
            euros(cost.figure(item), language),
            euros(about(cost.figure(item) / files.scope), language),
        ]
        for item in (*(name for name, _ in _ITEMS), "total")
    ]
