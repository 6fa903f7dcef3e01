"""What services may do: each use by its own consent, changed at any time, ended at once."""

import re
from collections.abc import Iterator
from typing import Final

from etalon_conformance.app_doors import (
    OPEN,
    USES,
    appointments_found,
    consent_changed,
    documents_found,
    noted,
    open_are,
    renewed,
    told_by,
)
from etalon_conformance.app_scene import (
    NEEDS,
    READ,
    WRITE,
    Use,
    between,
    fed,
    joined,
    paired,
    referenced,
    searched,
    weight,
)
from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import (
    absent,
    accepted,
    count,
    equals,
    excludes,
    includes,
    matches,
    refused,
    status,
)
from etalon_conformance.record_scene import DOCUMENTS
from etalon_conformance.requirement import Wire
from etalon_conformance.seeing import kept
from etalon_conformance.several import under
from etalon_model.actors import ActorKind
from etalon_target.cannot import CannotTest
from etalon_wire.json_body import Json

_SHUT: Final = (401, 403)
_WITH_RECORD: Final = (*NEEDS, "create_professional", "care_team")
_VALUES: Final = "entry[search.mode=match].resource.valueQuantity.value"
_CONSENTS: Final = ("CAT-05", "CAT-06", "W-CAT-02")
_SERVICES: Final = "root:/catalogue/Device"
_LISTED: Final = "entry.resource.identifier.value"


def _own_wire(bench: Bench) -> None:
    if not bench.target.speaks_own_wire:
        raise CannotTest(key="target.no_way", operation="catalogue")


@check(
    requirements=("CAT-05", "CAT-06", "W-CAT-02", "CAT-14", "W-MEA-03"),
    needs=_WITH_RECORD,
    wire=Wire.DRAFT,
    alone=True,
)
def each_use_opens_its_own_door_alone(bench: Bench) -> Iterator[Assertion]:
    """Measures, agenda, documents, read or written: a consent opens one door, all open all."""
    person = bench.person()
    doctor = bench.treating(person)
    kept(bench, person, doctor)
    alone: list[tuple[Use, ...]] = [(use,) for use in (*USES, ("documents", "write"))]
    for uses in (*alone, (READ, ("agenda", "write")), (WRITE, ("agenda", "read"))):
        who = paired(bench, *uses, person=person)
        yield from open_are(bench, (*_CONSENTS, "W-MEA-03"), who, doctor, uses)
    whole = paired(bench, *USES, person=person)
    yield from open_are(bench, (*_CONSENTS, "CAT-14"), whole, doctor, USES)


@check(
    requirements=("CAT-05", "CAT-06", "W-CAT-02", "CAT-07"),
    needs=(*NEEDS, "create_professional"),
    wire=Wire.OWN,
    alone=True,
)
def consents_are_changed_one_by_one(bench: Bench) -> Iterator[Assertion]:
    """Each is taken back and given again at any time; the next call of the service meets it."""
    person, doctor = bench.person(), bench.professional()
    who = paired(bench, *USES, person=person)
    named = (*_CONSENTS, "CAT-07")
    steps: list[tuple[Use, ...]] = []
    for left in USES:
        steps += [tuple(use for use in USES if use != left), USES]
    steps += [USES[:most] for most in (4, 3, 2, 1, 2, 3, 4, 5)]
    for rank, uses in enumerate(steps):
        changed = consent_changed(bench, who, person.who, uses)
        yield bench.expects("CAT-07", changed, status(*OPEN))
        held = renewed(bench, who, f"after {rank}")
        yield from open_are(bench, named, held, doctor, uses)
        for use, answer in (
            (READ, searched(bench, who, *between(bench))),
            (WRITE, fed(bench, who, weight(who, bench.now()))),
        ):
            if use not in uses:
                yield from under(bench, named, answer, status(*_SHUT))


@check(
    requirements=("CAT-05", "CAT-06", "CAT-07"),
    needs=NEEDS,
    wire=Wire.OWN,
    alone=True,
)
def nobody_else_consents_for_the_holder(bench: Bench) -> Iterator[Assertion]:
    """Neither another holder nor a false parent widens what a service may do, or ends it."""
    solution = referenced(bench, (READ, WRITE))
    who = joined(bench, solution, bench.person())
    other = bench.person()
    narrowed = consent_changed(bench, who, who.person.who, (READ,))
    bench.expects("CAT-05", narrowed, status(*OPEN), control=True)
    false = bench.acting(ActorKind.REPRESENTATIVE, other, who.person)
    for asking in (other.who, false):
        try:
            wider = consent_changed(bench, who, asking, (READ, WRITE))
        except CannotTest:
            continue
        yield bench.expects("CAT-05", wider, status(400, 401, 403, 404, 409, 422))
    sent = fed(bench, who, weight(who, bench.now()))
    yield from under(bench, ("CAT-05", "CAT-06"), sent, status(*_SHUT))
    if bench.target.operations.can("end_pairing"):
        bench.operation("end_pairing", other.who, solution=solution)
        yield bench.expects("CAT-07", searched(bench, who, *between(bench)), status(200))


