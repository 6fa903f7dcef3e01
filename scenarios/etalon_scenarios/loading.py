"""From a scenario file to a `Scenario`, or to one message that says what to mend.

A scenario may extend another one, take a user's own tables, and be changed from the command line;
they are laid one on the other in this order: the scenario extended, the file, the user's table of
numbers, the `--set` changes. A relative path in a file is relative to that file; in a `--set`, to
the working directory. `PACK:NAME` is a scenario that another distribution brings.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from etalon_scenarios.capacity_file import capacity_of
from etalon_scenarios.packed import packed
from etalon_scenarios.parameter_file import numbers_of
from etalon_scenarios.population_table import SHIPPED_FILE as SHIPPED_PEOPLE_FILE
from etalon_scenarios.population_table import SHIPPED_TABLE, people_of, shipped_people
from etalon_scenarios.refusals import first_refusal
from etalon_scenarios.scenario import InputFile, Read, Scenario
from etalon_scenarios.scenario_checks import problems
from etalon_scenarios.scenario_errors import ScenarioError, nearest_name, shown
from etalon_scenarios.scenario_text import (
    Table,
    change_of,
    changed,
    is_list,
    is_table,
    merged,
    table_of_text,
)
from etalon_scenarios.targets import targets_of
from etalon_scenarios.user_tables import bytes_of, digest_of, text_of
from etalon_text.packs import parted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from etalon_scenarios.scenario_text import Change

SHIPPED_FOLDER = "data/scenarios"
SUFFIX = ".toml"
_TABLES_KEPT = 16
FILE_KEYS = ("population.table", "targets", "parameters", "platform.capacity")


@cache
def shipped_scenarios() -> tuple[str, ...]:
    """The names of the scenarios shipped with the package, in alphabetical order."""
    folder = resources.files("etalon_scenarios").joinpath(SHIPPED_FOLDER)
    names = (file.name for file in folder.iterdir())
    return tuple(sorted(name.removesuffix(SUFFIX) for name in names if name.endswith(SUFFIX)))


def load_scenario(name_or_path: str, changes: Sequence[str] = ()) -> Scenario:
    """Read and check a scenario, shipped or a user's own, with `--set path=value` changes.

    Raises:
        ScenarioError: The scenario, a change or a file named by either cannot be used.
    """
    reading = _Reading(name_or_path)
    reading.read_scenario(name_or_path, folder=Path())
    asked = [change_of(text) for text in changes]
    reading.lay_files(asked)
    reading.lay_numbers()
    for change in asked:
        reading.lay(change)
    return reading.scenario(tuple(changes))


@dataclass(slots=True)
class _Reading:
    """A scenario while its files are laid one on the other.

    Attributes:
        file: The file as messages name it.
        table: What has been read so far.
        folders: For each key that names a file, the folder that its path is relative to.
        origins: For each path changed from outside the file, what changed it.
        inputs: The files read.
        lineage: Names of the scenario and of those it extends, nearest first.
        own: Keys that the file itself gives while it extends another scenario.
    """

    file: str
    table: Table = field(default_factory=dict[str, object])
    folders: dict[str, Path] = field(default_factory=dict[str, Path])
    origins: dict[str, str] = field(default_factory=dict[str, str])
    inputs: list[InputFile] = field(default_factory=list[InputFile])
    lineage: list[str] = field(default_factory=list[str])
    own: tuple[str, ...] = ()

    def read_scenario(self, name: str, folder: Path, above: tuple[str, ...] = ()) -> None:
        """Lay a scenario, and first the one that it extends, on what is there."""
        if name in above:
            chain = " extends ".join((*above, name))
            raise ScenarioError(
                above[-1], "scenario.extends", found=chain, accepted="a chain that ends"
            )
        content, path, here = _content_of(name, folder)
        self.inputs.append(InputFile("scenario", path, digest_of(content)))
        table = tables_of(content, name)
        heading = table.get("scenario")
        base = heading.get("extends") if is_table(heading) else None
        self.lineage.append(str(heading.get("name")) if is_table(heading) else name)
        if isinstance(base, str):
            self.read_scenario(base, here, (*above, name))
            self.own = tuple(_paths(table))
        for key in FILE_KEYS:
            if _value_at(table, key) is not None:
                self.folders[key] = here
        self.table = merged(self.table, table)

    def lay_files(self, changes: Sequence[Change]) -> None:
        """Apply the changes that name a file first: what it holds comes below the others."""
        for change in changes:
            if change.path in FILE_KEYS:
                self.folders[change.path] = Path()
                self.lay(change)

    def lay(self, change: Change) -> None:
        """Apply one change."""
        self.table = changed(self.table, change.keys, change)
        self.origins[change.path] = change.label

    def lay_numbers(self) -> None:
        """Apply the user's own table of numbers, if any."""
        own = self._own_file("parameters")
        if own is None:
            return
        text, file, _ = own
        for line, path, number in numbers_of(text, file, Scenario):
            fields = number.model_dump(exclude_none=True)
            self.table = _with_parameter(self.table, path.split("."), fields)
            self.origins[path] = f"{file}, line {line}"

    def scenario(self, changes: tuple[str, ...]) -> Scenario:
        """The scenario, checked key by key, then as a whole."""
        people = self._own_file("population.table")
        targets = self._own_file("targets")
        capacity = self._own_file("platform.capacity")
        if people is None:
            table = InputFile("population.table", SHIPPED_PEOPLE_FILE, shipped_people().sha256)
            self.inputs.append(table)
        read = Read(
            inputs=tuple(self.inputs),
            people=people_of(*people) if people else None,
            targets=targets_of(targets[0], targets[1]) if targets else None,
            changes=changes,
            capacity=capacity_of(capacity[0], capacity[1], self.lineage) if capacity else (),
        )
        try:
            scenario = Scenario.model_validate(self.table, context=read)
        except ValidationError as error:
            refusal = first_refusal(error, Scenario)
            raise self._error(
                refusal.path, refusal.found, refusal.accepted, refusal.nearest
            ) from error
        for problem in problems(scenario):
            raise self._error(problem.path, problem.found, problem.accepted, problem.nearest)
        for path in self.own:
            reason = scenario.why_off(path)
            if reason is not None:
                raise self._error(path, "a value", f"nothing, since {reason}", None)
        return scenario

    def _own_file(self, key: str) -> tuple[str, str, str] | None:
        """Text, name and digest of the file that a key names, or None; remembered as an input."""
        named = _value_at(self.table, key)
        if not isinstance(named, str) or (key == "population.table" and named == SHIPPED_TABLE):
            return None
        shipped = [SHIPPED_TABLE] if key == "population.table" else []
        try:
            content = (self.folders[key] / named).read_bytes()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else str(error)
            kinds = "CSV or JSON" if key == "platform.capacity" else "CSV"
            accepted = [*(f'"{name}"' for name in shipped), f"the path of a {kinds} file"]
            raise self._error(
                key,
                f"{shown(named)} ({reason})",
                " or ".join(accepted),
                nearest_name(named, shipped),
            ) from error
        digest = digest_of(content)
        self.inputs.append(InputFile(key, named, digest))
        return text_of(content, named), named, digest

    def _error(self, path: str, found: str, accepted: str, nearest: str | None) -> ScenarioError:
        """A problem, said to come from the change that made it if one did."""
        parameter = path.rpartition(".")[0]
        said = [
            (len(changed_path), origin)
            for changed_path, origin in self.origins.items()
            if f"{path}.".startswith(f"{changed_path}.")
            or f"{changed_path}.".startswith(f"{path}.")
            or (parameter and changed_path.rpartition(".")[0] == parameter)
        ]
        file = f"{self.file}, {max(said)[1]}" if said else self.file
        return ScenarioError(file, path, found=found, accepted=accepted, nearest=nearest)


