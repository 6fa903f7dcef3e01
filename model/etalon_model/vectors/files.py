"""The files of test vectors: JSON with its schema, the same bytes for the same seed."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, cast

from etalon_model.agenda.prevention_calendar import RULES
from etalon_model.parameters import Parameters, vintage
from etalon_model.records.visibility import TRUTH_TABLE
from etalon_model.rulebook import rulebook
from etalon_model.states import TRANSITIONS
from etalon_model.tables import rows_of, text_of
from etalon_model.value_codec import Json
from etalon_model.vectors.cases import calendar_cases, identifier_cases, software_cases
from etalon_model.vectors.near_misses import near_misses
from etalon_model.vectors.plain_stories import plain_story
from etalon_model.vectors.prevention import prevention_cases, prevention_rows
from etalon_model.vectors.scenes import played_stories
from etalon_model.vectors.switches import switches
from etalon_model.vectors.truths import truth_cases, truth_rows
from etalon_model.vectors.walked import walked_stories

FORMAT: Final = "etalon-vectors"
VERSION: Final = 2
VINTAGE: Final = "steady-2023"
STORIES: Final = ("accepted", "open_questions", "records", "refused", "spaces", "transitions")
"""Files whose cases are stories: they need a service to tell them to."""

Document = dict[str, Json]
_Cases = dict[str, list[Document]]


@dataclass(frozen=True, slots=True)
class Coverage:
    """How much of something the vectors show.

    Attributes:
        shown: What they show.
        missing: What they do not.
    """

    shown: tuple[str, ...]
    missing: tuple[str, ...]


def vector_files(seed: int) -> dict[str, str]:
    """Return the text of every file by its name, the schema and the manifest included."""
    cases = _cases(vintage(VINTAGE), seed)
    rows = {"truth_table": truth_rows(), "prevention": prevention_rows()}
    files = {
        f"{name}.json": _file(name, seed, found, rows.get(name)) for name, found in cases.items()
    }
    manifest: Document = {
        "format": FORMAT,
        "version": VERSION,
        "seed": seed,
        "vintage": VINTAGE,
        "cases": {f"{name}.json": len(found) for name, found in cases.items()},
        "needs_service": [f"{name}.json" for name in STORIES],
        "coverage": {
            what: {"shown": len(one.shown), "of": len(one.shown) + len(one.missing)}
            for what, one in coverage(cases).items()
        },
    }
    files["manifest.json"] = json.dumps(manifest, indent=1, sort_keys=True) + "\n"
    files["vectors.schema.json"] = text_of("vectors.schema.json")
    return files


def _cases(parameters: Parameters, seed: int) -> _Cases:
    stories = walked_stories(parameters, seed) | played_stories(parameters, seed)
    stories |= near_misses(parameters, stories.values(), stories)
    told: _Cases = {kind: [] for kind in STORIES}
    for (kind, shows), story in stories.items():
        told[kind].append(plain_story(parameters, shows, story))
    return {
        "identifiers": _distinct(identifier_cases(parameters, seed)),
        "calendars": _distinct(calendar_cases(parameters)),
        "truth_table": _distinct(truth_cases(parameters)),
        "prevention": _distinct(prevention_cases(parameters)),
        "software": _distinct(software_cases(parameters)),
        **told,
    }


def _distinct(cases: Iterable[Document]) -> list[Document]:
    """Return the cases in order, those said twice once."""
    return [*{json.dumps(case, sort_keys=True): case for case in cases}.values()]


def _file(name: str, seed: int, cases: list[Document], rows: list[Json] | None) -> str:
    """Write a file with one case a line, so that two versions of it compare."""
    head: Document = {"format": FORMAT, "version": VERSION, "kind": name, "seed": seed}
    if rows is not None:
        head["rows"] = rows
    lines = ",\n".join(json.dumps(case, ensure_ascii=False, sort_keys=True) for case in cases)
    opened = json.dumps(head, ensure_ascii=False, sort_keys=True)[:-1]
    return f'{opened}, "cases": [\n{lines}\n]}}\n'


def coverage(cases: Mapping[str, Iterable[Mapping[str, Json]]]) -> dict[str, Coverage]:
    """Return what the cases of each file show, of what there is to show.

    Rules are those that a function enforces; identifier keys are the rows of `id_formats.csv`
    whose form has a function of its own.
    """
    every = [case for found in cases.values() for case in found]
    rules = {rule for case in every for rule in cast("list[str]", case["rules"])}
    rows = {row for case in cases["truth_table"] for row in cast("list[int]", case["rows"])}
    items = {cast("str", case["row"]) for case in cases["prevention"]}
    moves = {cast("str", case["shows"]) for case in cases["transitions"]}
    settings = {
        f"{one['setting']}={one['value']}"
        for case in every
        for one in cast("list[dict[str, str]]", case["alternatives"])
    }
    keys = {cast("str", case["key"]) for case in cases["identifiers"] if "key" in case}
    return {
        "rules": _covered(rules, [rule.ident for rule in rulebook() if rule.enforced_by]),
        "truth_table_rows": _covered(map(str, rows), [str(row.number) for row in TRUTH_TABLE]),
        "transitions": _covered(moves, TRANSITIONS),
        "prevention_rules": _covered(items, RULES),
        "identifier_keys": _covered(keys, identifier_keys()),
        "switches": _covered(settings, [f"{one.setting}={one.value}" for one in switches()]),
    }


def identifier_keys() -> list[str]:
    """Return the identifiers of `id_formats.csv`, right and wrong."""
    return [row["value"] for row in rows_of("id_formats.csv") if row["name"] in _KEYS]


_KEYS: Final = ("nir", "finess", "professional", "structure")


def _covered(shown: Iterable[str], wanted: Iterable[str]) -> Coverage:
    found = set(shown)
    whole = list(wanted)
    return Coverage(
        tuple(one for one in whole if one in found), tuple(one for one in whole if one not in found)
    )
