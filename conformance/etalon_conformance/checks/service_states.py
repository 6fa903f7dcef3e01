"""Services that are suspended, off line or delisted: what they may do, who sees and leaves them."""

from collections.abc import Iterator, Mapping
from typing import Final

from etalon_conformance.app_doors import USES, open_are, renewed
from etalon_conformance.app_scene import NEEDS, READ, joined, paired, referenced
from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import accepted, excludes, includes, refused
from etalon_conformance.requirement import Wire
from etalon_conformance.several import under
from etalon_target.cannot import CannotTest

_MOVED: Final = (*NEEDS, "create_professional", "move_service")
_SHUT: Final = (401, 403)
_SERVICES: Final = "root:/catalogue/Device"
_LISTED: Final = "entry.resource.identifier.value"
_BACK: Final[Mapping[str, bool]] = {"SUSPENDUE": True, "HORS_LIGNE": True, "DEREFERENCEE": False}
"""States in which nothing is exchanged, and whether a service comes back from them on line."""


def _own_wire(bench: Bench) -> None:
    if not bench.target.speaks_own_wire:
        raise CannotTest(key="target.no_way", operation="catalogue")


@check(requirements=("CAT-08", "W-CAT-03"), needs=_MOVED, wire=Wire.OWN, alone=True)
def suspended_service_exchanges_nothing_until_it_is_back(bench: Bench) -> Iterator[Assertion]:
    """No door opens, nobody joins, who joined may leave; back on line, all is as it was."""
    _own_wire(bench)
    person, leaving = bench.person(), bench.person()
    late, doctor = bench.person(), bench.professional()
    beside = paired(bench, *USES, person=person)
    for state in ("SUSPENDUE", "HORS_LIGNE"):
        solution = referenced(bench, USES)
        who, gone = joined(bench, solution, person), joined(bench, solution, leaving)
        for again in range(2):
            moved = bench.operation("move_service", None, solution=solution, state=state)
            bench.expects("CAT-08", moved, accepted(), control=True)
            named = ("CAT-08", "W-CAT-03")
            yield from open_are(bench, named, who, doctor, (), _SHUT)
            try:
                held = renewed(bench, who, f"{state} {again}")
            except CannotTest:
                held = who
            yield from open_are(bench, named, held, doctor, (), _SHUT)
            join = bench.operation("pairing", None, holder=late.ins, who=solution)
            yield bench.expects("CAT-08", join, refused())
            yield from open_are(bench, named, beside, doctor, USES)
            if not again:
                left = bench.operation("end_pairing", leaving.who, solution=solution)
                yield bench.expects("CAT-08", left, accepted())
            back = bench.operation("move_service", None, solution=solution, state="EN_LIGNE")
            bench.expects("CAT-08", back, accepted(), control=True)
            fresh = renewed(bench, who, f"{state} back {again}")
            yield from open_are(bench, ("CAT-08",), fresh, doctor, USES)
            yield from open_are(bench, ("CAT-08",), gone, doctor, (), _SHUT)


@check(requirements=("W-CAT-03", "CAT-01", "CAT-09"), needs=_MOVED, wire=Wire.OWN, alone=True)
def list_of_active_services_follows_their_state(bench: Bench) -> Iterator[Assertion]:
    """Off line, suspended or delisted, a service is active no more; back on line it is again."""
    _own_wire(bench)
    other = f"urn:oid:{referenced(bench, (READ,))}"
    for state, comes_back in _BACK.items():
        solution = referenced(bench, (READ,))
        own = f"urn:oid:{solution}"
        moved = bench.operation("move_service", None, solution=solution, state=state)
        yield bench.expects("CAT-09", moved, accepted())
        active = bench.call(None, "GET", f"{_SERVICES}?status=active&_count=100")
        yield bench.expects("W-CAT-03", active, excludes(_LISTED, own))
        yield bench.expects("W-CAT-03", active, includes(_LISTED, other))
        if state != "SUSPENDUE":
            whole = bench.call(None, "GET", f"{_SERVICES}?_count=100")
            yield bench.expects("CAT-01", whole, excludes(_LISTED, own))
        if comes_back:
            back = bench.operation("move_service", None, solution=solution, state="EN_LIGNE")
            yield bench.expects("CAT-09", back, accepted())
            again = bench.call(None, "GET", f"{_SERVICES}?status=active&_count=100")
            yield from under(bench, ("W-CAT-03", "CAT-01"), again, includes(_LISTED, own))


@check(requirements=("W-CAT-03", "CAT-08"), needs=_MOVED, wire=Wire.OWN, alone=True)
def delisted_service_is_shut_out(bench: Bench) -> Iterator[Assertion]:
    """With the tokens it had and with none new, for each who joined; they may leave it still."""
    _own_wire(bench)
    doctor, people = bench.professional(), [bench.person() for _ in range(2)]
    solution = referenced(bench, USES)
    pairs = [joined(bench, solution, person) for person in people]
    for who in pairs:
        yield from open_are(bench, ("W-CAT-03",), who, doctor, USES)
    moved = bench.operation("move_service", None, solution=solution, state="DEREFERENCEE")
    bench.expects("W-CAT-03", moved, accepted(), control=True)
    for who in pairs:
        yield from open_are(bench, ("W-CAT-03",), who, doctor, (), _SHUT)
        left = bench.operation("end_pairing", who.person.who, solution=solution)
        yield bench.expects("CAT-08", left, accepted(), certain=False)
        yield from open_are(bench, ("W-CAT-03",), who, doctor, (), _SHUT)
