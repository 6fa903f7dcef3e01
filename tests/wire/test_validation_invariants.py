# pyright: standard
"""The invariants, as functions of ours, hold and break where their FHIRPath does."""

import itertools
from typing import Any, Final, cast

import pytest
from fhirpathpy import evaluate
from fhirpathpy.models import models

from etalon_wire.json_body import Resource
from etalon_wire.validation.flaws import Scope
from etalon_wire.validation.invariants import RULES, is_evaluated, known_invariants
from etalon_wire.validation.references import scope_of

RELIABILITY: Final = "https://hl7.fr/ig/fhir/core/StructureDefinition/fr-core-identity-reliability"
VALIDATED: Final[dict[str, Any]] = {
    "url": RELIABILITY,
    "extension": [{"url": "identityStatus", "valueCoding": {"code": "VALI"}}],
}
OFFICIAL: Final[dict[str, Any]] = {
    "system": "urn:oid:1.2.250.1.213.1.4.10",
    "use": "official",
    "value": "279035121518989",
}
NIA: Final[dict[str, Any]] = {"system": "urn:oid:1.2.250.1.213.1.4.9", "use": "temp", "value": "3"}
ROLE: Final[dict[str, Any]] = {"resourceType": "PractitionerRole", "id": "r"}
NO_ORACLE: Final = {
    "bdl-10": "the library has no hasValue",
    "dom-3": "the library applies `as` to no collection",
    "ele-1": "the library has no hasValue",
    "per-1": "the library has no hasValue",
    "ref-1": "the library knows no %rootResource",
    "rng-2": "the library compares no quantities",
    "ext-1": "the library finds no value[x] below a resource",
    "inv-1": "the library finds no value[x] below a resource",
    "vs-3": "the library finds no value[x] below a resource",
    "mhd-startswithoid": "the expression is that of the value, ours of the identifier",
    "mhd-startswithuuid": "the expression is that of the value, ours of the identifier",
    "org-2": "the expression is that of a collection, ours of each item",
    "org-3": "the expression is that of a collection, ours of each item",
}

PRESSURE: Final[dict[str, Any]] = {"coding": [{"system": "http://loinc.org", "code": "85354-9"}]}
OBSERVED: Final[dict[str, Any]] = {"resourceType": "Observation", "code": PRESSURE}
WEIGHED: Final[dict[str, Any]] = OBSERVED | {"valueQuantity": {"value": 71}}
ABSENT: Final[dict[str, Any]] = {"dataAbsentReason": {"text": "not done"}}

BOOKED: Final[dict[str, Any]] = {"resourceType": "Appointment", "status": "booked"}
TIMES: Final[dict[str, Any]] = {"start": "2022-06-01T07:00:00Z", "end": "2022-06-01T07:15:00Z"}
WHY: Final[dict[str, Any]] = {"cancelationReason": {"text": "other"}}

