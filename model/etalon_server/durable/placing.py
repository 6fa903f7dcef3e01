"""A file that is there whole or not at all, whatever happens while it is written."""

import os
import sys
from pathlib import Path


def put_in_place(new: Path, file: Path) -> None:
    """Give a file that was written under another name its own, for good.

    The content is on the disk before the name is, and the name before this returns.

    Raises:
        OSError: The disk refused.
    """
    with new.open("rb+") as written:
        os.fsync(written.fileno())
    new.replace(file)
    if sys.platform != "win32":
        folder = os.open(file.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
