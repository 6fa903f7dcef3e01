"""What the operations of the wire take and answer, and Parameters to and from plain values.

The operations are ours: no public text gives a wire to the life of a space. Their parameters stand
in `data/operations.csv`.

Source: FHIR R4, Parameters and OperationDefinition.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from typing import Final, Literal, cast

from etalon_wire.json_body import Json, Resource
from etalon_wire.malformed import REQUIRED, STRUCTURE, VALUE, Malformed
from etalon_wire.records.instants import instant_of, written
from etalon_wire.records.parties import national_identifier
from etalon_wire.tables import rows_of

Use = Literal["in", "out"]
Value = str | bool | date | datetime
"""A plain value: an identifier is its value, the matricule or number without its system."""

RETURN: Final = "return"
"""Name of the parameter that is the whole answer, as FHIR has it."""

INS_SYSTEMS: Final = tuple(f"urn:oid:1.2.250.1.213.1.4.{branch}" for branch in (8, 9, 10, 11))
"""Systems of a matricule INS: NIR, NIA, test and demonstration."""

_INSTANT: Final = re.compile(
    r"[0-9-]{10}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,9})?(Z|[+-][0-9]{2}:[0-9]{2})"
)
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")


@dataclass(frozen=True, slots=True)
class OperationParameter:
    """One parameter of an operation.

    Attributes:
        operation: Name of the operation, without its sign.
        use: Whether it is taken or answered.
        name: Its name.
        is_required: It must be there.
        type: Type of FHIR.
        codes: What may stand there, for a code; anything when empty.
        text: What it says.
    """

    operation: str
    use: Use
    name: str
    is_required: bool
    type: str
    codes: tuple[str, ...]
    text: str

    @property
    def is_ins(self) -> bool:
        """True when it names a person, by a matricule INS."""
        return self.name in {"patient", "chosen"}

    @property
    def element(self) -> str:
        """The name of its value in Parameters: `valueIdentifier`."""
        return f"value{self.type[0].upper()}{self.type[1:]}"


@cache
def _parameters() -> Mapping[str, tuple[OperationParameter, ...]]:
    found: dict[str, tuple[OperationParameter, ...]] = {}
    for row in rows_of("operations.csv"):
        one = OperationParameter(
            operation=row["operation"],
            use=cast("Use", row["use"]),
            name=row["name"],
            is_required=row["min"] == "1",
            type=row["type"],
            codes=tuple(row["codes"].split()),
            text=row["text"],
        )
        found[one.operation] = (*found.get(one.operation, ()), one)
    return found


def operation_parameters(operation: str) -> tuple[OperationParameter, ...]:
    """Return the parameters of an operation, in the order of the table.

    Raises:
        KeyError: There is no such operation.
    """
    return _parameters()[operation]


def read_parameters(operation: str, resource: Resource) -> dict[str, Value]:
    """Return what a request gives an operation, by name.

    Raises:
        Malformed: It is no Parameters, a parameter is unknown, missing, there twice, of another
            type, or holds a code that it may not.
        KeyError: There is no such operation.
    """
    if resource.get("resourceType") != "Parameters":
        raise Malformed(STRUCTURE, "", f"${operation} takes a resource of type Parameters")
    given = resource.get("parameter", [])
    if not isinstance(given, list):
        raise Malformed(STRUCTURE, "Parameters.parameter", "a list of parameters is asked")
    known = {one.name: one for one in operation_parameters(operation) if one.use == "in"}
    found: dict[str, Value] = {}
    for rank, part in enumerate(given):
        at = f"Parameters.parameter[{rank}]"
        name = part.get("name") if isinstance(part, dict) else None
        if not isinstance(part, dict) or not isinstance(name, str) or name not in known:
            names = ", ".join(known)
            raise Malformed(STRUCTURE, at, f"${operation} takes the parameters {names}")
        if name in found:
            raise Malformed(STRUCTURE, at, f"the parameter {name} stands twice: keep one")
        found[name] = _value(known[name], part, at)
    for one in known.values():
        if one.is_required and one.name not in found:
            message = f"${operation} needs the parameter {one.name}: {one.text}"
            raise Malformed(REQUIRED, "Parameters.parameter", message)
    return found


def written_parameters(operation: str, values: Mapping[str, Value | None]) -> Resource:
    """Return the Parameters that an operation answers; what is None is left out.

    Raises:
        KeyError: It answers no such parameter, or needs one that is not given.
    """
    parts: list[Json] = []
    for one in operation_parameters(operation):
        if one.use == "in" or (values.get(one.name) is None and not one.is_required):
            continue
        parts.append({"name": one.name, one.element: _plain(cast("Value", values[one.name]))})
    return {"resourceType": "Parameters", "parameter": parts}


def _value(one: OperationParameter, part: Mapping[str, Json], at: str) -> Value:
    """Read the value of one parameter."""
    held = part.get(one.element)
    at = f"{at}.{one.element}"
    if held is None or set(part) - {"id", "name", one.element}:
        raise Malformed(VALUE, at, f"the parameter {one.name} holds {one.element} and no more")
    if one.type == "Identifier":
        return _identifier(one, held, at)
    if one.type == "boolean":
        if isinstance(held, bool):
            return held
    elif isinstance(held, str) and held:
        return _text(one, held, at)
    raise Malformed(VALUE, at, f"a value of type {one.type} is asked")


def _text(one: OperationParameter, held: str, at: str) -> Value:
    if one.codes and held not in one.codes:
        raise Malformed(VALUE, at, f"one of {', '.join(one.codes)} is asked")
    if one.type == "date":
        return _date(held, at)
    if one.type in {"instant", "dateTime"}:
        return _instant(held, at)
    return held


def _identifier(one: OperationParameter, held: Json, at: str) -> str:
    """Return the value of an identifier: of a person a matricule INS, by its system.

    The number that a professional has in a register of their own is made the national one.
    """
    value = held.get("value") if isinstance(held, dict) else None
    system = held.get("system", "") if isinstance(held, dict) else ""
    if not isinstance(value, str) or not value:
        raise Malformed(VALUE, at, "an Identifier with its value is asked")
    if one.is_ins and system not in INS_SYSTEMS:
        raise Malformed(VALUE, at, f"the system of a matricule INS is asked: {INS_SYSTEMS[0]}")
    if one.is_ins or not isinstance(held, dict):
        return value
    return national_identifier(held) or value


def _date(text: str, at: str) -> date:
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Malformed(VALUE, at, "a day like 1987-03-21 is asked")


def _instant(text: str, at: str) -> datetime:
    if not _INSTANT.fullmatch(text):
        message = "an instant with its time zone is asked, like 2022-02-03T09:00:00+01:00"
        raise Malformed(VALUE, at, message)
    return instant_of(text, at)


def _plain(value: Value) -> Json:
    if isinstance(value, datetime):
        return written(value)
    return value.isoformat() if isinstance(value, date) else value
