"""`etalon forecast`: what follows the first weeks."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from etalon_cli.answers import print_columns, print_json
from etalon_cli.console import print_result, say, sentence_of
from etalon_cli.exit_codes import ExitCode
from etalon_cli.explanations import explained
from etalon_cli.interruption import interruptible
from etalon_cli.options import check_memory, workers_asked
from etalon_cli.reporting import draw_reports
from etalon_cli.stopping import because
from etalon_cli.sweep_command import told
from etalon_cli.whole_numbers import whole_number
from etalon_scenarios.engine import engine_named
from etalon_scenarios.forecasts.forecast import (
    FORECAST_FILE,
    forecast_record,
    forecast_scenario,
    forecast_scheme,
)
from etalon_scenarios.forecasts.observed import ALL, FEWEST_WEEKS, observed_of
from etalon_scenarios.forecasts.scheme import COURSE, own_series, read_scheme, shipped_schemes
from etalon_scenarios.knowledge import range_of
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.memory import memory_available
from etalon_scenarios.parameters import Number
from etalon_scenarios.run_directory import new_run_directory
from etalon_scenarios.scenario_text import table_of_text
from etalon_scenarios.sweeps.tasks import scenario_digest
from etalon_scenarios.user_tables import bytes_of, text_of
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Mapping, Sequence

    from etalon_scenarios.forecasts.observed import Observed
    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language

SEED = 2021
DEFAULT_WEEKS, MOST_WEEKS = 10, 520
DEFAULT_DRAWS, MOST_DRAWS = 128, 10_000
DEFAULT_POPULATION = 20_000
SHIPPED_FIRST = 4
_MOST_PEOPLE = 100_000_000


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    with told(language):
        record = _forecast(options, language)
        out = Path(options.out) if options.out else None
        name, seed = str(record["name"]), cast("int", record["seed"])
        directory = new_run_directory(out, command="forecast", name=name, seed=seed)
        directory.write_json(FORECAST_FILE, record)
    draw_reports(directory.path, language, ("html",))
    if options.json:
        print_json(record)
    else:
        _print(record, directory.path, language)
    if not record["conditioned"]:
        raise because(reason="forecast_unlike", file=directory.path)
    return ExitCode.DONE


def _forecast(options: Namespace, language: Language) -> dict[str, Json]:
    weeks = whole_number("--weeks", options.weeks, DEFAULT_WEEKS, 1, MOST_WEEKS)
    first = whole_number("--first", options.first, 0, FEWEST_WEEKS, MOST_WEEKS)
    given = _given(options.observed)
    if not _is_scheme(options.scenario):
        if given is None:
            raise because(reason="forecast_needs_observed")
        return _of_scenario(options, given.first(first) if first else given, weeks, language)
    scheme = read_scheme(options.scenario)
    observed = given or own_series(scheme)
    if observed is None:
        raise because(reason="forecast_needs_observed")
    first = first or (0 if given else SHIPPED_FIRST)
    observed = observed.first(first) if first else observed
    found = forecast_scheme(scheme, observed, weeks, SEED)
    titles = (scheme.texts["name"], scheme.texts["title_fr"], scheme.texts["title_en"])
    drawn = [_parameter(f"course.{name}", scheme.course[name]) for name in COURSE]
    source = "" if given else scheme.source
    return forecast_record(found, observed, titles, scheme.sha256, SEED, drawn, source)


def _of_scenario(
    options: Namespace, observed: Observed, weeks: int, language: Language
) -> dict[str, Json]:
    workers = workers_asked(options.workers)
    draws = whole_number("--draws", options.draws, DEFAULT_DRAWS, 8, MOST_DRAWS)
    people = whole_number("--population", options.population, DEFAULT_POPULATION, 1, _MOST_PEOPLE)
    check_memory(people * workers, memory_available(), "cohort")
    scenario = load_scenario(options.scenario)
    with explained(language, people), interruptible() as interruption:
        say(text("forecast.simulating", language, draws=number(draws, language)))
        found = forecast_scenario(
            scenario,
            observed,
            weeks,
            engine=engine_named("cohort"),
            draws=draws,
            population=people,
            workers=workers,
            stop=interruption.is_asked,
        )
        if interruption.asked:
            raise because(reason="interrupted_early")
    heading = scenario.scenario
    titles = (scenario.name, heading.title_fr, heading.title_en)
    drawn = [
        _parameter(path, parameter)
        for path, parameter in scenario.parameters()
        if isinstance(parameter, Number) and parameter.low < parameter.high
    ]
    digest = scenario_digest(scenario)
    return forecast_record(found, observed, titles, digest, scenario.seed, drawn)


def _is_scheme(named: str) -> bool:
    """Tell a scheme from a scenario: by its name, or by the table that it begins with."""
    if not named.endswith(".toml"):
        return named in shipped_schemes()
    return "scheme" in table_of_text(text_of(bytes_of(Path(named), named), named), named)


def _given(typed: str | None) -> Observed | None:
    return None if typed is None else observed_of(bytes_of(Path(typed), typed), typed)


def _parameter(path: str, parameter: Number) -> Json:
    low, middle, high = range_of(parameter)
    return {
        "path": path,
        "value": float(middle),
        "low": float(low),
        "high": float(high),
        "unit": parameter.unit,
        "certainty": parameter.certainty,
    }


def _print(record: Mapping[str, Json], directory: Path, language: Language) -> None:
    print_result(sentence_of(record, "title", language))
    groups = cast("Sequence[Mapping[str, Json]]", record["groups"])
    whole = next(group for group in groups if group["group"] == ALL)
    heads = ("week", "low", "middle", "high")
    rows = [[text(f"forecast.column_{head}", language) for head in heads]]
    for week in cast("Sequence[Mapping[str, Json]]", whole["weeks"]):
        ends = [number(cast("int", week[end]), language) for end in heads[1:]]
        rows.append([str(week["week_ends_on"]), *ends])
    print_columns(rows, right=frozenset({1, 2, 3}))
    print_result(text("outcome.report", language, file=(directory / "report.html").resolve()))
