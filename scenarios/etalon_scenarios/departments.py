"""The 101 départements: code, name and region."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

SOURCE = "data/departments.csv"


@dataclass(frozen=True, slots=True)
class Department:
    """A département.

    Attributes:
        code: INSEE code: `01` to `95`, `2A` and `2B`, `971` to `974` and `976`.
        name: Name in French.
        region: Name of its region in French.
    """

    code: str
    name: str
    region: str


def nearest_department(code: str) -> str | None:
    """The code that was probably meant: a zero lost by a spreadsheet, a small letter; or None."""
    meant = code.strip().upper().zfill(2)
    return meant if meant in departments() else None


@cache
def departments() -> dict[str, Department]:
    """The départements by code, in ascending order of code."""
    file = resources.files("etalon_scenarios").joinpath(SOURCE)
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    listed = [Department(row["code"], row["name"], row["region"]) for row in rows]
    return {department.code: department for department in listed}
