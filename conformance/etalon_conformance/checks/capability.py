"""What a server says of itself."""

from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import FHIR_JSON, FHIR_XML, Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    equals,
    includes,
    matches,
    one_of,
    status,
)

_DENIED: Final = (401, 403)
_SEARCHED: Final = ("DocumentReference", "List")


@check(requirements=("W-COM-03",))
def capability_statement_says_fhir_r4(bench: Bench) -> Iterator[Assertion]:
    """GET /metadata answers 200 and a CapabilityStatement of FHIR 4.0.1 that declares resources."""
    for form in (FHIR_JSON, FHIR_XML):
        answer = _statement(bench, form)
        yield bench.expects("W-COM-03", answer, status(200))
        yield bench.expects("W-COM-03", answer, equals("resourceType", "CapabilityStatement"))
        yield bench.expects("W-COM-03", answer, equals("fhirVersion", "4.0.1"))
        yield bench.expects("W-COM-03", answer, one_of("kind", "instance", "capability"))
        yield bench.expects("W-COM-03", answer, includes("rest.mode", "server"))
        yield bench.expects("W-COM-03", answer, matches("rest.resource.type", "[A-Z][A-Za-z]+"))


@check(requirements=("W-COM-03",), suites=("records-server", "whole-service"))
def capability_statement_declares_records(bench: Bench) -> Iterator[Assertion]:
    """The CapabilityStatement declares transactions, and searches of documents and of lists."""
    answer = _statement(bench, FHIR_JSON)
    bench.expects("W-COM-03", answer, status(200), control=True)
    yield bench.expects("W-COM-03", answer, includes("rest.resource.type", *_SEARCHED))
    for kind in _SEARCHED:
        declared = f"rest.resource[type={kind}].interaction.code"
        yield bench.expects("W-COM-03", answer, includes(declared, "search-type"))
    yield bench.expects("W-COM-03", answer, includes("rest.interaction.code", "transaction"))


def _statement(bench: Bench, form: str) -> Exchange:
    """Ask for the statement: as nobody, or as a professional where the server says who may."""
    answer = bench.call(None, "GET", "metadata", accept=form)
    if answer.status in _DENIED:
        return bench.call(bench.professional().who, "GET", "metadata", accept=form)
    return answer
