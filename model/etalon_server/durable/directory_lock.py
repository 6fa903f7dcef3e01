"""The lock of a data directory: one server at a time."""

import os
import sys
from pathlib import Path
from typing import Final

from etalon_server.durable.failures import DirectoryRefusedError

_NAME: Final = "lock"


class DirectoryLock:
    """Held while it is open, and let go by the system when the process ends, however it ends."""

    __slots__ = ("_file",)

    def __init__(self, directory: Path) -> None:
        """Take the lock of a directory, which is made if there is none.

        Raises:
            DirectoryRefusedError: Another process holds it, or nothing can be written there.
        """
        file = directory / _NAME
        try:
            directory.mkdir(parents=True, exist_ok=True)
            self._file = os.open(file, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            found = f"nothing can be written here: {error.strerror or error}"
            advice = "give a directory that this user may write to"
            raise DirectoryRefusedError(directory, "", found, advice) from error
        if not _taken(self._file):
            os.close(self._file)
            found = "another server runs on this directory"
            raise DirectoryRefusedError(file, "", found, "stop it, or give another directory")

    def release(self) -> None:
        """Let the directory go."""
        os.close(self._file)


def _taken(file: int) -> bool:
    try:
        if sys.platform == "win32":
            import msvcrt  # noqa: PLC0415 (there is none elsewhere)

            msvcrt.locking(file, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl  # noqa: PLC0415 (there is none on Windows)

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
