"""Latencies counted to three digits, mergeable without loss.

The buckets are those of HdrHistogram with three significant digits: exact below 2 048 µs, then at
most 0.1 % wide. Merging adds counts, so it is exact, in any order, over any split of the samples.

Source: Gil Tene, HdrHistogram (bucket rule).
"""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Final, Self

_EXACT_BITS: Final = 11
_EXACT: Final = 1 << _EXACT_BITS
_HALF_BITS: Final = _EXACT_BITS - 1
_SHARES: Final = 10**9
"""Shares are told apart to a billionth, so that ranks are whole numbers."""

MILLION: Final = 1_000_000


def bucket_of(microseconds: int) -> int:
    """Return the bucket that counts a latency; what is below zero counts as zero."""
    if microseconds < _EXACT:
        return max(microseconds, 0)
    shift = microseconds.bit_length() - _EXACT_BITS
    return (shift << _HALF_BITS) + (microseconds >> shift)


def bounds_of(bucket: int) -> tuple[int, int]:
    """Return the least and the greatest latency (µs) that a bucket counts."""
    if bucket < _EXACT:
        return bucket, bucket
    shift = (bucket >> _HALF_BITS) - 1
    least = (bucket - (shift << _HALF_BITS)) << shift
    return least, least + (1 << shift) - 1


class Histogram:
    """How many latencies fell in each bucket.

    Attributes:
        counts: Counts by bucket, those above zero.
    """

    __slots__ = ("counts",)

    def __init__(self, counts: Mapping[int, int] | None = None) -> None:
        """Start with these counts, or with none."""
        self.counts: dict[int, int] = dict(counts or {})

    @classmethod
    def of(cls, latencies: Iterable[int]) -> Self:
        """Return the histogram of some latencies (µs)."""
        histogram = cls()
        for latency in latencies:
            histogram.record(latency)
        return histogram

    def record(self, microseconds: int) -> None:
        """Count one latency."""
        bucket = bucket_of(microseconds)
        self.counts[bucket] = self.counts.get(bucket, 0) + 1

    def merge(self, other: "Histogram") -> None:
        """Add what another counted."""
        for bucket, count in other.counts.items():
            self.counts[bucket] = self.counts.get(bucket, 0) + count

    def drain(self) -> "Histogram":
        """Return what was counted, and start again from nothing."""
        drained, self.counts = Histogram(self.counts), {}
        return drained

    @property
    def total(self) -> int:
        """How many latencies were counted."""
        return sum(self.counts.values())

    def percentile(self, percent: float) -> int:
        """Return the latency (µs) at a percentile by nearest rank, the greatest of its bucket.

        Args:
            percent: Above 0, at most 100.

        Raises:
            ValueError: The percentile is none, or nothing was counted.
        """
        if not 0 < percent <= 100:  # noqa: PLR2004 (per cent)
            message = f"percentile {percent}: above 0 and at most 100"
            raise ValueError(message)
        parts = round(percent / 100 * _SHARES)
        rank = max(1, -(-parts * self.total // _SHARES))
        seen = 0
        for bucket in sorted(self.counts):
            seen += self.counts[bucket]
            if seen >= rank:
                return bounds_of(bucket)[1]
        message = "no latency was counted, so that there is no percentile"
        raise ValueError(message)

    def mean(self) -> float:
        """Return the mean latency (µs), each taken for the middle of its bucket; 0 for none."""
        total = self.total
        weighed = sum(sum(bounds_of(bucket)) * count for bucket, count in self.counts.items())
        return weighed / 2 / total if total else 0.0

    def above(self, microseconds: int) -> int:
        """Return how many were slower, those in the bucket of the bound not counted."""
        bound = bucket_of(microseconds)
        return sum(count for bucket, count in self.counts.items() if bucket > bound)

    def digest(self) -> str:
        """Return a digest (SHA-256) of the counts: equal for equal histograms."""
        written = ";".join(f"{bucket}:{self.counts[bucket]}" for bucket in sorted(self.counts))
        return hashlib.sha256(written.encode()).hexdigest()

    def plain(self) -> dict[str, int]:
        """Return the counts as JSON holds them, by bucket."""
        return {str(bucket): self.counts[bucket] for bucket in sorted(self.counts)}

    @classmethod
    def from_plain(cls, plain: Mapping[str, int]) -> Self:
        """Return the histogram that `plain` wrote.

        Raises:
            ValueError: A bucket or a count is no whole number from 0.
        """
        counts = {int(bucket): count for bucket, count in plain.items()}
        if any(bucket < 0 or count < 1 for bucket, count in counts.items()):
            message = "a histogram holds buckets from 0 and counts from 1"
            raise ValueError(message)
        return cls(counts)

    def __eq__(self, other: object) -> bool:
        """Histograms are equal when they count the same."""
        return isinstance(other, Histogram) and self.counts == other.counts

    __hash__ = None  # type: ignore[assignment]  # it changes as it counts


def merged(histograms: Iterable[Histogram]) -> Histogram:
    """Return the histogram of all that some histograms counted."""
    whole = Histogram()
    for histogram in histograms:
        whole.merge(histogram)
    return whole
