"""Versions and successions: what a change renews and keeps, what a replacement makes and leaves."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Final
from urllib.parse import urlencode

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.checks.changing import archiving
from etalon_conformance.deposits import bundle, labels_of
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import (
    distinct,
    equals,
    excludes,
    includes,
    one_of,
    status,
)
from etalon_conformance.record_scene import (
    DOCUMENTS,
    NEEDS,
    NOT_OFFERED,
    RFC_3986,
    UNIQUE_IDS,
    adding,
    changed,
    found,
    leading_to,
    publish,
    replacing,
    sent,
)
from etalon_conformance.seeing import (
    SEEN_BY_ALL,
    Kept,
    kept,
    labelled,
    laid,
    sees,
    shown_too,
    unlabelled,
)
from etalon_conformance.specimens import (
    HIDDEN,
    MASKED,
    NOT_FOR_REPRESENTATIVES,
    Specimen,
    specimen,
)
from etalon_target.actors import Who
from etalon_wire.patching import IS_ARCHIVED

if TYPE_CHECKING:
    from collections.abc import Callable

    from etalon_target.people import TestProfessional


_DONE: Final = (200, 204)
_NOT_DONE: Final = (400, 401, 403, 404, 405, 409, 410, 412, 415, 422)
_FLAG: Final = f"extension[url={IS_ARCHIVED}].valueBoolean"
_LABELS: Final = "securityLabel.coding.code"
_WITHDRAWAL: Final = replacing("/status", "entered-in-error", "valueCode")
_ENTRY: Final = "identifier[use=official].value"
_LOGICAL: Final = "identifier[use=secondary].value"
_UNCHANGED: Final = (
    "id",
    "masterIdentifier.value",
    "type.coding.code",
    "category.coding.code",
    "description",
    "content.attachment.title",
    "content.attachment.hash",
    "content.attachment.size",
    "content.attachment.url",
    "context.period.start",
)
"""What no change of status, labels or flag touches."""


def _archived(bench: Bench, who: Who, one: Kept, *, archived: bool) -> Exchange:
    before = bench.call(who, "GET", one.place)
    return changed(bench, who, one.place, archiving(before, archived=archived))


def _level(bench: Bench, who: Who, one: Kept, level: str) -> Exchange:
    """Give a document another level of confidentiality, and no other code."""
    path = "DocumentReference.securityLabel"
    operation = replacing("/securityLabel", labels_of(level, []), "valueCodeableConcept", path)
    return changed(bench, who, one.place, operation)


@check(requirements=("W-REC-30", "REC-11", "REC-13"), needs=NEEDS)
def each_change_makes_a_version(bench: Bench) -> Iterator[Assertion]:
    """Every code, the level and the flag, by author or holder: a new version, the rest the same."""
    child = bench.person(age=15, guardian=bench.person())
    author = bench.treating(child)
    one = kept(bench, child, author)
    versions = [bench.call(author.who, "GET", one.place)]
    author_of = author.who
    steps: list[tuple[Callable[[], Exchange], str, tuple[str, ...]]] = [
        (partial(_archived, bench, author_of, one, archived=True), _FLAG, ("true",)),
        (partial(_archived, bench, author_of, one, archived=False), _FLAG, ("false",)),
        (partial(_level, bench, author_of, one, "R"), _LABELS, ("R",)),
        (partial(_level, bench, author_of, one, "N"), _LABELS, ("N",)),
    ]
    for code in (HIDDEN, NOT_FOR_REPRESENTATIVES, MASKED):
        steps += [
            (partial(labelled, bench, author_of, one, code), _LABELS, ("N", code)),
            (partial(unlabelled, bench, author_of, one, code), _LABELS, ("N",)),
        ]
    for change, path, values in steps:
        answer = change()
        for named in ("W-REC-30", "REC-13"):
            yield bench.expects(named, answer, status(200))
            yield bench.expects(named, answer, equals(path, *values))
        read = bench.call(author.who, "GET", one.place)
        yield bench.expects("W-REC-30", read, equals(path, *values))
        yield from _is_new(bench, versions, answer, read)
        versions.append(read)
    yield from _renewed(bench, versions)
    answer = changed(bench, author.who, one.place, _WITHDRAWAL)
    for named in ("W-REC-30", "REC-13"):
        yield bench.expects(named, answer, status(200))
        yield bench.expects(named, answer, equals(".status", "entered-in-error"), certain=False)
    both = [versions[-1], answer]
    yield bench.expects("W-REC-30", both, distinct("meta.versionId"), certain=False)


def _is_new(
    bench: Bench, versions: Sequence[Exchange], answer: Exchange, read: Exchange
) -> Iterator[Assertion]:
    """Whether an answer is of a version that there was not, and of all else as it was."""
    both = [versions[-1], answer]
    yield bench.expects("W-REC-30", both, distinct("meta.versionId"), likely="version_not_kept")
    same = equals("meta.versionId", *answer.value("meta.versionId"))
    yield bench.expects("W-REC-30", read, same)
    for path in _UNCHANGED:
        yield bench.expects("REC-13", read, equals(path, *versions[0].value(path)))


def _renewed(bench: Bench, versions: Sequence[Exchange]) -> Iterator[Assertion]:
    """Whether versions have an entry identifier each, and the logical one in common."""
    yield bench.expects("W-REC-30", versions, distinct("meta.versionId"))
    if all(one.value(_ENTRY) for one in versions):
        yield bench.expects("REC-11", versions, distinct(_ENTRY))
    for one in versions[1:]:
        if logical := versions[0].value(_LOGICAL):
            yield bench.expects("REC-11", one, equals(_LOGICAL, *logical))
        yield bench.expects("REC-11", one, equals("id", *versions[0].value("id")))


@check(requirements=("W-REC-30", "REC-11"), needs=NEEDS)
def what_holders_change_makes_a_version(bench: Bench) -> Iterator[Assertion]:
    """The holder's mask makes versions too, which whoever searches then finds as they stand."""
    person = bench.person(age=31)
    author = bench.treating(person)
    one = kept(bench, person, author)
    versions = [bench.call(person.who, "GET", one.place)]
    condition = urlencode({"identifier": f"{RFC_3986}|{one.one.unique_id}"})
    concept = labels_of("N", [MASKED])[1]
    masking = adding("securityLabel", concept, "valueCodeableConcept")
    steps: tuple[Callable[[], Exchange], ...] = (
        lambda: labelled(bench, person.who, one, MASKED),
        lambda: unlabelled(bench, person.who, one, MASKED),
        lambda: changed(bench, author.who, f"DocumentReference?{condition}", masking),
    )
    for change in steps:
        answer = change()
        yield bench.expects("W-REC-30", answer, status(200))
        read = bench.call(person.who, "GET", one.place)
        both = [versions[-1], answer]
        yield bench.expects("W-REC-30", both, distinct("meta.versionId"), likely="version_not_kept")
        versions.append(read)
        page = found(bench, author.who, person, {"identifier": f"{RFC_3986}|{one.one.unique_id}"})
        chosen = f"{DOCUMENTS}[masterIdentifier.value={one.one.unique_id}]"
        for path in ("meta.versionId", _ENTRY):
            if values := read.value(path):
                yield bench.expects("REC-11", page, equals(f"{chosen}.{path}", *values))
    yield from _renewed(bench, versions)


