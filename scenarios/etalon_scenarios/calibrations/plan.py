"""What a calibration fits to what: a plan (TOML), shipped or a user's own.

    [calibration]
    scenario = "pilot-2021"
    population = 200000
    seeds = 4
    fit = ["K05", "K07"]
    held_out = ["R22"]

    [[parameter]]
    path = "intent.opposition"
    figure = "K05"

Figures are those of the scenario (`data/targets.csv`) or of the table that `targets` names. Their
range, low to high, is read as what the measurement leaves open: 95 % of a bell curve.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_scenarios.loading import load_scenario
from etalon_scenarios.scenario_errors import StudyFileError, nearest_name, shown
from etalon_scenarios.scenario_text import Table, is_list, is_table, table_of_text
from etalon_scenarios.targets import targets_for, targets_of
from etalon_scenarios.user_tables import bytes_of, digest_of, text_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_scenarios.scenario import Scenario
    from etalon_scenarios.targets import Target

FOLDER: Final = "data/calibrations"
DEFAULT_POPULATION: Final = 20_000
DEFAULT_SEEDS: Final = 4
_HEADING: Final = (
    "scenario",
    "targets",
    "population",
    "seeds",
    "seed",
    "observed",
    "fit",
    "held_out",
)
_PARAMETER: Final = ("path", "figure", "start")


@dataclass(frozen=True, slots=True)
class Fitted:
    """One parameter to be fitted.

    Attributes:
        path: Its dotted path.
        figure: The figure that it is said to be fitted to.
        start: Value, or factor of a series, that the fit begins at; None for that of the scenario.
    """

    path: str
    figure: str
    start: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is fitted to what.

    Attributes:
        file: The plan, as the user named it.
        sha256: Digest of its bytes, and of those of the table of figures.
        scenario: The scenario, as loaded.
        asked: Its name or path.
        population: People in each run.
        seeds: Runs at each trial of the parameters, by as many seeds.
        seed: The first of them.
        observed: People whom the figures were measured on; None for the scope of the scenario.
        parameters: What is fitted.
        fit: Figures that it is fitted to.
        held_out: Figures that the fit does not see, and that check it.
    """

    file: str
    sha256: str
    scenario: Scenario
    asked: str
    population: int
    seeds: int
    seed: int
    observed: int | None
    parameters: tuple[Fitted, ...]
    fit: tuple[Target, ...]
    held_out: tuple[Target, ...]


def shipped_plans() -> tuple[str, ...]:
    """Name the plans shipped with the package."""
    folder = resources.files("etalon_scenarios").joinpath(FOLDER)
    return tuple(sorted(f.name.removesuffix(".toml") for f in folder.iterdir()))


def read_plan(scenario: str, named: str, paths: Sequence[str] = ()) -> Plan:
    """Read a plan, shipped or a file, or make one of a table of figures and of paths.

    Args:
        scenario: Name or path of the scenario.
        named: Name of a shipped plan, path of a plan, or of a table of figures (CSV).
        paths: Parameters to fit, for a table of figures; a plan names its own.

    Raises:
        ScenarioError: A file, a path or a figure cannot be used.
    """
    if named.endswith(".csv"):
        return _of_table(scenario, Path(named), paths)
    content = _content(named)
    table = table_of_text(text_of(content, named), named)
    if paths:
        raise StudyFileError(
            file="--fit",
            path="",
            found=shown(paths[0]),
            accepted="nothing: the plan names its parameters",
        )
    return _Reading(named, table).plan(scenario, content)


def _content(named: str) -> bytes:
    if named in shipped_plans():
        return resources.files("etalon_scenarios").joinpath(f"{FOLDER}/{named}.toml").read_bytes()
    if not named.endswith(".toml"):
        names = shipped_plans()
        raise StudyFileError(
            file="--targets",
            path="",
            found=shown(named),
            accepted=f"{', '.join(names)}, or the path of a .toml or .csv file",
            nearest=nearest_name(named, names),
        )
    return bytes_of(Path(named), named)


def _of_table(asked: str, file: Path, paths: Sequence[str]) -> Plan:
    """Make a plan of a table: every figure of this scenario is fitted, in the order given."""
    content = bytes_of(file, str(file))
    scenario = load_scenario(asked)
    listed = targets_of(text_of(content, str(file)), str(file))
    targets = tuple(target for target in listed if target.scenario == scenario.name)
    if not targets:
        raise StudyFileError(
            str(file),
            "scenario",
            found=", ".join(dict.fromkeys(target.scenario for target in listed)),
            accepted=f"{scenario.name}, on one line or more",
        )
    if not paths:
        raise StudyFileError(
            file="--fit",
            path="",
            found="",
            accepted="at least one path, for a table of figures",
        )
    plan = Plan(
        file=str(file),
        sha256=digest_of(content),
        scenario=scenario,
        asked=asked,
        population=DEFAULT_POPULATION,
        seeds=DEFAULT_SEEDS,
        seed=scenario.seed,
        observed=None,
        parameters=tuple(Fitted(path, targets[0].id) for path in paths),
        fit=targets,
        held_out=(),
    )
    check(plan)
    return plan


