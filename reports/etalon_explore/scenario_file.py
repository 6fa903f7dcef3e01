"""The scenario file of a policy of the page: it extends a scenario and holds what was moved.

The page runs this very file, so that whoever downloads it runs the same.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from etalon_explore.controls import LISTS, controls_of, number_of
from etalon_scenarios.department_lists import is_sequence
from etalon_text.language import LANGUAGES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from etalon_explore.controls import Control
    from etalon_explore.views import Choice
    from etalon_scenarios.scenario import Scenario
    from etalon_scenarios.section_base import Section
    from etalon_text.language import Language

    Moved = Callable[[Control, str, Language], str]
    Table = dict[str, object]

SOURCE: Final = "etalon explore"
_DIGITS: Final = 8
_LONGEST_NAME: Final = 50
_MOST_NAMED: Final = 2
_INSTEAD: Final = {"volume": "last_on", "last_on": "volume"}
"""Field of a wave -> the field that it stands in place of."""


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy that was moved, as a scenario file.

    Attributes:
        name: Name of the scenario; the file is `NAME.toml`.
        text: Content of the file.
    """

    name: str
    text: str

    @property
    def file(self) -> str:
        """Name of the file."""
        return f"{self.name}.toml"


def policy_file(choice: Choice, scenario: Scenario, extends: str, in_words: Moved) -> PolicyFile:
    """Write the scenario file of a policy of which something was moved.

    Args:
        choice: The policy.
        scenario: The scenario it starts from.
        extends: That scenario as the file names it.
        in_words: Says of a control and its value what was moved.
    """
    controls = {control.key: control for control in controls_of(scenario)}
    digest = hashlib.sha256(json.dumps([extends, *choice.moved]).encode()).hexdigest()[:_DIGITS]
    name = f"{scenario.name[:_LONGEST_NAME]}-{digest}"
    heading: Table = {"extends": extends, "name": name}
    for language in LANGUAGES:
        said = [in_words(controls[key], value, language) for key, value in choice.moved]
        shown = [*said[:_MOST_NAMED], *(["…"] if len(said) > _MOST_NAMED else [])]
        heading[f"title_{language}"] = ", ".join(shown)
    tables: dict[str, Table] = {"scenario": heading}
    for key, value in choice.moved:
        section, _, field = key.partition(".")
        if section in LISTS:
            continue
        held = _read(value, controls[key])
        if isinstance(held, dict):
            tables[key] = held
        else:
            tables.setdefault(section, {})[field] = held
    lists = {section: _tables(section, choice, scenario, controls) for section in LISTS}
    return PolicyFile(name, "\n".join(_lines(tables, lists)) + "\n")


def _lines(tables: Mapping[str, Table], lists: Mapping[str, list[Table] | None]) -> Iterator[str]:
    yield from (f"{section} = []\n" for section, held in lists.items() if held == [])
    for name, table in tables.items():
        yield f"[{name}]"
        yield from _fields(table)
    for section, held in lists.items():
        for table in held or ():
            yield f"[[{section}]]"
            yield from _fields(table)


def _fields(table: Table) -> Iterator[str]:
    yield from (f"{field} = {_plain(value)}" for field, value in table.items())
    yield ""


def _tables(
    section: str, choice: Choice, scenario: Scenario, controls: Mapping[str, Control]
) -> list[Table] | None:
    """Give a list of which the first table was moved, whole: it replaces that of the parent."""
    moved = dict(choice.moved)
    own = {key.partition(".")[2]: key for key in moved if key.partition(".")[0] == section}
    if not own:
        return None
    if moved.get(own.get("after_days", "")) == "":
        return []
    held: Sequence[Section] = getattr(scenario, section)
    tables = [_table(table) for table in held] or [{}]
    for field, key in own.items():
        tables[0][field] = _read(moved[key], controls[key])
        instead = _INSTEAD.get(field)
        if instead is not None and instead not in own:
            tables[0].pop(instead, None)
    return tables


def _table(section: Section) -> Table:
    names = {name: info.alias or name for name, info in type(section).model_fields.items()}
    held = {alias: getattr(section, name) for name, alias in names.items()}
    return {alias: value for alias, value in held.items() if value is not None}


def _read(value: str, control: Control) -> object:
    """Give a value of an address the type that the file holds; a parameter is a table."""
    if control.kind == "date":
        return dt.date.fromisoformat(value)
    if value in {"true", "false"}:
        return value == "true"
    number = number_of(value)
    if control.kind != "number" or number is None:
        return int(value) if value.isdigit() else value
    if control.expected is None or not control.expected.unit:
        return int(number)
    return {
        **dict.fromkeys(("value", "low", "high"), number),
        "unit": control.expected.unit,
        "certainty": "user",
        "source": SOURCE,
    }


def _plain(value: object) -> str:
    """Write a value of TOML; its strings take what JSON writes."""
    if isinstance(value, str):
        return json.dumps(value, ensure_ascii=False)
    if is_sequence(value):
        return json.dumps(list(value), ensure_ascii=False)
    match value:
        case bool():
            return str(value).lower()
        case Decimal():
            return format(value, "f")
        case _:
            return str(value)
