"""Whose records are: one record for a person, found by the INS, which is written as it must be."""

from collections.abc import Iterator, Sequence
from typing import Final
from urllib.parse import urlencode

from etalon_conformance.bench import FHIR_XML, Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import bundle, patient_of
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    absent,
    accepted,
    at_least,
    at_most,
    count,
    equals,
    excludes,
    includes,
    matches,
    one_of,
    status,
)
from etalon_conformance.life_scene import closed, decider, reopened
from etalon_conformance.record_scene import (
    DOCUMENTS,
    NEEDS,
    NOT_OFFERED,
    REFUSED,
    UNIQUE_IDS,
    colleague,
    deposit,
    found,
    matricule,
    publish,
    sent,
)
from etalon_conformance.requirement import Wire
from etalon_conformance.seeing import NOT_SHOWN
from etalon_conformance.specimens import specimen
from etalon_model.actors import ActorKind
from etalon_model.identifiers import nir_key
from etalon_model.states import State
from etalon_target.actors import Who
from etalon_target.people import TestPerson, TestProfessional
from etalon_wire.json_body import Resource, read_json, write_json

_PATIENTS: Final = "entry.resource[resourceType=Patient]"
_INS: Final = r"[12378]\d{4}(\d{2}|2A|2B)\d{8}"
_OIDS: Final = r"urn:oid:1\.2\.250\.1\.213\.1\.4\.(8|9|10|11)"
_STATUS: Final = (
    "extension[url=https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability]"
    ".extension.valueCoding.code"
)
_KEYS: Final = 97
_CLOSED: Final = (
    State.NOT_NOTIFIED,
    State.NOTIFIED,
    State.OPPOSED,
    State.SUSPENDED,
    State.CLOSED_ARCHIVED,
    State.DELETION_REQUESTED,
    State.PURGED,
)
"""States of people whose record is closed, or was never opened."""


def _patients(bench: Bench, who: Who, person: TestPerson) -> Exchange:
    asked = urlencode({"identifier": matricule(person)})
    return bench.call(who, "GET", f"Patient?{asked}")


def _another_ins(ins: str) -> str:
    """Return a matricule, right in its key, that nobody has."""
    body = f"{ins[:10]}{(int(ins[10:13]) + 507) % 999:03}"
    return f"{body}{nir_key(body):02}"


def _wrong_key(ins: str, more: int = 1) -> str:
    """Return a matricule with another key than its own."""
    return f"{ins[:-2]}{(int(ins[-2:]) + more - 1) % _KEYS + 1:02}"


@check(requirements=("REC-01",), needs=NEEDS)
def everybody_writes_in_one_record(bench: Bench) -> Iterator[Assertion]:
    """What professionals of several structures deposit under one INS is one record, found by it."""
    person, other = bench.person(), bench.person()
    authors = [bench.treating(person), colleague(bench, person), bench.treating(person)]
    beside = bench.treating(other)
    several = [specimen(bench, person, author, kind="11488-4") for author in authors]
    for one in (*several, specimen(bench, other, beside)):
        deposit(bench, "REC-01", [one])
    everything = [one.unique_id for one in several]
    for who in (authors[0].who, bench.treating(person).who, person.who):
        pages = found(bench, who, person)
        yield bench.expects("REC-01", pages, equals(UNIQUE_IDS, *everything))
    published = specimen(bench, person, authors[1], kind="11488-4")
    if publish(bench, published).status not in NOT_OFFERED:
        everything.append(published.unique_id)
    child = bench.person(age=9, guardian=person)
    deposit(bench, "REC-01", [specimen(bench, child, bench.treating(child), kind="11488-4")])
    parental = bench.acting(ActorKind.REPRESENTATIVE, person, child)
    for who, whose, number in ((person.who, person, len(everything)), (parental, child, 1)):
        pages = found(bench, who, whose)
        yield bench.expects("REC-01", pages, count(UNIQUE_IDS, number))
    seen = [_patients(bench, one.who, person) for one in (*authors, beside)]
    for answer in seen:
        if answer.value(f"{_PATIENTS}.id"):
            yield bench.expects("REC-01", answer, count(f"{_PATIENTS}.id", 1))
            same = equals(f"{_PATIENTS}.id", *seen[0].value(f"{_PATIENTS}.id"))
            yield bench.expects("REC-01", answer, same)


