"""What a server says of itself."""

from collections.abc import Iterator

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import equals, includes, matches, one_of, status


@check(requirements=("W-COM-03",))
def capability_statement_says_fhir_r4(bench: Bench) -> Iterator[Assertion]:
    """GET /metadata answers 200 and a CapabilityStatement of FHIR 4.0.1 that declares documents."""
    answer = bench.call(None, "GET", "metadata")
    yield bench.expects("W-COM-03", answer, status(200))
    yield bench.expects("W-COM-03", answer, equals("resourceType", "CapabilityStatement"))
    yield bench.expects("W-COM-03", answer, equals("fhirVersion", "4.0.1"))
    yield bench.expects("W-COM-03", answer, includes("rest.mode", "server"))
    yield bench.expects("W-COM-03", answer, matches("rest.resource.type", "[A-Z][A-Za-z]+"))
    if bench.target.speaks_own_wire:
        declared = "rest.resource[type=DocumentReference].interaction.code"
        yield bench.expects("W-COM-03", answer, includes(declared, "search-type"))
    yield bench.expects(
        "W-COM-03", answer, one_of("kind", "instance", "capability", "requirements")
    )
