"""One study from the command line: directory, progress, interruption, report."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from etalon_cli.console import ProgressLine, say
from etalon_cli.explanations import explained
from etalon_cli.interruption import interruptible
from etalon_cli.options import DRAWN
from etalon_cli.reporting import draw_reports
from etalon_cli.resuming import directory_resumed
from etalon_cli.stopping import because
from etalon_scenarios.engine import engine_named
from etalon_scenarios.run_directory import new_run_directory, sha256_of
from etalon_scenarios.run_record import CHECKPOINT, RunRecord, inputs_of
from etalon_scenarios.study import Study
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from pathlib import Path

    from etalon_scenarios.arrivals_files import Wanted
    from etalon_scenarios.engine import Simulate
    from etalon_scenarios.policies.measuring import Measured
    from etalon_scenarios.run_directory import RunDirectory
    from etalon_scenarios.run_record import Plan
    from etalon_scenarios.scenario import Scenario
    from etalon_text.language import Language

_MINUTE = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A study as ordered on the command line.

    Attributes:
        command: `simulate` or `demo`.
        typed: What was typed after `etalon`.
        plan: What the results depend on.
        scenario: The scenario with its changes.
        out: Directory asked for, or None for the default.
        resume: Whether to go on with what is there.
        workers: Processes.
        arrivals: Whose arrivals are written one by one.
        arrivals_typed: The same, as typed.
        compiled: Whether compiled kernels are asked for, None for as it suits.
        kernels: Whether the run itself uses them.
        save_on: Date at whose beginning the state is saved, or None.
        start_from: Checkpoint to go on from, or None.
    """

    command: str
    typed: tuple[str, ...]
    plan: Plan
    scenario: Scenario
    out: Path | None
    resume: bool
    workers: int
    arrivals: Wanted = None
    arrivals_typed: str | None = None
    compiled: bool | None = None
    kernels: bool = False
    save_on: date | None = None
    start_from: Path | None = None


def carry_out(order: Order, language: Language) -> Study:
    """Simulate, write and draw the report.

    Raises:
        Stopped: The directory is unusable, the storage full, or the user interrupted.
    """
    with explained(language, order.plan.population), interruptible() as interruption:
        directory = _directory(order)
        say(text("console.writing", language, file=directory.path))
        if order.start_from is not None:
            say(text("console.no_draws_from", language, file=order.start_from))
        line = ProgressLine(language)
        study = Study(
            record=RunRecord(
                plan=order.plan,
                command=order.command,
                arguments=order.typed[1:],
                started_at=datetime.now(UTC),
                begun_from=_begun_from(order.start_from),
                arrivals=order.arrivals_typed,
                compiled=order.kernels,
            ),
            scenario=order.scenario,
            directory=directory,
            engine=engine_named(order.plan.engine, compiled=order.compiled),
            workers=order.workers,
            stop=interruption.is_asked,
            progress=line.show,
            arrivals=order.arrivals,
            simulate=_checkpointed(order, directory),
            on_run=_announcement(order, language),
        )
        try:
            complete = study.carry_out(resume=order.resume)
        finally:
            line.end()
        if not complete:
            last = study.summary["last_day_on"]
            raise because(reason="interrupted", day=last, file=directory.path)
        line.show("report", 0, 1)
        draw_reports(directory.path, language, ("html",))
        line.show("report", 1, 1)
        line.end()
    return study


def _checkpointed(order: Order, directory: RunDirectory) -> Simulate | None:
    if order.save_on is None and order.start_from is None:
        return None
    from etalon_scenarios.checkpointed import CheckpointedSimulation  # noqa: PLC0415 (an engine)

    return CheckpointedSimulation(directory, order.save_on, order.start_from, order.compiled)


def _announcement(order: Order, language: Language) -> Callable[[Measured], None]:
    """Say how long draws of everybody will take, once the run itself has been timed."""
    started = time.monotonic()

    def announce(measured: Measured) -> None:
        plan = order.plan
        if plan.knowledge_population == measured.full > DRAWN[plan.engine]:
            seconds = time.monotonic() - started
            say(full_draws_announced(seconds, plan.knowledge_draws + 1, order.workers, language))

    return announce


def full_draws_announced(seconds: float, runs: int, workers: int, language: Language) -> str:
    """Give the words that announce runs of the whole population.

    Args:
        seconds: What one of them took.
        runs: How many are to come.
        workers: Processes among which they are shared.
        language: Of the words.
    """
    minutes = max(1.0, seconds * runs / workers / _MINUTE)
    return text(
        "compare.announced",
        language,
        runs=number(runs, language),
        minutes=number(minutes, language),
    )


def _begun_from(start_from: Path | None) -> tuple[dict[str, str], ...]:
    """Give the checkpoint that a run goes on from, as `run.json` holds it."""
    if start_from is None:
        return ()
    return ({"role": CHECKPOINT, "path": str(start_from), "sha256": sha256_of(start_from)},)


def _directory(order: Order) -> RunDirectory:
    if not order.resume or order.out is None:
        return new_run_directory(
            order.out, command=order.command, name=order.plan.scenario, seed=order.plan.seed
        )
    inputs = [*inputs_of(order.scenario), *_begun_from(order.start_from)]
    return directory_resumed(order.out, "plan", order.plan.as_json(), inputs)
