"""Processes that write at full speed and are killed, and what the next start finds.

`crash_trials.py kill` has a process write, kills it at a moment drawn at random, starts again on
its directory and looks for every write that was answered; then the next process goes on there.
`crash_trials.py write` writes commands, eight at once, and prints how many group commits that made,
for whoever counts what the system was asked meanwhile. `--plant` breaks the server first.

POSIX only: processes are forked, so that a trial does not pay for imports.
"""

import argparse
import asyncio
import json
import os
import shutil
import signal
import sqlite3
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass, field
from itertools import count
from pathlib import Path
from random import Random
from typing import Final

from durable_town import SEED, affiliation, notice, parameters, received
from etalon_model.command import Command
from etalon_model.outcomes import ACCEPTED, Outcome
from etalon_model.service import Service
from etalon_server import service_host
from etalon_server.durable import journal, snapshots
from etalon_server.durable.encoding import Kept
from etalon_server.durable.failures import DirectoryRefusedError
from etalon_server.durable.snapshots import Moment
from etalon_server.service_host import Host

WRITERS: Final = 8
SNAPSHOT_BEGINS: Final = b"s\n"
KILLS_A_DIRECTORY: Final = 10
NUMBERS_A_PROCESS: Final = 100_000
ANSWERS_MOST: Final = 30
"""A process is killed after as many answers at most, and a moment more."""
MOMENT_SECONDS: Final = 0.004
SNAPSHOT_SHARE: Final = 0.5
"""How many of the processes are killed while a snapshot is written."""
BETWEEN_SNAPSHOTS_SECONDS: Final = 0.001


@dataclass(slots=True)
class Trials:
    """What the starts after kills found.

    Attributes:
        kills: How many processes were killed.
        answered: How many writes had been answered.
        unanswered: How many more were there.
        missing: Answered writes that were not there, or not what came with them.
        twice: Writes that were there twice.
        refused: Why a start was refused.
        damaged: Snapshots that were not whole.
    """

    kills: int = 0
    answered: int = 0
    unanswered: int = 0
    missing: list[int] = field(default_factory=list[int])
    twice: list[str] = field(default_factory=list[str])
    refused: list[str] = field(default_factory=list[str])
    damaged: list[str] = field(default_factory=list[str])

    @property
    def hold(self) -> bool:
        """Whether nothing that was answered was lost, doubled, refused or damaged."""
        return not (self.missing or self.twice or self.refused or self.damaged)


def _answer_early() -> None:
    """Let the answer to a write leave before its group commit."""
    honest = Host.write
    running: set[asyncio.Task[Outcome]] = set()

    async def write(self: Host, command: Command, kept: Sequence[Kept] = ()) -> Outcome:
        task = asyncio.create_task(honest(self, command, kept))
        running.add(task)
        await asyncio.sleep(0)
        return ACCEPTED

    Host.write = write  # type: ignore[method-assign]


def _trust_the_cache() -> None:
    """Have the disk confirm nothing."""
    journal.SYNCHRONOUS = "OFF"  # type: ignore[misc]


def _write_in_place() -> None:
    """Write a snapshot under its own name from the start."""

    def keep(directory: Path, moment: Moment, service: Service) -> Path:
        file = directory / f"snapshot-{moment.tail.sequence:020d}.gz"
        snapshots.write_snapshot(file, moment, service)
        return file

    service_host.keep_snapshot = keep  # type: ignore[attr-defined]


PLANTS: Final[dict[str, Callable[[], None]]] = {
    "": lambda: None,
    "answered-before-commit": _answer_early,
    "synchronous-off": _trust_the_cache,
    "snapshot-without-rename": _write_in_place,
}


async def write_at_full_speed(directory: Path, numbers: Iterator[int], answers: int) -> None:
    """Have several writers affiliate people until killed; each answer goes to a pipe."""
    host = Host(parameters(), seed=SEED, directory=directory)
    keep = service_host.keep_snapshot  # type: ignore[attr-defined]

    def told(directory: Path, moment: Moment, service: Service) -> Path:
        os.write(answers, SNAPSHOT_BEGINS)
        return keep(directory, moment, service)

    service_host.keep_snapshot = told  # type: ignore[attr-defined]

    async def writer() -> None:
        for number in numbers:
            await host.write(affiliation(number), received(number))
            os.write(answers, b"%d\n" % number)
            await host.read(notice(number))

    async def keeper() -> None:
        while True:
            await asyncio.sleep(BETWEEN_SNAPSHOTS_SECONDS)
            await host.keep_snapshot()

    await asyncio.gather(keeper(), *(writer() for _ in range(WRITERS)))


