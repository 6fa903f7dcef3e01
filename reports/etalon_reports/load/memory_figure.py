# pyright: reportUnknownMemberType=false
"""The memory that the target held over a run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.drawing import canvas, plain_numbers, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_reports.load.amounts import instant
from etalon_reports.load.axes import time_axis
from etalon_text import palette
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from etalon_reports.load.load_files import LoadFiles
    from etalon_text.language import Language

_FEWEST: Final = 2
_MEBIBYTE: Final = 1 << 20
_SECOND_US: Final = 1_000_000
_ROWS: Final = 60


def memory_figure(files: LoadFiles, language: Language) -> FigureBlock | None:
    """Draw the memory of the target; None when it told none."""
    samples = [(row[0], row[1] / _MEBIBYTE) for row in files.summary.matrix("server_memory")]
    if len(samples) < _FEWEST:
        return None
    held = [mebibytes for _, mebibytes in samples]
    values = {
        "first": number(held[0], language),
        "last": number(held[-1], language),
        "most": number(max(held), language),
    }
    title = text("load.figure_memory_title", language)
    with theme():
        figure = canvas(1.9)
        axes = figure.subplots()
        axes.plot([second for second, _ in samples], held, color=palette.CALLS)
        axes.set_ylim(0, max(held) * 1.12)
        axes.set_title(text("load.figure_memory_axis", language))
        time_axis(axes, max(files.seconds, int(samples[-1][0]) + 1), language)
        axes.set_xlabel(text("load.axis_second", language))
        plain_numbers(axes, language)
        image = svg(figure, "memory", title, text("load.figure_memory_alt", language, **values))
    return FigureBlock(
        name="memory",
        title=title,
        image=image,
        note=text("load.figure_memory_note", language),
        source_file="summary.json",
        headings=[text(f"load.column_{key}", language) for key in ("since", "memory")],
        rows=[
            [instant(second * _SECOND_US, language), number(mebibytes, language)]
            for second, mebibytes in samples[:: -(-len(samples) // _ROWS)]
        ],
    )
