"""The states of a space: what leads from one to another, and what leads nowhere."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import accepted, refused, status
from etalon_conformance.life_scene import INSURER, SYSTEM, TERMS, decider, typed
from etalon_conformance.requirement import Wire
from etalon_model.states import State
from etalon_target.actors import Who
from etalon_target.people import TestPerson

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

_OF_HOLDERS: Final = ("oppose", "activate", "close_space", "request_erasure")
_OF_OTHERS: Final[Mapping[str, Who]] = {
    "open_space": SYSTEM,
    "suspend_space": INSURER,
    "reinstate_space": INSURER,
}

NOWHERE: Final[Mapping[State, tuple[str, ...]]] = {
    State.NOT_NOTIFIED: ("oppose", "open_space", "close_space", "request_erasure"),
    State.NOTIFIED: ("open_space", "close_space", "request_erasure", "suspend_space"),
    State.OPPOSED: ("oppose", "open_space", "close_space", "request_erasure", "suspend_space"),
    State.OPEN_INACTIVE: ("oppose", "open_space", "request_erasure", "reinstate_space"),
    State.OPEN_ACTIVE: ("oppose", "activate", "open_space", "request_erasure", "reinstate_space"),
    State.SUSPENDED: ("oppose", "open_space", "close_space", "request_erasure", "suspend_space"),
    State.CLOSED_ARCHIVED: ("oppose", "open_space", "close_space", "suspend_space"),
    State.DELETION_REQUESTED: ("oppose", "open_space", "close_space", "request_erasure"),
    State.PURGED: ("oppose", "open_space", "close_space", "request_erasure", "suspend_space"),
    State.DECEASED: ("oppose", "activate", "open_space", "close_space", "suspend_space"),
}
"""Operations that lead nowhere from a state."""


def _values(person: TestPerson, name: str) -> "dict[str, Json]":
    own = typed(person)
    code = person.provisional_code or "0" * 12
    said: dict[str, dict[str, Json]] = {
        "oppose": {**own, "code": code, "through": "web"},
        "activate": {**own, "code": code, "termsVersion": TERMS},
        "close_space": {"passwordReentered": True},
        "suspend_space": {"reason": "fraud"},
    }
    return {"patient": person.ins, **said.get(name, {})}


@check(
    requirements=("W-CON-04",),
    needs=("create_person", *_OF_HOLDERS, *_OF_OTHERS),
    wire=Wire.OWN,
)
def states_follow_their_transitions_only(bench: Bench) -> Iterator[Assertion]:
    """From each state, what leads nowhere is refused by 409 or 422, however often it is asked."""
    notified = bench.person(State.NOTIFIED, age=44)
    right = bench.operation("oppose", notified.who, **_values(notified, "oppose"))
    bench.expects("W-CON-04", right, accepted(), control=True)
    for state, names in NOWHERE.items():
        person = bench.person(state, age=44)
        for name in names:
            who = _OF_OTHERS.get(name) or decider(bench, person)
            done = bench.operation(name, who, **_values(person, name))
            yield bench.expects("W-CON-04", done, refused())
            yield bench.expects("W-CON-04", done, status(403, 404, 409, 422))


@check(
    requirements=("W-CON-04",),
    needs=("create_person", "oppose", "suspend_space", "reinstate_space", "close_space"),
    wire=Wire.OWN,
)
def states_are_left_by_their_transitions(bench: Bench) -> Iterator[Assertion]:
    """What leads from one state to another is done once, and refused the second time."""
    steps = (
        (State.NOTIFIED, ("oppose",)),
        (State.OPEN_ACTIVE, ("suspend_space", "reinstate_space", "close_space")),
        (State.OPEN_INACTIVE, ("suspend_space", "reinstate_space")),
    )
    for state, names in steps:
        person = bench.person(state, age=45)
        for name in names:
            who = _OF_OTHERS.get(name) or decider(bench, person)
            values = _values(person, name)
            yield bench.expects("W-CON-04", bench.operation(name, who, **values), accepted())
            yield bench.expects("W-CON-04", bench.operation(name, who, **values), refused())
