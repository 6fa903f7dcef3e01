"""`capacity.json`: what a search for capacity found, as decisions and scenarios read it.

Written by `etalon load capacity`. Decisions ask for `held` and `missed`; everything else is told in
their report where it stands there.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from math import isfinite
from pathlib import Path
from typing import Final, cast

CAPACITY_FILE: Final = "capacity.json"
_MINUTE: Final = 60


class CapacityFileError(ValueError):
    """A file of capacity that cannot be used; the message says which, where and why."""


@dataclass(frozen=True, slots=True)
class MeasuredCapacity:
    """Between which rates a platform ceases to hold its objectives.

    Attributes:
        held: The greatest rate that held (journeys a second), above 0.
        missed: The least rate that did not; None when every rate held.
        target: What was measured.
        profile: Whose mix of journeys was sent; empty when the file does not say.
        mix: Share of each journey in it; empty when the file does not say.
        cpu_seconds_per_answer: Of the server; None when it could not be read.
        own_cpu_seconds_per_answer: Of the generator; None when the file does not say.
        answers_per_journey: Requests of a journey, in the mean; None when the file does not say.
        version: Of who measured.
        measured_at: When (UTC, ISO 8601); empty when the file does not say.
    """

    held: float
    missed: float | None
    target: str = ""
    profile: str = ""
    mix: Mapping[str, float] | None = None
    cpu_seconds_per_answer: float | None = None
    own_cpu_seconds_per_answer: float | None = None
    answers_per_journey: float | None = None
    version: str = ""
    measured_at: str = ""

    @property
    def rate(self) -> float:
        """The middle of the interval, or what held where it has no upper end."""
        return self.held if self.missed is None else (self.held + self.missed) / 2


def read_capacity(path: Path) -> MeasuredCapacity:
    """Read a capacity.

    Args:
        path: A `capacity.json`, or the directory that holds it.

    Raises:
        CapacityFileError: It cannot be read, or says no capacity.
    """
    file = path / CAPACITY_FILE if path.is_dir() else path
    try:
        read: object = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        message = f"{file} cannot be read ({error}): name what `etalon load capacity` wrote"
        raise CapacityFileError(message) from error
    if not isinstance(read, dict):
        message = f"{file}: a JSON object is expected"
        raise CapacityFileError(message)
    table = cast("Mapping[str, object]", read)
    held = _number(file, table, "held")
    missed = _number(file, table, "missed", at_least=0.0)
    if held is None or held <= 0:
        message = f"{file}: held = {table.get('held')!r}: no rate held, so no capacity is known"
        raise CapacityFileError(message)
    if missed is not None and missed <= held:
        message = f"{file}: missed = {missed:g} is not above held = {held:g}"
        raise CapacityFileError(message)
    return MeasuredCapacity(
        held=held,
        missed=missed,
        target=_name(table.get("target")),
        profile=_name(table.get("profile")),
        mix=_mix(file, table),
        cpu_seconds_per_answer=_cost(file, table, "server"),
        own_cpu_seconds_per_answer=_cost(file, table, "generator"),
        answers_per_journey=_number(file, table, "requests_per_journey"),
        version=_name(table.get("etalon_version")),
        measured_at=_name(table.get("started_at")),
    )


def _number(
    file: Path, table: Mapping[str, object], key: str, at_least: float = 0.0
) -> float | None:
    value = table.get(key)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not isfinite(value):
        message = f"{file}: {key} = {value!r}: a number is expected"
        raise CapacityFileError(message)
    if value < at_least:
        message = f"{file}: {key} = {value!r}: {at_least:g} or more is expected"
        raise CapacityFileError(message)
    return float(value)


def _cost(file: Path, table: Mapping[str, object], of: str) -> float | None:
    """Read the seconds of CPU of one request, of the server or of the generator."""
    part = table.get(of)
    if not isinstance(part, dict):
        return None
    return _number(file, cast("Mapping[str, object]", part), "cpu_seconds_per_request")


def _name(value: object) -> str:
    """Write a name that is a text, or the `name` of a table; ours is `embedded`."""
    if isinstance(value, dict):
        table = cast("Mapping[str, object]", value)
        return _name(table.get("kind" if table.get("kind") == "embedded" else "name"))
    return value if isinstance(value, str) else ""


def _mix(file: Path, table: Mapping[str, object]) -> Mapping[str, float] | None:
    mix = table.get("mix")
    if not isinstance(mix, dict):
        return None
    shares = cast("Mapping[str, object]", mix)
    return {journey: _number(file, shares, journey) or 0.0 for journey in shares}


def platform_capacity(  # noqa: PLR0913 (the columns of the file)
    capacity: MeasuredCapacity,
    *,
    scenario: str,
    version: str,
    share_of_visits: float,
    starts_at: datetime,
    ends_at: datetime,
) -> dict[str, object]:
    """Return what `platform.capacity` of a scenario reads: the rate that held, as visits a minute.

    A scenario admits visits to activate or to object; log-ins and readings take the rest of the
    platform, in the share that they have when it is busiest.

    Args:
        capacity: What was measured.
        scenario: Whose mix of visits it was held against.
        version: Of Étalon.
        share_of_visits: Share of these visits among all arrivals of the busiest minutes.
        starts_at: First minute, civil time of Paris.
        ends_at: Minute after the last.
    """
    admitted = int(capacity.held * _MINUTE * share_of_visits)
    stretch = {
        "from": starts_at.isoformat(timespec="minutes"),
        "to": ends_at.isoformat(timespec="minutes"),
        "admissions_per_minute": admitted,
    }
    return {"scenario": scenario, "version": version, "ranges": [stretch]}
