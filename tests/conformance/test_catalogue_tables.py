"""A table of the catalogue that was damaged is refused, with the row that is wrong."""

from collections.abc import Callable

import pytest

from etalon_conformance import catalogue
from etalon_conformance.catalogue import current_requirements
from etalon_conformance.tables import rows_in, rows_of

Rows = list[dict[str, str]]


def without_first(rows: Rows) -> Rows:
    """Leave the first row out."""
    return rows[1:]


def with_stranger(rows: Rows) -> Rows:
    """Add a row for what there is not."""
    return [*rows, {**rows[-1], "id": "LIF-99"}]


def changed(column: str, value: str) -> Callable[[Rows], Rows]:
    """Return how to write another value in the first row."""
    return lambda rows: [{**rows[0], column: value}, *rows[1:]]


DAMAGED = {
    "a rule without its level": (
        "rule_levels.csv",
        without_first,
        r"rule_levels\.csv has no row for LIF-01",
    ),
    "a level for no rule": (
        "rule_levels.csv",
        with_stranger,
        r"rule_levels\.csv names no rule: LIF-99",
    ),
    "a reason for nothing": (
        "untested.csv",
        with_stranger,
        r"untested\.csv names no requirement: LIF-99",
    ),
    "a reason that is not told": (
        "untested.csv",
        changed("reason", "tired"),
        r"untested\.csv gives reasons that are not told: tired",
    ),
    "a source that is not there": (
        "wire_assertions.csv",
        changed("sources", "NOWHERE, 3.2"),
        "wire_assertions.csv cites 'NOWHERE'",
    ),
    "a level that is none": (
        "wire_assertions.csv",
        changed("level", "MUST"),
        "'MUST' is not a valid Level",
    ),
    "an actor that is none": (
        "rule_levels.csv",
        changed("actor", "vendor"),
        "'vendor' is not a valid Actor",
    ),
}


@pytest.mark.parametrize(("table", "damage", "told"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_table_is_refused(
    table: str, damage: Callable[[Rows], Rows], told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is left out in silence."""

    def read(name: str) -> Rows:
        return damage(rows_of(name)) if name == table else rows_of(name)

    monkeypatch.setattr(catalogue, "rows_of", read)
    with pytest.raises(ValueError, match=told):
        list(current_requirements())


def test_the_tables_as_they_stand_are_read_whole() -> None:
    """The same reading, undamaged."""
    assert len(list(current_requirements())) == 318


def test_a_row_cut_by_a_comma_is_refused() -> None:
    """It would be taken for another one, silently shifted by a cell."""
    with pytest.raises(ValueError, match=r"impostors\.csv: the row \['one'\] has 3 cells, not 2"):
        rows_in("name,values\none,from=409,422\n", "impostors.csv")
