"""What directories and disks refuse, told as entries of the error catalogue."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from etalon_cli.stopping import because
from etalon_scenarios.run_directory import StorageError, UnusableDirectoryError, storage_error
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from etalon_cli.stopping import Stopped
    from etalon_text.language import Language

_KEY_BY_REASON: Final = {
    "not_empty": "out_not_empty",
    "not_a_directory": "out_not_writable",
    "not_writable": "out_not_writable",
    "nothing_to_resume": "out_nothing_to_resume",
}


@contextmanager
def storage_explained(language: Language) -> Generator[None]:
    """Turn a directory or a disk that refuses into a `Stopped`; let everything else pass.

    Args:
        language: Of the words that frame a problem.

    Raises:
        Stopped: The block met one.
    """
    try:
        yield
    except UnusableDirectoryError as error:
        key = _KEY_BY_REASON[error.reason]
        problem = error.found
        if error.reason == "not_a_directory":
            problem = text("console.in_the_way", language, file=error.found)
        raise because(reason=key, file=error.path, problem=problem) from error
    except StorageError as error:
        key = "disk_full" if error.full else "storage_refused"
        raise because(reason=key, file=error.path, problem=error.found) from error


def cannot_write(file: Path, error: OSError, reason: str = "out_not_writable") -> Stopped:
    """Return what to raise where a file was refused: a full disk is nothing that a name mends.

    Args:
        file: The file, or the folder.
        error: What the system said.
        reason: The entry of the catalogue where the disk is not full.
    """
    refused = storage_error(file, error)
    if refused.full:
        return because(reason="file_disk_full", file=file)
    return because(reason=reason, file=file, problem=refused.found)
