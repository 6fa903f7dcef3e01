"""Each fault of the reference server, typed as `--fault` takes it, turns the verdict red.

One server a fault, and one process that loads them one after the other.
"""

import json
import os
import subprocess
import sys
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from etalon_load.faults import fault_of
from etalon_load.measures import Measures
from etalon_load.objectives import Objective
from etalon_load.verdicts import Judged, Verdict, judged
from served_town import served

if TYPE_CHECKING:
    from etalon_wire.json_body import Json

ROOT = Path(__file__).resolve().parent.parent.parent
OBJECTIVE = Objective("visit", "get", 500_000, 0.95, 0.0, 0.05)
FAULTS = {
    # The first is over before the others are asked for anything.
    "stall:6s": {"below", "episode"},
    "slow:30%:900ms:60s": {"below", "episode"},
    "error:30%:60s": {"failed"},
    "refuse:30%:60s": {"failed"},
    "reset:30%:60s": {"failed"},
    "slow-body:30%:900ms:60s": {"below", "episode"},
    "": {"above"},
}


@pytest.fixture(scope="module")
def judgements() -> dict[str, Judged]:
    """What a second of load on each server says, by the fault that is on."""
    with ExitStack() as stack:
        towns = [stack.enter_context(served()) for _ in FAULTS]
        for written, town in zip(FAULTS, towns, strict=True):
            if written:
                town.control("faults", cast("Json", fault_of(written).body()))
        addresses = [f"{town.address}/fhir/metadata" for town in towns]
        options = ("--rate", "40", "--seconds", "1", "--seed", "3")
        done = subprocess.run(
            [sys.executable, "scripts/open_load.py", *addresses, *options],
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT / "load")},
            capture_output=True,
            text=True,
            check=False,
            timeout=100,
        )
        for town in towns:
            town.desk.host.contents.close()
    assert done.returncode == 0, done.stderr
    told = done.stdout.splitlines()
    measured = [Measures.from_plain(json.loads(one)["measures"]) for one in told]
    return {
        written: judged(OBJECTIVE, one, 1, seed=1)
        for written, one in zip(FAULTS, measured, strict=True)
    }


@pytest.mark.parametrize("written", [one for one in FAULTS if one])
def test_a_fault_turns_the_verdict_red(judgements: dict[str, Judged], written: str) -> None:
    """For its own reason: late answers, or failures."""
    found = judgements[written]

    assert found.verdict is Verdict.FAIL
    assert found.reason in FAULTS[written]


def test_the_same_server_without_a_fault_holds_the_objective(
    judgements: dict[str, Judged],
) -> None:
    """So that it is the fault that is red."""
    assert judgements[""].verdict is Verdict.PASS
