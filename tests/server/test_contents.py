"""What was received stands beside its command: together on the disk, together after a start."""

import asyncio
import sqlite3
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from durable_town import SEED, affiliation, notice, parameters
from etalon_model import Accepted, Refusal
from etalon_model.records.rehearsal import RecordRehearsal
from etalon_server.byte_cache import MEGABYTE, ByteCache
from etalon_server.contents import ContentDamagedError, PassingContents, key_of
from etalon_server.durable.encoding import Kept, Row
from etalon_server.durable.failures import DirectoryRefusedError
from etalon_server.durable.journal import FILE_NAME, Journal
from etalon_server.rehearsal import Halted
from etalon_server.service_host import Host

SHELF = key_of("List", "somebody")


def opened(directory: Path | None) -> Host:
    """Open a host of the town."""
    return Host(parameters(), seed=SEED, directory=directory)


def kept(name: str, body: bytes = b"received", *, shelved: bool = False) -> Kept:
    """Something to keep."""
    return Kept(key_of("thing", name), body, SHELF if shelved else b"")


def sql(directory: Path, statement: str) -> None:
    """Change a journal behind the server's back."""
    database = sqlite3.connect(directory / FILE_NAME)
    database.execute(statement)
    database.commit()
    database.close()


async def filled(directory: Path) -> None:
    """Affiliate three people, each with something kept, and end."""
    host = opened(directory)
    for number in range(3):
        await host.write(affiliation(number), [kept(str(number), b"%d" % number, shelved=True)])
    await host.close()


@pytest.mark.parametrize("durable", [False, True])
def test_what_came_with_an_accepted_command_is_kept_and_with_a_refused_one_is_not(
    tmp_path: Path, *, durable: bool
) -> None:
    """Found by its key and on its shelf, in the order it came; the later of two counts."""

    async def run() -> None:
        host = opened(tmp_path if durable else None)
        accepted = await host.write(affiliation(1), [kept("a", b"1", shelved=True)])
        refused = await host.write(affiliation(1), [kept("b", shelved=True)])
        await host.write(
            affiliation(2), [kept("c", b"2", shelved=True), kept("a", b"3", shelved=True)]
        )
        contents = host.contents
        assert (type(accepted), type(refused)) == (Accepted, Refusal)
        assert contents.body(kept("a").key) == b"3"
        assert contents.body(kept("b").key) is None
        assert contents.shelf(SHELF) == [b"3", b"2"]
        await host.close()

    asyncio.run(run())


