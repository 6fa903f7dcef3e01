# pyright: reportUnknownMemberType=false
"""How a cost grows with size: beside the line that linear growth draws, or a flat cost.

matplotlib leaves some keyword arguments untyped, hence the setting above.
"""

from collections.abc import Sequence
from math import log
from pathlib import Path
from statistics import linear_regression

from matplotlib.figure import Figure


def growth_plot(
    file: Path, sizes: Sequence[float], costs: Sequence[float], *, what: str, unit: str
) -> None:
    """Draw costs against sizes, beside linear growth from the first point.

    Args:
        file: SVG or PNG to write.
        sizes: Sizes of the work, all above 0.
        costs: Cost of each, all above 0.
        what: What grows along the horizontal axis, such as `people`.
        unit: What is paid along the vertical axis, such as `CPU seconds`.
    """
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.loglog(sizes, costs, "o-", label="measured")
    linear = [costs[0] * size / sizes[0] for size in sizes]
    axes.loglog(sizes, linear, "--", color="grey", label="linear from the first point")
    axes.set_xlabel(what)
    axes.set_ylabel(unit)
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def flat_plot(
    file: Path, sizes: Sequence[float], costs: Sequence[float], *, what: str, unit: str
) -> None:
    """Draw the cost of one piece against sizes, beside the flat line of the first; see above."""
    figure = Figure(figsize=(6, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.semilogx(sizes, costs, "o-", label="measured")
    axes.axhline(costs[0], linestyle="--", color="grey", label="as the first point")
    axes.set_ylim(0, 1.5 * max(costs))
    axes.set_xlabel(what)
    axes.set_ylabel(unit)
    axes.grid(visible=True, which="both", alpha=0.3)
    axes.legend()
    figure.savefig(file, metadata={"Date": None} if file.suffix == ".svg" else None)


def exponent(sizes: Sequence[float], costs: Sequence[float]) -> float:
    """Return the slope of log cost against log size by least squares; 1 means linear growth."""
    return linear_regression([log(s) for s in sizes], [log(c) for c in costs]).slope
