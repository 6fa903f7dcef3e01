"""The costly passes of the cohort engine, compiled by Numba: the same integers, person by person.

Nothing here is needed: every function with a kernel has its meaning in NumPy beside it, and random
scenarios compare the two. Kernels are compiled at their first use and kept on disk (`kernel.py`).
"""

from __future__ import annotations

from importlib.util import find_spec
from typing import Final

WORTH_LOADING: Final = 5_000_000
"""People from which a run gains more than loading the kernels costs."""
WORTH_COMPILING: Final = 50_000_000
"""People from which small runs made together gain about what compiling the kernels costs, once."""


class KernelsMissingError(ValueError):
    """Compiled kernels were asked for, and Numba is not installed."""

    def __init__(self) -> None:
        """Say what is missing and how to go on."""
        super().__init__(
            "the compiled kernels were asked for, but Numba is not installed: "
            "install the extra `fast` of étalon, or run without them, for the same result"
        )


def are_used(asked: bool | None, people: int) -> bool:  # noqa: FBT001 (yes, no or as it pays)
    """Tell whether a run uses compiled kernels.

    Args:
        asked: Whether they are wanted, or None for where they are installed and pay.
        people: Residents at the start.

    Raises:
        KernelsMissingError: They are wanted, and Numba is not installed.
    """
    installed = find_spec("numba") is not None
    if asked and not installed:
        raise KernelsMissingError
    return installed and people >= WORTH_LOADING if asked is None else asked
