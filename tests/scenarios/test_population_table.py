"""The people of a scenario: the shipped table, and a user's own."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from etalon_scenarios.departments import departments
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.parameters import AGE_BANDS
from etalon_scenarios.population_table import people_of, population_table, shipped_people
from etalon_scenarios.scenario_errors import ScenarioError

if TYPE_CHECKING:
    from pathlib import Path

HEADER = "department,age_band,sex,people"


def table_text(codes: tuple[str, ...] = ("31", "44"), people: int = 10) -> str:
    """A complete table of some départements, everybody as numerous."""
    rows = [
        f"{code},{band},{sex},{people}"
        for code in codes
        for band in AGE_BANDS
        for sex in ("F", "M")
    ]
    return "\n".join([HEADER, *rows]) + "\n"


def test_the_shipped_table_sums_to_the_printed_total() -> None:
    """101 départements, 20 age bands, 2 sexes: 67 407 241 residents on 1 January 2021."""
    counts = shipped_people().counts

    assert list(counts) == list(departments())
    assert len(counts) == 101
    assert all(len(cells) == 20 for cells in counts.values())
    assert sum(sum(pair) for cells in counts.values() for pair in cells) == 67_407_241


@pytest.mark.parametrize(
    ("code", "band", "sex", "people"),
    [("01", 0, 0, 18_662), ("01", 0, 1, 20_056), ("01", 19, 1, 468)],
)
def test_cells_stand_where_insee_put_them(code: str, band: int, sex: int, people: int) -> None:
    """The first and last bands of the Ain, women and men."""
    assert shipped_people().counts[code][band][sex] == people


def test_the_pilot_has_the_residents_of_its_three_departments() -> None:
    """3 450 925 people in Haute-Garonne, Loire-Atlantique and Somme."""
    table = population_table(load_scenario("pilot-2021"))

    assert table.departments == ("31", "44", "80")
    assert table.full == 3_450_925


def test_corsica_stands_between_19_and_21() -> None:
    """Ascending codes send 2A and 2B where 20 used to be."""
    codes = list(departments())

    assert codes[codes.index("19") : codes.index("21") + 1] == ["19", "2A", "2B", "21"]


@given(scale=st.decimals("0.5", "2", places=4))
def test_scaling_rounds_the_whole_not_the_cells(scale: Decimal) -> None:
    """The whole is the whole times the scale, to half a person."""
    pilot = load_scenario("pilot-2021")

    table = population_table(pilot.with_values({"population.scale": scale}))

    assert abs(table.full - 3_450_925 * scale) <= Decimal("0.5")
    assert min(min(pair) for cells in table.counts.values() for pair in cells) >= 0


def test_a_table_of_ones_own_replaces_the_shipped_one(tmp_path: Path) -> None:
    """Two départements, taken as they are, with the digest of the file."""
    path = tmp_path / "people.csv"
    path.write_text(table_text(), encoding="utf-8")

    scenario = load_scenario("pilot-2021", [f"population.table={path}"])
    table = population_table(scenario)

    assert table.departments == ("31", "44")
    assert table.full == 2 * 40 * 10
    role, named, sha256 = scenario.inputs()[-1]
    assert (role, named, sha256) == ("population.table", str(path), table.sha256)
    assert "population.scale" not in dict(scenario.parameters())


def test_a_table_named_in_a_file_is_relative_to_that_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scenario and its tables can be moved together, and used from anywhere."""
    (tmp_path / "people.csv").write_text(table_text(), encoding="utf-8")
    scenario = tmp_path / "own.toml"
    scenario.write_text(
        '[scenario]\nextends = "pilot-2021"\nname = "own"\ntitle_fr = "a"\ntitle_en = "b"\n'
        '[population]\ntable = "people.csv"\n',
        encoding="utf-8",
    )
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    monkeypatch.chdir(elsewhere)

    assert population_table(load_scenario(str(scenario))).full == 800


