"""Servers that decide otherwise: a fact overlooked, an act forgotten, a trace not left."""

from collections.abc import Callable
from copy import copy
from dataclasses import fields, replace
from typing import Final, cast

from etalon_conformance.transforms.facts import FACTS
from etalon_conformance.transforms.service import Case, deciding, kinds_of
from etalon_model.actors import ActorKind, holder
from etalon_model.closing import CloseSpace
from etalon_model.copies import copy_of
from etalon_model.opposition import Oppose
from etalon_model.outcomes import Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.records.record import Document, documents_of, record_or_none
from etalon_model.records.search import DocumentPage
from etalon_model.rights.consultation import OpenRecord
from etalon_model.rights.rights import standing_of
from etalon_model.states import State
from etalon_wire.parts import Transform

_TRACES: Final = frozenset({"log", "older", "seen_at"})


def overlook(*, fact: str, commands: str) -> Transform:
    """Carry commands out as if a fact did not hold."""
    overlooking = FACTS[fact]

    def act(case: Case) -> Outcome:
        with overlooking(case):
            outcome = case.decided()
        return as_they_stand(case.person, outcome)

    return deciding(act, *kinds_of(commands))


def as_they_stand(person: Person, outcome: Outcome) -> Outcome:
    """Return an outcome with the documents of its answer as the record holds them."""
    if isinstance(outcome, Refusal):
        return outcome
    answer = outcome.answer
    if isinstance(answer, Document):
        return Accepted(_standing(person, answer))
    if isinstance(answer, DocumentPage):
        documents = tuple(_standing(person, one) for one in answer.documents)
        return Accepted(replace(answer, documents=documents))
    if isinstance(answer, tuple):
        held = cast("tuple[object, ...]", answer)
        return Accepted(
            tuple(_standing(person, one) if isinstance(one, Document) else one for one in held)
        )
    return outcome


def _standing(person: Person, document: Document) -> Document:
    return documents_of(person).get(document.unique_id, document)


def forget(*, commands: str) -> Transform:
    """Accept commands and do nothing of them; those that would be refused are."""
    return deciding(forgotten, *kinds_of(commands))


def forget_objection(*, through: str) -> Transform:
    """Answer a proof of an objection that is not recorded, when it comes by some routes."""
    routes = through.split(",")

    def act(case: Case) -> Outcome:
        command = case.command
        lost = isinstance(command, Oppose) and command.through.value in routes
        return forgotten(case) if lost else case.decided()

    return deciding(act, Oppose)


def forgotten(case: Case) -> Outcome:
    """Have a command carried out, then put everything but its trace back."""
    person = case.person
    before = copy_of(copy(person))
    outcome = case.decided()
    if isinstance(outcome, Accepted):
        for field in fields(Person):
            if field.name not in _TRACES:
                setattr(person, field.name, getattr(before, field.name))
    return as_they_stand(person, outcome)


def incapacity_assumed() -> Transform:
    """Take the opening of a record in an emergency as if incapacity had been declared."""

    def act(case: Case) -> Outcome:
        command = case.command
        if isinstance(command, OpenRecord):
            command = replace(command, incapable=True)
        return case.service.apply(command)

    return deciding(act, OpenRecord)


def password_assumed(*, kinds: str) -> Transform:
    """Close spaces for some kinds of actors as if the password had been typed again."""
    assumed = kinds.split(",")

    def act(case: Case) -> Outcome:
        command = case.command
        if isinstance(command, CloseSpace) and command.actor.kind.value in assumed:
            command = replace(command, password_reentered=True)
        return case.service.apply(command)

    return deciding(act, CloseSpace)


def reopened_empty() -> Transform:
    """Let the archive of a closed space be lost when it opens again."""

    def act(case: Case) -> Outcome:
        person = case.person
        was_closed = person.state is State.CLOSED_ARCHIVED
        outcome = case.decided()
        record = record_or_none(person)
        if was_closed and person.state is State.OPEN_ACTIVE and record is not None:
            record.documents = {}
        return outcome

    return deciding(act)


def objection_undone(*, commands: str) -> Transform:
    """Have whoever objected wait for the end of the window again, once a command is carried out."""

    def act(case: Case) -> Outcome:
        had_objected = case.person.state is State.OPPOSED
        outcome = case.decided()
        if had_objected and isinstance(outcome, Accepted):
            case.person.state = State.NOTIFIED
        return outcome

    return deciding(act, *kinds_of(commands))


def block_lifted(*, commands: str) -> Transform:
    """Carry commands of a professional out as if the holder had never blocked them."""

    def act(case: Case) -> Outcome:
        standing = standing_of(case.person, case.command.actor.ident)
        if standing is not None and standing.blocked:
            standing.blocked, standing.must_consent = False, False
        return case.decided()

    return deciding(act, *kinds_of(commands))


def carer_taken_for_holder(*, commands: str) -> Transform:
    """Carry commands of a caregiver out as if the holder gave them."""

    def act(case: Case) -> Outcome:
        command = case.command
        if command.actor.kind is ActorKind.CAREGIVER:
            command = replace(command, actor=holder(command.ins))
        return case.service.apply(command)

    return deciding(act, *kinds_of(commands))


def untraced(*, commands: str) -> Transform:
    """Carry commands out and leave no trace of them."""
    return deciding(_without_trace(lambda _outcome: True), *kinds_of(commands))


def refusals_untraced() -> Transform:
    """Leave no trace of what is refused."""
    return deciding(_without_trace(lambda outcome: isinstance(outcome, Refusal)))


def _without_trace(chosen: Callable[[Outcome], bool]) -> Callable[[Case], Outcome]:
    def act(case: Case) -> Outcome:
        log = case.person.log
        rows = len(log)
        outcome = case.decided()
        if chosen(outcome):
            del log[rows:]
        return outcome

    return act


def silent(*, commands: str, notifications: str) -> Transform:
    """Carry commands out without the notifications that they set off."""
    kept_back = frozenset(notifications.split(","))

    def act(case: Case) -> Outcome:
        dossier = case.person.kept()
        sent = len(dossier.told)
        outcome = case.decided()
        told = dossier.told[sent:]
        dossier.told[sent:] = [one for one in told if one.code not in kept_back]
        return outcome

    return deciding(act, *kinds_of(commands))


MAKERS: Final = (
    overlook,
    forget,
    forget_objection,
    incapacity_assumed,
    password_assumed,
    reopened_empty,
    objection_undone,
    block_lifted,
    carer_taken_for_holder,
    untraced,
    refusals_untraced,
    silent,
)
