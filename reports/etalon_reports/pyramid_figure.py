# pyright: reportUnknownMemberType=false
"""The pyramid of who is absent: without a space by choice, or with one they do not know of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from matplotlib.ticker import FuncFormatter

from etalon_reports.daily_counts import closed_by_group
from etalon_reports.drawing import SMALL, canvas, plain_numbers, stamp_assumed, svg, theme
from etalon_reports.figure_block import FigureBlock
from etalon_text import palette
from etalon_text.number_formats import number, percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

_SIDES: Final = (("F", -1, palette.WOMEN), ("M", 1, palette.MEN))


class Absent(NamedTuple):
    """One age band of one sex.

    Attributes:
        population: People at the start; those notified, where children born since are more.
        opposed: Who objected.
        closed: Who closed their space.
        uninformed: Whose space silence opened, and whom no notice reached or who read none.
    """

    population: int
    opposed: int
    closed: int
    uninformed: int

    def share(self, name: str) -> float:
        """Return `left` (opposed or closed) or `uninformed` over the population of the band."""
        count = self.uninformed if name == "uninformed" else self.opposed + self.closed
        return count / self.population if self.population else 0.0


def absent_by_group(files: RunFiles) -> dict[str, dict[str, Absent]]:
    """Return sex -> age band -> who is absent."""
    closed = closed_by_group(files.daily)
    found: dict[str, dict[str, Absent]] = {"F": {}, "M": {}}
    for row in files.summary.rows("by_age_and_sex"):
        band, sex = row.text("band"), row.text("sex")
        keys = ("population", "notified", "opposed", "opened_uninformed")
        there, told, opposed, uninformed = (row.count(key) for key in keys)
        population = max(there, told)
        found[sex][band] = Absent(population, opposed, closed.get((band, sex), 0), uninformed)
    return found


def pyramid_figure(files: RunFiles, language: Language) -> FigureBlock:
    """Draw both halves of the absent, women on the left, men on the right."""
    groups = absent_by_group(files)
    bands = list(groups["F"])
    with theme():
        figure = canvas(3.7)
        stamp_assumed(figure, language)
        panels = figure.subplots(1, 2, sharey=True)
        for panel, name in zip(panels, ("left", "uninformed"), strict=True):
            _pyramid(panel, groups, name, language)
        panels[0].set_yticks(range(len(bands)), bands)
        panels[0].set_ylabel(text("figure.age.axis", language))
        title = text("figure.pyramid.title", language)
        image = svg(figure, "pyramid", title, _alt(groups, language))
    keys = ("age", "sex", "population", "opposed", "closed", "uninformed")
    return FigureBlock(
        name="pyramid",
        title=title,
        image=image,
        note=text("figure.pyramid.note", language),
        source_file="summary.json, daily.parquet",
        headings=[text(f"column.{key}", language) for key in keys],
        rows=[
            [
                band,
                text(f"sex.{sex}", language),
                *(number(count, language) for count in groups[sex][band]),
            ]
            for band in bands
            for sex in "FM"
        ],
        assumed=True,
    )


def _pyramid(
    panel: Axes, groups: dict[str, dict[str, Absent]], name: str, language: Language
) -> None:
    highest = 0.0
    for sex, side, color in _SIDES:
        shares = [group.share(name) * 100 for group in groups[sex].values()]
        highest = max([highest, *shares])
        panel.barh(range(len(shares)), [side * s for s in shares], height=0.82, color=color)
        panel.annotate(
            text(f"sex.{sex}", language),
            (0.03 if side < 0 else 0.97, 0.985),
            xycoords="axes fraction",
            ha="left" if side < 0 else "right",
            va="top",
            fontsize=SMALL + 0.5,
            color=color,
        )
    panel.set_xlim(-highest * 1.15 or -1, highest * 1.15 or 1)
    panel.set_ylim(-0.6, len(groups["F"]) + 0.9)
    panel.axvline(0, color=palette.INK, linewidth=0.8)
    panel.grid(visible=False, axis="y")
    panel.grid(visible=True, axis="x")
    panel.set_title(text(f"figure.pyramid.{name}", language))
    panel.tick_params(axis="y", labelsize=SMALL - 1)
    plain_numbers(panel, language, horizontal=True)
    # Both sides count upwards from the middle: no minus sign.
    written = panel.xaxis.get_major_formatter()

    def upwards(value: float, position: int | None) -> str:
        return str(written(abs(value), position))

    panel.xaxis.set_major_formatter(FuncFormatter(upwards))


def _alt(groups: dict[str, dict[str, Absent]], language: Language) -> str:
    def total(name: str) -> str:
        every: Sequence[Absent] = [g for by_band in groups.values() for g in by_band.values()]
        people = sum(group.population for group in every)
        share = sum(group.share(name) * group.population for group in every) / max(people, 1)
        return percent(share, language)

    return text("figure.pyramid.alt", language, left=total("left"), uninformed=total("uninformed"))
