"""`runs.parquet` and `timing.parquet` of a sweep.

`runs.parquet` has a row for each point and seed, sorted by key, then point: the same bytes for
whoever made the runs, in whatever order. What differs from one day to another is in
`timing.parquet`.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import duckdb

from etalon_scenarios.headlines import names_of
from etalon_scenarios.run_directory import StorageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from etalon_scenarios.run_directory import Json, RunDirectory
    from etalon_scenarios.sweeps.designs import Point
    from etalon_scenarios.sweeps.tasks import Outcome

RUNS_FILE: Final = "runs.parquet"
TIMING_FILE: Final = "timing.parquet"
_NO_SPACE: Final = "no space left"


@dataclass(frozen=True, slots=True)
class Row:
    """One run of an experiment.

    Attributes:
        point: The point.
        seed: The seed.
        key: Key of the run; empty where no scenario could be made of the point.
        outcome: What it gave, or why it gave nothing; None while it has not been made.
    """

    point: Point
    seed: int
    key: str
    outcome: Outcome | None

    @property
    def status(self) -> str:
        """`done`, `failed` or `missing`."""
        if self.outcome is None:
            return "missing"
        return "done" if self.outcome.failure is None else "failed"


def figure_names(rows: Sequence[Row]) -> tuple[str, ...]:
    """Name the figures that the runs have, in order."""
    made = [row.outcome.figures for row in rows if row.outcome is not None]
    return names_of({name for figures in made for name in figures})


def write_runs(directory: RunDirectory, rows: Sequence[Row], paths: Sequence[str]) -> None:
    """Write `runs.parquet`, whole or not at all.

    Args:
        directory: Where it goes.
        rows: The runs, in any order.
        paths: What varies: a column each.

    Raises:
        StorageError: The disk is full or refused the file.
    """
    ordered = sorted(rows, key=lambda row: (row.key, row.point.rank, row.seed))
    numbers = {path: _is_number(path, rows) for path in paths}
    names = figure_names(rows)
    columns = {
        "run_key": "VARCHAR",
        "point": "INTEGER",
        "seed": "UBIGINT",
        "candidate": "VARCHAR",
        **{path: "DOUBLE" if number else "VARCHAR" for path, number in numbers.items()},
        "status": "VARCHAR",
        "reason": "VARCHAR",
        **dict.fromkeys(names, "DOUBLE"),
        "ledger_digest": "VARCHAR",
    }
    _write(directory, RUNS_FILE, columns, [_line(row, numbers, names) for row in ordered])


def write_timing(directory: RunDirectory, outcomes: Mapping[str, Outcome]) -> None:
    """Write `timing.parquet`: when, how long and by whom each run was made.

    Raises:
        StorageError: The disk is full or refused the file.
    """
    columns = {
        "run_key": "VARCHAR",
        "began_at": "TIMESTAMP WITH TIME ZONE",
        "seconds": "DOUBLE",
        "cpu_seconds": "DOUBLE",
        "worker": "VARCHAR",
    }
    lines = [{"run_key": key, **outcomes[key].timing} for key in sorted(outcomes)]
    _write(directory, TIMING_FILE, columns, lines)


def _is_number(path: str, rows: Sequence[Row]) -> bool:
    return all(path not in row.point.changes for row in rows)


def _line(row: Row, numbers: Mapping[str, bool], names: Sequence[str]) -> dict[str, Json]:
    point, outcome = row.point, row.outcome
    varied: dict[str, Json] = {
        path: float(point.values[path])
        if number
        else point.changes.get(path, str(point.values.get(path, "")))
        for path, number in numbers.items()
    }
    figures: dict[str, Json] = dict.fromkeys(names)
    if outcome is not None:
        figures |= outcome.figures
    return {
        "run_key": row.key,
        "point": point.rank,
        "seed": row.seed,
        "candidate": point.candidate,
        **varied,
        "status": row.status,
        "reason": None if outcome is None else outcome.failure,
        **figures,
        "ledger_digest": None if outcome is None else outcome.ledger_digest or None,
    }


def _write(
    directory: RunDirectory,
    name: str,
    columns: Mapping[str, str],
    lines: Sequence[Mapping[str, Json]],
) -> None:
    """Write lines through JSON, which carries every double unchanged."""
    listed = ", ".join(f"'{_quoted(column)}': '{kind}'" for column, kind in columns.items())
    with directory.whole(name) as unfinished, directory.whole(f"{name}.lines") as source:
        source.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        try:
            with duckdb.connect() as database:
                database.execute("SET threads TO 1")
                database.execute("SET TimeZone = 'UTC'")
                database.execute(
                    f"COPY (SELECT * FROM read_json('{_quoted(str(source))}', "  # noqa: S608 (own)
                    f"format = 'newline_delimited', columns = {{{listed}}})) "
                    f"TO '{_quoted(str(unfinished))}' (FORMAT parquet, COMPRESSION zstd)"
                )
        except duckdb.IOException as error:
            words = str(error).splitlines()[0]
            path = directory.path / name
            raise StorageError(path, words, full=_NO_SPACE in words.lower()) from error
    (directory.path / f"{name}.lines").unlink(missing_ok=True)


def _quoted(text: str) -> str:
    return text.replace("'", "''")
