"""The levers of a policy: each moves the run, and moves it the way its documentation says."""

from __future__ import annotations

import datetime as dt
import json
from typing import TYPE_CHECKING

import pytest

from etalon_scenarios.agents import simulate
from etalon_scenarios.curves import ONE
from etalon_scenarios.law_building import build_law, lay_out
from etalon_scenarios.layout import CELLS
from etalon_scenarios.ledger import COUNT
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.population_table import population_table
from etalon_scenarios.scenario_errors import ScenarioError
from etalon_scenarios.tally import Tally
from etalon_scenarios.waves import wave_days, wave_order

if TYPE_CHECKING:
    from etalon_scenarios.agents import Run
    from etalon_scenarios.law import Law

PILOT = "pilot-2021"
PEOPLE = 1_500


def law_of(*changes: str, name: str = PILOT, people: int = 100_000) -> Law:
    """Build the law of a shipped scenario with some levers moved."""
    scenario = load_scenario(name, changes)
    table = population_table(scenario)
    layout = lay_out(scenario, table, people)
    return build_law(scenario, table, layout, (scenario.ends_on - scenario.starts_on).days + 1)


def run(*changes: str, name: str = PILOT, people: int = PEOPLE) -> Run:
    """Simulate a shipped scenario with some levers moved."""
    return simulate(load_scenario(name, changes), population=people, seed=5)


@pytest.fixture(scope="module")
def unmoved() -> str:
    """Digest of the pilot as it was."""
    return run().ledger.digest()


CROWD = (
    "waves.0.last_on=2021-08-30",
    "intent.activation=1",
    "response.activation_fast_share=1",
    "response.activation_fast_tau_days=0.1",
    "website.admissions_per_minute=1",
    "website.returns=0",
)
"""Everybody comes at once to a narrow web site, and once only."""

MOVED = (
    ("enrolment.opposition_window=P10W",),
    ("enrolment.code_validity=P2W",),
    ("creation.clock=last-wave",),
    ("creation.per_day=20000",),
    ("notices.letter_from_age=75",),
    ("waves.0.order=department",),
    ("waves.0.order=reverse",),
    ("waves.0.order=descending",),
    ("waves.0.order=ascending",),
    ("waves.0.order=region",),
    ("waves.0.last_on=2021-08-30",),
    ("hotline.open_on=monday-to-saturday",),
    ("hotline.open_on=every-day",),
    ("hotline.closes=12:00",),
    ("intent.trust_shift=-60",),
    ("response.deadline_publicity=2",),
    ("media.shock_on=2021-09-20",),
    ('reminders=[{after_days=14, channel="same"}]',),
    ('reminders=[{after_days=28, channel="email"}]',),
    ('reminders=[{after_days=10, channel="letter", from_age=60}]',),
    ('reminders=[{after_days=10, to="minors"}]',),
    ("response.reminder_surge=1", "reminders=[{after_days=14}]"),
    ("scenario.random=philox4x32-10",),
    ("notices.letter_to_excluded=true",),
    ("notices.second_channel=none",),
    ("minors.rule=not-opened",),
    ("minors.rule=own-from-16", "intent.opposition=0.3"),
    ("website.calls_after_refusal=1", *CROWD),
)
"""Levers, each as the changes that move it."""


@pytest.mark.parametrize("changes", MOVED, ids=" ".join)
def test_a_lever_moves_the_run(changes: tuple[str, ...], unmoved: str) -> None:
    """No lever is decoration: the ledger of a small pilot is another one.

    The first change is the lever; what follows is the setting in which it bites.
    """
    setting = run(*changes[1:]).ledger.digest() if changes[1:] else unmoved

    assert run(*changes).ledger.digest() != setting


def test_a_lever_at_rest_leaves_the_law_as_it_was() -> None:
    """Saying what is the default is saying nothing."""
    changes = (
        "hotline.open_on=working-days",
        "intent.trust_shift=0",
        "response.deadline_publicity=0",
    )

    assert law_of(*changes).digest == law_of().digest


