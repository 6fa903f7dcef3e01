"""The memory of the service and the two ways to change it: a transition, a message sent."""

from datetime import datetime

from etalon_model.codes import provisional_code
from etalon_model.parameters import Parameters
from etalon_model.people import Person
from etalon_model.states import TRANSITIONS, State, Transition


class Register:
    """Everybody the service knows.

    Attributes:
        parameters: Values of the vintage.
        seed: Seed of the provisional codes.
        people: People by matricule.
        dependants: Matricules of the minors each adult represents.
        taken: How many times each transition was taken.
    """

    __slots__ = ("dependants", "parameters", "people", "seed", "taken")

    def __init__(self, parameters: Parameters, seed: int) -> None:
        self.parameters = parameters
        self.seed = seed
        self.people: dict[str, Person] = {}
        self.dependants: dict[str, tuple[str, ...]] = {}
        self.taken: dict[str, int] = dict.fromkeys(TRANSITIONS, 0)

    def move(
        self, person: Person, transition: Transition, at: datetime, to: State | None = None
    ) -> None:
        """Take `transition`; `to` says where when it may end in several states."""
        self.taken[transition.ident] += 1
        target = transition.targets[0] if to is None else to
        if person.state is not target:
            person.state = target
            person.since = at

    def issue_code(self, person: Person, at: datetime) -> str:
        """Issue the next provisional code of `person`; it replaces the one before."""
        code = provisional_code(self.seed, person.identity.ins, person.codes)
        person.codes += 1
        person.code_at = at
        return code
