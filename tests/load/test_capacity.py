"""Capacity is searched by objective; laws say nothing far from what was measured."""

from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etalon_load.capacity import (
    CapacityError,
    Scalability,
    cores_for,
    fitted,
    reckoned,
    search,
    zones_for,
)
from etalon_load.queueing import longer_than
from etalon_load.verdicts import Verdict

BLAZE = ((1, 1405), (2, 3907), (4, 7248), (8, 13381), (16, 23678), (32, 38314), (48, 45679))
"""Reads a second of a FHIR server by number of clients, as its project publishes them."""


@given(st.floats(1, 900), st.floats(1, 200))
@settings(max_examples=settings().max_examples // 2)
def test_a_search_ends_within_a_twentieth_of_the_limit(limit: float, first: float) -> None:
    """Wherever it begins, and the limit lies between what held and what did not."""
    found = search(lambda rate: Verdict.PASS if rate <= limit else Verdict.FAIL, first, 1_000)

    assert found.held <= limit < found.missed
    assert found.missed - found.held <= 0.05 * found.missed
    assert len(found.probes) <= 20


@given(st.floats(20, 900), st.floats(10, 200), st.floats(0.5, 1.5))
@settings(max_examples=settings().max_examples // 2)
def test_what_a_system_got_through_never_misleads_a_search(
    limit: float, first: float, share: float
) -> None:
    """However wrong it is, the limit lies within the interval."""
    found = search(
        lambda rate: Verdict.PASS if rate <= limit else Verdict.FAIL,
        first,
        1_000,
        carried=lambda: limit * share,
    )

    assert found.held <= limit < found.missed
    assert found.missed - found.held <= 0.05 * found.missed


def test_what_a_system_got_through_shortens_a_search() -> None:
    """Beyond the rate that was too much, two runs are enough where halving takes five."""

    def rates(carried: Callable[[], float] | None) -> list[float]:
        found = search(
            lambda rate: Verdict.PASS if rate <= 200 else Verdict.FAIL, 60, 1_000, carried=carried
        )
        return [round(probe.rate, 1) for probe in found.probes]

    assert rates(lambda: 198.0) == [60, 120, 240, 193.5, 203.2]
    assert len(rates(None)) == 7


@pytest.mark.parametrize("second", [Verdict.FAIL, Verdict.INCONCLUSIVE])
def test_what_holds_once_above_what_was_got_through_is_tried_again(second: Verdict) -> None:
    """A short run passes beyond the capacity: the queue had no time to grow."""
    answers = iter([Verdict.PASS, Verdict.FAIL, Verdict.PASS, Verdict.PASS, second])
    found = search(lambda _: next(answers), 100, 1_000, carried=lambda: 150.0)

    assert [round(probe.rate, 1) for probe in found.probes] == [100, 200, 146.6, 153.9, 153.9]
    assert (round(found.held, 1), round(found.missed, 1)) == (146.6, 153.9)


def test_a_search_finds_where_a_queue_ceases_to_hold() -> None:
    """Four servers, one in a hundred slower than 120 ms."""

    def probe(rate: float) -> Verdict:
        stable = rate < 200 and longer_than(0.12, 4, rate, 0.02) <= 0.01
        return Verdict.PASS if stable else Verdict.FAIL

    found = search(probe, 20, 1_000)
    assert longer_than(0.12, 4, found.held, 0.02) <= 0.01 < longer_than(0.12, 4, found.missed, 0.02)


def test_a_system_that_holds_at_the_greatest_rate_has_no_upper_end() -> None:
    """Nothing is said beyond what was tried."""
    found = search(lambda _: Verdict.PASS, 100, 300)

    assert (found.held, found.missed) == (300, float("inf"))
    assert [probe.rate for probe in found.probes] == [100, 200, 300]


def test_what_is_not_known_to_hold_is_tried_once_more() -> None:
    """Then it counts as not holding."""
    answers = iter([Verdict.INCONCLUSIVE, Verdict.PASS, *[Verdict.INCONCLUSIVE] * 40])
    found = search(lambda _: next(answers), 100, 1_000, precision=0.5)

    assert found.held == 100
    assert [probe.verdict for probe in found.probes[:4]] == [
        Verdict.INCONCLUSIVE,
        Verdict.PASS,
        Verdict.INCONCLUSIVE,
        Verdict.INCONCLUSIVE,
    ]


def test_a_generator_at_its_end_is_no_capacity() -> None:
    """The search stops and says who was too slow."""
    with pytest.raises(CapacityError, match="give the generator more room"):
        search(lambda _: Verdict.INVALID, 100, 1_000)


@given(st.floats(10, 5_000), st.floats(0, 0.2), st.floats(0, 0.01))
@settings(max_examples=settings().max_examples // 2)
def test_a_law_is_found_again_from_its_own_points(
    unit: float, contention: float, coherency: float
) -> None:
    """Whatever its coefficients, zero included."""
    law = Scalability(unit, contention, coherency, 32)
    again = fitted([(n, law.at(n)) for n in (1, 2, 4, 8, 16, 32)])

    assert again.at(48) == pytest.approx(law.at(48), rel=1e-4)
    assert again.contention >= 0
    assert again.coherency >= 0


def test_a_law_is_not_asked_beyond_twice_what_was_measured() -> None:
    """However well it fits."""
    law = fitted(BLAZE)
    assert law.at(96) > 0
    with pytest.raises(CapacityError, match="beyond 2 times"):
        law.at(97)


def test_a_reckoned_throughput_has_an_interval_and_an_error_held_out() -> None:
    """The greatest N measured is foretold without it; 64 clients gave 48 868 reads a second."""
    found = reckoned(BLAZE, 64, seed=1)

    assert found.low < found.rate < found.high
    assert -0.2 < found.held_out < 0.1
    assert found.rate == pytest.approx(48_868, rel=0.1)


@pytest.mark.parametrize(
    "points", [((1, 10), (2, 20), (4, 39)), ((1, 10), (2, 0), (4, 3), (8, 5)), ((1, 1),) * 6]
)
def test_too_few_points_make_no_law(points: tuple[tuple[float, float], ...]) -> None:
    """Four different N, each with a throughput."""
    with pytest.raises(CapacityError, match="4 different N"):
        fitted(points)


@pytest.mark.parametrize(
    ("rate", "used", "spare", "cores"),
    [(1_000, 0.6, 0, 4), (1_000, 0.6, 1, 5), (1_200, 0.6, 0, 4), (1_201, 0.6, 0, 5)],
)
def test_cores_follow_from_the_utilisation_law(
    rate: float, used: float, spare: int, cores: int
) -> None:
    """Two milliseconds an answer: half a thousand a second fill a core."""
    assert cores_for(rate, 0.002, used, spare) == cores


@pytest.mark.parametrize(("cores", "zones", "each"), [(10, 2, 10), (10, 3, 5), (11, 3, 6)])
def test_a_zone_may_be_lost(cores: int, zones: int, each: int) -> None:
    """The others carry all."""
    assert zones_for(cores, zones) == each
    with pytest.raises(CapacityError, match="two at least"):
        zones_for(cores, 1)
