# pyright: reportUnknownMemberType=false
"""The tornado of a sweep, one panel a figure, and its Sobol indices with their intervals."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.drawing import SMALL, canvas, plain_numbers, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_reports.study.figures_of_a_run import figure_label, in_unit, written
from etalon_text import palette
from etalon_text.language import semicolons
from etalon_text.number_formats import EN_DASH, number
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from matplotlib.axes import Axes

    from etalon_reports.record import Record
    from etalon_text.language import Language

MOST_BARS: Final = 12
_DECIMALS: Final = 2


def path_label(path: str, language: Language) -> str:
    """Return the name of what varies, or its path when it has none."""
    for key in (f"parameter.{path}", f"lever.{path}"):
        if has_text(key):
            return text(key, language)
    return path


def by_figure(effects: Sequence[Record]) -> dict[str, list[Record]]:
    """Part the effects by figure, the largest first, so many of each."""
    parted: dict[str, list[Record]] = {}
    for effect in effects:
        rows = parted.setdefault(effect.text("figure"), [])
        if len(rows) < MOST_BARS:
            rows.append(effect)
    return parted


def tornado_of_sweep(effects: Sequence[Record], language: Language) -> FigureBlock | None:
    """Draw, for each figure, its mean at the lowest and highest values of what varies."""
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
    keys = ("indicator", "parameter", "lowest_third", "highest_third")
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


def _ends(panel: Axes, name: str, effects: Sequence[Record], language: Language) -> None:
    pairs = [(in_unit(name, e.figure("low")), in_unit(name, e.figure("high"))) for e in effects]
    middle = sum(low + high for low, high in pairs) / (2 * len(pairs))
    for rank, (low, high) in enumerate(pairs):
        for end, color in ((low, palette.LETTER), (high, palette.ACTIVATED)):
            panel.barh(rank, end - middle, left=middle, height=0.6, color=color)
    panel.axvline(middle, color=palette.INK, linewidth=1.1)
    _named(panel, name, effects, language)


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
    ends = (effect.optional_figure(end) for end in ("low", "high"))
    return [
        figure_label(name, language),
        path_label(effect.text("path"), language),
        *(written(name, end, language) for end in ends),
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
