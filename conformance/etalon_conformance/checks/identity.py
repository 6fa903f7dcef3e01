"""Identifiers of people, professionals and structures, as a record takes and gives them."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import bundle
from etalon_conformance.expectations import (
    absent,
    equals,
    excludes,
    includes,
    matches,
    one_of,
    status,
)
from etalon_conformance.record_scene import NEEDS, UNIQUE_IDS, found, sent
from etalon_conformance.rights_scene import NOT_TAKEN, fed
from etalon_conformance.seeing import SEEN_BY_ALL, kept, shown_too
from etalon_conformance.specimens import specimen
from etalon_wire.json_body import read_value, write_json
from etalon_wire.records.parties import IDNST, RPPS

_DEMONSTRATION: Final = "urn:oid:1.2.250.1.213.1.4.11"
_KEYS: Final = 97
_NOT_FOUND: Final = (200, 400, 401, 403, 404, 422)
_OURS: Final = "entry.resource[resourceType=Patient]"


def _wrong_key(ins: str) -> str:
    """Return a matricule with another key than its own."""
    return f"{ins[:13]}{int(ins[13:]) % _KEYS + 1:02d}"


@check(requirements=("ID-01",), needs=NEEDS)
def wrong_key_of_a_matricule_is_nobodys(bench: Bench) -> Iterator[Assertion]:
    """A matricule whose key is wrong finds nobody, and no document is taken for it."""
    for sex, department in (("F", ""), ("M", ""), ("F", "2A"), ("M", "2B")):
        person = bench.person(age=45, sex=sex, department=department)
        author = bench.treating(person)
        _, taken = fed(bench, person, author)
        yield bench.expects("ID-01", taken, status(200))
        one = kept(bench, person, author)
        shown_too(bench, author.who, one)
        wrong = _wrong_key(person.ins)
        asked = f"Patient?identifier={person.system}|{wrong}"
        nobody = bench.call(author.who, "GET", asked)
        yield bench.expects("ID-01", nobody, status(*_NOT_FOUND))
        yield bench.expects("ID-01", nobody, absent(f"{_OURS}.id"))
        given = specimen(bench, person, author, kind=SEEN_BY_ALL)
        whole = write_json(bundle(bench, [given])).replace(person.ins.encode(), wrong.encode())
        answer = sent(bench, author.who, read_value(whole))
        yield bench.expects("ID-01", answer, status(*NOT_TAKEN))
        pages = found(bench, author.who, person)
        yield bench.expects("ID-01", pages, excludes(UNIQUE_IDS, given.unique_id))
        own = f"{_OURS}.identifier[system={person.system}].value"
        patient = bench.call(author.who, "GET", f"Patient?identifier={person.system}|{person.ins}")
        yield bench.expects("ID-01", patient, includes(own, person.ins))


@check(requirements=("ID-02",), needs=NEEDS)
def matricule_goes_with_its_oid(bench: Bench) -> Iterator[Assertion]:
    """The same matricule under another object identifier is somebody else's."""
    person = bench.person(age=58)
    author = bench.treating(person)
    one = kept(bench, person, author)
    shown_too(bench, author.who, one)
    address = "Patient?identifier="
    mine = bench.call(author.who, "GET", f"{address}{person.system}|{person.ins}")
    bench.expects("ID-02", mine, includes(f"{_OURS}.identifier.value", person.ins), control=True)
    yield bench.expects(
        "ID-02", mine, includes(f"{_OURS}.identifier[value={person.ins}].system", person.system)
    )
    if person.system != _DEMONSTRATION:
        other = bench.call(author.who, "GET", f"{address}{_DEMONSTRATION}|{person.ins}")
        yield bench.expects("ID-02", other, absent(f"{_OURS}.id"))
        asked = f"DocumentReference?patient.identifier={_DEMONSTRATION}|{person.ins}&status=current"
        pages = bench.pages(bench.call(author.who, "GET", asked), author.who)
        yield bench.expects("ID-02", pages, excludes(UNIQUE_IDS, one.one.unique_id))
    for who in (author.who, person.who):
        read = bench.call(who, "GET", one.place)
        named = f"subject.identifier[system={person.system}].value"
        if read.value("subject.identifier.value"):
            yield bench.expects("ID-02", read, equals(named, person.ins))


@check(requirements=("ID-03", "ID-04"), needs=NEEDS)
def authors_bear_their_national_identifiers(bench: Bench) -> Iterator[Assertion]:
    """A document gives its author back by RPPS, or 8 and RPPS, and the structure by its number."""
    person = bench.person(age=61)
    reader = bench.treating(person)
    for code in ("10", "60", "21"):
        author = bench.treating(person, code)
        one = kept(bench, person, author)
        read = bench.call(reader.who, "GET", one.place)
        values = "contained[resourceType=Practitioner].identifier"
        known = (author.rpps, f"8{author.rpps}")
        yield bench.expects("ID-03", read, one_of(f"{values}.value", *known))
        yield bench.expects("ID-03", read, one_of(f"{values}[system={RPPS}].value", author.rpps))
        national = f"{values}[system=urn:oid:1.2.250.1.71.4.2.1].value"
        if read.value(national):
            yield bench.expects("ID-03", read, one_of(national, f"8{author.rpps}"))
        structure = f"contained[resourceType=Organization].identifier[system={IDNST}].value"
        if read.value(structure):
            yield bench.expects("ID-04", read, matches(structure, "[0-4].+"))
            if author.structure:
                yield bench.expects("ID-04", read, includes(structure, author.structure))


@check(requirements=("SEC-04",), needs=NEEDS)
def nobody_is_named_where_machines_look(bench: Bench) -> Iterator[Assertion]:
    """What a server tells to whoever watches it names nobody."""
    person = bench.person(age=30)
    author = bench.treating(person)
    one = kept(bench, person, author)
    shown_too(bench, author.who, one)
    words = f"{person.ins}|{author.rpps}|{one.one.unique_id}"
    for place in ("root:/metrics", "root:/health", "root:/health/ready", "metadata"):
        answer = bench.call(None, "GET", place, accept="*/*")
        yield bench.expects("SEC-04", answer, matches("text", rf"(?s)(?!.*(?:{words})).*"))
