"""Sweeps: what an experiment file may say, which runs it makes, and what is lost with a worker."""

from __future__ import annotations

import os
import pickle
import signal
from concurrent.futures import CancelledError, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from decimal import Decimal
from multiprocessing import active_children
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb
import jsonschema
import pytest

from etalon_scenarios.knowledge import range_of
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.run_directory import RunDirectory
from etalon_scenarios.scenario_errors import ScenarioError
from etalon_scenarios.sweeps.designs import points_of
from etalon_scenarios.sweeps.experiment import read_experiment, shipped_experiments
from etalon_scenarios.sweeps.indices import effects, means_by_value
from etalon_scenarios.sweeps.kept import KEPT_FILE, keep, read_kept
from etalon_scenarios.sweeps.run_table import RUNS_FILE
from etalon_scenarios.sweeps.spreading import LOST_WORKER, ExecutorGoneError, Processes, spread
from etalon_scenarios.sweeps.sweep import GONE, Sweep
from etalon_scenarios.sweeps.tasks import Outcome, run_task, scenario_digest, task_of
from etalon_scenarios.trials import Trial
from etalon_text.schema_files import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

    from etalon_scenarios.sweeps.designs import Point
    from etalon_scenarios.sweeps.experiment import Experiment
    from etalon_scenarios.sweeps.tasks import Task

UNTIL = "until = 2021-09-08"
GRID = f"""
[experiment]
name = "small"
scenario = "pilot-2021"
population = 300
{UNTIL}

[vary]
"reading.email" = [0.4, 0.6]
"enrolment.opposition_window" = ["P30D", "P6W"]
"""


class Here:
    """An executor of this process: what it was asked to do is counted."""

    number = 1

    def __init__(self, work: Callable[[Task], Outcome | None] = run_task) -> None:
        self.asked = 0
        self._given = work

    def work(self, task: Task) -> Outcome | None:
        """Make one run."""
        self.asked += 1
        return self._given(task)

    @contextmanager
    def executor(self) -> Generator[ThreadPoolExecutor]:
        """Open a thread."""
        with ThreadPoolExecutor(1) as pool:
            yield pool

    def is_gone(self) -> bool:
        """Stay."""
        return False

    def why_lost(self, error: BaseException) -> str | None:
        """Lose nobody."""
        del error
        return None


def experiment_of(folder: Path, text: str) -> Experiment:
    """Read an experiment from a file of a folder."""
    file = folder / "experiment.toml"
    file.write_text(text, encoding="utf-8")
    return read_experiment(file)


def tasks(count: int) -> list[Task]:
    """Small runs that differ by their seed."""
    scenario = load_scenario("pilot-2021")
    until = scenario.starts_on
    digest, content = scenario_digest(scenario), pickle.dumps(scenario)
    return [
        task_of(scenario, digest, content, "cohort", Trial(population=50, seed=n, until=until))
        for n in range(count)
    ]


BAD = [
    ('[experiment]\nscenario = "pilot-2021"', '"reading.email" = [0.4, 1.6]', "1.6", "0 and 1"),
    (
        '[experiment]\nscenario = "pilot-2021"',
        '"response.tau_days" = { low = 0, high = 5 }',
        "found 0",
        "between 0.1 and 365",
    ),
    ("", "", "experiment", "a table [experiment]"),
    ('[experiment]\nscenario = "pilot-2021"', "", "vary", "at least one path"),
    ('[experiment]\nscenari = "pilot-2021"', "", "experiment.scenari", "scenario"),
    ('[experiment]\nscenario = "pilot-2021"\ndesign = "soboll"', "", "design", "sobol"),
    (
        '[experiment]\nscenario = "pilot-2021"\ndesign = "sobol"\npoints = 12',
        '"reading.email" = "range"',
        "points",
        "a power of 2",
    ),
    ('[experiment]\nscenario = "pilot-2021"', '"reading.mail" = "range"', "reading.mail", "email"),
    ('[experiment]\nscenario = "pilot-2021"', '"reading.email" = 3', "reading.email", "range"),
    (
        '[experiment]\nscenario = "pilot-2021"',
        '"reading.email" = { low = 0.5, high = 0.5 }',
        "reading.email",
        "below",
    ),
    (
        '[experiment]\nscenario = "pilot-2021"\nreplications = 0',
        '"reading.email" = "range"',
        "replications",
        "between 1 and 1000",
    ),
]


