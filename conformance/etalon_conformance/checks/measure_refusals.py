"""What a service may not send as a measure, case by case; what is right beside it is taken."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from etalon_conformance.app_scene import (
    NEEDS,
    READ,
    WRITE,
    Paired,
    between,
    changed,
    device,
    entry,
    fed,
    found_of,
    joined,
    paired,
    referenced,
    searched,
    weight,
)
from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import absent, equals, excludes, one_of, status
from etalon_conformance.measure_scene import (
    CISIS,
    DAYS,
    DIASTOLIC,
    FASTING,
    INDEX,
    KINDS,
    MATCHES,
    PRESSURE,
    SYSTOLIC,
    TAKEN,
    VALUES,
    WEEK,
    bundled,
    index,
    marked,
    meta_of,
    of_kind,
    pressure,
)
from etalon_conformance.requirement import Wire
from etalon_conformance.several import under
from etalon_wire.json_body import Json, Resource

if TYPE_CHECKING:
    from etalon_conformance.exchanges import Exchange

_CONTENT: Final = (422,)
_SHAPE: Final = (400, 422)
_SERIAL: Final = "AA-BB-CC-FF-FE-00-22-44"
_GLYCAEMIAS: Final = ("2345-7", "4548-4", "MED-969", "MED-972")
_WANTED: Final = {"2345-7": (FASTING,), "4548-4": (), "MED-969": (WEEK,), "MED-972": (WEEK,)}
_DAYS: Final = ("GEN-275", "GEN-276", "GEN-277", "GEN-278")


@check(requirements=("MEA-01", "W-MEA-03"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def only_a_transaction_of_one_measure_is_taken(bench: Bench) -> Iterator[Assertion]:
    """Another number of measures or of devices, another type or verb: refused, nothing kept."""
    who = paired(bench, READ, WRITE)
    at = bench.now()
    one, second = weight(who, at, 60.5), weight(who, at - timedelta(hours=1), 61.5)
    both = (_entry(bench, one), _entry(bench, second))
    linked: Resource = {
        **one,
        "device": {"reference": "urn:uuid:0c6f0f5e-6d56-4d3f-8f2c-0a7f5c1d2e3f"},
    }
    first: Resource = {**device(who, _SERIAL), "id": "0c6f0f5e-6d56-4d3f-8f2c-0a7f5c1d2e3f"}
    other = device(who, f"{_SERIAL}-2")
    patient: Resource = {"resourceType": "Patient"}
    third = _entry(bench, weight(who, at - timedelta(hours=2), 62.5))
    refused: list[tuple[Exchange, tuple[int, ...]]] = [
        (bundled(bench, who, *both), _CONTENT),
        (bundled(bench, who, *both, third), _CONTENT),
        (bundled(bench, who, _entry(bench, device(who, _SERIAL))), _CONTENT),
        (bundled(bench, who, *(_entry(bench, each) for each in (linked, first, other))), _CONTENT),
        (bundled(bench, who, _asked(bench, one, "PUT")), _CONTENT),
        (bundled(bench, who, _asked(bench, one, "DELETE")), _CONTENT),
        (bundled(bench, who, both[0], _entry(bench, patient)), _CONTENT),
        (bundled(bench, who, _entry(bench, meta_of(one, profile=None))), _CONTENT),
        (bundled(bench, who), _SHAPE),
        (bundled(bench, who, both[0], kind="batch"), _SHAPE),
        (bundled(bench, who, both[0], kind="collection"), _SHAPE),
    ]
    for answer, expected in refused:
        yield from under(bench, ("MEA-01", "W-MEA-03"), answer, status(*expected))
    kept = searched(bench, who, *between(bench))
    yield from under(bench, ("MEA-01", "W-MEA-03"), kept, absent(VALUES))
    for right in ((both[0],), (_entry(bench, first), _entry(bench, {**linked, **_later(second)}))):
        yield from under(bench, ("MEA-01", "W-MEA-03"), bundled(bench, who, *right), status(*TAKEN))
    yield bench.expects("MEA-01", searched(bench, who, *between(bench)), equals(VALUES, *_TWO))


_TWO: Final = ("60.5", "60.5")


def _later(one: Resource) -> Resource:
    return {"effectiveDateTime": one["effectiveDateTime"]}


def _entry(bench: Bench, resource: Resource) -> Json:
    return entry(bench, resource)


def _asked(bench: Bench, resource: Resource, verb: str) -> Json:
    kind = str(resource["resourceType"])
    return {**entry(bench, resource), "request": {"method": verb, "url": kind}}


@check(requirements=("MEA-02", "W-MEA-03"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def device_is_named_linked_and_profiled(bench: Bench) -> Iterator[Assertion]:
    """Without its condition, its link or its profile a device has its measure refused."""
    who = paired(bench, READ, WRITE)
    full = str(bench.unique_uuid())
    one = weight(who, bench.now(), 63.5)
    linked: Resource = {**one, "device": {"reference": f"urn:uuid:{full}"}}
    stray: Resource = {**one, "device": {"reference": f"urn:uuid:{bench.unique_uuid()}"}}
    right: Resource = {**device(who, _SERIAL), "id": full}
    plain = changed(right, {"meta": None})
    named = f"urn:oid:{who.solution}.2680|{_SERIAL}"
    tried: list[tuple[Resource, Json]] = [
        (one, _entry(bench, right)),
        (stray, _entry(bench, right)),
        (linked, _entry(bench, plain)),
        *((linked, _created_if(bench, right, condition)) for condition in _conditions(named)),
    ]
    for measure, shown in tried:
        answer = bundled(bench, who, _entry(bench, measure), shown)
        yield from under(bench, ("MEA-02", "W-MEA-03"), answer, status(*_CONTENT))
    yield bench.expects("MEA-02", searched(bench, who, *between(bench)), absent(VALUES))
    taken = bundled(bench, who, _entry(bench, linked), _entry(bench, right))
    yield from under(bench, ("MEA-02", "W-MEA-03"), taken, status(*TAKEN))
    states = "entry.response.status"
    yield bench.expects("MEA-02", taken, one_of(states, "201", "201 Created"))


def _conditions(named: str) -> Sequence[str]:
    """Return conditions that name no device: none, without a parameter, a system or a number."""
    system, _, serial = named.partition("|")
    return ("", named, f"identifier={serial}", f"identifier={system}|", f"_id={serial}")


def _created_if(bench: Bench, resource: Resource, condition: str) -> Json:
    request: Resource = {"method": "POST", "url": "Device"}
    if condition:
        request["ifNoneExist"] = condition
    return {**entry(bench, resource), "request": request}


@check(requirements=("MEA-04", "W-MEA-03"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def blood_pressure_has_both_parts(bench: Bench) -> Iterator[Assertion]:
    """One part alone, none, or a value beside both is refused; each part is read as it was sent."""
    who = paired(bench, READ, WRITE)
    at = bench.now()
    high, low = (SYSTOLIC, 121), (DIASTOLIC, 79)
    for wrong in (
        pressure(who, at),
        pressure(who, at, high),
        pressure(who, at, low),
        pressure(who, at, high, low, value=121),
        pressure(who, at, high, value=79),
        pressure(who, at, value=100),
        changed(weight(who, at), {"valueQuantity": None}),
    ):
        answer = fed(bench, who, wrong)
        yield from under(bench, ("MEA-04", "W-MEA-03"), answer, status(*_CONTENT))
    found = found_of(bench, who, PRESSURE, *between(bench))
    yield bench.expects("MEA-04", found, absent(f"{MATCHES}.id"))
    for right in ((high, low), ((DIASTOLIC, 81), (SYSTOLIC, 131))):
        sent = fed(bench, who, pressure(who, at, *right))
        yield from under(bench, ("MEA-04", "W-MEA-03"), sent, status(*TAKEN))
    found = found_of(bench, who, PRESSURE, *between(bench))
    for code, values in ((SYSTOLIC, ("121", "131")), (DIASTOLIC, ("79", "81"))):
        part = f"{MATCHES}.component[code.coding.code={code}].valueQuantity.value"
        yield bench.expects("MEA-04", found, equals(part, *values))
    yield bench.expects("MEA-04", found, absent(VALUES))


@check(requirements=("MEA-05", "W-MEA-06", "W-MEA-03"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def each_glucose_bears_its_marks_and_no_other(bench: Bench) -> Iterator[Assertion]:
    """The four kinds with no mark, either and both; what is taken is read with its mark."""
    who = paired(bench, READ, WRITE)
    at = bench.now()
    named = ("MEA-05", "W-MEA-06", "W-MEA-03")
    for code in _GLYCAEMIAS:
        for marks in ((), (FASTING,), (WEEK,), (FASTING, WEEK), (WEEK, FASTING)):
            expected = TAKEN if marks == _WANTED[code] else _CONTENT
            answer = fed(bench, who, of_kind(who, at, code, marks))
            yield from under(bench, named, answer, status(*expected))
        found = found_of(bench, who, code, *between(bench))
        seen = f"{MATCHES}.extension.valueCodeableConcept.coding.code"
        codes = {"2345-7": ("53049-3",), "4548-4": ()}.get(code, ("GEN-275",))
        for requirement in named[:2]:
            yield bench.expects(requirement, found, equals(seen, *codes))
            yield bench.expects(requirement, found, equals(VALUES, _shown(code)))


def _shown(code: str) -> str:
    return f"{KINDS[code].value:g}"


@check(requirements=("MEA-05", "W-MEA-06"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def every_number_of_days_is_taken(bench: Bench) -> Iterator[Assertion]:
    """Seven, fourteen, thirty and ninety days, for a mean and for an index, as they were sent."""
    who = paired(bench, READ, WRITE)
    named = ("MEA-05", "W-MEA-06")
    for code in ("MED-969", "MED-972"):
        for rank, days in enumerate(_DAYS):
            at = bench.now() - timedelta(hours=rank)
            one = of_kind(who, at, code, (marked(DAYS, CISIS, days),))
            yield from under(bench, named, fed(bench, who, one), status(*TAKEN))
        found = found_of(bench, who, code, *between(bench))
        seen = f"{MATCHES}.extension.valueCodeableConcept.coding.code"
        yield from under(bench, named, found, equals(seen, *_DAYS))


@check(requirements=("MEA-03", "W-MEA-04", "W-MEA-03"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def body_mass_index_is_never_kept(bench: Bench) -> Iterator[Assertion]:
    """Under whichever profile it comes it is refused; what is read is worked out."""
    who = paired(bench, READ, WRITE)
    at = bench.now()
    named = ("MEA-03", "W-MEA-04", "W-MEA-03")
    for profile in ("mes-observation-bmi", "mes-observation-bodyweight"):
        for moment in (at, at - timedelta(days=30)):
            answer = fed(bench, who, index(who, moment, profile))
            yield from under(bench, named, answer, status(*_CONTENT))
    found = found_of(bench, who, INDEX, *between(bench))
    yield from under(bench, named[:2], found, excludes(VALUES, "23.5"))
    for one in (of_kind(who, at - timedelta(days=1), "8302-2", ()), weight(who, at, 80.5)):
        yield from under(bench, named, fed(bench, who, one), status(*TAKEN))
    yield from under(bench, named, fed(bench, who, index(who, at)), status(*_CONTENT))
    found = found_of(bench, who, INDEX, *between(bench))
    yield bench.expects("MEA-03", found, excludes(VALUES, "23.5"))
    yield bench.expects("MEA-03", found, one_of(VALUES, "26.3", "26.29", "26.286"), certain=False)


@check(requirements=("MEA-08", "W-MEA-03"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def source_is_under_the_solution_that_sends(bench: Bench) -> Iterator[Assertion]:
    """Its own number or one below it; neither one above, nor a neighbour's, nor another's."""
    who, other = paired(bench, READ, WRITE), paired(bench, READ, WRITE)
    at = bench.now()
    own = f"urn:oid:{who.solution}"
    above, _, last = who.solution.rpartition(".")
    for source, expected in (
        (f"urn:oid:{above}", _CONTENT),
        (f"urn:oid:{other.solution}", _CONTENT),
        (f"urn:oid:{other.solution}.1", _CONTENT),
        (f"urn:oid:1.2.250.1.71.{last}", _CONTENT),
        (f"urn:oid:9{who.solution}", _CONTENT),
        (own, TAKEN),
        (f"{own}.1", TAKEN),
        (f"{own}.2680.14", TAKEN),
    ):
        answer = fed(bench, who, meta_of(weight(who, at, 64.5), source=source))
        yield from under(bench, ("MEA-08", "W-MEA-03"), answer, status(*expected))
    near = fed(bench, who, meta_of(weight(who, at, 65.5), source=f"{own}9.1"))
    yield bench.expects("MEA-08", near, status(*_CONTENT), certain=False)
    found = searched(bench, who, *between(bench))
    kept = (own, f"{own}.1", f"{own}.2680.14")
    yield bench.expects("MEA-08", found, equals(f"{MATCHES}.meta.source", *kept))


@check(requirements=("MEA-09", "W-MEA-03"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def nobody_else_of_the_same_service_is_named(bench: Bench) -> Iterator[Assertion]:
    """Of two holders of one service, neither is written to nor read under the other's tokens."""
    solution = referenced(bench, (READ, WRITE))
    one, other = (joined(bench, solution, bench.person()) for _ in range(2))
    at = bench.now()
    named = ("MEA-09", "W-MEA-03")
    for who, value in ((one, 66.5), (other, 67.5)):
        yield from under(bench, named, fed(bench, who, weight(who, at, value)), status(*TAKEN))
    for who, theirs in ((one, other), (other, one)):
        foreign = weight(theirs, at, 68.5)
        yield from under(bench, named, fed(bench, who, foreign), status(403))
        crossed = fed(bench, who, weight(who, at, 68.5), identity=theirs.identity)
        yield from under(bench, named, crossed, status(403))
        crossed = fed(bench, who, foreign, identity=theirs.identity)
        yield from under(bench, named, crossed, status(403))
        asked = searched(bench, _as(who, theirs), *between(bench))
        yield from under(bench, named, asked, status(403))
        last = (("_sort", "-date"), ("_count", "1"))
        asked = searched(bench, _as(who, theirs), *last)
        yield from under(bench, named, asked, status(403))
        crossed = searched(bench, who, *between(bench), identity=theirs.identity)
        yield from under(bench, named, crossed, status(403))
        ins: Json = {"identifier": {"system": theirs.person.system, "value": theirs.person.ins}}
        known = fed(bench, who, changed(weight(who, at, 68.5), {"subject": ins}))
        yield bench.expects("MEA-09", known, status(403, 422))
    for who, shown in ((one, "66.5"), (other, "67.5")):
        found = searched(bench, who, *between(bench))
        yield from under(bench, named, found, equals(VALUES, shown))


