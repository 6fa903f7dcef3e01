"""The journal: every command given to the service, accepted or refused, in an SQLite database.

One thread writes. It takes all that waits, makes one transaction of it and has the disk confirm it
once: a group commit. Refused commands are kept too, because their rows of the access log are state.
"""

import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Final

from etalon_server.durable.encoding import LINK_BYTES, Entry, link_after
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

SCHEMA: Final = (
    "CREATE TABLE head (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID",
    """CREATE TABLE commands (
        sequence INTEGER PRIMARY KEY, command TEXT NOT NULL, refused TEXT NOT NULL,
        link BLOB NOT NULL
    )""",
)
_APPEND: Final = "INSERT INTO commands VALUES (?, ?, ?, ?)"
_READ: Final = "SELECT sequence, command, refused, link FROM commands WHERE sequence > ?"

Waiting = tuple[int, str, str]


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

    Raises:
        sqlite3.Error: It is no database, or is damaged.
    """
    database = sqlite3.connect(file, timeout=0, isolation_level=None, check_same_thread=False)
    try:
        for setting in (
            "locking_mode = EXCLUSIVE",
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
    return sqlite3.connect(f"{file.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)


def entries_after(database: sqlite3.Connection, sequence: int) -> Iterator[Entry]:
    """Yield the rows that follow a sequence, in order."""
    for row in database.execute(f"{_READ} ORDER BY sequence", (sequence,)):
        yield Entry(*row)


class Journal:
    """A journal open for writing.

    Attributes:
        file: Where it is kept.
        sequence: Sequence of the last row handed over, written or not.
        groups: How many group commits were made.
        failure: Why nothing more can be written, or None.
    """

    __slots__ = (
        "_committed",
        "_database",
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
        self._queue: SimpleQueue[Waiting | None] = SimpleQueue()
        self._thread = threading.Thread(target=self._write, name="journal", daemon=True)
        self._thread.start()

    @property
    def tail(self) -> Tail:
        """Where the journal ends on the disk, while nothing waits to be written."""
        return Tail(self.sequence, self._link)

    def append(self, command: str, refused: str) -> int:
        """Hand over a command and the code of its refusal; return its sequence.

        Raises:
            JournalFailedError: Nothing more can be written.
        """
        if self.failure is not None:
            raise self.failure
        self.sequence += 1
        self._queue.put((self.sequence, command, refused))
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
            try:
                self._commit(group)
                self._mark.put(group[-1][0])
            except (sqlite3.Error, OSError) as error:
                self.failure = JournalFailedError(self.file, str(error))
                self._committed(done, self.failure)
                return
            done = group[-1][0]
            self._committed(done, None)

    def _next_group(self) -> list[Waiting]:
        """Wait for a command; return it with all that wait behind it, nothing at the end."""
        first = self._queue.get()
        group = [] if first is None else [first]
        while group and len(group) < GROUP_MOST:
            try:
                following = self._queue.get_nowait()
            except Empty:
                break
            if following is None:
                self._queue.put(None)
                break
            group.append(following)
        return group

    def _commit(self, group: list[Waiting]) -> None:
        rows: list[tuple[int, str, str, bytes]] = []
        link = self._link
        for sequence, command, refused in group:
            link = link_after(link, sequence, command, refused)
            rows.append((sequence, command, refused, link))
        if self._since_checkpoint > CHECKPOINT_BYTES:
            self._database.execute("PRAGMA wal_checkpoint(RESTART)").fetchall()
            self._since_checkpoint = 0
        self._database.execute("BEGIN IMMEDIATE")
        self._database.executemany(_APPEND, rows)
        self._database.execute("COMMIT")
        self._link = link
        self.groups += 1
        self._since_checkpoint += _COMMIT_BYTES + sum(len(command) for _, command, _ in group)
