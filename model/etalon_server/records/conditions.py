"""Conditions: which documents `identifier=…` means, in the address of a patch or before a creation.

A condition finds what the caller deposited, and otherwise what they see: one that finds what is
hidden from somebody would tell them of it (W-COM-04).

Sources: FHIR R4, 3.1.0.7.2 (conditional patch) and 3.1.0.8.1 (conditional create); PDSm4DMP, TD3.3.
Reading: what is created goes to one record, and whether it exists is asked of that one alone: two
people's documents may bear one identifier.
"""

from collections.abc import Iterator, Sequence
from typing import Final, cast

from etalon_model.people import Person
from etalon_model.records.record import Document, Status, documents_of, entry_id, logical_id
from etalon_server.asking import known_caller
from etalon_server.exchange import Desk, Refused, Request
from etalon_server.limits import parameters_of
from etalon_server.records.places import Place, place_of
from etalon_server.records.reading import seen_of
from etalon_server.records.searching import person_searched
from etalon_wire.bundles import Query
from etalon_wire.operation_outcomes import Fault
from etalon_wire.records.searching import Condition, read_conditional

IF_NONE_EXIST: Final = "if-none-exist"

_GONE: Final = Status.DELETED

Found = tuple[Person, Document, tuple[Document, ...]]
"""Whose document, which, and the versions of its chain that the caller knows of."""


def condition_of(query: Query, base: str) -> Condition:
    """Return the condition that a query makes.

    Args:
        query: Its parameters.
        base: Public address of the FHIR base.

    Raises:
        Refused: It makes none.
    """
    condition = read_conditional(query, base)
    if isinstance(condition, Fault):
        raise Refused(condition)
    return condition


async def existing(desk: Desk, request: Request, ins: str) -> Found | None:
    """Return the document of a record that a request is not to create again, None where none is.

    Raises:
        Refused: The condition is none, is about somebody else, or several documents meet it.
        ParametersRefused: It cannot be read.
    """
    written = request.headers.get(IF_NONE_EXIST)
    if written is None:
        return None
    query = parameters_of(written.strip().removeprefix("?").encode("latin-1"))
    condition = condition_of(query, request.base)
    who = None if condition.who is None else _person_of(desk, request, condition)
    if condition.who is not None and (who is None or who.ins != ins):
        message = "the condition is about another person than the document is"
        raise Refused(Fault("PARAMETER_WRONG", message, "If-None-Exist"))
    found = [one for one in await found_by(desk, request, condition) if one[0].ins == ins]
    return only_one(found, "If-None-Exist") if found else None


def only_one(found: Sequence[Found], where: str = "identifier") -> Found:
    """Return the one document that meets a condition (W-REC-32).

    Raises:
        Refused: Several do.
    """
    if len(found) > 1:
        message = f"{len(found)} documents match: name one"
        raise Refused(Fault("SEVERAL_MATCHES", message, where))
    return found[0]


async def found_by(desk: Desk, request: Request, condition: Condition) -> list[Found]:
    """Return the documents that meet a condition: the caller's own, or else those they see."""
    who = None if condition.who is None else _person_of(desk, request, condition)
    places = [
        place
        for place in _named(desk, frozenset(condition.names))
        if _may_be_meant(request, place)
        and (condition.who is None or (who is not None and place.person.ins == who.ins))
    ]
    own = [place for place in places if place.document and is_own(request, place.document)]
    if own:
        return [
            (one.person, cast("Document", one.document), own_documents(request, one)) for one in own
        ]
    return [seen for one in places if (seen := await _seen(desk, request, one))]


def _person_of(desk: Desk, request: Request, condition: Condition) -> Person | None:
    """Return the person whom a condition names, None for nobody that is known.

    Raises:
        Refused: The token is for another space.
    """
    if condition.who is None:
        return None
    return person_searched(desk, known_caller(request), condition.who)


async def _seen(desk: Desk, request: Request, place: Place) -> Found | None:
    """Return a document that the caller sees; whoever may not know of it is told nothing."""
    try:
        return await seen_of(desk, request, place)
    except Refused:
        return None


def _may_be_meant(request: Request, place: Place) -> bool:
    """Whether a document is in a space that the token is for, and not deleted."""
    patient = known_caller(request).patient
    in_space = not patient or patient == place.person.ins
    return in_space and place.document is not None and place.document.status is not _GONE


def _named(desk: Desk, names: frozenset[str]) -> Iterator[Place]:
    """Yield the documents with one of these identifiers: unique, logical or entry."""
    for name in names:
        place = place_of(desk.people, desk.host.service, name.removeprefix("urn:uuid:"))
        if place is not None and place.document is not None:
            ins, document = place.person.ins, place.document
            if name in {logical_id(ins, document), entry_id(ins, document)}:
                yield place
        yield from desk.unique_identifiers.find(desk.host, name)


def is_own(request: Request, document: Document) -> bool:
    """Whether the caller deposited a document, and acts on it, reader or not (W-REC-44)."""
    actor, depositor = known_caller(request).actor, document.depositor
    return (actor.kind, actor.ident) == (depositor.kind, depositor.ident)


def own_documents(request: Request, place: Place) -> tuple[Document, ...]:
    """Return the documents of a record that the caller deposited."""
    return tuple(one for one in documents_of(place.person).values() if is_own(request, one))