@dataclass(frozen=True, slots=True)
class _Reading:
    """A plan while it is read."""

    file: str
    table: Table

    def plan(self, asked: str, content: bytes) -> Plan:
        """Return the plan, checked."""
        heading = self.table.get("calibration")
        if not is_table(heading):
            raise StudyFileError(self.file, "calibration", found="", accepted="a table")
        self._names(heading, _HEADING, "calibration")
        own = heading.get("targets")
        scenario = load_scenario(asked, [f"targets={own}"] if isinstance(own, str) else [])
        known = {target.id: target for target in targets_for(scenario)}
        if heading.get("scenario", scenario.name) != scenario.name:
            raise StudyFileError(
                self.file,
                "calibration.scenario",
                found=shown(heading["scenario"]),
                accepted=f'"{scenario.name}", the scenario asked for',
            )
        fit = self._figures(heading, "fit", known, list(known))
        rest = [name for name in known if name not in {target.id for target in fit}]
        plan = Plan(
            file=self.file,
            sha256=digest_of(content),
            scenario=scenario,
            asked=asked,
            population=self._whole(heading, "population", DEFAULT_POPULATION),
            seeds=self._whole(heading, "seeds", DEFAULT_SEEDS),
            seed=self._whole(heading, "seed", scenario.seed, least=0),
            observed=self._whole(heading, "observed", 0, least=0) or None,
            parameters=self._parameters(),
            fit=fit,
            held_out=self._figures(heading, "held_out", known, rest),
        )
        check(plan)
        return plan

    def _parameters(self) -> tuple[Fitted, ...]:
        rows = self.table.get("parameter", [])
        found: list[Fitted] = []
        for rank, row in enumerate(rows if is_list(rows) else []):
            place = f"parameter.{rank}"
            if not is_table(row) or not isinstance(row.get("path"), str):
                raise StudyFileError(self.file, place, found="", accepted="a table with a path")
            self._names(row, _PARAMETER, place)
            start = row.get("start")
            if start is not None and not isinstance(start, int | Decimal):
                accepted = "a number that is not 0"
                raise StudyFileError(
                    self.file, f"{place}.start", found=shown(start), accepted=accepted
                )
            found.append(
                Fitted(
                    str(row["path"]),
                    str(row.get("figure", "")),
                    None if start is None else Decimal(start),
                )
            )
        return tuple(found)

    def _figures(
        self, heading: Table, key: str, known: dict[str, Target], default: list[str]
    ) -> tuple[Target, ...]:
        names = heading.get(key, default)
        place = f"calibration.{key}"
        if not is_list(names):
            raise StudyFileError(self.file, place, found=shown(names), accepted="a list")
        for name in names:
            if name not in known:
                raise StudyFileError(
                    self.file,
                    place,
                    found=shown(name),
                    accepted=f"figures of the scenario: {', '.join(known)}",
                    nearest=nearest_name(str(name), known),
                )
        return tuple(known[str(name)] for name in names)

    def _whole(self, heading: Table, key: str, default: int, *, least: int = 1) -> int:
        value = heading.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or value < least:
            accepted = f"a whole number, {least} or more"
            place = f"calibration.{key}"
            raise StudyFileError(self.file, place, found=shown(value), accepted=accepted)
        return value

    def _names(self, table: Table, accepted: Sequence[str], place: str) -> None:
        for key in table:
            if key not in accepted:
                nearest = nearest_name(key, accepted)
                listed = ", ".join(accepted)
                raise StudyFileError(
                    self.file, f"{place}.{key}", found="", accepted=listed, nearest=nearest
                )


def check(plan: Plan) -> None:
    """Refuse a plan that cannot be fitted.

    Raises:
        StudyFileError: An unknown parameter, more parameters than figures, or two figures of the
            same quantity and time that exclude each other, a figure of a day outside the scenario.
    """
    known = dict(plan.scenario.parameters())
    for fitted in plan.parameters:
        if fitted.path not in known:
            raise StudyFileError(
                plan.file,
                "parameter",
                found=shown(fitted.path),
                accepted="a parameter that the scenario uses",
                nearest=nearest_name(fitted.path, known),
            )
    if not plan.parameters or len(plan.fit) < len(plan.parameters):
        raise StudyFileError(
            plan.file,
            "parameter",
            found=f"{len(plan.parameters)} parameters and {len(plan.fit)} figures",
            accepted="at least one parameter, and as many figures as parameters or more",
        )
    _check_days(plan)
    for rank, one in enumerate(plan.fit):
        for other in plan.fit[:rank]:
            same = (one.quantity, one.day, one.on) == (other.quantity, other.day, other.on)
            if same and (one.low > other.high or other.low > one.high):
                raise StudyFileError(
                    plan.file,
                    "fit",
                    found=f"{other.id} = {other.value} and {one.id} = {one.value}",
                    accepted=f"figures of {one.quantity} that can hold together",
                )


def _check_days(plan: Plan) -> None:
    """Refuse a figure of a day that no run of the scenario reaches."""
    first, last = plan.scenario.starts_on, plan.scenario.ends_on
    for target in (*plan.fit, *plan.held_out):
        if target.on is not None and not first <= target.on <= last:
            raise StudyFileError(
                plan.file,
                target.id,
                found=str(target.on),
                accepted=f"a day of the scenario, {first} to {last}",
            )


def with_people(plan: Plan, population: int | None, seeds: int | None) -> Plan:
    """Give the same plan with another number of people or seeds."""
    return replace(plan, population=population or plan.population, seeds=seeds or plan.seeds)
