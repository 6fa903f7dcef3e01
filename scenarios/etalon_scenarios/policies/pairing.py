"""Two policies on the same luck: their difference, what chance moves of it, what is not known.

*Chance*: both policies are simulated again under further seeds, the same for both; the variance of
the difference over these replications, brought to the size of the full population, gives the
interval. *Knowledge*: both policies are simulated under the same draws of the parameters. As for a
headline (`etalon_scenarios.knowledge`), each draw moves a figure by its ratio to the central run of
the same people; the difference is taken between figures so moved, draw by draw.

A figure that rests on fewer than `FEWEST_EVENTS` events in a central run has no interval of
knowledge, unless it is zero throughout. A difference is called not distinguishable when zero lies
in its interval of knowledge, or within what chance does to it among as few people as a draw
simulates, or when it is of fewer than `FEWEST_EVENTS` people, letters or calls. So is a change of
the gap between groups of people.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt
from statistics import quantiles, variance
from typing import TYPE_CHECKING, Final

from etalon_scenarios.knowledge import FEWEST_DRAWS, FEWEST_EVENTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from etalon_scenarios.policies.measuring import Figure, Key

REPLICATIONS: Final = 16
CHANCE_LEVEL: Final = 0.95
STUDENT: Final = 2.1314495455597742
"""Quantile of Student's law that leaves 2.5 % on either side, 15 degrees of freedom."""

CHANCE_METHOD: Final = (
    "16 further seeds, the same for every policy; variance of the figure, or of the paired "
    "difference, over these replications, brought to the size of the full population; Student's "
    "law with 15 degrees of freedom"
)
KNOWLEDGE_METHOD: Final = (
    "the same draws of the parameters and the same seed for every policy; each figure moves by its "
    "ratio to the central run of the same people; the difference is taken draw by draw; 10th to "
    "90th percentile"
)
Interval = tuple[float, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How many people stand behind a comparison.

    Attributes:
        full: The full population.
        run: People of the central runs.
        replication: People of a replication.
    """

    full: int
    run: int
    replication: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """All the runs of one policy.

    Attributes:
        centre: Figures of the run itself.
        central: Figures of the central run of the draws; None when there is no draw.
        draws: Figures of each draw, in the order of the draws.
        replications: Figures of each further seed, in the order of the seeds.
    """

    centre: Mapping[Key, Figure]
    central: Mapping[Key, Figure] | None
    draws: Sequence[Mapping[Key, Figure]]
    replications: Sequence[Mapping[Key, Figure]]


def moved(sample: Sample, key: Key) -> list[float] | None:
    """Give a figure of the run under each draw, in order; None when the draws cannot tell."""
    if sample.central is None or len(sample.draws) < FEWEST_DRAWS or key not in sample.centre:
        return None
    centre, central = sample.centre[key], sample.central.get(key)
    drawn = [draw.get(key) for draw in sample.draws]
    if centre.value == 0 and all(figure is None or figure.value == 0 for figure in drawn):
        return [0.0] * len(drawn)
    if central is None or central.events < FEWEST_EVENTS or not central.value:
        return None
    known = [figure.value for figure in drawn if figure is not None]
    if len(known) < len(drawn):
        return None
    return [centre.value * value / central.value for value in known]


def replicated(sample: Sample, key: Key) -> list[float] | None:
    """Give a figure under each further seed, in order; None when one cannot tell."""
    known = [figure.value for figures in sample.replications if (figure := figures.get(key))]
    return known if len(known) == len(sample.replications) == REPLICATIONS else None


def difference_of(
    left: Sequence[float] | None, right: Sequence[float] | None
) -> list[float] | None:
    """Give right - left, run by run; None when either is not known."""
    if left is None or right is None:
        return None
    return [after - before for before, after in zip(left, right, strict=True)]


def chance(value: float, spread: Sequence[float] | None, sizes: Sizes) -> Interval | None:
    """Give the interval of chance of a figure, or of a difference, of the full population."""
    return _around(value, spread, sizes.replication / sizes.full)


def sample_noise(value: float, spread: Sequence[float] | None, sizes: Sizes) -> Interval | None:
    """Give what simulating fewer people adds; None at full population."""
    if sizes.run == sizes.full:
        return None
    return _around(value, spread, sizes.replication / sizes.run - sizes.replication / sizes.full)


def _around(value: float, spread: Sequence[float] | None, shrink: float) -> Interval | None:
    if spread is None:
        return None
    half = STUDENT * sqrt(variance(spread) * shrink)
    return value - half, value + half


def knowledge(spread: Sequence[float] | None) -> Interval | None:
    """Give the 10th and 90th percentile over the draws, four significant digits."""
    if spread is None or len(spread) < FEWEST_DRAWS:
        return None
    deciles = quantiles(spread, n=10, method="inclusive")
    return float(f"{deciles[0]:.4g}"), float(f"{deciles[-1]:.4g}")


def drawn_noise(value: float, spread: Sequence[float] | None) -> Interval | None:
    """Give how far a difference moves among as few people as a draw simulates."""
    return _around(value, spread, 1)


def distinguishable(known: Interval | None, by_chance: Interval | None) -> bool | None:
    """Tell whether a difference can be told from none.

    None without an interval of knowledge; no when an interval contains zero.

    Args:
        known: Interval of knowledge.
        by_chance: What chance moves of it among as few people as a draw simulates: below that,
            the draws show noise.
    """
    if known is None:
        return None
    intervals = [known] if by_chance is None else [known, by_chance]
    return all(low > 0 or high < 0 for low, high in intervals)


def gap_change(
    first: Sample, other: Sample, keys: Sequence[Key]
) -> tuple[float, Interval | None, bool | None]:
    """Give by how much the gap between groups of people, highest less lowest, differs.

    Args:
        first: Runs of the policy compared with.
        other: Runs of the policy compared.
        keys: The figure of each group; both centres have them.

    Returns:
        The difference of the gaps, its interval of knowledge, and whether it is distinguishable.
    """
    before, after = ([sample.centre[key].value for key in keys] for sample in (first, other))
    difference = (max(after) - min(after)) - (max(before) - min(before))
    known = knowledge(difference_of(*(_gaps(sample, keys, moved) for sample in (first, other))))
    spread = difference_of(*(_gaps(sample, keys, replicated) for sample in (first, other)))
    return difference, known, distinguishable(known, drawn_noise(difference, spread))


def _gaps(
    sample: Sample, keys: Sequence[Key], told: Callable[[Sample, Key], list[float] | None]
) -> list[float] | None:
    """Give the gap between groups in each draw, or in each replication."""
    found = [told(sample, key) for key in keys]
    known = [values for values in found if values is not None]
    if len(known) < len(found):
        return None
    return [max(values) - min(values) for values in zip(*known, strict=True)]
