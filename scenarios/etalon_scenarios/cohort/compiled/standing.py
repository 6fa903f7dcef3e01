"""Where everybody stands, as kernels take it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from etalon_scenarios.cohort.people import People

    Bytes = NDArray[np.uint8]


class Everybody(NamedTuple):
    """The arrays of everybody (see `People`)."""

    standing: Bytes
    flags: Bytes
    sent: NDArray[np.generic]


def everybody(people: People) -> Everybody:
    """Return where everybody stands; kernels write there."""
    return Everybody(people.standing, people.flags, people.sent)
