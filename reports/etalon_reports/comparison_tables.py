"""The tables of a comparison: differences, breakdowns, equity, cost per person, hotline."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.amounts import (
    amount,
    euros_each,
    signed,
    written_bounds,
    written_difference,
    written_value,
)
from etalon_reports.comparison_files import group_label
from etalon_reports.erlang import Exchange
from etalon_reports.rounding import about
from etalon_reports.staffing import Hotline, clock_minutes, staffed_day
from etalon_reports.staffing_table import STAFFING_COLUMNS, staffing_row
from etalon_reports.tables import Group, Table
from etalon_text.number_formats import EN_DASH, fewest_decimals, long_day, number, percent
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.comparison_files import ComparisonFiles, Measure, Policy
    from etalon_reports.record import Record
    from etalon_text.language import Language

MAIN: Final = (
    "opt_out_rate",
    "informed_rate",
    "opened_uninformed_rate",
    "coverage",
    "activation_rate",
    "calls",
    "calls_unanswered",
    "cost_eur",
    "documents",
    "with_one_document",
    "with_five_documents",
    "reminders_followed",
    "apps_paired",
)
_BREAKDOWN: Final = ("informed", "opened_uninformed", "opposed")
_GROUPINGS: Final = ("age", "sex", "channel", "digital_exclusion")


def difference_table(files: ComparisonFiles, language: Language) -> Table:
    """Return each main measure of each policy, its difference to the first and both intervals."""
    columns = ("policy", "value", "difference")
    levels = {
        shown: percent(files.level(kind), language, 0)
        for shown, kind in (("knowledge", "knowledge"), (files.luck, "chance"))
    }
    measures = [
        files.measures[key]
        for key in MAIN
        if key in files.measures and any(files.figure(policy, key) for policy in files.policies)
    ]
    groups = [
        Group(
            _measure_heading(measure, language),
            [_difference_row(files, policy, measure, language) for policy in files.policies],
        )
        for measure in measures
    ]
    return Table(
        title=text("differences.title", language, base=files.base.title(language)),
        headings=[
            *(text(f"column.{key}", language) for key in columns),
            *(text(f"column.{kind}", language, level=level) for kind, level in levels.items()),
        ],
        groups=groups,
        note=text(f"differences.note_{files.luck}", language),
        kinds=["text", *("figure" for _ in range(4))],
    )


def _measure_heading(measure: Measure, language: Language) -> str:
    label = measure.label(language)
    if measure.denominator is None:
        return label
    denominator = text(measure.denominator, language)
    return text("comparison.of", language, label=label, denominator=denominator)


def _difference_row(
    files: ComparisonFiles, policy: Policy, measure: Measure, language: Language
) -> list[str]:
    value = written_value(files.figure(policy, measure.key), measure.unit, language)
    change = files.difference(policy, measure.key)
    if change is None:
        return [policy.title(language), value, EN_DASH, EN_DASH, EN_DASH]
    return [
        policy.title(language),
        value,
        written_difference(change, measure.unit, language),
        written_bounds(change.knowledge, measure.unit, language),
        written_bounds(change.luck, measure.unit, language),
    ]


def breakdown_table(files: ComparisonFiles, language: Language) -> Table | None:
    """Return the differences in people by age, sex, channel and digital exclusion."""
    measures = [files.measures[key] for key in _BREAKDOWN if key in files.measures]
    groups = [
        Group(policy.title(language), rows)
        for policy in files.others
        if (rows := _breakdown_rows(files, policy, measures, language))
    ]
    if not groups:
        return None
    return Table(
        title=text("breakdown.title", language, base=files.base.title(language)),
        headings=[
            text("column.group", language),
            *(measure.label(language) for measure in measures),
        ],
        groups=groups,
        note=text("breakdown.note", language),
        kinds=["text", *("figure" for _ in measures)],
    )


def _breakdown_rows(
    files: ComparisonFiles, policy: Policy, measures: Sequence[Measure], language: Language
) -> list[list[str]]:
    return [
        [
            group_label(by, group, language),
            *(
                written_difference(
                    files.differences.get((policy.name, measure.key, by, group)),
                    measure.unit,
                    language,
                )
                for measure in measures
            ),
        ]
        for by in _GROUPINGS
        for group in files.groups(by)
        if any(
            (found := files.differences.get((policy.name, measure.key, by, group))) and found.value
            for measure in measures
        )
    ]


def equity_table(files: ComparisonFiles, language: Language) -> Table | None:
    """Return how far apart groups are under each policy; None when nobody was told apart."""
    rows = files.comparison.rows("equity")
    if not rows:
        return None
    titles = {policy.name: policy.title(language) for policy in files.policies}
    headings: dict[tuple[str, str], list[list[str]]] = {}
    for row in rows:
        place = row.text("measure"), row.text("by")
        headings.setdefault(place, []).append(_equity_row(files, row, titles, language))
    groups = [
        Group(
            text(
                "equity.group",
                language,
                measure=files.measures[measure].label(language),
                by=text(f"by.{by}", language),
            ),
            found,
        )
        for (measure, by), found in headings.items()
    ]
    columns = ("policy", "lowest", "highest", "gap", "gap_difference")
    return Table(
        title=text("equity.title", language),
        headings=[text(f"column.{key}", language) for key in columns],
        groups=groups,
        note=_equity_note(files, language),
        kinds=["text", "text", "text", "figure", "figure"],
    )


def _equity_note(files: ComparisonFiles, language: Language) -> str:
    """Say what the gaps are, and what assumption the standing of the excluded rests on."""
    note = text("equity.note", language, base=files.base.title(language))
    found = (
        row
        for row in files.base_run().scenario.rows("parameters")
        if row.text("path") == "reading.excluded_factor"
    )
    factor = next(found, None)
    told = {row.text("by") for row in files.comparison.rows("equity")}
    if factor is None or "digital_exclusion" not in told:
        return note
    ends = {key: factor.figure(key) for key in ("value", "low", "high")}
    values = {key: number(end, language, fewest_decimals(end)) for key, end in ends.items()}
    excluded = text("equity.excluded_note", language, **values)
    return f"{note} {excluded}"


def _equity_row(
    files: ComparisonFiles, row: Record, titles: dict[str, str], language: Language
) -> list[str]:
    unit, by = files.measures[row.text("measure")].unit, row.text("by")
    ends = [
        f"{amount(row.figure(end), unit, language)} "
        f"({group_label(by, row.text(f'{end}_group'), language)})"
        for end in ("lowest", "highest")
    ]
    change = row.optional_figure("difference")
    if change is None:
        said = EN_DASH
    elif row.flag("distinguishable") is False:
        said = text("difference.none", language)
    else:
        said = signed(change, unit, language)
    gap = signed(row.figure("gap"), unit, language).removeprefix("+")
    return [titles[row.text("policy")], *ends, gap, said]


def cost_table(files: ComparisonFiles, language: Language) -> Table | None:
    """Return what each policy costs per person informed or spared; None without other policies."""
    rows = files.comparison.rows("cost_effect")
    if not rows:
        return None
    titles = {policy.name: policy.title(language) for policy in files.policies}
    effects = list(dict.fromkeys(row.text("effect") for row in rows))
    groups = [
        Group(
            text(f"effect.{effect}", language),
            [
                _cost_row(row, titles[row.text("policy")], language)
                for row in rows
                if row.text("effect") == effect
            ],
        )
        for effect in effects
    ]
    columns = ("policy", "extra_cost", "extra_people", "eur_per_person")
    return Table(
        title=text("cost_effect.title", language),
        headings=[
            *(text(f"column.{key}", language) for key in columns),
            text(
                "column.knowledge",
                language,
                level=percent(files.level("knowledge"), language, 0),
            ),
        ],
        groups=groups,
        note=_cost_note(files, language),
        kinds=["text", *("figure" for _ in range(4))],
    )


def _cost_note(files: ComparisonFiles, language: Language) -> str:
    note = text("cost_effect.note", language, base=files.base.title(language))
    if not files.openings_go_on():
        return note
    last = long_day(files.comparison.day("last_day_on"), language)
    unfinished = text("cost_effect.openings_go_on", language, last=last)
    return f"{note} {unfinished}"


def _cost_row(row: Record, title: str, language: Language) -> list[str]:
    each, bounds = row.optional_figure("eur_per_person"), row.bounds("knowledge")
    extra, dash = row.figure("extra_people"), EN_DASH
    if row.flag("distinguishable") is False:
        none = text("difference.none", language)
        return [title, signed(row.figure("extra_cost_eur"), "EUR", language), none, dash, dash]
    span = EN_DASH
    if bounds and each is not None and extra > 0:
        low, high = (euros_each(end, bounds, language) for end in bounds)
        span = text("difference.span", language, low=low, high=high)
    return [
        title,
        signed(row.figure("extra_cost_eur"), "EUR", language),
        signed(extra, "people", language),
        EN_DASH if each is None or extra <= 0 else euros_each(each, bounds, language),
        span,
    ]


def hotline_table(files: ComparisonFiles, language: Language) -> Table | None:
    """Return the busiest day of each policy: Erlang's formulas beside the simulation."""
    rows = [
        _hotline_row(row, files, language)
        for row in files.comparison.rows("hotline")
        if row.rows("by_day")
    ]
    if not rows:
        return None
    return Table(
        title=text("hotline_compared.title", language),
        headings=[
            text("column.policy", language),
            text("column.agents", language),
            *(text(f"column.{key}", language) for key in STAFFING_COLUMNS),
        ],
        groups=[Group("", rows)],
        note=text("hotline_compared.note", language),
        kinds=["text", "figure", "text", *("figure" for _ in STAFFING_COLUMNS[1:])],
    )


