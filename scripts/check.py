"""Everything `make check` looks at, two checks at a time, each named with its outcome.

What a check prints is shown when it fails, or when its outcome is worth reading (`tell`).
`python scripts/check.py types lint` runs those named only.
"""

import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
BIN = Path(sys.executable).parent


@dataclass(frozen=True, slots=True)
class Check:
    """One look at the tree: its name, its command, and whether to show what it says."""

    name: str
    command: tuple[str, ...]
    tell: bool = False


def _generated(name: str) -> Check:
    return Check(name, ("python", f"scripts/{name}.py", "--check"))


# Scripts that write a document or a table; each compares when asked to `--check`.
GENERATED = (
    "wanted_table",
    "rule_table",
    "requirement_coverage",
    "press_claims",
    "scenario_reference",
    "template_scheme",
    "predictions",
    "file_reference",
    "people_reference",
    "command_reference",
    "wire_reference",
    "journey_reference",
    "fictitious_names",
    "public_holidays_table",
    "opt_in_rates",
    "weekly_shock",
    "elements_table",
    "national_load",
    "error_reference",
    "doctor_reference",
    "documentation_site",
    "licences",
)

_LONG = "wanted_table"
"""A generated table for which every check of the suites runs."""

# The longest first, so that two workers end at about the same time.
CHECKS = (
    Check("types-pyright", ("pyright", "--warnings")),
    Check("types-mypy", ("mypy",)),
    _generated(_LONG),
    Check("lock", ("python", "scripts/lock.py", "--check")),
    Check("lint", ("ruff", "check", "--output-format=concise")),
    Check("format", ("ruff", "format", "--check")),
    Check("imports", ("lint-imports", "--no-cache")),
    Check("news", ("towncrier", "build", "--draft", "--version", "next")),
    Check("translations", ("python", "scripts/translations.py")),
    Check("results", ("python", "scripts/measure.py", "check"), tell=True),
    *(_generated(name) for name in GENERATED if name != _LONG),
)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one check ended, in how many seconds, and what it said."""

    check: Check
    passed: bool
    seconds: float
    said: str


def main() -> int:
    """Run the checks; 0 when all pass, 1 when one does not, 2 for an unknown name."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("names", nargs="*", help="checks to run (default: all)")
    names = parser.parse_args().names
    known = {check.name: check for check in CHECKS}
    if unknown := sorted(set(names) - known.keys()):
        print(f"no such check: {', '.join(unknown)}; known: {', '.join(known)}", file=sys.stderr)
        return 2
    chosen = [known[name] for name in names or known]
    failed: list[str] = []
    with ThreadPoolExecutor(max_workers=2) as pool:
        for outcome in pool.map(_run, chosen):
            _print(outcome)
            failed += [] if outcome.passed else [outcome.check.name]
    print(f"check: {', '.join(failed)} FAILED" if failed else f"check: all {len(chosen)} passed")
    return 1 if failed else 0


def _run(check: Check) -> Outcome:
    """Run one check from the root of the repository with the environment's own tools."""
    program, *arguments = check.command
    started = time.monotonic()
    ended = subprocess.run(
        [str(BIN / program), *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONUTF8": "1", "PATH": os.pathsep.join([str(BIN), _path()])},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="replace",
        check=False,
    )
    return Outcome(check, ended.returncode == 0, time.monotonic() - started, ended.stdout)


def _path() -> str:
    return os.environ.get("PATH", "")


def _print(outcome: Outcome) -> None:
    """Print one line for a check, and what it said where that matters."""
    word = "ok" if outcome.passed else "FAILED"
    print(f"{outcome.check.name:22} {word:6} {outcome.seconds:5.1f} s", flush=True)
    if not outcome.passed or outcome.check.tell:
        print("\n".join(f"    {line}" for line in outcome.said.strip().splitlines()), flush=True)


if __name__ == "__main__":
    sys.exit(main())
