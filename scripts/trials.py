"""A pytest plugin that tries mutants: tests are collected once, each trial is a fork of its own.

In the fork the code of one function is replaced by its mutant's, and the tests that reach the
function run until one fails. What ran while the model was imported, or its tests collected, has
left its mark on tables already: a mutant of such a function that passes is tried again in a new
process, in which the module is rewritten before anybody imports it.
"""

import functools
import gc
import json
import mmap
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from tempfile import TemporaryDirectory
from types import CodeType, FrameType

import pytest
from _pytest.runner import runtestprotocol

from mutants import MODEL, ROOT, Mutant
from placing import put_in_place

WALKS = ROOT / "tests/model/walk"
SLOWEST_SECONDS = 2.0
"""Tests that take longer (of one core, watched) are walks in all but name, and are left out."""
MEMORY_BYTES = 4 * 2**30
SLOWER, SPARE_SECONDS = 10, 3
"""A test, or a trial, may take that many times what it takes, and the spare, of one core."""
PATIENCE_SECONDS = 1800
"""Wall time after which a trial that does not even compute is ended."""
PASSED, FAILED, TOO_LONG, UNTRIED = range(4)
_A_MOMENT = 0.002
_NUMBER = 4


class Fate(StrEnum):
    """What became of a mutant."""

    KILLED = "killed"
    TIMEOUT = "timeout"
    SURVIVED = "survived"
    NOT_REACHED = "not reached"


@dataclass(frozen=True, slots=True)
class Reach:
    """What one test reaches.

    Attributes:
        functions: Functions of the model that it calls, as `file:qualified name`.
        seconds: Seconds of one core that it takes.
    """

    functions: frozenset[str]
    seconds: float


Numbered = tuple[int, pytest.Item, float]


