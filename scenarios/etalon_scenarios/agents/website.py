# pyright: standard
"""The web site: so many visits admitted a minute, in the order of the visitors' numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_scenarios.timetable import MINUTE

if TYPE_CHECKING:
    from collections.abc import Callable

    import simpy


class Website:
    """Admission to the web site of one run.

    Attributes:
        admissions: Visits admitted in a minute of the run.
    """

    def __init__(
        self,
        env: simpy.Environment,
        admissions: Callable[[int], int],
        report: Callable[[int, str], None],
        can_act: Callable[[int], bool],
    ) -> None:
        """Open the site.

        Args:
            env: Clock, in microseconds.
            admissions: Visits admitted in a minute of the run.
            report: Told (person, "web_visits" | "web_turned_away").
            can_act: Whether a person can still come.
        """
        self._env = env
        self.admissions = admissions
        self._report = report
        self._can_act = can_act
        self._expected: dict[int, list[tuple[int, simpy.Event]]] = {}

    def visit(self, person: int, minute: int) -> simpy.Event:
        """Note a visit at a later minute of the run; the event says whether it was admitted."""
        admitted = self._env.event()
        visitors = self._expected.get(minute)
        if visitors is None:
            visitors = self._expected[minute] = []
            due = self._env.timeout(minute * MINUTE - int(self._env.now))
            if due.callbacks is not None:
                due.callbacks.append(lambda _: self._admit(minute))
        visitors.append((person, admitted))
        return admitted

    def _admit(self, minute: int) -> None:
        places = self.admissions(minute)
        for person, admitted in sorted(self._expected.pop(minute), key=lambda visit: visit[0]):
            if self._can_act(person):
                self._report(person, "web_visits")
                if not places:
                    self._report(person, "web_turned_away")
                admitted.succeed(value=places > 0)
                places = max(0, places - 1)
            else:
                admitted.succeed(value=False)
