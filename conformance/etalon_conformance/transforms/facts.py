"""Facts that a server may overlook: each is out of sight while one command is carried out."""

from collections.abc import Callable, Generator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from etalon_conformance.transforms.service import Case
from etalon_model.people import Person
from etalon_model.records.confidentiality import changed
from etalon_model.records.record import Document, documents_of, record_or_none
from etalon_model.rights.rights import Standing, rights_of, standing_of
from etalon_model.states import State

Overlooking = Callable[[Case], AbstractContextManager[None]]
"""Puts a fact out of sight, and back."""

_A_DAY: Final = timedelta(days=1)

FLAGS: Final[Mapping[str, Callable[[Document], bool]]] = {
    "masked": lambda document: document.confidentiality.masked,
    "hidden": lambda document: document.confidentiality.hidden,
    "secret": lambda document: document.confidentiality.not_for_representatives,
}
"""What a document may be marked with."""

_UNMARKED: Final[Mapping[str, Callable[[Document], Document]]] = {
    "masked": lambda one: replace(one, confidentiality=changed(one.confidentiality, masked=False)),
    "hidden": lambda one: replace(one, confidentiality=changed(one.confidentiality, hidden=False)),
    "secret": lambda one: replace(
        one, confidentiality=changed(one.confidentiality, not_for_representatives=False)
    ),
}


@contextmanager
def held(owner: object, **values: object) -> Generator[None]:
    """Have attributes hold other values for a while; one that changes meanwhile stays changed."""
    before = {name: getattr(owner, name) for name in values}
    for name, value in values.items():
        setattr(owner, name, value)
    try:
        yield
    finally:
        for name, value in values.items():
            if getattr(owner, name) == value:
                setattr(owner, name, before[name])


@contextmanager
def _stand_ins(person: Person, made: Callable[[Document], Document]) -> Generator[None]:
    """Have other documents stand for those of a person; one that is replaced meanwhile stays."""
    documents = documents_of(person)
    before = dict(documents)
    standing = {name: made(one) for name, one in before.items()}
    documents.update(standing)
    try:
        yield
    finally:
        for name, one in before.items():
            if documents[name] is standing[name]:
                documents[name] = one


@contextmanager
def _mark(mark: str, case: Case) -> Generator[None]:
    with _stand_ins(case.person, _UNMARKED[mark]):
        yield


@contextmanager
def _depositor(case: Case) -> Generator[None]:
    """Have whoever asks be the depositor; what the command changes gets its own one back."""
    person = case.person
    depositors = {name: one.depositor for name, one in documents_of(person).items()}
    with _stand_ins(person, lambda one: replace(one, depositor=case.command.actor)):
        yield
    documents = documents_of(person)
    for name, depositor in depositors.items():
        if documents[name].depositor != depositor:
            documents[name] = replace(documents[name], depositor=depositor)


def _of_standing(
    applies: Callable[[Standing | None], bool], **values: object
) -> Callable[[Case], AbstractContextManager[None]]:
    @contextmanager
    def overlooking(case: Case) -> Generator[None]:
        actor, person = case.command.actor, case.person
        if actor.kind.value not in {"professional", "structure"} or not applies(
            standing_of(person, actor.ident)
        ):
            yield
            return
        with held(rights_of(person).standing(actor.ident), **values):
            yield

    return overlooking


@contextmanager
def _regulation(case: Case) -> Generator[None]:
    """The choice about the emergency regulator is taken for a yes."""
    dossier = case.person.dossier
    if dossier is None or dossier.choices is None:
        yield
        return
    with held(dossier, choices=replace(dossier.choices, regulator=True)):
        yield


@contextmanager
def _closed(case: Case) -> Generator[None]:
    if case.person.state is not State.CLOSED_ARCHIVED:
        yield
        return
    with held(case.person, state=State.OPEN_ACTIVE):
        yield


@contextmanager
def _feeding(case: Case) -> Generator[None]:
    record = record_or_none(case.person)
    if record is None:
        yield
        return
    with held(record, objections=None):
        yield


@contextmanager
def _window(case: Case) -> Generator[None]:
    if case.person.window_ends_at is None:
        yield
        return
    with held(case.person, window_ends_at=case.command.at):
        yield


@contextmanager
def _last_day(case: Case) -> Generator[None]:
    """The window is a day shorter than it is."""
    ends_at = case.person.window_ends_at
    if ends_at is None:
        yield
        return
    with held(case.person, window_ends_at=ends_at - _A_DAY):
        yield


@contextmanager
def _editor(case: Case) -> Generator[None]:
    """Have whoever asks be the author of each appointment, and put its own author back."""
    held_by = case.person.holdings
    agenda = None if held_by is None else held_by.agenda
    if agenda is None:
        yield
        return
    authors = {name: one.author for name, one in agenda.appointments.items()}
    for name, one in list(agenda.appointments.items()):
        agenda.appointments[name] = replace(one, author=case.command.actor)
    try:
        yield
    finally:
        for name, author in authors.items():
            if name in agenda.appointments:
                agenda.appointments[name] = replace(agenda.appointments[name], author=author)


@contextmanager
def _sex(case: Case) -> Generator[None]:
    identity = case.person.identity
    with held(case.person, identity=replace(identity, sex="F")):
        yield


FACTS: Final[Mapping[str, Overlooking]] = {
    **{mark: partial(_mark, mark) for mark in _UNMARKED},
    "depositor": _depositor,
    "stranger": _of_standing(
        lambda one: one is None or not (one.must_consent or one.blocked), in_team=True
    ),
    "objector": _of_standing(
        lambda one: one is not None and one.must_consent and not one.blocked,
        in_team=True,
        must_consent=False,
    ),
    "blocked": _of_standing(
        lambda one: one is not None and one.blocked,
        blocked=False,
        in_team=True,
        must_consent=False,
    ),
    "regulation": _regulation,
    "closed": _closed,
    "feeding": _feeding,
    "window": _window,
    "last_day": _last_day,
    "editor": _editor,
    "sex": _sex,
}
"""What may be overlooked, by name."""
