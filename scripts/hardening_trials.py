"""One command under one hardship: started, hit, waited for, and looked at when it has ended."""

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

SECONDS_MOST: Final = 120
STRANGER: Final = 54_321
"""An account that no system knows: it has no home, and owns nothing."""
_ANSWERS: Final = re.compile(rb"https?://")
_CODES: Final = frozenset({0, 1, 2, 3})
_HEARS: Final = 1 << (signal.SIGTERM - 1)


@dataclass(frozen=True, slots=True)
class Line:
    """How a command is run.

    Attributes:
        words: What follows `etalon`.
        copies: What is copied into the folder first.
        codes: What it may answer where nothing is against it.
        stays: Whether it serves until it is stopped.
    """

    words: tuple[str, ...]
    copies: tuple[Path, ...] = ()
    codes: tuple[int, ...] = (0,)
    stays: bool = False


@dataclass(frozen=True, slots=True)
class Hardship:
    """What is against a command.

    Attributes:
        environment: Variables set, or taken away (None).
        hit: Signals: how long after the command can hear one, and which.
        largest_file: Bytes beyond which no file grows, 0 without a bound.
        disk_kilobytes: Room on the disk beside what is copied there, 0 for that of the machine; for
            the superuser alone.
        stranger: Whether somebody without home or rights runs it.
        is_closed: Whether nobody may write into the folder.
        stdout: Where results go, as a shell says it.
        twice: Whether two run at once.
        before: Words before the command.
    """

    environment: Mapping[str, str | None] = field(default_factory=dict[str, "str | None"])
    hit: tuple[tuple[float, signal.Signals], ...] = ()
    largest_file: int = 0
    disk_kilobytes: int = 0
    stranger: bool = False
    is_closed: bool = False
    stdout: str = ""
    twice: bool = False
    before: tuple[str, ...] = ()


@dataclass(slots=True)
class Ended:
    """What is left of a command.

    Attributes:
        codes: Its exit codes, one for each that ran.
        said: On stderr.
        printed: On stdout.
        wrong: What must not be.
    """

    codes: list[int]
    said: str
    printed: str
    wrong: list[str]


def carried_out(line: Line, hardship: Hardship, folder: Path, known: Mapping[str, str]) -> Ended:
    """Run a command under a hardship in a folder of its own, and look at what it leaves.

    Args:
        line: The command.
        hardship: What is against it.
        folder: New; removed afterwards.
        known: Variables of its environment.
    """
    with ExitStack() as undone:
        place = undone.enter_context(_place(line, hardship, folder))
        mark = uuid.uuid4().hex
        environment = {**known, "HOME": str(place / "home"), "TMPDIR": str(place / "temporary")}
        changed = {**environment, **hardship.environment, "ETALON_TRIAL": mark}
        kept = {name: value for name, value in changed.items() if value is not None}
        count = 2 if hardship.twice else 1
        started = [_started(line, hardship, place, kept, rank) for rank in range(count)]
        wrong = _waited_for(started, line, hardship, folder)
        wrong += _left_running(mark)
        told = [_read(folder, name, count) for name in ("err", "out")]
        ended = Ended([one.returncode for one in started], told[0], told[1], wrong)
        ended.wrong += _answered_badly(ended, hears_stderr="2>" not in hardship.stdout)
        ended.wrong += [f"left {one.name}" for one in (place / "temporary").iterdir()]
        ended.wrong += torn(place / "work", ended.codes)
    return ended


@contextmanager
def _place(line: Line, hardship: Hardship, folder: Path) -> Generator[Path]:
    """Make the folder of a command, on a disk of its own where one is asked for."""
    place = folder / "disk"
    place.mkdir(parents=True)
    if hardship.disk_kilobytes:
        size = f"size={hardship.disk_kilobytes + sum(map(_kilobytes, line.copies))}k"
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "none", place], check=True)  # noqa: S607
    try:
        for name in ("work", "home", "temporary"):
            (place / name).mkdir()
        for one in line.copies:
            copy = shutil.copytree if one.is_dir() else shutil.copy
            copy(one, place / "work" / one.name)
        if hardship.stranger:
            for one in (place, *place.rglob("*")):
                os.chown(one, STRANGER, STRANGER)
        if hardship.is_closed:
            for one in (place / "work", place / "home"):
                one.chmod(0o555)
                if os.geteuid() == 0:
                    os.chown(one, 0, 0)
        yield place
    finally:
        if hardship.disk_kilobytes:
            subprocess.run(["umount", "-l", place], check=False)  # noqa: S607
        shutil.rmtree(folder, ignore_errors=True)