def test_what_waits_for_the_disk_is_found_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A read may show a write that is not there yet, and then shows what came with it."""

    def hold(_: Journal, rows: Sequence[Row], *, awaited: bool) -> int:
        del awaited
        return len(rows)

    async def run() -> None:
        host = opened(tmp_path)
        with monkeypatch.context() as patched:
            patched.setattr(Journal, "append", hold)
            write = asyncio.ensure_future(host.write(affiliation(1), [kept("a", shelved=True)]))
            await asyncio.sleep(0.01)
            assert not write.done()
            assert host.contents.body(kept("a").key) == b"received"
            assert host.contents.shelf(SHELF) == [b"received"]
            write.cancel()
        await host.close()

    asyncio.run(run())


def test_what_was_kept_is_there_after_the_next_start(tmp_path: Path) -> None:
    """And is on the shelf in the same order."""

    async def run() -> list[bytes]:
        await filled(tmp_path)
        host = opened(tmp_path)
        found = host.contents.shelf(SHELF)
        await host.close()
        return found

    assert asyncio.run(run()) == [b"0", b"1", b"2"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE contents SET body = x'00' WHERE rank / 65536 = 2",
        "DELETE FROM contents WHERE rank / 65536 = 2",
        "UPDATE contents SET rank = rank - 65535 WHERE rank / 65536 = 3",
    ],
)
def test_what_was_kept_and_is_not_what_came_refuses_the_start_at_its_row(
    tmp_path: Path, statement: str
) -> None:
    """The digest of a row counts what stands beside it."""
    asyncio.run(filled(tmp_path))
    sql(tmp_path, statement)

    with pytest.raises(DirectoryRefusedError) as refused:
        opened(tmp_path)

    assert refused.value.position == "sequence 2"


def test_damage_behind_a_snapshot_is_noticed_when_it_is_read(tmp_path: Path) -> None:
    """A start after a snapshot reads no older rows; reading one does."""

    async def run() -> None:
        await filled(tmp_path)
        host = opened(tmp_path)
        await host.keep_snapshot()
        await host.close()
        sql(tmp_path, "UPDATE contents SET body = x'00' WHERE rank / 65536 = 2")
        host = opened(tmp_path)
        assert host.contents.body(kept("0").key) == b"0"
        with pytest.raises(ContentDamagedError):
            host.contents.body(kept("1").key)
        await host.close()

    asyncio.run(run())


@pytest.mark.parametrize("durable", [False, True])
def test_commands_together_are_all_carried_out_or_none(tmp_path: Path, *, durable: bool) -> None:
    """One that is refused alone leaves its trace; one refused because of another leaves none."""

    async def run() -> None:
        rehearsal = RecordRehearsal(parameters())
        host = opened(tmp_path if durable else None)
        host.service = rehearsal.sandbox.service
        one, other = rehearsal.deposit(), rehearsal.deposit()
        elsewhere = replace(one, subject=None)
        before = host.service.digest(traces=True)
        twice = await host.write_all([(one, [kept("a")]), (other, []), (one, [kept("b")])])
        assert isinstance(twice, Halted)
        assert (twice.rank, twice.refusal.code) == (2, "DUPLICATE_DOCUMENT")
        assert host.service.digest(traces=True) == before
        never = await host.write_all([(one, [kept("a")]), (elsewhere, [kept("b")])])
        assert isinstance(never, Halted)
        assert (never.rank, never.refusal.code) == (1, "DOCUMENT_WITHOUT_INS")
        assert host.service.log(rehearsal.ins)[-1].deed.refused == never.refusal.code
        assert host.contents.body(kept("a").key) is None
        alone = await host.write_all([(elsewhere, [kept("a")])])
        assert alone == Halted(0, never.refusal)
        done = await host.write_all([(one, [kept("a")]), (other, [kept("b")])])
        assert isinstance(done, list)
        assert [type(outcome) for outcome in done] == [Accepted, Accepted]
        assert host.contents.body(kept("b").key) == b"received"
        with pytest.raises(ValueError, match="one person"):
            await host.write_all([(notice(1), []), (notice(2), [])])
        await host.close()

    asyncio.run(run())


def test_a_cache_is_bounded_and_lets_go_of_what_was_used_longest_ago() -> None:
    """Weights count; a version that is another object never finds the bytes of the old one."""
    cache = ByteCache(1)
    documents = [object() for _ in range(20)]
    for document in documents:
        cache.put(document, "json", bytes(MEGABYTE // 10))
        cache.get(documents[0], "json")

    held = [one for one in documents if cache.get(one, "json") is not None]

    assert held == [documents[0], *documents[-8:]]
    counted = cache.hits, cache.misses
    bodies = cache.get_all(documents, ["json"] * 20)
    assert [one is not None for one in bodies] == [one in held for one in documents]
    assert (cache.hits - counted[0], cache.misses - counted[1]) == (9, 11)
    assert cache.size_bytes <= MEGABYTE
    assert cache.get(documents[0], "xml") is None
    cache.put(documents[1], "json", bytes(2 * MEGABYTE))
    assert cache.get(documents[1], "json") is None
    cache.clear()
    assert (len(cache), cache.size_bytes) == (0, 0)


def test_contents_without_a_journal_leave_no_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What nothing outlives has no name on the disk."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    contents = PassingContents()
    contents.hold([kept("a", bytes(8 * MEGABYTE))])
    contents.hold([kept("b", b"b"), kept("c", b""), kept("d", b"d")])

    assert contents.body(kept("a").key) == bytes(8 * MEGABYTE)
    assert [contents.body(kept(one).key) for one in "bcd"] == [b"b", b"", b"d"]
    assert list(tmp_path.iterdir()) == []
    contents.clear()
    assert contents.body(kept("a").key) is None
    contents.close()


def test_contents_are_the_same_in_memory_and_in_the_file() -> None:
    """Nobody can tell what waits to be written from what was."""
    contents = PassingContents()
    bodies = {f"{rank}": bytes([rank]) * (rank * 1000) for rank in range(40)}
    for name, body in bodies.items():
        contents.hold([kept(name, body)])
    contents.hold([kept("39", b"another")])

    found = contents.bodies([kept(name).key for name in bodies])
    assert found == {kept(name).key: body for name, body in (bodies | {"39": b"another"}).items()}
    contents.close()
