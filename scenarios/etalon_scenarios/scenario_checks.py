"""What no single key of a scenario can tell: dates that fit together, shares of one whole.

Each check gives the problems it sees, most telling first; the loader reports the first one.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, Final

from etalon_scenarios.parameters import AGE_BANDS
from etalon_scenarios.population_table import population_table, scenario_departments
from etalon_scenarios.public_holidays import FIRST_DAY, LAST_DAY, working_days
from etalon_scenarios.scenario_errors import nearest_name
from etalon_scenarios.waves import last_day, wave_days

if TYPE_CHECKING:
    from collections.abc import Iterator

    from etalon_scenarios.scenario import Scenario
    from etalon_scenarios.sending_sections import Wave


HOTLINE_HOURS: Final = ("08:00", "22:00")
"""First opening and last closing that the timetable of a day has room for."""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, at which path, and what would be accepted."""

    path: str
    found: str
    accepted: str
    nearest: str | None = None


def problems(scenario: Scenario) -> Iterator[Problem]:
    """The problems of a scenario whose keys are each acceptable."""
    yield from _period(scenario)
    yield from _people(scenario)
    yield from _mode(scenario)
    yield from _waves(scenario)
    yield from _waves_together(scenario)
    yield from _segments(scenario)
    yield from _levers(scenario)
    yield from _service(scenario)
    yield from _calibrated(scenario)


def _period(scenario: Scenario) -> Iterator[Problem]:
    starts_on, ends_on = scenario.starts_on, scenario.ends_on
    for key, day in (("starts_on", starts_on), ("ends_on", ends_on)):
        if not FIRST_DAY <= day <= LAST_DAY:
            accepted = f"a day of the calendar, from {FIRST_DAY} to {LAST_DAY}"
            yield Problem(f"scenario.{key}", str(day), accepted)
    if ends_on < starts_on:
        yield Problem(
            "scenario.ends_on", str(ends_on), f"a day on or after scenario.starts_on = {starts_on}"
        )
    shock_on = scenario.media.shock_on
    if shock_on is not None and not starts_on <= shock_on <= ends_on:
        yield Problem("media.shock_on", str(shock_on), f"a day from {starts_on} to {ends_on}")


def _people(scenario: Scenario) -> Iterator[Problem]:
    named = scenario_departments(scenario)
    if not named:
        left_out = ", ".join(f'"{code}"' for code in scenario.population.except_departments)
        yield Problem(
            "population.departments",
            "no département left",
            f"one or more that population.except = [{left_out}] does not leave out, "
            "or that key stated anew",
        )
    own = scenario.own_people
    if own is None:
        return
    if not any(code in own.counts for code in named):
        held = ", ".join(f'"{code}"' for code in own.counts)
        yield Problem(
            "population.departments",
            "none of the départements of population.table",
            f"some of those that the table holds: [{held}]",
        )
    if scenario.population.scale.certainty == "user":
        yield Problem(
            "population.scale",
            str(scenario.population.scale.value),
            "no change: a table of your own is taken as it is",
        )


def _mode(scenario: Scenario) -> Iterator[Problem]:
    if scenario.enrolment.mode == "opt-in":
        if scenario.waves:
            yield Problem("waves", f"{len(scenario.waves)} of them", "none in opt-in mode")
        if scenario.reminders:
            found = f"{len(scenario.reminders)} of them"
            yield Problem("reminders", found, "none in opt-in mode: nobody is notified")
        if scenario.optin is None:
            yield Problem("optin", "nothing", "the table [optin] in opt-in mode")
    else:
        if not scenario.waves:
            yield Problem("waves", "nothing", "one wave or more in opt-out mode")
        if scenario.optin is not None:
            yield Problem("optin", "a table", "nothing in opt-out mode")


def _waves(scenario: Scenario) -> Iterator[Problem]:
    people = set(scenario_departments(scenario))
    for rank, wave in enumerate(scenario.waves):
        yield from _wave_dates(scenario, wave, f"waves.{rank}")
        if wave.departments == "all" or scenario.own_people is not None:
            continue
        for code in wave.departments:
            if code not in people:
                yield Problem(
                    f"waves.{rank}.departments", f'"{code}"', "départements of [population]"
                )


