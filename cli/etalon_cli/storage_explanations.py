"""What directories and disks refuse, told as entries of the error catalogue."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from etalon_cli.stopping import because
from etalon_scenarios.run_directory import StorageError, UnusableDirectoryError
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Generator

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
