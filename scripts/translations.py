"""Every text has its translation, and every French one the typography of French.

Help has a text for each command, parameter and note, and none that nothing asks for.

Looked at: the tables of the packages with columns `fr` and `en` (or `NAME_fr` beside `NAME_en` or
`NAME`), and the same keys of their TOML files. French is looked at as readers get it
(`etalon_text.language.spaced`).

    python scripts/translations.py
"""

import csv
import re
import sys
import tomllib
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from string import Formatter
from typing import Final, NamedTuple

from command_reference import help_keys
from etalon_cli.help_texts import help_texts
from etalon_scenarios.scenario_text import is_list, is_table
from etalon_text.language import spaced

ROOT: Final = Path(__file__).resolve().parent.parent
FOLDERS: Final = ("model", "scenarios", "conformance", "load", "reports", "cli")
STRINGS: Final = (
    "reports/etalon_text/strings/",
    "reports/etalon_text/errors.csv",
    "cli/etalon_cli/help.csv",
)
"""Tables whose sentences have placeholders."""

FAULTS: Final[Mapping[str, re.Pattern[str]]] = {
    "a straight apostrophe": re.compile(r"\w'\w"),
    "straight quotation marks": re.compile(r'"'),
    "no narrow space before ; ! ? »": re.compile(r"(?:^|[^\u202f!?])[;!?»](?=[\s.,)]|$)"),
    "no narrow space before :": re.compile(r"[ \u00a0]:"),
    "no narrow space after «": re.compile(r"«(?!\u202f)"),
    "no space that does not break before % or €": re.compile(r"[ \d)}](?:%|M?€)"),
    "a decimal point": re.compile(r"\d\.\d+\s?(?:%|€|M€|s\b|ms\b|pt\b|fois\b|millions?\b)"),
    "three dots": re.compile(r"\.\.\."),
}
OTHER_WORDS: Final[Mapping[str, re.Pattern[str]]] = {
    "clé": re.compile(r"\bclefs?\b"),
    "dossier": re.compile(r"\brépertoires?\b(?! (?:national|partagé))"),
    "personne de test": re.compile(r"\b(?:personne|usager)s? d['\u2019]essai"),
    "courriel": re.compile(r"\b(?:e-mail|mél)s?\b"),
    "opposition": re.compile(r"\bopt-out\b(?! :)"),
}
"""Word of the glossary -> other words for the same thing, which French texts leave alone."""

CODE: Final = re.compile(r"`[^`]*`")
"""What is typed as it stands."""


class Pair(NamedTuple):
    """A text in both languages.

    Attributes:
        file: Where it stands, from the root.
        place: Its line or key there.
        fr: In French.
        en: In English.
    """

    file: str
    place: str
    fr: str
    en: str


def french_faults(sentence: str) -> list[str]:
    """Name what is not French typography in a sentence as it is shown."""
    prose = CODE.sub("", sentence)
    faults = [name for name, pattern in FAULTS.items() if pattern.search(prose)]
    others = [name for name, pattern in OTHER_WORDS.items() if pattern.search(prose)]
    return faults + [f"another word for “{name}”" for name in others]


def faults_of(pair: Pair) -> list[str]:
    """Name what is wrong with a text: a translation that lacks, values that differ, typography."""
    if bool(pair.fr.strip()) != bool(pair.en.strip()):
        return [f"no {'English' if pair.fr.strip() else 'French'}"]
    if pair.file.startswith(STRINGS) and placeholders(pair.fr) != placeholders(pair.en):
        return ["other values in French than in English"]
    return french_faults(spaced(pair.fr, "fr"))


def placeholders(sentence: str) -> set[str]:
    """Return the names between braces."""
    return {name.split(".")[0] for _, name, _, _ in Formatter().parse(sentence) if name}


def pairs() -> Iterator[Pair]:
    """Give every text of the packages that has two languages."""
    for folder in FOLDERS:
        for file in sorted((ROOT / folder).rglob("*.csv")):
            yield from _of_table(file)
        for file in sorted((ROOT / folder).rglob("*.toml")):
            tables = tomllib.loads(file.read_text(encoding="utf-8"))
            yield from _of_tables(file.relative_to(ROOT).as_posix(), "", tables)


def _of_table(file: Path) -> Iterator[Pair]:
    lines = file.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    twins = _twins(rows.fieldnames or ())
    for rank, row in enumerate(rows, start=1):
        for fr, en in twins:
            place = f"row {rank}, {fr}"
            yield Pair(file.relative_to(ROOT).as_posix(), place, row[fr] or "", row[en] or "")


def _of_tables(file: str, place: str, value: object) -> Iterator[Pair]:
    if is_list(value):
        for rank, one in enumerate(value):
            yield from _of_tables(file, f"{place}.{rank}", one)
    if not is_table(value):
        return
    for fr in [name for name in value if name == "fr" or name.endswith("_fr")]:
        en = f"{fr.removesuffix('fr')}en"
        yield Pair(file, f"{place}.{fr}".lstrip("."), str(value[fr]), str(value.get(en, "")))
    for name, one in value.items():
        yield from _of_tables(file, f"{place}.{name}", one)


def _twins(names: Sequence[str]) -> list[tuple[str, str]]:
    """Return the columns that hold one text in two languages."""
    found: list[tuple[str, str]] = []
    for fr in names:
        base = fr.removesuffix("fr").removesuffix("_") if re.search(r"(^|_)fr$", fr) else None
        if base is None:
            continue
        english = [f"{base}_en" if base else "en", base]
        found += [(fr, en) for en in english if en in names][:1]
    return found


def help_faults(asked: Collection[str], texts: Collection[str]) -> list[str]:
    """Name the keys of help that are asked for and have no text, and the texts nobody asks for."""
    missing = [f"help.csv: nothing says {key!r}" for key in sorted({*asked} - {*texts})]
    return missing + [f"help.csv: nothing asks for {key!r}" for key in sorted({*texts} - {*asked})]


def main() -> int:
    """Print what is wrong, one text a line; 1 when something is."""
    found = [
        f"{pair.file}, {pair.place}: {fault}: {pair.fr or pair.en}"
        for pair in pairs()
        for fault in faults_of(pair)
    ]
    found += help_faults(list(help_keys()), help_texts())
    for line in found:
        print(line, file=sys.stderr)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
