"""Reading a table that a user made: UTF-8, with or without a byte order mark, `,` or `;`.

Rows are numbered as in the file, so that a message can name the line. With `;` between columns a
comma is read as the decimal sign, as spreadsheets set to French write it.
"""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING

from etalon_scenarios.scenario_errors import ScenarioError, nearest_name, shown

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from pathlib import Path


LINE_END = re.compile(r"\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    Attributes:
        file: File name as the user gave it.
        line: Number of the line in the file, from 1.
        cells: Text by column, without the spaces around it.
        decimal_comma: Whether a comma is the decimal sign.
    """

    file: str
    line: int
    cells: dict[str, str]
    decimal_comma: bool = False

    def refused(self, column: str, accepted: str, *, nearest: str | None = None) -> ScenarioError:
        """The error that says what is wrong in a cell of this line."""
        found = shown(self.cells.get(column, ""))
        place = f"line {self.line}, column {column}"
        return ScenarioError(self.file, place, found=found, accepted=accepted, nearest=nearest)

    def one_of(self, column: str, names: Collection[str]) -> str:
        """A cell that must be one of the names given.

        Raises:
            ScenarioError: It is not.
        """
        cell = self.cells[column]
        if cell not in names:
            nearest = nearest_name(cell, names) if cell.isidentifier() else None
            raise self.refused(column, ", ".join(names), nearest=nearest)
        return cell

    def count(self, column: str) -> int:
        """A cell that must be a whole number, zero or more.

        Raises:
            ScenarioError: It is not.
        """
        cell = self.cells[column]
        if not (cell.isascii() and cell.isdigit()):
            raise self.refused(column, "a whole number, 0 or more, without spaces")
        return int(cell)

    def number(self, column: str) -> Decimal | None:
        """A cell that must be a number, or None when it is empty or absent.

        Raises:
            ScenarioError: It is not.
        """
        cell = self.cells.get(column, "")
        if not cell:
            return None
        try:
            number = Decimal(cell.replace(",", ".") if self.decimal_comma else cell)
        except InvalidOperation:
            number = Decimal("nan")
        if not number.is_finite():
            raise self.refused(column, "a number")
        return number

    def share(self, column: str) -> Decimal | None:
        """A cell that must be a share, or None when it is empty or absent.

        Raises:
            ScenarioError: It is not a number between 0 and 1.
        """
        number = self.number(column)
        if number is not None and not 0 <= number <= 1:
            raise self.refused(column, "a share between 0 and 1")
        return number


def bytes_of(path: Path, file: str) -> bytes:
    """The content of a file.

    Raises:
        ScenarioError: It is missing or cannot be read.
    """
    try:
        return path.read_bytes()
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise ScenarioError(
            file, "", found=f"no readable file ({reason})", accepted="the path of a file"
        ) from error


def text_of(content: bytes, file: str) -> str:
    """The text of a file in UTF-8; a byte order mark is left out.

    Raises:
        ScenarioError: It is not UTF-8.
    """
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ScenarioError(
            file,
            f"line {line}",
            found=f"the byte 0x{content[error.start]:02X}",
            accepted='text in UTF-8 (in a spreadsheet: save as "CSV UTF-8")',
        ) from error


def digest_of(content: bytes) -> str:
    """SHA-256 of a content, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()


def rows_of(
    text: str, file: str, *, required: Sequence[str], optional: Sequence[str] = ()
) -> list[Row]:
    """The rows of a table whose first line that is no comment (`#`) names the columns.

    Raises:
        ScenarioError: A column is missing, unknown or given twice, a line has too few or too many
            cells, or the table has no row.
    """
    numbered = [
        (number, line)
        for number, line in enumerate(LINE_END.split(text), start=1)
        if line.strip() and not line.startswith("#")
    ]
    if not numbered:
        columns = ", ".join(required)
        raise ScenarioError(file, "", found="an empty table", accepted=f"the columns {columns}")
    header_line, header = numbered[0]
    separator = ";" if ";" in header else ","
    names = _cells(file, header_line, header, separator)
    _check_columns(file, header_line, names, required, optional)
    rows: list[Row] = []
    for number, line in numbered[1:]:
        cells = _cells(file, number, line, separator)
        if len(cells) != len(names):
            raise ScenarioError(
                file,
                f"line {number}",
                found=f"{len(cells)} cells",
                accepted=f"{len(names)} cells ({', '.join(names)}), separated by {separator}",
            )
        cells_by_name = dict(zip(names, cells, strict=True))
        rows.append(Row(file, number, cells_by_name, decimal_comma=separator == ";"))
    if not rows:
        raise ScenarioError(file, "", found="a header without rows", accepted="one row or more")
    return rows


def _cells(file: str, number: int, line: str, separator: str) -> list[str]:
    try:
        return [cell.strip() for cell in next(csv.reader([line], delimiter=separator))]
    except csv.Error as error:
        accepted = f"cells separated by {separator}"
        raise ScenarioError(file, f"line {number}", found=str(error), accepted=accepted) from error


def _check_columns(
    file: str, line: int, names: list[str], required: Sequence[str], optional: Sequence[str]
) -> None:
    valid = (*required, *optional)
    place = f"line {line}"
    for name in names:
        if name not in valid:
            raise ScenarioError(
                file,
                place,
                found=f"the column {shown(name)}",
                accepted=", ".join(valid),
                nearest=nearest_name(name, valid),
            )
        if names.count(name) > 1:
            found = f"the column {shown(name)} twice"
            raise ScenarioError(file, place, found=found, accepted="each column once")
    for name in required:
        if name not in names:
            found = f"no column {shown(name)}"
            raise ScenarioError(file, place, found=found, accepted=", ".join(valid))
