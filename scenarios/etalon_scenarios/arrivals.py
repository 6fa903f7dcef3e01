"""Arrivals at the service, for measures of load: who comes, when, for what.

Visits to activate or to object and calls to the hotline are those of the run itself, heard by an
observer; logins and readings of people who have entered their space are drawn after it. Within
its minute, a visit has an instant of its own, drawn by (person, minute). No arrival depends on
the window in which it is asked for, so that overlapping windows hold the same rows.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from etalon_scenarios.draws import Slot, stream
from etalon_scenarios.draws_arrays import draw_many, upper
from etalon_scenarios.layout import CELLS
from etalon_scenarios.logins import Logins, Stays, scaled
from etalon_scenarios.timetable import DAY, HOUR, MINUTE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from numpy.typing import NDArray

    from etalon_scenarios.layout import Layout
    from etalon_scenarios.usage import UsageLaw

    Integers = NDArray[np.int64]

KINDS: Final = ("activation", "opposition", "login", "reading", "call")
ACTIVATION, OPPOSITION, LOGIN, READING, CALL = range(len(KINDS))
DAY_MINUTES: Final = DAY // MINUTE
NEVER_DAY: Final = (1 << 16) - 1
"""Day of what did not happen in a run."""


@dataclass(frozen=True, slots=True)
class Window:
    """A stretch of a run.

    Attributes:
        first: Its first microsecond, from midnight of day 0; days count 24 hours.
        end: The microsecond after its last.
    """

    first: int
    end: int


class Attendance:
    """An observer that keeps who came, in columns of small integers.

    Attributes:
        hears_lives: Whether it also keeps when spaces were opened automatically, and deaths.
    """

    def __init__(self, *, hears_lives: bool = False) -> None:
        """Begin to listen; automatic openings are many, and kept where they are wanted."""
        self.hears_lives = hears_lives
        self._opened = np.empty(0, np.uint16)
        self._died: list[tuple[int, NDArray[np.int32]]] = []
        self._minutes: list[NDArray[np.int32]] = []
        self._visitors: list[NDArray[np.int32]] = []
        self._objecting: list[NDArray[np.bool_]] = []
        self._instants: list[Integers] = []
        self._callers: list[NDArray[np.int32]] = []
        self._entered: list[tuple[int, NDArray[np.int32]]] = []
        self._later = (np.empty(0, np.int64), np.empty(0, np.int64))
        self._left: list[tuple[int, NDArray[np.int32]]] = []
        self._newborns: list[tuple[Integers, Integers]] = []

    def visits(self, minutes: Integers, people: Integers, objecting: NDArray[np.bool_]) -> None:
        """Keep visits to the web site."""
        self._minutes.append(minutes.astype(np.int32))
        self._visitors.append(people.astype(np.int32))
        self._objecting.append(objecting)

    def calls(self, instants: Integers, people: Integers) -> None:
        """Keep calls to the hotline."""
        self._instants.append(instants)
        self._callers.append(people.astype(np.int32))

    def activations(self, day: int, people: Integers) -> None:
        """Keep who entered their space."""
        self._entered.append((day, people.astype(np.int32)))

    def later_activations(self, people: Integers, days: Integers) -> None:
        """Keep who entered their space after the campaign, and on which days, in place of others.

        They are known once the run is over, and belong to no checkpoint.
        """
        self._later = people, days

    def openings(self, day: int, people: Integers) -> None:
        """Keep on which day spaces were opened automatically."""
        if not len(people):
            return
        most = int(people.max()) + 1
        if most > len(self._opened):
            # Room for the people beyond, at twice what is needed: people come in any order.
            more = np.full(2 * most - len(self._opened), NEVER_DAY, np.uint16)
            self._opened = np.concatenate([self._opened, more])
        self._opened[people] = day

    def deaths(self, day: int, people: Integers) -> None:
        """Keep who died."""
        self._died.append((day, people.astype(np.int32)))

    def endings(self, day: int, people: Integers) -> None:
        """Keep who closed their space, or died."""
        self._left.append((day, people.astype(np.int32)))

    def births(self, people: Integers, cells: Integers) -> None:
        """Keep where children were born."""
        self._newborns.append((people, cells))

    def state(self) -> dict[str, NDArray[Any]]:
        """Return all that is kept, as a few arrays."""
        entered, left = _flat(self._entered), _flat(self._left)
        return {
            "minutes": np.concatenate([np.empty(0, np.int32), *self._minutes]),
            "visitors": np.concatenate([np.empty(0, np.int32), *self._visitors]),
            "objecting": np.concatenate([np.empty(0, np.bool_), *self._objecting]),
            "instants": np.concatenate([np.empty(0, np.int64), *self._instants]),
            "callers": np.concatenate([np.empty(0, np.int32), *self._callers]),
            "entered": np.stack(entered),
            "left": np.stack(left),
            **self._lives(),
            "newborns": np.concatenate(
                [np.empty((2, 0), np.int64), *(np.stack(part) for part in self._newborns)], axis=1
            ),
        }

    def _lives(self) -> dict[str, NDArray[Any]]:
        if not self.hears_lives:
            return {}
        return {"opened": self._opened, "died": np.stack(_flat(self._died))}

    def restore(self, state: Mapping[str, NDArray[Any]]) -> None:
        """Take over what was kept before a checkpoint; nothing may have been kept yet.

        Raises:
            KeyError: The state lacks a part.
        """
        self.visits(state["minutes"], state["visitors"], state["objecting"])
        self.calls(state["instants"], state["callers"])
        told = [("entered", self.activations), ("left", self.endings)]
        if self.hears_lives:
            told.append(("died", self.deaths))
            self._opened = state["opened"].copy()
        for name, tell in told:
            people, days = state[name]
            for day in np.unique(days).tolist():
                tell(day, people[days == day])
        self.births(*state["newborns"])

    def visit_columns(self) -> Iterator[tuple[Integers, Integers, NDArray[np.bool_]]]:
        """Yield the visits part by part: minute, person, whether to object."""
        for minutes, people, objecting in zip(
            self._minutes, self._visitors, self._objecting, strict=True
        ):
            yield minutes.astype(np.int64), people.astype(np.int64), objecting

    def call_columns(self) -> Iterator[tuple[Integers, Integers]]:
        """Yield the calls part by part: microsecond, person."""
        for instants, people in zip(self._instants, self._callers, strict=True):
            yield instants, people.astype(np.int64)

    def stays(self, days: int) -> Stays:
        """Return who used a space, from when to when, in a run of so many days."""
        people, entered = (
            np.concatenate(parts) for parts in zip(_flat(self._entered), self._later, strict=True)
        )
        gone, gone_on = _flat(self._left)
        last = np.full(1 + max(people.max(initial=0), gone.max(initial=0)), days, np.int32)
        np.minimum.at(last, gone, gone_on.astype(np.int32))
        return Stays(people, entered, last[people].astype(np.int64))

    def newborn_cells(self) -> Integers:
        """Return the cell of each child born during the run, by ascending number."""
        empty = (np.empty(0, np.int64),) * 2
        numbers, cells = (np.concatenate(part) for part in zip(empty, *self._newborns, strict=True))
        return cells[np.argsort(numbers)]

    def opened(self, people: int) -> NDArray[np.uint16]:
        """Return on which day the space of each person was opened automatically, or `NEVER_DAY`."""
        kept = self._opened[:people]
        return np.concatenate([kept, np.full(people - len(kept), NEVER_DAY, np.uint16)])

    def entered(self) -> tuple[Integers, Integers]:
        """Return who entered their space, and on which days."""
        return _flat(self._entered)

    def left(self) -> tuple[Integers, Integers]:
        """Return who closed their space or died, and on which days."""
        return _flat(self._left)

    def died(self) -> tuple[Integers, Integers]:
        """Return who died, and on which days."""
        return _flat(self._died)

    def departments(self, people: Integers, layout: Layout) -> Integers:
        """Return the rank of the département of each person, children of the run included."""
        starts = [layout.department_range(rank).start for rank in range(len(layout.departments))]
        found = np.searchsorted(np.array(starts), people, side="right") - 1
        late = np.flatnonzero(people >= layout.size)
        if len(late):
            numbers, cells = (np.concatenate(part) for part in zip(*self._newborns, strict=True))
            found[late] = cells[np.searchsorted(numbers, people[late])] // CELLS
        return found


def _flat(parts: list[tuple[int, NDArray[np.int32]]]) -> tuple[Integers, Integers]:
    """Return people and their days, from the people of each day."""
    people = np.concatenate([np.empty(0, np.int64), *(people for _, people in parts)])
    days = np.repeat([day for day, _ in parts], [len(people) for _, people in parts])
    return people.astype(np.int64), days.astype(np.int64)


class Arrivals:
    """All arrivals of one run.

    Attributes:
        attendance: What was heard of the run.
        days: Days of the run.
    """

    def __init__(
        self, attendance: Attendance, usage: UsageLaw | None, *, seed: int, weekday: int, days: int
    ) -> None:
        """Take over what was heard.

        Args:
            attendance: What was heard of the run.
            usage: How people use their space; None for no logins.
            seed: Seed of the run.
            weekday: Day of the week of day 0, Monday is 0.
            days: Days of the run.
        """
        self.attendance = attendance
        self.days = days
        self._within = stream(seed, Slot.ARRIVAL)
        self._logins = None
        if usage is not None:
            self._logins = Logins(usage, stream(seed, Slot.LOGIN), weekday=weekday, days=days)

    def by_minute(self) -> NDArray[np.int64]:
        """Count arrivals: one row a kind, one column a minute of the run.

        Raises:
            CrewError: A process failed, or was ended from outside.
        """
        size = self.days * DAY_MINUTES
        counts = np.zeros((len(KINDS), size), dtype=np.int64)
        for minutes, _, objecting in self.attendance.visit_columns():
            np.add.at(counts[ACTIVATION], minutes[~objecting], 1)
            np.add.at(counts[OPPOSITION], minutes[objecting], 1)
        for instants, _ in self.attendance.call_columns():
            np.add.at(counts[CALL], instants // MINUTE, 1)
        if self._logins is not None:
            stays = self.attendance.stays(self.days)
            counts[LOGIN], counts[READING] = self._logins.by_minute(stays)
        return counts

    def between(self, window: Window) -> tuple[Integers, Integers, Integers]:
        """Return the arrivals of a window, sorted: microsecond, rank of the kind, person."""
        parts: list[tuple[Integers, Integers, Integers]] = []
        for kind, at, people in self._parts(window):
            kept = np.flatnonzero((window.first <= at) & (at < window.end))
            parts.append((at[kept], np.full(len(kept), kind), people[kept]))
        empty = np.empty(0, np.int64)
        at, kinds, people = (
            np.concatenate(column) for column in zip((empty, empty, empty), *parts, strict=True)
        )
        order = np.lexsort((people, kinds, at))
        return at[order], kinds[order], people[order]

    def _parts(self, window: Window) -> Iterator[tuple[int, Integers, Integers]]:
        """Yield arrivals of one kind, those near a window at least: rank, microseconds, people."""
        for minutes, people, objecting in self.attendance.visit_columns():
            at = minutes * MINUTE
            kept = np.flatnonzero((at > window.first - MINUTE) & (at < window.end))
            at = self._instants(minutes[kept], people[kept])
            for kind, mask in ((ACTIVATION, ~objecting[kept]), (OPPOSITION, objecting[kept])):
                yield kind, at[mask], people[kept][mask]
        for instants, people in self.attendance.call_columns():
            yield CALL, instants, people
        if self._logins is not None:
            stays = self.attendance.stays(self.days)
            for at, people, later, readers in self._logins.between(stays, window.first, window.end):
                yield LOGIN, at, people
                yield READING, later, readers

    def _instants(self, minutes: Integers, people: Integers) -> Integers:
        seeds = draw_many(self._within, people)
        return minutes * MINUTE + scaled(upper(draw_many(seeds, minutes)), MINUTE)


def busiest_hour(by_minute: NDArray[np.int64]) -> Window:
    """Return the hour of the clock with most arrivals of all kinds; the first of equals."""
    hours = by_minute.sum(axis=0).reshape(-1, HOUR // MINUTE).sum(axis=1)
    first = int(hours.argmax()) * HOUR
    return Window(first, first + HOUR)
