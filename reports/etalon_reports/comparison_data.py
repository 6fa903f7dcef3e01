"""Every table of a comparison with its raw values, for spreadsheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.comparison_files import COURSE, group_label
from etalon_reports.data_table import Columns, DataTable, data_table
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.comparison_files import ComparisonFiles
    from etalon_reports.data_table import Value
    from etalon_reports.record import Record
    from etalon_text.language import Language

_COURSE: Final = (
    ("notified", "people"),
    ("informed_people", "people"),
    ("opposed", "people"),
    ("activated", "people"),
    ("spaces_open", "spaces"),
    ("calls", "calls"),
    ("cost", "EUR"),
)
_NO_BOUNDS: Final = (None, None)


def comparison_tables(files: ComparisonFiles, language: Language) -> list[DataTable]:
    """Return the tables of a comparison that have a row, in the order of the report.

    Raises:
        RunFileError: A result file is not as published.
    """
    tables = [
        _values(files, language),
        _differences(files, language),
        _policies(files, language),
        _cost_effect(files, language),
        _equity(files, language),
        _course(files, language),
        _calls(files, language),
        _luck(files, language),
    ]
    return [table for table in tables if table.rows]


def _values(files: ComparisonFiles, language: Language) -> DataTable:
    column = Columns(language)
    columns = [column.words(key) for key in ("policy", "indicator", "group", "unit")]
    columns += [column.figures(key, "beside") for key in ("value", *_ends())]
    rows: list[list[Value]] = [
        [
            *_place(files, place, language),
            found.value,
            *(found.knowledge or _NO_BOUNDS),
            *(found.chance or _NO_BOUNDS),
        ]
        for place, found in files.figures.items()
    ]
    return data_table("policy_values", language, columns, rows, "comparison.json")


def _differences(files: ComparisonFiles, language: Language) -> DataTable:
    column = Columns(language)
    columns = [column.words(key) for key in ("policy", "indicator", "group", "unit")]
    columns += [
        column.figures(key, "beside")
        for key in ("reference_value", "value", "difference", *_ends())
    ]
    columns.append(column.words("distinguishable"))
    said = {
        True: text("report.yes", language),
        False: text("difference.none", language),
        None: None,
    }
    rows: list[list[Value]] = [
        [
            *_place(files, place, language),
            found.before,
            found.after,
            found.value,
            *(found.knowledge or _NO_BOUNDS),
            *(found.chance or _NO_BOUNDS),
            said[found.distinguishable],
        ]
        for place, found in files.differences.items()
    ]
    return data_table("policy_differences", language, columns, rows, "comparison.json")


def _ends() -> Sequence[str]:
    return [f"{kind}_{end}" for kind in ("knowledge", "chance") for end in ("low", "high")]


def _place(
    files: ComparisonFiles, place: tuple[str, str, str, str], language: Language
) -> list[Value]:
    policy, measure, by, group = place
    found = files.measures[measure]
    everybody = text("group.all", language)
    return [
        _titles(files, language)[policy],
        found.label(language),
        everybody if by == "all" else group_label(by, group, language),
        text(f"unit.{found.unit}", language),
    ]


def _titles(files: ComparisonFiles, language: Language) -> dict[str, str]:
    return {policy.name: policy.title(language) for policy in files.policies}


def _policies(files: ComparisonFiles, language: Language) -> DataTable:
    column = Columns(language)
    columns = [column.words(key) for key in ("policy", "path", "before", "after", "law")]
    rows: list[list[Value]] = []
    for policy in files.policies:
        departures = {
            row.text("path"): row.sentence("", language) for row in _departures(policy.row)
        }
        for change in policy.row.rows("changes"):
            path = change.text("path")
            law = departures.get(path, text("law.current", language))
            ends = (change.optional_text("from"), change.optional_text("to"))
            rows.append([policy.title(language), path, *ends, law])
    return data_table("policies", language, columns, rows, "comparison.json")


def _departures(row: Record) -> list[Record]:
    return row.rows("legal_departures")


def _cost_effect(files: ComparisonFiles, language: Language) -> DataTable:
    column = Columns(language)
    columns = [
        column.words("policy"),
        column.words("effect"),
        column.figures("extra_cost", "EUR"),
        column.figures("extra_people", "people"),
        *(column.figures(key, "EUR") for key in ("eur_per_person", *_ends()[:2])),
    ]
    titles = _titles(files, language)
    rows: list[list[Value]] = [
        [
            titles[row.text("policy")],
            text(f"effect.{row.text('effect')}", language),
            row.figure("extra_cost_eur"),
            row.figure("extra_people"),
            row.optional_figure("eur_per_person"),
            *(row.bounds("knowledge") or _NO_BOUNDS),
        ]
        for row in files.comparison.rows("cost_effect")
    ]
    return data_table("cost_effect", language, columns, rows, "comparison.json")


def _equity(files: ComparisonFiles, language: Language) -> DataTable:
    column = Columns(language)
    columns = [column.words(key) for key in ("policy", "indicator", "by", "unit")]
    columns += [column.words("lowest_group"), column.figures("lowest", "beside")]
    columns += [column.words("highest_group"), column.figures("highest", "beside")]
    columns += [column.figures(key, "beside") for key in ("gap", "gap_difference", *_ends()[:2])]
    titles = _titles(files, language)
    rows: list[list[Value]] = [
        [
            titles[row.text("policy")],
            files.measures[row.text("measure")].label(language),
            text(f"by.{row.text('by')}", language),
            text(f"unit.{files.measures[row.text('measure')].unit}", language),
            group_label(row.text("by"), row.text("lowest_group"), language),
            row.figure("lowest"),
            group_label(row.text("by"), row.text("highest_group"), language),
            row.figure("highest"),
            row.figure("gap"),
            row.optional_figure("difference"),
            *(row.bounds("knowledge") or _NO_BOUNDS),
        ]
        for row in files.comparison.rows("equity")
    ]
    return data_table("equity", language, columns, rows, "comparison.json")


def _course(files: ComparisonFiles, language: Language) -> DataTable:
    column = Columns(language)
    columns = [column.words("policy"), column.days("date")]
    columns += [column.figures(key, unit) for key, unit in _COURSE]
    titles, curves = _titles(files, language), files.comparison.record("curves")
    days = curves.days("days")
    rows: list[list[Value]] = [
        [titles[row.text("policy")], *cells]
        for row in curves.rows("policies")
        for cells in zip(days, *(row.figures(key) for key in COURSE), strict=True)
    ]
    return data_table("course", language, columns, rows, "comparison.json")


def _calls(files: ComparisonFiles, language: Language) -> DataTable:
    column = Columns(language)
    keys = ("offered", "answered", "blocked", "abandoned")
    columns = [column.words("policy"), column.days("date")]
    columns += [column.figures(key, "calls") for key in keys]
    columns.append(column.figures("wait_mean_seconds", "seconds"))
    titles = _titles(files, language)
    rows: list[list[Value]] = [
        [
            titles[row.text("policy")],
            day.day("day"),
            *(day.optional_figure(key) for key in (*keys, "wait_mean_seconds")),
        ]
        for row in files.comparison.rows("hotline")
        for day in row.rows("by_day")
    ]
    return data_table("calls", language, columns, rows, "comparison.json")


def _luck(files: ComparisonFiles, language: Language) -> DataTable:
    column = Columns(language)
    columns = [column.words("policy"), column.words("indicator")]
    columns.append(column.figures("narrowed", "number"))
    titles = _titles(files, language)
    rows: list[list[Value]] = [
        [
            titles[row.text("policy")],
            files.measures[row.text("measure")].label(language),
            row.optional_figure("ratio"),
        ]
        for row in files.comparison.rows("common_random_numbers")
        if row.text("measure") in files.measures
    ]
    return data_table("luck", language, columns, rows, "comparison.json")
