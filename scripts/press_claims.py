"""Write `docs/reference/press-claims.md`: what the press said of the service, with verdicts.

The claims stand in `scripts/press_claims.csv`, the dates in `scripts/timeline.csv`, both in our own
words. Each row names what shows it: a rule, a shipped scenario, a measured figure, or nothing, and
then it is context only. A name that does not exist ends the script.

    python scripts/press_claims.py [--check]
"""

import csv
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from generated import write_or_compare

ROOT: Final = Path(__file__).resolve().parent.parent
PAGE: Final = ROOT / "docs" / "reference" / "press-claims.md"
DATA: Final = ROOT / "model" / "etalon_model" / "data"
SCENARIOS: Final = ROOT / "scenarios" / "etalon_scenarios" / "data"
HEAD: Final = """\
# What the press said

Written by `scripts/press_claims.py` from `scripts/press_claims.csv` and `scripts/timeline.csv`; do
not edit. Claims are in our own words; a verdict says what the texts, the specifications and the
figures that this project read make of a claim, and nothing about who wrote it. How sure the reason
is stands after it, *as claim* where only the article says so. Sources are at the end of the page.

**Two programmes are no cost of the service.** The 650 million euros are a strategy for digital
health over five years; the 1.4 billion are the Ségur programme, over two. Neither is the budget of
Mon espace santé, nothing here is computed from them, and they appear as context only. What a
campaign of notices costs in letters, e-mails and calls is in the report of each scenario.
"""

Row = Mapping[str, str]


def rows(file: Path) -> list[dict[str, str]]:
    """The rows of a table, its comments apart."""
    with file.open(encoding="utf-8", newline="") as stream:
        lines = (line for line in stream if not line.startswith("#"))
        return list(csv.DictReader(lines, strict=True))


def known() -> dict[str, set[str]]:
    """Names of what may show a claim, by kind."""
    return {
        "rule": {row["id"] for row in rows(DATA / "rules.csv")},
        "scenario": {file.stem for file in (SCENARIOS / "scenarios").glob("*.toml")},
        "figure": {row["id"] for row in rows(SCENARIOS / "targets.csv")},
    }


def faults(table: list[dict[str, str]], names: Mapping[str, set[str]]) -> list[str]:
    """What a table says that stands nowhere: rules, scenarios, figures, sources."""
    sources = {row["key"] for row in rows(DATA / "sources.csv")}
    found: list[str] = []
    for row in table:
        for shown in filter(None, row["shown"].split("|")):
            kind, _, name = shown.partition(":")
            if name not in names.get(kind, set()):
                found.append(f"{row.get('id', row.get('when'))}: no {kind} {name!r}")
        found += [
            f"{row.get('id', row.get('when'))}: no source {key!r}"
            for key in row["source"].split("; ")
            if key not in sources
        ]
    return found


LINKS: Final[Mapping[str, Callable[[str], str]]] = {
    "rule": lambda name: f"[{name}](rules.md)",
    "scenario": lambda name: f"scenario and report `{name}`",
    "figure": lambda name: f"figure {name} beside the simulated one in the report",
}


def shown(row: Row) -> str:
    """What shows a row, with links, or that nothing does."""
    parts = [part.partition(":") for part in filter(None, row["shown"].split("|"))]
    return "<br>".join(LINKS[kind](name) for kind, _, name in parts) or "*context only*"


def page() -> str:
    """The text of the page."""
    claims, dates = (
        rows(ROOT / "scripts" / f"{name}.csv") for name in ("press_claims", "timeline")
    )
    with_proof = sum(bool(row["shown"]) for row in claims)
    lines = [HEAD, f"{len(claims)} claims: {with_proof} shown by a rule, a scenario or a figure, "]
    lines[-1] += f"{len(claims) - with_proof} context only.\n"
    lines += _verdicts(claims)
    lines += [
        "## Claims\n",
        "| claim | source | said | verdict | because | shown by |",
        "|---" * 6 + "|",
    ]
    lines += [
        f"| {row['id']} | {row['source']} | {row['claim']} | {row['verdict']} | {row['because']}; "
        f"*{row['certainty']}* | {shown(row)} |"
        for row in claims
    ]
    lines += ["", "## Dates\n", "| when | what | source | certainty | shown by |", "|---" * 5 + "|"]
    lines += [
        f"| {row['when']} | {row['event']} | {row['source']} | {row['certainty']} | {shown(row)} |"
        for row in dates
    ]
    lines += ["", "## Sources\n", "| key | what | dated |", "|---|---|---|"]
    cited = {key for row in (*claims, *dates) for key in row["source"].split("; ")}
    lines += [
        f"| {row['key']} | {row['title']} | {row['dated'] or 'missing'} |"
        for row in rows(DATA / "sources.csv")
        if row["key"] in cited
    ]
    return "\n".join(lines) + "\n"


def _verdicts(claims: list[dict[str, str]]) -> list[str]:
    counts = Counter(row["verdict"] for row in claims)
    listed = (f"| {verdict} | {count} |" for verdict, count in counts.most_common())
    return ["| verdict | claims |", "|---|---|", *listed, ""]


def main() -> int:
    """Write the page, or compare it; 1 when it is out of date or names what does not exist."""
    names = known()
    tables = (rows(ROOT / "scripts" / f"{name}.csv") for name in ("press_claims", "timeline"))
    wrong = [fault for table in tables for fault in faults(table, names)]
    for fault in wrong:
        print(fault, file=sys.stderr)
    return write_or_compare(__doc__, {PAGE: page}) or bool(wrong)


if __name__ == "__main__":
    raise SystemExit(main())
