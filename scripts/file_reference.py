"""Write docs/reference/files.md from the schemas and the column table of the result files.

python scripts/file_reference.py [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, cast

from etalon_text.schema_files import (
    DIMENSIONS,
    SCHEMA_NAMES,
    arrival_columns,
    daily_columns,
    load_columns,
    schema,
    usage_columns,
)
from generated import write_or_compare

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from etalon_text.schema_files import Column

    Node = Mapping[str, object]

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "files.md"
HEAD = """# Files of a run directory

<!-- Written by scripts/file_reference.py from reports/etalon_text: do not edit. -->

A run directory holds `run.json`, `summary.json`, `scenario.json`, `daily.parquet`,
`arrivals_minute.parquet`, `report.html` and, when parameters were drawn, `knowledge.json`; over
years also `usage.parquet`. The
JSON Schemas (draft 2020-12) are inside the package: `etalon_text.schema_files.schema("summary")`.
Keys marked *(optional)* may be absent; `[]` stands for each element of a list, `*` for each name
of a table. A share lies between 0 and 1.
Reports are drawn from these files alone.

A conformance run holds `run.json`, `plan.json`, `verdicts.json`, `exchanges.ndjson` (mode 600) and
its redacted copy `exchanges-redacted.ndjson`, a folder of `counterexamples/` for each breach, one
of `requirements/` for each requirement, `harness-errors.txt` where a check of ours failed, and what
people added since: `contests/`, `signatures/`. Its page is `report.html` in the language asked, and
`report.fr.html` or `report.en.html` beside it; `etalon report` adds the other formats. Reports are
drawn from `verdicts.json`, the redacted exchanges, contests and signatures alone. `etalon
conformance differential` writes `differential.json` and its page.

A session with client software holds the same files without `plan.json`, and beside them
`session.json` (where it stands, written anew at each change), `events.ndjson` (what happened, line
by line: schema `session-event`) and `service/`, what the reference server kept, with which a
session that was stopped is taken up. A watch between a client and a server holds `run.json`,
`verdicts.json` (`role` is `both`), the exchanges, recorded under no check, `requirements/` and the
report.

A load run holds `workload.json` and `plan.parquet` (what was asked, before it began) and
`measured.json` (what its workers measured, merged), then what follows from both: `summary.json`,
`timeline.parquet`, `heat.parquet`, `requests.hdr` (HdrHistogram log, format 1.2, in µs: a tag
`journey/step` for each step and interval, `service:journey/step`, `lag`), `junit.xml`,
`report.html` and the same page in the other language. `private/` holds test people and credentials
and is for nobody else. Reports are drawn from `summary.json`, `timeline.parquet` and `heat.parquet`
alone; `etalon load compare` reads `workload.json` and `measured.json`, and writes
`load-comparison.json`; `etalon load capacity` writes `capacity.json`.

A sweep holds `sweep.json`, `kept-runs.jsonl` (each finished run as it ended, by key: what
`--resume` goes on from), `report.html` and two tables. `runs.parquet` has a row for each point and
seed, sorted by `run_key`, then point: `run_key` (digest of all that the run depends on), `point`,
`seed`, `candidate`, a column for each path that varies, `status` (`done`, `failed`, `missing`),
`reason`, a column for each headline, `ledger_digest`. It has the same bytes whoever made the runs.
`timing.parquet` holds what has not: `run_key`, `began_at` (UTC), `seconds`, `cpu_seconds`,
`worker`. A calibration holds `calibration.json`, the fitted `scenario.toml` and `report.html`; a
forecast `forecast.json` and `report.html`.

The tour of `etalon demo` holds `tour.json`, `report.html` in both languages, and the directory of
each part: `pilot/`, `nation/`, `impostor/`, `load/`.
"""
LOAD = {
    "timeline.parquet": """Of a load run: a row each second and step, and one for all steps
together (`journey` and `step` absent), by when requests were meant to leave. Sorted by second, all
steps first.""",
    "heat.parquet": """Of a load run: how many requests had which latency in each stretch of
intended time. Sorted by stretch, then latency; what counts nothing is absent.""",
}
COLUMNS = """| column | type | unit | meaning | signification |
|---|---|---|---|---|"""
DAILY = f"""## daily.parquet

One row a day and group, sorted by {", ".join(f"`{name}`" for name in DIMENSIONS)}; a row is
absent when all its counts are zero. Days are civil days in Europe/Paris.