@check(
    requirements=("W-CAT-01", "CAT-07", "CAT-05"),
    needs=(*_WITH_RECORD, "end_pairing"),
    wire=Wire.OWN,
    alone=True,
)
def ended_pairing_shuts_every_door(bench: Bench) -> Iterator[Assertion]:
    """For one holder and for one service; a new pairing opens them again, and ends as well."""
    person, neighbour = bench.person(), bench.person()
    doctor = bench.treating(person)
    kept(bench, person, doctor)
    solution = referenced(bench, USES)
    who, beside = joined(bench, solution, person), joined(bench, solution, neighbour)
    other = paired(bench, *USES, person=person)
    named = ("W-CAT-01", "CAT-07")
    for again in range(2):
        yield from open_are(bench, named, who, doctor, USES)
        left = bench.operation("end_pairing", person.who, solution=solution)
        yield bench.expects("CAT-07", left, accepted())
        for _ in range(2):
            yield from open_are(bench, (*named, "CAT-05"), who, doctor, (), _SHUT)
        for still in (beside, other):
            yield from open_are(bench, named, still, doctor, USES)
        if not again:
            bench.relate("pairing", person, solution)
            who = renewed(bench, who, "paired again")


@check(
    requirements=("CAT-07", "W-CAT-01", "CAT-05"),
    needs=(*NEEDS, "end_pairing"),
    wire=Wire.OWN,
    alone=True,
)
def representative_ends_the_pairing_of_a_child(bench: Bench) -> Iterator[Assertion]:
    """The parent of a child takes one consent back, then all of them; a stranger takes none."""
    parent, stranger = bench.person(age=41), bench.person(age=42)
    child = bench.person(age=8, guardian=parent)
    who = paired(bench, READ, WRITE, person=child)
    acting = bench.acting(ActorKind.REPRESENTATIVE, parent, child)
    bench.operation("end_pairing", stranger.who, solution=who.solution)
    yield bench.expects("CAT-07", searched(bench, who, *between(bench)), status(200))
    changed = consent_changed(bench, who, acting, (READ,))
    yield bench.expects("CAT-07", changed, status(*OPEN))
    sent = fed(bench, who, weight(who, bench.now()))
    yield from under(bench, ("CAT-05", "CAT-07"), sent, status(*_SHUT))
    yield bench.expects("CAT-05", searched(bench, who, *between(bench)), status(200))
    ended = bench.operation("end_pairing", acting, solution=who.solution)
    yield bench.expects("CAT-07", ended, accepted())
    after = searched(bench, who, *between(bench))
    yield from under(bench, ("CAT-07", "W-CAT-01"), after, status(*_SHUT))


@check(requirements=("CAT-15", "CAT-14"), needs=_WITH_RECORD, wire=Wire.DRAFT, alone=True)
def holder_has_a_name_for_each_service(bench: Bench) -> Iterator[Assertion]:
    """Tokens, measures, documents and appointments say that name, never the matricule."""
    person = bench.person()
    doctor = bench.treating(person)
    kept(bench, person, doctor)
    services = [paired(bench, *USES, person=person) for _ in range(2)]
    hidden = matches("text", rf"(?s)(?!.*{re.escape(person.ins)}).*")
    for rank, who in enumerate(services):
        answers = [
            told_by(bench, who.identity),
            told_by(bench, who.access),
            fed(bench, who, weight(who, bench.now(), 71.25 + rank)),
            searched(bench, who, *between(bench)),
        ]
        if bench.target.speaks_own_wire:
            answers += [
                noted(bench, who, doctor, rank),
                appointments_found(bench, who),
                documents_found(bench, who),
            ]
        for answer in answers:
            yield bench.expects("CAT-15", answer, hidden)
        values = "entry[search.mode=match].resource.subject.identifier.value"
        yield bench.expects("CAT-15", answers[3], includes(values, who.patient))
        yield bench.expects("CAT-15", answers[3], excludes(values, services[1 - rank].patient))
        if bench.target.speaks_own_wire:
            yield bench.expects("CAT-14", answers[6], matches(f"{DOCUMENTS}.id", ".+"))
            yield bench.expects("CAT-14", answers[5], matches("entry.resource.start", ".+"))
        said = told_by(bench, who.identity)
        yield bench.expects("CAT-15", said, excludes("sub", person.ins))


