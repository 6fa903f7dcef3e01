"""Versions of a document: what their history shows is what whoever asks sees otherwise."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.deposits import bundle
from etalon_conformance.expectations import equals, excludes, includes, status
from etalon_conformance.record_scene import NEEDS, NOT_OFFERED, UNIQUE_IDS, page_with, sent
from etalon_conformance.seeing import (
    NOT_SHOWN,
    Kept,
    kept,
    labelled,
    shown_too,
)
from etalon_conformance.specimens import HIDDEN, MASKED, NOT_FOR_REPRESENTATIVES, specimen
from etalon_model.actors import ActorKind
from etalon_target.cannot import CannotTest

if TYPE_CHECKING:
    from etalon_target.actors import Who

_UNSHOWN: Final = (*NOT_SHOWN, 400, 405, 406, 501)
_VERSION: Final = "meta.versionId"


def _history(one: Kept) -> str:
    return f"{one.place}/_history"


def _has_history(bench: Bench, who: "Who", one: Kept) -> bool:
    """Whether the author is shown the history of a document: the control of who is not."""
    answer = bench.call(who, "GET", _history(one))
    return answer.status not in NOT_OFFERED and one.one.unique_id in answer.value(UNIQUE_IDS)


def _untold(bench: Bench, requirement: str, who: "Who", one: Kept) -> Iterator[Assertion]:
    """Neither the history of a document nor any version of it shows to somebody."""
    answer = bench.call(who, "GET", _history(one))
    yield bench.expects(requirement, answer, excludes(UNIQUE_IDS, one.one.unique_id))
    number = bench.call(one.author, "GET", one.place).first(_VERSION) or "1"
    for version in dict.fromkeys(("1", number)):
        read = bench.call(who, "GET", f"{_history(one)}/{version}")
        yield bench.expects(requirement, read, status(*_UNSHOWN))


@check(requirements=("VIS-01", "VIS-04", "VIS-06", "ACC-01", "ACC-04"), needs=(*NEEDS, "block"))
def history_shows_no_more_than_the_document(bench: Bench) -> Iterator[Assertion]:
    """Whoever does not see a document does not see it by its history or its versions either."""
    parent = bench.person(age=44)
    person = bench.person(age=9, guardian=parent)
    parental = bench.acting(ActorKind.REPRESENTATIVE, parent, person)
    author, reader, blocked = (bench.treating(person) for _ in range(3))
    plain = kept(bench, person, author)
    if not _has_history(bench, author.who, plain):
        raise CannotTest(key="cause.operation-undeclared", operation="document_history")
    shown_too(bench, blocked.who, plain)
    later = kept(bench, person, author)
    masking = labelled(bench, author.who, later, MASKED)
    bench.expects("VIS-01", masking, status(200, 204), control=True)
    bench.relate("block", person, blocked)
    cases = (
        ("VIS-01", reader.who, kept(bench, person, author, MASKED)),
        ("VIS-01", reader.who, later),
        ("VIS-04", person.who, kept(bench, person, author, HIDDEN)),
        ("VIS-06", parental, kept(bench, person, author, NOT_FOR_REPRESENTATIVES)),
        ("ACC-01", bench.professional().who, plain),
        ("ACC-01", bench.person(age=43).who, plain),
        ("ACC-04", blocked.who, plain),
    )
    for requirement, who, one in cases:
        yield from _untold(bench, requirement, who, one)


@check(requirements=("VIS-01", "VIS-04", "REC-10"), needs=NEEDS)
def newer_version_does_not_show_an_older_one(bench: Bench) -> Iterator[Assertion]:
    """A version that shows to all leaves masked, or hidden, the one that it replaces."""
    person = bench.person(age=61)
    author, reader = bench.treating(person), bench.treating(person)
    for requirement, who, label in (
        ("VIS-01", reader.who, MASKED),
        ("VIS-04", person.who, HIDDEN),
    ):
        former = kept(bench, person, author, label)
        ident = former.place.rpartition("/")[2]
        newer = specimen(bench, person, author, kind=former.one.kind.code, replaces=ident)
        answer = sent(bench, author.who, bundle(bench, [newer]))
        bench.expects(requirement, answer, status(200), control=True)
        page = page_with(bench, requirement, who, newer)
        yield bench.expects("REC-10", page, includes(UNIQUE_IDS, newer.unique_id))
        chosen = f"entry.resource[masterIdentifier.value={newer.unique_id}].id"
        address = f"DocumentReference/{page.first(chosen)}"
        read = bench.call(who, "GET", address)
        yield bench.expects("REC-10", read, equals("masterIdentifier.value", newer.unique_id))
        for place in (f"{address}/_history", f"{former.place}/_history"):
            told = bench.call(who, "GET", place)
            yield bench.expects(requirement, told, excludes(UNIQUE_IDS, former.one.unique_id))
        former_read = bench.call(who, "GET", former.place)
        yield bench.expects(requirement, former_read, status(*_UNSHOWN))
