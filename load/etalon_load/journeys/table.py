"""The table of journeys: whose they are, their steps, what each step asks of the wire.

A row of `data/journeys.csv` is a step; the name of its interaction is that of the table from which
the server makes its routes, so that verb, path and status stand in one place. How long somebody
thinks before a step is the median of a log-normal time, an assumption of ours.
"""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from etalon_wire.interactions import Interaction, interactions


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a journey.

    Attributes:
        journey: Of which journey.
        user: Who goes on it: `holder`, `representative`, `professional`, `structure`, `operator`.
        name: Of the step, as objectives name it.
        interaction: What it asks of the wire.
        think_seconds: Median of the time somebody thinks before it.
        wanted: The kind of test person the journey wants.
    """

    journey: str
    user: str
    name: str
    interaction: Interaction
    think_seconds: float
    wanted: str


@cache
def step_rows() -> tuple[StepRow, ...]:
    """Return every row, in the order of the table.

    Raises:
        KeyError: A row names no interaction of the wire; the table was damaged.
    """
    return tuple(
        StepRow(
            journey=row["journey"],
            user=row["user"],
            name=row["step"],
            interaction=interactions()[row["interaction"]],
            think_seconds=float(row["think_seconds"]),
            wanted=row["wanted"],
        )
        for row in _rows("journeys.csv")
    )


@cache
def steps() -> Mapping[str, tuple[str, ...]]:
    """Return the names of the steps of each journey, in their order."""
    found: dict[str, tuple[str, ...]] = {}
    for row in step_rows():
        found[row.journey] = (*found.get(row.journey, ()), row.name)
    return MappingProxyType(found)


@cache
def wanted_of() -> Mapping[str, str]:
    """Return the kind of test person that each journey wants."""
    return MappingProxyType({row.journey: row.wanted for row in step_rows()})


@cache
def users() -> Mapping[str, str]:
    """Return who goes on each journey."""
    return MappingProxyType({row.journey: row.user for row in step_rows()})


@cache
def on_our_wire() -> frozenset[str]:
    """Return the journeys that only a target like ours lets go on: they ask what is ours to ask."""
    asks = {row.journey for row in step_rows() if row.interaction.family == "life_cycle"}
    return frozenset(asks | {row.journey for row in step_rows() if row.name in _OURS})


_OURS: Final = frozenset({"activate", "open"})
"""Steps that no published text describes and without which a journey is none."""


@cache
def by_the_sandbox() -> frozenset[tuple[str, str]]:
    """Return the steps, by journey and name, that a sandbox answers: its faults spare them."""
    return frozenset(
        (row.journey, row.name) for row in step_rows() if row.interaction.family == "sandbox"
    )


@cache
def think_seconds() -> Mapping[tuple[str, str], float]:
    """Return the median time of thought (s) before each step, by journey and step."""
    return MappingProxyType({(row.journey, row.name): row.think_seconds for row in step_rows()})


@cache
def journey_of_kind() -> Mapping[str, str]:
    """Return which journey an arrival of a simulation goes on, by its kind."""
    return MappingProxyType({row["kind"]: row["journey"] for row in _rows("arrival_kinds.csv")})


def _rows(name: str) -> list[dict[str, str]]:
    table = (files("etalon_load") / "data" / name).read_text(encoding="utf-8")
    return list(csv.DictReader(table.splitlines(), strict=True))
