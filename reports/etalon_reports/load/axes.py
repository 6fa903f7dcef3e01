# pyright: reportUnknownMemberType=false
"""What the figures of load share: intended time along, latency up on a scale of doublings."""

from __future__ import annotations

from math import ceil, floor, log10
from typing import TYPE_CHECKING, Final

from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

from etalon_reports.drawing import SMALL
from etalon_reports.load.amounts import bound, duration
from etalon_text import palette
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes

    from etalon_reports.load.load_files import LoadFiles
    from etalon_text.language import Language

_MILLISECOND_US: Final = 1_000
_SECOND_US: Final = 1_000_000
_MINUTES_FROM: Final = 300
_CLOSE: Final = 1.9
"""Bounds nearer to each other than this factor share one label."""

LEAST_US: Final = 794.0
"""What is faster than a millisecond is drawn as the third of a doubling below it."""


def written(words: Callable[[float], str]) -> FuncFormatter:
    """Return what writes the labels of an axis."""

    def label(value: float, _position: int | None) -> str:
        return words(value)

    return FuncFormatter(label)


def time_axis(axes: Axes, seconds: int, language: Language) -> None:
    """Show intended time from the start of a run: seconds, or minutes when it is long."""
    axes.set_xlim(0, seconds)
    steps = [1, 1.5, 2, 3, 6, 10] if seconds > _MINUTES_FROM else [1, 2, 5, 10]
    axes.xaxis.set_major_locator(MaxNLocator(nbins=8, steps=steps))
    axes.xaxis.set_major_formatter(written(lambda x: duration(x, language)))
    axes.tick_params(axis="x", length=3)
    axes.set_xlabel(text("load.axis_intended", language))


def latency_axis(axes: Axes, low_us: float, high_us: float, language: Language) -> None:
    """Show latencies on a logarithmic axis, labelled 1 ms, 10 ms, 100 ms, 1 s."""
    axes.set_yscale("log")
    axes.set_ylim(low_us, high_us)
    axes.yaxis.set_major_locator(FixedLocator(decades(low_us, high_us)))
    axes.yaxis.set_minor_locator(NullLocator())
    axes.yaxis.set_major_formatter(written(lambda y: bound(y, language)))


def decades(low_us: float, high_us: float) -> Sequence[float]:
    """Return the powers of ten (µs) of an axis, with their halves when there are few."""
    powers = [10.0**rank for rank in range(floor(log10(low_us)), ceil(log10(high_us)) + 1)]
    ticks = [tick for tick in powers if low_us <= tick <= high_us]
    if len(ticks) > 2:  # noqa: PLR2004 (enough to read an axis by)
        return ticks
    finer = sorted({*powers, *(2 * one for one in powers), *(5 * one for one in powers)})
    return [tick for tick in finer if low_us <= tick <= high_us]


def latency_ends(files: LoadFiles) -> tuple[float, float]:
    """Return the ends of a latency axis (µs) that hold every answer and the bounds asked."""
    found = files.summary.optional_record("response")
    bounds = [one.figure("within_us") for one in files.objectives]
    if found is None:
        return _MILLISECOND_US, max([_SECOND_US, *bounds])
    lowest = min((cell.low_us for cell in files.heat), default=0)
    return max(lowest, LEAST_US), max([found.figure("max"), *bounds]) * 1.35


def mark_bounds(axes: Axes, files: LoadFiles, language: Language) -> None:
    """Draw the bounds of the objectives, each once."""
    groups: list[list[float]] = []
    for one in sorted({one.figure("within_us") for one in files.objectives}):
        axes.axhline(one, color=palette.DEADLINE, linewidth=0.7, linestyle=(0, (4, 2)), zorder=3)
        if groups and one < groups[-1][-1] * _CLOSE:
            groups[-1].append(one)
        else:
            groups.append([one])
    for group in groups:
        axes.annotate(
            "\n".join(bound(one, language) for one in reversed(group)),
            (1.0, (group[0] * group[-1]) ** 0.5),
            xycoords=("axes fraction", "data"),
            xytext=(4, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=palette.DEADLINE,
        )


def shade_stalls(axes: Axes, files: LoadFiles) -> None:
    """Shade when nothing was answered."""
    for first, last in stall_spans(files):
        axes.axvspan(first, last, color=palette.WARNING_SHADE, zorder=0.5, linewidth=0)


def stall_spans(files: LoadFiles) -> Sequence[tuple[float, float]]:
    """Return from when to when nothing was answered (s)."""
    return [
        (
            one.figure("at_us") / _SECOND_US,
            (one.figure("at_us") + one.figure("length_us")) / _SECOND_US,
        )
        for one in files.summary.rows("stalls")
    ]


def legend_above(
    axes: Axes, handles: Sequence[Artist], names: Sequence[str], *, tight: bool = False
) -> None:
    """Put the legend on the line of the title, to its right, where it hides nothing."""
    axes.legend(
        handles,
        names,
        loc="lower right",
        bbox_to_anchor=(1.0, 1.0),
        borderaxespad=0.1,
        frameon=False,
        fontsize=SMALL,
        ncols=len(names),
        handlelength=1.1 if tight else 1.8,
        columnspacing=1.2,
    )
