"""Write docs/validation.md: predictions on record, beside what was measured.

    python scripts/predictions.py [--check]
    python scripts/predictions.py --freeze NAME
    python scripts/predictions.py --hindsight

`--hindsight` sets the forecast of today on every stretch of England's series (a few minutes).
`--freeze` makes a prediction and writes it to `docs/validation/NAME.json`, once: what is there is
never made again. It reads nothing of what it predicts. The page is generated from these files, from
`docs/validation/commits.toml` (the commit in which each was frozen) and from the measurements.
"""

from __future__ import annotations

import json
import pickle
import subprocess
import sys
import tomllib
from dataclasses import asdict, dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from math import sqrt
from pathlib import Path
from shutil import which
from statistics import quantiles
from typing import TYPE_CHECKING

import hindsight
from etalon_scenarios.forecasts.forecast import forecast_scheme
from etalon_scenarios.forecasts.observed import ALL
from etalon_scenarios.knowledge import drawn_values
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.parameters import Number
from etalon_scenarios.sweeps.tasks import run_task, scenario_digest, task_of
from etalon_scenarios.targets import shipped_targets
from etalon_scenarios.trials import Trial
from generated import write_or_compare

if TYPE_CHECKING:
    from etalon_scenarios.forecasts.observed import Observed
    from etalon_scenarios.forecasts.scheme import Scheme

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "validation"
PAGE = ROOT / "docs" / "validation.md"
COMMITS = FOLDER / "commits.toml"
BELL = 1.959964
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
Misses stay, and what has not been measured yet is not counted.

The first two are *hindcasts*: both measurements had been published when the predictions were made,
and are part of what this project collected. What "frozen" means for them is narrower: a prediction
reads none of the figures it predicts, its ranges were not moved after it was compared, and the
commit that holds it comes before the one that compares it. The series of England had been read
before the model of its forecast was written, and that it missed was seen before it was frozen:
nothing was changed for that. Two predictions of what nobody here has read stand at the end.

`make check` compares each frozen file with the commit named, where the history is at hand.
"""
REMARKS = {
    "nation-2022": (
        "Of the launch of 2022 it takes how it was organised: days of sending, people to notify, "
        "the day from which spaces were opened. That day was read in the dispatch that also gives "
        "both measurements, which makes K13 the easier of the two."
    ),
    "england-2021": (
        "Its intervals move together: totals run on from week to week, women and men make "
        "everybody, and so do the ages. It is one outcome, told 130 times. The totals of 18 August "
        "repeat those of 11 August, as published. In the first four weeks more children came of "
        "age than were registered: the forecast took that for a flow of nobody, and gave 0-9 "
        "intervals of a few people."
    ),
    "england-2022": (
        "Made by the forecast as it was mended after the first miss (decision 0198). The series "
        "shipped ends with the last week known; what followed has not been collected here."
    ),
    "england-2022-level": (
        "The same weeks, which nobody here has read, by the forecast as decision 0210 changed it, "
        "from all weeks so far: what it is worth outside the hindsight below."
    ),
}


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
    scheme, series = hindsight.series()
    known = series.first(ENGLAND_WEEKS)
    about = (
        f"England 2021: people registered in the National Data Opt-out, by age and sex, from "
        f"{known.weeks[0]} to {known.weeks[-1]}, then ten weeks ahead."
    )
    return about, scheme.sha256, weeks_to_come(scheme, known)


def england_later() -> tuple[str, str, list[Claim]]:
    """Predict the ten weeks that follow the series shipped, from its last four weekly flows."""
    scheme, series = hindsight.series()
    return england_after(scheme, series.last(ENGLAND_WEEKS, (ALL,)), "England 2022")


def england_level() -> tuple[str, str, list[Claim]]:
    """Predict the same ten weeks from all weeks of the series, the level of the flow moving."""
    scheme, series = hindsight.series()
    known = series.between(0, len(series.weeks), (ALL,))
    return england_after(scheme, known, "England 2022, from all weeks so far")


def england_after(scheme: Scheme, known: Observed, named: str) -> tuple[str, str, list[Claim]]:
    """Predict ten weeks of everybody after those known."""
    about = (
        f"{named}: people registered in the National Data Opt-out, from {known.weeks[0]} to "
        f"{known.weeks[-1]}, then ten weeks ahead, everybody together."
    )
    return about, scheme.sha256, weeks_to_come(scheme, known)


def weeks_to_come(scheme: Scheme, known: Observed) -> list[Claim]:
    """Predict ten weeks of every group known."""
    found = forecast_scheme(scheme, known, ENGLAND_TO_COME, SEED)
    return [
        Claim(f"{group}, {day.isoformat()}", *map(float, found.interval(group, week)))
        for group in found.totals
        for week, day in enumerate(found.weeks)
    ]


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


PREDICTIONS = {
    "nation-2022": nation,
    "england-2021": england,
    "england-2022": england_later,
    "england-2022-level": england_level,
}


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
    _, series = hindsight.series()
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
        known = [claim for claim in claims if claim.what in found]
        hits = sum(claim.low <= found[claim.what] <= claim.high for claim in known)
        held, told = held + hits, told + len(known)
        said = f"{hits} of {len(known)} intervals held." if known else "Not measured here yet."
        parts.append(
            f"## {name}\n\n{frozen['about']}\n\nFrozen on {frozen['frozen_on']}, commit "
            f"`{commits[name]}`, digest `{frozen['digest']}`. {said}\n\n{REMARKS[name]}\n\n"
            f"{_table(claims, found)}"
        )
    parts.insert(1, _coverage(held, told))
    return "\n".join([*parts, _hindsight_told()])


def _coverage(held: int, told: int) -> str:
    """Say how many intervals held, and how sure that is."""
    low, high = wilson(held, told)
    return f"""**{held} of {told} intervals held ({held / told:.0%}).**

