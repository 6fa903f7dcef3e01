"""What was received and the model does not keep: resources as they came, bytes of documents.

With a directory they stand in the journal's database, written in the group commit of the command
that brought them; without one, in a temporary database that has no name and is gone with the
process. Memory holds those that wait for the disk, and no others (decision 0083).
"""

import sqlite3
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Final

from etalon_server.durable.encoding import Kept, sum_of
from etalon_server.durable.journal import CONTENTS_SCHEMA, KEEP, read_database

KEY_BYTES: Final = 16
_CACHE_KIB: Final = 16 * 1024
_BODY: Final = "SELECT shelf, sum, body FROM contents WHERE key = ? ORDER BY rank DESC LIMIT 1"
_SHELF: Final = "SELECT key, sum, body FROM contents WHERE shelf = ? ORDER BY rank"


class ContentDamagedError(RuntimeError):
    """Something kept is not what was received."""

    def __init__(self, key: bytes) -> None:
        """Name what is damaged."""
        super().__init__(
            f"what is kept under {key.hex()} is not what was received: the file of the journal is "
            "damaged; restore the directory from a copy"
        )


def key_of(*parts: str) -> bytes:
    """Return what something is found by: a digest, so that no index of a file holds a matricule."""
    return blake2b("\n".join(parts).encode(), digest_size=KEY_BYTES).digest()


class Contents:
    """What is kept beside commands."""

    __slots__ = ("_database", "_is_own", "_shelved", "_waiting")

    def __init__(self, journal: Path | None) -> None:
        """Open what stands beside a journal, or a place of its own that nothing outlives.

        It may be opened on one thread and used on another, but never on two at once.

        Args:
            journal: The database of a journal that is open for writing, or None.

        Raises:
            sqlite3.Error: It cannot be opened.
        """
        self._is_own = journal is None
        self._database = _temporary() if journal is None else read_database(journal)
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}").fetchall()
        self._waiting: dict[bytes, Kept] = {}
        self._shelved: dict[bytes, list[Kept]] = {}

    def hold(self, kept: Sequence[Kept]) -> None:
        """Keep what came with an accepted command; the journal writes it too, if there is one."""
        if self._is_own:
            rows = [(0, one.key, one.shelf, sum_of(one), one.body) for one in kept]
            self._database.executemany(KEEP, rows)
            return
        for one in kept:
            self._waiting[one.key] = one
            if one.shelf:
                self._shelved.setdefault(one.shelf, []).append(one)

    def let_go(self, kept: Sequence[Kept]) -> None:
        """Forget what is on the disk by now."""
        for one in kept:
            if self._waiting.get(one.key) is one:
                del self._waiting[one.key]
            if one.shelf and (held := self._shelved.get(one.shelf)):
                held[:] = [other for other in held if other is not one]
                if not held:
                    del self._shelved[one.shelf]

    def body(self, key: bytes) -> bytes | None:
        """Return what is kept under a key, or None.

        Raises:
            ContentDamagedError: It is not what was received.
        """
        waits = self._waiting.get(key)
        if waits is not None:
            return waits.body
        for shelf, summed, body in self._database.execute(_BODY, (key,)).fetchall():
            return _whole(Kept(key, body, shelf), summed)
        return None

    def shelf(self, shelf: bytes) -> list[tuple[bytes, bytes]]:
        """Return what stands together on a shelf, as keys and bodies, in the order it came.

        Raises:
            ContentDamagedError: Something is not what was received.
        """
        rows = self._database.execute(_SHELF, (shelf,)).fetchall()
        found = {key: _whole(Kept(key, body, shelf), summed) for key, summed, body in rows}
        found.update((one.key, one.body) for one in self._shelved.get(shelf, ()))
        return list(found.items())

    def clear(self) -> None:
        """Forget everything that nothing outlives; what stands beside a journal stays."""
        if self._is_own:
            self._database.execute("DELETE FROM contents")

    def close(self) -> None:
        """Close the file."""
        self._database.close()


def _temporary() -> sqlite3.Connection:
    """Return a database without a name, which the system takes away with the process."""
    database = sqlite3.connect("", isolation_level=None, check_same_thread=False)
    for setting in ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE"):
        database.execute(f"PRAGMA {setting}").fetchall()
    for statement in CONTENTS_SCHEMA:
        database.execute(statement)
    return database


def _whole(kept: Kept, summed: bytes) -> bytes:
    if sum_of(kept) != summed:
        raise ContentDamagedError(kept.key)
    return kept.body
