"""Dated results of proofs and benchmarks: written by a run, sealed, compared with the tree.

A result is a JSON file that says what was run, when, on which machine, from which files (with
their SHA-256), and which figures came out. Its `seal` is the digest of everything else in it:
a figure changed by hand no longer agrees with the seal.
"""

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """What can be said of one result file beside today's tree.

    Attributes:
        edited: True when the file is not what a run wrote.
        passed: Whether the run ended well.
        changed: Files whose digest is no longer the one of the run, sorted.
    """

    edited: bool
    passed: bool
    changed: tuple[str, ...]

    @property
    def finished(self) -> bool:
        """Tell whether running again could only confirm: ended well, on the same files."""
        return self.passed and not self.edited and not self.changed


def digests(patterns: Iterable[str], root: Path) -> dict[str, str]:
    """Return the SHA-256 of every file below `root` that the patterns name, by its path.

    Raises:
        LookupError: A pattern names no file, so a result would depend on nothing.
    """
    found: dict[str, str] = {}
    for pattern in patterns:
        files = [f for f in root.glob(pattern) if f.is_file() and "__pycache__" not in f.parts]
        if not files:
            message = f"no file matches {pattern!r} below the root of the repository"
            raise LookupError(message)
        for file in files:
            name = file.relative_to(root).as_posix()
            found[name] = hashlib.sha256(file.read_bytes()).hexdigest()
    return dict(sorted(found.items()))


def machine() -> dict[str, Json]:
    """Describe this machine as far as a figure's reader needs it."""
    return {
        "system": platform.system(),
        "architecture": platform.machine(),
        "processor": _processor(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "implementation": sys.implementation.name,
    }


def write(file: Path, files: Mapping[str, str], outcome: Mapping[str, Json]) -> None:
    """Write the result of a run that has just ended, sealed.

    Args:
        file: Where the result goes; its folder is made.
        files: Digests of what the run depended on, taken before it started.
        outcome: What was run and what came out: `item`, `passed`, `figures` and the like.
    """
    named: dict[str, Json] = dict(files)
    body: dict[str, Json] = {
        "ended_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": machine(),
        "files": named,
        "files_digest": digest_of(named),
        **outcome,
    }
    file.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps({**body, "seal": digest_of(body)}, indent=2, ensure_ascii=False)
    file.write_text(text + "\n", encoding="utf-8", newline="\n")


def state(file: Path, patterns: Iterable[str], root: Path) -> State:
    """Compare a result with its seal and with today's files."""
    try:
        body = json.loads(file.read_text(encoding="utf-8"))
        seal = body.pop("seal")
        recorded, passed = dict(body["files"]), bool(body["passed"])
    except (ValueError, LookupError, TypeError, AttributeError):
        return State(edited=True, passed=False, changed=())
    now = digests(patterns, root)
    names = sorted(recorded.keys() | now.keys())
    changed = tuple(name for name in names if recorded.get(name) != now.get(name))
    return State(edited=seal != digest_of(body), passed=passed, changed=changed)


def digest_of(body: Mapping[str, Json]) -> str:
    """Return the SHA-256 of a JSON object, whatever the order of its keys."""
    text = json.dumps(body, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _processor() -> str:
    """Return the processor's commercial name where the system tells it."""
    told = Path("/proc/cpuinfo")
    if told.is_file():
        for line in told.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or "unknown"
