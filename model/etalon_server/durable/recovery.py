"""Start-up: the state that a data directory holds, or why it is refused, with the place.

Every command that was answered is carried out again, with the outcome it had, or nothing is served.
A torn end that nobody was answered for is let go.
"""

import json
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from etalon_model.access_log import LogRow
from etalon_model.parameters import Parameters
from etalon_model.service import Service
from etalon_model.value_codec import codec_of
from etalon_server.durable.encoding import (
    Entry,
    code_of,
    command_of,
    link_after,
    sum_of,
    sum_of_all,
)
from etalon_server.durable.failures import DirectoryRefusedError
from etalon_server.durable.journal import (
    FILE_NAME,
    LOG_NAME,
    MARK_NAME,
    SCHEMA,
    Tail,
    entries_after,
    kept_with,
    open_database,
    read_database,
)
from etalon_server.durable.mark import marked
from etalon_server.durable.placing import put_in_place
from etalon_server.durable.snapshots import Moment, restore_snapshot, snapshots_of
from etalon_server.durable.state_codec import StateFormatError
from etalon_server.durable.wal import LogExtent, extent_of

FORMAT_VERSION: Final = 2
Archive = Callable[[LogRow], object]
"""Called with each row of an access log that leaves memory."""

_NEVER: Final = datetime.min.replace(tzinfo=UTC)
_TORN_MOST: Final = 1
"""Ends of transactions that a loss of power can leave after a torn one: its own."""


@dataclass(frozen=True, slots=True)
class Recovered:
    """What a data directory holds.

    Attributes:
        service: The service, where its last command left it.
        database: The database of the journal, open.
        tail: Where the journal ends.
        last_at: Instant of the latest command (UTC).
        replayed: How many commands of the journal came after the snapshot.
        damaged: Why snapshots were set aside: no kill leaves such a file.
    """

    service: Service
    database: sqlite3.Connection
    tail: Tail
    last_at: datetime
    replayed: int
    damaged: tuple[str, ...]


def recover(
    directory: Path, parameters: Parameters, seed: int, archive: Archive | None = None
) -> Recovered:
    """Return what a directory holds; an empty one begins a service with nobody.

    The caller holds the lock of the directory. What leaves the memory of the service, now or later,
    is given to `archive`.

    Raises:
        DirectoryRefusedError: It is damaged, or made by another version or for another service.
    """
    file = directory / FILE_NAME
    extent = _read_log(directory)
    expected = _head(parameters, seed)
    damaged: list[str] = []
    try:
        if not file.exists():
            _begin(file, expected)
        # Read without the right to write: closing a database that is refused changes nothing.
        with closing(read_database(file)) as database:
            _check_head(file, database, expected)
            begin = partial(Service, parameters, seed=seed, archive=archive)
            service, moment = _restored(directory, begin, damaged)
            _check_moment(file, database, moment)
            tail, last_at = _replayed(file, database, service, moment)
        _refuse_if_short(directory, tail, extent)
        database = open_database(file)
        # What is left of a torn end must not be taken for the end of another one day.
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
    except sqlite3.Error as error:
        raise DirectoryRefusedError(file, "", f"the journal cannot be read: {error}") from error
    replayed = tail.sequence - moment.tail.sequence
    return Recovered(service, database, tail, last_at, replayed, tuple(damaged))


def _restored(
    directory: Path, begin: Callable[[], Service], damaged: list[str]
) -> tuple[Service, Moment]:
    """Return a service where the newest whole snapshot stands; say which ones are not whole."""
    for snapshot in snapshots_of(directory):
        service = begin()
        try:
            return service, restore_snapshot(snapshot, service)
        except StateFormatError as error:
            damaged.append(f"{snapshot}: {error}")
    return begin(), Moment(Tail(), _NEVER)


def _check_moment(file: Path, database: sqlite3.Connection, moment: Moment) -> None:
    """Refuse a journal that the snapshot does not belong to."""
    sequence = moment.tail.sequence
    query = "SELECT link FROM commands WHERE sequence = ?"
    row = database.execute(query, (sequence,)).fetchone()
    if sequence and row is None:
        found = "the row is missing, and a snapshot stands on it"
        raise DirectoryRefusedError(file, f"sequence {sequence}", found)
    if sequence and row[0] != moment.tail.link:
        found = "the row is not the one that the snapshot stands on"
        raise DirectoryRefusedError(file, f"sequence {sequence}", found)


