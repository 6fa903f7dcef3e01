"""When the space of each person opened, was entered and ended, as a campaign was heard to say."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from etalon_scenarios.arrivals import NEVER_DAY

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from etalon_scenarios.arrivals import Attendance
    from etalon_scenarios.layout import Layout

    Days = NDArray[np.uint16]


class Spaces(NamedTuple):
    """The spaces of a run: one place a person, children born during the run after the residents.

    Attributes:
        opened: Day the space opened, automatically or by its holder; `NEVER_DAY` without one.
        entered: Day its holder entered it during the campaign, or `NEVER_DAY`.
        left: Day it was closed or its holder died, or the first day after the run.
        died: Day their holder died, or `NEVER_DAY`.
        cells: Cell of each child born during the run, by number.
    """

    opened: Days
    entered: Days
    left: Days
    died: Days
    cells: NDArray[np.int64]


def spaces_of(attendance: Attendance, layout: Layout, days: int) -> Spaces:
    """Gather what was heard of a run of so many days."""
    cells = attendance.newborn_cells()
    people = layout.size + len(cells)
    opened = attendance.opened(people)
    entered = np.full(people, NEVER_DAY, np.uint16)
    left = np.full(people, days, np.uint16)
    persons, on = attendance.entered()
    entered[persons] = on
    died = np.full(people, NEVER_DAY, np.uint16)
    persons, on = attendance.died()
    died[persons] = on
    persons, on = attendance.left()
    np.minimum.at(left, persons, on.astype(np.uint16))
    np.minimum(opened, entered, out=opened)
    return Spaces(opened, entered, left, died, cells)
