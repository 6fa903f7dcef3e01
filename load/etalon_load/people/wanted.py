"""Whom a journey wants: kinds of test people, one row each of `data/people_wanted.csv`."""

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from etalon_model.states import State


@dataclass(frozen=True, slots=True)
class Wanted:
    """A kind of test person.

    Attributes:
        name: What journeys ask for.
        state: Where the space stands.
        age: In years.
        documents: How many documents the record holds at least.
        profession: Role code of the professional who comes with the person, or empty.
        relation: Between the person and the professional, as a sandbox names it, or empty.
        laboratory: A laboratory comes with the person.
        once: A journey leaves the person changed, so that nobody is taken twice.
        needs: Columns of a file of people that must not be empty, beside `ins`.
        meaning_en: What it is, in English.
        meaning_fr: What it is, in French.
    """

    name: str
    state: State
    age: int
    documents: int
    profession: str
    relation: str
    laboratory: bool
    once: bool
    needs: tuple[str, ...]
    meaning_en: str
    meaning_fr: str

    @property
    def is_minor(self) -> bool:
        """Whether somebody represents the person."""
        return self.age < _MAJORITY_YEARS


_MAJORITY_YEARS: Final = 18


@cache
def kinds_wanted() -> Mapping[str, Wanted]:
    """Return every kind of test person, by name."""
    table = (files("etalon_load") / "data" / "people_wanted.csv").read_text(encoding="utf-8")
    return MappingProxyType(
        {row["wanted"]: _wanted(row) for row in csv.DictReader(table.splitlines(), strict=True)}
    )


def _wanted(row: Mapping[str, str]) -> Wanted:
    return Wanted(
        name=row["wanted"],
        state=State(row["state"]),
        age=int(row["age"]),
        documents=int(row["documents"]),
        profession=row["profession"],
        relation=row["relation"],
        laboratory=row["laboratory"] == "yes",
        once=row["once"] == "yes",
        needs=tuple(row["needs"].split()),
        meaning_en=row["meaning_en"],
        meaning_fr=row["meaning_fr"],
    )
