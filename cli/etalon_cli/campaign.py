"""One conformance run from its options to its directory: everything that touches the disk."""

from __future__ import annotations

import json
import os
import time
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from etalon_cli.console import ProgressLine
from etalon_cli.interruption import interruptible
from etalon_cli.judgement_options import keep_answer_files
from etalon_cli.stopping import because
from etalon_conformance.evidence import (
    redacted_line,
    setting_of,
    write_counterexample,
    write_folders,
)
from etalon_conformance.exchange_lines import exchange_line
from etalon_conformance.exploring.after_checks import explored_after
from etalon_conformance.planning import Plan, planned, written_plan
from etalon_conformance.races.after_checks import raced_after
from etalon_conformance.running import RunOrder, RunOutcome, run, unreached
from etalon_conformance.verdict_file import (
    Circumstances,
    Judgement,
    fault_text,
    judgement,
    plain_verdicts,
)
from etalon_conformance.verdicts import Verdict
from etalon_reports import write_report
from etalon_scenarios.run_directory import (
    RunDirectory,
    StorageError,
    new_run_directory,
    storage_error,
)
from etalon_target.profile_errors import ProfileError
from etalon_target.targets import Target, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Generator, Mapping
    from pathlib import Path
    from typing import TextIO

    from etalon_cli.conformance_options import Asked
    from etalon_cli.interruption import Interruption
    from etalon_conformance.concluding import Concluded, Examined
    from etalon_text.language import Language
    from etalon_wire.json_body import Json as WireJson

EXCHANGES: Final = "exchanges.ndjson"
SHARED_EXCHANGES: Final = "exchanges-redacted.ndjson"
VERDICTS: Final = "verdicts.json"
FAULTS: Final = "harness-errors.txt"
Line: TypeAlias = "Mapping[str, WireJson]"
_OWNER_ONLY: Final = 0o600
_BROKEN: Final = frozenset({Verdict.FAIL, Verdict.FINDING})


@dataclass(frozen=True, slots=True)
class Campaign:
    """A conformance run that ended.

    Attributes:
        directory: Where it is.
        outcome: What it came to.
        judged: What it is worth.
        verdicts: The content of its `verdicts.json`.
    """

    directory: RunDirectory
    outcome: RunOutcome
    judged: Judgement
    verdicts: dict[str, object]


class Kept:
    """The exchanges of a run, written as each check ends."""

    def __init__(self, directory: RunDirectory, target: Target) -> None:
        """Make both files: the one that holds tokens is for its owner alone."""
        self._directory = directory.path
        self._target = target
        self._whole = self._opened(EXCHANGES, _OWNER_ONLY)
        self._shared = self._opened(SHARED_EXCHANGES, 0o644)
        self.examined: dict[str, Examined] = {}

    def keep(self, examined: Examined) -> None:
        """Write what a check sent and what came back.

        Raises:
            StorageError: The disk is full or refused it.
        """
        self.examined[examined.check.name] = examined
        redaction = self._target.redaction
        try:
            for exchange in examined.exchanges:
                line = cast("Line", exchange_line(examined.check.name, exchange))
                self._whole.write(json.dumps(line, ensure_ascii=False) + "\n")
                shared = redacted_line(line, redaction)
                self._shared.write(json.dumps(shared, ensure_ascii=False) + "\n")
            self._whole.flush()
            self._shared.flush()
        except OSError as error:
            raise storage_error(self._directory / EXCHANGES, error) from error

    def close(self) -> None:
        """Close both, or leave them closed.

        Raises:
            StorageError: The disk refused what was still to be written.
        """
        try:
            with closing(self._shared), closing(self._whole):
                pass
        except OSError as error:
            raise storage_error(self._directory / EXCHANGES, error) from error

    def give_up(self) -> None:
        """Leave nothing of a run that did not begin."""
        self.close()
        for name in (EXCHANGES, SHARED_EXCHANGES, "plan.json", "run.json"):
            (self._directory / name).unlink(missing_ok=True)
        with suppress(OSError):
            self._directory.rmdir()

    def _opened(self, name: str, mode: int) -> TextIO:
        try:
            number = os.open(
                self._directory / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, mode
            )
        except OSError as error:
            raise storage_error(self._directory / name, error) from error
        return os.fdopen(number, "w", encoding="utf-8", newline="\n")


