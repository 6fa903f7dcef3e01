"""`etalon conformance questions`: what a person answers, as a file to fill in."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from etalon_cli.answers import print_json
from etalon_cli.console import print_result
from etalon_cli.exit_codes import ExitCode
from etalon_cli.packed_suites import suite_named
from etalon_cli.signing import needed
from etalon_cli.stopping import because
from etalon_cli.storage_explanations import cannot_write
from etalon_cli.whole_files import whole_file
from etalon_conformance.coverage import checks_by_requirement
from etalon_conformance.questions import asked, written_questions
from etalon_conformance.requirements import requirement_set
from etalon_conformance.suites import requirements_of
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_text.language import Language

_PROGRAM = "etalon conformance questions"


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    suite = needed(options.suite, "--suite", _PROGRAM, language)
    held = requirements_of(suite_named(suite).name, requirement_set())
    asking = asked(held, checks_by_requirement())
    if options.out:
        _write(Path(options.out), written_questions(asking, language))
    if options.json:
        print_json(
            [
                {
                    "requirement": one.requirement,
                    "question": {"fr": one.asks["fr"], "en": one.asks["en"]},
                    "enclose": {"fr": one.enclose["fr"], "en": one.enclose["en"]},
                }
                for one in asking
            ]
        )
    elif options.out:
        print_result(text("questions.written", language, count=len(asking), file=options.out))
    else:
        print_result(written_questions(asking, language).rstrip())
    return ExitCode.DONE


def _write(file: Path, content: str) -> None:
    """Write a new file.

    Raises:
        Stopped: One stands there, or it cannot be written.
    """
    try:
        with whole_file(file, is_new=True) as stream:
            stream.write(content)
    except FileExistsError as error:
        raise because(reason="answers_exist", file=file) from error
    except OSError as error:
        raise cannot_write(file, error) from error
