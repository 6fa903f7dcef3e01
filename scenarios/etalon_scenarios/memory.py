"""How much memory a run will need, and how much there is: told before a run starts.

Bytes were measured, peak of the process, on runs of the shipped scenarios; the agents engine
grows with people alone, the cohort engine also with the cells of its ledger.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

PROGRAM: Final = 150_000_000
"""The program and its libraries."""

BYTES_PER_PERSON: Final = {"agents": 3_000, "cohort": 9}
LIFE_BYTES_PER_PERSON: Final = 16
"""What is kept of a person whose space lives on: days of opening, entry, end and death."""

CELL_BYTES: Final = 8
CELLS_PER_DAY: Final = 150_000
"""Most cells of a day with everybody in every département: every group does everything."""

CELLS_PER_PERSON_DAY: Final = 0.05
"""Cells of a day per person while people are few."""

FILES: Final = 350_000_000
"""Most that writing the files takes beside the ledger."""

_MEMINFO: Final = Path("/proc/meminfo")
_GROUP_LIMIT: Final = Path("/sys/fs/cgroup/memory.max")
_GROUP_USE: Final = Path("/sys/fs/cgroup/memory.current")
_KIBI: Final = 1024


def memory_needed(people: int, days: int, engine: str = "cohort", *, lives: bool = False) -> int:
    """Estimate the bytes that a run needs, its files included.

    Args:
        people: Simulated at the same time.
        days: Days of the run.
        engine: `agents` or `cohort`.
        lives: Whether the life of open spaces is counted.

    Raises:
        LookupError: There is no engine of this name.
    """
    if engine not in BYTES_PER_PERSON:
        message = f"no engine {engine!r}; there are {', '.join(BYTES_PER_PERSON)}"
        raise LookupError(message)
    cells = min(CELLS_PER_DAY, round(people * CELLS_PER_PERSON_DAY)) * days
    files = min(FILES, cells * 5 * CELL_BYTES)
    each = BYTES_PER_PERSON[engine] + (LIFE_BYTES_PER_PERSON if lives else 0)
    return PROGRAM + people * each + cells * CELL_BYTES + files


def memory_available() -> int | None:
    """Give the bytes that a new process may use, or None where the system does not say.

    Linux tells what is free or can be freed, and what a container may hold; elsewhere the memory
    of the machine stands for it.
    """
    found = [amount for amount in (_free(), _left_in_group()) if amount is not None]
    return min(found) if found else _of_machine()


def _free() -> int | None:
    try:
        lines = _MEMINFO.read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    for line in lines:
        name, _, amount = line.partition(":")
        if name == "MemAvailable":
            return int(amount.split()[0]) * _KIBI
    return None


def _left_in_group() -> int | None:
    try:
        limit = _GROUP_LIMIT.read_text(encoding="ascii").strip()
        used = int(_GROUP_USE.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
    return max(0, int(limit) - used) if limit.isdecimal() else None


def _of_machine() -> int | None:
    if not hasattr(os, "sysconf") or "SC_PHYS_PAGES" not in os.sysconf_names:
        return None
    return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
