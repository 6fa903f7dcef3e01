"""What a record holds: forms of contents, sizes and hashes, viruses, one document for a name."""

import base64
import hashlib
from collections.abc import Iterator, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import TYPE_CHECKING, Final, cast

from etalon_conformance.bench import FHIR_XML, Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.checks.bundles import Damage, attached, damaged, impossible, put
from etalon_conformance.deposits import bundle, simplified
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import count, equals, excludes, includes, status
from etalon_conformance.record_scene import (
    DOCUMENTS,
    LISTS,
    NEEDS,
    NOT_OFFERED,
    REFUSED,
    RFC_3986,
    UNIQUE_IDS,
    content_of,
    deposit,
    found,
    page_with,
    publish,
    sent,
)
from etalon_conformance.rights_scene import never_kept
from etalon_conformance.seeing import SEEN_BY_ALL, kept, laid, lists_found, sees
from etalon_conformance.specimens import Specimen, class_of, media_types, specimen
from etalon_conformance.structured import structured
from etalon_target.people import TestPerson, TestProfessional

if TYPE_CHECKING:
    from etalon_wire.json_body import Json, Resource

_STOPPAGE: Final = "PRESC-AAT"
_NOT_HELD: Final = (
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "application/msword",
    "application/zip",
    "application/octet-stream",
    "application/json",
    "text/html",
    "image/png",
    "image/gif",
    "image/svg+xml",
    "video/mp4",
)
"""Media types that a record of care holds none of."""


def _by_publication(bench: Bench, one: Specimen, resource: "Resource") -> Iterator[Exchange]:
    """Publish a document in other words; yield the answer where publications are offered."""
    answer = publish(bench, one, resource)
    if answer.status not in NOT_OFFERED:
        yield answer


@check(requirements=("REC-29",), needs=NEEDS)
def other_contents_are_refused(bench: Bench) -> Iterator[Assertion]:
    """A structured document is taken; archives, pages, films or word processing are refused."""
    person = bench.person(age=41)
    author, reader = bench.treating(person), bench.treating(person)
    clinical = structured(bench, person, author)
    answer = sent(bench, author.who, bundle(bench, [clinical]))
    yield bench.expects("REC-29", answer, status(200))
    tried: list[Specimen] = []
    for media_type in _NOT_HELD:
        one, other = (
            replace(specimen(bench, person, author), media_type=media_type) for _ in range(2)
        )
        tried += [one, other]
        answers = (
            sent(bench, author.who, bundle(bench, [one])),
            *_by_publication(bench, other, simplified(other)),
        )
        for each in answers:
            yield bench.expects("REC-29", each, status(*REFUSED))
    yield from never_kept(bench, "REC-29", author.who, *tried)
    for media_type in media_types():
        one = specimen(bench, person, author, media_type=media_type, kind=SEEN_BY_ALL)
        yield from sees(bench, "REC-29", reader.who, laid(bench, one))


@check(requirements=("REC-27",), needs=NEEDS)
def work_stoppage_is_nothing_else(bench: Bench) -> Iterator[Assertion]:
    """A work-stoppage notice is found among prescriptions, and is refused as a certificate."""
    person = bench.person(age=36)
    author = bench.treating(person)
    one = specimen(bench, person, author, kind=_STOPPAGE)
    beside = specimen(bench, person, author, kind="89601-9")
    deposit(bench, "REC-27", [one, beside])
    published = specimen(bench, person, author, kind=_STOPPAGE)
    names = [one.unique_id]
    if publish(bench, published).status not in NOT_OFFERED:
        names.append(published.unique_id)
    for who in (author.who, bench.treating(person).who, person.who):
        for criteria, expected in (
            ({"type": one.kind.token}, names),
            ({"category": one.class_.token}, names),
            ({"category": beside.class_.token}, [beside.unique_id]),
        ):
            pages = found(bench, who, person, criteria)
            yield bench.expects("REC-27", pages, equals(UNIQUE_IDS, *expected))
    for other in ("89601-9", "11488-4", "60591-5"):
        wrong = specimen(bench, person, author, kind=_STOPPAGE, class_=class_of(other))
        answer = sent(bench, author.who, bundle(bench, [wrong]))
        yield bench.expects("REC-27", answer, status(*REFUSED))
        yield from never_kept(bench, "REC-27", author.who, wrong)


