"""Primitive values of FHIR as text, in both directions: what XML writes in `value`."""

import re
from decimal import Decimal
from typing import Final

from etalon_wire.json_body import Json
from etalon_wire.malformed import VALUE, Limits, Malformed, decimal_of, integer_of

INTEGERS: Final = frozenset({"integer", "positiveInt", "unsignedInt"})
_INTEGER: Final = re.compile(r"-?(?:0|[1-9][0-9]*)")
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?")
_BOOLEANS: Final = {"true": True, "false": False}


def read_primitive(kind: str, text: str, at: str, limits: Limits) -> Json:
    """Return the value that a text writes, as JSON holds it.

    Args:
        kind: A primitive type of FHIR.
        text: What the attribute holds.
        at: Where it stands, as FHIRPath.
        limits: Most digits of a number.

    Raises:
        Malformed: `value`: the text is empty, or writes no such value.
    """
    if kind == "boolean" and text in _BOOLEANS:
        return _BOOLEANS[text]
    if kind in INTEGERS and _INTEGER.fullmatch(text):
        return integer_of(text, at)
    if kind == "decimal" and _DECIMAL.fullmatch(text):
        return decimal_of(text, at, limits)
    if kind in {"boolean", "decimal", *INTEGERS} or not text:
        message = f"the value is no {kind}"
        raise Malformed(VALUE, at, message)
    return text


def write_primitive(kind: str, value: Json, at: str) -> str:
    """Return the text that writes a value.

    Raises:
        Malformed: `value`: the value is of another type, or an empty text.
    """
    if kind == "boolean" and isinstance(value, bool):
        return "true" if value else "false"
    if kind in INTEGERS and isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if kind == "decimal" and isinstance(value, int | Decimal) and not isinstance(value, bool):
        return str(value)
    if kind in {"boolean", "decimal", *INTEGERS} or not isinstance(value, str) or not value:
        message = f"the value is no {kind}"
        raise Malformed(VALUE, at, message)
    return value
