"""`etalon model`: rules, policies, state-diagram, record, replay, vectors."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING, Final

from etalon_cli.answers import print_columns, print_json
from etalon_cli.console import ProgressLine, print_result
from etalon_cli.exit_codes import ExitCode
from etalon_cli.model_files import read_lines, write_new, written_journal
from etalon_cli.rule_answer import (
    plain_question,
    plain_rule,
    question_text,
    rule_text,
    standing_text,
)
from etalon_cli.stopping import because
from etalon_cli.whole_numbers import LARGEST_SEED, whole_number
from etalon_model.journal import JournalError, JournalWriter, replay
from etalon_model.life_cycle_diagram import mermaid, svg
from etalon_model.parameters import vintage
from etalon_model.policies import open_questions
from etalon_model.rulebook import FRENCH_MARK, rulebook
from etalon_model.vectors import VINTAGE, vector_files
from etalon_model.walks.walk import Walk
from etalon_text.number_formats import number
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Callable
    from typing import TextIO

    from etalon_model.command import Command
    from etalon_text.language import Language

DEFAULT_COMMANDS: Final = 10_000
MOST_COMMANDS: Final = 100_000_000
DEFAULT_SEED: Final = 1
_SHOWN_EVERY: Final = 1_000


def run(verb: str, options: Namespace, language: Language) -> int:
    """Carry out one verb and give its exit code."""
    return _VERBS[verb](options, language)


def _rules(options: Namespace, language: Language) -> int:
    if options.json:
        print_json([plain_rule(rule) for rule in rulebook()])
        return ExitCode.DONE
    if language == "fr":
        print_result(f"({FRENCH_MARK})")
    rows = [
        [
            rule.ident,
            standing_text(rule, language),
            str(len(rule.enforced_by)),
            str(len(rule.tests)),
            rule_text(rule, language),
        ]
        for rule in rulebook()
    ]
    heads = [text(f"rules.{head}", language) for head in ("rule", "standing", "by", "tests")]
    print_columns([[*heads, text("rules.says", language)], *rows], right=frozenset({2, 3}))
    return ExitCode.DONE


def _policies(options: Namespace, language: Language) -> int:
    if options.json:
        print_json([plain_question(question) for question in open_questions()])
        return ExitCode.DONE
    for question in open_questions():
        said = question_text(question, language)
        kind, form = (
            text(f"policies.{word}", language) for word in (question.kind, f"{question.form}_form")
        )
        print_result(text("policies.asks", language, ident=question.ident, kind=kind, form=form))
        print_result(f"  {said['question']}")
        if question.settings:
            settings = ", ".join(question.settings)
            listed = {name: said[name].replace("|", ", ") for name in ("values", "default")}
            print_result(text("policies.switch", language, settings=settings, **listed))
        else:
            print_result(text("policies.default", language, default=said["default"]))
        print_result(text("policies.changes", language, changes=said["would_change"]))
        print_result(text("policies.closes", language, closes=said["how_to_close"]))
    return ExitCode.DONE


def _state_diagram(options: Namespace, _language: Language) -> int:
    folder = Path(options.out or ".")
    for name, drawing in (("life-cycle.svg", svg()), ("life-cycle.mmd", mermaid())):
        write_new(folder / name, drawing)
        print_result(str(folder / name))
    return ExitCode.DONE


def _vectors(options: Namespace, language: Language) -> int:
    folder = Path(options.out or "vectors")
    if folder.is_dir() and any(folder.iterdir()):
        raise because(reason="out_not_empty", file=folder)
    if folder.exists() and not folder.is_dir():
        raise because(reason="out_not_writable", file=folder, problem="Not a directory")
    seed = whole_number("--seed", options.seed, DEFAULT_SEED, 0, LARGEST_SEED)
    files = vector_files(seed)
    for name, content in files.items():
        write_new(folder / name, content)
    print_result(text("vectors.written", language, files=len(files), folder=folder))
    counts = json.loads(files["manifest.json"])
    for what, count in counts["coverage"].items():
        named = text(f"vectors.{what}", language)
        print_result(text("vectors.covered", language, what=named, **count))
    return ExitCode.DONE


def _record(options: Namespace, language: Language) -> int:
    wanted = whole_number("--commands", options.commands, DEFAULT_COMMANDS, 1, MOST_COMMANDS)
    seed = whole_number("--seed", options.seed, DEFAULT_SEED, 0, LARGEST_SEED)
    started = time.monotonic()
    with written_journal(options.out or "journal.jsonl") as file:
        commands, digest = _recorded(file, wanted, seed, ProgressLine(language))
    _print_journal(options, language, commands, digest, time.monotonic() - started)
    return ExitCode.DONE


def _recorded(file: TextIO, wanted: int, seed: int, progress: ProgressLine) -> tuple[int, str]:
    """Write the journal of a seeded walk; give how many commands it has and their digest."""
    parameters = vintage(VINTAGE)
    writer = JournalWriter(file, parameters, seed)
    walk = Walk(parameters, seed=seed, journal=_counted(writer, wanted, progress))
    while writer.commands < wanted:
        walk.service.apply(walk.next_command())
    progress.end()
    digest = walk.service.digest()
    writer.finish(digest)
    return writer.commands, digest


def _counted(
    writer: JournalWriter, wanted: int, progress: ProgressLine
) -> Callable[[Command], None]:
    def write(command: Command) -> None:
        writer.write(command)
        if writer.commands % _SHOWN_EVERY == 0:
            progress.show("recorded", min(writer.commands, wanted), wanted)

    return write


def _replay(options: Namespace, language: Language) -> int:
    started = time.monotonic()
    try:
        again = replay(read_lines(options.journal))
    except JournalError as error:
        raise because(reason="journal", file=options.journal, problem=error) from error
    reached = again.service.digest()
    if reached != again.recorded:
        found = {"found": reached, "expected": again.recorded}
        raise because(reason="replay_differs", file=options.journal, **found)
    _print_journal(options, language, again.commands, reached, time.monotonic() - started)
    return ExitCode.DONE


def _print_journal(
    options: Namespace, language: Language, commands: int, digest: str, seconds: float
) -> None:
    if options.json:
        print_json({"commands": commands, "digest": digest, "seconds": round(seconds, 3)})
        return
    print_result(text("journal.commands", language, commands=number(commands, language)))
    print_result(text("journal.digest", language, digest=digest))


_VERBS: Final[dict[str, Callable[[Namespace, Language], int]]] = {
    "rules": _rules,
    "policies": _policies,
    "state-diagram": _state_diagram,
    "vectors": _vectors,
    "record": _record,
    "replay": _replay,
}
