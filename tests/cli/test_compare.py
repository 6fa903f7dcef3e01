"""Policies side by side: the same people and luck, both intervals, and what is refused."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any, cast

import jsonschema
import pytest

from etalon_cli.command import main
from etalon_scenarios.engine import Engine
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.policies.comparison import Comparison
from etalon_scenarios.policies.measuring import Figure, Key
from etalon_scenarios.policies.pairing import (
    Sample,
    Sizes,
    chance,
    distinguishable,
    drawn_noise,
    knowledge,
    moved,
    replicated,
    sample_noise,
)
from etalon_scenarios.run_directory import RunDirectory
from etalon_scenarios.run_record import ComparisonPlan, ComparisonRecord
from etalon_text.schema_files import schema

KEY: Key = ("opposed", "all", "all")
EMAIL_READ = """
[scenario]
extends = "pilot-2021"
name = "more-read"
title_fr = "Des courriels plus lus"
title_en = "E-mails read more"

[reading.email]
value = 0.55
low = 0.385
high = 0.715
certainty = "assumption"
source = "none"
"""
Read = Callable[[str], Any]


def plan_of(*policies: str, draws: int = 16) -> ComparisonPlan:
    """A small comparison."""
    return ComparisonPlan(
        policies=policies,
        changes=(),
        engine="agents",
        population=2000,
        seed=7,
        until=None,
        knowledge_draws=draws,
        knowledge_population=1000,
        replications=16,
    )


@pytest.fixture
def compared(tmp_path: Path, toy_engine: Engine) -> Callable[..., Comparison]:
    """Make comparisons on the toy engine."""

    def make(*policies: str, stop: Callable[[], bool] = lambda: False) -> Comparison:
        path = tmp_path / "C"
        path.mkdir()
        return Comparison(
            record=ComparisonRecord(
                plan=plan_of(*policies), arguments=policies, started_at=datetime.now(UTC), inputs=()
            ),
            scenarios=tuple((name, load_scenario(name)) for name in policies),
            directory=RunDirectory(path),
            engine=toy_engine,
            stop=stop,
        )

    return make


def rows_of(result: Mapping[str, Any], table: str, measure: str) -> list[Any]:
    """The rows of one measure over everybody."""
    return [row for row in result[table] if row["measure"] == measure and row["by"] == "all"]


def test_equal_policies_are_not_distinguishable(compared: Callable[..., Comparison]) -> None:
    """On the same luck and the same draws, what does not differ differs by exactly nothing."""
    comparison = compared("pilot-2021", "pilot-announced")

    assert comparison.carry_out()

    (row,) = rows_of(comparison.result, "differences", "opt_out_rate")
    assert row["difference"] == 0
    assert row["chance"] == row["knowledge"] == [0, 0]
    assert row["distinguishable"] is False
    result = cast("Mapping[str, Any]", comparison.result)
    (narrowed,) = [row for row in result["common_random_numbers"] if row["measure"] == KEY[0]]
    assert narrowed["variance_common"] == 0 < narrowed["variance_independent"]
    assert narrowed["ratio"] is None


def test_a_difference_has_both_intervals(
    compared: Callable[..., Comparison], tmp_path: Path
) -> None:
    """The toy engine opposes in proportion to the e-mails read, here a tenth more."""
    file = tmp_path / "more-read.toml"
    file.write_text(EMAIL_READ, encoding="utf-8")
    comparison = compared("pilot-2021", str(file))

    assert comparison.carry_out()

    (row,) = rows_of(comparison.result, "differences", "opposed")
    assert row["to"] == pytest.approx(1.1 * row["from"], rel=0.05)
    assert row["difference"] == pytest.approx(row["to"] - row["from"])
    assert row["knowledge"][0] < row["difference"] < row["knowledge"][1]
    assert row["chance"][0] < row["difference"] < row["chance"][1]
    assert row["sample_noise"] is not None
    assert row["distinguishable"] is True


def test_the_directory_holds_a_run_of_each_policy(compared: Callable[..., Comparison]) -> None:
    """Each is an ordinary run directory, complete, and so is the comparison."""
    comparison = compared("pilot-2021", "pilot-announced")
    comparison.carry_out()
    path = comparison.directory.path

    for directory in (path, path / "pilot-2021", path / "pilot-announced"):
        record = json.loads((directory / "run.json").read_text(encoding="utf-8"))
        jsonschema.validate(record, dict(schema("run")))
        assert record["status"] == "complete"
    assert {entry.name for entry in (path / "pilot-2021").iterdir()} >= {
        "run.json",
        "scenario.json",
        "summary.json",
        "knowledge.json",
        "daily.parquet",
    }


@pytest.mark.parametrize("calls", [3, 400, 3000])
def test_a_stopped_comparison_is_partial(compared: Callable[..., Comparison], calls: int) -> None:
    """Whenever it is stopped, no `comparison.json` passes for a finished one."""
    counter = count(1)
    comparison = compared("pilot-2021", "pilot-announced", stop=lambda: next(counter) >= calls)

    assert not comparison.carry_out()

    record = json.loads((comparison.directory.path / "run.json").read_text(encoding="utf-8"))
    assert (record["status"], record["status_reason"]) == ("partial", "interrupted")
    assert not (comparison.directory.path / "comparison.json").exists()


def sample(centre: float, central: float, draws: list[float], *, events: int = 100) -> Sample:
    """All the runs of a policy whose one figure is given."""
    return Sample(
        centre={KEY: Figure(centre, events)},
        central={KEY: Figure(central, events)},
        draws=[{KEY: Figure(value, events)} for value in draws],
        replications=[{KEY: Figure(float(rank), events)} for rank in range(16)],
    )


def test_a_figure_moves_by_the_ratio_of_its_draw_to_their_central_run() -> None:
    """The run itself gives the centre, the draws the spread."""
    drawn = [10.0, 20.0, 30.0, 40.0, 20.0, 20.0, 20.0, 20.0]

    assert moved(sample(1000, 20, drawn), KEY) == [50 * value for value in drawn]


@pytest.mark.parametrize(
    ("centre", "central", "draws", "events", "found"),
    [
        (1000.0, 20.0, [20.0] * 8, 29, None),
        (1000.0, 20.0, [20.0] * 7, 100, None),
        (0.0, 0.0, [0.0] * 8, 0, [0.0] * 8),
        (0.0, 0.0, [0.0] * 7 + [1.0], 0, None),
    ],
)
def test_few_events_or_draws_say_nothing(
    centre: float, central: float, draws: list[float], events: int, found: list[float] | None
) -> None:
    """Below thirty events or eight draws no interval; what is zero throughout stays zero."""
    assert moved(sample(centre, central, draws, events=events), KEY) == found


def test_chance_shrinks_with_the_population_and_the_sample_adds_the_rest() -> None:
    """Variances over sixteen replications, brought to size: chance and noise share the whole."""
    spread = replicated(sample(0, 1, []), KEY)
    sizes = Sizes(full=1_000_000, run=10_000, replication=10_000)

    by_chance, noise = chance(0, spread, sizes), sample_noise(0, spread, sizes)

    assert by_chance is not None
    assert noise is not None
    assert by_chance[1] ** 2 + noise[1] ** 2 == pytest.approx(2.13145**2 * 68 / 3)
    assert by_chance[1] ** 2 / noise[1] ** 2 == pytest.approx(1 / 99)
    assert sample_noise(0, spread, Sizes(full=10, run=10, replication=10)) is None


@pytest.mark.parametrize(
    ("known", "by_chance", "verdict"),
    [
        (None, (1.0, 2.0), None),
        ((1.0, 2.0), (1.0, 2.0), True),
        ((-2.0, -1.0), (-2.0, -1.0), True),
        ((-1.0, 2.0), (1.0, 2.0), False),
        ((0.0, 0.0), None, False),
        ((1.0, 2.0), (-1.0, 3.0), False),
        ((1.0, 2.0), None, True),
    ],
)
def test_what_contains_zero_is_not_distinguishable(
    known: tuple[float, float] | None,
    by_chance: tuple[float, float] | None,
    verdict: bool | None,  # noqa: FBT001 (a row of the table)
) -> None:
    """Either interval suffices to doubt; without knowledge nothing is said."""
    assert distinguishable(known, by_chance) is verdict


def test_the_interval_of_knowledge_leaves_a_tenth_on_either_side() -> None:
    """Eleven draws from 0 to 10: from 1 to 9."""
    assert knowledge([float(value) for value in range(11)]) == (1.0, 9.0)
    assert knowledge([1.0] * 7) is None


def test_the_command_compares_and_draws_its_report(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """From the command line to a complete directory, as published."""
    monkeypatch.chdir(tmp_path)
    typed = ["compare", "pilot-2021", "pilot-announced", "--population", "100", "--knowledge", "8"]

    code = main([*typed, "--until", "2021-09-14", "--workers", "1", "--out", "C", "--lang", "en"])

    printed = capsys.readouterr()
    assert code == 0, printed.err
    assert "pilot-announced: The pilot of 2021 as announced" in printed.out
    assert "supposes a change of article R. 1111-28" in printed.out
    assert "not distinguishable" in printed.out
    result = json.loads((tmp_path / "C" / "comparison.json").read_text(encoding="utf-8"))
    jsonschema.validate(result, dict(schema("comparison")))
    assert (tmp_path / "C" / "report.html").is_file()
    for policy in result["policies"]:
        summary = json.loads(
            (tmp_path / "C" / policy["directory"] / "summary.json").read_text(encoding="utf-8")
        )
        assert policy["ledger_digest"] == summary["ledger_digest"]
        assert policy["legal_departures"] == summary["legal_departures"]
        (row,) = [
            row for row in rows_of(result, "figures", "opposed") if row["policy"] == policy["name"]
        ]
        assert row["value"] == pytest.approx(summary["opposed"] / summary["scope"])
    assert main(["reproduce", "C", "--workers", "1", "--lang", "en"]) == 0
    assert "same (32 days, 16 draws)" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (["pilot-2021"], "one policy only"),
        (["pilot-2021", "pilot-2021"], "two policies are named pilot-2021"),
        (["pilot-2021", "launch-2022"], "scenario.starts_on is 2022-01-31, but 2021-08-30"),
        (["pilot-2021", "pilot-anounced"], "Did you mean pilot-announced?"),
        (["pilot-2021", "pilot-announced", "--knowledge", "few"], "--knowledge 'few'"),
        (["pilot-2021", "pilot-announced", "--until", "2021-01-01"], "--until 2021-01-01"),
        (["pilot-2021", "pilot-announced", "--out", "taken"], "not empty"),
    ],
)
def test_what_cannot_be_compared_is_refused_before_anything_is_written(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    typed: list[str],
    said: str,
) -> None:
    """Exit code 2, one message, an untouched directory."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "notes.txt").write_text("kept", encoding="utf-8")

    code = main(["compare", *typed, "--population", "300", "--lang", "en"])

    printed = capsys.readouterr()
    assert (code, printed.out) == (2, "")
    assert said in printed.err
    assert [path.name for path in tmp_path.rglob("*")] == ["taken", "notes.txt"]


def test_more_memory_than_the_machine_has_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The agents engine on the whole country would not fit."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("etalon_cli.compare_command.memory_available", lambda: 8_000_000_000)

    typed = ["compare", "launch-2022", "opt-in", "--engine", "agents", "--lang", "en"]
    code = main(typed)

    assert code == 2
    assert "need about" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_a_difference_below_the_noise_of_the_draws_is_not_distinguishable() -> None:
    """Twice the spread among the people of a draw can be told, half of it cannot."""
    spread = replicated(sample(0, 1, []), KEY)
    by_few = [drawn_noise(value, spread) for value in (5.0, 20.0)]

    assert [distinguishable((1.0, 30.0), noise) for noise in by_few] == [False, True]
