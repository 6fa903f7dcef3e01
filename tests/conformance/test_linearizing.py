"""The search for an order, on a register of one number, and what it shows of a contradiction."""

from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_conformance.histories.history import Operation
from etalon_conformance.histories.linearizing import Linearizable, NotKnown, Stuck, linearized
from etalon_conformance.histories.shrinking import Violation, checked
from register_histories import Asked, History, Register, Told, has_an_order, is_an_order, written

EXPLAINED: Final = {
    "nothing": (),
    "one write, then its reading": ("p w1 0 1", "q r1 2 3"),
    "a reading beside a write may see it": ("p w1 0 9", "q r1 1 2"),
    "a reading beside a write may miss it": ("p w1 0 9", "q r0 1 2"),
    "readings beside a write that turn once": ("p w1 0 9", "q r0 1 2", "q r1 3 4"),
    "two writes that overlap, either last": ("p w1 0 5", "q w2 1 6", "p r1 7 8"),
    "instants that are equal overlap": ("p w1 0 5", "q r0 5 6"),
    "an exchange won and one lost": ("p c01 0 5", "q c02x 1 6", "p r1 7 8"),
    "a write that timed out happened later": ("p w1 0 -", "q r0 1 2", "q r1 3 4"),
    "a write that timed out never happened": ("p w1 0 -", "q r0 1 2", "q r0 3 4"),
    "a write of unknown answer happened": ("p w1? 0 3", "q r1 4 5"),
    "a write of unknown answer did not": ("p w1? 0 3", "q r0 4 5"),
    "a reading nobody answered": ("p r? 0 -", "q w1 1 2", "q r1 3 4"),
    "a flip that one reading settles": ("p flip 0 1", "q r1 2 3", "q r1 4 5"),
    "long chains of overlaps": ("p w1 0 4", "q w2 3 8", "r w3 7 12", "s r2 5 13", "p r3 14 15"),
}
"""Histories that an order explains."""

CONTRADICTED: Final = {
    "read of what was never written": (("p r1 0 1",), ("r",)),
    "stale reading": (("p w1 0 1", "q w2 2 3", "p r1 4 5"), ("w2", "r")),
    "lost write": (("p w1 0 1", "q r0 2 3", "q r0 4 5"), ("w1", "r")),
    "reading that turns back": (("p w1 0 9", "q r1 1 2", "q r0 3 4"), ("r", "r")),
    "two readers see two orders": (
        ("a w1 0 9", "b w2 0 9", "p r1 1 2", "p r2 3 4", "q r2 1 2", "q r1 3 4"),
        ("r", "r", "r", "r"),
    ),
    "one exchange won twice": (("p c01 0 5", "q c01 1 6"), ("c01", "c01")),
    "exchange lost by everybody": (("p c01x 0 5", "q c02x 1 6"), ("c01", "c02")),
    "written from the future": (("q r1 0 1", "p w1 2 3"), ("r",)),
    "seen before the timed-out write was asked": (("q r1 0 1", "p w1 2 -"), ("r",)),
    "of unknown answer, and after it returned": (
        ("p w1? 0 1", "q r0 2 3", "q r1 4 5"),
        ("r", "r"),
    ),
    "a flip that turns back": (("p flip 0 1", "q r1 2 3", "q r0 4 5"), ("r", "r")),
    "beside much that is right": (
        ("a w1 0 1", "b r1 0 3", "a r1 2 4", "c c12 5 6", "a r2 7 9", "b r1 8 9", "c w3 10 11"),
        ("c12", "r"),
    ),
}
"""Histories that none explains, and what is left of them."""


@pytest.mark.parametrize("lines", EXPLAINED.values(), ids=EXPLAINED.keys())
def test_a_history_that_an_order_explains_is_linearizable(lines: tuple[str, ...]) -> None:
    """The order found holds every answer, in time."""
    history = written(*lines)

    found = checked(history, Register())

    assert isinstance(found, Linearizable)
    assert is_an_order(found.order, history, Register())
    assert has_an_order(history, Register())


@pytest.mark.parametrize(("lines", "left"), CONTRADICTED.values(), ids=CONTRADICTED.keys())
def test_a_contradiction_is_found_and_made_small(
    lines: tuple[str, ...], left: tuple[str, ...]
) -> None:
    """What stays is the answers that contradict one another; the others are set aside."""
    history = written(*lines)

    found = checked(history, Register())

    assert isinstance(found, Violation)
    assert tuple(sorted(one.asked for one in found.kept)) == tuple(sorted(left))
    assert {*map(id, found.kept)} | {*map(id, found.aside)} == {*map(id, history)}
    assert not has_an_order(history, Register())


