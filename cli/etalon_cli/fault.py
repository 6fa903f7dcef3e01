"""A fault of ours: one line for the user, a log file for whoever will mend it."""

from __future__ import annotations

import os
import platform
import sys
import tempfile
import traceback
from pathlib import Path
from typing import TYPE_CHECKING

from etalon_cli.console import say
from etalon_cli.stopping import because
from etalon_scenarios.versions import installed_version

if TYPE_CHECKING:
    from collections.abc import Sequence

    from etalon_text.language import Language

DEBUG_VARIABLE = "ETALON_DEBUG"


def report_fault(error: BaseException, typed: Sequence[str], language: Language) -> int:
    """Write the log, say in one line where it is, and give the exit code of a fault.

    With `ETALON_DEBUG=1` the traceback is printed too.
    """
    trace = "".join(traceback.format_exception(error))
    log = _write_log(trace, typed)
    if os.environ.get(DEBUG_VARIABLE) == "1":
        say(trace.rstrip())
    summary = f"{type(error).__name__}: {error}".splitlines()[0]
    fault = because(reason="fault", problem=summary, file=log)
    say(fault.told(language))
    return fault.exit_code


def _write_log(trace: str, typed: Sequence[str]) -> str:
    """Keep what a repair needs in a file of the temporary folder; give its path."""
    header = (
        f"etalon {installed_version()}\npython {sys.version}\nsystem {platform.platform()}\n"
        f"arguments {list(typed)!r}\n\n"
    )
    try:
        descriptor, name = tempfile.mkstemp(prefix="etalon-fault-", suffix=".log", text=True)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.write(header + trace)
    except OSError:
        return os.devnull
    return str(Path(name))
