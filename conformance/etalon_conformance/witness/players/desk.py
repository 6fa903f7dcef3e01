"""What client software of ours holds while it is used, whatever its profile."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from uuid import UUID, uuid4

from etalon_conformance.places import steps, values_at
from etalon_conformance.specimens import Specimen
from etalon_conformance.witness.players.connection import Connection
from etalon_target.people import TestPerson, TestProfessional
from etalon_wire.json_body import Json, Resource


class Declined(Exception):  # noqa: N818 (what a right client does)
    """The software does not do what it was asked to, as it should."""


@dataclass(slots=True)
class Desk:
    """What the software holds while it is used.

    Attributes:
        connection: How it speaks.
        people: Everybody of the session, by name.
        random: Chance.
        actor: Name of who uses it.
        deposited: Documents that it deposited, in order.
        consulted: Matricule -> when their record was last consulted.
        made: Address of what it made at a step, by name of the step.
        mailboxes: Name of a professional -> address of their mailbox.
    """

    connection: Connection
    people: Mapping[str, TestPerson | TestProfessional]
    random: Random
    actor: str
    deposited: list[Specimen] = field(default_factory=list[Specimen])
    consulted: dict[str, datetime] = field(default_factory=dict[str, datetime])
    made: dict[str, str] = field(default_factory=dict[str, str])
    mailboxes: Mapping[str, str] = field(default_factory=dict[str, str])

    def now(self) -> datetime:
        """Return the instant of its clock."""
        return self.connection.means.now()

    def unique_oid(self) -> str:
        """Return an object identifier that nobody used."""
        return f"urn:oid:2.25.{uuid4().int}"

    def unique_uuid(self) -> UUID:
        """Return a UUID that nobody used."""
        return uuid4()

    def person(self, name: str) -> TestPerson:
        """Return somebody of the session.

        Raises:
            KeyError: Nobody bears that name.
        """
        found = self.people[name]
        if not isinstance(found, TestPerson):
            raise KeyError(name)
        return found

    def professional(self, name: str = "") -> TestProfessional:
        """Return a professional of the session; who uses the software when no name is given.

        Raises:
            KeyError: No professional bears that name.
        """
        found = self.people[name or self.actor]
        if not isinstance(found, TestProfessional):
            raise KeyError(name or self.actor)
        return found

    def log_in(self) -> None:
        """Log in who uses the software: a professional through their login, others by the kit.

        Raises:
            PlayerLost: It is refused.
        """
        one = self.people[self.actor]
        if isinstance(one, TestProfessional):
            self.connection.log_in(one.rpps)
        else:
            self.connection.bear_token_of(kind="holder", ins=one.ins)

    def keeps(self, habit: str) -> bool:
        """Whether it has a habit of a right client."""
        return self.connection.habits.keeps(habit)


def parameters(patient: TestPerson, mode: str = "", **said: Json) -> Resource:
    """Return the Parameters of an operation on somebody: booleans, dates and texts by name."""
    identifier: Json = {"system": patient.system, "value": patient.ins}
    parts: list[Json] = [{"name": "patient", "valueIdentifier": identifier}]
    if mode:
        parts.append({"name": "mode", "valueCode": mode})
    parts += [_part(name, value) for name, value in said.items()]
    return {"resourceType": "Parameters", "parameter": parts}


def _part(name: str, value: Json) -> Json:
    if isinstance(value, bool):
        return {"name": name, "valueBoolean": value}
    kind = (
        "valueDate" if name == "birthDate" else "valueCode" if name == "through" else "valueString"
    )
    return {"name": name, kind: value}


def first(value: Json, path: str) -> str:
    """Return the first value at a path, or empty."""
    return next(iter(values_at(value, steps(path))), "")