@pytest.mark.parametrize(("heading", "varied", "place", "accepted"), BAD)
def test_a_wrong_experiment_is_refused_with_the_place_and_what_is_accepted(
    tmp_path: Path, heading: str, varied: str, place: str, accepted: str
) -> None:
    """One message names the key, what was found and what would do."""
    text = f"{heading}\n[vary]\n{varied}\n" if varied else heading

    with pytest.raises(ScenarioError) as refused:
        experiment_of(tmp_path, text)

    assert place in str(refused.value)
    assert accepted in str(refused.value)


def test_a_grid_has_every_combination_and_a_range_its_ends_and_its_middle(tmp_path: Path) -> None:
    """Listed values are taken as they stand; numbers become values, other things changes."""
    text = GRID.replace("[0.4, 0.6]", '"range"')
    points = points_of(experiment_of(tmp_path, text), 1)

    assert len(points) == 6
    assert sorted({p.values["reading.email"] for p in points}) == [
        Decimal("0.35"),
        Decimal("0.5"),
        Decimal("0.65"),
    ]
    assert {p.changes["enrolment.opposition_window"] for p in points} == {"P30D", "P6W"}


@pytest.mark.parametrize(
    ("design", "points", "expected"),
    [("latin-hypercube", 5, 5), ("sobol", 4, 16), ("morris", 3, 9)],
)
def test_drawn_points_stay_within_the_ranges_and_are_the_same_again(
    tmp_path: Path, design: str, points: int, expected: int
) -> None:
    """SALib draws places between 0 and 1, which are read as a knowledge draw reads them."""
    text = (
        f'[experiment]\nscenario = "pilot-2021"\ndesign = "{design}"\npoints = {points}\n'
        '[vary]\n"reading.email" = "range"\n"response.tau_days" = { low = 5, high = 12 }\n'
    )
    experiment = experiment_of(tmp_path, text)
    drawn = points_of(experiment, 7)

    assert len(drawn) == expected
    assert drawn == points_of(experiment, 7) != points_of(experiment, 8)
    assert all(Decimal("0.35") <= p.values["reading.email"] <= Decimal("0.65") for p in drawn)
    assert all(5 <= p.values["response.tau_days"] <= 12 for p in drawn)


DRAWN = '[experiment]\nscenario = "pilot-2021"\ndesign = "{design}"\npoints = {points}\n[vary]\n'


def test_a_star_stands_for_every_parameter_with_a_range_but_in_a_grid(tmp_path: Path) -> None:
    """What is named beside it keeps its own ends."""
    asked = '"*" = "range"\n"response.tau_days" = { low = 5, high = 12 }\n'
    drawn = DRAWN.format(design="morris", points=2) + asked
    varied = {one.path: one for one in experiment_of(tmp_path, drawn).varied}
    spans = [range_of(parameter) for _, parameter in load_scenario("pilot-2021").parameters()]

    assert len(varied) == sum(low < high for low, _, high in spans)
    assert varied["response.tau_days"].high == 12
    with pytest.raises(ScenarioError, match="draws its points"):
        experiment_of(tmp_path, GRID + '"*" = "range"\n')


def figures_at(points: list[Point], path: str) -> list[dict[str, float | None]]:
    """An opt-out rate that follows one value, and nothing else."""
    return [{"opt_out_rate": float(point.values[path]) / 10} for point in points]


