"""Write docs/validation.md: predictions on record, beside what was measured.

    python scripts/predictions.py [--check]
    python scripts/predictions.py --freeze NAME

`--freeze` makes a prediction and writes it to `docs/validation/NAME.json`, once: what is there is
never made again. It reads nothing of what it predicts. The page is generated from these files, from
`docs/validation/commits.toml` (the commit in which each was frozen) and from the measurements.
"""

from __future__ import annotations

import json
import pickle
import sys
import tomllib
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from statistics import quantiles

from etalon_scenarios.forecasts.forecast import forecast_scheme
from etalon_scenarios.forecasts.observed import ALL
from etalon_scenarios.forecasts.scheme import own_series, read_scheme
from etalon_scenarios.knowledge import drawn_values
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.parameters import Number
from etalon_scenarios.sweeps.tasks import run_task, scenario_digest, task_of
from etalon_scenarios.targets import shipped_targets
from etalon_scenarios.trials import Trial
from generated import write_or_compare

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "validation"
PAGE = ROOT / "docs" / "validation.md"
COMMITS = FOLDER / "commits.toml"
ENGLAND_WEEKS = 4
ENGLAND_TO_COME = 10
SEED = 2021
DRAWS = 64
PEOPLE = 50_000
FROM_PILOT = ("intent.opposition", "creation.per_day")
FIGURES = ("K13", "K14")
HEAD = """# Predictions on record

<!-- Written by scripts/predictions.py from docs/validation/: do not edit. -->

What was predicted, frozen before it was set beside the measurement, and what the measurement says.
An interval is a hit when the measurement lies in it; intervals are meant to hold 8 times in 10.
Misses stay.

Both measurements had been published when the predictions were made, and are part of what this
project collected. What "frozen" means here is narrower: a prediction reads none of the figures it
predicts, its ranges were not moved after it was compared, and the commit that holds it comes before
the one that compares it. The series of England had been read before the
model of its forecast was written, and that it missed was seen before it was frozen: nothing was
changed for that.
"""


@dataclass(frozen=True, slots=True)
class Claim:
    """One interval.

    Attributes:
        what: What is predicted.
        low: 10th percentile.
        middle: Median.
        high: 90th percentile.
    """

    what: str
    low: float
    middle: float
    high: float


def england() -> tuple[str, str, list[Claim]]:
    """Predict ten weeks of the National Data Opt-out from its first four weekly flows."""
    scheme = read_scheme("england-ndop")
    series = own_series(scheme)
    if series is None:
        message = "the scheme has no series"
        raise LookupError(message)
    known = series.first(ENGLAND_WEEKS)
    found = forecast_scheme(scheme, known, ENGLAND_TO_COME, SEED)
    claims = [
        Claim(f"{group}, {day.isoformat()}", *map(float, found.interval(group, week)))
        for group in found.totals
        for week, day in enumerate(found.weeks)
    ]
    about = (
        f"England 2021: people registered in the National Data Opt-out, by age and sex, from "
        f"{known.weeks[0]} to {known.weeks[-1]}, then ten weeks ahead."
    )
    return about, scheme.sha256, claims


def nation() -> tuple[str, str, list[Claim]]:
    """Predict May 2022 with what was known of the pilot alone."""
    pilot = dict(load_scenario("pilot-2021").parameters())
    changes = [f"{path}={_assumed(pilot[path])}" for path in FROM_PILOT]
    scenario = load_scenario("launch-2022", changes)
    targets = tuple(target for target in shipped_targets() if target.id in FIGURES)
    digest, content = scenario_digest(scenario), pickle.dumps(scenario)
    rows: list[list[float]] = []
    for draw in range(DRAWS):
        values = drawn_values(scenario.parameters(), SEED, draw)
        trial = Trial(population=PEOPLE, seed=SEED, until=date(2022, 5, 31), values=values)
        task = task_of(scenario, digest, content, "cohort", trial).measured_by(targets)
        outcome = run_task(task)
        if outcome is None or outcome.failure:
            message = f"draw {draw}: {outcome}"
            raise RuntimeError(message)
        rows.append([outcome.figures[name] or 0.0 for name in FIGURES])
    claims: list[Claim] = []
    for target, column in zip(targets, zip(*rows, strict=True), strict=True):
        deciles = quantiles(column, n=10, method="inclusive")
        claims.append(Claim(target.id, deciles[0], deciles[4], deciles[8]))
    about = (
        "The nation on 31 May 2022, from the pilot of 2021 alone: the launch as it was organised, "
        "the wish to object and the openings a day as the pilot gave them. K13: spaces open; K14: "
        "share of the notified who objected."
    )
    return about, digest, claims


