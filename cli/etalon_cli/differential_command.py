"""`etalon conformance differential`: two targets and the model, asked the same."""

from __future__ import annotations

from argparse import Namespace
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final, cast

from etalon_cli.answers import print_json
from etalon_cli.conformance_options import read_period, target_asked
from etalon_cli.console import print_result
from etalon_cli.exit_codes import ExitCode
from etalon_cli.reporting import drawing
from etalon_cli.stopping import because
from etalon_cli.storage_explanations import storage_explained
from etalon_cli.whole_numbers import LARGEST_SEED, whole_number
from etalon_conformance.differential.comparing import compared
from etalon_conformance.differential.difference_file import FILE, difference_record
from etalon_reports.conformance.differential_page import difference_lines, draw_differential
from etalon_reports.record import Record
from etalon_scenarios.run_directory import new_run_directory
from etalon_scenarios.versions import installed_version
from etalon_target.profile_errors import ProfileError
from etalon_target.targets import Target, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping

    from etalon_scenarios.run_directory import Json
    from etalon_text.language import Language

_BUDGET: Final = "30s"
_TWO: Final = 2
_CODES: Final[Mapping[str, ExitCode]] = {
    "alike": ExitCode.DONE,
    "different": ExitCode.NO,
    "not-known": ExitCode.NO_ANSWER,
}


def run(_verb: str, options: Namespace, language: Language) -> int:
    """Carry the command out and give its exit code."""
    seed = whole_number("--seed", options.seed, 1, 0, LARGEST_SEED)
    seconds = read_period("--budget", options.budget or _BUDGET)
    asked = [str(one) for one in options.target or ()]
    if len(asked) != _TWO:
        raise because(reason="differential_targets", found=len(asked))
    with ExitStack() as opened, storage_explained(language):
        targets = _reached(asked, seed, opened)
        out = Path(options.out) if options.out else None
        directory = new_run_directory(out, command="conformance", name="differential", seed=seed)
        found = compared(targets[0], targets[1], seconds=seconds, seed=seed)
        names, version = (asked[0], asked[1]), installed_version()
        written = difference_record(found, names, seed=seed, version=version)
        record = cast("dict[str, Json]", written)
        directory.write_json(FILE, record)
        with drawing(directory.path):
            page = draw_differential(directory.path, language)
    if options.json:
        print_json(record)
    else:
        for line in difference_lines(Record(cast("dict[str, object]", record), FILE), language):
            print_result(line)
        print_result(str(page))
    return _CODES[str(record["answer"])]


def _reached(asked: list[str], seed: int, opened: ExitStack) -> list[Target]:
    """Reach both; they are closed with `opened`.

    Raises:
        Stopped: One of them is no target, or cannot be reached.
    """
    targets: list[Target] = []
    for one in asked:
        target = target_asked(Namespace(target=one), seed)
        opened.callback(target.close)
        targets.append(target)
    for target in targets:
        target.launch()
    for one, target in zip(asked, targets, strict=True):
        with _explained(one, target):
            target.reach()
    return targets


@contextmanager
def _explained(asked: str, target: Target) -> Generator[None]:
    try:
        yield
    except ProfileError as error:
        raise because(reason="target", problem=error) from error
    except UnreachableError as error:
        problem = target.redaction.text(str(error))
        raise because(reason="differential_unreachable", found=asked, problem=problem) from error
