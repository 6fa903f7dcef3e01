"""The tour of `etalon demo`: each part is a command as a user types it, in a process of its own."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import time
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.console import say
from etalon_cli.installed_parts import extra_parts
from etalon_cli.interruption import interruptible
from etalon_cli.machine_parts import NATION, NATION_DAYS
from etalon_cli.options import DEFAULT_POPULATION
from etalon_scenarios.memory import memory_available, memory_needed
from etalon_scenarios.versions import installed_version
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from contextlib import AbstractContextManager

    from etalon_cli.interruption import Interruption
    from etalon_scenarios.run_directory import Json, RunDirectory
    from etalon_text.language import Language

IMPOSTOR: Final = "masked-found"
TOUR_FILE: Final = "tour.json"
SERVED: Final = "http://127.0.0.1:8080/fhir"
"""Where `etalon serve` answers when nothing else is said."""
_LISTENING_SECONDS: Final = 0.2
_GUIDES: Final = Path(__file__).resolve().parents[2] / "docs" / "guides"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the tour.

    Attributes:
        name: Its name, and that of its run directory.
        words: What is typed after `etalon`; `{address}` stands for the server that is kept beside.
        needs: Extras without which it cannot be shown.
        beside: Gives the address of a server that runs meanwhile.
        first: What a user types to have that server, empty when there is none.
    """

    name: str
    words: tuple[str, ...]
    needs: tuple[str, ...] = ()
    beside: Callable[[], AbstractContextManager[str]] = lambda: nullcontext("")
    first: tuple[str, ...] = ()

    @property
    def commands(self) -> list[str]:
        """What a user types to have the part again, line by line."""
        lines = [line for line in (self.first, self.words) if line]
        return [shlex.join(["etalon", *line]).replace("'{address}'", SERVED) for line in lines]


@contextmanager
def impostor_served() -> Generator[str]:
    """Serve the reference with one requirement broken; give the address of its FHIR base."""
    from etalon_target.embedded import EmbeddedServer  # noqa: PLC0415 (the extra `conformance`)

    server = EmbeddedServer(("--impostor", IMPOSTOR))
    try:
        yield server.start().fhir
    finally:
        server.stop()


def nation() -> str:
    """Return the population of the national part: everybody, or what the memory holds."""
    available = memory_available()
    enough = available is None or available >= memory_needed(NATION, NATION_DAYS)
    return "full" if enough else str(DEFAULT_POPULATION)


def tour() -> tuple[Part, ...]:
    """Return the parts, in the order in which they are shown."""
    return (
        Part("pilot", ("demo", "--quick")),
        Part(
            "nation",
            (
                *("simulate", "launch-2022", "--engine", "cohort"),
                *("--population", nation(), "--knowledge", "0"),
            ),
        ),
        Part(
            "impostor",
            ("conformance", "run", "--target", "{address}", "--suite", "records-server"),
            ("conformance", "server"),
            impostor_served,
            ("serve", "--sandbox", "--impostor", IMPOSTOR),
        ),
        Part(
            "load",
            (
                *("load", "run", "--target", "embedded", "--profile", "launch-day"),
                *("--peak", "40", "--duration", "30s", "--fault", "stall:3s"),
            ),
            ("load", "conformance", "server"),
        ),
    )


def show(directory: RunDirectory, parts: tuple[Part, ...], language: Language) -> bool:
    """Carry the parts out and keep what came of each; tell whether none was interrupted.

    Raises:
        StorageError: The disk is full or refused a file.
    """
    lacking = {finding.name for finding in extra_parts() if finding.good is False}
    started_at = datetime.now(UTC)
    kept: list[Json] = []
    with interruptible() as interruption:
        for rank, part in enumerate(parts, start=1):
            missing = sorted(lacking.intersection(part.needs))
            values = {"rank": rank, "count": len(parts), "part": _title(part, language)}
            say(text("tour.missing" if missing else "tour.part", language, **values, extra=missing))
            kept.append(_kept(directory, part, missing, interruption, language))
            directory.write_json(TOUR_FILE, _record(directory, started_at, kept, "partial"))
            if interruption.asked:
                return False
    directory.write_json(TOUR_FILE, _record(directory, started_at, kept, "complete"))
    return True


def _title(part: Part, language: Language) -> str:
    return text(f"tour.title.{part.name}", language)


def _kept(
    directory: RunDirectory,
    part: Part,
    missing: list[str],
    interruption: Interruption,
    language: Language,
) -> Json:
    """Carry one part out, unless an extra is missing, and return what is kept of it."""
    began = time.monotonic()
    code: int | None = None
    words = [*part.words, "--out", str(directory.path / part.name), "--lang", language]
    if not missing:
        with part.beside() as address:
            code = _ended([word.format(address=address) for word in words], interruption)
    return {
        "name": part.name,
        "commands": [*part.commands],
        "exit_code": code,
        "seconds": round(time.monotonic() - began, 1),
        "missing": [*missing],
    }


def _ended(words: list[str], interruption: Interruption) -> int:
    """Run one command to its end; a signal of the user's is passed on, once.

    A group of its own keeps Ctrl-C of a terminal from reaching it twice.
    """
    # What a command answers is progress here: stdout is for the tour's own answer.
    with subprocess.Popen(  # noqa: S603 (our own command)
        [sys.executable, "-P", "-m", "etalon_cli", *words],
        stdin=subprocess.DEVNULL,
        stdout=2,
        start_new_session=os.name != "nt",
    ) as process:
        told = False
        while process.poll() is None:
            if interruption.asked and not told:
                told = True
                if os.name != "nt":
                    process.send_signal(signal.SIGINT)
            try:
                process.wait(_LISTENING_SECONDS)
            except subprocess.TimeoutExpired:
                continue
        return process.returncode


def _record(
    directory: RunDirectory, started_at: datetime, parts: list[Json], status: str
) -> dict[str, Json]:
    """Return what `tour.json` holds."""
    return {
        "schema_version": 1,
        "etalon_version": installed_version(),
        "started_at": started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
        "status": status,
        "guides": _guides_from(directory.path),
        "parts": [*parts],
    }


def _guides_from(folder: Path) -> str | None:
    """Return where the guides are, seen from a folder; None where they did not come along."""
    if not _GUIDES.is_dir():
        return None
    try:
        return Path(os.path.relpath(_GUIDES, folder.resolve())).as_posix()
    except ValueError:  # on another drive
        return None
