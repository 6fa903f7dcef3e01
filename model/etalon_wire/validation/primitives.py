"""Primitive values: the JSON form and the lexical form of each R4 type (`primitives.csv`).

Source: FHIR R4, data types. Regular expressions are those of the specification, save `uri`,
where an `urn:oid:` or `urn:uuid:` has to be well formed, and dates, which have to exist.
"""

import re
from calendar import monthrange
from collections.abc import Callable, Mapping
from decimal import Decimal
from functools import cache
from typing import Final

from etalon_wire.base64_text import bytes_of
from etalon_wire.json_body import Json
from etalon_wire.tables import rows_of
from etalon_wire.validation.flaws import NONE, Check, Flaw, Flaws, Scope

_DATED: Final = frozenset({"date", "dateTime", "instant"})
_LARGEST: Final = 2147483647
_SHORT_MONTHS_FROM: Final = "29"


@cache
def primitive_checks() -> Mapping[str, Check]:
    """Return the check of each primitive type, by type."""
    patterns = {row["type"]: row for row in rows_of("profiles/primitives.csv")}
    return {name: _check_of(name, patterns) for name in patterns}


def _check_of(name: str, patterns: Mapping[str, dict[str, str]]) -> Check:
    row = patterns[name]
    form, pattern = row["json"], row["pattern"]
    if form == "boolean":
        return _typed(name, lambda value: value is True or value is False)
    if form == "integer":
        return _typed(name, _integer(re.compile(pattern) if pattern else None))
    if form == "number":
        return _typed(name, lambda value: type(value) in (int, Decimal))
    if name == "base64Binary":
        return _typed(name, lambda value: type(value) is str and bytes_of(value) is not None)
    if pattern.startswith("@"):
        pattern = patterns[pattern[1:]]["pattern"]
    match = re.compile(pattern).fullmatch
    if name in _DATED:
        return _dated(name, match)
    return _string(name, match)


def _string(name: str, match: Callable[[str], re.Match[str] | None]) -> Check:
    def check(value: Json, _scope: Scope) -> Flaws:
        if type(value) is str and match(value) is not None:
            return NONE
        return _unfit(name, value)

    return check


def _dated(name: str, match: Callable[[str], re.Match[str] | None]) -> Check:
    def check(value: Json, _scope: Scope) -> Flaws:
        if type(value) is not str or match(value) is None or not _is_day(value):
            return _unfit(name, value)
        return NONE

    return check


def _is_day(text: str) -> bool:
    """Whether the day that a date names exists; the form is right already."""
    day = text[8:10]
    if day < _SHORT_MONTHS_FROM:
        return True
    year = int(text[:4])
    return year > 0 and int(day) <= monthrange(year, int(text[5:7]))[1]


def _integer(pattern: re.Pattern[str] | None) -> Callable[[Json], bool]:
    def fits(value: Json) -> bool:
        if type(value) is not int or not -_LARGEST - 1 <= value <= _LARGEST:
            return False
        return pattern is None or pattern.fullmatch(str(value)) is not None

    return fits


def _typed(name: str, fits: Callable[[Json], bool]) -> Check:
    def check(value: Json, _scope: Scope) -> Flaws:
        return NONE if fits(value) else _unfit(name, value)

    return check


def _unfit(name: str, value: Json) -> Flaws:
    shown = str(value)[:40] if isinstance(value, str) else type(value).__name__
    return [Flaw("", "value", "base", "type", "W-REC-05a", f"not a FHIR {name}: {shown!r}")]
