"""The memory of the service and the two ways to change it: a transition, a message sent."""

from datetime import datetime
from typing import TYPE_CHECKING

from etalon_model.catalogue.catalogue import Catalogue
from etalon_model.codes import provisional_code
from etalon_model.notices import NOTIFICATION_CODES, PREFERENCE_OF, Notification
from etalon_model.parameters import Parameters
from etalon_model.people import Delegation, Person
from etalon_model.states import TRANSITIONS, State, Transition

if TYPE_CHECKING:
    from etalon_model.agenda.schedules import Diary
    from etalon_model.messaging.correspondents import Correspondent


class Register:
    """Everybody the service knows.

    Attributes:
        parameters: Values of the vintage.
        seed: Seed of the provisional codes.
        people: People by matricule.
        dependants: Matricules of the minors each adult represents.
        delegations: The last delegation from a holder to a guest, by both matricules.
        taken: How many times each transition was taken.
        catalogue: The services that asked to be referenced.
        correspondents: Professional mailboxes, by address.
        diaries: Schedules, and where appointments stand, by identifier of their editor.
    """

    __slots__ = (
        "catalogue",
        "correspondents",
        "delegations",
        "dependants",
        "diaries",
        "parameters",
        "people",
        "seed",
        "taken",
    )

    def __init__(self, parameters: Parameters, seed: int) -> None:
        self.parameters = parameters
        self.seed = seed
        self.people: dict[str, Person] = {}
        self.dependants: dict[str, tuple[str, ...]] = {}
        self.delegations: dict[tuple[str, str], Delegation] = {}
        self.taken: dict[str, int] = dict.fromkeys(TRANSITIONS, 0)
        self.catalogue = Catalogue()
        self.correspondents: dict[str, Correspondent] = {}
        self.diaries: dict[str, Diary] = {}

    def move(
        self, person: Person, transition: Transition, at: datetime, to: State | None = None
    ) -> None:
        """Take `transition`; `to` says where when it may end in several states."""
        self.taken[transition.ident] += 1
        target = transition.targets[0] if to is None else to
        if person.state is not target:
            person.state = target
            person.since = at

    def attach(self, parent: str, ins: str) -> None:
        """Attach the minor `ins` to an adult who represents them."""
        self.dependants[parent] = (*self.dependants.get(parent, ()), ins)

    def release(self, parent: str, ins: str) -> None:
        """Detach `ins`, come of age, from an adult who represented them."""
        rest = tuple(other for other in self.dependants.get(parent, ()) if other != ins)
        if rest:
            self.dependants[parent] = rest
        else:
            self.dependants.pop(parent, None)

    def tell(self, person: Person, code: str, to: str, at: datetime) -> None:
        """Send the notification `code` about `person` to the matricule `to`, unless muted."""
        dossier = person.kept()
        if PREFERENCE_OF.get(code) not in dossier.muted:
            dossier.told.append(Notification(at, NOTIFICATION_CODES[code], person.ins, to))

    def issue_code(self, person: Person, at: datetime) -> str:
        """Issue the next provisional code of `person`; it replaces the one before."""
        code = provisional_code(self.seed, person.identity.ins, person.codes)
        person.codes += 1
        person.code_at = at
        return code
