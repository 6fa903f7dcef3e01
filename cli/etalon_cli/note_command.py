"""`etalon note`: two pages on a comparison or on runs, to be edited and sent."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from etalon_cli.answers import print_json
from etalon_cli.console import print_result, say
from etalon_cli.exit_codes import ExitCode
from etalon_cli.reporting import write_notes
from etalon_cli.stopping import because
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_text.language import Language


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    out = Path(options.out) if options.out is not None else None
    if out is not None and out.exists() and not out.is_dir():
        raise because(reason="out_not_writable", file=out, problem="Not a directory")
    written = write_notes([Path(run) for run in options.runs], language, out)
    if not any(path.suffix == ".pdf" for path in written):
        say(text("console.no_pdf", language))
    if options.json:
        print_json({"written": [str(path) for path in written]})
    else:
        for path in written:
            print_result(str(path))
    return ExitCode.DONE
