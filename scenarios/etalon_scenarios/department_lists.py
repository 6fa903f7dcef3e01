"""Lists of départements in a scenario file, checked code by code."""

from __future__ import annotations

from typing import TypeGuard

from etalon_scenarios.departments import departments, nearest_department
from etalon_scenarios.parameters import not_accepted
from etalon_scenarios.scenario_errors import shown


def known_departments(codes: object) -> object:
    """A list of département codes, each of which exists, none twice.

    Raises:
        PydanticCustomError: It is not.
    """
    if not is_sequence(codes):
        raise not_accepted(found=shown(codes), accepted='a list of codes in quotes, ["31", "2A"]')
    for code in codes:
        if not isinstance(code, str) or code not in departments():
            raise not_accepted(
                found=shown(code),
                accepted="a département code in quotes: 01 to 95, 2A, 2B, 971 to 974 or 976",
                nearest=nearest_department(str(code)),
            )
        if codes.count(code) > 1:
            raise not_accepted(found=f"{shown(code)} twice", accepted="each département once")
    return tuple(codes)


def known_departments_or_all(codes: object) -> object:
    """`"all"`, or a list of département codes as in `known_departments`."""
    if isinstance(codes, str) and codes != "all":
        raise not_accepted(
            found=shown(codes), accepted='"all", or a list of codes in quotes, ["31", "2A"]'
        )
    return codes if codes == "all" else known_departments(codes)


def is_sequence(value: object) -> TypeGuard[list[object] | tuple[object, ...]]:
    """Whether a TOML value is a list."""
    return isinstance(value, list | tuple)
