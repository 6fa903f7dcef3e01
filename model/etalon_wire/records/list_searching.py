"""Searches of lists (ITI-66): each parameter becomes a test of the resource that a reader sees.

The model holds no lists, and a record holds few: they are tried one after the other.

Sources: IHE MHD, ITI-66; PDSm 3.1.1 (`isArchived`, `authorOrg`, chains of `source`).
Reading: a name matches from its start, whatever the case and the accents (FHIR R4, string).
"""

import unicodedata
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from etalon_wire.bundles import Query
from etalon_wire.json_body import Resource
from etalon_wire.modes import Mode
from etalon_wire.operation_outcomes import Fault
from etalon_wire.patching import IS_ARCHIVED
from etalon_wire.records.at_hand import Search, search_of
from etalon_wire.records.instants import span_of
from etalon_wire.records.lists import AUTHOR_ORG, DESIGNATION, LIST_TYPES, SOURCE_ID
from etalon_wire.records.search_parameters import (
    Asked,
    Token,
    WrongError,
    dated,
    flag,
    plain,
    required,
    tokens,
    understand,
)
from etalon_wire.validation.reading import part, parts, text

NEWEST_FIRST: Final = ("-date", "-_lastUpdated")
_FHIR_STATUS: Final = "http://hl7.org/fhir/list-status"

Test = Callable[[Resource], bool]


ListSearch = Search[Resource]
"""A search of lists, as their reader sees them."""


def read_list_search(
    query: Query, *, mode: Mode = "pdsm-strict", strict: bool = False, base: str = ""
) -> ListSearch | Fault:
    """Return what a search of List asks for, or what is wrong with it.

    Args:
        query: Its parameters, in their order.
        mode: Which of two texts holds where they differ: `pdsm-strict` refuses a search that does
            not say of what and in which state; that it says whose is asked in any mode.
        strict: Refuse parameters that are not known.
        base: Public address of the server, without a slash at its end.
    """
    try:
        understood = understand("List", query, strict=strict, sorts=NEWEST_FIRST)
        required(understood, "person", "matricule", name="patient.identifier")
        if mode == "pdsm-strict":
            required(understood, "code", "identifier", "id", name="code")
            required(understood, "status", "identifier", "id", name="status")
        return search_of(understood, base, _TESTS)
    except WrongError as wrong:
        return wrong.fault


def _coded(wanted: Iterable[Token], found: Iterable[tuple[str, str]]) -> bool:
    pairs = list(found)
    return any(one.is_met(system, code) for one in wanted for system, code in pairs)


def _codings(concept: Resource) -> Iterator[tuple[str, str]]:
    return ((text(one, "system"), text(one, "code")) for one in parts(concept, "coding"))


def _identifiers(holders: Iterable[Resource]) -> Iterator[tuple[str, str]]:
    return ((text(one, "system"), text(one, "value")) for one in holders)


def _extensions(resource: Resource, url: str) -> Iterator[Resource]:
    return (one for one in parts(resource, "extension") if one.get("url") == url)


def _code(asked: Asked) -> Test:
    wanted = tokens(asked)
    # MHD writes the code alone or under its own system.
    known = [one for one in wanted if one.system in (None, LIST_TYPES)]
    return lambda resource: _coded(known, _codings(part(resource, "code")))


def _status(asked: Asked) -> Test:
    wanted = [one for one in tokens(asked) if one.system in (None, _FHIR_STATUS)]
    return lambda resource: any(one.code == resource.get("status") for one in wanted)


def _identifier(asked: Asked) -> Test:
    wanted = tokens(asked)
    return lambda resource: _coded(wanted, _identifiers(parts(resource, "identifier")))


def _id(asked: Asked) -> Test:
    return lambda resource: resource.get("id") in asked.values


def _date(asked: Asked) -> Test:
    within = dated(asked).within

    def holds(resource: Resource) -> bool:
        span = span_of(text(resource, "date"))
        return span is not None and within.holds(span[0])

    return holds


