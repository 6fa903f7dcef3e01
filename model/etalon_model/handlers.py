"""Which function carries out which command."""

from collections.abc import Callable
from typing import Final, TypeVar, cast

from etalon_model.command import Command
from etalon_model.outcomes import Outcome
from etalon_model.people import Person
from etalon_model.register import Register

C = TypeVar("C", bound=Command)

Handler = Callable[[Register, Person, Command], Outcome]

HANDLERS: Final[dict[type[Command], Handler]] = {}
"""By type of command, filled when the modules of the domains are imported."""


def handles(
    command: type[C],
) -> Callable[[Callable[[Register, Person, C], Outcome]], Callable[[Register, Person, C], Outcome]]:
    """Register the decorated function for `command`; return it unchanged."""

    def register(
        function: Callable[[Register, Person, C], Outcome],
    ) -> Callable[[Register, Person, C], Outcome]:
        HANDLERS[command] = cast("Handler", function)
        return function

    return register


CatalogueHandler = Callable[[Register, Command], Outcome]

CATALOGUE_HANDLERS: Final[dict[type[Command], CatalogueHandler]] = {}
"""By type of command, those that concern the catalogue and nobody's space."""


def handles_catalogue(
    command: type[C],
) -> Callable[[Callable[[Register, C], Outcome]], Callable[[Register, C], Outcome]]:
    """Register the decorated function for `command`, which concerns no space; return it."""

    def register(function: Callable[[Register, C], Outcome]) -> Callable[[Register, C], Outcome]:
        CATALOGUE_HANDLERS[command] = cast("CatalogueHandler", function)
        return function

    return register
