"""What the recorder of the witness adds to a call, and how long a whole session takes.

The same search is asked of the reference bare and behind the two layers of the witness, in one
process and in turns, so that both meet the same machine; the figure is the difference of medians.
What is read of an exchange once its answer has left is timed apart: no client waits for it.
A session of `lps` is played by our good client over a socket, evidence and report included; part of
it is waiting that the witness asks for (`Retry-After`, a slow answer, pauses after faults).
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

from etalon_cli.witness_trying import Inside
from etalon_conformance.witness.players.connection import Connection
from etalon_conformance.witness.players.habits import GOOD
from etalon_server.application import create_app
from etalon_target.adapters import AsgiAdapter
from etalon_target.messages import HttpRequest
from etalon_target.people import TestPerson
from stopwatch import Figure, write_figures

CALLS: Final = 600
WARM: Final = 60
ADDED_AT_MOST_MS: Final = 1.0
SESSION_AT_MOST_SECONDS: Final = 30.0
Took = tuple[float, float]
"""Milliseconds of the clock, and of the processor: client, server and recorder together."""


class Calls(NamedTuple):
    """What calls took.

    Attributes:
        bare: Of the reference.
        behind: Of the reference behind the witness.
        read: What was read of each of the latter, once its answer had left.
    """

    bare: list[Took]
    behind: list[Took]
    read: list[Took]


ROOT: Final = Path(__file__).resolve().parent.parent


def main() -> int:
    """Measure, hand the figures over; 1 when something is above its limit."""
    found = calls()
    bare, behind = ([median(took, kind) for kind in (0, 1)] for took in (found.bare, found.behind))
    wall, cpu = (after - before for before, after in zip(bare, behind, strict=True))
    seconds, cpu_seconds, code = session()
    figures: dict[str, Figure] = {
        "bare_call_ms_median": round(bare[0], 3),
        "recorded_call_ms_median": round(behind[0], 3),
        "added_ms_median": round(wall, 3),
        "added_cpu_ms_median": round(cpu, 3),
        "added_at_most_ms": ADDED_AT_MOST_MS,
        "read_after_cpu_ms_median": round(median(found.read, 1), 3),
        "calls": CALLS,
        "session_seconds": round(seconds, 1),
        "session_cpu_seconds": round(cpu_seconds, 1),
        "session_at_most_seconds": SESSION_AT_MOST_SECONDS,
        "session_exit_code": code,
    }
    write_figures(figures)
    above = max(wall, cpu) >= ADDED_AT_MOST_MS or seconds >= SESSION_AT_MOST_SECONDS
    return 1 if above or code else 0


def median(took: Sequence[Took], kind: int) -> float:
    """Return the median, by the clock (0) or of the processor (1)."""
    return statistics.median(one[kind] for one in took)


def calls() -> Calls:
    """Return what calls took whose traffic nobody keeps, and calls whose is kept."""
    inside = Inside("lps", 1)
    bare = AsgiAdapter(create_app(inside.witness.desk))
    try:
        connection = Connection(inside.means(), GOOD)
        doctor, patient = inside.stage.people["doctor"], inside.stage.people["claire"]
        if isinstance(doctor, TestPerson) or not isinstance(patient, TestPerson):
            message = "the stage of lps is another one"
            raise TypeError(message)
        connection.log_in(doctor.rpps)
        search = f"DocumentReference?patient.identifier={patient.ins}&status=current"
        request = HttpRequest("GET", f"{connection.base}/{search}", connection.bearer())
        inside.session.pump()
        found = Calls([], [], [])
        for rank in range(2 * CALLS + WARM):
            kept = rank % 2 == 0
            took = timed(partial((inside.adapter if kept else bare).send, request))
            read = timed(inside.session.pump)
            if rank >= WARM:
                (found.behind if kept else found.bare).append(took)
                found.read.extend([read] if kept else [])
        return found
    finally:
        bare.close()
        inside.close()


def timed(work: Callable[[], object]) -> Took:
    """Return what a piece of work takes."""
    began, spent = time.perf_counter(), time.process_time()
    work()
    return (time.perf_counter() - began) * 1000, (time.process_time() - spent) * 1000


def session() -> tuple[float, float, int]:
    """Return the seconds of a session of our own, those of the processor, and its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "run")
        line = (sys.executable, "-m", "etalon_cli", "conformance", "run", "--role", "client")
        began, before = time.monotonic(), of_children()
        ran = subprocess.run(
            [*line, "--profile", "lps", "--self-play", "--out", out],
            cwd=ROOT,
            check=False,
            stdout=subprocess.DEVNULL,
        )
        return time.monotonic() - began, of_children() - before, ran.returncode


def of_children() -> float:
    """Return the CPU seconds of the processes that have ended."""
    spent = os.times()
    return spent.children_user + spent.children_system


if __name__ == "__main__":
    sys.exit(main())