CASES: Final[list[tuple[str, dict[str, Any], bool]]] = [
    ("app-1", {"actor": {"display": "a"}, "status": "accepted"}, True),
    ("app-1", {"type": [{"text": "a"}], "status": "accepted"}, True),
    ("app-1", {"status": "accepted"}, False),
    ("app-2", BOOKED | TIMES, True),
    ("app-2", BOOKED, True),
    ("app-2", BOOKED | {"start": TIMES["start"]}, False),
    ("app-3", BOOKED | TIMES, True),
    ("app-3", BOOKED | {"status": "proposed"}, True),
    ("app-3", BOOKED, False),
    ("app-4", BOOKED, True),
    ("app-4", BOOKED | WHY | {"status": "cancelled"}, True),
    ("app-4", BOOKED | WHY, False),
    ("obs-3", {"text": "normal"}, True),
    ("obs-3", {"high": {"value": 100}}, True),
    ("obs-3", {"type": {"text": "normal"}}, False),
    ("obs-6", WEIGHED, True),
    ("obs-6", OBSERVED | ABSENT, True),
    ("obs-6", WEIGHED | ABSENT, False),
    ("obs-7", WEIGHED | {"component": [{"code": {"text": "other"}}]}, True),
    ("obs-7", OBSERVED | {"component": [{"code": PRESSURE}]}, True),
    ("obs-7", WEIGHED | {"component": [{"code": PRESSURE}]}, False),
    ("vs-1", OBSERVED | {"effectiveDateTime": "2022-08-22"}, True),
    ("vs-1", OBSERVED | {"effectivePeriod": {"start": "2022"}}, True),
    ("vs-1", OBSERVED | {"effectiveDateTime": "2022-08"}, False),
    ("vs-2", WEIGHED, True),
    ("vs-2", OBSERVED | {"component": [{"code": PRESSURE}]}, True),
    ("vs-2", OBSERVED, False),
    ("vs-3", {"code": PRESSURE, "valueQuantity": {"value": 120}}, True),
    ("vs-3", {"code": PRESSURE} | ABSENT, True),
    ("vs-3", {"code": PRESSURE}, False),
    ("ext-1", {"url": "u", "valueString": "a"}, True),
    ("ext-1", {"url": "u", "extension": [{"url": "v", "valueString": "a"}]}, True),
    ("ext-1", {"url": "u"}, False),
    ("ext-1", {"url": "u", "valueString": "a", "extension": [{"url": "v"}]}, False),
    ("dom-2", {"contained": [ROLE]}, True),
    ("dom-2", {"contained": [ROLE | {"contained": [ROLE]}]}, False),
    ("dom-3", {"contained": [ROLE], "author": [{"reference": "#r"}]}, True),
    ("dom-3", {"contained": [ROLE | {"practitioner": {"reference": "#"}}]}, True),
    ("dom-3", {"contained": [ROLE], "author": [{"reference": "#s"}]}, False),
    ("dom-4", {"contained": [ROLE | {"meta": {"source": "http://a.b"}}]}, True),
    ("dom-4", {"contained": [ROLE | {"meta": {"versionId": "1"}}]}, False),
    ("dom-4", {"contained": [ROLE | {"meta": {"lastUpdated": "2022-01-01T00:00:00Z"}}]}, False),
    ("dom-5", {"contained": [ROLE]}, True),
    ("dom-5", {"contained": [ROLE | {"meta": {"security": [{"code": "R"}]}}]}, False),
    ("dom-6", {"text": {"status": "generated", "div": "<div/>"}}, True),
    ("dom-6", {"id": "a"}, False),
    ("bdl-1", {"type": "searchset", "total": 0}, True),
    ("bdl-1", {"type": "transaction", "total": 0}, False),
    ("bdl-2", {"type": "searchset", "entry": [{"search": {"mode": "match"}}]}, True),
    ("bdl-2", {"type": "transaction", "entry": [{"search": {"mode": "match"}}]}, False),
    ("bdl-3", {"type": "transaction", "entry": [{"request": {"url": "List"}}]}, True),
    ("bdl-3", {"type": "transaction", "entry": [{"fullUrl": "urn:a:b"}]}, False),
    ("bdl-3", {"type": "searchset", "entry": [{"request": {"url": "List"}}]}, False),
    ("bdl-4", {"type": "transaction-response", "entry": [{"response": {"status": "201"}}]}, True),
    ("bdl-4", {"type": "transaction-response", "entry": [{"fullUrl": "urn:a:b"}]}, False),
    ("bdl-5", {"request": {"url": "List"}}, True),
    ("bdl-5", {"fullUrl": "urn:a:b"}, False),
    ("bdl-7", {"type": "collection", "entry": [{"fullUrl": "u:1"}, {"fullUrl": "u:2"}]}, True),
    ("bdl-7", {"type": "collection", "entry": [{"fullUrl": "u:1"}, {"fullUrl": "u:1"}]}, False),
    ("bdl-8", {"fullUrl": "http://a.b/List/1"}, True),
    ("bdl-8", {"fullUrl": "http://a.b/List/1/_history/2"}, False),
    ("bdl-9", {"type": "document", "identifier": {"system": "s", "value": "v"}}, True),
    ("bdl-9", {"type": "document", "identifier": {"system": "s"}}, False),
    ("bdl-10", {"type": "document", "timestamp": "2022-01-01T00:00:00Z"}, True),
    ("bdl-10", {"type": "document"}, False),
    (
        "bdl-11",
        {"type": "document", "entry": [{"resource": {"resourceType": "Composition"}}]},
        True,
    ),
    ("bdl-11", {"type": "document", "entry": [{"resource": ROLE}]}, False),
    (
        "bdl-12",
        {"type": "message", "entry": [{"resource": {"resourceType": "MessageHeader"}}]},
        True,
    ),
    ("bdl-12", {"type": "message", "entry": [{"resource": ROLE}]}, False),
    ("lst-1", {"emptyReason": {"text": "a"}}, True),
    ("lst-1", {"emptyReason": {"text": "a"}, "entry": [{"deleted": True}]}, False),
    ("lst-2", {"mode": "changes", "entry": [{"deleted": True}]}, True),
    ("lst-2", {"mode": "working", "entry": [{"deleted": True}]}, False),
    ("lst-3", {"mode": "working", "entry": [{"date": "2022"}]}, True),
    ("lst-3", {"mode": "snapshot", "entry": [{"date": "2022"}]}, False),
    ("ref-1", {"reference": "#r"}, False),
    ("ref-1", {"reference": "List/1"}, True),
    ("per-1", {"start": "2022-03-02", "end": "2022-03-02"}, True),
    ("per-1", {"start": "2022-03", "end": "2022-03-01"}, True),
    ("per-1", {"start": "2022-03-02T10:00:00+01:00", "end": "2022-03-02T09:30:00Z"}, True),
    ("per-1", {"start": "2022-03-02T10:00:00Z", "end": "2022-03-02T10:30:00+01:00"}, False),
    ("per-1", {"start": "2022-03-02", "end": "2022-03-01"}, False),
    ("cpt-2", {"system": "email", "value": "a"}, True),
    ("cpt-2", {"value": "a"}, False),
    ("att-1", {"contentType": "text/plain", "data": "QQ=="}, True),
    ("att-1", {"data": "QQ=="}, False),
    ("qty-3", {"system": "u", "code": "a"}, True),
    ("qty-3", {"code": "a"}, False),
    ("rng-2", {"low": {"value": 1}, "high": {"value": 1}}, True),
    ("rng-2", {"low": {"value": 2}, "high": {"value": 1}}, False),
    ("rat-1", {"numerator": {"value": 1}, "denominator": {"value": 2}}, True),
    ("rat-1", {"numerator": {"value": 1}}, False),
    ("rat-1", {"id": "a"}, False),
    ("pat-1", {"name": {"family": "a"}}, True),
    ("pat-1", {"gender": "female"}, False),
    ("org-1", {"name": "a"}, True),
    ("org-1", {"active": True}, False),
    ("org-2", {"use": "work"}, True),
    ("org-2", {"use": "home"}, False),
    ("org-3", {"use": "work"}, True),
    ("org-3", {"use": "home"}, False),
    ("inv-1", {"name": "a", "valueString": "a"}, True),
    ("inv-1", {"name": "a", "part": [{"name": "b"}]}, True),
    ("inv-1", {"name": "a"}, False),
    ("inv-1", {"name": "a", "valueString": "a", "part": [{"name": "b"}]}, False),
    ("sev-1", {"name": "a"}, True),
    ("sev-1", {"name": "a", "query": "QQ=="}, False),
    ("ppc-1", {"policyRule": {"text": "a"}}, True),
    ("ppc-1", {"status": "active"}, False),
    ("fr-core-1", {"extension": [VALIDATED], "identifier": [OFFICIAL]}, True),
    ("fr-core-1", {"extension": [VALIDATED], "identifier": [NIA]}, True),
    ("fr-core-1", {"identifier": []}, True),
    ("fr-core-1", {"extension": [VALIDATED], "identifier": [OFFICIAL | {"use": "old"}]}, False),
    ("fr-core-1", {"extension": [VALIDATED], "identifier": [NIA | {"use": "official"}]}, False),
    ("fr-core-2", {"extension": [VALIDATED], "identifier": [OFFICIAL]}, True),
    ("fr-core-2", {"extension": [VALIDATED], "identifier": [OFFICIAL, OFFICIAL]}, False),
    ("fr-core-2", {"extension": [VALIDATED], "identifier": [OFFICIAL, OFFICIAL, NIA]}, True),
    ("mhd-startswithoid", {"value": "urn:oid:1.2"}, True),
    ("mhd-startswithoid", {"value": "urn:uuid:1"}, False),
    ("mhd-startswithuuid", {"value": "urn:uuid:1"}, True),
    ("mhd-startswithuuid", {"value": "urn:oid:1.2"}, False),
]
ROOTS: Final = {"bdl": "Bundle", "dom": "List", "lst": "List", "fr-": "Patient", "ppc": "Consent"}


