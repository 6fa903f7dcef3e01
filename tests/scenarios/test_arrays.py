"""Draws and layout on arrays say what draws and layout say of one person; so does the exchange."""

from collections.abc import Generator
from datetime import date

import numpy as np
import pytest
import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from etalon_scenarios import draws_arrays, layout_arrays
from etalon_scenarios.agents.telephone import Call, Hotline
from etalon_scenarios.cohort import counting, telephone
from etalon_scenarios.cohort.counting import DayCounts
from etalon_scenarios.cohort.crew import Crew
from etalon_scenarios.cohort.telephone import ABANDONED, ANSWERED, BLOCKED, Exchange
from etalon_scenarios.curves import ONE
from etalon_scenarios.draws import MASK, draw
from etalon_scenarios.draws_arrays import BLOCK, draw_many, draw_range, find_below, upper_below
from etalon_scenarios.layout import BANDS, CELLS, Layout, Shares
from etalon_scenarios.layout_arrays import LayoutArrays
from etalon_scenarios.ledger import CHANNELS, COUNTERS

PERSONS = st.integers(0, 2**40)
KEYS = st.integers(0, MASK)


@pytest.fixture(params=[0, draws_arrays.FEW], ids=["many", "few"])
def people_are_few(request: pytest.FixtureRequest) -> Generator[None]:
    """Draw for any number of people as for many, block by block, and then as for few."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(draws_arrays, "FEW", request.param - 1)
        yield


@pytest.mark.usefixtures("people_are_few")
@given(KEYS, st.lists(PERSONS, max_size=50))
def test_many_people_draw_as_one_does(key: int, persons: list[int]) -> None:
    """The same bits, for people in any order."""
    assert draw_many(key, np.array(persons, dtype=np.int64)).tolist() == [
        draw(key, person) for person in persons
    ]


@pytest.mark.usefixtures("people_are_few")
@given(st.lists(st.tuples(KEYS, PERSONS), max_size=50))
def test_each_may_have_a_key_of_its_own(pairs: list[tuple[int, int]]) -> None:
    """A key a person, as for people at different attempts."""
    keys = np.array([key for key, _ in pairs], dtype=np.uint64)
    persons = np.array([person for _, person in pairs], dtype=np.int64)

    assert draw_many(keys, persons).tolist() == [draw(key, person) for key, person in pairs]


@pytest.mark.parametrize("count", [0, 1, BLOCK - 1, BLOCK, BLOCK + 1, 2 * BLOCK + 3])
def test_a_range_of_people_draws_as_its_members(count: int) -> None:
    """Across the edges of the blocks in which draws are made."""
    first, key = 2**26 - 5, 0x0123456789ABCDEF
    expected = draw_many(key, np.arange(first, first + count))

    assert (draw_range(key, first, first + count) == expected).all()


@given(KEYS, st.integers(0, ONE))
def test_a_share_is_compared_with_the_upper_bits(bits: int, share: int) -> None:
    """A share of one holds for everybody, one of zero for nobody."""
    assert upper_below(np.array([bits], dtype=np.uint64), share)[0] == ((bits >> 32) < share)


@pytest.mark.usefixtures("people_are_few")
@given(KEYS, st.lists(PERSONS, max_size=50), st.integers(0, ONE))
def test_people_below_a_share_are_found_without_the_others(
    key: int, persons: list[int], share: int
) -> None:
    """Those whose whole draw is below it, even by one, with the bits of that draw."""
    drawn = [draw(key, person) for person in persons]
    limits = [share, *(bits >> 32 for bits in drawn[:3]), *((bits >> 32) + 1 for bits in drawn[:3])]
    for limit in limits:
        places, bits = find_below(key, np.array(persons, dtype=np.int64), limit)

        assert places.tolist() == [rank for rank, one in enumerate(drawn) if one >> 32 < limit]
        assert bits.tolist() == [one for one in drawn if one >> 32 < limit]


@st.composite
def layouts(sketch: st.DrawFn) -> Layout:
    """Draw small populations: empty cells, départements without adults, all kinds of shares."""
    people = st.sampled_from([0, 0, 1, 3, 40])
    cells = sketch(st.lists(people, min_size=BANDS * 4, max_size=BANDS * 4))
    cells[0] += 1
    counts = [
        [cells[place : place + 2] for place in range(start, start + BANDS * 2, 2)]
        for start in (0, BANDS * 2)
    ]
    chance = st.sampled_from([0, ONE // 3, ONE])
    shares = Shares(sketch(st.sampled_from([100, 180, 1000])), sketch(chance), sketch(chance))
    return Layout(("31", "44"), counts, sketch(st.integers(1, 600)), date(2021, 8, 1), shares)


@pytest.mark.parametrize("table_bits", [3, layout_arrays.TABLE_BITS])
@settings(max_examples=settings().max_examples // 2)
@given(layouts())
def test_arrays_say_who_is_who_as_the_layout_does(table_bits: int, layout: Layout) -> None:
    """Cells, parents, minors and protected adults, one by one, computed or known by heart."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(layout_arrays, "TABLE_BITS", table_bits)
        arrays = LayoutArrays(layout)
    say_who_is_who(arrays, layout)
    arrays.learn_by_heart()
    say_who_is_who(arrays, layout)


