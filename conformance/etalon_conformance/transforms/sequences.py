"""Servers that go wrong after something else happened: no single call of theirs is wrong alone."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from etalon_conformance.transforms.commands import as_they_stand
from etalon_conformance.transforms.facts import FACTS
from etalon_conformance.transforms.service import Case, deciding, kinds_of
from etalon_model.command import Command
from etalon_model.outcomes import Accepted, Outcome
from etalon_model.people import Person
from etalon_model.records.confidentiality import changed
from etalon_model.records.record import Status, documents_of, record_or_none
from etalon_model.rights.blocks import UnblockProfessional
from etalon_model.rights.rights import standing_of
from etalon_wire.parts import Transform


def _has_deposited(case: Case) -> bool:
    ident = case.command.actor.ident
    return any(one.depositor.ident == ident for one in documents_of(case.person).values())


def _has_deleted(case: Case) -> bool:
    held = documents_of(case.person).values()
    return any(one.status is Status.DELETED for one in held)


def _is_shared(case: Case) -> bool:
    dossier = case.person.dossier
    return dossier is not None and bool(dossier.caregivers)


def _is_in_team(case: Case) -> bool:
    standing = standing_of(case.person, case.command.actor.ident)
    return standing is not None and standing.in_team


_CIRCUMSTANCES: Final[Mapping[str, Callable[[Case], bool]]] = {
    "deposited": _has_deposited,
    "deleted": _has_deleted,
    "shared": _is_shared,
    "team": _is_in_team,
}
"""What happened before: whoever asks deposited a document, one was deleted, help was accepted, or
whoever asks is of the care team."""


def overlook_once(*, fact: str, commands: str, when: str) -> Transform:
    """Carry commands out as if a fact did not hold, once something else happened."""
    overlooking, holds = FACTS[fact], _CIRCUMSTANCES[when]

    def act(case: Case) -> Outcome:
        if not holds(case):
            return case.decided()
        with overlooking(case):
            outcome = case.decided()
        return as_they_stand(case.person, outcome)

    return deciding(act, *kinds_of(commands))


def _unmask(person: Person, _: Command) -> None:
    """Show every masked document."""
    documents = documents_of(person)
    for name, one in tuple(documents.items()):
        if one.confidentiality.masked:
            shown = changed(one.confidentiality, masked=False)
            documents[name] = replace(one, confidentiality=shown)


def _forget_objection(person: Person, command: Command) -> None:
    """Forget that somebody was kept from feeding."""
    record = record_or_none(person)
    if record is not None and record.objections and isinstance(command, UnblockProfessional):
        record.objections.pop(command.professional, None)


_LOSSES: Final[Mapping[str, Callable[[Person, Command], None]]] = {
    "masks": _unmask,
    "objection": _forget_objection,
}


def lost_by(*, what: str, commands: str) -> Transform:
    """Carry commands out, and lose something that they have nothing to do with."""
    lose = _LOSSES[what]

    def act(case: Case) -> Outcome:
        outcome = case.decided()
        if isinstance(outcome, Accepted):
            lose(case.person, case.command)
        return as_they_stand(case.person, outcome)

    return deciding(act, *kinds_of(commands))


MAKERS: Final = (overlook_once, lost_by)
"""The transforms of this module."""
