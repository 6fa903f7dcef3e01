"""Visibility codes together: each hides what it hides, and none gets in the way of another."""

from collections.abc import Iterator
from itertools import chain, combinations
from typing import Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import at_most, includes, present, status
from etalon_conformance.record_scene import (
    DOCUMENTS,
    NEEDS,
    UNIQUE_IDS,
    deposit,
    found,
    page_with,
    place_of,
)
from etalon_conformance.requirement import Wire
from etalon_conformance.seeing import (
    SEEN_BY_ALL,
    Kept,
    kept,
    labelled,
    labels_are,
    misses,
    sees,
    shown_too,
    unlabelled,
)
from etalon_conformance.specimens import (
    HIDDEN,
    MASKED,
    NOT_FOR_REPRESENTATIVES,
    specimen,
)
from etalon_model.actors import ActorKind
from etalon_target.actors import Who

_LABELS: Final = "securityLabel.coding.code"
_CODES: Final = (MASKED, HIDDEN, NOT_FOR_REPRESENTATIVES)
_COMBINED: Final = tuple(chain.from_iterable(combinations(_CODES, size) for size in range(4)))
"""The eight combinations of the three codes."""


@check(requirements=("W-REC-37",), needs=NEEDS)
def codes_of_visibility_add_up(bench: Bench) -> Iterator[Assertion]:
    """Each of the eight combinations hides from each audience what each of its codes hides."""
    parent = bench.person()
    child = bench.person(age=16, guardian=parent)
    author, reader, nurse = (bench.treating(child, code) for code in ("10", "10", "60"))
    parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    those = {codes: kept(bench, child, author, *codes) for codes in _COMBINED}
    audiences = (
        (author.who, frozenset[str]()),
        (reader.who, frozenset({MASKED})),
        (nurse.who, frozenset({MASKED})),
        (child.who, frozenset({HIDDEN})),
        (parental, frozenset({HIDDEN, NOT_FOR_REPRESENTATIVES})),
    )
    for who, hiding in audiences:
        seen = [one for codes, one in those.items() if not hiding & {*codes}]
        missed = [one for codes, one in those.items() if hiding & {*codes}]
        yield from sees(bench, "W-REC-37", who, *seen)
        if missed:
            yield from misses(bench, "W-REC-37", who, *missed)


@check(requirements=("W-REC-33",), needs=NEEDS, wire=Wire.OWN)
def masking_keeps_the_other_codes(bench: Bench) -> Iterator[Assertion]:
    """Setting or lifting one code of visibility keeps every other one, and the level."""
    parent = bench.person()
    child = bench.person(age=16, guardian=parent)
    author, reader = bench.treating(child), bench.treating(child)
    parental = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    for codes in _COMBINED:
        if MASKED in codes:
            continue
        one = kept(bench, child, author, *codes)
        for change, labels in ((labelled, (MASKED, *codes)), (unlabelled, codes)):
            answer = change(bench, author.who, one, MASKED)
            bench.expects("W-REC-33", answer, status(200, 204), control=True)
            yield from labels_are(bench, "W-REC-33", author.who, one, *labels)
            yield from _shows(bench, one, reader.who, hidden=MASKED in labels)
            yield from _shows(bench, one, parental, hidden=bool(codes))


def _shows(bench: Bench, one: Kept, who: Who, *, hidden: bool) -> Iterator[Assertion]:
    look = misses if hidden else sees
    yield from look(bench, "W-REC-33", who, one)


@check(requirements=("VIS-07",), needs=NEEDS)
def documents_bear_a_level_of_confidentiality(bench: Bench) -> Iterator[Assertion]:
    """A document says its level, N, R or V, and its codes, four in all, to whoever finds it."""
    person = bench.person(age=17, guardian=bench.person())
    author, reader = bench.treating(person), bench.treating(person)
    for level in ("N", "R", "V"):
        several = [
            specimen(bench, person, author, kind=SEEN_BY_ALL, level=level, labels=labels)
            for labels in _COMBINED
        ]
        deposit(bench, "VIS-07", several)
        for one in several:
            readers = [author.who] if MASKED in one.labels else [author.who, reader.who]
            for who in readers:
                page = page_with(bench, "VIS-07", who, one)
                found_as = f"{DOCUMENTS}[masterIdentifier.value={one.unique_id}].{_LABELS}"
                read = bench.call(who, "GET", place_of(page, one.unique_id))
                for answer, path in ((page, found_as), (read, _LABELS)):
                    codes = includes(path, level, *one.labels)
                    yield bench.expects("VIS-07", answer, present(path))
                    yield bench.expects("VIS-07", answer, codes, certain=False)
                yield bench.expects("VIS-07", read, at_most("securityLabel", 4), certain=False)


@check(requirements=("VIS-03",), needs=(*NEEDS, "attending_doctor"))
def attending_doctor_is_shown_one_answer(bench: Bench) -> Iterator[Assertion]:
    """Whether the attending doctor sees masked documents or not, searches and readings agree."""
    person = bench.person()
    author, attending = bench.treating(person), bench.treating(person)
    bench.relate("attending_doctor", person, attending)
    plain, masked = kept(bench, person, author), kept(bench, person, author, MASKED)
    later = kept(bench, person, author)
    masking = labelled(bench, person.who, later, MASKED)
    bench.expects("VIS-03", masking, status(200, 204), control=True)
    shown_too(bench, attending.who, plain)
    pages = found(bench, attending.who, person)
    is_shown = any(masked.one.unique_id in page.value(UNIQUE_IDS) for page in pages)
    look = sees if is_shown else misses
    yield from look(bench, "VIS-03", attending.who, masked, later)
    # Who attends the person no more is a professional like others.
    bench.relate("attending_doctor", person, bench.treating(person))
    yield from misses(bench, "VIS-03", attending.who, masked, later)
    yield from sees(bench, "VIS-03", attending.who, plain)