def _content_of(name: str, folder: Path) -> tuple[bytes, str, Path]:
    """Return the bytes of a scenario, its path as recorded, and what its own paths start from."""
    if name.endswith(SUFFIX) or "/" in name or "\\" in name:
        return bytes_of(folder / name, name), name, (folder / name).parent
    named = parted(name)
    if named is not None:
        return packed(*named)
    if name not in shipped_scenarios():
        raise ScenarioError(
            name,
            "",
            found="no shipped scenario of this name",
            accepted=f"{', '.join(shipped_scenarios())}, PACK:NAME, or the path of a .toml file",
            nearest=nearest_name(name, shipped_scenarios()),
        )
    path = f"{SHIPPED_FOLDER}/{name}{SUFFIX}"
    return resources.files("etalon_scenarios").joinpath(path).read_bytes(), path, folder


@lru_cache(maxsize=_TABLES_KEPT)
def tables_of(content: bytes, name: str) -> Table:
    """Return the tables of a file, parsed once: what is laid on them alters none of them.

    Raises:
        ScenarioError: It is no text, or no TOML.
    """
    return table_of_text(text_of(content, name), name)


def _value_at(table: Table, path: str) -> object:
    """The value at a dotted path, or None."""
    value: object = table
    for key in path.split("."):
        value = value.get(key) if is_table(value) else None
    return value


def _paths(table: Table, prefix: str = "") -> Iterator[str]:
    """Give the dotted path of every value of a table; a list is one value."""
    for key, value in table.items():
        if is_table(value):
            yield from _paths(value, f"{prefix}{key}.")
        else:
            yield prefix + key


def _with_parameter(table: Table, keys: Sequence[str], fields: Table) -> Table:
    key, *rest = keys
    if not rest:
        return table | {key: fields}
    below = table.get(key)
    if is_list(below):
        rank, *deeper = rest
        elements: list[object] = [
            _with_parameter(element, deeper, fields)
            if place == int(rank) and is_table(element)
            else element
            for place, element in enumerate(below)
        ]
        return table | {key: elements}
    return table | {key: _with_parameter(below if is_table(below) else {}, rest, fields)}
