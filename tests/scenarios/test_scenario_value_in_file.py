"""Rewriting one number of a scenario file: that number changes, and nothing else."""

from __future__ import annotations

from decimal import Decimal
from importlib import resources
from typing import TYPE_CHECKING

import pytest

from etalon_scenarios.loading import load_scenario, shipped_scenarios
from etalon_scenarios.parameters import Number
from etalon_scenarios.scenario_text import is_list, is_table, table_of_text
from etalon_scenarios.value_in_file import set_value_in_file

if TYPE_CHECKING:
    from pathlib import Path

TEXT = """# a comment
[scenario]
seed = 7  # seed = 8 was tried

[reading.email]  # what people read
# value = 3
value = 0.5   # half
low = 0.35

[intent]
opposition = { value = 0.01, low = 0.005, unit = "share" } # inline, value = 9

[[optin.segments]]
[optin.segments.per_day]
value = 1
[[optin.segments]]
[optin.segments.per_day]
value = 1
"""


@pytest.mark.parametrize(
    ("dotted", "old", "new"),
    [
        ("reading.email", "value = 0.5   # half", "value = 0.625   # half"),
        ("reading.email.value", "value = 0.5   # half", "value = 0.625   # half"),
        ("reading.email.low", "low = 0.35", "low = 0.625"),
        ("scenario.seed", "seed = 7  # seed = 8", "seed = 0.625  # seed = 8"),
        ("intent.opposition", "{ value = 0.01, low", "{ value = 0.625, low"),
        ("intent.opposition.low", "low = 0.005, unit", "low = 0.625, unit"),
        ("optin.segments.0.per_day", "value = 1\n[[", "value = 0.625\n[["),
    ],
)
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_one_number_is_rewritten_in_place(
    dotted: str, old: str, new: str, line_end: str, tmp_path: Path
) -> None:
    """Comments, order, spaces and line ends stay as they were."""
    before = TEXT.replace("\n", line_end)
    path = tmp_path / "own.toml"
    path.write_bytes(before.encode())

    set_value_in_file(path, dotted, Decimal("0.625"))

    expected = TEXT.replace(old, new, 1).replace("\n", line_end)
    assert path.read_bytes().decode() == expected


def test_the_second_table_of_a_list_is_not_the_first(tmp_path: Path) -> None:
    """Tables of a list are counted from 0."""
    path = tmp_path / "own.toml"
    path.write_text(TEXT, encoding="utf-8")

    set_value_in_file(path, "optin.segments.1.per_day", 3)

    assert path.read_text(encoding="utf-8") == TEXT.removesuffix("value = 1\n") + "value = 3\n"


@pytest.mark.parametrize(
    "dotted", ["reading.letter", "reading", "reading.email.unit", "optin.segments.5.per_day"]
)
def test_what_is_no_number_of_the_file_is_refused(dotted: str, tmp_path: Path) -> None:
    """A number that stands in the scenario extended is not added here by accident."""
    path = tmp_path / "own.toml"
    path.write_text(TEXT, encoding="utf-8")

    with pytest.raises(LookupError, match="no number at"):
        set_value_in_file(path, dotted, 1)

    assert path.read_text(encoding="utf-8") == TEXT


@pytest.mark.parametrize("name", shipped_scenarios())
def test_every_calibrated_number_of_a_shipped_file_can_be_rewritten(
    name: str, tmp_path: Path
) -> None:
    """The calibration script finds each number where it stands."""
    shipped = resources.files("etalon_scenarios").joinpath(f"data/scenarios/{name}.toml")
    text = shipped.read_text(encoding="utf-8")
    held = table_of_text(text, name)
    path = tmp_path / f"{name}.toml"
    path.write_text(text, encoding="utf-8")
    rewritten = 0

    for dotted, parameter in load_scenario(name).parameters():
        single = isinstance(parameter, Number)
        if single and parameter.certainty == "calibrated" and _held(held, dotted):
            set_value_in_file(path, dotted, Decimal("0.0123"))
            rewritten += 1

    assert path.read_text(encoding="utf-8").count("value = 0.0123\n") == rewritten


def _held(table: object, dotted: str) -> bool:
    for key in dotted.split("."):
        if is_table(table):
            table = table.get(key)
        elif is_list(table):
            table = table[int(key)]
    return table is not None
