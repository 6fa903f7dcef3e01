# pyright: standard
"""A run on Locust's runners: one dispatcher a worker, measures in Locust's own reports.

    python -m etalon_load.on_locust --role local|master|worker --workload DIR

The only module that imports Locust, which patches the process that imports it. Who starts it reads
lines of JSON on its stdout, writes `stop` or `gone PID` on its stdin, and closes that when all is
over.

What Locust would hide is brought to light: exceptions of listeners and greenlets, workers that go
missing, samples not reported yet when users are stopped.
"""

# Locust first: it patches what the others import.
# isort: off
from locust import User, events, log, runners, stats, task
from locust.env import Environment

# isort: on
import argparse
import csv
import json
import os
import socket
import stat
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Mapping
from contextlib import suppress
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

import gevent
from gevent.event import Event
from gevent.socket import wait_read

from etalon_load.dispatching import Taken
from etalon_load.gathering import gathered_for
from etalon_load.generator import Generator, Part, maker_of
from etalon_load.http_client import FailedError
from etalon_load.linking import (
    BAD_INPUT,
    LOST,
    NO_ANSWER,
    Hello,
    MasterLink,
    RefusedError,
    WorkerLink,
    guarded,
)
from etalon_load.measures import Outcome
from etalon_load.open_files import allow_many_files
from etalon_load.stopping_rules import rule_of
from etalon_load.target_spec import TargetSpecError
from etalon_load.web_panel import add_panel
from etalon_load.workload import (
    MEASURED_FILE,
    PEOPLE_FILE,
    PlanDiffersError,
    Workload,
    read_plan,
    read_workload,
)

if TYPE_CHECKING:
    from locust.stats import CSVWriter

    from etalon_load.conduct import WorkerConduct

KEY_VARIABLE: Final = "ETALON_RUN_KEY"
"""Holds the key that a worker shows before it is told anything of a run."""

FAULT: Final = 4
_LEAD_SECONDS: Final = 1.0
_LEAD_OF_WORKERS: Final = 2.0
"""Workers hear when a run begins before it does, on a busy machine too."""

_LOOK_SECONDS: Final = 1.0

runners.WORKER_REPORT_INTERVAL = _LOOK_SECONDS
runners.CONNECT_RETRY_COUNT = 6
runners.MASTER_HEARTBEAT_TIMEOUT = 20


def installed_version() -> str:
    """Return the version of what is installed, or `unknown`."""
    try:
        return version("mes-etalon")
    except PackageNotFoundError:
        return "unknown"


def tell(**line: object) -> None:
    """Tell who started this process; when nobody listens any more, nothing."""
    with suppress(BrokenPipeError):
        sys.stdout.write(json.dumps(line) + "\n")
        sys.stdout.flush()


def hear(told: Mapping[str, Callable[[str], None]]) -> None:
    """Do what lines on stdin say, and end this process when it is closed."""
    if not stat.S_ISFIFO(os.fstat(0).st_mode):
        return

    def hearing() -> None:
        held = b""
        while True:
            wait_read(0)
            piece = os.read(0, 4096)
            if not piece:
                os._exit(NO_ANSWER)
            *lines, held = (held + piece).split(b"\n")
            for line in lines:
                word, _, rest = line.decode("ascii", "replace").partition(" ")
                if word in told:
                    told[word](rest)

    gevent.spawn(hearing)


def user_of(part: Part) -> type[User]:
    """Return the class of the one user of a process: the dispatcher, which is no person."""

    class Dispatch(User):
        @task
        def send(self) -> None:
            part.begin()
            Event().wait()

    return Dispatch


def fire(environment: Environment, taken: Taken) -> None:
    """Tell Locust of a step: its page, its CSV files, and whoever listens to its events."""
    environment.events.request.fire(
        request_type="OPEN",
        name=str(taken.step),
        response_time=taken.response / 1000,
        response_length=taken.size,
        response=None,
        exception=None if taken.outcome is Outcome.RIGHT else FailedError(taken.wrong.key),
        context={"trace": taken.trace},
    )


