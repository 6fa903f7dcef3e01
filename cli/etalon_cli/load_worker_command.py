"""`etalon load worker`: send part of the load that a run on another machine plans."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from etalon_cli.exit_codes import ExitCode
from etalon_cli.interruption import interruptible
from etalon_cli.load_options import place_asked, refuse_without_locust
from etalon_cli.stopping import because
from etalon_load.processes import KEY_VARIABLE, run_worker

if TYPE_CHECKING:
    from argparse import Namespace

    from etalon_text.language import Language


def run(_verb: str, options: Namespace, _language: Language) -> int:
    """Carry the command out and give its exit code.

    Raises:
        Stopped: Nobody is there, this worker is not wanted, or the run was lost.
    """
    refuse_without_locust()
    if not options.master:
        raise because(reason="load_place", option="--master", found="")
    place = place_asked("--master", options.master)
    key = os.environ.get(KEY_VARIABLE, "")
    if not key:
        raise because(reason="load_key_missing")
    with interruptible() as interruption:
        ended = run_worker(place, key, interruption.is_asked)
    if ended.refused:
        raise because(reason=f"load_{ended.refused}", **ended.values)
    if ended.fault:
        last = ended.fault.strip().splitlines()[-1]
        raise because(reason="load_generator", problem=last, file="generator.log")
    return ExitCode.NO_ANSWER if ended.code else ExitCode.DONE
