"""Kernels of one person say what the arrays say of many."""

from datetime import date
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_scenarios.cohort import compiled
from etalon_scenarios.cohort.compiled.draws import draw, seed_words
from etalon_scenarios.cohort.compiled.receiving import look_up, new_block
from etalon_scenarios.cohort.compiled.residents import (
    cell_of,
    head_of,
    is_minor,
    is_protected,
    next_cell,
)
from etalon_scenarios.cohort.crew import Crew
from etalon_scenarios.cohort.nation import Nation
from etalon_scenarios.cohort.opening import Batch
from etalon_scenarios.cohort.people import AWAITS_LETTER, NOTIFIED, RETRIED, UNSEEN
from etalon_scenarios.draws import MASK, REPETITIONS, Slot
from etalon_scenarios.engine import cohort_engine, for_so_many
from etalon_scenarios.layout import BANDS, Layout, Shares
from etalon_scenarios.layout_arrays import LayoutArrays
from etalon_scenarios.ledger import COUNT
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.randomness import RANDOM_FUNCTIONS
from etalon_scenarios.randomness_arrays import ARRAY_FUNCTIONS
from etalon_scenarios.setting import setting_of


@given(
    st.sampled_from(sorted(ARRAY_FUNCTIONS)),
    st.integers(0, MASK),
    st.sampled_from([Slot.OPPOSE, Slot.CALL]),
    st.integers(0, REPETITIONS - 1),
    st.integers(0, 2**40),
)
def test_a_compiled_draw_is_the_draw(
    name: str, seed: int, slot: Slot, repetition: int, person: int
) -> None:
    """Both random functions, the same 64 bits."""
    one, many = RANDOM_FUNCTIONS[name](seed), ARRAY_FUNCTIONS[name](seed)
    key = one.key(slot, repetition if slot is Slot.CALL else 0)

    assert int(draw(seed_words(many), np.uint64(key), person)) == one.draw(key, person)


def lay_out(people: int) -> LayoutArrays:
    """Lay out two départements, one of which has children and nobody to lead them."""
    whole = [(90, 110)] * BANDS
    orphans = [(30, 20)] * 4 + [(0, 0)] * (BANDS - 4)
    shares = Shares(children_per_household=170, twins=1 << 28, protected=1 << 30)
    return LayoutArrays(Layout(("01", "02"), [whole, orphans], people, date(2022, 1, 1), shares))


@pytest.mark.parametrize("people", [97, 4_200])
def test_cells_heads_minors_and_protection_are_those_of_the_arrays(people: int) -> None:
    """For everybody, some of them children without a parent of their département."""
    layout = lay_out(people)
    rows, table, shift, traits = layout.tables()
    persons = np.arange(people)
    cells = layout.cells(persons)

    ahead, found = 0, list[tuple[int, int, int, bool, bool]]()
    for person in persons.tolist():
        cell = int(cell_of(rows, table, shift, person))
        ahead = int(next_cell(rows, person, ahead))
        head = int(head_of(rows, traits, person, cell))
        minor = bool(is_minor(rows, person, cell))
        found.append((cell, ahead, head, minor, bool(is_protected(rows, traits, person, cell))))

    told = (cells, cells, layout.heads(persons, cells), layout.minors(persons, cells))
    columns = (*told, layout.protected(persons, cells))
    assert found == list(zip(*(column.tolist() for column in columns), strict=True))


@pytest.mark.parametrize(
    ("asked", "people", "installed", "used"),
    [
        (None, compiled.WORTH_LOADING, True, True),
        (None, compiled.WORTH_LOADING - 1, True, False),
        (None, compiled.WORTH_LOADING, False, False),
        (True, 1, True, True),
        (False, compiled.WORTH_LOADING, True, False),
        (False, 1, False, False),
    ],
)
def test_kernels_serve_where_they_are_asked_for_or_pay(
    monkeypatch: pytest.MonkeyPatch,
    asked: bool | None,  # noqa: FBT001 (a parameter)
    people: int,
    installed: bool,  # noqa: FBT001 (a parameter)
    used: bool,  # noqa: FBT001 (a parameter)
) -> None:
    """Left out, they serve where Numba is installed and people are many."""

    def find(_name: str) -> object | None:
        return object() if installed else None

    monkeypatch.setattr(compiled, "find_spec", find)

    assert compiled.are_used(asked, people) == used


