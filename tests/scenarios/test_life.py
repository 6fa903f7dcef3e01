"""What happens in open spaces: the same on arrays, compiled, and with one process a person."""

from __future__ import annotations

from decimal import Decimal
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from etalon_scenarios import agents, cohort
from etalon_scenarios.arrivals import (
    ACTIVATION,
    CALL,
    LOGIN,
    NEVER_DAY,
    OPPOSITION,
    READING,
    Attendance,
)
from etalon_scenarios.arrivals_files import arrivals_of
from etalon_scenarios.curves import QUANTILES
from etalon_scenarios.life.following import follow
from etalon_scenarios.life.kinds import CARE_KINDS, KIND, KINDS, MOMENT, MOMENTS, PROGRAMMES
from etalon_scenarios.life.law_building import life_law
from etalon_scenarios.life.living import live
from etalon_scenarios.life.persons import Town
from etalon_scenarios.life.spaces import Spaces, spaces_of
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.setting import setting_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from etalon_scenarios.layout import Layout
    from etalon_scenarios.life.account import Account
    from etalon_scenarios.life.law import LifeLaw
    from etalon_scenarios.runs import Run
    from etalon_scenarios.scenario import Scenario

SEED = 3
PEOPLE = 900
YEARS = ("scenario.ends_on=2025-06-30", "life.counted=true")
BUSY = (*YEARS, "closing.per_year=0.3", "life.holders.return_share=0.5", "intent.activation=0.3")
ENGINES: dict[str, Callable[..., Run]] = {"agents": agents.simulate, "cohort": cohort.simulate}


def law_of(scenario: Scenario, days: int) -> LifeLaw:
    """Return the law of a scenario that counts the life of its spaces."""
    law = life_law(scenario, days)
    assert law is not None
    return law


@cache
def attended(engine: str) -> tuple[Scenario, Run, Attendance]:
    """Run a busy pilot over years, and keep who came."""
    scenario, attendance = load_scenario("pilot-2021", BUSY), Attendance(hears_lives=True)
    run = ENGINES[engine](scenario, population=PEOPLE, seed=SEED, observer=attendance)
    return scenario, run, attendance


@cache
def heard(engine: str) -> tuple[Scenario, Run, Spaces]:
    """Run a busy pilot over years, and keep when its spaces opened and ended."""
    scenario, run, attendance = attended(engine)
    return scenario, run, spaces_of(attendance, run.layout, run.days_done)


@cache
def one_by_one() -> Account:
    """Let everybody live as a process of their own, after the agents engine."""
    scenario, run, spaces = heard("agents")
    return Town(law_of(scenario, run.days_done), spaces, run.layout, SEED).live()


@pytest.mark.parametrize(
    ("engine", "compiled", "workers", "batch"),
    [
        ("cohort", False, 1, 1 << 15),
        ("cohort", False, 2, 37),
        ("cohort", True, 1, 1 << 15),
        ("agents", True, 2, 64),
    ],
)
def test_lives_on_arrays_are_those_of_processes(
    engine: str, *, compiled: bool, workers: int, batch: int
) -> None:
    """Every document and every moment, whatever engine, kernel, threads or processes, and parts."""
    scenario, run, spaces = heard(engine)
    law = law_of(scenario, run.days_done)
    account = live(law, spaces, run.layout, SEED, compiled=compiled, workers=workers, batch=batch)

    assert account.digest() == one_by_one().digest()


def test_everything_that_is_counted_happens_in_the_busy_pilot() -> None:
    """No kind and no moment of the comparison stays at nothing."""
    account = one_by_one()

    assert account.deposits.sum(axis=(0, 1)).all()
    assert account.moments.sum(axis=(1, 2)).all()
    assert len(account.deposits[0, 0]) == len(KINDS)
    assert len(account.moments) == len(MOMENTS)


def test_a_person_holds_five_documents_after_the_first_and_follows_after_being_due() -> None:
    """What presupposes something else never exceeds it, on any day."""
    sums = np.cumsum(one_by_one().moments.sum(axis=2), axis=1)

    for more, fewer in [
        ("space_opened", "first_document"),
        ("first_document", "fifth_document"),
        ("space_opened", "entered"),
        ("entered", "entered_by_phone"),
        ("entered", "entered_later"),
        ("entered", "app_paired"),
        ("space_ended", "space_reopened"),
        *((f"{one.name}_due", f"{one.name}_followed") for one in PROGRAMMES),
    ]:
        assert (sums[MOMENT[more]] >= sums[MOMENT[fewer]]).all(), (more, fewer)