def carry_out(asked: Asked, circumstances: Circumstances, language: Language) -> Campaign:
    """Test a target as asked, and write the directory of the run.

    Raises:
        UnusableDirectoryError: The directory asked for cannot be used.
        StorageError: The disk is full or refused a file.
        Stopped: The file of an answer changed since it was read.
    """
    ends_at = time.monotonic() + asked.time_limit
    plan = planned(asked.choice)
    named = asked.choice.suite or "requirements"
    directory = new_run_directory(
        asked.out, command="conformance", name=named, seed=asked.choice.seed
    )
    started_at = datetime.now(UTC)
    directory.write_json("run.json", _record(asked, circumstances, started_at, "partial"))
    directory.write_text("plan.json", written_plan(plan, circumstances.version).decode())
    keep_answer_files(directory.path, circumstances.answers, plan.requirements)
    with interruptible() as interruption, _kept(directory, asked.target) as kept:
        outcome = _outcome(asked, plan, kept, ends_at, interruption, language)
        judged = judgement(outcome, circumstances)
        faults = [fault_text(one.check.name, one.ended) for one in outcome.faults]
        # What was concluded is on the disk before anything is drawn of it.
        verdicts = plain_verdicts(outcome, judged, circumstances, asked.target, {})
        directory.write_json(VERDICTS, verdicts)
        shown = _counterexamples(directory.path, outcome, kept, asked.target, faults)
    if shown:
        verdicts = plain_verdicts(outcome, judged, circumstances, asked.target, shown)
        directory.write_json(VERDICTS, verdicts)
    if faults:
        directory.write_text(FAULTS, "".join(faults))
    status = "partial" if outcome.cut else "complete"
    directory.write_json("run.json", _record(asked, circumstances, started_at, status))
    _draw(directory.path, language)
    return Campaign(directory, outcome, judged, dict(verdicts))


def _draw(directory: Path, language: Language) -> None:
    try:
        write_folders(directory)
        write_report(directory, language)
    except OSError as error:
        raise storage_error(directory / "report.html", error) from error


def _outcome(  # noqa: PLR0913, PLR0917 (what a run is made of)
    asked: Asked,
    plan: Plan,
    kept: Kept,
    ends_at: float,
    interruption: Interruption,
    language: Language,
) -> RunOutcome:
    """Reach the target and run the plan, or say why it cannot be reached."""
    progress = ProgressLine(language)
    order = RunOrder(
        plan=plan,
        workers=asked.workers,
        ends_at=ends_at,
        is_interrupted=interruption.is_asked,
        kept=kept.keep,
        told=lambda done, total, check: progress.show("checks", done, total, check),
    )
    asked.target.ends_at = ends_at
    try:
        with asked.target as target:
            outcome = run(order, target)
            left = min(asked.budget, ends_at - time.monotonic())
            # Exploring comes last: it removes whoever was made.
            outcome = raced_after(outcome, target, left / 2, kept.keep, interruption.is_asked)
            return explored_after(outcome, target, left / 2, kept.keep, interruption.is_asked)
    except ProfileError as error:
        # Nothing was asked of anybody: the directory is as it was found.
        kept.give_up()
        raise because(reason="target", problem=error) from error
    except UnreachableError as error:
        problem = asked.target.redaction.text(str(error))
        return unreached(plan, problem, asked.workers)
    finally:
        progress.end()


@contextmanager
def _kept(directory: RunDirectory, target: Target) -> Generator[Kept]:
    kept = Kept(directory, target)
    try:
        yield kept
    except BaseException:
        # What stops the run is told, not that the files cannot be closed either.
        with suppress(StorageError):
            kept.close()
        raise
    kept.close()


def _counterexamples(
    directory: Path, outcome: RunOutcome, kept: Kept, target: Target, faults: list[str]
) -> dict[tuple[str, str], str]:
    """Write a counterexample for each breach; give their identifiers.

    A fault of ours in one of them is noted, and keeps no verdict from being told.
    """
    setting = setting_of(target)
    found: dict[tuple[str, str], str] = {}
    for one in outcome.concluded:
        if not _is_shown(one):
            continue
        place = (one.result.requirement, one.result.check)
        requirement, examined = outcome.plan.requirements[place[0]], kept.examined[place[1]]
        try:
            found[place] = write_counterexample(directory, one, requirement, examined, setting)
        except OSError as error:
            raise storage_error(directory / "counterexamples", error) from error
        except Exception as error:  # noqa: BLE001 (evidence is drawn of whatever a target sends)
            faults.append(fault_text(f"{place[0]}-{place[1]}", error))
    return found


def _is_shown(concluded: Concluded) -> bool:
    return concluded.result.verdict in _BROKEN and concluded.assertion is not None


def _record(
    asked: Asked, circumstances: Circumstances, started_at: datetime, status: str
) -> dict[str, str | int | None]:
    """Return what `run.json` says, first and last."""
    return {
        "format": 1,
        "command": "conformance run",
        "status": status,
        "etalon_version": circumstances.version,
        "suite": asked.choice.suite,
        "seed": asked.choice.seed,
        "started_at": started_at.isoformat(timespec="seconds").replace("+00:00", "Z"),
    }
