"""What one run gives to a comparison: its figures by group, its days, its hotline.

Figures are at the scale of the full population, so that a run of everybody and a draw of fewer
people are in the same unit. A figure that the run cannot tell (a queue below full population, a
share of nobody) is left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Final

import numpy as np

from etalon_scenarios.costs import running_costs
from etalon_scenarios.layout import BANDS, SEXES
from etalon_scenarios.layout_arrays import arrays_of
from etalon_scenarios.ledger import CHANNELS, COUNT, COUNTERS, EXCLUDED_COUNTS
from etalon_scenarios.life.summary import counted_in_spaces
from etalon_scenarios.policies.measures import (
    AGE_GROUPS,
    CONNECTED,
    DIGITAL,
    EVERYBODY,
    EXCLUDED,
    OF_LIVES,
    measures,
)
from etalon_scenarios.timetable import SECOND

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from etalon_scenarios.policies.measures import Measure
    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.runs import Run
    from etalon_scenarios.scenario import Scenario

Key = tuple[str, str, str]
"""Measure, how people are grouped, group."""

CURVES: Final = (
    ("notified", "notified"),
    ("informed", "informed"),
    ("opposed", "opposed"),
    ("activated", "activated"),
    ("spaces_open", "spaces_open"),
)
"""Curve -> the measure, or counter, that it cumulates."""

FANS: Final = ("opposed", "activated", "opened_automatically", "calls")
"""Counters whose course under the knowledge draws is kept."""

_COUNTED_EXCLUDED: Final = frozenset(EXCLUDED_COUNTS)
_WIDTH: Final = len(COUNTERS)
_SHAPE: Final = (BANDS, len(SEXES), len(CHANNELS), _WIDTH)
_CELLS: Final = BANDS * len(SEXES) * len(CHANNELS) * _WIDTH


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of one run.

    Attributes:
        value: At the scale of the full population.
        events: Events it rests on, of the people simulated.
        numerator: For a share, the count above the line; None otherwise.
        denominator: For a share, the count below the line; None otherwise.
    """

    value: float
    events: int
    numerator: int | None = None
    denominator: int | None = None


@dataclass(frozen=True, slots=True)
class Measured:
    """What one run gives to a comparison.

    Attributes:
        figures: By measure and group; what the run cannot tell is not there.
        curves: Name -> one value a day, at the scale of the full population.
        hotline: The telephone service, as `comparison.json` holds it without its policy.
        costs: Euros by item, at the scale of the full population.
        full: The full population.
        days: Days simulated.
        weeks: Counter of `FANS` -> cumulative count at the end of each span of seven days and of
            the last day, people simulated.
    """

    figures: Mapping[Key, Figure] = field(default_factory=dict[Key, Figure])
    curves: Mapping[str, Sequence[float]] = field(default_factory=dict[str, "Sequence[float]"])
    hotline: Mapping[str, Json] = field(default_factory=dict[str, "Json"])
    costs: Mapping[str, float] = field(default_factory=dict[str, float])
    full: int = 0
    days: int = 0
    weeks: Mapping[str, Sequence[int]] = field(default_factory=dict[str, "Sequence[int]"])


@dataclass(frozen=True, slots=True)
class _Sums:
    """The ledger of a run, summed: by group of people over the run, and by day over people."""

    groups: NDArray[np.int64]
    days: NDArray[np.int64]
    people: NDArray[np.int64]
    excluded: NDArray[np.int64]


def measure(run: Run, scenario: Scenario) -> Measured:
    """Measure a run.

    Args:
        run: All its days, or those until it was stopped.
        scenario: What it simulated, for its unit costs and its hotline.
    """
    sums = _sums(run)
    scale = run.full / run.population
    counted: list[int] = sums.days.sum(axis=0).tolist()
    totals: dict[str, int] = dict(zip(COUNTERS, counted, strict=True))
    costs = running_costs(scenario, totals, whole=run.population == run.full)
    return Measured(
        figures=dict(_figures(run, sums, costs["total"])),
        curves=_curves(sums, scenario, scale),
        hotline=_hotline(run, scenario, sums),
        costs={item: cost * scale for item, cost in costs.items()},
        full=run.full,
        days=run.days_done,
        weeks=_weeks(sums),
    )


