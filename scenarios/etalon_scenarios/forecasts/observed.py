"""The weekly series that a forecast is conditioned on (CSV): cumulative totals by group.

Columns: `week_ends_on` (date), `group` (`All`, and any others), `total` (people, cumulative),
`population` (whom the total is counted among). The groups other than `All` may be missing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Final

from etalon_scenarios.scenario_errors import StudyFileError, shown
from etalon_scenarios.user_tables import digest_of, rows_of, text_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from etalon_scenarios.user_tables import Row

ALL: Final = "All"
COLUMNS: Final = ("week_ends_on", "group", "total", "population")
WEEK: Final = dt.timedelta(days=7)
FEWEST_WEEKS: Final = 3
_OTHER_DENOMINATOR: Final = 0.02
"""A population that moves by more than this from one week to the next is another one."""


@dataclass(frozen=True, slots=True)
class Observed:
    """A weekly series, checked.

    Attributes:
        file: As the user named it.
        sha256: Digest of its bytes.
        weeks: Last day of each week, in order, without a gap.
        totals: Group -> cumulative people at the end of each week.
        populations: Group -> people counted among, week by week.
    """

    file: str
    sha256: str
    weeks: tuple[dt.date, ...]
    totals: Mapping[str, tuple[int, ...]]
    populations: Mapping[str, tuple[int, ...]]

    @property
    def population(self) -> Mapping[str, int]:
        """People counted among in the last week, by group: what was known then."""
        return {group: people[-1] for group, people in self.populations.items()}

    def first(self, weeks: int) -> Observed:
        """Give the beginning of the series: what was known after so many weekly flows."""
        return self.between(0, weeks + 1)

    def last(self, weeks: int, groups: Sequence[str] = ()) -> Observed:
        """Give the end of the series: so many weekly flows, of some groups or of all."""
        return self.between(len(self.weeks) - weeks - 1, len(self.weeks), groups)

    def between(self, first: int, end: int, groups: Sequence[str] = ()) -> Observed:
        """Give the weeks from one rank to before another, of some groups or of all."""
        named = groups or tuple(self.totals)
        return Observed(
            self.file,
            self.sha256,
            self.weeks[first:end],
            {group: self.totals[group][first:end] for group in named},
            {group: self.populations[group][first:end] for group in named},
        )


def observed_of(content: bytes, file: str) -> Observed:
    """Read a series.

    Raises:
        ScenarioError: Wrong columns, a gap, totals that fall, or another denominator.
    """
    cells: dict[tuple[str, dt.date], tuple[int, int]] = {}
    for row in rows_of(text_of(content, file), file, required=COLUMNS, optional=()):
        key = (row.cells["group"], _day(row))
        if key in cells:
            raise row.refused(column="group", accepted="one line a week and group")
        cells[key] = row.count("total"), row.count("population")
    weeks = tuple(sorted(day for group, day in cells if group == ALL))
    groups = tuple(dict.fromkeys(group for group, _ in cells))
    if len(weeks) <= FEWEST_WEEKS:
        raise StudyFileError(
            file,
            "group",
            found=f"{len(weeks)} weeks of group {ALL}, among the groups {', '.join(groups)}",
            accepted=f"{FEWEST_WEEKS + 1} weeks or more of the group {ALL}",
        )
    _check_weeks(file, weeks)
    for group in groups:
        _check_group(file, group, weeks, cells)
    return Observed(
        file,
        digest_of(content),
        weeks,
        {group: tuple(cells[group, day][0] for day in weeks) for group in groups},
        {group: tuple(cells[group, day][1] for day in weeks) for group in groups},
    )


def _day(row: Row) -> dt.date:
    try:
        return dt.date.fromisoformat(row.cells["week_ends_on"])
    except ValueError as error:
        raise row.refused(column="week_ends_on", accepted="a date, YYYY-MM-DD") from error


def _check_weeks(file: str, weeks: tuple[dt.date, ...]) -> None:
    for before, after in pairwise(weeks):
        if after - before != WEEK:
            raise StudyFileError(
                file,
                "week_ends_on",
                found=f"{after} after {before}",
                accepted=f"{before + WEEK}: every week, seven days apart, without a gap",
            )


def _check_group(
    file: str,
    group: str,
    weeks: tuple[dt.date, ...],
    cells: Mapping[tuple[str, dt.date], tuple[int, int]],
) -> None:
    """Refuse a week that is missing, a total that falls, a population that is another one."""
    for day in weeks:
        if (group, day) not in cells:
            raise StudyFileError(
                file, f"group {group}", found=f"no line for {day}", accepted="a line for every week"
            )
        total, people = cells[group, day]
        if not total <= people or not people:
            raise StudyFileError(
                file,
                "population",
                found=f"{total} of {people} people on {day} ({shown(group)})",
                accepted="the people whom the total is counted among: one or more, and the total",
            )
    for before, after in pairwise(weeks):
        (total, people), (later, later_people) = cells[group, before], cells[group, after]
        # People change age: a group may lose some, everybody together cannot.
        if group == ALL and later < total:
            raise StudyFileError(
                file,
                "total",
                found=f"{later} on {after} after {total} on {before}",
                accepted="cumulative totals, which do not fall",
            )
        if abs(later_people - people) > _OTHER_DENOMINATOR * people:
            raise StudyFileError(
                file,
                "population",
                found=f"{later_people} on {after} after {people} on {before} ({shown(group)})",
                accepted="one population throughout, within 2 % from week to week",
            )
