"""Two runs of one plan are compared block by block, and what is not known is said to be so."""

import random

import pytest

from etalon_load.comparison import Change, ComparisonError, blocks_of, compared
from etalon_load.histogram import Histogram


def blocks(mean: float, seed: int, count: int = 20) -> list[Histogram]:
    """Blocks of a hundred and fifty latencies of exponential law."""
    chance = random.Random(seed)  # noqa: S311 (no secret)
    return [
        Histogram.of(int(chance.expovariate(1 / mean)) for _ in range(150)) for _ in range(count)
    ]


@pytest.mark.parametrize(
    ("after", "change"),
    [(24_000, Change.REGRESSION), (16_000, Change.IMPROVEMENT), (20_600, Change.INCONCLUSIVE)],
)
def test_a_change_is_told_by_its_whole_interval(after: float, change: Change) -> None:
    """A fifth more, a fifth less, and a little that chance could be."""
    found = compared(blocks(20_000, 1), blocks(after, 2), seed=3)

    assert found.change is change
    assert found.low <= found.ratio <= found.high
    assert found.blocks == 20


def test_runs_that_are_the_same_are_equal() -> None:
    """No change is concluded where the whole interval is close to none."""
    assert compared(blocks(20_000, 1), blocks(20_000, 1), seed=3).change is Change.EQUAL
    many = compared(blocks(20_000, 1, 400), blocks(20_000, 2, 400), seed=3)
    assert many.change is Change.EQUAL


def test_equal_runs_seldom_raise_a_false_alarm() -> None:
    """At most one in twelve, where one in twenty is allowed."""
    changes = [
        compared(blocks(20_000, seed), blocks(20_000, seed + 1_000), seed).change
        for seed in range(60)
    ]

    assert sum(one in {Change.REGRESSION, Change.IMPROVEMENT} for one in changes) <= 5


def test_a_tenth_more_is_found_nine_times_in_ten() -> None:
    """In blocks enough for it."""
    found = [
        compared(blocks(20_000, seed, 40), blocks(22_000, seed + 1_000, 40), seed).change
        for seed in range(30)
    ]

    assert found.count(Change.REGRESSION) >= 27


def test_blocks_are_whole_stretches_of_the_run() -> None:
    """What is left at the end is no block."""
    heat = {second: Histogram.of([second]) for second in range(35) if second != 3}

    assert [block.total for block in blocks_of(heat, 35)] == [14, 15]


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (blocks(1_000, 1, 5), blocks(1_000, 1, 6), "runs of one length"),
        (blocks(1_000, 1, 2), blocks(1_000, 1, 2), "3 at least"),
        ([Histogram()] * 5, blocks(1_000, 1, 5), "0 blocks with latencies"),
    ],
)
def test_runs_that_do_not_go_together_are_refused(
    before: list[Histogram], after: list[Histogram], said: str
) -> None:
    """One length, and three blocks with latencies."""
    with pytest.raises(ComparisonError, match=said):
        compared(before, after, seed=1)