def _wave_dates(scenario: Scenario, wave: Wave, path: str) -> Iterator[Problem]:
    first_on, last_on = wave.first_on, wave.last_on
    if first_on < scenario.starts_on:
        accepted = f"a day on or after scenario.starts_on = {scenario.starts_on}"
        yield Problem(f"{path}.first_on", str(first_on), accepted)
    elif (last_on is None) == (wave.volume is None):
        found = "nothing" if last_on is None else "volume beside it"
        yield Problem(f"{path}.last_on", found, "last_on, or volume in its place")
    elif last_on is None:
        days = wave_days(wave, population_table(scenario))
        if not days or days[-1] > scenario.ends_on:
            until = f", which takes until {days[-1]}" if days else ""
            accepted = f"a volume that is sent by scenario.ends_on = {scenario.ends_on}"
            yield Problem(f"{path}.volume", f"{wave.volume}{until}", accepted)
    elif last_on < first_on:
        yield Problem(f"{path}.last_on", str(last_on), f"a day on or after first_on = {first_on}")
    elif last_on > scenario.ends_on:
        accepted = f"a day on or before scenario.ends_on = {scenario.ends_on}"
        yield Problem(f"{path}.last_on", str(last_on), accepted)
    elif not working_days(first_on, last_on):
        found = f"{first_on} to {last_on}"
        yield Problem(f"{path}.first_on", found, "one working day or more")


def _waves_together(scenario: Scenario) -> Iterator[Problem]:
    everywhere = set(scenario_departments(scenario))
    sent_to = [
        everywhere if wave.departments == "all" else set(wave.departments)
        for wave in scenario.waves
    ]
    for first, second in combinations(range(len(sent_to)), 2):
        both = sorted(sent_to[first] & sent_to[second])
        if not both:
            continue
        one, other = scenario.waves[first], scenario.waves[second]
        ends_on = last_day(one, scenario)
        overlap = one.first_on <= last_day(other, scenario) and other.first_on <= ends_on
        when = f"overlapping waves.{first}" if overlap else f"already notified by waves.{first}"
        yield Problem(
            f"waves.{second}.departments",
            f'"{both[0]}", {when} ({one.first_on} to {ends_on})',
            "each département in one wave",
        )


def _levers(scenario: Scenario) -> Iterator[Problem]:
    intent, notices = scenario.intent, scenario.notices
    if notices.letter_to_excluded and notices.excluded_share is None:
        accepted = "the series, beside notices.letter_to_excluded"
        yield Problem("notices.excluded_share", "nothing", accepted)
    known_after = notices.bounce_delay_days.high
    for rank, reminder in enumerate(scenario.reminders):
        if reminder.after_days <= known_after:
            accepted = f"more than {known_after}, the days after which a failed e-mail is known"
            yield Problem(f"reminders.{rank}.after_days", str(reminder.after_days), accepted)
    if intent.trust_shift and intent.trust_elasticity is None:
        yield Problem("intent.trust_elasticity", "nothing", "the number, beside intent.trust_shift")


def _segments(scenario: Scenario) -> Iterator[Problem]:
    before = None
    for rank, segment in enumerate(scenario.optin.segments if scenario.optin else ()):
        if segment.to_on < segment.from_on:
            accepted = f"a day on or after from_on = {segment.from_on}"
            yield Problem(f"optin.segments.{rank}.to_on", str(segment.to_on), accepted)
        if before is not None and segment.from_on <= before:
            accepted = f"a day after {before}, the end of the segment before"
            yield Problem(f"optin.segments.{rank}.from_on", str(segment.from_on), accepted)
        before = segment.to_on


def _service(scenario: Scenario) -> Iterator[Problem]:
    routes, hotline = scenario.routes, scenario.hotline
    other = routes.post.value + routes.counter.value
    for band, phone in zip(AGE_BANDS, routes.phone.values, strict=True):
        if phone + other > 1:
            yield Problem(
                "routes.phone.values",
                f"{phone} at {band}, hence {phone + other} with post and counter",
                "shares that sum to 1 at most",
            )
            return
    if hotline.closes <= hotline.opens:
        yield Problem(
            "hotline.closes", f'"{hotline.closes}"', f'a time after opens = "{hotline.opens}"'
        )
    # Between the delivery of the day and its decisions: the order in which engines visit a day.
    if hotline.opens < HOTLINE_HOURS[0]:
        yield Problem("hotline.opens", f'"{hotline.opens}"', f"{HOTLINE_HOURS[0]} or later")
    if hotline.closes > HOTLINE_HOURS[1]:
        yield Problem("hotline.closes", f'"{hotline.closes}"', f"{HOTLINE_HOURS[1]} or earlier")


def _calibrated(scenario: Scenario) -> Iterator[Problem]:
    paths = [path for path, _ in scenario.parameters()]
    for rank, fitted in enumerate(scenario.scenario.calibrated_on):
        if fitted.parameter not in paths:
            yield Problem(
                f"scenario.calibrated_on.{rank}.parameter",
                f'"{fitted.parameter}"',
                "the path of a parameter in use",
                nearest_name(fitted.parameter, paths),
            )
