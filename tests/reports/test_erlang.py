"""The formulas of telephone queues give the values published for them."""

from __future__ import annotations

import pytest

from etalon_reports.erlang import (
    Exchange,
    answered_within,
    erlang_a,
    erlang_c,
    fewest_agents,
)

# A call centre of 50 agents, 48 calls a minute of one minute each, patience of two minutes.
# O. Garnett, A. Mandelbaum, M. Reiman, "Designing a call center with impatient customers",
# Manufacturing & Service Operations Management 4(3), 2002.
CENTRE = Exchange(agents=50, places=2_000, service=1.0, patience=2.0)


def test_erlang_c_gives_its_published_value() -> None:
    """Ten erlangs and fourteen agents: 17.4 % wait, 88.8 % are answered within 20 seconds."""
    assert erlang_c(10, 14) == pytest.approx(0.1741, abs=5e-5)
    assert answered_within(1 / 3, 10 / 3, 3, 14) == pytest.approx(0.888, abs=5e-4)


@pytest.mark.parametrize(("load", "agents", "waits"), [(1, 1, 1.0), (1, 2, 1 / 3), (2, 3, 4 / 9)])
def test_erlang_c_of_small_exchanges_is_that_of_the_hand_calculation(
    load: float, agents: int, waits: float
) -> None:
    """One, two and three agents, from the fractions themselves."""
    assert erlang_c(load, agents) == pytest.approx(waits)


def test_nobody_is_answered_in_time_by_too_few_agents() -> None:
    """Without impatience, a load above the agents makes everybody wait for ever."""
    assert erlang_c(60, 50) == 1
    assert answered_within(1, 60, 1, 50) == 0


def test_nobody_waits_where_nobody_calls() -> None:
    """An empty exchange has no queue."""
    assert erlang_c(0, 3) == 0


def test_erlang_a_gives_its_published_values() -> None:
    """3.1 % leave and the mean wait is 3.7 seconds, where Erlang C says 20.8 seconds."""
    met = erlang_a(48, CENTRE)

    assert met.abandoned == pytest.approx(0.031, abs=5e-4)
    assert met.mean_wait * 60 == pytest.approx(3.7, abs=0.05)
    assert erlang_c(48, 50) / (50 - 48) * 60 == pytest.approx(20.8, abs=0.05)


def test_endless_patience_and_endless_places_make_erlang_c() -> None:
    """The two formulas meet where both hold."""
    met = erlang_a(48, CENTRE._replace(patience=1e9, places=20_000))

    assert met.waits == pytest.approx(erlang_c(48, 50), abs=1e-6)


def test_without_places_erlang_a_is_erlang_b() -> None:
    """Ten erlangs on ten lines lose 21.46 % of the calls."""
    met = erlang_a(10, Exchange(agents=10, places=0, service=1, patience=1))

    assert met.blocked == pytest.approx(0.2146, abs=5e-5)
    assert met.abandoned == 0
    assert met.lost == met.waits


def test_what_is_answered_keeps_the_agents_as_busy_as_the_load_says() -> None:
    """Calls that are neither blocked nor abandoned are served: at most one erlang an agent."""
    crowded = Exchange(agents=100, places=50, service=8, patience=6)

    met = erlang_a(40, crowded)

    assert 40 * (1 - met.lost) * 8 <= 100
    assert 40 * (1 - met.lost) * 8 == pytest.approx(100, rel=0.01)


def test_the_fewest_agents_are_enough_and_one_less_is_not() -> None:
    """Fourteen agents answer eight calls in ten within 20 seconds, thirteen do not."""

    def enough(agents: int) -> bool:
        return answered_within(1 / 3, 10 / 3, 3, agents) >= 0.8

    agents = fewest_agents(enough)

    assert enough(agents)
    assert not enough(agents - 1)
    assert agents == 14