def _assumed(parameter: object) -> str:
    """Write a number of the pilot as a change, its range kept."""
    if not isinstance(parameter, Number):
        message = "a series cannot be carried over"
        raise TypeError(message)
    told = {"value": parameter.value, "low": parameter.low, "high": parameter.high}
    numbers = ", ".join(f"{key} = {value}" for key, value in told.items())
    return f'{{{numbers}, unit = "{parameter.unit}", certainty = "assumption", source = "none"}}'


PREDICTIONS = {"nation-2022": nation, "england-2021": england}


def freeze(name: str) -> None:
    """Make a prediction and write it.

    Raises:
        FileExistsError: It is frozen already.
    """
    file = FOLDER / f"{name}.json"
    if file.exists():
        raise FileExistsError(file)
    about, digest, claims = PREDICTIONS[name]()
    written = {
        "name": name,
        "about": about,
        "digest": digest,
        "frozen_on": datetime.now(UTC).date().isoformat(),
        "claims": [asdict(claim) for claim in claims],
    }
    FOLDER.mkdir(exist_ok=True)
    file.write_text(json.dumps(written, indent=1) + "\n", encoding="utf-8", newline="\n")


def measured(name: str) -> dict[str, float]:
    """Read what was measured: claim -> value."""
    if name == "nation-2022":
        return {t.id: float(t.value) for t in shipped_targets() if t.id in FIGURES}
    series = own_series(read_scheme("england-ndop"))
    if series is None:
        return {}
    return {
        f"{group}, {day.isoformat()}": float(totals[rank])
        for group, totals in series.totals.items()
        for rank, day in enumerate(series.weeks)
    }


def page() -> str:
    """Write the page."""
    commits = tomllib.loads(COMMITS.read_text(encoding="utf-8"))
    parts, held, told = [HEAD], 0, 0
    for name in PREDICTIONS:
        frozen = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
        claims = [Claim(**claim) for claim in frozen["claims"]]
        found = measured(name)
        hits = [claim.low <= found[claim.what] <= claim.high for claim in claims]
        held, told = held + sum(hits), told + len(hits)
        parts.append(
            f"## {name}\n\n{frozen['about']}\n\nFrozen on {frozen['frozen_on']}, commit "
            f"`{commits[name]}`, digest `{frozen['digest']}`. {sum(hits)} of {len(hits)} intervals "
            f"held.\n\n{_table(claims, found)}"
        )
    parts.insert(1, f"**{held} of {told} intervals held ({held / told:.0%}).**\n")
    return "\n".join(parts)


def _table(claims: list[Claim], found: dict[str, float]) -> str:
    lines = ["| what | predicted (10 to 90 %) | median | measured | |", "|---|---|---|---|---|"]
    for claim in claims:
        value = found[claim.what]
        hit = "hit" if claim.low <= value <= claim.high else "miss"
        span = f"{_number(claim.low)} to {_number(claim.high)}"
        lines.append(
            f"| {claim.what.replace(ALL, 'everybody')} | {span} | {_number(claim.middle)} | "
            f"{_number(value)} | {hit} |"
        )
    return "\n".join(lines) + "\n"


def _number(value: float) -> str:
    if value < 1:
        return f"{Decimal(repr(round(100 * value, 3)))} %"
    return f"{round(value):,}".replace(",", " ")


def main() -> int:
    """Freeze a prediction, or write the page or compare it; 1 when it differs."""
    if sys.argv[1:2] == ["--freeze"]:
        freeze(sys.argv[2])
        return 0
    return write_or_compare(__doc__, {PAGE: page})


if __name__ == "__main__":
    sys.exit(main())
