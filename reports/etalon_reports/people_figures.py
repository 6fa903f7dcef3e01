# pyright: reportUnknownMemberType=false
"""Who acts: the funnel from notice to act, opt-out by age and sex, openings of the uninformed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.age_bands import opt_out_by_age_and_sex
from etalon_reports.drawing import (
    SMALL,
    canvas,
    labelled_bars,
    plain_numbers,
    stamp_assumed,
    svg,
    theme,
)
from etalon_reports.figure_block import FigureBlock
from etalon_reports.proportions import Proportion
from etalon_text import palette
from etalon_text.number_formats import number, percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes

    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

_SEXES: Final = (("F", palette.WOMEN, "o", -0.16), ("M", palette.MEN, "s", 0.16))
_MOST_UPRIGHT: Final = 10
_STEP_COLORS: Final = (palette.MUTED, palette.OPENED, palette.ACTIVATED, palette.OPPOSED)


def funnel_figure(files: RunFiles, language: Language) -> FigureBlock:
    """Draw notified, delivered, read, acted, each with its share of the people notified."""
    steps = [(row.text("step"), row.count("count")) for row in files.summary.rows("funnel")]
    names = [text(f"funnel.{step}", language) for step, _ in steps]
    counts = [count for _, count in steps]
    whole = max(counts[0], 1)
    labels = [
        f"{number(count, language)}  ·  {percent(count / whole, language)}" for count in counts
    ]
    with theme():
        figure = canvas(1.9)
        colors = _STEP_COLORS[: len(counts)]
        labelled_bars(figure.subplots(), names, counts, labels, colors)
        title = text("figure.funnel.title", language)
        described = ", ".join(f"{name} {label}" for name, label in zip(names, labels, strict=True))
        image = svg(figure, "funnel", title, text("figure.funnel.alt", language, steps=described))
    headings = [text(f"column.{name}", language) for name in ("step", "people", "share")]
    return FigureBlock(
        name="funnel",
        title=title,
        image=image,
        note=text("figure.funnel.note", language),
        source_file="summary.json",
        headings=headings,
        rows=[
            [name, number(count, language), percent(count / whole, language)]
            for name, count in zip(names, counts, strict=True)
        ],
    )


def age_sex_figure(files: RunFiles, language: Language) -> FigureBlock:
    """Opt-out by age band and sex, each with its 95% interval; the shape is an assumption."""
    shares = opt_out_by_age_and_sex(files.summary)
    bands = list(shares["F"])
    with theme():
        figure = canvas(3.1)
        stamp_assumed(figure, language)
        axes = figure.subplots()
        for sex, color, marker, shift in _SEXES:
            _points(axes, list(shares[sex].values()), (color, marker, shift), sex, language)
        _age_axis(axes, bands, language)
        _cap(axes, [share for group in shares.values() for share in group.values()])
        axes.set_title(text("figure.age_sex.axis", language))
        axes.legend(loc="upper left", frameon=False, ncols=2, fontsize=SMALL + 0.5)
        plain_numbers(axes, language)
        title = text("figure.age_sex.title", language)
        alt = _age_sex_alt(shares, language)
        image = svg(figure, "age-sex", title, alt)
    headings = ["age", "women", "men"]
    return FigureBlock(
        name="age-sex",
        title=title,
        image=image,
        note=text("figure.age_sex.note", language),
        source_file="summary.json",
        headings=[text(f"column.{name}", language) for name in headings],
        rows=[[band, *(shares[sex][band].written(language) for sex in "FM")] for band in bands],
        assumed=True,
    )


def _points(
    axes: Axes,
    shares: Sequence[Proportion],
    style: tuple[str, str, float],
    sex: str,
    language: Language,
) -> None:
    color, marker, shift = style
    known = [(rank + shift, share) for rank, share in enumerate(shares) if share.whole]
    axes.vlines(
        [x for x, _ in known],
        [share.interval[0] * 100 for _, share in known],
        [share.interval[1] * 100 for _, share in known],
        color=color,
        linewidth=1,
        alpha=0.55,
    )
    axes.plot(
        [x for x, _ in known],
        [share.value * 100 for _, share in known],
        marker=marker,
        markersize=4.2,
        color=color,
        linewidth=0,
        label=text(f"sex.{sex}", language),
    )


def _cap(axes: Axes, shares: Sequence[Proportion]) -> None:
    """Keep the axis to where the points are: the interval of an almost empty class is cut."""
    highest = max((share.value for share in shares if share.whole), default=0)
    axes.set_ylim(0, max(highest * 100 * 1.6, 0.01))


def _age_sex_alt(shares: dict[str, dict[str, Proportion]], language: Language) -> str:
    values: dict[str, str] = {}
    for sex, name in (("F", "women"), ("M", "men")):
        band, share = max(shares[sex].items(), key=lambda item: item[1].value)
        values |= {name: percent(share.value, language, 2), f"{name}_band": band}
    return text("figure.age_sex.alt", language, **values)


def _age_axis(axes: Axes, bands: Sequence[str], language: Language) -> None:
    axes.set_xticks(range(len(bands)), bands)
    if len(bands) > _MOST_UPRIGHT:
        axes.set_xticks(range(len(bands)), bands, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_xlim(-0.6, len(bands) - 0.4)
    axes.set_xlabel(text("figure.age.axis", language))


def uninformed_figure(files: RunFiles, language: Language) -> FigureBlock:
    """Share of the spaces opened by silence whose holder was not informed, by age."""
    rows = files.summary.rows("by_age_band")
    bands = [row.text("band") for row in rows]
    shares = [
        Proportion(row.count("opened_uninformed"), row.count("opened_automatically"))
        for row in rows
    ]
    with theme():
        figure = canvas(2.7)
        stamp_assumed(figure, language)
        axes = figure.subplots()
        axes.bar(range(len(bands)), [100 * s.value for s in shares], color=palette.UNINFORMED)
        _age_axis(axes, bands, language)
        axes.set_title(text("figure.uninformed.axis", language))
        plain_numbers(axes, language)
        title = text("figure.uninformed.title", language)
        image = svg(figure, "uninformed", title, _uninformed_alt(shares, language))
    headings = ["age", "opened", "uninformed", "share"]
    return FigureBlock(
        name="uninformed",
        title=title,
        image=image,
        note=text("figure.uninformed.note", language),
        source_file="summary.json",
        headings=[text(f"column.{name}", language) for name in headings],
        rows=[
            [
                band,
                number(share.whole, language),
                number(share.part, language),
                percent(share.value, language) if share.whole else text("report.dash", language),
            ]
            for band, share in zip(bands, shares, strict=True)
        ],
        assumed=True,
    )


def _uninformed_alt(shares: Sequence[Proportion], language: Language) -> str:
    total = Proportion(sum(s.part for s in shares), sum(s.whole for s in shares))
    known = [share.value for share in shares if share.whole] or [0.0]
    return text(
        "figure.uninformed.alt",
        language,
        total=percent(total.value, language),
        low=percent(min(known), language),
        high=percent(max(known), language),
    )
