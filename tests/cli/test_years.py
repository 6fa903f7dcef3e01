"""A run beyond its scenario: what its directory says of years of use."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import duckdb
import jsonschema
import pytest

from etalon_cli.command import main
from etalon_scenarios.engine import engine_named
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.policies.comparison import Comparison
from etalon_scenarios.run_directory import RunDirectory
from etalon_scenarios.run_record import ComparisonPlan, ComparisonRecord
from etalon_text.schema_files import schema, usage_columns

if TYPE_CHECKING:
    from pathlib import Path

YEARS = ("--until", "2022-06-30", "--population", "1000", "--seed", "4")


def simulated(out: Path, *options: str) -> dict[str, Any]:
    """Run the pilot over years and return its summary."""
    assert main(["simulate", "pilot-2021", *YEARS, "--out", str(out), *options]) == 0
    found: dict[str, Any] = json.loads((out / "summary.json").read_text(encoding="utf-8"))
    return found


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    """Return a directory over years with draws of the parameters, and its summary."""
    out = tmp_path_factory.mktemp("years") / "run"
    return out, simulated(out, "--knowledge", "8", "--engine", "cohort")


def test_a_run_beyond_its_scenario_counts_the_life_of_its_spaces(
    run: tuple[Path, dict[str, Any]],
) -> None:
    """The summary is as published, and its months add up to its totals."""
    _, summary = run
    usage = summary["usage"]

    jsonschema.validate(summary, dict(schema("summary")))
    assert usage["months"][-1]["last_day_on"] == "2022-06-30"
    for kind, total in usage["totals"].items():
        assert sum(month["deposits"][kind] for month in usage["months"]) == total
    assert usage["documents_of_care"] == sum(row["documents"] for row in usage["by_department"])
    assert usage["months"][-1]["entered"] == usage["shares"][2]["numerator"]


def test_the_report_tells_the_life_of_the_spaces(run: tuple[Path, dict[str, Any]]) -> None:
    """Documents, coverage and adoption are drawn, reminders listed, every parameter named."""
    page = (run[0] / "report.html").read_text(encoding="utf-8")

    assert 'id="life"' in page
    for figure in ("documents", "coverage", "adoption"):
        assert f'id="{figure}-title"' in page
    assert "breast screening" in page
    assert "laboratories: acts a year by age" in page


def test_figures_of_the_end_of_the_campaign_are_not_compared_years_later(
    run: tuple[Path, dict[str, Any]],
) -> None:
    """What was measured at the end of the pilot says nothing of the year after."""
    compared = {row["target"]: row["simulated"] for row in run[1]["comparisons"]}

    assert compared["K05"] is None
    assert compared["K04"] is not None


def test_spaces_entered_later_are_compared_on_their_day_and_at_the_end(tmp_path: Path) -> None:
    """A run of years sets them beside what was measured; the campaign alone cannot tell them."""
    measured = "id,scenario,quantity,value,low,high,unit,source,on\n"
    for name, day in (("M", "2022-03-31"), ("E", "")):
        measured += f"{name},pilot-2021,entered,9,8,10,people,https://example.org,{day}\n"
    (tmp_path / "measured.csv").write_text(measured, encoding="utf-8")
    options = ("--set", f"targets={tmp_path / 'measured.csv'}", "--knowledge", "0")

    summary = simulated(tmp_path / "run", *options, "--population", "200")
    told = {row["target"]: row["simulated"] for row in summary["comparisons"]}
    by_month = {row["last_day_on"]: row["entered"] for row in summary["usage"]["months"]}
    scale = summary["full_population"] / summary["population"]

    assert told["M"] == pytest.approx(by_month["2022-03-31"] * scale)
    assert told["E"] == pytest.approx(by_month["2022-06-30"] * scale)
    assert "have been entered" in (tmp_path / "run/report.html").read_text(encoding="utf-8")


def test_documents_and_shares_have_their_intervals(run: tuple[Path, dict[str, Any]]) -> None:
    """Chance and sample around the figure; knowledge from draws that vary care and equipment."""
    out, summary = run
    knowledge = json.loads((out / "knowledge.json").read_text(encoding="utf-8"))

    for name in ("documents", "with_one_document", "entered"):
        found = summary["intervals"][name]
        assert found["chance"][0] < found["chance"][1]
        assert found["knowledge"][0] < found["knowledge"][1]
    assert any(path.startswith("life.") for path in knowledge["draws"][0]["parameters"])


def test_the_table_of_usage_holds_every_document(run: tuple[Path, dict[str, Any]]) -> None:
    """Its columns are those published, its rows in order, its sum the total."""
    out, summary = run
    with duckdb.connect() as database:
        rows = database.execute(
            "SELECT * FROM read_parquet(?)", [str(out / "usage.parquet")]
        ).fetchall()
        names = [column[0] for column in database.description or []]

    assert names == [column.name for column in usage_columns()]
    assert [row[:2] for row in rows] == sorted(row[:2] for row in rows)
    assert sum(row[4] for row in rows) == sum(summary["usage"]["totals"].values())


def test_both_engines_give_the_same_usage(run: tuple[Path, dict[str, Any]], tmp_path: Path) -> None:
    """One process a person, or arrays: the same digest."""
    other = simulated(tmp_path / "run", "--knowledge", "0", "--engine", "agents")

    assert other["usage_digest"] == run[1]["usage_digest"]
    assert other["usage"] == run[1]["usage"]


def test_a_count_of_usage_that_was_changed_is_found(tmp_path: Path) -> None:
    """The run can be repeated, and a file that says otherwise is named."""
    out, changed = tmp_path / "run", tmp_path / "changed.parquet"
    simulated(out, "--knowledge", "0", "--engine", "cohort", "--population", "200")
    with duckdb.connect() as database:
        database.execute(
            'COPY (SELECT * REPLACE ("count" + 1 AS "count") FROM '  # noqa: S608 (own names)
            f"read_parquet('{out / 'usage.parquet'}')) TO '{changed}' (FORMAT parquet)"
        )

    assert main(["reproduce", str(out)]) == 0
    changed.replace(out / "usage.parquet")
    assert main(["reproduce", str(out)]) == 1


def test_a_run_within_its_scenario_says_nothing_of_years(tmp_path: Path) -> None:
    """Its files are what they were."""
    out = tmp_path / "run"
    typed = ["simulate", "pilot-2021", "--population", "300", "--knowledge", "0"]
    typed += ["--until", "2021-10-15"]
    assert main([*typed, "--out", str(out)]) == 0
    summary = json.loads((out / "summary.json").read_text(encoding="utf-8"))

    assert "usage" not in summary
    assert not (out / "usage.parquet").exists()


@pytest.mark.parametrize(
    ("scenario", "until"), [("dmp-opt-in", "2031-01-01"), ("pilot-2021", "2021-08-01")]
)
def test_a_last_day_that_no_space_lives_to_is_refused(
    scenario: str, until: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A scheme on request counts no lives; a day before the first is none."""
    out = tmp_path / "run"

    assert main(["simulate", scenario, "--until", until, "--out", str(out)]) == 2
    assert until in capsys.readouterr().err
    assert not out.exists()


