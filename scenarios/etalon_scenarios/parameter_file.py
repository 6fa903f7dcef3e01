"""A user's own numbers, from a table of paths and values, laid over a scenario."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic import BaseModel, ValidationError
from pydantic_core import PydanticCustomError

from etalon_scenarios.parameters import Expected, Number
from etalon_scenarios.scenario_errors import nearest_name
from etalon_scenarios.scenario_keys import expected_of, info_at, keys_of, table_of
from etalon_scenarios.user_tables import rows_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from decimal import Decimal

    from etalon_scenarios.user_tables import Row

REQUIRED_COLUMNS = ("path", "value", "source", "certainty")
OPTIONAL_COLUMNS = ("low", "high", "unit", "note")
CERTAINTIES = ("measured", "derived", "user", "assumption")


def numbers_of(text: str, file: str, model: type[BaseModel]) -> list[tuple[int, str, Number]]:
    """The numbers of a table, each with its line and the path where it belongs.

    Raises:
        ScenarioError: A path that holds no single number, a value that the key does not accept.
    """
    rows = rows_of(text, file, required=REQUIRED_COLUMNS, optional=OPTIONAL_COLUMNS)
    numbers: dict[str, tuple[int, str, Number]] = {}
    for row in rows:
        path = row.cells["path"]
        if path in numbers:
            raise row.refused(
                column="path", accepted=f"each path once; line {numbers[path][0]} has it too"
            )
        numbers[path] = (row.line, path, _number(row, _expected(row, model)))
    return list(numbers.values())


def number_paths(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """The paths of a scenario that hold a single number; those inside lists are left out."""
    for key, info in keys_of(model).items():
        expected = expected_of(info)
        table = table_of(info)
        if expected is not None:
            if expected.by is None:
                yield prefix + key
        elif table is not None:
            yield from number_paths(table, f"{prefix}{key}.")


def _expected(row: Row, model: type[BaseModel]) -> Expected:
    path = row.cells["path"]
    info = info_at(model, path.split("."))
    expected = expected_of(info) if info is not None else None
    if expected is None or expected.by is not None:
        accepted = "the path of a single number of the scenario"
        if expected is not None:
            accepted += "; values by age band or by day are given in a scenario file"
        raise row.refused(
            column="path", accepted=accepted, nearest=nearest_name(path, number_paths(model))
        )
    return expected


def _number(row: Row, expected: Expected) -> Number:
    value = row.number("value")
    if value is None:
        raise row.refused(column="value", accepted=f"{expected.in_words()} (unit: {expected.unit})")
    unit = row.cells.get("unit") or expected.unit
    fields: dict[str, object] = {
        "value": value,
        "low": _or(row.number("low"), value),
        "high": _or(row.number("high"), value),
        "unit": unit,
        "source": row.cells["source"],
        "certainty": row.one_of("certainty", CERTAINTIES),
        "note": row.cells.get("note") or None,
    }
    try:
        number = Number.model_validate(fields)
        expected.checked(number)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        context = first.get("ctx", {})
        key = str(context.get("key") or (first["loc"][0] if first["loc"] else "value"))
        raise row.refused(key, str(context.get("accepted", "a text"))) from error
    except PydanticCustomError as error:
        context = error.context or {}
        raise row.refused(str(context["key"]), str(context["accepted"])) from error
    return number


def _or(number: Decimal | None, otherwise: Decimal) -> Decimal:
    return otherwise if number is None else number