def made(environment: Environment, folder: Path, rank: int) -> Generator:
    """Return the generator of a worker, its people and journeys ready.

    Raises:
        WorkloadError: The files of the run cannot be read.
        RefusedError: The plan is not the one of the run, or this machine cannot speak to the
            target: it lacks a file of the profile, or finds no way there.
    """
    workload, here = read_workload(folder), socket.gethostname()
    people = folder / PEOPLE_FILE
    lines = people.read_text(encoding="utf-8").splitlines() if people.exists() else []
    try:
        plan = read_plan(folder, workload)
        journeys = maker_of(workload.journeys)(workload, plan, lines, rank)
    except PlanDiffersError as error:
        raise RefusedError(reason="worker_plan", host=here) from error
    except TargetSpecError as error:
        values = {"host": here, "problem": str(error)}
        raise RefusedError(reason="worker_lacks", code=BAD_INPUT, **values) from error
    except FailedError as error:
        raise RefusedError(reason="worker_unreached", host=here, problem=str(error)) from error
    return Generator(workload, plan, journeys, rank, partial(fire, environment))


class Conductor:
    """A run, in the process that gathers it: alone, or as master.

    Attributes:
        folder: Of the workload, and of what was measured.
        workload: What is asked.
        gathered: What was told so far.
        environment: Locust's.
        halt: Lets no further journey begin, here or anywhere.
        look: Called every second.
    """

    def __init__(self, folder: Path, part: Part) -> None:
        """Read what is asked.

        Raises:
            WorkloadError: It cannot be read.
        """
        self.folder = folder
        self.workload: Workload = read_workload(folder)
        self.gathered = gathered_for(self.workload)
        address = self.workload.target.get("address")
        self.environment = Environment(user_classes=[user_of(part)], events=events, host=address)
        self.halt: Callable[[], None] = part.stop
        self.look: Callable[[], None] = lambda: None
        self._rules = [rule_of(written) for written in self.workload.stop_rules]
        self._ended, self._why = "complete", ""
        # On Locust's page too a run can be stopped.
        stopped = guarded(lambda **_told: self.stop("interrupted", "page"), self.gathered.faults)
        self.environment.events.test_stopping.add_listener(stopped)

    def stop(self, ended: str, why: str) -> None:
        """End the run before its time, once: `stopped` or `interrupted`, and why."""
        if self._ended == "complete" and not self.gathered.is_whole:
            self._ended, self._why = ended, why
            self.halt()

    def show(self, port: int | None) -> None:
        """Show Locust's page with our panel, where it is asked for."""
        runner = self.environment.runner
        if port is None or runner is None:
            return
        page = self.environment.create_web_ui("127.0.0.1", port, delayed_start=True)
        add_panel(page, self.gathered)
        page.start()
        gevent.spawn(stats.stats_history, runner)

    def watch(self, starts: float) -> int:
        """Watch the run to its end, write what was measured, and return the exit code.

        Args:
            starts: Instant of `time.perf_counter` at which it begins.
        """
        writer = stats.StatsCSVFileWriter(
            self.environment, stats.PERCENTILES_TO_REPORT, str(self.folder / "locust")
        )
        writing = gevent.spawn(writer.stats_writer)
        tell(begins_in=starts - time.perf_counter())
        while not self.gathered.is_whole:
            gevent.sleep(_LOOK_SECONDS)
            self.look()
            second = time.perf_counter() - starts
            tell(progress=self.gathered.line(second))
            rule = self.gathered.rule_that_holds(self._rules, int(second))
            if rule is not None:
                self.stop("stopped", rule.written)
        writing.kill()
        return self._close(writer)

    def _close(self, writer: stats.StatsCSVFileWriter) -> int:
        """Quit Locust, and write its tables and ours."""
        runner, faults = self.environment.runner, self.gathered.faults
        if runner is not None:
            runner.quit()
        writer.close_files()
        for name, rows in (("stats", writer.requests_csv), ("failures", writer.failures_csv)):
            with (self.folder / f"locust_{name}.csv").open("w", encoding="utf-8") as file:
                rows(cast("CSVWriter", csv.writer(file)))
        if log.unhandled_greenlet_exception and not faults:
            faults.append("a listener or a greenlet of Locust raised: see generator.log")
        whole = self.folder / f"{MEASURED_FILE}.part"
        measured = self.gathered.measured(self._ended, self._why or None)
        whole.write_text(json.dumps(measured), encoding="utf-8")
        whole.replace(self.folder / MEASURED_FILE)
        code = FAULT if faults else 0
        self.environment.events.quit.fire(exit_code=code)
        return code


