"""The desk: sessions ask, two worker processes answer, one for coarse runs and one for the nation.

A request that a newer one of its session supersedes is dropped where it waits and stopped where it
runs, at the end of the simulated day. A worker that dies takes one answer with it, not the page.
"""

from __future__ import annotations

import asyncio
import logging
import multiprocessing
import os
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Final

from etalon_explore import worker
from etalon_explore.turns import Turns
from etalon_scenarios.worker_signals import deaf_to_interruption

if TYPE_CHECKING:
    from collections.abc import Callable
    from multiprocessing.context import SpawnContext
    from pathlib import Path

    from etalon_explore.worker import Drawn
    from etalon_text.language import Language

_LOG: Final = logging.getLogger(__name__)


@dataclass(slots=True)
class Request:
    """Something that a session asked for.

    Attributes:
        work: A function of the module `worker`, and its arguments.
        then: Told what it gave, in the loop of the desk; None when it failed.
        dropped: Whether its session wants it no more.
    """

    work: Callable[[], Drawn | None]
    then: Callable[[Drawn | None, str], None]
    dropped: bool = False


@dataclass(slots=True)
class Lane:
    """One worker process, and those who wait for it.

    Attributes:
        folder: Where answers stand.
        workers: Processes that it may start for draws.
    """

    folder: Path
    workers: int = 1
    _turns: Turns[Request] = field(default_factory=Turns[Request])
    _served: str | None = None
    _serving: asyncio.Task[None] | None = None
    _pool: ProcessPoolExecutor | None = None
    _context: SpawnContext = field(default_factory=lambda: multiprocessing.get_context("spawn"))
    _signals: worker.Signals | None = None
    _request: Request | None = None

    def ask(self, session: str, request: Request) -> None:
        """Let a session ask for something in place of whatever it asked for."""
        self.drop(session)
        self._turns.ask(session, request)
        if self._serving is None or self._serving.done():
            self._serving = asyncio.get_running_loop().create_task(self._serve())

    def drop(self, session: str) -> None:
        """Forget what a session asked for: it waits no more, and what runs for it is stopped."""
        self._turns.leave(session)
        if self._served == session and self._request is not None:
            self._request.dropped = True
            if self._signals is not None:
                self._signals.stop.set()

    def progress(self, session: str) -> tuple[str, int, int]:
        """Say how far a session is: waiting and how many before it, or a stage, done and total."""
        if self._served != session:
            return "waiting", self._turns.before(session) + (self._served is not None), 0
        if self._signals is None:
            return "starting", 0, 0
        return self._signals.reached()

    def close(self) -> None:
        """Stop what runs, and let the worker process go."""
        if self._serving is not None:
            self._serving.cancel()
        if self._signals is not None:
            self._signals.stop.set()
        if self._pool is not None:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    async def written(self, directory: Path, kind: str, language: Language) -> Path | None:
        """Have a document of an answer written, once what is under way is done; None on failure."""
        pool, _ = self._started()
        work = partial(worker.hand_out, directory, kind, language)
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, work)
        except Exception:  # noqa: BLE001 (told, and the page goes on)
            _LOG.exception("a document of the page failed")
            return None

    async def _serve(self) -> None:
        while (turn := self._turns.next()) is not None:
            self._served, self._request = turn
            request = self._request
            given, failure = await self._carried_out(request)
            self._served = self._request = None
            if not request.dropped:
                request.then(given, failure)

    async def _carried_out(self, request: Request) -> tuple[Drawn | None, str]:
        """Carry a request out in the worker process; say why it failed, if it did."""
        pool, signals = self._started()
        signals.stop.clear()
        signals.reach("starting", 0, 0)
        try:
            return await asyncio.get_running_loop().run_in_executor(pool, request.work), ""
        except BrokenProcessPool:
            self._pool = self._signals = None
            return None, "memory"
        except Exception:  # noqa: BLE001 (told, and the page goes on)
            _LOG.exception("an answer of the page failed")
            return None, "fault"

    def _started(self) -> tuple[ProcessPoolExecutor, worker.Signals]:
        if self._pool is None or self._signals is None:
            signals = worker.Signals(self._context.Event(), self._context.Array("q", 3, lock=False))
            self._pool = ProcessPoolExecutor(
                1,
                self._context,
                initializer=worker.begin,
                initargs=(str(self.folder), self.workers, signals),
            )
            self._signals = signals
            with deaf_to_interruption():
                # The process starts with its first task, while it cannot hear Ctrl-C.
                self._pool.submit(os.getpid)
        return self._pool, self._signals
