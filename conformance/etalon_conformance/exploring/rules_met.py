"""Which rules a command calls upon: the functions that enforce them, seen while they run."""

import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from functools import cache
from types import CodeType, FrameType
from typing import Final

from etalon_model.rules import enforcers

_RULES: Final[dict[CodeType, tuple[str, ...]]] = {}
"""The rules that each function enforces that was seen running."""


@contextmanager
def rules_noted(met: set[str]) -> Generator[None]:
    """Add to `met` the rules whose function is called in this thread meanwhile."""

    def see(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            rules = _RULES.get(frame.f_code)
            if rules is None:
                rules = _RULES[frame.f_code] = _rules_of(frame)
            if rules:
                met.update(rules)

    before = sys.getprofile()
    sys.setprofile(see)
    try:
        yield
    finally:
        sys.setprofile(before)


def _rules_of(frame: FrameType) -> tuple[str, ...]:
    name = f"{frame.f_globals.get('__name__')}.{frame.f_code.co_qualname}"
    return _enforced().get(name, ())


@cache
def _enforced() -> Mapping[str, tuple[str, ...]]:
    """Return the rules that each function enforces, by its dotted name."""
    found: dict[str, tuple[str, ...]] = {}
    for rule, names in enforcers().items():
        for name in names:
            found[name] = (*found.get(name, ()), rule)
    return found