def _sums(run: Run) -> _Sums:
    groups = np.zeros(_CELLS, dtype=np.int64)
    days = np.zeros((run.days_done, _WIDTH), dtype=np.int64)
    for day in range(run.days_done):
        addresses, counts = run.ledger.day_cells(day)
        # Exact: a double holds every count below 2**53.
        folded = np.bincount(addresses % _CELLS, weights=counts, minlength=_CELLS).astype(np.int64)
        groups += folded
        days[day] = folded.reshape(-1, _WIDTH).sum(axis=0)
    people = np.diff(arrays_of(run.layout).starts)
    by_cell = people.reshape(-1, BANDS, len(SEXES)).sum(axis=0)
    excluded = np.zeros(_WIDTH, dtype=np.int64)
    excluded[[COUNT[name] for name in EXCLUDED_COUNTS]] = run.ledger.excluded.sum(axis=1)
    return _Sums(groups.reshape(_SHAPE), days, by_cell, excluded)


def _figures(run: Run, sums: _Sums, cost: float) -> Iterator[tuple[Key, Figure]]:
    whole, scale = run.population == run.full, run.full / run.population
    groups = {group: (counts, people) for group, counts, people in _groups(sums)}
    for measured in measures():
        if measured.queue and not whole:
            continue
        if measured.special is not None:
            figure = _special(run, measured.special, groups[EVERYBODY][0], cost * scale)
            if figure is not None:
                yield (measured.key, *EVERYBODY), figure
            continue
        for group, (counts, people) in groups.items():
            if group != EVERYBODY and not measured.grouped:
                continue
            if group[0] == DIGITAL and not measured.counters <= _COUNTED_EXCLUDED:
                continue
            figure = _figure(measured, counts, people, scale)
            if figure is not None:
                yield (measured.key, *group), figure


def _groups(sums: _Sums) -> Iterator[tuple[tuple[str, str], NDArray[np.int64], int | None]]:
    """Yield each group with its counters and its people; None where people change groups."""
    yield EVERYBODY, sums.groups.sum(axis=(0, 1, 2)), int(sums.people.sum())
    for label, bands in AGE_GROUPS.items():
        within = slice(bands.start, bands.stop)
        counts = sums.groups[within].sum(axis=(0, 1, 2))
        yield ("age", label), counts, int(sums.people[within].sum())
    for rank, sex in enumerate(SEXES):
        counts = sums.groups[:, rank].sum(axis=(0, 1))
        yield ("sex", sex), counts, int(sums.people[:, rank].sum())
    for rank, channel in enumerate(CHANNELS):
        yield ("channel", channel), sums.groups[:, :, rank].sum(axis=(0, 1)), None
    if sums.excluded.any():
        others = sums.groups.sum(axis=(0, 1, 2)) - sums.excluded
        yield (DIGITAL, EXCLUDED), sums.excluded, 0
        yield (DIGITAL, CONNECTED), others, 0


def _figure(
    measured: Measure, counts: NDArray[np.int64], people: int | None, scale: float
) -> Figure | None:
    above = _sum(measured.above, counts)
    if not measured.share:
        return Figure(above * scale, abs(above))
    if people is None:
        return None
    below = _sum(measured.below, counts) if measured.below else people
    return Figure(above / below, abs(above), above, below) if below else None


def _sum(terms: Sequence[tuple[int, str]], counts: NDArray[np.int64]) -> int:
    return sum(sign * int(counts[COUNT[name]]) for sign, name in terms)


