# pyright: standard
"""What master and workers say to each other, over the channel that Locust keeps between them.

A worker says its version and the key of the run before it is told anything; then it gets its rank
and, on another machine, the files of the run. It sets its clock by the master's, says that it is
ready, and begins at the instant named. How it ended comes with its last measures, so that nothing
depends on the report that Locust sends when it quits.

Locust's runners are handed over: nothing here imports Locust.
"""

import os
import socket
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, TypedDict, cast

import gevent
from gevent.event import Event

from etalon_load.arrivals import Plan
from etalon_load.conduct import WorkerConduct
from etalon_load.gathering import Gathered
from etalon_load.generator import Generator, Part
from etalon_load.live import Live
from etalon_load.measures import Measures
from etalon_load.workload import PEOPLE_FILE, PLAN_FILE, WORKLOAD_FILE

LOST: Final = "worker-lost"
BAD_INPUT: Final = 2
NO_ANSWER: Final = 3
REPORT_KEY: Final = "etalon"
_FILES: Final = (WORKLOAD_FILE, PLAN_FILE, PEOPLE_FILE)
_PIECE: Final = 1 << 20
_CLOCK_ROUNDS: Final = 9
_SAID_SECONDS: Final = 0.5
"""What is said leaves before the process does."""

_MISSING: Final = "missing"
_MISSING_SECONDS: Final = 10.0
_OWNER_ONLY: Final = 0o700


class RefusedError(Exception):
    """A run, or a worker of it, that cannot begin.

    Attributes:
        reason: A key of `load_REASON` in the catalogue of errors.
        values: What fills it.
        code: Exit code of the process.
    """

    def __init__(self, *, reason: str, code: int = NO_ANSWER, **values: object) -> None:
        """State why."""
        super().__init__(reason)
        self.reason, self.values, self.code = reason, values, code


def guarded(listener: Callable[..., None], faults: list[str]) -> Callable[..., None]:
    """Return a listener whose exception is kept among faults: Locust would log it and go on."""

    def listening(**told: Any) -> None:  # noqa: ANN401 (what Locust hands over)
        try:
            listener(**told)
        except Exception:  # noqa: BLE001 (told at the end of the run)
            faults.append(traceback.format_exc())

    return listening


