# pyright: standard
"""Schedules and slots: who keeps them, when they are open, what an appointment takes of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import pytest
from dateutil.rrule import rrulestr  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from etalon_model import (
    INSURER,
    Actor,
    ActorKind,
    CloseSpace,
    FinishErasure,
    Route,
    StartErasure,
    State,
    holder,
    vintage,
)
from etalon_model.agenda.agenda import LIMITS, AppointmentState, SlotName
from etalon_model.agenda.appointments import (
    DeleteAppointment,
    PutAppointment,
    ReadAppointments,
)
from etalon_model.agenda.openings import (
    Opening,
    ServiceType,
    Slot,
    occurrences,
    recurrence_of,
)
from etalon_model.agenda.schedules import (
    DeleteSchedule,
    Diary,
    PutSchedule,
    Schedule,
    slot_status,
    slots_of,
)
from etalon_model.periods import PARIS
from etalon_model.sandbox import Sandbox

DOCTOR: Final = Actor(ActorKind.PROFESSIONAL, "899700366240")
WARD: Final = Actor(ActorKind.STRUCTURE, "1750100125")
VISIT: Final = ServiceType("http://example.org/types|1", 15)
LONG: Final = ServiceType("http://example.org/types|2", 40)
NINE: Final = datetime(2022, 6, 1, 7, tzinfo=UTC)
QUARTER: Final = timedelta(minutes=15)
MORNING: Final = Opening(NINE, NINE + timedelta(hours=1))
BOOKED, PROPOSED = AppointmentState.BOOKED, AppointmentState.PROPOSED


def written(
    box: Sandbox,
    *openings: Opening,
    services: Sequence[ServiceType] = (VISIT,),
    by: Actor = DOCTOR,
    number: int = 0,
    expected: int | None = None,
) -> PutSchedule:
    """A schedule of one doctor."""
    actors = ("Practitioner https://rpps.esante.gouv.fr|99700366240",)
    found = openings or (MORNING,)
    return PutSchedule(box.now, by, "", number, actors, tuple(services), found, expected=expected)


def diaries(box: Sandbox) -> dict[str, Diary]:
    """What the service keeps for editors."""
    return box.service.snapshot(copied=False).register.diaries


def kept(box: Sandbox, number: int = 1) -> Schedule:
    """The schedule that stands."""
    return diaries(box)[DOCTOR.ident].schedules[number]


def slots(box: Sandbox, number: int = 1) -> list[Slot]:
    """The slots of two days."""
    return list(slots_of(kept(box, number), NINE - timedelta(hours=9), NINE + timedelta(hours=39)))


def named(start: datetime, service: int = 0, number: int = 1) -> SlotName:
    """The name of a slot."""
    return SlotName(DOCTOR.ident, number, start, service)


def somebody(box: Sandbox) -> str:
    """Somebody who entered their space."""
    ins = box.person()
    box.bring(ins, State.OPEN_ACTIVE)
    return ins


def asked(  # noqa: PLR0913, PLR0917 (an appointment is made of as much)
    box: Sandbox,
    ins: str,
    start: datetime = NINE,
    state: AppointmentState = BOOKED,
    identifier: str = "rdv",
    length: timedelta = QUARTER,
) -> PutAppointment:
    """An appointment of the doctor that holds the slot it starts with."""
    return PutAppointment(
        box.now,
        DOCTOR,
        ins,
        identifier,
        start,
        "Consultation",
        state,
        "",
        start + length,
        (named(start),),
    )


def statuses(box: Sandbox) -> list[str]:
    """How the slots stand."""
    register = box.service.snapshot(copied=False).register
    return [slot_status(register, kept(box), slot) for slot in slots(box)]


@pytest.mark.rule("AGD-08")
def test_what_is_free_is_cut_into_the_lengths_of_the_services(launch: Sandbox) -> None:
    """An hour holds four visits of a quarter and one of forty minutes."""
    assert launch.do(written(launch, services=(VISIT, LONG))) == 1

    found = slots(launch)

    assert [(slot.starts_at - NINE) // QUARTER for slot in found if slot.service == 0] == [
        *range(4)
    ]
    assert [slot.ends_at - slot.starts_at for slot in found if slot.service == 1] == [
        timedelta(minutes=40)
    ]


def test_without_a_service_the_whole_of_an_opening_is_one_slot(launch: Sandbox) -> None:
    """Nothing says how to cut it."""
    launch.do(written(launch, services=()))

    assert slots(launch) == [Slot(MORNING.starts_at, MORNING.ends_at, -1)]


def test_what_is_said_to_be_busy_is_no_slot(launch: Sandbox) -> None:
    """An unavailability goes before an availability."""
    pause = Opening(NINE + QUARTER, NINE + 2 * QUARTER, is_free=False)
    launch.do(written(launch, MORNING, pause))

    assert [(slot.starts_at - NINE) // QUARTER for slot in slots(launch)] == [0, 2, 3]


def test_eight_o_clock_stays_eight_o_clock_when_the_hour_changes() -> None:
    """The rule repeats in civil time of Paris: 27 March 2022 and after."""
    start = datetime(2022, 3, 26, 7, tzinfo=UTC)
    opening = Opening(start, start + timedelta(hours=1), rule="FREQ=DAILY;COUNT=3")

    found = [at for at, _ in occurrences(opening, start, start + timedelta(days=9))]

    assert [at.hour for at in found] == [7, 6, 6]
    assert {at.astimezone(PARIS).hour for at in found} == {8}


DAYS: Final = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@dataclass(frozen=True)
class Rule:
    """A rule that somebody may write, and when it is looked at."""

    hours: int
    frequency: str
    every: int
    days: frozenset[str]
    count: int | None
    later_days: int

    @property
    def text(self) -> str:
        """The rule as RFC 5545 writes it."""
        days = sorted(self.days, key=DAYS.index) if self.frequency == "WEEKLY" else []
        by_day = f";BYDAY={','.join(days)}" if days else ""
        count = "" if self.count is None else f";COUNT={self.count}"
        return f"FREQ={self.frequency};INTERVAL={self.every}{by_day}{count}"


RULES: Final = st.builds(
    Rule,
    hours=st.integers(0, 24 * 60),
    frequency=st.sampled_from(["DAILY", "WEEKLY"]),
    every=st.integers(1, 5),
    days=st.frozensets(st.sampled_from(DAYS), max_size=4),
    count=st.none() | st.integers(1, 30),
    later_days=st.integers(0, 120),
)


@given(rule=RULES)
def test_a_rule_gives_the_days_that_another_reader_of_rfc_5545_gives(rule: Rule) -> None:
    """Wall clock by wall clock, from any day on."""
    first = (datetime(2022, 1, 1, tzinfo=UTC) + timedelta(hours=rule.hours)).replace(tzinfo=None)
    # Between two and three the clock of Paris may not exist, or exist twice.
    first = first.replace(hour=max(4, first.hour))
    starts_at = first.replace(tzinfo=PARIS).astimezone(UTC)
    since = first + timedelta(days=rule.later_days)
    until = since + timedelta(days=31)

    found = occurrences(
        Opening(starts_at, starts_at + timedelta(hours=1), rule=rule.text),
        since.replace(tzinfo=PARIS).astimezone(UTC),
        until.replace(tzinfo=PARIS).astimezone(UTC),
    )

    theirs = rrulestr(rule.text, dtstart=first)
    assert [at.astimezone(PARIS).replace(tzinfo=None) for at, _ in found] == [
        at for at in theirs.between(since, until, inc=True) if at < until
    ]


@pytest.mark.parametrize(
    "rule",
    [
        *("FREQ=MONTHLY", "FREQ=WEEKLY;BYDAY=1MO", "FREQ=DAILY;BYDAY=MO", "BYDAY=MO", ""),
        *("FREQ=DAILY;INTERVAL=0", "FREQ=DAILY;COUNT=99999", "FREQ=DAILY;UNTIL=20220231"),
        *("FREQ=DAILY;FREQ=WEEKLY", "FREQ=DAILY;COUNT=2;UNTIL=20220301", "freq=daily"),
        *("FREQ=WEEKLY;WKST=SU", "FREQ=DAILY;BYSETPOS=1", "FREQ=DAILY;UNTIL=2022"),
    ],
)
def test_another_rule_is_not_guessed(rule: str) -> None:
    """What is not of days or weeks is not read."""
    assert recurrence_of(rule) is None


WRONG: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "nobody's": ({"actors": ()}, "SCHEDULE_OF_NOBODY"),
    "too many actors": ({"actors": ("a",) * (LIMITS["actors"] + 1)}, "TOO_MANY_IN_AGENDA"),
    "too many openings": ({"openings": (MORNING,) * 101}, "TOO_MANY_IN_AGENDA"),
    "a service of no time": ({"services": (ServiceType("a", 0),)}, "SERVICE_LENGTH"),
    "a service of two days": ({"services": (ServiceType("a", 2880),)}, "SERVICE_LENGTH"),
    "backwards": ({"openings": (Opening(NINE, NINE),)}, "OPENING_WRONG"),
    "two days long": ({"openings": (Opening(NINE, NINE + timedelta(days=2)),)}, "OPENING_WRONG"),
    "a rule of months": (
        {"openings": (Opening(NINE, NINE + QUARTER, rule="FREQ=MONTHLY"),)},
        "OPENING_WRONG",
    ),
    "in the year one": (
        {"openings": (Opening(datetime.min.replace(tzinfo=UTC), NINE),)},
        "OPENING_WRONG",
    ),
}


@pytest.mark.rule("AGD-08")
@pytest.mark.parametrize("case", WRONG)
def test_a_schedule_that_cannot_be_kept_is_refused(launch: Sandbox, case: str) -> None:
    """And nothing of it stands."""
    changed, code = WRONG[case]
    command = replace(written(launch), **changed)

    assert launch.refusal(command) == ("AGD-08", code)
    assert not diaries(launch)


@pytest.mark.rule("AGD-02", "LIF-02")
def test_a_schedule_is_kept_by_those_who_give_appointments_once_there_is_an_agenda(
    launch: Sandbox,
) -> None:
    """Neither by a holder, nor before the agenda came."""
    by = holder(somebody(launch))
    assert launch.refusal(written(launch, by=by)) == ("AGD-02", "NOT_FOR_THIS_ACTOR")
    assert launch.refusal(DeleteSchedule(launch.now, by, "", 1)) == (
        "AGD-02",
        "NOT_FOR_THIS_ACTOR",
    )
    pilot = Sandbox(vintage("pilot-2021"), now=datetime(2021, 9, 1, tzinfo=UTC))
    assert pilot.refusal(written(pilot)) == ("LIF-02", "FEATURE_NOT_AVAILABLE")
    launch.do(written(launch, by=WARD))


@pytest.mark.rule("AGD-03", "AGD-08")
def test_a_schedule_is_changed_by_its_editor_at_the_revision_they_know(launch: Sandbox) -> None:
    """Somebody else finds none under that number."""
    launch.do(written(launch))

    assert launch.refusal(written(launch, number=1, by=WARD)) == ("AGD-08", "NO_SUCH_ITEM")
    launch.do(written(launch, number=1, expected=1))
    stale = written(launch, number=1, expected=1)
    assert launch.refusal(stale) == ("AGD-08", "REVISION_PASSED")
    delete = DeleteSchedule(launch.now, DOCTOR, "", 1, expected=1)
    assert launch.refusal(delete) == ("AGD-08", "REVISION_PASSED")
    launch.do(DeleteSchedule(launch.now, DOCTOR, "", 1))
    assert launch.refusal(DeleteSchedule(launch.now, DOCTOR, "", 1)) == ("AGD-08", "NO_SUCH_ITEM")
    assert launch.do(written(launch)) == 2


def test_an_editor_keeps_so_many_schedules_and_no_more(launch: Sandbox) -> None:
    """The last is refused."""
    for _ in range(LIMITS["schedules"]):
        launch.do(written(launch))

    assert launch.refusal(written(launch)) == ("AGD-08", "TOO_MANY_IN_AGENDA")


@pytest.mark.rule("AGD-08")
def test_a_slot_is_tentative_while_asked_for_busy_once_booked_and_free_again(
    launch: Sandbox,
) -> None:
    """As the appointment stands in the agenda it is in."""
    ins = somebody(launch)
    launch.do(written(launch))
    seen = [statuses(launch)]
    for state in (PROPOSED, BOOKED, AppointmentState.CANCELLED):
        launch.do(asked(launch, ins, state=state))
        seen.append(statuses(launch))

    assert [one[0] for one in seen] == ["free", "busy-tentative", "busy", "free"]
    assert {status for one in seen for status in one[1:]} == {"free"}


@pytest.mark.rule("AGD-08")
def test_a_slot_is_booked_once_and_asked_for_by_many(launch: Sandbox) -> None:
    """Who comes second is refused, and their request stands."""
    first, second = somebody(launch), somebody(launch)
    launch.do(written(launch, services=(VISIT, LONG)))
    launch.do(asked(launch, second, state=PROPOSED))
    launch.do(asked(launch, first))

    assert launch.refusal(asked(launch, second)) == ("AGD-08", "SLOT_TAKEN")
    # Forty minutes overlap a quarter that is booked.
    overlapping = PutAppointment(
        launch.now,
        DOCTOR,
        second,
        "other",
        NINE,
        "Bilan",
        ends_at=NINE + timedelta(minutes=40),
        slots=(named(NINE, 1),),
    )
    assert launch.refusal(overlapping) == ("AGD-08", "SLOT_TAKEN")
    launch.do(asked(launch, first, NINE + QUARTER))
    launch.do(asked(launch, second))


@pytest.mark.rule("AGD-08")
def test_an_appointment_lasts_as_long_as_its_slots(launch: Sandbox) -> None:
    """The service says how long (W-AGD-10)."""
    ins = somebody(launch)
    launch.do(written(launch))

    short = asked(launch, ins, length=timedelta(minutes=10))
    assert launch.refusal(short) == ("AGD-08", "SLOT_AND_TIMES_DIFFER")
    off = asked(launch, ins, NINE + timedelta(minutes=5))
    assert launch.refusal(off) == ("AGD-08", "NO_SUCH_SLOT")
    backwards = asked(launch, ins, length=-QUARTER)
    assert launch.refusal(backwards) == ("AGD-08", "ENDS_BEFORE_IT_STARTS")
    two = (named(NINE), named(NINE + QUARTER))
    launch.do(
        PutAppointment(
            launch.now,
            DOCTOR,
            ins,
            "rdv",
            NINE,
            "Bilan",
            ends_at=NINE + 2 * QUARTER,
            slots=two,
        )
    )
    assert statuses(launch) == ["busy", "busy", "free", "free"]


@pytest.mark.rule("AGD-04")
def test_a_holder_takes_no_slot(launch: Sandbox) -> None:
    """Nothing is booked in the space."""
    ins = somebody(launch)
    launch.do(written(launch))
    command = PutAppointment(
        launch.now, holder(ins), ins, "rdv", NINE, "Bilan", slots=(named(NINE),)
    )

    assert launch.refusal(command) == ("AGD-04", "BOOKING_IS_ELSEWHERE")


@pytest.mark.parametrize("way", ["deleted", "erased"])
def test_what_is_deleted_or_erased_gives_its_slots_back(launch: Sandbox, way: str) -> None:
    """Nobody holds a slot who has no agenda."""
    ins = somebody(launch)
    launch.do(written(launch))
    launch.do(asked(launch, ins))
    if way == "deleted":
        launch.do(DeleteAppointment(launch.now, DOCTOR, ins, "rdv"))
    else:
        web = Route.WEB
        launch.do(
            CloseSpace(launch.now, holder(ins), ins, web, password_reentered=True, erase=True)
        )
        launch.do(StartErasure(launch.now, INSURER, ins))
        launch.do(FinishErasure(launch.now, INSURER, ins))

    assert set(statuses(launch)) == {"free"}


@pytest.mark.rule("AGD-08")
def test_an_appointment_is_made_once_and_changed_at_the_revision_its_editor_knows(
    launch: Sandbox,
) -> None:
    """A creation does not overwrite, a change does not come too late."""
    ins = somebody(launch)

    def put(expected: int | None) -> PutAppointment:
        return PutAppointment(launch.now, DOCTOR, ins, "rdv", NINE, "Bilan", expected=expected)

    assert launch.refusal(put(1)) == ("AGD-01", "NO_SUCH_ITEM")
    launch.do(put(0))
    assert launch.refusal(put(0)) == ("AGD-08", "ITEM_EXISTS")
    launch.do(put(1))
    assert launch.refusal(put(1)) == ("AGD-08", "REVISION_PASSED")
    delete = DeleteAppointment(launch.now, DOCTOR, ins, "rdv", expected=1)
    assert launch.refusal(delete) == ("AGD-08", "REVISION_PASSED")


@pytest.mark.rule("AGD-02")
def test_an_editor_reads_what_it_wrote_and_no_more(launch: Sandbox) -> None:
    """Another reads nothing, the holder everything, somebody else is refused."""
    ins = somebody(launch)
    launch.do(PutAppointment(launch.now, DOCTOR, ins, "rdv", NINE, "Bilan"))
    launch.do(PutAppointment(launch.now, holder(ins), ins, "own", NINE, "Bilan"))

    def read(by: Actor) -> list[str]:
        found = launch.do(ReadAppointments(launch.now, by, ins))
        return [one.identifier for one in cast("tuple[PutAppointment, ...]", found)]

    assert (read(DOCTOR), read(WARD), read(holder(ins))) == (["rdv"], [], ["rdv", "own"])
    app = ReadAppointments(launch.now, Actor(ActorKind.APP, "1.2.3"), ins)
    assert launch.refusal(app) == ("AGD-02", "NOT_FOR_THIS_ACTOR")
    stranger = ReadAppointments(launch.now, holder(somebody(launch)), ins)
    assert launch.refusal(stranger) == ("REP-01", "NOT_THE_HOLDER")


def test_the_editor_knows_in_whose_agendas_an_identifier_stands(launch: Sandbox) -> None:
    """Two people may bear the same; who is deleted is forgotten."""
    first, second = somebody(launch), somebody(launch)
    for ins in (first, second):
        launch.do(PutAppointment(launch.now, DOCTOR, ins, "rdv", NINE, "Bilan"))
    placed = diaries(launch)[DOCTOR.ident].placed

    assert placed == {"rdv": (first, second)}
    for ins in (first, second):
        launch.do(DeleteAppointment(launch.now, DOCTOR, ins, "rdv"))
    assert placed == {}


def test_a_snapshot_holds_schedules(launch: Sandbox) -> None:
    """What happens next does not reach it."""
    ins = somebody(launch)
    launch.do(written(launch))
    before = launch.service.fork()
    launch.do(asked(launch, ins))

    assert before.digest() != launch.service.digest()
    assert kept(launch).taken
    assert not before.snapshot().register.diaries[DOCTOR.ident].schedules[1].taken
