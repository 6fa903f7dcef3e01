"""The hotline on its busiest days: Erlang's formulas beside what the simulation counted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.erlang import (
    Exchange,
    Waiting,
    answered_within,
    erlang_a,
    erlang_c,
    fewest_agents,
)
from etalon_reports.record import RunFileError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from etalon_reports.daily_counts import DailyCounts
    from etalon_reports.record import Record
    from etalon_reports.run_files import RunFiles

    Offered = tuple[date, int, int, int]
    """Day, calls offered, blocked, abandoned."""

_PARAMETERS: Final = ("agents", "lines", "service_minutes", "patience_minutes")
_COUNTED: Final = ("calls", "calls_blocked", "calls_abandoned")
_BUSIEST: Final = 8
TARGET_ANSWERED: Final = 0.8
TARGET_MINUTES: Final = 1 / 3
"""The usual target of call centres: eight calls in ten answered within 20 seconds."""
TARGET_LOST: Final = 0.05


@dataclass(frozen=True, slots=True)
class Hotline:
    """The telephone service of a scenario at full scope.

    Attributes:
        exchange: Its agents, waiting places, length of a call and patience.
        minutes: Minutes it answers on an open day.
    """

    exchange: Exchange
    minutes: int


class StaffedDay(NamedTuple):
    """One day.

    Attributes:
        day: The day.
        calls: Calls offered, retries included, at full scope.
        load: The same in erlangs, spread evenly over the opening hours.
        waits: Share that waits by Erlang C; 1 when the load exceeds the agents.
        formula: What callers meet by Erlang A.
        lost: Share that the simulation left unanswered; None below full scope.
        agents_c: Fewest agents to answer 80% within 20 seconds, by Erlang C.
        agents_a: Fewest agents to lose at most 5%, by Erlang A.
    """

    day: date
    calls: float
    load: float
    waits: float
    formula: Waiting
    lost: float | None
    agents_c: int
    agents_a: int


def hotline_of(scenario: Record) -> Hotline | None:
    """Return the hotline of a scenario, or None when the file does not tell its hours.

    Raises:
        RunFileError: Hours or parameters are not as published.
    """
    hours = scenario.optional_record("hotline")
    values = _parameters(scenario)
    if hours is None or len(values) < len(_PARAMETERS):
        return None
    opens, closes = clock_minutes(hours, "opens"), clock_minutes(hours, "closes")
    agents, places, service, patience = (values[name] for name in _PARAMETERS)
    return Hotline(Exchange(round(agents), round(places), service, patience), closes - opens)


def staffed_days(files: RunFiles, daily: DailyCounts) -> list[StaffedDay]:
    """Return the busiest day of each ISO week with calls, in order of date.

    Empty when the scenario does not tell the hours of its hotline.
    """
    hotline = hotline_of(files.scenario)
    if hotline is None:
        return []
    rows = zip(daily.days, *(daily.counts[name] for name in _COUNTED), strict=True)
    return [
        staffed_day(
            hotline,
            day,
            calls / files.scope,
            None if files.is_sample else (blocked + abandoned) / calls,
        )
        for day, calls, blocked, abandoned in busiest_of_weeks(list(rows))
    ]


def busiest_of_weeks(days: Sequence[Offered]) -> list[Offered]:
    """Return the day of each ISO week with most calls, the first of equals, in order of date."""
    weeks: dict[tuple[int, int], Offered] = {}
    for row in days:
        year, week, _ = row[0].isocalendar()
        if row[1] > (weeks[year, week][1] if (year, week) in weeks else 0):
            weeks[year, week] = row
    return sorted(weeks.values())


def busiest(days: Sequence[StaffedDay]) -> list[StaffedDay]:
    """Return the eight busiest of these days, in order of date."""
    return sorted(sorted(days, key=lambda row: (-row.calls, row.day))[:_BUSIEST])


def staffed_day(hotline: Hotline, day: date, calls: float, lost: float | None) -> StaffedDay:
    """Work out one day at a steady rate over the opening hours; `lost` was simulated."""
    exchange = hotline.exchange
    rate = calls / hotline.minutes

    def quick(agents: int) -> bool:
        within = answered_within(TARGET_MINUTES, rate, exchange.service, agents)
        return within >= TARGET_ANSWERED

    def answering(agents: int) -> bool:
        return erlang_a(rate, exchange._replace(agents=agents)).lost <= TARGET_LOST

    load = rate * exchange.service
    return StaffedDay(
        day=day,
        calls=calls,
        load=load,
        waits=erlang_c(load, exchange.agents),
        formula=erlang_a(rate, exchange),
        lost=lost,
        agents_c=fewest_agents(quick, int(load) + 1),
        agents_a=fewest_agents(answering, max(int(load * (1 - TARGET_LOST)), 1)),
    )


def _parameters(scenario: Record) -> dict[str, float]:
    return {
        name: row.figure("value")
        for row in scenario.rows("parameters")
        for name in _PARAMETERS
        if row.text("path") == f"hotline.{name}"
    }


def clock_minutes(hours: Record, key: str) -> int:
    """Read HH:MM as minutes of the day.

    Raises:
        RunFileError: It is no such time.
    """
    hour, _, minute = hours.text(key).partition(":")
    if not (hour.isdecimal() and minute.isdecimal()):
        raise RunFileError(hours.file, f"{hours.place}.{key}", f"found {hours.text(key)}", "HH:MM")
    return int(hour) * 60 + int(minute)
