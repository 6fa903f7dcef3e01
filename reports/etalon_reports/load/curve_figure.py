# pyright: reportUnknownMemberType=false
"""Latency by percentile: what people felt, what the service took, what the generator added."""

from __future__ import annotations

from math import log10
from typing import TYPE_CHECKING, Final

from matplotlib.ticker import FixedLocator

from etalon_reports.drawing import canvas, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_reports.load.amounts import NOTHING, asked_share, latency
from etalon_reports.load.axes import latency_axis, legend_above, mark_bounds, written
from etalon_text import palette
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from etalon_reports.load.load_files import LoadFiles
    from etalon_text.language import Language

    Curves = Mapping[str, Sequence[tuple[float, float]]]

_LINES: Final = {
    "response": (palette.ACTIVATED, "-"),
    "service": (palette.LETTER, (0, (5, 2))),
    "lag": (palette.UNINFORMED, (0, (1, 1.2))),
}
_TICKS: Final = (50.0, 90.0, 99.0, 99.9, 99.99)
_FIRST: Final = 10.0
_ALL: Final = 100.0
_LEAST_US: Final = 50.0


def curve_figure(files: LoadFiles, language: Language) -> FigureBlock | None:
    """Draw latency by percentile, the rare ones spread out; None without an answer."""
    curves = _curves(files)
    if not curves["response"]:
        return None
    title = text("load.figure_curve_title", language)
    with theme():
        figure = canvas(2.6)
        _lines(figure.subplots(), curves, files, language)
        image = svg(figure, "curve", title, _alt(files, language))
    return FigureBlock(
        name="curve",
        title=title,
        image=image,
        note=text("load.figure_curve_note", language),
        source_file="summary.json",
        headings=[text(f"load.column_{key}", language) for key in ("percentile", *_LINES)],
        rows=_rows(files, language),
    )


def _lines(axes: Axes, curves: Curves, files: LoadFiles, language: Language) -> None:
    bounds = [one.figure("within_us") for one in files.objectives]
    high = max([*bounds, *(point[1] for line in curves.values() for point in line)])
    low = min(max(line[0][1], _LEAST_US) for line in curves.values() if line)
    last = curves["response"][-1][0]
    for name, line in curves.items():
        color, style = _LINES[name]
        axes.plot(
            [_place(percent) for percent, _ in line],
            [max(taken, low) for _, taken in line],
            color=color,
            linestyle=style,
            label=text(f"load.line_{name}", language),
        )
    latency_axis(axes, low, high * 1.35, language)
    mark_bounds(axes, files, language)
    axes.set_xlim(_place(_FIRST), _place(last))
    axes.xaxis.set_major_locator(FixedLocator([_place(tick) for tick in _TICKS if tick <= last]))
    axes.xaxis.set_major_formatter(written(lambda x: _percentile(x, language)))
    axes.tick_params(axis="x", length=3)
    axes.set_xlabel(text("load.axis_percentile", language))
    handles, names = axes.get_legend_handles_labels()
    legend_above(axes, handles, names)
    axes.set_title(text("load.figure_curve_axis", language))


def _curves(files: LoadFiles) -> Curves:
    """Return percent and latency (µs) of each line, the greatest, which has no place, left out."""
    held = files.summary.record("curves")
    return {
        name: [(row[0], row[1]) for row in held.matrix(name) if _FIRST <= row[0] < _ALL]
        for name in _LINES
    }


def _place(percent: float) -> float:
    """Return where a percentile stands: nines are equally far apart."""
    return -log10(1 - percent / _ALL)


def _percentile(place: float, language: Language) -> str:
    return asked_share(round(1 - 10.0**-place, 6), language)


def _alt(files: LoadFiles, language: Language) -> str:
    values: dict[str, str] = {}
    for name in _LINES:
        found = files.summary.optional_record(name)
        values[name] = NOTHING if found is None else latency(found.figure("p99"), language)
    return text("load.figure_curve_alt", language, **values)


def _rows(files: LoadFiles, language: Language) -> list[list[str]]:
    held = files.summary.record("curves")
    lines = {name: {row[0]: row[1] for row in held.matrix(name)} for name in _LINES}
    return [
        [
            asked_share(percent / _ALL, language),
            *(
                latency(line[percent], language) if percent in line else NOTHING
                for line in lines.values()
            ),
        ]
        for percent in sorted(lines["response"])
    ]
