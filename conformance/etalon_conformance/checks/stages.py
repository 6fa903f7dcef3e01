"""Acts on a space: whose they are, and when their time has come."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import accepted, refused
from etalon_conformance.life_scene import (
    INSURER,
    SYSTEM,
    closed,
    entered,
    is_fed,
    new_code,
    reopened,
    typed,
)
from etalon_conformance.record_scene import NEEDS
from etalon_conformance.requirement import Wire
from etalon_conformance.seeing import kept, sees
from etalon_model.actors import ActorKind
from etalon_model.states import State

if TYPE_CHECKING:
    from etalon_target.actors import Who
    from etalon_wire.json_body import Json

_STEPS: Final = ("start_erasure", "finish_erasure", "end_archive", "close_suspended")
"""What a system does when the time has come, where it is told to."""
_TOO_EARLY: Final[Mapping[State, tuple[str, ...]]] = {
    State.NOTIFIED: _STEPS,
    State.OPPOSED: _STEPS,
    State.OPEN_INACTIVE: _STEPS,
    State.OPEN_ACTIVE: _STEPS,
    State.SUSPENDED: _STEPS,
    State.CLOSED_ARCHIVED: _STEPS,
    State.DELETION_REQUESTED: ("finish_erasure", "end_archive", "close_suspended"),
}
"""Steps that nothing has called for, by the state of the space."""
_RULES: Final[Mapping[str, str]] = {
    "start_erasure": "LIF-13",
    "finish_erasure": "LIF-13",
    "end_archive": "LIF-12",
    "close_suspended": "LIF-24",
}


@check(
    requirements=("W-CON-04", "LIF-12", "LIF-13", "LIF-24"),
    needs=("create_person", *_STEPS),
    wire=Wire.OWN,
)
def steps_wait_for_their_time(bench: Bench) -> Iterator[Assertion]:
    """No archive ends, no erasure and no closing goes on, that nothing has called for."""
    due = bench.person(State.DELETION_REQUESTED, age=48)
    for name in ("start_erasure", "finish_erasure"):
        done = bench.operation(name, SYSTEM, patient=due.ins)
        bench.expects("LIF-13", done, accepted(), control=True)
    for state, names in _TOO_EARLY.items():
        person = bench.person(state, age=47)
        for name in names:
            done = bench.operation(name, SYSTEM, patient=person.ins)
            for requirement in ("W-CON-04", _RULES[name]):
                yield bench.expects(requirement, done, refused())


@check(
    requirements=("LIF-12", "LIF-13", "LIF-24"),
    needs=(*NEEDS, "close_space", "request_erasure", "suspend_space", "reinstate_space"),
    wire=Wire.OWN,
)
def acts_on_a_space_are_not_everybodys(bench: Bench) -> Iterator[Assertion]:
    """Neither another holder nor a professional closes, erases or suspends somebody's space."""
    person, stranger = bench.person(age=58), bench.person(age=57)
    author = bench.treating(person)
    one = kept(bench, person, author)
    others = (
        stranger.who,
        bench.acting(ActorKind.REPRESENTATIVE, stranger, person),
        author.who,
    )
    own = {"patient": person.ins}
    yield from _refused_to(bench, "LIF-12", "close_space", others, **own, passwordReentered=True)
    suspending = (*others, person.who)
    yield from _refused_to(bench, "LIF-24", "suspend_space", suspending, **own, reason="fraud")
    yield from is_fed(bench, "LIF-24", person, is_open=True)
    suspended = bench.person(State.SUSPENDED, age=56)
    reinstating = (*others, suspended.who)
    yield from _refused_to(bench, "LIF-24", "reinstate_space", reinstating, patient=suspended.ins)
    yield from is_fed(bench, "LIF-24", suspended, is_open=False)
    given = bench.operation("reinstate_space", INSURER, patient=suspended.ins)
    yield bench.expects("LIF-24", given, accepted())
    bench.expects("LIF-12", closed(bench, person), accepted(), control=True)
    yield from _refused_to(bench, "LIF-13", "request_erasure", others, **own)
    reopened(bench, person)
    yield from sees(bench, "LIF-13", person.who, one)


def _refused_to(
    bench: Bench, requirement: str, name: str, actors: "tuple[Who, ...]", **values: "Json"
) -> Iterator[Assertion]:
    """Several who are not to do something are refused it."""
    for who in actors:
        yield bench.expects(requirement, bench.operation(name, who, **values), refused())


@check(
    requirements=("LIF-07", "LIF-09", "LIF-14"),
    needs=(*NEEDS, "activate", "close_space", "regenerate_code", "reopen_space"),
    wire=Wire.OWN,
)
def space_is_entered_by_whom_it_is(bench: Bench) -> Iterator[Assertion]:
    """Nobody enters, first or again, with another birth date, another card or another code."""
    waiting, leaving = bench.person(State.NOTIFIED, age=45), bench.person(age=46)
    stranger = bench.person(age=47)
    bench.expects("LIF-14", closed(bench, leaving), accepted(), control=True)
    cases = (
        ("LIF-07", "activate", waiting, waiting.provisional_code),
        ("LIF-14", "reopen_space", leaving, new_code(bench, leaving)),
    )
    for requirement, name, person, code in cases:
        said: dict[str, Json] = {"patient": person.ins, "code": code, "termsVersion": "1"}
        wrong: tuple[dict[str, Json], ...] = (
            {"birthDate": typed(stranger)["birthDate"]},
            {"vitaleSerial": typed(stranger)["vitaleSerial"]},
        )
        for instead in wrong:
            done = bench.operation(name, person.who, **{**said, **typed(person), **instead})
            yield bench.expects("LIF-09", done, refused())
        for other in ("0" * len(code), ""):
            done = bench.operation(name, person.who, **{**said, **typed(person), "code": other})
            yield bench.expects(requirement, done, refused())
        yield from is_fed(bench, requirement, person, is_open=False)
        yield bench.expects(requirement, entered(bench, name, person, code), accepted())
        yield from is_fed(bench, requirement, person, is_open=True)
