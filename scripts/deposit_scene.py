"""A record in which the examples of the tests are deposited, and read as their reader gets them."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final, cast

from etalon_model import Accepted, vintage
from etalon_model.identities import Identity
from etalon_model.records.deposit import Means
from etalon_model.records.record import Document, documents_of
from etalon_model.records.rehearsal import DOCTOR, RecordRehearsal
from etalon_wire.findings import Finding
from etalon_wire.json_body import Json, Resource, read_json
from etalon_wire.modes import Mode
from etalon_wire.records.addresses import Named, document_id, record_key
from etalon_wire.records.document_encoding import Showing, document_resource
from etalon_wire.records.plans import Depositing, Plan
from import_table import ROOT

EXAMPLES: Final = ROOT / "tests" / "wire" / "examples"
BASE: Final = "https://etalon.example/fhir"
MATRICULE: Final = "279035121518989"
"""The person of the examples."""


class RefusedPlanError(AssertionError):
    """A test expected a deposit to be carried out, and it was not."""


@dataclass
class Place:
    """A record, and who deposits in it some days after the examples were written."""

    rehearsal: RecordRehearsal

    @property
    def identity(self) -> Identity:
        """Whose record it is."""
        return self.rehearsal.sandbox.service.person(self.rehearsal.ins).identity

    @property
    def documents(self) -> dict[str, Document]:
        """What stands in the record."""
        return documents_of(self.rehearsal.sandbox.service.person(self.rehearsal.ins))

    def who(self, mode: Mode = "pdsm-strict") -> Depositing:
        """A doctor who deposits now."""
        at = self.rehearsal.now + timedelta(days=60 + len(self.documents))
        return Depositing(at, DOCTOR, Means.CPS, self.find, self.unique_id_of, mode, BASE)

    def find(self, named: Named) -> Identity | None:
        """Whom a message names."""
        known = named.ins in ("", self.identity.ins)
        fits = named.key in ("", record_key(self.identity.ins))
        return self.identity if known and fits and named != Named() else None

    def unique_id_of(self, resource_id: str) -> str:
        """Which document an `id` names."""
        return next(
            (
                name
                for name, one in self.documents.items()
                if document_id(self.identity.ins, one) == resource_id
            ),
            "",
        )

    def example(self, name: str, **words: str) -> Resource:
        """An example of ours about the person of this record, some words changed."""
        body = (EXAMPLES / f"{name}.json").read_text(encoding="utf-8")
        for old, new in {MATRICULE: self.identity.ins, **words}.items():
            body = body.replace(old, new)
        return read_json(body.encode())

    def carry_out(self, plan: Plan | list[Finding]) -> list[Resource]:
        """Carry a plan out; return the documents it made as they are read.

        Raises:
            RefusedPlanError: There was no plan, or the model refused a command of it.
        """
        if not isinstance(plan, Plan):
            raise RefusedPlanError(plan)
        made: list[Resource] = []
        for step in plan.steps:
            outcome = self.rehearsal.sandbox.service.apply(step.command)
            if not isinstance(outcome, Accepted):
                raise RefusedPlanError(outcome)
        for step in plan.steps:
            if step.stored is not None:
                version = self.documents[step.stored.unique_id]
                made.append(
                    document_resource(self.identity, version, step.stored.kept, Showing(BASE))
                )
        return made


def empty_record() -> Place:
    """Return a record that is open, and empty."""
    return Place(RecordRehearsal(vintage("launch-2022"), born=date(1979, 3, 12)))


def at(resource: Json, *steps: str | int) -> Resource:
    """The object at a place of a resource."""
    for step in steps:
        held = cast("dict[str | int, Json]", resource)
        resource = held[step]
    return cast("Resource", resource)