def whole(key: str, value: dict[str, Any]) -> Resource:
    """Return the value as the resource it stands for, where the invariant is of a resource."""
    kind = ROOTS.get(key[:3])
    is_entry = key in ("bdl-5", "bdl-8")
    return cast("Resource", {"resourceType": kind} | value if kind and not is_entry else value)


@pytest.mark.parametrize(("key", "value", "holds"), CASES)
def test_each_invariant_holds_and_breaks(key: str, value: dict[str, Any], *, holds: bool) -> None:
    """The function of each key, on both sides of its boundary."""
    resource = whole(key, value)
    scope = scope_of(resource) if "resourceType" in resource else Scope(resource)
    assert (not RULES[key](resource, scope)) is holds


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    ("key", "value", "holds"), [case for case in CASES if case[0] not in NO_ORACLE]
)
def test_the_expression_of_fhir_says_the_same(
    key: str, value: dict[str, Any], *, holds: bool
) -> None:
    """An independent evaluator of FHIRPath gives the answer of our function."""
    resource = whole(key, value)
    answer = evaluate(
        resource, known_invariants()[key].expression, {"resource": resource}, models["r4"]
    )
    assert answer == [holds]


def test_every_invariant_of_fhir_has_a_case_on_each_side() -> None:
    """Each key with an expression holds somewhere and breaks somewhere."""
    sides = {key: {holds for _, _, holds in group} for key, group in by_key()}
    asked = {key for key, held in known_invariants().items() if held.expression} - {"ele-1"}
    assert sides == {key: {True, False} for key in asked}


def by_key() -> list[tuple[str, list[tuple[str, dict[str, Any], bool]]]]:
    """Return the cases of each key."""
    ordered = sorted(CASES, key=lambda case: case[0])
    return [(key, list(group)) for key, group in itertools.groupby(ordered, lambda case: case[0])]


def test_an_invariant_with_another_expression_is_not_ours() -> None:
    """The key alone does not make it the same rule; blanks do not make it another."""
    expression = known_invariants()["lst-1"].expression
    assert is_evaluated("lst-1", expression.replace(" ", "  "))
    assert not is_evaluated("lst-1", expression + " or true")
    assert not is_evaluated("no-such-key", expression)
