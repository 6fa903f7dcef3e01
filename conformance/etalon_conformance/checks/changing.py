"""Changes of a document in place: status, confidentiality and archive flag, and nothing else."""

import time
from collections.abc import Iterator
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import labels_of
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    Expectation,
    distinct,
    equals,
    excludes,
    includes,
    sorted_up,
    status,
)
from etalon_conformance.record_scene import (
    DOCUMENTS,
    NEEDS,
    REFUSED,
    RFC_3986,
    UNIQUE_IDS,
    adding,
    changed,
    content_of,
    deposit,
    found,
    page_with,
    place_of,
    reads_back,
    replacing,
)
from etalon_conformance.specimens import MASKED, Specimen, specimen
from etalon_target.actors import Who
from etalon_target.people import TestPerson, TestProfessional
from etalon_wire.json_body import Json, Resource
from etalon_wire.patching import IS_ARCHIVED

_FLAG: Final = f"extension[url={IS_ARCHIVED}].valueBoolean"
_SECOND: Final = 1.1


def _document(
    bench: Bench, requirement: str, person: TestPerson, author: TestProfessional
) -> tuple[Specimen, str, str]:
    """Deposit a document; return it, its address and that of its bytes."""
    one = specimen(bench, person, author)
    deposit(bench, requirement, [one])
    page = page_with(bench, requirement, author.who, one)
    return one, place_of(page, one.unique_id), content_of(bench, page, one.unique_id)


def archiving(read: Exchange, *, archived: bool) -> Resource:
    """Return the operation that sets the archive flag of a document as it was read."""
    urls = read.value("extension.url")
    path = f"DocumentReference.extension('{IS_ARCHIVED}').value"
    if IS_ARCHIVED in urls:
        element = f"/extension/{urls.index(IS_ARCHIVED)}/valueBoolean"
        return replacing(element, archived, "valueBoolean", path)
    flag: Json = {"url": IS_ARCHIVED, "valueBoolean": archived}
    element = "/extension/-" if urls else "/extension"
    given: Json = flag if urls else [flag]
    operation = replacing(element, given, "valueExtension", "extension")
    return {**operation, "op": "add"}


def _masking() -> Resource:
    """Return the operation that masks a document from professionals."""
    return adding("securityLabel", labels_of("N", [MASKED])[1], "valueCodeableConcept")


def _relabelling() -> Resource:
    """Return the operation that leaves a document its level of confidentiality alone."""
    path = "DocumentReference.securityLabel"
    return replacing("/securityLabel", labels_of("N", []), "valueCodeableConcept", path)


_WITHDRAWAL: Final = replacing("/status", "entered-in-error", "valueCode")


def _wait(bench: Bench) -> None:
    """Let time pass that a date can show."""
    if bench.target.clock.can_move:
        bench.advance("PT1H")
    else:
        time.sleep(_SECOND)


@check(requirements=("W-REC-30", "REC-11"), needs=NEEDS, alone=True)
def changes_make_new_versions(bench: Bench) -> Iterator[Assertion]:
    """Archiving, masking and withdrawing answer the document as it is, version and date new."""
    person = bench.person()
    author = bench.treating(person)
    _, place, _ = _document(bench, "W-REC-30", person, author)
    first = bench.call(author.who, "GET", place)
    bench.expects("W-REC-30", first, status(200), control=True)
    versions = [first]
    codes = "securityLabel.coding.code"
    steps: tuple[tuple[Resource, Expectation], ...] = (
        (archiving(first, archived=True), equals(_FLAG, "true")),
        (_masking(), includes(codes, "N", MASKED)),
        (_relabelling(), excludes(codes, MASKED)),
    )
    for operation, expectation in steps:
        _wait(bench)
        answer = changed(bench, author.who, place, operation)
        yield bench.expects("W-REC-30", answer, status(200))
        yield bench.expects("W-REC-30", answer, expectation)
        read = bench.call(author.who, "GET", place)
        yield bench.expects("W-REC-30", read, expectation)
        yield bench.expects("W-REC-30", [versions[-1], answer], distinct("meta.versionId"))
        both = [versions[-1], read]
        yield bench.expects("W-REC-30", both, distinct("meta.versionId"), likely="version_not_kept")
        yield bench.expects(
            "W-REC-30", both, distinct("meta.lastUpdated"), likely="version_not_kept"
        )
        yield bench.expects("W-REC-30", both, sorted_up("meta.lastUpdated"))
        versions.append(read)
    yield bench.expects("W-REC-30", versions, distinct("meta.versionId"))
    answer = changed(bench, author.who, place, _WITHDRAWAL)
    yield bench.expects("W-REC-30", answer, status(200))
    entry, logical = "identifier[use=official].value", "identifier[use=secondary].value"
    if all(one.value(entry) for one in versions):
        yield bench.expects("REC-11", versions, distinct(entry))
    for one in versions[1:]:
        if kept := first.value(logical):
            yield bench.expects("REC-11", one, equals(logical, *kept))
        yield bench.expects("REC-11", one, equals("id", first.first("id")))


