"""What SQLite's write-ahead log still holds, frame after frame, and where it stops being whole.

SQLite reads such a file up to the first frame whose checksum is wrong and says nothing of the rest,
which is right after a torn write and wrong after any other damage. Here the rest is looked at.

Source: format of the SQLite database file, section 4 (write-ahead log).
"""

import struct
from dataclasses import dataclass
from itertools import accumulate
from pathlib import Path
from typing import Final

from etalon_server.durable.failures import DirectoryRefusedError

HEADER_BYTES: Final = 32
FRAME_HEAD_BYTES: Final = 24
_MAGIC: Final = {0x377F0682: "<", 0x377F0683: ">"}
_WORD: Final = 0xFFFFFFFF
_SALTS: Final = slice(8, 16)


@dataclass(frozen=True, slots=True)
class LogExtent:
    """How far a write-ahead log is whole.

    Attributes:
        whole: Offset, in bytes, of the end of the last whole frame.
        commits: How many transactions end before that.
        later_commits: How many ends of transactions of the same log stand after it.
    """

    whole: int
    commits: int
    later_commits: int


def extent_of(file: Path) -> LogExtent:
    """Return how far the write-ahead log of a database is whole; nothing when there is none.

    Raises:
        DirectoryRefusedError: Its head is damaged, and frames follow.
    """
    content = file.read_bytes() if file.exists() else b""
    if len(content) < HEADER_BYTES or not any(content):
        return LogExtent(0, 0, 0)
    magic, _, page, _ = struct.unpack_from(">4I", content)
    order = _MAGIC.get(magic)
    sums = (0, 0) if order is None else _sums(order, content[:24], (0, 0))
    if order is None or struct.pack(">2I", *sums) != content[24:HEADER_BYTES]:
        found = "the head of the write-ahead log is damaged, and committed frames follow it"
        if len(content) > HEADER_BYTES:
            raise DirectoryRefusedError(file, "offset 0", found)
        return LogExtent(0, 0, 0)
    return _extent(content, order, FRAME_HEAD_BYTES + (page or 1 << 16), sums)


def _extent(content: bytes, order: str, size: int, sums: tuple[int, int]) -> LogExtent:
    salts = content[16:24]
    whole, commits, later = HEADER_BYTES, 0, 0
    is_whole = True
    for start in range(HEADER_BYTES, len(content), size):
        frame = content[start : start + size]
        if frame[_SALTS] != salts:
            is_whole = False
            continue
        ends = frame[4:8] != bytes(4)
        if is_whole and len(frame) == size:
            sums = _sums(order, frame[:8] + frame[FRAME_HEAD_BYTES:], sums)
            is_whole = struct.pack(">2I", *sums) == frame[16:FRAME_HEAD_BYTES]
        else:
            is_whole = False
        if is_whole:
            whole = start + size
            commits += ends
        else:
            later += ends
    return LogExtent(whole, commits, later)


def _sums(order: str, content: bytes, sums: tuple[int, int]) -> tuple[int, int]:
    """Return the running checksum after as many words of 32 bits as `content` holds."""
    words = struct.unpack(f"{order}{len(content) // 4}I", content)

    def step(before: tuple[int, int], pair: tuple[int, int]) -> tuple[int, int]:
        first = (before[0] + pair[0] + before[1]) & _WORD
        return first, (before[1] + pair[1] + first) & _WORD

    *_, last = accumulate(zip(words[::2], words[1::2], strict=True), step, initial=sums)
    return last
