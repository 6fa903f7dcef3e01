"""Processes killed while they write: nothing that was answered is lost, nothing is there twice."""

import json
import os
import subprocess
import sys
from typing import Any

import pytest

from import_table import ROOT

TRIALS = ROOT / "scripts" / "crash_trials.py"
HERE = {**os.environ, "PYTHONPATH": str(ROOT / "model")}


def kills(moments: int, plant: str = "") -> dict[str, Any]:
    """Kill so many processes and return what the starts after found."""
    asked = [sys.executable, str(TRIALS), "kill", "--moments", str(moments), "--plant", plant]
    done = subprocess.run(asked, capture_output=True, encoding="utf-8", check=True, env=HERE)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_twenty_kills_under_concurrent_writes_lose_nothing_that_was_answered() -> None:
    """Every answered write is there after each start, none twice, and snapshots are whole."""
    found = kills(20)

    assert found["kills"] == 20
    assert found["answered"] >= 20
    wrong = {what: found[what] for what in ("missing", "twice", "refused", "damaged")}
    assert wrong == {"missing": [], "twice": [], "refused": [], "damaged": []}


@pytest.mark.parametrize(
    ("plant", "noticed"),
    [("answered-before-commit", "missing"), ("snapshot-without-rename", "damaged")],
)
def test_kills_notice_a_planted_fault(plant: str, noticed: str) -> None:
    """Answers that leave too early are lost, snapshots written in place are torn."""
    assert kills(40, plant)[noticed]