@check(requirements=("W-REC-40",), wire=Wire.DRAFT, needs=NEEDS)
def patients_are_found_by_ins(bench: Bench) -> Iterator[Assertion]:
    """A search of a patient by INS finds the one whom it names."""
    person = bench.person()
    who = bench.treating(person).who
    answer = _patients(bench, who, person)
    yield bench.expects("W-REC-40", answer, status(200))
    yield bench.expects("W-REC-40", answer, equals(".type", "searchset"))
    yield bench.expects("W-REC-40", answer, count(f"{_PATIENTS}.id", 1))
    its = f"{_PATIENTS}.identifier[system={person.system}].value"
    yield bench.expects("W-REC-40", answer, one_of(its, person.ins))
    again = _patients(bench, bench.treating(person, "60").who, person)
    yield bench.expects("W-REC-40", again, count(f"{_PATIENTS}.id", 1))
    yield bench.expects("W-REC-40", again, one_of(its, person.ins))
    for each in (bench.treating(person, "21").who, bench.professional().who):
        told = _patients(bench, each, person)
        yield bench.expects("W-REC-40", told, at_most(f"{_PATIENTS}.id", 1))
        nobody = _patients(bench, each, _named(person, _another_ins(person.ins)))
        yield bench.expects("W-REC-40", nobody, absent(f"{_PATIENTS}.id"))
    form = bench.call(who, "POST", "Patient/_search", form={"identifier": matricule(person)})
    if form.status not in NOT_OFFERED:
        yield bench.expects("W-REC-40", form, one_of(its, person.ins))


@check(requirements=("W-REC-40",), wire=Wire.DRAFT, needs=NEEDS)
def patients_without_an_open_record_are_inactive(bench: Bench) -> Iterator[Assertion]:
    """A search of a patient whose record is closed or was never opened finds nobody active."""
    person = bench.person()
    who = bench.treating(person).who
    answer = _patients(bench, who, person)
    bench.expects("W-REC-40", answer, count(f"{_PATIENTS}.id", 1), control=True)
    yield bench.expects("W-REC-40", answer, equals(f"{_PATIENTS}.active", "true"))
    inactive = _patients(bench, who, bench.person(State.OPEN_INACTIVE))
    yield bench.expects("W-REC-40", inactive, equals(f"{_PATIENTS}.active", "true"))
    not_open = (
        State.NOT_NOTIFIED,
        State.NOTIFIED,
        State.OPPOSED,
        State.SUSPENDED,
        State.CLOSED_ARCHIVED,
        State.DELETION_REQUESTED,
        State.PURGED,
    )
    for state in not_open:
        elsewhere = _patients(bench, who, bench.person(state))
        yield bench.expects("W-REC-40", elsewhere, status(200))
        yield bench.expects("W-REC-40", elsewhere, at_most(f"{_PATIENTS}.id", 1))
        yield bench.expects("W-REC-40", elsewhere, excludes(f"{_PATIENTS}.active", "true"))
        if elsewhere.value(f"{_PATIENTS}.id"):
            yield bench.expects("W-REC-40", elsewhere, equals(f"{_PATIENTS}.active", "false"))


@check(requirements=("W-REC-40",), wire=Wire.DRAFT, needs=NEEDS)
def closed_record_is_found_inactive(bench: Bench) -> Iterator[Assertion]:
    """Closed, and as long as its erasure is only asked for, a record is found as inactive."""
    parent = bench.person(age=44)
    opened = bench.person()
    callers = [bench.professional(code).who for code in ("10", "60", "21", "40")]
    # Who is told nothing of an open record may be told nothing of one that is closed.
    told = [one for one in callers if _patients(bench, one, opened).value(f"{_PATIENTS}.id")]
    for state in (State.CLOSED_ARCHIVED, State.DELETION_REQUESTED):
        people = [bench.person(state, age=age) for age in (23, 66)]
        people.append(bench.person(state, age=9, guardian=parent))
        for person in people:
            for who in told:
                yield from _found_inactive(bench, who, person)


