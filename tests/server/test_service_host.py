"""The host answers writes once they are on the disk, in order, and nothing after a failure."""

import asyncio
import sqlite3
from collections.abc import Awaitable, Sequence
from pathlib import Path

import pytest

from durable_town import SEED, affiliation, commands, notice, parameters
from etalon_model import Accepted, Refusal, Service
from etalon_model.command import Command
from etalon_model.outcomes import Outcome
from etalon_server import service_host
from etalon_server.durable import recovery
from etalon_server.durable.encoding import Row
from etalon_server.durable.failures import (
    DirectoryRefusedError,
    HostClosedError,
    JournalFailedError,
    ServiceBrokenError,
)
from etalon_server.durable.journal import Journal, open_database
from etalon_server.service_host import Audit, Host


def opened(directory: Path | None, audit: Audit = "prompt") -> Host:
    """Open a host of the town."""
    return Host(parameters(), seed=SEED, directory=directory, audit=audit)


def alone() -> tuple[list[Outcome], str]:
    """Return what the town's commands meet and lead to, one by one, without a host."""
    service = Service(parameters(), seed=SEED)
    outcomes = [service.apply(command) for command in commands(5)]
    return outcomes, service.digest(traces=True)


@pytest.mark.parametrize("durable", [False, True])
def test_concurrent_commands_have_the_outcomes_and_the_state_of_commands_one_by_one(
    tmp_path: Path, *, durable: bool
) -> None:
    """Refusals and their rows of the log included, with and without a directory."""

    async def run() -> tuple[list[Outcome], str]:
        host = opened(tmp_path if durable else None)
        outcomes = await asyncio.gather(*(host.write(command) for command in commands(5)))
        digest = host.service.digest(traces=True)
        await host.close()
        return outcomes, digest

    outcomes, digest = asyncio.run(run())

    assert (outcomes, digest) == alone()
    assert {type(outcome) for outcome in outcomes} == {Accepted, Refusal}


def test_what_was_answered_is_there_after_the_next_start(tmp_path: Path) -> None:
    """Accepted and refused commands, in two runs, lead to the state of one run."""

    async def run(some: list[Command]) -> str:
        host = opened(tmp_path)
        for command in some:
            await host.write(command)
        await host.close()
        return host.service.digest(traces=True)

    every = list(commands(5))
    asyncio.run(run(every[:7]))

    assert asyncio.run(run(every[7:])) == alone()[1]
    assert asyncio.run(run([])) == alone()[1]


def test_an_answer_to_a_write_waits_for_the_disk_and_that_to_a_read_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the journal is held back a read is answered, a write is not; strictly, neither is."""
    held: list[Sequence[Row]] = []

    def hold(_: Journal, rows: Sequence[Row], *, awaited: bool) -> int:
        del awaited
        held.append(rows)
        return len(held)

    async def run(audit: Audit) -> tuple[bool, bool]:
        host = opened(tmp_path / audit, audit)
        with monkeypatch.context() as patched:
            patched.setattr(Journal, "append", hold)
            write = asyncio.ensure_future(host.write(affiliation(1)))
            read = asyncio.ensure_future(host.read(notice(1)))
            await asyncio.sleep(0.01)
            answered = (write.done(), read.done())
            write.cancel()
            read.cancel()
        await host.close()
        return answered

    assert asyncio.run(run("prompt")) == (False, True)
    assert asyncio.run(run("strict")) == (False, False)
    assert len(held) == 4


def test_a_disk_that_is_full_refuses_every_command_and_loses_none_that_was_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The write that meets the end of the disk and those after it fail, reads too."""

    async def run() -> tuple[int, list[str]]:
        host = opened(tmp_path)
        answered = 0
        for number in range(10_000):
            try:
                await host.write(affiliation(number))
            except JournalFailedError:
                break
            answered += 1
        said = [await _failure(host.write(affiliation(0))), await _failure(host.read(notice(1)))]
        assert isinstance(host.failure, JournalFailedError)
        assert host.waiting == 0
        with pytest.raises(JournalFailedError):
            await host.close()
        return answered, said

    with monkeypatch.context() as patched:
        patched.setattr(recovery, "open_database", _small_database)
        answered, said = asyncio.run(run())

    assert 0 < answered < 10_000
    assert all("full" in text and "start again" in text for text in said)
    again = opened(tmp_path)
    assert len(again.service) >= answered
    asyncio.run(again.close())


