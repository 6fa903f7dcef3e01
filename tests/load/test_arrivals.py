"""Arrivals are planned before the run, and are the same whatever the number of workers."""

import math
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etalon_load.arrivals import (
    MICROSECONDS,
    Arrival,
    ArrivalsError,
    planned,
    poisson,
    recorded,
    regular,
    thinned,
    worker_of,
)
from etalon_load.rates import Rate, RateError, constant, of_counts, ramp, surge


def _course(steps: list[tuple[float, float]]) -> Rate:
    """A rate that begins with ten arrivals a second and goes through some steps."""
    second, points = 0.0, [(0.0, 10.0)]
    for length, rate in steps:
        second += length
        points.append((second, rate))
    return Rate(tuple(points))


POINTS = st.lists(st.tuples(st.floats(0.1, 20), st.floats(0, 60)), min_size=1, max_size=5).map(
    _course
)


@given(POINTS, st.floats(0, 1))
def test_the_time_of_an_area_has_that_area_before_it(rate: Rate, share: float) -> None:
    """Inverting the rate and adding it up undo each other."""
    area = share * rate.expected

    assert rate.expected_until(rate.time_of(area)) == pytest.approx(area, rel=1e-6, abs=1e-5)


@given(POINTS)
@settings(max_examples=settings().max_examples // 4)
def test_regular_arrivals_follow_the_rate_within_one(rate: Rate) -> None:
    """At every instant as many have come as were expected, to one arrival."""
    instants = regular(rate)

    assert all(one <= other for one, other in pairwise(instants))
    for rank, instant in enumerate(instants):
        expected = rate.expected_until(instant / MICROSECONDS)
        assert abs(expected - rank) <= 1 + rate.peak / MICROSECONDS


@pytest.mark.parametrize(
    "points",
    [
        (),
        ((0.0, 1.0),),
        ((1.0, 1.0), (2.0, 1.0)),
        ((0.0, 1.0), (0.0, 1.0)),
        ((0.0, 1.0), (5.0, 1.0), (4.0, 1.0)),
        ((0.0, -1.0), (5.0, 1.0)),
        ((0.0, math.nan), (5.0, 1.0)),
        ((0.0, 0.0), (5.0, 0.0)),
    ],
)
def test_points_that_are_no_rate_are_refused(points: tuple[tuple[float, float], ...]) -> None:
    """Two points from second 0 on, ascending, finite, and not all zero."""
    with pytest.raises(RateError):
        Rate(points)


@pytest.mark.parametrize(
    ("rate", "seconds", "expected", "peak"),
    [
        (constant(20, 30), 30, 600, 20),
        (ramp(0, 10, 20), 20, 100, 10),
        (surge(20, 300, 12), 12, 1_780, 300),
        (of_counts([10, 0, 30], 2), 6, 40, 15),
        (constant(20, 30).scaled(0.5), 30, 300, 10),
    ],
)
def test_a_course_has_its_length_its_arrivals_and_its_peak(
    rate: Rate, seconds: float, expected: float, peak: float
) -> None:
    """Constant, ramp, surge, counts of a file, and a scaled one."""
    assert (rate.seconds, rate.peak) == (seconds, peak)
    assert rate.expected == pytest.approx(expected)


def test_poisson_arrivals_are_as_many_as_expected_and_as_uneven() -> None:
    """Over many seeds: mean and variance of the number agree, as in no even schedule."""
    rate = Rate(((0.0, 50.0), (10.0, 150.0)))
    counts = [len(poisson(rate, seed)) for seed in range(200)]
    mean = sum(counts) / len(counts)
    variance = sum((count - mean) ** 2 for count in counts) / (len(counts) - 1)

    assert mean == pytest.approx(rate.expected, abs=4 * math.sqrt(rate.expected / 200))
    assert 0.6 < variance / mean < 1.5


MIX = {"holder": 3.0, "professional": 1.0}


@given(st.integers(1, 9), st.integers(0, 5))
@settings(max_examples=settings().max_examples // 4)
def test_workers_share_out_the_plan_and_keep_their_people(workers: int, seed: int) -> None:
    """All arrivals, each once, in order, and nobody with two workers."""
    rate = constant(100, 3)
    plan = planned(poisson(rate, seed), MIX, 40, rate.seconds, seed)
    parts = [list(plan.of_worker(rank, workers)) for rank in range(workers)]

    assert sorted(one for part in parts for one in part) == list(plan.arrivals)
    assert all(part == sorted(part) for part in parts)
    people = [{one.person for one in part} for part in parts]
    assert sum(map(len, people)) == len(set[int]().union(*people))
    assert sum(plan.by_second()) == len(plan.arrivals)


def test_everybody_comes_before_anybody_comes_again() -> None:
    """Fresh people are used up in turn."""
    plan = planned(list(range(100)), MIX, 40, 1, seed=3)

    assert len({one.person for one in plan.arrivals[:40]}) == 40
    assert len({one.person for one in plan.arrivals[40:80]}) == 40


def test_a_plan_has_the_digest_of_its_arrivals() -> None:
    """Equal for one seed, other for another."""
    rate = constant(50, 4)
    digests = [planned(poisson(rate, seed), MIX, 10, 4, seed).digest for seed in (1, 1, 2)]

    assert digests[0] == digests[1]
    assert digests[0] != digests[2]


def test_people_are_spread_over_workers() -> None:
    """No worker has twice the share of another."""
    for workers in (2, 3, 8):
        counts = [0] * workers
        for person in range(4_000):
            counts[worker_of(person, workers)] += 1
        assert max(counts) < 1.3 * min(counts)


@pytest.mark.parametrize(
    ("mix", "people"), [({}, 5), ({"holder": 0.0}, 5), ({"holder": -1.0, "a": 2.0}, 5), (MIX, 0)]
)
def test_a_plan_of_nobody_or_of_no_journey_is_refused(mix: dict[str, float], people: int) -> None:
    """There is somebody, who does something."""
    with pytest.raises(ArrivalsError):
        planned([1, 2], mix, people, 1, seed=1)


ROWS = [Arrival(at, "login", person) for person, at in enumerate((5, 1_000_000, 2_500_000))]


def test_a_window_of_a_simulation_begins_anew_at_its_start() -> None:
    """What lies before it and from its end on is left out."""
    plan = recorded(ROWS, 5, 1.0)
    assert plan.arrivals == (Arrival(0, "login", 0), Arrival(999_995, "login", 1))

    with pytest.raises(ArrivalsError, match="nobody arrives"):
        recorded(ROWS, 3_000_000, 1.0)


def test_a_plan_is_thinned_to_its_peak_and_never_filled_up() -> None:
    """What stays was planned, about as many as asked in the busiest second."""
    plan = planned(regular(constant(1_000, 4)), MIX, 50, 4, seed=1)
    thin = thinned(plan, 100, seed=1)

    assert set(thin.arrivals) <= set(plan.arrivals)
    assert max(thin.by_second()) == pytest.approx(100, rel=0.3)
    assert thinned(plan, 5_000, seed=1) == plan
