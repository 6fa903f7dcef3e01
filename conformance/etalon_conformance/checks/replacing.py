"""Replacements: a new document beside the former one, linked to it, in one transaction."""

from collections.abc import Iterator, Sequence

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.checks.bundles import INVALID, damaged, impossible
from etalon_conformance.deposits import bundle
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    count,
    distinct,
    equals,
    excludes,
    includes,
    status,
)
from etalon_conformance.record_scene import (
    DOCUMENTS,
    NEEDS,
    REFUSED,
    UNIQUE_IDS,
    content_of,
    deposit,
    found,
    leading_to,
    page_with,
    place_of,
    reads_back,
    sent,
)
from etalon_conformance.specimens import Specimen, specimen
from etalon_target.actors import Who
from etalon_target.people import TestPerson, TestProfessional


def _first(
    bench: Bench, requirement: str, person: TestPerson, author: TestProfessional
) -> tuple[Specimen, Exchange]:
    """Deposit a document; return it and the page that holds it."""
    one = specimen(bench, person, author)
    deposit(bench, requirement, [one])
    return one, page_with(bench, requirement, author.who, one)


def _next(bench: Bench, former: Specimen, page: Exchange) -> Specimen:
    """Return a document that replaces another one."""
    ident = place_of(page, former.unique_id).rpartition("/")[2]
    return specimen(bench, former.person, former.author, kind=former.kind.code, replaces=ident)


@check(requirements=("W-REC-10", "REC-10"), needs=NEEDS)
def replaced_document_is_superseded(bench: Bench) -> Iterator[Assertion]:
    """A replacement makes the new document current, the former superseded, the one linked."""
    person = bench.person()
    author, reader = bench.treating(person), bench.treating(person)
    former, page = _first(bench, "W-REC-10", person, author)
    beside = specimen(bench, person, author)
    deposit(bench, "W-REC-10", [beside])
    place = place_of(page, former.unique_id)
    older: list[Specimen] = []
    for _ in range(2):
        one = _next(bench, former, page)
        answer = sent(bench, author.who, bundle(bench, [one]))
        yield bench.expects("W-REC-10", answer, status(200))
        older.append(former)
        for who in (author.who, reader.who, person.who):
            yield from _stands(bench, who, one, older, beside)
        page = page_with(bench, "W-REC-10", reader.who, one)
        yield from _is_linked(bench, page, one, former, one.replaces)
        former = one
    read = bench.call(reader.who, "GET", place)
    yield bench.expects("W-REC-10", read, equals(".status", "superseded"))
    yield bench.expects("REC-10", read, equals("masterIdentifier.value", older[0].unique_id))


def _stands(
    bench: Bench, who: Who, newest: Specimen, older: Sequence[Specimen], beside: Specimen
) -> Iterator[Assertion]:
    """Whether searches by status find the newest version and the older ones, each as it is."""
    former = [one.unique_id for one in older]
    current = found(bench, who, newest.person)
    yield bench.expects("W-REC-10", current, equals(UNIQUE_IDS, newest.unique_id, beside.unique_id))
    superseded = found(bench, who, newest.person, {"status": "superseded"}, current=False)
    yield bench.expects(
        "W-REC-10", superseded, equals(UNIQUE_IDS, *former), likely="former_not_superseded"
    )
    either = found(bench, who, newest.person, {"status": "current,superseded"}, current=False)
    yield bench.expects("REC-10", either, distinct(f"{DOCUMENTS}.id"))
    yield bench.expects("REC-10", either, count(UNIQUE_IDS, len(former) + 2))
    its = {"status": "superseded", "type": newest.kind.token}
    narrowed = found(bench, who, newest.person, its, current=False)
    yield bench.expects("W-REC-10", narrowed, excludes(UNIQUE_IDS, newest.unique_id))