Were they {told} outcomes, chance would leave {low:.0%} to {high:.0%} open (Wilson, 95 %), far
below the 80 % meant. They are not: they come from two predictions, of one campaign each, and two
outcomes leave nearly any coverage open. What can be said is that one campaign was missed as a
whole, and that of the other one figure in two was missed.
"""


def wilson(held: int, told: int) -> tuple[float, float]:
    """Give the 95 % interval of a share, after Wilson."""
    share, square = held / told, BELL**2 / told
    half = BELL * sqrt(share * (1 - share) / told + square / (4 * told))
    middle, width = (share + square / 2) / (1 + square), half / (1 + square)
    return middle - width, middle + width


def _hindsight_told() -> str:
    """Tell how the forecast as it is today does on the weeks it has seen."""
    found = json.loads(hindsight.FOUND.read_text(encoding="utf-8"))
    before = json.loads(hindsight.BEFORE.read_text(encoding="utf-8"))
    count = len(found["origins"])
    return f"""## In hindsight

No prediction, and counted nowhere above: the forecast of today, set on {found["made_on"]} on every
week of England's series that four known flows precede and ten follow, everybody together. That is
{count} starts of {hindsight.TO_COME} weeks each. They overlap: no more than three share no week, so
that each share below is rough, of one campaign that rose once and ebbed.

{hindsight.table()}
*Width*: of the 80 % interval, over the people that the median adds; half of the intervals are
narrower. *Score*: weighted interval score of the three intervals and the median, over that of the
naive forecast that knows all weeks so far (geometric mean; less is better). *Naive*: last week's
flow, moved each week by a change among those known, or its opposite. *As it was before*: by commit
`{before["made_by"]}`.

What was changed after the fact, and why ([0210](decisions/0210-a-flow-has-a-level-that-moves.md)).
That 53 % held was seen first, on this series, and the way a forecast is made was changed for it:
that is what hindsight is, and why this table proves less than a prediction. What a course misses in
one week it misses in the next ones too: the flow now has a level that moves for good. By how much
was not taken from England: it comes from the openings of the French shared record, 2012 to 2021
(`scripts/weekly_shock.py`), and the weeks known before each start narrow it. A flow could not fall
below half of the quietest week known, a number fixed in the code: that part is now drawn, between a
twentieth and all of it. A total repeated as published (18 August) was read as a week of nobody; it
is now a count that comes with the next one. Courses by which the news had already moved more
people than it can reach are left out. People counted may be few: their own luck is drawn too. No
number was tried until intervals held: those of 80 % hold more often than they say, and stay so.

`england-2021` and `england-2022` were made before, and stay as they are. Whoever forecasts a
campaign under way gives all weeks so far, not the last four.
"""


def _table(claims: list[Claim], found: dict[str, float]) -> str:
    lines = ["| what | predicted (10 to 90 %) | median | measured | |", "|---|---|---|---|---|"]
    for claim in claims:
        value = found.get(claim.what)
        known = "not yet" if value is None else _number(value)
        hit = "" if value is None else "hit" if claim.low <= value <= claim.high else "miss"
        span = f"{_number(claim.low)} to {_number(claim.high)}"
        what = claim.what.replace(ALL, "everybody")
        lines.append(f"| {what} | {span} | {_number(claim.middle)} | {known} | {hit} |")
    return "\n".join(lines) + "\n"


def moved() -> list[str]:
    """Name the predictions that are no longer what their commit holds; none without a history."""
    git = which("git")
    if git is None:
        return []
    commits = tomllib.loads(COMMITS.read_text(encoding="utf-8"))
    names: list[str] = []
    for name, commit in commits.items():
        file = FOLDER / f"{name}.json"
        asked = f"{commit}:{file.relative_to(ROOT).as_posix()}"
        shown = subprocess.run([git, "show", asked], cwd=ROOT, capture_output=True, check=False)
        if shown.returncode == 0 and shown.stdout != file.read_bytes():
            names.append(name)
    return names


def _number(value: float) -> str:
    if value < 1:
        return f"{Decimal(repr(round(100 * value, 3)))} %"
    return f"{round(value):,}".replace(",", " ")


def main() -> int:
    """Freeze a prediction, or write the page or compare it; 1 when it differs."""
    if sys.argv[1:2] == ["--freeze"]:
        freeze(sys.argv[2])
        return 0
    if sys.argv[1:2] == ["--hindsight"]:
        hindsight.find()
        return 0
    for name in (names := moved()):
        print(f"{name}.json is not what its commit holds: a prediction is never made again")
    return write_or_compare(__doc__, {PAGE: page}) or int(bool(names))


if __name__ == "__main__":
    sys.exit(main())
