"""Fans, tornado, pyramid, maps and hotline staffing show what the files of a run hold."""

from __future__ import annotations

import csv
import json
import re
import runpy
from collections import Counter
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from etalon_reports import write_report
from etalon_reports.daily_counts import daily_counts
from etalon_reports.department_map import department_grid
from etalon_reports.erlang import Exchange
from etalon_reports.fan_figure import fan_figure
from etalon_reports.headlines import headlines
from etalon_reports.pyramid_figure import absent_by_group
from etalon_reports.run_files import read_run
from etalon_reports.staffing import Hotline, busiest, busiest_of_weeks, staffed_day
from etalon_reports.staffing_table import staffing_table
from etalon_reports.tornado_figure import tornado, tornado_figure
from etalon_text.number_formats import EN_DASH

if TYPE_CHECKING:
    from collections.abc import Callable

    RunMaker = Callable[[dict[str, dict[str, Any] | None]], Path]

ROOT = Path(__file__).parents[2]
CODES = sorted(department_grid())
HOTLINE = Hotline(Exchange(agents=60, places=60, service=8, patience=6), minutes=540)


@pytest.fixture(scope="module")
def national_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a run in which every département takes part."""
    builder = runpy.run_path(str(Path(__file__).with_name("invented_run.py")))
    directory = tmp_path_factory.mktemp("national") / "run"
    written: Path = builder["write_invented_run"](directory, people=4_000, departments=CODES)
    return written


@pytest.fixture(scope="module")
def national_page(national_run: Path) -> str:
    """Return its report, in English."""
    return write_report(national_run, "en").read_text(encoding="utf-8")


def figure(html: str, name: str) -> str:
    """Return one figure of a page, or an empty text."""
    found = re.search(rf'<figure id="{name}">.*?</figure>', html, re.DOTALL)
    return found[0] if found else ""


def test_every_departement_has_one_tile_of_its_own() -> None:
    """The 101 codes of the scenarios, no tile twice, Corsica and overseas apart."""
    table = ROOT / "scenarios" / "etalon_scenarios" / "data" / "departments.csv"
    lines = [line for line in table.read_text("utf-8").splitlines() if not line.startswith("#")]
    codes = {row["code"] for row in csv.DictReader(lines)}

    assert set(department_grid()) == codes
    assert [tile for tile, n in Counter(department_grid().values()).items() if n > 1] == []


def test_neighbours_of_the_country_are_near_on_the_tiles() -> None:
    """Finistère is west of the Bas-Rhin, the Nord north of the Pyrénées-Orientales."""
    grid = department_grid()

    assert grid["29"][0] < grid["75"][0] < grid["67"][0]
    assert grid["59"][1] < grid["75"][1] < grid["66"][1]


def test_a_map_needs_enough_departements(national_page: str, drawn: dict[Any, Path]) -> None:
    """A national run has its maps, the three départements of the pilot have none."""
    assert figure(national_page, "map")
    assert not figure(drawn["en"].read_text(encoding="utf-8"), "map")


def test_only_what_is_computed_is_mapped(national_page: str) -> None:
    """Calendar, calls and delays; objections by département stand on no map."""
    found = figure(national_page, "map")
    headings = re.findall(r'<th scope="col">(.*?)</th>', found)

    assert headings == [
        "Département",
        "Mean day of the notice",
        "Calls per 1,000 people notified",
        "From notice to opening",
    ]
    assert found.count('<th scope="row">') == len(CODES)
    assert "no map shows them" in found


def test_the_tornado_ranks_parameters_and_gives_their_direction(invented_run: Path) -> None:
    """The wish to object raises objections most, reading e-mails lowers them."""
    files = read_run(invented_run)
    headline = headlines(files)[0]

    bars = tornado(files, headline)

    assert [bar.path for bar in bars] == ["intent.opposition", "reading.email", "reading.letter"]
    rises = [bar.high > bar.low for bar in bars]
    assert rises == [True, False, True]
    for bar in bars:
        assert min(bar.low, bar.high) < headline.value < max(bar.low, bar.high)


@pytest.mark.parametrize("lost", [{"draws_done": 8}, {"drivers": {}}, {"draws": []}])
def test_without_enough_draws_there_is_no_tornado(
    changed_run: RunMaker, lost: dict[str, Any]
) -> None:
    """Few draws tell nothing of a single parameter."""
    files = read_run(changed_run({"knowledge.json": lost}))

    assert [tornado(files, headline) for headline in headlines(files)] == [[], [], [], []]
    assert tornado_figure(files, "en") is None


def test_a_fan_is_scaled_to_the_whole_scope(invented_run: Path, national_page: str) -> None:
    """The last day of the fan, divided by the scope, is written with three figures."""
    files = read_run(invented_run)
    opposed = files.fans()[0].figures("central")[-1] / files.scope
    written = f"{float(f'{opposed:.3g}'):,.0f}"

    drawn = fan_figure(files, "en")

    assert drawn is not None
    assert f"objections {written} (from" in drawn.description
    assert "80% of the knowledge draws; dark band: 50%" in figure(national_page, "fans")


def test_a_run_without_fans_is_drawn_without_them(changed_run: RunMaker) -> None:
    """Older runs hold none."""
    assert fan_figure(read_run(changed_run({"knowledge.json": {"fans": []}})), "fr") is None


def test_the_pyramid_counts_those_who_objected_closed_or_do_not_know(invented_run: Path) -> None:
    """Its groups add up to the totals of the run."""
    summary = json.loads((invented_run / "summary.json").read_text(encoding="utf-8"))

    groups = [
        g for by_band in absent_by_group(read_run(invented_run)).values() for g in by_band.values()
    ]

    assert sum(group.population for group in groups) == summary["population"]
    assert sum(group.opposed for group in groups) == summary["opposed"]
    assert sum(group.closed for group in groups) == summary["closed"]
    assert sum(group.uninformed for group in groups) == summary["opened_uninformed"]["total"]


def test_children_born_since_are_counted_among_those_they_are_a_share_of(
    changed_run: RunMaker,
) -> None:
    """Over years more of the youngest are notified than there were: shares stay below the whole."""
    row = {"band": "0-4", "sex": "F", "population": 10, "notified": 30, "opened_uninformed": 20}
    row |= {"opposed": 1, "activated": 1, "opened_automatically": 28}
    run = changed_run({"summary.json": {"by_age_and_sex": [row]}})

    assert absent_by_group(read_run(run))["F"]["0-4"].share("uninformed") == pytest.approx(2 / 3)


def test_a_staffed_day_holds_the_load_that_its_calls_make() -> None:
    """1,350 calls of eight minutes over nine hours are twenty erlangs."""
    day = staffed_day(HOTLINE, date(2022, 2, 1), 1350, None)

    assert day.load == pytest.approx(20)
    assert day.agents_c == 25
    assert day.formula.lost < 1e-3
    assert day.agents_a == 23


def test_a_crowded_day_loses_calls_by_the_formula() -> None:
    """Twice as many calls as agents can take: half of them are lost, whatever the queue."""
    day = staffed_day(HOTLINE, date(2022, 2, 1), 8100, 0.5)

    assert day.load == pytest.approx(120)
    assert day.waits == 1
    assert day.formula.lost == pytest.approx(0.5, abs=0.01)


def test_the_busiest_day_of_each_week_is_kept() -> None:
    """Ten weeks of rising calls: their Sundays, and of these the last eight."""
    monday = date(2022, 1, 31).toordinal()
    days = [(date.fromordinal(monday + day), 100 + day, 0, 0) for day in range(70)]

    weeks = busiest_of_weeks(days)
    kept = busiest([staffed_day(HOTLINE, row[0], row[1], None) for row in weeks])

    assert [row[1] for row in weeks] == [106 + 7 * week for week in range(10)]
    assert [row.calls for row in kept] == [120 + 7 * week for week in range(8)]


@pytest.mark.parametrize(("scope", "lost"), [(1, "0.0%"), (0.1, EN_DASH)])
def test_below_full_scope_no_simulated_loss_is_given(
    changed_run: RunMaker, scope: float, lost: str
) -> None:
    """The formulas stand alone; at full scope the simulation stands beside them."""
    files = read_run(changed_run({"summary.json": {"scope": scope}}))

    table = staffing_table(files, daily_counts(files.daily), "en")

    assert table is not None
    assert {row[5] for row in table.groups[0].rows} == {lost}
    assert ("queues do not scale down" in table.note) is (scope < 1)
    assert ("come back after a failure" in table.note) is (scope == 1)
