"""A load through its own processes: alone, shared out, lost, stopped, broken; each says which.

All of them run at once, before the first test: most of their time is spent waiting.
"""

import csv
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Generator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import psutil
import pytest
from tests.load.nobodies import write_nobodies

from etalon_load.arrivals import Plan, planned, poisson
from etalon_load.files.run_files import write_run_files
from etalon_load.measures import Measures, Step
from etalon_load.not_run import NotRunError
from etalon_load.objectives import Objective
from etalon_load.processes import Line, Placing
from etalon_load.rates import constant
from etalon_load.running import Load, send
from etalon_load.verdicts import Verdict
from etalon_scenarios.versions import installed_version
from etalon_target.targets import target_of

ROOT = Path(__file__).resolve().parent.parent.parent
SECONDS = 2.0
RATE = 40.0
OBJECTIVE = Objective("visit", "", 60_000_000, 0.9, 0.0, 0.1)
"""Wide: it is not this machine that is judged here."""


def plan_of(mix: Mapping[str, float], seconds: float = SECONDS) -> Plan:
    """Journeys of the stand-in, the same for everybody who asks."""
    return planned(poisson(constant(RATE, seconds), 1), mix, 500, seconds, 1)


@contextmanager
def serving(*options: str) -> Generator[str]:
    """The address of a server of known misdeeds."""
    line = [sys.executable, "scripts/stalling_server.py", *options]
    with subprocess.Popen(line, cwd=ROOT, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield str(json.loads(process.stdout.readline())["address"])
        finally:
            process.terminate()


class Ended:
    """How one load ended: what was measured, or what it raised."""

    def __init__(self, folder: Path, future: "Future[Mapping[str, object]]") -> None:
        self.folder = folder
        self.error = future.exception()
        self._future = future

    @property
    def measured(self) -> dict[str, Any]:
        """What was measured; where it raised something, that is raised here."""
        return dict(self._future.result())

    @cached_property
    def measures(self) -> Measures:
        """Of all its workers."""
        return Measures.from_plain(self.measured["measures"])

    @property
    def workload(self) -> dict[str, Any]:
        """What its workers were told."""
        assert self.error is None, self.error
        return dict(json.loads((self.folder / "workload.json").read_bytes()))


def kill_a_worker(folder: Path) -> Callable[[], None]:
    """Return what ends one worker of a load, once."""
    killed: list[int] = []

    def kill() -> None:
        if not killed:
            for child in psutil.Process().children(recursive=True):
                words = child.cmdline()
                if "worker" in words and str(folder) in words:
                    killed.append(child.pid)
                    os.kill(child.pid, signal.SIGKILL)
                    break

    return kill


@dataclass(frozen=True)
class Asked:
    """One load.

    Attributes:
        path: Of the server, which names its answer.
        mix: Of journeys of the stand-in.
        seconds: How long it is to last.
        placing: Where its processes are.
        rules: That stop it.
        version: Of who plans.
        is_stopped: Whether to stop it once it began.
        journeys: What makes its journeys.
    """

    path: str = "right"
    mix: Mapping[str, float] = field(default_factory=lambda: {"visit": 1.0})
    seconds: float = SECONDS
    placing: Placing = field(default_factory=lambda: Placing(patience=40.0))
    rules: tuple[str, ...] = ()
    version: str = field(default_factory=installed_version)
    is_stopped: bool = False
    journeys: str = "constant_visit:made"

    def sent(self, address: str, folder: Path, people: Path) -> Mapping[str, object]:
        """Send it, and return what was measured."""
        load = Load(
            plan=plan_of(self.mix, self.seconds),
            profile={"name": "constant", "peak": RATE, "window": None, "source": None},
            objectives=(OBJECTIVE,),
            objectives_name="own",
            seed=1,
            version=self.version,
            people=people,
            journeys=self.journeys,
            placing=self.placing,
            stop_rules=self.rules,
        )
        folder.mkdir()
        killing, began = kill_a_worker(folder), threading.Event()

        def told(line: Line) -> None:
            if float(str(line["second"])) > 1:
                began.set()
                if folder.name == "lost":
                    killing()

        with target_of(f"{address}/{self.path}") as target:
            return send(load, target, folder, told, lambda: self.is_stopped and began.is_set())


LOADS = {
    "alone": Asked(),
    "shared": Asked(placing=Placing(2, patience=40.0)),
    "lost": Asked(placing=Placing(2, patience=40.0), seconds=30.0),
    "stopped": Asked(path="error", seconds=30.0, rules=("errors > 5 % for 1 s",)),
    "interrupted": Asked(
        mix={"visit": 1.0, "dry": 1.0, "broken": 1.0}, seconds=30.0, is_stopped=True
    ),
    "lacking": Asked(placing=Placing(2, patience=40.0), journeys="constant_visit:lacking"),
    "version": Asked(placing=Placing(2, 1, patience=40.0), version="0.0.0-other"),
}


@pytest.fixture(scope="module")
def ended(tmp_path_factory: pytest.TempPathFactory) -> Generator[dict[str, Ended]]:
    """Loads of every kind, by name."""
    home = tmp_path_factory.mktemp("loads")
    people = write_nobodies(home / "people.ndjson", "open-with-documents", 600)
    sys.path.insert(0, str(Path(__file__).parent))
    try:
        with serving() as address, ThreadPoolExecutor(len(LOADS)) as pool:
            futures = {
                name: pool.submit(asked.sent, address, home / name, people)
                for name, asked in LOADS.items()
            }
            yield {name: Ended(home / name, future) for name, future in futures.items()}
    finally:
        sys.path.remove(str(Path(__file__).parent))


def test_two_workers_send_the_same_plan_and_come_to_the_same_verdict(
    ended: dict[str, Ended],
) -> None:
    """Every arrival once, whoever sends it; second by second as many as planned."""
    alone, shared = ended["alone"], ended["shared"]

    assert alone.workload["plan_digest"] == shared.workload["plan_digest"]
    assert alone.measures.offered == shared.measures.offered
    assert sum(alone.measures.offered.values()) == alone.measures.finished
    offered = [worker["offered"] for worker in shared.measured["workers"]]
    assert sum(offered) == sum(shared.workload["planned"])
    assert min(offered) > 0
    assert write_run_files(alone.folder) is write_run_files(shared.folder) is Verdict.PASS


def test_locusts_own_tables_count_what_is_measured(ended: dict[str, Ended]) -> None:
    """Its events are fired for each answer, and workers report them to their master."""
    for name in ("alone", "shared"):
        with (ended[name].folder / "locust_stats.csv").open(encoding="utf-8") as file:
            rows = {row["Name"]: row for row in csv.DictReader(file)}
        answered = ended[name].measures.steps[Step("visit", "get")].response.total

        assert int(rows["visit/get"]["Request Count"]) == answered


def test_each_step_has_a_trace_of_its_journey(ended: dict[str, Ended]) -> None:
    """Identifiers as W3C asks for them, each journey another."""
    traces = [row["trace"] for row in ended["alone"].measured["slowest"]]

    assert all(re.fullmatch("[0-9a-f]{32}", trace) and int(trace, 16) for trace in traces)
    assert len(set(traces)) == len(traces) > 50


def test_a_worker_that_is_lost_makes_the_run_invalid(ended: dict[str, Ended]) -> None:
    """The run ends at once: what is left would be another, smaller one."""
    lost = ended["lost"]

    assert [one["lost"] for one in lost.measured["workers"]].count(True) == 1
    assert (lost.measured["ended"], lost.measured["stop_rule"]) == ("stopped", "worker-lost")
    assert lost.measured["conduct"]["seconds"] < 25
    assert write_run_files(lost.folder) is Verdict.INVALID


def test_a_run_that_is_interrupted_drains_and_tells(ended: dict[str, Ended]) -> None:
    """No journey begins any more; those under way end, and all of them are measured."""
    interrupted = ended["interrupted"]

    assert interrupted.measured["ended"] == "interrupted"
    offered = sum(interrupted.measures.offered.values())
    assert interrupted.measured["conduct"]["planned"] == offered
    assert 0 < offered < sum(interrupted.workload["planned"])


def test_a_rule_ends_a_run_that_fails(ended: dict[str, Ended]) -> None:
    """A server that answers 500 to all: the rule is named, the verdict is FAIL."""
    stopped = ended["stopped"]

    assert stopped.measured["ended"] == "stopped"
    assert stopped.measured["stop_rule"] == "errors > 5 % for 1 s"
    assert stopped.measured["failed"][0]["reason"] == "status 500"
    assert stopped.measured["conduct"]["seconds"] < 25
    assert write_run_files(stopped.folder) is Verdict.FAIL


def test_journeys_that_break_or_find_nobody_are_told(ended: dict[str, Ended]) -> None:
    """They end nobody else's; nobody left makes the run invalid."""
    broken = ended["interrupted"]

    assert broken.measured["conduct"]["pool_ran_dry"]
    assert broken.measured["broken"][0].startswith("broken: KeyError: 'journey of broken'")
    assert 0 < broken.measures.finished < sum(broken.measures.offered.values())
    assert write_run_files(broken.folder) is Verdict.INVALID


def test_a_worker_of_another_version_is_named(ended: dict[str, Ended]) -> None:
    """Nothing is sent: its measures might mean something else."""
    error = ended["version"].error

    assert isinstance(error, NotRunError)
    assert error.key == "worker_version"
    assert error.values == {"found": installed_version(), "own": "0.0.0-other"}


def test_a_worker_that_lacks_a_file_of_the_profile_says_where_and_which(
    ended: dict[str, Ended],
) -> None:
    """That is bad input on that machine, and no fault of ours."""
    error = ended["lacking"].error

    assert isinstance(error, NotRunError)
    assert error.key == "worker_lacks"
    assert error.values == {"host": socket.gethostname(), "problem": "authority.pem: no such file"}


def test_the_people_of_a_run_are_for_its_owner_alone(ended: dict[str, Ended]) -> None:
    """The folder and the file; no other file holds a matricule."""
    folder = ended["alone"].folder

    assert (folder / "private").stat().st_mode & 0o777 == 0o700
    assert (folder / "private/people.ndjson").stat().st_mode & 0o777 == 0o600
    for file in folder.iterdir():
        assert not file.is_file() or b"2990375" not in file.read_bytes()
