"""The sweep of an exported page: what can be asked for, and what the page holds of it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from etalon_explore.export_page import write_export
from etalon_explore.exporting import DEFAULT_SWEEP
from etalon_explore.swept import ABSENT, CURVES, MEASURES, Point, SweepError, axes_asked, position
from etalon_scenarios.loading import load_scenario

if TYPE_CHECKING:
    from pathlib import Path

LAUNCH = load_scenario("launch-2022")
AGENTS = "hotline.agents=500,1000"


def test_the_default_sweep_stands_on_three_axes_in_order() -> None:
    """Days of the window, years of age, points of trust."""
    axes = axes_asked(DEFAULT_SWEEP, LAUNCH)

    assert [axis.positions for axis in axes] == [(28, 42, 56, 70), (60, 70, 80, 95), (-10, 0, 10)]


def test_values_are_put_in_order_and_words_are_not_interpolated() -> None:
    """A number typed last may stand first; between two rules there is nothing."""
    agents, rule = axes_asked(["hotline.agents=1000,500", "minors.rule=parents,not-opened"], LAUNCH)

    assert (agents.values, agents.positions) == (("500", "1000"), (500, 1000))
    assert (rule.values, rule.positions) == (("parents", "not-opened"), None)


@pytest.mark.parametrize(
    ("typed", "reason"),
    [
        ([AGENTS], "levers"),
        ([AGENTS, AGENTS], "levers"),
        ([AGENTS, "hotline.lines=1,2", "costs.call=1,2", "costs.email=1,2"], "levers"),
        ([AGENTS, "hotline.lines"], "form"),
        ([AGENTS, "hotline.lines=5"], "form"),
        ([AGENTS, "hotline.lines=5,5"], "form"),
        ([AGENTS, "hotline.lnies=5,6"], "lever"),
        ([AGENTS, "hotline.lines=5,many"], "value"),
        ([AGENTS, f"hotline.lines={','.join(map(str, range(201)))}"], "points"),
    ],
)
def test_a_sweep_that_cannot_be_made_says_why(typed: list[str], reason: str) -> None:
    """One reason each."""
    with pytest.raises(SweepError) as refused:
        axes_asked(typed, LAUNCH)

    assert refused.value.reason == reason


@pytest.mark.parametrize(
    ("value", "place"),
    [("P6W", 42), ("P30D", 30), ("P1M", None), ("-10", -10), ("letter", None)],
)
def test_a_value_stands_somewhere_or_is_a_word(value: str, place: float | None) -> None:
    """A month is no fixed number of days."""
    assert position(value) == place


def test_an_exported_page_holds_every_point_and_asks_nobody(tmp_path: Path) -> None:
    """One file whose data can be read back, with a policy that lets it load nothing."""
    axes = axes_asked([AGENTS, "hotline.lines=300,1000"], LAUNCH)
    points = [
        Point(
            figures=dict.fromkeys(MEASURES, rank + 0.5),
            absent={"age.0-17": rank / 10},
            curves={name: [0.0] * 21 + [float(rank)] for name in CURVES},
        )
        for rank in range(5)
    ]

    page = write_export(tmp_path / "page.html", LAUNCH, axes, points, 1000, "fr")

    html = page.read_text(encoding="utf-8")
    data = json.loads(html.partition('id="data">')[2].partition("</script>")[0])
    assert ABSENT in MEASURES
    assert [point["figures"]["calls"] for point in data["points"]] == [1.5, 2.5, 3.5, 4.5]
    assert data["reference"]["figures"]["calls"] == 0.5
    assert [one["curve"] for one in data["measured"]] == ["spaces_open"]
    assert "default-src 'none'" in html
    assert html.count("<script") == 2
    assert not any(f'{name}="http' in html for name in ("src", "href", "action"))
    assert [path.name for path in tmp_path.iterdir()] == ["page.html"]
