"""Simulate with the cohort engine, save its state at a date, or go on from a checkpoint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from etalon_scenarios import cohort
from etalon_scenarios.arrivals import Attendance
from etalon_scenarios.checkpoints import (
    Checkpoint,
    CheckpointError,
    check,
    checkpoint_name,
    read_checkpoint,
    seal_of,
    write_checkpoint,
)
from etalon_scenarios.cohort.response import BRANCH_REACH
from etalon_scenarios.law_building import build_law, lay_out
from etalon_scenarios.population_table import population_table

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from pathlib import Path
    from typing import Any

    from numpy.typing import NDArray

    from etalon_scenarios.engine import Progress
    from etalon_scenarios.law import Law
    from etalon_scenarios.observation import Observer
    from etalon_scenarios.run_directory import RunDirectory
    from etalon_scenarios.runs import Run
    from etalon_scenarios.scenario import Scenario


@dataclass(frozen=True, slots=True)
class CheckpointedSimulation:
    """The cohort engine, called as any engine, with a checkpoint to write or to go on from.

    Attributes:
        directory: Where `checkpoint-DATE.npz` goes.
        save_on: The date at whose beginning the state is saved, or None.
        start_from: The checkpoint to go on from, or None.
    """

    directory: RunDirectory
    save_on: date | None = None
    start_from: Path | None = None

    def __call__(  # noqa: PLR0913 (the signature of an engine)
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
        """Simulate; see `cohort.simulate`.

        Raises:
            CheckpointError: The checkpoint cannot serve this run, or the date is not one of it.
            StorageError: The disk is full or refused the checkpoint.
        """
        ends_on = scenario.ends_on if until is None else min(until, scenario.ends_on)
        days = (ends_on - scenario.starts_on).days + 1
        begun = self._begun(scenario, population, seed, days, observer)
        first = 0 if begun is None else begun.seal.day
        return cohort.simulate(
            scenario,
            population=population,
            seed=seed,
            until=until,
            on_day=on_day,
            stop=stop,
            observer=observer,
            save=self._saving(scenario, population, seed, range(first, days), observer),
            resume=None if begun is None else (begun.seal.day, begun.state),
        )

    def _begun(
        self,
        scenario: Scenario,
        population: int,
        seed: int,
        days: int,
        observer: Observer | None,
    ) -> Checkpoint | None:
        """Read the checkpoint, make sure that it serves, and tell the observer of the past."""
        if self.start_from is None:
            return None
        begun = read_checkpoint(self.start_from)
        law = _law(scenario, population, days)
        reach = max(law.oppose_reach(), law.activate_reach())
        wanted = seal_of(
            scenario, law, seed=seed, population=population, day=begun.seal.day, reach=reach
        )
        check(self.start_from, begun.seal, wanted)
        if isinstance(observer, Attendance):
            observer.restore(begun.attendance)
        return begun

    def _saving(
        self,
        scenario: Scenario,
        population: int,
        seed: int,
        days: range,
        observer: Observer | None,
    ) -> tuple[int, Callable[[Mapping[str, NDArray[Any]]], None]] | None:
        if self.save_on is None:
            return None
        day, name = (self.save_on - scenario.starts_on).days, checkpoint_name(self.save_on)
        if day not in days:
            last = scenario.starts_on + timedelta(days=days.stop - 1)
            first = scenario.starts_on + timedelta(days=days.start)
            raise CheckpointError(
                self.directory.path / name,
                reason="date",
                found=self.save_on.isoformat(),
                expected=f"{first.isoformat()} to {last.isoformat()}",
            )
        law = _law(scenario, population, days.stop)
        reach = max(law.oppose_reach(), law.activate_reach(), BRANCH_REACH)
        seal = seal_of(scenario, law, seed=seed, population=population, day=day, reach=reach)

        def keep(state: Mapping[str, NDArray[Any]]) -> None:
            seen = observer.state() if isinstance(observer, Attendance) else {}
            write_checkpoint(self.directory, name, Checkpoint(seal, dict(state), seen))

        return day, keep


def _law(scenario: Scenario, population: int, days: int) -> Law:
    table = population_table(scenario)
    return build_law(scenario, table, lay_out(scenario, table, population), days)
