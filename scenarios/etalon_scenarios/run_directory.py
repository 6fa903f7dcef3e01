"""Where a run lands: one directory, written file by file, complete or marked partial.

A file is either absent or whole: it is written beside its final name and renamed. `run.json`
is written first with status `partial`; only the last act of a run changes it to `complete`, so
that a run that was killed never passes for a finished one.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import sys
import weakref
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping, Sequence

Json: TypeAlias = "bool | int | float | str | Sequence[Json] | Mapping[str, Json] | None"
"""What a JSON file of a run may hold."""

RUN_FILE: Final = "run.json"
DEFAULT_PARENT: Final = "runs"
_UNFINISHED_SUFFIX: Final = ".unfinished"
_FULL: Final = frozenset({errno.ENOSPC, errno.EDQUOT})


class UnusableDirectoryError(Exception):
    """The directory asked for cannot receive a run, and the user can mend it.

    Attributes:
        path: The directory as given.
        reason: `not_empty`, `not_a_directory`, `not_writable` or `nothing_to_resume`.
        found: What stood in the way: an entry of the directory, or the system's words.
    """

    def __init__(self, path: Path, reason: str, found: str) -> None:
        """State which directory, why not, and what was found there."""
        super().__init__(f"{path}: {reason}: {found}")
        self.path = path
        self.reason = reason
        self.found = found


class StorageError(Exception):
    """The storage refused a file in the middle of a run: disk full, or gone.

    Attributes:
        path: The file that could not be written.
        full: Whether the disk or the quota is exhausted.
        found: The system's words.
    """

    def __init__(self, path: Path, found: str, *, full: bool) -> None:
        """State which file, what the system said, and whether room is lacking."""
        super().__init__(f"{path}: {found}")
        self.path = path
        self.full = full
        self.found = found


@dataclass(frozen=True, slots=True, weakref_slot=True)
class RunDirectory:
    """A directory that receives the files of one run.

    Attributes:
        path: The directory, which exists and is writable.
    """

    path: Path

    def write_json(self, name: str, content: Json) -> Path:
        """Write `content` as indented UTF-8 JSON, whole or not at all.

        Raises:
            StorageError: The disk is full or refused the file.
        """
        text = json.dumps(content, ensure_ascii=False, indent=2, allow_nan=False)
        return self.write_text(name, text + "\n")

    def write_text(self, name: str, text: str) -> Path:
        """Write `text` in UTF-8 with line feeds, whole or not at all.

        Raises:
            StorageError: The disk is full or refused the file.
        """
        with self.whole(name) as unfinished:
            write_durably(unfinished, text)
        return self.path / name

    @contextmanager
    def whole(self, name: str) -> Generator[Path]:
        """Give a path to write to, which becomes the file `name` once the block succeeds.

        Raises:
            StorageError: The block or the renaming failed for want of storage.
        """
        final = self.path / name
        unfinished = self.path / (name + _UNFINISHED_SUFFIX)
        try:
            yield unfinished
            os.replace(unfinished, final)  # noqa: PTH105 (Path.replace has no more to say)
        except OSError as error:
            raise storage_error(final, error) from error
        finally:
            _remove_quietly(unfinished)

    def read_json(self, name: str) -> Json:
        """Read a JSON file of the run.

        Raises:
            OSError: The file is missing or unreadable.
            ValueError: The file is not JSON in UTF-8.
        """
        try:
            content: Json = json.loads((self.path / name).read_text(encoding="utf-8"))
        except RecursionError as error:
            message = "nested too deeply"
            raise ValueError(message) from error
        return content


def storage_error(path: Path, error: OSError) -> StorageError:
    """Translate what the system said about `path`."""
    return StorageError(path, error.strerror or str(error), full=error.errno in _FULL)


def write_durably(path: Path, text: str) -> None:
    """Write `text` to `path` and wait until the storage holds it.

    Raises:
        OSError: As the system says.
    """
    with path.open("w", encoding="utf-8", newline="\n") as stream:
        stream.write(text)
        stream.flush()
        os.fsync(stream.fileno())


def new_run_directory(out: Path | None, *, command: str, name: str, seed: int) -> RunDirectory:
    """Make the directory of a run, or accept an empty one.

    Args:
        out: The directory asked for; None takes `runs/COMMAND-NAME-SEED-N`, next free N.
        command: The command that runs, for the default name.
        name: The scenario, for the default name; a path gives its stem.
        seed: The seed, for the default name.

    No two runs receive the same directory, even when they begin at the same instant and both are
    given its name: the second is refused it.

    Raises:
        UnusableDirectoryError: It is not empty, not a directory, not writable, or another run
            has just received it.
    """
    path = out if out is not None else _next_free(command, name, seed)
    try:
        path.mkdir(parents=True, exist_ok=True)
        received = RunDirectory(path)
        alone = _hold(received)
        entries = sorted(entry.name for entry in path.iterdir())
    except (FileExistsError, NotADirectoryError) as error:
        raise UnusableDirectoryError(path, "not_a_directory", _in_the_way(path)) from error
    except OSError as error:
        raise _unwritable(path, error) from error
    if entries or not alone:
        raise UnusableDirectoryError(path, "not_empty", (entries or [RUN_FILE])[0])
    return _writable(received)


def resumed_run_directory(out: Path, record: str = RUN_FILE) -> RunDirectory:
    """Accept the directory of an earlier run that is to be resumed.

    Args:
        out: The directory.
        record: The file that tells such a run.

    Raises:
        UnusableDirectoryError: It holds no run, or cannot be written.
    """
    if not (out / record).is_file():
        raise UnusableDirectoryError(out, "nothing_to_resume", record)
    return _writable(RunDirectory(out))


def sha256_of(path: Path) -> str:
    """Give the SHA-256 of a file, in hexadecimal.

    Raises:
        OSError: The file is missing or unreadable.
    """
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _hold(directory: RunDirectory) -> bool:
    """Keep other runs from a directory as long as this one has it; False where one came before.

    Between finding it empty and writing its first file another run could find it empty too. The
    system lets go when the process ends, however it ends. Where it holds no directory, as on
    Windows and on some network storage, nothing is kept from anybody.
    """
    if sys.platform == "win32":
        return True
    import fcntl  # noqa: PLC0415 (not on Windows)

    opened = os.open(directory.path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(opened)
        return False
    except OSError:
        os.close(opened)
        return True
    weakref.finalize(directory, os.close, opened)
    return True


def _writable(directory: RunDirectory) -> RunDirectory:
    path = directory.path
    probe = path / ("probe" + _UNFINISHED_SUFFIX)
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise _unwritable(path, error) from error
    return directory


def _unwritable(path: Path, error: OSError) -> UnusableDirectoryError | StorageError:
    """Tell a full disk, which nobody mends by another name, from a directory that refuses."""
    if error.errno in _FULL:
        return storage_error(path, error)
    return UnusableDirectoryError(path, "not_writable", error.strerror or str(error))


def _next_free(command: str, name: str, seed: int) -> Path:
    """Claim the next free default name; making the directory is the claim."""
    stem = re.sub(r"[^A-Za-z0-9._-]+", "-", Path(name).stem if "." in name else name)
    for number in count(1):
        path = Path(DEFAULT_PARENT) / f"{command}-{stem}-{seed}-{number}"
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            if not path.parent.is_dir():
                raise UnusableDirectoryError(path, "not_a_directory", _in_the_way(path)) from None
            continue
        except OSError as error:
            raise _unwritable(path, error) from error
        return path
    raise AssertionError  # pragma: no cover - count() never ends


def _in_the_way(path: Path) -> str:
    """Name the nearest thing on the way to `path` that is not a directory."""
    for place in (path, *path.parents):
        if place.exists() and not place.is_dir():
            return str(place)
    return str(path)


def _remove_quietly(path: Path) -> None:
    try:
        path.unlink(missing_ok=True)
    except OSError:
        # The disk that refused the file may refuse this too; the first refusal is the one to tell.
        return
