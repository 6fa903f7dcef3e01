"""Servers that say they erase."""

from copy import copy
from typing import Final

from etalon_conformance.transforms.commands import forgotten
from etalon_conformance.transforms.service import Case, deciding
from etalon_model.activation import Activate
from etalon_model.erasure import FinishErasure, StartErasure
from etalon_model.outcomes import ACCEPTED, Accepted, Outcome
from etalon_model.records.record import Record, record_or_none
from etalon_model.states import State
from etalon_wire.parts import Transform


def erasure_put_off() -> Transform:
    """Say that the erasure asked for is carried out, and do nothing of it."""

    def act(case: Case) -> Outcome:
        asked_for = case.person.state is State.DELETION_REQUESTED
        if asked_for and isinstance(case.command, FinishErasure):
            return ACCEPTED
        return forgotten(case)

    return deciding(act, StartErasure, FinishErasure)


def erased_kept() -> Transform:
    """Erase the account and not the documents, which come back with a new space."""
    kept: dict[str, Record] = {}

    def act(case: Case) -> Outcome:
        person = case.person
        record, was_purged = record_or_none(person), person.state is State.PURGED
        outcome = case.decided()
        if not isinstance(outcome, Accepted):
            return outcome
        if isinstance(case.command, FinishErasure) and record is not None:
            kept[person.ins] = copy(record)
        elif was_purged and person.ins in kept:
            person.held().record = kept.pop(person.ins)
        return outcome

    return deciding(act, FinishErasure, Activate)


MAKERS: Final = (erasure_put_off, erased_kept)
