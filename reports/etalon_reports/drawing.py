# pyright: reportUnknownMemberType=false
"""Matplotlib made sober: one theme, and SVG that is the same byte for byte.

Text stays text in the SVG (searchable, read aloud, set in the reader's font). Nothing is drawn
through pyplot, so no state is shared between figures.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, timedelta
from html import escape
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any, Final

import matplotlib as mpl
from markupsafe import Markup
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.collections import PolyCollection
from matplotlib.dates import AutoDateLocator
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator

from etalon_text import palette
from etalon_text.number_formats import number, short_day
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Generator, Sequence

    from matplotlib.axes import Axes

    from etalon_reports.binning import Bins
    from etalon_text.language import Language

_EPOCH: Final = date(1970, 1, 1)
WIDTH_INCHES: Final = 6.7
SMALL: Final = 7.5
_PRINT_DPI: Final = 200
_PICTURES: Final[ContextVar[dict[str, bytes] | None]] = ContextVar("pictures", default=None)
_AXIS_UNITS: Final = (
    (1_000_000, 1_000_000, "axis.millions"),
    (1000, 10_000, "axis.thousands"),
)
"""Unit, the highest value from which an axis is in that unit, title."""

_DAYS_WITH_NAMED_MONTHS: Final = 700
_FONTS: Final = "'Source Sans 3','Segoe UI','Helvetica Neue',Arial,'Liberation Sans','DejaVu Sans'"
_THEME: Final[dict[Any, Any]] = {
    "axes.axisbelow": True,
    "axes.edgecolor": palette.RULE,
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.labelcolor": palette.MUTED,
    "axes.labelsize": SMALL + 0.5,
    "axes.linewidth": 0.8,
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.titlecolor": palette.INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 9,
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "grid.color": palette.RULE,
    "grid.linewidth": 0.5,
    "lines.linewidth": 1.8,
    "svg.fonttype": "none",
    "text.color": palette.INK,
    "xtick.color": palette.RULE,
    "xtick.labelcolor": palette.MUTED,
    "xtick.labelsize": SMALL,
    "ytick.color": palette.RULE,
    "ytick.labelcolor": palette.MUTED,
    "ytick.labelsize": SMALL,
    "ytick.major.size": 0,
}


@contextmanager
def theme() -> Generator[None]:
    """Draw with our theme, and leave matplotlib as it was found."""
    with mpl.rc_context():
        mpl.rcdefaults()
        mpl.rcParams.update(_THEME)
        yield


def canvas(height_inches: float) -> Figure:
    """Return an empty figure of the width of the page."""
    return Figure(figsize=(WIDTH_INCHES, height_inches), layout="constrained")


@contextmanager
def pictures() -> Generator[dict[str, bytes]]:
    """Keep each figure drawn inside the block as a PNG image too, by its name."""
    kept: dict[str, bytes] = {}
    before = _PICTURES.set(kept)
    try:
        yield kept
    finally:
        _PICTURES.reset(before)


def svg(figure: Figure, name: str, title: str, alt: str) -> Markup:
    """Return the figure as one inline SVG element, with a title and a description.

    Identifiers start with `name`, so that several figures live in one page.
    """
    out = StringIO()
    with mpl.rc_context({"svg.hashsalt": name}):
        # The canvas itself, because `savefig` draws a figure with a layout twice.
        nothing = {"Date": None, "Creator": None, "Format": None, "Type": None}
        FigureCanvasSVG(figure).print_svg(out, metadata=nothing)  # type: ignore[no-untyped-call]  # untyped in matplotlib
    kept = _PICTURES.get()
    if kept is not None:
        kept[name] = _png(figure)
    body = out.getvalue()
    body = body[body.index("<svg") :]
    body = re.sub(r"<metadata>.*?</metadata>", "", body, flags=re.DOTALL)
    body = re.sub(r'\bid="', f'id="{name}-', body)
    body = body.replace('href="#', f'href="#{name}-').replace("url(#", f"url(#{name}-")
    body = body.replace("'DejaVu Sans'", _FONTS)
    size = re.search(r'viewBox="([^"]+)"', body)
    opening = (
        f'<svg role="img" aria-labelledby="{name}-title {name}-desc" '
        f'viewBox="{size[1] if size else ""}" xmlns="http://www.w3.org/2000/svg" '
        'xmlns:xlink="http://www.w3.org/1999/xlink">'
        f'<title id="{name}-title">{escape(title)}</title>'
        f'<desc id="{name}-desc">{escape(alt)}</desc>'
    )
    whole = opening + body[body.index(">") + 1 :].rstrip()
    return Markup(whole)  # noqa: S704 (drawn by matplotlib, which escapes its texts)


def _png(figure: Figure) -> bytes:
    """Return the figure as pixels, fine enough for print, without the name of what drew it."""
    out = BytesIO()
    figure.savefig(out, format="png", dpi=_PRINT_DPI, metadata={"Software": None})
    return out.getvalue()


def stamp_assumed(figure: Figure, language: Language) -> None:
    """Write across the figure that its shape is an assumption, inside the image itself."""
    figure.suptitle(
        text("report.assumed_shape", language),
        x=0.985,
        ha="right",
        fontsize=SMALL + 0.5,
        fontstyle="italic",
        color=palette.WARNING,
        bbox={
            "boxstyle": "round,pad=0.35",
            "facecolor": palette.WARNING_SHADE,
            "edgecolor": palette.WARNING,
            "linewidth": 0.6,
        },
    )


def plain_numbers(axes: Axes, language: Language, *, horizontal: bool = False) -> None:
    """Write the numbers of the value axis as the language does, with as few decimals as needed."""
    axis = axes.xaxis if horizontal else axes.yaxis
    axis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    low, high = axis.get_view_interval()
    ticks = axis.get_major_locator().tick_values(low, high)
    decimals = next(
        places
        for places in range(5)
        if all(abs(t - round(t, places)) < 1e-9 for t in ticks)  # noqa: PLR2004
    )

    def written(value: float, _position: int | None) -> str:
        return number(value, language, decimals)

    axis.set_major_formatter(FuncFormatter(written))


def axis_unit(highest: float) -> tuple[int, str]:
    """Return what to divide an axis by, and the key of the title that says so."""
    for unit, least, key in _AXIS_UNITS:
        if highest >= least:
            return unit, key
    return 1, "axis.units"


def note_on_line(axes: Axes, x: float, label: str, *, color: str = palette.DEADLINE) -> None:
    """Draw a thin vertical line at `x` with its label at the top, on the side with more room."""
    axes.axvline(x, color=color, linewidth=0.9, linestyle=(0, (4, 2)), zorder=3)
    low, high = axes.get_xlim()
    on_right = x < (low + high) / 2
    axes.annotate(
        label,
        (x, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(4 if on_right else -4, -1),
        textcoords="offset points",
        ha="left" if on_right else "right",
        va="top",
        fontsize=SMALL,
        color=color,
        zorder=4,
    )


def labelled_bars(
    axes: Axes,
    names: Sequence[str],
    lengths: Sequence[float],
    labels: Sequence[str],
    colors: Sequence[str],
) -> None:
    """Draw horizontal bars from top to bottom, each with its name and its figure, no axis."""
    axes.barh(names, lengths, height=0.62, color=list(colors))
    for rank, (length, label) in enumerate(zip(lengths, labels, strict=True)):
        axes.annotate(
            label,
            (length, rank),
            xytext=(5, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL + 0.5,
        )
    axes.invert_yaxis()
    axes.set_xlim(0, max(*lengths, 1) * 1.28)
    axes.xaxis.set_visible(False)
    axes.grid(visible=False)
    axes.spines["bottom"].set_visible(False)
    axes.tick_params(axis="y", labelcolor=palette.INK, labelsize=SMALL + 1)


def bars_by_date(
    axes: Axes,
    bins: Bins,
    counts: Sequence[int],
    color: str,
    above: Sequence[int] | None = None,
) -> PolyCollection:
    """Draw one bar a span, as a single artist: a run has hundreds of them.

    Args:
        axes: Where to draw; its limits are set to hold the bars.
        bins: The spans.
        counts: Height of each bar.
        color: Fill.
        above: Where each bar starts; None for zero.

    Returns:
        The bars, to be named in a legend.
    """
    lows = above or [0] * len(counts)
    spans = [
        (day_position(day), low, low + count)
        for day, low, count in zip(bins.starts, lows, counts, strict=True)
        if count
    ]
    width = bins.width * 0.9
    corners = [
        ((left, low), (left, high), (left + width, high), (left + width, low))
        for left, low, high in spans
    ]
    bars = PolyCollection(corners, facecolor=color, linewidth=0)
    axes.add_collection(bars)
    tallest = max([high for _, _, high in spans], default=1)
    axes.set_ylim(0, max(tallest * 1.06, axes.get_ylim()[1] if above else 0))
    return bars


def day_position(day: date) -> float:
    """Return where a civil day stands on a date axis (matplotlib counts days from 1970)."""
    return float((day - _EPOCH).days)


def date_axis(axes: Axes, bins: Bins, language: Language, most: int = 8) -> None:
    """Show a time axis over the spans of a run, `most` dates written as the language does."""
    first, last = bins.starts[0], bins.starts[-1]
    axes.set_xlim(day_position(first) - 0.5, day_position(last) + bins.width + 0.5)
    years = (last - first).days > _DAYS_WITH_NAMED_MONTHS
    if years:
        begun = [date(year, 1, 1) for year in range(first.year + 1, last.year + 1)]
        shown = begun[:: -(-len(begun) // most)]
        axes.xaxis.set_major_locator(FixedLocator([day_position(day) for day in shown]))
    else:
        locator = AutoDateLocator(minticks=most // 2, maxticks=most)  # type: ignore[no-untyped-call]  # untyped in matplotlib
        axes.xaxis.set_major_locator(locator)

    def written(x: float, _position: int | None) -> str:
        day = _EPOCH + timedelta(days=int(x))
        return str(day.year) if years else short_day(day, language)

    axes.xaxis.set_major_formatter(FuncFormatter(written))
    axes.tick_params(axis="x", length=3)
