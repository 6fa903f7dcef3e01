"""The fastest notification plan that a platform carries, looked for by simulation.

A plan sends the notices of a scenario within so many weeks, its waves drawn out or pressed together
in proportion. Each candidate is a scenario file of its own that extends the one decided on; whoever
calls simulates it (the command line does) and holds it against the capacity. The slower a plan, the
lower its busiest minute: the slowest is tried first, then the interval is halved.
"""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from etalon_load.deciding import Answer, Decision

WEEKS: Final = (1, 2, 3, 4, 5, 6, 8, 10, 12, 16, 20, 26)
"""Lengths that are tried, in weeks."""


class WavesError(ValueError):
    """A scenario whose waves cannot be changed; the message says why."""


@dataclass(frozen=True, slots=True)
class Wave:
    """Notices sent to some départements between two dates.

    Attributes:
        first_on: First day of sending.
        last_on: Last day, included.
        departments: Codes, or none for all of the scenario.
        order: In which order départements follow each other, as scenarios name it.
    """

    first_on: date
    last_on: date
    departments: tuple[str, ...]
    order: str


@dataclass(frozen=True, slots=True)
class Candidate:
    """A plan that sends within so many weeks.

    Attributes:
        weeks: How many.
        waves: Its waves.
    """

    weeks: int
    waves: tuple[Wave, ...]

    @property
    def name(self) -> str:
        """Name of its scenario and its files."""
        return f"waves-{self.weeks:02d}-weeks"

    @property
    def last_on(self) -> date:
        """The last day of sending."""
        return max(wave.last_on for wave in self.waves)


@dataclass(frozen=True, slots=True)
class Found:
    """What the search found.

    Attributes:
        best: The fastest plan that holds, None when none of those tried does.
        tried: Every plan that was simulated and what was said of it, slowest first.
    """

    best: Candidate | None
    tried: tuple[tuple[Candidate, Decision], ...]

    @property
    def answer(self) -> Answer:
        """Go when a plan holds; else what is said of the slowest, which has the best chance."""
        return Answer.GO if self.best is not None else self.tried[0][1].answer


def candidates(waves: Sequence[Wave], latest: date) -> tuple[Candidate, ...]:
    """Return the plans that may be tried, fastest first.

    Args:
        waves: Those of the scenario.
        latest: The last day on which notices may leave, so that the simulation still sees what they
            bring about.

    Raises:
        WavesError: There is no wave, or no plan fits.
    """
    if not waves:
        message = "the scenario sends no notices in waves (it asks people to opt in)"
        raise WavesError(message)
    starts_on = min(wave.first_on for wave in waves)
    made = (Candidate(weeks, _stretched(waves, starts_on, weeks)) for weeks in WEEKS)
    fitting = tuple(candidate for candidate in made if candidate.last_on <= latest)
    if not fitting:
        message = f"no plan from {starts_on} ends by {latest}: the scenario is too short"
        raise WavesError(message)
    return fitting


def _stretched(waves: Sequence[Wave], starts_on: date, weeks: int) -> tuple[Wave, ...]:
    """Draw waves out, or press them together, so that they take so many weeks from the first."""
    before = (max(wave.last_on for wave in waves) - starts_on).days + 1
    after = 7 * weeks

    def moved(days: int) -> date:
        return starts_on + timedelta(days=days * after // before)

    return tuple(
        Wave(
            moved((wave.first_on - starts_on).days),
            moved((wave.last_on - starts_on).days + 1) - timedelta(days=1),
            wave.departments,
            wave.order,
        )
        for wave in waves
    )


def scenario_text(base: str, candidate: Candidate) -> str:
    """Return the scenario file of a candidate (TOML).

    Args:
        base: Name of a shipped scenario, or path of a file.
        candidate: The plan.
    """
    weeks = candidate.weeks
    fr, en = f"Envois en {weeks} semaines", f"Notices within {weeks} weeks"
    lines = [
        "# Written by `etalon load decide --find-waves`.",
        "",
        "[scenario]",
        f"extends = {_quoted(base)}",
        f"name = {_quoted(candidate.name)}",
        f"title_fr = {_quoted(fr)}",
        f"title_en = {_quoted(en)}",
        "",
    ]
    for wave in candidate.waves:
        departments = ", ".join(_quoted(code) for code in wave.departments)
        lines += [
            "[[waves]]",
            f"first_on = {wave.first_on}",
            f"last_on = {wave.last_on}",
            f"departments = [{departments}]" if departments else 'departments = "all"',
            f"order = {_quoted(wave.order)}",
            "",
        ]
    opens = candidate.last_on + timedelta(days=1)
    lines += ["[creation]", f"starts_on = {opens}  # the day after the last sending"]
    return "\n".join(lines) + "\n"


def experiment_text(
    base: str, plans: Sequence[Candidate], command: Sequence[str], asked: float
) -> str:
    """Return the experiment file (TOML): what is tried, and how each plan is simulated.

    Args:
        base: The scenario that the plans extend.
        plans: Those that may be tried, fastest first.
        command: What follows `etalon`, with FILE and DIR in place of scenario and directory.
        asked: The probability with which a plan has to hold.
    """
    lines = [
        "# Notification plans that `etalon load decide --find-waves` looks among. The slowest is",
        "# simulated first, then the interval is halved: not all of them are.",
        "",
        f"extends = {_quoted(base)}",
        f"probability = {asked}",
        f"command = [{', '.join(_quoted(word) for word in command)}]",
    ]
    for plan in plans:
        lines += [
            "",
            "[[candidate]]",
            f"weeks = {plan.weeks}",
            f"last_on = {plan.last_on}",
            f"scenario = {_quoted(f'{plan.name}.toml')}",
            f"run = {_quoted(plan.name)}",
        ]
    return "\n".join(lines) + "\n"


def fastest(plans: Sequence[Candidate], judged: Callable[[Candidate], Decision]) -> Found:
    """Look for the fastest plan that holds.

    Args:
        plans: Fastest first.
        judged: Simulates a plan and holds it against the capacity.
    """
    tried: list[tuple[Candidate, Decision]] = []

    def holds(rank: int) -> bool:
        tried.append((plans[rank], judged(plans[rank])))
        return tried[-1][1].answer is Answer.GO

    last = len(plans) - 1
    best: int | None = None
    if holds(last):
        best, fails = last, -1
        while best - fails > 1:
            middle = (best + fails) // 2
            if holds(middle):
                best = middle
            else:
                fails = middle
    ordered = tuple(sorted(tried, key=lambda pair: -pair[0].weeks))
    return Found(None if best is None else plans[best], ordered)


def _quoted(value: str) -> str:
    """Write a text as TOML does; JSON's way is one of them."""
    return json.dumps(value, ensure_ascii=False)
