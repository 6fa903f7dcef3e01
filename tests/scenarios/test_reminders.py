"""Reminders: mail without effect in law that informs some and moves others."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from etalon_scenarios.agents import simulate
from etalon_scenarios.law_building import build_law, lay_out
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.population_table import population_table
from etalon_scenarios.scenario_errors import ScenarioError
from etalon_scenarios.summary import summarise
from etalon_scenarios.tally import Tally

if TYPE_CHECKING:
    from etalon_scenarios.agents import Run
    from etalon_scenarios.law import Law

PILOT = "pilot-2021"


def run(*changes: str) -> Run:
    """Simulate a small pilot with some levers moved."""
    return simulate(load_scenario(PILOT, changes), population=1_500, seed=5)


def law_of(*changes: str) -> Law:
    """Build the law of the pilot with some levers moved."""
    scenario = load_scenario(PILOT, changes)
    table = population_table(scenario)
    layout = lay_out(scenario, table, 100_000)
    return build_law(scenario, table, layout, (scenario.ends_on - scenario.starts_on).days + 1)


REMINDED = {
    "same": 'reminders=[{after_days=14, channel="same"}]',
    "email": 'reminders=[{after_days=14, channel="email"}]',
    "letter": 'reminders=[{after_days=14, channel="letter"}]',
}


@pytest.mark.parametrize("channel", REMINDED)
def test_a_reminder_informs_some_who_had_read_nothing(channel: str) -> None:
    """More people have read, each counted once; letters and e-mails sent are added to the cost."""
    before, after = run(), run(REMINDED[channel])
    old, new = before.ledger.totals(), after.ledger.totals()
    emails, letters = (int(sent) for sent in after.ledger.reminders.sum(axis=0))

    assert old["read"] * 1.05 < new["read"] <= new["delivered"] <= new["notified"]
    assert new["sent_email"] - old["sent_email"] == emails
    assert abs(new["sent_letter"] - old["sent_letter"] - letters) < 5
    assert (emails > 0, letters > 0) == {
        "same": (True, True),
        "email": (True, False),
        "letter": (False, True),
    }[channel]
    assert new["notified"] == old["notified"]


def test_a_summary_keeps_reminders_apart_from_notices() -> None:
    """Who was notified by which channel is what it was; reminders cost and are counted beside."""
    scenario = load_scenario(PILOT, (REMINDED["same"],))
    before = summarise(run(), load_scenario(PILOT))
    after = summarise(run(REMINDED["same"]), scenario)
    found = run(REMINDED["same"])

    assert after["notified_by_channel"] == before["notified_by_channel"]
    assert before["reminders"] == {"email": 0, "letter": 0}
    assert after["reminders"] == dict(
        zip(("email", "letter"), found.ledger.reminders.sum(axis=0).tolist(), strict=True)
    )
    assert Tally(found).until("sent_email", 113) > Tally(found).emailed(113) > 0


def test_a_reminder_goes_to_the_silent_on_a_working_day_after_its_delay() -> None:
    """28 days from a Monday are a Monday; nobody who had acted by then gets one."""
    plain, reminded = run(), run("reminders=[{after_days=28}]")
    sent = [day for day in range(114) if reminded.ledger.reminders[day].any()]

    assert sent[0] == 28
    assert all(reminded.law.working[day] for day in sent)
    emails = int(reminded.ledger.reminders[:, 0].sum())
    assert emails < plain.ledger.totals()["sent_email"] - plain.ledger.totals()["bounced"]


def test_a_reminder_restarts_no_window() -> None:
    """Spaces open on the same first day, and notices are dated as before."""
    plain, reminded = run(), run("reminders=[{after_days=28}]")
    openings = [
        next(
            day
            for day, count in enumerate(found.ledger.since_notice["opened_automatically"])
            if count
        )
        for found in (plain, reminded)
    ]

    assert openings == [42, 42]
    assert reminded.ledger.notices == plain.ledger.notices


def test_a_reminder_before_its_notice_has_arrived_does_nothing() -> None:
    """Half of the post takes a day and half thirty: what overtakes a notice informs nobody."""
    settings = (
        "post.delay_days=[0.5," + "0," * 28 + "0.5]",
        "notices.letter_from_age=0",
        "reading.letter=1",
        "post.letters_per_day=9000000",
        "response.reminder_surge=0",
    )
    plain, early = run(*settings), run("reminders=[{after_days=4}]", *settings)
    arrived = [
        [Tally(found).of_day(name, day) for day in range(114)]
        for found in (plain, early)
        for name in ("delivered", "read")
    ]

    assert early.ledger.reminders.sum() > 1_000
    assert arrived[:2] == arrived[2:]


def test_who_had_read_the_notice_acts_sooner_after_a_reminder() -> None:
    """Everybody informed by the notice: a reminder that adds attention adds objections."""
    settings = ("reading.email=1", "reading.letter=1", "intent.opposition=0.3")
    plain = run("reminders=[{after_days=7}]", "response.reminder_surge=0", *settings)
    moved = run("reminders=[{after_days=7}]", "response.reminder_surge=0.3", *settings)

    assert moved.ledger.totals()["read"] == plain.ledger.totals()["read"]
    assert moved.ledger.totals()["opposed"] > 1.1 * plain.ledger.totals()["opposed"]


def test_reminders_of_no_effect_leave_the_law_as_it_was() -> None:
    """The surge of reminders is no part of a law without any."""
    assert law_of("response.reminder_surge=1").digest == law_of().digest


@pytest.mark.parametrize(
    ("reminder", "said"),
    [
        ("{after_days=3}", "reminders.0.after_days: found 3; accepted: more than 3"),
        ('{after_days=14, channel="fax"}', "reminders.0.channel"),
        ("{after_days=14, from_age=67}", "reminders.0.from_age: found 67; accepted: a multiple"),
        (", ".join(["{after_days=14}"] * 7), "reminders"),
    ],
)
def test_a_reminder_that_cannot_be_is_refused(reminder: str, said: str) -> None:
    """Before a failed e-mail is known, on no channel, from no band, or once too often."""
    with pytest.raises(ScenarioError) as caught:
        load_scenario(PILOT, [f"reminders=[{reminder}]"])
    assert said in str(caught.value)
