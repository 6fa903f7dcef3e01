# pyright: reportUnknownMemberType=false
"""Cost against coverage: what each policy costs, whom it informs, how many have a space."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.amounts import written_value
from etalon_reports.drawing import SMALL, canvas, plain_numbers, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_text import palette
from etalon_text.language import semicolons
from etalon_text.number_formats import EN_DASH
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from etalon_reports.comparison_files import Bounds, ComparisonFiles, Policy
    from etalon_text.language import Language

_COST: Final = "cost_eur"
_MILLION: Final = 1_000_000
_COVERAGES: Final = (("informed", 1 / _MILLION), ("coverage", 100.0))
_COINCIDE: Final = 0.03
"""Part of an axis under which two letters would cover each other."""
_CROWDED: Final = 0.15
"""Part of an axis within which a letter goes to the left of its point."""

_LETTERS: Final = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


class Point(NamedTuple):
    """One policy: its letter, its cost and its coverage, each with its interval of knowledge."""

    letter: str
    cost: float
    coverage: float
    cost_bounds: Bounds
    coverage_bounds: Bounds


def letter_of(files: ComparisonFiles, policy: Policy) -> str:
    """Return the letter that stands for a policy in a figure."""
    return _LETTERS[files.policies.index(policy) % len(_LETTERS)]


def frontier(points: Sequence[Point]) -> list[Point]:
    """Return the policies that no other beats, by rising cost.

    One beats another when it costs no more and covers no less, and differs in one of the two.
    """
    return sorted(
        (
            point
            for point in points
            if not any(
                other.cost <= point.cost
                and other.coverage >= point.coverage
                and (other.cost, other.coverage) != (point.cost, point.coverage)
                for other in points
            )
        ),
        key=lambda point: (point.cost, point.coverage),
    )


def frontier_figure(files: ComparisonFiles, language: Language) -> FigureBlock | None:
    """Draw both panels; None when costs or coverages are not known."""
    drawn = [(key, _points(files, key, scale)) for key, scale in _COVERAGES]
    drawn = [(key, points) for key, points in drawn if len(points) > 1]
    if not drawn:
        return None
    legend = "\n".join(
        f"{letter_of(files, policy)}  {policy.title(language)}" for policy in files.policies
    )
    with theme():
        figure = canvas(2.75 + 0.14 * len(files.policies))
        panels = figure.subplots(1, len(drawn), squeeze=False)[0]
        for panel, (key, points) in zip(panels, drawn, strict=True):
            _panel(panel, points, language)
            panel.set_title(text(f"figure.frontier.{key}", language))
        figure.supxlabel(legend, x=0.02, ha="left", fontsize=SMALL, color=palette.INK)
        title = text("figure.frontier.title", language)
        rows = [_row(files, policy, language) for policy in files.policies]
        items = semicolons((", ".join(row) for row in rows), language)
        image = svg(figure, "frontier", title, text("figure.frontier.alt", language, items=items))
    columns = ("policy", "cost", "informed_people", "coverage")
    return FigureBlock(
        name="frontier",
        title=title,
        image=image,
        note=text("figure.frontier.note", language),
        source_file="comparison.json",
        headings=[text(f"column.{key}", language) for key in columns],
        rows=rows,
    )


def _points(files: ComparisonFiles, key: str, scale: float) -> list[Point]:
    found: list[Point] = []
    for policy in files.policies:
        cost, coverage = files.figure(policy, _COST), files.figure(policy, key)
        if cost and coverage:
            found.append(
                Point(
                    letter_of(files, policy),
                    cost.value / _MILLION,
                    coverage.value * scale,
                    _scaled(cost.knowledge, 1 / _MILLION),
                    _scaled(coverage.knowledge, scale),
                )
            )
    return found


def _scaled(bounds: Bounds, scale: float) -> Bounds:
    return None if bounds is None else (bounds[0] * scale, bounds[1] * scale)


def _panel(panel: Axes, points: Sequence[Point], language: Language) -> None:
    best = frontier(points)
    panel.plot(
        [point.cost for point in best],
        [point.coverage for point in best],
        color=palette.MUTED,
        linewidth=1,
        linestyle=(0, (4, 2)),
        zorder=1,
    )
    for point in points:
        _cross(panel, point)
        panel.plot([point.cost], [point.coverage], "o", markersize=5, color=palette.INK, zorder=4)
    _letters(panel, points)
    panel.set_xlim(left=0)
    panel.set_ylim(bottom=0)
    panel.margins(0.12)
    panel.grid(visible=True, axis="x")
    panel.set_xlabel(text("figure.frontier.cost", language))
    plain_numbers(panel, language)
    plain_numbers(panel, language, horizontal=True)


def _letters(panel: Axes, points: Sequence[Point]) -> None:
    """Write the letter of each point, those of points that coincide together."""
    near: list[list[Point]] = []
    width, height = (max(values) * _COINCIDE for values in zip(*_places(points), strict=True))
    for point in points:
        for group in near:
            first = group[0]
            if (
                abs(first.cost - point.cost) <= width
                and abs(first.coverage - point.coverage) <= height
            ):
                group.append(point)
                break
        else:
            near.append([point])
    reach = _CROWDED / _COINCIDE
    for group in near:
        at = group[0]
        crowded = any(
            0 < other[0].cost - at.cost <= reach * width
            and abs(other[0].coverage - at.coverage) <= reach * height
            for other in near
        )
        panel.annotate(
            " ".join(point.letter for point in group),
            (at.cost, at.coverage),
            xytext=(-5 if crowded else 5, 5),
            ha="right" if crowded else "left",
            textcoords="offset points",
            fontsize=SMALL + 1.5,
            fontweight="bold",
            zorder=5,
        )


def _places(points: Sequence[Point]) -> list[tuple[float, float]]:
    return [(point.cost, point.coverage) for point in points]


def _cross(panel: Axes, point: Point) -> None:
    color, width = palette.OPENED, 2.2
    if point.cost_bounds:
        panel.hlines(point.coverage, *point.cost_bounds, color=color, linewidth=width, zorder=2)
    if point.coverage_bounds:
        panel.vlines(point.cost, *point.coverage_bounds, color=color, linewidth=width, zorder=2)


def _row(files: ComparisonFiles, policy: Policy, language: Language) -> list[str]:
    return [
        f"{letter_of(files, policy)} {EN_DASH} {policy.title(language)}",
        *(
            written_value(files.figure(policy, key), files.measures[key].unit, language)
            if key in files.measures
            else EN_DASH
            for key in (_COST, "informed", "coverage")
        ),
    ]
