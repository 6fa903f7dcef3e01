"""Draws within their ranges, the interval they give and the parameters that make it."""

from decimal import Decimal
from random import Random
from statistics import correlation

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_scenarios.headlines import Headline
from etalon_scenarios.knowledge import (
    drawn_values,
    drivers,
    even_halves,
    interval,
    range_of,
    ratios,
    uniform,
)
from etalon_scenarios.loading import load_scenario

PILOT = load_scenario("pilot-2021")
SHARES = st.decimals(0, 1, places=6)


@pytest.mark.parametrize(
    ("share", "value"),
    [("0", "1"), ("0.25", "1.5"), ("0.5", "2"), ("0.75", "3.5"), ("1", "5")],
)
def test_the_central_value_is_the_median_of_the_draws(share: str, value: str) -> None:
    """On [1, 5] around 2, half of the mass lies below 2 and each half is even."""
    found = even_halves(Decimal(share), Decimal(1), Decimal(2), Decimal(5))

    assert found == Decimal(value)


@given(share=SHARES, ends=st.tuples(SHARES, SHARES), mode=SHARES)
def test_a_drawn_value_lies_within_its_range(
    share: Decimal, ends: tuple[Decimal, Decimal], mode: Decimal
) -> None:
    """Whatever the central value, even a user's own outside the range."""
    low, high = sorted(ends)

    assert low <= even_halves(share, low, mode, high) <= high


@given(seed=st.integers(0, 2**64 - 1), draw=st.integers(0, 1000))
def test_a_draw_depends_on_seed_number_and_path_alone(seed: int, draw: int) -> None:
    """Leaving parameters out, or turning them round, changes no other value."""
    parameters = PILOT.parameters()

    whole = drawn_values(parameters, seed, draw)
    half = drawn_values(parameters[::-2], seed, draw)

    assert half == {path: value for path, value in whole.items() if path in half}
    assert len(half) >= len(whole) // 2 - 1


def test_every_parameter_with_a_range_is_drawn_within_it() -> None:
    """Ten draws of the pilot: none missing, none outside."""
    ranges = {path: range_of(parameter) for path, parameter in PILOT.parameters()}

    for draw in range(10):
        values = drawn_values(PILOT.parameters(), 7, draw)

        assert set(values) == {path for path, (low, _, high) in ranges.items() if low < high}
        assert all(ranges[path][0] <= v <= ranges[path][2] for path, v in values.items())
        assert PILOT.with_values(values).name == "pilot-2021"


@given(seed=st.integers(0, 2**64 - 1), block=st.integers(0, 60))
def test_sixteen_draws_cover_a_range_evenly(seed: int, block: int) -> None:
    """Each block of sixteen draws has one number in every sixteenth, in an order of its own."""
    draws = range(16 * block, 16 * block + 16)

    strata = {
        path: [int(16 * uniform(seed, draw, path)) for draw in draws]
        for path in ("reading.email", "reading.letter")
    }

    assert all(sorted(ranks) == list(range(16)) for ranks in strata.values())
    assert strata["reading.email"] != strata["reading.letter"]


def test_parameters_are_drawn_independently() -> None:
    """Over 640 draws two parameters are hardly correlated, and so are neighbouring draws."""
    email = [float(uniform(7, draw, "reading.email")) for draw in range(640)]
    letter = [float(uniform(7, draw, "reading.letter")) for draw in range(640)]

    assert abs(correlation(email, letter)) < 0.1
    assert abs(correlation(email[1:], email[:-1])) < 0.15


def test_the_interval_is_the_spread_of_the_ratio_applied_to_the_headline() -> None:
    """Ratios 0.5 to 1.5 in eleven steps: the first and the last decile are 0.6 and 1.4."""
    spread = [0.5 + rank / 10 for rank in range(11)]

    assert interval(0.01, spread) == [0.006, 0.014]


@pytest.mark.parametrize(
    ("headline", "spread"), [(None, [1.0] * 20), (0.01, None), (0.01, [1.0] * 7)]
)
def test_no_interval_is_given_where_too_little_is_known(
    headline: float | None, spread: list[float] | None
) -> None:
    """No headline, no ratio, or fewer than eight draws."""
    assert interval(headline, spread) is None


@pytest.mark.parametrize(("events", "told"), [(29, False), (30, True)])
def test_a_headline_of_few_events_has_no_ratio(events: int, *, told: bool) -> None:
    """Chance alone would move it: thirty events are the least."""
    central = {"closure_rate": Headline(0.1, events)}
    draws = [{"closure_rate": Headline(0.2, events)}]

    assert (ratios("closure_rate", central, draws) == [2.0]) is told


def invented_draws(
    effects: dict[str, float], noise: float, draws: int
) -> tuple[list[dict[str, Decimal]], list[float]]:
    """Draw thirty parameters, of which some act on a headline."""
    chance = Random(3)  # noqa: S311 (a simulation)
    names = [f"p{rank:02}" for rank in range(30)]
    values = [{name: Decimal(str(chance.random())) for name in names} for _ in range(draws)]
    spread = [
        1
        + sum(effect * float(drawn[name]) for name, effect in effects.items())
        + noise * chance.gauss(0, 1)
        for drawn in values
    ]
    return values, spread


@pytest.mark.parametrize("draws", [32, 64])
def test_the_drivers_are_the_parameters_that_act(draws: int) -> None:
    """Two of thirty act, the first a little more; together they make nearly all of it."""
    values, spread = invented_draws({"p05": 1.0, "p17": 0.8}, 0.05, draws)

    found = drivers(values, spread)

    assert [driver.path for driver in found][:2] == ["p05", "p17"]
    assert len(found) <= 2
    assert sum(driver.share for driver in found) > 0.95


def test_noise_has_no_driver() -> None:
    """Where no parameter acts, none is named, however well one fits by chance."""
    values, spread = invented_draws({}, 1.0, 64)

    assert drivers(values, spread) == []


def test_what_few_draws_cannot_tell_is_not_told() -> None:
    """Seven draws name nobody."""
    values, spread = invented_draws({"p05": 2.0}, 0.0, 7)

    assert drivers(values, spread) == []