@check(requirements=("W-REC-39", "W-REC-25"), needs=NEEDS)
def archiving_shows_to_everybody(bench: Bench) -> Iterator[Assertion]:
    """Set aside, again or since its deposit, a document is found by its flag, by whoever reads."""
    person = bench.person(age=66)
    author, reader = bench.treating(person, "60"), bench.treating(person)
    late, other = (kept(bench, person, author) for _ in range(2))
    early = laid(bench, specimen(bench, person, author, kind=SEEN_BY_ALL, archived=True))
    aside = {early.one.unique_id}
    steps = ((late, True), (late, True), (early, False), (late, False), (early, True))
    for one, archived in steps:
        answer = _archived(bench, author.who, one, archived=archived)
        yield bench.expects("W-REC-39", answer, status(200))
        aside = aside | {one.one.unique_id} if archived else aside - {one.one.unique_id}
        everything = {each.one.unique_id for each in (late, other, early)}
        for who in (reader.who, person.who):
            yield from sees(bench, "W-REC-39", who, late, early, other)
            for flag, names in (("true", aside), ("false", everything - aside)):
                pages = found(bench, who, person, {"isArchived": flag})
                for named in ("W-REC-39", "W-REC-25"):
                    yield bench.expects(named, pages, equals(UNIQUE_IDS, *sorted(names)))
            read = bench.call(who, "GET", one.place)
            yield bench.expects("W-REC-39", read, equals(_FLAG, str(archived).lower()))


