"""The report of a comparison: one self-contained page, drawn from its files alone."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from etalon_reports.comparison_answer import comparison_answer
from etalon_reports.comparison_files import read_comparison
from etalon_reports.comparison_tables import (
    breakdown_table,
    cost_table,
    difference_table,
    equity_table,
    hotline_table,
    luck_table,
)
from etalon_reports.cover import Cover, Fact, state_of
from etalon_reports.difference_figures import difference_figure, group_figure
from etalon_reports.frontier_figure import frontier_figure
from etalon_reports.page import REPORT_NAME, write_page
from etalon_reports.policy_curves_figure import policy_curves_figure
from etalon_reports.simulation_text import assumption_lines, command_line
from etalon_reports.sources import Sources
from etalon_reports.tables import parameter_table
from etalon_text.number_formats import long_day, number
from etalon_text.path_names import lever_name
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

    from etalon_reports.comparison_files import ComparisonFiles, Policy
    from etalon_reports.figure_block import FigureBlock
    from etalon_reports.record import Record
    from etalon_text.language import Language


class PolicyEntry(NamedTuple):
    """What the page says of one policy before any figure.

    Attributes:
        name: Name of its scenario.
        title: Its title.
        question: The question it answers; empty for the first.
        changes: What it changes of the first, a line each.
        departures: Texts it supposes changed; empty under current law.
        ledger_digest: Digest of everything that happened.
    """

    name: str
    title: str
    question: str
    changes: Sequence[str]
    departures: Sequence[str]
    ledger_digest: str


def draw_comparison(directory: Path, language: Language) -> Path:
    """Write `report.html` of a comparison directory and return its path.

    Raises:
        RunFileError: A result file is missing, truncated or not as published.
        OSError: The page cannot be written.
    """
    files = read_comparison(directory)
    target = directory / REPORT_NAME
    source = _source_line(files, language)
    return write_page(target, "comparison.html", language, source, _content(files, language))


def comparison_command(files: ComparisonFiles) -> str:
    """Return the command that repeats the comparison."""
    return command_line(files.run, files.comparison.count("seed"))


def _content(files: ComparisonFiles, language: Language) -> dict[str, Any]:
    sources = Sources()
    base = files.base_run()
    parameters = parameter_table(base, language, sources)
    return {
        "cover": comparison_cover(files, language),
        "answer": comparison_answer(files, language),
        "base": files.base.title(language),
        "policies": [_entry(policy, language) for policy in files.policies],
        "remarks": _remarks(files, language),
        "difference_table": difference_table(files, language),
        "breakdown_table": breakdown_table(files, language),
        "equity_table": equity_table(files, language),
        "cost_table": cost_table(files, language),
        "hotline_table": hotline_table(files, language),
        "luck_table": luck_table(files, language),
        "parameter_table": parameters,
        "assumption_lines": assumption_lines(base, language),
        "sources": sources.listed(),
        "command": comparison_command(files),
        "figures": _figures(files, language),
    }


def _figures(files: ComparisonFiles, language: Language) -> dict[str, FigureBlock]:
    drawn = (
        difference_figure(files, language),
        frontier_figure(files, language),
        policy_curves_figure(files, language),
        group_figure(files, language),
    )
    return {figure.name.replace("-", "_"): figure for figure in drawn if figure is not None}


def comparison_cover(files: ComparisonFiles, language: Language) -> Cover:
    """Return the first page of the report of a comparison."""
    base, others = files.base.title(language), [p.title(language) for p in files.others]
    comparison = files.comparison
    days = {
        "first": long_day(comparison.day("starts_on"), language),
        "last": long_day(comparison.day("last_day_on"), language),
    }
    facts = {
        "base": base,
        "period": text("cover.period_value", language, **days),
        "population": _population(files, language),
        "seed": str(comparison.count("seed")),
        "engine": text(f"cover.engine_{comparison.text('engine')}", language),
        "knowledge": _draws(files, language),
        "chance": _replications(files, language),
        "version": files.run.text("etalon_version"),
    }
    listed = Fact(text("cover.policies_compared", language), others)
    return Cover(
        kind=text("comparison_report.kind", language),
        title=text("comparison_report.title", language, base=base),
        question=_question(files, language),
        status=files.run.text("status"),
        status_text=state_of(files.run, language, **days, reached=days["last"]),
        facts=[Fact(text(f"cover.{key}", language), [said]) for key, said in facts.items()]
        + [listed],
        changes=files.run.texts("changes"),
    )


def _question(files: ComparisonFiles, language: Language) -> str:
    """Return the question of the one policy compared; several have none in common."""
    own = files.others[0].question(language) if len(files.others) == 1 else None
    return own or text("comparison_report.question", language, base=files.base.title(language))


def _population(files: ComparisonFiles, language: Language) -> str:
    people, full = (files.comparison.count(key) for key in ("population", "full_population"))
    if people >= full:
        return text("cover.population_full", language, people=number(people, language))
    return text(
        "cover.population_scaled",
        language,
        people=number(people, language),
        full=number(full, language),
    )


def _draws(files: ComparisonFiles, language: Language) -> str:
    knowledge = files.comparison.record("knowledge")
    if not knowledge.count("draws"):
        return text("cover.knowledge_none", language)
    values = {
        "draws": number(knowledge.count("draws"), language),
        "people": number(knowledge.count("population_per_draw"), language),
    }
    return text("cover.knowledge_some", language, **values)


def _replications(files: ComparisonFiles, language: Language) -> str:
    chance = files.comparison.record("chance")
    values = {
        "replications": number(chance.count("replications"), language),
        "people": number(chance.count("population_per_replication"), language),
    }
    return text("cover.chance_value", language, **values)


def remark_of_the_end(files: ComparisonFiles, language: Language) -> list[str]:
    """Say that openings are not over, where they are not: a policy that delays shows fewer."""
    if not files.openings_go_on():
        return []
    last = long_day(files.comparison.day("last_day_on"), language)
    return [text("comparison_report.openings_go_on", language, last=last)]


def _remarks(files: ComparisonFiles, language: Language) -> list[str]:
    knowledge = files.comparison.record("knowledge")
    found = remark_of_the_end(files, language)
    if not knowledge.count("draws"):
        found.append(text("headlines.no_draws", language))
    elif not knowledge.flag("full"):
        found.append(text("comparison_report.queues", language))
    people, full = (files.comparison.count(key) for key in ("population", "full_population"))
    if people < full:
        found.append(text("comparison_report.scaled", language))
    return found


def _entry(policy: Policy, language: Language) -> PolicyEntry:
    return PolicyEntry(
        name=policy.name,
        title=policy.title(language),
        question=policy.question(language) or "",
        changes=[_change(row, language) for row in policy.row.rows("changes")],
        departures=policy.departures(language),
        ledger_digest=policy.row.text("ledger_digest"),
    )


def _source_line(files: ComparisonFiles, language: Language) -> Callable[[str], str]:
    made_by: dict[str, object] = {
        "version": files.run.text("etalon_version"),
        "policies": number(len(files.policies), language),
        "seed": files.comparison.count("seed"),
        "people": number(files.comparison.count("population"), language),
    }

    def source(file: str) -> str:
        return text("comparison_report.source", language, file=file, **made_by)

    return source


def _change(row: Record, language: Language) -> str:
    """Return what a policy changes: the name of the lever, where one is known, and its key."""
    path, nothing = row.text("path"), text("comparison_report.nothing", language)
    values = {
        "path": path,
        "before": row.optional_text("from") or nothing,
        "after": row.optional_text("to") or nothing,
    }
    if name := lever_name(path, language):
        return text("comparison_report.named_change", language, name=name, **values)
    return text("comparison_report.change", language, **values)
