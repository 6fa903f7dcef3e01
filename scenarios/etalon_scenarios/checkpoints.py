"""Checkpoints: save a run at a date, go on from it later, or branch a policy off.

A checkpoint is a NumPy archive of plain arrays: the state of the cohort engine at the beginning
of a day, who has been seen so far, and a seal that says of which run it is. It serves the version
that wrote it and the scenario that it was written of; a policy that extends that scenario may
branch off: its law holds from the date of the checkpoint on, and the days before stay as they were.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from etalon_scenarios.versions import installed_version

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from numpy.typing import NDArray

    from etalon_scenarios.law import Law
    from etalon_scenarios.run_directory import RunDirectory
    from etalon_scenarios.scenario import Scenario

    Arrays = dict[str, NDArray[Any]]

FORMAT: Final = 1
SEAL: Final = "seal"
_ATTENDANCE: Final = "attendance/"
_STATE: Final = "state/"
_LIGHTLY: Final = 1
"""Level of compression: a fifth of the size for 0.1 CPU seconds a million people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """Of which run a checkpoint is.

    Attributes:
        version: Version of the program that wrote it.
        scenario: Name of the scenario.
        scenario_digest: Digest of the scenario, every value in it.
        law_digest: Digest of the law of the run.
        files: Digests of the scenario files, each followed by the one that it extends.
        changes: Changes asked for on the command line.
        people_digest: Digest of what makes the people and their days: a branch must share it.
        seed: Seed of every draw.
        population: People at the start.
        days: Days of the run.
        day: The day that begins.
        reach: Attention that a law may come to: that of this one in a seal that is wanted, the
            highest that would serve in the seal of a checkpoint.
        format: Layout of the file.
    """

    version: str
    scenario: str
    scenario_digest: str
    law_digest: str
    files: tuple[str, ...]
    changes: tuple[str, ...]
    people_digest: str
    seed: int
    population: int
    days: int
    day: int
    reach: int
    format: int = FORMAT


