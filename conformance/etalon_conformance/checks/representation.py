"""Acting for another: representatives of minors, caregivers, and what they may not do."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import accepted, refused, status
from etalon_conformance.life_scene import closed, is_fed
from etalon_conformance.record_scene import NEEDS
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import BLOCK, EMERGENCY, wish
from etalon_conformance.seeing import kept, misses, sees, shown_too
from etalon_model.actors import ActorKind
from etalon_model.periods import birthday, paris_date
from etalon_model.states import State

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

_MOST_CAREGIVERS: Final = 3
_MOST_HELPED: Final = 5
_MAJORITY_YEARS: Final = 18


@check(requirements=("REP-01", "W-COM-04"), needs=(*NEEDS, "close_space"), wire=Wire.VENDOR_MAPPED)
def minors_space_is_the_representatives(bench: Bench) -> Iterator[Assertion]:
    """The representative reads and closes the space of a minor; the minor does not close it."""
    parent, stranger = bench.person(age=40), bench.person(age=41)
    for age in (8, 16):
        child = bench.person(age=age, guardian=parent)
        parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
        false = bench.acting(ActorKind.REPRESENTATIVE, stranger, child)
        one = kept(bench, child, bench.treating(child))
        yield from sees(bench, "REP-01", parental, one)
        yield from misses(bench, "REP-01", false, one)
        said: dict[str, Json] = {"patient": child.ins, "passwordReentered": True}
        for who in (child.who, false):
            done = bench.operation("close_space", who, **said)
            yield bench.expects("REP-01", done, refused())
        yield from is_fed(bench, "REP-01", child, is_open=True)
        yield bench.expects("REP-01", closed(bench, child, parent), accepted())
        yield from is_fed(bench, "REP-01", child, is_open=False)


@check(requirements=("REP-03",), needs=(*NEEDS, "representative"), wire=Wire.OWN)
def second_representative_has_a_space_of_their_own(bench: Bench) -> Iterator[Assertion]:
    """A second representative joins with an activated space, and then reads; not without."""
    parent, second = bench.person(age=33), bench.person(age=34)
    without = bench.person(State.OPEN_INACTIVE, age=35)
    child = bench.person(age=8, guardian=parent)
    one = kept(bench, child, bench.treating(child))
    shown_too(bench, bench.acting(ActorKind.REPRESENTATIVE, parent, child), one)
    refused_one = bench.operation("representative", None, holder=child.ins, who=without.ins)
    yield bench.expects("REP-03", refused_one, refused())
    joined = bench.operation("representative", None, holder=child.ins, who=second.ins)
    yield bench.expects("REP-03", joined, accepted())
    yield from sees(bench, "REP-03", bench.acting(ActorKind.REPRESENTATIVE, second, child), one)


@check(requirements=("REP-05", "REP-06", "REP-08"), needs=(*NEEDS, "caregiver"), wire=Wire.OWN)
def caregivers_are_counted(bench: Bench) -> Iterator[Assertion]:
    """A holder has three caregivers at most, a caregiver five holders, each link once."""
    person = bench.person(age=80)
    for number in range(_MOST_CAREGIVERS + 1):
        helper = bench.person(age=50)
        done = bench.operation("caregiver", None, holder=person.ins, who=helper.ins)
        expected = accepted() if number < _MOST_CAREGIVERS else refused()
        yield bench.expects("REP-05", done, expected)
        if not number:
            again = bench.operation("caregiver", None, holder=person.ins, who=helper.ins)
            yield bench.expects("REP-08", again, refused())
    helper = bench.person(age=49)
    for number in range(_MOST_HELPED + 1):
        helped = bench.person(age=78)
        done = bench.operation("caregiver", None, holder=helped.ins, who=helper.ins)
        expected = accepted() if number < _MOST_HELPED else refused()
        yield bench.expects("REP-06", done, expected)


@check(
    requirements=("REP-09",),
    needs=(*NEEDS, "caregiver", "give_consent", "export_space", "request_erasure"),
    wire=Wire.OWN,
)
def caregiver_reads_and_does_not_manage(bench: Bench) -> Iterator[Assertion]:
    """A caregiver reads the documents, and neither downloads nor decides who reads them."""
    person, helper, other = bench.person(age=82), bench.person(age=55), bench.person(age=56)
    bench.relate("caregiver", person, helper)
    caring = bench.acting(ActorKind.CAREGIVER, helper, person)
    false = bench.acting(ActorKind.CAREGIVER, other, person)
    one = kept(bench, person, bench.treating(person))
    yield from sees(bench, "REP-09", caring, one)
    yield from misses(bench, "REP-09", false, one)
    chosen = wish(bench, caring, person, EMERGENCY, "deny")
    yield bench.expects("REP-09", chosen, refused())
    reader = bench.treating(person)
    shown_too(bench, reader.who, one)
    barred = wish(bench, caring, person, BLOCK, "deny", about=reader)
    yield bench.expects("REP-09", barred, refused())
    yield from sees(bench, "REP-09", reader.who, one)
    for name in ("export_space", "request_erasure"):
        done = bench.operation(name, caring, patient=person.ins)
        yield bench.expects("REP-09", done, refused())
    log = f"AuditEvent?patient.identifier={person.system}|{person.ins}&date=ge2000-01-01"
    yield bench.expects("REP-09", bench.call(caring, "GET", log), status(401, 403, 404))


@check(requirements=("REP-04",), needs=(*NEEDS, "advance_clock"), wire=Wire.OWN, alone=True)
def representation_ends_at_eighteen(bench: Bench) -> Iterator[Assertion]:
    """At eighteen the person reads on, and whoever represented them reads no more."""
    parent = bench.person(age=44)
    child = bench.person(age=16, guardian=parent)
    parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    one = kept(bench, child, bench.treating(child))
    shown_too(bench, parental, one)
    if child.birth_date is not None:
        majority_on = birthday(child.birth_date, _MAJORITY_YEARS)
        days = (majority_on - paris_date(bench.now())).days
        bench.advance(f"P{days - 1}D")
        yield from sees(bench, "REP-04", parental, one)
        bench.advance("P2D")
    else:
        bench.advance("P2Y")
    yield from misses(bench, "REP-04", parental, one)
    yield from sees(bench, "REP-04", child.who, one)
