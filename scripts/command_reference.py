"""Write the references of the command line, in English and French.

Both come from the table of commands that also makes the parser, and from what help says of them.
"""

import sys
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from etalon_cli.exit_codes import ExitCode
from etalon_cli.grammar import COMMANDS, GROUPS, Command, Parameter
from etalon_cli.help_texts import (
    parameter_default,
    parameter_key,
    sentence,
    told,
    value_name,
)
from etalon_text.language import Language, spaced
from generated import write_or_compare

DOCS: Final = Path(__file__).resolve().parent.parent / "docs"
REFERENCES: Final[Mapping[Language, Path]] = {
    "en": DOCS / "reference" / "command-line.md",
    "fr": DOCS / "fr" / "commandes.md",
}

HEADS: Final[Mapping[Language, str]] = {
    "en": """\
# Command line

Made by `scripts/command_reference.py` from the table of commands (`cli/etalon_cli/grammar.py`) and
from what help says of them (`cli/etalon_cli/help.csv`); do not edit.

Results go to stdout, messages and progress to stderr. A progress bar is drawn only on a terminal;
elsewhere a line is written now and then. `--json` prints the result for machines. Option names
are never abbreviated. `etalon --version` prints the version, `etalon COMMAND --help` the options.
With `ETALON_DEBUG=1`, a fault of Étalon also prints its traceback.
""",
    "fr": """\
# Commandes et options

Fait par `scripts/command_reference.py` à partir de la table des commandes
(`cli/etalon_cli/grammar.py`) et de ce que l'aide en dit (`cli/etalon_cli/help.csv`) ; à ne pas
modifier.

Les résultats vont sur la sortie standard, les messages et l'avancement sur la sortie d'erreur. Une
barre d'avancement n'est dessinée que sur un terminal ; ailleurs, une ligne est écrite de temps en
temps. `--json` donne le résultat pour les machines. Les noms d'options ne s'abrègent jamais.
`etalon --version` affiche la version, `etalon COMMANDE --help` les options. Avec
`ETALON_DEBUG=1`, une faute d'Étalon affiche aussi sa trace.
""",
}
WORDS: Final[Mapping[Language, Mapping[str, str]]] = {
    "en": {
        "codes": "Exit codes",
        "code": "| code | meaning |",
        "commands": "Commands",
        "command": "| command | what it does |",
        "parameter": "| what | meaning | default |",
        "group": "`etalon {name}` alone is a group: {what}.",
        "each": "repeatable",
    },
    "fr": {
        "codes": "Codes de sortie",
        "code": "| code | sens |",
        "commands": "Commandes",
        "command": "| commande | ce qu'elle fait |",
        "parameter": "| quoi | sens | par défaut |",
        "group": "`etalon {name}` seul est un groupe : {what}.",
        "each": "répétable",
    },
}


def reference(language: Language) -> str:
    """Give the whole page."""
    sections = (_section(command, language) for command in COMMANDS)
    head = spaced(HEADS[language], language)
    return "\n".join([head, _exit_codes(language), _overview(language), *sections])


def help_keys() -> Iterator[str]:
    """Give every key of `help.csv` that help, the parser or the reference asks for."""
    for word in ("etalon", "exit", "usage", "arguments", "options", "examples", "default"):
        yield f"word/{word}"
    yield from ("word/help", "word/version", "value/COMMAND", "value/VERB", *GROUPS)
    yield from (f"exit/{int(code)}" for code in ExitCode)
    for command in COMMANDS:
        yield " ".join(command.words)
        yield from (f"note/{note}" for note in command.notes)
        for parameter in command.parameters:
            yield parameter_key(command, parameter)
            if parameter.metavar is not None:
                yield f"value/{parameter.metavar}"
            if parameter.otherwise is not None:
                yield f"otherwise/{parameter.otherwise}"


def _exit_codes(language: Language) -> str:
    words = WORDS[language]
    rows = [f"| {int(code)} | {told(f'exit/{int(code)}', language)} |" for code in ExitCode]
    return "\n".join([f"## {words['codes']}", "", words["code"], "|---|---|", *rows, ""])


def _overview(language: Language) -> str:
    words = WORDS[language]
    names = [" ".join(command.words) for command in COMMANDS]
    rows = [
        f"| [`etalon {name}`](#etalon-{name.replace(' ', '-')}) | {told(name, language)} |"
        for name in names
    ]
    group = spaced(words["group"], language)
    groups = [group.format(name=name, what=told(name, language)) for name in GROUPS]
    head = [f"## {words['commands']}", "", spaced(words["command"], language), "|---|---|"]
    return "\n".join([*head, *rows, "", *groups, ""])


def _section(command: Command, language: Language) -> str:
    name = " ".join(command.words)
    lines = [f"## etalon {name}", "", sentence(name, language), ""]
    if command.parameters:
        lines += [WORDS[language]["parameter"], "|---|---|---|"]
        lines += [_row(command, parameter, language) for parameter in command.parameters]
        lines.append("")
    for note in command.notes:
        lines += [told(f"note/{note}", language), ""]
    if command.examples:
        lines += ["```", *command.examples, "```", ""]
    return "\n".join(lines)


def _row(command: Command, parameter: Parameter, language: Language) -> str:
    meaning = told(parameter_key(command, parameter), language)
    default = parameter_default(parameter, language) or ""
    return f"| `{_typed(parameter, language)}` | {meaning} | {default} |"


def _typed(parameter: Parameter, language: Language) -> str:
    """Give a parameter as it is typed."""
    brought = (parameter.packed,) if parameter.packed else ()
    if parameter.metavar is not None:
        value = value_name(parameter.metavar, language)
    else:
        value = "\\|".join((*parameter.choices, *brought))
    if not parameter.name.startswith("--"):
        return f"{value} …" if parameter.take == "some" else value
    repeated = f" ({WORDS[language]['each']})" if parameter.take == "each" else ""
    return f"{parameter.name} {value}".rstrip() + repeated


if __name__ == "__main__":
    pages = {file: partial(reference, language) for language, file in REFERENCES.items()}
    sys.exit(write_or_compare(__doc__, pages))
