"""An experiment file (TOML): which scenario, which of its values vary, and by what design.

    [experiment]
    name = "what-moves-refusals"
    scenario = "pilot-2021"
    design = "sobol"
    points = 64

    [vary]
    "intent.opposition" = "range"
    "response.tau_days" = { low = 5, high = 12 }
    "enrolment.opposition_window" = ["P30D", "P6W"]

`"range"` is what the scenario says may be true: half of the points on either side of its central
value, as for knowledge draws. A table gives other ends; a list, for a grid, the values themselves.
In place of `[vary]`, `[[candidate]]` names whole scenario files: the file that `etalon load decide
--find-waves` writes is such an experiment.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from importlib import resources
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_scenarios.knowledge import range_of
from etalon_scenarios.life.following import years_beyond
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.parameters import Number
from etalon_scenarios.scenario import Scenario
from etalon_scenarios.scenario_errors import StudyFileError, nearest_name, shown
from etalon_scenarios.scenario_keys import expected_at
from etalon_scenarios.scenario_text import Table, is_list, is_table, table_of_text
from etalon_scenarios.user_tables import bytes_of, digest_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from etalon_scenarios.parameters import Series

DESIGNS: Final = ("grid", "latin-hypercube", "sobol", "morris")
CANDIDATES: Final = "candidates"
EVERY: Final = "*"
FOLDER: Final = "data/experiments"
MOST_POINTS: Final = 1_000_000
MOST_SEEDS: Final = 1000
LARGEST_SEED: Final = 2**64 - 1
DEFAULT_POPULATION: Final = 20_000
_KEYS: Final = (
    *("name", "title_fr", "title_en", "scenario", "design", "points", "population", "seed"),
    *("replications", "until", "changes"),
)
_TOP: Final = ("experiment", "vary", "candidate", "extends", "probability", "command")


@dataclass(frozen=True, slots=True)
class Varied:
    """One value that the experiment varies.

    Attributes:
        path: Dotted path in the scenario.
        low: Smallest value, or factor of a series; None for a list.
        middle: Value below which half of the points lie.
        high: Largest one.
        values: The values of a grid, as TOML writes them; empty otherwise.
    """

    path: str
    low: Decimal | None = None
    middle: Decimal | None = None
    high: Decimal | None = None
    values: tuple[object, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Experiment:
    """What is asked for.

    Attributes:
        file: The file, as the user named it.
        sha256: Digest of its bytes.
        name: Short name.
        title_fr: Title in French; the name where the file gives none.
        title_en: Title in English.
        scenario: Name or path of the scenario.
        changes: `path=value` changes made to it before anything varies.
        design: One of `DESIGNS`, or `candidates`.
        points: Points of a Latin hypercube, base of a Sobol sequence, trajectories of Morris.
        population: People in each run.
        seed: First seed; None for that of the scenario.
        replications: Seeds at each point.
        until: Last day, or None.
        varied: What varies.
        candidates: Scenario files in place of what varies.
    """

    file: str
    sha256: str
    name: str
    title_fr: str
    title_en: str
    scenario: str
    design: str
    population: int
    changes: tuple[str, ...] = ()
    points: int = 0
    seed: int | None = None
    replications: int = 1
    until: date | None = None
    varied: tuple[Varied, ...] = ()
    candidates: tuple[str, ...] = field(default=())


def shipped_experiments() -> tuple[str, ...]:
    """Name the experiments shipped with the package."""
    folder = resources.files("etalon_scenarios").joinpath(FOLDER)
    return tuple(sorted(file.name.removesuffix(".toml") for file in folder.iterdir()))


def read_experiment(path: Path) -> Experiment:
    """Read an experiment: a file, or a shipped one by its name.

    Raises:
        ScenarioError: The file, or the scenario that it names, cannot be used.
    """
    content = _content(path)
    table = table_of_text(text_of(content, str(path)), str(path))
    reading = _Reading(str(path), path.parent, table)
    reading.check_names(table, _TOP, "")
    return reading.experiment(digest_of(content))


def _content(path: Path) -> bytes:
    if str(path) in shipped_experiments():
        inside = resources.files("etalon_scenarios").joinpath(f"{FOLDER}/{path}.toml")
        return inside.read_bytes()
    return bytes_of(path, str(path))


@dataclass(frozen=True, slots=True)
class _Reading:
    """An experiment file while it is read."""

    file: str
    folder: Path
    table: Table

    def experiment(self, sha256: str) -> Experiment:
        """Return the experiment, checked."""
        heading = self._heading()
        name = self._text(heading, "name", Path(self.file).stem)
        scenario = self._scenario(heading)
        candidates = self._candidates()
        design = CANDIDATES if candidates else self._design(heading)
        changes = tuple(str(change) for change in self._list(heading, "changes"))
        until = self._until(heading)
        if until is not None:
            changes += years_beyond(until, load_scenario(scenario, changes))
        varied = () if candidates else self._varied(scenario, changes, design)
        return Experiment(
            file=self.file,
            sha256=sha256,
            name=name,
            title_fr=self._text(heading, "title_fr", name),
            title_en=self._text(heading, "title_en", name),
            scenario=scenario,
            changes=changes,
            design=design,
            points=self._points(heading, design),
            population=self._whole(heading, "population", DEFAULT_POPULATION, 1, 10**9),
            seed=self._whole(heading, "seed", 0, 0, LARGEST_SEED) if "seed" in heading else None,
            replications=self._whole(heading, "replications", 1, 1, MOST_SEEDS),
            until=until,
            varied=varied,
            candidates=candidates,
        )

    def check_names(self, table: Table, accepted: Sequence[str], place: str) -> None:
        """Refuse a key that is none of ours, naming the nearest."""
        for key in table:
            if key not in accepted:
                path = f"{place}.{key}" if place else key
                raise StudyFileError(
                    self.file,
                    path,
                    found="a key of this name",
                    accepted=", ".join(accepted),
                    nearest=nearest_name(key, accepted),
                )

    def _heading(self) -> Table:
        """Return `[experiment]`; that of a search among plans follows from its command."""
        heading = self.table.get("experiment")
        if is_table(heading):
            self.check_names(heading, _KEYS, "experiment")
            return heading
        if heading is None and is_list(self.table.get("candidate")):
            return self._of_command()
        raise self._refused(path="experiment", found=heading, accepted="a table [experiment]")

    def _of_command(self) -> Table:
        """Read scenario, people, seed and changes in what simulates a plan."""
        words = [str(word) for word in self._list(self.table, "command")]
        given = dict(pairwise(words))
        heading: Table = {"scenario": self._text(self.table, "extends", "")}
        for option, key in (("--population", "population"), ("--seed", "seed")):
            if given.get(option, "").isdigit():
                heading[key] = int(given[option])
        pairs = pairwise(words)
        heading["changes"] = [value for option, value in pairs if option == "--set"]
        return heading

    def _scenario(self, heading: Table) -> str:
        name = self._text(heading, "scenario", "")
        if not name:
            raise self._refused(
                path="experiment.scenario", found=None, accepted="the name or path of a scenario"
            )
        return self._beside(name)

    def _beside(self, name: str) -> str:
        """Give a path that a file names from its own folder."""
        return str(self.folder / name) if name.endswith(".toml") else name

    def _candidates(self) -> tuple[str, ...]:
        rows = self.table.get("candidate", [])
        if not is_list(rows) or not all(is_table(row) for row in rows):
            raise self._refused(path="candidate", found=rows, accepted="tables [[candidate]]")
        if rows and "vary" in self.table:
            raise self._refused(
                path="vary", found="a table", accepted="either [vary] or [[candidate]]"
            )
        return tuple(self._beside(self._text(row, "scenario", "")) for row in rows if is_table(row))

    def _design(self, heading: Table) -> str:
        design = self._text(heading, "design", "grid")
        if design not in DESIGNS:
            raise StudyFileError(
                self.file,
                "experiment.design",
                found=shown(design),
                accepted=", ".join(DESIGNS),
                nearest=nearest_name(design, DESIGNS),
            )
        return design

    def _points(self, heading: Table, design: str) -> int:
        if design in {"grid", CANDIDATES}:
            if "points" in heading:
                raise self._refused(
                    path="experiment.points",
                    found=heading["points"],
                    accepted="nothing: a grid has its own number",
                )
            return 0
        points = self._whole(heading, "points", 0, 2, MOST_POINTS)
        if design == "sobol" and points & (points - 1):
            raise self._refused(
                path="experiment.points", found=points, accepted="a power of 2 for a Sobol sequence"
            )
        return points

    def _until(self, heading: Table) -> date | None:
        until = heading.get("until")
        if until is None or (isinstance(until, date) and type(until) is date):
            return until
        raise self._refused(
            path="experiment.until", found=until, accepted="a date, as in 2021-12-21"
        )

    def _varied(self, name: str, changes: Sequence[str], design: str) -> tuple[Varied, ...]:
        rows = self.table.get("vary")
        if not is_table(rows) or not rows:
            raise self._refused(
                path="vary", found=rows, accepted="a table [vary] with at least one path"
            )
        scenario = load_scenario(name, changes)
        known = dict(scenario.parameters())
        named = {path: asked for path, asked in rows.items() if path != EVERY}
        if EVERY in rows:
            if rows[EVERY] != "range" or design == "grid":
                raise self._refused(
                    path=f'vary."{EVERY}"',
                    found=f"{rows[EVERY]}, {design}",
                    accepted='"range", by a design that draws its points',
                )
            named |= {path: "range" for path in known if path not in named and _spans(known[path])}
        return tuple(self._one(path, asked, known, design) for path, asked in named.items())

    def _one(
        self, path: str, asked: object, known: Mapping[str, Number | Series], design: str
    ) -> Varied:
        place = f'vary."{path}"'
        if is_list(asked):
            if design != "grid" or not asked:
                raise self._refused(
                    path=place,
                    found=asked,
                    accepted='"range" or { low, high }; a list is for a grid',
                )
            for value in asked:
                self._accepted(place, path, value, known)
            # What is no parameter is changed as a `--set` changes it.
            return Varied(path, values=tuple(asked) if path in known else _typed(asked))
        if path not in known:
            nearest = nearest_name(path, known)
            accepted = "a parameter that the scenario uses; other values in a list, for a grid"
            raise StudyFileError(
                self.file, place, found=shown(path), accepted=accepted, nearest=nearest
            )
        low, middle, high = self._ends(place, path, asked, known)
        for end in (low, high):
            self._accepted(place, path, end, known)
        if not low < high:
            raise self._refused(
                path=place, found=f"{low} to {high}", accepted="a low end below the high one"
            )
        return Varied(path, low, middle, high)

    def _accepted(
        self, place: str, path: str, value: object, known: Mapping[str, Number | Series]
    ) -> None:
        """Refuse a number that the key of a parameter does not accept; a factor below nothing."""
        if path not in known or not isinstance(value, int | Decimal) or isinstance(value, bool):
            return
        low, high = Decimal(0), Decimal("Infinity")
        if isinstance(known[path], Number):
            expected = expected_at(Scenario, path)
            low, high = expected.low, expected.high
        if not low <= value <= high:
            accepted = f"values between {low} and {high}" if high.is_finite() else "0 or more"
            raise self._refused(path=place, found=value, accepted=accepted)

    def _ends(
        self, place: str, path: str, asked: object, known: Mapping[str, Number | Series]
    ) -> tuple[Decimal, Decimal, Decimal]:
        if asked == "range":
            return range_of(known[path])
        if is_table(asked) and set(asked) == {"low", "high"}:
            ends = [asked["low"], asked["high"]]
            if all(isinstance(end, int | Decimal) for end in ends):
                low, high = (Decimal(str(end)) for end in ends)
                return low, (low + high) / 2, high
        raise self._refused(
            path=place, found=asked, accepted='"range", { low = …, high = … } or a list of values'
        )

    def _text(self, table: Table, key: str, default: str) -> str:
        value = table.get(key, default)
        if not isinstance(value, str):
            raise self._refused(path=key, found=value, accepted="a text")
        return value

    def _list(self, table: Table, key: str) -> list[object]:
        value = table.get(key, [])
        if not is_list(value):
            raise self._refused(path=key, found=value, accepted="a list")
        return value

    def _whole(self, table: Table, key: str, default: int, low: int, high: int) -> int:
        value = table.get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not low <= value <= high:
            accepted = f"a whole number between {low} and {high}"
            raise self._refused(path=f"experiment.{key}", found=value, accepted=accepted)
        return value

    def _refused(self, *, path: str, found: object, accepted: str) -> StudyFileError:
        said = "" if found is None else shown(found)
        return StudyFileError(self.file, path, found=said, accepted=accepted)


def _spans(parameter: Number | Series) -> bool:
    low, _, high = range_of(parameter)
    return low < high


def _typed(values: Sequence[object]) -> tuple[str, ...]:
    """Write values as they are typed after `--set PATH=`."""
    return tuple(str(one).lower() if isinstance(one, bool) else str(one) for one in values)


def scenario_of(experiment: Experiment, changes: Sequence[str] = ()) -> Scenario:
    """Load the scenario of an experiment, with its changes and some more.

    Raises:
        ScenarioError: It cannot be used.
    """
    return load_scenario(experiment.scenario, (*experiment.changes, *changes))