async def write_together(directory: Path, commands: int) -> int:
    """Write commands, as many at once as there are writers; return the group commits."""
    host = Host(parameters(), seed=SEED, directory=directory)
    for first in range(0, commands, WRITERS):
        numbers = range(first, min(first + WRITERS, commands))
        await asyncio.gather(*(host.write(affiliation(number)) for number in numbers))
    await host.close()
    return host.groups


def killed(directory: Path, first: int, plant: str, chance: Random) -> list[int]:
    """Run a process that writes people from `first` on and kill it; return those answered."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        PLANTS[plant]()
        asyncio.run(write_at_full_speed(directory, count(first), writer))
        os._exit(1)
    os.close(writer)
    enough, told = chance.randrange(1, ANSWERS_MOST), b""
    end = SNAPSHOT_BEGINS if chance.random() < SNAPSHOT_SHARE else b"\n"
    try:
        while not (told.count(b"\n") >= enough and told.endswith(end)) and (
            more := os.read(reader, 1 << 16)
        ):
            told += more
        time.sleep(chance.random() * MOMENT_SECONDS)
    finally:
        os.kill(child, signal.SIGKILL)
        while more := os.read(reader, 1 << 16):
            told += more
        os.close(reader)
        os.waitpid(child, 0)
    return [int(line) for line in told.splitlines() if line.isdigit()]


def look_for(directory: Path, answered: set[int], trials: Trials) -> int:
    """Start on a directory, note what is missing or there twice; return the people it holds."""
    try:
        host = Host(parameters(), seed=SEED, directory=directory)
    except DirectoryRefusedError as refused:
        trials.refused.append(str(refused))
        return 0
    people = len(host.service)
    trials.missing += sorted(n for n in answered if not _has_received(host, n))
    trials.damaged += host.damaged_snapshots
    asyncio.run(host.close())
    with closing(sqlite3.connect(directory / journal.FILE_NAME)) as database:
        query = "SELECT json_extract(command, '$.command', '$.ins') FROM commands"
        asked = Counter(row[0] for row in database.execute(query))
    held = {json.loads(what)[1] for what in asked if "Affiliate" in what}
    trials.missing += sorted(n for n in answered if affiliation(n).ins not in held)
    trials.twice += sorted(what for what, times in asked.items() if times > 1)
    return people


def _has_received(host: Host, number: int) -> bool:
    kept = received(number)[0]
    return host.contents.body(kept.key) == kept.body


def kill_at_random(moments: int, plant: str, chance: Random) -> Trials:
    """Kill as many processes, ten in a row on one directory, and look after each."""
    trials = Trials()
    while trials.kills < moments:
        folder = Path(tempfile.mkdtemp(prefix="killed-"))
        answered: set[int] = set()
        people = 0
        for _ in range(min(KILLS_A_DIRECTORY, moments - trials.kills)):
            first = trials.kills * NUMBERS_A_PROCESS
            answered.update(killed(folder / "data", first, plant, chance))
            people = look_for(folder / "data", answered, trials)
            trials.kills += 1
            if not trials.hold:
                break
        trials.answered += len(answered)
        trials.unanswered += people - len(answered)
        shutil.rmtree(folder)
        if not trials.hold:
            break
    return trials


def main() -> None:
    """Run what the command line asks, and print what came out as JSON."""
    parser = argparse.ArgumentParser(description="Kill processes that write; see what is left.")
    parser.add_argument("what", choices=["kill", "write"])
    parser.add_argument("--moments", type=int, nargs="+", default=[20], help="how many kills")
    parser.add_argument("--commands", type=int, default=80, help="how many commands to write")
    parser.add_argument("--seed", type=int, default=1, help="seed of the moments")
    parser.add_argument(
        "--plant", choices=sorted(PLANTS), nargs="+", default=[""], help="fault to plant in each"
    )
    parser.add_argument("--directory", type=Path, help="where to write")
    asked = parser.parse_args()
    if asked.what == "kill":
        chance = Random(asked.seed)  # noqa: S311 (moments, no secret)
        trials = zip(asked.moments, asked.plant, strict=True)
        print(json.dumps([asdict(kill_at_random(*trial, chance)) for trial in trials]))
    else:
        PLANTS[asked.plant[0]]()
        print(asyncio.run(write_together(asked.directory, asked.commands)))


if __name__ == "__main__":
    main()
