"""The tables of a simulation report: headlines, drivers, comparisons, parameters."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from etalon_reports.headlines import headlines, main_drivers, written_interval
from etalon_reports.parameters import parameter_label, parameter_range, parameter_value
from etalon_reports.rounding import percent_decimals
from etalon_text.number_formats import EN_DASH, euros, number, percent
from etalon_text.strings import has_text, text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_reports.record import Record
    from etalon_reports.run_files import RunFiles
    from etalon_text.language import Language

CERTAINTIES: Final = ("user", "assumption", "derived", "calibrated", "measured")
_CALIBRATED: Final = "◆"


class Table(NamedTuple):
    """A table of a report: the first cell of a row is its heading.

    Attributes:
        title: Caption, without its number.
        headings: Column names.
        rows: Cells, formatted.
        note: What the reader must know, names the denominators that the cells do not.
        kinds: How each column is set: `text`, `figure` or `mark`.
    """

    title: str
    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    note: str
    kinds: Sequence[str]


def headline_table(files: RunFiles, language: Language) -> Table:
    """Return each headline with its counts and its intervals side by side."""
    levels = files.summary.record("interval_levels")
    kinds = ("knowledge", "chance", *(("sample_noise",) if files.is_sample else ()))
    headings = [
        text(f"column.{kind}", language, level=percent(levels.figure(kind), language, 0))
        for kind in kinds
    ]
    missing = {"knowledge": text("interval.not_drawn", language)}
    rows = [
        [
            text(f"rate.{headline.key}", language),
            headline.written(language),
            *(
                written_interval(headline.intervals[kind], language)
                if kind in headline.intervals
                else missing.get(kind, EN_DASH)
                for kind in kinds
            ),
            text(
                "headline.counts",
                language,
                numerator=number(headline.numerator, language),
                denominator=number(headline.denominator, language),
                name=text(headline.denominator_name, language),
            ),
        ]
        for headline in headlines(files)
    ]
    columns = [text(f"column.{name}", language) for name in ("indicator", "simulated")]
    return Table(
        title=text("headlines.table", language),
        headings=[*columns, *headings, text("column.counts", language)],
        rows=rows,
        note="",
        kinds=["text", "figure", *("figure" for _ in kinds), "text"],
    )


def driver_table(files: RunFiles, headline: str, language: Language) -> Table | None:
    """Return the parameters that make 80% of an interval of knowledge; None without draws."""
    drivers = main_drivers(files, headline)
    if not drivers:
        return None
    parameters = {row.text("path"): row for row in files.scenario.rows("parameters")}
    rows: list[list[str]] = []
    for driver in drivers:
        parameter = parameters.get(driver.path)
        label = parameter_label(parameter, language) if parameter else driver.path
        span = parameter_range(parameter, language) if parameter else EN_DASH
        part = percent(driver.share, language, 0)
        rows.append([label, part, text(f"certainty.{driver.certainty}", language), span])
    columns = ("parameter", "part", "certainty", "range")
    return Table(
        title=text("drivers.title", language, headline=text(f"rate.{headline}", language)),
        headings=[text(f"column.{name}", language) for name in columns],
        rows=rows,
        note=text("drivers.note", language),
        kinds=["text", "figure", "mark", "text"],
    )


def comparison_table(files: RunFiles, language: Language) -> Table | None:
    """Return simulated, measured and source; None when nothing was measured."""
    rows = files.summary.rows("comparisons")
    if not rows:
        return None
    columns = ("indicator", "simulated", "measured", "expected", "within", "source")
    return Table(
        title=text("comparison.title", language),
        headings=[text(f"column.{name}", language) for name in columns],
        rows=[_compared(row, language) for row in rows],
        note=text("comparison.lead", language),
        kinds=["text", "figure", "figure", "figure", "mark", "text"],
    )


def _compared(row: Record, language: Language) -> list[str]:
    key = f"comparison.{row.text('key')}"
    label = row.optional_text(f"label_{language}")
    label = label or (text(key, language) if has_text(key) else row.text("key"))
    if row.flag("calibrated"):
        label = f"{_CALIBRATED} {label}"
    denominator = row.optional_text("denominator_name")
    if denominator:
        label = f"{label} ({text(denominator, language)})"
    low, high = (_amount(row, end, language) for end in ("low", "high"))
    within = row.flag("within")
    verdict = EN_DASH if within is None else text("report.yes" if within else "report.no", language)
    return [
        label,
        _amount(row, "simulated", language),
        _amount(row, "measured", language),
        EN_DASH if EN_DASH in (low, high) else f"{low} {EN_DASH} {high}",
        verdict,
        row.text("source"),
    ]


def _amount(row: Record, key: str, language: Language) -> str:
    value = row.optional_figure(key)
    if value is None:
        return EN_DASH
    match row.text("unit"):
        case "share":
            return percent(value, language, percent_decimals(value))
        case "EUR":
            return euros(value, language)
        case _:
            return number(value, language)


def parameter_table(files: RunFiles, language: Language) -> Table:
    """Return every parameter, the least certain first."""
    rows = sorted(
        files.scenario.rows("parameters"),
        key=lambda row: (CERTAINTIES.index(row.text("certainty")), row.text("path")),
    )
    columns = ("parameter", "value", "range", "certainty", "source")
    dash = {"none": EN_DASH}
    return Table(
        title=text("assumptions.title", language),
        headings=[text(f"column.{name}", language) for name in columns],
        rows=[
            [
                parameter_label(row, language),
                parameter_value(row, language),
                parameter_range(row, language),
                text(f"certainty.{row.text('certainty')}", language),
                dash.get(row.text("source"), row.text("source")),
            ]
            for row in rows
        ],
        note="",
        kinds=["text", "text", "text", "mark", "text"],
    )