_FORBIDDEN: Final[tuple[tuple[str, Json, str], ...]] = (
    ("/description", "Autre commentaire", "valueString"),
    ("/date", "2020-01-01T00:00:00Z", "valueInstant"),
    ("/masterIdentifier/value", "urn:oid:1.2.250.1.999.9.9", "valueUri"),
    (
        "/type",
        {"coding": [{"system": "http://loinc.org", "code": "74207-2"}]},
        "valueCodeableConcept",
    ),
    ("/subject/identifier/value", "279035121518989", "valueString"),
    ("/content/0/attachment/title", "Autre titre", "valueString"),
    ("/content/0/attachment/hash", "AAAAAAAAAAAAAAAAAAAAAAAAAAA=", "valueBase64Binary"),
    ("/content/0/attachment/size", 1, "valueUnsignedInt"),
    ("/content/0/attachment/url", "https://example.org/autre", "valueUrl"),
    ("/content/0/attachment/contentType", "image/png", "valueCode"),
    ("/context/period/start", "2020-01-01T00:00:00Z", "valueDateTime"),
)
"""Elements that nobody changes in place, with another value that they could have."""

_SAID: Final = (
    "id",
    "meta.versionId",
    "masterIdentifier.value",
    "type.coding.code",
    "date",
    "description",
    "subject.identifier.value",
    "content.attachment.title",
    "content.attachment.hash",
    "content.attachment.size",
    "content.attachment.url",
    "content.attachment.contentType",
    "context.period.start",
    "securityLabel.coding.code",
)
"""What a document says, that a refused change leaves as it was."""


@check(requirements=("W-REC-31", "REC-13"), needs=NEEDS)
def other_changes_are_refused(bench: Bench) -> Iterator[Assertion]:
    """Changing any other element, alone or beside one that may be, is refused, changes nothing."""
    person = bench.person()
    author = bench.treating(person)
    _, place, _ = _document(bench, "W-REC-31", person, author)
    first = bench.call(author.who, "GET", place)
    bench.expects("W-REC-31", first, status(200), control=True)
    for element, value, kind in _FORBIDDEN:
        path = "DocumentReference" + element.replace("/0", "[0]").replace("/", ".")
        alone = replacing(element, value, kind, path)
        for operations in ([alone], [_WITHDRAWAL, alone], [alone, _WITHDRAWAL]):
            answer = changed(bench, author.who, place, *operations)
            for requirement in ("W-REC-31", "REC-13"):
                yield bench.expects(requirement, answer, status(*REFUSED), likely="refusal_hidden")
        read = bench.call(author.who, "GET", place)
        yield from _as_before(bench, first, read)
    removal: Resource = {**replacing("/description", None, "valueString"), "op": "remove"}
    answer = changed(bench, author.who, place, {k: v for k, v in removal.items() if k != "value"})
    yield bench.expects("W-REC-31", answer, status(*REFUSED))
    yield from _as_before(bench, first, bench.call(author.who, "GET", place))


def _as_before(bench: Bench, first: Exchange, read: Exchange) -> Iterator[Assertion]:
    yield bench.expects("W-REC-31", read, equals(".status", *first.value(".status")))
    for path in _SAID:
        for requirement in ("W-REC-31", "REC-13"):
            yield bench.expects(requirement, read, equals(path, *first.value(path)))


