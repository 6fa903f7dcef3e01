"""`load-comparison.json`: two runs of one plan, all requests together and step by step."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Final

from etalon_load.comparison import (
    BLOCK_SECONDS,
    FEWEST_BLOCKS,
    LEVEL,
    TOLERANCE,
    Change,
    ComparisonError,
    blocks_of,
    compared,
)
from etalon_load.files.run_record import RunRecord, read_run_record
from etalon_load.files.summary import in_order, summarised
from etalon_load.files.whole_files import named_when_whole
from etalon_load.histogram import Histogram
from etalon_load.intervals import Interval, share_interval
from etalon_load.measures import Measured, Measures, Step, together
from etalon_load.verdicts import Verdict

COMPARISON_FILE: Final = "load-comparison.json"
SCHEMA_VERSION: Final = 1

Plain = dict[str, object]


def compare_runs(before: Path, after: Path) -> Plain:
    """Compare two runs of one plan, block by block of intended time; return what a file says.

    Raises:
        RunRecordError: A directory holds no run that has ended.
        ComparisonError: The plans differ, or the runs are too short; the message says which.
    """
    records = read_run_record(before), read_run_record(after)
    _refuse_others(before, after, records)
    first, second = records
    wholes = [together(one.told.measures.steps.values()) for one in records]
    seconds, seed = first.asked.length, first.asked.seed
    whole = _changed(wholes[0], wholes[1], seconds, seed)
    if whole is None:
        message = (
            f"{before} and {after}: fewer than {FEWEST_BLOCKS} blocks of {BLOCK_SECONDS} s with "
            f"answers in both; compare runs of {FEWEST_BLOCKS * BLOCK_SECONDS} s at least"
        )
        raise ComparisonError(message)
    told = [_run(folder, one) for folder, one in zip((before, after), records, strict=True)]
    invalid = any(one["verdict"] == Verdict.INVALID for one in told)
    errors = _errors(wholes, seconds, seed)
    change = _overall(invalid, Change(str(errors["change"])), Change(str(whole["change"])))
    return {
        "kind": "load-comparison",
        "schema_version": SCHEMA_VERSION,
        "etalon_version": second.asked.etalon_version,
        "change": str(change),
        "exit_code": EXIT_CODES[change],
        "invalid": invalid,
        "plan_digest": first.asked.plan_digest,
        "block_seconds": BLOCK_SECONDS,
        "tolerance": TOLERANCE,
        "level": LEVEL,
        "before": told[0],
        "after": told[1],
        "errors": errors,
        "whole": whole,
        "steps": _steps(first.told.measures, second.told.measures, seconds, seed),
    }


EXIT_CODES: Final[Mapping[Change, int]] = {
    Change.EQUAL: 0,
    Change.IMPROVEMENT: 0,
    Change.REGRESSION: 1,
    Change.INCONCLUSIVE: 3,
}


def _overall(invalid: bool, errors: Change, latency: Change) -> Change:  # noqa: FBT001 (a fact)
    """Return what became of a service: who fails more often is no better for being quicker."""
    if invalid:
        return Change.INCONCLUSIVE
    return Change.REGRESSION if errors is Change.REGRESSION else latency


def _errors(wholes: Sequence[Measured], seconds: int, seed: int) -> Plain:
    """Return the share of answers that failed or were wrong, in both, and what became of it."""
    before, after = (_error_share(whole, seconds, seed) for whole in wholes)
    change = Change.INCONCLUSIVE
    if after.low > before.high:
        change = Change.REGRESSION
    elif after.high < before.low:
        change = Change.IMPROVEMENT
    elif before == after:
        change = Change.EQUAL
    return {"change": str(change), "before": asdict(before), "after": asdict(after)}


def _error_share(whole: Measured, seconds: int, seed: int) -> Interval:
    bad, sent = [0] * seconds, [0] * seconds
    for second, counts in whole.seconds.items():
        at = min(second, seconds - 1)
        bad[at] += counts.failed + counts.wrong
        sent[at] += counts.sent
    return share_interval(bad, sent, seed)


def write_comparison(directory: Path, compared_runs: Plain) -> Path:
    """Write `load-comparison.json` in a directory, made when it is not there.

    Raises:
        OSError: The file cannot be written.
    """
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / COMPARISON_FILE
    written = json.dumps(compared_runs, ensure_ascii=False, indent=1)
    with named_when_whole(target) as unfinished:
        unfinished.write_text(written + "\n", encoding="utf-8", newline="\n")
    return target


def _refuse_others(before: Path, after: Path, records: tuple[RunRecord, RunRecord]) -> None:
    digests = [one.asked.plan_digest for one in records]
    if digests[0] != digests[1]:
        message = (
            f"{before} planned the arrivals {digests[0][:12]}…, {after} the arrivals "
            f"{digests[1][:12]}…: only two runs of the same plan compare; repeat the command of "
            "the one with the profile, peak, duration and seed of the other"
        )
        raise ComparisonError(message)


def _run(folder: Path, record: RunRecord) -> Plain:
    summary = summarised(record)
    kept = ("verdict", "totals", "response", "service")
    asked = record.asked
    return {
        "directory": folder.name,
        "run_id": asked.run_id,
        "started_at": asked.started_at,
        "etalon_version": asked.etalon_version,
        "target": asdict(asked.target),
        "workers": asked.workers,
        **{key: summary[key] for key in kept},
    }


def _steps(before: Measures, after: Measures, seconds: int, seed: int) -> list[Plain]:
    """Return the change of each step that both runs have blocks enough of."""
    found: list[Plain] = []
    for step in in_order(before):
        if step not in after.steps:
            continue
        changed = _changed(before.steps[step], after.steps[step], seconds, seed)
        if changed is not None:
            found.append({**_named(step), **changed})
    return found


def _named(step: Step) -> Plain:
    return {"journey": step.journey, "step": step.name}


def _changed(before: Measured, after: Measured, seconds: int, seed: int) -> Plain | None:
    """Return the change of a mean latency; None when too few blocks have answers in both."""
    parts = [blocks_of(one.heat, seconds) for one in (before, after)]
    both = sum(bool(b.counts and a.counts) for b, a in zip(*parts, strict=True))
    if both < FEWEST_BLOCKS:
        return None
    found = compared(parts[0], parts[1], seed)
    return {
        "ratio": found.ratio,
        "low": found.low,
        "high": found.high,
        "change": str(found.change),
        "blocks": found.blocks,
        "before": _told(before.response),
        "after": _told(after.response),
    }


def _told(response: Histogram) -> Plain:
    return {
        "mean_us": round(response.mean(), 1),
        "p50_us": response.percentile(50.0),
        "p99_us": response.percentile(99.0),
    }
