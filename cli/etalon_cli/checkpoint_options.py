"""`--checkpoint`, `--from` and `--arrivals`, read and checked before a run starts."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.stopping import because
from etalon_scenarios.trials import days_planned

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_scenarios.arrivals_files import Wanted
    from etalon_scenarios.run_record import Plan
    from etalon_scenarios.scenario import Scenario

ALONE: Final = ("--knowledge", "--replications")
"""Options that start other runs from the first day: none of them goes with `--from`."""


@dataclass(frozen=True, slots=True)
class Checkpoints:
    """What was asked for.

    Attributes:
        save_on: Date at whose beginning the state is saved, or None.
        start_from: Checkpoint to go on from, or None.
    """

    save_on: date | None
    start_from: Path | None

    @property
    def any(self) -> bool:
        """Whether either was asked for."""
        return self.save_on is not None or self.start_from is not None


def checkpoints_asked(options: Namespace) -> Checkpoints:
    """Read `--checkpoint` and `--from`.

    Raises:
        Stopped: The date is none, or another option does not go with them.
    """
    start: str | None = getattr(options, "from")
    asked = Checkpoints(_date(options.checkpoint), None if start is None else Path(start))
    if asked.any and options.engine == "agents":
        option = "--checkpoint" if start is None else "--from"
        raise because(reason="checkpoint_engine", option=option)
    for option, typed in zip(ALONE, (options.knowledge, options.replications), strict=True):
        if start is not None and typed not in {None, "0", "1"}:
            raise because(reason="from_alone", option=option, found=typed)
    return asked


def _date(typed: str | None) -> date | None:
    if typed is None:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise because(
            reason="date_option", option="--checkpoint", found=typed, example="2022-03-01"
        ) from None


def arrivals_asked(typed: str | None, scenario: Scenario, until: date | None) -> Wanted:
    """Read `--arrivals`.

    Raises:
        WindowError: It cannot be read, or does not lie within the run.
    """
    if typed is None:
        return None
    from etalon_scenarios.windows import wanted_arrivals  # noqa: PLC0415 (NumPy, when needed)

    return wanted_arrivals(typed, scenario.starts_on, days_planned(scenario, until))


def make_sure(asked: Checkpoints, scenario: Scenario, plan: Plan) -> None:
    """Make sure that the checkpoints asked for serve a run, before anything is written.

    Raises:
        CheckpointError: One of them does not.
    """
    if not asked.any:
        return
    from etalon_scenarios.checkpointed import CheckpointedSimulation  # noqa: PLC0415 (an engine)
    from etalon_scenarios.run_directory import RunDirectory  # noqa: PLC0415 (likewise)

    simulation = CheckpointedSimulation(RunDirectory(Path()), asked.save_on, asked.start_from)
    simulation.seal(scenario, population=plan.population, seed=plan.seed, until=plan.until)