def test_who_enters_after_the_campaign_logs_in_like_others_whatever_the_engine() -> None:
    """Minute by minute: entries found on arrays are those of the processes."""
    minutes: dict[str, NDArray[np.int64]] = {}
    for engine in ENGINES:
        scenario, run, attendance = attended(engine)
        before = arrivals_of(attendance, scenario, seed=SEED, days=run.days_done).by_minute()
        lived = follow(run, scenario, attendance, engine=engine)
        minutes[engine] = arrivals_of(
            attendance, scenario, seed=SEED, days=run.days_done
        ).by_minute()
        assert lived.lives is not None
        later = int(lived.lives.account.moments[MOMENT["entered_later"]].sum())
        assert len(attendance.stays(run.days_done).people) == later + len(attendance.entered()[0])
        gained = minutes[engine].sum(axis=1) - before.sum(axis=1)
        assert gained[LOGIN] > later > 0
        assert gained[READING] > 0
        assert not gained[[ACTIVATION, OPPOSITION, CALL]].any()

    assert (minutes["agents"] == minutes["cohort"]).all()


def test_a_space_opened_again_goes_on_with_what_it_held() -> None:
    """Its coverage counts once, before or after; who had documents is not counted twice."""
    scenario = load_scenario(
        "pilot-2021", [*YEARS, "life.holders.return_share=1", "life.holders.legacy_share=0"]
    )
    law, people = law_of(scenario, 900), 3_000
    layout = setting_of(scenario, people, None).layout
    spaces = everybody_open(people, 900)
    whole = live(law, spaces, layout, SEED).moments.sum(axis=(1, 2))
    died = np.where(np.arange(people) % 2, 800, NEVER_DAY).astype(np.uint16)
    closed = spaces._replace(left=np.full(people, 30, np.uint16), died=died)
    moments = live(law, closed, layout, SEED).moments.sum(axis=2)
    ended, again = moments[MOMENT["space_ended"]], moments[MOMENT["space_reopened"]]

    assert ended[30] == people
    assert ended.sum() - people == ended[800] > 0, "who opened it again and died has no open one"
    for moment in ("first_document", "fifth_document"):
        early = moments[MOMENT[moment], :30].sum()
        assert early < moments[MOMENT[moment]].sum() < whole[MOMENT[moment]]
    assert moments[MOMENT["first_document"]].sum() <= people
    assert people * 0.9 < again.sum() <= people


DAYS = 700
ANY_DAY = st.integers(0, DAYS)
DAY_OR_NEVER = st.one_of(ANY_DAY, st.just(NEVER_DAY))


@cache
def short_law() -> tuple[LifeLaw, Layout]:
    """Return a law of two years and the people under it."""
    scenario = load_scenario("pilot-2021", BUSY)
    return law_of(scenario, DAYS), setting_of(scenario, 40, None).layout