class MasterLink:
    """The workers of a run, as its master sees them.

    Attributes:
        refused: Why workers were refused.
    """

    def __init__(
        self,
        runner: Any,  # noqa: ANN401 (Locust's MasterRunner, which has no types)
        folder: Path,
        plan: Plan,
        gathered: Gathered,
        key: str,
    ) -> None:
        """Listen to workers.

        Args:
            runner: Locust's master.
            folder: Of the workload.
            plan: All arrivals.
            gathered: Where what they tell is put.
            key: What a worker has to show.
        """
        self.refused: list[tuple[str, str]] = []
        self._runner, self._folder, self._plan = runner, folder, plan
        self._gathered, self._workload = gathered, gathered.workload
        self._key = key
        self._ranks: dict[str, int] = {}
        self._processes: dict[int, str] = {}
        self._set_up: set[str] = set()
        self._missing_since: dict[int, float] = {}
        self._unable: RefusedError | None = None
        heard: dict[str, Callable[[str, Any], None]] = {
            "hello": self._hello,
            "clock": self._clock,
            "ready": self._ready,
            "ended": self._ended,
            "failed": self._failed,
            "unable": self._cannot,
        }
        for name, hear in heard.items():
            runner.register_message(f"etalon.{name}", self._hearing(hear))
        report = guarded(self._report, gathered.faults)
        runner.environment.events.worker_report.add_listener(report)

    def wait(self, seconds: float) -> None:
        """Wait until every worker is ready.

        Raises:
            RefusedError: One is not in time, is of another version, or cannot do its part.
        """
        ends = time.perf_counter() + seconds
        wanted = self._workload.workers
        while len(self._set_up) < wanted:
            if self._gathered.faults:
                return
            if self._unable is not None:
                raise self._unable
            others = [said for why, said in self.refused if why == "version"]
            if others:
                own = self._workload.etalon_version
                raise RefusedError(reason="worker_version", found=others[0], own=own)
            if time.perf_counter() > ends:
                ready = len(self._set_up)
                raise RefusedError(
                    reason="workers_missing", ready=ready, wanted=wanted, seconds=seconds
                )
            gevent.sleep(0.05)

    def dismiss_others(self) -> None:
        """Have Locust deal out nothing to processes that are no workers of this run."""
        for client in list(self._runner.clients):
            if client not in self._ranks:
                del self._runner.clients[client]

    def begin(self, start: float) -> None:
        """Tell workers when the run begins, by the clock of this process."""
        for client in self._ranks:
            self._say("begin", {"start": start}, client)

    def halt(self) -> None:
        """Have workers begin no further journey."""
        for client in self._ranks:
            self._say("stop", None, client)

    def gone(self, process: str) -> None:
        """Note that a process of this machine ended."""
        client = self._processes.get(int(process))
        rank = None if client is None else self._ranks.get(client)
        if rank is not None and rank not in self._gathered.conducts:
            self._gathered.lost(rank, self._plan)

    def find_lost(self) -> bool:
        """Note workers that have not been heard of for seconds; tell whether one was lost ever."""
        now, conducts = time.perf_counter(), self._gathered.conducts
        for client, rank in self._ranks.items():
            node = self._runner.clients.get(client)
            if rank in conducts or (node is not None and node.state != _MISSING):
                self._missing_since.pop(rank, None)
            elif now - self._missing_since.setdefault(rank, now) > _MISSING_SECONDS:
                self._gathered.lost(rank, self._plan)
        return any(one.lost for one in conducts.values())

    def _hearing(self, heard: Callable[[str, Any], None]) -> Callable[..., None]:
        return guarded(lambda msg, **_rest: heard(msg.node_id, msg.data), self._gathered.faults)

    def _say(self, name: str, data: object, client: str) -> None:
        self._runner.send_message(f"etalon.{name}", data, client)

    def _hello(self, client: str, said: dict[str, Any]) -> None:
        """Take a worker in, or say why not."""
        why = self._refusal(said)
        if why:
            self.refused.append((why, str(said.get("version", ""))[:64]))
            self._say("refused", {"reason": why, "own": self._workload.etalon_version}, client)
            return
        rank = self._ranks.setdefault(client, len(self._ranks))
        if said.get("host") == socket.gethostname():
            self._processes[int(said["process"])] = client
        if said["needs_files"]:
            for name in _FILES:
                self._send_file(name, client)
        self._say("workload", {"rank": rank}, client)

    def _refusal(self, said: dict[str, Any]) -> str:
        if said.get("key") != self._key:
            return "key"
        if said.get("version") != self._workload.etalon_version:
            return "version"
        return "full" if len(self._ranks) == self._workload.workers else ""

    def _send_file(self, name: str, client: str) -> None:
        file = self._folder / name
        content = file.read_bytes() if file.exists() else b""
        for at in range(0, max(len(content), 1), _PIECE):
            self._say("piece", {"file": name, "bytes": content[at : at + _PIECE]}, client)

    def _clock(self, client: str, said: dict[str, Any]) -> None:
        self._say("clock", {"sent": said["sent"], "read": time.perf_counter()}, client)

    def _ready(self, client: str, _said: object) -> None:
        self._set_up.add(client)

    def _report(self, client_id: str, data: dict[str, Any]) -> None:
        told = data.get(REPORT_KEY)
        if told is not None and client_id in self._ranks:
            self._add(self._ranks[client_id], told)

    def _add(self, rank: int, told: dict[str, Any]) -> None:
        measures, live = Measures.from_plain(told["measures"]), Live.from_plain(told["live"])
        self._gathered.add(rank, measures, live)

    def _ended(self, client: str, said: dict[str, Any]) -> None:
        self._add(self._ranks[client], said)
        conduct = WorkerConduct.from_plain(said["conduct"])
        self._gathered.ended(conduct, said["listed"], said["faults"])

    def _cannot(self, _client: str, said: dict[str, Any]) -> None:
        reason, code = str(said["reason"]), int(said["code"])
        self._unable = RefusedError(reason=reason, code=code, **said["values"])

    def _failed(self, client: str, said: dict[str, Any]) -> None:
        self._gathered.broke(self._ranks[client], said["fault"])


class Hello(TypedDict):
    """What a worker says of itself.

    Attributes:
        version: Of Étalon.
        key: Of the run.
        needs_files: Whether the files of the run are not here.
    """

    version: str
    key: str
    needs_files: bool


