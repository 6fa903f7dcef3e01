"""The tables shipped inside the package: comma-separated values with a header, in UTF-8."""

import csv
from importlib.resources import files

DATA = files("etalon_conformance") / "data"


def text_of(name: str) -> str:
    """Return the text of the data file `name`.

    Raises:
        FileNotFoundError: The package ships no such file.
    """
    return (DATA / name).read_text(encoding="utf-8")


def rows_of(name: str) -> list[dict[str, str]]:
    """Return the rows of the table `name`, each by column name, in file order.

    Raises:
        ValueError: A row has other cells than the header, as one that a comma cuts in two.
    """
    return rows_in(text_of(name), name)


def rows_in(table: str, name: str) -> list[dict[str, str]]:
    """Return the rows of a table, each by column name, in its order.

    Args:
        table: Its text.
        name: What it is called in a message.

    Raises:
        ValueError: A row has other cells than the header, as one that a comma cuts in two.
    """
    header, *rows = csv.reader(table.splitlines(), strict=True)
    for cells in rows:
        if len(cells) != len(header):
            message = f"{name}: the row {cells[:1]} has {len(cells)} cells, not {len(header)}"
            raise ValueError(message)
    return [dict(zip(header, cells, strict=True)) for cells in rows]
