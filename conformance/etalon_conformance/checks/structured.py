"""Structured documents (CDA): their reference says what their header says."""

from collections.abc import Iterator

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import instant
from etalon_conformance.expectations import includes
from etalon_conformance.record_scene import (
    DOCUMENTS,
    NEEDS,
    content_of,
    deposit,
    page_with,
    reads_back,
    said,
)
from etalon_conformance.structured import Header, header_of, structured


@check(requirements=("W-CDA-03",), needs=NEEDS)
def structured_metadata_are_those_of_the_header(bench: Bench) -> Iterator[Assertion]:
    """The metadata of a CDA document, as returned, are those of the header that is read."""
    person = bench.person()
    author, reader = bench.treating(person), bench.treating(person)
    for who, level in zip((author.who, reader.who, person.who), ("N", "R", "V"), strict=True):
        one = structured(bench, person, author, level)
        deposit(bench, "W-CDA-03", [one])
        page = page_with(bench, "W-CDA-03", who, one)
        address = content_of(bench, page, one.unique_id) or "Binary"
        read = reads_back(bench, "W-CDA-03", who, address, one)
        header = header_of(read.body)
        if header is None:
            continue
        document = f"{DOCUMENTS}[masterIdentifier.value={one.unique_id}]"
        for expectation in said(document, _said(header)):
            yield bench.expects("W-CDA-03", page, expectation)
        patient = f"{document}.contained[resourceType=Patient].identifier.value"
        yield bench.expects("W-CDA-03", page, includes(patient, header.ins))
        names = f"{document}.contained[resourceType=Practitioner].name.family"
        yield bench.expects("W-CDA-03", page, includes(names, header.family))
        given = f"{document}.contained[resourceType=Practitioner].name.given"
        yield bench.expects("W-CDA-03", page, includes(given, one.given))
        known = f"{document}.contained[resourceType=Practitioner].identifier.value"
        yield bench.expects("W-CDA-03", page, includes(known, author.rpps))
        setting = f"{document}.context.practiceSetting.coding.code"
        yield bench.expects("W-CDA-03", page, includes(setting, one.setting.code))
        codes = f"{document}.securityLabel.coding.code"
        yield bench.expects("W-CDA-03", page, includes(codes, header.level))


def _said(header: Header) -> dict[str, str]:
    """Return what a reference has to say, by path."""
    return {
        "masterIdentifier.value": header.unique_id,
        "type.coding.code": header.kind,
        "content.attachment.title": header.title,
        "context.period.start": instant(header.started),
        "context.period.end": instant(header.ended),
        "context.facilityType.coding.code": header.facility,
        "content.format.code": "urn:ihe:iti:xds-sd:text:2008",
        "category.coding.code": "52",
    }
