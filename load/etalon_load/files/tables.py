"""The tables of a run: `timeline.parquet` and `heat.parquet`, their columns as published."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import duckdb
import numpy as np
from numpy.typing import NDArray

from etalon_load.files.run_record import Asked
from etalon_load.files.stretches import cells, stretch_length, stretches
from etalon_load.files.whole_files import named_when_whole
from etalon_load.histogram import Histogram
from etalon_load.measures import Measured, Measures, Second, together
from etalon_text.schema_files import load_columns

TIMELINE_FILE: Final = "timeline.parquet"
HEAT_FILE: Final = "heat.parquet"
_QUANTILES: Final = (50.0, 95.0, 99.0, 100.0)

Row = tuple[object, ...]


def write_timeline(file: Path, asked: Asked, measures: Measures) -> None:
    """Write what became of the requests of each second and step, and of all steps together.

    Raises:
        OSError: The file cannot be written.
    """
    rows = list(_whole_rows(asked, measures))
    for step, measured in sorted(measures.steps.items()):
        for second in sorted(measured.seconds):
            counts = _counts(measured.seconds[second])
            latencies = _quantiles(measured.heat.get(second))
            rows.append((second, step.journey, step.name, None, None, *counts, *latencies))
    rows.sort(key=lambda row: (row[0], row[1] or "", row[2] or ""))
    _write(file, rows)


def write_heat(file: Path, measures: Measures, seconds: int) -> None:
    """Write how many requests had which latency in each stretch of intended time.

    Raises:
        OSError: The file cannot be written.
    """
    length = stretch_length(seconds)
    parts = stretches(together(measures.steps.values()).heat, seconds, length)
    rows = [
        (cell.first_second, length, cell.low_us, cell.high_us, cell.requests)
        for cell in cells(parts)
    ]
    _write(file, rows)


def _whole_rows(asked: Asked, measures: Measures) -> Iterator[Row]:
    """Yield a row a second of all steps together, seconds without a request too."""
    whole = together(measures.steps.values())
    for second in range(seconds_of(asked, whole)):
        planned = asked.planned[second] if second < len(asked.planned) else 0
        offered = measures.offered.get(second, 0)
        counts = _counts(whole.seconds.get(second, Second()))
        latencies = _quantiles(whole.heat.get(second))
        yield (second, None, None, planned, offered, *counts, *latencies)


def seconds_of(asked: Asked, whole: Measured) -> int:
    """Return how many seconds a run has, those after the last arrival too."""
    return max(asked.length, len(asked.planned), *(second + 1 for second in whole.seconds), 1)


def _counts(one: Second) -> tuple[int, int, int, int]:
    return one.sent, one.within, one.wrong, one.failed


def _quantiles(latencies: Histogram | None) -> tuple[int | None, ...]:
    if latencies is None or not latencies.total:
        return tuple(None for _ in _QUANTILES)
    return tuple(latencies.percentile(percent) for percent in _QUANTILES)


def _write(file: Path, rows: Sequence[Row]) -> None:
    """Write a table whole or not at all, on one thread, so that equal runs give equal bytes."""
    columns = load_columns(file.name)
    arrays = _arrays([column.name for column in columns], rows)
    selected = ", ".join(f"CAST({c.name} AS {c.sql_type}) AS {c.name}" for c in columns)
    with named_when_whole(file) as unfinished, duckdb.connect() as database:
        target = str(unfinished).replace("'", "''")
        database.execute("SET threads TO 1")
        database.register("measured", dict(arrays))
        try:
            database.execute(
                f"COPY (SELECT {selected} FROM measured) "  # noqa: S608 (own names)
                f"TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
            )
        except duckdb.IOException as error:
            raise OSError(str(error).splitlines()[0]) from error


def _arrays(names: list[str], rows: Sequence[Row]) -> Mapping[str, NDArray[np.object_]]:
    columns = zip(*rows, strict=True) if rows else [() for _ in names]
    return {
        name: np.array(column, dtype=object) for name, column in zip(names, columns, strict=True)
    }