@check(
    requirements=("W-REC-40",),
    wire=Wire.OWN,
    needs=(*NEEDS, "close_space", "request_erasure", "regenerate_code", "reopen_space"),
)
def record_is_told_as_it_stands_after_each_step(bench: Bench) -> Iterator[Assertion]:
    """Open, closed, to be erased, open again: who treated the person finds one, as it stands."""
    parent = bench.person(age=45)
    adult, child = bench.person(age=57), bench.person(age=8, guardian=parent)
    for person, guardian in ((adult, None), (child, parent)):
        doctor, nurse = bench.treating(person), bench.treating(person, "60")
        deposit(bench, "W-REC-40", [specimen(bench, person, doctor)])
        who = decider(bench, person, guardian)
        callers = (doctor.who, nurse.who)
        yield from _found_active(bench, callers, person)
        bench.expects("W-REC-40", closed(bench, person, guardian), accepted(), control=True)
        for each in callers:
            yield from _found_inactive(bench, each, person)
        asked = bench.operation("request_erasure", who, patient=person.ins)
        bench.expects("W-REC-40", asked, accepted(), control=True)
        for each in callers:
            yield from _found_inactive(bench, each, person)
        reopened(bench, person, guardian)
        yield from _found_active(bench, callers, person)


def _found_active(bench: Bench, callers: Sequence[Who], person: TestPerson) -> Iterator[Assertion]:
    for who in callers:
        answer = _patients(bench, who, person)
        yield bench.expects("W-REC-40", answer, count(f"{_PATIENTS}.id", 1))
        yield bench.expects("W-REC-40", answer, equals(f"{_PATIENTS}.active", "true"))


def _found_inactive(bench: Bench, who: Who, person: TestPerson) -> Iterator[Assertion]:
    """A search answers one patient, inactive; so does one by a form, and a reading of it."""
    answer = _patients(bench, who, person)
    yield bench.expects("W-REC-40", answer, status(200))
    form = bench.call(who, "POST", "Patient/_search", form={"identifier": matricule(person)})
    for page in (answer, *(() if form.status in NOT_OFFERED else (form,))):
        yield bench.expects("W-REC-40", page, count(f"{_PATIENTS}.id", 1))
        yield bench.expects("W-REC-40", page, equals(f"{_PATIENTS}.active", "false"))
    read = bench.call(who, "GET", f"Patient/{answer.first(f'{_PATIENTS}.id') or '-'}")
    yield bench.expects("W-REC-40", read, excludes("active", "true"))


@check(requirements=("W-COM-04",), wire=Wire.DRAFT, needs=NEEDS)
def people_find_no_record_of_another(bench: Bench) -> Iterator[Assertion]:
    """Neither another holder nor a false representative learns by a search who has a record."""
    person, stranger = bench.person(age=36), bench.person(age=37)
    treating = bench.treating(person).who
    known = _patients(bench, treating, person)
    bench.expects("W-COM-04", known, count(f"{_PATIENTS}.id", 1), control=True)
    ident = known.first(f"{_PATIENTS}.id")
    false = bench.acting(ActorKind.REPRESENTATIVE, stranger, person)
    for who in (stranger.who, false):
        yield bench.expects("W-COM-04", _patients(bench, who, person), absent(f"{_PATIENTS}.id"))
        read = bench.call(who, "GET", f"Patient/{ident}")
        yield bench.expects("W-COM-04", read, status(*NOT_SHOWN))


