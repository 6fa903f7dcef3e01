"""What of identity outlives a process: registered clients and chosen credentials.

With a directory, an SQLite database beside the journal; each change is on the disk before it is
answered. Without one, nothing but memory. Tokens, sessions and signing keys are never kept
(decision 0081).
"""

import sqlite3
import threading
from contextlib import suppress
from pathlib import Path
from typing import Final

from etalon_wire.json_body import Json, read_value, write_json

FILE_NAME: Final = "identity.sqlite"
_TABLE: Final = """CREATE TABLE IF NOT EXISTS kept (
    kind TEXT NOT NULL, ident TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, ident)
) WITHOUT ROWID"""


class StoreError(Exception):
    """What identity keeps cannot be read or written; the message says where and what to do."""


class Store:
    """Values by kind and identifier; safe to write from a thread."""

    __slots__ = ("_database", "_file", "_lock")

    def __init__(self, directory: Path | None) -> None:
        """Open the database of a directory, or keep nothing when there is none.

        Raises:
            StoreError: It cannot be opened, or is no database.
        """
        self._lock = threading.Lock()
        self._file = None if directory is None else directory / FILE_NAME
        self._database: sqlite3.Connection | None = None
        if self._file is not None:
            try:
                self._database = _opened(self._file)
            except sqlite3.Error as error:
                raise self._failure(error) from error

    def all_of(self, kind: str) -> dict[str, dict[str, Json]]:
        """Return every value of a kind, by identifier.

        Raises:
            StoreError: It cannot be read.
        """
        if self._database is None:
            return {}
        query = "SELECT ident, value FROM kept WHERE kind = ?"
        try:
            with self._lock:
                rows = self._database.execute(query, (kind,)).fetchall()
        except sqlite3.Error as error:
            raise self._failure(error) from error
        return {ident: _object(read_value(value)) for ident, value in rows}

    def put(self, kind: str, ident: str, value: dict[str, Json]) -> None:
        """Keep a value in the place of the one of before; it is on the disk when this returns.

        Raises:
            StoreError: It cannot be written.
        """
        if self._database is None:
            return
        try:
            with self._lock, self._database:
                self._database.execute(
                    "INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", (kind, ident, write_json(value))
                )
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def clear(self) -> None:
        """Keep nothing any more.

        Raises:
            StoreError: It cannot be written.
        """
        if self._database is None:
            return
        try:
            with self._lock, self._database:
                self._database.execute("DELETE FROM kept")
        except sqlite3.Error as error:
            raise self._failure(error) from error

    def close(self) -> None:
        """Let the database go."""
        if self._database is not None:
            with self._lock, suppress(sqlite3.Error):
                self._database.close()

    def _failure(self, error: sqlite3.Error) -> StoreError:
        message = (
            f"{self._file}: {error}; clients and credentials are kept there: check the disk, or "
            "move the file away to begin without them"
        )
        return StoreError(message)


def _opened(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, check_same_thread=False)
    try:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("PRAGMA synchronous = FULL")
        with database:
            database.execute(_TABLE)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _object(value: Json) -> dict[str, Json]:
    return value if isinstance(value, dict) else {}
