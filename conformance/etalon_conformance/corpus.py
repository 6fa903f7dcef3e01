"""Documents of one person that differ in all that a search looks at.

Two authors, and somebody else with documents alike in all but whose they are. What a search must
find follows from the specimens, so that each search has a positive and a negative answer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion
from etalon_conformance.expectations import equals
from etalon_conformance.record_scene import UNIQUE_IDS, Criteria, colleague, deposit, found
from etalon_conformance.specimens import (
    Code,
    Given,
    Specimen,
    facilities,
    media_types,
    settings,
    specimen,
    words,
)
from etalon_target.actors import Who
from etalon_target.people import TestPerson
from etalon_wire.labels import V3_CONFIDENTIALITY

KINDS: Final = ("11488-4", "34874-8", "57833-6", "11502-2", "60591-5", "18748-4", "89601-9")
"""Types of seven documents, of six classes."""
FAMILIES: Final = ("Évrard", "Nuñez", "Œuvrard", "Şahinoğlu", "Müller de Brühl", "Zola", "D'Aÿ")
GIVENS: Final = ("Zoé", "Loïc", "Maëlle", "Ulysse", "Anaïs", "François-Noël", "Bérénice")
ACTS: Final = (
    Code("urn:oid:1.2.250.1.213.2.5", "YYYY001"),
    Code("urn:oid:1.2.250.1.213.2.5", "HBQK002"),
    Code("urn:oid:2.16.840.1.113883.6.3", "J45.0"),
)
NO_FAMILY: Final = "Grégoire"
NO_TYPE: Final = Code("http://loinc.org", "77604-7")
"""A type that no document has."""
_ZONES: Final = (1, -4, 0, 11, 2, -4, 1)


@dataclass(frozen=True, slots=True)
class Corpus:
    """Documents to search.

    Attributes:
        person: Whose they are.
        reader: A professional of the care team who wrote none of them.
        specimens: The documents.
        others: Documents of somebody else, whom the reader treats too.
    """

    person: TestPerson
    reader: Who
    specimens: tuple[Specimen, ...]
    others: tuple[Specimen, ...]

    @property
    def everything(self) -> tuple[str, ...]:
        """The unique identifiers of them all."""
        return tuple(one.unique_id for one in self.specimens)


def corpus(bench: Bench, requirement: str, *, of_another: bool = True) -> Corpus:
    """Deposit the documents; a control of a requirement: the check needs them.

    Raises:
        CannotTest: People or authors are not to be had.
    """
    person = bench.person()
    authors = (bench.treating(person), colleague(bench, person))
    reader = bench.treating(person)
    specimens = tuple(
        specimen(
            bench,
            person,
            authors[rank % 2],
            kind=kind,
            media_type=media_types()[rank % len(media_types())],
            **_traits(bench, rank),
        )
        for rank, kind in enumerate(KINDS)
    )
    for rank in range(2):
        deposit(bench, requirement, specimens[rank::2])
    others: tuple[Specimen, ...] = ()
    if of_another:
        other = bench.person()
        writer = bench.treating(other)
        bench.relate("care_team", other, reader)
        others = tuple(
            specimen(bench, other, writer, kind=kind, **_traits(bench, rank))
            for rank, kind in enumerate(KINDS[:3])
        )
        deposit(bench, requirement, others)
    return Corpus(person, reader.who, specimens, others)


def _traits(bench: Bench, rank: int) -> Given:
    zone = timezone(timedelta(hours=_ZONES[rank]))
    started = _started(bench.now(), rank).astimezone(zone)
    return {
        "title": words("title")[rank],
        "comment": words("comment")[rank % len(words("comment"))],
        "family": FAMILIES[rank],
        "given": GIVENS[rank],
        "facility": facilities()[rank % 4],
        "setting": settings()[rank % 3],
        "act": ACTS[rank % 3],
        "order": f"PRES-{rank % 4}",
        "level": "R" if rank == 1 else "N",
        "archived": rank in {2, 5},
        "started": started,
        "ended": started + timedelta(minutes=30),
        "created": started + timedelta(days=3),
        "dated": started + timedelta(days=3, hours=1),
    }


def _started(now: datetime, rank: int) -> datetime:
    """Return when an act began: the middle of a month, a month apart, each at another hour."""
    month = now.year * 12 + now.month - 3 - 2 * rank
    day = datetime(month // 12, month % 12 + 1, 14, 23 - 3 * rank, 59 - rank, 30 + rank, tzinfo=UTC)
    return day - timedelta(days=rank)


Coded = Callable[[Specimen], Code]
CODED: Final[Mapping[str, Coded]] = {
    "type": lambda one: one.kind,
    "category": lambda one: one.class_,
    "facility": lambda one: one.facility,
    "setting": lambda one: one.setting,
    "event": lambda one: one.act,
    "format": lambda one: one.form,
    "security-label": lambda one: Code(V3_CONFIDENTIALITY, one.level),
}
"""What the parameters about codes look at."""


def having(given: Corpus, name: str, *tokens: str) -> tuple[str, ...]:
    """Return the unique identifiers of the documents with one of some codes."""
    return tuple(one.unique_id for one in given.specimens if CODED[name](one).token in tokens)


def finds(
    bench: Bench,
    requirement: str,
    given: Corpus,
    criteria: Criteria,
    *expected: str,
    likely: str = "criterion_ignored",
) -> Assertion:
    """Search the corpus; it finds the documents expected and no others."""
    pages = found(bench, given.reader, given.person, criteria)
    return bench.expects(requirement, pages, equals(UNIQUE_IDS, *expected), likely=likely)


def is_whole(bench: Bench, requirement: str, given: Corpus) -> None:
    """Check, as a control, that a search without a criterion finds the corpus."""
    pages = found(bench, given.reader, given.person)
    bench.expects(requirement, pages, equals(UNIQUE_IDS, *given.everything), control=True)
