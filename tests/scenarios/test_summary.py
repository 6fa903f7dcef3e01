"""The summary of a run: published keys, rates with their counts, intervals, comparisons."""

from __future__ import annotations

import json
from datetime import timedelta
from math import sqrt
from typing import TYPE_CHECKING, cast

import jsonschema
import pytest

from etalon_scenarios.agents import simulate
from etalon_scenarios.intervals import design_effect, share_intervals
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.population_table import population_table
from etalon_scenarios.summary import summarise
from etalon_text.schema_files import schema

if TYPE_CHECKING:
    from etalon_scenarios.agents import Run
    from etalon_scenarios.run_directory import Json

PILOT = load_scenario("pilot-2021")


@pytest.fixture(scope="module")
def run() -> Run:
    """One run of the pilot."""
    return simulate(PILOT, population=6_000, seed=1)


@pytest.fixture(scope="module")
def summary(run: Run) -> dict[str, Json]:
    """Its summary."""
    return summarise(run, PILOT)


@pytest.mark.parametrize("name", ["pilot-2021", "launch-2022", "reminder-day-28", "dmp-opt-in"])
def test_the_summary_of_every_kind_of_scenario_is_as_published(name: str) -> None:
    """Every key of the schema is there, and nothing else."""
    scenario = load_scenario(name)
    found = summarise(simulate(scenario, population=800, seed=1), scenario)

    jsonschema.validate(json.loads(json.dumps(found)), dict(schema("summary")))


def test_every_rate_is_its_numerator_over_its_denominator(summary: dict[str, Json]) -> None:
    """No rate stands without the two counts it is made of."""
    rates = summary["rates"]
    assert isinstance(rates, list)
    for rate in rates:
        assert isinstance(rate, dict)
        above, below = rate["numerator"], rate["denominator"]
        assert isinstance(above, int)
        assert isinstance(below, int)
        assert rate["value"] == above / below


def test_groups_add_up_to_the_whole(run: Run, summary: dict[str, Json]) -> None:
    """Ages, sexes and départements each count everybody once."""
    totals = run.ledger.totals()
    for key in ("by_age_band", "by_sex", "by_age_and_sex", "by_department"):
        rows = summary[key]
        assert isinstance(rows, list)
        for counter in ("notified", "opposed", "activated", "opened_uninformed"):
            assert (
                sum(int(str(row[counter])) for row in rows if isinstance(row, dict))
                == (totals[counter])
            )
        assert sum(int(str(row["population"])) for row in rows if isinstance(row, dict)) == 6_000


def test_curves_by_days_since_the_notice_add_up_to_the_totals(
    run: Run, summary: dict[str, Json]
) -> None:
    """Everybody who acted after a notice is on the curve, and everybody is observed on day 0."""
    curves, totals = summary["curves"], run.ledger.totals()
    assert isinstance(curves, dict)
    for name in ("opposed", "activated", "opened_automatically", "closed"):
        daily = curves[name]
        assert isinstance(daily, list)
        assert sum(int(str(count)) for count in daily) == totals[name]
    observed = curves["observed"]
    assert isinstance(observed, list)
    assert observed[0] == totals["notified"]


def test_waiting_is_left_out_below_full_scope(summary: dict[str, Json]) -> None:
    """Queues do not scale down: a part of the population says nothing of waits."""
    hotline = summary["hotline"]
    assert isinstance(hotline, dict)
    assert hotline["wait_p95_seconds"] is None
    assert hotline["abandoned"] is None
    assert isinstance(hotline["calls"], int)


def test_waiting_is_given_at_full_scope() -> None:
    """A table of one's own that is run whole has its waits."""
    scenario = load_scenario(
        "pilot-2021", ["population.departments=['80']", "population.scale=0.01"]
    )
    run = simulate(scenario, population=population_table(scenario).full, seed=1)
    hotline = summarise(run, scenario)["hotline"]

    assert run.population == run.full
    assert isinstance(hotline, dict)
    assert isinstance(hotline["wait_p95_seconds"], float)


def test_chance_and_sample_noise_add_up_to_the_noise_of_the_sample(run: Run) -> None:
    """Squared half-widths of the two intervals are those of a binomial of the people run."""
    effect = design_effect(run.layout)
    intervals = share_intervals(50, 6_000, 0.25, effect)
    assert isinstance(intervals, dict)
    chance, noise = intervals["chance"], intervals["sample_noise"]
    assert isinstance(chance, list)
    assert isinstance(noise, list)
    share = 50 / 6_000
    both = sqrt((float(str(chance[1])) - share) ** 2 + (float(str(noise[1])) - share) ** 2)

    assert both == pytest.approx(1.959964 * sqrt(share * (1 - share) * effect / 6_000), rel=1e-6)


def test_a_figure_set_beside_a_measure_says_what_its_sample_leaves_open(
    run: Run, summary: dict[str, Json]
) -> None:
    """As the headline says it of a rate; scaled to the whole scope for a count."""
    rows = summary["comparisons"]
    rates, intervals = summary["rates"], summary["intervals"]
    assert isinstance(rows, list)
    assert isinstance(rates, list)
    assert isinstance(intervals, dict)
    found = {str(row["target"]): row for row in rows if isinstance(row, dict)}
    closings = intervals["closure_rate"]
    assert isinstance(closings, dict)
    low, high = cast("list[float]", found["K03"]["sample_noise"])

    assert found["K07"]["sample_noise"] == closings["sample_noise"]
    assert low < cast("float", found["K03"]["simulated"]) < high < run.full * 1.01
    assert found["K01"]["sample_noise"] is None, "children born since are notified too"


def test_the_design_effect_is_that_of_households(run: Run) -> None:
    """One when nobody lives together; here between one and the largest household."""
    assert 1 < design_effect(run.layout) < 3


def test_a_run_that_ends_early_compares_only_what_it_reached() -> None:
    """Figures of later days are unknown, not zero."""
    scenario = load_scenario("launch-2022")
    early = simulate(scenario, population=500, seed=1, stop=lambda: True)
    rows = summarise(early, scenario)["comparisons"]
    assert isinstance(rows, list)

    assert [row["simulated"] for row in rows if isinstance(row, dict)] == [None] * len(rows)


def test_what_was_measured_on_others_judges_no_run_of_a_few_departments() -> None:
    """Its rates stand beside those of the run, within or outside of nothing."""
    scenario = load_scenario("pilot-2021", ['population.departments=["80"]'])
    run = simulate(scenario, population=300, seed=1, until=scenario.starts_on + timedelta(days=30))
    rows = summarise(run, scenario)["comparisons"]
    assert isinstance(rows, list)
    told = [row for row in rows if isinstance(row, dict) and row["simulated"] is not None]

    assert told
    assert all(row["within"] is None for row in told)