def test_an_interval_tells_what_moves_a_figure_from_what_moved_beside_it(tmp_path: Path) -> None:
    """Of two values drawn the figure follows one: the other's difference is within chance."""
    text = DRAWN.format(design="latin-hypercube", points=60)
    experiment = experiment_of(
        tmp_path, text + '"reading.email" = "range"\n"reading.letter" = "range"\n'
    )
    points = points_of(experiment, 3)
    found = effects(
        experiment, points, figures_at(points, "reading.email"), 3, figures=("opt_out_rate",)
    )
    apart = {one.path: abs((one.high or 0) - (one.low or 0)) for one in found}
    within = {one.path: one.apart_within or 0.0 for one in found}

    assert [one.path for one in found] == ["reading.email", "reading.letter"]
    assert apart["reading.email"] > within["reading.email"] > 0
    assert apart["reading.letter"] < within["reading.letter"]


def test_thirds_along_morris_trajectories_tell_nothing(tmp_path: Path) -> None:
    """A value without effect would show that of its neighbours: elementary effects alone stand."""
    text = DRAWN.format(design="morris", points=4)
    experiment = experiment_of(
        tmp_path, text + '"reading.email" = "range"\n"reading.letter" = "range"\n'
    )
    points = points_of(experiment, 3)
    found = effects(
        experiment, points, figures_at(points, "reading.email"), 3, figures=("opt_out_rate",)
    )
    elementary = {one.path: one.elementary for one in found}

    assert all(one.low is None and one.high is None for one in found)
    assert elementary["reading.letter"] == pytest.approx(0, abs=1e-9)
    assert (elementary["reading.email"] or 0) > 0.01


def test_what_has_no_order_has_a_mean_at_each_value(tmp_path: Path) -> None:
    """A window of a grid: no thirds, but the figures of either window."""
    experiment = experiment_of(tmp_path, GRID)
    points = points_of(experiment, 1)
    found = [{"opt_out_rate": 0.1 if "P6W" in p.changes.values() else 0.2} for p in points]
    rows = means_by_value(experiment, points, found, ("opt_out_rate",))

    assert [(row["value"], row["mean"]) for row in rows] == [("P30D", 0.2), ("P6W", 0.1)]  # type: ignore[index, call-overload]
    told = effects(experiment, points, found, 1, figures=("opt_out_rate",))
    assert [one.path for one in told] == ["reading.email"]


def test_the_shipped_experiment_varies_what_may_move_refusals() -> None:
    """By name, a Latin hypercube of 48 points."""
    assert shipped_experiments() == ("what-moves-refusals",)
    experiment = read_experiment(Path("what-moves-refusals"))
    points = points_of(experiment, 1)

    assert experiment.design == "latin-hypercube"
    assert len(points) == 48
    assert "intent.opposition" in points[0].values


def test_a_search_among_plans_is_an_experiment(tmp_path: Path) -> None:
    """What `load decide --find-waves` writes names scenario files, people and seed."""
    experiment = experiment_of(
        tmp_path,
        'extends = "launch-2022"\nprobability = 0.9\n'
        'command = ["simulate", "FILE", "--population", "4000", "--seed", "5", "--set", "a.b=1"]\n'
        '[[candidate]]\nweeks = 4\nlast_on = 2022-03-01\nscenario = "w4.toml"\nrun = "w4"\n',
    )

    assert experiment.candidates == (str(tmp_path / "w4.toml"),)
    assert (experiment.population, experiment.seed) == (4000, 5)
    assert experiment.changes == ("a.b=1",)


def test_a_key_says_all_that_a_run_depends_on_and_nothing_else() -> None:
    """Equal numbers are one key; another seed, value or scenario is another; the engine is not."""
    one, other = load_scenario("pilot-2021"), load_scenario("pilot-2021", ["reading.email=0.6"])
    trial = Trial(population=50, seed=1, values={"reading.letter": Decimal("0.80")})

    def key(engine: str = "cohort", **changes: object) -> str:
        changed = replace(trial, **changes)  # type: ignore[arg-type]
        return task_of(one, scenario_digest(one), b"", engine, changed).key

    same = {key(), key("agents"), key(values={"reading.letter": Decimal("0.8")})}
    assert len(same) == 1
    others = {
        key(seed=2),
        key(population=51),
        key(values={}),
        key(until=one.starts_on),
        task_of(other, scenario_digest(other), b"", "cohort", trial).key,
    }
    assert len(others | same) == 6


