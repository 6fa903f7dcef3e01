"""Which function enforces which rule.

A rule is a row of `data/rules.csv`. The function whose body refuses or carries out what the
rule says is marked with `enforces`; the mark is read at import and costs nothing per call.
"""

from collections.abc import Callable
from typing import Final, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

_ENFORCERS: Final[dict[str, list[str]]] = {}


def enforces(*rules: str) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Mark the decorated function as the one that enforces `rules`; return it unchanged."""

    def mark(function: Callable[P, R]) -> Callable[P, R]:
        name = f"{function.__module__}.{function.__qualname__}"
        for rule in rules:
            _ENFORCERS.setdefault(rule, []).append(name)
        return function

    return mark


def enforcers() -> dict[str, tuple[str, ...]]:
    """Dotted names of the enforcing functions, by rule, in the order of import."""
    return {rule: tuple(names) for rule, names in sorted(_ENFORCERS.items())}