@check(requirements=("CAT-14", "CAT-05"), needs=_WITH_RECORD, wire=Wire.OWN, alone=True)
def service_reads_one_holder_alone(bench: Bench) -> Iterator[Assertion]:
    """Of two holders of one service, each pairing reads its own documents, agenda and measures."""
    _own_wire(bench)
    solution = referenced(bench, USES)
    people = [bench.person() for _ in range(2)]
    doctors = [bench.treating(person) for person in people]
    held = [kept(bench, one, doctor) for one, doctor in zip(people, doctors, strict=True)]
    pairs = [joined(bench, solution, person) for person in people]
    for rank, who in enumerate(pairs):
        for answer in (
            fed(bench, who, weight(who, bench.now(), 70.25 + rank)),
            noted(bench, who, doctors[rank]),
        ):
            yield bench.expects("CAT-14", answer, status(*OPEN))
    for rank, who in enumerate(pairs):
        found = documents_found(bench, who)
        titles = f"{DOCUMENTS}.content.attachment.title"
        yield bench.expects("CAT-14", found, equals(titles, held[rank].one.title))
        yield bench.expects("CAT-05", found, excludes(f"{DOCUMENTS}.id", held[1 - rank].place))
        booked = appointments_found(bench, who)
        yield bench.expects("CAT-05", booked, count("entry.resource.start", 1))
        read = searched(bench, who, *between(bench))
        for requirement in ("CAT-14", "CAT-05"):
            yield bench.expects(requirement, read, equals(_VALUES, f"{70.25 + rank:g}"))


@check(requirements=("CAT-01", "W-CAT-03"), needs=NEEDS, wire=Wire.OWN, alone=True)
def catalogue_lists_what_was_referenced(bench: Bench) -> Iterator[Assertion]:
    """By any way it is asked: after a service was referenced and not before, with its state."""
    _own_wire(bench)
    first = referenced(bench, (READ,))
    before = bench.call(None, "GET", f"{_SERVICES}?_count=100")
    second = referenced(bench, (WRITE,))
    named = ("CAT-01", "W-CAT-03")
    own, other = f"urn:oid:{first}", f"urn:oid:{second}"
    yield from under(bench, named, before, includes(_LISTED, own))
    yield from under(bench, named, before, excludes(_LISTED, other))
    for answer in (
        bench.call(None, "GET", f"{_SERVICES}?_count=100"),
        bench.call(None, "GET", f"{_SERVICES}?status=active&_count=100"),
        bench.call(None, "POST", f"{_SERVICES}/_search", form={"_count": "100"}),
    ):
        yield from under(bench, named, answer, includes(_LISTED, own, other))
    inactive = bench.call(None, "GET", f"{_SERVICES}?status=inactive&_count=100")
    yield from under(bench, named, inactive, excludes(_LISTED, own, other))
    for one, left_out in ((own, other), (other, own)):
        answer = bench.call(None, "GET", f"{_SERVICES}?identifier={one}")
        yield bench.expects("CAT-01", answer, includes(_LISTED, one))
        yield bench.expects("CAT-01", answer, excludes(_LISTED, left_out))
        ident = answer.first("entry.resource.id") or "-"
        read = bench.call(None, "GET", f"{_SERVICES}/{ident}")
        yield from under(bench, named, read, includes("identifier.value", one))
        yield from under(bench, named, read, equals(".status", "active"))
    unknown = bench.call(None, "GET", f"{_SERVICES}?identifier=urn:oid:1.2.250.1.999.9.98")
    yield bench.expects("CAT-01", unknown, absent(_LISTED))


@check(requirements=("CAT-04",), needs=NEEDS, wire=Wire.OWN, alone=True)
def services_ask_for_purposes_of_the_law(bench: Bench) -> Iterator[Assertion]:
    """For prevention, diagnosis, care and social follow-up; for research or trade, none."""
    referenced(bench, (READ,))

    def asked(purpose: str) -> list[Json]:
        return [{"purpose": purpose, "family": "measures", "direction": "read"}]

    for purpose in ("prevention", "diagnosis", "care", "social follow-up"):
        done = bench.operation("create_service", None, uses=asked(purpose))
        yield bench.expects("CAT-04", done, accepted())
    for purpose in ("research", "insurance", "marketing", "employment"):
        done = bench.operation("create_service", None, uses=asked(purpose))
        yield bench.expects("CAT-04", done, refused())
    both: list[Json] = [*asked("care"), *asked("research")]
    yield bench.expects("CAT-04", bench.operation("create_service", None, uses=both), refused())
