"""Which rules have a say in what a call does: those whose enforcing functions run."""

import sys
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from functools import cache
from importlib import import_module
from inspect import unwrap
from types import CodeType, FrameType
from typing import cast

from etalon_model.rules import enforcers


@contextmanager
def noting_rules(ran: set[str]) -> Generator[None]:
    """Add to `ran` the rules whose enforcing functions run meanwhile."""
    enforced = _enforced()

    def note(frame: FrameType, event: str, _argument: object) -> None:
        if event == "call":
            ran.update(enforced.get(frame.f_code, ()))

    sys.setprofile(note)
    try:
        yield
    finally:
        sys.setprofile(None)


@cache
def _enforced() -> dict[CodeType, tuple[str, ...]]:
    """Return the rules by the code of the functions that enforce them."""
    found: dict[CodeType, tuple[str, ...]] = {}
    for rule, names in enforcers().items():
        for name in names:
            code = _code(name)
            found[code] = (*found.get(code, ()), rule)
    return found


def _code(name: str) -> CodeType:
    """Return the code of a function by its dotted name, that of a property included.

    Raises:
        LookupError: There is no such function.
    """
    parts = name.split(".")
    for place in range(len(parts) - 1, 0, -1):
        with suppress(ModuleNotFoundError):
            held: object = import_module(".".join(parts[:place]))
            for part in parts[place:]:
                held = getattr(held, part)
            function = held.fget if isinstance(held, property) else held
            return cast("CodeType", unwrap(cast("Callable[..., object]", function)).__code__)
    raise LookupError(name)
