"""Prevention items: who has which, in which windows, and what is declared about them."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_model import SYSTEM, Period, State, caregiver, holder, representative, vintage
from etalon_model.agenda.agenda import Declaration, PreventionState
from etalon_model.agenda.announcements import AnnounceAgenda
from etalon_model.agenda.appointments import PutAppointment
from etalon_model.agenda.prevention import (
    AgendaView,
    DeclarePrevention,
    PreventionItem,
    ReadAgenda,
)
from etalon_model.agenda.prevention_calendar import RULES, Window, windows
from etalon_model.agenda.reminders import AddReminder
from etalon_model.sandbox import Sandbox

DONE, NOT_DONE = PreventionState.DONE, PreventionState.NOT_DONE
TO_PLAN, NOT_SPECIFIED = PreventionState.TO_PLAN, PreventionState.NOT_SPECIFIED
END = date(2125, 1, 1)


def spans(rule: str, birth_on: date, **done_on: date) -> list[tuple[date, date]]:
    """Return the windows of a rule over the life of a woman; `_1` is the first occurrence."""
    declared = {f"{rule}.{key[1:]}": Declaration(DONE, day) for key, day in done_on.items()}
    return [(w.from_on, w.until_on) for w in of_rule(rule, birth_on, "F", declared)]


def of_rule(
    rule: str, birth_on: date, sex: str, declared: dict[str, Declaration] | None = None
) -> list[Window]:
    """Return the windows of one rule over a whole life."""
    found = windows(birth_on, sex, END, declared or {})
    return [window for window in found if window.rule.ident == rule]


def active(launch: Sandbox, born: date) -> str:
    """Return a woman who entered her space."""
    ins = launch.person(born=born)
    launch.bring(ins, State.OPEN_ACTIVE)
    return ins


def items(launch: Sandbox, ins: str) -> dict[str, PreventionItem]:
    """Return the prevention items of somebody, by key."""
    read = ReadAgenda(launch.now, launch.decider(ins), ins)
    seen = cast("AgendaView", launch.do(read)).prevention
    return {item.window.key: item for item in seen}


def declare(launch: Sandbox, ins: str, key: str, state: PreventionState) -> None:
    """Declare an item, done today when it is done."""
    day = launch.now.date() if state is DONE else None
    launch.do(DeclarePrevention(launch.now, holder(ins), ins, key, state, day))


def test_the_calendar_has_sixty_rules_each_with_source_and_level() -> None:
    """Six kinds; two levels."""
    assert len(RULES) == 60
    assert all(rule.source and rule.certainty for rule in RULES.values())
    assert {rule.level for rule in RULES.values()} == {"RECOMMANDE", "OBLIGATOIRE"}
    assert Counter(rule.kind for rule in RULES.values()) == {
        "screening": 4,
        "dental": 8,
        "ophthalmology": 1,
        "child_exam": 20,
        "prevention_check": 4,
        "vaccine": 23,
    }


@pytest.mark.rule("AGD-05")
@pytest.mark.parametrize(
    ("sex", "day", "screenings"),
    [
        ("F", date(2022, 5, 16), {"SCR_CERVIX_30_65"}),
        ("F", date(2022, 5, 17), {"SCR_BREAST", "SCR_COLON", "SCR_CERVIX_30_65"}),
        ("M", date(2022, 5, 16), set[str]()),
        ("M", date(2022, 5, 17), {"SCR_COLON"}),
    ],
)
def test_items_follow_age_and_sex(sex: str, day: date, screenings: set[str]) -> None:
    """At fifty, breast and colon for a woman, colon for a man; not a day before."""
    found = windows(date(1972, 5, 17), sex, day, {}, day)

    assert {w.rule.ident for w in found if w.rule.kind == "screening"} == screenings


@pytest.mark.rule("AGD-09")
@pytest.mark.parametrize("rule", ["SCR_BREAST", "SCR_COLON"])
def test_breast_and_colon_are_screened_every_two_years_until_seventy_five(rule: str) -> None:
    """Thirteen windows of two years, the last cut at the seventy-fifth birthday."""
    born = date(1960, 5, 1)

    found = spans(rule, born)

    assert found[:2] == [
        (date(2010, 5, 1), date(2012, 5, 1)),
        (date(2012, 5, 1), date(2014, 5, 1)),
    ]
    assert len(found) == 13
    assert found[-1] == (date(2034, 5, 1), date(2035, 5, 1))


@pytest.mark.rule("AGD-09")
def test_a_screening_done_moves_the_next_one() -> None:
    """Two years after it was done, not after its window began."""
    found = spans("SCR_BREAST", date(1960, 5, 1), _1=date(2011, 3, 9))

    assert found[1] == (date(2013, 3, 9), date(2015, 3, 9))


@pytest.mark.rule("AGD-09")
def test_the_cervix_is_tested_twice_then_three_years_later_then_every_five() -> None:
    """At 25, 26 and 29; from 30 every five years, or three years after the last normal test."""
    born = date(1990, 2, 1)

    assert spans("SCR_CERVIX_25_29", born) == [
        (date(2015, 2, 1), date(2016, 2, 1)),
        (date(2016, 2, 1), date(2019, 2, 1)),
        (date(2019, 2, 1), date(2020, 2, 1)),
    ]
    assert [start for start, _ in spans("SCR_CERVIX_30_65", born)][:3] == [
        date(2020, 2, 1),
        date(2025, 2, 1),
        date(2030, 2, 1),
    ]
    tested = {"SCR_CERVIX_25_29.2": Declaration(DONE, date(2018, 6, 1))}
    (first, *_) = of_rule("SCR_CERVIX_30_65", born, "F", tested)
    assert first.from_on == date(2021, 6, 1)
    last = spans("SCR_CERVIX_30_65", born)[-1]
    assert last == (date(2055, 2, 1), date(2056, 2, 1))


@pytest.mark.rule("AGD-10")
def test_a_child_followed_to_sixteen_has_twenty_compulsory_examinations() -> None:
    """The calendar in force to the end of 2024; what follows bears the gap."""
    found = [
        window
        for window in windows(date(2010, 3, 1), "M", date(2026, 3, 1))
        if window.rule.kind == "child_exam"
    ]

    assert len(found) == 20
    assert {window.rule.level for window in found} == {"OBLIGATOIRE"}
    assert [window.rule.ident for window in found if window.gap] == ["EXAM_Y15_16"]
    assert found[-1].gap == "G10"


@pytest.mark.rule("AGD-11")
@pytest.mark.parametrize(
    ("age", "key"),
    [
        (17, None),
        (18, "18_25"),
        (44, None),
        (45, "45_50"),
        (60, "60_65"),
        (70, "70_75"),
        (76, None),
    ],
)
def test_check_ups_begin_at_eighteen_forty_five_sixty_and_seventy(
    age: int, key: str | None
) -> None:
    """From 2024 on, on the birthday."""
    on = date(2024, 6, 1)
    born = date(on.year - age, 6, 1)

    found = [w for w in windows(born, "M", on, {}, on) if w.rule.type_code == "BILAN_AQ"]

    assert [w.rule.ident for w in found] == ([] if key is None else [f"PREV_{key}"])


@pytest.mark.rule("AGD-11")
def test_there_was_no_check_up_before_2024() -> None:
    """Somebody of 47 gets one on 1 January 2024, until 51."""
    found = of_rule("PREV_45_50", date(1976, 9, 1), "M")

    assert [(w.from_on, w.until_on) for w in found] == [(date(2024, 1, 1), date(2027, 9, 1))]
    assert of_rule("PREV_45_50", date(1972, 1, 1), "M") == []


@pytest.mark.rule("AGD-12")
@pytest.mark.parametrize("age", [3, 6, 9, 12, 15, 18, 21, 24])
def test_the_dental_check_up_invites_one_month_before_the_birthday(age: int) -> None:
    """Campaign in the month before; the check-up itself in the year after."""
    (window,) = of_rule(f"MTDENTS_{age}", date(2000, 3, 31), "F")

    year = 2000 + age
    assert window.campaign_from_on == date(year, 2, 29 if year % 4 == 0 else 28)
    assert window.campaign_until_on == window.from_on == date(year, 3, 31)
    assert window.until_on == date(year + 1, 3, 31)


@pytest.mark.rule("AGD-05")
@pytest.mark.parametrize(
    ("born", "vaccines"),
    [
        (date(2017, 12, 31), set[str]()),
        (date(2018, 1, 1), {"HEXA_1", "HEXA_2", "HEXA_R", "MENC_1", "MENC_R", "ROR_1", "ROR_2"}),
        (date(2024, 8, 1), {"HEXA_1", "HEXA_2", "HEXA_R", "MENB_2", "MENB_R", "ACWY_1", "ACWY_R"}),
    ],
)
def test_the_vaccines_of_an_infant_follow_the_year(born: date, vaccines: set[str]) -> None:
    """Meningococcus C until 2024, B and ACWY from 2025, the eleven from births of 2018."""
    found = windows(born, "M", born + timedelta(days=550))
    idents = {w.rule.ident[4:] for w in found if w.rule.kind == "vaccine"}

    assert vaccines <= idents
    assert bool(idents) is bool(vaccines)
    assert ("MENB_1" in idents) is False
    assert ("MENC_1" in idents) is (born.year == 2018)


def test_boosters_come_every_ten_years_and_influenza_every_year() -> None:
    """At 65, 75, 85; each year from 65. Two doses against papillomavirus share a window."""
    born = date(1930, 1, 1)

    assert [w.year for w, _ in spans("VAC_DTP_65", born)][:3] == [1995, 2005, 2015]
    assert [w.year for w, _ in spans("VAC_FLU", born)][:3] == [1995, 1996, 1997]
    assert spans("VAC_HPV", born) == [(date(1941, 1, 1), date(1945, 1, 1))] * 2


@pytest.mark.rule("AGD-05")
@given(
    born=st.dates(date(1920, 1, 1), date(2025, 12, 31)),
    sex=st.sampled_from("FM"),
    on=st.dates(date(2022, 1, 1), date(2035, 1, 1)),
    since=st.dates(date(2020, 1, 1), date(2035, 1, 1)),
)
def test_a_later_first_day_only_leaves_out_what_had_ended(
    born: date, sex: str, on: date, since: date
) -> None:
    """The short way by age gives what the whole life gives."""
    whole = list(windows(born, sex, on))
    recent = list(windows(born, sex, on, {}, since))

    assert recent == [window for window in whole if window.until_on > since]
    assert all(window.campaign_from_on <= on for window in whole)
    assert all(window.from_on < window.until_on for window in whole)
    assert len({window.key for window in whole}) == len(whole)


@pytest.mark.rule("AGD-06")
def test_an_item_is_to_plan_until_declared_and_unspecified_once_its_window_closed(
    launch: Sandbox,
) -> None:
    """TO_PLAN, DONE on a day, TO_PLAN again, NOT_DONE; NOT_SPECIFIED only with time."""
    ins = active(launch, date(1970, 3, 1))
    key = "SCR_COLON.1"
    assert items(launch, ins)[key].state is TO_PLAN

    declare(launch, ins, key, DONE)
    assert items(launch, ins)[key].executed_on == launch.now.date()
    declare(launch, ins, key, TO_PLAN)
    assert items(launch, ins)[key].state is TO_PLAN

    launch.wait(Period("P2M"))
    assert items(launch, ins)[key].state is NOT_SPECIFIED
    assert items(launch, ins)["SCR_COLON.2"].state is TO_PLAN
    declare(launch, ins, key, NOT_DONE)
    again = DeclarePrevention(launch.now, holder(ins), ins, key, TO_PLAN)
    assert launch.refusal(again) == ("AGD-06", "PREVENTION_WINDOW_CLOSED")


@pytest.mark.rule("AGD-06")
@pytest.mark.parametrize(
    ("first", "then", "allowed"),
    [
        (None, TO_PLAN, False),
        (None, NOT_SPECIFIED, False),
        (None, DONE, True),
        (None, NOT_DONE, True),
        (DONE, DONE, False),
        (DONE, NOT_DONE, True),
        (NOT_DONE, NOT_DONE, False),
        (NOT_DONE, DONE, True),
        (NOT_DONE, TO_PLAN, True),
        (NOT_DONE, NOT_SPECIFIED, False),
    ],
)
def test_declarations_follow_the_graph(
    launch: Sandbox, first: PreventionState | None, then: PreventionState, *, allowed: bool
) -> None:
    """Nobody declares an item unspecified."""
    ins = active(launch, date(1970, 3, 1))
    key = "SCR_COLON.1"
    if first is not None:
        declare(launch, ins, key, first)

    day = launch.now.date() if then is DONE else None
    command = DeclarePrevention(launch.now, holder(ins), ins, key, then, day)

    if allowed:
        launch.do(command)
        assert items(launch, ins)[key].state is then
    else:
        assert launch.refusal(command) == ("AGD-06", "NO_SUCH_STEP")
        assert items(launch, ins)[key].state is (first or TO_PLAN)


@pytest.mark.rule("AGD-06")
@pytest.mark.parametrize(
    ("state", "day", "refused"),
    [
        (DONE, None, "EXECUTION_DAY_WITH_DONE_ONLY"),
        (NOT_DONE, date(2022, 1, 5), "EXECUTION_DAY_WITH_DONE_ONLY"),
        (DONE, date(2022, 2, 2), "EXECUTION_DAY_OUTSIDE"),
        (DONE, date(2020, 2, 29), "EXECUTION_DAY_OUTSIDE"),
        (DONE, date(2020, 3, 1), None),
        (DONE, date(2022, 2, 1), None),
    ],
)
def test_the_day_of_an_item_done_is_within_its_time(
    launch: Sandbox, state: PreventionState, day: date | None, refused: str | None
) -> None:
    """From the first day of its window to today."""
    ins = active(launch, date(1970, 3, 1))
    command = DeclarePrevention(launch.now, holder(ins), ins, "SCR_COLON.1", state, day)

    if refused is None:
        launch.do(command)
    else:
        assert launch.refusal(command) == ("AGD-06", refused)


@pytest.mark.rule("AGD-05")
def test_an_item_somebody_does_not_have_is_not_declared(launch: Sandbox) -> None:
    """Neither of another age nor unknown; windows closed before the agenda are not shown."""
    ins = active(launch, date(1970, 3, 1))

    for key in ("PREV_60_65.1", "NONE.1", "SCR_CERVIX_25_29.1", "SCR_COLON.2"):
        command = DeclarePrevention(launch.now, holder(ins), ins, key, NOT_DONE)
        assert launch.refusal(command) == ("AGD-05", "NO_SUCH_ITEM")


@pytest.mark.rule("AGD-13")
def test_the_items_of_a_minor_go_to_the_representative(launch: Sandbox) -> None:
    """The child's items bear the parent; the notices go to the parent."""
    parent = active(launch, date(1985, 1, 1))
    child = launch.person(parent, born=date(2019, 2, 15))
    launch.bring(child, State.OPEN_ACTIVE)

    seen = items(launch, child)
    codes = launch.do(AnnounceAgenda(launch.now, SYSTEM, child))

    assert seen["MTDENTS_3.1"].recipient == parent
    assert seen["MTDENTS_3.1"].window.campaign_from_on == date(2022, 1, 15)
    assert codes == ("EXAMEN_RECOMMANDE", "EXAMEN_RECOMMANDE")
    told = [n for n in launch.service.notifications(child) if n.code == "EXAMEN_RECOMMANDE"]
    assert {notice.to for notice in told} == {parent}
    assert launch.refusal(ReadAgenda(launch.now, representative("1" * 15), child))[0] == "REP-01"


