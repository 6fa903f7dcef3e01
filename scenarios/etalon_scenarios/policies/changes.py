"""Which keys two scenarios differ in, in the words of a scenario file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_scenarios.department_lists import is_sequence
from etalon_scenarios.parameters import Number, Series
from etalon_scenarios.scenario_sections import Heading
from etalon_scenarios.section_base import Section

if TYPE_CHECKING:
    from collections.abc import Iterator

    from etalon_scenarios.scenario import Scenario

Change = tuple[str, str | None, str | None]
"""Dotted path, value of the first scenario, value of the second; None where it has none."""


def changes_between(first: Scenario, second: Scenario) -> list[Change]:
    """List the values that differ, in the order of the file; titles and sources are none.

    Whole lists (waves, reminders) are compared as one value.
    """
    left, right = dict(_values(first, "")), dict(_values(second, ""))
    paths = [*left, *(path for path in right if path not in left)]
    return [
        (path, left.get(path), right.get(path))
        for path in paths
        if left.get(path) != right.get(path)
    ]


def _values(section: Section, prefix: str) -> Iterator[tuple[str, str]]:
    for name, info in type(section).model_fields.items():
        member: object = getattr(section, name)
        path = prefix + (info.alias or name)
        if name == "source" or member is None:
            continue
        if isinstance(member, Heading):
            yield f"{path}.starts_on", str(member.starts_on)
            yield f"{path}.ends_on", str(member.ends_on)
            yield f"{path}.vintage", member.vintage
        elif isinstance(member, Number | Series):
            yield path, _written(member)
        elif isinstance(member, Section):
            yield from _values(member, path + ".")
        else:
            yield path, _written(member)


def _written(value: object) -> str:
    """Write a value as a reader of the file would."""
    if isinstance(value, Number):
        return str(value.value)
    if isinstance(value, Series):
        return ", ".join(map(str, value.values))
    if isinstance(value, Section):
        names = type(value).model_fields
        pairs = ((name, getattr(value, name)) for name in names if name != "source")
        return ", ".join(f"{name} = {_written(held)}" for name, held in pairs if held is not None)
    if is_sequence(value) and not isinstance(value, str):
        return "; ".join(map(_written, value))
    return str(value).lower() if isinstance(value, bool) else str(value)
