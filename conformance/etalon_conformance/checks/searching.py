"""Searches of documents (ITI-67): what each parameter finds, alone and with others."""

from collections.abc import Iterator, Mapping
from itertools import combinations
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.corpus import (
    CODED,
    KINDS,
    NO_FAMILY,
    NO_TYPE,
    corpus,
    finds,
    having,
    is_whole,
)
from etalon_conformance.deposits import ORDERS
from etalon_conformance.expectations import (
    equals,
)
from etalon_conformance.record_scene import (
    NEEDS,
    UNIQUE_IDS,
    found,
)
from etalon_conformance.specimens import Code, settings
from etalon_wire.labels import V3_CONFIDENTIALITY


@check(requirements=("W-REC-24",), needs=NEEDS)
def coded_criteria_filter(bench: Bench) -> Iterator[Assertion]:
    """Each coded criterion finds the documents with its code, with or without the system."""
    given = corpus(bench, "W-REC-24")
    is_whole(bench, "W-REC-24", given)
    for name, code_of in CODED.items():
        codes = {code_of(one).token: code_of(one) for one in given.specimens}
        for code in codes.values():
            expected = having(given, name, code.token)
            yield finds(bench, "W-REC-24", given, {name: code.token}, *expected)
        first = next(iter(codes.values()))
        expected = having(given, name, first.token)
        yield finds(bench, "W-REC-24", given, {name: first.code}, *expected)
    for name, code in _ABSENT.items():
        yield finds(bench, "W-REC-24", given, {name: code.token})
    elsewhere = f"urn:oid:1.2.250.1.999.404|{KINDS[0]}"
    yield finds(bench, "W-REC-24", given, {"type": elsewhere})


_ABSENT: Final[Mapping[str, Code]] = {
    "type": NO_TYPE,
    "category": Code(
        "https://mos.esante.gouv.fr/NOS/TRE_A03-ClasseDocument/FHIR/TRE-A03-ClasseDocument", "60"
    ),
    "setting": settings()[-1],
    "event": Code("urn:oid:1.2.250.1.213.2.5", "ZZLP054"),
    "security-label": Code(V3_CONFIDENTIALITY, "V"),
}
"""Codes that no document of the corpus has."""


@check(requirements=("W-REC-24",), needs=NEEDS)
def values_of_a_list_are_alternatives(bench: Bench) -> Iterator[Assertion]:
    """The values of a list with commas are offered as alternatives, in whatever order."""
    given = corpus(bench, "W-REC-24", of_another=False)
    is_whole(bench, "W-REC-24", given)
    for name, code_of in CODED.items():
        tokens = list(dict.fromkeys(code_of(one).token for one in given.specimens))
        for chosen in (tokens[:2], tokens[1::-1], [NO_TYPE.token, *tokens[-1:]], tokens):
            expected = having(given, name, *chosen)
            yield finds(bench, "W-REC-24", given, {name: ",".join(chosen)}, *expected)
    both = found(
        bench,
        given.reader,
        given.person,
        {"status": "superseded,current"},
        current=False,
    )
    yield bench.expects("W-REC-24", both, equals(UNIQUE_IDS, *given.everything))


@check(requirements=("W-REC-24",), needs=NEEDS)
def criteria_add_up(bench: Bench) -> Iterator[Assertion]:
    """Two criteria find what both find: the intersection of what each finds alone."""
    given = corpus(bench, "W-REC-24", of_another=False)
    is_whole(bench, "W-REC-24", given)
    one = bench.random.choice(given.specimens[1:])
    tokens = {name: code_of(one).token for name, code_of in CODED.items()}
    for first, second in combinations(CODED, 2):
        alike = having(given, second, tokens[second])
        expected = [each for each in having(given, first, tokens[first]) if each in alike]
        criteria = {first: tokens[first], second: tokens[second]}
        yield finds(bench, "W-REC-24", given, criteria, *expected)
    other = next(each for each in given.specimens if each.setting != one.setting)
    apart = {"type": one.kind.token, "setting": other.setting.token}
    yield finds(bench, "W-REC-24", given, apart)
    yield finds(bench, "W-REC-24", given, tokens, one.unique_id)


@check(requirements=("W-REC-24",), needs=NEEDS)
def authors_are_found_by_name(bench: Bench) -> Iterator[Assertion]:
    """A search by an author's family or given name finds it, whatever its letters."""
    given = corpus(bench, "W-REC-24", of_another=False)
    is_whole(bench, "W-REC-24", given)
    for one in given.specimens:
        its, lost = one.unique_id, "letters_lost"
        yield finds(bench, "W-REC-24", given, {"author.family": one.family}, its, likely=lost)
        yield finds(bench, "W-REC-24", given, {"author.given": one.given}, its, likely=lost)
    first, second, *_ = given.specimens
    both = {"author.family": first.family, "author.given": first.given}
    yield finds(bench, "W-REC-24", given, both, first.unique_id)
    crossed = {"author.family": first.family, "author.given": second.given}
    yield finds(bench, "W-REC-24", given, crossed)
    yield finds(bench, "W-REC-24", given, {"author.family": NO_FAMILY})


@check(requirements=("W-REC-24",), needs=NEEDS)
def whose_documents_are_searched(bench: Bench) -> Iterator[Assertion]:
    """A search finds the documents of the person it names, and of nobody else."""
    given = corpus(bench, "W-REC-24")
    other = given.others[0].person
    for person, expected in (
        (given.person, given.everything),
        (other, tuple(one.unique_id for one in given.others)),
    ):
        pages = found(bench, given.reader, person)
        yield bench.expects("W-REC-24", pages, equals(UNIQUE_IDS, *expected))
        if person.patient_id:
            address = f"DocumentReference?patient=Patient/{person.patient_id}&status=current"
            pages = bench.pages(bench.call(given.reader, "GET", address), given.reader)
            yield bench.expects("W-REC-24", pages, equals(UNIQUE_IDS, *expected))
        pages = found(bench, given.reader, person, {"type": KINDS[0]})
        yield bench.expects("W-REC-24", pages, equals(UNIQUE_IDS, expected[0]))


@check(requirements=("W-REC-24",), needs=NEEDS)
def related_objects_are_found(bench: Bench) -> Iterator[Assertion]:
    """A search by the identifier of a related object finds the documents about it."""
    given = corpus(bench, "W-REC-24", of_another=False)
    is_whole(bench, "W-REC-24", given)
    for order in sorted({one.order for one in given.specimens}):
        expected = [one.unique_id for one in given.specimens if one.order == order]
        criteria = {"related:identifier": f"{ORDERS}|{order}"}
        pages = found(bench, given.reader, given.person, criteria)
        if pages[0].status == _WRONG:
            criteria = {"related.identifier": f"{ORDERS}|{order}"}
            pages = found(bench, given.reader, given.person, criteria)
        yield bench.expects("W-REC-24", pages, equals(UNIQUE_IDS, *expected), certain=False)


_WRONG: Final = 400
