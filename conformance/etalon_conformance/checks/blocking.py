"""Professionals whom the holder blocked, and those whom the holder trusts with more."""

from collections.abc import Iterator

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import accepted, includes, refused, status
from etalon_conformance.record_scene import NEEDS, UNIQUE_IDS, found
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import (
    BLOCK,
    BREAK_GLASS,
    EMERGENCY,
    breaking_glass,
    fed,
    opened_record,
    wished,
)
from etalon_conformance.seeing import READERS, hidden_too, kept, misses, sees, shown_too
from etalon_conformance.specimens import MASKED, Specimen
from etalon_target.people import TestProfessional


@check(requirements=("ACC-04", "W-REC-43", "W-COM-04"), needs=(*NEEDS, "block"))
def blocked_professional_sees_nothing(bench: Bench) -> Iterator[Assertion]:
    """A professional whom the holder blocked sees nothing, having treated the person or not."""
    person = bench.person(age=50)
    author, other = bench.treating(person), bench.treating(person)
    those = [kept(bench, person, author) for _ in range(2)]
    named = ("ACC-04", "W-REC-43")
    for code in READERS:
        blocked = bench.treating(person, code)
        shown_too(bench, blocked.who, *those)
        bench.relate("block", person, blocked)
        yield from misses(bench, named, blocked.who, *those, likely="block_not_read")
        shown_too(bench, other.who, *those)
    # Whoever wrote some of it reads no more of the rest than another.
    writer = bench.treating(person)
    own = kept(bench, person, writer)
    shown_too(bench, writer.who, own, *those)
    bench.relate("block", person, writer)
    yield from misses(bench, named, writer.who, *those, likely="block_not_read")
    shown_too(bench, other.who, own)


@check(requirements=("ACC-04", "W-REC-43"), needs=(*NEEDS, "block", "consent"))
def blocked_professional_is_not_let_in_by_a_consent(bench: Bench) -> Iterator[Assertion]:
    """A block outweighs a consent given before, and one that is declared afterwards."""
    person = bench.person(age=28)
    author, consented = bench.treating(person), bench.professional()
    one = kept(bench, person, author)
    bench.relate("consent", person, consented)
    shown_too(bench, consented.who, one)
    bench.relate("block", person, consented)
    yield from misses(bench, ("ACC-04", "W-REC-43"), consented.who, one, likely="block_not_read")
    bench.operation("consent", None, holder=person.ins, who=consented.rpps)
    yield from misses(bench, ("ACC-04", "W-REC-43"), consented.who, one, likely="block_not_read")


@check(requirements=("ACC-04", "W-REC-43"), needs=(*NEEDS, "block", "join_care_team"))
def blocked_professional_does_not_join_again(bench: Bench) -> Iterator[Assertion]:
    """Whoever is blocked sees nothing for having declared that they treat the person."""
    person = bench.person(age=44)
    author, blocked, other = bench.treating(person), bench.treating(person), bench.professional()
    one = kept(bench, person, author)
    shown_too(bench, blocked.who, one)
    bench.relate("block", person, blocked)
    bench.operation("join_care_team", blocked.who, patient=person.ins, informed=True)
    yield from misses(bench, ("ACC-04", "W-REC-43"), blocked.who, one, likely="block_not_read")
    joined = bench.operation("join_care_team", other.who, patient=person.ins, informed=True)
    bench.expects("ACC-04", joined, accepted(), control=True)
    shown_too(bench, other.who, one)


