"""Emergencies: breaking the glass, the regulator, and the three choices of the holder."""

from collections.abc import Iterator

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import accepted, refused
from etalon_conformance.record_scene import NEEDS
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import (
    BREAK_GLASS,
    EMERGENCY,
    REGULATION,
    REGULATOR,
    SAMU,
    breaking_glass,
    in_role,
    opened_record,
    wished,
)
from etalon_conformance.seeing import kept, misses, sees, shown_too
from etalon_conformance.specimens import MASKED
from etalon_model.actors import ActorKind

_NEEDS = (*NEEDS, "open_record", "give_consent")


@check(requirements=("EMG-03", "W-COM-04"), needs=_NEEDS, wire=Wire.OWN)
def glass_is_broken_for_a_reason(bench: Bench) -> Iterator[Assertion]:
    """The glass breaks only when the professional says that the person cannot express a will."""
    for age in (22, 84):
        person = bench.person(age=age)
        author, stranger, control = (
            bench.treating(person),
            bench.professional(),
            bench.professional(),
        )
        one = kept(bench, person, author)
        wished(bench, person.who, person, EMERGENCY, "permit")
        told = opened_record(bench, breaking_glass(control), person, BREAK_GLASS, incapable=True)
        yield bench.expects("EMG-03", told, accepted())
        yield from sees(bench, "EMG-03", breaking_glass(control), one)
        breaking = breaking_glass(stranger)
        yield from misses(bench, "EMG-03", breaking, one, likely="glass_is_a_button")
        for incapable in (None, False):
            untold = opened_record(bench, breaking, person, BREAK_GLASS, incapable=incapable)
            yield bench.expects("EMG-03", untold, refused(), likely="glass_is_a_button")
        yield from misses(bench, "EMG-03", breaking, one, likely="glass_is_a_button")


@check(requirements=("EMG-03", "EMG-01", "W-COM-04"), needs=_NEEDS, wire=Wire.OWN)
def glass_is_not_broken_against_the_will(bench: Bench) -> Iterator[Assertion]:
    """Whoever objected to emergency accesses before is not read by breaking the glass."""
    person = bench.person(age=73)
    author, rescuer, other = bench.treating(person), bench.professional(), bench.professional()
    one = kept(bench, person, author)
    wished(bench, person.who, person, EMERGENCY, "permit")
    told = opened_record(bench, breaking_glass(other), person, BREAK_GLASS, incapable=True)
    bench.expects("EMG-03", told, accepted(), control=True)
    wished(bench, person.who, person, EMERGENCY, "deny")
    for who in (breaking_glass(rescuer), breaking_glass(other)):
        asked = opened_record(bench, who, person, BREAK_GLASS, incapable=True)
        for named in ("EMG-03", "EMG-01"):
            yield bench.expects(named, asked, refused(), likely="choice_not_read")
        yield from misses(bench, "EMG-03", who, one, likely="choice_not_read")
    shown_too(bench, author.who, one)
    wished(bench, person.who, person, EMERGENCY, "permit")
    asked = opened_record(bench, breaking_glass(rescuer), person, BREAK_GLASS, incapable=True)
    yield bench.expects("EMG-01", asked, accepted())


@check(requirements=("EMG-04", "W-COM-04"), needs=_NEEDS, wire=Wire.OWN)
def regulator_reads_unless_the_person_objected(bench: Bench) -> Iterator[Assertion]:
    """A regulator reads without any authorisation, and nothing once the person objected."""
    parent = bench.person(age=40)
    adult, child = bench.person(age=63), bench.person(age=8, guardian=parent)
    deciders = ((adult, adult.who), (child, bench.acting(ActorKind.REPRESENTATIVE, parent, child)))
    for person, decider in deciders:
        author, doctor = bench.treating(person), bench.professional()
        one = kept(bench, person, author)
        regulating = in_role(doctor, REGULATOR, SAMU)
        wished(bench, decider, person, REGULATION, "permit")
        yield from sees(bench, "EMG-04", regulating, one)
        for late in (regulating, in_role(bench.professional(), REGULATOR, SAMU)):
            wished(bench, decider, person, REGULATION, "deny")
            yield from misses(bench, "EMG-04", late, one, likely="choice_not_read")
            asked = opened_record(bench, late, person, SAMU)
            yield bench.expects("EMG-04", asked, refused(), likely="choice_not_read")
            shown_too(bench, author.who, one)
            wished(bench, decider, person, REGULATION, "permit")
            yield from sees(bench, "EMG-04", late, one)


