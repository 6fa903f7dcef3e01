"""Every operation from every state: what moves a space, and what leaves it as it was."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Final

from etalon_conformance.bench import Bench
from etalon_conformance.checking import Assertion, check
from etalon_conformance.expectations import accepted, refused, status
from etalon_conformance.life_scene import (
    INSURER,
    SYSTEM,
    TERMS,
    decider,
    entered,
    is_fed,
    new_code,
    typed,
)
from etalon_conformance.requirement import Wire
from etalon_model.states import State
from etalon_target.actors import Who
from etalon_target.people import TestPerson

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

_ACTORS: Final[Mapping[str, Who]] = {
    "open_space": SYSTEM,
    "suspend_space": INSURER,
    "reinstate_space": INSURER,
    "close_suspended": SYSTEM,
    "start_erasure": SYSTEM,
    "finish_erasure": SYSTEM,
    "end_archive": SYSTEM,
}
_LEADS: Final[Mapping[str, frozenset[State]]] = {
    "oppose": frozenset({State.NOTIFIED}),
    "activate": frozenset({State.NOTIFIED, State.OPEN_INACTIVE, State.OPPOSED}),
    "close_space": frozenset({State.OPEN_ACTIVE}),
    "request_erasure": frozenset({State.CLOSED_ARCHIVED}),
    "suspend_space": frozenset({State.OPEN_ACTIVE, State.OPEN_INACTIVE}),
    "reinstate_space": frozenset({State.SUSPENDED}),
    "object_to_suspension": frozenset({State.SUSPENDED}),
    "open_space": frozenset(),
    "close_suspended": frozenset(),
    "start_erasure": frozenset({State.DELETION_REQUESTED}),
    "finish_erasure": frozenset(),
    "end_archive": frozenset(),
}
"""From which states an operation leads somewhere, at once and with what it asks for."""
_ANEW: Final = frozenset({State.CLOSED_ARCHIVED, State.DELETION_REQUESTED, State.PURGED})
"""States from which one enters again, by whichever of two operations."""
_STATES: Final = (
    State.NOT_NOTIFIED,
    State.NOTIFIED,
    State.OPPOSED,
    State.OPEN_INACTIVE,
    State.OPEN_ACTIVE,
    State.SUSPENDED,
    State.CLOSED_ARCHIVED,
    State.DELETION_REQUESTED,
    State.PURGED,
    State.DECEASED,
)
_OPEN: Final = frozenset({State.OPEN_ACTIVE, State.OPEN_INACTIVE})


def _values(person: TestPerson, name: str) -> "dict[str, Json]":
    own = typed(person)
    code = person.provisional_code or "0" * 12
    said: dict[str, dict[str, Json]] = {
        "oppose": {**own, "through": "phone"},
        "activate": {**own, "code": code, "termsVersion": TERMS},
        "close_space": {"passwordReentered": True},
        "suspend_space": {"reason": "malfunction"},
    }
    return {"patient": person.ins, **said.get(name, {})}


@check(
    requirements=("W-CON-04",),
    needs=("create_person", "create_professional", *_LEADS),
    wire=Wire.OWN,
)
def what_leads_nowhere_moves_nothing(bench: Bench) -> Iterator[Assertion]:
    """Operations that lead nowhere from a state are refused, and leave the space as it was."""
    for state in _STATES:
        person = bench.person(state, age=44)
        for name, sources in _LEADS.items():
            if state in sources or (name == "activate" and state in _ANEW):
                continue
            who = _ACTORS.get(name) or decider(bench, person)
            done = bench.operation(name, who, **_values(person, name))
            yield bench.expects("W-CON-04", done, refused())
            yield bench.expects("W-CON-04", done, status(403, 404, 409, 422))
        yield from is_fed(bench, "W-CON-04", person, is_open=state in _OPEN)


@check(
    requirements=("W-CON-04",),
    needs=("create_person", "create_professional", "regenerate_code", "reopen_space", *_LEADS),
    wire=Wire.OWN,
)
def what_leads_somewhere_leads_there_once(bench: Bench) -> Iterator[Assertion]:
    """Operations that lead somewhere from a state are done once, and lead there."""
    for name, sources in _LEADS.items():
        for state in sorted(sources, key=lambda one: one.value):
            person = bench.person(state, age=45)
            values = _values(person, name)
            if name == "activate" and not person.provisional_code:
                values["code"] = new_code(bench, person)
            who = _ACTORS.get(name) or decider(bench, person)
            done = bench.operation(name, who, **values)
            yield bench.expects("W-CON-04", done, accepted())
            opens = name in {"activate", "reinstate_space", "object_to_suspension"}
            yield from is_fed(bench, "W-CON-04", person, is_open=opens)
            yield bench.expects("W-CON-04", bench.operation(name, who, **values), refused())
            yield from is_fed(bench, "W-CON-04", person, is_open=opens)
    for state in sorted(_ANEW, key=lambda one: one.value):
        person = bench.person(state, age=46)
        code = new_code(bench, person)
        for expected in (accepted(), refused()):
            done = entered(bench, "reopen_space", person, code)
            yield bench.expects("W-CON-04", done, expected)
            yield from is_fed(bench, "W-CON-04", person, is_open=True)
    person = bench.person(State.DELETION_REQUESTED, age=47)
    code = new_code(bench, person)
    for name in ("start_erasure", "finish_erasure"):
        for expected in (accepted(), refused()):
            done = bench.operation(name, SYSTEM, patient=person.ins)
            yield bench.expects("W-CON-04", done, expected)
    yield bench.expects("W-CON-04", entered(bench, "reopen_space", person, code), accepted())
    yield from is_fed(bench, "W-CON-04", person, is_open=True)
