"""Two runs of one plan compare; others are refused with what differs."""

import json
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import jsonschema
import pytest

from etalon_load.comparison import ComparisonError
from etalon_load.files.compared_runs import compare_runs, write_comparison
from etalon_text.schema_files import schema


def test_a_slower_run_is_a_regression_and_the_other_way_an_improvement(
    invented: SimpleNamespace, tmp_path: Path
) -> None:
    """All requests and every step; the file is as published."""
    worse = compare_runs(invented.long, invented.slower)
    better = compare_runs(invented.slower, invented.long)
    target = write_comparison(tmp_path / "C", worse)

    assert (worse["change"], worse["exit_code"]) == ("regression", 1)
    assert (better["change"], better["exit_code"]) == ("improvement", 0)
    written: dict[str, Any] = json.loads(target.read_text(encoding="utf-8"))
    jsonschema.validate(written, schema("load-comparison"))
    assert written["whole"]["blocks"] == 12
    assert len(written["steps"]) == 7


def test_a_run_is_equal_to_itself(invented: SimpleNamespace) -> None:
    """No change, and an interval of no width."""
    found: Any = compare_runs(invented.usual, invented.usual)

    assert (found["change"], found["exit_code"]) == ("equal", 0)
    assert found["whole"]["low"] == found["whole"]["high"] == 1.0


def rewritten(source: Path, target: Path, file: str, **values: object) -> Path:
    """A copy of a run, keys of one of its files set."""
    shutil.copytree(source, target)
    content = json.loads((target / file).read_text(encoding="utf-8"))
    (target / file).write_text(json.dumps(content | values), encoding="utf-8")
    return target


def test_another_plan_is_refused(invented: SimpleNamespace, tmp_path: Path) -> None:
    """Both digests are named."""
    other = rewritten(invented.usual, tmp_path / "run", "workload.json", plan_digest="0" * 64)

    with pytest.raises(ComparisonError, match="000000000000"):
        compare_runs(invented.usual, other)


def test_runs_that_are_too_short_are_refused(invented: SimpleNamespace, tmp_path: Path) -> None:
    """Forty-four seconds hold two blocks of fifteen."""
    short = rewritten(invented.usual, tmp_path / "run", "workload.json", seconds=44.0)

    with pytest.raises(ComparisonError, match="45 s at least"):
        compare_runs(short, short)


def test_a_comparison_with_a_void_run_says_nothing(
    invented: SimpleNamespace, tmp_path: Path
) -> None:
    """Whatever its latencies: not known, exit code 3."""
    conduct = json.loads((invented.slower / "measured.json").read_text(encoding="utf-8"))["conduct"]
    lost = conduct | {"workers_lost": 1}
    void = rewritten(invented.slower, tmp_path / "run", "measured.json", conduct=lost)

    found = compare_runs(invented.long, void)

    assert (found["change"], found["exit_code"], found["invalid"]) == ("inconclusive", 3, True)


def test_a_run_that_fails_more_often_is_worse_however_quick(
    invented: SimpleNamespace, tmp_path: Path
) -> None:
    """One answer in twenty failed: the latencies of the others do not matter."""
    told = json.loads((invented.long / "measured.json").read_text(encoding="utf-8"))["measures"]
    for step in told["steps"].values():
        for second, (sent, within, wrong, _) in step["seconds"].items():
            step["seconds"][second] = (sent, within, wrong, -(-sent // 20))
    failing = rewritten(invented.long, tmp_path / "run", "measured.json", measures=told)

    found: Any = compare_runs(invented.slower, failing)

    assert found["whole"]["change"] == "improvement"
    assert found["errors"]["change"] == "regression"
    assert (found["change"], found["exit_code"]) == ("regression", 1)
    assert compare_runs(failing, invented.long)["change"] == "equal"
