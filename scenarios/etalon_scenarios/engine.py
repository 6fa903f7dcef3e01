"""What a study asks of an engine: simulate, and sum up.

The agents engine is one (`agents_engine`); another needs only these two functions, at module
level, so that worker processes find them by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol, cast

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date

    import numpy as np
    from numpy.typing import NDArray

    from etalon_scenarios.observation import Observer
    from etalon_scenarios.policies.measuring import Measured
    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.runs import Run as WholeRun
    from etalon_scenarios.scenario import Scenario


class Counts(Protocol):
    """What a run counted."""

    @property
    def departments(self) -> tuple[str, ...]:
        """Codes of the départements, in the order of their ranks."""
        ...

    @property
    def days(self) -> int:
        """Days of the run, including those not simulated."""
        ...

    def day_cells(self, day: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Give the addresses of a day's cells, ascending, and their counts."""
        ...


class Run(Protocol):
    """What a simulation gave."""

    @property
    def ledger(self) -> Counts:
        """What was counted."""
        ...

    @property
    def days_done(self) -> int:
        """Days simulated to their end."""
        ...


class Progress(Protocol):
    """How far a simulation is."""

    @property
    def day(self) -> date:
        """Day just finished."""
        ...

    @property
    def days_done(self) -> int:
        """Days finished."""
        ...

    @property
    def days(self) -> int:
        """Days to simulate in all."""
        ...


class Simulate(Protocol):
    """Simulate a scenario."""

    def __call__(  # noqa: PLR0913 (what a simulation depends on, each by its name)
        self,
        scenario: Scenario,
        *,
        population: int,
        seed: int,
        until: date | None,
        on_day: Callable[[Progress], None] | None,
        stop: Callable[[], bool],
        observer: Observer | None = None,
    ) -> Run:
        """Simulate until the last day, or until `stop` answers yes at the end of a day.

        Args:
            scenario: What to simulate.
            population: People at the start.
            seed: Seed of every draw.
            until: Last day, or None for that of the scenario.
            on_day: Told after each day.
            stop: Asked after each day.
            observer: Told which people came, called, entered and left.
        """
        ...


class Summarise(Protocol):
    """Sum a run up."""

    def __call__(self, run: Run, scenario: Scenario) -> Mapping[str, Json]:
        """Give every key of `summary.json` but `run`."""
        ...


class Measure(Protocol):
    """Measure a run for a comparison of policies."""

    def __call__(self, run: Run, scenario: Scenario) -> Measured:
        """Give its figures, curves and hotline."""
        ...


def measure(run: Run, scenario: Scenario) -> Measured:
    """Measure the run of either engine."""
    from etalon_scenarios.policies.measuring import measure as measured  # noqa: PLC0415 (rare)

    return measured(cast("WholeRun", run), scenario)


@dataclass(frozen=True, slots=True)
class Engine:
    """One way to simulate.

    Attributes:
        name: `agents` or `cohort`.
        simulate: Runs a scenario.
        summarise: Sums a run up.
        measure: Measures a run for a comparison.
    """

    name: str
    simulate: Simulate
    summarise: Summarise
    measure: Measure = measure


ENGINES: Final = ("agents", "cohort")


def engine_named(name: str, *, compiled: bool | None = None) -> Engine:
    """Give an engine by the name that a plan holds.

    Args:
        name: `agents` or `cohort`.
        compiled: As `cohort_engine` takes it; the agents engine has no kernels.

    Raises:
        LookupError: There is no engine of this name.
    """
    if name == "cohort":
        return cohort_engine(compiled=compiled)
    return agents_engine(name)


def cohort_engine(*, compiled: bool | None = None) -> Engine:
    """Give the engine in which people are arrays.

    Args:
        compiled: Whether kernels that Numba compiles do the costly passes, or None for where
            they are installed and pay; every run is the same.
    """
    from etalon_scenarios.cohort import simulate  # noqa: PLC0415 (heavy, only to simulate)

    return Engine("cohort", partial(simulate, compiled=compiled), _summarise)


def for_so_many(engine: Engine, people: int) -> Engine:
    """Give the engine as it suits runs of so many people in all: every run is the same.

    Runs made together load the compiled kernels once, where each alone would not be worth it.

    Args:
        engine: As asked for; where it is the cohort engine and kernels are left to it, they are
            used if so many people are worth loading them.
        people: Of all runs together.
    """
    simulate = engine.simulate
    left_to_it = isinstance(simulate, partial) and simulate.keywords == {"compiled": None}
    if engine.name != "cohort" or not left_to_it:
        return engine
    from etalon_scenarios.cohort import compiled as kernels  # noqa: PLC0415 (as above)

    if people < kernels.WORTH_COMPILING:
        return engine
    return cohort_engine(compiled=kernels.are_used(None, people))


def agents_engine(name: str = "agents") -> Engine:
    """Give the engine in which each person is a SimPy process.

    Args:
        name: As a plan names it.

    Raises:
        LookupError: There is no engine of this name.
    """
    if name != "agents":
        message = f"no engine {name!r}; there are agents and cohort"
        raise LookupError(message)
    from etalon_scenarios.agents import simulate  # noqa: PLC0415 (the model, only to simulate)

    return Engine(name, simulate, _summarise)


def _summarise(run: Run, scenario: Scenario) -> Mapping[str, Json]:
    from etalon_scenarios.summary import summarise  # noqa: PLC0415 (likewise)

    return summarise(cast("WholeRun", run), scenario)