def test_a_finished_run_is_never_made_again_and_a_grown_experiment_makes_the_rest(
    tmp_path: Path,
) -> None:
    """What one sweep kept another one of the same directory takes."""
    directory, first, second = RunDirectory(tmp_path), Here(), Here()
    small = experiment_of(tmp_path, GRID)
    Sweep(experiment=small, directory=directory, workers=first).carry_out()
    grown = experiment_of(tmp_path, GRID.replace("[0.4, 0.6]", "[0.4, 0.5, 0.6]"))
    sweep = Sweep(experiment=grown, directory=directory, workers=second)

    assert sweep.carry_out()
    assert (first.asked, second.asked) == (4, 2)
    jsonschema.validate(sweep.record, schema("sweep"))
    assert sweep.record["runs"] == {"done": 6, "failed": 0, "missing": 0}


def test_points_that_fail_are_told_with_their_reason_and_the_rest_is_kept(tmp_path: Path) -> None:
    """A window that is none, and a run that breaks, leave the others whole."""

    def work(task: Task) -> Outcome | None:
        if task.trial.values["reading.email"] == Decimal("0.6"):
            return Outcome(task.key, failure="RuntimeError: planted")
        return run_task(task)

    text = GRID.replace('"P6W"', '"P6Y9"')
    sweep = Sweep(
        experiment=experiment_of(tmp_path, text),
        directory=RunDirectory(tmp_path),
        workers=Here(work),
    )

    assert sweep.carry_out()
    jsonschema.validate(sweep.record, schema("sweep"))
    reasons = [str(row["reason"]) for row in sweep.record["failures"]]  # type: ignore[union-attr, index, call-overload]
    assert sweep.record["runs"] == {"done": 1, "failed": 3, "missing": 0}
    assert sum("planted" in reason for reason in reasons) == 1
    assert sum("opposition_window" in reason for reason in reasons) == 2


def test_an_experiment_all_of_whose_points_are_wrong_is_refused(tmp_path: Path) -> None:
    """Nothing is left to keep."""
    text = GRID.replace('["P30D", "P6W"]', '["P6Y9"]')
    sweep = Sweep(
        experiment=experiment_of(tmp_path, text), directory=RunDirectory(tmp_path), workers=Here()
    )

    with pytest.raises(ScenarioError, match="opposition_window"):
        sweep.carry_out()


def test_an_executor_that_goes_away_leaves_what_ended(tmp_path: Path) -> None:
    """Its runs are kept and written, the directory is partial, and the rest is made later."""

    def leave(task: Task) -> Outcome | None:
        if leaving.asked > 2:
            raise CancelledError
        return run_task(task)

    leaving, again = Here(leave), Here()
    directory, experiment = RunDirectory(tmp_path), experiment_of(tmp_path, GRID)
    sweep = Sweep(experiment=experiment, directory=directory, workers=leaving)
    with pytest.raises(ExecutorGoneError):
        sweep.carry_out()

    assert (sweep.record["status"], sweep.record["status_reason"]) == ("partial", GONE)
    assert sweep.record["runs"] == {"done": 2, "failed": 0, "missing": 2}
    assert Sweep(experiment=experiment, directory=directory, workers=again).carry_out()
    assert again.asked == 2


