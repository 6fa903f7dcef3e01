"""The matrix of habilitation: which types of document each profession reads.

The annex of the order is known by commentaries alone: only the types that they name are looked at,
and what they say gives findings.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import bundle
from etalon_conformance.expectations import excludes, includes, status
from etalon_conformance.record_scene import NEEDS, UNIQUE_IDS, deposit, found, sent
from etalon_conformance.seeing import Kept, kept, misses, sees
from etalon_conformance.specimens import care_types, specimen
from etalon_target.people import TestProfessional

DOCTOR: Final = "10"
DENTIST: Final = "40"
NURSE: Final = "60"
PHARMACIST: Final = "21"

READ: Final[Mapping[str, Sequence[str]]] = {
    NURSE: ("83981-1", "47420-5", "11502-2", "15507-7", "56445-0", "PROT_ALD"),
    PHARMACIST: ("11502-2", "77436-4", "34112-3", "57833-6", "PROT_ALD", "18748-4"),
}
"""Types that commentaries say a profession reads."""

NOT_READ: Final[Mapping[str, Sequence[str]]] = {
    DENTIST: ("80788-3", "75496-0", "83981-1", "83901-9", "68599-0"),
    NURSE: ("75496-0", "68599-0", "83901-9", "68817-6", "89601-9"),
}
"""Types that commentaries say a profession does not read."""

_TOGETHER: Final = 12
_NOT_FOR_DOCTORS: Final = "ATTEST-RESID"
"""Attestations of residence: the one type that commentaries say doctors do not read."""
_SAMPLE: Final = 10
"""Types of a sample that changes with the seed."""


def _of_types(bench: Bench, author: TestProfessional, those: Mapping[str, Kept]) -> None:
    """The author, a doctor, finds them all: the control of who does not."""
    person = next(iter(those.values())).person
    names = [one.one.unique_id for one in those.values()]
    pages = found(bench, author.who, person)
    bench.expects(bench.check.requirements[0], pages, includes(UNIQUE_IDS, *names), control=True)


def _deposited(bench: Bench, types: Sequence[str]) -> Mapping[str, Kept]:
    """Deposit a document of each type in the record of one person."""
    person = bench.person(age=50)
    author = bench.treating(person)
    offered = [one for one in types if one in care_types()]
    those = {one: kept(bench, person, author, kind=one) for one in offered}
    _of_types(bench, author, those)
    return those


@check(requirements=("MTX-02", "ACC-07"), needs=NEEDS)
def doctors_read_every_type(bench: Bench) -> Iterator[Assertion]:
    """A doctor of the care team reads documents of every type."""
    read = [code for code in care_types() if code != _NOT_FOR_DOCTORS]
    types = bench.random.sample(read, _SAMPLE)
    those = _deposited(bench, types)
    person = next(iter(those.values())).person
    doctor = bench.treating(person, DOCTOR)
    yield from sees(bench, ("MTX-02", "ACC-07"), doctor.who, *those.values())


@check(requirements=("MTX-02", "ACC-07"), needs=NEEDS)
def doctors_find_every_type_there_is(bench: Bench) -> Iterator[Assertion]:
    """A doctor of the care team finds documents of every type but attestations of residence."""
    person = bench.person(age=49)
    author = bench.treating(person)
    several = [specimen(bench, person, author, kind=code) for code in care_types()]
    for start in range(0, len(several), _TOGETHER):
        deposit(bench, "ACC-07", several[start : start + _TOGETHER])
    read = [one.unique_id for one in several if one.kind.code != _NOT_FOR_DOCTORS]
    others = [one.unique_id for one in several if one.kind.code == _NOT_FOR_DOCTORS]
    pages = found(bench, bench.treating(person, DOCTOR).who, person)
    for requirement in ("MTX-02", "ACC-07"):
        yield bench.expects(requirement, pages, includes(UNIQUE_IDS, *read))
        yield bench.expects(requirement, pages, excludes(UNIQUE_IDS, *others))


@check(requirements=("MTX-04", "ACC-07"), needs=NEEDS)
def nurses_read_what_is_said(bench: Bench) -> Iterator[Assertion]:
    """A nurse of the care team reads the types that are told, and not those told not to be."""
    yield from _reads(bench, "MTX-04", NURSE)


@check(requirements=("MTX-05", "ACC-07"), needs=NEEDS)
def pharmacists_read_what_is_said(bench: Bench) -> Iterator[Assertion]:
    """A pharmacist of the care team reads the types that are told."""
    yield from _reads(bench, "MTX-05", PHARMACIST)


@check(requirements=("MTX-03", "ACC-07"), needs=NEEDS)
def dentists_do_not_read_everything(bench: Bench) -> Iterator[Assertion]:
    """A dentist of the care team does not read the types that are told not to be."""
    yield from _reads(bench, "MTX-03", DENTIST)


def _reads(bench: Bench, requirement: str, profession: str) -> Iterator[Assertion]:
    read, not_read = READ.get(profession, ()), NOT_READ.get(profession, ())
    those = _deposited(bench, (*read, *not_read))
    person = next(iter(those.values())).person
    reader = bench.treating(person, profession)
    seen = [one for code, one in those.items() if code in read]
    missed = [one for code, one in those.items() if code in not_read]
    named = (requirement, "ACC-07")
    if seen:
        yield from sees(bench, named, reader.who, *seen)
    if missed:
        yield from misses(bench, named, reader.who, *missed)


@check(requirements=("MTX-07",), needs=NEEDS)
def matrix_does_not_limit_deposits(bench: Bench) -> Iterator[Assertion]:
    """Professions deposit types that they do not read."""
    person = bench.person(age=29)
    doctor = bench.treating(person)
    for profession, types in NOT_READ.items():
        author = bench.treating(person, profession)
        for code in types:
            if code not in care_types():
                continue
            one = specimen(bench, person, author, kind=code)
            answer = sent(bench, author.who, bundle(bench, [one]))
            yield bench.expects("MTX-07", answer, status(200))
            pages = found(bench, doctor.who, person)
            yield bench.expects("MTX-07", pages, includes(UNIQUE_IDS, one.unique_id))
    other = specimen(bench, person, doctor)
    pages = found(bench, doctor.who, person)
    yield bench.expects("MTX-07", pages, excludes(UNIQUE_IDS, other.unique_id))
