"""What the record takes: every type of care, in its class."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import bundle
from etalon_conformance.expectations import equals, includes, status
from etalon_conformance.record_scene import (
    DOCUMENTS,
    NEEDS,
    UNIQUE_IDS,
    content_of,
    deposit,
    found,
    page_with,
    sent,
)
from etalon_conformance.specimens import Specimen, care_types, specimen

_TOGETHER: Final = 12
_STOPPAGE: Final = "PRESC-AAT"


@check(requirements=("REC-02", "REC-03"), needs=NEEDS)
def record_takes_every_type(bench: Bench) -> Iterator[Assertion]:
    """The record takes documents of every type of care, and each is found by its class."""
    person = bench.person()
    author = bench.treating(person)
    kinds = list(care_types())
    bench.random.shuffle(kinds)
    authors = [author, bench.treating(person, "60"), bench.treating(person, "21")]
    several: list[Specimen] = []
    for rank, start in enumerate(range(0, len(kinds), _TOGETHER)):
        writer = authors[rank % len(authors)]
        lot = [
            specimen(bench, person, writer, kind=kind) for kind in kinds[start : start + _TOGETHER]
        ]
        answer = sent(bench, writer.who, bundle(bench, lot))
        several += lot
        for named in ("REC-02", "REC-03"):
            yield bench.expects(named, answer, status(200))
    everything = [one.unique_id for one in several]
    pages = found(bench, person.who, person)
    yield bench.expects("REC-02", pages, equals(UNIQUE_IDS, *everything))
    for each in several:
        said = f"{DOCUMENTS}[masterIdentifier.value={each.unique_id}].type.coding.code"
        yield bench.expects("REC-02", pages, includes(said, each.kind.code))
    for class_ in sorted({one.class_.token for one in several}):
        expected = [one.unique_id for one in several if one.class_.token == class_]
        by_class = found(bench, person.who, person, {"category": class_})
        for named in ("REC-02", "REC-03"):
            yield bench.expects(named, by_class, equals(UNIQUE_IDS, *expected))
        one = next(each for each in several if each.class_.token == class_)
        address = content_of(bench, page_with(bench, "REC-02", person.who, one), one.unique_id)
        read = bench.call(person.who, "GET", address or "Binary", accept=one.media_type)
        yield bench.expects("REC-02", read, equals("body", one.sha256))


@check(requirements=("W-REC-24",), needs=NEEDS)
def every_type_is_found_by_its_code(bench: Bench) -> Iterator[Assertion]:
    """A search by type finds the documents of that type, whichever it is, and no others."""
    person = bench.person()
    author = bench.treating(person)
    several = [specimen(bench, person, author, kind=kind) for kind in care_types()]
    for start in range(0, len(several), _TOGETHER):
        deposit(bench, "W-REC-24", several[start : start + _TOGETHER])
    by_code: dict[str, list[Specimen]] = {}
    for one in several:
        by_code.setdefault(one.kind.token, []).append(one)
    for token, those in by_code.items():
        pages = found(bench, person.who, person, {"type": token})
        expected = [one.unique_id for one in those]
        yield bench.expects("W-REC-24", pages, equals(UNIQUE_IDS, *expected))


@check(requirements=("REC-27",), needs=NEEDS)
def work_stoppage_is_a_prescription(bench: Bench) -> Iterator[Assertion]:
    """A work-stoppage notice is taken under its own type, in the class of prescriptions."""
    person = bench.person()
    author = bench.treating(person)
    one = specimen(bench, person, author, kind=_STOPPAGE)
    other = specimen(bench, person, author, kind="57833-6")
    answer = sent(bench, author.who, bundle(bench, [one, other]))
    yield bench.expects("REC-27", answer, status(200))
    by_type = found(bench, author.who, person, {"type": one.kind.token})
    yield bench.expects("REC-27", by_type, equals(UNIQUE_IDS, one.unique_id))
    by_class = found(bench, author.who, person, {"category": one.class_.token})
    yield bench.expects("REC-27", by_class, includes(UNIQUE_IDS, one.unique_id, other.unique_id))
    yield bench.expects("REC-27", by_type, includes(f"{DOCUMENTS}.category.coding.code", "42"))
