"""What a scenario says, for people: its days, its law, what it was fitted to, levers, numbers."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Final, cast

from etalon_cli.answers import print_columns
from etalon_cli.console import print_result, sentence_of
from etalon_reports.parameters import parameter_label, parameter_range, parameter_value
from etalon_reports.record import Record
from etalon_scenarios.legal_departures import legal_departures
from etalon_scenarios.levers import levers
from etalon_scenarios.parameters import Number, Series
from etalon_text.language import semicolons
from etalon_text.number_formats import EN_DASH, long_day
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.scenario import Scenario
    from etalon_text.language import Language

_UNSOURCED: Final = "none"


def print_scenario(scenario: Scenario, record: Mapping[str, Json], language: Language) -> None:
    """Print a scenario in words.

    Args:
        scenario: As loaded.
        record: The same, as `scenario.json` holds it.
        language: Of the words and number formats.
    """
    title = sentence_of(record, "title", language)
    print_result(text("show.title", language, name=scenario.name, title=title))
    if record[f"question_{language}"]:
        print_result(f"  {sentence_of(record, 'question', language)}")
    for line in (_days(scenario, language), _law(scenario, language)):
        print_result(f"  {line}")
    for stated in cast("Sequence[Mapping[str, str]]", record["calibrated_on"]):
        print_result(f"  {sentence_of(stated, '', language)}")
    rows = cast("Sequence[dict[str, object]]", record["parameters"])
    parameters = [Record(row, "scenario.json") for row in rows]
    print_result("\n" + text("show.levers", language))
    print_columns(_lever_rows(scenario, parameters, language))
    print_result("\n" + text("show.parameters", language))
    heads = ("path", "label", "value", "range", "known", "source")
    table = [[text(f"show.{head}", language) for head in heads]]
    print_columns([*table, *(_parameter_row(row, language) for row in parameters)])
    print_result("\n" + text("show.next", language, name=scenario.name))


def _days(scenario: Scenario, language: Language) -> str:
    first, last = (long_day(day, language) for day in (scenario.starts_on, scenario.ends_on))
    return text("cover.period_value", language, first=first, last=last)


def _law(scenario: Scenario, language: Language) -> str:
    supposed = (sentence_of(one.as_json(), "", language) for one in legal_departures(scenario))
    law = semicolons(supposed, language) or text("compare.current_law", language)
    return text("show.law", language, vintage=scenario.vintage, law=law)


def _lever_rows(
    scenario: Scenario, parameters: Sequence[Record], language: Language
) -> list[list[str]]:
    """Return each lever with its value here and its question; a question each."""
    known = {row.text("path"): parameter_value(row, language) for row in parameters}
    rows = [[text(f"show.{head}", language) for head in ("path", "value", "question")]]
    for lever in levers():
        asked = {"question_fr": lever.question_fr, "question_en": lever.question_en}
        if question := sentence_of(asked, "question", language):
            value = known.get(lever.key) or _as_typed(scenario, lever.key, language)
            rows.append([lever.key, value, question])
    return rows


def _as_typed(scenario: Scenario, key: str, language: Language) -> str:
    """Return the value of a lever as a file would have it; of a list, that of every part.

    A number that the scenario does not use is not among its parameters.
    """
    section, _, name = key.partition(".")
    held: object = getattr(scenario, section)
    parts = cast("tuple[object, ...]", held) if isinstance(held, tuple) else (held,)
    values = [getattr(part, name) if name else part for part in parts]
    if any(isinstance(value, Number | Series) for value in values):
        return text("show.unused", language)
    written = dict.fromkeys(_word(value) for value in values if value is not None)
    return ", ".join(written) or EN_DASH


def _word(value: object) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return value.strftime("%H:%M") if isinstance(value, dt.time) else str(value)


def _parameter_row(parameter: Record, language: Language) -> list[str]:
    source = parameter.text("source")
    return [
        parameter.text("path"),
        parameter_label(parameter, language),
        parameter_value(parameter, language),
        parameter_range(parameter, language),
        text(f"certainty.{parameter.text('certainty')}", language),
        EN_DASH if source == _UNSOURCED else source,
    ]
