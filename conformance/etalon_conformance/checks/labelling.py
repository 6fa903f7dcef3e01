"""Codes of confidentiality, set and lifted: by whom, on what, how often, and what stays beside."""

from collections.abc import Iterator, Sequence
from itertools import chain, combinations, cycle
from typing import TYPE_CHECKING, Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.checks.bundles import damaged, put
from etalon_conformance.deposits import labels_of, simplified
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import includes, status
from etalon_conformance.record_scene import (
    NEEDS,
    NOT_OFFERED,
    REFUSED,
    RFC_3986,
    adding,
    changed,
    publish,
    replacing,
    sent,
)
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import never_kept
from etalon_conformance.seeing import (
    SEEN_BY_ALL,
    Kept,
    kept,
    labelled,
    labels_are,
    laid,
    misses,
    sees,
    shown_too,
    unlabelled,
)
from etalon_conformance.specimens import HIDDEN, MASKED, NOT_FOR_REPRESENTATIVES, specimen
from etalon_model.actors import ActorKind
from etalon_target.actors import Who

if TYPE_CHECKING:
    from etalon_wire.json_body import Json, Resource

_CODES: Final = (MASKED, HIDDEN, NOT_FOR_REPRESENTATIVES)
_LEVELS: Final = ("N", "R", "V")
_LABELS: Final = "securityLabel.coding.code"
_ELEMENT: Final = "DocumentReference.securityLabel"
_DONE: Final = (200, 204)
_NOT_DONE: Final = (400, 401, 403, 404, 405, 409, 410, 412, 422)


def _others(code: str) -> Sequence[tuple[str, ...]]:
    """Return the combinations of the other codes, none of them first."""
    rest = [one for one in _CODES if one != code]
    return tuple(chain.from_iterable(combinations(rest, size) for size in range(3)))


@check(requirements=("W-REC-33", "VIS-07"), needs=NEEDS, wire=Wire.OWN)
def each_code_keeps_the_others(bench: Bench) -> Iterator[Assertion]:
    """Each code of visibility, set and lifted beside any others, leaves them and the level."""
    parent = bench.person()
    child = bench.person(age=16, guardian=parent)
    author = bench.treating(child)
    levels = cycle(_LEVELS)
    for code in _CODES:
        for codes in _others(code):
            level = next(levels)
            one = laid(
                bench,
                specimen(bench, child, author, kind=SEEN_BY_ALL, labels=codes, level=level),
            )
            for change, labels in ((labelled, (*codes, code)), (unlabelled, codes)):
                answer = change(bench, author.who, one, code)
                bench.expects("W-REC-33", answer, status(*_DONE), control=True)
                yield from labels_are(bench, "W-REC-33", author.who, one, *labels)
                read = bench.call(author.who, "GET", one.place)
                yield bench.expects("VIS-07", read, includes(_LABELS, level, *labels))


@check(requirements=("W-REC-33", "VIS-07"), needs=NEEDS, wire=Wire.OWN)
def last_code_is_not_taken_off(bench: Bench) -> Iterator[Assertion]:
    """Whatever would take the level off a document is refused, or leaves it there."""
    person = bench.person(age=38)
    author = bench.treating(person)
    masked = labels_of("N", [MASKED])[1]
    changes: tuple[Resource, ...] = (
        {"op": "remove", "path": "/securityLabel/0", "fhirpath": f"{_ELEMENT}[0]"},
        {"op": "remove", "path": "/securityLabel", "fhirpath": _ELEMENT},
        replacing("/securityLabel", [], "valueCodeableConcept", _ELEMENT),
        replacing("/securityLabel", [masked], "valueCodeableConcept", _ELEMENT),
    )
    for level in _LEVELS:
        one = laid(bench, specimen(bench, person, author, kind=SEEN_BY_ALL, level=level))
        for operation in changes:
            answer = changed(bench, author.who, one.place, operation)
            yield bench.expects("W-REC-33", answer, status(*_DONE, *_NOT_DONE))
            read = bench.call(author.who, "GET", one.place)
            yield bench.expects("W-REC-33", read, includes(_LABELS, level))
            yield bench.expects("VIS-07", read, includes(_LABELS, level), certain=False)


_WRONG: Final[tuple[tuple[Sequence[str], Sequence[str], bool], ...]] = (
    ((), (MASKED,), False),
    ((), _CODES, False),
    (("N", "R"), (), False),
    (("N", "R"), _CODES, True),
    (_LEVELS, _CODES, True),
)
"""Levels and codes that no document bears together, and whether that is certain."""


@check(requirements=("VIS-07",), needs=NEEDS)
def wrong_codes_are_refused(bench: Bench) -> Iterator[Assertion]:
    """A deposit without a level, with several or with more than four codes is refused, not kept."""
    person = bench.person(age=51)
    author = bench.treating(person)
    right = kept(bench, person, author)
    for levels, codes, certain in _WRONG:
        labels: list[Json] = [label for level in levels for label in labels_of(level, [])]
        labels += labels_of("N", codes)[1:]
        one, other = (specimen(bench, person, author) for _ in range(2))
        answers = [sent(bench, author.who, damaged(bench, [one], 0, put("securityLabel", labels)))]
        resource = simplified(other)
        answers.append(publish(bench, other, {**resource, "securityLabel": labels}))
        for answer in answers:
            if answer.status not in NOT_OFFERED:
                yield bench.expects("VIS-07", answer, status(*REFUSED), certain=certain)
        yield from never_kept(bench, "VIS-07", author.who, one, other, certain=certain)
    yield from sees(bench, "VIS-07", author.who, right)


