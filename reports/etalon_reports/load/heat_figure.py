# pyright: reportUnknownMemberType=false
"""The heat map: how many requests had which latency, by the instant they were meant to leave."""

from __future__ import annotations

from itertools import groupby
from math import log10
from typing import TYPE_CHECKING

from matplotlib.collections import PolyCollection
from matplotlib.patches import Patch

from etalon_reports.drawing import canvas, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_reports.load.amounts import bound, latency
from etalon_reports.load.axes import (
    LEAST_US,
    latency_axis,
    latency_ends,
    legend_above,
    mark_bounds,
    time_axis,
)
from etalon_text import palette
from etalon_text.number_formats import EN_DASH, number
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from matplotlib.axes import Axes

    from etalon_reports.load.load_files import Cell, LoadFiles
    from etalon_text.language import Language

Corners = tuple[tuple[float, float], ...]


def heat_figure(files: LoadFiles, language: Language) -> FigureBlock | None:
    """Draw the heat map; None without an answer."""
    if not files.heat:
        return None
    classes = shade_classes(max(cell.requests for cell in files.heat))
    with theme():
        figure = canvas(2.9)
        axes = figure.subplots()
        axes.grid(visible=False)
        for rank, rectangles in _shaded(files.heat, classes):
            axes.add_collection(
                PolyCollection(rectangles, facecolor=palette.RAMP[rank], linewidth=0)
            )
        latency_axis(axes, *latency_ends(files), language)
        mark_bounds(axes, files, language)
        time_axis(axes, files.seconds, language)
        axes.set_title(text("load.figure_heat_axis", language))
        _legend(axes, classes, language)
        title = text("load.figure_heat_title", language)
        values = _values(files, language)
        image = svg(figure, "heat", title, text("load.figure_heat_alt", language, **values))
    return FigureBlock(
        name="heat",
        title=title,
        image=image,
        note=text("load.figure_heat_note", language, **values),
        source_file="heat.parquet",
        headings=[text(f"load.column_{key}", language) for key in ("class", "requests")],
        rows=_rows(files, language),
    )


def shade_classes(most: int) -> Sequence[int]:
    """Return the least number of requests of each shade: from 1, growing by equal factors."""
    shades = len(palette.RAMP)
    factor = (most + 1) ** (1 / shades)
    least = [1]
    for rank in range(1, shades):
        least.append(max(least[-1] + 1, round(factor**rank)))
    return [one for one in least if one <= most]


def shade_of(requests: int, classes: Sequence[int]) -> int:
    """Return the rank of the shade of a cell; a few shades are spread over the ramp."""
    return max(rank for rank, least in enumerate(classes) if requests >= least)


def _shaded(
    heat: Sequence[Cell], classes: Sequence[int]
) -> Iterator[tuple[int, Sequence[Corners]]]:
    """Yield the rectangles of each shade; cells of one shade side by side are one rectangle."""
    by_shade: dict[int, list[Corners]] = {}
    rows = sorted(heat, key=lambda cell: (cell.low_us, cell.first_second))
    for low, row in groupby(rows, key=lambda cell: cell.low_us):
        for shade, cells in _runs(list(row), classes):
            left = cells[0].first_second
            right = cells[-1].first_second + cells[-1].seconds
            bottom, top = max(low, LEAST_US), cells[0].high_us
            corners = ((left, bottom), (left, top), (right, top), (right, bottom))
            by_shade.setdefault(shade, []).append(corners)
    yield from sorted(by_shade.items())


def _runs(row: Sequence[Cell], classes: Sequence[int]) -> Iterator[tuple[int, list[Cell]]]:
    run: list[Cell] = []
    for cell in row:
        joined = run and run[-1].first_second + run[-1].seconds == cell.first_second
        if joined and shade_of(run[-1].requests, classes) == shade_of(cell.requests, classes):
            run.append(cell)
            continue
        if run:
            yield shade_of(run[-1].requests, classes), run
        run = [cell]
    if run:
        yield shade_of(run[-1].requests, classes), run


def _legend(axes: Axes, classes: Sequence[int], language: Language) -> None:
    names: list[str] = []
    for rank, least in enumerate(classes):
        last = classes[rank + 1] - 1 if rank + 1 < len(classes) else None
        if last is None:
            names.append(text("load.and_above", language, least=number(least, language)))
        elif last == least:
            names.append(number(least, language))
        else:
            names.append(f"{number(least, language)}{EN_DASH}{number(last, language)}")
    patches = [Patch(color=palette.RAMP[rank]) for rank in range(len(names))]
    names[-1] = text("load.legend_requests", language, last=names[-1])
    legend_above(axes, patches, names, tight=True)


def _values(files: LoadFiles, language: Language) -> dict[str, str]:
    busiest = max(files.heat, key=lambda cell: (cell.requests, -cell.first_second))
    response = files.summary.record("response")
    return {
        "seconds": number(files.heat[0].seconds, language),
        "most": number(busiest.requests, language),
        "max": latency(response.figure("max"), language),
    }


def _rows(files: LoadFiles, language: Language) -> list[list[str]]:
    """Return the requests of each class of latency, all stretches together."""
    counted: dict[tuple[int, int], int] = {}
    for cell in files.heat:
        key = (cell.low_us, cell.high_us)
        counted[key] = counted.get(key, 0) + cell.requests
    return [
        [
            text(
                "load.class_value",
                language,
                low=bound(round(low, -_coarse(low)), language),
                high=bound(round(high, -_coarse(high)), language),
            ),
            number(count, language),
        ]
        for (low, high), count in sorted(counted.items())
    ]


def _coarse(microseconds: int) -> int:
    """Return how many digits of a bound of a class need not be told."""
    return max(int(log10(max(microseconds, 1))) - 1, 0)
