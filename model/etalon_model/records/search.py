"""Searches: the criteria of PDSm, pages in a stable order.

Sources: volet PDSm of the ANS (search of DocumentReference), IHE MHD (ITI-67); guide EEDS
(first opening, batches of twenty).
Reading: the newest deposit comes first; a criterion with several values matches any of them;
counts speak only of what the reader sees. Days of a range are instants, both ends included.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import ClassVar, Final

from etalon_model.access_log import Family
from etalon_model.actors import Actor
from etalon_model.command import Command
from etalon_model.handlers import handles
from etalon_model.outcomes import Accepted, Outcome, Refusal
from etalon_model.people import Person
from etalon_model.periods import Period
from etalon_model.records.nomenclature import LIMITS
from etalon_model.records.record import (
    Document,
    Status,
    documents_of,
    entry_id,
    logical_id,
)
from etalon_model.records.sighting import Sighting, sighting
from etalon_model.register import Register
from etalon_model.rights.modes import AccessMode
from etalon_model.rights.reading import note_reading
from etalon_model.rules import enforces


@dataclass(frozen=True, slots=True)
class Within:
    """A range of instants (UTC); None leaves an end open.

    Attributes:
        start: The first instant, or None.
        end: The last instant, or None.
    """

    start: datetime | None = None
    end: datetime | None = None

    def holds(self, instant: datetime) -> bool:
        """Whether `instant` is in the range, ends included."""
        return (self.start is None or self.start <= instant) and (
            self.end is None or instant <= self.end
        )


@dataclass(frozen=True, slots=True)
class Criteria:
    """What is searched for; what is left out excludes nothing.

    Attributes:
        status: Statuses; deleted versions are never found.
        types: Codes of types.
        classes: Codes of classes (`category` of PDSm).
        categories: Display categories of Mon espace santé.
        formats: Format codes.
        events: Codes of acts, any of those of the document.
        facilities: Codes of kinds of structure.
        settings: Codes of settings of care.
        security_labels: Confidentiality codes, any of those of the document.
        identifiers: Unique, logical or entry identifiers.
        deposited: When it was deposited (`date`).
        created: When it was written (`creation`).
        period: The act overlaps this range (`period`).
        period_start: Start of the act.
        period_end: End of the act; an act without end is not found.
        related: Identifiers of related objects.
        relates_to: Unique identifier of the document it replaces.
        author_family: Start of the family name of an author, whatever the case.
        author_given: Start of the first name of an author, whatever the case.
        archived: The archive flag, or None for both.
    """

    status: tuple[Status, ...] = (Status.CURRENT,)
    types: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    formats: tuple[str, ...] = ()
    events: tuple[str, ...] = ()
    facilities: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()
    security_labels: tuple[str, ...] = ()
    identifiers: tuple[str, ...] = ()
    deposited: Within | None = None
    created: Within | None = None
    period: Within | None = None
    period_start: Within | None = None
    period_end: Within | None = None
    related: tuple[str, ...] = ()
    relates_to: str = ""
    author_family: str = ""
    author_given: str = ""
    archived: bool | None = None


EVERYTHING: Final = Criteria()

# Reading a member of an enumeration through its class costs as much as the question asked.
_CURRENT: Final = Status.CURRENT


@dataclass(frozen=True, slots=True)
class DocumentPage:
    """A page of documents, the newest deposit first.

    Attributes:
        documents: Those of the page.
        total: How many the reader sees in all.
        page: Number of the page, from 1.
        pages: How many pages there are.
    """

    documents: tuple[Document, ...]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class SearchDocuments(Command):
    """Search the record (TD3.1), or list it when nothing is asked for.

    Attributes:
        criteria: What is searched for.
        mode: How a professional comes to the record.
        page: Number of the page, from 1.
        page_size: Documents in a page.
    """

    family: ClassVar[Family] = Family.DOCUMENTS

    criteria: Criteria = EVERYTHING
    mode: AccessMode = AccessMode.NORMAL
    page: int = 1
    page_size: int = LIMITS["search_page"]

    def detail(self) -> str:
        """Return the mode."""
        return str(self.mode)


@enforces("REC-32")
def first_opening(at: datetime, actor: Actor, ins: str) -> SearchDocuments:
    """Return the search of software that opens a record for the first time.

    It looks two years back, and fetches by twenty; the next pages follow.
    """
    years = Period(f"P{LIMITS['first_search_years']}Y")
    recent = Criteria(deposited=Within(start=years.before(at)))
    return SearchDocuments(at, actor, ins, recent, page_size=LIMITS["first_search_page"])


@handles(SearchDocuments)
def search_documents(register: Register, person: Person, command: SearchDocuments) -> Outcome:
    """Answer a `DocumentPage` of what the reader sees."""
    view = sighting(register, person, command, command.mode)
    if isinstance(view, Refusal):
        return view
    size = command.page_size
    if not 1 <= size <= LIMITS["search_page_most"]:
        return Refusal("REC-32", "PAGE_SIZE_WRONG", command.ins, (size,))
    found = find(person, view, command.criteria)
    pages = max(1, -(-len(found) // size))
    if not 1 <= command.page <= pages:
        return Refusal("REC-32", "NO_SUCH_PAGE", command.ins, (command.page, pages))
    if view.is_care:
        note_reading(register, person, command.actor, command.at, command.mode)
    start = (command.page - 1) * size
    shown = tuple(found[start : start + size])
    return Accepted(DocumentPage(shown, len(found), command.page, pages))


@enforces("VIS-01", "VIS-04", "VIS-06", "REC-10")
def find(person: Person, view: Sighting, criteria: Criteria) -> list[Document]:
    """Return the documents that the reader sees and that match, the newest deposit first."""
    documents = reversed(documents_of(person).values())
    sees = view.sees
    if criteria is EVERYTHING:
        return [one for one in documents if one.status is _CURRENT and sees(one)]
    statuses = tuple(status for status in criteria.status if status is not Status.DELETED)
    seen = [one for one in documents if one.status in statuses and sees(one)]
    if not seen:
        return seen
    for value_of, wanted in _coded(person, criteria):
        seen = [document for document in seen if value_of(document) in wanted]
    for matches in (*_listed(criteria), *_dated(criteria), *_named(person, criteria)):
        seen = [document for document in seen if matches(document)]
    return seen


Test = Callable[[Document], bool]


_TYPE: Final = attrgetter("sheet.type_code")
_CLASS: Final = attrgetter("sheet.class_code")
_CATEGORY: Final = attrgetter("kind.category")
_FORMAT: Final = attrgetter("sheet.form.format_code")
_FACILITY: Final = attrgetter("sheet.origin.facility_type")
_SETTING: Final = attrgetter("sheet.origin.practice_setting")
_UNIQUE_ID: Final = attrgetter("sheet.unique_id")


def _coded(
    person: Person, criteria: Criteria
) -> list[tuple[Callable[[Document], object], frozenset[str]]]:
    """Return, for each criterion given on an element with one value, the values that match."""
    given = [
        (_TYPE, criteria.types),
        (_CLASS, criteria.classes),
        (_CATEGORY, criteria.categories),
        (_FORMAT, criteria.formats),
        (_FACILITY, criteria.facilities),
        (_SETTING, criteria.settings),
    ]
    coded: list[tuple[Callable[[Document], object], frozenset[str]]] = [
        (value_of, frozenset(values)) for value_of, values in given if values
    ]
    if criteria.identifiers:
        coded.append((_UNIQUE_ID, _identified(person, frozenset(criteria.identifiers))))
    return coded


def _identified(person: Person, identifiers: frozenset[str]) -> frozenset[str]:
    """Return the unique identifiers of the documents that `identifiers` name in any way."""
    documents = documents_of(person)
    known = identifiers & documents.keys()
    others = identifiers - known
    if not others:
        return known
    return known | {
        unique_id
        for unique_id, document in documents.items()
        if logical_id(person.ins, document) in others or entry_id(person.ins, document) in others
    }


def _listed(criteria: Criteria) -> list[Test]:
    """Return one test for each criterion given on an element with several values."""
    given: list[tuple[tuple[str, ...], Callable[[Document], tuple[str, ...]]]] = [
        (criteria.events, lambda one: one.sheet.extras.event_codes),
        (criteria.security_labels, lambda one: one.confidentiality.codes),
        (criteria.related, lambda one: one.sheet.extras.references),
    ]
    return [_any_of(frozenset(values), of) for values, of in given if values]


def _any_of(values: frozenset[str], of: Callable[[Document], tuple[str, ...]]) -> Test:
    return lambda document: not values.isdisjoint(of(document))


def _dated(criteria: Criteria) -> list[Test]:
    given: list[tuple[Within | None, Callable[[Document], datetime | None]]] = [
        (criteria.deposited, lambda one: one.deposited_at),
        (criteria.created, lambda one: one.sheet.created_at),
        (criteria.period_start, lambda one: one.sheet.service_start_at),
        (criteria.period_end, lambda one: one.sheet.extras.service_end_at),
    ]
    tests = [_in(within, of) for within, of in given if within is not None]
    period = criteria.period
    if period is not None:
        tests.append(lambda document: _overlaps(document, period))
    return tests


def _in(within: Within, of: Callable[[Document], datetime | None]) -> Test:
    def matches(document: Document) -> bool:
        instant = of(document)
        return instant is not None and within.holds(instant)

    return matches


def _overlaps(document: Document, period: Within) -> bool:
    starts_at = document.sheet.service_start_at
    ends_at = document.sheet.extras.service_end_at or starts_at
    return (period.end is None or starts_at <= period.end) and (
        period.start is None or ends_at >= period.start
    )


def _named(person: Person, criteria: Criteria) -> list[Test]:
    tests: list[Test] = []
    if criteria.relates_to:
        target = documents_of(person).get(criteria.relates_to)
        number = -1 if target is None else target.number
        tests.append(lambda one: one.replaces == number)
    if criteria.author_family:
        family = criteria.author_family.casefold()
        tests.append(
            lambda one: any(
                author.family.casefold().startswith(family) for author in one.sheet.origin.authors
            )
        )
    if criteria.author_given:
        given = criteria.author_given.casefold()
        tests.append(
            lambda one: any(
                author.given.casefold().startswith(given) for author in one.sheet.origin.authors
            )
        )
    if criteria.archived is not None:
        tests.append(lambda one: one.archived is criteria.archived)
    return tests
