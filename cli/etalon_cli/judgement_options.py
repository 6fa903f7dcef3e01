"""What `etalon conformance run` is told by people: a baseline, answers, a baseline to write."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from etalon_cli.signing import told
from etalon_cli.stopping import because
from etalon_cli.whole_files import whole_file
from etalon_conformance.answers import kept_files, read_answers
from etalon_conformance.baseline import LONGEST_REASON, read_baseline, written_baseline
from etalon_scenarios.run_directory import sha256_of, storage_error
from etalon_text.strings import text

if TYPE_CHECKING:
    from argparse import Namespace
    from collections.abc import Collection, Iterable

    from etalon_conformance.answers import Answers
    from etalon_conformance.baseline import Baseline
    from etalon_conformance.verdicts import Result
    from etalon_text.language import Language

_CIVIL: Final = ZoneInfo("Europe/Paris")


@dataclass(frozen=True, slots=True)
class Judging:
    """What people say before a run.

    Attributes:
        baseline: Breaches accepted beforehand, or None.
        answers: What people answered, or None.
        writes: The baseline to write after the run, or None.
        reason: Why its breaches are accepted, or an empty text.
        until: The last day on which they are, or None.
    """

    baseline: Baseline | None = None
    answers: Answers | None = None
    writes: Path | None = None
    reason: str = ""
    until: date | None = None


def judging_asked(options: Namespace, known: Iterable[str], language: Language) -> Judging:
    """Read `--baseline`, `--answers`, `--write-baseline` and what goes with it.

    Args:
        options: As they were typed.
        known: Identifiers of the requirements there are.
        language: Of what is wrong with a file.

    Raises:
        Stopped: A file cannot be used, or an option goes without another.
    """
    today = datetime.now(_CIVIL).date()
    baseline, answers = None, None
    if options.baseline:
        file = Path(options.baseline)
        with told(file, language):
            baseline = read_baseline(file, known, today)
    if options.answers:
        file = Path(options.answers)
        with told(file, language):
            answers = read_answers(file, today)
    return Judging(
        baseline=baseline,
        answers=answers,
        writes=_place_to_write(options),
        reason=_reason(options, language),
        until=_until(options, today, language),
    )


def _place_to_write(options: Namespace) -> Path | None:
    if options.write_baseline is None:
        for option in ("--accept-reason", "--accept-until"):
            if getattr(options, option.removeprefix("--").replace("-", "_")) is not None:
                raise because(reason="serve_alone", option=option, missing="--write-baseline")
        return None
    file = Path(options.write_baseline)
    if options.baseline:
        raise because(reason="two_baselines")
    if file.exists():
        raise because(reason="baseline_exists", file=file)
    if not file.parent.is_dir():
        raise because(reason="file_missing", file=file.parent)
    return file


def _reason(options: Namespace, language: Language) -> str:
    reason = str(options.accept_reason or "").strip()
    if options.accept_reason is not None and not reason:
        problem = text("contest.no_reason", language)
        raise because(reason="bad_option", option="--accept-reason", problem=problem)
    if len(reason) > LONGEST_REASON:
        problem = text("bad_file.long", language, found=len(reason), most=LONGEST_REASON)
        raise because(reason="bad_option", option="--accept-reason", problem=problem)
    return reason


def _until(options: Namespace, today: date, language: Language) -> date | None:
    if options.accept_until is None:
        return None
    try:
        until = date.fromisoformat(options.accept_until)
    except ValueError:
        until = None
    if until is None or until < today:
        problem = text("judging.until", language, found=options.accept_until, today=today)
        raise because(reason="bad_option", option="--accept-until", problem=problem)
    return until


def keep_answer_files(directory: Path, answers: Answers | None, idents: Collection[str]) -> None:
    """Copy the files that answers about `idents` name into the directory of the run.

    Raises:
        Stopped: One of them changed since it was read.
        StorageError: The disk is full or refused one.
    """
    if answers is None:
        return
    digests = {one.file: one.sha256 for one in answers.by_requirement.values()}
    for file, kept in kept_files(answers, idents):
        copy = directory / kept
        try:
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, copy)
            same = sha256_of(copy) == digests[file]
        except OSError as error:
            raise storage_error(copy, error) from error
        if not same:
            raise because(reason="answer_file_changed", file=file)


def write_baseline(judging: Judging, results: Iterable[Result]) -> None:
    """Write the baseline that was asked for, where one was.

    Raises:
        StorageError: It cannot be written.
    """
    if judging.writes is None:
        return
    try:
        with whole_file(judging.writes, is_new=True) as stream:
            stream.write(written_baseline(results, reason=judging.reason, until=judging.until))
    except OSError as error:
        raise storage_error(judging.writes, error) from error
