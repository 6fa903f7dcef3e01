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
    """Return the rows of the table `name`, each by column name, in file order."""
    return list(csv.DictReader(text_of(name).splitlines(), strict=True))
