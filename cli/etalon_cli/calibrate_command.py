"""`etalon calibrate`: parameters fitted to figures, and the scenario that says so."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, cast

from etalon_cli.answers import print_columns, print_json
from etalon_cli.console import print_result, say
from etalon_cli.exit_codes import ExitCode
from etalon_cli.explanations import explained
from etalon_cli.interruption import interruptible
from etalon_cli.options import workers_asked
from etalon_cli.reporting import draw_reports
from etalon_cli.stopping import because
from etalon_cli.sweep_command import told
from etalon_cli.whole_numbers import whole_number
from etalon_reports.study.measured_figures import in_its_unit, quantity_words
from etalon_scenarios.calibrations.calibration import (
    CALIBRATION_FILE,
    CalibrationStoppedError,
    calibrate,
    calibration_record,
)
from etalon_scenarios.calibrations.fitted_scenario import scenario_text
from etalon_scenarios.calibrations.plan import read_plan, with_people
from etalon_scenarios.run_directory import new_run_directory
from etalon_scenarios.sweeps.spreading import Processes, in_order
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from etalon_scenarios.calibrations.calibration import Result
    from etalon_scenarios.calibrations.plan import Plan
    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.sweeps.tasks import Outcome, Task
    from etalon_text.language import Language

SCENARIO_FILE = "scenario.toml"
_MOST_PEOPLE = 100_000_000
_MOST_SEEDS = 1000


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    workers = workers_asked(options.workers)
    if options.targets is None:
        raise because(reason="calibrate_needs_targets")
    people = whole_number("--population", options.population, 0, 1, _MOST_PEOPLE)
    seeds = whole_number("--seeds", options.seeds, 0, 1, _MOST_SEEDS)
    with told(language):
        plan = with_people(read_plan(options.scenario, options.targets, options.fit), people, seeds)
        out = Path(options.out) if options.out else None
        name = plan.scenario.name
        directory = new_run_directory(out, command="calibrate", name=name, seed=plan.seed)
        say(text("calibration.writing", language, file=directory.path))
        result = _fitted(plan, options.engine or "cohort", workers, language)
        record = calibration_record(result)
        directory.write_json(CALIBRATION_FILE, record)
        directory.write_text(SCENARIO_FILE, scenario_text(result))
    draw_reports(directory.path, language, ("html",))
    if options.json:
        print_json(record)
    else:
        _print(record, directory.path, language)
    return ExitCode.NO if record["contradictory"] else ExitCode.DONE


def _fitted(plan: Plan, engine: str, workers: int, language: Language) -> Result:
    """Fit, on processes.

    Raises:
        Stopped: The user interrupted.
    """
    processes = Processes(workers)
    with (
        explained(language, plan.population),
        interruptible() as interruption,
        processes.executor() as executor,
    ):

        def work(tasks: Iterable[Task]) -> Iterator[Outcome | None]:
            return in_order(executor, processes, tasks, interruption.is_asked)

        try:
            return calibrate(plan, engine, work)
        except CalibrationStoppedError:
            raise because(reason="interrupted_early") from None


def _print(record: Mapping[str, Json], directory: Path, language: Language) -> None:
    _print_parameters(record, language)
    _print_figures(record, language)
    if record["contradictory"]:
        print_result(text("calibration.contradictory", language))
    print_result(text("calibration.scenario", language, file=directory / SCENARIO_FILE))
    print_result(text("outcome.report", language, file=(directory / "report.html").resolve()))


def _print_parameters(record: Mapping[str, Json], language: Language) -> None:
    heads = ("parameter", "value", "low", "high", "identified")
    rows = [[text(f"calibration.column_{head}", language) for head in heads]]
    parameters = cast("Sequence[Mapping[str, Json]]", record["parameters"])
    for row in parameters:
        told_ = "outcome.yes" if row["identified"] else "outcome.no"
        ends = (cast("float", row[key]) for key in ("value", "low", "high"))
        numbers = [_number(end, language) for end in ends]
        if row["kind"] == "series":
            numbers = [text("calibration.times", language, factor=one) for one in numbers]
        rows.append([str(row["path"]), *numbers, text(told_, language)])
    print_columns(rows, right=frozenset({1, 2, 3}))
    if any(row["kind"] == "series" for row in parameters):
        print_result(text("calibration.times_mark", language))


def _print_figures(record: Mapping[str, Json], language: Language) -> None:
    heads = ("figure", "simulated", "measured", "hit")
    rows = [[text(f"calibration.column_{head}", language) for head in heads]]
    for kind in ("fitted", "held_out"):
        for row in cast("Sequence[Mapping[str, Json]]", record[kind]):
            hit = text("outcome.yes" if row["hit"] else "outcome.no", language)
            mark = "" if kind == "fitted" else " *"
            unit = str(row["unit"])
            values = (cast("float", row[key]) for key in ("simulated", "measured"))
            numbers = [in_its_unit(value, unit, language) for value in values]
            rows.append([f"{row['figure']} {quantity_words(row, language)}{mark}", *numbers, hit])
    print_columns(rows, right=frozenset({1, 2}))
    if record["held_out"]:
        print_result(text("calibration.held_out_mark", language))


def _number(value: float, language: Language) -> str:
    written = f"{Decimal(f'{value:.6g}'):f}"
    return written.replace(".", ",") if language == "fr" else written
