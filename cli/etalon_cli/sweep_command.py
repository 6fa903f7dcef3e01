"""`etalon sweep`: many runs of one scenario, and what each value that varies does."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

from etalon_cli.answers import print_columns, print_json
from etalon_cli.console import ProgressLine, print_result, say, sentence_of
from etalon_cli.exit_codes import ExitCode
from etalon_cli.explanations import explained
from etalon_cli.interruption import interruptible
from etalon_cli.options import check_memory, workers_asked
from etalon_cli.reporting import draw_reports
from etalon_cli.resuming import out_asked
from etalon_cli.stopping import because
from etalon_reports.study.figures_of_a_run import AMOUNTS, figure_label, written
from etalon_scenarios.memory import memory_available
from etalon_scenarios.run_directory import (
    RunDirectory,
    new_run_directory,
    resumed_run_directory,
)
from etalon_scenarios.sweeps.cluster import Cluster
from etalon_scenarios.sweeps.designs import MissingExtraError
from etalon_scenarios.sweeps.experiment import read_experiment
from etalon_scenarios.sweeps.spreading import ExecutorGoneError, Processes
from etalon_scenarios.sweeps.sweep import SWEEP_FILE, Sweep
from etalon_text.number_formats import EN_DASH, number
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Generator, Mapping, Sequence

    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.sweeps.experiment import Experiment
    from etalon_scenarios.sweeps.spreading import Workers
    from etalon_text.language import Language

_EXTRA = "sweep"
_SHOWN_EFFECTS = 12
_SHOWN_FAILURES = 5


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    number_of_workers = workers_asked(options.workers)
    out = out_asked(options)
    with told(language):
        experiment = read_experiment(Path(options.experiment))
        engine = options.engine or "cohort"
        at_once = 1 if options.cluster else number_of_workers
        check_memory(experiment.population * at_once, memory_available(), engine)
        workers: Workers = (
            Cluster(options.cluster) if options.cluster else Processes(number_of_workers)
        )
        sweep = _carried_out(experiment, workers, engine, out, options, language)
    record = sweep.record
    failed = cast("Mapping[str, int]", record["runs"])["failed"]
    draw_reports(sweep.directory.path, language, ("html",))
    if options.json:
        print_json(record)
    else:
        _print(record, sweep.directory, language)
    if failed:
        raise because(reason="sweep_failures", failed=failed, file=sweep.directory.path)
    return ExitCode.DONE


def _carried_out(  # noqa: PLR0913, PLR0917 (what was asked)
    experiment: Experiment,
    workers: Workers,
    engine: str,
    out: Path | None,
    options: Namespace,
    language: Language,
) -> Sweep:
    """Make the runs.

    Raises:
        Stopped: The user interrupted, or the executor went away.
    """
    with explained(language, experiment.population), interruptible() as interruption:
        directory = _directory(experiment, out, resume=options.resume)
        say(text("sweep.writing", language, file=directory.path))
        line = ProgressLine(language)
        sweep = Sweep(
            experiment=experiment,
            directory=directory,
            workers=workers,
            engine=engine,
            stop=interruption.is_asked,
            progress=lambda done, total: line.show("runs", done, total),
        )
        try:
            complete = sweep.carry_out()
        except ExecutorGoneError as error:
            done = cast("Mapping[str, int]", sweep.record["runs"])["done"]
            raise because(
                reason="sweep_cluster_gone", found=options.cluster, done=done, file=directory.path
            ) from error
        finally:
            line.end()
        if not complete:
            raise because(reason="sweep_interrupted", file=directory.path)
    return sweep


def _directory(experiment: Experiment, out: Path | None, *, resume: bool) -> RunDirectory:
    """Make the directory, or take up that of an earlier sweep."""
    if not resume or out is None:
        seed = experiment.seed or 0
        return new_run_directory(out, command="sweep", name=experiment.name, seed=seed)
    return resumed_run_directory(out, SWEEP_FILE)


@contextmanager
def told(language: Language) -> Generator[None]:
    """Tell what is wrong with a file of a study, and what is not installed.

    Raises:
        Stopped: The block raised one of these.
    """
    try:
        with explained(language, of_study=True):
            yield
    except MissingExtraError as error:
        raise because(reason="sweep_extra_missing", feature=error.feature, extra=_EXTRA) from error


def _print(record: Mapping[str, Json], directory: RunDirectory, language: Language) -> None:
    runs = cast("Mapping[str, int]", record["runs"])
    values = {kind: number(count, language) for kind, count in runs.items()}
    print_result(sentence_of(record, "title", language))
    print_result(text("sweep.outcome", language, points=record["points"], **values))
    effects = cast("Sequence[Mapping[str, Json]]", record["effects"])
    if effects:
        heads = ("figure", "path", "low", "high", "index")
        rows = [[text(f"sweep.column_{head}", language) for head in heads]]
        rows += [_effect(row, language) for row in effects[:_SHOWN_EFFECTS]]
        print_columns(rows, right=frozenset({2, 3, 4}))
        people = number(cast("int", record["population"]), language)
        print_result(text("sweep.amounts", language, people=people))
    failures = cast("Sequence[Mapping[str, Json]]", record["failures"])
    for row in failures[:_SHOWN_FAILURES]:
        values = {key: str(row[key]) for key in ("point", "seed", "reason")}
        print_result(text("sweep.failure", language, **values))
    print_result(text("outcome.report", language, file=(directory.path / "report.html").resolve()))


def _effect(row: Mapping[str, Json], language: Language) -> list[str]:
    name = str(row["figure"])
    index = row["total"] if row["total"] is not None else row["elementary"]
    ends = [written(name, cast("float | None", row[end]), language) for end in ("low", "high")]
    said = EN_DASH if index is None else f"{cast('float', index):.3g}"
    said = said.replace(".", ",") if language == "fr" else said
    label = figure_label(name, language) if name in AMOUNTS else text(f"rate.{name}", language)
    return [label, str(row["path"]), *ends, said]
