"""How long `etalon --help` computes before it answers, beside a bare start of Python."""

import statistics
import subprocess
import sys
from pathlib import Path

from stopwatch import REPEATS, write_figures

if sys.platform == "win32":
    sys.exit("command_start: the CPU time of a child process is read on Linux and macOS only")

import resource

COMMAND = Path(sys.executable).with_name("etalon")
MOST_SECONDS = 0.3


def main() -> int:
    """Measure, hand the figures over; 1 when the command computes longer than it may."""
    help_seconds = child_cpu_seconds([str(COMMAND), "--help"])
    bare_seconds = child_cpu_seconds([sys.executable, "-c", "pass"])
    write_figures(
        {
            "help_cpu_seconds": round(help_seconds, 3),
            "bare_python_cpu_seconds": round(bare_seconds, 3),
            "ratio": round(help_seconds / bare_seconds, 1),
            "at_most_cpu_seconds": MOST_SECONDS,
            "repeats": REPEATS,
        }
    )
    return 0 if help_seconds < MOST_SECONDS else 1


def child_cpu_seconds(command: list[str]) -> float:
    """Return the median CPU seconds, user and system, of several runs of a command."""
    seconds: list[float] = []
    for _ in range(REPEATS):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        subprocess.run(command, stdout=subprocess.DEVNULL, check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime)
    return statistics.median(seconds)


if __name__ == "__main__":
    sys.exit(main())