class Trials:
    """Runs mutants against the tests that pytest collected.

    Attributes:
        left_out: Tests that take no part, and why.
        tests: How many take part.
        fates: What became of each mutant, by its place.
    """

    def __init__(
        self,
        mutants: Sequence[Mutant],
        known: dict[int, Fate],
        note: Callable[[int, Fate, str], object],
        workers: int,
    ) -> None:
        """Prepare.

        Args:
            mutants: What is tried.
            known: Fates known from before, by place.
            note: Called with each new fate, and the test that decided it or an empty string.
            workers: How many trials run at once.
        """
        self.left_out: dict[str, list[str]] = {}
        self.tests = 0
        self.fates = dict(known)
        self._mutants = mutants
        self._note = note
        self._workers = workers
        self._reach: dict[str, Reach] = {}
        self._running: dict[int, tuple[int, float]] = {}
        self._early: set[str] = set()
        # Written by the trials, at the place of their mutant: which test failed, from 1.
        self._failed = memoryview(mmap.mmap(-1, _NUMBER * max(1, len(mutants)))).cast("i")
        self._bites: dict[str, list[int]] = {}
        self._all: list[str] = []
        sys.setprofile(self._note_early)

    def _note_early(self, frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            self._early.add(name_of(frame.f_code))

    def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
        """Leave the properties out."""
        # Hypothesis is not asked: pytest wants to import it itself, later.
        properties = [i for i in items if hasattr(getattr(i, "obj", None), "hypothesis")]
        self._leave_out(items, properties, "properties of Hypothesis")
        walks = [i for i in items if WALKS in i.path.parents]
        self._leave_out(items, walks, "walks")

    def _leave_out(self, items: list[pytest.Item], out: Collection[pytest.Item], why: str) -> None:
        self.left_out[why] = sorted(item.nodeid for item in out)
        items[:] = [item for item in items if item not in out]

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Measure what each test reaches, then try every mutant."""
        sys.setprofile(None)
        forget_answers()
        gc.collect()
        gc.freeze()
        self._reach = reach_of(session.items)
        slow = [i for i in session.items if self._reach[i.nodeid].seconds > SLOWEST_SECONDS]
        self._leave_out(session.items, slow, f"longer than {SLOWEST_SECONDS:g} s")
        self._all = [item.nodeid for item in session.items]
        self.tests = len(self._all)
        for place, mutant in enumerate(self._mutants):
            if place in self.fates:
                continue
            self._start(place, mutant, self._tests_of(mutant, session.items))
            while len(self._running) >= self._workers:
                self._wait()
        while self._running:
            self._wait()
        return True

    def _tests_of(self, mutant: Mutant, items: Sequence[pytest.Item]) -> list[Numbered]:
        """Return the tests that reach the function of a mutant.

        Those that noticed another change of it come first, the last of them before all; then the
        fastest. The order decides how long a trial takes, not how it ends.
        """
        name = f"{mutant.file}:{mutant.function}"
        bites = self._bites.get(name, [])
        found = {
            number: self._reach[item.nodeid]
            for number, item in enumerate(items, 1)
            if name in self._reach[item.nodeid].functions
        }
        order = sorted(
            found, key=lambda n: (-bites.index(n) if n in bites else 1, found[n].seconds)
        )
        return [(number, items[number - 1], found[number].seconds) for number in order]

    def _start(self, place: int, mutant: Mutant, tests: Sequence[Numbered]) -> None:
        early = f"{mutant.file}:{mutant.function}" in self._early
        if not (tests or early):
            self._settle(place, Fate.NOT_REACHED)
            return
        # A new process runs all tests, under the limits of the one that starts it.
        nodes = self._all if early else [item.nodeid for _, item, _ in tests]
        seconds = sum(self._reach[node].seconds for node in nodes)
        pid = os.fork()
        if not pid:
            _limit(seconds)
            note = functools.partial(self._failed.__setitem__, place)
            os._exit(_outcome(mutant, tests, note, anew=self._all if early else ()))
        self._running[pid] = (place, time.monotonic())

    def _wait(self) -> None:
        """Settle the trials that ended; end those that wait for something that never comes."""
        for pid, (place, since) in list(self._running.items()):
            ended, status = os.waitpid(pid, os.WNOHANG)
            if ended:
                del self._running[pid]
                self._settle(place, _fate(status))
            elif time.monotonic() - since > PATIENCE_SECONDS:
                os.kill(pid, signal.SIGKILL)
        time.sleep(_A_MOMENT)

    def _settle(self, place: int, fate: Fate) -> None:
        self.fates[place] = fate
        number = self._failed[place]
        self._note(place, fate, self._all[number - 1] if number else "")
        if number:
            mutant = self._mutants[place]
            bites = self._bites.setdefault(f"{mutant.file}:{mutant.function}", [])
            bites[:] = [*(one for one in bites if one != number), number]


def name_of(code: CodeType) -> str:
    """Return the file, from the root, and the outermost function that a code belongs to."""
    file = code.co_filename.removeprefix(f"{ROOT}{os.sep}").replace(os.sep, "/")
    return f"{file}:{code.co_qualname.partition('.<locals>')[0]}"


def reach_of(items: Sequence[pytest.Item]) -> dict[str, Reach]:
    """Run every test once, in a fork; return what each reaches, by its node identifier.

    Raises:
        RuntimeError: A test fails on the model as it is.
    """
    with TemporaryDirectory() as folder:
        told = Path(folder) / "reach.json"
        pid = os.fork()
        if not pid:
            told.write_text(json.dumps([*_watched(items)]), encoding="utf-8")
            os._exit(PASSED)
        os.waitpid(pid, 0)
        rows = json.loads(told.read_text(encoding="utf-8"))
    failed = [node for node, passed, _, _ in rows if not passed]
    if failed:
        message = f"on the model as it is, these fail: {', '.join(failed)}"
        raise RuntimeError(message)
    return {node: Reach(frozenset(names), seconds) for node, _, names, seconds in rows}


def _watched(items: Sequence[pytest.Item]) -> Iterator[tuple[str, bool, list[str], float]]:
    """Run tests; yield each one's identifier, whether it passed, what it called, its seconds."""
    codes: set[CodeType] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            codes.add(frame.f_code)

    for item, following in zip(items, [*items[1:], None], strict=True):
        codes.clear()
        before = time.process_time()
        sys.setprofile(note)
        passed = _passes(item, following)
        sys.setprofile(None)
        called = {name_of(code) for code in codes if code.co_filename.startswith(str(MODEL))}
        yield item.nodeid, passed, sorted(called), time.process_time() - before


def _passes(item: pytest.Item, following: pytest.Item | None) -> bool:
    reports = runtestprotocol(item, log=False, nextitem=following)
    return not any(report.failed for report in reports)


def _limit(seconds: float) -> None:
    """Bound this process: core seconds, memory, and not a word."""
    allowed = int(SLOWER * seconds) + SPARE_SECONDS
    resource.setrlimit(resource.RLIMIT_CPU, (allowed, allowed + 1))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)


