"""Times of thought and the chance of a person follow from numbers alone."""

from statistics import median

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_load.journeys import steps, think_seconds
from etalon_load.journeys.thinking import drawn, thought

NUMBERS = st.integers(0, 2**63)


@given(NUMBERS, NUMBERS)
def test_a_draw_follows_from_its_numbers(seed: int, number: int) -> None:
    """From 0 to 1, and the same again."""
    assert 0 <= drawn(seed, number) < 1
    assert drawn(seed, number) == drawn(seed, number)


def test_draws_are_even() -> None:
    """A twentieth of the people of a seed falls into each twentieth, within chance."""
    counts = [0] * 20
    for number in range(20_000):
        counts[int(drawn(7, number) * 20)] += 1

    assert all(850 < count < 1_150 for count in counts)
    assert drawn(7, 1) != drawn(8, 1)


@given(st.floats(0.1, 100), st.floats(0, 1))
def test_nobody_thinks_for_ever(seconds: float, chance: float) -> None:
    """Between a hundredth of the median and five of them."""
    assert seconds / 100 < thought(seconds, chance) <= 5 * seconds


def test_half_of_the_people_think_for_less_than_the_median() -> None:
    """Of a thousand of them, about."""
    times = [thought(10.0, drawn(1, number)) for number in range(1_000)]

    assert median(times) == pytest.approx(10, rel=0.1)


def test_times_of_thought_belong_to_steps() -> None:
    """Each has one, and none is negative."""
    every = {(journey, step) for journey, names in steps().items() for step in names}

    assert set(think_seconds()) == every
    assert min(think_seconds().values()) == 0
