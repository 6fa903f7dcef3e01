"""Requests with gaps: `{name}` stands for a value, in an address, a text or a table of JSON."""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Final
from urllib.parse import quote

from etalon_target.cannot import CannotTest
from etalon_target.plain_values import is_list, is_table
from etalon_wire.json_body import Json

_GAP: Final = re.compile(r"\{\{|\}\}|\{([A-Za-z_][A-Za-z0-9_]*)\}")
_LEFT_OUT: Final = object()

Values = Mapping[str, Json]


def filled(template: str, values: Values) -> str:
    """Return a text with its gaps filled; `{{` and `}}` stand for braces.

    Raises:
        CannotTest: A gap has no value.
    """
    return _GAP.sub(lambda found: _piece(found, values), template)


def filled_address(template: str, values: Values) -> str:
    """Return an address with its gaps filled, each percent-encoded.

    Raises:
        CannotTest: A gap has no value.
    """
    return _GAP.sub(lambda found: quote(_piece(found, values), safe=""), template)


def filled_body(template: object, values: Values) -> Json:
    """Return a table of a profile as JSON.

    A text that is one gap becomes the value with its type; where the value is null or missing, the
    member or element is left out.

    Raises:
        CannotTest: A gap inside a text has no value, or the table holds what JSON does not.
    """
    found = _filled(template, values)
    return None if found is _LEFT_OUT else found  # type: ignore[return-value]


def _filled(template: object, values: Values) -> object:
    if isinstance(template, str):
        lone = _GAP.fullmatch(template)
        if lone is not None and lone[1]:
            value = values.get(lone[1])
            return _LEFT_OUT if value is None else value
        return filled(template, values)
    if is_table(template):
        members = {name: _filled(below, values) for name, below in template.items()}
        return {name: value for name, value in members.items() if value is not _LEFT_OUT}
    if is_list(template):
        return [one for below in template if (one := _filled(below, values)) is not _LEFT_OUT]
    if isinstance(template, float):
        return Decimal(str(template))
    return template if template is None or isinstance(template, bool | int) else str(template)


def _piece(found: re.Match[str], values: Values) -> str:
    if not found[1]:
        return found[0][0]
    value = values.get(found[1])
    if value is None or isinstance(value, list | dict):
        raise CannotTest(key="target.no_value", name=found[1])
    return str(value).lower() if isinstance(value, bool) else str(value)


def at_pointer(value: Json, pointer: str) -> Json:
    """Return what a JSON Pointer (RFC 6901) leads to.

    Raises:
        LookupError: It leads nowhere.
    """
    for step in pointer.split("/")[1:]:
        key = step.replace("~1", "/").replace("~0", "~")
        if isinstance(value, dict):
            value = value[key]
        elif isinstance(value, list) and key.isdecimal():
            value = value[int(key)]
        else:
            raise LookupError(pointer)
    return value
