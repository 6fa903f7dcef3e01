"""Searches of documents further: lists of values, repeated elements, mixed criteria, askers."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Final, cast
from urllib.parse import urlencode

from etalon_conformance.bench import FHIR_XML, Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.checks.bundles import Damage, damaged
from etalon_conformance.corpus import CODED, NO_TYPE, Corpus, corpus, finds, having, is_whole
from etalon_conformance.deposits import LIST_TYPES, ORDERS, instant
from etalon_conformance.expectations import (
    absent,
    count,
    equals,
    one_of,
    present,
    status,
)
from etalon_conformance.record_scene import (
    LISTS,
    NEEDS,
    NOT_OFFERED,
    RFC_3986,
    UNIQUE_IDS,
    deposit,
    found,
    matricule,
    publish,
    sent,
)
from etalon_conformance.seeing import SEEN_BY_ALL, kept, labelled, lists_found
from etalon_conformance.specimens import HIDDEN, MASKED, Code, Specimen, specimen
from etalon_target.actors import Who
from etalon_wire.labels import V3_CONFIDENTIALITY, VISIBILITY

if TYPE_CHECKING:
    from etalon_conformance.record_scene import Criteria
    from etalon_target.people import TestPerson
    from etalon_wire.json_body import Json, Resource

_ACTS: Final = (
    Code("urn:oid:1.2.250.1.213.2.5", "ZCQK002"),
    Code("urn:oid:2.16.840.1.113883.6.3", "I10"),
)
_RELATED: Final = (
    "urn:ihe:iti:xds:2013:order",
    "urn:ihe:iti:xds:2013:accession",
    "urn:ihe:iti:xds:2016:studyInstanceUID",
)
_NAMES: Final = (("Abadie", "Aude"), ("Bréhat", "Brice"), ("Cléguer", "Cyr"))


@check(requirements=("W-REC-24",), needs=NEEDS)
def lists_of_two_and_three_are_alternatives(bench: Bench) -> Iterator[Assertion]:
    """Of each coded criterion any two values, or three, find what either or any of them finds."""
    given = corpus(bench, "W-REC-24", of_another=False)
    is_whole(bench, "W-REC-24", given)
    for name, code_of in CODED.items():
        tokens = list(dict.fromkeys(code_of(one).token for one in given.specimens))
        chosen = [*combinations(tokens, 2), *combinations(tokens, 3)]
        bench.random.shuffle(chosen)
        for some in (*chosen[:_SOME], (tokens[0], NO_TYPE.token, tokens[-1])):
            expected = having(given, name, *some)
            yield finds(bench, "W-REC-24", given, {name: ",".join(some)}, *expected)
        codes = [token.rpartition("|")[2] for token in tokens[:2]]
        expected = having(given, name, *tokens[:2])
        yield finds(bench, "W-REC-24", given, {name: ",".join(codes)}, *expected)
    for element in ("family", "given"):
        values = [cast("str", getattr(one, element)) for one in given.specimens]
        for ranks in ((0, 1), (6, 2), (4, 5, 3)):
            written = ",".join(values[rank] for rank in ranks)
            expected = tuple(given.specimens[rank].unique_id for rank in ranks)
            yield from _names_listed(bench, given, element, written, expected)


def _names_listed(
    bench: Bench, given: Corpus, element: str, written: str, expected: Sequence[str]
) -> Iterator[Assertion]:
    """Whether a list of names is one of alternatives, where the server does not refuse it."""
    pages = found(bench, given.reader, given.person, {f"author.{element}": written})
    if pages[0].status == _FOUND:
        yield bench.expects("W-REC-24", pages, equals(UNIQUE_IDS, *expected), certain=False)


_SOME: Final = 6


@check(requirements=("W-REC-24",), needs=NEEDS)
def names_are_found_in_any_letters(bench: Bench) -> Iterator[Assertion]:
    """Capitals or the beginning of a name find its documents, as strings do in FHIR."""
    given = corpus(bench, "W-REC-24", of_another=False)
    is_whole(bench, "W-REC-24", given)
    for one in given.specimens:
        for element, name in (("family", one.family), ("given", one.given)):
            for written in (name.upper(), name.lower(), name[:3]):
                criteria = {f"author.{element}": written}
                yield finds(
                    bench, "W-REC-24", given, criteria, one.unique_id, likely="letters_lost"
                )


def _mixed(one: Specimen, other: Specimen) -> Iterator[tuple["Criteria", bool]]:
    """Yield criteria of several kinds, and whether one document meets them all."""
    second = timedelta(seconds=1)
    kind, day = ("type", one.kind.token), one.started.date()
    created = ("creation", f"ge{instant(one.created)}")
    upto = ("creation", f"le{instant(one.created)}")
    late = ("creation", f"gt{instant(one.created)}")
    name, wrong = ("author.family", one.family), ("author.family", other.family)
    its = ("identifier", f"{RFC_3986}|{one.unique_id}")
    flag = ("isArchived", str(one.archived).lower())
    unflag = ("isArchived", str(not one.archived).lower())
    started = ("period-start", instant(one.started))
    ended = ("period-end", f"gt{instant(one.ended - second)}")
    before = ("period-end", f"lt{instant(one.ended)}")
    period = ("period", f"ge{day - timedelta(days=1)}")
    level = ("security-label", f"{V3_CONFIDENTIALITY}|{one.level}")
    yield from (([kind, created], True), ([kind, late], False), ([created, upto], True))
    yield from (([name, kind], True), ([wrong, kind], False), ([name, created, upto], True))
    yield from (([its, kind], True), ([its, ("type", other.kind.token)], False))
    yield from (([its, flag], True), ([its, unflag], False), ([its, name], True))
    yield from (([its, wrong], False), ([its, late], False), ([its, created], True))
    yield from (([started, kind], True), ([started, before], False), ([started, ended], True))
    yield from (([its, period], True), ([its, ("period", f"lt{day.year - 9}")], False))
    yield from (([its, level, flag, name], True), ([level, unflag, kind], False))
    yield ([("category", one.class_.token), wrong, its], False)
    yield ([its, ("date", "lt2000-01-01")], False)
    yield ([its, ("date", "ge2000-01-01")], True)


@check(requirements=("W-REC-24", "W-REC-25"), needs=NEEDS)
def criteria_of_all_kinds_add_up(bench: Bench) -> Iterator[Assertion]:
    """Names, identifiers, dates and flags narrow each other down, with codes and without."""
    given = corpus(bench, "W-REC-24", of_another=False)
    is_whole(bench, "W-REC-24", given)
    for rank in (1, 2, 6):
        one, other = given.specimens[rank], given.specimens[rank - 1]
        for criteria, meets in _mixed(one, other):
            expected = (one.unique_id,) if meets else ()
            assertion = finds(bench, "W-REC-24", given, criteria, *expected)
            yield assertion
            if any(str(each[0]).startswith(("period-", "isArchived")) for each in criteria):
                of_pdsm = assertion.expectation
                yield bench.expects("W-REC-25", assertion.exchanges, of_pdsm)


def _repeated(one: Specimen) -> Damage:
    """Return what gives a reference two acts, three authors and three related objects."""

    def change(resource: "Resource") -> None:
        context = cast("Resource", resource["context"])
        context["event"] = [act.concept for act in _ACTS]
        context["related"] = [
            {
                "type": "ServiceRequest",
                "identifier": {
                    "type": {"coding": [{"system": RFC_3986, "code": kind}]},
                    "system": ORDERS,
                    "value": f"{one.order}-{rank}",
                },
            }
            for rank, kind in enumerate(_RELATED)
        ]
        contained = cast("list[Resource]", resource["contained"])
        practitioner = next(each for each in contained if each["id"] == "practitioner")
        authors: list[Json] = [{"reference": "#author"}]
        for family, given in _NAMES:
            name: Json = [{"use": "official", "family": family, "given": [given]}]
            contained.append({**practitioner, "id": given.lower(), "name": name})
            authors.append({"reference": f"#{given.lower()}"})
        resource["author"] = authors

    return change


@check(requirements=("W-REC-24",), needs=NEEDS)
def every_value_of_an_element_is_searched(bench: Bench) -> Iterator[Assertion]:
    """The second act, author or related object of a document finds it as the first does."""
    person = bench.person(age=50)
    author, reader = bench.treating(person), bench.treating(person)
    one, other = (specimen(bench, person, author, kind=SEEN_BY_ALL) for _ in range(2))
    answer = sent(bench, author.who, damaged(bench, [one], 0, _repeated(one)))
    bench.expects("W-REC-24", answer, status(200), control=True)
    deposit(bench, "W-REC-24", [other])
    asked = [("event", act.token) for act in _ACTS]
    asked += [("author.family", family) for family, _ in _NAMES]
    asked += [("author.given", given) for _, given in _NAMES]
    for who in (reader.who, person.who):
        for criteria in asked:
            pages = found(bench, who, person, [criteria])
            yield bench.expects("W-REC-24", pages, equals(UNIQUE_IDS, one.unique_id))
        for rank in range(len(_RELATED)):
            criteria = ("related:identifier", f"{ORDERS}|{one.order}-{rank}")
            pages = found(bench, who, person, [criteria])
            its = equals(UNIQUE_IDS, one.unique_id)
            if pages[0].status == _FOUND:
                yield bench.expects("W-REC-24", pages, its, certain=False)


_FOUND: Final = 200


@check(requirements=("W-REC-24",), needs=NEEDS)
def labels_are_searched(bench: Bench) -> Iterator[Assertion]:
    """Each level and each code of visibility finds the documents that bear it, and no others."""
    person = bench.person(age=14, guardian=bench.person())
    author = bench.treating(person)
    cases = (("N", ()), ("R", (MASKED,)), ("V", (HIDDEN,)), ("N", (MASKED, HIDDEN)))
    those = {
        case: specimen(bench, person, author, kind=SEEN_BY_ALL, level=case[0], labels=case[1])
        for case in cases
    }
    deposit(bench, "W-REC-24", list(those.values()))
    tokens = [
        *((f"{V3_CONFIDENTIALITY}|{level}", level) for level in ("N", "R", "V")),
        *((f"{VISIBILITY}|{code}", code) for code in (MASKED, HIDDEN)),
    ]
    for some in (*((one,) for one in tokens), (tokens[1], tokens[4]), (tokens[3], tokens[2])):
        wanted = {code for _, code in some}
        expected = [one.unique_id for (lv, codes), one in those.items() if wanted & {lv, *codes}]
        criteria = {"security-label": ",".join(token for token, _ in some)}
        pages = found(bench, author.who, person, criteria)
        yield bench.expects("W-REC-24", pages, equals(UNIQUE_IDS, *expected))


@check(requirements=("W-REC-21", "W-REC-24", "W-REC-22"), needs=NEEDS)
def every_asker_finds_alike(bench: Bench) -> Iterator[Assertion]:
    """Holder, author and reader find the same by the same question, by address, form or XML."""
    person = bench.person(age=63)
    author, reader = bench.treating(person), bench.treating(person, "60")
    one = specimen(bench, person, author, kind=SEEN_BY_ALL, family="Müller de Brühl", given="D'Aÿ")
    other = specimen(bench, person, author, kind=SEEN_BY_ALL, archived=True, level="R")
    for each in (one, other):
        deposit(bench, "W-REC-24", [each])
    both = (one.unique_id, other.unique_id)
    asked: tuple[tuple[Sequence[tuple[str, str]], Sequence[str]], ...] = (
        ([], both),
        ([("type", one.kind.token)], both),
        ([("author.family", one.family), ("author.given", one.given)], both[:1]),
        ([("isArchived", "false")], both[:1]),
        ([("security-label", f"{V3_CONFIDENTIALITY}|R")], both[1:]),
        ([("identifier", f"{RFC_3986}|{both[1]},{RFC_3986}|{both[0]}")], both),
        ([("creation", instant(other.created)), ("isArchived", "true")], both[1:]),
        ([("period-end", instant(one.ended)), ("period-start", instant(one.started))], both[:1]),
        ([("type", NO_TYPE.token)], ()),
        ([("_count", "1")], both),
    )
    for criteria, expected in asked:
        for who in (person.who, author.who, reader.who):
            pages = found(bench, who, person, criteria)
            for named in ("W-REC-24", "W-REC-22"):
                yield bench.expects(named, pages, equals(UNIQUE_IDS, *expected))
            yield bench.expects("W-REC-22", pages, one_of(".type", "searchset"))
            form = [("patient.identifier", matricule(person)), ("status", "current"), *criteria]
            first = bench.call(who, "POST", "DocumentReference/_search", form=form, accept=FHIR_XML)
            by_form = bench.pages(first, who)
            yield bench.expects("W-REC-21", by_form, equals(UNIQUE_IDS, *expected))
            address = f"DocumentReference?{urlencode(form)}"
            xml = bench.call(who, "GET", address, accept=FHIR_XML)
            yield bench.expects("W-REC-22", xml, one_of("status", "200"))


@check(requirements=("W-REC-23",), needs=NEEDS)
def identifiers_are_those_of_now(bench: Bench) -> Iterator[Assertion]:
    """After a change a document is found by what it then bears, and by no other name."""
    person = bench.person(age=34)
    author, reader = bench.treating(person), bench.treating(person)
    one, other = (kept(bench, person, author) for _ in range(2))
    both = (one.one.unique_id, other.one.unique_id)
    for change in (lambda: None, lambda: labelled(bench, author.who, one, HIDDEN)):
        change()
        for who in (author.who, reader.who):
            read = bench.call(who, "GET", one.place)
            names = [*read.value("identifier.value"), one.one.unique_id]
            for name in names:
                for written in (f"{RFC_3986}|{name}", name):
                    pages = found(bench, who, person, {"identifier": written})
                    yield bench.expects("W-REC-23", pages, equals(UNIQUE_IDS, both[0]))
            strange = {"identifier": f"urn:oid:1.2.250.1.999.404|{both[0]}"}
            pages = found(bench, who, person, strange)
            yield bench.expects("W-REC-23", pages, absent(UNIQUE_IDS))
            some = [*names, bench.unique_oid(), both[1]]
            every = {"identifier": ",".join(f"{RFC_3986}|{name}" for name in some)}
            pages = found(bench, who, person, every)
            yield bench.expects("W-REC-23", pages, equals(UNIQUE_IDS, *both))


_OF_A_SET: Final = ("id", "status", "mode", "date", "subject", "source", "entry.item.reference")
"""What each submission set says, by the profile of PDSm."""


@check(requirements=("W-REC-26", "W-REC-13"), needs=NEEDS)
def sets_are_found_whole(bench: Bench) -> Iterator[Assertion]:
    """Sets of every way of depositing are found by the patient, say what they owe, and no more."""
    person, other = bench.person(age=28), bench.person(age=29)
    author, writer = bench.treating(person), bench.treating(other)
    reader = bench.treating(person, "60")
    several = [specimen(bench, person, author, kind=SEEN_BY_ALL) for _ in range(3)]
    deposit(bench, "W-REC-26", several[:2])
    number = 1 + (publish(bench, several[2]).status not in NOT_OFFERED)
    kept(bench, other, writer)
    for who in (person.who, author.who, reader.who):
        sets = lists_found(bench, who, person)
        yield bench.expects("W-REC-26", sets, count(f"{LISTS}.id", number))
        for path in _OF_A_SET[:-1]:
            yield bench.expects("W-REC-26", sets, count(f"{LISTS}.{path}", number))
        yield bench.expects("W-REC-26", sets, one_of(f"{LISTS}.mode", "working"))
        yield bench.expects("W-REC-26", sets, one_of(f"{LISTS}.code.coding.code", "submissionset"))
        documents = number + 1
        for named in ("W-REC-26", "W-REC-13"):
            leads = count(f"{LISTS}.{_OF_A_SET[-1]}", documents)
            yield bench.expects(named, sets, leads)
        for ident in sets[0].value(f"{LISTS}.id"):
            read = bench.call(who, "GET", f"List/{ident}")
            yield bench.expects("W-REC-26", read, equals("id", ident))
            yield bench.expects("W-REC-26", read, equals("resourceType", "List"))
            yield bench.expects("W-REC-26", read, present(_OF_A_SET[-1]))
        yield from _by_criteria(bench, who, person, number)


def _by_criteria(bench: Bench, who: Who, person: "TestPerson", number: int) -> Iterator[Assertion]:
    """Whether searches of sets by other words find them all, or none."""
    whose = {"patient.identifier": matricule(person)}
    asked: tuple[tuple[dict[str, str], int], ...] = (
        ({"code": "submissionset", "status": "retired"}, 0),
        ({"code": "submissionset", "status": "entered-in-error"}, 0),
        ({"code": "autre", "status": "current"}, 0),
        ({"code": "urn:oid:1.2.250.1.999.404|submissionset", "status": "current"}, 0),
        ({"code": f"folder,{LIST_TYPES}|submissionset", "status": "current"}, number),
        ({"code": "submissionset,folder", "status": "retired,current"}, number),
    )
    for criteria, expected in asked:
        address = f"List?{urlencode({**whose, **criteria})}"
        pages = bench.pages(bench.call(who, "GET", address), who)
        yield bench.expects("W-REC-26", pages, count(f"{LISTS}.id", expected))
        form = bench.call(who, "POST", "List/_search", form={**whose, **criteria}, accept=FHIR_XML)
        yield bench.expects("W-REC-26", form, one_of("status", "200"))
    if person.patient_id:
        address = f"List?patient=Patient/{person.patient_id}&code=submissionset&status=current"
        pages = bench.pages(bench.call(who, "GET", address), who)
        yield bench.expects("W-REC-26", pages, count(f"{LISTS}.id", number))