def test_a_table_from_a_french_spreadsheet_is_read() -> None:
    """A byte order mark, semicolons and decimal commas, with shares."""
    lines = table_text(("2A",)).splitlines()
    rows = [f"{line},0.25" for line in lines[1:]]
    text = "\n".join([f"{HEADER},email_share", *rows]).replace(",", ";").replace("0.25", "0,25")

    table = people_of(text, "own.csv", "")

    assert table.emails is not None
    assert table.emails["2A"][0] == (Decimal("0.25"), Decimal("0.25"))
    assert table.accounts is None


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("31,0-4,F,10", "31,0-4,F,-3", 'line 2, column people: found "-3"; accepted: a whole'),
        ("31,0-4,F,10", "31,0-4,F,1.5", 'line 2, column people: found "1.5"'),
        ("31,0-4,F,10", "31,0-4,X,10", 'line 2, column sex: found "X"; accepted: F, M'),
        ("31,0-4,F,10", "99,0-4,F,10", 'line 2, column department: found "99"'),
        ("31,0-4,F,10", "31,0-5,F,10", 'line 2, column age_band: found "0-5"; accepted: 0-4, 5-9'),
        ("31,0-4,F,10", "1,0-4,F,10", "(nearest valid name: 01)"),
        ("31,0-4,F,10", "2a,0-4,F,10", "(nearest valid name: 2A)"),
        ("31,0-4,F,10", "31,0-4,F", "line 2: found 3 cells; accepted: 4 cells"),
        ("31,0-4,F,10\n", "", "département 31: found no row for age band 0-4, sex F"),
        ("31,0-4,M,10", "31,0-4,F,10", "one row per cell; line 2 has it too"),
        ("people", "poeple", 'the column "poeple"; accepted: department, age_band'),
        (",people", ",sex", 'the column "sex" twice'),
    ],
)
def test_a_broken_table_is_refused_by_line(old: str, new: str, message: str) -> None:
    """The message gives the line and the column as the user's editor counts them."""
    with pytest.raises(ScenarioError) as caught:
        people_of(table_text().replace(old, new, 1), "own.csv", "")

    assert str(caught.value).startswith("own.csv: ")
    assert message in str(caught.value)


@pytest.mark.parametrize("text", ["", "# nothing\n", HEADER + "\n", table_text(people=0)])
def test_a_table_without_people_is_refused(text: str) -> None:
    """Nobody is no population."""
    with pytest.raises(ScenarioError):
        people_of(text, "own.csv", "")


def test_a_share_above_one_is_refused_by_line() -> None:
    """An optional column is checked as strictly as the others."""
    lines = table_text(("31",)).splitlines()
    text = "\n".join([f"{HEADER},account_share", *(f"{line},1.1" for line in lines[1:])])

    with pytest.raises(ScenarioError, match=r"line 2, column account_share: found \"1\.1\""):
        people_of(text, "own.csv", "")


def test_a_table_of_other_departments_says_what_to_ask_for(tmp_path: Path) -> None:
    """None of the scenario's départements: the message lists those that the table holds."""
    path = tmp_path / "people.csv"
    path.write_text(table_text(("01", "02")), encoding="utf-8")

    with pytest.raises(ScenarioError, match=r'those that the table holds: \["01", "02"\]'):
        load_scenario("pilot-2021", [f"population.table={path}"])
    asked = [f"population.table={path}", 'population.departments=["01", "02"]']
    assert population_table(load_scenario("pilot-2021", asked)).full == 800


def test_a_table_in_another_encoding_is_refused(tmp_path: Path) -> None:
    """Latin 1 is told from UTF-8, and the message says how to save the file."""
    path = tmp_path / "people.csv"
    path.write_bytes(b"# caf\xe9\n" + table_text().encode())

    with pytest.raises(ScenarioError, match=r"line 1: found the byte 0xE9.*CSV UTF-8"):
        load_scenario("pilot-2021", [f"population.table={path}"])
