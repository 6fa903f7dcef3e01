"""`etalon scenarios`: list, show, validate, schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from etalon_cli.answers import print_columns, print_json
from etalon_cli.console import print_result, say, sentence_of
from etalon_cli.exit_codes import ExitCode
from etalon_cli.explanations import explained
from etalon_cli.scenario_answer import print_scenario
from etalon_scenarios.loading import load_scenario, shipped_scenarios
from etalon_scenarios.packed import packed_scenarios
from etalon_scenarios.scenario import Scenario
from etalon_scenarios.scenario_errors import ScenarioError
from etalon_scenarios.scenario_record import scenario_record
from etalon_text.refusals import refusal_in
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Iterator

    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language


def run(verb: str, options: Namespace, language: Language) -> int:
    """Carry out one verb and give its exit code."""
    with explained(language):
        if verb == "list":
            _list(language, as_json=options.json)
        elif verb == "show":
            _show(options, language)
        elif verb == "validate":
            _validate(options, language)
        else:
            print_json(Scenario.model_json_schema())
    return ExitCode.DONE


def _list(language: Language, *, as_json: bool) -> None:
    scenarios = {name: scenario_record(load_scenario(name)) for name in shipped_scenarios()}
    scenarios |= dict(_brought(language))
    if as_json:
        keys = ("title_fr", "title_en", "vintage", "basis", "starts_on", "ends_on")
        print_json(
            [
                {"name": name, **{key: scenario[key] for key in keys}}
                for name, scenario in scenarios.items()
            ]
        )
        return
    print_columns(
        [
            [
                name,
                text("list.days", language, first=s["starts_on"], last=s["ends_on"]),
                sentence_of(s, "title", language),
            ]
            for name, s in scenarios.items()
        ]
    )


def _brought(language: Language) -> Iterator[tuple[str, dict[str, Json]]]:
    """Yield the scenarios of packs; what cannot be used is told, and the others stay."""
    names, broken = packed_scenarios()
    for problem in broken:
        say(text("list.pack_broken", language, problem=refusal_in(str(problem), language)))
    for name in names:
        try:
            yield name, scenario_record(load_scenario(name))
        except ScenarioError as error:
            say(text("list.pack_broken", language, problem=refusal_in(str(error), language)))


def _show(options: Namespace, language: Language) -> None:
    scenario = load_scenario(options.scenario, options.set)
    record = scenario_record(scenario)
    if options.json:
        print_json(record)
    else:
        print_scenario(scenario, record, language)


def _validate(options: Namespace, language: Language) -> None:
    scenario = load_scenario(options.file)
    parameters = scenario.parameters()
    assumed = sum(parameter.certainty == "assumption" for _, parameter in parameters)
    if options.json:
        print_json(
            {
                "valid": True,
                "file": options.file,
                "name": scenario.name,
                "parameters": len(parameters),
                "assumptions": assumed,
            }
        )
        return
    print_result(
        text(
            "validate.valid",
            language,
            file=options.file,
            parameters=len(parameters),
            assumptions=assumed,
        )
    )
