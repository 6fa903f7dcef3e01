"""Results on stdout: JSON for machines, columns for people."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from etalon_cli.console import print_result

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_scenarios.run_directory import Json


def print_json(content: Json) -> None:
    """Print one JSON value, indented."""
    print_result(json.dumps(content, ensure_ascii=False, indent=2))


def print_columns(rows: Sequence[Sequence[str]], *, right: frozenset[int] = frozenset()) -> None:
    """Print rows in aligned columns, two spaces apart.

    Args:
        rows: Cells, as many in each row.
        right: Ranks of the columns aligned to the right.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [
            cell.rjust(width) if rank in right else cell.ljust(width)
            for rank, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        print_result("  ".join(cells).rstrip())
