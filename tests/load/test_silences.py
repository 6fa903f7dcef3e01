"""A service that stands still is seen by what it does not answer, however long its queue is."""

import pytest

from etalon_load.silences import Listening, Silence, heard_by_nobody, stalls_in
from etalon_load.stalls import Stall

MS = 1000


def heard(rate: int, stall: tuple[int, int], backlog: int = 0, first: int = 0) -> list[Silence]:
    """What one worker heard in ten seconds: all even but for a stall, each after a queue."""
    listening = Listening()
    for intended in range(first * MS, (10_000 - backlog) * MS, 1_000_000 // rate):
        at = intended + backlog * MS
        listening.answered(stall[1] * MS if stall[0] * MS <= at < stall[1] * MS else at, intended)
    return listening.until(10_000 * MS)


@pytest.mark.parametrize("backlog", [0, 1_500])
def test_a_stall_is_told_with_its_instant_and_its_length(backlog: int) -> None:
    """Those who were meant for before its end waited; a queue of seconds changes nothing."""
    stall = stalls_in(heard(200, (4_000, 6_000), backlog))[-1]

    assert abs(stall.at_us - 4_000 * MS) <= 5 * MS
    assert abs(stall.length_us - 2_000 * MS) <= 5 * MS
    assert abs(stall.held_up - 200 * (2_000 + backlog) // 1000) <= 2


def test_where_little_is_to_be_answered_silence_says_nothing() -> None:
    """One request a second, each answered at once."""
    assert stalls_in(heard(1, (0, 0))) == ()


def test_what_one_worker_heard_was_answered() -> None:
    """Silences of two workers count where they meet."""
    both = heard_by_nobody([heard(100, (2_000, 4_000), 500), heard(100, (3_000, 5_000), 500, 7)])
    stall = stalls_in(both)[-1]

    assert abs(stall.at_us - 3_000 * MS) <= 10 * MS
    assert abs(stall.length_us - 1_000 * MS) <= 20 * MS
    assert heard_by_nobody([heard(100, (2_000, 3_000)), heard(100, (4_000, 5_000))]) == []


def test_a_service_that_is_gone_is_silent_to_the_end() -> None:
    """Every request is given up; none comes back."""
    listening = Listening()
    listening.answered(1_000 * MS, 990 * MS)
    for _ in range(30):
        listening.gave_up()

    assert stalls_in(listening.until(9_000 * MS)) == (Stall(1_000 * MS, 8_000 * MS, 30),)
