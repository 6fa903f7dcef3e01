"""The first page of every report: what was asked, of whom, with what, and in what state."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.rounding import percent_decimals
from etalon_text.number_formats import fewest_decimals, long_day, number, percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.record import Record
    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

_MOST_NAMED: Final = 12
_STATUSES: Final = ("complete", "partial", "failed")
_DIGEST_SHOWN: Final = 12


class Fact(NamedTuple):
    """One line of the cover: a label and its values, one per line."""

    label: str
    values: Sequence[str]


class Cover(NamedTuple):
    """What the first page of a report says.

    Attributes:
        kind: Kind of report.
        title: Title.
        question: The question asked.
        status: complete, partial or failed.
        status_text: The same, in a sentence with its days.
        facts: Scope, population, seed, engine, version, vintage, readings, files.
        changes: The --set assignments.
    """

    kind: str
    title: str
    question: str
    status: str
    status_text: str
    facts: Sequence[Fact]
    changes: Sequence[str]


def simulation_cover(files: RunFiles, language: Language) -> Cover:
    """Return the cover of the report of one simulation."""
    question = files.scenario.optional_sentence("question", language)
    return Cover(
        kind=text("report.kind", language),
        title=files.summary.sentence("title", language),
        question=question or text(f"cover.question_{files.scenario.text('mode')}", language),
        status=files.run.text("status"),
        status_text=_status(files, language),
        facts=[*_who(files, language), *_how(files, language), *_with(files, language)],
        changes=files.run.texts("changes"),
    )


def _status(files: RunFiles, language: Language) -> str:
    summary = files.summary
    return state_of(
        files.run,
        language,
        first=long_day(summary.day("starts_on"), language),
        last=long_day(summary.day("ends_on"), language),
        reached=long_day(files.last_day_on, language),
    )


def state_of(run: Record, language: Language, **days: str) -> str:
    """Return, in a sentence, whether a run is complete, from its `first`, `last`, `reached` day."""
    return text(f"cover.status_{run.one_of('status', _STATUSES)}", language, **days)


def _who(files: RunFiles, language: Language) -> list[Fact]:
    summary = files.summary
    days = {
        "first": long_day(summary.day("starts_on"), language),
        "last": long_day(summary.day("ends_on"), language),
    }
    return [
        _fact("scope", language, _scope(files.scenario, language)),
        _fact("period", language, text("cover.period_value", language, **days)),
        _fact("population", language, _population(files, language)),
        _fact("basis", language, text(f"cover.basis_{summary.text('basis')}", language)),
        *([_fact("window", language, _window(files, language))] if files.opens_by_silence else []),
    ]


def _scope(scenario: Record, language: Language) -> str:
    codes = scenario.texts("departments")
    size = "many" if len(codes) > _MOST_NAMED else "one" if len(codes) == 1 else "few"
    values = {"count": number(len(codes), language), "codes": ", ".join(codes)}
    return text(f"cover.scope_departments_{size}", language, **values)


def _population(files: RunFiles, language: Language) -> str:
    values = {"people": number(files.summary.count("population"), language)}
    if not files.is_sample:
        return text("cover.population_full", language, **values)
    values["share"] = percent(files.scope, language, _scope_decimals(files.scope))
    values["full"] = number(files.summary.count("full_population"), language)
    return text("cover.population_sample", language, **values)


def _scope_decimals(scope: float) -> int:
    return fewest_decimals(scope * 100, most=percent_decimals(scope))


def _window(files: RunFiles, language: Language) -> str:
    first, last = (number(days, language) for days in files.window_days)
    if first == last:
        return text("cover.window_days", language, days=last)
    return text("cover.window_span", language, first=first, last=last)


def _how(files: RunFiles, language: Language) -> list[Fact]:
    summary, run = files.summary, files.run
    if files.from_checkpoint:
        draws = text("cover.knowledge_from_checkpoint", language)
    elif files.knowledge is None or not files.draws:
        draws = text("cover.knowledge_none", language)
    else:
        people = number(files.knowledge.count("population_per_draw"), language)
        values = {"draws": number(files.draws, language), "people": people}
        draws = text("cover.knowledge_some", language, **values)
    return [
        _fact("seed", language, str(summary.count("seed"))),
        _fact("engine", language, text(f"cover.engine_{summary.text('engine')}", language)),
        _fact("knowledge", language, draws),
        _fact("version", language, run.text("etalon_version")),
        _fact("vintage", language, summary.text("vintage")),
        *_law(files, language),
    ]


def _law(files: RunFiles, language: Language) -> list[Fact]:
    """Return the texts that the scenario supposes changed, where the summary tells."""
    departures = files.departures(language)
    if departures is None:
        return []
    return [Fact(text("cover.law", language), departures or [text("law.current", language)])]


def _with(files: RunFiles, language: Language) -> list[Fact]:
    policies = files.run.record("policies")
    readings = [f"{name} = {policies.text(name)}" for name in sorted(policies.values)]
    inputs = [
        text(
            "cover.input",
            language,
            role=text(f"role.{row.text('role')}", language),
            path=_file_name(row.text("path")),
            digest=row.text("sha256")[:_DIGEST_SHOWN] + "…",
        )
        for row in files.run.rows("inputs")
    ]
    facts = [
        Fact(text("cover.policies", language), readings),
        Fact(text("cover.inputs", language), inputs),
    ]
    return [fact for fact in facts if fact.values]


def _file_name(path: str) -> str:
    """Keep the name of a file only: where it stood is the reader's own business."""
    return path.replace("\\", "/").rsplit("/", 1)[-1]


def _fact(key: str, language: Language, value: str) -> Fact:
    return Fact(text(f"cover.{key}", language), [value])
