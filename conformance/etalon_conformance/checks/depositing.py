"""What a record takes and what it does not: who feeds it, of whose record, with what."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final, cast

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.checks.bundles import (
    PDSM_ONLY,
    Damage,
    attached,
    damaged,
    drop,
    explained,
    put,
)
from etalon_conformance.deposits import bundle, simplified
from etalon_conformance.exchanges import Exchange
from etalon_conformance.expectations import accepted, equals, excludes, includes, refused, status
from etalon_conformance.record_scene import (
    DOCUMENTS,
    NEEDS,
    NOT_OFFERED,
    REFUSED,
    UNIQUE_IDS,
    deposit,
    found,
    publish,
    sent,
)
from etalon_conformance.requirement import Wire
from etalon_conformance.rights_scene import (
    FEEDING,
    NOT_TAKEN,
    READING,
    fed,
    never_kept,
    wish,
    wished,
)
from etalon_conformance.seeing import (
    SEEN_BY_ALL,
    hidden_too,
    kept,
    misses,
    sees,
    shown_too,
)
from etalon_conformance.specimens import Specimen, care_types, class_of, specimen
from etalon_model.actors import ActorKind
from etalon_target.actors import Who
from etalon_target.cannot import CannotTest
from etalon_target.people import TestProfessional

if TYPE_CHECKING:
    from etalon_conformance.specimens import Code
    from etalon_wire.json_body import Json, Resource


def _tried(bench: Bench, one: Specimen, who: Who | None = None) -> Iterator[Exchange]:
    """Deposit a document in each way there is: a transaction, and a publication where offered."""
    by = who or one.author.who
    yield sent(bench, by, bundle(bench, [one]))
    simply = bench.call(by, "POST", "DocumentReference", body=simplified(one))
    if simply.status not in NOT_OFFERED:
        yield simply


def _classes() -> Sequence["Code"]:
    """Return the classes of the types of care."""
    return tuple({class_of(kind).code: class_of(kind) for kind in care_types()}.values())


@check(requirements=("REC-03",), needs=NEEDS)
def every_class_holds_its_own_types(bench: Bench) -> Iterator[Assertion]:
    """A type of each class is taken in that one, and refused in each of the others."""
    person = bench.person(age=34)
    author = bench.treating(person)
    by_class = {
        one.code: [kind for kind in care_types() if class_of(kind).code == one.code]
        for one in _classes()
    }
    right = [
        specimen(bench, person, author, kind=bench.random.choice(kinds))
        for kinds in by_class.values()
    ]
    deposit(bench, "REC-03", right)
    tried: list[Specimen] = []
    for one in right:
        for other in _classes():
            if other.code != one.class_.code:
                wrong = specimen(bench, person, author, kind=one.kind.code, class_=other)
                tried.append(wrong)
                answer = sent(bench, author.who, bundle(bench, [wrong]))
                yield bench.expects("REC-03", answer, status(*REFUSED))
    yield from never_kept(bench, "REC-03", author.who, *tried)
    pages = found(bench, person.who, person)
    for one in right:
        said = f"{DOCUMENTS}[masterIdentifier.value={one.unique_id}].category.coding.code"
        yield bench.expects("REC-03", pages, equals(said, one.class_.code))


def _two_classes(resource: "Resource") -> None:
    others = [one.concept for one in _classes() if [one.concept] != resource["category"]]
    resource["category"] = [*cast("list[Json]", resource["category"]), others[0]]


_UNCLASSED: Final[tuple[Damage, ...]] = (
    drop("category"),
    drop("type"),
    put("category", []),
    put("type", {"text": "Compte rendu"}),
    _two_classes,
)
"""What leaves a document without its class or its type, or gives it two classes."""


_MISFILED: Final = (("PRESC-AAT", "89601-9"), ("11488-4", "57833-6"), ("18748-4", "11488-4"))
"""Types, and types of other classes."""


@check(requirements=("REC-03",), needs=NEEDS)
def document_has_one_class_and_one_type(bench: Bench) -> Iterator[Assertion]:
    """A document without class or type, with two classes, or misfiled by publication is refused."""
    person = bench.person(age=35)
    author = bench.treating(person)
    right = kept(bench, person, author)
    tried: list[Specimen] = []
    for damage in _UNCLASSED:
        one = specimen(bench, person, author)
        tried.append(one)
        answer = sent(bench, author.who, damaged(bench, [one], 0, damage))
        yield bench.expects("REC-03", answer, status(*REFUSED))
    for kind, elsewhere in _MISFILED:
        class_ = class_of(elsewhere)
        one = specimen(bench, person, author, kind=kind, class_=class_)
        answer = publish(bench, one)
        if answer.status not in NOT_OFFERED:
            tried.append(one)
            yield bench.expects("REC-03", answer, status(*REFUSED))
    yield from never_kept(bench, "REC-03", author.who, *tried)
    yield from sees(bench, "REC-03", author.who, right)


def _started_never(resource: "Resource") -> None:
    period = cast("Resource", cast("Resource", resource["context"])["period"])
    period.pop("start", None)


_MANDATORY: Final[tuple[Damage, ...]] = (
    *PDSM_ONLY,
    drop("date"),
    drop("subject"),
    attached("url", None),
    attached("size", None),
    attached("hash", None),
    _started_never,
)
"""What leaves out of a reference one element that PDSm makes mandatory, in a transaction."""

_PUBLISHED: Final[tuple[Damage, ...]] = (
    drop("masterIdentifier"),
    drop("subject"),
    drop("date"),
    drop("author"),
    drop("custodian"),
    attached("contentType", None),
    attached("data", None),
    attached("title", None),
)
"""What leaves out of a reference one element that a simplified publication needs."""


@check(requirements=("W-REC-05b", "REC-04"), needs=NEEDS)
def incomplete_deposit_is_not_kept(bench: Bench) -> Iterator[Assertion]:
    """Nothing is kept of a deposit without a mandatory element, be it the second of two."""
    person = bench.person(age=54)
    author, reader = bench.treating(person), bench.treating(person)
    right = kept(bench, person, author)
    tried: list[Specimen] = []
    for damage in _MANDATORY:
        several = [specimen(bench, person, author) for _ in range(2)]
        tried += several
        answer = sent(bench, author.who, damaged(bench, several, 1, damage))
        for named in ("W-REC-05b", "REC-04"):
            yield bench.expects(named, answer, status(*REFUSED))
        yield bench.expects("W-REC-05b", answer, explained())
    for damage in _PUBLISHED:
        one = specimen(bench, person, author)
        resource = simplified(one)
        damage(resource)
        answer = publish(bench, one, resource)
        if answer.status not in NOT_OFFERED:
            tried.append(one)
            yield bench.expects("REC-04", answer, status(*REFUSED))
    for named in ("W-REC-05b", "REC-04"):
        yield from never_kept(bench, named, reader.who, *tried)
        yield from sees(bench, named, reader.who, right)


@check(requirements=("REC-06",), needs=(*NEEDS, "caregiver"))
def only_professionals_deposit_care(bench: Bench) -> Iterator[Assertion]:
    """Neither without a token, nor under that of a person, is what care writes deposited."""
    person, helper = bench.person(age=58), bench.person(age=59)
    child = bench.person(age=9, guardian=helper)
    bench.relate("caregiver", person, helper)
    cases = (
        (person, person.who),
        (person, helper.who),
        (person, bench.acting(ActorKind.CAREGIVER, helper, person)),
        (child, child.who),
        (child, bench.acting(ActorKind.REPRESENTATIVE, helper, child)),
    )
    authors = {one.ins: bench.treating(one) for one in (person, child)}
    for subject, who in cases:
        author = authors[subject.ins]
        one = specimen(bench, subject, author, kind=SEEN_BY_ALL)
        for answer in _tried(bench, one, who):
            yield bench.expects("REC-06", answer, status(*NOT_TAKEN))
        yield from never_kept(bench, "REC-06", author.who, one)
    author = authors[person.ins]
    shown = kept(bench, person, author)
    proofs = (
        (),
        (("Authorization", "Bearer"),),
        (("Authorization", "Basic ZXRhbG9uOmV0YWxvbg=="),),
    )
    for headers in proofs:
        one = specimen(bench, person, author)
        for path, body in (("", bundle(bench, [one])), ("DocumentReference", simplified(one))):
            answer = bench.call(None, "POST", path, body=body, headers=headers)
            yield bench.expects("REC-06", answer, status(*NOT_TAKEN, 501))
        yield from never_kept(bench, "REC-06", author.who, one)
    yield from sees(bench, "REC-06", author.who, shown)


_PROFESSIONS: Final = ("10", "21", "26", "28", "40", "50", "60", "70", "80", "91", "92", "94", "95")
"""Codes of professions of the matrix."""


@check(requirements=("MTX-07", "REC-06", "REC-07", "W-REC-44"), needs=NEEDS)
def every_profession_feeds(bench: Bench) -> Iterator[Assertion]:
    """Whatever their profession, and strangers to the person, professionals deposit any type."""
    person = bench.person(age=61)
    doctor = bench.treating(person)
    kinds = list(care_types())
    bench.random.shuffle(kinds)
    for rank, profession in enumerate(_PROFESSIONS):
        try:
            author = bench.professional(profession)
        except CannotTest:
            continue
        kind = kinds[rank % len(kinds)]
        several = [specimen(bench, person, author, kind=each) for each in (kind, SEEN_BY_ALL)]
        answer = sent(bench, author.who, bundle(bench, several))
        for named in ("MTX-07", "REC-06", "REC-07", "W-REC-44"):
            yield bench.expects(named, answer, status(200))
        pages = found(bench, person.who, person)
        names = [one.unique_id for one in several]
        yield bench.expects("MTX-07", pages, includes(UNIQUE_IDS, *names))
        own = found(bench, author.who, person)
        yield bench.expects("W-REC-44", own, excludes(UNIQUE_IDS, *_of(pages, names)))
    shown_too(bench, doctor.who, kept(bench, person, doctor))


def _of(pages: Sequence[Exchange], but: Sequence[str]) -> list[str]:
    """Return the unique identifiers of pages, those of somebody left out."""
    return [one for page in pages for one in page.value(UNIQUE_IDS) if one not in but]


def _feeds(
    bench: Bench, named: Sequence[str], depositor: TestProfessional, *readers: Who
) -> Iterator[Assertion]:
    """A professional deposits in each way there is, in the record of the person of the check."""
    person = bench.people[0]
    one, simple = (specimen(bench, person, depositor, kind=SEEN_BY_ALL) for _ in range(2))
    answer = sent(bench, depositor.who, bundle(bench, [one]))
    simply = publish(bench, simple)
    taken = [one] if simply.status in NOT_OFFERED else [one, simple]
    for who in readers:
        pages = found(bench, who, person)
        names = includes(UNIQUE_IDS, *(each.unique_id for each in taken))
        for requirement in named:
            yield bench.expects(requirement, answer, status(200))
            yield bench.expects(requirement, pages, names)


@check(requirements=("REC-07", "W-REC-44"), needs=(*NEEDS, "give_consent"), wire=Wire.OWN)
def refused_reader_feeds(bench: Bench) -> Iterator[Assertion]:
    """Whoever may read no more, or never could, still feeds, by transaction and by publication."""
    person = bench.person(age=62)
    author, objected, stranger = (
        bench.treating(person),
        bench.treating(person),
        bench.professional(),
    )
    one = kept(bench, person, author)
    shown_too(bench, objected.who, one)
    wished(bench, person.who, person, READING, "deny", about=objected)
    for depositor in (objected, stranger):
        hidden_too(bench, depositor.who, one)
        for _ in range(2):
            yield from _feeds(bench, ("REC-07", "W-REC-44"), depositor, author.who)
        yield from misses(bench, ("REC-07", "W-REC-44"), depositor.who, one)


@check(requirements=("REC-08", "W-REC-43", "W-REC-44"), needs=(*NEEDS, "block"))
def blocked_professional_feeds_and_reads_nothing(bench: Bench) -> Iterator[Assertion]:
    """Blocked, professionals of any profession deposit, again and again, and read nothing."""
    person = bench.person(age=70)
    author = bench.treating(person)
    one = kept(bench, person, author)
    for code in ("10", "60", "21"):
        blocked = bench.treating(person, code)
        before = kept(bench, person, blocked)
        shown_too(bench, blocked.who, one, before)
        bench.relate("block", person, blocked)
        for _ in range(2):
            named = ("REC-08", "W-REC-44")
            yield from _feeds(bench, named, blocked, author.who, person.who)
        yield from misses(bench, ("REC-08", "W-REC-43"), blocked.who, one)
        yield from misses(bench, ("REC-08", "W-REC-43"), blocked.who, before, certain=False)


@check(requirements=("REC-09",), needs=(*NEEDS, "give_consent"), wire=Wire.OWN)
def objection_is_about_one_professional(bench: Bench) -> Iterator[Assertion]:
    """Each ground holds against one professional, in one record, and takes no reading away."""
    person, other = bench.person(age=44), bench.person(age=45)
    author = bench.treating(person)
    shown = kept(bench, person, author)
    for rank, ground in enumerate(_GROUNDS):
        kept_out = bench.treating(person)
        bench.relate("care_team", other, kept_out)
        groundless = wish(bench, person.who, person, FEEDING, "deny", about=kept_out)
        yield bench.expects("REC-09", groundless, refused())
        _, answer = fed(bench, person, kept_out)
        yield bench.expects("REC-09", answer, status(200))
        objected = wish(bench, person.who, person, FEEDING, "deny", about=kept_out, ground=ground)
        if rank and not objected.accepted:
            # Which grounds there are is ours; that there is one is the rule.
            continue
        yield bench.expects("REC-09", objected, accepted())
        refused_one = specimen(bench, person, kept_out, kind=SEEN_BY_ALL)
        for answer in _tried(bench, refused_one):
            yield bench.expects("REC-09", answer, status(*NOT_TAKEN))
        yield from never_kept(bench, "REC-09", person.who, refused_one)
        stranger = bench.professional()
        for subject, depositor in ((other, kept_out), (person, author), (person, stranger)):
            _, answer = fed(bench, subject, depositor)
            yield bench.expects("REC-09", answer, status(200))
        yield from sees(bench, "REC-09", kept_out.who, shown)


_GROUNDS: Final = ("no_care", "other_patient", "close_relation")
