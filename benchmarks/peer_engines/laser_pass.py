"""LASER-core: people are columns of a frame, a compiled pass visits everybody every day."""

import numba
import numpy as np
from laser.core import LaserFrame

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

NAMES = ("notified", "activated", "opposed", "closed", "opened_automatically")
DAYS = ("notified", "opposes", "activates", "opens")


def run(work: Workload) -> dict[str, np.ndarray]:
    """Let the days pass."""
    drawn, counted = plan(work), counts(work)
    people = LaserFrame(work.people)
    people.add_scalar_property("standing", dtype=np.uint8)
    for name in DAYS:
        people.add_scalar_property(name, dtype=np.int16)
        getattr(people, name)[:] = getattr(drawn, name)
    columns = [getattr(people, name) for name in DAYS]
    table = np.zeros((len(NAMES), work.days), dtype=np.int64)
    for day in range(work.days):
        _step(day, people.standing, *columns, table)
    counted |= dict(zip(NAMES, table, strict=True))
    serve(work, drawn, counted)
    return counted


@numba.njit(cache=True)
def _step(day, standing, notified, opposes, activates, opens, table):  # noqa: ANN001, ANN202, PLR0913, PLR0917 (compiled)
    for person in range(len(standing)):
        now = standing[person]
        if now == WAITING and notified[person] == day:
            now = NOTIFIED
            table[0, day] += 1
        if activates[person] == day and now in (NOTIFIED, UNSEEN):
            now = ACTIVE
            table[1, day] += 1
        if opposes[person] == day and now in (NOTIFIED, UNSEEN, ACTIVE):
            table[2 if now == NOTIFIED else 3, day] += 1
            now = REFUSED if now == NOTIFIED else CLOSED
        if opens[person] == day and now == NOTIFIED:
            now = UNSEEN
            table[4, day] += 1
        standing[person] = now
