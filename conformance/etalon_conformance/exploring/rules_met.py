"""Which rules a command calls upon: the functions that enforce them, seen while they run."""

import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cache
from types import FrameType

from etalon_model.rules import enforcers


@contextmanager
def rules_noted(met: set[str]) -> Generator[None]:
    """Add to `met` the rules whose function is called in this thread meanwhile."""
    enforced = _enforced()

    def see(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            name = f"{frame.f_globals.get('__name__')}.{frame.f_code.co_qualname}"
            met.update(enforced.get(name, ()))

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        yield
    finally:
        sys.setprofile(before)


@cache
def _enforced() -> Mapping[str, tuple[str, ...]]:
    """Return the rules that each function enforces, by its dotted name."""
    found: dict[str, tuple[str, ...]] = {}
    for rule, names in enforcers().items():
        for name in names:
            found[name] = (*found.get(name, ()), rule)
    return found
