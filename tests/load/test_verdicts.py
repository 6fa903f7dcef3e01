"""A run is judged only when it may be; then each objective is held, missed, or not known."""

import random
from dataclasses import replace
from typing import Any

import pytest

from etalon_load.drift import Course, Drift
from etalon_load.measures import Measures, Outcome, Step
from etalon_load.objectives import Objective
from etalon_load.verdicts import (
    Conduct,
    Episode,
    Judged,
    Verdict,
    faults_of,
    judged,
    overall,
    steadiness_of,
)

READ = Step("holder", "read")
BOUND = 500_000
ASKED = Objective("holder", "read", BOUND, 0.99, 0.0, 0.01)
RATE = 200
UNEVEN = [0, 9, 1, 0, 4, 0, 2, 0, 0, 5, 1, 2] * 5
"""As many misses as are borne, and in no even course."""


def run_of(missed: list[int], rate: int = RATE, outcome: Outcome = Outcome.RIGHT) -> Measures:
    """A run in which so many requests of each second were too slow, or answered otherwise."""
    measures = Measures({READ: BOUND})
    for second, slow in enumerate(missed):
        for rank in range(rate):
            at = second * 1_000_000 + rank
            measures.dispatched(at, at)
            wrong = rank < slow and outcome is not Outcome.RIGHT
            took = BOUND + 1 if rank < slow and not wrong else 1_000
            measures.answered(READ, at, at, at + took, outcome if wrong else Outcome.RIGHT)
            measures.finished += 1
    return measures


def said(missed: list[int], outcome: Outcome = Outcome.RIGHT, **asked: Any) -> Judged:  # noqa: ANN401 (fields)
    """What such a run says of the objective."""
    return judged(replace(ASKED, **asked), run_of(missed, outcome=outcome), len(missed), seed=1)


@pytest.mark.parametrize(
    ("missed", "verdict", "reason"),
    [
        ([0] * 60, Verdict.PASS, "above"),
        ([0], Verdict.PASS, "none-missed"),
        ([1] * 60, Verdict.PASS, "above"),
        ([5] * 60, Verdict.FAIL, "below"),
        ([200] * 60, Verdict.FAIL, "below"),
        (UNEVEN, Verdict.INCONCLUSIVE, "straddles"),
    ],
)
def test_an_objective_is_held_missed_or_not_known(
    missed: list[int], verdict: Verdict, reason: str
) -> None:
    """Two misses of two hundred a second are the budget."""
    found = said(missed)

    assert (found.verdict, found.reason) == (verdict, reason)
    assert found.interval is not None
    assert found.interval.low <= found.interval.share <= found.interval.high


def test_requests_without_a_miss_leave_open_what_so_few_can_tell() -> None:
    """By the exact binomial end: 200 leave 98.17% possible, 12 000 leave 99.97%."""
    few, many = said([0]).interval, said([0] * 60).interval

    assert few is not None
    assert many is not None
    assert few.low == pytest.approx(0.98172, abs=1e-5)
    assert many.low == pytest.approx(0.99969, abs=1e-5)
    assert few.high == many.high == 1


@pytest.mark.parametrize("second", range(1, 18))
def test_a_stall_of_two_seconds_in_twenty_is_a_miss_wherever_it_falls(second: int) -> None:
    """Three quarters of its requests wait too long; no resampling makes it unhappen."""
    missed = [0] * 20
    missed[second], missed[second + 1] = 200, 100
    found = said(missed)

    assert found.verdict is Verdict.FAIL
    assert found.episode == Episode(second, second, 200)
    assert found.budgets == pytest.approx(7.5)


def test_a_short_episode_within_twice_the_budget_is_not_known() -> None:
    """Whether it would come again, one run does not tell."""
    missed = [0] * 60
    missed[30] = 200

    assert said(missed).verdict is Verdict.INCONCLUSIVE


@pytest.mark.parametrize(
    ("outcome", "borne", "verdict"),
    [
        (Outcome.WRONG, {}, Verdict.FAIL),
        (Outcome.WRONG, {"wrong": 0.01}, Verdict.PASS),
        (Outcome.FAILED, {}, Verdict.PASS),
        (Outcome.FAILED, {"failed": 0.001}, Verdict.FAIL),
    ],
)
def test_wrong_and_failed_answers_are_borne_as_far_as_said(
    outcome: Outcome, borne: dict[str, float], verdict: Verdict
) -> None:
    """A fast service that is wrong does not hold."""
    assert said([1] * 60, outcome, **borne).verdict is verdict


def test_nothing_sent_says_nothing() -> None:
    """An objective about a step that nobody took is not held."""
    found = judged(ASKED, Measures({READ: BOUND}), 10, seed=1)

    assert (found.verdict, found.interval) == (Verdict.INCONCLUSIVE, None)


