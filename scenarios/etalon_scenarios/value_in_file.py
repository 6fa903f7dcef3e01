"""Rewriting one number of a scenario file in place, as a calibration does.

Everything else stays as it was: comments, order, spacing, line ends. The file is parsed again, and
must differ from what it was by that number alone.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from etalon_scenarios.scenario_text import Table, is_list, is_table, table_of_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from decimal import Decimal
    from pathlib import Path

HEADER = re.compile(r"^\s*(?P<list>\[)?\[\s*(?P<path>[\w.-]+)\s*\]\]?\s*(#.*)?$")
KEY = re.compile(r"^\s*(?P<key>[\w-]+)\s*=\s*(?P<table>\{)?")


def set_value_in_file(path: Path, dotted: str, value: Decimal | int) -> None:
    """Rewrite a number of a scenario file.

    Args:
        path: The scenario file.
        dotted: Path of a parameter (its `value` is rewritten), of one of its keys
            (`intent.opposition.low`) or of a plain number (`scenario.seed`). Tables of a list are
            counted from 0 (`optin.segments.0.per_day`).
        value: The new number.

    Raises:
        LookupError: The file itself holds no number there; a scenario that it extends may.
        ScenarioError: The file is not TOML.
    """
    with path.open(encoding="utf-8", newline="") as file:
        before = file.read()
    lines = before.splitlines(keepends=True)
    wanted = table_of_text(before, str(path))
    keys = _number_keys(wanted, dotted.split("."))
    _set(wanted, keys, value)
    for number, parent in _key_lines(lines):
        key = keys[len(parent)] if keys[: len(parent)] == parent else ""
        if _names(lines[number], key) and len(keys) - len(parent) <= len(("key", "value")):
            lines[number] = _rewritten(lines[number], keys[-1], value)
            break
    after = "".join(lines)
    if table_of_text(after, str(path)) != wanted:
        message = f"{path}: the number at {dotted!r} is not on a line of its own"
        raise LookupError(message)
    with path.open("w", encoding="utf-8", newline="") as file:
        file.write(after)


def _number_keys(table: Table, keys: list[str]) -> list[str]:
    """The keys down to a number: those given, and `value` when they lead to a parameter."""
    value: object = table
    for key in keys:
        if is_table(value):
            value = value.get(key)
        elif is_list(value) and key.isdigit() and int(key) < len(value):
            value = value[int(key)]
        else:
            value = None
    if is_table(value) and "value" in value:
        return [*keys, "value"]
    if value is None or isinstance(value, str | bool) or is_table(value) or is_list(value):
        message = f"no number at {'.'.join(keys)!r} in this file"
        raise LookupError(message)
    return keys


def _set(table: Table, keys: Sequence[str], value: Decimal | int) -> None:
    below: object = table
    for key in keys[:-1]:
        if is_table(below):
            below = below[key]
        elif is_list(below):
            below = below[int(key)]
    if is_table(below):
        below[keys[-1]] = value


def _key_lines(lines: Sequence[str]) -> Iterator[tuple[int, list[str]]]:
    """The lines that give a key, each with the keys of the table it stands in."""
    ranks: dict[str, int] = {}
    parent: list[str] = []
    for number, line in enumerate(lines):
        header = HEADER.match(line)
        if header:
            if header["list"]:
                ranks[header["path"]] = ranks.get(header["path"], -1) + 1
            parent = _with_ranks(header["path"].split("."), ranks)
        elif KEY.match(line):
            yield number, parent


def _with_ranks(keys: Sequence[str], ranks: dict[str, int]) -> list[str]:
    """The keys of a header, with the rank of the list elements that they go through."""
    path: list[str] = []
    for count, key in enumerate(keys, start=1):
        path.append(key)
        prefix = ".".join(keys[:count])
        if prefix in ranks:
            path.append(str(ranks[prefix]))
    return path


def _names(line: str, key: str) -> bool:
    matched = KEY.match(line)
    return matched is not None and matched["key"] == key


def _rewritten(line: str, key: str, value: Decimal | int) -> str:
    """The line with the number of a key replaced: the first one, and a comment is never first."""
    pattern = re.compile(rf"((?<![\w-]){re.escape(key)}\s*=\s*)([-+.\w]+)")
    return pattern.sub(lambda found: f"{found[1]}{value}", line, count=1)
