"""Where things stand: from an address to a person and a document, from a document to what is kept.

Addresses begin with a digest of the matricule, so that they tell nobody whose they are; the way
back is an index of the people there are.
"""

from dataclasses import dataclass
from itertools import islice
from typing import Final

from etalon_model.people import Person
from etalon_model.records.record import Document, documents_of
from etalon_model.service import Service
from etalon_server.contents import key_of as content_key
from etalon_server.service_host import Host
from etalon_wire.records.addresses import key_of, record_key
from etalon_wire.records.instants import stamp_of

_NUMBER: Final = slice(24, 30)
_HEXADECIMAL: Final = 16


@dataclass(frozen=True, slots=True)
class Place:
    """What an address leads to.

    Attributes:
        person: Whose record it is in.
        document: The document, or None when the record holds none there.
    """

    person: Person
    document: Document | None


class People:
    """The people of a service by the key that their addresses begin with."""

    __slots__ = ("_by_key", "_known", "_service")

    def __init__(self) -> None:
        self._service: Service | None = None
        self._by_key: dict[str, str] = {}
        self._known = 0

    def find(self, service: Service, key: str) -> Person | None:
        """Return the person whose record has a key, or None."""
        if service is not self._service:
            self._service, self._known = service, 0
            self._by_key.clear()
        ins = self._by_key.get(key)
        if ins is None and len(service) > self._known:
            people = service.snapshot(copied=False).register.people
            for one in islice(people, self._known, None):
                self._by_key[record_key(one)] = one
            self._known = len(people)
            ins = self._by_key.get(key)
        return None if ins is None else service.person(ins)


class UniqueIdentifiers:
    """The records that hold each unique identifier; those of two people may bear the same.

    It is made when first asked, and brought up to date by the records of those about whom
    something was accepted since.
    """

    __slots__ = ("_held_by", "_service")

    def __init__(self) -> None:
        self._service: Service | None = None
        self._held_by: dict[str, tuple[str, ...]] = {}

    def find(self, host: Host, unique_id: str) -> list[Place]:
        """Return every document that bears a unique identifier, in whosever record."""
        people = host.service.snapshot(copied=False).register.people
        if host.service is not self._service or host.changed is None:
            self._service = host.service
            self._held_by.clear()
            host.changed = set(people)
        for ins in host.changed:
            if ins in people:
                self._add(people[ins])
        host.changed = set()
        holders = [people[ins] for ins in self._held_by.get(unique_id, ())]
        found = [(person, documents_of(person).get(unique_id)) for person in holders]
        return [Place(person, document) for person, document in found if document is not None]

    def _add(self, person: Person) -> None:
        # One tuple for all the documents of a record: there are ten times as many documents.
        alone = (person.ins,)
        for unique_id in documents_of(person):
            holders = self._held_by.setdefault(unique_id, alone)
            if person.ins not in holders:
                self._held_by[unique_id] = holders + alone


def place_of(people: People, service: Service, resource_id: str) -> Place | None:
    """Return what an `id` of ours leads to; None when nobody's record has its key."""
    key = key_of(resource_id)
    person = None if key is None else people.find(service, key)
    if person is None:
        return None
    return Place(person, _numbered(person, int(resource_id[_NUMBER], _HEXADECIMAL)))


def _numbered(person: Person, number: int) -> Document | None:
    """Return the document with a rank of deposit; a record keeps them in that order."""
    documents = documents_of(person)
    if not 0 < number <= len(documents):
        return None
    found = next(islice(documents.values(), number - 1, None))
    if found.number == number:
        return found
    return next((one for one in documents.values() if one.number == number), None)


def latest_of(person: Person, document: Document) -> Document:
    """Return the last version of the chain that a document is in."""
    by_replaced = {one.replaces: one for one in documents_of(person).values() if one.replaces}
    while document.number in by_replaced:
        document = by_replaced[document.number]
    return document


def _instance(ins: str, document: Document) -> tuple[str, str, str]:
    """Return what tells a document from one that bore its identifier before an erasure."""
    return ins, document.sheet.unique_id, stamp_of(document.deposited_at)


def resource_key(ins: str, unique_id: str, deposited_at: str) -> bytes:
    """Return what the received resource of a document is kept under."""
    return content_key("DocumentReference", ins, unique_id, deposited_at)


def bytes_key(ins: str, unique_id: str, deposited_at: str) -> bytes:
    """Return what the bytes of a document are kept under."""
    return content_key("Binary", ins, unique_id, deposited_at)


def kept_resource_of(ins: str, document: Document) -> bytes:
    """Return what the received resource of this document is kept under."""
    return resource_key(*_instance(ins, document))


def kept_bytes_of(ins: str, document: Document) -> bytes:
    """Return what the bytes of this document are kept under."""
    return bytes_key(*_instance(ins, document))


def lists_shelf(ins: str) -> bytes:
    """Return the shelf on which the lists of a record stand."""
    return content_key("List", ins)


def list_key(list_id: str) -> bytes:
    """Return what a list is kept under."""
    return content_key("List", list_id)
