"""Tables as CSV files that a spreadsheet of the reader's language opens without questions."""

from __future__ import annotations

import csv
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Final

from etalon_reports.whole_files import named_when_whole

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from etalon_reports.data_table import DataColumn, DataTable, Value
    from etalon_text.language import Language

SEPARATORS: Final = {"fr": ";", "en": ","}
"""What a spreadsheet of that language splits columns at."""
ENCODING: Final = "utf-8-sig"
"""UTF-8 with a byte order mark, which spreadsheets need to show accents."""
_COMPUTED: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula: a text must not become one."""


def write_csv(target: Path, table: DataTable, language: Language) -> None:
    """Write one table: a line of headings with their units, then its rows.

    In French, columns are parted by `;` and decimals by a comma; shares lie between 0 and 1. A text
    that a spreadsheet would compute is given an apostrophe first.

    Raises:
        OSError: The file cannot be written.
    """
    with (
        named_when_whole(target) as unfinished,
        unfinished.open("w", encoding=ENCODING, newline="") as stream,
    ):
        lines = csv.writer(stream, delimiter=SEPARATORS[language])
        lines.writerow([_heading(column) for column in table.columns])
        lines.writerows(_written(row, language) for row in table.rows)


def _heading(column: DataColumn) -> str:
    return f"{column.heading} ({column.unit})" if column.unit else column.heading


def _written(row: Sequence[Value], language: Language) -> list[str]:
    return [_cell(value, language) for value in row]


def _cell(value: Value, language: Language) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        # Twelve digits: what a result file holds, without the noise of binary fractions.
        figure = format(Decimal(f"{value:.12g}").normalize(), "f")
        return figure.replace(".", ",") if language == "fr" else figure
    written = str(value)
    return f"'{written}" if isinstance(value, str) and written.startswith(_COMPUTED) else written
