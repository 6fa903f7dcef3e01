"""What `--help` and the reference say of commands, in French and English.

The table `help.csv` has the columns key, fr, en. A command or a group has the words that are typed
for it as its key. A parameter has the words of its command and its own name (`simulate --until`,
`explain <id>`), or fewer of the words, when several commands say the same of it (`load --target`,
`--lang`). Other keys name their kind first: `value/FILE` (what stands for a value in usage lines),
`otherwise/KEY` (what holds where a parameter is not given), `note/KEY`, `exit/CODE`, `word/KEY`.

It is read when help is asked for, and not before.
"""

from __future__ import annotations

import csv
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_text.language import spaced

if TYPE_CHECKING:
    from collections.abc import Mapping

    from etalon_cli.grammar_terms import Command, Parameter
    from etalon_text.language import Language

_TABLE: Final = Path(__file__).with_name("help.csv")


@cache
def help_texts() -> Mapping[str, Mapping[str, str]]:
    """Return key -> {"fr": …, "en": …}, the French with signs of print."""
    with _TABLE.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))
    return {row["key"]: {"fr": spaced(row["fr"], "fr"), "en": row["en"]} for row in rows}


def told(key: str, language: Language) -> str:
    """Return the text `key`.

    Raises:
        LookupError: The table has no such key.
    """
    try:
        return help_texts()[key][language]
    except KeyError:
        message = f"no text {key!r} in {_TABLE.name}; add it in French and English"
        raise LookupError(message) from None


def sentence(key: str, language: Language) -> str:
    """Return a text as a sentence: a capital first, a full stop last."""
    words = told(key, language)
    return f"{words[0].upper()}{words[1:]}."


def parameter_key(command: Command, parameter: Parameter) -> str:
    """Return the key that says what a parameter is: the one with most words of its command."""
    name = parameter.name if parameter.name.startswith("--") else f"<{parameter.name}>"
    keys = [" ".join((*command.words[:count], name)) for count in range(len(command.words), -1, -1)]
    return next((key for key in keys if key in help_texts()), keys[0])


def parameter_default(parameter: Parameter, language: Language) -> str | None:
    """Return what holds where a parameter is not given, or None."""
    if parameter.otherwise is not None:
        return told(f"otherwise/{parameter.otherwise}", language)
    return parameter.default


def parameter_help(command: Command, parameter: Parameter, language: Language) -> str:
    """Return what `--help` says of a parameter: what it is, and its default if it has one."""
    meaning = told(parameter_key(command, parameter), language)
    default = parameter_default(parameter, language)
    if default is None:
        return meaning
    return f"{meaning} ({told('word/default', language).format(default=default)})"


def value_name(name: str, language: Language) -> str:
    """Return what stands for a value in usage lines: FILE, FICHIER."""
    key = f"value/{name}"
    return told(key, language) if key in help_texts() else name
