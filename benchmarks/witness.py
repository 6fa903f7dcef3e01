"""What the recorder of the witness adds to a call, and how long a whole session takes.

The same search is asked of the reference bare and behind the two layers of the witness, in one
process and in turns, so that both meet the same machine; the figure is the difference of medians.
A session of `lps` is played by our good client over a socket, evidence and report included.
"""

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Final

from etalon_cli.witness_trying import Inside
from etalon_conformance.witness.players.connection import Connection
from etalon_conformance.witness.players.habits import GOOD
from etalon_target.messages import HttpRequest
from etalon_target.people import TestPerson
from stopwatch import Figure, write_figures

CALLS: Final = 600
WARM: Final = 60
ADDED_AT_MOST_MS: Final = 1.0
SESSION_AT_MOST_SECONDS: Final = 30.0
Took = tuple[float, float]
"""Milliseconds of the clock, and of the processor: client, server and recorder together."""

ROOT: Final = Path(__file__).resolve().parent.parent


def main() -> int:
    """Measure, hand the figures over; 1 when something is above its limit."""
    bare, behind = calls()
    wall, cpu = (
        statistics.median(one[kind] for one in behind)
        - statistics.median(one[kind] for one in bare)
        for kind in (0, 1)
    )
    seconds, code = session()
    figures: dict[str, Figure] = {
        "bare_call_ms_median": round(statistics.median(took for took, _ in bare), 3),
        "recorded_call_ms_median": round(statistics.median(took for took, _ in behind), 3),
        "added_ms_median": round(wall, 3),
        "added_cpu_ms_median": round(cpu, 3),
        "added_at_most_ms": ADDED_AT_MOST_MS,
        "calls": CALLS,
        "session_seconds": round(seconds, 1),
        "session_at_most_seconds": SESSION_AT_MOST_SECONDS,
        "session_exit_code": code,
    }
    write_figures(figures)
    above = max(wall, cpu) >= ADDED_AT_MOST_MS or seconds >= SESSION_AT_MOST_SECONDS
    return 1 if above or code else 0


def calls() -> tuple[list[Took], list[Took]]:
    """Return what calls took whose traffic is not kept, and calls whose is."""
    inside = Inside("lps", 1)
    try:
        connection = Connection(inside.means(), GOOD)
        doctor, patient = inside.stage.people["doctor"], inside.stage.people["claire"]
        if isinstance(doctor, TestPerson) or not isinstance(patient, TestPerson):
            message = "the stage of lps is another one"
            raise TypeError(message)
        connection.log_in(doctor.rpps)
        search = f"DocumentReference?patient.identifier={patient.ins}&status=current"
        request = HttpRequest("GET", f"{connection.base}/{search}", connection.bearer())
        found: dict[bool, list[Took]] = {False: [], True: []}
        for rank in range(2 * CALLS + WARM):
            kept = rank % 2 == 0
            inside.witness.recorder.is_on = kept
            began, spent = time.perf_counter(), time.process_time()
            inside.adapter.send(request)
            took = (time.perf_counter() - began) * 1000, (time.process_time() - spent) * 1000
            if rank >= WARM:
                found[kept].append(took)
        return found[False], found[True]
    finally:
        inside.close()


def session() -> tuple[float, int]:
    """Return how long a session of our own takes, and what it exits with."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "run")
        line = (sys.executable, "-m", "etalon_cli", "conformance", "run", "--role", "client")
        began = time.monotonic()
        ran = subprocess.run(
            [*line, "--profile", "lps", "--self-play", "--out", out],
            cwd=ROOT,
            check=False,
            stdout=subprocess.DEVNULL,
        )
        return time.monotonic() - began, ran.returncode


if __name__ == "__main__":
    sys.exit(main())
