"""When a service is itself again is read from the seconds before it went away."""

import pytest

from etalon_load.histogram import Histogram
from etalon_load.measures import Measured, Second
from etalon_load.recovering import failed_between, settled_at

SECOND = 1_000_000
USUAL = (10_000, 0)
SLOW = (900_000, 0)
FAILING = (2_000, 9)


def run(*seconds: tuple[int, int] | None) -> Measured:
    """A run whose seconds have a latency (µs) and failures of ten requests; None when silent."""
    whole = Measured()
    for second, told in enumerate(seconds):
        if told is not None:
            latency, failed = told
            whole.heat[second] = Histogram.of([latency] * 10)
            whole.seconds[second] = Second(sent=10, within=10 - failed, failed=failed)
    return whole


@pytest.mark.parametrize(
    ("before", "after", "settled"),
    [
        ([USUAL] * 5, [SLOW] * 2 + [USUAL] * 5, 7),
        ([USUAL] * 5, [FAILING] * 3 + [USUAL] * 5, 8),
        ([USUAL] * 5, [SLOW, USUAL, SLOW] + [USUAL] * 3, 8),
        ([USUAL] * 5, [SLOW, None, USUAL, USUAL, USUAL], 7),
        ([USUAL] * 5, [SLOW] * 7, None),
        ([USUAL] * 5, [SLOW] * 4 + [USUAL] * 2, None),
        ([USUAL] * 2, [SLOW] + [USUAL] * 9, None),
        ([(8_000, 0), (12_000, 0), (9_000, 0), (11_000, 0)], [SLOW] * 2 + [USUAL] * 4, 6),
        ([USUAL] * 3 + [FAILING] * 2, [FAILING] * 2 + [USUAL] * 4, 6),
    ],
)  # fmt: skip
def test_a_service_is_itself_again_after_three_usual_seconds(
    before: list[tuple[int, int]], after: list[tuple[int, int] | None], settled: int | None
) -> None:
    """Slow and failing seconds are not; nor is it told without seconds enough before or after."""
    gone, length = len(before) * SECOND, len(before) + len(after)
    found = settled_at(run(*before, *after), gone, gone + 400_000, length)

    assert found == (None if settled is None else settled * SECOND)


def test_failures_are_counted_over_the_seconds_touched() -> None:
    """Those meant for before and after are none of it."""
    whole = run(USUAL, FAILING, FAILING, (2_000, 1))

    assert failed_between(whole, 1_400_000, 2_600_000) == 18
    assert failed_between(whole, 1_400_000, 3_000_000) == 18
    assert failed_between(whole, 1_400_000, 3_000_001) == 19
