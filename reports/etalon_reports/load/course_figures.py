# pyright: reportUnknownMemberType=false
"""The course of a run over intended time: what was offered, and how long answers took."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.drawing import canvas, plain_numbers, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_reports.load.amounts import NOTHING, instant, latency, trimmed
from etalon_reports.load.axes import (
    latency_axis,
    latency_ends,
    legend_above,
    mark_bounds,
    shade_stalls,
    time_axis,
)
from etalon_text import palette
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from etalon_reports.load.load_files import LoadFiles
    from etalon_reports.record import Record
    from etalon_text.language import Language

_BANDS: Final = (("p50", "p90", 0.55), ("p90", "p99", 0.32), ("p99", "max", 0.16))
_SECOND_US: Final = 1_000_000
_ROWS: Final = 60
"""Rows of the data of a figure at most: the rest stands in timeline.parquet."""


def offered_figure(files: LoadFiles, language: Language) -> FigureBlock:
    """Draw the journeys begun in each stretch under those that were planned."""
    parts = files.summary.rows("stretches")
    planned, offered = (
        [part.count(key) / part.count("seconds") for part in parts]
        for key in ("planned", "offered")
    )
    totals = files.summary.record("totals")
    values = {
        "planned": number(totals.count("planned"), language),
        "offered": number(totals.count("offered"), language),
        "peak": trimmed(round(max(planned), 1), language),
        "seconds": number(parts[0].count("seconds"), language),
    }
    title = text("load.figure_offered_title", language)
    with theme():
        figure = canvas(2.2)
        _offered(figure.subplots(), files, planned, offered, language)
        image = svg(figure, "offered", title, text("load.figure_offered_alt", language, **values))
    return FigureBlock(
        name="offered",
        title=title,
        image=image,
        note=text("load.figure_offered_note", language, **values),
        source_file="summary.json",
        headings=[text(f"load.column_{key}", language) for key in ("from", "planned", "offered")],
        rows=[
            [
                instant(part.count("first_second") * _SECOND_US, language),
                number(part.count("planned"), language),
                number(part.count("offered"), language),
            ]
            for part in _thinned(parts)
        ],
    )


def _offered(
    axes: Axes,
    files: LoadFiles,
    planned: Sequence[float],
    offered: Sequence[float],
    language: Language,
) -> None:
    edges = [part.count("first_second") for part in files.summary.rows("stretches")]
    edges.append(files.seconds)
    begun, asked = _named("offered", language), _named("planned", language)
    axes.stairs(offered, edges, fill=True, color=palette.OPENED, label=begun)
    axes.stairs(planned, edges, color=palette.INK, linewidth=0.9, label=asked)
    axes.set_ylim(0, max([*planned, *offered, 1]) * 1.12)
    handles, names = axes.get_legend_handles_labels()
    legend_above(axes, handles, names)
    axes.set_title(text("load.figure_offered_axis", language))
    time_axis(axes, files.seconds, language)
    plain_numbers(axes, language)


def _named(key: str, language: Language) -> str:
    return text(f"load.line_{key}", language)


def bands_figure(files: LoadFiles, language: Language) -> FigureBlock | None:
    """Draw the median and the bands of latency over intended time; None without an answer."""
    parts = files.summary.rows("stretches")
    if files.summary.optional_record("response") is None:
        return None
    with theme():
        figure = canvas(2.7)
        axes = figure.subplots()
        _bands(axes, parts, files.seconds)
        latency_axis(axes, *latency_ends(files), language)
        mark_bounds(axes, files, language)
        shade_stalls(axes, files)
        time_axis(axes, files.seconds, language)
        axes.set_title(text("load.figure_bands_axis", language))
        _legend(axes, language)
        title = text("load.figure_bands_title", language)
        image = svg(figure, "bands", title, _bands_alt(files, language))
    return FigureBlock(
        name="bands",
        title=title,
        image=image,
        note=text("load.figure_bands_note", language, seconds=_each(parts, language)),
        source_file="summary.json",
        headings=[
            text(f"load.column_{key}", language) for key in ("from", "p50", "p90", "p99", "max")
        ],
        rows=[_band_row(part, language) for part in _thinned(parts)],
    )


def _each(parts: Sequence[Record], language: Language) -> str:
    return number(parts[0].count("seconds"), language)


def _bands(axes: Axes, parts: Sequence[Record], seconds: int) -> None:
    """Fill between percentiles; a stretch without an answer leaves a gap."""
    edges = [part.count("first_second") for part in parts] + [seconds]
    nothing = float("nan")
    for low, high, alpha in _BANDS:
        ends: list[list[float]] = []
        for key in (low, high):
            taken = [part.optional_record("latencies") for part in parts]
            ends.append([nothing if one is None else max(one.figure(key), 1) for one in taken])
        lows, highs = ([*end, end[-1]] for end in ends)
        axes.fill_between(
            edges, lows, highs, step="post", color=palette.ACTIVATED, alpha=alpha, linewidth=0
        )
        if low == "p50":
            axes.step(edges, lows, where="post", color=palette.INK, linewidth=1.1)


def _legend(axes: Axes, language: Language) -> None:
    names = ("p50", "p50_p90", "p90_p99", "p99_max")
    handles = [axes.lines[0], *axes.collections[: len(_BANDS)]]
    legend_above(axes, handles, [text(f"load.line_{name}", language) for name in names])


def _bands_alt(files: LoadFiles, language: Language) -> str:
    response = files.summary.record("response")
    values = {key: latency(response.figure(key), language) for key in ("p50", "p99", "max")}
    return text("load.figure_bands_alt", language, **values)


def _band_row(part: Record, language: Language) -> list[str]:
    taken = part.optional_record("latencies")
    return [
        instant(part.count("first_second") * _SECOND_US, language),
        *(
            NOTHING if taken is None else latency(taken.figure(key), language)
            for key in ("p50", "p90", "p99", "max")
        ),
    ]


def _thinned(parts: Sequence[Record]) -> Sequence[Record]:
    return parts[:: -(-len(parts) // _ROWS)]
