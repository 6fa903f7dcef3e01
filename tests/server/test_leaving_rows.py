"""The whole access log is read, though memory holds the end of it, in every life of a server."""

import asyncio
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from etalon_model import Command, LogRow, State, UseFeature, holder
from etalon_model.sandbox import Sandbox
from etalon_server.clock import ManualClock
from etalon_server.leaving_rows import whole_log
from etalon_server.service_host import Host
from rights_scene import FIRST, LAUNCH, SEED

ACTS = 450
A_SECOND = timedelta(seconds=1)


def story() -> tuple[str, list[Command]]:
    """Somebody whose space is open and who then does a lot, half of it refused."""
    commands: list[Command] = []
    town = Sandbox(LAUNCH, seed=SEED, now=FIRST, journal=commands.append)
    ins = town.person()
    town.bring(ins, State.OPEN_ACTIVE)
    for rank in range(ACTS):
        operation = "read_documents" if rank % 2 else "dance"
        at = town.now + rank // 3 * A_SECOND
        commands.append(UseFeature(at, holder(ins), ins, operation))
    return ins, commands


async def lived(directory: Path | None, commands: Iterable[Command], ins: str) -> list[LogRow]:
    """Carry commands out on a host, and return the whole log at the end."""
    host = Host(LAUNCH, seed=SEED, directory=directory, clock=ManualClock(FIRST))
    try:
        for command in commands:
            await host.read(command)
        return whole_log(host.contents, ins, host.service.log(ins))
    finally:
        await host.close()


def said(rows: Iterable[LogRow]) -> list[tuple[object, ...]]:
    """What rows say."""
    return [(row.at, row.actor, row.deed.action, row.deed.detail, row.deed.refused) for row in rows]


@pytest.mark.rule("TRC-01")
def test_every_row_is_there_once_and_in_order_with_a_journal_and_without(tmp_path: Path) -> None:
    """Accepted and refused alike, however long the log; a restart changes nothing."""
    ins, commands = story()
    own = [command for command in commands if command.ins == ins]

    in_memory = said(asyncio.run(lived(None, commands, ins)))
    first_life = said(asyncio.run(lived(tmp_path / "data", commands, ins)))
    second_life = said(asyncio.run(lived(tmp_path / "data", (), ins)))

    assert [(at, action) for at, _, action, _, _ in in_memory] == [
        (command.at, type(command).__name__) for command in own
    ]
    assert in_memory == first_life == second_life
    assert sum(refused == "UNKNOWN_OPERATION" for *_, refused in in_memory) == ACTS // 2


def test_what_happens_in_a_second_life_follows_what_the_first_one_kept(tmp_path: Path) -> None:
    """Nothing is kept twice when a journal is replayed."""
    ins, commands = story()
    parted = len(commands) - 150

    asyncio.run(lived(tmp_path / "data", commands[:parted], ins))
    whole = asyncio.run(lived(tmp_path / "data", commands[parted:], ins))

    assert said(whole) == said(asyncio.run(lived(None, commands, ins)))
