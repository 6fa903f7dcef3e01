"""Pairing of services: consents, what ends with them, under what name people are known."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Final

from etalon_conformance.app_scene import (
    NEEDS,
    READ,
    WRITE,
    between,
    fed,
    paired,
    referenced,
    searched,
    weight,
)
from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import (
    accepted,
    excludes,
    includes,
    matches,
    refused,
    status,
)
from etalon_conformance.life_scene import closed
from etalon_conformance.races.stage import identity_of
from etalon_conformance.requirement import Wire
from etalon_model.catalogue.catalogue import Direction, ExchangeFamily, Use
from etalon_target.cannot import CannotTest
from etalon_wire.consents import Wish, consent_resource

_SHUT: Final = (401, 403)
_NOT_GIVEN: Final = (403,)
_TAKEN: Final = (200, 201)
_VALUES: Final = "entry[search.mode=match].resource.valueQuantity.value"


@check(
    requirements=("W-CAT-01", "CAT-07"),
    needs=(*NEEDS, "end_pairing"),
    wire=Wire.OWN,
    alone=True,
)
def withdrawn_pairing_ends_at_the_next_call(bench: Bench) -> Iterator[Assertion]:
    """A service that the holder left is refused at its next call, with the tokens it had."""
    who, other = paired(bench, READ, WRITE), paired(bench, READ, WRITE)
    at = bench.now()
    bench.expects("W-CAT-01", fed(bench, who, weight(who, at)), status(*_TAKEN), control=True)
    left = bench.operation("end_pairing", who.person.who, solution=who.solution)
    yield bench.expects("CAT-07", left, accepted())
    for answer in (fed(bench, who, weight(who, at)), searched(bench, who, *between(bench))):
        yield bench.expects("W-CAT-01", answer, status(*_SHUT))
        yield bench.expects("CAT-07", answer, status(*_SHUT))
    yield bench.expects("W-CAT-01", fed(bench, other, weight(other, at)), status(*_TAKEN))


@check(requirements=("W-CAT-02", "CAT-05", "CAT-06"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def consent_holds_for_one_direction(bench: Bench) -> Iterator[Assertion]:
    """Who may only read does not write, and who may only write does not read: 403."""
    reader, writer = paired(bench, READ), paired(bench, WRITE)
    at = bench.now()
    for who, reads in ((reader, True), (writer, False)):
        found = searched(bench, who, *between(bench))
        sent = fed(bench, who, weight(who, at))
        for answer, allowed in ((found, reads), (sent, not reads)):
            expected = status(*(_TAKEN if allowed else _NOT_GIVEN))
            yield bench.expects("W-CAT-02", answer, expected)
            yield bench.expects("CAT-06", answer, expected)
            if not allowed:
                yield bench.expects("CAT-05", answer, expected)


@check(requirements=("CAT-05", "W-CAT-02"), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def consent_holds_for_one_family_of_data(bench: Bench) -> Iterator[Assertion]:
    """Who may read and write other data of the holder neither reads nor writes measures: 403."""
    who = paired(bench, ("documents", "read"), ("agenda", "read"), ("agenda", "write"))
    at = bench.now()
    answers = (searched(bench, who, *between(bench)), fed(bench, who, weight(who, at)))
    for answer in answers:
        for requirement in ("CAT-05", "W-CAT-02"):
            yield bench.expects(requirement, answer, status(*_NOT_GIVEN))


@check(requirements=("CAT-05", "CAT-07"), needs=NEEDS, wire=Wire.OWN, alone=True)
def consent_taken_back_ends_one_use(bench: Bench) -> Iterator[Assertion]:
    """A service whose holder takes back the consent to writing writes no more, and reads on."""
    if not bench.target.speaks_own_wire:
        raise CannotTest(key="target.no_way", operation="give_consent")
    who = paired(bench, READ, WRITE)
    at = bench.now()
    bench.expects("CAT-05", fed(bench, who, weight(who, at)), status(*_TAKEN), control=True)
    left = frozenset({Use("care", ExchangeFamily.MEASURES, Direction.READ)})
    made = Wish("app-sharing", "permit", who.solution, at, uses=left)
    body = consent_resource(identity_of(who.person), made)
    taken = bench.call(who.person.who, "POST", "Consent", body=body)
    bench.expects("CAT-05", taken, status(*_TAKEN), control=True)
    sent = fed(bench, who, weight(who, at + timedelta(seconds=1)))
    for requirement in ("CAT-05", "CAT-07"):
        yield bench.expects(requirement, sent, status(*_SHUT))
    yield bench.expects("CAT-05", searched(bench, who, *between(bench)), status(*_TAKEN))


@check(requirements=("CAT-15",), needs=NEEDS, wire=Wire.DRAFT, alone=True)
def service_never_learns_the_matricule(bench: Bench) -> Iterator[Assertion]:
    """Neither what it reads, nor a refusal, nor the name it is given holds the matricule."""
    who = paired(bench, READ, WRITE)
    ins = who.person.ins
    at = bench.now()
    hidden = matches("text", rf"(?s)(?!.*{re.escape(ins)}).*")
    answers = (
        fed(bench, who, weight(who, at)),
        searched(bench, who, *between(bench)),
        searched(bench, who, ("_count", "101")),
        fed(bench, who, {**weight(who, at), "subject": {"identifier": {"value": ins[:5]}}}),
    )
    for answer in answers:
        yield bench.expects("CAT-15", answer, hidden)
    values = "entry[search.mode=match].resource.subject.identifier.value"
    yield bench.expects("CAT-15", answers[1], includes(values, who.patient))
    yield bench.expects("CAT-15", answers[1], excludes(values, ins))


@check(requirements=("CAT-01", "W-CAT-03"), needs=NEEDS, wire=Wire.OWN, alone=True)
def catalogue_shows_services_on_line(bench: Bench) -> Iterator[Assertion]:
    """A referenced service appears, and one that nobody referenced is neither there nor joined."""
    if not bench.target.speaks_own_wire:
        raise CannotTest(key="target.no_way", operation="catalogue")
    solution, nobody = referenced(bench, (READ,)), "1.2.250.1.999.9.99"
    shown = bench.call(None, "GET", "root:/catalogue/Device?_count=100")
    listed = "entry.resource.identifier.value"
    yield bench.expects("CAT-01", shown, status(200))
    yield bench.expects("CAT-01", shown, includes(listed, f"urn:oid:{solution}"))
    yield bench.expects("W-CAT-03", shown, includes(listed, f"urn:oid:{solution}"))
    yield bench.expects("CAT-01", shown, excludes(listed, f"urn:oid:{nobody}"))
    person = bench.person()
    joined = bench.operation("pairing", None, holder=person.ins, who=nobody)
    yield bench.expects("CAT-01", joined, refused())


@check(requirements=("LIF-12",), needs=(*NEEDS, "close_space"), wire=Wire.OWN, alone=True)
def closing_a_space_shuts_services_out(bench: Bench) -> Iterator[Assertion]:
    """A service reads nothing of a space that its holder closed."""
    who = paired(bench, READ, WRITE)
    at = bench.now()
    bench.expects("LIF-12", fed(bench, who, weight(who, at, 72.75)), status(*_TAKEN), control=True)
    if not closed(bench, who.person).accepted:
        raise CannotTest(key="cause.refused", operation="close_space")
    after = searched(bench, who, *between(bench))
    yield bench.expects("LIF-12", after, excludes(_VALUES, "72.75"))
    yield bench.expects("LIF-12", fed(bench, who, weight(who, at)), status(401, 403, 404, 409, 422))
