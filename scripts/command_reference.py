"""Write `docs/reference/command-line.md` from the table of commands that also makes the parser."""

import sys
from pathlib import Path

from etalon_cli.exit_codes import MEANINGS
from etalon_cli.grammar import COMMANDS, GROUPS, Command, Parameter
from generated import write_or_compare

ROOT = Path(__file__).resolve().parent.parent
REFERENCE = ROOT / "docs" / "reference" / "command-line.md"

HEAD = """\
# Command line

Made by `scripts/command_reference.py` from the table of commands
(`cli/etalon_cli/grammar.py`); do not edit.

Results go to stdout, messages and progress to stderr. A progress bar is drawn only on a terminal;
elsewhere a line is written now and then. `--json` prints the result for machines. Option names
are never abbreviated. `etalon --version` prints the version, `etalon COMMAND --help` the options.
With `ETALON_DEBUG=1`, a fault of Étalon also prints its traceback.
"""


def reference() -> str:
    """Give the whole page."""
    parts = [HEAD, _exit_codes(), _overview(), *map(_section, COMMANDS)]
    return "\n".join(parts)


def _exit_codes() -> str:
    rows = [f"| {int(code)} | {meaning} |" for code, meaning in MEANINGS.items()]
    return "\n".join(["## Exit codes", "", "| code | meaning |", "|---|---|", *rows, ""])


def _overview() -> str:
    rows = [f"| [`etalon {' '.join(c.words)}`](#{_anchor(c)}) | {c.help} |" for c in COMMANDS]
    groups = [f"`etalon {name}` alone is a group: {text}." for name, text in GROUPS.items()]
    head = ["## Commands", "", "| command | what it does |", "|---|---|"]
    return "\n".join([*head, *rows, "", *groups, ""])


def _anchor(command: Command) -> str:
    return "-".join(("etalon", *command.words))


def _section(command: Command) -> str:
    lines = [f"## etalon {' '.join(command.words)}", "", f"{_sentence(command.help)}", ""]
    if command.parameters:
        lines += ["| what | meaning | default |", "|---|---|---|"]
        lines += [_row(parameter) for parameter in command.parameters]
        lines.append("")
    for note in command.notes:
        lines += [note, ""]
    if command.examples:
        lines += ["```", *command.examples, "```", ""]
    return "\n".join(lines)


def _row(parameter: Parameter) -> str:
    return f"| `{_typed(parameter)}` | {parameter.help} | {parameter.default or ''} |"


def _typed(parameter: Parameter) -> str:
    """Give a parameter as it is typed."""
    brought = (parameter.packed,) if parameter.packed else ()
    value = parameter.metavar or "\\|".join((*parameter.choices, *brought))
    if not parameter.name.startswith("--"):
        return f"{value} …" if parameter.take == "some" else value
    repeated = " (repeatable)" if parameter.take == "each" else ""
    return f"{parameter.name} {value}".rstrip() + repeated


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."


if __name__ == "__main__":
    sys.exit(write_or_compare(__doc__, {REFERENCE: reference}))