@pytest.mark.rule("AGD-01", "AGD-13")
def test_each_thing_is_announced_once(launch: Sandbox) -> None:
    """An appointment the day before, a reminder on its day, an item when its campaign begins."""
    ins = active(launch, date(1972, 2, 3))
    by = holder(ins)
    starts_at = launch.now + timedelta(hours=48)
    launch.do(PutAppointment(launch.now, by, ins, "a1", starts_at, "Consultation"))
    launch.do(AddReminder(launch.now, by, ins, (launch.now + timedelta(days=1)).date(), "Dose"))

    def announced(hours: int) -> object:
        launch.now = starts_at - timedelta(hours=hours)
        return launch.do(AnnounceAgenda(launch.now, SYSTEM, ins))

    assert announced(48) == ("RAPPEL_RDV_PREV_DEPIST",)
    assert announced(25) == ("RAPPEL_AGENDA",)
    assert announced(24) == ("RDV_AGENDA",)
    assert announced(1) == ("RAPPEL_RDV_PREV_DEPIST",) * 3
    assert announced(1) == ()
    told = [notice.code for notice in launch.service.notifications(ins)]
    assert told.count("RDV_AGENDA") == told.count("RAPPEL_AGENDA") == 1

    postponed = starts_at + timedelta(days=1)
    launch.do(PutAppointment(launch.now, by, ins, "a1", postponed, "Consultation"))
    launch.wait(timedelta(hours=1))
    assert launch.do(AnnounceAgenda(launch.now, SYSTEM, ins)) == ("RDV_AGENDA",)
    launch.now = postponed
    launch.do(PutAppointment(launch.now, by, ins, "a2", postponed, "Consultation"))
    assert launch.do(AnnounceAgenda(launch.now, SYSTEM, ins)) == ()


