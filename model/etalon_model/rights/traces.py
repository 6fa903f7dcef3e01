"""Traces that come from elsewhere: what the system of whoever reads or feeds did with a space.

Sources: ANS, Traçabilité des évènements 2.0.0 (flux 1, TransmissionTrace; IHE ITI-20): a source
that is entitled to sends what happened there, and it is recorded.
Reading: professionals and structures are such sources. Sending opens nothing and announces nothing,
so it asks for no authorisation to read: who was refused, or blocked since, says so too.
"""

from dataclasses import dataclass
from typing import Final

from etalon_model.actors import ActorKind
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Outcome
from etalon_model.people import Person
from etalon_model.register import Register
from etalon_model.representation import refuse_unless
from etalon_model.rules import enforces

TRANSACTIONS: Final = frozenset({"ITI-65", "ITI-66", "ITI-67", "ITI-68", "ITI-105"})
"""Transactions of IHE on a record, of which a trace tells."""


@dataclass(frozen=True, slots=True)
class RecordTrace(Command):
    """Record a trace of what happened in the system of whoever sends it.

    Attributes:
        transaction: Code of the transaction it tells of, or an empty string.
    """

    transaction: str = ""

    def detail(self) -> str:
        """Return the transaction when it is one that concerns records."""
        return self.transaction if self.transaction in TRANSACTIONS else ""


@handles(RecordTrace)
@enforces("TRC-01")
def record_trace(register: Register, person: Person, command: RecordTrace) -> Outcome:
    """Leave the row of the sending; what was sent is kept by whoever received it."""
    del register
    refusal = refuse_unless(person, command.actor, ActorKind.PROFESSIONAL, ActorKind.STRUCTURE)
    return refusal or ACCEPTED
