"""Write `docs/reference/journeys.md` from the table of journeys that a load goes by."""

import sys
from pathlib import Path

from etalon_load.journeys import on_our_wire, steps, users, wanted_of
from etalon_load.journeys.table import StepRow, journey_of_kind, step_rows
from etalon_text.strings import text
from generated import write_or_compare

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference" / "journeys.md"

HEAD = """\
# Journeys of a load

Made by `scripts/journey_reference.py` from `load/etalon_load/data/journeys.csv`; do not edit. These
are the names that objectives and reports use. Verbs and paths are those of the table from which the
reference server makes its routes.

A journey begins at its planned instant, whatever became of those before. Within it a step follows
the one before it, after a time of thought: log-normal around the median given here, an assumption
of ours, five medians at most. Runs below half an hour shorten all times of thought in proportion to
their length (`pace` in `workload.json`). Not everybody takes every step: half of the people log in
with a password, the others through FranceConnect+, and a professional who is logged in is refreshed
at two minutes.

Every answer is judged: status, whose it is, shape. For one person in twenty (`--sample`) the model
is asked what it would have answered
([decision 0101](../decisions/0101-wrong-is-neither-slow-nor-failed.md)).

Journeys marked *ours* need a target that speaks our wire: no published text describes what they ask
for. Where a target takes its tokens from its profile, nobody logs in on pages. Arrivals of a
simulation become journeys by their kind: {kinds}.
"""


def reference() -> str:
    """Give the whole page."""
    pairs = journey_of_kind().items()
    kinds = ", ".join(f"{kind} → `{journey}`" for kind, journey in pairs)
    return "\n".join([HEAD.format(kinds=kinds), *map(journey_part, steps())])


def journey_part(name: str) -> str:
    """Give the part of one journey."""
    ours = " *Ours.*" if name in on_our_wire() else ""
    label = text(f"load.journey.{name}", "en")
    lines = [
        f"## `{name}`" + (f": {label}" if label != name else ""),
        "",
        f"User: {users()[name]}. [Test people](people-file.md): `{wanted_of()[name]}`.{ours}",
        "",
        "| step | request | thought before |",
        "|---|---|---|",
        *(step_line(row) for row in step_rows() if row.journey == name),
        "",
    ]
    return "\n".join(lines)


def step_line(row: StepRow) -> str:
    """Give the line of one step."""
    thought = f"{row.think_seconds:g} s" if row.think_seconds else ""
    return f"| `{row.name}` | `{row.interaction.verb} {row.interaction.path}` | {thought} |"


if __name__ == "__main__":
    sys.exit(write_or_compare(__doc__, {REFERENCE: reference}))
