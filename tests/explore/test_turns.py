"""Sessions are served in turn, each with its newest request alone."""

from hypothesis import given
from hypothesis import strategies as st

from etalon_explore.turns import Turns


def test_a_newer_request_takes_the_place_of_the_older_one() -> None:
    """It stands where that stood, and the older one is never served."""
    turns: Turns[str] = Turns()
    turns.ask("a", "old")
    turns.ask("b", "other")
    turns.ask("a", "new")

    assert turns.before("b") == 1
    assert [turns.next(), turns.next(), turns.next()] == [("a", "new"), ("b", "other"), None]


def test_who_was_served_waits_behind_the_others() -> None:
    """A session that asks again and again lets every other one through."""
    turns: Turns[int] = Turns()
    for session in ("busy", "b", "c"):
        turns.ask(session, 0)

    served: list[str] = []
    for rank in range(6):
        turn = turns.next()
        if turn is not None:
            served.append(turn[0])
        turns.ask("busy", rank)

    assert served[:3] == ["busy", "b", "c"]


def test_who_leaves_waits_no_more() -> None:
    """Nor does leaving twice matter."""
    turns: Turns[int] = Turns()
    turns.ask("a", 1)
    turns.leave("a")
    turns.leave("a")

    assert turns.next() is None
    assert turns.before("a") == 0


ACTS = st.lists(
    st.one_of(
        st.tuples(st.sampled_from(["ask", "leave"]), st.sampled_from("abcd")),
        st.just(("next", "")),
    )
)


@given(ACTS)
def test_nobody_is_served_twice_while_another_waits(acts: list[tuple[str, str]]) -> None:
    """Between two turns of a session, each that waited all along had one."""
    turns: Turns[int] = Turns()
    waiting: dict[str, set[str]] = {}
    for rank, (act, session) in enumerate(acts):
        if act == "ask":
            turns.ask(session, rank)
            waiting.setdefault(session, set())
        elif act == "leave":
            turns.leave(session)
            waiting.pop(session, None)
        elif (turn := turns.next()) is not None:
            waiting.pop(turn[0])
            for served in waiting.values():
                assert turn[0] not in served
                served.add(turn[0])
