"""A table with raw values, for spreadsheets: what each column holds, in which unit."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from etalon_text.strings import text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_text.language import Language

Value = str | int | float | date | None
Kind = Literal["text", "count", "figure", "share", "day"]
NO_UNIT: Final = ""
LONGEST_SHEET_NAME: Final = 31
"""Characters that a spreadsheet accepts in the name of a sheet."""


class DataColumn(NamedTuple):
    """One column.

    Attributes:
        heading: Its name, in the reader's language.
        kind: What its cells hold; a share is a number between 0 and 1, whatever its format.
        unit: Unit of its cells, in the reader's language; empty for texts and days.
    """

    heading: str
    kind: Kind
    unit: str


class DataTable(NamedTuple):
    """One table: a sheet of a workbook, or a CSV file.

    Attributes:
        key: Stable name, that of the CSV file.
        name: Name of the sheet, in the reader's language.
        title: What it holds, in a phrase.
        columns: Its columns.
        rows: Its cells, row by row, None for an empty one.
        source_file: Result file it is drawn from.
    """

    key: str
    name: str
    title: str
    columns: Sequence[DataColumn]
    rows: Sequence[Sequence[Value]]
    source_file: str


class Columns:
    """Makes columns of one language, their headings from `column.*` and units from `unit.*`."""

    def __init__(self, language: Language) -> None:
        """Speak `language`."""
        self.language: Language = language

    def words(self, key: str) -> DataColumn:
        """Return a column of texts."""
        return DataColumn(self._heading(key), "text", NO_UNIT)

    def days(self, key: str) -> DataColumn:
        """Return a column of civil days."""
        return DataColumn(self._heading(key), "day", NO_UNIT)

    def counts(self, key: str, unit: str) -> DataColumn:
        """Return a column of whole numbers of `unit`."""
        return DataColumn(self._heading(key), "count", text(f"unit.{unit}", self.language))

    def figures(self, key: str, unit: str, **values: str) -> DataColumn:
        """Return a column of numbers of `unit`; `beside`: a column of the table names the unit."""
        heading = text(f"column.{key}", self.language, **values)
        return DataColumn(heading, "figure", text(f"unit.{unit}", self.language))

    def named(self, heading: str, unit: str) -> DataColumn:
        """Return a column of whole numbers of `unit` whose heading is already in words."""
        return DataColumn(heading, "count", text(f"unit.{unit}", self.language))

    def shares(self, key: str) -> DataColumn:
        """Return a column of shares."""
        return DataColumn(self._heading(key), "share", text("unit.share", self.language))

    def _heading(self, key: str) -> str:
        return text(f"column.{key}", self.language)


def data_table(
    key: str,
    language: Language,
    columns: Sequence[DataColumn],
    rows: Sequence[Sequence[Value]],
    source_file: str,
) -> DataTable:
    """Return a table whose names are the strings `sheet.KEY` and `sheet.KEY.title`."""
    name = text(f"sheet.{key}", language)
    title = text(f"sheet.{key}.title", language)
    return DataTable(key, name, title, columns, rows, source_file)
