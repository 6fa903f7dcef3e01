"""Pages of searches: joined, they are the whole; the links end; the total is that of them all."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.corpus import Corpus, corpus, is_whole
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import absent, distinct, equals, one_of
from etalon_conformance.record_scene import (
    DOCUMENTS,
    LISTS,
    NEEDS,
    UNIQUE_IDS,
    deposit,
    found,
    matricule,
)
from etalon_conformance.specimens import specimen

_MANY: Final = 53
"""More documents than a page holds unless another size is asked for."""


def _joins(bench: Bench, pages: Sequence[Exchange], *expected: str) -> Iterator[Assertion]:
    """Whether pages end, repeat nothing, and are the whole."""
    yield bench.expects("W-REC-22", pages, one_of("status", "200"))
    yield bench.expects("W-REC-22", pages, distinct("url"), likely="paging_loop")
    yield bench.expects("W-REC-22", pages[-1], absent("link[relation=next].url"))
    yield bench.expects("W-REC-22", pages, distinct(f"{DOCUMENTS}.id"))
    yield bench.expects("W-REC-22", pages, equals(UNIQUE_IDS, *expected), likely="paging_loss")
    if any(page.value("total") for page in pages):
        total = one_of("total", str(len(expected)))
        yield bench.expects("W-REC-22", pages, total, likely="paging_total")


@check(requirements=("W-REC-22",), needs=NEEDS)
def pages_join_to_the_whole(bench: Bench) -> Iterator[Assertion]:
    """Whatever the size of pages, they join to all that is found, once each."""
    given = corpus(bench, "W-REC-22")
    is_whole(bench, "W-REC-22", given)
    for size in range(1, len(given.specimens) + 2):
        pages = found(bench, given.reader, given.person, {"_count": str(size)})
        yield from _joins(bench, pages, *given.everything)
    kinds = {one.kind.token: one for one in given.specimens[1:5]}
    narrowed = {"type": ",".join(kinds), "_count": "2"}
    expected = [one.unique_id for one in kinds.values()]
    yield from _joins(bench, found(bench, given.reader, given.person, narrowed), *expected)
    yield from _joins(bench, _by_form(bench, given, 3), *given.everything)


def _by_form(bench: Bench, given: Corpus, size: int) -> tuple[Exchange, ...]:
    whose = ("patient.identifier", matricule(given.person))
    form = [whose, ("status", "current"), ("_count", str(size))]
    first = bench.call(given.reader, "POST", "DocumentReference/_search", form=form)
    return bench.pages(first, given.reader)


@check(requirements=("W-REC-22",), needs=NEEDS)
def many_documents_are_all_found(bench: Bench) -> Iterator[Assertion]:
    """Of more documents than a page holds, none is lost and none comes twice."""
    person = bench.person()
    author, reader = bench.treating(person), bench.treating(person)
    several = [specimen(bench, person, author) for _ in range(_MANY)]
    rest = iter(several)
    while some := list(islice(rest, 20)):
        deposit(bench, "W-REC-22", some)
    expected = [one.unique_id for one in several]
    for who in (reader.who, person.who):
        yield from _joins(bench, found(bench, who, person), *expected)
    for size in ("10", str(_MANY - 1), str(_MANY), str(_MANY + 1)):
        pages = found(bench, reader.who, person, {"_count": size})
        yield from _joins(bench, pages, *expected)


@check(requirements=("W-REC-26",), needs=NEEDS)
def pages_of_lists_join_to_the_whole(bench: Bench) -> Iterator[Assertion]:
    """Pages of submission sets, whatever their size, join to all of them, once each."""
    person = bench.person()
    author = bench.treating(person)
    several = [specimen(bench, person, author) for _ in range(5)]
    for one in several:
        deposit(bench, "W-REC-26", [one])
    asked = f"patient.identifier={matricule(person)}&code=submissionset&status=current"
    for size in (1, 2, 3, 5, 20):
        first = bench.call(author.who, "GET", f"List?{asked}&_count={size}")
        pages = bench.pages(first, author.who)
        yield bench.expects("W-REC-26", pages, one_of("status", "200"))
        yield bench.expects("W-REC-26", pages, distinct("url"), likely="paging_loop")
        yield bench.expects("W-REC-26", pages, distinct(f"{LISTS}.id"))
        titles = [f"Lot de soumission : {one.title}" for one in several]
        yield bench.expects("W-REC-26", pages, equals(f"{LISTS}.title", *titles))
        if any(page.value("total") for page in pages):
            yield bench.expects("W-REC-26", pages, one_of("total", str(len(several))))
