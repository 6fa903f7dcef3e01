"""From a scenario to the days of its law: waves, ends of windows and codes, opening batch."""

from __future__ import annotations

from datetime import UTC, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from etalon_model import Period
from etalon_scenarios.curves import fixed
from etalon_scenarios.law import NEVER, OpeningLaw, ReminderChannel, ReminderLaw, WaveLaw
from etalon_scenarios.timetable import HOUR, PARIS, PRINTER
from etalon_scenarios.waves import is_in_wave, wave_days, wave_order

if TYPE_CHECKING:
    import datetime as dt
    from collections.abc import Sequence

    from etalon_scenarios.layout import Layout
    from etalon_scenarios.population_table import PopulationTable
    from etalon_scenarios.scale import Scope
    from etalon_scenarios.scenario import Scenario
    from etalon_scenarios.sending_sections import Wave
    from etalon_scenarios.timetable import Timetable

GIRLS_AT_BIRTH: Final = Decimal("0.488")
"""Share of girls among newborns (assumption: general knowledge, source none)."""

OPT_IN_ONLINE: Final = Decimal("0.39")
"""Share of voluntary records opened on line, December 2018 (innovation-mutuelle.fr)."""

CHANNELS: Final = {
    "same": ReminderChannel.AS_NOTICE,
    "email": ReminderChannel.EMAIL,
    "letter": ReminderChannel.LETTER,
}
"""How a reminder travels, by the word of the scenario file."""

MONDAY: Final = 0
YEARS_OF_A_BAND: Final = 5
YEAR_DAYS: Final = Decimal("365.25")
LETTERS_LEAVE_AT: Final = time(PRINTER // HOUR)


def wave_law(wave: Wave, table: PopulationTable, layout: Layout, timetable: Timetable) -> WaveLaw:
    """Lay the départements of one wave over its working days."""
    days = tuple(timetable.day(on) for on in wave_days(wave, table))
    sizes = [
        len(layout.department_range(index)) if is_in_wave(wave, code) else 0
        for index, code in enumerate(layout.departments)
    ]
    total = sum(sizes)
    if wave.order == "spread":
        return WaveLaw(
            days=days,
            before=(0,) * len(sizes),
            size=tuple(total if size else 0 for size in sizes),
            total=total,
        )
    before = [0] * len(sizes)
    reached = 0
    for index in wave_order(wave.order, table):
        before[index] = reached
        reached += sizes[index]
    return WaveLaw(days=days, before=tuple(before), size=tuple(sizes), total=total)


def reminder_laws(scenario: Scenario, working: Sequence[bool], days: int) -> list[ReminderLaw]:
    """Lay the reminders over the days of sending."""
    found: list[ReminderLaw] = []
    for reminder in scenario.reminders:
        due = [_working_day(working, sent + reminder.after_days, days) for sent in range(days)]
        found.append(
            ReminderLaw(
                due=tuple(due),
                channel=CHANNELS[reminder.channel],
                minors=None if reminder.to == "silent" else reminder.to == "minors",
                from_band=reminder.from_age // YEARS_OF_A_BAND,
            )
        )
    return found


def _working_day(working: Sequence[bool], day: int, days: int) -> int:
    """Return the first working day from `day` on, or `NEVER` after the run."""
    while day < days and not working[day]:
        day += 1
    return day if day < days else NEVER


def opening_law(
    scenario: Scenario, scope: Scope, timetable: Timetable, waves: tuple[WaveLaw, ...]
) -> OpeningLaw:
    """Compute when spaces open and close, when codes and windows end, who is born and dies."""
    creation, vital = scenario.creation, scenario.population.vital_events
    people = scenario.population
    window = Period(scenario.enrolment.opposition_window)
    validity = Period(scenario.enrolment.code_validity)
    days = timetable.days
    window_ends = _ends(window, timetable)
    last = max((wave.days[-1] for wave in waves), default=0)
    after_all = _end(window, timetable, last) if creation.clock == "last-wave" else 0
    return OpeningLaw(
        starts=timetable.day(creation.starts_on),
        per_day=scope.capacity(creation.per_day.value),
        impossible=fixed(creation.impossible_share.value),
        retry_days=_end(Period(creation.retry_after), timetable, 0),
        eligible=tuple(max(end, after_all) for end in window_ends),
        code_ends=_ends(validity, timetable),
        window_ends=window_ends,
        closing=fixed(scenario.closing.per_year.value / YEAR_DAYS),
        deaths=_daily(people.deaths_per_year.values, on=vital),
        births=_daily(people.births_per_year.values, on=vital),
        newborn_girls=fixed(GIRLS_AT_BIRTH),
        newcomer_weekday=MONDAY,
        opt_in_online=fixed(OPT_IN_ONLINE),
        opt_in_steps=_opt_in_steps(scenario, timetable, days),
    )


def _daily(per_year: tuple[Decimal, ...], *, on: bool) -> tuple[int, ...]:
    return tuple(fixed(value / YEAR_DAYS) if on else 0 for value in per_year)


def _date_after(period: Period, sent_on: dt.date) -> dt.date:
    """Return the civil date on which a period from a sending ends."""
    sent_at = datetime.combine(sent_on, LETTERS_LEAVE_AT, PARIS).astimezone(UTC)
    return period.after(sent_at).astimezone(PARIS).date()


def _end(period: Period, timetable: Timetable, day: int) -> int:
    return timetable.day(_date_after(period, timetable.date(day)))


def _ends(period: Period, timetable: Timetable) -> tuple[int, ...]:
    return tuple(_end(period, timetable, day) for day in range(timetable.days))


def _opt_in_steps(scenario: Scenario, timetable: Timetable, days: int) -> tuple[int, ...]:
    if scenario.optin is None:
        return ()
    steps = [0] * days
    for segment in scenario.optin.segments:
        first = max(0, timetable.day(segment.from_on))
        last = min(days - 1, timetable.day(segment.to_on))
        for day in range(first, last + 1):
            steps[day] += fixed(segment.per_day.value)
    return tuple(steps)