def say_who_is_who(arrays: LayoutArrays, layout: Layout) -> None:
    """Compare what arrays say of everybody with what the layout says of each."""
    everybody = np.arange(layout.size)
    cells = arrays.cells(everybody)
    of_each: list[int] = cells.tolist()
    pairs = list(enumerate(of_each))

    assert [cell for _, cell in pairs] == [layout.cell(person) for person, _ in pairs]
    assert (arrays.cells_in_order(everybody[::3]) == cells[::3]).all()
    heads = [layout.household_head(person, cell) for person, cell in pairs]
    assert arrays.heads(everybody, cells).tolist() == heads
    in_order, head_cells = arrays.heads_in_order(everybody, cells)
    assert in_order.tolist() == heads
    assert (head_cells == cells[in_order]).all()
    minors = [layout.is_minor(person, cell) for person, cell in pairs]
    assert arrays.minors(everybody, cells).tolist() == minors
    protected = [layout.is_protected(person, cell) for person, cell in pairs]
    assert arrays.protected(everybody, cells).tolist() == protected


ROWS_OF_TWO = 2 * CELLS * len(CHANNELS)
NOTED = st.lists(
    st.tuples(st.sampled_from(COUNTERS), st.lists(st.integers(0, ROWS_OF_TWO - 1), max_size=6)),
    max_size=8,
)


@given(NOTED)
def test_few_events_are_counted_as_many_are(noted: list[tuple[str, list[int]]]) -> None:
    """Kept one by one, poured into the table beside others, or written there as many are."""
    closed: list[list[list[int]]] = []
    for few, crowded in ((counting.FEW, False), (counting.FEW, True), (0, True)):
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(counting, "FEW", few)
            day = DayCounts(2, np.zeros((0, 0), np.int64), Crew(1, 1))
            if crowded:
                day.table[0, 0] += 1
            else:
                day.note(COUNTERS[0], np.zeros(1, np.int64))
            for counter, keys in noted:
                day.note(counter, np.array(keys, np.int64))
                day.note_cells(counter, 1, 3, np.array([len(keys), 0, 2]))
        closed.append([column.tolist() for column in day.close()])

    assert closed[0] == closed[1] == closed[2]
    assert [len(column) for column in day.close()] == [0, 0]


CALLS = st.lists(st.tuples(st.integers(0, 60), st.integers(1, 30), st.integers(1, 20)), max_size=60)
SPAN, CLOSES = 100, 61
"""Length of a day, and when the hotline closes: no call comes in later."""


def exchanged(days: list[list[tuple[int, int, int]]], agents: int, lines: int) -> list[list[str]]:
    """Tell what becomes of each call, by day and instant, at the hotline of the agents engine."""
    told: dict[tuple[int, int], str] = {}

    def report(call: Call, outcome: str, waited: int) -> None:
        told[call.instant // SPAN, call.person] = f"{outcome} {waited}"

    env = simpy.Environment()
    hotline = Hotline(env, agents, lines, report, lambda _: True)
    for day, calls in enumerate(days):
        for person, (instant, service, patience) in enumerate(calls):
            call = Call(day * SPAN + instant, person, patience, service, env.event())
            hotline.book(day, call)
        env.process(hotline.serve(day, day * SPAN + CLOSES))
        env.run(until=(day + 1) * SPAN)
    return [[told[day, person] for person in range(len(calls))] for day, calls in enumerate(days)]


@pytest.mark.parametrize("compiled", [False, True])
@settings(max_examples=settings().max_examples // 2)
@given(st.lists(CALLS, min_size=1, max_size=3), st.integers(1, 4), st.integers(0, 3))
def test_calls_taken_many_at_a_time_end_as_calls_taken_one_by_one(
    compiled: bool,  # noqa: FBT001 (a parameter)
    days: list[list[tuple[int, int, int]]],
    agents: int,
    lines: int,
) -> None:
    """Neither looking ahead for calls that need not wait nor the kernel changes what becomes."""
    days = [sorted(calls) for calls in days]
    exchange, found = Exchange(agents, lines, compiled=compiled), list[list[str]]()
    words = {ANSWERED: "calls_answered", BLOCKED: "calls_blocked", ABANDONED: "calls_abandoned"}
    for day, calls in enumerate(days):
        lengths = np.array(calls, dtype=np.int64).reshape(-1, 3)
        instants = lengths[:, 0] + day * SPAN
        leaving = np.minimum(instants + lengths[:, 2], day * SPAN + CLOSES)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(telephone, "WINDOW", 5)
            patch.setattr(telephone, "STRETCH", 3)
            outcomes, waited = exchange.serve(instants, lengths[:, 1], leaving)
        pairs = zip(outcomes.tolist(), waited.tolist(), strict=True)
        found.append([f"{words[outcome]} {waits}" for outcome, waits in pairs])

    assert found == exchanged(days, agents, lines)
