"""Servers that forget when they start: what they acknowledged was on no disk yet."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from etalon_model.people import Person
from etalon_model.records.confidentiality import changed
from etalon_model.records.record import documents_of, record_or_none
from etalon_model.rights.rights import rights_of
from etalon_model.states import State
from etalon_wire.parts import Application, Codec, Deciding, Transform


def _last_document(person: Person) -> None:
    record = record_or_none(person)
    if record is not None and record.documents:
        record.documents.popitem()


def _masks(person: Person) -> None:
    documents = documents_of(person)
    for name, one in list(documents.items()):
        level = changed(one.confidentiality, masked=False)
        documents[name] = replace(one, confidentiality=level)


def _objections(person: Person) -> None:
    record = record_or_none(person)
    if record is not None:
        record.objections = None


def _appointments(person: Person) -> None:
    held = person.holdings
    if held is not None and held.agenda is not None:
        held.agenda.appointments.clear()


def _blocks(person: Person) -> None:
    """Whoever was blocked stands as any member of the care team."""
    for standing in rights_of(person).standings.values():
        if standing.blocked:
            standing.blocked, standing.must_consent, standing.in_team = False, False, True


def _hiding(person: Person) -> None:
    documents = documents_of(person)
    for name, one in list(documents.items()):
        level = changed(one.confidentiality, hidden=False)
        documents[name] = replace(one, confidentiality=level)


def _closings(person: Person) -> None:
    if person.state is State.CLOSED_ARCHIVED:
        person.state = State.OPEN_ACTIVE


def _oppositions(person: Person) -> None:
    if person.state is State.OPPOSED:
        person.state = State.NOTIFIED


_FORGOTTEN: Final[Mapping[str, Callable[[Person], None]]] = {
    "documents": _last_document,
    "masks": _masks,
    "objections": _objections,
    "appointments": _appointments,
    "blocks": _blocks,
    "hiding": _hiding,
    "closings": _closings,
    "oppositions": _oppositions,
}
"""What a server may forget, by name."""


def forgotten_at_start(*, what: str) -> Transform:
    """Have forgotten something of everybody by the time the server answers."""
    forget = _FORGOTTEN[what]

    def transform(
        service: Deciding, codec: Codec, app: Application
    ) -> tuple[Deciding, Codec, Application]:
        for person in service.snapshot(copied=False).register.people.values():
            forget(person)
        return service, codec, app

    return transform


MAKERS: Final = (forgotten_at_start,)