def comparison_plan(policies: tuple[str, ...]) -> ComparisonPlan:
    """A small comparison beyond the pilot."""
    return ComparisonPlan(
        policies=policies,
        changes=("scenario.ends_on=2022-03-31", "life.counted=true"),
        engine="cohort",
        population=300,
        seed=4,
        until=None,
        knowledge_draws=0,
        knowledge_population=300,
        replications=1,
    )


def test_policies_are_compared_by_what_follows_the_campaign(tmp_path: Path) -> None:
    """Documents, first ones, reminders and apps of the same people on the same luck."""
    policies = ("pilot-2021", "pilot-announced")
    plan = comparison_plan(policies)
    comparison = Comparison(
        record=ComparisonRecord(
            plan=plan, arguments=policies, started_at=datetime.now(UTC), inputs=()
        ),
        scenarios=tuple((name, load_scenario(name, plan.changes)) for name in policies),
        directory=RunDirectory(tmp_path),
        engine=engine_named("cohort"),
    )
    assert comparison.carry_out()
    compared = comparison.result
    jsonschema.validate(compared, dict(schema("comparison")))
    found = {
        row["measure"]: row["difference"]
        for row in cast("list[dict[str, Any]]", compared["differences"])
        if row["by"] == "all"
    }
    usages = [
        json.loads((tmp_path / name / "summary.json").read_text(encoding="utf-8"))["usage"]
        for name in policies
    ]
    full = cast("int", compared["full_population"]) / 300
    counts: list[dict[str, int]] = [
        {
            "documents": usage["documents_of_care"],
            "with_one_document": usage["shares"][0]["numerator"],
            "with_five_documents": usage["shares"][1]["numerator"],
            "reminders_followed": sum(
                reminder["followed"] for month in usage["months"] for reminder in month["reminders"]
            ),
            "apps_paired": sum(month["app_paired"] for month in usage["months"]),
        }
        for usage in usages
    ]
    assert counts[0]["documents"] > 0
    for key, first in counts[0].items():
        assert found[key] == pytest.approx((counts[1][key] - first) * full), key


def test_compare_goes_on_beyond_the_scenarios_and_records_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--until` after the last day of the policies is a change of all of them."""
    planned: list[Comparison] = []

    def stop_at_once(comparison: Comparison, *, resume: bool) -> bool:
        del resume
        planned.append(comparison)
        return False

    monkeypatch.setattr(Comparison, "carry_out", stop_at_once)
    asked = ["compare", "launch-2022", "early-opening", "--until", "2024-12-31"]
    main([*asked, "--population", "100", "--knowledge", "0", "--out", str(tmp_path / "C")])

    plan = planned[0].record.plan
    assert plan.changes == ("scenario.ends_on=2024-12-31", "life.counted=true")
    assert {scenario.ends_on.isoformat() for _, scenario in planned[0].scenarios} == {"2024-12-31"}
