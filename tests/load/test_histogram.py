"""Latencies are counted to three digits, and merging loses nothing."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_load.histogram import Histogram, bounds_of, bucket_of, merged

HOUR = 3_600_000_000
LATENCIES = st.integers(0, HOUR)
SAMPLES = st.lists(LATENCIES, min_size=1, max_size=200)


@given(LATENCIES)
def test_a_bucket_holds_its_latency_within_a_thousandth(latency: int) -> None:
    """From a microsecond to an hour."""
    least, greatest = bounds_of(bucket_of(latency))

    assert least <= latency <= greatest
    assert (greatest - least) * 1000 <= latency


@pytest.mark.parametrize(
    ("latency", "bucket"), [(-5, 0), (0, 0), (2047, 2047), (2048, 2048), (2049, 2048), (4096, 3072)]
)
def test_buckets_begin_to_widen_at_two_thousand_and_forty_eight(latency: int, bucket: int) -> None:
    """Below, each microsecond has its own."""
    assert bucket_of(latency) == bucket


@given(LATENCIES, LATENCIES)
def test_buckets_follow_the_order_of_latencies(one: int, other: int) -> None:
    """A slower answer never stands in a lower bucket."""
    assert (bucket_of(one) <= bucket_of(other)) or one > other


@given(SAMPLES, st.integers(1, 8))
def test_any_split_merges_to_the_whole(latencies: list[int], workers: int) -> None:
    """Bit for bit, whatever worker counted what."""
    parts = [Histogram.of(latencies[rank::workers]) for rank in range(workers)]
    whole = Histogram.of(latencies)

    assert merged(parts) == whole
    assert merged(reversed(parts)).digest() == whole.digest()
    assert Histogram.from_plain(whole.plain()) == whole


@given(SAMPLES, st.sampled_from([0.1, 50, 90, 95, 99, 99.9, 100]))
def test_a_percentile_is_the_nearest_rank_to_three_digits(
    latencies: list[int], percent: float
) -> None:
    """The greatest value of the bucket in which the rank falls."""
    rank = max(1, math.ceil(round(percent * len(latencies) / 100, 9)))
    exact = sorted(latencies)[rank - 1]

    assert exact <= Histogram.of(latencies).percentile(percent) <= exact + exact / 1000


@given(SAMPLES)
def test_the_mean_is_right_to_a_thousandth(latencies: list[int]) -> None:
    """Each latency counts as the middle of its bucket."""
    mean = sum(latencies) / len(latencies)

    assert Histogram.of(latencies).mean() == pytest.approx(mean, rel=1e-3)


def test_what_is_drained_is_counted_once() -> None:
    """The histogram goes on from nothing."""
    histogram = Histogram.of([1, 5000])
    drained = histogram.drain()

    assert (drained.total, histogram.total) == (2, 0)
    assert drained.above(4000) == 1


@pytest.mark.parametrize("percent", [0, -1, 100.1])
def test_a_percentile_that_is_none_is_refused(percent: float) -> None:
    """And so is the percentile of nothing."""
    with pytest.raises(ValueError, match="above 0 and at most 100"):
        Histogram.of([1]).percentile(percent)
    with pytest.raises(ValueError, match="no latency was counted"):
        Histogram().percentile(50)


@pytest.mark.parametrize("plain", [{"-1": 2}, {"5": 0}, {"x": 1}])
def test_a_written_histogram_that_is_none_is_refused(plain: dict[str, int]) -> None:
    """Buckets from 0, counts from 1."""
    with pytest.raises(ValueError, match=r"from 0|invalid literal"):
        Histogram.from_plain(plain)
