"""`etalon load compare`: two runs of one plan, slower, faster or not known to be either."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from etalon_cli.answers import print_columns, print_json
from etalon_cli.console import print_result, say
from etalon_cli.later_forms import of_a_known_form
from etalon_cli.reporting import draw_reports
from etalon_cli.stopping import because
from etalon_load.comparison import ComparisonError
from etalon_load.files.compared_runs import compare_runs, write_comparison
from etalon_load.files.run_record import RunRecordError
from etalon_reports.load.comparison_words import change_sentences, step_rows
from etalon_reports.record import Record
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language

_FIGURES = frozenset({1, 2, 3, 4})


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    before, after = of_a_known_form(options.before), of_a_known_form(options.after)
    try:
        found = compare_runs(before, after)
    except RunRecordError as error:
        raise because(reason="load_run_unreadable", problem=str(error)) from error
    except ComparisonError as error:
        raise because(reason="load_not_comparable", problem=str(error)) from error
    if options.out:
        _write(Path(options.out), found, language)
    if options.json:
        print_json(cast("Json", found))
    else:
        _print(Record(found, "load-comparison.json"), language)
    return cast("int", found["exit_code"])


def _write(directory: Path, found: dict[str, object], language: Language) -> None:
    """Write the comparison and draw its page.

    Raises:
        Stopped: The directory holds something already, or refuses the files.
    """
    try:
        if directory.exists() and any(directory.iterdir()):
            raise because(reason="out_not_empty", file=directory)
        write_comparison(directory, found)
    except OSError as error:
        problem = error.strerror or str(error)
        raise because(reason="report_failed", file=directory, problem=problem) from error
    for page in draw_reports(directory, language, ("html",)):
        say(text("load.report_written", language, file=page))


def _print(found: Record, language: Language) -> None:
    for sentence in change_sentences(found, language):
        print_result(sentence)
    rows = step_rows(found, language)
    print_columns(rows, right=_FIGURES)