def _small_database(file: Path) -> sqlite3.Connection:
    """Open the database of a journal on a disk of twenty pages, as far as SQLite can tell."""
    database = open_database(file)
    database.execute("PRAGMA max_page_count = 20").fetchall()
    return database


async def _failure(answer: Awaitable[object]) -> str:
    with pytest.raises(JournalFailedError) as failure:
        await answer
    return str(failure.value)


def test_no_more_commands_wait_for_the_disk_than_there_is_room_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The others are carried out as the disk confirms the first, and all are answered."""
    monkeypatch.setattr(service_host, "ROOM", 3)

    async def run() -> tuple[int, int]:
        host = opened(tmp_path)
        writes = [asyncio.ensure_future(host.write(affiliation(n))) for n in range(20)]
        most = 0
        while not all(write.done() for write in writes):
            most = max(most, host.waiting)
            await asyncio.sleep(0)
        await host.close()
        return most, len(host.service)

    most, people = asyncio.run(run())

    assert 0 < most <= 3
    assert people == 20


def test_a_caller_who_leaves_takes_nothing_back(tmp_path: Path) -> None:
    """A write whose caller was cancelled is in the journal, and the host goes on."""

    async def run() -> None:
        host = opened(tmp_path)
        write = asyncio.ensure_future(host.write(affiliation(1)))
        await asyncio.sleep(0)
        write.cancel()
        await host.write(affiliation(2))
        await host.close()

    asyncio.run(run())

    again = opened(tmp_path)
    assert len(again.service) == 2
    asyncio.run(again.close())


def test_a_host_that_closes_finishes_what_it_accepted_and_refuses_the_rest(tmp_path: Path) -> None:
    """Twenty writes under way are answered; one that comes after is told to come back."""

    async def run() -> None:
        host = opened(tmp_path)
        writes = [asyncio.ensure_future(host.write(affiliation(n))) for n in range(20)]
        await asyncio.sleep(0)
        await host.close()
        assert all(isinstance(outcome, Accepted) for outcome in await asyncio.gather(*writes))
        with pytest.raises(HostClosedError, match="started"):
            await host.write(affiliation(30))

    asyncio.run(run())


def test_two_servers_on_one_directory_are_refused(tmp_path: Path) -> None:
    """The second is told so; once the first has stopped it may start."""
    first = opened(tmp_path)

    with pytest.raises(DirectoryRefusedError, match="another server runs"):
        opened(tmp_path)

    asyncio.run(first.close())
    asyncio.run(opened(tmp_path).close())


def test_what_is_no_command_and_what_is_not_in_utc_change_nothing(tmp_path: Path) -> None:
    """Both are refused before the journal sees them."""

    async def run() -> None:
        host = opened(tmp_path)
        local = affiliation(1)
        object.__setattr__(local, "at", local.at.replace(tzinfo=None))
        with pytest.raises(ValueError, match="UTC"):
            await host.write(local)
        with pytest.raises(TypeError, match="not a command"):
            await host.write(Command(local.at, local.actor, local.ins))
        assert isinstance(await host.write(affiliation(1)), Accepted)
        await host.close()

    asyncio.run(run())


def test_a_command_that_breaks_the_service_is_the_last_and_is_not_met_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory may be half changed, so that nothing more is accepted until the next start."""

    def broken(*_: object) -> None:
        raise KeyError

    async def run() -> None:
        host = opened(tmp_path)
        await host.write(affiliation(1))
        with monkeypatch.context() as patched:
            patched.setattr(Service, "apply", broken)
            with pytest.raises(ServiceBrokenError, match="SendNotice broke the service"):
                await host.write(notice(1))
        with pytest.raises(ServiceBrokenError):
            await host.read(notice(1))
        await host.close()

    asyncio.run(run())

    again = opened(tmp_path)
    assert len(again.service) == 1
    asyncio.run(again.close())


def test_the_clock_goes_on_where_the_last_command_stood(tmp_path: Path) -> None:
    """A refused command of the year 2100 counts too."""

    async def run() -> None:
        host = opened(tmp_path)
        late = notice(1, hours=24 * 365 * 80)
        assert isinstance(await host.write(late), Refusal)
        await host.close()
        again = opened(tmp_path)
        assert again.clock.now() == late.at
        await again.close()

    asyncio.run(run())
