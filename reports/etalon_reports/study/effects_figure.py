# pyright: reportUnknownMemberType=false
"""The tornado of a sweep, one panel a figure, and its indices with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.drawing import SMALL, canvas, plain_numbers, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_reports.study.figures_of_a_run import figure_label, in_unit, written
from etalon_text import palette
from etalon_text.language import semicolons
from etalon_text.number_formats import EN_DASH, number
from etalon_text.path_names import path_name
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from etalon_reports.record import Record
    from etalon_text.language import Language

MOST_BARS: Final = 12
_PALE: Final = 0.3
_DECIMALS: Final = 2


def path_label(path: str, language: Language) -> str:
    """Return the name of what varies, or its path when it has none."""
    return path_name(path, language) or path


def by_figure(effects: Sequence[Record]) -> dict[str, list[Record]]:
    """Part the effects by figure, the largest first, so many of each."""
    parted: dict[str, list[Record]] = {}
    for effect in effects:
        rows = parted.setdefault(effect.text("figure"), [])
        if len(rows) < MOST_BARS:
            rows.append(effect)
    return parted


def tornado_of_sweep(effects: Sequence[Record], language: Language) -> FigureBlock | None:
    """Draw, for each figure, its mean at the lowest and highest values of what varies.

    What cannot be told from none is pale: the interval of the difference holds zero.
    """
    ordered = [one for one in effects if one.optional_figure("low") is not None]
    panels = by_figure(ordered)
    if not panels:
        return None
    title = text("sweep.tornado", language)
    rows = [_row(effect, language) for listed in panels.values() for effect in listed]
    with theme():
        heights = [0.6 + 0.25 * len(listed) for listed in panels.values()]
        figure = canvas(sum(heights))
        axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0]
        for panel, (name, listed) in zip(axes, panels.items(), strict=True):
            _ends(panel, name, listed, language)
        items = semicolons((" ".join(row) for row in rows), language)
        image = svg(figure, "tornado", title, text("sweep.tornado_alt", language, items=items))
    keys = ("indicator", "parameter", "lowest_third", "highest_third", "difference")
    return FigureBlock(
        name="tornado",
        title=title,
        image=image,
        note=text("sweep.tornado_note", language),
        source_file="sweep.json",
        headings=[text(f"column.{key}", language) for key in keys],
        rows=rows,
    )


def sobol_figure(effects: Sequence[Record], language: Language) -> FigureBlock | None:
    """Draw the Sobol indices of each figure; None where the design gives none."""
    panels = by_figure([one for one in effects if one.optional_figure("total") is not None])
    if not panels:
        return None
    title = text("sweep.sobol", language)
    rows = [_indices(effect, language) for listed in panels.values() for effect in listed]
    with theme():
        heights = [0.6 + 0.3 * len(listed) for listed in panels.values()]
        figure = canvas(sum(heights))
        axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0]
        for panel, (name, listed) in zip(axes, panels.items(), strict=True):
            _index_bars(panel, name, listed, language)
        items = semicolons((" ".join(row) for row in rows), language)
        image = svg(figure, "sobol", title, text("sweep.sobol_alt", language, items=items))
    headings = ("column.indicator", "column.parameter", "sweep.first", "sweep.total")
    return FigureBlock(
        name="sobol",
        title=title,
        image=image,
        note=text("sweep.sobol_note", language),
        source_file="sweep.json",
        headings=[text(key, language) for key in headings],
        rows=rows,
    )


def morris_figure(effects: Sequence[Record], language: Language) -> FigureBlock | None:
    """Draw the mean absolute elementary effects; None where the design gives none."""
    panels = by_figure([one for one in effects if one.optional_figure("elementary") is not None])
    if not panels:
        return None
    title = text("sweep.part_morris", language)
    rows = [_elementary(effect, language) for listed in panels.values() for effect in listed]
    with theme():
        heights = [0.6 + 0.25 * len(listed) for listed in panels.values()]
        figure = canvas(sum(heights))
        axes = figure.subplots(len(panels), 1, squeeze=False, height_ratios=heights)[:, 0]
        for panel, (name, listed) in zip(axes, panels.items(), strict=True):
            values = [in_unit(name, effect.figure("elementary")) for effect in listed]
            ends = (effect.optional_figure("elementary_within") or 0.0 for effect in listed)
            within = [in_unit(name, end) for end in ends]
            places = range(len(listed))
            panel.barh(places, values, height=0.6, color=palette.ACTIVATED)
            panel.errorbar(
                values, places, xerr=within, fmt="none", ecolor=palette.INK, elinewidth=0.8
            )
            _named(panel, name, listed, language)
        items = semicolons((" ".join(row) for row in rows), language)
        image = svg(figure, "morris", title, text("sweep.morris_alt", language, items=items))
    keys = ("column.indicator", "column.parameter", "sweep.elementary", "sweep.spread")
    return FigureBlock(
        name="morris",
        title=title,
        image=image,
        note=text("sweep.morris_note", language),
        source_file="sweep.json",
        headings=[text(key, language) for key in keys],
        rows=rows,
    )


def _ends(panel: Axes, name: str, effects: Sequence[Record], language: Language) -> None:
    for rank, effect in enumerate(effects):
        low, high = (in_unit(name, effect.figure(end)) for end in ("low", "high"))
        strength = 1.0 if is_told(effect) else _PALE
        panel.plot([low, high], [rank, rank], color=palette.INK, linewidth=1.2, alpha=strength)
        panel.plot([low], [rank], "o", color=palette.LETTER, alpha=strength)
        panel.plot([high], [rank], "s", color=palette.ACTIVATED, alpha=strength)
    _named(panel, name, effects, language)


def is_told(effect: Record) -> bool:
    """Tell whether a difference is more than chance in the design leaves open."""
    within = effect.values.get("apart_within")
    if not isinstance(within, int | float):
        return True
    return abs(effect.figure("high") - effect.figure("low")) > within


def _index_bars(panel: Axes, name: str, effects: Sequence[Record], language: Language) -> None:
    for place, (key, color) in enumerate((("first", palette.LETTER), ("total", palette.ACTIVATED))):
        values = [effect.optional_figure(key) or 0.0 for effect in effects]
        within = [effect.optional_figure(f"{key}_within") or 0.0 for effect in effects]
        places = [rank + 0.2 * (2 * place - 1) for rank in range(len(effects))]
        panel.barh(places, values, height=0.36, color=color, label=text(f"sweep.{key}", language))
        panel.errorbar(values, places, xerr=within, fmt="none", ecolor=palette.INK, elinewidth=0.8)
    _named(panel, name, effects, language)
    panel.legend(loc="lower right", frameon=False, fontsize=SMALL)


def _named(panel: Axes, name: str, effects: Sequence[Record], language: Language) -> None:
    labels = [path_label(effect.text("path"), language) for effect in effects]
    panel.set_yticks(range(len(labels)), labels)
    panel.tick_params(axis="y", labelcolor=palette.INK, labelsize=SMALL)
    panel.set_ylim(len(labels) - 0.4, -0.6)
    panel.margins(x=0.08)
    panel.grid(visible=False, axis="y")
    panel.grid(visible=True, axis="x")
    panel.set_title(figure_label(name, language))
    plain_numbers(panel, language, horizontal=True)


def _row(effect: Record, language: Language) -> list[str]:
    name = effect.text("figure")
    ends = [effect.figure(end) for end in ("low", "high")]
    return [
        figure_label(name, language),
        path_label(effect.text("path"), language),
        *(written(name, end, language) for end in ends),
        with_interval(name, ends[1] - ends[0], effect.values.get("apart_within"), language),
    ]


def with_interval(name: str, value: float, within: object, language: Language) -> str:
    """Return a value of a figure with the half-width of its interval, where it has one."""
    said = written(name, value, language)
    if not isinstance(within, int | float):
        return said
    return text("sweep.plus_minus", language, value=said, within=written(name, within, language))


def _elementary(effect: Record, language: Language) -> list[str]:
    name = effect.text("figure")
    within = effect.optional_figure("elementary_within")
    return [
        figure_label(name, language),
        path_label(effect.text("path"), language),
        with_interval(name, effect.figure("elementary"), within, language),
        written(name, effect.optional_figure("elementary_spread"), language),
    ]


def _indices(effect: Record, language: Language) -> list[str]:
    return [
        figure_label(effect.text("figure"), language),
        path_label(effect.text("path"), language),
        *(index_words(effect, key, language) for key in ("first", "total")),
    ]


def index_words(effect: Record, key: str, language: Language) -> str:
    """Return an index with the half-width of its interval."""
    values: Mapping[str, float | None] = {
        "value": effect.optional_figure(key),
        "within": effect.optional_figure(f"{key}_within"),
    }
    said = {
        name: EN_DASH if value is None else number(value, language, _DECIMALS)
        for name, value in values.items()
    }
    return text("sweep.plus_minus", language, **said)