@pytest.mark.parametrize(
    ("asked", "people", "used"),
    [
        (None, compiled.WORTH_COMPILING, True),
        (None, compiled.WORTH_COMPILING - 1, None),
        (False, compiled.WORTH_COMPILING, False),
        (True, 1, True),
    ],
)
def test_runs_made_together_share_what_loading_kernels_costs(
    monkeypatch: pytest.MonkeyPatch,
    asked: bool | None,  # noqa: FBT001 (a parameter)
    people: int,
    used: bool | None,  # noqa: FBT001 (a parameter)
) -> None:
    """Their people count together, unless it was said whether kernels serve."""

    def find(_name: str) -> object:
        return object()

    monkeypatch.setattr(compiled, "find_spec", find)

    simulate = for_so_many(cohort_engine(compiled=asked), people).simulate

    assert isinstance(simulate, partial)
    assert simulate.keywords == {"compiled": used}


def test_kernels_asked_for_without_numba_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the extra that holds it."""

    def find_nothing(_name: str) -> None:
        return None

    monkeypatch.setattr(compiled, "find_spec", find_nothing)

    with pytest.raises(compiled.KernelsMissingError, match="extra `fast`"):
        compiled.are_used(asked=True, people=1)


@pytest.mark.parametrize("people", [97, 4_200])
def test_heads_of_a_block_are_those_of_the_arrays(people: int) -> None:
    """Cell by cell: children who begin the households again, twins, half of a last band."""
    layout = lay_out(people)
    persons, block = np.arange(people), new_block()
    cells = layout.cells(persons)
    heads, head_cells = layout.heads_in_order(persons, cells)
    rows, traits = layout.tables().cells, layout.tables().traits
    for cell in np.unique(cells).tolist():
        some = persons[cells == cell][::2]
        block.persons[: len(some)] = some
        look_up(rows, traits, block, len(some), cell)

        assert block.heads[: len(some)].tolist() == heads[some].tolist()
        assert block.head_cells[: len(some)].tolist() == head_cells[some].tolist()


@pytest.mark.parametrize("compiled", [False, True])
def test_an_opening_that_failed_once_does_not_fail_again(compiled: bool) -> None:  # noqa: FBT001
    """Half of the openings fail at first, none of those tried again; letters to come wait."""
    scenario = load_scenario(
        "pilot-2021", ["creation.impossible_share=0.5", "creation.per_day=5000000"]
    )
    law, layout, timetable, _ = setting_of(scenario, 1_000, None)
    nation = Nation(law, layout, timetable, 1, Crew(1, 100), compiled=compiled)
    people = nation.people
    people.expect(0)
    people.standing[:], people.sent[:] = NOTIFIED, 0
    people.flags[:500], people.flags[990:] = RETRIED, AWAITS_LETTER
    nation.mailings.go_within(0, 0, 1_000)
    batch = Batch(nation)
    nation.day = max(law.opening.eligible[0], law.opening.starts)
    batch.open_spaces()

    failed = (people.flags[500:990] & RETRIED) != 0
    assert (people.standing[:500] == UNSEEN).all()
    assert (people.standing[500:990] == np.where(failed, NOTIFIED, UNSEEN)).all()
    assert (people.standing[990:] == NOTIFIED).all()
    assert 200 < failed.sum() < 290
    nation.counts.pour()
    assert nation.counts.table[COUNT["opening_failed"]].sum() == failed.sum()
    assert nation.counts.table[COUNT["opened_automatically"]].sum() == 990 - failed.sum()
