"""The journal: every command given to the service, accepted or refused, in an SQLite database.

One thread writes. It takes all that waits, makes one transaction of it and has the disk confirm it
once: a group commit. It takes its time where nobody waits for an answer, or where many do. Refused
commands are kept too, because their rows of the access log are state.
What came with a command and the model does not hold stands beside it, in the same transaction.
"""

import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from etalon_server.durable.encoding import (
    LINK_BYTES,
    Entry,
    Kept,
    Row,
    link_after,
    sum_of,
    sum_of_all,
)
from etalon_server.durable.failures import JournalFailedError
from etalon_server.durable.mark import Mark

FILE_NAME: Final = "journal.sqlite"
LOG_NAME: Final = "journal.sqlite-wal"
MARK_NAME: Final = "answered"
SYNCHRONOUS: Final = "FULL"
FIRST_LINK: Final = bytes(LINK_BYTES)
GROUP_MOST: Final = 4096
CHECKPOINT_BYTES: Final = 4 << 20
"""How much is written to the write-ahead log before it is copied into the database."""
_COMMIT_BYTES: Final = 3 << 12

RANKS: Final = 1 << 16
"""How many things may be kept with one command: their ranks follow from its sequence."""

SCHEMA: Final = (
    "CREATE TABLE head (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE commands (
        sequence INTEGER PRIMARY KEY, command TEXT NOT NULL, refused TEXT NOT NULL,
        kept BLOB NOT NULL, link BLOB NOT NULL
    )""",
    """CREATE TABLE contents (
        rank INTEGER PRIMARY KEY, key BLOB NOT NULL, shelf BLOB NOT NULL,
        sum BLOB NOT NULL, body BLOB NOT NULL
    )""",
    "CREATE INDEX contents_by_key ON contents (key)",
    "CREATE INDEX contents_by_shelf ON contents (shelf) WHERE shelf <> x''",
)
_ROWS_MOST: Final = 64
_MARKS: Final = "(?, ?, ?, ?, ?)"
_READ: Final = "SELECT sequence, command, refused, kept, link FROM commands WHERE sequence > ?"
_READ_KEPT: Final = (
    "SELECT key, body, shelf FROM contents WHERE rank >= ? AND rank < ? ORDER BY rank"
)

PATIENCE_SECONDS: Final = 0.005
"""How long rows that no answer waits for may wait for others."""

GATHERING_SECONDS: Final = 0.001
"""How long rows that answers wait for do, where the last group held several."""

Waiting = tuple[int, Sequence[Row], bool]
"""The sequence of the first row, the rows, all or none of which are written, and whether an answer
waits for them."""


@dataclass(frozen=True, slots=True)
class Tail:
    """Where a journal ends.

    Attributes:
        sequence: Sequence of its last row, or 0.
        link: Link of that row.
    """

    sequence: int = 0
    link: bytes = FIRST_LINK


def open_database(file: Path) -> sqlite3.Connection:
    """Open the database of a journal, for the one process that may.

    The lock of the directory keeps other processes out; here a second connection may read while
    the first one waits for the disk.

    Raises:
        sqlite3.Error: It is no database, or is damaged.
    """
    database = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        for setting in (
            "journal_mode = WAL",
            f"synchronous = {SYNCHRONOUS}",
            "fullfsync = ON",
            "wal_autocheckpoint = 0",
        ):
            database.execute(f"PRAGMA {setting}").fetchall()
    except sqlite3.Error:
        database.close()
        raise
    return database


def read_database(file: Path) -> sqlite3.Connection:
    """Open the database of a journal for reading: nothing in the directory changes.

    Raises:
        sqlite3.Error: It cannot be opened.
    """
    address = f"{file.absolute().as_uri()}?mode=ro"
    return sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)


def entries_after(database: sqlite3.Connection, sequence: int) -> Iterator[Entry]:
    """Yield the rows that follow a sequence, in order."""
    for row in database.execute(f"{_READ} ORDER BY sequence", (sequence,)):
        yield Entry(*row)


def kept_with(database: sqlite3.Connection, sequence: int) -> list[Kept]:
    """Return what is kept with one command, in order."""
    ranks = (sequence * RANKS, (sequence + 1) * RANKS)
    return [Kept(*row) for row in database.execute(_READ_KEPT, ranks)]


class Journal:
    """A journal open for writing.

    Attributes:
        file: Where it is kept.
        sequence: Sequence of the last row handed over, written or not.
        groups: How many group commits were made.
        failure: Why nothing more can be written, or None.
    """

    __slots__ = (
        "_awaited",
        "_committed",
        "_database",
        "_last_group",
        "_link",
        "_mark",
        "_queue",
        "_since_checkpoint",
        "_thread",
        "failure",
        "file",
        "groups",
        "sequence",
    )

    def __init__(
        self,
        directory: Path,
        database: sqlite3.Connection,
        tail: Tail,
        committed: Callable[[int, JournalFailedError | None], object],
    ) -> None:
        """Go on after the last row.

        Args:
            directory: Where the files are.
            database: The database, opened; closed with the journal.
            tail: Where it ends.
            committed: Called by the writing thread with the last sequence that is on the disk,
                and why the others never will be, or None.
        """
        self.file = directory / FILE_NAME
        self.sequence = tail.sequence
        self.groups = 0
        self.failure: JournalFailedError | None = None
        self._database = database
        self._link = tail.link
        self._committed = committed
        self._mark = Mark(directory / MARK_NAME)
        self._since_checkpoint = 0
        self._last_group = 0
        self._awaited = threading.Event()
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
        self._thread.start()

    @property
    def tail(self) -> Tail:
        """Where the journal ends on the disk, while nothing waits to be written."""
        return Tail(self.sequence, self._link)

    def append(self, rows: Sequence[Row], *, awaited: bool) -> int:
        """Hand over rows that are written together; return the sequence of the last.

        Args:
            rows: The rows.
            awaited: An answer waits for them.

        Raises:
            JournalFailedError: Nothing more can be written.
        """
        if self.failure is not None:
            raise self.failure
        self._queue.put((self.sequence + 1, rows, awaited))
        if awaited and not self._awaited.is_set():
            self._awaited.set()
        self.sequence += len(rows)
        return self.sequence

    def close(self) -> None:
        """Write what waits, then close the files.

        Raises:
            JournalFailedError: The write-ahead log could not be copied into the database: it is
                left as it is, and the next start reads it.
        """
        self._queue.put(None)
        self._thread.join()
        self._mark.close()
        try:
            self._database.close()
        except sqlite3.Error as error:
            raise JournalFailedError(self.file, str(error)) from error

    def _write(self) -> None:
        """Write group after group until told to stop or until the disk refuses."""
        done = self.sequence
        while group := self._next_group():
            first, rows, _ = group[-1]
            last = first + len(rows) - 1
            try:
                self._commit(group)
                self._mark.put(last)
            except (sqlite3.Error, OSError) as error:
                self.failure = JournalFailedError(self.file, str(error))
                self._committed(done, self.failure)
                return
            done = last
            self._committed(done, None)

    def _next_group(self) -> list[Waiting]:
        """Wait for a command; return it with all that wait behind it, nothing at the end."""
        first = self._queue.get()
        group = [] if first is None else [first]
        if first is not None and not first[2]:
            self._awaited.wait(PATIENCE_SECONDS)
        if self._last_group > 1:
            time.sleep(GATHERING_SECONDS)
        self._awaited.clear()
        while group and len(group) < GROUP_MOST:
            try:
                following = self._queue.get_nowait()
            except Empty:
                break
            if following is None:
                self._queue.put(None)
                break
            group.append(following)
        self._last_group = len(group)
        return group

    def _commit(self, group: list[Waiting]) -> None:
        written: list[tuple[int, str, str, bytes, bytes]] = []
        beside: list[tuple[int, bytes, bytes, bytes, bytes]] = []
        link = self._link
        for first, rows, _ in group:
            for sequence, row in enumerate(rows, first):
                sums = [sum_of(one) for one in row.kept]
                kept = sum_of_all(sums)
                link = link_after(link, sequence, row.command, row.refused, kept)
                written.append((sequence, row.command, row.refused, kept, link))
                beside += [
                    (rank, one.key, one.shelf, summed, one.body)
                    for rank, (one, summed) in enumerate(
                        zip(row.kept, sums, strict=True), sequence * RANKS
                    )
                ]
        if self._since_checkpoint > CHECKPOINT_BYTES:
            self._database.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
            self._since_checkpoint = 0
        self._database.execute("BEGIN IMMEDIATE")
        _insert(self._database, "commands", written)
        _insert(self._database, "contents", beside)
        self._database.execute("COMMIT")
        self._link = link
        self.groups += 1
        texts = sum(len(command) for _, command, *_ in written)
        self._since_checkpoint += _COMMIT_BYTES + texts + sum(len(body) for *_, body in beside)


def _insert(database: sqlite3.Connection, table: str, rows: Sequence[tuple[object, ...]]) -> None:
    """Insert rows, many by one statement: the interpreter is let go of once for all of them."""
    for start in range(0, len(rows), _ROWS_MOST):
        some = rows[start : start + _ROWS_MOST]
        marks = ",".join([_MARKS] * len(some))
        values = [value for row in some for value in row]
        database.execute(f"INSERT INTO {table} VALUES {marks}", values)  # noqa: S608 (our own names)
