"""What was received and the model does not keep: resources as they came, bytes of documents.

With a directory they stand in the journal's database, written in the group commit of the command
that brought them; without one, in a file that has no name and is gone with the process. Memory
holds those that wait for the disk, and no others (decision 0083).
"""

import os
from collections.abc import Sequence
from hashlib import blake2b
from pathlib import Path
from tempfile import TemporaryFile
from typing import TYPE_CHECKING, Final, Protocol

from etalon_server.durable.encoding import Kept, sum_of
from etalon_server.durable.journal import read_database

if TYPE_CHECKING:
    from io import FileIO

KEY_BYTES: Final = 16
_CACHE_KIB: Final = 16 * 1024
_WAITING_BYTES: Final = 256 * 1024
"""How much waits in memory to be written at once."""
_KEYS_MOST: Final = 64
# No ORDER BY here: SQLite would read the whole table in that order.
_BODIES: Final = [
    f"SELECT rank, key, shelf, sum, body FROM contents WHERE key IN ({','.join('?' * count)})"  # noqa: S608 (marks only)
    for count in range(_KEYS_MOST + 1)
]
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


class Contents(Protocol):
    """What is kept beside commands."""

    def hold(self, kept: Sequence[Kept]) -> None:
        """Keep what came with an accepted command; the journal writes it too, if there is one."""
        ...

    def let_go(self, kept: Sequence[Kept]) -> None:
        """Forget what is on the disk by now."""
        ...

    def body(self, key: bytes) -> bytes | None:
        """Return what is kept under a key, or None.

        Raises:
            ContentDamagedError: It is not what was received.
        """
        ...

    def bodies(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return what is kept under some keys, each that is there.

        Raises:
            ContentDamagedError: Something is not what was received.
        """
        ...

    def shelf(self, shelf: bytes) -> list[bytes]:
        """Return what stands together on a shelf, in the order it came.

        Raises:
            ContentDamagedError: Something is not what was received.
        """
        ...

    def clear(self) -> None:
        """Forget everything that nothing outlives; what stands beside a journal stays."""
        ...

    def close(self) -> None:
        """Close the file."""
        ...


class JournalContents:
    """What stands beside the commands of a journal; memory holds what waits for the disk."""

    __slots__ = ("_database", "_shelved", "_waiting")

    def __init__(self, journal: Path) -> None:
        """Open what stands beside a journal that is open for writing.

        It may be opened on one thread and used on another, but never on two at once.

        Raises:
            sqlite3.Error: It cannot be opened.
        """
        self._database = read_database(journal)
        self._database.execute(f"PRAGMA cache_size = -{_CACHE_KIB}").fetchall()
        self._waiting: dict[bytes, Kept] = {}
        self._shelved: dict[bytes, list[Kept]] = {}

    def hold(self, kept: Sequence[Kept]) -> None:
        """Keep in memory what the journal was given to write."""
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
        return self.bodies((key,)).get(key)

    def bodies(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return what is kept under some keys, each that is there.

        Raises:
            ContentDamagedError: Something is not what was received.
        """
        found = {key: self._waiting[key].body for key in keys if key in self._waiting}
        asked = [key for key in keys if key not in found]
        for start in range(0, len(asked), _KEYS_MOST):
            some = asked[start : start + _KEYS_MOST]
            query = _BODIES[len(some)]
            # Of two with the same key the later one counts: it comes last.
            for _, key, shelf, summed, body in sorted(self._database.execute(query, some)):
                found[key] = _whole(Kept(key, body, shelf), summed)
        return found

    def shelf(self, shelf: bytes) -> list[bytes]:
        """Return what stands together on a shelf, in the order it came.

        Raises:
            ContentDamagedError: Something is not what was received.
        """
        rows = self._database.execute(_SHELF, (shelf,)).fetchall()
        found = {key: _whole(Kept(key, body, shelf), summed) for key, summed, body in rows}
        found.update((one.key, one.body) for one in self._shelved.get(shelf, ()))
        return list(found.values())

    def clear(self) -> None:
        """Do nothing: what a journal answered for is never dropped."""

    def close(self) -> None:
        """Close the file."""
        self._database.close()


class PassingContents:
    """What nothing outlives: a file without a name, and where things stand in it.

    What came last waits in memory until there is enough of it for one write.
    """

    __slots__ = ("_end", "_file", "_places", "_shelves", "_waiting", "_written")

    def __init__(self) -> None:
        """Begin with nothing; the file is made when there is something to keep."""
        self._file: FileIO | None = None
        self._written = self._end = 0
        self._waiting: dict[int, bytes] = {}
        self._places: dict[bytes, tuple[int, int]] = {}
        self._shelves: dict[bytes, list[bytes]] = {}

    def hold(self, kept: Sequence[Kept]) -> None:
        """Keep it for the file, or write what waits for it.

        Raises:
            OSError: The system has no room for it.
        """
        waiting = self._end - self._written
        if waiting and waiting + sum([len(one.body) for one in kept]) > _WAITING_BYTES:
            self._write()
        for one in kept:
            if one.shelf and one.key not in self._places:
                self._shelves.setdefault(one.shelf, []).append(one.key)
            self._places[one.key] = (self._end, len(one.body))
            self._waiting[self._end] = one.body
            self._end += len(one.body)

    def _write(self) -> None:
        if self._file is None:
            self._file = TemporaryFile(buffering=0)  # noqa: SIM115 (it stays open)
        # At its place, not where the last write stopped: one that failed leaves no hole.
        _write_all(self._file.fileno(), b"".join(self._waiting.values()), self._written)
        self._written = self._end
        self._waiting.clear()

    def let_go(self, kept: Sequence[Kept]) -> None:
        """Do nothing: nothing waits for a disk."""

    def body(self, key: bytes) -> bytes | None:
        """Return what is kept under a key, or None."""
        place = self._places.get(key)
        if place is None:
            return None
        start, size = place
        if start in self._waiting:
            return self._waiting[start][:size]
        return os.pread(self._file.fileno(), size, start) if self._file is not None else b""

    def bodies(self, keys: Sequence[bytes]) -> dict[bytes, bytes]:
        """Return what is kept under some keys, each that is there."""
        return {key: body for key in keys if (body := self.body(key)) is not None}

    def shelf(self, shelf: bytes) -> list[bytes]:
        """Return what stands together on a shelf, in the order it came."""
        bodies = (self.body(key) for key in self._shelves.get(shelf, ()))
        return [body for body in bodies if body is not None]

    def clear(self) -> None:
        """Forget everything."""
        self._places.clear()
        self._shelves.clear()
        self._waiting.clear()
        self._written = self._end = 0
        self.close()

    def close(self) -> None:
        """Let the file go."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _write_all(file: int, bodies: bytes, at: int) -> None:
    written = os.pwrite(file, bodies, at)
    while written < len(bodies):
        written += os.pwrite(file, bodies[written:], at + written)


def _whole(kept: Kept, summed: bytes) -> bytes:
    if sum_of(kept) != summed:
        raise ContentDamagedError(kept.key)
    return kept.body