@check(requirements=("ID-11", "EMG-04"), needs=_NEEDS)
def regulator_is_one_by_the_token(bench: Bench) -> Iterator[Assertion]:
    """Who says to regulate, and bears no such right in the token, reads nothing."""
    person = bench.person(age=54)
    author, doctor = bench.treating(person), bench.professional()
    nurse = bench.professional("60")
    one = kept(bench, person, author)
    wished(bench, person.who, person, REGULATION, "permit")
    yield from sees(bench, "EMG-04", in_role(doctor, REGULATOR, SAMU), one)
    # Who regulates, and does not say that this is an emergency, is a professional like others.
    yield from misses(bench, "EMG-04", in_role(doctor, REGULATOR), one, certain=False)
    yield from sees(bench, "EMG-04", in_role(bench.treating(person), REGULATOR), one, certain=False)
    for claiming in (in_role(doctor, "", SAMU), in_role(nurse, "", SAMU)):
        yield from misses(bench, "ID-11", claiming, one)


@check(requirements=("EMG-06",), needs=_NEEDS)
def fire_brigade_doctor_reads_as_a_regulator(bench: Bench) -> Iterator[Assertion]:
    """The doctor of a fire brigade reads in an emergency, unless the person objected."""
    person = bench.person(age=34)
    author, doctor = bench.treating(person), bench.professional()
    one = kept(bench, person, author)
    rescuing = in_role(doctor, "fire_brigade", SAMU)
    wished(bench, person.who, person, REGULATION, "permit")
    yield from sees(bench, "EMG-06", rescuing, one)
    wished(bench, person.who, person, REGULATION, "deny")
    yield from misses(bench, "EMG-06", rescuing, one)


@check(requirements=("EMG-01", "EMG-02"), needs=_NEEDS, wire=Wire.OWN)
def emergency_choices_are_three(bench: Bench) -> Iterator[Assertion]:
    """Regulator, other professionals and masked documents are permitted apart."""
    person = bench.person(age=46)
    author, rescuer, doctor = bench.treating(person), bench.professional(), bench.professional()
    plain, masked = kept(bench, person, author), kept(bench, person, author, MASKED)
    regulating, breaking = in_role(doctor, REGULATOR, SAMU), breaking_glass(rescuer)

    def broken() -> bool:
        told = opened_record(bench, breaking, person, BREAK_GLASS, incapable=True)
        return told.accepted

    wished(bench, person.who, person, REGULATION, "deny", masked=False)
    wished(bench, person.who, person, EMERGENCY, "permit", masked=False)
    if broken():
        yield from sees(bench, "EMG-01", breaking, plain)
        yield from misses(bench, "EMG-02", breaking, masked)
    yield from misses(bench, "EMG-01", regulating, plain)
    wished(bench, person.who, person, EMERGENCY, "permit", masked=True)
    if broken():
        yield from sees(bench, "EMG-02", breaking, plain, masked)
    wished(bench, person.who, person, EMERGENCY, "deny")
    wished(bench, person.who, person, REGULATION, "permit", masked=False)
    yield from misses(bench, "EMG-01", breaking, plain)
    yield from sees(bench, "EMG-01", regulating, plain)
    yield from misses(bench, "EMG-02", regulating, masked)
    wished(bench, person.who, person, REGULATION, "permit", masked=True)
    yield from sees(bench, "EMG-02", regulating, plain, masked)
    # Masked documents are read by nobody once nobody reads; permitting one reader says no more.
    for kind in (EMERGENCY, REGULATION):
        wished(bench, person.who, person, kind, "deny", masked=True)
    wished(bench, person.who, person, REGULATION, "permit")
    yield from sees(bench, "EMG-01", regulating, plain)
    yield from misses(bench, "EMG-02", regulating, masked, certain=False)
