"""Write `docs/reference/wire.md` from the tables that the server's router reads."""

import sys
from collections.abc import Iterable
from pathlib import Path

from etalon_wire.capability import search_parameters
from etalon_wire.consents import consent_kinds
from etalon_wire.interactions import Interaction, interactions, of_family
from etalon_wire.operations import operation_parameters
from etalon_wire.tables import rows_of
from generated import write_or_compare

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference" / "wire.md"

HEAD = """\
# The wire of the reference server

Made by `scripts/wire_reference.py` from the tables of `model/etalon_wire/data/`; do not edit. The
same tables make the router, `/fhir/metadata` and `/openapi.json`.

*Standing* says whether a published text describes an interaction (`official`), a draft does
(`draft`), or it is ours (`own`): what is ours is no evidence about anybody else's server. *Actors*
are those who may ever be accepted; whether somebody is, for one person at one moment, the rules
say. Scopes stand without their context (`patient/`, `user/` or `system/`).
"""


def reference() -> str:
    """Give the whole page."""
    families = dict.fromkeys(row.family for row in interactions().values())
    parts = [HEAD, *(_family(family) for family in families)]
    return "\n".join([*parts, _searches(), _operations(), _wishes(), _statuses()])


def _table(title: str, columns: str, rows: Iterable[Iterable[str]]) -> str:
    names = columns.split(" | ")
    lines = [f"## {title}", "", f"| {columns} |", "|" + "---|" * len(names)]
    lines += ["| " + " | ".join(cell.replace("|", r"\|") for cell in row) + " |" for row in rows]
    return "\n".join([*lines, ""])


def _family(family: str) -> str:
    columns = "request | name | standing | actors | scopes | success | requirements"
    title = family.replace("_", " ").capitalize()
    return _table(title, columns, map(_interaction, of_family(family)))


def _interaction(row: Interaction) -> tuple[str, ...]:
    actors = ", ".join(sorted(actor.value for actor in row.actors)) or "anyone"
    return (
        f"`{row.verb} {row.path}`",
        f"`{row.name}`",
        row.standing,
        actors,
        " ".join(f"`{scope}`" for scope in row.scopes),
        str(row.status),
        " ".join(row.requirements),
    )


def _searches() -> str:
    rows = [
        (f"{one.resource}", f"`{one.name}`", one.type, one.standing, one.origin, one.text)
        for kind in search_parameters().values()
        for one in kind
    ]
    columns = "type searched | parameter | kind | standing | asked for by | meaning"
    return _table("Search parameters", columns, rows)


def _operations() -> str:
    rows = [
        (
            f"`${one.operation}`",
            one.use,
            f"`{one.name}`",
            "yes" if one.is_required else "",
            one.type + (f": {', '.join(one.codes)}" if one.codes else ""),
            one.text,
        )
        for row in interactions().values()
        if row.operation
        for one in operation_parameters(row.operation)
    ]
    columns = "operation | use | parameter | needed | type | meaning"
    return _table("Parameters of operations", columns, rows)


def _wishes() -> str:
    rows = [
        (f"`{kind.code}`", kind.text, kind.about, f"`{kind.changed_by}`", kind.article)
        for kind in consent_kinds().values()
    ]
    return _table("Kinds of Consent", "kind | French name | about | changed by | article", rows)


def _statuses() -> str:
    kinds = {
        "body": "a body",
        "finding": "findings",
        "refusal": "a refusal",
        "request": "a request",
    }
    rows = [
        (
            f"`{row['code']}`",
            kinds[row["kind"]],
            row["pdsm-strict"],
            row["pdsm4dmp"],
            row["lenient"],
            f"`{row['issue']}`",
        )
        for row in rows_of("statuses.csv")
    ]
    columns = "code | of | `pdsm-strict` | `pdsm4dmp` | `lenient` | issue"
    return _table("Why a request is refused", columns, rows)


if __name__ == "__main__":
    sys.exit(write_or_compare(__doc__, {REFERENCE: reference}))
