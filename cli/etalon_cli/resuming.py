"""`--resume`: the directory to go on with, if it holds the beginning of what is asked for."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from etalon_cli.stopping import because
from etalon_scenarios.run_directory import RUN_FILE, resumed_run_directory
from etalon_scenarios.versions import installed_version

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from etalon_scenarios.run_directory import Json, RunDirectory


def out_asked(options: Namespace) -> Path | None:
    """Read `--out`, which `--resume` needs.

    Raises:
        Stopped: `--resume` stands alone: nothing says what to go on with.
    """
    if options.resume and options.out is None:
        raise because(reason="resume_needs_out")
    return None if options.out is None else Path(options.out)


def directory_resumed(
    out: Path, key: str, plan: Mapping[str, Json], inputs: Sequence[Mapping[str, str]]
) -> RunDirectory:
    """Accept a directory whose run has the same plan, version and files read.

    Args:
        out: The directory.
        key: Where its `run.json` holds the plan: `plan`, or `comparison`.
        plan: What is asked for.
        inputs: The files read, with their digests.

    Raises:
        UnusableDirectoryError: It holds no run, or cannot be written.
        Stopped: What is there is another run, or cannot be read.
    """
    directory = resumed_run_directory(out)
    asked = {**plan, "etalon_version": installed_version(), "inputs": list(inputs)}
    try:
        record = cast("Mapping[str, Json]", directory.read_json(RUN_FILE))
        there = {**cast("Mapping[str, Json]", record[key]), **_outside_the_plan(record)}
        apart = {what: there[what] for what in asked if there[what] != asked[what]}
    except (KeyError, TypeError) as error:
        lacking = error.args[0] if isinstance(error, KeyError) else key
        where = f"{RUN_FILE}, key {lacking}"
        problem = f"{where}: found nothing; expected a value (docs/reference/files.md)"
        raise because(reason="run_directory_invalid", file=out, problem=problem) from error
    except (OSError, ValueError) as error:
        raise because(
            reason="run_directory_invalid", file=out, problem=f"{RUN_FILE}: {error}"
        ) from error
    for what, found in apart.items():
        raise because(
            reason="resume_other_run", file=out, what=what, found=found, expected=asked[what]
        )
    return directory


def _outside_the_plan(record: Mapping[str, Json]) -> dict[str, Json]:
    return {what: record[what] for what in ("etalon_version", "inputs")}
