"""Programs that a profile names: run without a shell, bounded in time and output."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Final

_CHUNK: Final = 65_536
_ERRORS_KEPT: Final = 2_000
_LEFT_SECONDS: Final = 1.0
_TURN_SECONDS: Final = 0.005


class ProgramError(Exception):
    """A program that could not be run to its end; the message says why, in English."""


@dataclass(frozen=True, slots=True)
class Ran:
    """A program that came to its end.

    Attributes:
        code: Exit code.
        output: What it wrote to its standard output.
        errors: The beginning of what it wrote to its standard error.
    """

    code: int
    output: bytes
    errors: str


def run_program(
    line: Sequence[str],
    folder: Path,
    seconds: float,
    most: int,
    environment: Mapping[str, str] | None = None,
) -> Ran:
    """Run a program to its end, without input; stop it when it takes too long or says too much.

    Args:
        line: The program and its arguments.
        folder: Where it is run.
        seconds: How long it may take.
        most: How many bytes it may write to its standard output.
        environment: Variables beside those of this process.

    Raises:
        ProgramError: It cannot be started, or was stopped.
    """
    if not line:
        message = "no program is named"
        raise ProgramError(message)
    try:
        started = subprocess.Popen(  # noqa: S603 (the profile's own program, no shell)
            line,
            cwd=folder,
            env={**os.environ, **(environment or {})},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or error
        message = f"{line[0]} cannot be run: {said}"
        raise ProgramError(message) from error
    with started:
        return _to_its_end(started, line[0], seconds, most)


def _to_its_end(started: subprocess.Popen[bytes], name: str, seconds: float, most: int) -> Ran:
    output, errors = _Tap(started.stdout, most), _Tap(started.stderr, _ERRORS_KEPT, stops=False)
    late = threading.Event()

    def stop() -> None:
        late.set()
        stop_group(started)

    timer = threading.Timer(seconds, stop)
    timer.start()
    output.overflows = lambda: stop_group(started)
    output.start()
    errors.start()
    try:
        _wait_unreaped(started)
    finally:
        timer.cancel()
        # A grandchild may hold the pipes open: they are given up with the group, while the number
        # of the process still belongs to it.
        stop_group(started)
    code = started.wait()
    # One that left the group may hold them still: it is not waited for.
    output.join(_LEFT_SECONDS)
    errors.join(_LEFT_SECONDS)
    if late.is_set():
        message = f"{name} took more than {seconds:g} seconds and was stopped"
        raise ProgramError(message)
    if output.overflowed:
        message = f"{name} wrote more than {most} bytes and was stopped"
        raise ProgramError(message)
    return Ran(code, bytes(output.kept), bytes(errors.kept).decode("utf-8", "replace"))


def _wait_unreaped(started: subprocess.Popen[bytes]) -> None:
    """Wait until a process ends; its number is not given to another yet."""
    if sys.platform == "win32":
        started.wait()
    elif started.stdout is not None and not os.get_blocking(started.stdout.fileno()):
        # Threads take turns (gevent): while one blocks, none of the others would read.
        while started.poll() is None:
            time.sleep(_TURN_SECONDS)
    else:
        os.waitid(os.P_PID, started.pid, os.WEXITED | os.WNOWAIT)


class _Tap(threading.Thread):
    """Reads a pipe to its end and keeps its beginning."""

    def __init__(self, pipe: IO[bytes] | None, most: int, *, stops: bool = True) -> None:
        super().__init__(daemon=True)
        self.kept: bytearray = bytearray()
        self.overflowed = False
        self.overflows: Callable[[], object] = bool
        self._pipe = pipe
        self._most = most
        self._stops = stops

    def run(self) -> None:
        """Read."""
        with suppress(OSError, ValueError):
            while self._pipe is not None and (chunk := _next_of(self._pipe)):
                self.kept += chunk[: max(0, self._most + 1 - len(self.kept))]
                if len(self.kept) > self._most and self._stops and not self.overflowed:
                    self.overflowed = True
                    self.overflows()


def _next_of(pipe: IO[bytes]) -> bytes:
    """Return what comes next out of a pipe, nothing at its end; wait where it does not block.

    Raises:
        OSError: It cannot be read.
        ValueError: It was closed meanwhile.
    """
    while True:
        try:
            return os.read(pipe.fileno(), _CHUNK)
        except BlockingIOError:
            time.sleep(_TURN_SECONDS)


def stop_group(started: subprocess.Popen[bytes]) -> None:
    """Kill a process started in a session of its own, and those it started."""
    try:
        if sys.platform == "win32":
            started.kill()
        else:
            os.killpg(started.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        return
