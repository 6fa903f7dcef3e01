"""The figures of load are gathered from sealed results alone, each beside what is asked of it."""

import json
import tomllib
from pathlib import Path

import pytest

from load_gathered import HERE, Asked, asked_figures, gathered, value_at
from results import Json, write

FIGURES: dict[str, Json] = {
    "stall": {"median_p99_ms": 1793.0, "verdicts": {"FAIL": 20}},
    "locust": {"http": {"median_p99_ms": 260.0}},
    "merged_exactly": True,
}


def told(folder: Path) -> dict[str, dict[str, Json]]:
    """What is gathered from a folder, by figure."""
    rows = gathered(folder)["figures"]
    assert isinstance(rows, list)
    return {str(row["figure"]): row for row in rows if isinstance(row, dict)}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Results of one item."""
    write(tmp_path / "load-stall.json", {}, {"passed": True, "figures": FIGURES})
    return tmp_path


def test_every_figure_names_an_item_of_the_table() -> None:
    """And no figure stands twice."""
    items = tomllib.loads((HERE / "items.toml").read_text(encoding="utf-8"))
    asked = asked_figures()

    assert {one.item for one in asked} <= items.keys()
    assert len({one.says for one in asked}) == len(asked) > 20


@pytest.mark.parametrize(
    ("least", "most", "value", "holds"),
    [
        (2.0, None, 2.0, True),
        (2.0, None, 1.99, False),
        (None, 5.0, 5.0, True),
        (-0.05, 0.05, -0.06, False),
        (1.0, None, True, True),
        (1.0, None, False, False),
        (1.0, None, None, False),
        (None, None, None, None),
        (None, None, 260.0, None),
    ],
)
def test_a_figure_is_reached_or_not_or_only_stands_there(
    least: float | None, most: float | None, value: Json, *, holds: bool | None
) -> None:
    """What was not measured is not reached."""
    asked = Asked(says="", item="", path=(), least=least, most=most)

    assert asked.holds(value) is holds


def test_a_figure_is_found_by_its_path() -> None:
    """Through lists by place; what is not there is none."""
    figures: Json = {"searches": [{"apart": 0.01}, {"apart": 0.02}]}

    assert value_at(figures, ["searches", "1", "apart"]) == 0.02
    assert value_at(figures, ["searches", "2", "apart"]) is None
    assert value_at(figures, ["searches", "first"]) is None
    assert value_at(None, ["searches"]) is None


def test_figures_come_from_results_that_are_as_they_were_written(folder: Path) -> None:
    """A result that was edited gives none, and says so."""
    before = told(folder)
    p99 = next(name for name in before if name.startswith("p99 of a 2 s stall"))
    assert (before[p99]["value"], before[p99]["reached"]) == (1793.0, True)

    file = folder / "load-stall.json"
    changed = json.loads(file.read_text(encoding="utf-8"))
    changed["figures"]["stall"]["median_p99_ms"] = 1800.0
    file.write_text(json.dumps(changed), encoding="utf-8")

    assert (told(folder)[p99]["value"], told(folder)[p99]["reached"]) == (None, False)
    assert p99 in str(gathered(folder)["missed"])
    assert "edited" in str(gathered(folder)["results"])
