"""A stall is told from one slow answer, from a share of slow ones and from a queue that grew."""

from collections.abc import Iterable

import pytest

from etalon_load.histogram import Histogram
from etalon_load.journeys import by_the_sandbox, steps
from etalon_load.stalls import Answered, Stall, stalls_of

SECOND = 1_000_000
QUICK = 10_000
EVERY = 10_000
"""An answer each hundredth of a second."""


def found(answers: Iterable[Answered]) -> tuple[Stall, ...]:
    """The stalls of a run that had such answers, the hundred slowest told."""
    heat: dict[int, Histogram] = {}
    ordered = sorted(answers, key=lambda one: -one.response_us)
    for one in ordered:
        heat.setdefault(one.at // SECOND, Histogram()).record(one.response_us)
    return stalls_of(ordered[:100], heat)


def run(*stalls: tuple[int, int], seconds: int = 20) -> list[Answered]:
    """Answers of a run in which nothing was answered from one instant to another (µs)."""
    return [
        Answered(at, max([QUICK, *(last - at for first, last in stalls if first <= at < last)]))
        for at in range(0, seconds * SECOND, EVERY)
    ]


@pytest.mark.parametrize("at", [4_000_000, 4_370_000, 4_990_000])
@pytest.mark.parametrize("length", [400_000, 1_000_000, 2_000_000, 5_500_000])
def test_a_stall_is_told_wherever_it_begins_and_however_long_it_is(at: int, length: int) -> None:
    """To the hundredth of a second at which answers were asked for."""
    [stall] = found(run((at, at + length)))

    assert stall.at_us == pytest.approx(at, abs=EVERY)
    assert stall.length_us == pytest.approx(length, abs=EVERY)
    assert stall.held_up == pytest.approx(0.9 * length / EVERY, rel=0.05)


def test_two_stalls_are_told_apart_in_their_order() -> None:
    """The longer one comes later, and is told later."""
    stalls = found(run((3_000_000, 3_900_000), (12_000_000, 13_000_000)))

    assert [stall.at_us // SECOND for stall in stalls] == [3, 12]


def test_one_slow_answer_is_no_stall() -> None:
    """Those who came beside it did not wait."""
    assert found([*run(), Answered(5_000_001, 3_000_000)]) == ()


def test_a_share_of_slow_answers_is_no_stall() -> None:
    """Every fifth waits two seconds: the others do not."""
    slow = [Answered(at, 2_000_000) for at in range(2_000_000, 8_000_000, 5 * EVERY)]

    assert found([*run(), *slow]) == ()


def test_a_queue_that_grows_is_no_stall() -> None:
    """Waiting rises by half a second a second: nobody stopped answering."""
    growing = [Answered(at, QUICK + at // 2) for at in range(0, 10 * SECOND, EVERY)]

    assert found(growing) == ()


@pytest.mark.parametrize("answers", [[], run(seconds=3), run((1_000_000, 1_200_000))])
def test_nothing_is_made_up(answers: list[Answered]) -> None:
    """No answers, quick ones, and a wait of a fifth of a second: no stall."""
    assert found(answers) == ()


def test_what_a_sandbox_answers_tells_nothing_of_the_service() -> None:
    """Its faults spare it: tokens that it gives are the only steps of journeys it answers."""
    spared = by_the_sandbox()

    assert {name for _, name in spared} == {"token"}
    assert spared < {(journey, name) for journey, names in steps().items() for name in names}