@check(requirements=("W-REC-39",), needs=NEEDS)
def only_the_author_archives(bench: Bench) -> Iterator[Assertion]:
    """Nobody without a hold on the record sets a document of it aside."""
    person = bench.person(age=25)
    author = bench.treating(person)
    one = kept(bench, person, author)
    first = bench.call(author.who, "GET", one.place)
    for who in (bench.professional().who, bench.person(age=24).who):
        answer = changed(bench, who, one.place, archiving(first, archived=True))
        yield bench.expects("W-REC-39", answer, status(*_NOT_DONE))
    aside = found(bench, author.who, person, {"isArchived": "true"})
    yield bench.expects("W-REC-39", aside, excludes(UNIQUE_IDS, one.one.unique_id))


@check(requirements=("W-REC-32",), needs=NEEDS)
def conditions_find_one_document(bench: Bench) -> Iterator[Assertion]:
    """A condition on one document changes that one alone, in each way there is to change it."""
    person, other = bench.person(age=64), bench.person(age=65)
    author, stranger = bench.treating(person), bench.treating(other)
    those = [kept(bench, person, author) for _ in range(2)]
    theirs = kept(bench, other, stranger)
    one, beside = those
    first = bench.call(author.who, "GET", beside.place)
    condition = urlencode({"identifier": f"{RFC_3986}|{one.one.unique_id}"})
    read = bench.call(author.who, "GET", one.place)
    masking = adding("securityLabel", labels_of("N", [MASKED])[1], "valueCodeableConcept")
    names = ",".join(f"{RFC_3986}|{each.one.unique_id}" for each in those)
    several = urlencode({"identifier": names})
    for operation in (archiving(read, archived=True), masking, _WITHDRAWAL):
        refused = changed(bench, author.who, f"DocumentReference?{several}", operation)
        yield bench.expects("W-REC-32", refused, status(412))
        nobody = urlencode({"identifier": f"{RFC_3986}|{bench.unique_oid()}"})
        none = changed(bench, author.who, f"DocumentReference?{nobody}", operation)
        yield bench.expects("W-REC-32", none, status(404), certain=False)
        elsewhere = urlencode({"identifier": f"{RFC_3986}|{theirs.one.unique_id}"})
        unseen = changed(bench, author.who, f"DocumentReference?{elsewhere}", operation)
        yield bench.expects("W-REC-32", unseen, status(403, 404), certain=False)
        kept_as = bench.call(author.who, "GET", one.place)
        yield bench.expects("W-REC-32", kept_as, equals(".status", "current"))
        yield bench.expects("W-REC-32", kept_as, excludes(_LABELS, MASKED))
        yield bench.expects("W-REC-32", kept_as, excludes(_FLAG, "true"))
    for operation in (archiving(read, archived=True), _WITHDRAWAL):
        answer = changed(bench, author.who, f"DocumentReference?{condition}", operation)
        yield bench.expects("W-REC-32", answer, status(200))
    after = bench.call(author.who, "GET", beside.place)
    for path in ("meta.versionId", ".status", _LABELS):
        yield bench.expects("W-REC-32", after, equals(path, *first.value(path)))
    yield from sees(bench, "W-REC-32", stranger.who, theirs)


def _newer(bench: Bench, former: Kept, author: "TestProfessional") -> Specimen:
    ident = former.place.rpartition("/")[2]
    return specimen(bench, former.person, author, kind=former.one.kind.code, replaces=ident)


@check(requirements=("REC-10", "W-REC-10"), needs=NEEDS)
def each_version_has_its_own_identifiers(bench: Bench) -> Iterator[Assertion]:
    """Versions share no identifier; each former one stays as it was, superseded, and linked."""
    person = bench.person(age=40)
    author, reader = bench.treating(person), bench.treating(person)
    chain = [kept(bench, person, author)]
    said = [bench.call(author.who, "GET", chain[0].place)]
    for _ in range(3):
        former = chain[-1]
        one = laid(bench, _newer(bench, former, author))
        chain.append(one)
        read = bench.call(reader.who, "GET", one.place)
        yield bench.expects("REC-10", read, equals(".status", "current"))
        targets = read.value("relatesTo.target.reference")
        for named in ("REC-10", "W-REC-10"):
            yield bench.expects(named, read, equals("relatesTo.code", "replaces"))
            if former.one.unique_id not in read.value("relatesTo.target.identifier.value"):
                ident = former.place.rpartition("/")[2]
                lead = leading_to(targets, "DocumentReference", ident)
                yield bench.expects(named, read, includes("relatesTo.target.reference", lead))
        said.append(read)
        for older, first in zip(chain[:-1], said, strict=False):
            again = bench.call(reader.who, "GET", older.place)
            for named in ("REC-10", "W-REC-10"):
                yield bench.expects(named, again, equals(".status", "superseded"))
            for path in ("masterIdentifier.value", "content.attachment.hash", "description"):
                yield bench.expects("REC-10", again, equals(path, *first.value(path)))
        content = bench.call(reader.who, "GET", one.content, accept=one.one.media_type)
        yield bench.expects("REC-10", content, equals("body", one.one.sha256))
    for path in ("id", "masterIdentifier.value", _ENTRY, _LOGICAL):
        if all(one.value(path) for one in said):
            yield bench.expects("REC-10", said, distinct(path))


