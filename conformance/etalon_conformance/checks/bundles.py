"""The deposit by transaction (ITI-65): answered in order, whole or not at all."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from typing import Final, cast

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import bundle, bundle_of, simplified, superseding
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    Expectation,
    absent,
    count,
    equals,
    excludes,
    includes,
    matches,
    one_of,
    status,
)
from etalon_conformance.record_scene import (
    LISTS,
    NEEDS,
    NOT_OFFERED,
    REFUSED,
    UNIQUE_IDS,
    colleague,
    deposit,
    found,
    matricule,
    publish,
    sent,
    target_of,
)
from etalon_conformance.specimens import Specimen, media_types, specimen
from etalon_target.actors import Who
from etalon_target.people import TestPerson
from etalon_wire.json_body import Json, Resource

CREATED: Final = r"201(\s.*)?"
_DONE: Final = r"2\d\d(\s.*)?"
_TAKEN: Final = range(200, 300)
_SEVERITIES: Final = "fatal|error|warning|information"
_HISTORY: Final = r"(/_history/[^/?]+)?"


@check(requirements=("W-REC-01",), needs=NEEDS)
def bundle_is_answered_in_its_order(bench: Bench) -> Iterator[Assertion]:
    """A provided bundle answers 200 and, entry by entry in order, 201 and where each thing is."""
    person = bench.person()
    author, other = bench.treating(person), colleague(bench, person)
    kinds = [media_types()[:1], media_types(), media_types()[:3]]
    for rank, several in enumerate(kinds):
        who = other if rank == 1 else author
        specimens = [specimen(bench, person, who, media_type=one) for one in several]
        whole = bundle(bench, specimens, folder_title="Suivi « à vie »" if rank == 1 else "")
        answer = sent(bench, who.who, whole)
        yield bench.expects("W-REC-01", answer, status(200))
        yield bench.expects("W-REC-01", answer, equals("resourceType", "Bundle"))
        yield bench.expects("W-REC-01", answer, equals(".type", "transaction-response"))
        entries = cast("list[Resource]", whole["entry"])
        yield bench.expects("W-REC-01", answer, count("entry.response.status", len(entries)))
        yield from _each_created(bench, answer, entries)
        yield from _each_there(bench, who.who, answer, entries)


def _each_created(
    bench: Bench, answer: Exchange, entries: Sequence[Resource]
) -> Iterator[Assertion]:
    for rank, entry in enumerate(entries):
        kind = _kind(entry)
        at = f"entry[{rank}].response"
        yield bench.expects("W-REC-01", answer, matches(f"{at}.status", CREATED))
        address = rf"(.*/)?{kind}/[A-Za-z0-9.-]{{1,64}}{_HISTORY}"
        # Where bytes are is what their reference says: MHD lets a Binary be anything.
        if kind != "Binary" or answer.value(f"{at}.location"):
            yield bench.expects("W-REC-01", answer, matches(f"{at}.location", address))


def _each_there(
    bench: Bench, who: Who, answer: Exchange, entries: Sequence[Resource]
) -> Iterator[Assertion]:
    """Whether each location leads to what stood at that rank of the bundle."""
    for rank, entry in enumerate(entries):
        resource = cast("Resource", entry["resource"])
        kind, ident = target_of(answer.first(f"entry[{rank}].response.location"))
        if _kind(entry) == "DocumentReference" and ident:
            read = bench.call(who, "GET", f"{kind}/{ident}")
            master = cast("Resource", resource["masterIdentifier"])
            path = "masterIdentifier.value"
            yield bench.expects(
                "W-REC-01", read, equals(path, str(master["value"])), likely="order_lost"
            )
        if _kind(entry) == "List" and ident:
            read = bench.call(who, "GET", f"{kind}/{ident}")
            yield bench.expects("W-REC-01", read, equals("title", str(resource["title"])))


def _kind(entry: Resource) -> str:
    return str(cast("Resource", entry["resource"])["resourceType"])


Damage = Callable[[Resource], None]
"""Makes a DocumentReference one that is not valid."""


def put(name: str, value: Json) -> Damage:
    """Return the damage that gives an element a value."""

    def damage(resource: Resource) -> None:
        resource[name] = value

    return damage


def drop(name: str) -> Damage:
    """Return the damage that leaves an element out."""

    def damage(resource: Resource) -> None:
        resource.pop(name, None)

    return damage


def attached(name: str, value: Json) -> Damage:
    """Return the damage that gives an element of the attachment a value; None leaves it out."""

    def damage(resource: Resource) -> None:
        contents = cast("list[Resource]", resource["content"])
        attachment = cast("Resource", contents[0]["attachment"])
        if value is None:
            attachment.pop(name, None)
        else:
            attachment[name] = value

    return damage


def undescribed(name: str) -> Damage:
    """Return the damage that leaves an element of the content out."""

    def damage(resource: Resource) -> None:
        cast("list[Resource]", resource["content"])[0].pop(name, None)

    return damage


def out_of_context(name: str) -> Damage:
    """Return the damage that leaves an element of the context out."""

    def damage(resource: Resource) -> None:
        cast("Resource", resource["context"]).pop(name, None)

    return damage


INVALID: Final[tuple[Damage, ...]] = (
    put("status", "valid"),
    drop("status"),
    drop("content"),
    put("content", []),
    put("content", {"attachment": {"contentType": "text/plain"}}),
    put("date", "2022-13-45T25:00:00Z"),
    put("date", "hier"),
    put("masterIdentifier", "urn:oid:1.2.3"),
    put("author", "Dr Évrard"),
    put("relatesTo", [{"code": "remplace", "target": {"reference": "DocumentReference/1"}}]),
    put("relatesTo", [{"code": "appends"}]),
    put("description", 12),
    put("securityLabel", [["N"]]),
    put("resourceType", "DocumentReferense"),
    attached("size", -5),
    attached("size", "vingt"),
    attached("creation", "2022-99-99"),
)
"""What FHIR R4 forbids: cardinalities, codes of required bindings, types, forms of values."""

UNREADABLE: Final = (
    b"{",
    b"[]",
    b"null",
    b'"Bundle"',
    b"\xff\xfe\x00{",
    b"{'resourceType': 'Bundle'}",
)


def damaged(bench: Bench, specimens: Sequence[Specimen], rank: int, damage: Damage) -> Resource:
    """Return a bundle of which one document is damaged."""
    whole = deepcopy(bundle(bench, specimens))
    entries = cast("list[Resource]", whole["entry"])
    documents = [one for one in entries if _kind(one) == "DocumentReference"]
    damage(cast("Resource", documents[rank]["resource"]))
    return whole


def explained() -> Expectation:
    """An OperationOutcome says why."""
    return matches("issue.severity", _SEVERITIES)


@check(requirements=("W-REC-05a",), needs=NEEDS)
def invalid_resource_is_refused(bench: Bench) -> Iterator[Assertion]:
    """What is no valid FHIR R4, or no FHIR at all, is refused (4xx) with an OperationOutcome."""
    person = bench.person()
    author = bench.treating(person)
    deposit(bench, "W-REC-05a", [specimen(bench, person, author)])
    for damage in INVALID:
        one = specimen(bench, person, author)
        answer = sent(bench, author.who, damaged(bench, [one], 0, damage))
        yield bench.expects("W-REC-05a", answer, status(*REFUSED))
        yield bench.expects("W-REC-05a", answer, explained())
    for body in UNREADABLE:
        answer = sent(bench, author.who, body)
        yield bench.expects("W-REC-05a", answer, status(*REFUSED))
        yield bench.expects("W-REC-05a", answer, explained())


PDSM_ONLY: Final[tuple[Damage, ...]] = (
    drop("masterIdentifier"),
    drop("type"),
    drop("category"),
    drop("author"),
    drop("custodian"),
    drop("securityLabel"),
    attached("title", None),
    attached("creation", None),
    attached("language", None),
    attached("contentType", None),
    undescribed("format"),
    out_of_context("period"),
    out_of_context("facilityType"),
    out_of_context("practiceSetting"),
    out_of_context("sourcePatientInfo"),
)
"""Elements that PDSm makes mandatory and FHIR R4 does not."""


@check(requirements=("W-REC-05b", "REC-04"), needs=NEEDS)
def missing_metadata_are_refused(bench: Bench) -> Iterator[Assertion]:
    """A document reference without an element that PDSm makes mandatory is refused, and why."""
    person = bench.person()
    author = bench.treating(person)
    deposit(bench, "W-REC-05b", [specimen(bench, person, author)])
    for damage in PDSM_ONLY:
        one = specimen(bench, person, author)
        answer = sent(bench, author.who, damaged(bench, [one], 0, damage))
        for requirement in ("W-REC-05b", "REC-04"):
            yield bench.expects(requirement, answer, status(*REFUSED))
        yield bench.expects("W-REC-05b", answer, explained())


def impossible(bench: Bench, specimens: Sequence[Specimen], *, first: bool) -> Resource:
    """Return a bundle of valid documents, one entry of which changes what does not exist."""
    whole = bundle(bench, specimens)
    nothing = superseding(str(bench.unique_uuid()), f"urn:uuid:{bench.unique_uuid()}")
    entry = cast("list[Json]", bundle_of([nothing])["entry"])
    entries = cast("list[Json]", whole["entry"])
    return {**whole, "entry": [*entry, *entries] if first else [*entries, *entry]}


@check(requirements=("W-REC-02",), needs=NEEDS)
def failed_bundle_leaves_nothing(bench: Bench) -> Iterator[Assertion]:
    """A bundle of which one entry fails, first or last, is refused whole: nothing is kept."""
    person = bench.person()
    author, reader = bench.treating(person), bench.treating(person)
    before = specimen(bench, person, author)
    deposit(bench, "W-REC-02", [before])
    tried: list[str] = []
    sets: list[str] = []
    damages = (INVALID[0], INVALID[2], INVALID[5], INVALID[7], None, None)
    for rank, damage in enumerate(damages):
        several = [specimen(bench, person, author) for _ in range(3)]
        if damage is None:
            whole = impossible(bench, several, first=rank % 2 == 0)
        else:
            whole = damaged(bench, several, rank % 3, damage)
        answer = sent(bench, author.who, whole)
        if damage is not None and answer.status in _TAKEN:
            # Nothing fails to this server; that it should is what W-REC-05a says.
            yield bench.expects("W-REC-02", answer, matches("entry.response.status", _DONE))
            continue
        tried += [one.unique_id for one in several]
        sets += _identifiers(whole)
        yield bench.expects("W-REC-02", answer, status(*REFUSED))
        yield bench.expects("W-REC-02", answer, explained())
    for who in (author.who, reader.who, person.who):
        kept = found(bench, who, person)
        bench.expects("W-REC-02", kept, includes(UNIQUE_IDS, before.unique_id), control=True)
        yield bench.expects("W-REC-02", kept, excludes(UNIQUE_IDS, *tried), likely="no_transaction")
    lists = _lists(bench, author.who, person)
    yield bench.expects("W-REC-02", lists, excludes(f"{LISTS}.identifier.value", *sets))


def _lists(bench: Bench, who: Who, person: TestPerson) -> tuple[Exchange, ...]:
    asked = f"patient.identifier={matricule(person)}&code=submissionset&status=current"
    return bench.pages(bench.call(who, "GET", f"List?{asked}"), who)


def _identifiers(whole: Resource) -> list[str]:
    """Return the unique identifier of each list of a bundle."""
    entries = cast("list[Resource]", whole["entry"])
    lists = [cast("Resource", one["resource"]) for one in entries if _kind(one) == "List"]
    return [str(cast("list[Resource]", one["identifier"])[0]["value"]) for one in lists]


@check(requirements=("W-REC-07",), needs=NEEDS)
def wrong_size_or_hash_is_refused(bench: Bench) -> Iterator[Assertion]:
    """A document whose size or hash is not that of its bytes is refused, and nothing is kept."""
    person = bench.person()
    author = bench.treating(person)
    right = specimen(bench, person, author)
    deposit(bench, "W-REC-07", [right])
    wrong = (
        attached("hash", "AAAAAAAAAAAAAAAAAAAAAAAAAAA="),
        attached("hash", specimen(bench, person, author).hash),
        attached("size", right.size + 100_000),
        attached("size", 1),
    )
    tried: list[str] = []
    for damage in wrong:
        one = specimen(bench, person, author)
        tried.append(one.unique_id)
        answer = sent(bench, author.who, damaged(bench, [one], 0, damage))
        yield bench.expects(
            "W-REC-07", answer, status(*REFUSED), certain=False, likely="hash_not_checked"
        )
    for damage in wrong:
        one = specimen(bench, person, author)
        tried.append(one.unique_id)
        resource = deepcopy(simplified(one))
        damage(resource)
        answer = publish(bench, one, resource)
        if answer.status in NOT_OFFERED:
            break
        yield bench.expects(
            "W-REC-07", answer, status(*REFUSED), certain=False, likely="hash_not_checked"
        )
    kept = found(bench, author.who, person)
    yield bench.expects("W-REC-07", kept, excludes(UNIQUE_IDS, *tried), certain=False)


@check(requirements=("REC-03",), needs=NEEDS)
def type_out_of_its_class_is_refused(bench: Bench) -> Iterator[Assertion]:
    """A document of which the type is not of the class is refused."""
    person = bench.person()
    author = bench.treating(person)
    right = specimen(bench, person, author, kind="11488-4")
    deposit(bench, "REC-03", [right])
    for kind, other in (("11488-4", "57833-6"), ("PRESC-BIO", "18748-4"), ("60591-5", "89601-9")):
        elsewhere = specimen(bench, person, author, kind=other).class_
        one = specimen(bench, person, author, kind=kind, class_=elsewhere)
        answer = sent(bench, author.who, bundle(bench, [one]))
        yield bench.expects("REC-03", answer, status(*REFUSED))
        yield bench.expects("REC-03", answer, absent("entry.response.location"))
    kept = found(bench, author.who, person)
    yield bench.expects("REC-03", kept, one_of(UNIQUE_IDS, right.unique_id))
