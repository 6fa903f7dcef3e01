"""Sleepers: who wakes when the attention of their cohort has passed their threshold."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from etalon_scenarios.cohort.attention import HIGHEST, Sleepers
from etalon_scenarios.cohort.compiled import sleeping
from etalon_scenarios.law import NEVER

THRESHOLDS = st.one_of(st.integers(0, 9), st.just(HIGHEST), st.just(HIGHEST + 7))
COHORTS = st.lists(st.lists(THRESHOLDS, max_size=6), min_size=1, max_size=4)


def asleep(days: list[list[list[int]]]) -> list[dict[int, int]]:
    """Number people through, and say by cohort who sleeps until which attention."""
    cohorts, number = list[dict[int, int]](), 0
    for thresholds in (one for arriving in days for one in arriving):
        cohorts.append(dict(enumerate(sorted(thresholds), start=number)))
        number += len(thresholds)
    return cohorts


@given(st.lists(COHORTS, min_size=1, max_size=3), st.data())
def test_those_wake_whose_threshold_is_below_the_attention_of_their_cohort(
    days: list[list[list[int]]], data: st.DataObject
) -> None:
    """Cohorts that arrive on several days, some empty; each person wakes once, or never."""
    cohorts, sleepers = asleep(days), Sleepers()
    here: list[dict[int, int]] = []
    for arriving in days:
        some = cohorts[len(here) : len(here) + len(arriving)]
        here += some
        sleepers.add(
            [
                (np.array([*one], dtype=np.int32), np.array([*one.values()], dtype=np.int64))
                for one in some
            ]
        )
        reached = data.draw(st.lists(st.integers(0, 11), min_size=len(here), max_size=len(here)))
        waking, awake = sleepers.wake(np.array(reached, dtype=np.int64))

        found = {cohort: part.tolist() for cohort, part in zip(waking.tolist(), awake, strict=True)}
        due = {
            cohort: [person for person, threshold in one.items() if threshold < limit]
            for cohort, (one, limit) in enumerate(zip(here, reached, strict=True))
        }
        assert found == {cohort: persons for cohort, persons in due.items() if persons}
        for cohort, persons in due.items():
            for person in persons:
                del here[cohort][person]
        left = [min([*one.values(), NEVER]) for one in here]
        assert sleepers.next.tolist() == [
            low if low == NEVER else min(low, HIGHEST) for low in left
        ]


@given(st.lists(st.integers(0, 2**31 - 1), max_size=40))
def test_compiled_numbers_in_order_are_in_order(numbers: list[int]) -> None:
    """Digit by digit, up to the largest number."""
    assert sleeping.by_number(np.array(numbers, dtype=np.int32)).tolist() == sorted(numbers)
