"""`etalon load run`: put load on a target, openly, and say whether its objectives hold."""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from etalon_cli.answers import print_json
from etalon_cli.conformance_options import overrides_asked
from etalon_cli.console import print_result, say
from etalon_cli.exit_codes import ExitCode
from etalon_cli.interruption import interruptible
from etalon_cli.load_options import (
    DEFAULT_DURATION,
    DEFAULT_PEAK,
    MOST_RATE,
    MOST_RETRIES,
    faults_asked,
    journeys_asked,
    maker_of_journeys,
    memory_asked,
    number_asked,
    objectives_asked,
    place_asked,
    refuse_taken,
    refuse_without_locust,
    rules_asked,
    seconds_asked,
    seed_asked,
    target_asked,
)
from etalon_cli.options import MOST_WORKERS
from etalon_cli.stopping import because
from etalon_cli.storage_explanations import storage_explained
from etalon_cli.whole_numbers import whole_number
from etalon_load.files.summary import SUMMARY_FILE
from etalon_load.open_files import allow_many_files
from etalon_load.workload import PEOPLE_FILE
from etalon_scenarios.run_directory import storage_error
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from etalon_load.arrivals import Plan
    from etalon_load.processes import Placing
    from etalon_load.running import Load
    from etalon_scenarios.run_directory import Json, RunDirectory
    from etalon_target.targets import Target
    from etalon_text.language import Language

_RECORDED: Final = "recorded"
_CODES: Final = {"PASS": ExitCode.DONE, "FAIL": ExitCode.NO}
_PATIENCE_SECONDS: Final = 60.0
_PATIENCE_REMOTE: Final = 600.0


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    refuse_without_locust()
    load = load_asked(options)
    restarts = any(fault.is_restart for fault in load.faults)
    target = target_asked(options, load.seed, durable=restarts)
    allow_many_files()
    target.launch()
    try:
        with storage_explained(language):
            directory, measured = _carried_out(load, target, options, language)
            verdict = _judged(directory)
    finally:
        target.close()
    _answer(directory.path, options, language)
    if load.people is None and target.kind != "embedded":
        file = directory.path / PEOPLE_FILE
        say(text("load.people_stay", language, file=file, target=options.target))
    if measured["ended"] == "interrupted":
        return ExitCode.NO_ANSWER
    return _CODES.get(verdict, ExitCode.NO_ANSWER)


def load_asked(options: Namespace) -> Load:
    """Read what is to be sent.

    Raises:
        Stopped: An option, or a file it names, cannot be used.
    """
    from etalon_load.running import Load  # noqa: PLC0415 (with the run)
    from etalon_scenarios.versions import installed_version  # noqa: PLC0415

    seed = seed_asked(options)
    coming = _arrivals(options, seed)
    plan = coming.plan
    most = None
    if options.max_rate is not None:
        most = number_asked("--max-rate", options.max_rate, DEFAULT_PEAK, 0.01, MOST_RATE)
        if max(plan.by_second()) > most:
            raise because(reason="load_max_rate", found=max(plan.by_second()), most=f"{most:g}")
    among = journeys_asked(options)
    objectives, named = objectives_asked(options.objectives, among)
    return Load(
        plan=plan,
        profile=coming.profile,
        objectives=objectives,
        objectives_name=named,
        seed=seed,
        version=installed_version(),
        people=Path(options.people) if options.people else None,
        sample=number_asked("--sample", options.sample, 0.05, 0.0, 1.0),
        time_scale=_time_scale(options),
        max_rate=most,
        stop_rules=rules_asked(options.stop_if),
        faults=faults_asked([*coming.faults, *options.fault], plan.seconds),
        retries=whole_number("--retries", options.retries, coming.retries, 0, MOST_RETRIES),
        is_steady=coming.is_steady,
        memory_each=memory_asked(options.objectives),
        overrides=overrides_asked(options),
        placing=_placing(options),
        command=tuple(options.typed),
        journeys=maker_of_journeys(among),
    )


@dataclass(frozen=True, slots=True)
class _Coming:
    """Who arrives when, where that comes from, and what belongs to it."""

    plan: Plan
    profile: Mapping[str, str | float | None]
    faults: tuple[str, ...] = ()
    retries: int = 0
    is_steady: bool = False


