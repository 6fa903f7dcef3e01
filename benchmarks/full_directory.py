"""A data directory of many people and documents, for a start to read: command by command.

Everybody has an open space with a doctor in the team, who deposits. Each command goes through the
journal of a host; its end keeps the snapshot. Resources as producers wrote them are not there: they
stand on the disk beside the commands, and no start reads them.

    python benchmarks/full_directory.py DIRECTORY PEOPLE DOCUMENTS_EACH
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from etalon_model import (
    INSURER,
    SYSTEM,
    Affiliate,
    Channel,
    Identity,
    OpenAutomatically,
    Refusal,
    SendNotice,
    Traits,
    identity,
    vintage,
)
from etalon_model.command import Command
from etalon_model.rights.consents import JoinCareTeam
from etalon_server.service_host import Host
from whole_service import CELLS, CONTACTS, DOCTOR, FED_AT, OPENED_AT, SENT_AT, deposit

VINTAGE: Final = "launch-2022"
SEED: Final = 1
AT_ONCE: Final = 100
"""People whose commands are given to the host together."""


def somebody(number: int) -> Identity:
    """Return the adult of a number, of one of three hundred cells of birth and sex."""
    born = date(1950 + number % 50, 1 + number % 12, 1 + number % 28)
    return identity(SEED, number, Traits(born, "F" if number % 2 else "M", "31", number // CELLS))


def opening(who: Identity) -> Iterator[Command]:
    """Yield what opens a space by silence and puts the doctor in its team."""
    ins = who.ins
    yield Affiliate(SENT_AT, INSURER, ins, who, CONTACTS)
    yield SendNotice(SENT_AT, INSURER, ins, Channel.EMAIL)
    yield OpenAutomatically(OPENED_AT, SYSTEM, ins)
    yield JoinCareTeam(OPENED_AT, DOCTOR, ins, informed=True)


async def filled(directory: Path, people: int, documents: int) -> int:
    """Fill a directory and keep its snapshot; return how many commands its journal holds."""
    host = Host(vintage(VINTAGE), seed=SEED, directory=directory)
    written = 0
    for first in range(0, people, AT_ONCE):
        some = [somebody(number) for number in range(first, min(first + AT_ONCE, people))]
        written += await carried_out(host, [one for who in some for one in opening(who)])
        feeding: list[Command] = []
        for rank, who in enumerate(some, first):
            person = host.service.person(who.ins)
            numbers = range(rank * documents, (rank + 1) * documents)
            feeding += [
                deposit(person, number, FED_AT + timedelta(seconds=number % documents))
                for number in numbers
            ]
        written += await carried_out(host, feeding)
    await host.close()
    return written


async def carried_out(host: Host, commands: list[Command]) -> int:
    """Carry out commands that must be accepted; return how many."""
    for outcome in await asyncio.gather(*(host.write(command) for command in commands)):
        if isinstance(outcome, Refusal):
            raise SystemExit(outcome.message)
    return len(commands)


def main() -> None:
    """Fill the directory named; print the commands and how long it took."""
    directory, people, documents = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    directory.mkdir(exist_ok=True)
    started, computed = time.perf_counter(), time.process_time()
    commands = asyncio.run(filled(directory, people, documents))
    figures = {
        "commands": commands,
        "seconds": round(time.perf_counter() - started, 1),
        "cpu_seconds": round(time.process_time() - computed, 1),
        "megabytes_on_disk": sum(one.stat().st_size for one in directory.iterdir()) >> 20,
        "megabytes_of_the_snapshot": sum(
            one.stat().st_size for one in directory.glob("snapshot-*.gz")
        )
        >> 20,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
