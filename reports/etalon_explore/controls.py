"""The controls of the page: each moves one lever, and is what the scenario file says of its key.

The table is `data/controls.csv`. A key of the first wave or reminder stands for its list; a
control is offered only where the scenario has something there to move.
"""

from __future__ import annotations

import csv
import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Final, Literal, get_args, get_origin

from etalon_scenarios.levers import levers
from etalon_scenarios.parameters import LARGEST, Expected, Number
from etalon_scenarios.scenario import Scenario
from etalon_scenarios.scenario_keys import expected_of, info_at, name_of
from etalon_scenarios.section_base import PERIOD, TIME_OF_DAY, Section
from etalon_text.number_formats import MINUS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pydantic.fields import FieldInfo

    from etalon_scenarios.levers import Lever

Kind = Literal["number", "choice", "date", "time"]
LISTS: Final = ("waves", "reminders")
"""Keys of a scenario file that hold a list of tables; a control moves the first one."""

_LEVER_OF: Final = {"reminders.after_days": "reminders", "reminders.channel": "reminders"}
_AGES: Final = tuple(str(age) for age in range(0, 100, 5))
_LONGEST: Final = 40
_SMALLEST: Final = -9
_LARGEST: Final = 9
"""Powers of ten between which a number of a scenario lies."""

_WHOLE: Final = Expected("", whole=True)
_EITHER: Final = re.compile(r"[1-9]\d*,\d{3}\s*$|,.*,")
_BOUNDS: Final = re.compile(r"(ge|le)=(-?\d+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Control:
    """One control.

    Attributes:
        key: Dotted key; also its name in an address.
        group: Group it stands in.
        kind: What it takes.
        value: Value in the scenario, as text; empty where the scenario has none.
        choices: Values of a choice, in order.
        expected: Unit and bounds of a number.
        known: What is known of the number in the scenario, where it has a range.
        lever: The lever it moves.
        texts: Texts that fix its value, each with the value under it.
    """

    key: str
    group: str
    kind: Kind
    value: str
    choices: tuple[str, ...]
    expected: Expected | None
    known: Number | None
    lever: Lever
    texts: tuple[tuple[str, str], ...]

    def accepts(self, value: str) -> bool:
        """Tell whether a value can stand here; what it then does is for the scenario to judge."""
        if value == self.value:
            return True
        if not value or len(value) > _LONGEST:
            return self.key == "reminders.after_days" and not value
        match self.kind:
            case "choice":
                return value in self.choices
            case "date":
                return _is_date(value)
            case "time":
                return re.fullmatch(TIME_OF_DAY, value) is not None
            case "number":
                number = number_of(value)
                bounds = self.expected or _WHOLE
                return number is not None and bounds.bounded(number) == number


def controls_of(scenario: Scenario) -> tuple[Control, ...]:
    """Give the controls of a scenario, in the order of the page."""
    return tuple(_controls(scenario))


def number_of(typed: str) -> Decimal | None:
    """Read a number as either language writes it: a comma or a point, spaces among thousands.

    A comma before three digits is a thousand to some and a thousandth to others: no number is read.
    """
    if _EITHER.search(typed):
        return None
    plain = re.sub(r"[\s\u00a0\u202f]", "", typed).replace(",", ".").replace(MINUS, "-")
    try:
        number = Decimal(plain)
    except InvalidOperation:
        return None
    if not number:
        return Decimal(0) if number.is_finite() else None
    return number if number.is_finite() and _SMALLEST <= number.adjusted() <= _LARGEST else None


def written_alike(value: str, control: Control) -> str:
    """Write a value as the control writes its own: a number stands in one way in an address."""
    number = number_of(value) if control.kind == "number" else None
    if number is None:
        return value
    own = number_of(control.value)
    return control.value if own == number else format(number.normalize(), "f")


@cache
def _table() -> tuple[tuple[str, str, str], ...]:
    file = resources.files("etalon_explore").joinpath("data/controls.csv")
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return tuple((row["lever"], row["group"], row["choices"]) for row in rows)


def _controls(scenario: Scenario) -> Iterator[Control]:
    by_key = {lever.key: lever for lever in reversed(levers())}
    for key, group, choices in _table():
        info = info_at(Scenario, key.split("."))
        if info is None or not _is_offered(scenario, key):
            continue
        member = _member(scenario, key)
        expected = _expected(info)
        name = _LEVER_OF.get(key, key)
        rows = (row for row in levers() if row.key == name and row.text)
        yield Control(
            key=key,
            group=group,
            kind=_kind(info, expected),
            value=_written(member),
            choices=_choices(info, choices.split(), _written(member)),
            expected=expected,
            known=member if isinstance(member, Number) else None,
            lever=by_key[name],
            texts=tuple((row.text, row.in_force) for row in rows),
        )


def _is_offered(scenario: Scenario, key: str) -> bool:
    """Tell whether moving a key of this scenario would do anything at all."""
    if scenario.enrolment.mode == "opt-in":
        return False
    return not key.startswith("waves.") or len(scenario.waves) == 1


def _member(scenario: Scenario, key: str) -> object:
    """Return what stands at a key; None where nothing does."""
    section, _, name = key.partition(".")
    if section in LISTS:
        held: Sequence[Section] = getattr(scenario, section)
        return getattr(held[0], name) if held else None
    below: object = getattr(scenario, section)
    return getattr(below, name_of(type(below), name)) if isinstance(below, Section) else None


def _written(member: object) -> str:
    if member is None:
        return ""
    if isinstance(member, Number):
        return format(member.value.normalize(), "f")
    return str(member).lower() if isinstance(member, bool) else str(member)


def _expected(info: FieldInfo) -> Expected | None:
    found = expected_of(info)
    if found is not None or int not in _types(info.annotation):
        return found
    bounds = dict(_BOUNDS.findall(f"{info.metadata} {info.annotation}"))
    low, high = bounds.get("ge", "0"), bounds.get("le", str(LARGEST))
    return Expected("", low=Decimal(low), high=Decimal(high), whole=True)


def _kind(info: FieldInfo, expected: Expected | None) -> Kind:
    types, described = _types(info.annotation), f"{info.metadata} {info.annotation}"
    if dt.date in types:
        return "date"
    if TIME_OF_DAY in described:
        return "time"
    if expected is not None and "multiple_of=5" not in described:
        return "number"
    return "choice"


def _choices(info: FieldInfo, offered: Sequence[str], value: str) -> tuple[str, ...]:
    """Give the values of a choice; that of the scenario is always one of them."""
    described, types = f"{info.metadata} {info.annotation}", _types(info.annotation)
    found: tuple[str, ...] = tuple(offered)
    if "multiple_of=5" in described:
        found = _AGES
    elif bool in types:
        found = ("true", "false")
    elif PERIOD not in described:
        found = tuple(part for part in types if isinstance(part, str))
    return found if value in found or not (value and found) else (value, *found)


def _types(annotation: object) -> tuple[object, ...]:
    """Give the types and literal values of an annotation, unions taken apart."""
    if get_origin(annotation) is None:
        return (annotation,)
    if get_origin(annotation) is Literal:
        return get_args(annotation)
    return tuple(part for inner in get_args(annotation) for part in _types(inner))


def _is_date(value: str) -> bool:
    try:
        dt.date.fromisoformat(value)
    except ValueError:
        return False
    return True