@check(requirements=("REC-12",), needs=NEEDS)
def contents_never_change(bench: Bench) -> Iterator[Assertion]:
    """Whatever is changed of a document, or refused, its bytes stay as they were."""
    person = bench.person()
    author, reader = bench.treating(person), bench.treating(person)
    one, place, address = _document(bench, "REC-12", person, author)

    def unchanged(who: Who) -> Assertion:
        read = bench.call(who, "GET", address, accept=one.media_type)
        return bench.expects("REC-12", read, equals("body", one.sha256))

    reads_back(bench, "REC-12", author.who, address, one)
    reads_back(bench, "REC-12", reader.who, address, one)
    other: Json = [{"attachment": {"contentType": "text/plain", "data": "QXV0cmU=", "size": 5}}]
    for element, value, kind in (("/content", other, "valueString"), *_FORBIDDEN[5:9]):
        path = "DocumentReference" + element.replace("/0", "[0]").replace("/", ".")
        answer = changed(bench, author.who, place, replacing(element, value, kind, path))
        yield bench.expects("REC-12", answer, status(*REFUSED))
        yield unchanged(reader.who)
    first = bench.call(author.who, "GET", place)
    for operation in (
        archiving(first, archived=True),
        archiving(first, archived=False),
        _masking(),
        _relabelling(),
    ):
        changed(bench, author.who, place, operation)
        yield unchanged(author.who)
    yield unchanged(reader.who)


@check(requirements=("W-REC-32",), needs=NEEDS)
def conditional_changes_say_how_many(bench: Bench) -> Iterator[Assertion]:
    """A conditional change that finds several references answers 412 and changes none of them."""
    person = bench.person()
    author = bench.treating(person)
    several = [specimen(bench, person, author) for _ in range(3)]
    deposit(bench, "W-REC-32", several)
    pages = found(bench, author.who, person)
    everything = [one.unique_id for one in several]
    bench.expects("W-REC-32", pages, equals(UNIQUE_IDS, *everything), control=True)
    masking = _masking()
    answer = changed(bench, author.who, _condition(several[0]), masking)
    bench.expects("W-REC-32", answer, status(200), control=True)
    for some in (several[1:], several[:0:-1], several):
        answer = changed(bench, author.who, _condition(*some), masking)
        yield bench.expects("W-REC-32", answer, status(412))
        kept = found(bench, author.who, person)
        for one in several[1:]:
            codes = f"{DOCUMENTS}[masterIdentifier.value={one.unique_id}].securityLabel.coding.code"
            yield bench.expects("W-REC-32", kept, includes(codes, "N"))
            yield bench.expects("W-REC-32", kept, excludes(codes, MASKED))
    nobody = f"DocumentReference?identifier={RFC_3986}|{bench.unique_oid()}"
    answer = changed(bench, author.who, nobody, masking)
    yield bench.expects("W-REC-32", answer, status(404), certain=False)


def _condition(*specimens: Specimen) -> str:
    tokens = ",".join(f"{RFC_3986}|{one.unique_id}" for one in specimens)
    return f"DocumentReference?identifier={tokens}"


@check(requirements=("W-REC-39",), needs=NEEDS)
def archiving_shows_in_searches(bench: Bench) -> Iterator[Assertion]:
    """Archiving and unarchiving a document change its flag, and searches by isArchived follow."""
    person = bench.person()
    author = bench.treating(person)
    one, place, _ = _document(bench, "W-REC-39", person, author)
    other = specimen(bench, person, author)
    deposit(bench, "W-REC-39", [other])
    for who, archived in ((author.who, True), (author.who, False), (author.who, True)):
        before = bench.call(who, "GET", place)
        answer = changed(bench, who, place, archiving(before, archived=archived))
        yield bench.expects("W-REC-39", answer, status(200))
        yield bench.expects("W-REC-39", answer, equals(_FLAG, str(archived).lower()))
        aside = found(bench, who, person, {"isArchived": "true"})
        others = found(bench, who, person, {"isArchived": "false"})
        its = (one.unique_id,) if archived else ()
        yield bench.expects("W-REC-39", aside, equals(UNIQUE_IDS, *its))
        rest = (other.unique_id,) if archived else (other.unique_id, one.unique_id)
        yield bench.expects("W-REC-39", others, equals(UNIQUE_IDS, *rest))
