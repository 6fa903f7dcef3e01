"""Whether a run holds its objectives, and whether it may say so.

A run that did not offer what was planned measured something else: it is INVALID, whatever its
figures. Of a valid run each objective is held, missed, or not known to be either.

An objective is missed when the interval of the share lies below it. It is missed too when one
episode used up the budget of the run several times over: drawing seconds again cannot tell what
happens once from what never does.

A run without a miss held its objective; its interval says how much that few requests leave open.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Final

from etalon_load.drift import Course, Drift
from etalon_load.intervals import Interval, share_interval, without_misses
from etalon_load.measures import Measured, Measures, Second, Step, together
from etalon_load.objectives import Objective

EPISODE_BUDGETS: Final = 4.0
"""So many times the budget, most of it within one episode, is a miss whatever the interval."""

EPISODE_SHARE: Final = 0.1
"""An episode lasts at most this share of the run (one second at least)."""

LAG_SHARE: Final = 0.05
"""The 99th percentile of the dispatch lag, at most this share of the tightest bound."""

OFFERED_TOLERANCE: Final = 0.01
LITTLE_TOLERANCE: Final = 0.05
BUSY_MOST: Final = 0.85
UNFINISHED_MOST: Final = 0.001
_LAG_PERCENTILE: Final = 99.0
_MICROSECONDS: Final = 1_000_000


class Verdict(StrEnum):
    """What a run says of an objective, or of all."""

    PASS = "PASS"  # noqa: S105 (a verdict)
    FAIL = "FAIL"
    INCONCLUSIVE = "INCONCLUSIVE"
    INVALID = "INVALID"


@dataclass(frozen=True, slots=True)
class Conduct:
    """How the generator behaved.

    Attributes:
        planned: Journeys planned.
        workers_lost: Workers that went missing or came late.
        busiest: The share of a core that the busiest worker used in its busiest second.
        in_flight: Journeys in flight, the mean over the run, as counted by the workers.
        journey_seconds: Mean seconds from the intended start of a journey to its end.
        seconds: How long the run lasted.
        pool_ran_dry: Whether there were not people enough.
    """

    planned: int
    workers_lost: int
    busiest: float
    in_flight: float
    journey_seconds: float
    seconds: float
    pool_ran_dry: bool = False


@dataclass(frozen=True, slots=True)
class Fault:
    """Why a run is invalid: a key of `load.invalid.KEY` and what fills it.

    Attributes:
        key: Which fault.
        values: Figures by name: µs where it ends in `_us`, shares from 0 to 1 in `_share`, counts.
    """

    key: str
    values: Mapping[str, float] = field(default_factory=dict[str, float])


def faults_of(measures: Measures, conduct: Conduct, tightest: int | None) -> tuple[Fault, ...]:
    """Return all that keeps a run from being believed.

    Args:
        measures: Of all workers.
        conduct: Of the generator.
        tightest: The tightest bound of the objectives (µs), None without objectives.
    """
    found: list[Fault] = []
    if conduct.workers_lost:
        found.append(Fault("workers-lost", {"count": conduct.workers_lost}))
    if conduct.pool_ran_dry:
        found.append(Fault("pool-dry"))
    found += _offered_otherwise(measures, conduct)
    if measures.lag.total and tightest is not None:
        lag, most = measures.lag.percentile(_LAG_PERCENTILE), LAG_SHARE * tightest
        if lag > most:
            found.append(Fault("lag", {"lag_us": lag, "most_us": most}))
    if conduct.busiest > BUSY_MOST:
        found.append(Fault("busy", {"used_share": conduct.busiest, "most_share": BUSY_MOST}))
    return (*found, *_little(measures, conduct))


def _offered_otherwise(measures: Measures, conduct: Conduct) -> Iterable[Fault]:
    offered = sum(measures.offered.values())
    if abs(offered - conduct.planned) > OFFERED_TOLERANCE * conduct.planned:
        yield Fault("offered", {"offered": offered, "planned": conduct.planned})
    unfinished = offered - measures.finished
    if unfinished > UNFINISHED_MOST * offered:
        yield Fault("unfinished", {"count": unfinished, "offered": offered})


def in_flight_expected(measures: Measures, conduct: Conduct) -> float:
    """Return the journeys in flight that arrivals times duration give (Little's law).

    They are in flight from their dispatch on; the lag before that is judged by itself. None are in
    a run that was stopped before its first arrival.
    """
    if not conduct.seconds:
        return 0.0
    under_way = conduct.journey_seconds - measures.lag.mean() / _MICROSECONDS
    return measures.finished / conduct.seconds * under_way


def _little(measures: Measures, conduct: Conduct) -> Iterable[Fault]:
    """Hold the count of journeys in flight against Little's law."""
    expected = in_flight_expected(measures, conduct)
    allowed = max(LITTLE_TOLERANCE * expected, 1.0)
    if abs(conduct.in_flight - expected) > allowed:
        yield Fault("little", {"counted": conduct.in_flight, "expected": expected})


@dataclass(frozen=True, slots=True)
class Episode:
    """A stretch of seconds.

    Attributes:
        first: Its first second.
        last: Its last.
        missed: Requests in it that were not right within their bound.
    """

    first: int
    last: int
    missed: int


@dataclass(frozen=True, slots=True)
class Judged:
    """What a run says of one objective.

    Attributes:
        objective: Which.
        verdict: Held, missed, or not known.
        interval: The share of requests within, and where it may lie; None when none was sent.
        wrong: The share answered wrong.
        failed: The share that failed.
        budgets: How many times the budget of misses was used.
        episode: Where most of the misses stand, or None when they stand everywhere.
        reason: A key of `load.reason.KEY`.
    """

    objective: Objective
    verdict: Verdict
    interval: Interval | None
    wrong: float
    failed: float
    budgets: float
    episode: Episode | None
    reason: str


def judged(objective: Objective, measures: Measures, seconds: int, seed: int) -> Judged:
    """Judge one objective.

    Args:
        objective: What is asked.
        measures: Of the whole run, under bounds that hold this objective.
        seconds: How many seconds the run has.
        seed: Of the resampling.
    """
    counts = _seconds_of(_steps_of(objective, measures), seconds)
    sent, within = [one.sent for one in counts], [one.within for one in counts]
    total = sum(sent)
    if not total:
        return Judged(objective, Verdict.INCONCLUSIVE, None, 0.0, 0.0, 0.0, None, "nothing-sent")
    wrong = sum(one.wrong for one in counts) / total
    failed = sum(one.failed for one in counts) / total
    interval = share_interval(within, sent, seed)
    if interval.share == 1:
        interval = replace(interval, low=without_misses(total))
    budgets = _budgets(interval.share, objective.share)
    episode = _episode([s - w for s, w in zip(sent, within, strict=True)])
    reason, verdict = _concluded(objective, interval, wrong, failed, budgets, episode)
    return Judged(objective, verdict, interval, wrong, failed, budgets, episode, reason)


def _steps_of(objective: Objective, measures: Measures) -> Measured:
    if objective.step:
        return measures.steps.get(Step(objective.journey, objective.step), Measured())
    return together(
        one for step, one in measures.steps.items() if step.journey == objective.journey
    )


def _seconds_of(measured: Measured, seconds: int) -> list[Second]:
    """Return the counts of each second; what was meant later stands in the last."""
    counts = [Second() for _ in range(seconds)]
    for second, one in measured.seconds.items():
        counts[min(second, seconds - 1)].add(one)
    return counts


def _budgets(share: float, asked: float) -> float:
    """Return how many times the share of misses borne was used."""
    missed = 1 - share
    if not missed:
        return 0.0
    return missed / (1 - asked) if asked < 1 else float("inf")


def _episode(missed: Sequence[int]) -> Episode | None:
    """Return the shortest stretch allowed that holds half of the misses; None if there is none."""
    half, longest = sum(missed) / 2, max(1, int(len(missed) * EPISODE_SHARE))
    if not half:
        return None
    for length in range(1, longest + 1):
        held = sum(missed[:length])
        best, at = held, 0
        for first in range(1, len(missed) - length + 1):
            held += missed[first + length - 1] - missed[first - 1]
            if held > best:
                best, at = held, first
        if best >= half:
            return Episode(at, at + length - 1, best)
    return None


def _concluded(  # noqa: PLR0911, PLR0913, PLR0917 (a line a reason; what it rests on)
    objective: Objective,
    interval: Interval,
    wrong: float,
    failed: float,
    budgets: float,
    episode: Episode | None,
) -> tuple[str, Verdict]:
    if wrong > objective.wrong:
        return "wrong", Verdict.FAIL
    if failed > objective.failed:
        return "failed", Verdict.FAIL
    if interval.high < objective.share:
        return "below", Verdict.FAIL
    if episode is not None and budgets >= EPISODE_BUDGETS:
        return "episode", Verdict.FAIL
    if interval.low >= objective.share:
        return "above", Verdict.PASS
    if interval.share == 1:
        return "none-missed", Verdict.PASS
    return "straddles", Verdict.INCONCLUSIVE


def steadiness_of(drifts: Mapping[str, Drift]) -> Verdict:
    """Judge whether a run stayed where it was: what rises fails, what cannot be told is open.

    Latency has to be told. Memory is judged where the target tells it.

    Args:
        drifts: Of latency and memory, as `drifts_of` gives them.
    """
    courses = {one.course for one in drifts.values()}
    if Course.RISING in courses:
        return Verdict.FAIL
    if "latency" not in drifts or Course.NOT_KNOWN in courses:
        return Verdict.INCONCLUSIVE
    return Verdict.PASS


def overall(
    faults: Sequence[Fault], judgements: Iterable[Judged], steadiness: Verdict | None = None
) -> Verdict:
    """Return the verdict of a run: invalid before all, then the worst of its objectives.

    Args:
        faults: Why it is not to be believed.
        judgements: Of its objectives.
        steadiness: Whether it stayed where it was, where that is asked of it.
    """
    if faults:
        return Verdict.INVALID
    found = {one.verdict for one in judgements}
    if steadiness is not None:
        found.add(steadiness)
    for verdict in (Verdict.FAIL, Verdict.INCONCLUSIVE):
        if verdict in found:
            return verdict
    return Verdict.PASS if found else Verdict.INCONCLUSIVE
