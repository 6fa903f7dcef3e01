"""Checks: what looks at a requirement, and what it concludes.

A check is a function over a `Bench` that gives assertions one after the other:

    @check(requirements=("W-REC-12",), needs=("create_person",))
    def publish_answers_where(bench: Bench) -> Iterator[Assertion]:
        \"\"\"A simplified publish answers 201 and where the document is.\"\"\"
        …
        yield bench.expects("W-REC-12", answer, status(201))

Its name is that of the function, and `check.NAME` tells it in both languages. Identifiers of
requirements are literal: coverage reads the source.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from importlib import import_module
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import Expectation, Seen
from etalon_conformance.requirement import Wire

if TYPE_CHECKING:
    from etalon_conformance.bench import Bench

MAIL: Final = "mail"
"""What a check needs that writes to a space by mail: no operation, but a way for mail to go."""
RESTART: Final = "restart"
"""What a check needs that has the target killed and started again on what it kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """What was expected of some exchanges under a requirement, and what was there.

    Attributes:
        requirement: Identifier of the requirement.
        seen: What the expectation met.
        expectation: What was expected.
        exchanges: What was looked at.
        certain: It is about the part of the requirement that is certain, where it has one.
        likely: `likely.LIKELY` tells the likely cause of a breach; empty for none.
        control: It shows that the check can see anything: a breach of it concludes nothing.
    """

    requirement: str
    seen: Seen
    expectation: Expectation
    exchanges: tuple[Exchange, ...]
    certain: bool = True
    likely: str = ""
    control: bool = False


class ControlBroken(Exception):  # noqa: N818 (what stops a check, not a fault of the program)
    """A control of a check did not hold: what depends on it could not be tested.

    Attributes:
        assertion: The control.
    """

    def __init__(self, assertion: Assertion) -> None:
        """Keep it."""
        super().__init__(str(assertion.expectation))
        self.assertion = assertion


CheckFunction = Callable[["Bench"], Iterator[Assertion]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """A check.

    Attributes:
        name: Name of its function; `check.NAME` tells it in both languages.
        requirements: The requirements that it looks at.
        wire: The wire it uses.
        needs: Operations that the target has to offer before it can be run, `MAIL` or `RESTART`.
        alone: It moves the clock, or something else that others see: it runs after them, by itself.
        suites: Suites that it belongs to; None for those of its requirements.
        function: What it does.
    """

    name: str
    requirements: tuple[str, ...]
    wire: Wire
    needs: tuple[str, ...]
    alone: bool
    suites: frozenset[str] | None
    function: CheckFunction

    def serves(self, suite: str) -> bool:
        """Whether it may be run for a suite that holds some of its requirements."""
        return self.suites is None or suite in self.suites


_REGISTRY: Final[dict[str, Check]] = {}


def check(
    *,
    requirements: tuple[str, ...],
    wire: Wire = Wire.OFFICIAL,
    needs: tuple[str, ...] = (),
    alone: bool = False,
    suites: tuple[str, ...] | None = None,
) -> Callable[[CheckFunction], CheckFunction]:
    """Make a check of a function.

    Args:
        requirements: Identifiers of the requirements that it looks at, literal.
        wire: The wire it uses; what is asserted over our own counts as mapped by the vendor where
            their profile says so.
        needs: Operations that the target has to offer, as a profile names them.
        alone: It moves the clock or another thing that others see.
        suites: Suites that it belongs to, where not all that hold its requirements.

    Raises:
        ValueError: Another check has that name, or it looks at nothing.
    """

    def made(function: CheckFunction) -> CheckFunction:
        name = function.__name__
        if name in _REGISTRY and _REGISTRY[name].function.__module__ != function.__module__:
            message = f"two checks are called {name}"
            raise ValueError(message)
        if not requirements:
            message = f"the check {name} looks at no requirement"
            raise ValueError(message)
        _REGISTRY[name] = Check(
            name=name,
            requirements=requirements,
            wire=wire,
            needs=needs,
            alone=alone,
            suites=None if suites is None else frozenset(suites),
            function=function,
        )
        return function

    return made


def registry() -> Mapping[str, Check]:
    """Return every check by name, sorted: the order in which modules are read changes nothing."""
    import_module("etalon_conformance.checks")
    return MappingProxyType(dict(sorted(_REGISTRY.items())))
