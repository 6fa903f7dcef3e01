# pyright: reportUnknownMemberType=false
"""The capacity curve: latency by rate of arrivals, and where the objectives cease to hold."""

from __future__ import annotations

from statistics import geometric_mean
from typing import TYPE_CHECKING, Final

from matplotlib.ticker import FixedFormatter, FixedLocator

from etalon_reports.drawing import SMALL, canvas, plain_numbers, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_reports.load.amounts import latency, trimmed
from etalon_reports.load.axes import latency_axis, legend_above
from etalon_text import palette
from etalon_text.language import semicolons
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from etalon_reports.record import Record
    from etalon_text.language import Language

_MARKS: Final = {
    "PASS": ("o", palette.PASSED),
    "FAIL": ("X", palette.FAILED),
    "INCONCLUSIVE": ("s", palette.MUTED),
    "INVALID": ("P", palette.FOUND),
}
_LINES: Final = (("p50_us", "p50", "-"), ("p99_us", "p99", (0, (5, 2))))


def capacity_figure(capacity: Record, language: Language) -> FigureBlock | None:
    """Draw the probes of a search, with their latencies where they were told; None without one."""
    probes = sorted(capacity.rows("probes"), key=lambda one: one.figure("rate"))
    if not probes:
        return None
    taken = [one for one in probes if one.optional_figure("p99_us") is not None]
    with theme():
        figure = canvas(2.7 if taken else 1.3)
        axes = figure.subplots()
        if taken:
            _latencies(axes, taken, language)
        else:
            _verdicts_alone(axes, probes)
        axes.set_xlim(0, max(one.figure("rate") for one in probes) * 1.06)
        _interval(axes, capacity, language)
        plain_numbers(axes, language, horizontal=True)
        axes.tick_params(axis="x", length=3)
        axes.set_xlabel(text("load.axis_rate", language))
        handles, names = axes.get_legend_handles_labels()
        legend_above(axes, handles, names, tight=True)
        key = "load.figure_capacity_axis" if taken else "load.figure_capacity_axis_verdicts"
        axes.set_title(text(key, language))
        title = text("load.figure_capacity_title", language)
        image = svg(figure, "capacity-curve", title, _alt(probes, language))
    return FigureBlock(
        name="capacity-curve",
        title=title,
        image=image,
        note=text("load.figure_capacity_note", language),
        source_file="capacity.json",
        headings=(),
        rows=(),
    )


def _latencies(axes: Axes, probes: Sequence[Record], language: Language) -> None:
    rates = [one.figure("rate") for one in probes]
    greatest = 0.0
    for key, name, style in _LINES:
        told = [(rate, one.optional_figure(key)) for rate, one in zip(rates, probes, strict=True)]
        line = [(rate, taken) for rate, taken in told if taken is not None]
        greatest = max([greatest, *(taken for _, taken in line)])
        joined = _joined(line)
        axes.plot(
            *zip(*joined, strict=True), color=palette.ACTIVATED, linestyle=style, linewidth=1.2
        )
        for verdict, (mark, color) in _MARKS.items():
            here = [
                (one.figure("rate"), one.figure(key))
                for one in probes
                if one.text("verdict") == verdict and one.optional_figure(key) is not None
            ]
            if here:
                label = verdict if key == "p99_us" else None
                axes.scatter(
                    *zip(*here, strict=True), marker=mark, color=color, label=label, zorder=4
                )
        if line:
            axes.annotate(
                text(f"load.line_{name}", language),
                joined[0],
                xytext=(-8, 0),
                textcoords="offset points",
                ha="right",
                va="center",
                fontsize=SMALL,
            )
    least = min(one.optional_figure("p50_us") or one.figure("p99_us") for one in probes)
    latency_axis(axes, least / 2, greatest * 3, language)


def _joined(line: Sequence[tuple[float, float]]) -> Sequence[tuple[float, float]]:
    """Return one point a rate, the geometric mean where it was tried more than once."""
    found: dict[float, list[float]] = {}
    for rate, taken in line:
        found.setdefault(rate, []).append(max(taken, 1.0))
    return [(rate, geometric_mean(taken)) for rate, taken in found.items()]


def _verdicts_alone(axes: Axes, probes: Sequence[Record]) -> None:
    """Draw the verdict of each probe on one line, where no latency was kept."""
    for verdict, (mark, color) in _MARKS.items():
        rates = [one.figure("rate") for one in probes if one.text("verdict") == verdict]
        if rates:
            axes.scatter(rates, [0] * len(rates), marker=mark, color=color, label=verdict, zorder=4)
    axes.set_ylim(-1, 2)
    axes.yaxis.set_major_locator(FixedLocator([]))
    axes.yaxis.set_major_formatter(FixedFormatter([]))


def _interval(axes: Axes, capacity: Record, language: Language) -> None:
    held, missed = capacity.figure("held"), capacity.optional_figure("missed")
    last = missed if missed is not None else axes.get_xlim()[1]
    label = text("load.line_capacity", language)
    axes.axvspan(held, last, color=palette.SHADE, zorder=0.5, linewidth=0, label=label)


def _alt(probes: Sequence[Record], language: Language) -> str:
    items: list[str] = []
    for one in probes:
        taken = one.optional_figure("p99_us")
        told = "" if taken is None else f" ({latency(taken, language)})"
        items.append(f"{trimmed(one.figure('rate'), language)} {one.text('verdict')}{told}")
    return text("load.figure_capacity_alt", language, items=semicolons(items, language))
