"""`etalon load decide`: go, no-go or not enough known."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.answers import print_json
from etalon_cli.console import print_result
from etalon_cli.exit_codes import ExitCode
from etalon_cli.later_forms import of_a_known_form
from etalon_cli.load_options import number_asked
from etalon_cli.load_waves import fastest_plan
from etalon_cli.reporting import draw_reports
from etalon_cli.stopping import Stopped, because
from etalon_cli.storage_explanations import storage_explained
from etalon_load.capacity import CapacityError
from etalon_load.capacity_file import CapacityFileError, platform_capacity, read_capacity
from etalon_load.deciding import Answer, decide
from etalon_load.decision_file import DECISION_FILE, Case, decision_record
from etalon_load.demand import DemandError, read_demand
from etalon_load.sizing_of_peak import sizing_of_peak
from etalon_scenarios.run_directory import new_run_directory
from etalon_scenarios.versions import installed_version
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Sequence

    from etalon_load.capacity_file import MeasuredCapacity
    from etalon_scenarios.run_directory import Json, RunDirectory
    from etalon_text.language import Language

PLATFORM_FILE: Final = "platform-capacity.json"
_PROBABILITY: Final = 0.95
_LEAST, _MOST = 0.01, 0.9999
_SUMMARY: Final = "summary.json"
_CODES: Final = {
    str(Answer.GO): ExitCode.DONE,
    str(Answer.NO_GO): ExitCode.NO,
    str(Answer.NOT_KNOWN): ExitCode.NO_ANSWER,
}


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    asked = number_asked("--probability", options.probability, _PROBABILITY, _LEAST, _MOST)
    capacity = _capacity(options.capacity)
    cases = _cases(options.runs, capacity, asked)
    if options.find_waves and len(cases) > 1:
        raise because(reason="load_waves_one", found=options.runs)
    with storage_explained(language):
        out = Path(options.out) if options.out else None
        first = cases[0].demand
        directory = new_run_directory(
            out, command="load-decide", name=first.scenario, seed=first.seed
        )
        found = None
        if options.find_waves:
            found = fastest_plan(cases[0], capacity, asked, directory, language)
        try:
            sizing = sizing_of_peak(cases, capacity)
        except CapacityError as error:
            raise because(reason="load_decide", problem=error) from error
        version = installed_version()
        record = decision_record(cases, capacity, version=version, sizing=sizing, found=found)
        written: Json = json.loads(json.dumps(record))
        directory.write_json(DECISION_FILE, written)
        directory.write_json(PLATFORM_FILE, _platform(cases[0], capacity, version))
    _answer(directory, options, language)
    return _CODES[str(record["answer"]) if found is None else str(found.answer)]


def _capacity(typed: str | None) -> MeasuredCapacity:
    """Read `--capacity`.

    Raises:
        Stopped: It is missing, or says no capacity.
    """
    if typed is None:
        raise because(reason="load_decide_needs", option="--capacity")
    try:
        return read_capacity(of_a_known_form(typed))
    except CapacityFileError as error:
        raise because(reason="load_decide", problem=error) from error


def _cases(typed: str | None, capacity: MeasuredCapacity, asked: float) -> list[Case]:
    """Decide on each launch of `--runs`: a run directory, or a directory of several.

    Raises:
        Stopped: It is missing, or holds no run that can be read.
    """
    if typed is None:
        raise because(reason="load_decide_needs", option="--runs")
    root = Path(typed)
    runs = [root] if (root / _SUMMARY).is_file() else sorted(_below(root))
    if not runs:
        raise because(reason="load_decide_no_run", found=typed)
    try:
        demands = [(run, read_demand(of_a_known_form(run))) for run in runs]
    except DemandError as error:
        raise because(reason="load_decide", problem=error) from error
    return [Case(str(run), demand, decide(demand, capacity, asked)) for run, demand in demands]


def _below(root: Path) -> Sequence[Path]:
    return [file.parent for file in root.glob(f"*/{_SUMMARY}")] if root.is_dir() else []


def _platform(case: Case, capacity: MeasuredCapacity, version: str) -> Json:
    """Return the capacity as `platform.capacity` of the scenario reads it."""
    demand, mix = case.demand, case.decision.mix
    record = platform_capacity(
        capacity,
        scenario=demand.scenario,
        version=version,
        share_of_visits=mix.get("activation", 0.0) + mix.get("opposition", 0.0),
        starts_at=demand.begins(0),
        ends_at=demand.begins(demand.blocks),
    )
    written: Json = json.loads(json.dumps(record))
    return written


def _answer(directory: RunDirectory, options: Namespace, language: Language) -> None:
    """Draw the reports and say the decision."""
    from etalon_reports.load.decision_words import decision_sentences  # noqa: PLC0415 (slow)
    from etalon_reports.page import REPORT_NAME  # noqa: PLC0415
    from etalon_reports.record import read_record  # noqa: PLC0415

    written = [directory.path / REPORT_NAME]
    try:
        written += draw_reports(directory.path, language, ("pdf",))
    except Stopped as stopped:
        if stopped.key != "no_pdf":
            raise
    if options.json:
        print_json(directory.read_json(DECISION_FILE))
        return
    for line in decision_sentences(read_record(directory.path / DECISION_FILE), language):
        print_result(line)
    for path in written:
        print_result(text("outcome.report", language, file=path.resolve()))
