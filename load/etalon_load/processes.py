"""The processes that send a load: started, listened to, told to stop, ended.

The first gathers what is measured, alone or as Locust's master; the others are its workers. Their
groups are their own, so that Ctrl-C reaches them through who started them.
"""

import json
import os
import queue
import secrets
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Final, Self, TypeAlias, cast

from etalon_target.programs import stop_group

KEY_VARIABLE: Final = "ETALON_RUN_KEY"
LOG_FILE: Final = "generator.log"
_SKIP: Final = "LOCUST_SKIP_MONKEY_PATCH"
_TICK_SECONDS: Final = 0.05
_END_SECONDS: Final = 10.0
Line: TypeAlias = "Mapping[str, object]"


@dataclass(frozen=True, slots=True)
class Placing:
    """Where the processes of a run are.

    Attributes:
        workers: How many send, here and elsewhere.
        remote: How many of these are on other machines.
        listen: Host and port at which the master is reached; 0 for a free port.
        web_port: Of Locust's page, or None.
        patience: How long workers are waited for (seconds).
        key: What a worker has to show.
    """

    workers: int = 1
    remote: int = 0
    listen: tuple[str, int] = ("127.0.0.1", 0)
    web_port: int | None = None
    patience: float = 60.0
    key: str = field(default_factory=lambda: secrets.token_urlsafe(16), repr=False)

    @property
    def is_alone(self) -> bool:
        """Whether one process does everything."""
        return self.workers == 1 and not self.remote


@dataclass(slots=True)
class Ended:
    """How the processes of a run ended.

    Attributes:
        code: Exit code of the one that gathers.
        refused: Why the run could not begin, a key of `load_KEY`, or an empty string.
        values: What fills it.
        fault: A fault of ours, as a trace, or an empty string.
    """

    code: int = 0
    refused: str = ""
    values: Mapping[str, object] = field(default_factory=dict[str, object])
    fault: str = ""


class Processes:
    """The processes of one run."""

    def __init__(self, folder: Path, placing: Placing) -> None:
        """Start none yet.

        Args:
            folder: Of the workload.
            placing: Where they are to be.
        """
        self._folder, self._placing = folder, placing
        self._log: IO[bytes] | None = None
        self._first: subprocess.Popen[bytes] | None = None
        self._workers: list[subprocess.Popen[bytes]] = []
        self._gone: set[int] = set()
        self._lines: queue.Queue[Line | None] = queue.Queue()

    def __enter__(self) -> Self:
        """Start the first."""
        self._log = (self._folder / LOG_FILE).open("ab")
        role = "local" if self._placing.is_alone else "master"
        host, port = self._placing.listen
        options = ["--listen", f"{host}:{port}", "--patience", str(self._placing.patience)]
        if self._placing.web_port is not None:
            options += ["--web-port", str(self._placing.web_port)]
        self._first = self._started(role, "--workload", str(self._folder), *options)
        pipe = cast("IO[bytes]", self._first.stdout)
        threading.Thread(target=self._read, args=(pipe,), daemon=True).start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """End what is left of them."""
        alive = [one for one in (*self._workers, self._first) if one is not None]
        for process in alive:
            with suppress(OSError):
                cast("IO[bytes]", process.stdin).close()
        for process in alive:
            try:
                process.wait(0 if kind is not None else _END_SECONDS)
            except subprocess.TimeoutExpired:
                stop_group(process)
                process.wait()
            if process.stdout is not None:
                process.stdout.close()
        if self._log is not None:
            self._log.close()

    def stop(self) -> None:
        """Let no further journey begin."""
        self._say("stop")

    def watched(self, told: Callable[[Line], None], tick: Callable[[], None]) -> Ended:
        """Listen until the first process has ended.

        Args:
            told: Told of each line of progress, and of the one that says when the run begins.
            tick: Called many times a second.
        """
        ended = Ended()
        while True:
            tick()
            self._tell_gone()
            try:
                line = self._lines.get(timeout=_TICK_SECONDS)
            except queue.Empty:
                continue
            if line is None:
                break
            if "listening" in line:
                self._start_workers(cast("list[object]", line["listening"]))
            elif "refused" in line:
                ended.refused = str(line["refused"])
                ended.values = cast("Mapping[str, object]", line["values"])
            elif "fault" in line:
                ended.fault = str(line["fault"])
            else:
                told(line)
        ended.code = cast("subprocess.Popen[bytes]", self._first).wait()
        return ended

    def _start_workers(self, place: list[object]) -> None:
        host, port = place
        at = f"{'127.0.0.1' if host in {'*', '0.0.0.0'} else host}:{port}"  # noqa: S104 (compared)
        for _ in range(self._placing.workers - self._placing.remote):
            options = ("--master", at, "--workload", str(self._folder))
            self._workers.append(self._started("worker", *options))

    def _started(self, role: str, *options: str) -> subprocess.Popen[bytes]:
        # Workers tell nothing on stdout; what Locust says goes to the log.
        return subprocess.Popen(  # noqa: S603 (our own command)
            _line(role, *options),
            env=_environment(self._placing.key),
            stdin=subprocess.PIPE,
            stdout=self._log if role == "worker" else subprocess.PIPE,
            stderr=self._log,
            start_new_session=True,
        )

    def _tell_gone(self) -> None:
        """Tell the first process of workers that ended."""
        for process in self._workers:
            if process.pid not in self._gone and process.poll() is not None:
                self._gone.add(process.pid)
                self._say(f"gone {process.pid}")

    def _say(self, line: str) -> None:
        if self._first is not None and self._first.stdin is not None:
            with suppress(OSError):
                self._first.stdin.write(f"{line}\n".encode())
                self._first.stdin.flush()

    def _read(self, pipe: IO[bytes]) -> None:
        with suppress(ValueError, OSError):
            for written in pipe:
                with suppress(ValueError):
                    self._lines.put(cast("Line", json.loads(written)))
        self._lines.put(None)


def run_worker(place: tuple[str, int], key: str, is_interrupted: Callable[[], bool]) -> Ended:
    """Be a worker of a run on another machine, until it is over.

    Args:
        place: Host and port of its master.
        key: Of the run.
        is_interrupted: Whether to begin no further journey.
    """
    host, port = place
    ended, stopping = Ended(), False
    with subprocess.Popen(  # noqa: S603 (our own command)
        _line("worker", "--master", f"{host}:{port}"),
        env=_environment(key),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            while process.poll() is None:
                if is_interrupted() and not stopping:
                    stopping = True
                    with suppress(OSError):
                        cast("IO[bytes]", process.stdin).write(b"stop\n")
                        cast("IO[bytes]", process.stdin).flush()
                time.sleep(_TICK_SECONDS)
        except BaseException:
            stop_group(process)
            raise
        for written in cast("IO[bytes]", process.stdout):
            told = cast("Line", json.loads(written))
            ended.refused = str(told.get("refused", ""))
            ended.values = cast("Mapping[str, object]", told.get("values", {}))
            ended.fault = str(told.get("fault", ""))
        ended.code = process.returncode
    return ended


def _line(role: str, *options: str) -> list[str]:
    return [sys.executable, "-P", "-m", "etalon_load.on_locust", "--role", role, *options]


def _environment(key: str) -> dict[str, str]:
    """Return the environment of a process: it imports what this one imports, and patches."""
    kept = {name: value for name, value in os.environ.items() if name != _SKIP}
    roots = os.pathsep.join(path for path in sys.path if path)
    return {**kept, "PYTHONPATH": roots, KEY_VARIABLE: key}