@check(requirements=("REC-10", "W-REC-10"), needs=NEEDS)
def several_are_replaced_at_once(bench: Bench) -> Iterator[Assertion]:
    """One bundle replaces two documents and adds a third; none but those two is superseded."""
    person = bench.person(age=42)
    author = bench.treating(person, "60")
    first, second, beside = (kept(bench, person, author) for _ in range(3))
    new = [_newer(bench, first, author), _newer(bench, second, author)]
    new.append(specimen(bench, person, author, kind=SEEN_BY_ALL))
    answer = sent(bench, author.who, bundle(bench, new))
    yield bench.expects("W-REC-10", answer, status(200))
    names = [one.unique_id for one in (*new, beside.one)]
    former = [one.one.unique_id for one in (first, second)]
    for who in (author.who, bench.treating(person).who, person.who):
        current = found(bench, who, person)
        superseded = found(bench, who, person, {"status": "superseded"}, current=False)
        for named in ("REC-10", "W-REC-10"):
            yield bench.expects(named, current, equals(UNIQUE_IDS, *names))
            yield bench.expects(named, superseded, equals(UNIQUE_IDS, *former))
            codes = one_of(f"{DOCUMENTS}.status", "superseded")
            yield bench.expects(named, superseded, codes)


@check(requirements=("REC-10", "W-REC-10"), needs=NEEDS)
def replacement_that_fits_nothing_is_refused(bench: Bench) -> Iterator[Assertion]:
    """What is superseded, deleted, of another person or nowhere is replaced by nothing."""
    person, other = bench.person(age=48), bench.person(age=49)
    author = bench.treating(person)
    bench.relate("care_team", other, author)
    former, gone, plain = (kept(bench, person, author) for _ in range(3))
    theirs = kept(bench, other, author)
    newest = laid(bench, _newer(bench, former, author))
    withdrawn = changed(bench, author.who, gone.place, _WITHDRAWAL)
    bench.expects("REC-10", withdrawn, status(*_DONE), control=True)
    nowhere = replace(plain, place=f"DocumentReference/{bench.unique_uuid()}")
    for target, certain in ((former, False), (gone, False), (theirs, True), (nowhere, True)):
        one = replace(_newer(bench, target, author), person=person)
        answer = sent(bench, author.who, bundle(bench, [one]))
        for named in ("REC-10", "W-REC-10"):
            yield bench.expects(named, answer, status(*_NOT_DONE), certain=certain)
        pages = found(bench, author.who, person)
        for named in ("REC-10", "W-REC-10"):
            whole = excludes(UNIQUE_IDS, one.unique_id)
            yield bench.expects(named, pages, whole, certain=certain)
            there = includes(UNIQUE_IDS, newest.one.unique_id, plain.one.unique_id)
            yield bench.expects(named, pages, there)
    yield from sees(bench, ("REC-10", "W-REC-10"), author.who, theirs)


@check(requirements=("REC-10",), needs=NEEDS)
def published_version_takes_the_place(bench: Bench) -> Iterator[Assertion]:
    """A publication that says what it replaces, where it is taken, leaves the former superseded."""
    person = bench.person(age=51)
    author = bench.treating(person)
    former, beside = (kept(bench, person, author) for _ in range(2))
    one = _newer(bench, former, author)
    answer = publish(bench, one)
    if answer.status in {*NOT_OFFERED, *_NOT_DONE}:
        bench.expects("REC-10", answer, status(201), control=True)
    current = found(bench, author.who, person)
    both = (one.unique_id, beside.one.unique_id)
    yield bench.expects("REC-10", current, equals(UNIQUE_IDS, *both))
    read = bench.call(author.who, "GET", former.place)
    yield bench.expects("REC-10", read, equals(".status", "superseded"))
    shown_too(bench, author.who, beside)