@settings(max_examples=settings().max_examples // 4)
@given(
    days=st.lists(
        st.tuples(DAY_OR_NEVER, DAY_OR_NEVER, ANY_DAY, DAY_OR_NEVER), min_size=42, max_size=42
    ),
    cells=st.lists(st.integers(0, 119), min_size=2, max_size=2),
    seed=st.integers(0, 2**64 - 1),
)
def test_any_spaces_live_alike_on_arrays_compiled_and_as_processes(
    days: list[tuple[int, int, int, int]], cells: list[int], seed: int
) -> None:
    """Whenever spaces open, are entered and end, in whatever order these days come."""
    law, layout = short_law()
    # Nobody enters a space before it opens: to enter opens it.
    opened, entered, left, died = np.array(days, np.uint16).T
    opened = np.minimum(opened, entered)
    spaces = Spaces(opened, entered, left, died, np.array(cells, np.int64))
    person = Town(law, spaces, layout, seed).live().digest()

    for compiled in (False, True):
        account = live(law, spaces, layout, seed, compiled=compiled, workers=1 + compiled, batch=7)
        assert account.digest() == person


def everybody_open(people: int, days: int) -> Spaces:
    """Return spaces that are all open from the first day to the last, and never entered."""
    return Spaces(
        np.zeros(people, np.uint16),
        np.full(people, NEVER_DAY, np.uint16),
        np.full(people, days, np.uint16),
        np.full(people, NEVER_DAY, np.uint16),
        np.empty(0, np.int64),
    )


@cache
def years_of(changes: tuple[str, ...], people: int = 8_000) -> tuple[Account, LifeLaw, Layout]:
    """Let people whose spaces are all open live through the years."""
    scenario = load_scenario("pilot-2021", [*YEARS, "life.holders.legacy_share=0", *changes])
    setting = setting_of(scenario, people, None)
    days = (scenario.ends_on - scenario.starts_on).days + 1
    law = law_of(scenario, days)
    return live(law, everybody_open(people, days), setting.layout, SEED), law, setting.layout


def expected_documents(law: LifeLaw, layout: Layout) -> float:
    """Work out the documents of a run from its law alone: ticks of the clock over mean paces."""
    total = 0.0
    for department in range(len(layout.departments)):
        for cell in range(department * 40, department * 40 + 40):
            paces = law.care.pace[law.care.rows[cell % 40 // 2]]
            total += len(layout.cell_range(cell)) * float((2**32 / paces).mean())
    return total


def test_documents_follow_from_the_acts_of_care_and_the_equipment() -> None:
    """As many as acts, documents an act and what is sent of them say, within chance."""
    account, law, layout = years_of(())
    counted = account.deposits[:, :, : len(CARE_KINDS)].sum()
    expected = expected_documents(law, layout)

    assert counted == pytest.approx(expected, rel=0.03)


def test_twice_the_documents_an_act_are_twice_the_documents() -> None:
    """The number of a stress scenario comes from its volume and from nothing else."""
    once, twice = (
        years_of((f"life.adoption.volume={volume}",))[0].deposits[:, :, : len(CARE_KINDS)]
        for volume in ("1", "2")
    )

    assert twice.sum() / once.sum() == pytest.approx(2, rel=0.03)


def test_without_equipment_nobody_sends_anything() -> None:
    """No equipped sender, no document of care."""
    none = tuple(
        f"life.{sender}.equipped.{end}=0"
        for sender in ("laboratory", "doctor", "hospital", "radiologist", "pharmacist")
        for end in ("first", "last")
    )
    account = years_of(none, 500)[0]

    assert account.deposits[:, :, : len(CARE_KINDS)].sum() == 0
    assert account.deposits[:, :, KIND["message"]].sum() > 0


def test_sundays_have_fewer_documents_than_mondays() -> None:
    """In the proportion of the scenario."""
    scenario = load_scenario("pilot-2021", YEARS)
    account = years_of(())[0]
    by_day = account.deposits[:, -700:, : len(CARE_KINDS)].sum(axis=(0, 2))
    first = (scenario.starts_on.toordinal() + account.days - 700) % 7  # 1 is a Monday
    weekday = (np.arange(700) + first) % 7

    ratio = by_day[weekday == 0].sum() / by_day[weekday == 2].sum()
    assert ratio == pytest.approx(0.08, abs=0.03)


def test_the_exponential_gaps_have_mean_one() -> None:
    """Gaps are equally likely quantiles in units of 2 ** -16."""
    law = law_of(load_scenario("pilot-2021", YEARS), 400)

    assert len(law.gaps) == QUANTILES
    assert law.gaps.mean() / 2**16 == pytest.approx(1, abs=0.001)


def test_a_law_that_differs_has_another_digest() -> None:
    """Every number of the section changes the law."""
    scenario = load_scenario("pilot-2021", YEARS)
    plain = law_of(scenario, 900).digest()
    paths = [path for path, _ in scenario.parameters() if path.startswith("life.")]

    assert len(paths) > 50
    for path in paths:
        value = Decimal("0.5") if path.endswith(".acts") else Decimal("0.66")
        changed = scenario.with_values({path: value})
        assert law_of(changed, 900).digest() != plain, path


def test_a_scenario_that_does_not_count_lives_has_no_law_and_no_such_parameters() -> None:
    """The life of spaces is off unless it is asked for."""
    scenario = load_scenario("pilot-2021")

    assert life_law(scenario, 100) is None
    assert not [path for path, _ in scenario.parameters() if path.startswith("life.")]
