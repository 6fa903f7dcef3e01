"""Objectives of a run: which share of the requests of a step is right within which bound.

A file of objectives is TOML:

    [[objective]]
    journey = "holder"
    step = "log-in"            # left out: every step of the journey
    within = "500 ms"
    share = 99.0               # per cent
    wrong = 0.0                # per cent of wrong answers borne; left out: none
    failed = 0.1               # per cent of failures borne; left out: what `share` leaves

    [steady]                   # asked of a soak alone
    memory_each = "2 kB"       # what a server may keep of what it is sent, for each answer
"""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Final, cast

from etalon_load.measures import Step

_BOUND: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(ms|s)")
_UNITS: Final = {"ms": 1_000, "s": 1_000_000}
_KEYS: Final = frozenset({"journey", "step", "within", "share", "wrong", "failed"})
_ALL: Final = 100.0
_SIZE: Final = re.compile(r"(\d+(?:\.\d+)?)\s*(B|kB|MB)")
_BYTES: Final = {"B": 1, "kB": 1_000, "MB": 1_000_000}
_STEADY: Final = "steady"
_MEMORY_EACH: Final = "memory_each"


def default_file() -> Path:
    """Return the file of objectives that comes with Étalon: bounds of ours, none was published."""
    return Path(str(files("etalon_load") / "data/objectives.toml"))


class ObjectivesError(ValueError):
    """A file of objectives that is none."""


@dataclass(frozen=True, slots=True)
class Objective:
    """What one step, or every step of a journey, has to reach.

    Attributes:
        journey: Which journey.
        step: Which step, or an empty string for all of the journey.
        within: The bound (µs) from the intended start.
        share: The share of requests that are right and within the bound, from 0 to 1.
        wrong: The share of wrong answers that is borne.
        failed: The share of failures that is borne.
    """

    journey: str
    step: str
    within: int
    share: float
    wrong: float
    failed: float

    def __str__(self) -> str:
        """Write what it is about, as reports name it."""
        return f"{self.journey}/{self.step}" if self.step else self.journey


def read_objectives(file: Path, journeys: Mapping[str, Iterable[str]]) -> tuple[Objective, ...]:
    """Read a file of objectives.

    Args:
        file: In TOML.
        journeys: The steps of each journey there is.

    Raises:
        ObjectivesError: It cannot be read, or names what there is not; the message says where, what
            was found, and what was expected.
    """
    read = _read(file)
    rows = read.get("objective")
    if not {"objective"} <= read.keys() <= {"objective", _STEADY} or not (
        isinstance(rows, list) and rows
    ):
        message = (
            f"{file}: one table [[objective]] at least, [steady], and nothing else is expected"
        )
        raise ObjectivesError(message)
    steps = {journey: frozenset(names) for journey, names in journeys.items()}
    made = [
        _objective(f"{file}: objective {rank}", row, steps)
        for rank, row in enumerate(cast("list[object]", rows), 1)
    ]
    _refuse_twice(file, made)
    return tuple(made)


def read_memory_each(file: Path) -> float:
    """Read how many bytes a server may keep for each answer of a soak; 0 where none is said.

    Raises:
        ObjectivesError: The file cannot be read, or says something else.
    """
    table = _read(file).get(_STEADY, {})
    if not isinstance(table, dict) or not table.keys() <= {_MEMORY_EACH}:
        message = f"{file}: [{_STEADY}] holds {_MEMORY_EACH} and nothing else"
        raise ObjectivesError(message)
    written = cast("dict[str, object]", table).get(_MEMORY_EACH, "0 B")
    match = _SIZE.fullmatch(written) if isinstance(written, str) else None
    if match is None:
        message = f'{file}: {_MEMORY_EACH} = {written!r}; expected a size such as "2 kB"'
        raise ObjectivesError(message)
    return float(match[1]) * _BYTES[match[2]]


def _read(file: Path) -> dict[str, object]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        message = f"{file}: {error.strerror}"
        raise ObjectivesError(message) from error
    except (ValueError, RecursionError) as error:
        message = f"{file}: {error}"
        raise ObjectivesError(message) from error


def _objective(where: str, row: object, steps: Mapping[str, frozenset[str]]) -> Objective:
    if not isinstance(row, dict):
        message = f"{where}: a table is expected"
        raise ObjectivesError(message)
    table = cast("dict[str, object]", row)
    unknown = sorted(table.keys() - _KEYS)
    if unknown:
        message = f"{where}: {unknown[0]} is not known; known are {', '.join(sorted(_KEYS))}"
        raise ObjectivesError(message)
    journey = table.get("journey")
    if not isinstance(journey, str) or journey not in steps:
        known = ", ".join(sorted(steps))
        message = f"{where}: journey = {journey!r} is no journey; there are {known}"
        raise ObjectivesError(message)
    step = table.get("step", "")
    if not isinstance(step, str) or (step and step not in steps[journey]):
        known = ", ".join(sorted(steps[journey]))
        message = f"{where}: step = {step!r} is no step of {journey}; its steps are {known}"
        raise ObjectivesError(message)
    share = _share(where, table, "share", None)
    failed = _share(where, table, "failed", 1 - share)
    wrong = _share(where, table, "wrong", 0.0)
    return Objective(journey, step, _bound(where, table.get("within")), share, wrong, failed)


def _bound(where: str, written: object) -> int:
    match = _BOUND.fullmatch(written) if isinstance(written, str) else None
    bound = round(float(match[1]) * _UNITS[match[2]]) if match else 0
    if bound < 1:
        message = f'{where}: within = {written!r}; expected a time such as "500 ms" or "2 s"'
        raise ObjectivesError(message)
    return bound


def _share(where: str, table: Mapping[str, object], key: str, usual: float | None) -> float:
    value = table.get(key)
    if value is None and usual is not None:
        return usual
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= _ALL:
        message = f"{where}: {key} = {value!r}; expected per cent, from 0 to 100"
        raise ObjectivesError(message)
    return value / _ALL


def _refuse_twice(file: Path, objectives: Iterable[Objective]) -> None:
    seen: set[str] = set()
    for objective in objectives:
        if str(objective) in seen:
            message = f"{file}: two objectives are about {objective}: keep one"
            raise ObjectivesError(message)
        seen.add(str(objective))


def bounds_of(
    objectives: Iterable[Objective], journeys: Mapping[str, Iterable[str]]
) -> dict[Step, int]:
    """Return the bound (µs) of each step; that of a step goes before that of its journey."""
    ordered = sorted(objectives, key=lambda one: bool(one.step))
    bounds: dict[Step, int] = {}
    for objective in ordered:
        names = (objective.step,) if objective.step else journeys[objective.journey]
        bounds.update({Step(objective.journey, name): objective.within for name in names})
    return bounds
