"""How long a conformance run takes to begin, and the suite of records against the reference.

To begin: from the start of the process to the end of its first check, which asks for the
description of the server; the reference starts meanwhile. The suite: every check of
`records-server`, four side by side, with its evidence and its report. CPU seconds are those of the
command and of the server that it starts, and stand beside those of a bare start of Python.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Final, cast

from stopwatch import Figure, write_figures

if sys.platform == "win32":
    sys.exit("conformance_run: the CPU time of a child process is read on Linux and macOS only")

import resource

FIRST: Final = "capability_statement_says_fhir_r4"
STARTS: Final = 5
COLD_AT_MOST_SECONDS: Final = 3.0
SUITE_AT_MOST_SECONDS: Final = 60.0
ROOT: Final = Path(__file__).resolve().parent.parent
FOLDERS: Final = ("model", "scenarios", "conformance", "reports", "cli")


def main() -> int:
    """Measure, hand the figures over; 1 when something is above its limit."""
    bare, _, _ = timed([sys.executable, "-c", "pass"])
    with tempfile.TemporaryDirectory() as folder:
        cold = [run(Path(folder) / f"cold-{n}", "--check", FIRST) for n in range(STARTS)]
        suite = run(Path(folder) / "suite")
        told = json.loads((Path(folder) / "suite" / "verdicts.json").read_text(encoding="utf-8"))
    begins = statistics.median(first for _, _, first in cold)
    figures: dict[str, Figure] = {
        "first_check_seconds": round(begins, 2),
        "first_check_at_most_seconds": COLD_AT_MOST_SECONDS,
        "one_check_cpu_seconds": round(statistics.median(cpu for cpu, _, _ in cold), 2),
        "suite_seconds": round(suite[1], 1),
        "suite_at_most_seconds": SUITE_AT_MOST_SECONDS,
        "suite_cpu_seconds": round(suite[0], 1),
        "suite_checks": len({one["check"] for one in told["results"]}),
        "suite_exchanges": told["run"]["exchanges"],
        "suite_exit_code": told["exit_code"],
        "bare_python_cpu_seconds": round(bare, 3),
        "suite_ratio_to_bare_python": round(suite[0] / bare),
    }
    write_figures(figures)
    above = begins > COLD_AT_MOST_SECONDS or suite[1] > SUITE_AT_MOST_SECONDS
    return 1 if above or told["exit_code"] else 0


def run(out: Path, *more: str) -> tuple[float, float, float]:
    """Test the reference; give CPU seconds, seconds, and seconds to the end of the first check."""
    asked = ("--target", "embedded", "--suite", "records-server", "--out", str(out), *more)
    return timed([sys.executable, "-m", "etalon_cli", "conformance", "run", *asked])


def timed(command: list[str]) -> tuple[float, float, float]:
    """Run a command; give CPU seconds, seconds, and seconds to the first line on stderr."""
    paths = os.pathsep.join(str(ROOT / name) for name in FOLDERS)
    before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": paths},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    ) as process:
        said = cast("IO[bytes]", process.stderr)
        said.readline()
        first = time.monotonic() - began
        said.read()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return cpu, time.monotonic() - began, first


if __name__ == "__main__":
    sys.exit(main())
