"""Standing before a service: what each transform of its decisions is made of."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from etalon_model.command import Command
from etalon_model.command_codec import command_types
from etalon_model.outcomes import Outcome
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.snapshot import Snapshot
from etalon_wire.parts import Application, Codec, Deciding, Transform


@dataclass(frozen=True, slots=True)
class Case:
    """One command before its service.

    Attributes:
        service: The service.
        register: Everybody it knows, themselves and not a copy.
        person: Whom the command is about.
        command: The command.
    """

    service: Deciding
    register: Register
    person: Person
    command: Command

    def decided(self) -> Outcome:
        """Have the service carry the command out."""
        return self.service.apply(self.command)


Act = Callable[[Case], Outcome]
"""What is done with a command."""


class _Before:
    """A service behind an act; commands about nobody known go straight to it."""

    __slots__ = ("_act", "_service")

    def __init__(self, service: Deciding, act: Act) -> None:
        self._service = service
        self._act = act

    def apply(self, command: Command) -> Outcome:
        register = self._service.snapshot(copied=False).register
        person = register.people.get(command.ins)
        if person is None:
            return self._service.apply(command)
        return self._act(Case(self._service, register, person, command))

    def snapshot(self, *, copied: bool = True) -> Snapshot:
        return self._service.snapshot(copied=copied)


def deciding(act: Act, *kinds: type[Command]) -> Transform:
    """Return the transform that does `act` with commands of `kinds`, or with all of them.

    All is when no kind is given. Others, subclasses of these too, are carried out as they are.
    """

    def transform(
        service: Deciding, codec: Codec, app: Application
    ) -> tuple[Deciding, Codec, Application]:
        def chosen(case: Case) -> Outcome:
            return act(case) if not kinds or type(case.command) in kinds else case.decided()

        return _Before(service, chosen), codec, app

    return transform


def kinds_of(names: str) -> tuple[type[Command], ...]:
    """Return the commands named, parted by commas.

    Raises:
        KeyError: One is no command of the model.
    """
    known: Mapping[str, type[Command]] = command_types()
    return tuple(known[name] for name in names.split(","))
