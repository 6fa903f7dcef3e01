"""Record ten thousand histories of clients side by side on the reference: none may be accused.

Each process starts a server on loopback and goes through the scenes in turn, over HTTP. A history
that no order explains is a false alarm, or a race of ours: it is printed, and written as JSON lines
in the folder `ETALON_FIGURES`, with the figures.

    python scripts/race_proof.py [HISTORIES]     (10 000 without a number)

Ends with 1 when a history is accused, or when too few could be judged.
"""

import json
import multiprocessing
import os
import sys
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import registry
from etalon_conformance.races.scene import scenes
from etalon_conformance.races.trying import Trying
from etalon_target.targets import Options, target_of

HISTORIES: Final = 10_000
PROCESSES: Final = 2
A_TURN: Final = 25
"""Histories of a scene before the next has its turn."""
SERVICES: Final = "P6M"
"""How far the clock of the server is moved: services are referenced only then."""
NOT_KNOWN_MOST: Final = 0.001
"""Share of histories that may be given up by the search."""


@dataclass(frozen=True, slots=True)
class Counted:
    """What the histories of one process came to."""

    histories: int
    operations: int
    unanswered: int
    not_known: int
    accused: tuple[tuple[str, str], ...]


def main() -> int:
    """Record, count, and tell whether nobody is accused."""
    wanted = int(sys.argv[1]) if len(sys.argv) > 1 else HISTORIES
    shares = [wanted // PROCESSES + (rank < wanted % PROCESSES) for rank in range(PROCESSES)]
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=context) as pool:
        counted = list(pool.map(recorded, range(1, PROCESSES + 1), shares))
    accused = [one for each in counted for one in each.accused]
    figures = {
        "histories": sum(one.histories for one in counted),
        "operations": sum(one.operations for one in counted),
        "unanswered": sum(one.unanswered for one in counted),
        "not_known": sum(one.not_known for one in counted),
        "accused": len(accused),
    }
    print(json.dumps(figures))
    _write(figures, accused)
    enough = figures["histories"] >= wanted or bool(accused)
    judged = figures["not_known"] <= NOT_KNOWN_MOST * max(1, figures["histories"])
    return 0 if not accused and enough and judged else 1


def recorded(seed: int, wanted: int) -> Counted:
    """Record histories on a server of this process's own, scene after scene."""
    accused: list[tuple[str, str]] = []
    with target_of("embedded", Options(seed=seed)) as target:
        target.clock.advance(SERVICES)
        trials = [
            Trying(Bench(target, registry()[one.check], seed), one) for one in scenes().values()
        ]
        done = 0
        while done < wanted and trials:
            for one in list(trials):
                before = one.tally.histories
                one.go_on(min(before + A_TURN, before + wanted - done))
                done += one.tally.histories - before
                if one.tally.race is not None:
                    print(one.tally.race.drawn("en"), flush=True)
                    accused.append((one.scene.name, one.tally.race.lines()))
                    trials.remove(one)
            print(f"process {seed}: {done} of {wanted}", flush=True)
        tallies = [one.tally for one in trials]
        return Counted(
            done,
            sum(one.operations for one in tallies),
            sum(one.unanswered for one in tallies),
            sum(one.not_known for one in tallies),
            tuple(accused),
        )


def _write(figures: dict[str, int], accused: list[tuple[str, str]]) -> None:
    folder = os.environ.get("ETALON_FIGURES")
    if not folder:
        return
    (Path(folder) / "figures.json").write_text(json.dumps(figures, indent=2) + "\n", "utf-8")
    for rank, (scene, lines) in enumerate(accused, 1):
        (Path(folder) / f"{scene}-{rank}.jsonl").write_text(lines, "utf-8")


if __name__ == "__main__":
    raise SystemExit(main())