def _outcome(
    mutant: Mutant,
    tests: Sequence[Numbered],
    note: Callable[[int], object],
    anew: Sequence[str],
) -> int:
    """Try a mutant in this process, and in a new one when it passes and `anew` names tests.

    Args:
        mutant: The mutant.
        tests: Tests that reach it, with their numbers and seconds.
        note: Called with the number of each test before it runs, with 0 when all passed.
        anew: The tests for the new process.
    """
    try:
        put_in_place(mutant)
    except Exception:  # noqa: BLE001 (whatever it is, the mutant was not tried)
        return UNTRIED
    following = [item for _, item, _ in tests[1:]]
    try:
        for (number, item, seconds), next_one in zip(tests, [*following, None], strict=True):
            note(number)
            signal.setitimer(signal.ITIMER_PROF, SLOWER * seconds + SPARE_SECONDS)
            if not _passes(item, next_one):
                return FAILED
    except BaseException:  # noqa: BLE001 (a mutant may raise anything, and that is a failure)
        return FAILED
    note(0)
    signal.setitimer(signal.ITIMER_PROF, 0)
    return _outcome_anew(mutant, anew) if anew else PASSED


def _outcome_anew(mutant: Mutant, tests: Sequence[str]) -> int:
    """Try a mutant in a new process, which imports the changed module."""
    with TemporaryDirectory() as folder:
        changed, named = Path(folder) / "changed.json", Path(folder) / "tests.txt"
        text = json.dumps({"module": mutant.module, "source": mutant.source})
        changed.write_text(text, encoding="utf-8")
        near = mutant.module.split(".")[1]
        ordered = sorted(tests, key=lambda node: near not in node)
        named.write_text("\n".join(ordered), encoding="utf-8")
        command = [sys.executable, "-m", "pytest", "-q", "-x", "-p", "changing", f"@{named}"]
        environment = {**os.environ, "ETALON_CHANGED": str(changed), "ETALON_EFFORT": "1"}
        try:
            done = subprocess.run(
                [*command, "-p", "no:cacheprovider"],
                cwd=ROOT,
                env=environment,
                timeout=PATIENCE_SECONDS / 2,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return TOO_LONG
    if done.returncode == -signal.SIGXCPU:
        return TOO_LONG
    return FAILED if done.returncode else PASSED


def _fate(status: int) -> Fate:
    """Read what became of a mutant from how its process ended.

    Raises:
        RuntimeError: It could not be put in place.
    """
    if os.WIFSIGNALED(status):
        ended = os.WTERMSIG(status) in (signal.SIGXCPU, signal.SIGPROF, signal.SIGKILL)
        return Fate.TIMEOUT if ended else Fate.KILLED
    code = os.WEXITSTATUS(status)
    if code == UNTRIED:
        message = "a mutant could not be put in place"
        raise RuntimeError(message)
    return {PASSED: Fate.SURVIVED, FAILED: Fate.KILLED, TOO_LONG: Fate.TIMEOUT}[code]


def forget_answers() -> None:
    """Empty the caches of the model's functions: what they hold was made before the change."""
    for name, module in list(sys.modules.items()):
        if name.startswith(MODEL.name):
            for value in list(vars(module).values()):
                clear = getattr(value, "cache_clear", None)
                if callable(clear):
                    clear()
