# pyright: standard
"""Runs on several machines: the workers of a Dask scheduler (extra `sweep`).

Scheduler and workers need this version of Étalon and of Python. A run whose worker is lost is made
again by another; after three lost workers it has failed. A scheduler that goes away takes nothing
along: what ended is kept, and the sweep goes on from there when it is asked to.
"""

from __future__ import annotations

import logging
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, cast

from etalon_scenarios.sweeps.designs import MissingExtraError
from etalon_scenarios.sweeps.spreading import ExecutorGoneError
from etalon_scenarios.sweeps.tasks import run_task

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from concurrent.futures import Executor

    from etalon_scenarios.sweeps.tasks import Outcome, Task

CONNECT_SECONDS: Final = 10
_RUNNING: Final = "running"
_LOGS: Final = ("distributed", "distributed.client")
"""Both have a level of their own."""

_KILLED: Final = "KilledWorker"


@dataclass(slots=True)
class Cluster:
    """The workers of one scheduler.

    Attributes:
        address: Of the scheduler, such as `tcp://192.0.2.1:8786`.
        work: What they do.
    """

    address: str
    work: Callable[[Task], Outcome | None] = run_task
    _client: Any = field(default=None, repr=False)

    @property
    def number(self) -> int:
        """How many runs the workers make at once; one while none is there yet."""
        if self._client is None:
            return 1
        threads: dict[str, int] = self._client.nthreads()
        return max(1, sum(threads.values()))

    @contextmanager
    def executor(self) -> Generator[Executor]:
        """Connect to the scheduler.

        Raises:
            ExecutorGoneError: It does not answer.
            MissingExtraError: Dask is not installed.
        """
        try:
            from distributed import Client  # noqa: PLC0415 (an extra)
        except ImportError as error:
            feature = "--cluster"
            raise MissingExtraError(feature) from error
        # What its log would say of a scheduler that left is said by the sweep, in one sentence.
        for name in _LOGS:
            logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            self._client = Client(self.address, timeout=CONNECT_SECONDS)  # type: ignore[no-untyped-call]
        except (OSError, ValueError) as error:
            raise ExecutorGoneError(str(error)) from error
        try:
            # A pure function of its task would be answered from memory by one name; ours has a key.
            yield cast("Executor", self._client.get_executor(pure=False, retries=0))
        finally:
            self._client.close(timeout=CONNECT_SECONDS)

    def is_gone(self) -> bool:
        """Tell whether the scheduler has gone away."""
        return self._client is None or self._client.status != _RUNNING

    def why_lost(self, error: BaseException) -> str | None:
        """Say that a run took its workers along, where that is what happened."""
        if type(error).__name__ == _KILLED:
            return f"lost worker: {str(error).splitlines()[0]}"
        return None
