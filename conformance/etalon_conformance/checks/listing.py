"""Searches of submission sets and folders (ITI-66)."""

from collections.abc import Iterator
from typing import cast
from urllib.parse import urlencode

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import LIST_TYPES, bundle
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    absent,
    equals,
    excludes,
    includes,
    one_of,
    present,
    status,
)
from etalon_conformance.record_scene import (
    DOCUMENTS,
    LISTS,
    NEEDS,
    RFC_3986,
    UNIQUE_IDS,
    found,
    leading_to,
    matricule,
    sent,
)
from etalon_conformance.specimens import specimen
from etalon_target.actors import Who
from etalon_target.people import TestPerson
from etalon_wire.json_body import Resource

_IDENTIFIERS = f"{LISTS}.identifier.value"
_FOLDER = "Suivi du diabète « équilibré »"


def _lists(
    bench: Bench, who: Who, person: TestPerson, *, by_form: bool = False, **criteria: str
) -> tuple[Exchange, ...]:
    """Search somebody's lists; return the pages."""
    asked = {"patient.identifier": matricule(person), **criteria}
    if by_form:
        first = bench.call(who, "POST", "List/_search", form=asked)
    else:
        first = bench.call(who, "GET", f"List?{urlencode(asked)}")
    return bench.pages(first, who)


def _identifier(whole: Resource, rank: int) -> str:
    """Return the unique identifier of a list of a bundle."""
    entries = cast("list[Resource]", whole["entry"])
    identifiers = cast("list[Resource]", cast("Resource", entries[rank]["resource"])["identifier"])
    return str(identifiers[0]["value"])


@check(requirements=("W-REC-26",), needs=NEEDS)
def lists_are_found_by_code_and_status(bench: Bench) -> Iterator[Assertion]:
    """Submission sets and folders are found by patient, code and status, each kind apart."""
    person, other = bench.person(), bench.person()
    author, writer = bench.treating(person), bench.treating(other)
    reader = bench.treating(person)
    several = [specimen(bench, person, author) for _ in range(3)]
    first = bundle(bench, several[:2], folder_title=_FOLDER)
    second = bundle(bench, several[2:])
    elsewhere = bundle(bench, [specimen(bench, other, writer)], folder_title="Autre")
    for who, whole in ((author, first), (author, second), (writer, elsewhere)):
        answer = sent(bench, who.who, whole)
        bench.expects("W-REC-26", answer, status(200), control=True)
    sets = (_identifier(first, 0), _identifier(second, 0))
    folder = _identifier(first, 1)
    strange = (_identifier(elsewhere, 0), _identifier(elsewhere, 1))
    asked = {
        "submissionset": (sets, folder),
        f"{LIST_TYPES}|submissionset": (sets, folder),
        "folder": ((folder,), sets[0]),
        f"{LIST_TYPES}|folder": ((folder,), sets[0]),
        "submissionset,folder": ((*sets, folder), strange[0]),
    }
    for code, (expected, kept_out) in asked.items():
        for by_form in (False, True):
            pages = _lists(bench, reader.who, person, code=code, status="current", by_form=by_form)
            yield bench.expects("W-REC-26", pages, one_of("status", "200"))
            yield bench.expects("W-REC-26", pages, one_of(".type", "searchset"))
            yield bench.expects("W-REC-26", pages, includes(_IDENTIFIERS, *expected))
            yield bench.expects("W-REC-26", pages, excludes(_IDENTIFIERS, kept_out, *strange))
            kinds = [one.rpartition("|")[2] for one in code.split(",")]
            yield bench.expects("W-REC-26", pages, one_of(f"{LISTS}.code.coding.code", *kinds))
            yield bench.expects("W-REC-26", pages, one_of(f"{LISTS}.status", "current"))
    title = _lists(bench, reader.who, person, code="folder", status="current")
    yield bench.expects("W-REC-26", title, equals(f"{LISTS}.title", _FOLDER))
    mine = _lists(bench, person.who, person, code="submissionset", status="current")
    yield bench.expects("W-REC-26", mine, includes(_IDENTIFIERS, *sets))


@check(requirements=("W-REC-26",), needs=NEEDS)
def empty_search_of_lists_is_a_searchset(bench: Bench) -> Iterator[Assertion]:
    """A search of lists that finds none answers 200 and an empty searchset."""
    person = bench.person()
    author = bench.treating(person)
    one = specimen(bench, person, author)
    answer = sent(bench, author.who, bundle(bench, [one]))
    bench.expects("W-REC-26", answer, status(200), control=True)
    some = _lists(bench, author.who, person, code="submissionset", status="current")
    bench.expects("W-REC-26", some, present(f"{LISTS}.id"), control=True)
    nobody = bench.person()
    bench.relate("care_team", nobody, author)
    for whose, code in ((person, "folder"), (nobody, "submissionset"), (nobody, "folder")):
        pages = _lists(bench, author.who, whose, code=code, status="current")
        yield bench.expects("W-REC-26", pages, one_of("status", "200"))
        yield bench.expects("W-REC-26", pages, one_of("resourceType", "Bundle"))
        yield bench.expects("W-REC-26", pages, one_of(".type", "searchset"))
        yield bench.expects("W-REC-26", pages, absent(f"{LISTS}.id"))
        # An outcome may stand there, and nothing that would be found.
        kinds = "entry.resource.resourceType"
        yield bench.expects("W-REC-26", pages, excludes(kinds, "DocumentReference", "Patient"))


@check(requirements=("W-REC-26",), needs=NEEDS)
def lists_lead_to_their_documents(bench: Bench) -> Iterator[Assertion]:
    """A submission set names its patient and leads to each of its documents, and to no other."""
    person = bench.person()
    author = bench.treating(person)
    several = [specimen(bench, person, author) for _ in range(4)]
    bundles = (bundle(bench, several[:3]), bundle(bench, several[3:]))
    for whole in bundles:
        answer = sent(bench, author.who, whole)
        bench.expects("W-REC-26", answer, status(200), control=True)
    documents = found(bench, author.who, person)
    everything = [one.unique_id for one in several]
    bench.expects("W-REC-26", documents, includes(UNIQUE_IDS, *everything), control=True)
    for whole, those in zip(bundles, (several[:3], several[3:]), strict=True):
        identifier = _identifier(whole, 0)
        token = f"{RFC_3986}|{identifier}"
        pages = _lists(bench, author.who, person, code="submissionset", status="current")
        chosen = f"{LISTS}[identifier.value={identifier}]"
        leads = f"{chosen}.entry.item.reference"
        addresses = [each for page in pages for each in page.value(leads)]
        idents = {
            one.unique_id: ident
            for one in several
            for page in documents
            if (ident := page.first(f"{DOCUMENTS}[masterIdentifier.value={one.unique_id}].id"))
        }
        wanted = [
            leading_to(addresses, "DocumentReference", idents[one.unique_id]) for one in those
        ]
        yield bench.expects("W-REC-26", pages, equals(leads, *wanted))
        whose = one_of(f"{chosen}.subject.identifier.value", person.ins)
        if any(page.value(f"{chosen}.subject.identifier.value") for page in pages):
            yield bench.expects("W-REC-26", pages, whose)
        narrowed = _lists(
            bench, author.who, person, code="submissionset", status="current", identifier=token
        )
        yield bench.expects(
            "W-REC-26",
            narrowed,
            one_of(f"{LISTS}.identifier[use=usual].value", identifier),
            certain=False,
        )
