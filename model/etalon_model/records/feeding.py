"""Objections of the holder to what a professional puts in the record.

Sources: CSP art. R. 1111-47 (legitimate ground).
Reading: the article names no ground; the list is ours, and any of them suffices.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar

from etalon_model.access_log import Family
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import ACCEPTED, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.records.record import record_of
from etalon_model.register import Register
from etalon_model.rights.consents import refuse_objector
from etalon_model.rules import enforces


class Ground(StrEnum):
    """Why a holder keeps somebody from feeding the record.

    `RELAYED` is what somebody says whom the holder told a ground that they judged and do not tell:
    a message of PAM-FR holds none (decision 0087).
    """

    NO_CARE = "no_care"
    OTHER_PATIENT = "other_patient"
    CLOSE_RELATION = "close_relation"
    RELAYED = "relayed"


@dataclass(frozen=True, slots=True)
class ObjectToFeeding(Command):
    """Keep a professional or a structure from feeding the record.

    Attributes:
        depositor: Their national identifier.
        ground: The legitimate ground, or None when none is given.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    depositor: str
    ground: Ground | None

    def detail(self) -> str:
        """Return the ground."""
        return "" if self.ground is None else self.ground.value


@handles(ObjectToFeeding)
@enforces("REC-09")
def object_to_feeding(register: Register, person: Person, command: ObjectToFeeding) -> Outcome:
    """Refuse what comes from there from now on, when there is a ground."""
    refusal = refuse_objector(register, person, command, command.depositor)
    if refusal is not None:
        return refusal
    if command.ground is None:
        return Refusal("REC-09", "GROUND_NEEDED", command.ins)
    record = record_of(person)
    record.objections = {**(record.objections or {}), command.depositor: command.ground.value}
    return ACCEPTED
