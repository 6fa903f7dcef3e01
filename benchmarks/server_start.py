"""How long the reference server takes to start: with nobody, and with what a snapshot holds.

From the start of the process to the line that tells the address: interpreter, imports, profiles
compiled, state read. The command is the one that users start, `etalon serve`.
"""

import json
import statistics
import subprocess
import sys
from pathlib import Path
from typing import Final

from load_rounds import ROOT, Cores, Served, served
from stopwatch import Figure

COMMAND: Final = ("-m", "etalon_cli", "serve", "--json", "--port", "0")
STARTS: Final = 5
PEOPLE: Final = 100_000
DOCUMENTS_EACH: Final = 10
SEED: Final = "1"
VINTAGE: Final = "launch-2022"
EMPTY_AT_MOST_SECONDS: Final = 1.5
FULL_AT_MOST_SECONDS: Final = 30.0
AT_MOST_GIGABYTES: Final = 2.5
KIBI: Final = 1024


def starts(cores: Cores, directory: Path) -> tuple[dict[str, Figure], list[str]]:
    """Return the figures of starts, and what is above its limit.

    Args:
        cores: Where the two sides run.
        directory: Where to make a full data directory; one that is there is taken as it is.
    """
    empty = [once(cores) for _ in range(STARTS)]
    made: Figure = None
    if not directory.exists():
        command = ["benchmarks/full_directory.py", str(directory), str(PEOPLE), str(DOCUMENTS_EACH)]
        text = subprocess.run(
            [sys.executable, *command], cwd=ROOT, check=True, stdout=subprocess.PIPE
        ).stdout
        made = json.loads(text)
    full = once(cores, "--data", str(directory), "--seed", SEED, "--vintage", VINTAGE)
    seconds = statistics.median(one["seconds"] for one in empty)
    figures: dict[str, Figure] = {
        "seconds_empty": round(seconds, 2),
        "seconds_empty_at_most": EMPTY_AT_MOST_SECONDS,
        "cpu_seconds_empty": round(statistics.median(one["cpu_seconds"] for one in empty), 2),
        "megabytes_empty": round(statistics.median(one["megabytes"] for one in empty)),
        "people": PEOPLE,
        "documents": PEOPLE * DOCUMENTS_EACH,
        "made": made,
        "seconds_full": round(full["seconds"], 1),
        "seconds_full_at_most": FULL_AT_MOST_SECONDS,
        "cpu_seconds_full": round(full["cpu_seconds"], 1),
        "megabytes_full_at_its_peak": round(full["megabytes"]),
        "gigabytes_full_at_most": AT_MOST_GIGABYTES,
    }
    gigabytes = full["megabytes"] / KIBI
    limits = (
        ("seconds to start empty", seconds, EMPTY_AT_MOST_SECONDS),
        ("seconds to start full", full["seconds"], FULL_AT_MOST_SECONDS),
        ("gigabytes full", gigabytes, AT_MOST_GIGABYTES),
    )
    return figures, [f"{what}: {it:.2f}, {most} at most" for what, it, most in limits if it > most]


def once(cores: Cores, *arguments: str) -> dict[str, float]:
    """Start the command once; return what that took."""
    with served(cores, *COMMAND, *arguments) as server:
        return weighed(server)


def weighed(server: Served) -> dict[str, float]:
    """Return what a start took, and the most memory it had."""
    return {
        "seconds": server.seconds,
        "cpu_seconds": server.cpu_seconds,
        "megabytes": server.kibibytes("VmHWM") / KIBI,
    }