@check(
    requirements=("ACC-04", "W-REC-43"),
    needs=(*NEEDS, "block", "open_record", "give_consent"),
)
def blocked_professional_breaks_no_glass(bench: Bench) -> Iterator[Assertion]:
    """In an emergency a blocked professional does not read either."""
    person = bench.person(age=81)
    author, blocked, other = (bench.treating(person) for _ in range(3))
    one = kept(bench, person, author)
    wished(bench, person.who, person, EMERGENCY, "permit")
    bench.relate("block", person, blocked)
    allowed = opened_record(bench, breaking_glass(other), person, BREAK_GLASS, incapable=True)
    bench.expects("ACC-04", allowed, accepted(), control=True)
    asked = opened_record(bench, breaking_glass(blocked), person, BREAK_GLASS, incapable=True)
    yield bench.expects("ACC-04", asked, refused(), certain=False)
    named = ("ACC-04", "W-REC-43")
    yield from misses(bench, named, breaking_glass(blocked), one, certain=False)


@check(requirements=("ACC-05",), needs=(*NEEDS, "block", "give_consent", "consent"), wire=Wire.OWN)
def unblocked_professional_asks_again(bench: Bench) -> Iterator[Assertion]:
    """Unblocked, a professional sees nothing until a new consent is given, to them."""
    person = bench.person(age=39)
    author, blocked = bench.treating(person), bench.treating(person)
    one = kept(bench, person, author)
    shown_too(bench, blocked.who, one)
    bench.relate("block", person, blocked)
    hidden_too(bench, blocked.who, one)
    wished(bench, person.who, person, BLOCK, "permit", about=blocked)
    yield from misses(bench, "ACC-05", blocked.who, one)
    # What was consented before the block is not what is consented after it.
    consented = bench.professional()
    bench.relate("consent", person, consented)
    shown_too(bench, consented.who, one)
    bench.relate("block", person, consented)
    wished(bench, person.who, person, BLOCK, "permit", about=consented)
    yield from misses(bench, "ACC-05", consented.who, one)
    bench.relate("consent", person, bench.professional())
    bench.operation("care_team", None, holder=person.ins, who=blocked.rpps)
    yield from misses(bench, "ACC-05", blocked.who, one)
    bench.relate("consent", person, blocked)
    yield from sees(bench, "ACC-05", blocked.who, one)


@check(requirements=("REC-08", "W-REC-44", "REC-07"), needs=(*NEEDS, "block"))
def feeding_needs_no_right_to_read(bench: Bench) -> Iterator[Assertion]:
    """Strangers and blocked professionals deposit, and see nothing of the record for that."""
    person = bench.person(age=64)
    author, blocked = bench.treating(person), bench.treating(person)
    stranger = bench.professional()
    one = kept(bench, person, author)
    bench.relate("block", person, blocked)
    for requirement, depositor in (("REC-07", stranger), ("REC-08", blocked)):
        given, answer = fed(bench, person, depositor)
        for named in (requirement, "W-REC-44"):
            yield bench.expects(named, answer, status(200))
        shown_too(bench, author.who, one)
        hidden_too(bench, depositor.who, one)
        yield from _found_by(bench, requirement, author, given)


def _found_by(
    bench: Bench, requirement: str, reader: TestProfessional, one: Specimen
) -> Iterator[Assertion]:
    pages = found(bench, reader.who, one.person)
    yield bench.expects(requirement, pages, includes(UNIQUE_IDS, one.unique_id))


@check(requirements=("ACC-09", "VIS-03"), needs=(*NEEDS, "set_administrator"), wire=Wire.OWN)
def administrator_sees_masked_documents(bench: Bench) -> Iterator[Assertion]:
    """A professional whom the holder made an administrator sees masked documents."""
    person = bench.person(age=48)
    author, trusted, other = (bench.treating(person) for _ in range(3))
    plain, masked = kept(bench, person, author), kept(bench, person, author, MASKED)
    shown_too(bench, trusted.who, plain)
    yield from misses(bench, "ACC-09", trusted.who, masked)
    made = bench.operation(
        "set_administrator", person.who, patient=person.ins, professional=trusted.rpps
    )
    yield bench.expects("ACC-09", made, accepted())
    yield from sees(bench, ("ACC-09", "VIS-03"), trusted.who, plain, masked)
    yield from misses(bench, ("ACC-09", "VIS-03"), other.who, masked)
