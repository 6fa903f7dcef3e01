"""Refuses results of a form that came after this version, before a command makes use of them."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from etalon_cli.stopping import because
from etalon_reports.record import LaterFormError, RunFileError, read_record

_FORMED: Final = ("run.json", "verdicts.json", "summary.json", "capacity.json")
"""Files whose form says how the rest of a run directory is to be read."""


def of_a_known_form(typed: str | Path) -> Path:
    """Return a run directory, or a JSON file of one, that is not of a later form.

    Whether it is one at all is for the command to say.

    Raises:
        Stopped: It is of a later form; the message names the version to install.
    """
    path = Path(typed)
    files = [path / name for name in _FORMED] if path.is_dir() else [path]
    for file in files:
        if file.suffix == ".json" and file.is_file():
            _refuse_later(path, file)
    return path


def _refuse_later(path: Path, file: Path) -> None:
    try:
        read_record(file)
    except LaterFormError as error:
        raise because(reason="run_directory_invalid", file=path, problem=str(error)) from error
    except RunFileError:
        return
