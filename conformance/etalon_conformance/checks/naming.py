"""Who is meant, by every door: keys and kinds of matricules, numbers of carers and places."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import bundle, simplified
from etalon_conformance.expectations import (
    absent,
    equals,
    excludes,
    includes,
    matches,
    one_of,
    status,
)
from etalon_conformance.record_scene import NEEDS, NOT_OFFERED, UNIQUE_IDS, found, sent
from etalon_conformance.rights_scene import NOT_TAKEN
from etalon_conformance.seeing import SEEN_BY_ALL, kept, misses, opened, sees, shown_too
from etalon_conformance.specimens import specimen
from etalon_wire.json_body import read_value, write_json
from etalon_wire.records.parties import IDNST, RPPS

_OIDS: Final = "urn:oid:1.2.250.1.213.1.4."
_KINDS: Final = ("10", "11")
"""Those of tests and of demonstrations: nothing is ever sent under one of the real kinds."""
_PATIENT: Final = "entry.resource[resourceType=Patient]"
_EVENTS: Final = "entry.resource[resourceType=AuditEvent].id"
_CORSICA: Final = {"2A": "19", "2B": "18"}
_STRUCTURES: Final = r"1[0-9AB]{2}\d{6}[0-9A-Z]?|2\d{9}|3\d{14}|4\d{11}.*|0.+"
_NOT_FOUND: Final = (200, 400, 401, 403, 404, 422)
_GENDERS: Final = {"F": "female", "M": "male"}


def _key(first: str) -> int:
    """Return the key of the thirteen first characters of a matricule."""
    digits = first
    for letters, instead in _CORSICA.items():
        digits = digits.replace(letters, instead)
    return 97 - int(digits) % 97


def _altered(ins: str) -> Iterator[str]:
    """Matricules near a right one, whose key is not theirs."""
    first, key = ins[:13], int(ins[13:])
    yield f"{first}{97 - key if key not in {0, 97} else 1:02d}"
    yield f"{first}{(key + 9) % 97 + 1:02d}"
    for rank in (0, 4, 8, 12):
        if first[rank].isdigit():
            other = (int(first[rank]) + 1) % 10
            changed = f"{first[:rank]}{other}{first[rank + 1 :]}"
            if _key(changed) != key:
                yield f"{changed}{key:02d}"


@check(requirements=("ID-01",), needs=NEEDS)
def matricules_are_held_to_their_key_by_every_door(bench: Bench) -> Iterator[Assertion]:
    """A matricule near a right one, with a key not its own, is nobody's by any door."""
    for sex, department in (("F", "75"), ("M", "2A"), ("F", "2B"), ("M", "31")):
        person = bench.person(age=52, sex=sex, department=department)
        if person.department == department and _key(person.ins[:13]) != int(person.ins[13:]):
            continue
        author = bench.treating(person)
        one = kept(bench, person, author)
        right = f"DocumentReference?patient.identifier={person.system}|{person.ins}&status=current"
        there = bench.call(author.who, "GET", right)
        yield bench.expects("ID-01", there, includes(UNIQUE_IDS, one.one.unique_id))
        for wrong in _altered(person.ins):
            asked = right.replace(person.ins, wrong)
            none = bench.call(author.who, "GET", asked)
            yield bench.expects("ID-01", none, status(*_NOT_FOUND))
            yield bench.expects("ID-01", none, absent(UNIQUE_IDS))
            form = {"identifier": f"{person.system}|{wrong}"}
            nobody = bench.call(author.who, "POST", "Patient/_search", form=form)
            yield bench.expects("ID-01", nobody, absent(f"{_PATIENT}.id"))
            log = f"AuditEvent?patient.identifier={person.system}|{wrong}&date=ge2000-01-01"
            yield bench.expects("ID-01", bench.call(person.who, "GET", log), absent(_EVENTS))
            given = specimen(bench, person, author, kind=SEEN_BY_ALL)
            for place, whole in (
                ("", bundle(bench, [given])),
                ("DocumentReference", simplified(given)),
            ):
                text = write_json(whole).replace(person.ins.encode(), wrong.encode())
                if place:
                    answer = bench.call(author.who, "POST", place, body=read_value(text))
                else:
                    answer = sent(bench, author.who, read_value(text))
                if not place or answer.status not in NOT_OFFERED:
                    yield bench.expects("ID-01", answer, status(*NOT_TAKEN))
        yield bench.expects(
            "ID-01", found(bench, author.who, person), equals(UNIQUE_IDS, one.one.unique_id)
        )


