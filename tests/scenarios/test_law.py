"""The law of a run: exact integers, scaled capacities, pinned digests."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_scenarios.curves import (
    ONE,
    QUANTILES,
    exponential,
    exponential_quantiles,
    fixed,
    half_life,
    increments,
)
from etalon_scenarios.law import NEVER, Law, WaveLaw, threshold
from etalon_scenarios.law_building import build_law, lay_out, visit_minutes
from etalon_scenarios.layout import ADULT_BANDS, BANDS
from etalon_scenarios.loading import load_scenario, shipped_scenarios
from etalon_scenarios.population_table import population_table
from etalon_scenarios.timetable import WEB_CLOSES_MINUTE, WEB_OPENS_MINUTE

PEOPLE = 100_000


def law_of(name: str, *changes: str, people: int = PEOPLE) -> Law:
    """Build the law of a shipped scenario."""
    scenario = load_scenario(name, changes)
    table = population_table(scenario)
    layout = lay_out(scenario, table, people)
    return build_law(scenario, table, layout, (scenario.ends_on - scenario.starts_on).days + 1)


def test_exponential_steps_sum_to_the_share_reached() -> None:
    """Integer steps add up to the rounded curve, whatever the day."""
    curve = exponential(Decimal(8), 100)
    steps = increments(curve)

    assert [sum(steps[: day + 1]) for day in (0, 7, 99)] == [fixed(curve[d]) for d in (0, 7, 99)]
    assert float(curve[7]) == pytest.approx(0.6321205588)


def test_half_of_a_shock_has_come_after_its_half_life() -> None:
    """The curve of a shock of half-life ten days is at one half on the evening of day 9."""
    assert half_life(Decimal(10), 20)[9].quantize(Decimal("1e-15")) == Decimal("0.5")


def test_quantiles_of_a_duration_have_the_mean_asked_for() -> None:
    """Equally likely lengths of a call of eight minutes average eight minutes."""
    lengths = exponential_quantiles(Decimal(480_000_000))

    assert len(lengths) == QUANTILES
    assert sum(lengths) / QUANTILES == pytest.approx(480_000_000, rel=1e-3)
    assert list(lengths) == sorted(lengths)


def test_visit_minutes_lie_within_the_hours_of_the_web_site() -> None:
    """Every minute of the table of hours can occur, none outside."""
    minutes = visit_minutes()

    assert min(minutes) == WEB_OPENS_MINUTE
    assert max(minutes) == WEB_CLOSES_MINUTE - 1
    assert list(minutes) == sorted(minutes)
    assert len(set(minutes)) == WEB_CLOSES_MINUTE - WEB_OPENS_MINUTE


@given(st.integers(0, ONE - 1), st.integers(1, ONE), st.integers(0, 3 * ONE))
def test_a_share_level_times_attention_has_passed_its_threshold(
    drawn: int, level: int, attention: int
) -> None:
    """`threshold < attention` means exactly draw < level x attention."""
    assert (threshold(drawn, level) < attention) == (drawn * ONE < level * attention)


def test_a_level_of_zero_is_never_reached() -> None:
    """Nobody of a class without intention decides, whatever the attention."""
    assert threshold(0, 0) == NEVER


@pytest.mark.parametrize("order", ["spread", "department"])
def test_every_working_day_of_a_wave_sends_and_no_other_day(order: str) -> None:
    """Positions cover the days of a wave; in order of département the days never go back."""
    sizes = (4_000, 1_000, 5_000)
    spread = order == "spread"
    wave = WaveLaw(
        days=(0, 1, 4, 5, 6),
        before=(0, 0, 0) if spread else (0, 4_000, 5_000),
        size=(10_000,) * 3 if spread else sizes,
        total=10_000,
    )
    sent = [
        wave.send_day(department, position << 20)
        for department in range(3)
        for position in range(4096)
    ]

    assert set(sent) == {0, 1, 4, 5, 6}
    if not spread:
        assert sent == sorted(sent)


def test_the_mean_level_of_adults_is_the_intent_whatever_the_gradients() -> None:
    """Age, sex and département gradients are centred on the adults of the scenario."""
    scenario = load_scenario("pilot-2021")
    table, law = population_table(scenario), law_of("pilot-2021")
    weight = total = 0
    for department, code in enumerate(table.departments):
        for band in ADULT_BANDS:
            for sex in (0, 1):
                people = table.counts[code][band][sex]
                weight += people
                total += people * law.response.oppose[(department * BANDS + band) * 2 + sex]

    assert total / weight / ONE == pytest.approx(float(scenario.intent.opposition.value), rel=1e-6)


@pytest.mark.parametrize(
    ("people", "expected"), [(1, 1), (34_509, 1), (34_510, 2), (345_092, 10), (3_450_925, 100)]
)
def test_a_capacity_is_scaled_once_rounded_up_and_never_nothing(people: int, expected: int) -> None:
    """A hundred agents for the whole pilot become their share of a part of it."""
    assert law_of("pilot-2021", "hotline.agents=100", people=people).phone.agents == expected


def test_the_law_does_not_know_the_seed_of_a_run() -> None:
    """A scenario's law has one digest, whatever will be drawn under it."""
    assert law_of("pilot-2021").digest == law_of("pilot-2021", "scenario.seed=7").digest


def test_another_number_makes_another_digest() -> None:
    """The digest covers what decides."""
    assert law_of("pilot-2021").digest != law_of("pilot-2021", "response.tau_days=9").digest


@pytest.mark.parametrize(
    ("window", "sent", "ends"),
    [("P6W", 0, 42), ("P30D", 0, 30), ("P1M", 0, 31), ("P1M", 1, 31), ("P1M", 2, 32)],
)
def test_windows_are_civil(window: str, sent: int, ends: int) -> None:
    """A month from 30 August is 30 September, from 31 August too, from 1 September 1 October."""
    law = law_of("pilot-2021", f"enrolment.opposition_window={window}")

    assert law.opening.window_ends[sent] == ends


def test_the_digests_of_the_shipped_laws_are_those_pinned() -> None:
    """The integers of a shipped scenario are the same on every machine and Python."""
    assert {name: law_of(name).digest[:16] for name in shipped_scenarios()} == PINNED


PINNED = {
    "all-letters": "e63c7bbd1180edae",
    "big-bang": "334b2afbb581486c",
    "dmp-opt-in": "bf140f757da427bc",
    "early-opening": "b158dfb7e07df3c1",
    "launch-2022": "81838d9a806082b1",
    "letters-to-excluded": "ddb9c0f2f4e375d0",
    "letters-to-seniors": "27eebceed4afc58c",
    "opt-in": "9e1bca3f8e137370",
    "pilot-2021": "d1f3780430f81cfb",
    "pilot-announced": "22a7fe2b4cc5586e",
    "press-scare": "11b9db7cef0c38fc",
    "reminder-day-28": "1c8d2522c8972a2b",
    "small-hotline": "8e1f0757601341e6",
    "stress-500-million": "29d9e2c23b9c6a03",
    "template-new-scheme": "d1f3780430f81cfb",
    "ten-week-window": "73774ccdba0faaf7",
    "trust-falls": "d204bd1dc493ad63",
}
"""First digits of `law_digest` at 100 000 people; a change here changes every published figure."""