def test_what_is_stuck_is_told_with_an_order_and_what_was_right() -> None:
    """An engineer reads what came before, what was answered, and what should have been."""
    found = checked(written("p w1 0 1", "q w2 2 3", "p r1 4 5"), Register())

    assert isinstance(found, Violation)
    stuck = found.stuck
    assert (stuck.operation.asked, stuck.operation.observed, stuck.allowed) == ("r", 1, (2,))
    assert [one.asked for one in stuck.order] == ["w2"]


def test_what_may_start_in_two_ways_is_held_to_one_of_them() -> None:
    """Either start explains its readings; no history mixes both."""
    register = Register(first=(0, 1))

    assert isinstance(checked(written("p r0 0 1", "p r0 2 3"), register), Linearizable)
    assert isinstance(checked(written("p r1 0 1", "p r1 2 3"), register), Linearizable)
    assert isinstance(checked(written("p r1 0 1", "p r0 2 3"), register), Violation)


def test_a_search_that_is_too_long_has_no_verdict() -> None:
    """Neither a failure nor a success: the states were spent."""
    history = written(*(f"c{rank} w{rank} 0 50" for rank in range(8)), "q r9 60 61")

    assert checked(history, Register(), states=5) == NotKnown(5)
    assert isinstance(checked(history, Register()), Violation)


def test_a_budget_spent_on_shrinking_leaves_what_is_known() -> None:
    """The contradiction stands, with more of the history than needed."""
    history = written("p w1 0 1", *(f"c{n} w{n} 2 50" for n in range(3, 8)), "q r1 60 61")
    needed = next(
        states
        for states in range(1, 500)
        if not isinstance(linearized(history, Register(), states=states), NotKnown)
    )

    found = checked(history, Register(), states=needed)

    assert isinstance(found, Violation)
    assert found.stuck.operation.observed == 1


def test_states_seen_before_are_not_looked_at_again() -> None:
    """Ten writes that overlap have millions of orders and some thousand states."""
    history = written(*(f"c{rank} w{rank} 0 50" for rank in range(10)), "q r3 60 61", "q r4 62 63")

    assert isinstance(linearized(history, Register(), states=10 * 2**10), Stuck)


@pytest.mark.parametrize(
    ("returned", "observed"), [(1, None), (None, 3)], ids=["before it was invoked", "never"]
)
def test_an_operation_that_cannot_be_is_refused(returned: int | None, observed: int | None) -> None:
    """It returned before it was invoked, or was answered and never returned."""
    with pytest.raises(ValueError, match=r"^p: "):
        Operation(client="p", asked="r", invoked=2, returned=returned, observed=observed)


@st.composite
def small_histories(draw: st.DrawFn) -> History:
    """A few operations, right or wrong, some without an answer or without an end."""
    said = st.sampled_from(["r0", "r1", "r?", "w0", "w1", "w1?", "c01", "c01x", "c10", "flip"])
    lines: list[str] = []
    for rank in range(draw(st.integers(0, 5))):
        invoked = draw(st.integers(0, 6))
        ran = draw(st.one_of(st.integers(0, 4), st.none()))
        lines.append(f"c{rank} {draw(said)} {invoked} {'-' if ran is None else invoked + ran}")
    return written(*lines)


@given(small_histories())
def test_the_search_agrees_with_trying_every_order(history: History) -> None:
    """Linearizable if and only if an order is there; a contradiction stays one when made small."""
    register = Register()

    found = checked(history, register)

    assert isinstance(found, Linearizable) is has_an_order(history, register)
    if isinstance(found, Linearizable):
        assert is_an_order(found.order, history, register)
    else:
        assert isinstance(found, Violation)
        assert _is_needed_whole(found, history, register)


def _is_needed_whole(found: Violation[Asked, Told], history: History, register: Register) -> bool:
    """Whether the answers kept contradict one another, and no fewer of them do."""
    kept = {id(one) for one in found.kept}
    if has_an_order(_held(history, kept), register):
        return False
    return all(has_an_order(_held(history, kept - {one}), register) for one in kept)


def _held(history: History, kept: set[int]) -> History:
    return tuple(
        one
        if id(one) in kept
        else Operation(
            client=one.client, asked=one.asked, invoked=one.invoked, returned=one.returned
        )
        for one in history
    )
