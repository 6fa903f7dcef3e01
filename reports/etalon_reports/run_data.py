"""Every table of a simulation with its raw values, for spreadsheets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from etalon_reports.comparisons import comparisons
from etalon_reports.daily_counts import closed_by_group, department_counts
from etalon_reports.data_table import Columns, DataTable, data_table
from etalon_reports.headlines import HEADLINES, headlines
from etalon_reports.parameters import parameter_label
from etalon_reports.run_files import SINCE_NOTICE
from etalon_reports.staffing import hotline_of, staffed_days
from etalon_text.language import semicolons
from etalon_text.number_formats import EN_DASH, fewest_decimals, number
from etalon_text.schema_files import DIMENSIONS, daily_columns
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.daily_counts import DailyCounts
    from etalon_reports.data_table import DataColumn, Value
    from etalon_reports.record import Record
    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

_KINDS: Final = ("knowledge", "chance", "sample_noise")
_COSTS: Final = ("letters", "emails", "calls", "total")
_GROUP: Final = (
    "population",
    "notified",
    "opposed",
    "activated",
    "opened_automatically",
    "opened_uninformed",
)


def run_tables(files: RunFiles, daily: DailyCounts, language: Language) -> list[DataTable]:
    """Return the tables of a run that have a row, in the order of the report.

    Raises:
        RunFileError: A result file is not as published.
    """
    tables = [
        _headlines(files, language),
        _amounts(files, language),
        _drivers(files, language),
        _comparisons(files, language),
        _since_notice(files, language),
        _fans(files, language),
        _days(daily, language),
        _funnel(files, language),
        _groups(files, language),
        _staffing(files, daily, language),
        _costs(files, language),
        _departments(files, language),
        _parameters(files, language),
    ]
    return [table for table in tables if table.rows]


def _bounds(column: Columns, kinds: Sequence[str], *, share: bool) -> list[DataColumn]:
    ends = [f"{kind}_{end}" for kind in kinds for end in ("low", "high")]
    return [column.shares(end) if share else column.figures(end, "beside") for end in ends]


def _headlines(files: RunFiles, language: Language) -> DataTable:
    column = Columns(language)
    columns = [
        column.words("indicator"),
        column.shares("simulated"),
        *_bounds(column, _KINDS, share=True),
        column.counts("numerator", "number"),
        column.counts("denominator", "number"),
        column.words("denominator_name"),
    ]
    rows: list[list[Value]] = [
        [
            text(f"rate.{found.key}", language),
            found.value,
            *(end for kind in _KINDS for end in found.intervals.get(kind, (None, None))),
            found.numerator,
            found.denominator,
            text(found.denominator_name, language),
        ]
        for found in headlines(files)
    ]
    return data_table("headlines", language, columns, rows, "summary.json")


def _amounts(files: RunFiles, language: Language) -> DataTable:
    column = Columns(language)
    columns = [
        column.words("indicator"),
        column.figures("simulated", "beside"),
        *_bounds(column, ["knowledge"], share=False),
        column.words("unit"),
    ]
    calls = files.summary.record("hotline").figure("calls")
    cost = files.summary.record("cost_eur").figure("total")
    rows: list[list[Value]] = [
        [
            text(f"rate.{key}", language),
            value,
            *(files.knowledge_bounds(key) or (None, None)),
            text(f"unit.{unit}", language),
        ]
        for key, value, unit in (("calls", calls, "calls"), ("cost_eur", cost, "EUR"))
    ]
    return data_table("amounts", language, columns, rows, "summary.json, knowledge.json")


def _drivers(files: RunFiles, language: Language) -> DataTable:
    column = Columns(language)
    columns = [
        *(column.words(key) for key in ("indicator", "parameter", "path")),
        column.shares("part"),
    ]
    drivers = files.knowledge.record("drivers") if files.knowledge else None
    names = {row.text("path"): row for row in files.scenario.rows("parameters")}
    rows: list[list[Value]] = [
        [
            text(f"rate.{key}", language),
            parameter_label(names[path], language) if path in names else path,
            path,
            driver.figure("share"),
        ]
        for key in (*HEADLINES, "calls", "cost_eur")
        if drivers and key in drivers.values
        for driver in drivers.rows(key)
        for path in [driver.text("path")]
    ]
    return data_table("drivers", language, columns, rows, "knowledge.json")


def _comparisons(files: RunFiles, language: Language) -> DataTable:
    column = Columns(language)
    columns = [
        column.words("indicator"),
        *(column.figures(key, "beside") for key in ("simulated", "measured", "low", "high")),
        *(column.words(key) for key in ("unit", "within", "calibrated", "source")),
    ]
    said = {
        True: text("report.yes", language),
        False: text("report.no", language),
        None: None,
    }
    rows: list[list[Value]] = [
        [
            found.label(language),
            *(found.simulated, found.measured, found.low, found.high),
            text(f"unit.{found.unit}", language),
            said[found.within],
            said[found.calibrated],
            found.source,
        ]
        for found in comparisons(files)
    ]
    return data_table("comparison", language, columns, rows, "summary.json")


def _since_notice(files: RunFiles, language: Language) -> DataTable:
    column = Columns(language)
    curves = files.summary.record("curves")
    counts = [curves.figures(name) for name in SINCE_NOTICE]
    columns = [
        column.counts("day_since_notice", "day"),
        column.counts("followed", "people"),
        *(column.counts(key, "people") for key in SINCE_NOTICE[1:3]),
        *(column.counts(key, "spaces") for key in ("opened", "closed")),
    ]
    rows: list[list[Value]] = [
        [day, *(int(count) for count in row)]
        for day, row in enumerate(zip(*counts, strict=True))
        if row[0]
    ]
    return data_table("since_notice", language, columns, rows, "summary.json")


def _fans(files: RunFiles, language: Language) -> DataTable:
    column = Columns(language)
    fans = files.fans()
    quantiles = fans[0].figures("quantiles") if fans else []
    columns = [
        column.words("indicator"),
        column.days("date"),
        column.figures("simulated", "number"),
        *(
            column.figures("quantile", "number", level=f"{round(level * 100)}")
            for level in quantiles
        ),
    ]
    rows: list[list[Value]] = [
        [text(f"fan.{fan.text('key')}", language), *row]
        for fan in fans
        for row in zip(fan.days("on"), fan.figures("central"), *fan.matrix("values"), strict=True)
    ]
    return data_table("fans", language, columns, rows, "knowledge.json")


def _days(daily: DailyCounts, language: Language) -> DataTable:
    column = Columns(language)
    counted = [found for found in daily_columns() if found.name not in DIMENSIONS]
    columns = [column.days("date")]
    columns += [column.named(getattr(found, language), found.unit) for found in counted]
    rows: list[list[Value]] = [
        [day, *(daily.counts[found.name][rank] for found in counted)]
        for rank, day in enumerate(daily.days)
    ]
    return data_table("days", language, columns, rows, "daily.parquet")


def _funnel(files: RunFiles, language: Language) -> DataTable:
    column = Columns(language)
    columns = [column.words("step"), column.counts("people", "people")]
    rows: list[list[Value]] = [
        [text(f"funnel.{row.text('step')}", language), row.count("count")]
        for row in files.summary.rows("funnel")
    ]
    return data_table("funnel", language, columns, rows, "summary.json")


def _groups(files: RunFiles, language: Language) -> DataTable:
    column = Columns(language)
    keys = ("population", "notified", "opposed", "activated", "opened", "uninformed", "closed")
    columns = [column.words("age"), column.words("sex")]
    columns += [column.counts(key, "people") for key in keys]
    closed = closed_by_group(files.daily)
    rows: list[list[Value]] = [
        [
            spreadsheet_band(row.text("band")),
            text(f"sex.{row.text('sex')}", language),
            *(row.count(name) for name in _GROUP),
            closed.get((row.text("band"), row.text("sex")), 0),
        ]
        for row in files.summary.rows("by_age_and_sex")
    ]
    return data_table("age_sex", language, columns, rows, "summary.json, daily.parquet")


def spreadsheet_band(band: str) -> str:
    """Return an age band that no spreadsheet takes for a date, with an en dash."""
    return band.replace("-", EN_DASH)


def _staffing(files: RunFiles, daily: DailyCounts, language: Language) -> DataTable:
    column = Columns(language)
    columns = [
        column.days("date"),
        column.figures("calls", "calls"),
        column.figures("load", "erlang"),
        column.counts("agents", "agents"),
        column.shares("waits_c"),
        column.shares("lost_a"),
        column.shares("lost_simulated"),
        column.counts("agents_c", "agents"),
        column.counts("agents_a", "agents"),
    ]
    hotline = hotline_of(files.scenario)
    agents = hotline.exchange.agents if hotline else None
    rows: list[list[Value]] = [
        [
            *(row.day, row.calls, row.load, agents, row.waits, row.formula.lost, row.lost),
            *(row.agents_c, row.agents_a),
        ]
        for row in staffed_days(files, daily)
    ]
    return data_table("staffing", language, columns, rows, "daily.parquet, scenario.json")


def _costs(files: RunFiles, language: Language) -> DataTable:
    column = Columns(language)
    columns = [
        column.words("item"),
        column.figures("simulated_cost", "EUR"),
        column.figures("scaled_cost", "EUR"),
    ]
    cost = files.summary.record("cost_eur")
    rows: list[list[Value]] = [
        [text(f"cost.{item}", language), cost.figure(item), cost.figure(item) / files.scope]
        for item in _COSTS
    ]
    return data_table("cost", language, columns, rows, "summary.json")


def _departments(files: RunFiles, language: Language) -> DataTable:
    column = Columns(language)
    columns = [
        column.words("department"),
        column.days("notice_day"),
        column.counts("notices", "notices"),
        column.counts("calls", "calls"),
        column.figures("days_to_opening", "day"),
    ]
    rows: list[list[Value]] = [
        [row.code, row.noticed_on, row.notified, row.calls, row.days_to_opening]
        for row in department_counts(files.daily)
    ]
    return data_table("departments", language, columns, rows, "daily.parquet")


def _parameters(files: RunFiles, language: Language) -> DataTable:
    column = Columns(language)
    columns = [
        *(column.words(key) for key in ("parameter", "path")),
        *(column.figures(key, "beside") for key in ("value", "low", "high")),
        *(column.words(key) for key in ("series", "unit", "certainty", "source")),
    ]
    rows = [_parameter(row, language) for row in files.scenario.rows("parameters")]
    return data_table("parameters", language, columns, rows, "scenario.json")


def _parameter(row: Record, language: Language) -> list[Value]:
    value, unit = row.values.get("value"), row.text("unit")
    key = f"unit.{unit}"
    return [
        parameter_label(row, language),
        row.text("path"),
        value if isinstance(value, int | float) else None,
        row.optional_figure("low"),
        row.optional_figure("high"),
        semicolons(
            (number(part, language, fewest_decimals(part)) for part in row.figures("value")),
            language,
        )
        if isinstance(value, list)
        else (value if isinstance(value, str) else None),
        text(key, language) if has_text(key) else unit,
        text(f"certainty.{row.text('certainty')}", language),
        row.text("source"),
    ]
