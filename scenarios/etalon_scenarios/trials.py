"""Many small simulations of one scenario, on one process or several, with equal results.

A trial is a pure function of the scenario and of what `Trial` says. Workers are started by
`spawn`, as Windows and macOS do, ignore Ctrl-C (the parent asks them to stop) and leave when
their parent is gone.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
import time
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final, cast

from etalon_scenarios.arrivals import Attendance
from etalon_scenarios.arrivals_files import arrivals_of
from etalon_scenarios.engine import for_so_many
from etalon_scenarios.headlines import headlines_of
from etalon_scenarios.life.following import counts_lives, follow
from etalon_scenarios.worker_signals import (
    deaf_to_interruption,
    interruption_held,
    leave_with_parent,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Container, Iterator, Mapping
    from datetime import date
    from decimal import Decimal
    from multiprocessing.synchronize import Event

    import numpy as np
    from numpy.typing import NDArray

    from etalon_scenarios.engine import Engine
    from etalon_scenarios.headlines import Headline
    from etalon_scenarios.policies.measuring import Measured
    from etalon_scenarios.runs import Run as WholeRun
    from etalon_scenarios.scenario import Scenario

_POLL_SECONDS: Final = 0.2


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """What one simulation depends on, the scenario apart.

    Attributes:
        population: People simulated.
        seed: Seed of every draw.
        until: Last day simulated, or None for the last of the scenario.
        values: Parameters at other values, by path (see `Scenario.with_values`).
        watched: Whether its arrivals are counted, minute by minute.
    """

    population: int
    seed: int
    until: date | None = None
    values: Mapping[str, Decimal] = field(default_factory=dict[str, "Decimal"])
    watched: bool = False


@dataclass(frozen=True, slots=True)
class TrialResult:
    """What one simulation gave.

    Attributes:
        headlines: By name; see `etalon_scenarios.headlines`.
        ledger_digest: Digest of everything that happened.
        measured: By group and by week, for comparisons and fans.
        minutes: Arrivals by kind and minute, of a trial that was watched.
    """

    headlines: Mapping[str, Headline]
    ledger_digest: str
    measured: Measured
    minutes: NDArray[np.int64] | None = None


def days_planned(scenario: Scenario, until: date | None) -> int:
    """Count the days from the first to the last, both included."""
    return ((until or scenario.ends_on) - scenario.starts_on).days + 1


def run_trial(
    scenario: Scenario, engine: Engine, trial: Trial, stop: Callable[[], bool]
) -> TrialResult | None:
    """Simulate once; None when `stop` asked for it before the last day."""
    changed = scenario.with_values(trial.values) if trial.values else scenario
    lives = counts_lives(changed)
    attendance = Attendance(hears_lives=lives) if trial.watched or lives else None
    run = engine.simulate(
        changed,
        population=trial.population,
        seed=trial.seed,
        until=trial.until,
        on_day=None,
        stop=stop,
        observer=attendance,
    )
    if run.days_done < days_planned(changed, trial.until):
        return None
    if attendance is not None:
        run = follow(cast("WholeRun", run), changed, attendance, engine=engine.name)
    summary = engine.summarise(run, changed)
    measured = engine.measure(run, changed)
    minutes = None
    if attendance is not None and trial.watched:
        arrivals = arrivals_of(attendance, changed, seed=trial.seed, days=run.days_done)
        minutes = arrivals.by_minute()
    return TrialResult(headlines_of(summary), str(summary["ledger_digest"]), measured, minutes)


def run_trials(
    scenario: Scenario,
    engine: Engine,
    trials: Mapping[int, Trial],
    *,
    workers: int,
    stop: Callable[[], bool],
) -> Iterator[tuple[int, TrialResult]]:
    """Carry out the trials and yield each result as it comes, with the key of its trial.

    The order depends on the workers, the results do not. When `stop` says so, what is under way
    is abandoned and nothing more is yielded.

    Raises:
        concurrent.futures.process.BrokenProcessPool: A worker died, most often for want of memory.
    """
    engine = for_so_many(engine, sum(trial.population for trial in trials.values()))
    if workers == 1 or len(trials) == 1:
        yield from _run_here(scenario, engine, trials, stop)
    elif trials:
        yield from _run_on_workers(scenario, engine, trials, min(workers, len(trials)), stop)


def _run_here(
    scenario: Scenario, engine: Engine, trials: Mapping[int, Trial], stop: Callable[[], bool]
) -> Iterator[tuple[int, TrialResult]]:
    for key, trial in trials.items():
        result = run_trial(scenario, engine, trial, stop)
        if result is None:
            return
        yield key, result


def _run_on_workers(
    scenario: Scenario,
    engine: Engine,
    trials: Mapping[int, Trial],
    workers: int,
    stop: Callable[[], bool],
) -> Iterator[tuple[int, TrialResult]]:
    context = multiprocessing.get_context("spawn")
    stopping = context.Event()
    pool = ProcessPoolExecutor(
        workers, context, initializer=_start_worker, initargs=(scenario, engine, stopping)
    )
    try:
        with deaf_to_interruption():
            pending = {pool.submit(_work, trial): key for key, trial in trials.items()}
        while pending and not stop():
            with interruption_held():
                done, _ = wait(pending, _POLL_SECONDS, FIRST_COMPLETED)
            yield from _collected(pending, done)
    except BrokenProcessPool:
        # A signal sent to the whole group ends the workers, and may reach this process last.
        time.sleep(_POLL_SECONDS)
        if not stop():
            raise
    finally:
        with interruption_held():
            stopping.set()
            pool.shutdown(wait=True, cancel_futures=True)


def _collected(
    pending: dict[Future[TrialResult | None], int], done: Container[object]
) -> Iterator[tuple[int, TrialResult]]:
    for future in [future for future in pending if future in done]:
        key = pending.pop(future)
        result = future.result()
        if result is not None:
            yield key, result


@dataclass(frozen=True, slots=True)
class _Bench:
    """What a worker keeps between trials."""

    scenario: Scenario
    engine: Engine
    stopping: Event


_benches: list[_Bench] = []


def _start_worker(scenario: Scenario, engine: Engine, stopping: Event) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=leave_with_parent, daemon=True).start()
    _benches[:] = [_Bench(scenario, engine, stopping)]


def _work(trial: Trial) -> TrialResult | None:
    bench = _benches[0]
    return run_trial(bench.scenario, bench.engine, trial, bench.stopping.is_set)