{COLUMNS}
"""
USAGE = f"""## usage.parquet

Documents and messages of a run that counts the life of open spaces (`--until` beyond the last day
of the scenario, or `life.counted=true`), by day, département and kind, sorted; what counts nothing
is absent.

{COLUMNS}
"""
ARRIVALS = {
    "arrivals_minute.parquet": """Arrivals at the service, minute by minute, for all days: visits to
activate or to object (returns of people turned away included) and calls are those of the run;
logins and readings follow from `[usage]`. Sorted by minute and kind; a minute without an arrival
of a kind is absent.""",
    "arrivals.parquet": """On request (`--arrivals 2022-02-03T18:00/PT1H`): the same arrivals one by
one, within a window, sorted. The rows that two windows share are the same in both. People are
numbers of the run and nobody else.""",
}


NAMED = {
    "exchange": "exchanges.ndjson, each line",
    "signature": "signatures/0001.json",
    "contest": "contests/0001.json",
    "load": "summary.json of a load run",
}
"""Schemas whose files bear another name."""


def page() -> str:
    """The text of the page."""
    parts = [HEAD, DAILY + "\n".join(_columns(daily_columns())) + "\n"]
    for file, text in ARRIVALS.items():
        table = "\n".join(_columns(arrival_columns(file)))
        parts.append(f"## {file}\n\n{text}\n\n{COLUMNS}\n{table}\n")
    parts.append(USAGE + "\n".join(_columns(usage_columns())) + "\n")
    for file, text in LOAD.items():
        table = "\n".join(_columns(load_columns(file)))
        parts.append(f"## {file}\n\n{text}\n\n{COLUMNS}\n{table}\n")
    for name in SCHEMA_NAMES:
        top = schema(name)
        title = NAMED.get(name, f"{name}.json")
        head = f"## {title}\n\n{top['description']}\n\n| key | type | meaning |\n|---|---|---|\n"
        parts.append(head + "\n".join(_keys("", top, top)) + "\n")
    return "\n".join(parts)


def _columns(columns: tuple[Column, ...]) -> Iterator[str]:
    for column in columns:
        cells = (f"`{column.name}`", column.sql_type, column.unit, column.en, column.fr)
        yield f"| {' | '.join(cells)} |"


def _keys(prefix: str, node: Node, top: Node) -> Iterator[str]:
    """The rows of an object, those of the objects inside it after each."""
    required = cast("list[str]", node.get("required", []))
    for key, found in cast("Mapping[str, Node]", node.get("properties", {})).items():
        value = _resolved(found, top)
        path = f"{prefix}{key}"
        optional = "" if key in required else " *(optional)*"
        meaning = str(value.get("description", "")).replace("|", "\\|")
        yield f"| `{path}` | {_type(value)} | {meaning}{optional} |"
        yield from _inside(path, value, top)


def _inside(path: str, value: Node, top: Node) -> Iterator[str]:
    items, each = value.get("items"), value.get("additionalProperties")
    if "properties" in value:
        yield from _keys(f"{path}.", value, top)
    if isinstance(items, dict):
        yield from _keys(f"{path}[].", _resolved(cast("Node", items), top), top)
    if isinstance(each, dict):
        member = _resolved(cast("Node", each), top)
        listed = member.get("items")
        if isinstance(listed, dict):
            yield from _keys(f"{path}.*[].", cast("Node", listed), top)
        yield from _keys(f"{path}.*.", member, top)


def _resolved(node: Node, top: Node) -> Node:
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return node
    definitions = cast("Mapping[str, Node]", top["$defs"])
    return definitions[reference.rsplit("/", 1)[-1]]


def _type(node: Node) -> str:
    """The type in words; values where they are listed."""
    if "const" in node:
        return str(node["const"])
    if "enum" in node:
        values = cast("list[object]", node["enum"])
        return ", ".join("null" if value is None else f"`{value}`" for value in values)
    if "anyOf" in node:
        return " or ".join(_type(member) for member in cast("list[Node]", node["anyOf"]))
    found = node.get("type", "object")
    names = cast("list[str]", found) if isinstance(found, list) else [str(found)]
    written = " or ".join(names)
    return f"{written} ({node['format']})" if "format" in node else written


def main() -> int:
    """Write the page, or compare it with the one that stands there; 1 when it differs."""
    return write_or_compare(__doc__, {PAGE: page})


if __name__ == "__main__":
    sys.exit(main())
