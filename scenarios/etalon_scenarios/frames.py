"""Results as frames: one array a column, a `pandas.DataFrame` where pandas is installed."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from etalon_scenarios.run_directory import Json

    Columns = Mapping[str, NDArray[np.generic]]


class Column(Protocol):
    """The values of one column, in the order of the rows."""

    def __len__(self) -> int:
        """Return how many there are."""
        ...

    def __iter__(self) -> Iterator[object]:
        """Give them."""
        ...


class Frame(Protocol):
    """Columns of one length, by name: what a `pandas.DataFrame` and a dict of arrays share."""

    def __getitem__(self, name: str, /) -> Column:
        """Return one column."""
        ...

    def __iter__(self) -> Iterator[str]:
        """Give the names of the columns."""
        ...


def frame_of(columns: Columns) -> Frame:
    """Return columns as a `pandas.DataFrame`, or as they are where pandas is not installed."""
    try:
        pandas = import_module("pandas")
    except ImportError:
        return columns
    data_frame = cast("Callable[[Columns], Frame]", pandas.DataFrame)
    return data_frame(columns)


def columns_of(rows: Sequence[Mapping[str, Json]], *, pairs: Collection[str] = ()) -> Columns:
    """Return rows of a result file as columns; what is not known is `nan` or None.

    Args:
        rows: Objects with the same keys.
        pairs: Keys that hold an interval: each makes the columns `NAME_low` and `NAME_high`.
    """
    columns: dict[str, NDArray[np.generic]] = {}
    for name in rows[0] if rows else ():
        values = [row[name] for row in rows]
        if name in pairs:
            ends = [value if isinstance(value, list) else (None, None) for value in values]
            columns[f"{name}_low"] = _numbers([low for low, _ in ends])
            columns[f"{name}_high"] = _numbers([high for _, high in ends])
        else:
            columns[name] = _array(values)
    return columns


def _array(values: Sequence[Json]) -> NDArray[np.generic]:
    if all(isinstance(value, bool) for value in values):
        return np.array(values, dtype=np.bool_)
    if all(isinstance(value, int) for value in values):
        return np.array(values, dtype=np.int64)
    known = [value for value in values if value is not None]
    if known and all(isinstance(value, int | float) for value in known):
        return _numbers(values)
    return np.array(values, dtype=np.object_)


def _numbers(values: Sequence[Json]) -> NDArray[np.float64]:
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