def test_a_line_that_a_kill_cut_short_is_removed(tmp_path: Path) -> None:
    """The runs before it stand."""
    directory = RunDirectory(tmp_path)
    keep(directory, Outcome("a" * 32, {"opt_out_rate": 0.1}, {"opt_out_rate": 9}, "d"))
    with (tmp_path / KEPT_FILE).open("a", encoding="utf-8") as stream:
        stream.write('{"key": "bb')

    assert list(read_kept(directory)) == ["a" * 32]
    assert (tmp_path / KEPT_FILE).read_text(encoding="utf-8").count("\n") == 1


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="no SIGKILL on this system")
def test_a_worker_that_is_killed_loses_no_run() -> None:
    """The runs that it had taken are made by others."""
    planned = tasks(8)
    found: list[Outcome] = []
    for outcome in spread(planned, Processes(2), stop=lambda: False):
        found.append(outcome)
        if len(found) == 1:
            victim = active_children()[0].pid
            assert victim is not None
            os.kill(victim, signal.SIGKILL)

    assert sorted(one.key for one in found) == sorted(task.key for task in planned)
    assert [one.failure for one in found if one.failure] == []


class _Deadly:
    """A scenario that ends the process that reads it."""

    def __reduce__(self) -> tuple[Callable[[int], object], tuple[int]]:
        return os._exit, (9,)


def test_a_run_that_ends_its_worker_is_found_and_the_others_go_on() -> None:
    """After two broken pools runs are made one at a time."""
    planned = tasks(3)
    planned[1] = replace(planned[1], scenario=pickle.dumps(_Deadly()), digest="deadly")
    found = {one.key: one.failure for one in spread(planned, Processes(2), stop=lambda: False)}

    assert found == {
        planned[0].key: None,
        planned[1].key: LOST_WORKER,
        planned[2].key: None,
    }


def test_a_worker_of_another_version_makes_no_run() -> None:
    """What it would give bears the key of another version."""
    outcome = run_task(replace(tasks(1)[0], version="0.0.9"))

    assert outcome is not None
    assert "version" in (outcome.failure or "")


def test_the_table_of_runs_is_sorted_by_key_and_complete(tmp_path: Path) -> None:
    """A row for each point and seed, with what varied and what it gave."""
    text = GRID.replace("population", "replications = 2\npopulation")
    workers = Here()
    Sweep(
        experiment=experiment_of(tmp_path, text), directory=RunDirectory(tmp_path), workers=workers
    ).carry_out()
    rows = duckdb.execute(
        'SELECT run_key, point, seed, status, "reading.email", "enrolment.opposition_window", '
        "activation_rate FROM read_parquet(?)",
        [str(tmp_path / RUNS_FILE)],
    ).fetchall()

    assert len(rows) == 8 == workers.asked
    assert rows == sorted(rows)
    assert {row[3] for row in rows} == {"done"}
    assert {(row[4], row[5]) for row in rows} == {
        (email, window) for email in (0.4, 0.6) for window in ("P30D", "P6W")
    }


def test_a_sweep_beyond_its_scenario_gives_the_figures_of_open_spaces(tmp_path: Path) -> None:
    """Documents, first ones, reminders and apps are columns, and have means at each value."""
    text = (
        '[experiment]\nscenario = "pilot-2021"\npopulation = 500\nuntil = 2022-06-30\n'
        '[vary]\n"life.adoption.volume" = [0.5, 1, 2]\n'
    )
    directory = RunDirectory(tmp_path)
    sweep = Sweep(experiment=experiment_of(tmp_path, text), directory=directory, workers=Here())
    assert sweep.carry_out()
    few, some, many = duckdb.execute(
        "SELECT documents, with_one_document, with_five_documents, entered, reminders_followed, "
        'apps_paired, opt_out_rate FROM read_parquet(?) ORDER BY "life.adoption.volume"',
        [str(tmp_path / RUNS_FILE)],
    ).fetchall()

    jsonschema.validate(sweep.record, schema("sweep"))
    assert many[0] > 3 * few[0] > 0
    assert many[1] > few[1]
    assert many[2] > few[2]
    # What has nothing to do with documents is the same to the last event: the luck is one.
    assert many[3:] == few[3:]
    assert all(value for value in few[3:])
    by_value: list[dict[str, float | str]] = sweep.record["by_value"]  # type: ignore[assignment]
    means = [row["mean"] for row in by_value if row["figure"] == "documents"]
    assert means == [few[0], some[0], many[0]]
