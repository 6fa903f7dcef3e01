"""Write docs/reference/people-file.md from the tables of kinds of people and of columns.

python scripts/people_reference.py [--check]
"""

from __future__ import annotations

import csv
import sys
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING

from etalon_load.people.wanted import kinds_wanted
from generated import write_or_compare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from etalon_load.people.wanted import Wanted

PAGE = Path(__file__).parents[1] / "docs" / "reference" / "people-file.md"
HEAD = """# The file of test people

<!-- Written by scripts/people_reference.py from etalon_load/data: do not edit. -->

`etalon load prepare` writes it, `etalon load run --people` and `etalon load clean` read it. It
holds passwords and codes: it is written for its owner alone (mode 600), and none of its values
enters a report, a log or `workload.json`. For a platform that makes no test people, write it
yourself.

NDJSON, one object a person; or CSV with a header, where the name ends in `.csv`. Columns that are
not known, people who come twice, a matricule that is none or that goes with an OID of production,
and kinds of whom a plan needs more than there are, are refused before anything is sent.

`etalon load prepare` begins the file with a line of its own, the object `made_on`: target,
address, tag, and whether people end with the target. `etalon load clean` takes away only what
such a line says was made, and counts what is left.
"""
KINDS = """## Kinds of people

Each journey wants one kind ([journeys](../../load/etalon_load/data/journeys.csv)). *Once*: a
journey leaves the person changed, so that each arrival needs another one; elsewhere the people of
a plan stay the same test people all through a run. *Needs*: columns that must not be empty,
beside `ins`. Whom a load leaves changed is spent: matricules are noted beside the file, in one
that ends in `.spent`, and the next load takes others. Delete it where the platform begins afresh.

| kind | state | age | documents | once | needs | meaning | signification |
|---|---|---|---|---|---|---|---|
"""
COLUMNS = """## Columns

| column | meaning | signification |
|---|---|---|
"""
EXAMPLE = """## Examples

```json
{"wanted": "caller", "ins": "289033191000240", "birth_date": "1989-03-26", "vitale_serial": "…"}
{"wanted": "in-care-team", "ins": "289023191005271", "rpps": "99710000037"}
```

```
wanted,ins,login,password
open-with-password,288073191175351,camille.martin,…
```

Where a profile maps `create_person`, `etalon load prepare` makes people by it; captures named
`login`, `password` and `documents` are taken over. In a document that `prepare` made, NDJSON also
tells type, title, size and digest, so that a model can be told of it; of one that gives its `id`
alone, answers are checked without the model.
"""


def page() -> str:
    """The text of the page."""
    kinds = "\n".join(_kind(one) for one in kinds_wanted().values())
    return "\n".join((HEAD, KINDS + kinds, "", COLUMNS + "\n".join(_columns()), "", EXAMPLE))


def _kind(one: Wanted) -> str:
    needs = " ".join(f"`{name}`" for name in one.needs)
    cells = (
        f"`{one.name}`",
        f"`{one.state}`",
        str(one.age),
        str(one.documents),
        "yes" if one.once else "",
        needs,
        one.meaning_en,
        one.meaning_fr,
    )
    return f"| {' | '.join(cells)} |"


def _columns() -> Iterator[str]:
    table = (files("etalon_load") / "data" / "people_columns.csv").read_text(encoding="utf-8")
    for row in csv.DictReader(table.splitlines(), strict=True):
        yield f"| `{row['column']}` | {row['meaning_en']} | {row['meaning_fr']} |"


def main() -> int:
    """Write the page, or compare it with the one that stands there; 1 when it differs."""
    return write_or_compare(__doc__, {PAGE: page})


if __name__ == "__main__":
    sys.exit(main())
