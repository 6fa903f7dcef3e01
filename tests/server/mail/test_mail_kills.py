"""Servers killed while they take mail: what was answered with 250 is there, and its receipt."""

import json
import os
import subprocess
import sys
from typing import Any, Final

import pytest

from import_table import ROOT

TRIALS: Final = ROOT / "scripts" / "mail_trials.py"
PATHS: Final = os.pathsep.join(str(ROOT / one) for one in ("model", "conformance", "scripts"))
TRIED: Final = {"": 3, "250-before-commit": 6, "receipt-after-250": 6}
"""How many servers are killed, by the fault planted in them; the first that shows it ends it."""


@pytest.fixture(scope="module")
def found() -> dict[str, Any]:
    """What the starts after kills found, by the fault that was planted."""
    moments = [str(many) for many in TRIED.values()]
    asked = [sys.executable, str(TRIALS), "--moments", *moments, "--plant", *TRIED]
    here = os.environ | {"PYTHONPATH": PATHS}
    done = subprocess.run(asked, capture_output=True, encoding="utf-8", check=True, env=here)
    return dict(zip(TRIED, json.loads(done.stdout), strict=True))


def test_kills_lose_no_mail_that_was_answered_nor_its_receipt(found: dict[str, Any]) -> None:
    """Messages, documents, receipts and the holder's own answers, each once."""
    whole = found[""]

    assert whole["kills"] == 3
    assert whole["taken"] >= 3
    assert (whole["missing"], whole["twice"]) == ([], [])


@pytest.mark.parametrize("plant", [one for one in TRIED if one])
def test_kills_notice_what_is_answered_too_early(found: dict[str, Any], plant: str) -> None:
    """250 before the commit, 250 before the receipt is on the disk."""
    assert found[plant]["missing"]
