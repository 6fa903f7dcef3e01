"""A drift is told where there is one, and none is told where there is none."""

import random

import pytest

from etalon_load.drift import (
    Course,
    DriftError,
    drift_of,
    drifts_of,
    latency_by_block,
    memory_by_block,
)
from etalon_load.histogram import Histogram


def _noisy(change: float, seed: int, blocks: int = 60, noise: float = 0.05) -> list[float]:
    """Values around a line that changes by a share over the run; neighbours are alike."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    kept, values = 0.0, list[float]()
    for rank in range(blocks):
        kept = 0.5 * kept + chance.gauss(0, noise)
        values.append(100 * (1 + change * rank / blocks + kept))
    return values


@pytest.mark.parametrize(
    ("change", "course"), [(0.6, Course.RISING), (-0.5, Course.FALLING), (0.0, Course.STEADY)]
)
def test_a_drift_of_half_the_level_is_told_and_none_is_not(change: float, course: Course) -> None:
    """Twenty runs each; a steady course may stay unknown, and never rises or falls."""
    told = [drift_of(_noisy(change, seed, noise=0.03)).course for seed in range(20)]

    if course is Course.STEADY:
        assert set(told) <= {Course.STEADY, Course.NOT_KNOWN}
    else:
        assert told == [course] * 20


def test_what_warms_up_is_no_drift() -> None:
    """A slow first tenth is left out."""
    values = [300.0] * 6 + [100.0 + rank % 2 for rank in range(54)]

    assert drift_of(values).course is Course.STEADY


def test_noise_alone_is_called_a_drift_one_time_in_twenty_at_most() -> None:
    """Neighbours that are alike make lines of their own; the interval knows of it."""
    told = [drift_of(_noisy(0.0, seed, noise=0.12)) for seed in range(100)]

    assert sum(drift.course in {Course.RISING, Course.FALLING} for drift in told) <= 5
    assert sum(drift.low <= 0 <= drift.high for drift in told) >= 88


@pytest.mark.parametrize("values", [[1.0] * 21, [], [*[1.0] * 40, 0.0]])
def test_too_little_tells_no_drift(values: list[float]) -> None:
    """Twenty blocks after the warming up, all above nothing."""
    with pytest.raises(DriftError, match="a drift asks for 20"):
        drift_of(values)


def test_latencies_and_memory_are_taken_by_whole_blocks() -> None:
    """Means of blocks; the end that fills none is left out, and so are blocks without a sample."""
    fast, slow = Histogram(), Histogram()
    fast.record(1000)
    slow.record(3000)

    assert latency_by_block({0: fast, 9: slow, 10: slow, 25: slow}, 25, 10) == [
        pytest.approx(2000, rel=0.001),
        pytest.approx(3000, rel=0.001),
    ]
    assert memory_by_block([(0, 10.0), (9.5, 20.0), (20, 7.0), (30, 1.0)], 35, 10) == [15.0, 7.0]


def test_a_run_tells_the_drifts_it_is_long_enough_for() -> None:
    """Twelve minutes at one rate tell both; five, or a ramp, tell none; nor memory unsampled."""
    heat: dict[int, Histogram] = {}
    for second in range(720):
        heat[second] = Histogram()
        heat[second].record(1000 + second * 2 + second % 7)
    memory = [(float(second), 1e8 + second % 3) for second in range(0, 720, 2)]
    told = drifts_of(heat, memory, [10] * 720)

    assert told["latency"].course is Course.RISING
    assert told["memory"].course is Course.STEADY
    assert drifts_of(heat, [], [10] * 720).keys() == {"latency"}
    assert not drifts_of(heat, memory, [10] * 300)
    assert not drifts_of(heat, memory, [1 + second // 36 for second in range(720)])


@pytest.mark.parametrize(
    ("grows", "kept", "course"),
    [
        (0.0, 0.0, Course.STEADY),
        (0.5, 0.0, Course.RISING),
        (0.5, 0.4, Course.RISING),
        (0.5, 0.6, Course.KEPT),
        (-0.5, 0.6, Course.FALLING),
    ],
)
def test_memory_may_rise_by_what_a_server_may_keep(
    grows: float, kept: float, course: Course
) -> None:
    """As a share of where it stood; latency may not."""
    level = 1e8
    heat: dict[int, Histogram] = {}
    for second in range(720):
        heat[second] = Histogram()
        heat[second].record(1000 + int(grows * second) + second % 7)
    memory = [(float(at), level * (1 + grows * at / 720) + at % 3) for at in range(0, 720, 2)]
    told = drifts_of(heat, memory, [10] * 720, kept * level)

    assert told["memory"].course is course
    assert told["latency"].course is not Course.KEPT