@check(requirements=("W-COM-06", "W-COM-07"), wire=Wire.DRAFT, needs=NEEDS)
def validated_identities_bear_one_official_ins(bench: Bench) -> Iterator[Assertion]:
    """A validated identity bears an INS, and one official identifier and no more."""
    people = [bench.person(sex=sex, age=age) for sex, age in (("F", 52), ("M", 30), ("F", 7))]
    people.append(bench.person(State.OPEN_INACTIVE))
    people += [bench.person(department=one) for one in ("2A", "2B")]
    for person in people:
        who = bench.treating(person).who
        answer = _patients(bench, who, person)
        bench.expects("W-COM-06", answer, count(f"{_PATIENTS}.id", 1), control=True)
        validated = includes(f"{_PATIENTS}.{_STATUS}", "VALI")
        bench.expects("W-COM-06", answer, validated, control=True)
        official = f"{_PATIENTS}.identifier[use=official]"
        temporary = f"{_PATIENTS}.identifier[use=temp]"
        kind = official if answer.value(f"{official}.value") else temporary
        yield bench.expects("W-COM-06", answer, at_least(f"{kind}.value", 1))
        yield bench.expects("W-COM-06", answer, matches(f"{kind}.system", _OIDS))
        yield bench.expects("W-COM-07", answer, at_most(f"{official}.value", 1))
        yield bench.expects("W-COM-07", answer, count(f"{kind}.value", 1))
        for named in ("W-COM-06", "W-COM-07"):
            yield bench.expects(named, answer, one_of(f"{kind}.value", person.ins))
        ident = answer.first(f"{_PATIENTS}.id")
        read = bench.call(who, "GET", f"Patient/{ident}")
        use = "official" if kind == official else "temp"
        for named in ("W-COM-06", "W-COM-07"):
            yield bench.expects(named, read, equals(f"identifier[use={use}].value", person.ins))


@check(requirements=("W-COM-06", "W-COM-07"), wire=Wire.DRAFT, needs=NEEDS)
def validated_identities_bear_an_ins_in_every_state(bench: Bench) -> Iterator[Assertion]:
    """However a record stands, and by each door, a validated identity keeps its one INS."""
    opened = bench.person()
    who = bench.treating(opened).who
    known = _patients(bench, who, opened)
    bench.expects("W-COM-06", known, includes(f"{_PATIENTS}.{_STATUS}", "VALI"), control=True)
    for state in (State.OPEN_ACTIVE, State.OPEN_INACTIVE, *_CLOSED):
        person = opened if state == State.OPEN_ACTIVE else bench.person(state)
        asked = {"identifier": matricule(person)}
        found_one = _patients(bench, who, person)
        answers = [
            (found_one, f"{_PATIENTS}."),
            (bench.call(who, "POST", "Patient/_search", form=asked), f"{_PATIENTS}."),
            (_patients(bench, person.who, person), f"{_PATIENTS}."),
        ]
        for ident in found_one.value(f"{_PATIENTS}.id"):
            answers.append((bench.call(who, "GET", f"Patient/{ident}"), ""))
            answers.append((bench.call(who, "GET", f"Patient/{ident}", accept=FHIR_XML), ""))
        for answer, whose in answers:
            if "VALI" in answer.value(f"{whose}{_STATUS}"):
                yield from _bears_one_ins(bench, answer, whose, person)


def _bears_one_ins(
    bench: Bench, answer: Exchange, whose: str, person: TestPerson
) -> Iterator[Assertion]:
    """Hold that a validated identity bears its INS, official, or else temporary; and one only."""
    official = f"{whose}identifier[use=official]"
    kind = official if answer.value(f"{official}.value") else f"{whose}identifier[use=temp]"
    for named in ("W-COM-06", "W-COM-07"):
        yield bench.expects(named, answer, equals(f"{kind}.value", person.ins))
    yield bench.expects("W-COM-06", answer, equals(f"{kind}.system", person.system))


@check(requirements=("W-COM-05",), needs=NEEDS)
def every_matricule_of_a_deposit_has_its_key(bench: Bench) -> Iterator[Assertion]:
    """An INS that stands beside the first one is looked at as well; a right one is no obstacle."""
    person = bench.person()
    author = bench.treating(person)
    for use in ("temp", "secondary", "old"):
        right = sent(bench, author.who, _beside(bench, person, author, use, person.ins))
        bench.expects("W-COM-05", right, status(200), control=True)
        for ins in (_wrong_key(person.ins), person.ins[:-1], f"{person.ins}0"):
            answer = sent(bench, author.who, _beside(bench, person, author, use, ins))
            yield bench.expects("W-COM-05", answer, status(*REFUSED), certain=False)