def _arrivals(options: Namespace, seed: int) -> _Coming:
    """Plan who arrives when.

    Raises:
        Stopped: Options contradict each other, or name arrivals that there are not.
    """
    from etalon_load.arrivals import ArrivalsError  # noqa: PLC0415 (with the run)
    from etalon_load.profiles import named  # noqa: PLC0415
    from etalon_load.recorded_arrivals import read_plan  # noqa: PLC0415

    if options.profile and options.arrivals:
        raise because(reason="load_arrivals_twice")
    if not options.profile and not options.arrivals:
        raise because(reason="load_arrivals_missing")
    if options.window and not options.arrivals:
        raise because(reason="load_window_alone")
    peak = number_asked("--peak", options.peak, DEFAULT_PEAK, 0.01, MOST_RATE)
    among = journeys_asked(options)
    try:
        if options.profile:
            seconds = seconds_asked("--duration", options.duration, DEFAULT_DURATION)
            found = named(options.profile, peak=peak, seconds=seconds, seed=seed, among=among)
            source = "; ".join(f"{key}: {value}" for key, value in found.source.items()) or None
            profile = {"name": options.profile, "peak": peak, "window": None, "source": source}
            return _Coming(found.plan, profile, found.faults, found.retries, found.is_steady)
        asked = None if options.peak is None else peak
        file, scale = Path(options.arrivals), _time_scale(options)
        plan = read_plan(file, options.window, peak=asked, time_scale=scale, seed=seed, among=among)
    except ArrivalsError as error:
        raise because(reason="load_arrivals", problem=error) from error
    recorded = {"window": options.window, "source": str(options.arrivals)}
    return _Coming(plan, {"name": _RECORDED, "peak": asked, **recorded})


def _time_scale(options: Namespace) -> float:
    return number_asked("--time-scale", options.time_scale, 1.0, 1.0, 10_000.0)


def _placing(options: Namespace) -> Placing:
    """Read where the processes are.

    Raises:
        Stopped: A number is out of bounds, or a port is taken.
    """
    from etalon_load.processes import Placing  # noqa: PLC0415 (with the run)

    remote = whole_number("--remote-workers", options.remote_workers, 0, 0, MOST_WORKERS)
    fewest = 0 if remote else 1
    local = whole_number("--workers", options.workers, fewest, fewest, MOST_WORKERS)
    listen = ("127.0.0.1", 0)
    if options.listen:
        listen = place_asked("--listen", options.listen)
        refuse_taken("--listen", listen)
    page = None
    if options.web_port is not None:
        page = whole_number("--web-port", options.web_port, 8089, 1, 65_535)
        refuse_taken("--web-port", ("127.0.0.1", page))
    patience = _PATIENCE_REMOTE if remote else _PATIENCE_SECONDS
    return Placing(max(1, local + remote), remote, listen, page, patience)


def _carried_out(
    load: Load, target: Target, options: Namespace, language: Language
) -> tuple[RunDirectory, Mapping[str, object]]:
    """Send the load into a directory of its own; nothing is left of one that did not begin."""
    from etalon_cli.load_live import LiveFigures  # noqa: PLC0415 (with the run)
    from etalon_cli.load_running import explained, reached  # noqa: PLC0415
    from etalon_load.running import send  # noqa: PLC0415
    from etalon_scenarios.run_directory import new_run_directory  # noqa: PLC0415

    out = Path(options.out) if options.out else None
    name = str(load.profile["name"])
    directory = new_run_directory(out, command="load", name=name, seed=load.seed)
    _tell_workers(load, language)
    figures = LiveFigures(language)
    with interruptible() as interruption:
        try:
            with reached(target), explained(directory.path, language):
                measured = send(load, target, directory.path, figures.show, interruption.is_asked)
        finally:
            figures.end()
            # Nothing was sent: the directory is as it was found.
            with suppress(OSError):
                directory.path.rmdir()
    return directory, measured


def _tell_workers(load: Load, language: Language) -> None:
    """Say what to type on other machines."""
    placing = load.placing
    if placing.remote:
        host, port = placing.listen
        say(text("load.worker_line", language, host=host, port=port, key=placing.key))


def _judged(directory: RunDirectory) -> str:
    """Write the files of a run that ended, and return its verdict."""
    from etalon_load.files.run_files import write_run_files  # noqa: PLC0415 (with the run)

    try:
        return str(write_run_files(directory.path))
    except OSError as error:
        raise storage_error(directory.path, error) from error


def _answer(directory: Path, options: Namespace, language: Language) -> None:
    """Print the verdict and what makes it, and draw the report."""
    from etalon_cli.reporting import draw_reports  # noqa: PLC0415 (matplotlib)
    from etalon_reports.load.load_files import read_load  # noqa: PLC0415
    from etalon_reports.load.sentences import verdict_sentences  # noqa: PLC0415

    files = read_load(directory)
    if options.json:
        print_json(cast("Json", json.loads((directory / SUMMARY_FILE).read_bytes())))
    else:
        word = text(f"load.verdict.{files.verdict}", language)
        print_result(files.verdict if word == files.verdict else f"{files.verdict} ({word})")
        for sentence in verdict_sentences(files, language):
            print_result(sentence)
    for page in draw_reports(directory, language, ("html", "junit")):
        if page.suffix == ".html":
            say(text("load.report_written", language, file=page))
