"""The files of a run directory, each with its digest, and what differs between two such lists.

Later contests, later signatures and reports drawn again may join a signed directory; any other
file that comes, goes or changes is named.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

CONTESTS: Final = "contests"
SIGNATURES: Final = "signatures"
REDRAWN: Final = "redrawn"
"""Folder of reports drawn from a directory after it was signed: no signature covers it."""

_LATER: Final = re.compile(rf"(?:{CONTESTS}|{SIGNATURES})/[0-9]{{4}}\.json")


class UnsignableError(ValueError):
    """Something in a directory that cannot be signed: neither a file nor a folder.

    Attributes:
        path: Where it stands, relative to the directory.
    """

    def __init__(self, path: str) -> None:
        """Name it."""
        super().__init__(path)
        self.path = path


@dataclass(frozen=True, slots=True, order=True)
class FileDigest:
    """One file as it was read.

    Attributes:
        path: From the directory, with slashes.
        bytes: Its length.
        sha256: Its digest, in hexadecimal; empty for what is no regular file.
    """

    path: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Differences:
    """What became of signed files: paths, sorted."""

    changed: tuple[str, ...] = ()
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        """Whether there is any."""
        return bool(self.changed or self.added or self.removed)


def files_of(directory: Path) -> tuple[FileDigest, ...]:
    """Return every file below a directory, sorted by path; links are not followed.

    A link, a pipe or a device is given without a digest: whatever it leads to is not part of the
    directory. Reports drawn again after a signature are left out.

    Raises:
        OSError: A file or a folder cannot be read.
    """
    return tuple(sorted(_files_below(directory, directory)))


def _files_below(folder: Path, directory: Path) -> Iterator[FileDigest]:
    with os.scandir(folder) as entries:
        for entry in entries:
            path = Path(entry.path)
            name = path.relative_to(directory).as_posix()
            if entry.is_dir(follow_symlinks=False):
                if name != REDRAWN:
                    yield from _files_below(path, directory)
            elif entry.is_file(follow_symlinks=False):
                yield _read(path, name)
            else:
                yield FileDigest(name, 0, "")


def _read(path: Path, name: str) -> FileDigest:
    with path.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        return FileDigest(name, stream.tell(), digest)


def signable(files: Iterable[FileDigest]) -> tuple[FileDigest, ...]:
    """Return the files, once it is certain that each can be signed.

    Raises:
        UnsignableError: One of them is a link, a pipe or a device.
    """
    found = tuple(files)
    for one in found:
        if not one.sha256:
            raise UnsignableError(one.path)
    return found


def differences(signed: Iterable[FileDigest], present: Iterable[FileDigest]) -> Differences:
    """Return what differs from the files that were signed to those that are there."""
    before = {one.path: one for one in signed}
    after = {one.path: one for one in present}
    return Differences(
        changed=tuple(sorted(p for p in before.keys() & after.keys() if before[p] != after[p])),
        added=tuple(sorted(p for p in after.keys() - before.keys() if not may_be_added(p))),
        removed=tuple(sorted(before.keys() - after.keys())),
    )


def may_be_added(path: str) -> bool:
    """Tell whether a file may join a signed directory: a later contest, a later signature."""
    return _LATER.fullmatch(path) is not None
