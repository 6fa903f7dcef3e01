"""Each of the twenty-six transitions is taken, counted and logged."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest

from etalon_model import (
    INSURER,
    SYSTEM,
    TRANSITIONS,
    CloseSuspended,
    CloseThroughSupport,
    ComeOfAge,
    DeclareNotRepresentative,
    EndArchive,
    Period,
    RecordDeath,
    Reinstate,
    ReportBounce,
    ReportOpeningFailure,
    RequestErasure,
    Route,
    State,
    holder,
    vintage,
)
from etalon_model.handlers import HANDLERS
from etalon_model.sandbox import Sandbox

A_DAY = timedelta(days=1)
SEVENTEEN = date(2004, 6, 15)


def bounced_then_written_to(box: Sandbox) -> str:
    """T03: the e-mail fails and a letter follows."""
    ins = box.person()
    box.notify(ins)
    box.wait(A_DAY)
    box.do(ReportBounce(box.now, SYSTEM, ins))
    box.notify(ins)
    return ins


def brought(state: State) -> Callable[[Sandbox], str]:
    """Return the rehearsal of the way to a state."""

    def rehearse(box: Sandbox) -> str:
        ins = box.person()
        box.bring(ins, state)
        return ins

    return rehearse


def then(state: State, act: Callable[[Sandbox, str], object]) -> Callable[[Sandbox], str]:
    """Return the rehearsal of an act a day after reaching a state."""

    def rehearse(box: Sandbox) -> str:
        ins = brought(state)(box)
        box.wait(A_DAY)
        act(box, ins)
        return ins

    return rehearse


def after(period: str, act: Callable[[Sandbox, str], object]) -> Callable[[Sandbox, str], object]:
    """Return an act delayed by a civil period."""

    def delayed(box: Sandbox, ins: str) -> object:
        box.wait(Period(period))
        return act(box, ins)

    return delayed


def of_a_minor(act: Callable[[Sandbox, str, str], object]) -> Callable[[Sandbox], str]:
    """Return the rehearsal of an act on a notified minor and their parent."""

    def rehearse(box: Sandbox) -> str:
        parent = box.person()
        child = box.person(parent, born=SEVENTEEN)
        box.bring(child, State.NOTIFIED)
        act(box, child, parent)
        return child

    return rehearse


def open_then_come_of_age(box: Sandbox, child: str, _parent: str) -> None:
    """The space opens by silence, and the eighteenth birthday comes."""
    box.open_by_silence(child)
    box.wait(Period("P1Y"))
    box.do(ComeOfAge(box.now, SYSTEM, child))


REHEARSALS: dict[str, tuple[Callable[[Sandbox], str], State]] = {
    "T01": (lambda box: box.person(), State.NOT_NOTIFIED),
    "T02": (brought(State.NOTIFIED), State.NOTIFIED),
    "T03": (bounced_then_written_to, State.NOTIFIED),
    "T04": (brought(State.OPPOSED), State.OPPOSED),
    "T05": (brought(State.OPEN_ACTIVE), State.OPEN_ACTIVE),
    "T06": (brought(State.OPEN_INACTIVE), State.OPEN_INACTIVE),
    "T07": (
        then(State.NOTIFIED, lambda box, ins: box.do(ReportOpeningFailure(box.now, SYSTEM, ins))),
        State.NOTIFIED,
    ),
    "T08": (then(State.NOTIFIED, lambda box, ins: box.new_code(ins)), State.NOTIFIED),
    "T09": (
        of_a_minor(
            lambda box, child, parent: box.do(
                DeclareNotRepresentative(box.now, holder(parent), child)
            )
        ),
        State.NOTIFIED,
    ),
    "T10": (then(State.OPEN_INACTIVE, lambda box, ins: box.activate(ins)), State.OPEN_ACTIVE),
    "T11": (
        then(
            State.OPEN_INACTIVE,
            lambda box, ins: box.do(CloseThroughSupport(box.now, holder(ins), ins, Route.PHONE)),
        ),
        State.CLOSED_ARCHIVED,
    ),
    "T12": (brought(State.CLOSED_ARCHIVED), State.CLOSED_ARCHIVED),
    "T13": (brought(State.DELETION_REQUESTED), State.DELETION_REQUESTED),
    "T14": (
        then(
            State.CLOSED_ARCHIVED,
            lambda box, ins: box.do(RequestErasure(box.now, holder(ins), ins)),
        ),
        State.DELETION_REQUESTED,
    ),
    "T15": (brought(State.DELETION_RUNNING), State.DELETION_RUNNING),
    "T16": (brought(State.PURGED), State.PURGED),
    "T17": (then(State.DELETION_REQUESTED, lambda box, ins: box.activate(ins)), State.OPEN_ACTIVE),
    "T18": (then(State.CLOSED_ARCHIVED, lambda box, ins: box.activate(ins)), State.OPEN_ACTIVE),
    "T19": (
        then(
            State.CLOSED_ARCHIVED,
            after("P10Y", lambda box, ins: box.do(EndArchive(box.now, SYSTEM, ins))),
        ),
        State.PURGED,
    ),
    "T20": (then(State.PURGED, lambda box, ins: box.activate(ins)), State.OPEN_ACTIVE),
    "T21": (then(State.OPPOSED, lambda box, ins: box.activate(ins)), State.OPEN_ACTIVE),
    "T22": (brought(State.SUSPENDED), State.SUSPENDED),
    "T23": (
        then(
            State.SUSPENDED,
            after("P6W", lambda box, ins: box.do(CloseSuspended(box.now, INSURER, ins))),
        ),
        State.CLOSED_ARCHIVED,
    ),
    "T24": (
        then(State.SUSPENDED, lambda box, ins: box.do(Reinstate(box.now, INSURER, ins))),
        State.OPEN_ACTIVE,
    ),
    "T25": (brought(State.DECEASED), State.DECEASED),
    "T26": (of_a_minor(open_then_come_of_age), State.OPEN_INACTIVE),
}


def test_every_transition_has_a_rehearsal() -> None:
    """The table has twenty-six rows, and each is rehearsed here."""
    assert list(TRANSITIONS) == [f"T{number:02d}" for number in range(1, 27)]
    assert REHEARSALS.keys() == TRANSITIONS.keys()


@pytest.mark.parametrize("ident", REHEARSALS)
def test_the_transition_is_taken_once_counted_and_logged(ident: str) -> None:
    """The state is that of the table and the last row of the log names a command of the table."""
    box = Sandbox(vintage("launch-2022"))
    rehearse, state = REHEARSALS[ident]

    ins = rehearse(box)

    transition = TRANSITIONS[ident]
    last = box.service.log(ins)[-1]
    assert box.service.transitions[ident] == 1
    assert box.service.state(ins) is state
    assert state in transition.targets
    assert last.deed.action in transition.commands
    assert not last.deed.refused


def test_every_state_is_reached_or_is_that_of_a_stranger(launch: Sandbox) -> None:
    """Eleven states have a way to them; the twelfth is that of somebody unknown."""
    for state in State:
        if state is not State.NOT_ELIGIBLE:
            ins = launch.person()
            launch.bring(ins, state)
            assert launch.service.state(ins) is state

    assert launch.service.state("180013155504233") is State.NOT_ELIGIBLE


def test_every_command_of_the_table_exists() -> None:
    """The table names commands that the service knows."""
    known = {command.__name__ for command in HANDLERS} | {"Affiliate"}

    assert {name for row in TRANSITIONS.values() for name in row.commands} <= known


@pytest.mark.parametrize("state", [state for state in State if state is not State.NOT_ELIGIBLE])
def test_only_the_states_of_the_table_lead_to_a_death_that_changes_them(state: State) -> None:
    """An archive or an erasure keeps its state when its holder dies; the others become DECEASED."""
    box = Sandbox(vintage("launch-2022"))
    ins = box.person()
    box.bring(ins, state)
    if state is State.DECEASED:
        return

    box.do(RecordDeath(box.now, INSURER, ins))

    changes = state in TRANSITIONS["T25"].sources
    assert box.service.state(ins) is (State.DECEASED if changes else state)
    assert box.service.transitions["T25"] == int(changes)
