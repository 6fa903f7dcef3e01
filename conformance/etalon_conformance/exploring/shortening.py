"""The shortest part of a sequence that still shows something.

Delta debugging (Zeller and Hildebrandt 2002): halves are left out, then quarters, down to single
items, again until nothing more can go.
"""

from collections.abc import Callable, Sequence
from typing import Final, TypeVar

T = TypeVar("T")

TRIALS_MOST: Final = 400


def shortest(
    items: Sequence[T], shows: Callable[[Sequence[T]], bool], *, trials: int = TRIALS_MOST
) -> tuple[T, ...]:
    """Return a part of `items`, in their order, that still shows it.

    With trials left, no single item of it can be left out.

    Args:
        items: What shows it; the last item is kept.
        shows: Whether a part still does.
        trials: How many parts are looked at.
    """
    kept, last = list(items[:-1]), list(items[-1:])
    size = max(1, len(kept) // 2)
    while kept:
        before, at = len(kept), 0
        while at < len(kept):
            if trials == 0:
                return (*kept, *last)
            trials -= 1
            without = kept[:at] + kept[at + size :]
            if shows((*without, *last)):
                kept = without
            else:
                at += size
        if size == 1 and len(kept) == before:
            break
        size = max(1, min(size // 2, len(kept)))
    return (*kept, *last)