@check(requirements=("ID-02",), needs=NEEDS)
def matricule_of_each_kind_is_another(bench: Bench) -> Iterator[Assertion]:
    """A matricule goes with its kind and its traits: of another kind it is somebody else's."""
    for sex in ("F", "M"):
        person = bench.person(age=57, sex=sex)
        author = bench.treating(person)
        one = kept(bench, person, author)
        own = f"{person.system}|{person.ins}"
        mine = bench.call(author.who, "GET", f"Patient?identifier={own}")
        bench.expects(
            "ID-02", mine, includes(f"{_PATIENT}.identifier.value", person.ins), control=True
        )
        if person.birth_date is not None and mine.value(f"{_PATIENT}.birthDate"):
            born = equals(f"{_PATIENT}.birthDate", person.birth_date.isoformat())
            yield bench.expects("ID-02", mine, born)
        if person.sex and mine.value(f"{_PATIENT}.gender"):
            yield bench.expects("ID-02", mine, equals(f"{_PATIENT}.gender", _GENDERS[person.sex]))
        if person.family and mine.value(f"{_PATIENT}.name.family"):
            named = includes(f"{_PATIENT}.name.family", person.family)
            yield bench.expects("ID-02", mine, named, certain=False)
        for kind in _KINDS:
            system = f"{_OIDS}{kind}"
            if system == person.system:
                continue
            other = own.replace(person.system, system)
            nobody = bench.call(author.who, "GET", f"Patient?identifier={other}")
            yield bench.expects("ID-02", nobody, absent(f"{_PATIENT}.id"))
            asked = f"DocumentReference?patient.identifier={other}&status=current"
            pages = bench.pages(bench.call(author.who, "GET", asked), author.who)
            yield bench.expects("ID-02", pages, excludes(UNIQUE_IDS, one.one.unique_id))
            given = specimen(bench, person, author, kind=SEEN_BY_ALL)
            whole = write_json(bundle(bench, [given])).replace(
                person.system.encode(), system.encode()
            )
            answer = sent(bench, author.who, read_value(whole))
            yield bench.expects("ID-02", answer, status(*NOT_TAKEN))
            pages = found(bench, person.who, person)
            yield bench.expects("ID-02", pages, equals(UNIQUE_IDS, one.one.unique_id))


@check(requirements=("ID-03", "ID-04"), needs=NEEDS)
def every_profession_bears_its_numbers(bench: Bench) -> Iterator[Assertion]:
    """Found or read, a document names its author by RPPS, and the structure by its number."""
    person = bench.person(age=63)
    holder = person.who
    for code in ("10", "21", "40", "50", "60", "70"):
        author = bench.treating(person, code)
        one = kept(bench, person, author, finder=holder)
        searched = f"entry.resource[masterIdentifier.value={one.one.unique_id}]"
        for answer, base in (
            (bench.call(holder, "GET", one.place), ""),
            (found(bench, holder, person), f"{searched}."),
        ):
            values = f"{base}contained[resourceType=Practitioner].identifier"
            known = (author.rpps, f"8{author.rpps}")
            yield bench.expects("ID-03", answer, one_of(f"{values}.value", *known))
            held = f"{values}[system={RPPS}].value"
            yield bench.expects("ID-03", answer, one_of(held, author.rpps))
            structure = (
                f"{base}contained[resourceType=Organization].identifier[system={IDNST}].value"
            )
            pages = [answer] if not isinstance(answer, tuple) else answer
            if any(page.value(structure) for page in pages):
                yield bench.expects("ID-04", answer, matches(structure, _STRUCTURES))
                if author.structure:
                    yield bench.expects("ID-04", answer, includes(structure, author.structure))


@check(requirements=("SEC-04",), needs=NEEDS)
def nobody_is_named_after_what_failed(bench: Bench) -> Iterator[Assertion]:
    """What machines are told names nobody after refusals, errors and acts of people either."""
    parent, stranger = bench.person(age=42), bench.person(age=31)
    child = bench.person(age=8, guardian=parent)
    author, outsider = bench.treating(child), bench.professional()
    one = kept(bench, child, author)
    shown_too(bench, author.who, one)
    for who in (outsider.who, stranger.who, None):
        opened(bench, who, one)
        bench.call(who, "GET", f"DocumentReference?patient.identifier={child.system}|{child.ins}")
        bench.call(who, "GET", f"Patient/{child.ins}")
    names = (parent.ins, child.ins, stranger.ins, author.rpps, outsider.rpps, one.one.unique_id)
    words = "|".join(name for name in names if name)
    for place in ("root:/metrics", "root:/health", "root:/health/ready", "metadata"):
        answer = bench.call(None, "GET", place, accept="*/*")
        silent = matches("text", rf"(?s)(?!.*(?:{words})).*")
        yield bench.expects("SEC-04", answer, silent)


@check(requirements=("ACC-07", "MTX-03", "MTX-04"), needs=(*NEEDS, "consent"))
def consent_does_not_widen_the_matrix(bench: Bench) -> Iterator[Assertion]:
    """By a consent nurses and dentists read the types that they read in the team, no others."""
    person = bench.person(age=53)
    author = bench.treating(person)
    types = {
        "60": ("MTX-04", ("11502-2", "47420-5"), ("75496-0", "68599-0", "83901-9")),
        "40": ("MTX-03", (), ("80788-3", "75496-0", "83901-9")),
    }
    for code, (named, reads, kept_back) in types.items():
        reader = bench.professional(code)
        shown = [kept(bench, person, author, kind=kind) for kind in reads]
        hidden = [kept(bench, person, author, kind=kind) for kind in kept_back]
        bench.relate("consent", person, reader)
        if shown:
            yield from sees(bench, ("ACC-07", named), reader.who, *shown)
        yield from misses(bench, ("ACC-07", named), reader.who, *hidden)
        shown_too(bench, author.who, *hidden)