def _as(who: Paired, named: Paired) -> Paired:
    """Return a pairing whose calls name another holder."""
    return Paired(named.person, who.solution, who.access, who.identity, named.patient)


@check(requirements=("W-MEA-03",), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def both_tokens_are_read_at_both_doors(bench: Bench) -> Iterator[Assertion]:
    """Without either token, or with one that was changed, neither door opens: 400 and 401."""
    who = paired(bench, READ, WRITE)
    at = bench.now()
    sent, dates = weight(who, at, 69.5), between(bench)
    head, _, signature = who.identity.rpartition(".")
    spoilt = f"{head}.{signature[::-1]}"
    for identity in ("", "no.identity.token", spoilt, who.access):
        for answer in (
            fed(bench, who, sent, identity=identity),
            searched(bench, who, *dates, identity=identity),
        ):
            yield bench.expects("W-MEA-03", answer, status(400))
    for access in (
        "Bearer nobody-gave-this",
        f"Bearer {who.identity}",
        "Basic eDp5",
    ):
        for answer in (
            fed(bench, who, sent, authorization=access),
            searched(bench, who, *dates, authorization=access),
        ):
            yield bench.expects("W-MEA-03", answer, status(401))
    yield bench.expects("W-MEA-03", fed(bench, who), status(400))
    found = searched(bench, who, *dates)
    yield bench.expects("W-MEA-03", found, status(200))
    yield bench.expects("W-MEA-03", found, absent(VALUES))
