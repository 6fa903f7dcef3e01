"""Kernels of one person say what the arrays say of many."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_scenarios.cohort import compiled
from etalon_scenarios.cohort.compiled.draws import draw, seed_words
from etalon_scenarios.cohort.compiled.residents import (
    cell_of,
    head_of,
    is_minor,
    is_protected,
    next_cell,
)
from etalon_scenarios.draws import MASK, REPETITIONS, Slot
from etalon_scenarios.layout import BANDS, Layout, Shares
from etalon_scenarios.layout_arrays import LayoutArrays
from etalon_scenarios.randomness import RANDOM_FUNCTIONS
from etalon_scenarios.randomness_arrays import ARRAY_FUNCTIONS


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


def test_kernels_asked_for_without_numba_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the extra that holds it."""

    def find_nothing(_name: str) -> None:
        return None

    monkeypatch.setattr(compiled, "find_spec", find_nothing)

    with pytest.raises(compiled.KernelsMissingError, match="extra `fast`"):
        compiled.are_used(asked=True, people=1)