def _special(run: Run, name: str, counts: NDArray[np.int64], cost: float) -> Figure | None:
    if name in OF_LIVES:
        return _of_lives(run, name)
    if name == "cost":
        return Figure(cost, int(counts[COUNT["sent_letter"]] + counts[COUNT["sent_email"]]))
    waits = np.frombuffer(run.ledger.waits, dtype=np.int64)
    if not len(waits):
        return None
    rank = min(len(waits) - 1, len(waits) * 95 // 100)
    return Figure(float(np.partition(waits, rank)[rank]) / SECOND, len(waits))


def _of_lives(run: Run, name: str) -> Figure | None:
    if run.lives is None:
        return None
    count = counted_in_spaces(run.lives.account)[name]
    return Figure(count * run.full / run.population, count)


def _curves(sums: _Sums, scenario: Scenario, scale: float) -> dict[str, Sequence[float]]:
    terms = {measured.key: measured.above for measured in measures()}
    curves: dict[str, Sequence[float]] = {}
    for name, key in CURVES:
        counters = terms.get(key, ((1, name),))
        by_day = sum(sign * sums.days[:, COUNT[counter]] for sign, counter in counters)
        curves[name] = (np.cumsum(by_day) * scale).round(2).tolist()
    curves["calls"] = (sums.days[:, COUNT["calls"]] * scale).round(2).tolist()
    costs = scenario.costs
    spent = (
        float(costs.letter.value) * sums.days[:, COUNT["sent_letter"]]
        + float(costs.email.value) * sums.days[:, COUNT["sent_email"]]
        + float(costs.call.value) * sums.days[:, COUNT["calls"]]
    )
    curves["cost_eur"] = (np.cumsum(spent) * scale).round(2).tolist()
    return curves


def week_ends(days: int) -> list[int]:
    """Give the last day of each span of seven days, and the last day, as ranks from 0."""
    ends = list(range(6, days, 7))
    return ends if not days or ends[-1:] == [days - 1] else [*ends, days - 1]


def _weeks(sums: _Sums) -> dict[str, Sequence[int]]:
    ends = week_ends(len(sums.days))
    return {name: np.cumsum(sums.days[:, COUNT[name]])[ends].tolist() for name in FANS}


def _hotline(run: Run, scenario: Scenario, sums: _Sums) -> dict[str, Json]:
    whole, scale = run.population == run.full, run.full / run.population
    service = scenario.hotline
    column = {name: sums.days[:, COUNT[name]] for name in COUNTERS if name.startswith("calls")}
    waiting = np.frombuffer(run.ledger.waiting, dtype=np.int64)[: run.days_done]

    def told(count: float) -> float | None:
        return float(count) if whole else None

    def mean_wait(wait: float, answered: float) -> float | None:
        return float(wait / answered / SECOND) if whole and answered else None

    by_day: list[Json] = [
        {
            "day": (scenario.starts_on + timedelta(days=day)).isoformat(),
            "offered": float(column["calls"][day] * scale),
            "answered": told(column["calls_answered"][day]),
            "blocked": told(column["calls_blocked"][day]),
            "abandoned": told(column["calls_abandoned"][day]),
            "wait_mean_seconds": mean_wait(waiting[day], column["calls_answered"][day]),
        }
        for day in np.flatnonzero(column["calls"]).tolist()
    ]
    wait = _special(run, "wait_p95", sums.days.sum(axis=0), 0.0) if whole else None
    return {
        "agents": service.agents.whole,
        "lines": service.lines.whole,
        "opens": service.opens,
        "closes": service.closes,
        "service_minutes": float(service.service_minutes.value),
        "patience_minutes": float(service.patience_minutes.value),
        "calls": float(column["calls"].sum() * scale),
        "answered": told(column["calls_answered"].sum()),
        "blocked": told(column["calls_blocked"].sum()),
        "abandoned": told(column["calls_abandoned"].sum()),
        "wait_mean_seconds": mean_wait(waiting.sum(), column["calls_answered"].sum()),
        "wait_p95_seconds": None if wait is None else wait.value,
        "by_day": by_day,
    }
