"""Files that `etalon model` writes and reads, with what may go wrong told to the user."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from etalon_cli.stopping import because
from etalon_cli.storage_explanations import cannot_write
from etalon_cli.whole_files import whole_file

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator
    from typing import TextIO


def write_new(file: Path, content: str) -> None:
    """Write a text file in UTF-8 with line feeds, its folder made when there is none.

    Raises:
        Stopped: It cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with whole_file(file) as stream:
            stream.write(content)
    except OSError as error:
        raise cannot_write(file, error) from error


@contextmanager
def written_journal(path: str) -> Generator[TextIO]:
    """Open a journal for writing; it is there once it is whole.

    Raises:
        Stopped: It cannot be written.
    """
    try:
        Path(path).parent.mkdir(parents=True, exist_ok=True)
        with whole_file(Path(path)) as file:
            yield file
    except OSError as error:
        raise cannot_write(Path(path), error) from error


def read_lines(path: str) -> Iterator[str]:
    """Yield the lines of a text file.

    Raises:
        Stopped: There is no such file, or it is no text in UTF-8.
    """
    try:
        with Path(path).open(encoding="utf-8") as file:
            yield from file
    except FileNotFoundError as error:
        raise because(reason="file_missing", file=path) from error
    except OSError as error:
        raise because(reason="journal", file=path, problem=error) from error
    except UnicodeDecodeError as error:
        problem = "the file is no UTF-8"
        raise because(reason="journal", file=path, problem=problem) from error
