"""The mark: the last sequence that was answered for, beside the journal, to notice what is lost.

It is written after each group commit and before the answers, and never forced to the disk: after
a loss of power it may be older than the journal, but never newer. A journal that ends before its
mark has lost commands that were answered.
"""

import os
from hashlib import blake2b
from pathlib import Path
from typing import Final

_SLOT_BYTES: Final = 64
_DIGITS: Final = 20


class Mark:
    """The file of the mark, open: two slots written in turn, so that one is always whole."""

    __slots__ = ("_file", "_turn")

    def __init__(self, file: Path) -> None:
        """Open the mark at `file`, made now if there is none."""
        self._file = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)
        self._turn = 0

    def put(self, sequence: int) -> None:
        """Say that everything up to `sequence` is on the disk.

        Raises:
            OSError: It could not be written.
        """
        self._turn = 1 - self._turn
        os.lseek(self._file, self._turn * _SLOT_BYTES, os.SEEK_SET)
        os.write(self._file, _slot(sequence))

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def marked(file: Path) -> int:
    """Return the sequence that the mark at `file` holds; 0 when it holds none."""
    content = file.read_bytes() if file.exists() else b""
    slots = (content[start : start + _SLOT_BYTES] for start in (0, _SLOT_BYTES))
    return max(map(_sequence, slots))


def _slot(sequence: int) -> bytes:
    number = b"%0*d" % (_DIGITS, sequence)
    check = blake2b(number, digest_size=_DIGITS).hexdigest().encode()
    return (number + b" " + check).ljust(_SLOT_BYTES - 1) + b"\n"


def _sequence(slot: bytes) -> int:
    digits = slot[:_DIGITS]
    return int(digits) if digits.isdigit() and slot == _slot(int(digits)) else 0