def _is_linked(
    bench: Bench, page: Exchange, one: Specimen, former: Specimen, replaced: str
) -> Iterator[Assertion]:
    """Whether a document says which one it replaces, by its address or by its identifier."""
    relation = f"{DOCUMENTS}[masterIdentifier.value={one.unique_id}].relatesTo"
    yield bench.expects(
        "W-REC-10", page, includes(f"{relation}.code", "replaces"), likely="former_not_superseded"
    )
    addresses = page.value(f"{relation}.target.reference")
    named = page.value(f"{relation}.target.identifier.value")
    if former.unique_id in named:
        named_path = f"{relation}.target.identifier.value"
        yield bench.expects("W-REC-10", page, includes(named_path, former.unique_id))
        return
    expected = leading_to(addresses, "DocumentReference", replaced)
    yield bench.expects("W-REC-10", page, includes(f"{relation}.target.reference", expected))


@check(requirements=("W-REC-10",), needs=NEEDS)
def failed_replacement_leaves_the_former(bench: Bench) -> Iterator[Assertion]:
    """A replacement that is refused leaves the former document current, and adds nothing."""
    person = bench.person()
    author = bench.treating(person)
    former, page = _first(bench, "W-REC-10", person, author)
    for rank, damage in enumerate((None, None, *INVALID[:4])):
        one, other = _next(bench, former, page), specimen(bench, person, author)
        if damage is None:
            whole = impossible(bench, [one, other], first=rank == 0)
        else:
            whole = damaged(bench, [one, other], rank % 2, damage)
        answer = sent(bench, author.who, whole)
        # That what is invalid fails at all is what W-REC-05a says.
        refused = status(*REFUSED)
        yield bench.expects("W-REC-10", answer, refused, control=damage is not None)
        current = found(bench, author.who, person)
        yield bench.expects("W-REC-10", current, equals(UNIQUE_IDS, former.unique_id))
    superseded = found(bench, author.who, person, {"status": "superseded"}, current=False)
    yield bench.expects("W-REC-10", superseded, excludes(UNIQUE_IDS, former.unique_id))


@check(requirements=("W-REC-24",), needs=NEEDS)
def statuses_part_documents(bench: Bench) -> Iterator[Assertion]:
    """A search by status finds current documents, superseded ones, or both when both are asked."""
    person = bench.person()
    author = bench.treating(person)
    former, page = _first(bench, "W-REC-24", person, author)
    one = _next(bench, former, page)
    answer = sent(bench, author.who, bundle(bench, [one]))
    bench.expects("W-REC-24", answer, status(200), control=True)
    replaced = place_of(page, former.unique_id).rpartition("/")[2]
    asked: dict[str, tuple[dict[str, str], tuple[str, ...]]] = {
        "superseded": ({"status": "superseded"}, (former.unique_id,)),
        "current": ({"status": "current"}, (one.unique_id,)),
        "either": ({"status": "current,superseded"}, (one.unique_id, former.unique_id)),
        "linked": ({"status": "current", "relatesto": replaced}, (one.unique_id,)),
    }
    for name, (criteria, expected) in asked.items():
        pages = found(bench, author.who, person, criteria, current=False)
        certain = name != "linked"
        yield bench.expects("W-REC-24", pages, equals(UNIQUE_IDS, *expected), certain=certain)


@check(requirements=("W-REC-16",), needs=NEEDS)
def unique_identifier_makes_no_second_document(bench: Bench) -> Iterator[Assertion]:
    """Deposited again under the same unique identifier, a document is no second one."""
    person = bench.person()
    author, other = bench.treating(person), bench.treating(person)
    one = specimen(bench, person, author)
    deposit(bench, "W-REC-16", [one])
    page = page_with(bench, "W-REC-16", author.who, one)
    reads_back(bench, "W-REC-16", author.who, content_of(bench, page, one.unique_id), one)
    for who in (author, other):
        again = specimen(bench, person, who, unique_id=one.unique_id, kind=one.kind.code)
        sent(bench, who.who, bundle(bench, [again]))
        pages = found(bench, author.who, person)
        yield bench.expects("W-REC-16", pages, equals(UNIQUE_IDS, one.unique_id))
        page = page_with(bench, "W-REC-16", author.who, one)
        address = content_of(bench, page, one.unique_id) or "Binary"
        read = bench.call(author.who, "GET", address, accept=one.media_type)
        yield bench.expects("W-REC-16", read, equals("body", one.sha256))
