"""What one day of the agents engine has to tell an observer."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.ledger import COUNT
from etalon_scenarios.timetable import MINUTE

if TYPE_CHECKING:
    from etalon_scenarios.agents.world import Agent
    from etalon_scenarios.observation import Observer

_VISIT, _CALL = COUNT["web_visits"], COUNT["calls"]
_ENTERED, _CLOSED = COUNT["activated"], COUNT["closed"]
_OPENED = COUNT["opened_automatically"]
_DIED, _BORN = COUNT["died"], COUNT["born"]


class Watch:
    """Collects the events of a day and hands them over at its end."""

    def __init__(self, observer: Observer) -> None:
        self._observer = observer
        self._visits: list[tuple[int, int, bool]] = []
        self._calls: list[tuple[int, int]] = []
        self._entered: list[int] = []
        self._opened: list[int] = []
        self._left: list[int] = []
        self._died: list[int] = []
        self._born: list[tuple[int, int]] = []

    def note(self, counter: int, agent: Agent, microsecond: int) -> None:
        """Keep an event that is counted, if it is one to tell.

        Args:
            counter: Its rank in `COUNTERS`.
            agent: To whom it happens.
            microsecond: When, since midnight of day 0.
        """
        if counter == _VISIT:
            self._visits.append((microsecond // MINUTE, agent.number, agent.objecting))
        elif counter == _CALL:
            self._calls.append((microsecond, agent.number))
        elif counter == _ENTERED:
            self._entered.append(agent.number)
        elif counter == _OPENED and self._observer.hears_lives:
            self._opened.append(agent.number)
        elif counter in (_CLOSED, _DIED):
            self._left.append(agent.number)
            if counter == _DIED:
                self._died.append(agent.number)
        elif counter == _BORN:
            self._born.append((agent.number, agent.cell))

    def hand_over(self, day: int) -> None:
        """Tell the observer what a finished day brought."""
        visits = np.array(self._visits, dtype=np.int64).reshape(-1, 3)
        calls = np.array(self._calls, dtype=np.int64).reshape(-1, 2)
        self._observer.visits(visits[:, 0], visits[:, 1], visits[:, 2] > 0)
        self._observer.calls(calls[:, 0], calls[:, 1])
        self._observer.activations(day, np.array(self._entered, dtype=np.int64))
        if self._observer.hears_lives:
            self._observer.openings(day, np.array(self._opened, dtype=np.int64))
            self._observer.deaths(day, np.array(self._died, dtype=np.int64))
        self._observer.endings(day, np.array(self._left, dtype=np.int64))
        born = np.array(self._born, dtype=np.int64).reshape(-1, 2)
        self._observer.births(born[:, 0], born[:, 1])
        self._visits.clear()
        for pairs in (self._calls, self._born):
            pairs.clear()
        for people in (self._entered, self._opened, self._left, self._died):
            people.clear()
