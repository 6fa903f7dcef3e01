"""What the machine offers to a run: room, memory, clock, network to itself, fonts, programs."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from etalon_cli.installed_parts import Finding
from etalon_cli.key_places import default_key
from etalon_cli.stopping import Stopped
from etalon_reports.note_pdf import can_write_pdf
from etalon_scenarios.cohort.compiled.keeping import ASKED, places
from etalon_scenarios.memory import memory_available, memory_needed

if TYPE_CHECKING:
    from collections.abc import Callable

NATION: Final = 68_000_000
"""Residents of France, rounded: what a run of the whole nation holds in memory."""
NATION_DAYS: Final = 400
ROOM_BYTES: Final = 1_000_000_000
"""Room that the largest run of a guide takes, there or in the temporary folder, rounded up."""
OPEN_FILES: Final = 4096
"""Connections that a stalled load run of the guide holds at once, rounded up."""
CLOCK_STEP: Final = 0.001
"""Coarsest step of the clock (seconds) with which latencies of milliseconds can be told apart."""
BROWSERS: Final = ("chromium", "google-chrome", "chrome", "firefox", "msedge", "safari")
_DAY: Final = 86_400


def machine_parts() -> list[Finding]:
    """Look at everything that a command may need of the machine."""
    return [_part(name, look) for name, look in LOOKS.items()]


def _part(name: str, look: Callable[[], tuple[str | None, bool | None]]) -> Finding:
    try:
        found, good = look()
    except OSError as error:
        found, good = error.strerror, False
    return Finding(name, "machine", found, good)


def _pdf() -> tuple[str | None, bool | None]:
    """Say whether PDF can be written: WeasyPrint loads Pango from the system."""
    if find_spec("weasyprint") is None:
        return None, False
    return ("WeasyPrint, Pango", True) if can_write_pdf() else ("WeasyPrint", False)


def _fonts() -> tuple[str | None, bool | None]:
    """Count the fonts with French letters; systems without fontconfig do not say."""
    program = shutil.which("fc-list")
    if program is None:
        return None, None
    asked = [program, "--format=%{family}\n", ":lang=fr"]
    answer = subprocess.run(asked, capture_output=True, check=False, timeout=30)  # noqa: S603 (its own path)
    families = len(set(answer.stdout.splitlines()))
    return str(families), families > 0


def _browser() -> tuple[str | None, bool | None]:
    found = next((name for name in BROWSERS if shutil.which(name)), None)
    return found, True if found else (False if sys.platform.startswith("linux") else None)


def _curl() -> tuple[str | None, bool | None]:
    found = shutil.which("curl")
    return found, found is not None


def _kernels() -> tuple[str | None, bool | None]:
    """Find where compiled kernels are kept, so that they are not compiled at each run."""
    if find_spec("numba") is None:
        return None, None
    found = next(filter(_can_write, places(os.environ.get(ASKED))), None)
    return (str(found), True) if found is not None else (None, False)


def _can_write(folder: Path) -> bool:
    """Tell whether files can be written in a folder, or in the one that it would be made in."""
    there = next((place for place in (folder, *folder.parents) if place.exists()), folder)
    try:
        tempfile.TemporaryFile(dir=there).close()
    except OSError:
        return False
    return True


def _here() -> tuple[str | None, bool | None]:
    folder = Path.cwd()
    left = shutil.disk_usage(folder).free
    return f"{folder}, {left / 1e9:.1f} GB", left >= ROOM_BYTES and _can_write(folder)


def _temporary() -> tuple[str | None, bool | None]:
    folder = tempfile.gettempdir()
    left = shutil.disk_usage(folder).free
    return f"{left / 1e9:.1f} GB", left >= ROOM_BYTES and _can_write(Path(folder))


def _home() -> tuple[str | None, bool | None]:
    """Say where keys are kept; an account without a home has no such place."""
    try:
        folder = default_key().parent
    except Stopped:
        return None, False
    return str(folder), _can_write(folder)


def _memory() -> tuple[str | None, bool | None]:
    available = memory_available()
    if available is None:
        return None, None
    needed = memory_needed(NATION, NATION_DAYS)
    return f"{available / 1e9:.1f} GB", available >= needed


def _clock() -> tuple[str | None, bool | None]:
    """Compare the clock with the day on which these files came here; it may not be before."""
    now = time.time()  # noqa: TID251 (the clock itself is what is looked at)
    installed = Path(__file__).stat().st_mtime
    told = datetime.fromtimestamp(now, UTC).strftime("%Y-%m-%d %H:%M UTC")
    fine = time.get_clock_info("perf_counter").resolution <= CLOCK_STEP
    return told, fine and now >= installed - _DAY


def _time_zone() -> tuple[str | None, bool | None]:
    try:
        return ZoneInfo("Europe/Paris").key, True
    except ZoneInfoNotFoundError:
        return None, False


def _characters() -> tuple[str | None, bool | None]:
    """Say whether stdout takes every letter; a locale of ASCII replaces accents."""
    encoding = getattr(sys.stdout, "encoding", None) or "ascii"
    try:
        "é « € œ".encode(encoding)
    except (LookupError, UnicodeEncodeError):
        return encoding, False
    return encoding, True


def _loopback() -> tuple[str | None, bool | None]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return str(listening.getsockname()[0]), True


def _open_files() -> tuple[str | None, bool | None]:
    if sys.platform == "win32":
        return None, None
    import resource  # noqa: PLC0415 (not on every system)

    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    unlimited = limit == resource.RLIM_INFINITY
    return "∞" if unlimited else str(limit), unlimited or limit >= OPEN_FILES


LOOKS: Final[dict[str, Callable[[], tuple[str | None, bool | None]]]] = {
    "pdf": _pdf,
    "fonts": _fonts,
    "browser": _browser,
    "curl": _curl,
    "kernels": _kernels,
    "folder": _here,
    "temporary": _temporary,
    "home": _home,
    "memory": _memory,
    "clock": _clock,
    "time_zone": _time_zone,
    "characters": _characters,
    "loopback": _loopback,
    "open_files": _open_files,
}
"""Part of the machine -> what is found of it, and whether it will do (None: unknown here)."""
