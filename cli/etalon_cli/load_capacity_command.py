"""`etalon load capacity`: look for the greatest rate at which the objectives hold."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from etalon_cli.answers import print_json
from etalon_cli.conformance_options import overrides_asked
from etalon_cli.console import print_result, say
from etalon_cli.exit_codes import ExitCode
from etalon_cli.interruption import Interruption, interruptible
from etalon_cli.load_options import (
    MOST_RATE,
    journeys_asked,
    maker_of_journeys,
    number_asked,
    objectives_asked,
    refuse_without_locust,
    seconds_asked,
    seed_asked,
    target_asked,
)
from etalon_cli.options import MOST_WORKERS
from etalon_cli.stopping import because
from etalon_cli.storage_explanations import storage_explained
from etalon_cli.whole_numbers import whole_number
from etalon_load.capacity_file import CAPACITY_FILE
from etalon_load.open_files import allow_many_files
from etalon_scenarios.run_directory import storage_error
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping

    from etalon_load.arrivals import Plan
    from etalon_load.running import Load
    from etalon_load.searching import Found, Nation, Probed, Search
    from etalon_load.verdicts import Verdict
    from etalon_scenarios.run_directory import Json, RunDirectory
    from etalon_target.targets import Target
    from etalon_text.language import Language

_DEFAULT_PROFILE: Final = "launch-day"
_DEFAULT_PROBE: Final = "10s"


class Interrupted(Exception):  # noqa: N818 (what happened, not a fault)
    """Ctrl-C during a probe: no further one begins."""


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    refuse_without_locust()
    from etalon_load.searching import plain_capacity, write_capacity  # noqa: PLC0415 (DuckDB)

    search, nation = search_asked(options)
    load = _load(options, search)
    target = target_asked(options, load.seed)
    allow_many_files()
    target.launch()
    started_at = datetime.now(UTC)
    try:
        with storage_explained(language), interruptible() as interruption:
            directory, found = _carried_out(search, load, target, options, language, interruption)
    finally:
        target.close()
    about: dict[str, object] = {
        "target": {"kind": target.kind, "name": target.profile.name, "address": target.fhir_base},
        "profile": options.profile or _DEFAULT_PROFILE,
        "etalon_version": load.version,
        "started_at": started_at.isoformat(timespec="seconds"),
    }
    plain = plain_capacity(found, search, load.objectives, nation, about)
    with storage_explained(language):
        try:
            write_capacity(plain, directory.path)
        except OSError as error:
            raise storage_error(directory.path, error) from error
    _answer(directory.path, options, language)
    is_bounded = bool(plain["held"]) and plain["missed"] is not None
    return ExitCode.DONE if is_bounded else ExitCode.NO_ANSWER


def search_asked(options: Namespace) -> tuple[Search, Nation | None]:
    """Read what is looked for, and what is assumed of the nation.

    Raises:
        Stopped: An option cannot be used.
    """
    from etalon_load.arrivals import ArrivalsError  # noqa: PLC0415 (with the search)
    from etalon_load.profiles import mix_of, national_peak  # noqa: PLC0415
    from etalon_load.searching import Nation, Search  # noqa: PLC0415

    profile, among = options.profile or _DEFAULT_PROFILE, journeys_asked(options)
    try:
        mix, peak = mix_of(profile, among), national_peak(profile, among)
    except ArrivalsError as error:
        raise because(reason="load_arrivals", problem=error) from error
    if options.national_peak is not None:
        peak = number_asked("--national-peak", options.national_peak, 1_000.0, 0.01, MOST_RATE)
    first = number_asked("--first", options.first, 20.0, 0.1, MOST_RATE)
    search = Search(
        mix=mix,
        seed=seed_asked(options),
        first=first,
        most=number_asked("--most", options.most, max(2_000.0, first), first, MOST_RATE),
        seconds=seconds_asked("--probe", options.probe, _DEFAULT_PROBE),
        precision=number_asked("--precision", options.precision, 0.05, 0.001, 0.5),
    )
    utilisation = number_asked("--utilisation", options.utilisation, 0.6, 0.01, 1.0)
    zones = whole_number("--zones", options.zones, 3, 2, 1_000)
    nation = None if peak is None else Nation(peak=peak, utilisation=utilisation, zones=zones)
    return search, nation


def _load(options: Namespace, search: Search) -> Load:
    """Return what every probe has in common.

    Raises:
        Stopped: An option, or a file it names, cannot be used.
    """
    from etalon_load.processes import Placing  # noqa: PLC0415 (with the search)
    from etalon_load.running import Load  # noqa: PLC0415
    from etalon_scenarios.versions import installed_version  # noqa: PLC0415

    among = journeys_asked(options)
    objectives, named = objectives_asked(options.objectives, among)
    return Load(
        plan=search.plan(search.first, 0),
        profile={"name": options.profile or _DEFAULT_PROFILE},
        objectives=objectives,
        objectives_name=named,
        seed=search.seed,
        version=installed_version(),
        people=Path(options.people) if options.people else None,
        sample=number_asked("--sample", options.sample, 0.05, 0.0, 1.0),
        time_scale=number_asked("--time-scale", options.time_scale, 1.0, 1.0, 10_000.0),
        overrides=overrides_asked(options),
        placing=Placing(whole_number("--workers", options.workers, 1, 1, MOST_WORKERS)),
        command=tuple(options.typed),
        journeys=maker_of_journeys(among),
    )


def _carried_out(  # noqa: PLR0913, PLR0917 (what a search is made of)
    search: Search,
    load: Load,
    target: Target,
    options: Namespace,
    language: Language,
    interruption: Interruption,
) -> tuple[RunDirectory, Found]:
    """Send one probe after the other, each into a folder of its own."""
    from etalon_cli.load_running import explained, reached  # noqa: PLC0415 (with the search)
    from etalon_load.files.run_files import write_run_files  # noqa: PLC0415
    from etalon_load.running import send  # noqa: PLC0415
    from etalon_load.searching import PROBES_FOLDER, searched  # noqa: PLC0415
    from etalon_scenarios.run_directory import new_run_directory  # noqa: PLC0415

    out = Path(options.out) if options.out else None
    directory = new_run_directory(out, command="load", name="capacity", seed=load.seed)

    def probe(plan: Plan, name: str) -> tuple[Verdict, Mapping[str, object]]:
        folder = directory.path / PROBES_FOLDER / name
        folder.mkdir(parents=True)
        peak = {**load.profile, "peak": len(plan.arrivals) / plan.seconds}
        one = replace(load, plan=plan, profile=peak)
        measured = send(one, target, folder, lambda _line: None, interruption.is_asked)
        if interruption.asked:
            raise Interrupted
        return write_run_files(folder), measured

    try:
        with reached(target), explained(directory.path, language):
            return directory, searched(search, probe, lambda one: _tell(one, language))
    except Interrupted:
        raise because(reason="interrupted_early") from None


def _tell(probe: Probed, language: Language) -> None:
    """Say on stderr what a probe came to."""
    rate = number(probe.rate, language, 1)
    say(text("load.probe_line", language, rate=rate, verdict=probe.verdict.value))


def _answer(directory: Path, options: Namespace, language: Language) -> None:
    """Print where the objectives cease to hold and what follows from it, and draw the report."""
    from etalon_cli.reporting import draw_reports  # noqa: PLC0415 (matplotlib)
    from etalon_reports.load.capacity_page import (  # noqa: PLC0415
        capacity_sentences,
        national_sentences,
    )
    from etalon_reports.record import read_record  # noqa: PLC0415

    if options.json:
        plain = json.loads((directory / CAPACITY_FILE).read_bytes())
        print_json(cast("Json", plain))
    else:
        capacity = read_record(directory / CAPACITY_FILE)
        for told in (capacity_sentences, national_sentences):
            for sentence in told(capacity, language):
                print_result(sentence)
    for page in draw_reports(directory, language, ("html",)):
        say(text("load.report_written", language, file=page))
