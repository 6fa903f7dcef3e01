"""Snapshots give the state back, are there whole or not at all, and never hide what is missing."""

import asyncio
import gzip
import sqlite3
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from hypothesis import given as drawn
from hypothesis import settings
from hypothesis import strategies as st

from durable_town import SEED, affiliation, commands, parameters
from etalon_model import Accepted, Service, Traits
from etalon_model.walks.walk import Walk
from etalon_server import service_host
from etalon_server.durable import snapshots
from etalon_server.durable.failures import DirectoryRefusedError, SnapshotFailedError
from etalon_server.durable.journal import FILE_NAME, LOG_NAME, MARK_NAME, Tail
from etalon_server.durable.recovery import recover
from etalon_server.durable.snapshots import (
    Moment,
    restore_snapshot,
    snapshots_of,
    write_snapshot,
)
from etalon_server.durable.state_codec import StateFormatError, StateReader, StateWriter
from etalon_server.service_host import Host

if TYPE_CHECKING:
    from etalon_model.command import Command

COMMANDS = 40


def opened(directory: Path) -> Host:
    """Open a host of the town."""
    return Host(parameters(), seed=SEED, directory=directory)


@pytest.fixture
def kept(tmp_path: Path) -> Path:
    """A directory with forty commands, a snapshot after the first twenty, killed at the end."""
    running = tmp_path / "running"

    async def run() -> None:
        host = opened(running)
        for number, command in enumerate(commands(COMMANDS // 4)):
            if number == COMMANDS // 2:
                await host.keep_snapshot()
            await host.write(command)
        await host.close()

    asyncio.run(run())
    return running


def whole_state() -> str:
    """Return the digest of the state that the forty commands lead to."""
    service = Service(parameters(), seed=SEED)
    for command in commands(COMMANDS // 4):
        service.apply(command)
    return service.digest(traces=True)


def start(directory: Path) -> tuple[str, int, tuple[str, ...]]:
    """Return the state that a start finds, how much it replayed, what it set aside."""
    recovered = recover(directory, parameters(), SEED)
    recovered.database.close()
    return recovered.service.digest(traces=True), recovered.replayed, recovered.damaged


@drawn(seed=st.integers(0, 2**32), steps=st.integers(1, 200))
@settings(max_examples=settings().max_examples // 20)
def test_a_state_read_back_is_equal_and_lives_on_alike(seed: int, steps: int) -> None:
    """After a walk over every command, and after a hundred steps more on both."""
    accepted: list[Command] = []
    walk = Walk(parameters(), seed=seed, journal=accepted.append)
    for _ in walk.steps(steps):
        pass
    with TemporaryDirectory() as folder:
        file = Path(folder) / "snapshot"
        moment = Moment(Tail(steps), walk.now)
        write_snapshot(file, moment, walk.service)
        other = Service(parameters(), seed=seed)
        assert restore_snapshot(file, other) == moment
    assert other.digest(traces=True) == walk.service.digest(traces=True)

    accepted.clear()
    for _ in walk.steps(100):
        pass

    assert all(isinstance(other.apply(command), Accepted) for command in accepted)
    assert other.digest() == walk.service.digest()


def test_equal_values_are_shared_after_reading_as_before() -> None:
    """What a thousand documents share is there once."""
    traits = Traits(affiliation(1).identity.birth_on, "F", "31", 1)
    lines = list(StateWriter().lines([traits, traits, traits]))

    (read,) = StateReader().values(lines)

    assert isinstance(read, list)
    assert read[0] == traits
    assert read[0] is read[1] is read[2]  # pyright: ignore[reportUnknownMemberType]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"class": [20, "os", "system"]}', "no class of the model"),
        ('{"class": [20, "etalon_model.nowhere", "Nothing"]}', "no line"),
        ('{"class": [20, "etalon_model.people", "Contacts", "email"]}', "was made of"),
        ("[20, 1]", "no line"),
        ("[0, 7]", "no line"),
        ("[[", "no line"),
        ("{}", "no line"),
    ],
)
def test_lines_that_are_no_state_are_refused(line: str, said: str) -> None:
    """Classes from elsewhere, other attributes, unknown tags and ranks, no JSON."""
    with pytest.raises(StateFormatError, match=said):
        list(StateReader().values([line]))


def test_only_parts_of_the_model_can_be_written() -> None:
    """Anything else is told before a file holds it."""
    with pytest.raises(TypeError, match="no part of a state"):
        list(StateWriter().lines([object()]))


def test_a_start_replays_only_what_came_after_the_snapshot(kept: Path) -> None:
    """Twenty commands of forty, to the same state."""
    assert start(kept) == (whole_state(), COMMANDS // 2, ())


def test_a_damaged_snapshot_is_set_aside_and_told_and_the_journal_gives_the_state(
    kept: Path,
) -> None:
    """Wherever it is cut or changed."""
    (file,) = snapshots_of(kept)
    content = file.read_bytes()
    for place in range(0, len(content), max(1, len(content) // 12)):
        for damaged in (content[:place], content[:place] + b"\xaa" + content[place + 1 :]):
            file.write_bytes(damaged)

            digest, replayed, told = start(kept)

            assert digest == whole_state()
            if replayed != COMMANDS // 2:
                assert (replayed, len(told)) == (COMMANDS, 1)
                assert str(file) in told[0]


def test_a_snapshot_whose_lines_were_changed_is_set_aside(kept: Path) -> None:
    """Even one that unpacks well."""
    (file,) = snapshots_of(kept)
    text = gzip.decompress(file.read_bytes()).decode()
    file.write_bytes(gzip.compress(text.replace('"F"', '"M"', 1).encode()))

    digest, replayed, told = start(kept)

    assert (digest, replayed) == (whole_state(), COMMANDS)
    assert "not those written" in told[0]


def test_a_snapshot_of_another_version_is_refused_with_both(kept: Path) -> None:
    """Nothing is guessed."""
    (file,) = snapshots_of(kept)
    text = gzip.decompress(file.read_bytes()).decode()
    file.write_bytes(gzip.compress(text.replace('"version": 1', '"version": 9', 1).encode()))

    with pytest.raises(DirectoryRefusedError, match=r"made as etalon-snapshot 9, read as .* 1"):
        start(kept)


def test_a_journal_that_ends_before_its_snapshot_is_refused(kept: Path) -> None:
    """What the snapshot stands on is missing, mark or no mark."""
    (kept / MARK_NAME).unlink()
    database = sqlite3.connect(kept / FILE_NAME)
    database.execute("DELETE FROM commands WHERE sequence > 10")
    database.commit()
    database.close()

    with pytest.raises(DirectoryRefusedError, match="sequence 20: the row is missing"):
        start(kept)


def test_the_snapshot_before_goes_once_the_new_one_is_in_place(
    kept: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that cannot be written leaves the old one, and nothing is lost."""
    (before,) = snapshots_of(kept)

    async def run() -> None:
        host = opened(kept)
        with monkeypatch.context() as patched:
            patched.setattr(snapshots, "put_in_place", _refusing)
            with pytest.raises(SnapshotFailedError, match="nothing is lost"):
                await host.keep_snapshot()
        assert snapshots_of(kept) == [before]
        await host.keep_snapshot()
        await host.close()

    asyncio.run(run())

    (after,) = snapshots_of(kept)
    assert after != before
    assert start(kept) == (whole_state(), 0, ())


def _refusing(*_: object) -> None:
    message = "No space left on device"
    raise OSError(message)


def test_a_long_run_keeps_a_snapshot_when_it_ends_and_a_short_one_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forty commands are few, unless ten are many."""

    async def run(directory: Path) -> None:
        host = opened(directory)
        await asyncio.gather(*(host.write(command) for command in commands(10)))
        await host.close()

    asyncio.run(run(tmp_path / "short"))
    monkeypatch.setattr(service_host, "SNAPSHOT_AFTER", 10)
    asyncio.run(run(tmp_path / "long"))

    assert snapshots_of(tmp_path / "short") == []
    assert start(tmp_path / "long") == (whole_state(), 0, ())
    assert not (tmp_path / "long" / LOG_NAME).exists()
