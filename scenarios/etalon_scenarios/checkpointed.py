"""Simulate with the cohort engine, save its state at a date, or go on from a checkpoint."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
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
from etalon_scenarios.setting import setting_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import date
    from typing import Any

    from numpy.typing import NDArray

    from etalon_scenarios.checkpoints import Seal
    from etalon_scenarios.engine import Progress
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
        compiled: As `cohort.simulate` takes it.
    """

    directory: RunDirectory
    save_on: date | None = None
    start_from: Path | None = None
    compiled: bool | None = None

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
        begun = None
        if self.start_from is not None:
            begun = read_checkpoint(self.start_from)
            if isinstance(observer, Attendance):
                observer.restore(begun.attendance)
        sealed = self.seal(scenario, population=population, seed=seed, until=until)

        def keep(state: Mapping[str, NDArray[Any]]) -> None:
            if sealed is not None and self.save_on is not None:
                seen = observer.state() if isinstance(observer, Attendance) else {}
                checkpoint = Checkpoint(sealed, dict(state), seen)
                write_checkpoint(self.directory, checkpoint_name(self.save_on), checkpoint)

        return cohort.simulate(
            scenario,
            population=population,
            seed=seed,
            until=until,
            on_day=on_day,
            stop=stop,
            observer=observer,
            compiled=self.compiled,
            save=None if sealed is None else (sealed.day, keep),
            resume=None if begun is None else (begun.seal.day, begun.state),
        )

    def seal(
        self, scenario: Scenario, *, population: int, seed: int, until: date | None
    ) -> Seal | None:
        """Make sure that the checkpoints serve this run; return the seal of that to be written.

        Raises:
            CheckpointError: One of them does not.
        """
        law, _, timetable, _ = setting_of(scenario, population, until)
        reach, first = max(law.oppose_reach(), law.activate_reach()), 0
        wanted = seal_of(scenario, law, seed=seed, population=population, day=0, reach=reach)
        if self.start_from is not None:
            begun = read_checkpoint(self.start_from, whole=False).seal
            check(self.start_from, begun, wanted)
            first = begun.day
        if self.save_on is None:
            return None
        day = (self.save_on - scenario.starts_on).days
        if not first <= day < law.days:
            begins = scenario.starts_on + timedelta(days=first)
            raise CheckpointError(
                Path(checkpoint_name(self.save_on)),
                reason="date",
                found=self.save_on.isoformat(),
                expected=f"{begins.isoformat()}/{timetable.date(law.days - 1).isoformat()}",
            )
        return replace(wanted, day=day, reach=max(reach, BRANCH_REACH))
