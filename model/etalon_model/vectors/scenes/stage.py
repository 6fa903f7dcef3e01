"""A stage: a sandbox that keeps the commands given on it, and everybody who looks at a record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Final

from etalon_model.actors import (
    INSURER,
    Actor,
    ActorKind,
    caregiver,
    holder,
    professional,
    representative,
)
from etalon_model.command import Command
from etalon_model.delegation import AnswerInvitation, InviteCaregiver
from etalon_model.parameters import Parameters
from etalon_model.records.deposit import DepositDocument, Means, Subject
from etalon_model.records.nomenclature import DOCUMENT_TYPES
from etalon_model.records.record import Sheet
from etalon_model.records.rehearsal import PDF, SURGERY
from etalon_model.rights.blocks import DeclareAttendingDoctor, SetAdministrator
from etalon_model.rights.consents import JoinCareTeam
from etalon_model.sandbox import Sandbox
from etalon_model.service import Service
from etalon_model.states import State

AUTHOR: Final = professional("899700366240", "doctor")
ATTENDING: Final = professional("899700366331", "doctor")
ADMINISTRATOR: Final = professional("899700366349", "doctor")
TEAM_DOCTOR: Final = professional("899700366356", "doctor")
TEAM_NURSE: Final = professional("899700366281", "nurse")
WARD: Final = Actor(ActorKind.STRUCTURE, "10B0172805")
# What doctors and nurses read under either policy of the matrix (G1).
BIOLOGY: Final = "11502-2"
FIRST_DAY: Final = datetime(2023, 11, 6, 9, 0, tzinfo=UTC)
A_CHILD: Final = date(2016, 3, 14)
_AN_HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Cast:
    """A space and everybody who looks into it.

    Attributes:
        ins: The person.
        own: Who decides for them: themselves, or a parent.
    """

    ins: str
    own: Actor


class Stage(Sandbox):
    """A sandbox that keeps what was given.

    Attributes:
        given: The commands accepted so far.
        parameters: Values of the vintage.
    """

    def __init__(self, parameters: Parameters, *, seed: int) -> None:
        """Start with nobody, at the first day of the scenes."""
        super().__init__(parameters, seed=seed, now=FIRST_DAY)
        self.given: list[Command] = []
        self.service = Service(parameters, seed=seed, journal=self.given.append)
        self.parameters = parameters
        self._sheets = 0

    def adult(self) -> Cast:
        """Open the space of an adult, with a caregiver, and bring everybody who looks at it."""
        ins, friend = self.person(), self.person(born=date(1985, 2, 3), sex="M")
        for one in (ins, friend):
            self.bring(one, State.OPEN_ACTIVE)
        self.do(InviteCaregiver(self.now, holder(ins), ins, friend))
        self.do(AnswerInvitation(self.now, caregiver(friend), ins, accept=True))
        return self._surrounded(Cast(ins, holder(ins)))

    def child(self, born: date = A_CHILD) -> Cast:
        """Open the space of a child with a parent, and bring everybody who looks at it."""
        parent = self.person()
        self.bring(parent, State.OPEN_ACTIVE)
        ins = self.person(parent, born=born)
        self.bring(ins, State.OPEN_ACTIVE)
        return self._surrounded(Cast(ins, representative(parent)))

    def _surrounded(self, cast: Cast) -> Cast:
        ins = cast.ins
        self.do(DeclareAttendingDoctor(self.now, INSURER, ins, ATTENDING.ident))
        for actor in (TEAM_DOCTOR, TEAM_NURSE, AUTHOR):
            self.do(JoinCareTeam(self.now, actor, ins, informed=True))
        self.do(SetAdministrator(self.now, cast.own, ins, ADMINISTRATOR.ident))
        self.wait(_AN_HOUR)
        return cast

    def deposit(
        self, ins: str, *codes: str, by: Actor = AUTHOR, type_code: str = BIOLOGY
    ) -> DepositDocument:
        """Return a deposit that would be accepted, of a new document."""
        self._sheets += 1
        known = self.service.person(ins).identity
        sheet = Sheet(
            f"urn:oid:1.2.250.1.213.1.4.10.{self._sheets}",
            type_code,
            DOCUMENT_TYPES[type_code].class_code,
            f"Document {self._sheets}",
            self.now,
            self.now,
            20_000,
            f"{self._sheets:040x}",
            SURGERY,
            PDF,
        )
        subject = Subject(known.ins, known.oid, known.birth_on, known.sex)
        means = Means.STRUCTURE_CERTIFICATE if by.kind is ActorKind.STRUCTURE else Means.CPS
        return DepositDocument(self.now, by, ins, sheet, subject, means, ("N", *codes))

    def put(self, ins: str, *codes: str, by: Actor = AUTHOR, type_code: str = BIOLOGY) -> str:
        """Deposit a document; return its identifier."""
        deposit = self.deposit(ins, *codes, by=by, type_code=type_code)
        self.do(deposit)
        self.wait(_AN_HOUR)
        return deposit.sheet.unique_id


Scene = Callable[[Stage], Command]
"""What is done on a stage; it returns the last command, which is not yet given."""
