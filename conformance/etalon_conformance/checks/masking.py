"""Masking: what the holder keeps from professionals, and what lifting it gives back."""

from collections.abc import Iterator

from etalon_conformance.bench import JSON_PATCH, Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import (
    equals,
    status,
)
from etalon_conformance.record_scene import NEEDS, UNIQUE_IDS, found
from etalon_conformance.seeing import (
    READERS,
    counted_only,
    kept,
    labelled,
    misses,
    nothing_counted,
    sees,
    shown_too,
    unlabelled,
)
from etalon_conformance.specimens import HIDDEN, MASKED
from etalon_model.actors import ActorKind


@check(requirements=("VIS-01", "W-REC-34", "W-COM-04"), needs=NEEDS)
def masked_document_shows_to_no_professional(bench: Bench) -> Iterator[Assertion]:
    """A document masked when deposited shows to no other professional of the care team."""
    person = bench.person()
    author = bench.treating(person)
    readers = [bench.treating(person, code) for code in READERS]
    plain = kept(bench, person, author)
    masked = [kept(bench, person, author, MASKED) for _ in range(2)]
    both = kept(bench, person, author, MASKED, HIDDEN)
    for reader in readers:
        shown_too(bench, reader.who, plain)
        yield from misses(bench, ("VIS-01", "W-REC-34"), reader.who, *masked, both)
        named = ("VIS-01", "W-REC-34", "W-COM-04")
        yield from counted_only(bench, named, reader.who, person)
        small = found(bench, reader.who, person, {"_count": "1"})
        yield from nothing_counted(bench, small)
    yield from sees(bench, "VIS-01", author.who, plain, *masked)
    yield from sees(bench, "VIS-01", person.who, plain, *masked)


@check(requirements=("VIS-01", "VIS-02", "W-COM-04", "W-REC-34"), needs=NEEDS)
def holder_masks_and_unmasks(bench: Bench) -> Iterator[Assertion]:
    """What the holder masks leaves the sight of professionals, and comes back when unmasked."""
    person = bench.person()
    author = bench.treating(person)
    readers = [bench.treating(person, code) for code in READERS]
    one, other = (kept(bench, person, author) for _ in range(2))
    before = {reader.rpps: found(bench, reader.who, person) for reader in readers}
    for reader in readers:
        shown_too(bench, reader.who, one, other)
    for _ in range(2):
        masking = labelled(bench, person.who, one, MASKED)
        yield bench.expects("VIS-02", masking, status(200, 204))
        for reader in readers:
            named = ("VIS-01", "VIS-02", "W-REC-34")
            yield from misses(bench, named, reader.who, one, likely="masking_not_kept")
            yield from counted_only(bench, ("W-REC-34", "W-COM-04"), reader.who, person)
            shown_too(bench, reader.who, other)
        yield from sees(bench, "VIS-01", person.who, one, other)
        yield from sees(bench, "VIS-01", author.who, one, other)
        unmasking = unlabelled(bench, person.who, one, MASKED)
        yield bench.expects("VIS-02", unmasking, status(200, 204))
        for reader in readers:
            yield from sees(bench, "VIS-02", reader.who, one, other)
            names = [name for page in before[reader.rpps] for name in page.value(UNIQUE_IDS)]
            again = found(bench, reader.who, person)
            yield bench.expects("VIS-02", again, equals(UNIQUE_IDS, *names))


@check(requirements=("VIS-01", "VIS-02"), needs=NEEDS)
def representative_masks_for_a_child(bench: Bench) -> Iterator[Assertion]:
    """What a representative masks for a child is masked, and still shows to the representative."""
    parent = bench.person()
    for age in (8, 16):
        child = bench.person(age=age, guardian=parent)
        parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
        author, reader = bench.treating(child), bench.treating(child, "60")
        one, other = (kept(bench, child, author) for _ in range(2))
        shown_too(bench, reader.who, one, other)
        masking = labelled(bench, parental, one, MASKED)
        yield bench.expects("VIS-02", masking, status(200, 204))
        yield from misses(bench, ("VIS-01", "VIS-02"), reader.who, one)
        yield from sees(bench, "VIS-01", parental, one, other)
        unlabelled(bench, parental, one, MASKED)
        yield from sees(bench, "VIS-02", reader.who, one, other)


@check(requirements=("VIS-02", "VIS-01"), needs=NEEDS)
def nobody_else_lifts_a_mask(bench: Bench) -> Iterator[Assertion]:
    """Neither another professional nor another holder lifts the mask that the holder put."""
    person, stranger = bench.person(age=46), bench.person(age=47)
    author, reader = bench.treating(person), bench.treating(person)
    one = kept(bench, person, author)
    shown_too(bench, reader.who, one)
    masking = labelled(bench, person.who, one, MASKED)
    bench.expects("VIS-02", masking, status(200, 204), control=True)
    for who in (reader.who, bench.professional().who, stranger.who):
        for rank in (1, 0):
            lifting = b'[{"op": "remove", "path": "/securityLabel/%d"}]' % rank
            answer = bench.call(who, "PATCH", one.place, body=lifting, content_type=JSON_PATCH)
            yield bench.expects("VIS-02", answer, status(400, 401, 403, 404, 405, 409, 410, 422))
        yield from misses(bench, ("VIS-01", "VIS-02"), reader.who, one)
    yield from sees(bench, "VIS-01", person.who, one)
