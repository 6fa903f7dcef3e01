# pyright: reportUnknownMemberType=false
"""The busiest minute of each launch or plan beside the capacity that was measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.drawing import SMALL, canvas, plain_numbers, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_reports.load.decision_words import count
from etalon_text import palette
from etalon_text.number_formats import EN_DASH, number
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from etalon_reports.record import Record
    from etalon_text.language import Language

_MINUTE: Final = 60
_COLORS: Final = {
    "go": palette.PASSED,
    "no-go": palette.FAILED,
    "not-known": palette.UNINFORMED,
}


class _Row(NamedTuple):
    """One line of the figure."""

    label: str
    answer: str
    busiest: Sequence[float]
    by_chance: Sequence[float]


def decision_figure(decision: Record, language: Language) -> FigureBlock:
    """Draw the busiest minutes as intervals, and the capacity as a band across them."""
    rows = _rows(decision, language)
    capacity = decision.record("capacity")
    held, missed = capacity.figure("held"), capacity.optional_figure("missed")
    title = text("decision.figure_title", language)
    with theme():
        figure = canvas(1.0 + 0.34 * len(rows))
        axes = figure.subplots()
        _draw(axes, rows)
        _band(axes, held * _MINUTE, None if missed is None else missed * _MINUTE, language)
        reach = max(held, missed or held) * _MINUTE
        axes.set_xlim(0, 1.12 * max(reach, *(row.busiest[-1] for row in rows)))
        axes.set_xlabel(text("decision.figure_axis", language))
        axes.grid(visible=True, axis="x")
        plain_numbers(axes, language, horizontal=True)
        image = svg(figure, "busiest", title, _alt(rows, held * _MINUTE, language))
    return FigureBlock(
        name="busiest",
        title=title,
        image=image,
        note=text("decision.figure_note", language),
        source_file="decision.json",
        headings=[
            text("decision.column_launch", language),
            text("decision.column_busiest", language),
            text("decision.column_answer", language),
        ],
        rows=[
            [row.label, span(row.busiest, language), answer_name(row.answer, language)]
            for row in rows
        ],
    )


def _rows(decision: Record, language: Language) -> Sequence[_Row]:
    launches = [
        _Row(
            one.sentence("title", language),
            one.text("answer"),
            one.figures("busiest"),
            one.figures("busiest_by_chance") if one.count("draws") else [],
        )
        for one in decision.rows("cases")
    ]
    waves = decision.optional_record("waves")
    plans = [] if waves is None else waves.rows("tried")
    return [
        *launches,
        *(
            _Row(
                weeks_name(one.count("weeks"), language),
                one.text("answer"),
                one.figures("busiest"),
                [],
            )
            for one in plans
        ),
    ]


def weeks_name(weeks: int, language: Language) -> str:
    """Return how long a plan takes, in weeks."""
    key = "decision.weeks_label_one" if weeks == 1 else "decision.weeks_label"
    return text(key, language, weeks=number(weeks, language))


def answer_name(answer: str, language: Language) -> str:
    """Return an answer in words."""
    return text(f"decision.answer.{answer}", language)


def span(busiest: Sequence[float], language: Language) -> str:
    """Return a median with its interval: 310 (298 to 325)."""
    low, middle, high = (count(one, language) for one in busiest)
    return f"{middle} ({low}{EN_DASH}{high})"


def _draw(axes: Axes, rows: Sequence[_Row]) -> None:
    for place, row in enumerate(rows):
        color = _COLORS[row.answer]
        low, middle, high = row.busiest
        axes.plot([low, high], [place, place], color=color, linewidth=3.2, solid_capstyle="butt")
        axes.plot([middle], [place], "o", color=color, markersize=5.5)
        if row.by_chance:
            ends = [row.by_chance[0], row.by_chance[-1]]
            axes.plot(ends, [place + 0.24] * 2, color=palette.INK, linewidth=0.9)
    axes.set_yticks(range(len(rows)), [row.label for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")


def _band(axes: Axes, held: float, missed: float | None, language: Language) -> None:
    if missed is not None:
        axes.axvspan(held, missed, color=palette.RULE, alpha=0.6, zorder=0.5, linewidth=0)
    axes.axvline(held, color=palette.DEADLINE, linewidth=0.9)
    axes.annotate(
        text("decision.capacity_label", language),
        (held, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(3, 2),
        textcoords="offset points",
        fontsize=SMALL,
        color=palette.MUTED,
    )


def _alt(rows: Sequence[_Row], held: float, language: Language) -> str:
    return text(
        "decision.figure_alt",
        language,
        count=number(len(rows), language),
        low=count(min(row.busiest[0] for row in rows), language),
        high=count(max(row.busiest[-1] for row in rows), language),
        held=count(held, language),
    )
