"""TOML text to nested tables: one scenario on top of another, and changes on top of both."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, TypeGuard

from etalon_scenarios.scenario_errors import ScenarioError, cut, shown

if TYPE_CHECKING:
    from collections.abc import Sequence

Table = dict[str, object]
RESTATED = ("name", "title_fr", "title_en", "question_fr", "question_en")
KEPT_WITH_A_NEW_VALUE = ("unit", "by")


def is_table(value: object) -> TypeGuard[Table]:
    """Whether a TOML value is a table."""
    return isinstance(value, dict)


def is_list(value: object) -> TypeGuard[list[object]]:
    """Whether a TOML value is a list."""
    return isinstance(value, list)


@dataclass(frozen=True, slots=True)
class Change:
    """One `--set path=value`.

    Attributes:
        text: As given.
        keys: The dotted path, split.
        value: The value, read as TOML; text that is no TOML value stands for itself.
    """

    text: str
    keys: tuple[str, ...]
    value: object

    @property
    def path(self) -> str:
        """The dotted path."""
        return ".".join(self.keys)

    @property
    def label(self) -> str:
        """How a message names the change."""
        return f"--set {cut(self.text)}"

    @property
    def raw(self) -> str:
        """The value as typed."""
        return self.text.partition("=")[2].strip()


def table_of_text(text: str, file: str) -> Table:
    """The tables of a TOML text; numbers are exact.

    Raises:
        ScenarioError: It is not TOML; the message gives line and column.
    """
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except (ValueError, RecursionError) as error:
        raise ScenarioError(
            file, "", found=f"text that is not TOML: {error}", accepted="a complete TOML file"
        ) from error


def change_of(text: str) -> Change:
    """Read one `path=value`.

    Raises:
        ScenarioError: There is no `=` or no path.
    """
    path, equals, raw = text.partition("=")
    keys = tuple(key.strip() for key in path.split("."))
    if not equals or not all(keys):
        accepted = "path=value, as in enrolment.opposition_window=P30D"
        raise ScenarioError(file="--set", path="", found=shown(text), accepted=accepted)
    try:
        value: object = tomllib.loads(f"value = {raw.strip()}", parse_float=Decimal)["value"]
    except (ValueError, RecursionError):
        value = raw.strip().strip("\"'")
    return Change(text, keys, value)


def merged(base: Table, changes: Table) -> Table:
    """One scenario on top of the one it extends.

    Tables are merged key by key, anything else is replaced. A parameter that gets a new value
    gets a new range, certainty and source with it: only its unit is kept.
    """
    result = dict(base)
    heading = result.get("scenario")
    if is_table(heading) and "scenario" in changes:
        result["scenario"] = {k: v for k, v in heading.items() if k not in RESTATED}
    for key, new in changes.items():
        result[key] = _merged_value(result.get(key), new)
    return result


def _merged_value(old: object, new: object) -> object:
    if not is_table(old) or not is_table(new):
        return new
    if "value" in new or "values" in new:
        return {key: old[key] for key in KEPT_WITH_A_NEW_VALUE if key in old} | new
    result = dict(old)
    for key, value in new.items():
        result[key] = _merged_value(result.get(key), value)
    return result


def changed(table: Table, keys: Sequence[str], change: Change) -> Table:
    """The tables with one value replaced; what the path goes through is copied, not altered.

    A parameter whose value is given becomes the user's: its range closes on the value.

    Raises:
        ScenarioError: The path goes through something that is no table.
    """
    key, *rest = keys
    if not rest:
        return table | {key: _replaced(table.get(key), change)}
    below = table.get(key, {})
    if is_list(below):
        return table | {key: _changed_list(below, rest, change)}
    if not is_table(below):
        raise ScenarioError(
            file=change.label,
            path=change.path,
            found="a path that goes on below a value",
            accepted=f'"{key}" as its last key',
        )
    if len(rest) == 1 and rest[0] in {"value", "values"} and rest[0] in below:
        return table | {key: _replaced(below, change)}
    return table | {key: changed(below, rest, change)}


def _changed_list(below: list[object], keys: Sequence[str], change: Change) -> list[object]:
    rank, *rest = keys
    if not rank.isdigit() or int(rank) >= len(below):
        raise ScenarioError(
            file=change.label,
            path=change.path,
            found=shown(rank),
            accepted=f"a rank between 0 and {len(below) - 1}",
        )
    result = list(below)
    element = result[int(rank)]
    if rest and is_table(element):
        result[int(rank)] = changed(element, rest, change)
    else:
        result[int(rank)] = _replaced(element, change)
    return result


def _replaced(old: object, change: Change) -> object:
    new = change.value
    if isinstance(old, str) and not isinstance(new, str) and not is_list(new):
        return change.raw
    if not is_table(old):
        return new
    known = {key: old[key] for key in KEPT_WITH_A_NEW_VALUE if key in old}
    if is_table(new):
        return _merged_value(old, new)
    if "values" in old:
        return known | {
            "values": new,
            "low_factor": 1,
            "high_factor": 1,
            "certainty": "user",
            "source": "--set",
        }
    if "value" in old:
        return known | {
            "value": new,
            "low": new,
            "high": new,
            "certainty": "user",
            "source": "--set",
        }
    return new