_EICAR: Final = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS" + rb"-TEST-FILE!$H+H*"


@check(requirements=("REC-31",), needs=NEEDS)
def infected_content_comes_by_no_way(bench: Bench) -> Iterator[Assertion]:
    """Infected, a content is refused of whatever form, beside others, or as a newer version."""
    person = bench.person(age=60)
    author, nurse = bench.treating(person), bench.treating(person, "60")
    sound = kept(bench, person, author)
    ident = sound.place.rpartition("/")[2]
    tried: list[Specimen] = []
    lots: list[list[Specimen]] = [
        [specimen(bench, person, author, media_type=one, content=_EICAR)] for one in media_types()
    ]
    lots.append([specimen(bench, person, author), *_infected(bench, person, author)])
    lots.append(_infected(bench, person, nurse))
    lots.append(_infected(bench, person, author, kind=sound.one.kind.code, replaces=ident))
    for several in lots:
        tried += several
        answer = sent(bench, several[0].author.who, bundle(bench, several))
        yield bench.expects("REC-31", answer, status(*REFUSED))
    for one in _infected(bench, person, author):
        tried.append(one)
        for answer in _by_publication(bench, one, simplified(one)):
            yield bench.expects("REC-31", answer, status(*REFUSED))
    yield from never_kept(bench, "REC-31", author.who, *tried)
    yield from sees(bench, "REC-31", author.who, sound)


def _infected(
    bench: Bench, person: TestPerson, author: TestProfessional, kind: str = "", replaces: str = ""
) -> list[Specimen]:
    return [specimen(bench, person, author, kind=kind, content=_EICAR, replaces=replaces)]


def _misdescribed(one: Specimen) -> Iterator[Damage]:
    """Yield what makes a reference say another size or hash than the bytes have, by a little."""
    raw = base64.b64decode(one.hash)
    yield attached("size", one.size + 1)
    yield attached("size", one.size - 1)
    yield attached("size", len(one.base64))
    yield attached("size", 0)
    yield attached("hash", base64.b64encode(bytes([raw[0] ^ 1]) + raw[1:]).decode())
    yield attached("hash", base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode())
    of_text = hashlib.sha1(one.base64.encode(), usedforsecurity=False).digest()
    yield attached("hash", base64.b64encode(of_text).decode())
    yield attached("hash", base64.b64encode(hashlib.sha256(one.content).digest()).decode())


@check(requirements=("W-REC-07",), needs=NEEDS)
def size_and_hash_are_those_of_the_bytes(bench: Bench) -> Iterator[Assertion]:
    """A size or a hash that is off by little, in the first or the second document, is refused."""
    person = bench.person(age=37)
    author = bench.treating(person)
    right = kept(bench, person, author)
    tried: list[Specimen] = []
    kinds = media_types()
    ways = len(tuple(_misdescribed(right.one)))
    for rank in range(ways):
        several = [
            specimen(bench, person, author, media_type=kinds[(rank + each) % len(kinds)])
            for each in range(2)
        ]
        simple = specimen(bench, person, author)
        tried += [*several, simple]
        damage = tuple(_misdescribed(several[rank % 2]))[rank]
        resource = deepcopy(simplified(simple))
        tuple(_misdescribed(simple))[rank](resource)
        answers = (
            sent(bench, author.who, damaged(bench, several, rank % 2, damage)),
            *_by_publication(bench, simple, resource),
        )
        for answer in answers:
            wrong = status(*REFUSED)
            yield bench.expects("W-REC-07", answer, wrong, certain=False, likely="hash_not_checked")
    yield from never_kept(bench, "W-REC-07", author.who, *tried, certain=False)
    yield from sees(bench, "W-REC-07", author.who, right)


