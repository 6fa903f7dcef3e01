"""Typed reading of a result file: each value asked for by key, errors that name file and key."""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Final, Never, cast

from etalon_text.language import spaced

if TYPE_CHECKING:
    from collections.abc import Collection
    from pathlib import Path

    from etalon_text.language import Language

LATEST_FORM: Final = 1
"""Latest form of result files that is read: their `schema_version`, or `format`."""


class RunFileError(Exception):
    """A file of the run directory is missing, unreadable or not as published.

    Attributes:
        file: Name of the file.
        place: Dotted path in it, empty when the whole file is concerned.
        found: What stands there.
    """

    def __init__(self, file: str, place: str, found: str, expected: str) -> None:
        """Say what stands where, and what was expected."""
        where = f"{file}, key {place}" if place else file
        super().__init__(f"{where}: {found}; expected {expected} (docs/reference/files.md)")
        self.file = file
        self.place = place
        self.found = found


class LaterFormError(RunFileError):
    """A file of a form that came after this version: its figures might mean something else."""


class Record:
    """One object of a result file. Every reader raises `RunFileError` on another type."""

    def __init__(self, values: dict[str, object], file: str, place: str = "") -> None:
        """Wrap `values`, which stand at `place` of `file`."""
        self.values = values
        self.file = file
        self.place = place

    def text(self, key: str) -> str:
        """Return a text."""
        value = self._value(key)
        return value if isinstance(value, str) else self._refuse(key, "a text")

    def optional_text(self, key: str) -> str | None:
        """Return a text, or None when the key is absent or null."""
        return None if self.values.get(key) is None else self.text(key)

    def sentence(self, name: str, language: Language) -> str:
        """Return the text `name_fr` or `name_en` (`fr`, `en` of no name), with signs of print."""
        return spaced(self.text(f"{name}_{language}" if name else language), language)

    def optional_sentence(self, name: str, language: Language) -> str | None:
        """Return the same, or None when the key is absent or null."""
        found = self.optional_text(f"{name}_{language}")
        return None if found is None else spaced(found, language)

    def count(self, key: str) -> int:
        """Return a whole number."""
        value = self._value(key)
        whole = isinstance(value, int) and not isinstance(value, bool)
        return cast("int", value) if whole else self._refuse(key, "a whole number")

    def figure(self, key: str) -> float:
        """Return a number."""
        value = self._value(key)
        plain = isinstance(value, int | float) and not isinstance(value, bool)
        return float(cast("float", value)) if plain else self._refuse(key, "a number")

    def optional_figure(self, key: str) -> float | None:
        """Return a number, or None when the key is absent or null."""
        return None if self.values.get(key) is None else self.figure(key)

    def flag(self, key: str) -> bool | None:
        """Return true, false, or None when the key is absent or null."""
        value = self.values.get(key)
        return value if value is None or isinstance(value, bool) else self._refuse(key, "a boolean")

    def day(self, key: str) -> date:
        """Return a civil day."""
        try:
            return date.fromisoformat(self.text(key))
        except ValueError:
            return self._refuse(key, "a day such as 2021-08-30")

    def optional_day(self, key: str) -> date | None:
        """Return a civil day, or None when the key is absent or null."""
        return None if self.values.get(key) is None else self.day(key)

    def record(self, key: str) -> Record:
        """Return the object at `key`."""
        value = self._value(key)
        if not isinstance(value, dict):
            return self._refuse(key, "an object")
        return Record(cast("dict[str, object]", value), self.file, self._path(key))

    def optional_record(self, key: str) -> Record | None:
        """Return the object at `key`, or None when absent or null."""
        return None if self.values.get(key) is None else self.record(key)

    def rows(self, key: str) -> list[Record]:
        """Return the objects of a list."""
        found = self.items(key)
        for rank, row in enumerate(found):
            if not isinstance(row, dict):
                self._refuse(f"{key}[{rank}]", "an object")
        return [
            Record(cast("dict[str, object]", row), self.file, f"{self._path(key)}[{rank}]")
            for rank, row in enumerate(found)
        ]

    def texts(self, key: str) -> list[str]:
        """Return a list of texts."""
        return [str(value) for value in self.items(key)]

    def figures(self, key: str) -> list[float]:
        """Return a list of numbers."""
        found = self.items(key)
        if not all(isinstance(value, int | float) for value in found):
            return self._refuse(key, "a list of numbers")
        return [float(cast("float", value)) for value in found]

    def one_of(self, key: str, known: Collection[str]) -> str:
        """Return a text that is one of those known."""
        found = self.text(key)
        return found if found in known else self._refuse(key, ", ".join(known))

    def days(self, key: str) -> list[date]:
        """Return a list of civil days."""
        try:
            return [date.fromisoformat(found) for found in self.texts(key)]
        except ValueError:
            return self._refuse(key, "a list of days such as 2021-08-30")

    def matrix(self, key: str, width: int | None = None) -> list[list[float]]:
        """Return a list of lists of numbers, each of `width` numbers where that is given."""
        found = self.items(key)
        if not all(isinstance(row, list) for row in found):
            return self._refuse(key, "a list of lists of numbers")
        rows = [Record({key: row}, self.file, self.place).figures(key) for row in found]
        if width is not None and any(len(row) != width for row in rows):
            return self._refuse(key, f"lists of {width} values")
        return rows

    def pairs(self, key: str) -> list[tuple[str, str]]:
        """Return a list of pairs of texts."""
        return [self._pair(key, found) for found in self.items(key)]

    def refuse_unequal(self, *keys: str) -> None:
        """Refuse lists that are read side by side and are not of one length."""
        first, *others = keys
        length = len(self.items(first))
        for key in others:
            if len(self.items(key)) != length:
                self._refuse(key, f"{length} values, as {first} has")

    def items(self, key: str) -> list[object]:
        """Return a list."""
        value = self._value(key)
        return (
            cast("list[object]", value) if isinstance(value, list) else self._refuse(key, "a list")
        )

    def bounds(self, key: str) -> tuple[float, float] | None:
        """Return an interval, or None when absent or null."""
        if self.values.get(key) is None:
            return None
        match self.figures(key):
            case [low, high]:
                return low, high
            case _:
                return self._refuse(key, "two numbers")

    def _pair(self, key: str, found: object) -> tuple[str, str]:
        match found:
            case [str(first), str(second)]:
                return first, second
            case _:
                return self._refuse(key, "a list of pairs of texts")

    def _value(self, key: str) -> object:
        if key not in self.values:
            self._refuse(key, "a value")
        return self.values[key]

    def _path(self, key: str) -> str:
        return f"{self.place}.{key}" if self.place else key

    def _refuse(self, key: str, expected: str) -> Never:
        found = repr(self.values[key])[:60] if key in self.values else "nothing"
        raise RunFileError(self.file, self._path(key), f"found {found}", expected)


def read_record(file: Path) -> Record:
    """Read a JSON file that holds an object.

    Raises:
        RunFileError: The file is missing, truncated, or holds something else.
        LaterFormError: It is of a later form.
    """
    try:
        content: object = json.loads(file.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise RunFileError(file.name, "", "no such file", "a run directory") from None
    except (OSError, ValueError, RecursionError) as problem:
        raise RunFileError(file.name, "", f"cannot be read ({problem})", "JSON, UTF-8") from None
    if not isinstance(content, dict):
        raise RunFileError(file.name, "", "not an object", "an object")
    record = Record(cast("dict[str, object]", content), file.name)
    _refuse_later(record)
    return record


def _refuse_later(record: Record) -> None:
    """Refuse a file of a form that came after this version; older ones are read."""
    for key in ("schema_version", "format"):
        found = record.values.get(key)
        if isinstance(found, int) and found > LATEST_FORM:
            writer = f"{found}, written by Étalon {record.values.get('etalon_version', '?')}"
            expected = f"at most {LATEST_FORM}: install that version"
            raise LaterFormError(record.file, key, writer, expected)