def _read_log(directory: Path) -> LogExtent:
    """Return how far the write-ahead log is whole; refuse damage that no torn write leaves."""
    file = directory / LOG_NAME
    answered = marked(directory / MARK_NAME)
    if not (directory / FILE_NAME).exists() and (answered or file.exists()):
        found = f"the file is missing, and {max(answered, 1)} commands at least were written to it"
        raise DirectoryRefusedError(directory / FILE_NAME, "", found)
    extent = extent_of(file)
    if extent.later_commits > _TORN_MOST:
        found = (
            f"damaged here, and the ends of {extent.later_commits} transactions follow: "
            "no torn write leaves that"
        )
        raise DirectoryRefusedError(file, f"offset {extent.whole}", found)
    return extent


def _head(parameters: Parameters, seed: int) -> dict[str, str]:
    known = codec_of(Parameters).plain(parameters)
    return {
        "format": str(FORMAT_VERSION),
        "etalon": installed_version(),
        "seed": str(seed),
        "vintage": parameters.vintage,
        "parameters": json.dumps(known, ensure_ascii=False, sort_keys=True),
    }


def installed_version() -> str:
    """Return the version of the distribution, or `unknown` where it runs uninstalled."""
    try:
        return version("mes-etalon")
    except PackageNotFoundError:
        return "unknown"


def _begin(file: Path, head: dict[str, str]) -> None:
    """Make the journal of a service with nobody, whole or not at all."""
    new = file.with_name(f"{file.name}.new")
    new.unlink(missing_ok=True)
    with closing(open_database(new)) as database:
        database.execute("BEGIN IMMEDIATE")
        for statement in SCHEMA:
            database.execute(statement)
        database.executemany("INSERT INTO head VALUES (?, ?)", head.items())
        database.execute("COMMIT")
    put_in_place(new, file)


def _check_head(file: Path, database: sqlite3.Connection, expected: dict[str, str]) -> None:
    """Compare what the journal was made for with what it is opened for."""
    held: dict[str, str] = dict(database.execute("SELECT name, value FROM head"))
    for name, value in expected.items():
        if held.get(name) != value:
            found = f"made for {name} {held.get(name)}, opened for {name} {value}"
            advice = "serve it as it was made, or give another directory"
            raise DirectoryRefusedError(file, "head", found, advice)


def _replayed(
    file: Path, database: sqlite3.Connection, service: Service, moment: Moment
) -> tuple[Tail, datetime]:
    """Carry out again what the journal holds, row after row; return where it ends, and when."""
    tail, last_at = moment.tail, moment.last_at
    for entry in entries_after(database, tail.sequence):
        _check_place(file, tail, entry)
        _check_kept(file, database, entry)
        try:
            command = command_of(entry.command)
            code = code_of(service.apply(command))
        except (TypeError, ValueError) as error:
            found = f"no command of this version: {error}"
            raise DirectoryRefusedError(file, _position(entry), found) from error
        if code != entry.refused:
            found = f"answered {entry.refused or 'accepted'} then, {code or 'accepted'} now"
            raise DirectoryRefusedError(file, _position(entry), found)
        tail = Tail(entry.sequence, entry.link)
        last_at = max(last_at, command.at)
    return tail, last_at


def _check_place(file: Path, tail: Tail, entry: Entry) -> None:
    following = tail.sequence + 1
    if entry.sequence != following:
        found = f"the row is missing, and sequence {entry.sequence} follows"
        raise DirectoryRefusedError(file, f"sequence {following}", found)
    link = link_after(tail.link, following, entry.command, entry.refused, entry.kept)
    if entry.link != link:
        found = "the row is not the one written, or a row before it is not"
        raise DirectoryRefusedError(file, _position(entry), found)


def _check_kept(file: Path, database: sqlite3.Connection, entry: Entry) -> None:
    """Refuse a row that is not beside what came with it."""
    sums = [sum_of(one) for one in kept_with(database, entry.sequence)]
    if sum_of_all(sums) != entry.kept:
        found = "what is kept with the row is not what was received"
        raise DirectoryRefusedError(file, _position(entry), found)


def _position(entry: Entry) -> str:
    return f"sequence {entry.sequence}"


def _refuse_if_short(directory: Path, tail: Tail, extent: LogExtent) -> None:
    """Refuse a journal that ends before the last command that was answered."""
    answered = marked(directory / MARK_NAME)
    if tail.sequence >= answered:
        return
    lost = f"commands were answered up to sequence {answered}"
    if extent.whole:
        found = f"whole up to here, which is sequence {tail.sequence}, but {lost}"
        raise DirectoryRefusedError(directory / LOG_NAME, f"offset {extent.whole}", found)
    position = f"sequence {tail.sequence}"
    raise DirectoryRefusedError(directory / FILE_NAME, position, f"the last row, but {lost}")