class WorkerLink:
    """The run, as one of its workers sees it."""

    def __init__(
        self,
        runner: Any,  # noqa: ANN401 (Locust's WorkerRunner, which has no types)
        made: Callable[[Path, int], Generator],
        folder: Path,
        part: Part,
        said: Hello,
    ) -> None:
        """Listen to the master, and say who is here.

        Args:
            runner: Locust's worker.
            made: Makes the generator of a rank from a folder of files.
            folder: Where the files of the run are, or are to be put.
            part: What this process sends.
            said: What is said of this process.
        """
        self._runner, self._made, self._folder, self._part = runner, made, folder, part
        self._faults: list[str] = []
        self._over = Event()
        self._refused: RefusedError | None = None
        self._best = (float("inf"), 0.0)
        heard: dict[str, Callable[[Any], None]] = {
            "refused": self._refuse,
            "piece": self._piece,
            "workload": self._workload,
            "clock": self._clock,
            "begin": self._begin,
            "stop": self._stop,
        }
        for name, hear in heard.items():
            runner.register_message(f"etalon.{name}", self._hearing(hear))
        report = guarded(self._report, self._faults)
        runner.environment.events.report_to_master.add_listener(report)
        self._say("hello", {**said, "process": os.getpid(), "host": socket.gethostname()})

    def serve(self) -> None:
        """Take part until the master says that it is over.

        Raises:
            RefusedError: It does not want this worker, or was lost.
        """
        gevent.spawn(self._finish)
        self._runner.greenlet.join()
        if self._refused is not None:
            raise self._refused
        if not self._over.is_set():
            raise RefusedError(reason="run_lost")

    def _hearing(self, heard: Callable[[Any], None]) -> Callable[..., None]:
        return guarded(lambda msg, **_rest: heard(msg.data), self._faults)

    def _say(self, name: str, data: object) -> None:
        self._runner.send_message(f"etalon.{name}", data)

    def _refuse(self, said: dict[str, Any]) -> None:
        self._refused = RefusedError(reason=f"worker_refused_{said['reason']}")
        gevent.spawn(self._runner.quit)

    def _piece(self, said: dict[str, Any]) -> None:
        if said["file"] in _FILES and said["bytes"]:
            file = self._folder / str(said["file"])
            file.parent.mkdir(mode=_OWNER_ONLY, exist_ok=True)
            with file.open("ab") as written:
                written.write(said["bytes"])

    def _workload(self, said: dict[str, Any]) -> None:
        # It takes a while: heartbeats go on meanwhile, as far as sockets are waited for.
        gevent.spawn(self._prepare, int(said["rank"]))

    def _prepare(self, rank: int) -> None:
        """Make the journeys, then set the clock by that of the master."""
        try:
            self._part.generator = self._made(self._folder, rank)
        except RefusedError as refused:
            self._refused = refused
            plain = {"reason": refused.reason, "code": refused.code, "values": refused.values}
            self._say("unable", plain)
            gevent.sleep(_SAID_SECONDS)
            self._runner.quit()
            return
        except Exception:  # noqa: BLE001 (told to the master, which ends the run)
            self._say("failed", {"fault": traceback.format_exc()})
            return
        for _ in range(_CLOCK_ROUNDS):
            self._say("clock", {"sent": time.perf_counter()})
            gevent.sleep(0.01)
        self._say("ready", {"rank": rank})

    def _clock(self, said: dict[str, Any]) -> None:
        now = time.perf_counter()
        way = now - said["sent"]
        if way < self._best[0]:
            # Half way between sending and hearing, the clock of the master read so much more.
            self._best = (way, said["read"] - (said["sent"] + now) / 2)

    def _begin(self, said: dict[str, Any]) -> None:
        self._part.starts.set(said["start"] - self._best[1])

    def _stop(self, _said: object) -> None:
        self._part.stop()

    def _report(self, client_id: str, data: dict[str, Any]) -> None:  # noqa: ARG002 (Locust names it)
        generator = self._part.generator
        if generator is not None and not self._over.is_set():
            data[REPORT_KEY] = _drained(generator)

    def _finish(self) -> None:
        """Tell how it ended, with what was measured since the last report."""
        try:
            conduct = cast("WorkerConduct", self._part.ended.get())
        except Exception:  # noqa: BLE001 (told to the master)
            self._say("failed", {"fault": traceback.format_exc()})
            return
        generator = self._part.generator
        assert generator is not None  # noqa: S101 (it ended)
        self._report_to_locust()
        self._over.set()
        told = {
            **_drained(generator),
            "conduct": conduct.plain(),
            "listed": generator.kept.plain(),
            "faults": [*self._faults, *generator.faults],
        }
        self._say("ended", told)

    def _report_to_locust(self) -> None:
        """Tell what Locust counted since its last report: the one at its end may come late."""
        data: dict[str, Any] = {}
        told = self._runner.environment.events.report_to_master
        told.fire(client_id=self._runner.client_id, data=data)
        self._runner.send_message("stats", data)


def _drained(generator: Generator) -> dict[str, object]:
    measures, live = generator.drained()
    return {"measures": measures.plain(), "live": live.plain()}
