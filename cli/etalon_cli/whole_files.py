"""Files that a command writes outside a run directory: whole, or not there."""

from __future__ import annotations

import os
from contextlib import contextmanager
from shutil import copymode
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path
    from typing import TextIO


@contextmanager
def whole_file(file: Path, mode: int = 0o666, *, is_new: bool = False) -> Generator[TextIO]:
    """Give a stream to write a text file with, which takes its name once the block succeeds.

    Args:
        file: Written in UTF-8 with line feeds. What is no file, as a pipe or `/dev/stdout`, is
            written to as it stands.
        mode: Who may do what with it, from its first byte on, less the umask.
        is_new: Whether none may stand there.

    Raises:
        FileExistsError: One stands there and it must be new.
        OSError: It cannot be written; nothing of it is left.
    """
    if is_new and (file.exists() or file.is_symlink()):
        raise FileExistsError(file)
    if file.exists() and not file.is_file():
        with file.open("w", encoding="utf-8", newline="\n") as stream:
            yield stream
        return
    there = file.resolve()
    unfinished = there.with_name(f"{there.name}.{os.getpid()}.unfinished")
    try:
        opened = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
        with os.fdopen(opened, "w", encoding="utf-8", newline="\n") as stream:
            yield stream
            stream.flush()
            os.fsync(opened)
        if there.exists():
            copymode(there, unfinished)
        unfinished.replace(there)
    finally:
        unfinished.unlink(missing_ok=True)