@pytest.mark.rule("AGD-13")
def test_nothing_is_announced_to_somebody_who_never_entered(launch: Sandbox) -> None:
    """Nor by anybody but the system, nor before the agenda opens."""
    ins = launch.person()
    launch.bring(ins, State.OPEN_INACTIVE)

    assert launch.refusal(AnnounceAgenda(launch.now, SYSTEM, ins)) == ("AGD-13", "NO_OPEN_SPACE")
    assert launch.refusal(AnnounceAgenda(launch.now, holder(ins), ins)) == (
        "TRC-03",
        "NOT_FOR_THIS_ACTOR",
    )
    pilot = Sandbox(vintage("pilot-2021"), now=datetime(2021, 8, 2, 9, tzinfo=UTC))
    other = pilot.person(department="31")
    pilot.bring(other, State.OPEN_ACTIVE)
    assert pilot.refusal(AnnounceAgenda(pilot.now, SYSTEM, other))[0] == "LIF-02"


@pytest.mark.rule("REP-09")
def test_only_a_caregiver_of_the_holder_reads_the_agenda(launch: Sandbox) -> None:
    """Somebody else who says so does not."""
    ins = active(launch, date(1970, 3, 1))

    stranger = caregiver("1" * 15)
    declaring = DeclarePrevention(launch.now, stranger, ins, "SCR_COLON.1", NOT_DONE)
    for command in (ReadAgenda(launch.now, stranger, ins), declaring):
        assert launch.refusal(command) == ("REP-11", "NO_SHARING")


@pytest.mark.rule("AGD-05")
def test_somebody_born_on_29_february_is_due_on_the_day_of_each_year() -> None:
    """1 March of common years, 29 February of leap years, without drifting."""
    starts = [w.from_on for w in of_rule("VAC_FLU", date(1956, 2, 29), "F")]

    assert starts[:4] == [date(2021, 3, 1), date(2022, 3, 1), date(2023, 3, 1), date(2024, 2, 29)]
    (dental,) = of_rule("MTDENTS_3", date(2000, 2, 29), "F")
    assert (dental.campaign_from_on, dental.from_on) == (date(2003, 2, 1), date(2003, 3, 1))


@pytest.mark.rule("AGD-09")
def test_a_second_dose_may_follow_as_soon_as_the_first_was_given() -> None:
    """No text gives the interval, so the window of the second begins with the first."""
    found = spans("VAC_HPV", date(2011, 1, 1), _1=date(2022, 6, 1))

    assert found == [(date(2022, 1, 1), date(2026, 1, 1)), (date(2022, 6, 1), date(2026, 1, 1))]