def test_letters_from_an_age_leave_the_younger_their_emails() -> None:
    """From 75 years on nobody is notified by e-mail; below, shares are those of before."""
    before, after = law_of().notice.email, law_of("notices.letter_from_age=75").notice.email

    for cell, share in enumerate(after):
        assert share == (before[cell] if cell % CELLS // 2 < 15 else 0)


ORDERS = {
    "department": ("31", "44", "80"),
    "reverse": ("80", "44", "31"),
    "descending": ("44", "31", "80"),
    "ascending": ("80", "31", "44"),
    "region": ("80", "31", "44"),
}
"""Hauts-de-France, Occitanie, Pays de la Loire; Loire-Atlantique is the most populous."""


@pytest.mark.parametrize("order", ORDERS)
def test_a_wave_reaches_departments_in_the_order_asked_for(order: str) -> None:
    """The first département of the order is notified first, the last one last."""
    scenario = load_scenario(PILOT, (f"waves.0.order={order}",))
    table, wave = population_table(scenario), law_of(f"waves.0.order={order}").waves[0]
    ranks = wave_order(scenario.waves[0].order, table)

    assert tuple(table.departments[rank] for rank in ranks) == ORDERS[order]
    assert [wave.send_day(rank, 0) for rank in ranks] == sorted(
        wave.send_day(rank, 0) for rank in ranks
    )
    assert wave.before[ranks[-1]] + wave.size[ranks[-1]] == wave.total


VOLUME = """
[scenario]
extends = "pilot-2021"
name = "volume"
title_fr = "Volume"
title_en = "Volume"

[[waves]]
first_on = 2021-08-30
departments = "all"
order = "department"
"""


@pytest.mark.parametrize(
    ("volume", "last_on"),
    [(4_000_000, "2021-08-30"), (3_450_924, "2021-08-31"), (1_000_000, "2021-09-02")],
)
def test_a_volume_gives_the_last_day(
    volume: int, last_on: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """3 450 925 people at so many a working day: the rest takes a day of its own."""
    path = tmp_path_factory.mktemp("volume") / "volume.toml"
    path.write_text(VOLUME + f"volume = {volume}\n", encoding="utf-8")
    scenario = load_scenario(str(path))

    days = wave_days(scenario.waves[0], population_table(scenario))
    assert days[-1] == dt.date.fromisoformat(last_on)


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        ("", "waves.0.last_on: found nothing; accepted: last_on, or volume in its place"),
        ("volume = 9\nlast_on = 2021-09-15\n", "waves.0.last_on: found volume beside it"),
        ("volume = 9\n", "waves.0.volume: found 9, which takes until 2040-12-31; accepted: a"),
    ],
)
def test_a_wave_ends_by_its_date_or_by_its_volume(
    lines: str, said: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Neither, both, or a volume too small for the scenario: one message each."""
    path = tmp_path_factory.mktemp("volume") / "volume.toml"
    path.write_text(VOLUME + lines, encoding="utf-8")

    with pytest.raises(ScenarioError) as caught:
        load_scenario(str(path))
    assert said in str(caught.value)


def test_the_hotline_answers_on_saturdays_when_asked_to() -> None:
    """4 September 2021 is a Saturday, the 5th a Sunday, 11 November a holiday."""
    saturday, sunday, holiday = 5, 6, 73
    opened = {
        on: law_of(f"hotline.open_on={on}").phone.open_days
        for on in ("working-days", "monday-to-saturday", "every-day")
    }

    assert [opened["working-days"][day] for day in (saturday, sunday, holiday)] == [False] * 3
    assert [opened["monday-to-saturday"][day] for day in (saturday, sunday, holiday)] == [
        True,
        False,
        False,
    ]
    assert all(opened["every-day"])


def test_ten_points_of_trust_lost_multiply_objections_as_the_elasticity_says() -> None:
    """exp(0.03 x 10) is 1.34986: levels of every cell grow alike."""
    before, after = law_of().response.oppose, law_of("intent.trust_shift=-10").response.oppose

    assert all(
        new == pytest.approx(old * 1.3498588, abs=2)
        for old, new in zip(before, after, strict=True)
        if new < ONE
    )


def test_publicity_adds_to_the_last_days_and_takes_nothing_from_the_others() -> None:
    """Half as many objections again, over the three last days of the window."""
    before, after = law_of().response, law_of("response.deadline_publicity=0.5").response

    assert after.oppose_steps == before.oppose_steps
    assert after.surge_step * after.surge_days == pytest.approx(ONE // 2, abs=3)


def test_a_run_may_stop_before_the_last_wave() -> None:
    """The calendar of a law goes beyond the days of its run."""
    scenario = load_scenario("launch-2022")

    run = simulate(scenario, population=300, seed=1, until=dt.date(2022, 2, 10))
    assert run.ledger.totals()["notified"] > 0


def test_the_excluded_get_letters_and_nobody_else_changes_channel() -> None:
    """E-mails fall by those of the households that cannot read one."""
    before, after = run(), run("notices.letter_to_excluded=true")
    sent = [ledger.totals() for ledger in (before.ledger, after.ledger)]

    assert sent[1]["sent_email"] < 0.95 * sent[0]["sent_email"]
    assert sent[1]["notified"] == sent[0]["notified"]
    assert after.ledger.excluded[0].sum() == before.ledger.excluded[0].sum()
    assert after.ledger.excluded[2].sum() > before.ledger.excluded[2].sum()


def test_whom_the_internet_excludes_is_counted_by_age() -> None:
    """Most of the notified of 95 years and more, one in twenty of those of 40."""
    ledger = run("population.vital_events=false", people=6_000).ledger
    notified = [0] * 20
    for (_, _, band, _, _), counts in ledger.table().items():
        notified[band] += counts[0]
    excluded = ledger.excluded[0].tolist()
    known = load_scenario(PILOT).notices.excluded_share
    assert known is not None
    expected = sum(
        people * float(share) for people, share in zip(notified, known.values, strict=True)
    )

    assert excluded[8] / notified[8] < 0.1
    assert excluded[16] / notified[16] > 0.4
    assert sum(excluded) == pytest.approx(expected, rel=0.1)


def test_without_a_second_channel_a_failed_email_ends_there() -> None:
    """Every e-mail failing: no letter but first ones, spaces open on time, nobody informed."""
    totals = run("notices.email_bounce=1", "notices.second_channel=none").ledger.totals()

    assert totals["bounced"] > 900
    assert totals["sent_letter"] + totals["sent_email"] == totals["notified"]
    assert totals["opened_uninformed"] > totals["bounced"] * 0.9


def test_no_minor_opens_by_silence_when_a_parent_must_ask() -> None:
    """Children's spaces stay closed; those of adults open as before."""
    before, after = run(), run("minors.rule=not-opened")
    opened = [
        sum(
            counts[COUNT["opened_automatically"]]
            for (_, _, band, _, _), counts in found.ledger.table().items()
            if band in bands
        )
        for found in (before, after)
        for bands in (range(3), range(4, 20))
    ]

    assert opened[0] > 100
    assert opened[2] == 0
    assert opened[3] == opened[1]


def test_at_sixteen_one_decides_for_oneself() -> None:
    """With every adult of working age objecting and no child of theirs, the older minors do."""
    settings = (
        "intent.opposition=1",
        "intent.child_opposition=0",
        "reading.email=1",
        "reading.letter=1",
    )
    before, after = run(*settings), run("minors.rule=own-from-16", *settings)
    opposed = [
        sum(
            counts[COUNT["opposed"]]
            for (_, _, band, _, _), counts in found.ledger.table().items()
            if band == 3
        )
        for found in (before, after)
    ]

    assert opposed[1] > opposed[0]


def test_who_comes_back_in_vain_may_call() -> None:
    """With one admission a minute, returns spent, all of them call and fewer give up."""
    before = run(*CROWD).ledger.totals()
    after = run("website.calls_after_refusal=1", *CROWD).ledger.totals()

    assert after["calls"] > before["calls"] + 10
    assert after["gave_up"] < before["gave_up"]


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


def test_the_voluntary_scheme_runs_under_the_rules_of_today() -> None:
    """A record created on request in 2022 is a counterfactual that the model accepts."""
    scenario = load_scenario("dmp-opt-in", ["scenario.vintage=launch-2022"])

    assert simulate(scenario, population=400, seed=1).ledger.totals()["legacy_created"] > 20


CAPACITY = """scenario,version,from,to,admissions_per_minute
{scenario},0.4,2021-08-31T00:00,2021-09-30T00:00,{admissions}
{scenario},0.4,2021-10-01T08:00,2021-10-01T09:30,{admissions}
"""


def capacity_file(
    factory: pytest.TempPathFactory, text: str = "", *, scenario: str = PILOT, name: str = "c.csv"
) -> str:
    """Write a file of capacity."""
    path = factory.mktemp("capacity") / name
    path.write_text(text or CAPACITY.format(scenario=scenario, admissions=0), encoding="utf-8")
    return str(path)


def test_a_measured_capacity_holds_over_its_minutes(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """Minutes outside the stretches keep the capacity of the scenario; a platform down is down."""
    law = law_of(f"platform.capacity={capacity_file(tmp_path_factory)}")
    day = 24 * 60
    outage = 32 * day + 8 * 60

    assert law.web.ranges == ((day, 31 * day, 0), (outage, outage + 90, 0))
    assert [
        law.web.admissions_at(minute) > 0
        for minute in (0, day - 1, day, 31 * day - 1, 31 * day, outage + 89, outage + 90)
    ] == [True, True, False, False, True, False, True]


def test_refused_visits_come_back_call_and_object_late(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """A month without a web site: visits are turned away, calls and late objections follow."""
    file = capacity_file(tmp_path_factory)
    settings = ("intent.opposition=0.3", "website.calls_after_refusal=1")
    before = run(*settings)
    after = run(f"platform.capacity={file}", *settings)

    assert before.ledger.totals()["web_turned_away"] == 0
    assert after.ledger.totals()["web_turned_away"] > 100
    assert after.ledger.totals()["calls"] > before.ledger.totals()["calls"]
    assert mean_delay(after) > mean_delay(before) + 1


def mean_delay(found: Run) -> float:
    """Mean days from a notice to the objection."""
    curve = found.ledger.since_notice["opposed"]
    return sum(day * count for day, count in enumerate(curve)) / sum(curve)


def test_a_capacity_in_json_says_the_same(tmp_path_factory: pytest.TempPathFactory) -> None:
    """The two forms of the file give one law."""
    stretches = [
        {"from": "2021-08-31T00:00", "to": "2021-09-30T00:00", "admissions_per_minute": 0},
        {"from": "2021-10-01T08:00", "to": "2021-10-01T09:30", "admissions_per_minute": 0},
    ]
    text = json.dumps({"scenario": PILOT, "version": "0.4", "ranges": stretches})
    files = (
        capacity_file(tmp_path_factory),
        capacity_file(tmp_path_factory, text, name="c.json"),
    )

    one, other = (law_of(f"platform.capacity={file}").digest for file in files)
    assert one == other != law_of().digest


def test_a_policy_uses_the_capacity_of_the_scenario_it_extends(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    """What was measured for the pilot serves the pilot as announced, not the launch."""
    file = capacity_file(tmp_path_factory)

    assert load_scenario("pilot-announced", [f"platform.capacity={file}"]).capacity
    other = capacity_file(tmp_path_factory, scenario="launch-2022")
    with pytest.raises(ScenarioError) as caught:
        load_scenario("pilot-announced", [f"platform.capacity={other}"])
    assert (
        'line 2, scenario: found "launch-2022" (version 0.4); accepted: a capacity measured for '
        '"pilot-announced", which extends pilot-2021'
    ) in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("2021-09-30T00:00", "2021-08-31T00:00", "line 2, to: found 2021-08-31T00:00; accepted:"),
        ("2021-10-01T08:00", "2021-09-29T08:00", "line 3, from: found 2021-09-29T08:00"),
        ("2021-10-01T08:00", "8 o'clock", "a time of Paris to the minute"),
        (",0\n", ",-1\n", "a whole number between 0 and 1000000000"),
        ("scenario,", "", "line 1: found no column"),
    ],
)
def test_a_broken_file_of_capacity_is_refused_in_one_message(
    old: str, new: str, said: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Times in order, without overlap, capacities that are counts."""
    text = CAPACITY.format(scenario=PILOT, admissions=0).replace(old, new)
    file = capacity_file(tmp_path_factory, text)

    with pytest.raises(ScenarioError) as caught:
        load_scenario(PILOT, [f"platform.capacity={file}"])
    assert said in str(caught.value)


@pytest.mark.parametrize("text", ["{", "{}", '{"ranges": [{}]}', '{"ranges": []}', "[1]"])
def test_json_that_is_no_capacity_is_refused(
    text: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """One message, whatever the shape."""
    with pytest.raises(ScenarioError):
        load_scenario(PILOT, [f"platform.capacity={capacity_file(tmp_path_factory, text)}"])
