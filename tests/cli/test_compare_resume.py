"""A comparison that was stopped goes on where it was, and ends as if it never had been."""

import json
import shutil
from collections.abc import Callable
from contextlib import chdir
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from etalon_cli.command import main
from etalon_scenarios.engine import Engine
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.policies.comparison import Comparison
from etalon_scenarios.policies.kept_runs import KEPT_FILE, read_kept_runs
from etalon_scenarios.run_directory import RunDirectory
from etalon_scenarios.run_record import ComparisonPlan, ComparisonRecord

POLICIES = ("pilot-2021", "pilot-announced")
DRAWS, REPLICATIONS = 9, 16
RUNS = len(POLICIES) * (1 + 1 + DRAWS + REPLICATIONS)
Make = Callable[..., Comparison]


@dataclass
class Counted:
    """An engine that counts how often it simulates."""

    engine: Engine
    runs: int = 0

    def simulate(self, *args: Any, **options: Any) -> Any:  # noqa: ANN401 (passed on)
        """Simulate, and count it."""
        self.runs += 1
        return self.engine.simulate(*args, **options)


@pytest.fixture
def counted(toy_engine: Engine) -> Counted:
    """Count the runs of the toy engine."""
    return Counted(toy_engine)


def comparison_in(
    directory: Path, engine: Engine, stop: Callable[[], bool] = lambda: False
) -> Comparison:
    """Make a comparison of one plan in a directory, or in the same one again."""
    plan = ComparisonPlan(
        policies=POLICIES,
        changes=(),
        engine="agents",
        population=2000,
        seed=7,
        until=None,
        knowledge_draws=DRAWS,
        knowledge_population=1000,
        replications=REPLICATIONS,
    )
    directory.mkdir(exist_ok=True)
    return Comparison(
        record=ComparisonRecord(
            plan=plan, arguments=POLICIES, started_at=datetime.now(UTC), inputs=()
        ),
        scenarios=tuple((policy, load_scenario(policy)) for policy in POLICIES),
        directory=RunDirectory(directory),
        engine=engine,
        stop=stop,
    )


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory, toy_engine: Engine) -> Comparison:
    """A comparison that was never stopped, whose directory no test changes."""
    comparison = comparison_in(tmp_path_factory.mktemp("compared") / "whole", toy_engine)
    assert comparison.carry_out()
    return comparison


@pytest.fixture
def make(tmp_path: Path, counted: Counted) -> Make:
    """Make comparisons of that plan, counted, in directories of this test by name."""

    def comparison(name: str, stop: Callable[[], bool] = lambda: False) -> Comparison:
        engine = replace(counted.engine, simulate=counted.simulate)
        return comparison_in(tmp_path / name, engine, stop)

    return comparison


def found(directory: Path) -> dict[str, Any]:
    """Everything that the runs gave, without what tells where and how fast they ran."""
    files = {"comparison.json": directory / "comparison.json"}
    for policy in POLICIES:
        for name in ("summary.json", "knowledge.json", "scenario.json"):
            files[f"{policy}/{name}"] = directory / policy / name
    read = {name: json.loads(file.read_text(encoding="utf-8")) for name, file in files.items()}
    return {name: {k: v for k, v in one.items() if k != "run"} for name, one in read.items()}


@pytest.mark.parametrize("calls", [40, 700, 2500, 4500])
def test_a_resumed_comparison_equals_one_that_was_never_stopped(
    whole: Comparison, make: Make, counted: Counted, calls: int
) -> None:
    """Wherever it was stopped: the same files, and no run that had ended is run again."""
    counter = count(1)
    assert not make("stopped", lambda: next(counter) >= calls).carry_out()
    before = counted.runs

    resumed = make("stopped")
    assert resumed.carry_out(resume=True)

    assert found(resumed.directory.path) == found(whole.directory.path)
    assert resumed.result == whole.result
    assert counted.runs == RUNS + 1 > before
    assert not list(resumed.directory.path.rglob(KEPT_FILE))


@pytest.mark.parametrize("cut", [1, 60, 5000])
def test_a_line_cut_by_a_kill_is_run_again(whole: Comparison, make: Make, cut: int) -> None:
    """The file of the second policy ends within a line; whatever is whole is taken up."""
    counter = count(1)
    make("killed", lambda: next(counter) >= 4500).carry_out()
    kept = make("killed").directory.path / POLICIES[1] / KEPT_FILE
    kept.write_bytes(kept.read_bytes()[:-cut])

    resumed = make("killed")
    assert resumed.carry_out(resume=True)

    assert found(resumed.directory.path) == found(whole.directory.path)


def test_a_policy_whose_kept_runs_are_lost_is_begun_again(
    whole: Comparison, make: Make, counted: Counted
) -> None:
    """Its draws are told of by its files, but their figures are gone: all of it is run again."""
    counter = count(1)
    make("lost", lambda: next(counter) >= 4500).carry_out()
    (make("lost").directory.path / POLICIES[0] / KEPT_FILE).unlink()
    counted.runs = 0

    resumed = make("lost")
    assert resumed.carry_out(resume=True)

    assert found(resumed.directory.path) == found(whole.directory.path)
    assert counted.runs > RUNS / len(POLICIES)


def test_a_finished_comparison_is_read_not_run(
    whole: Comparison, make: Make, counted: Counted, tmp_path: Path
) -> None:
    """Its result is taken up as it stands."""
    shutil.copytree(whole.directory.path, tmp_path / "again")

    again = make("again")

    assert again.carry_out(resume=True)
    assert again.result == whole.result
    assert counted.runs == 0


def test_what_is_no_kept_run_is_nothing(tmp_path: Path) -> None:
    """Neither a missing file nor one of another kind stops a comparison."""
    for content in (b"", b"{}\n", b"\xff\n", b'{"kind": "run"}\n'):
        (tmp_path / KEPT_FILE).write_bytes(content)
        kept = read_kept_runs(RunDirectory(tmp_path))
        assert (kept.centre, kept.draws, kept.replications) == (None, {}, {})
        assert not kept.serve()


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        (("--seed", "9", "--out", "C"), "is another run (seed: 7 instead of 9)"),
        (("--out", "absent"), "holds no run to go on with"),
        ((), "nothing says which run to go on with"),
    ],
)
def test_only_the_same_comparison_is_gone_on_with(
    make: Make, typed: tuple[str, ...], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another plan, an empty place, no place: exit code 2, and nothing is lost."""
    counter = count(1)
    stopped = make("C", lambda: next(counter) >= 40)
    stopped.carry_out()
    folder = stopped.directory.path.parent
    before = sorted(folder.rglob("*"))
    plan = ["--population", "2000", "--engine", "agents", "--knowledge", str(DRAWS)]

    with chdir(folder):
        code = main(["compare", *POLICIES, *plan, *typed, "--resume", "--lang", "en"])

    assert code == 2
    assert said in capsys.readouterr().err
    assert sorted(folder.rglob("*")) == before
