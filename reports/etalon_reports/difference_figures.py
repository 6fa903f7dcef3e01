# pyright: reportUnknownMemberType=false
"""Paired differences to the first policy: of all people, and by group, both intervals drawn."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.amounts import written_bounds, written_difference
from etalon_reports.comparison_files import group_label
from etalon_reports.drawing import (
    SMALL,
    axis_unit,
    canvas,
    plain_numbers,
    stamp_assumed,
    svg,
    theme,
)
from etalon_reports.figure_block import FigureBlock
from etalon_text import palette
from etalon_text.language import semicolons
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from etalon_reports.comparison_files import ComparisonFiles, Difference
    from etalon_text.language import Language

SHOWN: Final = (
    "opt_out_rate",
    "informed_rate",
    "opened_uninformed_rate",
    "coverage",
    "calls",
    "cost_eur",
)
_GROUPED: Final = "opened_uninformed_rate"
_GROUPINGS: Final = ("age", "sex", "digital_exclusion")
_APART: Final = 25
_NAME_WIDTH: Final = 26
_HEADING_WIDTH: Final = 40
_COLUMNS: Final = ("difference", "knowledge_interval")


class Axis(NamedTuple):
    """The axis of a panel: unit of the measure, factor to what is drawn, where drawing ends."""

    unit: str
    scale: float
    limit: float


class Line(NamedTuple):
    """One line of a panel: its name and the difference drawn, None where a run cannot tell."""

    name: str
    difference: Difference | None


def difference_figure(
    files: ComparisonFiles, language: Language, shown: Sequence[str] = SHOWN
) -> FigureBlock | None:
    """Draw the measures shown, a line a policy; None when there is no difference to draw."""
    panels = [(key, _lines(files, key, language)) for key in shown if key in files.measures]
    panels = [(key, lines) for key, lines in panels if _known(lines)]
    if not panels:
        return None
    with theme():
        rows = (len(panels) + 1) // 2
        figure = canvas(rows * (0.75 + 0.3 * max(len(lines) for _, lines in panels)))
        every = figure.subplots(rows, 2, squeeze=False).ravel()
        for panel in every[len(panels) :]:
            panel.set_axis_off()
        for rank, (key, lines) in enumerate(panels):
            _panel(every[rank], lines, files.measures[key].unit, language)
            every[rank].set_title(_wrapped(_heading(files, key, lines, language), _HEADING_WIDTH))
            if rank % 2:
                every[rank].set_yticklabels([])
        title = text("figure.differences.title", language)
        table = [_row(files, key, line, language) for key, lines in panels for line in lines]
        items = semicolons((" ".join(row[:3]) for row in table), language)
        alt = text("figure.differences.alt", language, items=items)
        image = svg(figure, "differences", title, alt)
    return FigureBlock(
        name="differences",
        title=title,
        image=image,
        note=_note("figure.differences.note", files, language),
        source_file="comparison.json",
        headings=_headings(files, ("indicator", "policy"), language),
        rows=table,
    )


def group_figure(files: ComparisonFiles, language: Language) -> FigureBlock | None:
    """Draw the difference of the uninformed by age, sex and digital exclusion, a panel a policy."""
    if _GROUPED not in files.measures:
        return None
    drawn = [(policy, _group_lines(files, policy.name, language)) for policy in files.others]
    drawn = [(policy, lines) for policy, lines in drawn if lines]
    if not drawn:
        return None
    with theme():
        rows = (len(drawn) + 1) // 2
        figure = canvas(0.35 + rows * (0.5 + 0.17 * max(len(lines) for _, lines in drawn)))
        stamp_assumed(figure, language)
        every = figure.subplots(rows, 2, squeeze=False).ravel()
        for panel in every[len(drawn) :]:
            panel.set_axis_off()
        for panel, (policy, lines) in zip(every, drawn, strict=False):
            _panel(panel, lines, files.measures[_GROUPED].unit, language)
            panel.set_title(_wrapped(policy.title(language), _HEADING_WIDTH))
        title = text("figure.groups.title", language)
        table = [
            [policy.title(language), line.name, *_written(line.difference, "share", language)]
            for policy, lines in drawn
            for line in lines
        ]
        items = semicolons((" ".join(row[:3]) for row in table), language)
        image = svg(figure, "groups", title, text("figure.groups.alt", language, items=items))
    return FigureBlock(
        name="groups",
        title=title,
        image=image,
        note=_note("figure.groups.note", files, language),
        source_file="comparison.json",
        headings=_headings(files, ("policy", "group"), language),
        rows=table,
        assumed=True,
    )


def _wrapped(words: str, width: int) -> str:
    return "\n".join(textwrap.wrap(words, width))


def _lines(files: ComparisonFiles, key: str, language: Language) -> list[Line]:
    return [Line(p.title(language), files.difference(p, key)) for p in files.others]


def _known(lines: Sequence[Line]) -> list[Difference]:
    return [line.difference for line in lines if line.difference is not None]


def _group_lines(files: ComparisonFiles, policy: str, language: Language) -> list[Line]:
    return [
        Line(group_label(by, group, language), found)
        for by in _GROUPINGS
        for group in files.groups(by)
        if (found := files.differences.get((policy, _GROUPED, by, group)))
    ]


def _panel(panel: Axes, lines: Sequence[Line], unit: str, language: Language) -> None:
    axis = _axis(lines, unit)
    for rank, line in enumerate(lines):
        if line.difference is not None:
            _bar(panel, rank, line.difference, axis, language)
    panel.axvline(0, color=palette.INK, linewidth=0.9)
    panel.set_xlim(-axis.limit * 1.02, axis.limit * 1.02)
    panel.set_ylim(len(lines) - 0.4, -0.6)
    names = [_wrapped(line.name, _NAME_WIDTH) for line in lines]
    panel.set_yticks(range(len(lines)), names)
    panel.tick_params(axis="y", labelcolor=palette.INK, labelsize=SMALL - 0.5)
    panel.grid(visible=False, axis="y")
    panel.grid(visible=True, axis="x")
    plain_numbers(panel, language, horizontal=True)


def _axis(lines: Sequence[Line], unit: str) -> Axis:
    """Return an axis on which one policy far from the others does not flatten them."""
    reach = sorted((_reach(found) for found in _known(lines)), reverse=True)
    scale = 100.0 if unit == "share" else 1 / axis_unit(reach[0])[0]
    far = len(reach) > 1 and reach[0] > _APART * reach[1] > 0
    limit = (reach[1] * 1.7 if far else reach[0] * 1.12) * scale
    return Axis(unit, scale, limit or 1.0)


def _bar(panel: Axes, rank: int, found: Difference, axis: Axis, language: Language) -> None:
    value, limit = found.value * axis.scale, axis.limit
    if abs(value) > limit:
        _off_the_axis(panel, rank, found, axis, language)
        return
    widths = ((found.knowledge, palette.ACTIVATED, 6.0), (found.luck, palette.OPPOSED, 2.6))
    for bounds, color, width in widths:
        if bounds:
            low, high = (max(-limit, min(end * axis.scale, limit)) for end in bounds)
            panel.hlines(rank, low, high, color=color, linewidth=width, capstyle="butt")
    filled = found.distinguishable is not False
    panel.plot(
        [value],
        [rank],
        marker="o",
        markersize=4,
        color=palette.INK,
        markerfacecolor=palette.INK if filled else palette.PAPER,
        zorder=5,
    )


def _off_the_axis(
    panel: Axes, rank: int, found: Difference, axis: Axis, language: Language
) -> None:
    """Write a difference that lies beyond the axis, an arrow towards it."""
    written = written_difference(found, axis.unit, language)
    right = found.value > 0
    panel.annotate(
        f"{written} ▸" if right else f"◂ {written}",
        (axis.limit if right else -axis.limit, rank),
        ha="right" if right else "left",
        va="center",
        fontsize=SMALL,
        color=palette.INK,
    )


def _reach(found: Difference) -> float:
    bounds = (found.knowledge or (0.0, 0.0), found.luck or (0.0, 0.0))
    return max(abs(found.value), *(abs(end) for pair in bounds for end in pair))


def _heading(files: ComparisonFiles, key: str, lines: Sequence[Line], language: Language) -> str:
    measure = files.measures[key]
    label = measure.label(language)
    if measure.unit == "share":
        return text("axis.points", language, label=label)
    return text(axis_unit(max(_reach(found) for found in _known(lines)))[1], language, label=label)


def _note(key: str, files: ComparisonFiles, language: Language) -> str:
    luck = text(f"interval.{files.luck}", language)
    return text(key, language, base=files.base.title(language), luck=luck)


def _headings(files: ComparisonFiles, first: Sequence[str], language: Language) -> list[str]:
    keys = (*first, *_COLUMNS, f"{files.luck}_interval")
    return [text(f"column.{key}", language) for key in keys]


def _row(files: ComparisonFiles, key: str, line: Line, language: Language) -> list[str]:
    measure = files.measures[key]
    written = _written(line.difference, measure.unit, language)
    return [measure.label(language), line.name, *written]


def _written(found: Difference | None, unit: str, language: Language) -> list[str]:
    knowledge, luck = (found.knowledge, found.luck) if found else (None, None)
    return [
        written_difference(found, unit, language),
        written_bounds(knowledge, unit, language),
        written_bounds(luck, unit, language),
    ]
