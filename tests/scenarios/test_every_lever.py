"""Every lever of the table moves the run: none is decoration."""

from __future__ import annotations

import datetime as dt
from functools import cache
from typing import TYPE_CHECKING

import pytest

from etalon_scenarios.agents import simulate
from etalon_scenarios.levers import levers
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.summary import summarise

if TYPE_CHECKING:
    from pathlib import Path

UNTIL = dt.date(2021, 10, 20)
PEOPLE = 700
ASSUMED = 'certainty="assumption", source="none"'
BIG_BANG = "waves.0.last_on=2021-08-30"
CROWD = (
    BIG_BANG,
    "intent.activation=1",
    "response.activation_fast_share=1",
    "response.activation_fast_tau_days=0.1",
    "website.returns=0",
)
CALLERS = (BIG_BANG, "hotline.information_calls=1", "hotline.agents=1", "hotline.lines=1")
SCARE = ("media.shock_on=2021-09-20", "intent.opposition=0.1")
NARROW = "website.admissions_per_minute=1"

MOVES = {
    "enrolment.opposition_window": ("enrolment.opposition_window=P3W",),
    "enrolment.code_validity": ("enrolment.code_validity=P2W",),
    "notices.email_share": (f"notices.email_share=[{', '.join(['0.3'] * 20)}]",),
    "notices.letter_from_age": ("notices.letter_from_age=70",),
    "notices.letter_to_excluded": ("notices.letter_to_excluded=true",),
    "notices.second_channel": ("notices.second_channel=none",),
    "reading.excluded_factor": ("reading.excluded_factor=0.2",),
    "reminders": ("reminders=[{after_days=14}]",),
    "response.reminder_surge": (
        "response.reminder_surge=1",
        "reminders=[{after_days=14}]",
        "intent.opposition=0.3",
    ),
    "waves.volume": (
        'waves=[{first_on=2021-08-30, volume=500000, departments="all", order="spread"}]',
    ),
    "waves.last_on": (BIG_BANG,),
    "waves.order": ("waves.0.order=reverse",),
    "post.letters_per_day": ("post.letters_per_day=5000",),
    "creation.starts_on": ("creation.starts_on=2021-10-14",),
    "creation.clock": ("creation.clock=last-wave",),
    "creation.per_day": ("creation.per_day=20000",),
    "minors.rule": ("minors.rule=not-opened",),
    "hotline.agents": ("hotline.agents=90000", *CALLERS),
    "hotline.lines": ("hotline.lines=90000", *CALLERS),
    "hotline.opens": ("hotline.opens=12:00", *CALLERS),
    "hotline.closes": ("hotline.closes=12:00", *CALLERS),
    "hotline.open_on": ("hotline.open_on=monday-to-saturday", *CALLERS),
    "website.admissions_per_minute": ("website.admissions_per_minute=9000000", *CROWD),
    "website.calls_after_refusal": ("website.calls_after_refusal=1", NARROW, *CROWD),
    "media.shock_on": ("media.shock_on=2021-09-20", "intent.opposition=0.1"),
    "media.shock_size": ("media.shock_size=0.5", *SCARE),
    "media.half_life_days": ("media.half_life_days=2", *SCARE),
    "media.trigger_share": (
        f'media.trigger_share={{value=0.001, low=0.001, high=0.001, unit="share", {ASSUMED}}}',
        "intent.opposition=0.1",
    ),
    "intent.trust_shift": ("intent.trust_shift=-60", "intent.opposition=0.1"),
    "response.deadline_publicity": ("response.deadline_publicity=2", "intent.opposition=0.1"),
    "scenario.random": ("scenario.random=philox4x32-10",),
    "costs.letter": ("costs.letter=2",),
    "costs.email": ("costs.email=2",),
    "costs.call": ("costs.call=20",),
}
"""Lever -> the change that moves it, then the setting in which it bites."""

ELSEWHERE = {
    "enrolment.mode": "dmp-opt-in: nobody is notified",
    "platform.capacity": "a file of its own",
}


@cache
def outcome(*changes: str) -> tuple[str, object]:
    """Return the digest of a small pilot and its cost."""
    scenario = load_scenario("pilot-2021", changes)
    run = simulate(scenario, population=PEOPLE, seed=5, until=UNTIL)
    return run.ledger.digest(), summarise(run, scenario)["cost_eur"]


def test_every_lever_has_its_pair_here() -> None:
    """The table of levers and the pairs of this module name the same keys."""
    assert {lever.key for lever in levers()} == {*MOVES, *ELSEWHERE}


@pytest.mark.parametrize("key", MOVES)
def test_a_lever_moves_the_run(key: str) -> None:
    """With the lever moved and all else equal the ledger is another one, or its cost alone."""
    change, *setting = MOVES[key]
    before, after = outcome(*setting), outcome(*setting, change)
    moves = {lever.moves for lever in levers() if lever.key == key}

    assert ({"ledger"} if before[0] != after[0] else {"cost"}) == moves
    assert before != after


def test_a_scheme_on_request_is_another_run() -> None:
    """Nobody is notified; records are asked for."""
    scenario = load_scenario("dmp-opt-in")
    totals = simulate(scenario, population=PEOPLE, seed=5).ledger.totals()

    assert totals["notified"] == 0 < totals["legacy_created"]


def test_a_capacity_measured_is_another_run(tmp_path: Path) -> None:
    """A platform that is down for a month."""
    file = tmp_path / "capacity.csv"
    file.write_text(
        "scenario,version,from,to,admissions_per_minute\n"
        "pilot-2021,0.4,2021-08-30T00:00,2021-09-30T00:00,0\n",
        encoding="utf-8",
    )

    assert outcome(f"platform.capacity={file}")[0] != outcome()[0]
