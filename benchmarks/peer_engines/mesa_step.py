"""Mesa: each person an agent that steps every day."""

import mesa
import numpy as np

from peer_engines.workload import (
    ACTIVE,
    CLOSED,
    NOTIFIED,
    REFUSED,
    UNSEEN,
    WAITING,
    Workload,
    counts,
    plan,
    serve,
)


class Person(mesa.Agent):
    """Somebody with four drawn days."""

    def __init__(self, model: mesa.Model, days: tuple[int, int, int, int]) -> None:
        super().__init__(model)
        self.notified, self.opposes, self.activates, self.opens = days
        self.standing = WAITING

    def step(self) -> None:
        """Do what falls on this day."""
        day, counted = self.model.day, self.model.counted
        if self.standing == WAITING and day == self.notified:
            self.standing = NOTIFIED
            counted["notified"][day] += 1
        if day == self.activates and self.standing in (NOTIFIED, UNSEEN):
            self.standing = ACTIVE
            counted["activated"][day] += 1
        if day == self.opposes and self.standing in (NOTIFIED, UNSEEN, ACTIVE):
            refused = self.standing == NOTIFIED
            self.standing = REFUSED if refused else CLOSED
            counted["opposed" if refused else "closed"][day] += 1
        if day == self.opens and self.standing == NOTIFIED:
            self.standing = UNSEEN
            counted["opened_automatically"][day] += 1


class Scheme(mesa.Model):
    """The people and what they did."""

    def __init__(self, work: Workload) -> None:
        super().__init__()
        self.day = 0
        self.drawn = plan(work)
        self.counted = {name: days.tolist() for name, days in counts(work).items()}
        drawn = self.drawn
        columns = (drawn.notified, drawn.opposes, drawn.activates, drawn.opens)
        for days in zip(*(column.tolist() for column in columns), strict=True):
            Person(self, days)

    def step(self) -> None:
        """Let everybody step, then the day ends."""
        self.agents.do("step")
        self.day += 1


def run(work: Workload) -> dict[str, np.ndarray]:
    """Let the days pass."""
    scheme = Scheme(work)
    for _ in range(work.days):
        scheme.step()
    counted = {name: np.array(days) for name, days in scheme.counted.items()}
    serve(work, scheme.drawn, counted)
    return counted
