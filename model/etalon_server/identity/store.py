"""What of identity outlives a process: registered clients and chosen credentials.

With a directory, an SQLite database beside the journal; each change is on the disk before it is
answered. Without one, nothing but memory. Tokens, sessions and signing keys are never kept
(decision 0081).
"""

import sqlite3
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from etalon_server.durable.failures import DirectoryRefusedError
from etalon_server.identity.failures import OAuthError
from etalon_wire.json_body import Json, read_value, write_json
from etalon_wire.malformed import Malformed

FILE_NAME: Final = "identity.sqlite"
_TABLE: Final = """CREATE TABLE IF NOT EXISTS kept (
    kind TEXT NOT NULL, ident TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (kind, ident)
) WITHOUT ROWID"""


_ADVICE: Final = "move the file away to begin without registered clients and chosen credentials"

T = TypeVar("T")


class StoreError(Exception):
    """What identity keeps cannot be written; the message says where and what to do."""


class Store:
    """Values by kind and identifier; safe to write from a thread."""

    __slots__ = ("_database", "_file", "_lock")

    def __init__(self, directory: Path | None) -> None:
        """Open the database of a directory, or keep nothing when there is none.

        Raises:
            DirectoryRefusedError: It cannot be opened, or is no database.
        """
        self._lock = threading.Lock()
        self._file = (directory or Path()) / FILE_NAME
        self._database: sqlite3.Connection | None = None
        if directory is not None:
            try:
                self._database = _opened(self._file)
            except sqlite3.Error as error:
                raise DirectoryRefusedError(self._file, "", str(error), _ADVICE) from error

    def kept(self, kind: str, read: Callable[[str, dict[str, Json]], T]) -> dict[str, T]:
        """Return every value of a kind, by identifier, as `read` makes it of both.

        Raises:
            DirectoryRefusedError: One of them cannot be read.
        """
        if self._database is None:
            return {}
        query = "SELECT ident, value FROM kept WHERE kind = ?"
        ident = ""
        try:
            found: dict[str, T] = {}
            for ident, value in self._database.execute(query, (kind,)):
                found[ident] = read(ident, _object(read_value(value)))
        except (sqlite3.Error, Malformed, OAuthError, LookupError, ValueError, TypeError) as error:
            place = f"{kind} {ident}" if ident else kind
            raise DirectoryRefusedError(self._file, place, str(error), _ADVICE) from error
        return found

    def put(self, kind: str, ident: str, value: dict[str, Json]) -> None:
        """Keep a value in the place of the one of before; it is on the disk when this returns.

        Raises:
            StoreError: It cannot be written.
        """
        row = (kind, ident, write_json(value))
        self._change("INSERT OR REPLACE INTO kept VALUES (?, ?, ?)", row)

    def clear(self) -> None:
        """Keep nothing any more.

        Raises:
            StoreError: It cannot be written.
        """
        self._change("DELETE FROM kept", ())

    def _change(self, statement: str, values: tuple[str | bytes, ...]) -> None:
        if self._database is None:
            return
        try:
            with self._lock, self._database:
                self._database.execute(statement, values)
        except sqlite3.Error as error:
            message = f"{self._file}: {error}; check the disk"
            raise StoreError(message) from error

    def close(self) -> None:
        """Let the database go."""
        if self._database is not None:
            with self._lock, suppress(sqlite3.Error):
                self._database.close()


def _opened(file: Path) -> sqlite3.Connection:
    database = sqlite3.connect(file, check_same_thread=False)
    try:
        # One file: changes are rare, and a copy of it is whole.
        database.execute("PRAGMA journal_mode = DELETE")
        database.execute("PRAGMA synchronous = EXTRA")
        with database:
            database.execute(_TABLE)
    except sqlite3.Error:
        database.close()
        raise
    return database


def _object(value: Json) -> dict[str, Json]:
    if not isinstance(value, dict):
        message = "no object"
        raise TypeError(message)
    return value
