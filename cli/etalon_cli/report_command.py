"""`etalon report`: draw reports again, from the files of run directories alone."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from etalon_cli.answers import print_json
from etalon_cli.console import print_result
from etalon_cli.exit_codes import ExitCode
from etalon_cli.reporting import FORMATS, draw_reports, unknown_format

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_text.language import Language


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    formats = _formats(options.format)
    written = [path for run in options.runs for path in draw_reports(Path(run), language, formats)]
    if options.json:
        print_json({"written": [str(path) for path in written]})
    else:
        for path in written:
            print_result(str(path))
    return ExitCode.DONE


def _formats(typed: str | None) -> tuple[str, ...]:
    """Read `--format html,csv`.

    Raises:
        Stopped: It names another format.
    """
    formats = tuple(part.strip() for part in (typed or "html").split(","))
    for found in formats:
        if found not in FORMATS:
            raise unknown_format(found, FORMATS)
    return formats
