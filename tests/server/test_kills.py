"""Processes killed while they write: nothing that was answered is lost, nothing is there twice."""

import json
import os
import subprocess
import sys
from typing import Any, Final

import pytest

from import_table import ROOT

TRIALS = ROOT / "scripts" / "crash_trials.py"
HERE = {**os.environ, "PYTHONPATH": str(ROOT / "model")}


TRIED: Final = {"": 20, "answered-before-commit": 40, "snapshot-without-rename": 40}
"""How many processes are killed, by the fault planted in them; the first that shows it ends it."""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What the starts after kills found, by the fault that was planted."""
    moments = [str(many) for many in TRIED.values()]
    asked = [sys.executable, str(TRIALS), "kill", "--moments", *moments, "--plant", *TRIED]
    done = subprocess.run(asked, capture_output=True, encoding="utf-8", check=True, env=HERE)
    return dict(zip(TRIED, json.loads(done.stdout), strict=True))


def test_twenty_kills_under_concurrent_writes_lose_nothing_that_was_answered(
    found: dict[str, Any],
) -> None:
    """Every answered write is there after each start, none twice, and snapshots are whole."""
    whole = found[""]

    assert whole["kills"] == 20
    assert whole["answered"] >= 20
    wrong = {what: whole[what] for what in ("missing", "twice", "refused", "damaged")}
    assert wrong == {"missing": [], "twice": [], "refused": [], "damaged": []}


@pytest.mark.parametrize(
    ("plant", "noticed"),
    [("answered-before-commit", "missing"), ("snapshot-without-rename", "damaged")],
)
def test_kills_notice_a_planted_fault(found: dict[str, Any], plant: str, noticed: str) -> None:
    """Answers that leave too early are lost, snapshots written in place are torn."""
    assert found[plant][noticed]
