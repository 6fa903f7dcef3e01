"""Codes of the metadata and the systems in which they stand.

The model keeps a code; the wire wants its system and its label. They come from the value sets of
the ANS (`data/valuesets/`, one for each element in `data/coded_elements.csv`). Words that the
model uses for what no producer deposited become codes by `data/model_words.csv`.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Final, Literal

from etalon_wire.json_body import Json, Resource
from etalon_wire.tables import rows_of
from etalon_wire.validation.reading import parts, text

Coded = Literal["type", "class", "format", "facility", "setting"]
"""The coded elements that the model knows one code of."""

_REMEMBERED: Final = 4096


@dataclass(frozen=True, slots=True)
class Codes:
    """The codes of one element.

    Attributes:
        systems: Systems in which each code stands.
        labels: French label of each code, where it has one.
        words: Code of each word of the model that is no code.
    """

    systems: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, str]
    words: Mapping[str, str]


@cache
def codes_of(element: Coded) -> Codes:
    """Return the codes of an element."""
    files = {row["element"]: row["file"] for row in rows_of("coded_elements.csv")}
    systems: dict[str, tuple[str, ...]] = {}
    labels: dict[str, str] = {}
    for row in [*rows_of(f"valuesets/{files[element]}"), *_more(element)]:
        code = row["code"]
        systems[code] = (*systems.get(code, ()), row["system"])
        labels.setdefault(code, row["display_fr"])
    words = {row["word"]: row["code"] for row in rows_of("model_words.csv") if _is(row, element)}
    return Codes(systems, labels, words)


def _is(row: Mapping[str, str], element: str) -> bool:
    return row["element"] == element


def _more(element: str) -> list[dict[str, str]]:
    """Return the codes of the words of the model that stand outside the value set."""
    return [row for row in rows_of("model_words.csv") if _is(row, element) and row["system"]]


@lru_cache(_REMEMBERED)
def coding(element: Coded, code: str) -> Resource:
    """Return the Coding of a code of the model; do not change it, it is shared.

    A code of no system that we know stands alone: the bindings of PDSm are preferred ones.
    """
    known = codes_of(element)
    code = known.words.get(code, code)
    systems, label = known.systems.get(code, ()), known.labels.get(code, "")
    made: Resource = {"system": systems[0]} if systems else {}
    made["code"] = code
    if label:
        made["display"] = label
    return made


def concept(element: Coded, code: str) -> Resource:
    """Return the CodeableConcept of a code of the model."""
    return {"coding": [coding(element, code)]}


def code_in(codings: list[Resource], known: Mapping[str, object] | None = None) -> str:
    """Return the code that codings bear: the first that is known, else the first.

    Returns:
        The code, empty when there is none.
    """
    codes = [code for one in codings if (code := text(one, "code"))]
    return next((code for code in codes if known and code in known), codes[0] if codes else "")


def code_of(element: Coded, concept_or_coding: Resource) -> str:
    """Return the code of an element, read from its CodeableConcept or its Coding."""
    codings = parts(concept_or_coding, "coding") or [concept_or_coding]
    return code_in(codings, codes_of(element).systems)


@cache
def _acts() -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(row["pattern"]), row["system"]) for row in rows_of("act_systems.csv")]


def act(code: str) -> Resource:
    """Return the CodeableConcept of an act documented, its system told by its shape."""
    system = next((system for shape, system in _acts() if shape.fullmatch(code)), "")
    made: dict[str, Json] = {"system": system} if system else {}
    made["code"] = code
    return {"coding": [made]}