def _designation(asked: Asked) -> Test:
    wanted = tokens(asked)
    return lambda resource: _coded(
        wanted,
        (
            pair
            for one in _extensions(resource, DESIGNATION)
            for pair in _codings(part(one, "valueCodeableConcept"))
        ),
    )


def _source_id(asked: Asked) -> Test:
    wanted = tokens(asked)
    return lambda resource: _coded(
        wanted,
        _identifiers(part(one, "valueIdentifier") for one in _extensions(resource, SOURCE_ID)),
    )


def _archived(asked: Asked) -> Test:
    wanted = flag(asked)
    return lambda resource: (
        wanted is any(one.get("valueBoolean") is True for one in _extensions(resource, IS_ARCHIVED))
    )


def _title(asked: Asked) -> Test:
    wanted = _folded(asked.values)
    return lambda resource: folded(text(resource, "title")).startswith(wanted)


def _source(asked: Asked) -> Test:
    """A source is contained and has no address: an address finds it only where it was kept."""
    wanted = {plain(value) for value in asked.values}
    return lambda resource: text(part(resource, "source"), "reference") in wanted


def _named(kinds: tuple[str, ...], *members: str) -> Callable[[Asked], Test]:
    """Return what makes a test of the names of a source of some resource types."""

    def test_of(asked: Asked) -> Test:
        wanted = _folded(asked.values)
        return lambda resource: any(
            folded(name).startswith(wanted)
            for holder in _sources(resource, kinds)
            for name in _names(holder, members)
        )

    return test_of


def _sources(resource: Resource, kinds: tuple[str, ...]) -> Iterator[Resource]:
    """Yield the source of a list, and the professional whose role it is."""
    held = {f"#{text(one, 'id')}": one for one in parts(resource, "contained")}
    source = held.get(text(part(resource, "source"), "reference"), {})
    if source.get("resourceType") not in kinds:
        return
    yield source
    practitioner = held.get(text(part(source, "practitioner"), "reference"))
    if practitioner is not None:
        yield practitioner


def _names(holder: Resource, members: tuple[str, ...]) -> Iterator[str]:
    for name in parts(holder, "name"):
        for member in members:
            value = name.get(member)
            for one in value if isinstance(value, list) else [value]:
                if isinstance(one, str):
                    yield one


def _organisation(asked: Asked) -> Test:
    """The structure of the author is contained: its identifier names it, or an address kept."""
    wanted = tokens(asked)

    def holds(resource: Resource) -> bool:
        held = {f"#{text(one, 'id')}": one for one in parts(resource, "contained")}
        for extension in _extensions(part(resource, "source"), AUTHOR_ORG):
            reference = text(part(extension, "valueReference"), "reference")
            if reference in asked.values:
                return True
            if _coded(wanted, _identifiers(parts(held.get(reference, {}), "identifier"))):
                return True
        return False

    return holds


def _folded(values: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(folded(plain(value)) for value in values)


def folded(name: str) -> str:
    """Return a name without case or accents."""
    parted = unicodedata.normalize("NFD", name.casefold())
    return "".join(sign for sign in parted if not unicodedata.combining(sign))


_ANY_SOURCE: Final = ("Patient", "Practitioner", "PractitionerRole", "Device")
_TESTS: Final[Mapping[str, Callable[[Asked], Test]]] = {
    "code": _code,
    "status": _status,
    "identifier": _identifier,
    "id": _id,
    "date": _date,
    "designation": _designation,
    "source_id": _source_id,
    "archived": _archived,
    "title": _title,
    "source": _source,
    "patient_given": _named(("Patient",), "given"),
    "patient_family": _named(("Patient",), "family"),
    "source_given": _named(_ANY_SOURCE, "given"),
    "source_family": _named(_ANY_SOURCE, "family"),
    "source_name": _named(("PractitionerRole",), "family", "given", "text"),
    "organisation": _organisation,
}
"""What makes a test of a parameter, by its meaning."""
