# pyright: standard
# mypy: disable-error-code="import-untyped"
"""Tables as one XLSX workbook: typed cells, a line of units, a first sheet that explains them.

The same tables give the same bytes: the dates inside the file are fixed.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Final, NamedTuple

import xlsxwriter

from etalon_reports.data_table import LONGEST_SHEET_NAME
from etalon_reports.whole_files import named_when_whole
from etalon_text import palette
from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook
    from xlsxwriter.worksheet import Worksheet

    from etalon_reports.data_table import DataColumn, DataTable, Value
    from etalon_text.language import Language

WORKBOOK_NAME: Final = "tables.xlsx"
NO_DATE: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""Date of creation written inside documents, so that equal results give equal bytes."""

_NUMBERS: Final = {
    "text": "General",
    "count": "#,##0",
    "figure": "#,##0.0##",
    "small": "0.00####",
    "share": "0.00##%",
}
_LARGE: Final = 1000
"""From which size on a figure is shown without decimals."""

_DAYS: Final = {"fr": "dd/mm/yyyy", "en": "yyyy-mm-dd"}
_HEADER_ROWS: Final = 2
_WIDEST: Final = 48
_NARROWEST: Final = 10
_ROWS_MEASURED: Final = 60


class ReadMe(NamedTuple):
    """The first sheet.

    Attributes:
        title: What the workbook is about.
        facts: Label and value, in order.
        notes: Paragraphs: what the units mean, what the figures are not.
        sources: Where the values were read.
    """

    title: str
    facts: Sequence[tuple[str, str]]
    notes: Sequence[str]
    sources: Sequence[str]


def write_workbook(
    target: Path, tables: Sequence[DataTable], read_me: ReadMe, language: Language
) -> None:
    """Write the tables, each in its sheet, after the sheet that explains them.

    Raises:
        OSError: The file cannot be written.
    """
    with named_when_whole(target) as unfinished:
        unfinished.write_bytes(_written(tables, read_me, language))


def _written(tables: Sequence[DataTable], read_me: ReadMe, language: Language) -> bytes:
    # In memory first: a file that cannot be closed would go on complaining after the error.
    made = BytesIO()
    workbook = xlsxwriter.Workbook(made, {"strings_to_formulas": False, "in_memory": True})
    workbook.set_properties(
        {"title": read_me.title, "author": "Étalon", "created": NO_DATE.replace(tzinfo=None)}
    )
    numbers = {**_NUMBERS, "day": _DAYS[language]}
    formats = {kind: workbook.add_format({"num_format": n}) for kind, n in numbers.items()}
    formats["lines"] = workbook.add_format({"text_wrap": True, "valign": "top"})
    first = workbook.add_worksheet(text("sheet.read_me", language))
    _explain(first, workbook, tables, read_me, language)
    for table in tables:
        sheet = workbook.add_worksheet(table.name[:LONGEST_SHEET_NAME])
        _fill(sheet, workbook, table, formats)
    workbook.close()
    return made.getvalue()


def _explain(
    sheet: Worksheet,
    workbook: Workbook,
    tables: Sequence[DataTable],
    read_me: ReadMe,
    language: Language,
) -> None:
    strong = workbook.add_format({"bold": True, "valign": "top"})
    title = workbook.add_format({"bold": True, "font_size": 14})
    plain = workbook.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 30)
    sheet.set_column(1, 1, 95)
    sheet.write_string(0, 0, read_me.title, title)
    sheets = [(table.name, f"{table.title} ({table.source_file})") for table in tables]
    numbered = [(f"[{rank}]", source) for rank, source in enumerate(read_me.sources, start=1)]
    blocks = (
        ("", read_me.facts),
        (text("sheet.sheets", language), sheets),
        (text("sheet.notes", language), [("", note) for note in read_me.notes]),
        (text("sheet.sources", language), numbered),
    )
    row = 2
    for heading, lines in blocks:
        if heading:
            sheet.write_string(row, 0, heading, strong)
            row += 1
        for label, value in lines:
            sheet.write_string(row, 0, label, plain)
            sheet.write_string(row, 1, value, plain)
            row += 1
        row += 1
    sheet.set_portrait()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)


def _fill(
    sheet: Worksheet, workbook: Workbook, table: DataTable, formats: Mapping[str, Format]
) -> None:
    heading = workbook.add_format(
        {"bold": True, "text_wrap": True, "valign": "top", "bg_color": palette.SHADE, "bottom": 1}
    )
    unit = workbook.add_format({"italic": True, "font_color": palette.MUTED, "bottom": 1})
    for place, column in enumerate(table.columns):
        sheet.set_column(place, place, _width(table, place))
        sheet.write_string(0, place, column.heading, heading)
        sheet.write_string(1, place, column.unit, unit)
    for rank, cells in enumerate(table.rows):
        for place, (column, value) in enumerate(zip(table.columns, cells, strict=True)):
            _cell(sheet, (rank + _HEADER_ROWS, place), column, value, formats)
    sheet.freeze_panes(_HEADER_ROWS, 1)
    sheet.set_landscape()
    sheet.set_paper(9)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0, 1)


def _cell(
    sheet: Worksheet,
    at: tuple[int, int],
    column: DataColumn,
    value: Value,
    formats: Mapping[str, Format],
) -> None:
    row, place = at
    style = formats[_shown_as(column, value)]
    if value is None:
        return
    if isinstance(value, date):
        sheet.write_datetime(row, place, datetime(value.year, value.month, value.day), style)  # noqa: DTZ001 (a civil day)
    elif isinstance(value, str) or column.kind == "text":
        sheet.write_string(row, place, str(value), style)
    else:
        sheet.write_number(row, place, value, style)


def _shown_as(column: DataColumn, value: Value) -> str:
    """Return what a cell is shown as: a figure as its size asks, several lines as lines."""
    if isinstance(value, str) and "\n" in value:
        return "lines"
    if column.kind != "figure" or not isinstance(value, int | float):
        return column.kind
    if abs(value) >= _LARGE or float(value).is_integer():
        return "count"
    return "small" if abs(value) < 1 else "figure"


def _width(table: DataTable, place: int) -> int:
    """Return a width, in characters, that shows the first cells of a column."""
    column = table.columns[place]
    if column.kind != "text":
        return max(_NARROWEST, min(len(column.heading), 16))
    longest = max((len(str(row[place] or "")) for row in table.rows[:_ROWS_MEASURED]), default=0)
    return min(max(longest + 1, len(column.heading) // 2, _NARROWEST), _WIDEST)
