"""Start-up recovers every command that was answered, or refuses and says where."""

import asyncio
import json
import sqlite3
from pathlib import Path
from random import Random

import pytest

from durable_town import SEED, commands, parameters
from durable_trials import damaged_at_random, prefixes, tried
from etalon_model.parameters import vintage
from etalon_server.durable.encoding import link_after
from etalon_server.durable.failures import DirectoryRefusedError
from etalon_server.durable.journal import FILE_NAME, LOG_NAME, MARK_NAME
from etalon_server.durable.wal import extent_of
from etalon_server.service_host import Host

COMMANDS = 40


def refusal(directory: Path) -> DirectoryRefusedError:
    """Return why a directory is refused."""
    with pytest.raises(DirectoryRefusedError) as refused:
        Host(parameters(), seed=SEED, directory=directory)
    return refused.value


def sql(directory: Path, statement: str) -> None:
    """Change a journal behind the server's back, its write-ahead log copied first."""
    database = sqlite3.connect(directory / FILE_NAME)
    database.execute(statement)
    database.commit()
    database.close()


def test_a_killed_run_is_recovered_whole(data: Path) -> None:
    """All forty commands, from the write-ahead log alone."""
    assert extent_of(data / LOG_NAME).commits >= 10

    assert tried(data, prefixes(list(commands(10)))) == COMMANDS


def test_a_cut_log_is_refused_at_the_offset_when_commands_were_answered(data: Path) -> None:
    """One byte less than what was answered is noticed."""
    log = data / LOG_NAME
    content = log.read_bytes()
    log.write_bytes(content[:-1])
    whole = extent_of(log).whole

    refused = refusal(data)

    assert refused.file == log
    assert refused.position == f"offset {whole}"
    assert f"answered up to sequence {COMMANDS}" in refused.found


def test_a_cut_log_without_its_mark_is_a_torn_write_and_gives_a_prefix(data: Path) -> None:
    """A loss of power may leave this; what is recovered are the first commands, no others."""
    (data / MARK_NAME).unlink()
    log = data / LOG_NAME
    content = log.read_bytes()
    log.write_bytes(content[: len(content) // 2])

    found = tried(data, prefixes(list(commands(10))))

    assert found is not None
    assert 0 < found < COMMANDS


def test_damage_in_the_middle_of_the_log_is_no_torn_write(data: Path) -> None:
    """Ends of transactions follow it: refused at its offset, mark or no mark."""
    (data / MARK_NAME).unlink()
    log = data / LOG_NAME
    content = bytearray(log.read_bytes())
    content[len(content) // 2] ^= 1
    log.write_bytes(content)

    refused = refusal(data)

    offset = int(refused.position.removeprefix("offset "))
    assert refused.file == log
    assert offset <= len(content) // 2 < offset + 4096 + 24


def test_a_log_without_its_head_is_refused_at_its_start(data: Path) -> None:
    """SQLite would take it for an empty one."""
    log = data / LOG_NAME
    content = bytearray(log.read_bytes())
    content[17] ^= 1
    log.write_bytes(content)

    assert refusal(data).position == "offset 0"


def test_cuts_and_flips_anywhere_give_a_prefix_or_a_refusal_that_names_the_place(
    killed: Path, tmp_path: Path, effort: int
) -> None:
    """With the mark nothing that was answered is missing; without it what is there is a prefix."""
    known = prefixes(list(commands(10)))

    found = damaged_at_random(killed, tmp_path, known, trials=10 * effort, chance=Random(1))  # noqa: S311 (no secret)

    assert found.wrong == []
    assert found.recovered + found.refused == 40 * effort
    assert found.refused > 0
    assert found.recovered > 0


@pytest.mark.parametrize(
    ("statement", "position", "found"),
    [
        ("DELETE FROM commands WHERE sequence = 17", "sequence 17", "missing"),
        ("UPDATE commands SET refused = 'X' WHERE sequence = 3", "sequence 3", "not the one"),
        (
            "UPDATE commands SET command = replace(command, 'email', 'letter') WHERE sequence = 7",
            "sequence 7",
            "not the one",
        ),
        ("DELETE FROM commands WHERE sequence > 39", "sequence 39", "answered up to sequence 40"),
        ("UPDATE head SET value = '999' WHERE name = 'format'", "head", "made for format 999"),
        ("UPDATE head SET value = '0.0' WHERE name = 'etalon'", "head", "made for etalon 0.0"),
        ("DROP TABLE commands", "", "no such table"),
    ],
)
def test_rows_changed_behind_the_server_are_noticed(
    data: Path, statement: str, position: str, found: str
) -> None:
    """Rows taken out, changed or cut off, other versions, lost tables."""
    sql(data, statement)

    refused = refusal(data)

    assert (refused.position, found in refused.found) == (position, True), str(refused)


def test_a_journal_that_left_without_its_mark_is_missed(data: Path) -> None:
    """An empty directory begins a service; this one is not empty."""
    (data / FILE_NAME).unlink()

    assert "missing" in refusal(data).found


def test_what_is_no_database_is_refused(data: Path) -> None:
    """The message names the file."""
    (data / LOG_NAME).unlink()
    (data / FILE_NAME).write_bytes(b"something else" * 1000)

    refused = refusal(data)

    assert refused.file == data / FILE_NAME
    assert "not a database" in refused.found


def test_another_vintage_or_seed_is_refused_with_both(data: Path) -> None:
    """A service goes on under the values it was begun with."""
    with pytest.raises(DirectoryRefusedError, match="made for seed 7, opened for seed 8"):
        Host(parameters(), seed=8, directory=data)
    with pytest.raises(DirectoryRefusedError, match=r"vintage launch-2022, .* steady-2023"):
        Host(vintage("steady-2023"), seed=SEED, directory=data)


def test_a_refused_directory_can_be_opened_again(data: Path) -> None:
    """The lock is let go, and no file of it was changed by the refusal."""
    files = [data / name for name in (FILE_NAME, LOG_NAME, MARK_NAME)]
    before = [file.read_bytes() for file in files]

    with pytest.raises(DirectoryRefusedError):
        Host(parameters(), seed=8, directory=data)

    assert [file.read_bytes() for file in files] == before

    host = Host(parameters(), seed=SEED, directory=data)

    assert len(host.service) == 10
    asyncio.run(host.close())


def test_a_row_carried_out_with_another_outcome_is_refused(data: Path) -> None:
    """Rules that changed under a journal are noticed at the command where they differ."""
    database = sqlite3.connect(data / FILE_NAME)
    rows = list(database.execute("SELECT sequence, command, refused, kept FROM commands"))
    link = bytes(16)
    for sequence, command, refused, kept in rows:
        told = "SOMETHING" if sequence == 5 else refused
        link = link_after(link, sequence, command, told, kept)
        database.execute(
            "UPDATE commands SET refused = ?, link = ? WHERE sequence = ?", (told, link, sequence)
        )
    database.commit()
    database.close()

    refused = refusal(data)

    assert refused.position == "sequence 5"
    assert refused.found == "answered SOMETHING then, accepted now"
    assert json.loads(rows[4][1])["command"] == "Affiliate"
