"""The files of a comparison directory, read once, and the questions every page asks of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.record import Record, RunFileError, read_record
from etalon_reports.run_files import RunFiles, read_run
from etalon_text.number_formats import EN_DASH
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from pathlib import Path

    from etalon_text.language import Language

COMPARISON_FILE: Final = "comparison.json"
_WEEK: Final = 7
Bounds = tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy compared.

    Attributes:
        name: Name of its scenario, as the command line knows it.
        directory: Its run directory.
        row: The record in the comparison.
    """

    name: str
    directory: Path
    row: Record

    def title(self, language: Language) -> str:
        """Return its title."""
        return self.row.sentence("title", language)

    def question(self, language: Language) -> str | None:
        """Return the question it answers, if it says one."""
        return self.row.optional_sentence("question", language)

    def departures(self, language: Language) -> list[str]:
        """Return the texts it supposes changed, in words; empty under current law."""
        return [row.sentence("", language) for row in self.row.rows("legal_departures")]


class Measure(NamedTuple):
    """What is measured.

    Attributes:
        key: Its name.
        unit: Unit of its values.
        denominator: Key of the string that names what a share is a share of, or None.
    """

    key: str
    unit: str
    denominator: str | None

    def label(self, language: Language) -> str:
        """Return its name in words."""
        key = f"measure.{self.key}"
        return text(key, language) if has_text(key) else self.key


class Figure(NamedTuple):
    """One measure of one policy in one group of people."""

    value: float
    chance: Bounds
    knowledge: Bounds


class Difference(NamedTuple):
    """One paired difference to the first policy.

    Attributes:
        before: Value of the first policy.
        after: Value of this policy.
        value: after - before.
        chance: Interval of chance, both on the same luck.
        sample_noise: Interval of what simulating a part of the people adds, which holds that of
            chance; None where all of them were simulated.
        knowledge: Interval of knowledge, both under the same parameters.
        distinguishable: Whether it can be told from none; None when no draw was made.
    """

    before: float
    after: float
    value: float
    chance: Bounds
    sample_noise: Bounds
    knowledge: Bounds
    distinguishable: bool | None

    @property
    def luck(self) -> Bounds:
        """The interval shown beside that of knowledge: of the sample, or of chance alone."""
        return self.sample_noise or self.chance


COURSE: Final = (
    "notified",
    "informed",
    "opposed",
    "activated",
    "spaces_open",
    "calls",
    "cost_eur",
)
"""Curves of a policy, day by day."""

Place = tuple[str, str, str, str]
"""Policy, measure, how people are grouped, group."""


@dataclass(frozen=True, slots=True)
class ComparisonFiles:
    """A comparison directory.

    Attributes:
        directory: Where it is.
        run: How it was made.
        comparison: What it found.
        policies: In the order asked for; the others are compared with the first.
        measures: By name, in the order of the tables.
        figures: Values by place.
        differences: Paired differences to the first policy by place.
    """

    directory: Path
    run: Record
    comparison: Record
    policies: list[Policy]
    measures: dict[str, Measure]
    figures: dict[Place, Figure]
    differences: dict[Place, Difference]

    @property
    def base(self) -> Policy:
        """The policy that the others are compared with."""
        return self.policies[0]

    @property
    def others(self) -> list[Policy]:
        """The policies compared with the first."""
        return self.policies[1:]

    def figure(self, policy: Policy, measure: str) -> Figure | None:
        """Return a measure of all people under a policy, or None when the run cannot tell."""
        return self.figures.get((policy.name, measure, "all", "all"))

    def difference(self, policy: Policy, measure: str) -> Difference | None:
        """Return the difference of all people to the first policy, or None."""
        return self.differences.get((policy.name, measure, "all", "all"))

    def groups(self, by: str) -> list[str]:
        """Return the groups of a grouping, in the order of the file."""
        return list(dict.fromkeys(group for _, _, how, group in self.figures if how == by))

    def base_run(self) -> RunFiles:
        """Read the run of the first policy."""
        return read_run(self.base.directory)

    def openings_go_on(self) -> bool:
        """Tell whether silence still opens spaces at the end, under any policy.

        Reading: more than one space in a hundred opened in the last week.
        """
        for row in self.comparison.record("curves").rows("policies"):
            open_by_day = row.figures("spaces_open")
            if len(open_by_day) > _WEEK and row.figures("notified")[-1] > 0:
                last, before = open_by_day[-1], open_by_day[-1 - _WEEK]
                if last - before > last / 100:
                    return True
        return False

    @property
    def luck(self) -> str:
        """What `Difference.luck` tells here: `sample_noise`, or `chance`."""
        noisy = any(found.sample_noise for found in self.differences.values())
        return "sample_noise" if noisy else "chance"

    def level(self, kind: str) -> float:
        """Return the level of the intervals of `knowledge` or `chance`."""
        return self.comparison.record(kind).figure("level")


def is_comparison(directory: Path) -> bool:
    """Tell whether a directory holds a comparison rather than a run."""
    return (directory / COMPARISON_FILE).exists()


def read_comparison(directory: Path) -> ComparisonFiles:
    """Read the files of a comparison directory.

    Raises:
        RunFileError: A file is missing or not as published.
    """
    comparison = read_record(directory / COMPARISON_FILE)
    policies = [_policy(row, directory) for row in comparison.rows("policies")]
    if not policies:
        raise RunFileError(COMPARISON_FILE, "policies", "found none", "two policies or more")
    measures = [_measure(row) for row in comparison.rows("measures")]
    _refuse_unequal(comparison.record("curves"))
    return ComparisonFiles(
        directory=directory,
        run=read_record(directory / "run.json"),
        comparison=comparison,
        policies=policies,
        measures={measure.key: measure for measure in measures},
        figures={_place(row): _figure(row) for row in comparison.rows("figures")},
        differences={_place(row): _difference(row) for row in comparison.rows("differences")},
    )


def _refuse_unequal(curves: Record) -> None:
    """Refuse curves that have not one value a day."""
    days = curves.items("days")
    for row in curves.rows("policies"):
        Record({**row.values, "days": days}, row.file, row.place).refuse_unequal("days", *COURSE)


def group_label(by: str, group: str, language: Language) -> str:
    """Return the name of a group of people: ages as they are, the rest in words."""
    if by == "age":
        return text("group.age", language, ages=group.replace("-", EN_DASH))
    key = f"group.{by}.{group}"
    return text(key, language) if has_text(key) else group


def _policy(row: Record, directory: Path) -> Policy:
    folder = row.text("directory")
    if folder in ("", ".", "..") or "/" in folder or "\\" in folder:
        raise RunFileError(row.file, f"{row.place}.directory", f"found {folder!r}", "a folder name")
    return Policy(row.text("name"), directory / folder, row)


def _measure(row: Record) -> Measure:
    return Measure(row.text("key"), row.text("unit"), row.optional_text("denominator"))


def _place(row: Record) -> Place:
    return row.text("policy"), row.text("measure"), row.text("by"), row.text("group")


def _figure(row: Record) -> Figure:
    return Figure(row.figure("value"), row.bounds("chance"), row.bounds("knowledge"))


def _difference(row: Record) -> Difference:
    return Difference(
        before=row.figure("from"),
        after=row.figure("to"),
        value=row.figure("difference"),
        chance=row.bounds("chance"),
        sample_noise=row.bounds("sample_noise"),
        knowledge=row.bounds("knowledge"),
        distinguishable=row.flag("distinguishable"),
    )
