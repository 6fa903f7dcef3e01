"""A rehearsed record: an open space, and deposits that would be accepted.

For tests and demonstrations, beside `etalon_model.sandbox`; nothing here is a rule.
"""

from datetime import date, datetime
from typing import Final, cast

from etalon_model.actors import Actor, ActorKind, holder
from etalon_model.parameters import Parameters
from etalon_model.periods import is_younger
from etalon_model.records.deposit import DepositDocument, Means, Subject
from etalon_model.records.nomenclature import DOCUMENT_TYPES
from etalon_model.records.record import Author, Document, Form, Origin, Sheet
from etalon_model.rights.consents import JoinCareTeam
from etalon_model.sandbox import Sandbox
from etalon_model.states import State

DOCTOR: Final = Actor(ActorKind.PROFESSIONAL, "899700366240", "doctor")
OTHER_DOCTOR: Final = Actor(ActorKind.PROFESSIONAL, "899700366257", "doctor")
HOSPITAL: Final = Actor(ActorKind.STRUCTURE, "10B0172805")
PDF: Final = Form("application/pdf", "urn:ihe:iti:xds-sd:pdf:2008")
SURGERY: Final = Origin(
    (Author(DOCTOR.ident, "Moreau", "Alix", "10"),),
    HOSPITAL.ident,
    DOCTOR.ident,
    "SA07",
    "AMBULATOIRE",
)
_MEANS: Final = {
    ActorKind.PROFESSIONAL: Means.CPS,
    ActorKind.STRUCTURE: Means.STRUCTURE_CERTIFICATE,
    ActorKind.INSURER: Means.INSURER_FEED,
    ActorKind.SYSTEM: Means.SERVICE,
}


class RecordRehearsal:
    """One person's record in a sandbox.

    Attributes:
        sandbox: The service and its instant.
        ins: The person.
        deposits: How many sheets were made; it numbers their identifiers.
        parents: Matricules of the representatives of a minor.
    """

    def __init__(
        self, parameters: Parameters, *, born: date = date(1980, 5, 17), activated: bool = True
    ) -> None:
        """Open the space of a new person, a minor with one representative or an adult."""
        self.sandbox = Sandbox(parameters)
        self.deposits = 0
        self.parents = self._parents(born)
        self.ins = self.sandbox.person(*self.parents, born=born)
        self.sandbox.bring(self.ins, State.OPEN_ACTIVE if activated else State.OPEN_INACTIVE)

    def _parents(self, born: date) -> tuple[str, ...]:
        """Open the space of an adult who represents a minor born on `born`; return them."""
        if not is_younger(born, 18, self.sandbox.now):
            return ()
        parent = self.sandbox.person()
        self.sandbox.bring(parent, State.OPEN_ACTIVE)
        return (parent,)

    @property
    def now(self) -> datetime:
        """Instant of the next command (UTC)."""
        return self.sandbox.now

    @property
    def holder(self) -> Actor:
        """The person, acting on their own space."""
        return holder(self.ins)

    def team(self, actor: Actor) -> Actor:
        """Take a professional into the care team; return them."""
        self.sandbox.do(JoinCareTeam(self.now, actor, self.ins, informed=True))
        return actor

    def sheet(self, type_code: str = "11488-4") -> Sheet:
        """Return a sheet of that type, written now, with an identifier of its own."""
        self.deposits += 1
        return Sheet(
            f"urn:oid:1.2.250.1.213.1.4.10.{self.deposits}",
            type_code,
            DOCUMENT_TYPES[type_code].class_code,
            f"Document {self.deposits}",
            self.now,
            self.now,
            20_000,
            f"{self.deposits:040x}",
            SURGERY,
            PDF,
        )

    def subject(self) -> Subject:
        """Return the identity that a document of this person bears."""
        known = self.sandbox.service.person(self.ins).identity
        return Subject(known.ins, known.oid, known.birth_on, known.sex)

    def deposit(
        self, *codes: str, by: Actor = DOCTOR, sheet: Sheet | None = None
    ) -> DepositDocument:
        """Return a deposit that would be accepted, of a consultation report unless told."""
        return DepositDocument(
            self.now,
            by,
            self.ins,
            sheet or self.sheet(),
            self.subject(),
            _MEANS.get(by.kind, Means.NONE),
            codes or ("N",),
        )

    def put(self, *codes: str, by: Actor = DOCTOR, type_code: str = "11488-4") -> Document:
        """Deposit a document; return it."""
        deposit = self.deposit(*codes, by=by, sheet=self.sheet(type_code))
        return cast("Document", self.sandbox.do(deposit))