def _beside(
    bench: Bench, person: TestPerson, author: TestProfessional, use: str, ins: str
) -> Resource:
    """Return a deposit whose Patient bears a further matricule, for a use, beside their own."""
    one = specimen(bench, person, author)
    mine = write_json(patient_of(person)["identifier"])
    further: Resource = {"use": use, "system": person.system, "value": ins}
    both = mine[:-1] + b"," + write_json(further) + b"]"
    return read_json(write_json(bundle(bench, [one])).replace(mine, both))


@check(requirements=("W-COM-05",), needs=NEEDS)
def matricules_are_written_right(bench: Bench) -> Iterator[Assertion]:
    """An INS bears the OID of its kind and a right key; a deposit under a wrong one is refused."""
    person = bench.person()
    author = bench.treating(person)
    one = specimen(bench, person, author)
    deposit(bench, "W-COM-05", [one])
    pages = found(bench, author.who, person)
    for holder in ("subject", "contained[resourceType=Patient]"):
        its = f"{DOCUMENTS}.{holder}.identifier[system={person.system}].value"
        if any(page.value(its) for page in pages):
            yield bench.expects("W-COM-05", pages, one_of(its, person.ins))
            yield bench.expects("W-COM-05", pages, matches(its, _INS))
    for sex, department in (("F", "2A"), ("M", "2B"), ("M", "")):
        other = bench.person(sex=sex, department=department)
        writer = bench.treating(other)
        answer = sent(bench, writer.who, bundle(bench, [specimen(bench, other, writer)]))
        yield bench.expects("W-COM-05", answer, status(200))
        told = _patients(bench, writer.who, other)
        its = f"{_PATIENTS}.identifier[value={other.ins}].system"
        yield bench.expects("W-COM-05", told, matches(its, _OIDS))
        yield bench.expects("W-COM-05", told, equals(its, other.system))
        nobody = _patients(bench, writer.who, _named(other, _wrong_key(other.ins)))
        yield bench.expects("W-COM-05", nobody, absent(f"{_PATIENTS}.id"))
    for oid in ("1.2.250.1.213.1.4.11", "1.2.250.1.213.1.4.2", "1.2.250.1.999.4"):
        if oid != person.oid:
            answer = sent(bench, author.who, _under(bench, person, oid, author))
            yield bench.expects("W-COM-05", answer, status(*REFUSED), certain=False)
    wrong = (
        *(_wrong_key(person.ins, more) for more in (1, 10, 50, 96)),
        person.ins[:-1],
        f"{person.ins}0",
        f"{person.ins[1]}{person.ins[0]}{person.ins[2:]}",
        "9" * 15,
        "",
    )
    for ins in wrong:
        strange = _named(person, ins)
        answer = sent(bench, author.who, bundle(bench, [specimen(bench, strange, author)]))
        yield bench.expects("W-COM-05", answer, status(*REFUSED))
        yield bench.expects("W-COM-05", answer, absent("entry.response.location"))


def _under(bench: Bench, person: TestPerson, oid: str, author: TestProfessional) -> Resource:
    """Return a deposit for somebody under another object identifier than their own."""
    whole = write_json(bundle(bench, [specimen(bench, person, author)]))
    return read_json(whole.replace(person.system.encode(), f"urn:oid:{oid}".encode()))


def _named(person: TestPerson, ins: str) -> TestPerson:
    """Return a person under another matricule."""
    return TestPerson(
        ins=ins,
        oid=person.oid,
        patient_id="",
        family=person.family,
        given=person.given,
        sex=person.sex,
        birth_date=person.birth_date,
        department=person.department,
        state=person.state,
        vitale_serial="",
        provisional_code="",
        guardian="",
        tag=person.tag,
    )