@check(requirements=("W-REC-16", "REC-12"), needs=NEEDS)
def name_that_is_taken_makes_no_second_document(bench: Bench) -> Iterator[Assertion]:
    """By publication, twice in one bundle, after a replacement: a name is that of one document."""
    person = bench.person(age=56)
    author, other = bench.treating(person), bench.treating(person, "60")
    one = kept(bench, person, author)
    name = one.one.unique_id
    for who in (author, other):
        again = specimen(bench, person, who, kind=SEEN_BY_ALL, unique_id=name)
        publish(bench, again)
        sent(bench, who.who, bundle(bench, [specimen(bench, person, who), again]))
        yield from _is_alone(bench, one.one)
    double = specimen(bench, person, author, kind=SEEN_BY_ALL)
    twin = specimen(bench, person, author, kind=SEEN_BY_ALL, unique_id=double.unique_id)
    sent(bench, author.who, bundle(bench, [double, twin]))
    named = found(bench, author.who, person, {"identifier": f"{RFC_3986}|{double.unique_id}"})
    unique = excludes(UNIQUE_IDS, double.unique_id)
    if any(page.value(UNIQUE_IDS) for page in named):
        unique = count(UNIQUE_IDS, 1)
    yield bench.expects("W-REC-16", named, unique)
    ident = one.place.rpartition("/")[2]
    newer = specimen(bench, person, author, kind=SEEN_BY_ALL, replaces=ident)
    deposit(bench, "W-REC-16", [newer])
    late = specimen(bench, person, author, kind=SEEN_BY_ALL, unique_id=name)
    sent(bench, author.who, bundle(bench, [late]))
    criteria = {"status": "current,superseded", "identifier": f"{RFC_3986}|{one.one.unique_id}"}
    either = found(bench, author.who, person, criteria, current=False)
    yield bench.expects("W-REC-16", either, count(UNIQUE_IDS, 1))


def _is_alone(bench: Bench, one: Specimen) -> Iterator[Assertion]:
    """Whether a name is that of one document, with the bytes that it had first."""
    criteria = {"identifier": f"{RFC_3986}|{one.unique_id}"}
    named = found(bench, one.author.who, one.person, criteria)
    yield bench.expects("W-REC-16", named, equals(UNIQUE_IDS, one.unique_id))
    page = page_with(bench, "W-REC-16", one.author.who, one)
    address = content_of(bench, page, one.unique_id) or "Binary"
    read = bench.call(one.author.who, "GET", address, accept=one.media_type)
    for requirement in ("W-REC-16", "REC-12"):
        yield bench.expects(requirement, read, equals("body", one.sha256))


def _entry(kind: str, name: str, value: "Json") -> Damage:
    """Return the damage that gives an element of the first entry of a type a value, or none."""

    def damage(whole: "Resource") -> None:
        entries = cast("list[Resource]", whole["entry"])
        resources = [cast("Resource", one["resource"]) for one in entries]
        chosen = next(one for one in resources if one["resourceType"] == kind)
        if value is None:
            chosen.pop(name, None)
        else:
            chosen[name] = value

    return damage


def _asked(name: str, value: "Json") -> Damage:
    """Return the damage that gives an element of the request of the last entry a value, or none."""

    def damage(whole: "Resource") -> None:
        entries = cast("list[Resource]", whole["entry"])
        request = cast("Resource", entries[-1]["request"])
        if value is None:
            request.pop(name, None)
        else:
            request[name] = value

    return damage


