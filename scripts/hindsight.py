"""How the forecast does from every week of England's series, which it has long seen.

What it gives is kept as quantiles in `docs/validation/hindsight.json`, beside those of a naive
forecast; `hindsight-before.json` holds those of the forecast as it was before decision 0210, made
by the commit that it names and never again. `scripts/predictions.py` writes the page from both.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from math import exp, log
from pathlib import Path
from statistics import mean, median
from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.forecasts.courses import KEPT, weekly_flows
from etalon_scenarios.forecasts.forecast import Forecast, forecast_scheme
from etalon_scenarios.forecasts.observed import ALL, WEEK
from etalon_scenarios.forecasts.scheme import own_series, read_scheme

if TYPE_CHECKING:
    from collections.abc import Iterator

    from etalon_scenarios.forecasts.observed import Observed
    from etalon_scenarios.forecasts.scheme import Scheme

FOLDER = Path(__file__).resolve().parent.parent / "docs" / "validation"
FOUND = FOLDER / "hindsight.json"
BEFORE = FOLDER / "hindsight-before.json"
SCHEME = "england-ndop"
KNOWN, TO_COME = 4, 10
SEED = 2021
SHARES = (0.025, 0.1, 0.25, 0.5, 0.75, 0.9, 0.975)
LEVELS = {0.5: (2, 4), 0.8: (1, 5), 0.95: (0, 6)}
"""Level of an interval -> ranks of its ends among the quantiles kept."""

MIDDLE = 3
TOLD = (
    ("before", "as it was before", "last four"),
    ("naive_four", "naive", "last four"),
    ("four", "forecast", "last four"),
    ("naive_all", "naive", "all so far"),
    ("all", "forecast", "all so far"),
)
"""Forecaster, what the page calls it, and the weeks that it knows."""


def series() -> tuple[Scheme, Observed]:
    """Read the scheme and its series.

    Raises:
        LookupError: The scheme has no series.
    """
    scheme = read_scheme(SCHEME)
    observed = own_series(scheme)
    if observed is None:
        message = "the scheme has no series"
        raise LookupError(message)
    return scheme, observed


def starts(observed: Observed) -> Iterator[int]:
    """Give the rank of the last week known at each start."""
    yield from range(KNOWN, len(observed.weeks) - TO_COME)


def naive(observed: Observed, weeks: int, seed: int) -> Forecast:
    """Forecast last week's flow, moved each week by a change known, or by its opposite."""
    random = np.random.default_rng(seed)
    seen, waiting = weekly_flows(observed.totals[ALL])
    changes = np.diff(np.log(np.maximum(seen, 1)))
    moves = random.choice(np.concatenate((changes, -changes)), (weeks + waiting, KEPT))
    flows = seen[-1] * np.exp(np.cumsum(moves, axis=0))
    totals = observed.totals[ALL][-1] + np.cumsum(flows, axis=0)[waiting:]
    days = tuple(observed.weeks[-1] + WEEK * (week + 1) for week in range(weeks))
    return Forecast(days, {ALL: totals}, np.full(KEPT, 1 / KEPT))


def find() -> None:
    """Forecast from every start, and keep the quantiles: a few minutes."""
    scheme, observed = series()
    origins: list[dict[str, object]] = []
    for last in starts(observed):
        four, every = (observed.between(first, last + 1, (ALL,)) for first in (last - KNOWN, 0))
        made = {
            "four": forecast_scheme(scheme, four, TO_COME, SEED),
            "all": forecast_scheme(scheme, every, TO_COME, SEED),
            "naive_four": naive(four, TO_COME, SEED),
            "naive_all": naive(every, TO_COME, SEED),
        }
        origin: dict[str, object] = {"known_to": observed.weeks[last].isoformat()}
        origin.update({name: quantiles(found) for name, found in made.items()})
        origins.append(origin)
    made_on = datetime.now(UTC).date().isoformat()
    write(FOUND, {"made_on": made_on, "digest": scheme.sha256}, origins)


def quantiles(found: Forecast) -> list[list[int]]:
    """Give the quantiles kept of everybody's totals, a list a week."""
    return [[round(q) for q in found.quantiles(ALL, week, SHARES)] for week in range(TO_COME)]


def write(file: Path, heading: dict[str, object], origins: list[dict[str, object]]) -> None:
    """Write what was found, a start a line."""
    lines = ",\n".join(json.dumps(origin) for origin in origins)
    text = f'{json.dumps(heading)[:-1]}, "origins": [\n{lines}\n]}}\n'
    file.write_text(text, encoding="utf-8", newline="\n")


@dataclass(frozen=True, slots=True)
class Week:
    """One forecast of one week, set beside what came.

    Attributes:
        start: Rank of its start.
        ahead: Weeks ahead, from zero.
        held: Level -> whether the interval held.
        width: Width of the 80 % interval, over the people that the median adds.
        score: Weighted interval score of all three intervals and the median; people, less is
            better (Bracher et al. 2021).
    """

    start: int
    ahead: int
    held: dict[float, bool]
    width: float
    score: float


def judged(name: str) -> list[Week]:
    """Set every forecast of one forecaster beside what came."""
    _, observed = series()
    totals = observed.totals[ALL]
    found = json.loads((BEFORE if name == "before" else FOUND).read_text(encoding="utf-8"))
    weeks: list[Week] = []
    for start, (last, origin) in enumerate(zip(starts(observed), found["origins"], strict=True)):
        for ahead, ends in enumerate(origin[name]):
            came = totals[last + 1 + ahead]
            spans = {level: (ends[low], ends[high]) for level, (low, high) in LEVELS.items()}
            score = abs(came - ends[MIDDLE]) / 2
            for level, (low, high) in spans.items():
                missed = max(low - came, came - high, 0)
                score += (1 - level) / 2 * (high - low) + missed
            width = (ends[5] - ends[1]) / max(ends[MIDDLE] - totals[last], 1)
            held = {level: low <= came <= high for level, (low, high) in spans.items()}
            weeks.append(Week(start, ahead, held, width, score / (len(LEVELS) + 0.5)))
    return weeks


def table() -> str:
    """Give the table of the page: how often intervals held, their width, their score."""
    lines = [
        "| forecast | weeks known | 50 % | 80 % | 95 % | 80 %, at 1, 5, 10 weeks | width | score |",
        "|---|---|---|---|---|---|---|---|",
    ]
    rival = judged("naive_all")
    for name, title, known in TOLD:
        weeks = judged(name)
        rates = " | ".join(f"{mean(week.held[level] for week in weeks):.0%}" for level in LEVELS)
        steps = ", ".join(
            f"{mean(week.held[0.8] for week in weeks if week.ahead == ahead):.0%}"
            for ahead in (0, 4, 9)
        )
        width = median(week.width for week in weeks)
        pairs = zip(weeks, rival, strict=True)
        score = exp(mean(log(max(one.score, 1)) - log(max(other.score, 1)) for one, other in pairs))
        lines.append(f"| {title} | {known} | {rates} | {steps} | {width:.1f} | {score:.2f} |")
    return "\n".join(lines) + "\n"