def test_the_interval_is_right_as_often_as_it_says() -> None:
    """Seconds with a fate of their own: the true share lies in the interval nine times in ten."""
    chance = random.Random(5)  # noqa: S311 (no secret)
    hits, runs = 0, 60
    for seed in range(runs):
        missed = [chance.choices([0, 4, 20], [8, 3, 1])[0] for _ in range(60)]
        found = judged(ASKED, run_of(missed, rate=40), 60, seed)
        assert found.interval is not None
        true = 1 - (3 / 12 * 4 + 1 / 12 * 20) / 40
        hits += found.interval.low <= true <= found.interval.high

    assert hits >= 0.85 * runs


GOOD = Conduct(
    planned=12_000,
    workers_lost=0,
    busiest=0.4,
    in_flight=0.2,
    journey_seconds=0.001,
    seconds=60,
)


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({}, ""),
        ({"workers_lost": 1}, "workers-lost"),
        ({"planned": 12_122}, "offered"),
        ({"planned": 12_120}, ""),
        ({"planned": 11_890}, ""),
        ({"planned": 11_870}, "offered"),
        ({"busiest": 0.85}, ""),
        ({"busiest": 0.86}, "busy"),
        ({"in_flight": 1.1}, ""),
        ({"in_flight": 1.3}, "little"),
        ({"pool_ran_dry": True}, "pool-dry"),
    ],
)
def test_a_run_that_offered_something_else_is_invalid(change: dict[str, Any], key: str) -> None:
    """Whatever its latencies; what was wrong is named."""
    measures = run_of([0] * 60)
    faults = faults_of(measures, replace(GOOD, **change), BOUND)

    assert [fault.key for fault in faults] == ([key] if key else [])
    held = [judged(ASKED, measures, 60, seed=1)]
    assert overall(faults, held) is (Verdict.INVALID if key else Verdict.PASS)


@pytest.mark.parametrize(("late", "is_faulty"), [(24_000, False), (26_000, True)])
def test_a_generator_that_lags_is_invalid(late: int, *, is_faulty: bool) -> None:
    """Beyond a twentieth of the tightest bound at the 99th percentile."""
    measures = run_of([0] * 60)
    for rank in range(200):
        measures.lag.record(late + rank)
    keys = [fault.key for fault in faults_of(measures, GOOD, BOUND)]

    assert keys == (["lag"] if is_faulty else [])


def test_journeys_that_did_not_end_make_a_run_invalid() -> None:
    """More than one in a thousand."""
    measures = run_of([0] * 60)
    measures.finished -= 12
    assert faults_of(measures, GOOD, BOUND) == ()
    measures.finished -= 1
    assert [fault.key for fault in faults_of(measures, GOOD, BOUND)] == ["unfinished"]


@pytest.mark.parametrize(
    ("missed", "verdict"),
    [
        ([[0] * 60, [0] * 60], Verdict.PASS),
        ([[0] * 60, UNEVEN], Verdict.INCONCLUSIVE),
        ([UNEVEN, [9] * 60], Verdict.FAIL),
        ([], Verdict.INCONCLUSIVE),
    ],
)
def test_a_run_is_as_good_as_its_worst_objective(missed: list[list[int]], verdict: Verdict) -> None:
    """And without objectives it passes nothing."""
    assert overall((), [said(one) for one in missed]) is verdict


@pytest.mark.parametrize(
    ("courses", "verdict"),
    [
        ({"latency": "steady", "memory": "steady"}, Verdict.PASS),
        ({"latency": "falling", "memory": "steady"}, Verdict.PASS),
        ({"latency": "steady"}, Verdict.PASS),
        ({"latency": "steady", "memory": "kept"}, Verdict.PASS),
        ({"latency": "rising", "memory": "steady"}, Verdict.FAIL),
        ({"latency": "steady", "memory": "rising"}, Verdict.FAIL),
        ({"latency": "not-known", "memory": "rising"}, Verdict.FAIL),
        ({"latency": "steady", "memory": "not-known"}, Verdict.INCONCLUSIVE),
        ({"memory": "steady"}, Verdict.INCONCLUSIVE),
        ({}, Verdict.INCONCLUSIVE),
    ],
)
def test_a_run_that_must_stay_where_it_was_fails_by_what_rises(
    courses: dict[str, str], verdict: Verdict
) -> None:
    """Beside its objectives, and only in a run that is believed; latency has to be told."""
    drifts = {of: Drift(1.0, 0.0, 0.0, 0.0, Course(one)) for of, one in courses.items()}
    held = [said([0] * 60)]

    assert steadiness_of(drifts) is verdict
    assert overall((), held, steadiness_of(drifts)) is verdict
    assert overall((), held) is Verdict.PASS
