"""What is compared between policies: the table `data/measures.csv`, and the groups of people."""

from __future__ import annotations

import csv
import re
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import Final

TABLE: Final = "data/measures.csv"
EVERYBODY: Final = ("all", "all")
AGE_GROUPS: Final = {
    "0-19": range(4),
    "20-39": range(4, 8),
    "40-59": range(8, 12),
    "60-74": range(12, 15),
    "75+": range(15, 20),
}
"""Ages compared: label -> ranks of the age bands, wide enough for a sample to tell."""

OF_LIVES: Final = (
    "documents",
    "with_one_document",
    "with_five_documents",
    "reminders_followed",
    "apps_paired",
)
"""Measures of what happens in open spaces: only runs that count their life have them."""

DIGITAL: Final = "digital_exclusion"
EXCLUDED: Final = "excluded"
CONNECTED: Final = "connected"
_TERM: Final = re.compile(r"([+-]?)([a-z_]+)")


@dataclass(frozen=True, slots=True)
class Measure:
    """One figure that policies are compared by.

    Attributes:
        key: Name; its label is the string `measure.KEY`.
        unit: `share`, `people`, `spaces`, `letters`, `emails`, `calls`, `visits`, `seconds`, `EUR`,
            `documents`, `reminders`.
        above: Counters added or taken off, as (sign, counter); empty for what is no counter.
        below: For a share, the counters below the line; empty for the population.
        special: `cost`, `wait_p95` or one of `OF_LIVES` for what is no counter, else None.
        queue: Whether it depends on a queue.
        grouped: Whether it is given by group.
    """

    key: str
    unit: str
    above: tuple[tuple[int, str], ...]
    below: tuple[tuple[int, str], ...]
    special: str | None
    queue: bool
    grouped: bool

    @property
    def share(self) -> bool:
        """Whether it is a share of people."""
        return self.unit == "share"

    @property
    def denominator(self) -> str | None:
        """Key of the string that says what it is a share of."""
        if not self.share:
            return None
        return f"denominator.{self.below[0][1] if self.below else 'population'}"

    @property
    def counters(self) -> frozenset[str]:
        """The counters it is made of; coverage also counts people, who have none."""
        return frozenset(name for _, name in (*self.above, *self.below))


@cache
def measures() -> tuple[Measure, ...]:
    """Return the measures, in the order of the tables."""
    file = resources.files("etalon_scenarios").joinpath(TABLE)
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return tuple(_measure(row) for row in rows)


@cache
def measure_named(key: str) -> Measure:
    """Return one measure.

    Raises:
        LookupError: There is none of this name.
    """
    for measure in measures():
        if measure.key == key:
            return measure
    message = f"no measure {key!r} in {TABLE}"
    raise LookupError(message)


def _measure(row: dict[str, str]) -> Measure:
    special = row["above"].strip("[]") if row["above"].startswith("[") else None
    return Measure(
        key=row["key"],
        unit=row["unit"],
        above=() if special else _terms(row["above"]),
        below=() if row["below"].startswith("[") else _terms(row["below"]),
        special=special,
        queue=row["queue"] == "yes",
        grouped=row["groups"] == "yes",
    )


def _terms(text: str) -> tuple[tuple[int, str], ...]:
    return tuple((-1 if sign == "-" else 1, name) for sign, name in _TERM.findall(text))
