"""From what pydantic says of a scenario to one problem in the user's words."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_scenarios.scenario_checks import Problem
from etalon_scenarios.scenario_errors import nearest_name, shown
from etalon_scenarios.scenario_keys import expected_of, info_at, keys_of, table_at
from etalon_scenarios.section_base import NAME, PERIOD, TIME_OF_DAY

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic_core import ErrorDetails

ACCEPTED_BY_TYPE = {
    "missing": "a value: this key is required",
    "string_type": "a text in quotes",
    "int_type": "a whole number",
    "bool_type": "true or false",
    "date_type": "a date without quotes, as 2021-08-30",
    "tuple_type": "a list",
    "finite_number": "a number",
    "decimal_type": "a number",
    "is_instance_of": "a number",
    "string_too_short": "a text that is not empty",
}
ACCEPTED_BY_PATTERN = {
    PERIOD: "an ISO period of one unit: P6W, P30D, P1M",
    TIME_OF_DAY: "a time HH:MM",
    NAME: "small letters, digits and hyphens",
}
TABLE_EXPECTED = ("model_type", "model_attributes_type", "dict_type")


def first_refusal(error: ValidationError, model: type[BaseModel]) -> Problem:
    """The problem to report first: a misspelt key explains the missing one that follows it."""
    details = error.errors(include_url=False)
    misspelt = [detail for detail in details if detail["type"] == "extra_forbidden"]
    return _problem((misspelt or details)[0], model)


def _problem(detail: ErrorDetails, model: type[BaseModel]) -> Problem:
    kind, context = detail["type"], detail.get("ctx", {})
    keys = [str(key) for key in detail["loc"]]
    if kind == "not_accepted":
        path = ".".join([*keys, *([context["key"]] if context["key"] else [])])
        return Problem(path, str(context["found"]), str(context["accepted"]), context["nearest"])
    path = ".".join(keys)
    if kind == "extra_forbidden":
        table = table_at(model, keys[:-1])
        valid = list(keys_of(table)) if table is not None else []
        return Problem(
            path,
            f"an unknown key {shown(keys[-1])}",
            ", ".join(valid),
            nearest_name(keys[-1], valid),
        )
    found = "nothing" if kind == "missing" else shown(detail["input"])
    return Problem(path, found, _accepted(detail, model, keys))


def _accepted(detail: ErrorDetails, model: type[BaseModel], keys: list[str]) -> str:
    kind, context = detail["type"], detail.get("ctx", {})
    if kind in TABLE_EXPECTED or kind == "missing":
        info = info_at(model, keys)
        expected = expected_of(info) if info is not None else None
        if expected is not None:
            value, width = (
                ("value", "low, high")
                if expected.by is None
                else ("values", "by, low_factor, high_factor")
            )
            table = f'{value}, unit = "{expected.unit}", {width}, certainty, source'
            return f"a table of {table}"
        if kind in TABLE_EXPECTED:
            return "a table"
    if kind == "literal_error":
        return str(context["expected"])
    if kind == "string_pattern_mismatch":
        return ACCEPTED_BY_PATTERN.get(str(context["pattern"]), str(context["pattern"]))
    return ACCEPTED_BY_TYPE.get(kind, detail["msg"].removeprefix("Input should be "))
