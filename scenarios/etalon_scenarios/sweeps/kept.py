"""`kept-runs.jsonl`: the finished runs of a sweep, a line each, by key.

A line is written once its run has ended. A sweep that was stopped, or whose experiment has grown,
makes only the runs that are not there; failures are not kept, they are made again.
"""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Final

from etalon_scenarios.run_directory import storage_error
from etalon_scenarios.sweeps.tasks import outcome_from_json

if TYPE_CHECKING:
    from etalon_scenarios.run_directory import RunDirectory
    from etalon_scenarios.sweeps.tasks import Outcome

KEPT_FILE: Final = "kept-runs.jsonl"


def read_kept(directory: RunDirectory) -> dict[str, Outcome]:
    """Read the finished runs; a line that a kill cut short is removed.

    Raises:
        StorageError: The disk is full or refused the file.
    """
    kept: dict[str, Outcome] = {}
    whole: list[str] = []
    try:
        lines = (directory.path / KEPT_FILE).read_text(encoding="utf-8").splitlines(keepends=True)
    except (OSError, ValueError):
        lines = []
    for line in lines:
        try:
            outcome = outcome_from_json(json.loads(line))
        except (ValueError, KeyError, TypeError, RecursionError):
            continue
        if line.endswith("\n"):
            kept[outcome.key] = outcome
            whole.append(line)
    if len(whole) < len(lines):
        directory.write_text(KEPT_FILE, "".join(whole))
    return kept


def keep(directory: RunDirectory, outcome: Outcome) -> None:
    """Keep one finished run.

    Raises:
        StorageError: The disk is full or refused the line.
    """
    path = directory.path / KEPT_FILE
    try:
        with path.open("a", encoding="utf-8", newline="\n") as stream:
            line = json.dumps(outcome.as_json(), allow_nan=False, separators=(",", ":"))
            stream.write(line + "\n")
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise storage_error(path, error) from error
