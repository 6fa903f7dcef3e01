"""The measured capacity of the platform: visits admitted a minute, stretch by stretch.

A file of capacity belongs to one scenario, since the mix of visits it was measured under does;
policies that extend that scenario may use it. Times are civil, Europe/Paris, to the minute.

Format: `docs/reference/user-tables.md`.
"""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, cast

from etalon_scenarios.scenario_errors import ScenarioError, shown
from etalon_scenarios.user_tables import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COLUMNS: Final = ("scenario", "version", "from", "to", "admissions_per_minute")
_A_MINUTE: Final = "a time of Paris to the minute, as 2022-02-03T18:00"
MOST: Final = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Stretch:
    """A stretch of time over which the platform admits so many visits a minute.

    Attributes:
        starts: First minute, civil time of Paris.
        ends: Minute after the last.
        admissions: Visits admitted a minute, full scale; 0 when the platform is down.
    """

    starts: dt.datetime
    ends: dt.datetime
    admissions: int


def capacity_of(text: str, file: str, lineage: Sequence[str]) -> tuple[Stretch, ...]:
    """Read a file of capacity, CSV or JSON, for a scenario.

    Args:
        text: Content of the file.
        file: Its name, for messages.
        lineage: Name of the scenario, then of those it extends.

    Raises:
        ScenarioError: The file is of another scenario, or cannot be read.
    """
    found = list(_of_json(text, file) if text.lstrip().startswith("{") else _of_table(text, file))
    if not found:
        raise ScenarioError(file, "", found="no stretch of time", accepted="one or more")
    before: dt.datetime | None = None
    for place, cells in found:
        _check_owner(file, place, cells, lineage)
    stretches: list[Stretch] = []
    for place, cells in found:
        stretch = _stretch(file, place, cells)
        if before is not None and stretch.starts < before:
            accepted = f"a time not before {before:%Y-%m-%dT%H:%M}, where the stretch above ends"
            raise ScenarioError(file, f"{place}, from", found=cells["from"], accepted=accepted)
        before = stretch.ends
        stretches.append(stretch)
    return tuple(stretches)


def _of_table(text: str, file: str) -> Iterator[tuple[str, dict[str, str]]]:
    for row in rows_of(text, file, required=COLUMNS):
        yield f"line {row.line}", row.cells


def _of_json(text: str, file: str) -> Iterator[tuple[str, dict[str, str]]]:
    accepted = '{"scenario": …, "version": …, "ranges": [{"from", "to", "admissions_per_minute"}]}'
    try:
        whole: object = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ScenarioError(file, "", found=f"no JSON: {error}", accepted=accepted) from error
    if not isinstance(whole, dict):
        raise ScenarioError(file, "", found="no JSON object", accepted=accepted)
    table = cast("dict[str, object]", whole)
    ranges = table.get("ranges")
    if not isinstance(ranges, list):
        raise ScenarioError(file, "ranges", found=shown(ranges), accepted=accepted)
    for rank, item in enumerate(cast("list[object]", ranges)):
        cells = {**table, **cast("dict[str, object]", item)} if isinstance(item, dict) else {}
        missing = [name for name in COLUMNS if name not in cells]
        if missing:
            found = f"no {missing[0]}"
            raise ScenarioError(file, f"ranges.{rank}", found=found, accepted=accepted)
        yield f"ranges.{rank}", {name: str(cells[name]) for name in COLUMNS}


def _check_owner(file: str, place: str, cells: dict[str, str], lineage: Sequence[str]) -> None:
    if cells["scenario"] in lineage:
        return
    own, *parents = lineage
    of = "".join(f", which extends {name}" for name in parents)
    raise ScenarioError(
        file,
        f"{place}, scenario",
        found=f"{shown(cells['scenario'])} (version {cells['version']})",
        accepted=f"a capacity measured for {shown(own)}{of}",
    )


def _stretch(file: str, place: str, cells: dict[str, str]) -> Stretch:
    starts, ends = (_minute(file, place, cells, key) for key in ("from", "to"))
    if ends <= starts:
        accepted = f"a time after from = {cells['from']}"
        raise ScenarioError(file, f"{place}, to", found=cells["to"], accepted=accepted)
    admissions = cells["admissions_per_minute"]
    if not (admissions.isascii() and admissions.isdigit() and int(admissions) <= MOST):
        place = f"{place}, admissions_per_minute"
        accepted = f"a whole number between 0 and {MOST}"
        raise ScenarioError(file, place, found=shown(admissions), accepted=accepted)
    return Stretch(starts, ends, int(admissions))


def _minute(file: str, place: str, cells: dict[str, str], key: str) -> dt.datetime:
    try:
        found = dt.datetime.strptime(cells[key], "%Y-%m-%dT%H:%M")  # noqa: DTZ007 (civil time)
    except ValueError as error:
        place = f"{place}, {key}"
        raise ScenarioError(file, place, found=shown(cells[key]), accepted=_A_MINUTE) from error
    return found
