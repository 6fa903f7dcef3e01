"""How often a slower service is called slower, and an equal one too.

    python benchmarks/load_regression.py                    figures from the sessions that are kept
    python benchmarks/load_regression.py record [--sessions 40] [--beside 8]

A session lasts five minutes: blocks of 15 s go in turns to two queues at half their load, one of
20 ms a service and one of 22 ms, each pair of blocks with the same arrivals. Sessions are recorded
once, on a quiet machine, and kept; what is kept of a block is its mean latency. Pairs drawn again
from all sessions give the power; blocks of the same queue, paired, give the false alarms.
"""

import argparse
import json
import random
import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self, cast

from etalon_load.arrivals import Arrival, Plan
from etalon_load.comparison import BLOCK_SECONDS, Change, blocks_of, means_compared
from etalon_load.measures import Step
from etalon_load.rates import constant
from load_sent import sent, visits
from stopwatch import Figure, write_figures

if TYPE_CHECKING:
    from etalon_load.histogram import Histogram

KEPT: Final = Path(__file__).resolve().parent / "recorded" / "regression.json"
ROOT: Final = Path(__file__).resolve().parent.parent
SERVERS: Final = 4
SERVICES: Final = (0.020, 0.022)
RATE: Final = 0.5 * SERVERS / SERVICES[0]
PAIRS: Final = 10
SESSIONS: Final = 40
RESAMPLES: Final = 1_000
POWER: Final = 0.90
FALSE_ALARMS: Final = 0.05
_MICROSECONDS: Final = 1_000_000

Session = Mapping[str, Sequence[float]]


def plan_of(session: int, pairs: int) -> Plan:
    """Return the arrivals of a session: each block twice, for one queue and for the other."""
    made = list[Arrival]()
    for pair in range(pairs):
        block = visits(constant(RATE, BLOCK_SECONDS), session * 1_000 + pair)
        for turn, kind in enumerate(("before", "after")):
            start = (2 * pair + turn) * BLOCK_SECONDS * _MICROSECONDS
            made += [
                Arrival(one.at_microsecond + start, kind, one.person) for one in block.arrivals
            ]
    return Plan(tuple(made), 2.0 * pairs * BLOCK_SECONDS)


def recorded(session: int, pairs: int) -> Session:
    """Record one session: the mean latency (ms) of each block, by queue."""
    with ExitStack() as stack:
        addresses = [
            stack.enter_context(_Queue(service, session * 2 + rank)).address
            for rank, service in enumerate(SERVICES)
        ]
        load = sent(" ".join(addresses), plan_of(session, pairs))
    seconds = 2 * pairs * BLOCK_SECONDS
    means: dict[str, list[float]] = {}
    for turn, kind in enumerate(("before", "after")):
        heat = load.measures.steps[Step(kind, "get")].heat
        blocks: list[Histogram] = blocks_of(heat, seconds)[turn::2]
        means[kind] = [round(one.mean() / 1000, 4) for one in blocks]
    return means


class _Queue:
    """A queue of its own process."""

    def __init__(self, service: float, seed: int) -> None:
        line = ("-m", "etalon_load.oracle", "--servers", str(SERVERS), "--service", str(service))
        self._process = subprocess.Popen(
            [sys.executable, *line, "--seed", str(seed)], cwd=ROOT, stdout=subprocess.PIPE
        )
        told = self._process.stdout.readline() if self._process.stdout else b"{}"
        self.address = str(json.loads(told)["address"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.terminate()
        self._process.wait()


def record(sessions: int, beside: int, file: Path, pairs: int) -> None:
    """Record the sessions that the file lacks, some side by side; it is written after each."""
    kept = cast("dict[str, Session]", json.loads(file.read_bytes())) if file.exists() else {}
    missing = [one for one in range(1, sessions + 1) if str(one) not in kept]
    with ThreadPoolExecutor(beside) as pool:
        for session, means in zip(
            missing, pool.map(partial(recorded, pairs=pairs), missing), strict=True
        ):
            kept[str(session)] = means
            file.parent.mkdir(exist_ok=True)
            rows = ",\n".join(f'"{name}": {json.dumps(one)}' for name, one in kept.items())
            file.write_text(f"{{\n{rows}\n}}\n", encoding="utf-8")
            print(f"{len(kept)} of {sessions} sessions", file=sys.stderr, flush=True)


def share_of(change: Change, pairs: Sequence[tuple[float, float]], chance: random.Random) -> float:
    """Return how often sessions drawn again from some pairs of blocks are told to have changed so.

    Args:
        change: What is told.
        pairs: Mean latencies, before and after.
        chance: Of the drawing.
    """
    told = 0
    for seed in range(RESAMPLES):
        before, after = zip(*(chance.choice(pairs) for _ in range(PAIRS)), strict=True)
        told += means_compared(before, after, seed).change is change
    return told / RESAMPLES


def equal_pairs(blocks: Sequence[float], chance: random.Random) -> list[tuple[float, float]]:
    """Return blocks of one queue paired at random, which of the two is before too."""
    shuffled = chance.sample(list(blocks), len(blocks))
    return list(zip(shuffled[::2], shuffled[1::2], strict=False))


def figures_of(kept: Mapping[str, Session]) -> dict[str, Figure]:
    """Return power and false alarms of what was recorded."""
    chance = random.Random("resampling")  # noqa: S311 (no secret)
    pairs = [
        pair for one in kept.values() for pair in zip(one["before"], one["after"], strict=True)
    ]
    alike = [
        pair
        for kind in ("before", "after")
        for pair in equal_pairs([mean for one in kept.values() for mean in one[kind]], chance)
    ]
    worse = share_of(Change.REGRESSION, alike, chance)
    better = share_of(Change.IMPROVEMENT, alike, chance)
    sessions = [means_compared(one["before"], one["after"], 1).change for one in kept.values()]
    return {
        "sessions": len(kept),
        "sessions_told_slower": sum(one is Change.REGRESSION for one in sessions),
        "power": share_of(Change.REGRESSION, pairs, chance),
        "false_alarms": worse + better,
    }


def main() -> int:
    """Record, or tell the figures; exit 1 when one is not reached."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("what", choices=("figures", "record"), nargs="?", default="figures")
    parser.add_argument("--sessions", type=int, default=SESSIONS)
    parser.add_argument("--beside", type=int, default=8)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    parser.add_argument("--file", type=Path, default=KEPT)
    asked = parser.parse_args()
    if asked.what == "record":
        record(asked.sessions, asked.beside, asked.file, asked.pairs)
        return 0
    if not asked.file.exists():
        sys.exit(f"{asked.file}: no session is recorded yet: run it with `record` first")
    figures = figures_of(cast("dict[str, Session]", json.loads(asked.file.read_bytes())))
    write_figures(figures)
    power, alarms = figures["power"], figures["false_alarms"]
    reached = isinstance(power, float) and power >= POWER
    quiet = isinstance(alarms, float) and alarms <= FALSE_ALARMS
    return 0 if reached and quiet else 1


if __name__ == "__main__":
    sys.exit(main())
