"""Measures count from the intended start, and merge by addition."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_load.measures import Measures, Outcome, Second, Step

LOG_IN = Step("holder", "log-in")
READ = Step("holder", "read")
BOUNDS = {LOG_IN: 500_000}
ANSWERS = st.lists(
    st.tuples(
        st.sampled_from([LOG_IN, READ]),
        st.integers(0, 5_000_000),
        st.integers(0, 200_000),
        st.integers(0, 3_000_000),
        st.sampled_from(Outcome),
    ),
    max_size=40,
)


def test_a_late_request_is_slow_from_where_it_was_meant() -> None:
    """Half a second late, answered in ten milliseconds: a person waited for both."""
    measures = Measures(BOUNDS)
    measures.answered(LOG_IN, 1_900_000, 2_400_000, 2_410_000, Outcome.RIGHT)
    one = measures.steps[LOG_IN]

    assert one.response.percentile(50) >= 510_000
    assert one.service.percentile(50) < 10_010
    assert one.seconds == {1: Second(sent=1, within=0)}
    assert one.heat.keys() == {1}


@pytest.mark.parametrize(
    ("response", "outcome", "counts"),
    [
        (500_000, Outcome.RIGHT, Second(1, 1, 0, 0)),
        (500_001, Outcome.RIGHT, Second(1, 0, 0, 0)),
        (1, Outcome.WRONG, Second(1, 0, 1, 0)),
        (1, Outcome.FAILED, Second(1, 0, 0, 1)),
    ],
)
def test_only_what_is_right_and_in_time_is_within(
    response: int, outcome: Outcome, counts: Second
) -> None:
    """To the microsecond; wrong and failed stand apart."""
    measures = Measures(BOUNDS)
    measures.answered(LOG_IN, 0, 0, response, outcome)

    assert measures.steps[LOG_IN].seconds[0] == counts


@given(ANSWERS, st.integers(1, 4))
def test_measures_of_any_split_merge_to_those_of_one(
    answers: list[tuple[Step, int, int, int, Outcome]], workers: int
) -> None:
    """Bit for bit, and through the JSON that workers send."""
    whole, parts = Measures(BOUNDS), [Measures(BOUNDS) for _ in range(workers)]
    for rank, (step, intended, late, took, outcome) in enumerate(answers):
        sent = intended + late
        for one in (whole, parts[rank % workers]):
            one.dispatched(intended, sent)
            one.answered(step, intended, sent, sent + took, outcome)
            one.finished += 1
    together = Measures(BOUNDS)
    for part in parts:
        together.merge(Measures.from_plain(json.loads(json.dumps(part.drain().plain()))))

    assert together.plain() == whole.plain()
    assert [part.plain() for part in parts] == [Measures(BOUNDS).plain()] * workers


def test_measures_under_other_bounds_do_not_merge() -> None:
    """Within would mean two things."""
    with pytest.raises(ValueError, match="other bounds"):
        Measures(BOUNDS).merge(Measures({LOG_IN: 1}))


@pytest.mark.parametrize("plain", [None, {}, {"bounds": {}, "steps": 3}])
def test_measures_that_are_none_are_refused(plain: object) -> None:
    """A message of another version is not taken for measures."""
    with pytest.raises(ValueError, match="validation error"):
        Measures.from_plain(plain)
