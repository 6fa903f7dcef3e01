"""The checks of shared agendas: clean on the reference, and each breach is seen where it is."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import cache
from typing import Final

import pytest

from etalon_cli.inside import Inside
from etalon_conformance.planning import Choice, planned
from etalon_conformance.running import RunOrder, run
from etalon_conformance.verdicts import Verdict
from etalon_target.messages import Answer, HttpRequest, HttpResponse
from etalon_target.targets import Options, target_of
from etalon_wire.validation.validator import Validator

CHECKS: Final = frozenset(
    {
        "schedules_are_made_changed_and_deleted",
        "appointments_are_made_and_updated_by_condition",
        "appointments_are_found_by_patient_date_and_status",
        "slots_are_matches_and_their_schedule_is_included",
    }
)
LOOKED_AT: Final = {f"W-AGD-0{number}" for number in (1, 2, 4, 5, 6, 7)}

Spoilt = Callable[[HttpRequest, HttpResponse], HttpResponse]


def asks(request: HttpRequest, verb: str, below: str) -> bool:
    """Whether a request is for something below the base."""
    return request.verb == verb and f"/fhir/{below}" in request.url


def with_status(verb: str, below: str, status: int) -> Spoilt:
    """A server that answers another status to what succeeds."""

    def spoil(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        succeeds = asks(request, verb, below) and answer.status in {200, 201, 204}
        return replace(answer, status=status) if succeeds else answer

    return spoil


def without_address(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
    """A server that does not say where an appointment stands."""
    if not asks(request, "POST", "Appointment"):
        return answer
    return replace(answer, headers=tuple(one for one in answer.headers if one[0] != "location"))


def with_body(below: str, old: bytes, new: bytes) -> Spoilt:
    """A server whose searches say something else."""

    def spoil(request: HttpRequest, answer: HttpResponse) -> HttpResponse:
        if not asks(request, "GET", below):
            return answer
        return replace(answer, body=answer.body.replace(old, new))

    return spoil


BREACHES: Final[Mapping[str, tuple[Spoilt, frozenset[str]]]] = {
    "a schedule is taken, and made later": (
        with_status("POST", "Schedule", 202),
        frozenset({"W-AGD-01"}),
    ),
    "a schedule that is changed is made": (
        with_status("PUT", "Schedule", 201),
        frozenset({"W-AGD-01", "W-AGD-02"}),
    ),
    "a schedule is deleted later": (
        with_status("DELETE", "Schedule", 202),
        frozenset({"W-AGD-01"}),
    ),
    "an appointment has no address": (without_address, frozenset({"W-AGD-06"})),
    "a conditional update always makes": (
        with_status("PUT", "Appointment", 201),
        frozenset({"W-AGD-07"}),
    ),
    "a search answers a collection": (
        with_body("Appointment?", b'"searchset"', b'"collection"'),
        frozenset({"W-AGD-05"}),
    ),
    "schedules match a search of slots": (
        with_body("Slot?", b'"include"', b'"match"'),
        frozenset({"W-AGD-04"}),
    ),
}


class Spoiling:
    """The reference, whose answers are spoilt."""

    def __init__(self, spoilt: Spoilt) -> None:
        """Spoil answers so."""
        self._reference = Inside(1, validator=_validator())
        self._spoilt = spoilt

    def send(self, request: HttpRequest) -> Answer:
        """Answer."""
        answer = self._reference.send(request)
        return self._spoilt(request, answer) if isinstance(answer, HttpResponse) else answer

    def close(self) -> None:
        """Close."""
        self._reference.close()


@cache
def _validator() -> Validator:
    return Validator()


def verdicts(spoilt: Spoilt) -> dict[str, set[Verdict]]:
    """What the checks say of each requirement."""
    order = RunOrder(plan=planned(Choice(suite="agenda-server", checks=CHECKS)), workers=1)
    with target_of("inprocess", Options(inprocess=lambda: Spoiling(spoilt))) as target:
        outcome = run(order, target)
    assert not outcome.faults
    found: dict[str, set[Verdict]] = {}
    for one in outcome.results:
        found.setdefault(one.requirement, set()).add(one.verdict)
    return found


def test_the_reference_passes() -> None:
    """Every requirement that is looked at."""
    assert verdicts(lambda _, answer: answer) == {one: {Verdict.PASS} for one in LOOKED_AT}


@pytest.mark.parametrize("case", BREACHES)
def test_a_breach_fails_what_it_breaks_and_nothing_else(case: str) -> None:
    """What cannot be seen behind it is not called a breach."""
    spoilt, broken = BREACHES[case]
    found = verdicts(spoilt)

    assert {one for one, said in found.items() if Verdict.FAIL in said} == broken
