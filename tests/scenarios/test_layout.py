"""People as closed functions of their number: ranges, ages, households, matricules."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_model import Traits
from etalon_model.identities import matricule
from etalon_scenarios.curves import ONE
from etalon_scenarios.layout import (
    BANDS,
    CELLS,
    SEXES,
    Layout,
    Shares,
    apportion,
    newborn_serial,
)
from etalon_scenarios.population_table import shipped_people

REFERENCE_ON = date(2021, 8, 1)
SHARES = Shares(children_per_household=180, twins=ONE // 30, protected=ONE // 70)
PILOT = ("31", "44", "80")


def lay_out(size: int, departments: tuple[str, ...] = PILOT, shares: Shares = SHARES) -> Layout:
    """Number the people of some départements, as the census counts them."""
    counts = [shipped_people().counts[code] for code in departments]
    return Layout(departments, counts, size, date(2021, 8, 30), shares)


def years_old(born_on: date, on: date) -> int:
    """Completed years of age."""
    return on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30).filter(any), st.integers(0, 10**6))
def test_apportionment_gives_out_every_seat_and_stays_within_one_of_the_quota(
    counts: list[int], seats: int
) -> None:
    """Largest remainder: the sum is exact, and no cell is off by one person or more."""
    given_out = apportion(counts, seats)

    assert sum(given_out) == seats
    assert all(
        abs(got * sum(counts) - count * seats) < sum(counts)
        for got, count in zip(given_out, counts, strict=True)
    )


@pytest.mark.parametrize("size", [1, 7, 300, 5_000])
def test_every_person_has_one_cell_and_the_age_of_its_band(size: int) -> None:
    """Numbers 0 to size - 1 fall in one cell each, whose band holds the age on the first day."""
    layout, seen = lay_out(size), 0
    for cell in range(len(PILOT) * CELLS):
        for person in layout.cell_range(cell):
            band = cell % CELLS // 2
            age = years_old(layout.birth_on(person, cell), REFERENCE_ON)
            assert layout.cell(person) == cell
            assert age // 5 == band
            assert layout.is_minor(person, cell) == (age < 18)
            seen += 1

    assert seen == size


@given(st.integers(1, 3_000), st.integers(100, 400), st.integers(0, ONE // 4))
def test_a_minor_depends_on_an_adult_of_the_same_departement(
    size: int, per_household: int, twins: int
) -> None:
    """The head of a household is an adult who lives there; adults head themselves."""
    layout = lay_out(size, shares=Shares(per_household, twins, 0))
    for cell in range(len(PILOT) * CELLS):
        for person in layout.cell_range(cell):
            head = layout.household_head(person, cell)
            if not layout.is_minor(person, cell):
                assert head == person
            elif head != person:
                assert not layout.is_minor(head, layout.cell(head))
                assert layout.cell(head) // CELLS == cell // CELLS


def test_households_have_the_size_the_scenario_says() -> None:
    """Children per household with children is the parameter, to within rounding."""
    layout = lay_out(50_000)
    heads: Counter[int] = Counter()
    for cell in range(len(PILOT) * CELLS):
        for person in layout.cell_range(cell):
            if layout.is_minor(person, cell):
                heads[layout.household_head(person, cell)] += 1

    assert sum(heads.values()) == sum(layout.children(d) for d in range(3))
    assert sum(heads.values()) / len(heads) == pytest.approx(1.8, abs=0.02)


def test_twins_share_parent_and_birth_date_and_are_as_many_as_the_scenario_says() -> None:
    """A second twin is born the same day, of the same parent; shares are those asked for."""
    layout, twins, children = lay_out(60_000), 0, 0
    for cell in range(len(PILOT) * CELLS):
        for person in layout.cell_range(cell):
            children += layout.is_minor(person, cell)
            elder = layout.elder_twin(person, cell)
            if elder != person:
                twins += 2
                assert layout.birth_on(person, cell) == layout.birth_on(elder, cell)
                assert layout.household_head(person, cell) == layout.household_head(elder, cell)

    assert twins / children == pytest.approx(1 / 30, rel=0.2)


def test_a_million_matricules_belong_to_nobody_and_to_one_person_each() -> None:
    """Unique, coherent with sex, birth and département, in communes INSEE never attributed."""
    departments = ("2A", "31", "59", "75", "974")
    layout, seen = lay_out(1_000_000, departments), set[str]()
    for cell in range(len(departments) * CELLS):
        code, sex = departments[cell // CELLS], SEXES[cell % 2]
        first, communes = "2" if sex == "F" else "1", range(910, 990)
        if len(code) > 2:
            communes = range(70, 90)
        for person in layout.cell_range(cell):
            born_on = layout.birth_on(person, cell)
            second = layout.elder_twin(person, cell) != person
            ins = matricule(Traits(born_on, sex, code, layout.serial(person, cell), second))
            seen.add(ins)
            head = f"{first}{born_on.year % 100:02d}{born_on.month:02d}{code}"
            assert ins.startswith(head)
            assert int(ins[len(head) : 10]) in communes

    assert len(seen) == 1_000_000


@pytest.mark.parametrize(("department", "per_day"), [("31", 600), ("974", 150)])
def test_newborns_of_a_day_keep_serials_of_their_own(department: str, per_day: int) -> None:
    """Serials of a month's births differ, stay clear of residents', and are refused beyond."""
    serials = [
        newborn_serial(department, date(2021, 10, day), rank)
        for day in range(1, 32)
        for rank in range(per_day)
    ]

    assert len(set(serials)) == len(serials)
    assert min(serials) >= 5_000
    with pytest.raises(ValueError, match="at most"):
        newborn_serial(department, date(2021, 10, 1), per_day)


def test_cells_follow_the_table_of_the_population() -> None:
    """At full scale each cell holds the people of the table."""
    counts = [shipped_people().counts[code] for code in PILOT]
    full = sum(counts[d][b][s] for d in range(3) for b in range(BANDS) for s in (0, 1))
    layout = lay_out(full)

    assert all(
        len(layout.cell_range((d * BANDS + b) * 2 + s)) == counts[d][b][s]
        for d in range(3)
        for b in range(BANDS)
        for s in (0, 1)
    )
