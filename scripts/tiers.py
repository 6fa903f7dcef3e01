"""How deep the tests dig, how long each package's may take, which may be skipped.

Pure functions and a record filled by `tests/conftest.py`, which prints what they say.
"""

import os
import re
import shutil
import tomllib
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from ctypes.util import find_library
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from statistics import fmean
from time import perf_counter

TESTS = Path(__file__).resolve().parent.parent / "tests"
ALLOTMENTS = TESTS / "allotments.toml"
SKIPPED = TESTS / "skipped.txt"
ALLOTTED_SECONDS = 1500
LENT = 1.25
"""How far a package may go beyond its seconds while the run as a whole keeps to its own: two
runs of one tree on one machine differ by that, and strides do not show it."""
STRIDES = 200_000
USUAL_STRIDE = 0.0145
"""Seconds of `stride` where the allotments were agreed, both cores busy."""
EXAMPLES = 100
"""Examples of one Hypothesis property at effort 1."""


class EffortError(ValueError):
    """`ETALON_EFFORT` is not a whole number from 1 up."""


def effort_asked(environment: Mapping[str, str] = os.environ) -> int:
    """Read the factor on random depth from `ETALON_EFFORT` (1 when absent).

    Raises:
        EffortError: The value is not a whole number from 1 up.
    """
    text = environment.get("ETALON_EFFORT", "1")
    if not text.isascii() or not text.isdecimal() or int(text) < 1:
        message = f"ETALON_EFFORT={text!r}: expected a whole number from 1 up, such as 1 or 20"
        raise EffortError(message)
    return int(text)


def package_of(node: str) -> str:
    """Return the package that a test belongs to: the folder below tests/, or `repository`.

    Args:
        node: A pytest node identifier, such as `tests/model/test_keys.py::test_it`.
    """
    folders = node.split("::", 1)[0].split("/")[1:-1]
    return folders[0] if folders else "repository"


def allotments(file: Path = ALLOTMENTS) -> dict[str, int]:
    """Read the seconds allotted to each package."""
    seconds = tomllib.loads(file.read_text(encoding="utf-8"))["seconds"]
    return {package: int(value) for package, value in seconds.items()}


def stride(clock: Callable[[], float] = perf_counter) -> float:
    """Time a fixed piece of Python (seconds), by which machines and busy hours compare."""
    began = clock()
    total = 0
    for number in range(STRIDES):
        total ^= number * 7 % 13
    return clock() - began


def slowness(strides: Sequence[float]) -> float:
    """Tell how many times slower than agreed this run was; 1.0 where it was faster or not timed.

    Args:
        strides: Seconds of `stride`, taken now and then between the tests.
    """
    return max(1.0, fmean(strides) / USUAL_STRIDE) if strides else 1.0


def cache() -> Path:
    """Return where tests keep what they install, outside the tree."""
    asked = os.environ.get("ETALON_TEST_CACHE")
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(asked) if asked else Path(home) / "etalon-tests"


def found_here(name: str) -> str | None:
    """Return where a program is, a module, a library or what tests installed; None for none.

    The name `root` is found where programs may be started as that user.
    """
    if name == "root":
        return name if hasattr(os, "geteuid") and os.geteuid() == 0 else None
    if name.isidentifier() and (module := find_spec(name)) is not None:
        return module.origin or name
    installed = cache() / name
    return (
        shutil.which(name) or find_library(name) or (str(installed) if installed.exists() else None)
    )


def skips_agreed(
    file: Path = SKIPPED, found: Callable[[str], object] = found_here
) -> frozenset[str]:
    """Read the node identifiers of the tests that are to be skipped on this machine.

    Args:
        file: The list: a node identifier, ` # `, and the reason. A reason that starts with
            `unless NAME:` holds only where that program, library or installed thing is not found.
        found: Tells where it is, or None.
    """
    return frozenset(_skips(file, found))


def not_run(
    skipped: Iterable[str],
    file: Path = SKIPPED,
    found: Callable[[str], object] = found_here,
) -> str:
    """Name what was not run here and what was missing, in one line; empty when all was run.

    Args:
        skipped: Node identifiers of the tests that were skipped.
        file: The list of those that may be.
        found: Tells where what they need is, or None.
    """
    wants = _skips(file, found)
    named = (
        f"{node} (no {', no '.join(wants[node])})" if wants.get(node) else node
        for node in sorted(skipped)
    )
    listed = ", ".join(named)
    return f"not run here: {listed}" if listed else ""


def _skips(file: Path, found: Callable[[str], object]) -> dict[str, list[str]]:
    """Return the tests to be skipped on this machine, each with what it misses here."""
    agreed = defaultdict[str, list[str]](list)
    for line in file.read_text(encoding="utf-8").splitlines():
        node, _, reason = line.partition(" # ")
        if not node.strip() or node.startswith("#"):
            continue
        needed = re.match(r"unless ([\w.-]+):", reason)
        if needed is None:
            agreed[node.strip()] += []
        elif not found(needed.group(1)):
            agreed[node.strip()].append(needed.group(1))
    return dict(agreed)


@dataclass(slots=True)
class Account:
    """What ran: seconds per package, outcomes, properties, skipped tests.

    Attributes:
        seconds: Wall seconds per package, added over set-up, test and clean-up.
        outcomes: Tests per outcome (`passed`, `failed`, `skipped`).
        seen: Node identifiers of the tests that were run or skipped.
        skipped: Node identifiers of the tests that were skipped.
        properties: Hypothesis properties that ran.
        strides: Seconds of `stride`, taken between the tests.
    """

    seconds: defaultdict[str, float] = field(default_factory=lambda: defaultdict(float))
    outcomes: Counter[str] = field(default_factory=Counter[str])
    seen: set[str] = field(default_factory=set[str])
    skipped: set[str] = field(default_factory=set[str])
    properties: int = 0
    strides: list[float] = field(default_factory=list[float])

    def faults(
        self, allotted: Mapping[str, float] | None, agreed: Iterable[str], *, whole: bool
    ) -> list[str]:
        """Say what breaks the agreements: packages over their seconds, skips not as listed.

        Args:
            allotted: Seconds per package, or None where they do not apply; a run that was slower
                by its strides has as many times more. While all of them together keep to their
                sum, one may go beyond its own by a quarter.
            agreed: Node identifiers that are listed as skipped.
            whole: True when the whole suite ran, so that a listed test must have been met.
        """
        listed = set(agreed)
        slower = slowness(self.strides)
        shared = slower * sum((allotted or {}).values())
        lent = LENT if sum(self.seconds.values()) <= shared else 1.0
        faults = [
            f"{package}: not in tests/allotments.toml; give its tests some seconds there"
            for package in sorted(self.seconds)
            if allotted is not None and package not in allotted
        ]
        faults += [
            f"{package}: its tests took {used:.1f} s, {allotted[package]} s are allotted "
            "(tests/allotments.toml); make them faster or move seconds from another package"
            for package, used in sorted(self.seconds.items())
            if allotted is not None and used > slower * lent * allotted.get(package, used)
        ]
        faults += [
            f"{node}: skipped, but not listed in tests/skipped.txt"
            for node in sorted(self.skipped - listed)
        ]
        ran = listed - self.skipped if whole else (listed & self.seen) - self.skipped
        faults += [
            f"{node}: listed in tests/skipped.txt, but not skipped; take the line out"
            for node in sorted(ran)
        ]
        return faults