class CheckpointError(Exception):
    """A checkpoint that cannot serve this run.

    Attributes:
        path: The file.
        reason: `unreadable`, `version`, `scenario`, `people`, `seed`, `population`, `days`,
            `attention` for a policy that stirs people more than a branch may, or `date` for a day
            that the run does not hold.
        found: What the checkpoint says: for a scenario, its digest.
        expected: What this run needs.
    """

    def __init__(self, path: Path, *, reason: str, found: str, expected: str) -> None:
        """State which file, what it says and what would serve."""
        super().__init__(f"{path}: {reason}: found {found}, expected {expected}")
        self.path = path
        self.reason = reason
        self.found = found
        self.expected = expected


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a checkpoint file holds.

    Attributes:
        seal: Of which run it is.
        state: State of the engine at the beginning of the day.
        attendance: Who was seen before it.
    """

    seal: Seal
    state: Arrays
    attendance: Arrays


def checkpoint_name(on: date) -> str:
    """Return the name of the file that holds the beginning of a day."""
    return f"checkpoint-{on.isoformat()}.npz"


def seal_of(  # noqa: PLR0913 (what a run depends on, each by its name)
    scenario: Scenario, law: Law, *, seed: int, population: int, day: int, reach: int
) -> Seal:
    """Seal the state of a run at the beginning of a day."""
    return Seal(
        version=installed_version(),
        scenario=scenario.name,
        scenario_digest=scenario_digest(scenario),
        law_digest=law.digest,
        files=_scenario_files(scenario),
        changes=scenario.changes,
        people_digest=_people_digest(scenario),
        seed=seed,
        population=population,
        days=law.days,
        day=day,
        reach=reach,
    )


def scenario_digest(scenario: Scenario) -> str:
    """Return the SHA-256 of a scenario: all its values, and the files that it was read from."""
    files = [sha256 for role, _, sha256 in scenario.inputs() if role != "scenario"]
    return _digest(scenario.model_dump_json(), *files)


def _people_digest(scenario: Scenario) -> str:
    population = scenario.population.model_dump_json()
    people = [sha256 for role, _, sha256 in scenario.inputs() if role == "population.table"]
    return _digest(population, scenario.starts_on.isoformat(), scenario.enrolment.mode, *people)


def _scenario_files(scenario: Scenario) -> tuple[str, ...]:
    return tuple(sha256 for role, _, sha256 in scenario.inputs() if role == "scenario")


def _digest(*texts: str) -> str:
    return hashlib.sha256("\n".join(texts).encode()).hexdigest()


def write_checkpoint(directory: RunDirectory, name: str, checkpoint: Checkpoint) -> None:
    """Write a checkpoint, whole or not at all.

    Raises:
        StorageError: The disk is full or refused the file.
    """
    text = json.dumps(asdict(checkpoint.seal), separators=(",", ":"))
    arrays = {
        SEAL: np.frombuffer(text.encode(), np.uint8),
        **{_STATE + key: value for key, value in checkpoint.state.items()},
        **{_ATTENDANCE + key: value for key, value in checkpoint.attendance.items()},
    }
    # As `np.savez_compressed`, which spends five times as long on a file hardly smaller.
    with (
        directory.whole(name) as unfinished,
        zipfile.ZipFile(unfinished, "w", zipfile.ZIP_DEFLATED, compresslevel=_LIGHTLY) as archive,
    ):
        for key, array in arrays.items():
            with archive.open(f"{key}.npy", "w", force_zip64=True) as stream:
                np.lib.format.write_array(stream, array, allow_pickle=False)


def read_checkpoint(path: Path, *, whole: bool = True) -> Checkpoint:
    """Read a checkpoint, or its seal alone.

    Raises:
        CheckpointError: The file is missing, truncated, or no checkpoint of this layout.
    """
    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            wanted = archive.files if whole else [SEAL]
            arrays: Arrays = {name: archive[name] for name in wanted}
        seal = _seal_from(json.loads(arrays.pop(SEAL).tobytes()))
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile) as error:
        found = str(error).splitlines()[0] if str(error) else type(error).__name__
        raise CheckpointError(
            path, reason="unreadable", found=found, expected=f"a checkpoint, layout {FORMAT}"
        ) from error
    return Checkpoint(
        seal,
        {k.removeprefix(_STATE): v for k, v in arrays.items() if k.startswith(_STATE)},
        {k.removeprefix(_ATTENDANCE): v for k, v in arrays.items() if k.startswith(_ATTENDANCE)},
    )


def _seal_from(record: Any) -> Seal:  # noqa: ANN401 (JSON)
    if record["format"] != FORMAT:
        message = f"layout {record['format']}"
        raise ValueError(message)
    lists = {name: tuple(record[name]) for name in ("files", "changes")}
    return Seal(**(record | lists))


def check(path: Path, seal: Seal, wanted: Seal) -> None:
    """Make sure that a checkpoint serves a run: the same one, or a policy that branches off.

    Args:
        path: The file, for the message.
        seal: What the checkpoint says.
        wanted: The seal of the run that is to go on, at the same day.

    Raises:
        CheckpointError: It is of another version, scenario, seed, population or length.
    """
    same = seal.scenario_digest == wanted.scenario_digest
    extends = (
        wanted.files[-len(seal.files) :] == seal.files
        and wanted.changes[: len(seal.changes)] == seal.changes
    )
    answers = (
        ("version", seal.version, wanted.version, seal.version == wanted.version),
        ("scenario", seal.scenario_digest, wanted.scenario_digest, same or extends),
        ("people", seal.people_digest, wanted.people_digest, None),
        ("seed", str(seal.seed), str(wanted.seed), None),
        ("population", str(seal.population), str(wanted.population), None),
        ("days", str(seal.days), str(wanted.days), None),
        ("attention", str(seal.reach), str(wanted.reach), wanted.reach <= seal.reach),
    )
    for reason, found, expected, serves in answers:
        if not (found == expected if serves is None else serves):
            raise CheckpointError(path, reason=reason, found=found, expected=expected)