def run_local(asked: argparse.Namespace) -> int:
    """Run everything in this process."""
    part = Part()
    conductor = Conductor(asked.workload, part)
    gathered, environment = conductor.gathered, conductor.environment
    runner = environment.create_local_runner()
    generator = part.generator = made(environment, asked.workload, 0)
    conductor.look = lambda: gathered.add(0, *generator.drained())
    conductor.show(asked.web_port)
    hear({"stop": lambda _rest: conductor.stop("interrupted", "")})

    def finish() -> None:
        try:
            conduct = cast("WorkerConduct", part.ended.get())
        except Exception:  # noqa: BLE001 (told at the end of the run)
            gathered.broke(0, traceback.format_exc())
            return
        conductor.look()
        gathered.ended(conduct, generator.kept.plain(), generator.faults)

    gevent.spawn(finish)
    runner.start(1, spawn_rate=1)
    starts = time.perf_counter() + _LEAD_SECONDS
    part.starts.set(starts)
    return conductor.watch(starts)


def run_master(asked: argparse.Namespace) -> int:
    """Have workers run everything, and gather what they tell.

    Raises:
        RefusedError: The port is taken, or workers are missing.
    """
    conductor = Conductor(asked.workload, Part())
    host, port = asked.listen
    try:
        runner = conductor.environment.create_master_runner(host, port)
    except SystemExit as error:
        raise RefusedError(reason="port_taken", code=BAD_INPUT, host=host, port=port) from error
    plan = read_plan(asked.workload, conductor.workload)
    key = os.environ.get(KEY_VARIABLE, "")
    link = MasterLink(runner, asked.workload, plan, conductor.gathered, key)

    def look() -> None:
        if link.find_lost():
            conductor.stop("stopped", LOST)

    conductor.look, conductor.halt = look, link.halt
    conductor.show(asked.web_port)
    hear({"stop": lambda _rest: conductor.stop("interrupted", ""), "gone": link.gone})
    tell(listening=[host, runner.server.port])
    link.wait(asked.patience)
    link.dismiss_others()
    workers = conductor.workload.workers
    runner.start(workers, spawn_rate=workers)
    starts = time.perf_counter() + _LEAD_OF_WORKERS
    link.begin(starts)
    return conductor.watch(starts)


def run_worker(asked: argparse.Namespace) -> int:
    """Send the part of one worker.

    Raises:
        RefusedError: Nobody is there, this worker is not wanted, or the run was lost.
    """
    host, port = asked.master
    part = Part()
    environment = Environment(user_classes=[user_of(part)], events=events)
    # A user that is stopped alone was only dealt out again, to nobody's harm.
    environment.events.test_stopping.add_listener(lambda **_told: part.stop())
    hear({"stop": lambda _rest: part.stop()})
    try:
        runner = environment.create_worker_runner(host, port)
    except ConnectionError as error:
        raise RefusedError(reason="no_master", code=BAD_INPUT, host=host, port=port) from error
    with tempfile.TemporaryDirectory() as fetched:
        folder = Path(fetched) if asked.workload is None else asked.workload
        said = Hello(
            version=installed_version(),
            key=os.environ.get(KEY_VARIABLE, ""),
            needs_files=asked.workload is None,
        )
        WorkerLink(runner, partial(made, environment), folder, part, said).serve()
    return 0


def _place(written: str) -> tuple[str, int]:
    host, _, port = written.rpartition(":")
    return host, int(port)


def main() -> int:
    """Play the role that the command line says."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--role", choices=("local", "master", "worker"), required=True)
    parser.add_argument("--workload", type=Path)
    parser.add_argument("--listen", type=_place, default=("127.0.0.1", 0))
    parser.add_argument("--master", type=_place)
    parser.add_argument("--patience", type=float, default=60.0)
    parser.add_argument("--web-port", type=int)
    asked = parser.parse_args()
    # Locust's page reads what was typed too, and knows none of it.
    del sys.argv[1:]
    log.setup_logging("INFO")
    allow_many_files()
    role = {"local": run_local, "master": run_master, "worker": run_worker}[asked.role]
    try:
        return role(asked)
    except RefusedError as refused:
        tell(refused=refused.reason, values=refused.values)
        return refused.code
    except Exception:  # noqa: BLE001 (the last resort: told, and exit code 4)
        tell(fault=traceback.format_exc())
        return FAULT


if __name__ == "__main__":
    exit_code = main()
    sys.stdout.flush()
    sys.stderr.flush()
    # Everything is written. Greenlets and threads of others may still wait for what never comes.
    os._exit(exit_code)
