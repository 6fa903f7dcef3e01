"""People of a run in batches of one age band, as stretches of neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from etalon_scenarios.layout import BANDS, CELLS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from etalon_scenarios.layout import Layout
    from etalon_scenarios.life.spaces import Spaces

    Integers = NDArray[np.int64]


class Batch(NamedTuple):
    """People of one band: stretches of people whose numbers follow each other.

    Attributes:
        band: Their age band at the start.
        firsts: Number of the first of each stretch.
        sizes: People of each.
        women: How many of its first people are women; those after them are men.
        departments: Rank of the département of each stretch.
    """

    band: int
    firsts: Integers
    sizes: Integers
    women: Integers
    departments: Integers


def batches_of(spaces: Spaces, layout: Layout, size: int) -> Iterator[Batch]:
    """Part the people into batches of one band, and of one département where it fills a batch."""
    for band in range(BANDS):
        yield from _residents(layout, band, size)
    bands = spaces.cells % CELLS // 2
    for band in np.unique(bands).tolist():
        places = np.flatnonzero(bands == band)
        for first in range(0, len(places), size):
            part = places[first : first + size]
            cells, alone = spaces.cells[part], np.ones(len(part), np.int64)
            yield Batch(band, part + layout.size, alone, 1 - cells % 2, cells // CELLS)


def _residents(layout: Layout, band: int, size: int) -> Iterator[Batch]:
    some: list[tuple[int, int, int, int]] = []
    for department in range(len(layout.departments)):
        cell = department * CELLS + band * 2
        first, men = layout.cell_range(cell).start, layout.cell_range(cell + 1)
        people = men.stop - first
        # Parts of a département are alike in size, so that few people are left over for a batch.
        parts = -(-people // size)
        for part in range(parts):
            start, stop = people * part // parts, people * (part + 1) // parts
            if sum(stretch[1] for stretch in some) + stop - start > size:
                yield _batch(band, some)
                some = []
            women = min(max(men.start - first - start, 0), stop - start)
            some.append((first + start, stop - start, women, department))
    yield _batch(band, some)


def _batch(band: int, stretches: list[tuple[int, int, int, int]]) -> Batch:
    return Batch(band, *np.array(stretches, np.int64).reshape(-1, 4).T.copy())


def people_of(batch: Batch) -> Integers:
    """Return the number of each person."""
    before = np.cumsum(batch.sizes) - batch.sizes
    numbers = np.repeat(batch.firsts - before, batch.sizes)
    numbers += np.arange(len(numbers))
    return numbers


def women_of(batch: Batch) -> NDArray[np.bool_]:
    """Tell whether each person is a woman."""
    parts = np.stack([batch.women, batch.sizes - batch.women], axis=1).reshape(-1)
    return np.repeat(np.arange(len(parts)) % 2 == 0, parts)
