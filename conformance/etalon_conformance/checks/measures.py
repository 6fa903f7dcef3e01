"""Measures that referenced services send and read: refusals, kinds, pages."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Final

from etalon_conformance.app_scene import (
    LOINC,
    NEEDS,
    READ,
    WRITE,
    between,
    changed,
    device,
    fed,
    measure,
    paired,
    searched,
    weight,
)
from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import (
    at_most,
    count,
    distinct,
    equals,
    excludes,
    includes,
    present,
    status,
)
from etalon_conformance.requirement import Wire
from etalon_wire.json_body import Json, Resource

_CISIS: Final = "https://smt.esante.gouv.fr/fhir/CodeSystem/terminologie-cisis"
_GLUCOSE: Final = "mes-observation-glucose"
_SIGNS: Final = "Signes vitaux"
_EXTENSIONS: Final = "https://interop.esante.gouv.fr/ig/fhir/mesures/StructureDefinition/mesures"
_MATCHES: Final = "entry[search.mode=match].resource"
_VALUES: Final = f"{_MATCHES}.valueQuantity.value"
_DEVICES: Final = "entry.response.location"
_TAKEN: Final = (200, 201)
_PAGE: Final = 50


@check(requirements=("W-MEA-03", "MEA-09"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def each_refusal_of_measures_has_its_status(bench: Bench) -> Iterator[Assertion]:
    """400, 401, 403 and 422 each tell their cause; a right call is taken."""
    who, other = paired(bench, READ, WRITE), paired(bench, READ, WRITE)
    right = weight(who, bench.now())
    yield bench.expects("W-MEA-03", fed(bench, who, right), status(*_TAKEN))
    forged = fed(bench, who, right, identity="no.identity.token")
    yield bench.expects("W-MEA-03", forged, status(400))
    yield bench.expects("W-MEA-03", fed(bench, who, right, identity=""), status(400))
    yield bench.expects("W-MEA-03", fed(bench, who), status(400))
    unknown = fed(bench, who, right, authorization="Bearer nobody-gave-this-token")
    yield bench.expects("W-MEA-03", unknown, status(401))
    crossed = fed(bench, who, right, identity=other.identity)
    yield bench.expects("W-MEA-03", crossed, status(403, 409))
    stranger = fed(bench, who, changed(right, {"subject": other.subject}))
    yield bench.expects("MEA-09", stranger, status(403, 422))
    unnamed = fed(bench, who, changed(right, {"subject": None}))
    yield bench.expects("MEA-09", unnamed, status(422))
    last = searched(bench, other, *between(bench))
    yield bench.expects("MEA-09", last, excludes(_VALUES, "71.5"))


@check(requirements=("MEA-01", "MEA-08"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def measures_are_sent_one_by_one_by_their_source(bench: Bench) -> Iterator[Assertion]:
    """A bundle of two observations is refused, one of another source too; nothing is kept."""
    who = paired(bench, READ, WRITE)
    at = bench.now()
    one = weight(who, at, 70.5)
    two = fed(bench, who, one, weight(who, at - timedelta(minutes=5), 70.25))
    yield bench.expects("MEA-01", two, status(422))
    unprofiled: Json = {"source": f"urn:oid:{who.solution}.1"}
    yield bench.expects("MEA-01", fed(bench, who, changed(one, {"meta": unprofiled})), status(422))
    meta: Json = {**_table(one["meta"]), "source": "urn:oid:1.2.250.1.999.8.1"}
    foreign = fed(bench, who, changed(one, {"meta": meta}))
    yield bench.expects("MEA-08", foreign, status(422))
    kept = searched(bench, who, *between(bench))
    yield bench.expects("MEA-01", kept, excludes(_VALUES, "70.5", "70.25"))
    yield bench.expects("MEA-08", kept, excludes(_VALUES, "70.5"))
    yield bench.expects("MEA-01", fed(bench, who, one), status(*_TAKEN))
    after = searched(bench, who, *between(bench))
    yield bench.expects("MEA-01", after, equals(_VALUES, "70.5"))


@check(requirements=("MEA-02",), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def device_is_made_once(bench: Bench) -> Iterator[Assertion]:
    """The device that two measures name under one identifier is one device."""
    who = paired(bench, READ, WRITE)
    at, serial = bench.now(), "AA-BB-CC-FF-FE-00-11-33"
    for minutes in (10, 5):
        full = str(bench.unique_uuid())
        one = weight(who, at - timedelta(minutes=minutes), 70 + minutes / 10)
        one["device"] = {"reference": f"urn:uuid:{full}"}
        answer = fed(bench, who, one, {**device(who, serial), "id": full})
        yield bench.expects("MEA-02", answer, status(*_TAKEN))
    page = searched(bench, who, *between(bench), ("_include", "Observation:device"))
    devices = "entry[search.mode=include].resource[resourceType=Device].id"
    yield bench.expects("MEA-02", page, count(devices, 1))
    yield bench.expects("MEA-02", page, count(f"{_MATCHES}.id", 2))


@check(requirements=("W-MEA-04", "MEA-03"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def body_mass_index_is_refused(bench: Bench) -> Iterator[Assertion]:
    """It is computed and never sent: 422."""
    who = paired(bench, READ, WRITE)
    at = bench.now()
    index = measure(who, at, "39156-5", "mes-observation-bmi", ("kg/m2", 23.5))
    answer = fed(bench, who, index)
    yield bench.expects("W-MEA-04", answer, status(422))
    yield bench.expects("MEA-03", answer, status(422))
    yield bench.expects("W-MEA-04", fed(bench, who, weight(who, at)), status(*_TAKEN))


@check(requirements=("MEA-04",), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def blood_pressure_has_components_and_no_value(bench: Bench) -> Iterator[Assertion]:
    """One with a value of its own and no component is refused."""
    who = paired(bench, READ, WRITE)
    at, profile = bench.now(), "mes-observation-bp"
    whole = measure(who, at, "85354-9", profile, ("mm[Hg]", 120), display="vital-signs")
    yield bench.expects("MEA-04", fed(bench, who, whole), status(422))
    both = measure(who, at, "85354-9", profile, None, display="vital-signs")
    both["component"] = [_component("8480-6", 121), _component("8462-4", 79)]
    yield bench.expects("MEA-04", fed(bench, who, both), status(*_TAKEN))


_GLYCAEMIAS: Final[Mapping[str, tuple[str, str, float]]] = {
    "2345-7": (LOINC, "mg/dL", 96),
    "4548-4": (LOINC, "%", 6.5),
    "MED-969": (_CISIS, "mg/dL", 118),
    "MED-972": (_CISIS, "%", 6.5),
}
"""System, unit and a usual value of each kind: nothing else may be what has it refused."""


@check(requirements=("W-MEA-06", "MEA-05"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def glucose_bears_its_own_marks(bench: Bench) -> Iterator[Assertion]:
    """The moment for a capillary glucose, the days for a mean; neither for the other."""
    who = paired(bench, READ, WRITE)
    at = bench.now()

    def sent(code: str, *marks: Json) -> Resource:
        system, unit, value = _GLYCAEMIAS[code]
        return measure(
            who, at, code, _GLUCOSE, (unit, value), system=system, display=_SIGNS, extensions=marks
        )

    fasting = _mark("moment-of-measurement", LOINC, "53049-3")
    week = _mark("number-of-days", _CISIS, "GEN-275")
    for one, expected in (
        (sent("2345-7", fasting), _TAKEN),
        (sent("2345-7"), (422,)),
        (sent("2345-7", fasting, week), (422,)),
        (sent("4548-4"), _TAKEN),
        (sent("4548-4", fasting), (422,)),
        (sent("4548-4", week), (422,)),
        (sent("MED-969", week), _TAKEN),
        (sent("MED-969"), (422,)),
        (sent("MED-969", week, fasting), (422,)),
        (sent("MED-972", week), _TAKEN),
        (sent("MED-972"), (422,)),
        (sent("MED-972", week, fasting), (422,)),
    ):
        answer = fed(bench, who, one)
        yield bench.expects("W-MEA-06", answer, status(*expected))
        yield bench.expects("MEA-05", answer, status(*expected))


@check(requirements=("W-MEA-05", "MEA-06", "MEA-07"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def measures_are_paged_and_the_last_one_is_asked_for_alone(bench: Bench) -> Iterator[Assertion]:
    """Fifty a page, a hundred at most; newest first for the last one only; else 400."""
    who = paired(bench, READ, WRITE)
    now = bench.now()
    values = [60.25 + rank / 4 for rank in range(_PAGE + 2)]
    for rank, value in enumerate(values):
        answer = fed(bench, who, weight(who, now - timedelta(hours=rank), value))
        bench.expects("W-MEA-05", answer, status(*_TAKEN), control=True)
    dates = between(bench)
    page = searched(bench, who, *dates)
    yield bench.expects("W-MEA-05", page, at_most(_VALUES, _PAGE))
    yield bench.expects("MEA-07", page, count(_VALUES, _PAGE))
    both = [page]
    if link := page.first("link[relation=next].url"):
        token = ("Authorization", f"Bearer {who.access}")
        both.append(bench.call(None, "GET", link, headers=(token, ("Id-Token", who.identity))))
    yield bench.expects("W-MEA-05", both, count(_VALUES, _PAGE + 2))
    yield bench.expects("W-MEA-05", both, distinct(f"{_MATCHES}.id"))
    most = searched(bench, who, *dates, ("_count", "100"))
    yield bench.expects("MEA-07", most, count(_VALUES, _PAGE + 2))
    for criteria in (
        (*dates, ("_count", "101")),
        (("_sort", "-date"), ("_count", "2")),
        (("date", dates[0][1]),),
    ):
        refused = searched(bench, who, *criteria)
        yield bench.expects("W-MEA-05", refused, status(400))
        requirement = "MEA-07" if ("_count", "101") in criteria else "MEA-06"
        yield bench.expects(requirement, refused, status(400))
    last = searched(bench, who, ("_sort", "-date"), ("_count", "1"))
    yield bench.expects("W-MEA-05", last, equals(_VALUES, "60.25"))
    yield bench.expects("MEA-06", last, equals(_VALUES, "60.25"))
    yield bench.expects("MEA-06", last, present(f"{_MATCHES}.effectiveDateTime"))


@check(requirements=("CAT-14",), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def measure_is_read_as_it_was_sent(bench: Bench) -> Iterator[Assertion]:
    """Value, unit and source are those of the service; another holder's are not among them."""
    who = paired(bench, READ, WRITE)
    other = paired(bench, READ, WRITE)
    at = bench.now()
    for one, value in ((who, 71.25), (other, 83.75)):
        answer = fed(bench, one, weight(one, at, value))
        yield bench.expects("CAT-14", answer, status(*_TAKEN))
    page = searched(bench, who, *between(bench))
    yield bench.expects("CAT-14", page, equals(_VALUES, "71.25"))
    yield bench.expects("CAT-14", page, equals(f"{_MATCHES}.valueQuantity.code", "kg"))
    source = f"urn:oid:{who.solution}.1"
    yield bench.expects("CAT-14", page, includes(f"{_MATCHES}.meta.source", source))


def _component(code: str, value: int) -> Resource:
    quantity: Resource = {
        "value": value,
        "unit": "mm[Hg]",
        "system": "http://unitsofmeasure.org",
        "code": "mm[Hg]",
    }
    return {"code": {"coding": [{"system": LOINC, "code": code}]}, "valueQuantity": quantity}


def _mark(name: str, system: str, code: str) -> Resource:
    concept: Resource = {"coding": [{"system": system, "code": code}]}
    return {"url": f"{_EXTENSIONS}-{name}", "valueCodeableConcept": concept}


def _table(value: Json) -> Resource:
    return value if isinstance(value, dict) else {}
