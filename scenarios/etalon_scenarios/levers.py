"""The levers of a policy: which question each answers, which text fixes its value.

The table is `data/levers.csv`; `legal_departures` reads it for a scenario.
"""

from __future__ import annotations

import csv
import datetime as dt
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

TABLE: Final = "data/levers.csv"


@dataclass(frozen=True, slots=True)
class Lever:
    """One lever of a policy.

    Attributes:
        key: Dotted path in a scenario file; ranks in lists are left out.
        value: The value that the text speaks of, or empty when any other one departs.
        question_fr: Question of policy it answers, in French.
        question_en: The same in English.
        moves: `ledger`, or `cost` when it changes no event of a run.
        text: Text that fixes its value, or empty.
        in_force: Value under that text.
        since: First day on which the text holds, or None.
        fr: What another value supposes, in French.
        en: The same in English.
    """

    key: str
    value: str
    question_fr: str
    question_en: str
    moves: str
    text: str
    in_force: str
    since: dt.date | None
    fr: str
    en: str


@cache
def levers() -> tuple[Lever, ...]:
    """Return the levers, in the order of the table."""
    file = resources.files("etalon_scenarios").joinpath(TABLE)
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return tuple(_lever(row) for row in rows)


def _lever(row: dict[str, str]) -> Lever:
    key, _, value = row["key"].partition("=")
    return Lever(
        key=key,
        value=value,
        question_fr=row["question_fr"],
        question_en=row["question_en"],
        moves=row["moves"],
        text=row["text"],
        in_force=row["in_force"],
        since=dt.date.fromisoformat(row["since"]) if row["since"] else None,
        fr=row["fr"],
        en=row["en"],
    )
