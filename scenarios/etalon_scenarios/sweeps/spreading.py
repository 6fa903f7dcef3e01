"""Runs spread over any executor of `concurrent.futures`; a worker that is lost loses nothing.

Of a pool whose worker died nobody knows which run it was making. The runs that had not ended are
made again in a new pool; if that one breaks too, one at a time, until one is seen to end its
worker: that run has failed, and the others go on.
"""

from __future__ import annotations

import multiprocessing
import signal
import threading
from collections import deque
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Final, Protocol

from etalon_scenarios.sweeps.tasks import Outcome, Task, run_task
from etalon_scenarios.worker_signals import (
    deaf_to_interruption,
    interruption_held,
    leave_with_parent,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from contextlib import AbstractContextManager
    from multiprocessing.synchronize import Event

POLL_SECONDS: Final = 0.2
_AHEAD: Final = 3
"""Runs handed to an executor for each of its workers: none waits for work."""

_BREAKS_BEFORE_ALONE: Final = 2
LOST_WORKER: Final = "lost worker: the process that made this run ended, twice or more"


class ExecutorGoneError(Exception):
    """The executor went away and cannot be had again, as a cluster whose scheduler ended."""


class Workers(Protocol):
    """Where runs are made."""

    def executor(self) -> AbstractContextManager[Executor]:
        """Open an executor; again, after one broke.

        Raises:
            ExecutorGoneError: There is none to be had.
        """
        ...

    @property
    def number(self) -> int:
        """How many runs it makes at once."""
        ...

    @property
    def work(self) -> Callable[[Task], Outcome | None]:
        """What it does with a run."""
        ...

    def is_gone(self) -> bool:
        """Tell whether the executor opened last will never answer again."""
        ...

    def why_lost(self, error: BaseException) -> str | None:
        """Say why a run failed whose worker was lost for good; None for another error."""
        ...


def spread(
    tasks: Iterable[Task],
    workers: Workers,
    *,
    stop: Callable[[], bool],
) -> Iterator[Outcome]:
    """Make the runs and yield each outcome as it comes; the order depends on the workers.

    When `stop` says so, what is under way is abandoned and nothing more is yielded.

    Raises:
        ExecutorGoneError: The executor went away; what was yielded stands.
    """
    together = list(tasks)
    among = sum(task.trial.population for task in together)
    waiting = deque(replace(task, among=among) for task in together)
    breaks = 0
    while waiting and not stop():
        alone = breaks >= _BREAKS_BEFORE_ALONE
        with workers.executor() as executor:
            round_ = _Round(executor, workers, waiting, 1 if alone else workers.number * _AHEAD)
            yield from round_.outcomes(stop)
        if not round_.broken:
            continue
        breaks += 1
        if alone and len(round_.unfinished) == 1:
            yield Outcome(round_.unfinished.pop().key, failure=LOST_WORKER)
            breaks = 0
        waiting.extendleft(reversed(round_.unfinished))


class _Round:
    """The life of one executor.

    Attributes:
        broken: Whether it broke.
        unfinished: Runs that it had taken and did not end.
    """

    def __init__(
        self, executor: Executor, workers: Workers, waiting: deque[Task], at_once: int
    ) -> None:
        self.broken = False
        self.unfinished: list[Task] = []
        self._executor = executor
        self._workers = workers
        self._waiting = waiting
        self._at_once = at_once
        self._pending: dict[Future[Outcome | None], Task] = {}

    def outcomes(self, stop: Callable[[], bool]) -> Iterator[Outcome]:
        """Yield outcomes until all is done, the executor breaks, or `stop` says so."""
        while (self._waiting or self._pending) and not self.broken and not stop():
            with interruption_held():
                self._hand_out()
                done, _ = wait(self._pending, POLL_SECONDS, FIRST_COMPLETED)
            # What ended is kept before one that was given up says that the executor went away.
            for future in sorted(done, key=_is_given_up):
                yield from self._collected(future)
            if not done and self._workers.is_gone():
                raise ExecutorGoneError
        self.unfinished += self._pending.values()

    def _hand_out(self) -> None:
        while self._waiting and len(self._pending) < self._at_once:
            task = self._waiting.popleft()
            try:
                self._pending[self._executor.submit(self._workers.work, task)] = task
            except (BrokenExecutor, RuntimeError):
                self.broken = True
                self.unfinished.append(task)
                return

    def _collected(self, future: Future[Outcome | None]) -> Iterator[Outcome]:
        task = self._pending.pop(future)
        try:
            outcome = future.result()
        except BrokenExecutor:
            self.broken = True
            self.unfinished.append(task)
        except CancelledError as error:
            raise ExecutorGoneError from error
        except Exception as error:  # noqa: BLE001 (what a worker raises is told with its run)
            why = self._workers.why_lost(error) or f"{type(error).__name__}: {error}"
            yield Outcome(task.key, failure=why)
        else:
            if outcome is not None:
                yield outcome


def _is_given_up(done: Future[Outcome | None]) -> bool:
    return done.cancelled() or isinstance(done.exception(), CancelledError)


def in_order(
    executor: Executor, workers: Workers, tasks: Iterable[Task], stop: Callable[[], bool]
) -> Iterator[Outcome | None]:
    """Make runs and yield their outcomes in the order of the runs; None once `stop` said so.

    Raises:
        BrokenExecutor: A worker died.
    """
    futures = [executor.submit(workers.work, task) for task in tasks]
    for future in futures:
        while not future.done() and not stop():
            with interruption_held():
                wait([future], POLL_SECONDS)
        yield future.result() if future.done() else None


@dataclass(frozen=True, slots=True)
class Processes:
    """Processes of this machine, started afresh as Windows and macOS do.

    Attributes:
        number: How many.
        work: What they do; it asks each day whether to stop.
    """

    number: int
    work: Callable[[Task], Outcome | None] = field(default_factory=lambda: _run_until_told)

    @contextmanager
    def executor(self) -> Generator[Executor]:
        """Open a pool; its workers are asked to stop when the block ends."""
        context = multiprocessing.get_context("spawn")
        stopping = context.Event()
        pool = ProcessPoolExecutor(self.number, context, initializer=_start, initargs=(stopping,))
        try:
            with deaf_to_interruption():
                # The first submission starts the workers; here, while they cannot hear Ctrl-C.
                pool.submit(_nothing)
            yield pool
        finally:
            with interruption_held():
                stopping.set()
                pool.shutdown(wait=True, cancel_futures=True)

    def is_gone(self) -> bool:
        """Tell that processes can always be started again."""
        return False

    def why_lost(self, error: BaseException) -> str | None:
        """Tell nothing: a pool whose worker is lost breaks as a whole."""
        del error
        return None


_events: list[Event] = []


def _start(stopping: Event) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=leave_with_parent, daemon=True).start()
    _events[:] = [stopping]


def _nothing() -> None:
    """Start the workers."""


def _run_until_told(task: Task) -> Outcome | None:
    return run_task(task, _events[0].is_set)