@check(requirements=("VIS-02", "VIS-01"), needs=NEEDS)
def holder_masks_whatever_was_done_before(bench: Bench) -> Iterator[Assertion]:
    """Masked by its depositor, twice, set aside or beside another: the holder masks and unmasks."""
    person = bench.person(age=29)
    author, reader = bench.treating(person), bench.treating(person)
    given = kept(bench, person, author, MASKED)
    twice, other = (kept(bench, person, author) for _ in range(2))
    archived = laid(bench, specimen(bench, person, author, kind=SEEN_BY_ALL, archived=True))
    those = (given, twice, other, archived)
    shown_too(bench, reader.who, twice, other, archived)
    for one in (twice, twice, other, archived):
        masking = labelled(bench, person.who, one, MASKED)
        yield bench.expects("VIS-02", masking, status(*_DONE, *_REPEATED))
    yield from misses(bench, ("VIS-01", "VIS-02"), reader.who, *those)
    yield from sees(bench, ("VIS-01", "VIS-02"), person.who, *those)
    for one in those:
        yield bench.expects("VIS-02", unmasked(bench, person.who, one), status(*_DONE))
        yield from sees(bench, "VIS-02", reader.who, one)
        rest = those[those.index(one) + 1 :]
        if rest:
            yield from misses(bench, ("VIS-01", "VIS-02"), reader.who, *rest, lists=False)


_REPEATED: Final = (400, 409, 422)
"""Statuses by which a server may say that a code is there already."""


def unmasked(bench: Bench, who: Who, one: Kept) -> Exchange:
    """Lift every mask of a document: a server may have kept one that was set twice as two."""
    answer = unlabelled(bench, who, one, MASKED)
    while answer.status in _DONE and MASKED in bench.call(who, "GET", one.place).value(_LABELS):
        answer = unlabelled(bench, who, one, MASKED)
    return answer


@check(requirements=("VIS-01", "VIS-02"), needs=NEEDS)
def mask_outlives_other_changes(bench: Bench) -> Iterator[Assertion]:
    """What the holder masked stays masked when its author changes something else of it."""
    person = bench.person(age=63)
    author, reader = bench.treating(person), bench.treating(person, "60")
    one, plain = (kept(bench, person, author) for _ in range(2))
    shown_too(bench, reader.who, one, plain)
    condition = f"DocumentReference?identifier={RFC_3986}|{one.one.unique_id}"
    concept = labels_of("N", [MASKED])[1]
    masking = changed(
        bench, person.who, condition, adding("securityLabel", concept, "valueCodeableConcept")
    )
    if masking.status not in _DONE:
        masking = labelled(bench, person.who, one, MASKED)
    yield bench.expects("VIS-02", masking, status(*_DONE))
    for change in (labelled, unlabelled):
        answer = change(bench, author.who, one, HIDDEN)
        bench.expects("VIS-01", answer, status(*_DONE), control=True)
        yield from misses(bench, ("VIS-01", "VIS-02"), reader.who, one)
    kept(bench, person, author)
    yield from sees(bench, "VIS-01", reader.who, plain)
    yield from misses(bench, ("VIS-01", "VIS-02"), reader.who, one)
    yield from sees(bench, ("VIS-01", "VIS-02"), person.who, one, plain)


@check(requirements=("VIS-02",), needs=(*NEEDS, "advance_clock"), alone=True)
def holder_masks_old_documents(bench: Bench) -> Iterator[Assertion]:
    """A year after the deposit the holder masks and unmasks as on the first day."""
    person = bench.person(age=27)
    author = bench.treating(person)
    one = kept(bench, person, author)
    bench.advance("P13M")
    reader = bench.treating(person)
    shown_too(bench, reader.who, one)
    masking = labelled(bench, person.who, one, MASKED)
    yield bench.expects("VIS-02", masking, status(*_DONE))
    yield from misses(bench, "VIS-02", reader.who, one)
    bench.advance("P13M")
    reader = bench.treating(person)
    yield from misses(bench, "VIS-02", reader.who, one)
    unmasking = unlabelled(bench, person.who, one, MASKED)
    yield bench.expects("VIS-02", unmasking, status(*_DONE))
    yield from sees(bench, "VIS-02", reader.who, one)


@check(requirements=("VIS-04", "VIS-06", "W-REC-35", "W-REC-36"), needs=NEEDS)
def nobody_shows_it_to_themselves(bench: Bench) -> Iterator[Assertion]:
    """Neither patients nor parents take off a document the code that keeps it from them."""
    parent, stranger = bench.person(age=47), bench.person(age=48)
    child, person = bench.person(age=8, guardian=parent), bench.person(age=26)
    parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    cases = (
        (("VIS-04", "W-REC-35"), person, person.who, HIDDEN),
        (("VIS-06", "W-REC-36"), child, parental, NOT_FOR_REPRESENTATIVES),
    )
    for named, subject, who, code in cases:
        author = bench.treating(subject)
        plain, one = kept(bench, subject, author), kept(bench, subject, author, code)
        shown_too(bench, who, plain)
        level = replacing("/securityLabel", labels_of("N", []), "valueCodeableConcept", _ELEMENT)
        lifting: Resource = {"op": "remove", "path": "/securityLabel/1"}
        lifting = {**lifting, "fhirpath": f"{_ELEMENT}[1]"}
        condition = f"DocumentReference?identifier={RFC_3986}|{one.one.unique_id}"
        for each in (who, stranger.who, bench.professional().who):
            for place in (one.place, condition):
                for operation in (level, lifting):
                    answer = changed(bench, each, place, operation)
                    for requirement in named:
                        yield bench.expects(requirement, answer, status(*_NOT_DONE))
            yield from misses(bench, named, who, one, lists=False)
        lifted = unlabelled(bench, author.who, one, code)
        yield bench.expects(named[0], lifted, status(*_DONE))
        yield from sees(bench, named, who, plain, one)