_UNSOUND: Final[tuple[Damage, ...]] = (
    _entry("List", "status", None),
    _entry("List", "status", "rangé"),
    _entry("List", "mode", None),
    _entry("List", "mode", "permanent"),
    _entry("List", "entry", [{"flag": {"text": "sans objet"}}]),
    _entry("Binary", "contentType", None),
    _entry("Binary", "data", "€"),
    _entry("Binary", "data", ["Tm90ZQ=="]),
    _asked("method", None),
    _asked("method", "POSTE"),
    _asked("url", None),
    put("type", None),
    put("type", "lot"),
    put("resourceType", "Lot"),
)
"""What FHIR R4 forbids of the bundle, of its lists, of its bytes or of its requests."""


@check(requirements=("W-REC-05a", "W-REC-02"), needs=NEEDS)
def unsound_bundle_leaves_nothing(bench: Bench) -> Iterator[Assertion]:
    """A fault of FHIR in a list, a Binary, a request or the bundle has it refused, nothing kept."""
    person = bench.person(age=68)
    author = bench.treating(person)
    right = kept(bench, person, author)
    before = _list_names(bench, author, person)
    tried: list[Specimen] = []
    for damage in _UNSOUND:
        several = [specimen(bench, person, author) for _ in range(2)]
        tried += several
        whole = deepcopy(bundle(bench, several))
        damage(whole)
        if whole["type"] is None:
            whole = {name: value for name, value in whole.items() if name != "type"}
        answer = sent(bench, author.who, whole)
        yield bench.expects("W-REC-05a", answer, status(*REFUSED))
    for named in ("W-REC-05a", "W-REC-02"):
        yield from never_kept(bench, named, author.who, *tried)
        yield from sees(bench, named, author.who, right)
    names = f"{LISTS}.identifier.value"
    lists = lists_found(bench, author.who, person)
    yield bench.expects("W-REC-02", lists, equals(names, *before))


def _list_names(bench: Bench, who: TestProfessional, person: TestPerson) -> Sequence[str]:
    pages = lists_found(bench, who.who, person)
    return [one for page in pages for one in page.value(f"{LISTS}.identifier.value")]


@check(requirements=("W-REC-02",), needs=NEEDS)
def what_failed_is_deposited_again(bench: Bench) -> Iterator[Assertion]:
    """Once mended, a bundle that failed is taken as if it had never come, whatever failed in it."""
    person, other = bench.person(age=46), bench.person(age=47)
    author = bench.treating(person)
    stranger = bench.treating(other)
    taken = kept(bench, person, author)
    theirs = kept(bench, other, stranger)
    for rank in range(5):
        several = [specimen(bench, person, author) for _ in range(3)]
        lots = (
            impossible(bench, several, first=True),
            impossible(bench, several, first=False),
            damaged(bench, several, 2, put("status", "valid")),
            bundle(bench, [*several, replace(taken.one, comment="Encore")]),
            bundle(bench, [*several, _of_another(bench, author, person, theirs.place)]),
        )
        answer = sent(bench, author.who, lots[rank])
        yield bench.expects("W-REC-02", answer, status(*REFUSED), control=rank >= _SURE)
        yield from never_kept(bench, "W-REC-02", author.who, *several)
        again = sent(bench, author.who, bundle(bench, several))
        yield bench.expects("W-REC-02", again, status(200))
        pages = found(bench, person.who, person)
        names = includes(UNIQUE_IDS, *(one.unique_id for one in several))
        yield bench.expects("W-REC-02", pages, names)
    whole = found(bench, stranger.who, other)
    yield bench.expects("W-REC-02", whole, equals(f"{DOCUMENTS}.status", "current"))
    xml = bench.call(author.who, "POST", "", body=b"<Bundle", content_type=FHIR_XML)
    yield bench.expects("W-REC-02", xml, status(*REFUSED))


_SURE: Final = 3
"""From which rank on, that a bundle fails at all is what another requirement says."""


def _of_another(bench: Bench, author: TestProfessional, person: TestPerson, place: str) -> Specimen:
    """Return a document that replaces one of somebody else's record."""
    return specimen(bench, person, author, replaces=place.rpartition("/")[2])
