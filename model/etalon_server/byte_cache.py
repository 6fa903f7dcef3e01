"""What is encoded once and sent again: versions of documents, measures, by what a reader is shown.

An entry belongs to one object that never changes, such as a version of a document: a new version is
another object and never finds the bytes of the old one. What was used longest ago goes first.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from typing import Final

MEGABYTE: Final = 1024 * 1024
_OVERHEAD_BYTES: Final = 256
"""What an entry weighs besides its bytes."""


class ByteCache:
    """Bytes by what they show and by shape, bounded.

    Attributes:
        size_bytes: What is held, in bytes.
        hits: How often bytes were found.
        misses: How often they were not.
    """

    __slots__ = ("_entries", "_most_bytes", "hits", "misses", "size_bytes")

    def __init__(self, megabytes: int) -> None:
        """Hold at most so many megabytes; none holds nothing."""
        self._most_bytes = megabytes * MEGABYTE
        # What is shown is held with its bytes, so that its identity stands for nothing else.
        self._entries: OrderedDict[tuple[int, Hashable], tuple[object, bytes]] = OrderedDict()
        self.size_bytes = 0
        self.hits = 0
        self.misses = 0

    def __len__(self) -> int:
        """Return how many entries are held."""
        return len(self._entries)

    def get(self, shown: object, shape: Hashable) -> bytes | None:
        """Return the bytes of something in a shape, or None."""
        key = (id(shown), shape)
        found = self._entries.get(key)
        if found is None:
            self.misses += 1
            return None
        self.hits += 1
        self._entries.move_to_end(key)
        return found[1]

    def get_all(self, shown: Iterable[object], shapes: Iterable[Hashable]) -> list[bytes | None]:
        """Return the bytes of several things, each in its shape, or None for each of them."""
        # As `get` does, without a call for each: a page holds many.
        entries, seen = self._entries, self._entries.move_to_end
        bodies: list[bytes | None] = []
        for one, shape in zip(shown, shapes, strict=True):
            key = (id(one), shape)
            found = entries.get(key)
            if found is None:
                self.misses += 1
                bodies.append(None)
            else:
                seen(key)
                bodies.append(found[1])
        self.hits += len(bodies) - bodies.count(None)
        return bodies

    def put(self, shown: object, shape: Hashable, body: bytes) -> None:
        """Hold the bytes of something in a shape, unless they alone are too many."""
        weight = len(body) + _OVERHEAD_BYTES
        key = (id(shown), shape)
        if weight > self._most_bytes or key in self._entries:
            return
        self._entries[key] = (shown, body)
        self.size_bytes += weight
        while self.size_bytes > self._most_bytes:
            _, (_, gone) = self._entries.popitem(last=False)
            self.size_bytes -= len(gone) + _OVERHEAD_BYTES

    def clear(self) -> None:
        """Let everything go."""
        self._entries.clear()
        self.size_bytes = 0
