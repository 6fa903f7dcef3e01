"""`usage.parquet`: documents and messages of a run, by day, département and kind.

Columns and their types stand in `etalon_text` (`usage_columns.csv`); rows are sorted by day,
département and kind, in the order of the ledger. DuckDB writes the file on one thread, so the same
account gives the same bytes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import duckdb
import numpy as np

from etalon_scenarios.life.kinds import KINDS
from etalon_scenarios.run_directory import StorageError
from etalon_text.schema_files import usage_columns

if TYPE_CHECKING:
    from datetime import date

    from etalon_scenarios.life.account import Account
    from etalon_scenarios.run_directory import RunDirectory

USAGE_FILE: Final = "usage.parquet"
_NO_SPACE: Final = "no space left"


def write_usage(directory: RunDirectory, account: Account, starts_on: date) -> None:
    """Write `usage.parquet`, whole or not at all.

    Args:
        directory: Where it goes.
        account: What happened in the spaces of a run.
        starts_on: Civil day (Europe/Paris) that the account calls day 0.

    Raises:
        StorageError: The disk is full or refused the file.
    """
    by_day = account.deposits.transpose(1, 0, 2)
    days, departments, kinds = np.nonzero(by_day)
    data = {
        "day": days,
        "department": departments,
        "kind": kinds,
        "count": by_day[days, departments, kinds],
    }
    values = {
        "day": f"DATE '{starts_on.isoformat()}' + CAST(day AS INTEGER)",
        "department": _labelled("department", account.departments),
        "kind": _labelled("kind", [kind.name for kind in KINDS]),
        "sender": _labelled("kind", [kind.sender for kind in KINDS]),
    }
    selected = ", ".join(
        f'CAST({values.get(c.name, f"{chr(34)}{c.name}{chr(34)}")} AS {c.sql_type}) AS "{c.name}"'
        for c in usage_columns()
    )
    with directory.whole(USAGE_FILE) as unfinished, duckdb.connect() as database:
        database.execute("SET threads TO 1")
        database.register("counted", data)
        target = str(unfinished).replace("'", "''")
        try:
            database.execute(
                f"COPY (SELECT {selected} FROM counted) "  # noqa: S608 (own names)
                f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
            )
        except duckdb.IOException as error:
            words = str(error).splitlines()[0]
            path = directory.path / USAGE_FILE
            raise StorageError(path, words, full=_NO_SPACE in words.lower()) from error


def _labelled(column: str, labels: list[str] | tuple[str, ...]) -> str:
    listed = ", ".join(f"'{label}'" for label in labels)
    return f"list_extract([{listed}], {column} + 1)"
