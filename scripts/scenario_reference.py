"""Write docs/reference/scenario-file.md from the models that read a scenario file.

python scripts/scenario_reference.py [--check]
"""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Literal, get_args, get_origin

from etalon_scenarios.levers import levers
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.parameters import Number, Series
from etalon_scenarios.scenario import Scenario
from etalon_scenarios.scenario_keys import expected_of, keys_of, table_of
from etalon_scenarios.section_base import NAME, PERIOD, TIME_OF_DAY
from generated import write_or_compare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import BaseModel
    from pydantic.fields import FieldInfo

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "scenario-file.md"
EXAMPLE = "pilot-2021"
PATTERNS = {PERIOD: "period (P6W, P30D, P1M)", TIME_OF_DAY: "time HH:MM", NAME: "identifier"}
TYPES = {
    str: "text",
    int: "whole number",
    bool: "true or false",
    dt.date: "date",
    Decimal: "number",
}
EACH = {
    None: "",
    "age_band": "20 values by age band, each ",
    "delay_days": "one value per day, each ",
}
LISTS = ("waves", "reminders", "optin.segments", "scenario.calibrated_on")
HEAD = f"""# Scenario files

<!-- Written by scripts/scenario_reference.py from the models: do not edit. -->

A scenario is a TOML file in UTF-8. `etalon scenarios validate FILE` checks one and
`etalon scenarios schema` prints its JSON Schema. A file that says `extends` holds only what
differs from the scenario it starts from.

A **number** is a table: `value`, `unit`, `low`, `high` (the range within which it may lie),
`certainty`, `source`, and if need be `figure` and `note`. A **series** has `values` and `by` in
place of `value`, and `low_factor`, `high_factor` in place of the range: one common factor
multiplies rates and shares, is the power to which relative values (`ratio`) are raised, and
stretches delays in time.

* `certainty` is `measured`, `derived` (arithmetic on published figures), `calibrated` (fitted by a
  script to the figure named by `figure`), `user`, or `assumption`.
* `source` is where the number was read; it is `"none"` for an assumption, and only then.
* A number restated in a file that extends another one brings its own range, certainty and source.
* *Full scale*: a capacity for the whole population of the scenario; a run on a part of it scales
  the capacity down.

The last column gives value, range and certainty in `{EXAMPLE}`, but for the values that a
calibration rewrites.
"""


LEVERS = """## Levers

What a policy moves, the question it answers, and the text that fixes its value. A scenario that
departs from a text says so: `etalon simulate`, `etalon compare`, the reports and the notes list it.

| key | question | text in force | value under it |
|---|---|---|---|
"""


def _levers() -> Iterator[str]:
    for lever in levers():
        if lever.question_en:
            rows = [other for other in levers() if other.key == lever.key and other.text]
            texts = "; ".join(other.text for other in rows)
            in_force = f"`{rows[0].in_force}`" if rows and rows[0].in_force else ""
            yield f"| `{lever.key}` | {lever.question_en} | {texts} | {in_force} |"


def page() -> str:
    """The text of the page."""
    example = load_scenario(EXAMPLE)
    values = dict(example.parameters())
    parts = [HEAD, LEVERS + "\n".join(_levers()) + "\n", *_section("", Scenario, values)]
    for key, info in keys_of(Scenario).items():
        table = table_of(info)
        if table is not None:
            parts += [f"## {_header(key)}\n", (table.__doc__ or "").splitlines()[0] + "\n"]
            parts += _section(f"{key}.", table, values)
    return "\n".join(parts)


def _section(
    prefix: str, table: type[BaseModel], values: dict[str, Number | Series]
) -> Iterator[str]:
    """The table of the keys of a section, then those of the tables below it."""
    rows: list[str] = []
    below: list[tuple[str, type[BaseModel]]] = []
    for key, info in keys_of(table).items():
        expected = expected_of(info)
        inner = table_of(info)
        if expected is None and inner is not None:
            if prefix:
                below.append((f"{prefix}{key}", inner))
            continue
        rows.append(_row(key, info, values.get(prefix + key)))
    if rows:
        yield "| key | meaning | accepts | unit | in pilot-2021 |\n| --- | --- | --- | --- | --- |"
        yield "\n".join(rows) + "\n"
    for path, inner in below:
        yield f"### {_header(path)}\n"
        yield (inner.__doc__ or "").splitlines()[0] + "\n"
        yield from _section(f"{path}.", inner, values)


def _row(key: str, info: FieldInfo, parameter: Number | Series | None) -> str:
    expected = expected_of(info)
    optional = "" if info.is_required() else " (optional)"
    if expected is None:
        accepts, unit = _accepts(info), ""
    else:
        accepts, unit = EACH[expected.by] + expected.in_words(), expected.unit
    shown = _shown(parameter)
    return f"| `{key}`{optional} | {info.description or ''} | {accepts} | {unit} | {shown} |"


def _header(path: str) -> str:
    return f"[[{path}]]" if path in LISTS else f"[{path}]"


def _shown(parameter: Number | Series | None) -> str:
    """Value, range and certainty; no value of what a calibration rewrites."""
    if parameter is not None and parameter.certainty == "calibrated":
        return "calibrated"
    if isinstance(parameter, Number):
        return f"{parameter.value} ({parameter.low} to {parameter.high}), {parameter.certainty}"
    if parameter is not None:
        first, last = min(parameter.values), max(parameter.values)
        factors = f"x {parameter.low_factor} to {parameter.high_factor}"
        return f"{first} … {last} ({factors}), {parameter.certainty}"
    return ""


def _accepts(info: FieldInfo) -> str:
    """What a plain key takes, in words."""
    for metadata in info.metadata:
        pattern = getattr(metadata, "pattern", None)
        if pattern in PATTERNS:
            return PATTERNS[pattern]
    choices: list[object] = [info.annotation, *get_args(info.annotation)]
    choices += [part for choice in choices[1:] for part in get_args(choice)]
    for part in choices:
        if get_origin(part) is Literal:
            names = ", ".join(f"`{name}`" for name in get_args(part))
            return f"{names}, or list of codes" if names == "`all`" else names
    if tuple in map(get_origin, choices):
        return "list of codes"
    return next(words for kind, words in TYPES.items() if kind in choices)


def main() -> int:
    """Write the page, or compare it with the one that stands there; 1 when it differs."""
    return write_or_compare(__doc__, {PAGE: page})


if __name__ == "__main__":
    raise SystemExit(main())