def _kilobytes(copied: Path) -> int:
    """Return the room that a copy takes on a disk of pages of 4 kB."""
    files = [copied, *copied.rglob("*")]
    return sum(4 + one.stat().st_size // 4096 * 4 for one in files) + 4


def _started(
    line: Line, hardship: Hardship, place: Path, environment: Mapping[str, str], rank: int
) -> "subprocess.Popen[bytes]":
    command = [*hardship.before, sys.executable, "-m", "etalon_cli", *line.words]
    typed = shlex.join(command) + f" {hardship.stdout}"
    account = STRANGER if hardship.stranger else None
    with (
        (place.parent / f"err{rank}").open("wb") as said,
        (place.parent / f"out{rank}").open("wb") as printed,
    ):
        return subprocess.Popen(
            ["/bin/sh", "-c", f"exec {typed}"],
            cwd=place / "work",
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=printed,
            stderr=said,
            preexec_fn=_bounded(hardship.largest_file),  # noqa: PLW1509 (no thread is there)
            start_new_session=True,
            user=account,
            group=account,
            extra_groups=None if account is None else [],
        )


def _bounded(largest: int) -> Callable[[], None] | None:
    if not largest:
        return None

    def bound() -> None:
        import resource  # noqa: PLC0415 (not on every system)

        resource.setrlimit(resource.RLIMIT_FSIZE, (largest, largest))

    return bound


def _waited_for(
    started: Sequence["subprocess.Popen[bytes]"], line: Line, hardship: Hardship, folder: Path
) -> list[str]:
    """Hit what was started, and wait until it has ended; return what must not be."""
    try:
        if hardship.hit:
            _wait_until_it_hears(started[0])
        for seconds, number in hardship.hit:
            with suppress(subprocess.TimeoutExpired):
                started[0].wait(seconds)
            started[0].send_signal(number)
        if line.stays and not hardship.hit:
            for rank, one in enumerate(started):
                _stop_once_it_serves(one, folder, rank)
        for one in started:
            one.wait(SECONDS_MOST)
    except subprocess.TimeoutExpired:
        for one in started:
            with suppress(ProcessLookupError):
                os.killpg(one.pid, signal.SIGKILL)
            one.wait()
        return ["does not end"]
    return []


def _wait_until_it_hears(started: "subprocess.Popen[bytes]") -> None:
    """Wait until a process takes SIGTERM itself: before that, Python has not read our code."""
    status = Path(f"/proc/{started.pid}/status")
    while started.poll() is None:
        with suppress(OSError):
            caught = re.search(r"SigCgt:\s*(\w+)", status.read_text(encoding="ascii"))
            if caught is not None and int(caught[1], 16) & _HEARS:
                return
        time.sleep(0.002)


def _stop_once_it_serves(started: "subprocess.Popen[bytes]", folder: Path, rank: int) -> None:
    ends = time.monotonic() + SECONDS_MOST
    while started.poll() is None and time.monotonic() < ends:
        told = (folder / f"out{rank}").read_bytes() + (folder / f"err{rank}").read_bytes()
        if _ANSWERS.search(told):
            break
        time.sleep(0.05)
    started.terminate()


def _left_running(mark: str) -> list[str]:
    """End what still runs of a command a while after its end, and name it."""
    left: dict[int, str] = {}
    for _ in range(30):
        left = dict(_marked(mark))
        if not left:
            return []
        time.sleep(0.1)
    for ident in left:
        with suppress(ProcessLookupError):
            os.kill(ident, signal.SIGKILL)
    return [f"still runs: {words}" for words in left.values()]


def _marked(mark: str) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state = (process / "stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
            if mark.encode() in (process / "environ").read_bytes() and state != "Z":
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ").decode()
                found.append((int(process.name), words[-80:]))
    return found


def _read(folder: Path, name: str, count: int) -> str:
    told = [(folder / f"{name}{rank}").read_bytes() for rank in range(count)]
    return b"".join(told).decode(errors="replace")


def _answered_badly(ended: Ended, *, hears_stderr: bool) -> list[str]:
    wrong = [f"exit code {code}" for code in ended.codes if code not in _CODES]
    if "Traceback" in ended.said + ended.printed:
        wrong.append("a traceback")
    is_silent = not (ended.said + ended.printed).strip()
    if hears_stderr and set(ended.codes) & {2, 3} and is_silent:
        wrong.append("no word of why")
    return wrong


def torn(folder: Path, codes: Sequence[int]) -> list[str]:
    """Name files that are no whole, and a run directory that says it ended where nothing did."""
    wrong: list[str] = []
    for file in filter(Path.is_file, folder.rglob("*")):
        content = file.read_bytes()
        is_whole = _WHOLE.get(file.suffix, _always)
        if file.name.endswith((".unfinished", ".part")) or not is_whole(content):
            wrong.append(f"torn: {file.relative_to(folder)}")
        elif file == folder / "out" / "run.json" and not set(codes) - {2}:
            wrong += ["complete"] if json.loads(content)["status"] == "complete" else []
    return wrong


def _is_json(content: bytes) -> bool:
    try:
        json.loads(content)
    except ValueError:
        return False
    return True


def _always(_content: bytes) -> bool:
    return True


_WHOLE: Final[Mapping[str, Callable[[bytes], bool]]] = {
    ".json": _is_json,
    ".parquet": lambda content: content.endswith(b"PAR1"),
    ".html": lambda content: b"</html>" in content[-200:],
    ".toml": bool,
    ".pem": bool,
    ".pdf": lambda content: b"%%EOF" in content[-20:],
}