def _hotline_row(row: Record, files: ComparisonFiles, language: Language) -> list[str]:
    titles = {policy.name: policy.title(language) for policy in files.policies}
    figures = (row.figure(key) for key in ("agents", "lines", "service_minutes"))
    agents, lines, service = figures
    exchange = Exchange(round(agents), round(lines), service, row.figure("patience_minutes"))
    hotline = Hotline(exchange, clock_minutes(row, "closes") - clock_minutes(row, "opens"))
    day = max(row.rows("by_day"), key=lambda found: found.figure("offered"))
    blocked, abandoned = day.optional_figure("blocked"), day.optional_figure("abandoned")
    offered = day.figure("offered")
    lost = None if blocked is None or abandoned is None else (blocked + abandoned) / offered
    staffed = staffed_day(hotline, day.day("day"), offered, lost)
    return [
        titles[row.text("policy")],
        number(exchange.agents, language),
        *staffing_row(staffed, language),
    ]


def luck_table(files: ComparisonFiles, language: Language) -> Table | None:
    """Return how much the same luck narrows the differences; None without replications."""
    rows = files.comparison.rows("common_random_numbers")
    if not rows:
        return None
    titles = {policy.name: policy.title(language) for policy in files.policies}
    ratios = [
        [
            titles[row.text("policy")],
            files.measures[row.text("measure")].label(language),
            EN_DASH
            if (ratio := row.optional_figure("ratio")) is None
            else number(about(ratio, 2), language),
        ]
        for row in rows
        if row.text("measure") in MAIN and row.text("measure") in files.measures
    ]
    groups = [
        Group(title, [row[1:] for row in ratios if row[0] == title])
        for title in dict.fromkeys(row[0] for row in ratios)
    ]
    return Table(
        title=text("luck.title", language),
        headings=[text(f"column.{key}", language) for key in ("indicator", "narrowed")],
        groups=groups,
        note=text("luck.note", language),
        kinds=["text", "figure"],
    )
