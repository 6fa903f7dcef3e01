"""From a campaign that was heard to the life of its spaces, by the engine that ran it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from etalon_scenarios.cohort import compiled as kernels
from etalon_scenarios.life.entering import entries_after
from etalon_scenarios.life.law_building import life_law
from etalon_scenarios.life.living import live
from etalon_scenarios.life.spaces import spaces_of

if TYPE_CHECKING:
    from datetime import date

    from etalon_scenarios.arrivals import Attendance
    from etalon_scenarios.life.account import Account
    from etalon_scenarios.life.law import LifeLaw
    from etalon_scenarios.runs import Run
    from etalon_scenarios.scenario import Scenario


@dataclass(frozen=True, slots=True)
class Lives:
    """What happened in the spaces of a run.

    Attributes:
        law: The law of open spaces.
        account: What was counted.
    """

    law: LifeLaw
    account: Account


def counts_lives(scenario: Scenario) -> bool:
    """Tell whether a run of the scenario also counts the life of its spaces."""
    return (
        scenario.life is not None and scenario.life.counted and scenario.enrolment.mode == "opt-out"
    )


def years_beyond(day: date, scenario: Scenario) -> tuple[str, ...]:
    """Return the changes of a scenario that let spaces live until a day beyond its last.

    A scenario that says nothing of the life of spaces ends when it ends: it has no such changes.
    """
    if day <= scenario.ends_on or scenario.life is None or scenario.enrolment.mode == "opt-in":
        return ()
    return (f"scenario.ends_on={day.isoformat()}", "life.counted=true")


def follow(
    run: Run,
    scenario: Scenario,
    attendance: Attendance,
    *,
    engine: str,
    compiled: bool | None = None,
) -> Run:
    """Add the life of its spaces to a run, where the scenario counts it.

    What was heard of the run then also holds who entered later: their logins are arrivals.

    Args:
        run: A campaign.
        scenario: What was simulated.
        attendance: What was heard of it, with `hears_lives`.
        engine: `agents` for one process a person, `cohort` for arrays; the lives are the same.
        compiled: As `cohort.simulate` takes it.

    Raises:
        KernelsMissingError: Compiled kernels are asked for, and Numba is not installed.
    """
    law = life_law(scenario, run.days_done) if counts_lives(scenario) else None
    if law is None:
        return run
    spaces = spaces_of(attendance, run.layout, run.days_done)
    if engine == "agents":
        from etalon_scenarios.life.persons import Town  # noqa: PLC0415 (SimPy, where it is used)

        town = Town(law, spaces, run.layout, run.seed)
        account = town.live()
        people, days = np.array(town.later, np.int64).reshape(-1, 2).T
    else:
        used = kernels.are_used(compiled, run.layout.size)
        account = live(law, spaces, run.layout, run.seed, compiled=used)
        people, days = entries_after(law, spaces, run.layout, run.seed)
    attendance.later_activations(people, days)
    return replace(run, lives=Lives(law, account))
