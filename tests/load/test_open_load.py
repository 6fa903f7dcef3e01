"""Journeys begin at their instants, are measured from there, and meet every surprise as a value."""

import json
import os
import subprocess
import sys
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from etalon_load.arrivals import planned, poisson
from etalon_load.measures import Measures, Second, Step
from etalon_load.objectives import Objective
from etalon_load.rates import constant
from etalon_load.verdicts import Verdict, judged

ROOT = Path(__file__).resolve().parent.parent.parent
GET = Step("visit", "get")
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT / "load")}


@contextmanager
def serving(*command: str) -> Generator[str]:
    """The address of a server that runs while the block lasts."""
    line = [sys.executable, *command]
    with subprocess.Popen(line, cwd=ROOT, env=ENVIRONMENT, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield str(json.loads(process.stdout.readline())["address"])
        finally:
            process.terminate()


@dataclass(frozen=True)
class Told:
    """What a short load told."""

    plain: dict[str, Any]

    @property
    def measures(self) -> Measures:
        """What it measured."""
        return Measures.from_plain(self.plain["measures"])

    @property
    def counted(self) -> Second:
        """What became of its requests, all seconds together."""
        whole = Second()
        for one in self.measures.steps[GET].seconds.values():
            whole.add(one)
        return whole


def loaded(address: str, *options: str) -> Told:
    """A short load on an address, in a process of its own."""
    return each_loaded([address], *options)[0]


def each_loaded(addresses: Sequence[str], *options: str) -> list[Told]:
    """Short loads on some addresses, one after the other."""
    line = [sys.executable, "scripts/open_load.py", *addresses, *options]
    done = subprocess.run(
        line, cwd=ROOT, env=ENVIRONMENT, capture_output=True, text=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    return [Told(json.loads(one)) for one in done.stdout.splitlines()]


def test_a_stall_is_felt_by_all_who_came_in_it() -> None:
    """One second of four: a quarter waits, and half of those for half a second and more."""
    with serving("scripts/stalling_server.py", "--stall-at", "1", "--stall", "1") as address:
        told = loaded(address, "--rate", "100", "--seconds", "4", "--seed", "3")
    measures = told.measures
    response = measures.steps[GET].response
    objective = Objective("visit", "get", 500_000, 0.99, 0.0, 0.01)

    assert told.counted.sent == told.plain["planned"] == measures.finished
    assert response.percentile(99) > 850_000
    assert 0.15 < response.above(250_000) / response.total < 0.25
    assert judged(objective, measures, 4, seed=1).verdict is Verdict.FAIL
    assert told.plain["most_in_flight"] > 60


def test_the_offered_journeys_are_those_planned() -> None:
    """Each second as many as the plan has; the plan is that of its seed."""
    with serving("scripts/stalling_server.py") as address:
        told = loaded(address, "--rate", "150", "--seconds", "2", "--seed", "9")
    plan = planned(poisson(constant(150, 2), 9), {"visit": 1.0}, 1_000, 2, 9)

    assert told.plain["digest"] == plan.digest
    assert [told.measures.offered[second] for second in range(2)] == list(plan.by_second())
    assert told.plain["unfinished"] == 0
    assert told.plain["broken"] == []
    assert told.plain["opened"] < 60


ALLOWED = ("chunked", "interim", "unmeasured", "closing")
MISDEEDS = (
    *("error", "no-http", "cut", "no-length", "huge", "bad-chunk", "long-head", "silent"),
    "nobody",
)


@pytest.fixture(scope="module")
def surprises() -> dict[str, Told]:
    """What loads on servers of every kind told, and on an address where nobody is."""
    names = [*ALLOWED, *MISDEEDS]
    with serving("scripts/stalling_server.py") as address:
        addresses = [f"{address}/{name}" for name in names[:-1]]
        nobody = "http://127.0.0.1:9"
        options = ("--rate", "40", "--seconds", "0.3", "--timeout", "0.3")
        told = each_loaded([*addresses, nobody], *options)
    return dict(zip(names, told, strict=True))


@pytest.mark.parametrize("name", ALLOWED)
def test_what_http_allows_is_right(surprises: dict[str, Told], name: str) -> None:
    """Chunks, early hints, bodies without a length, connections that close."""
    counted = surprises[name].counted

    assert counted.within == counted.sent == surprises[name].plain["planned"] > 5


@pytest.mark.parametrize("name", MISDEEDS)
def test_every_surprise_is_a_failure_and_no_more(surprises: dict[str, Told], name: str) -> None:
    """No journey breaks, none is lost; refused connections count too."""
    told = surprises[name]

    assert told.counted.failed == told.counted.sent == told.plain["planned"] > 5
    assert told.measures.finished == told.plain["planned"]
    assert told.plain["broken"] == []


def test_the_oracle_keeps_what_happened(tmp_path: Path) -> None:
    """As many as were sent; services follow their law; nobody begins before they came."""
    log = tmp_path / "served.csv"
    oracle = ("-m", "etalon_load.oracle", "--servers", "2", "--service", "0.005", "--log", str(log))
    with serving(*oracle) as address:
        told = loaded(address, "--rate", "150", "--seconds", "2")
    rows = [
        tuple(map(float, row.split(",")))
        for row in log.read_text(encoding="ascii").splitlines()[1:]
    ]
    seen = sorted(1_000_000 * (ended - came) for came, _, ended in rows)

    assert len(rows) == told.plain["planned"]
    assert all(came <= began <= ended for came, began, ended in rows)
    # What the tool measured is what happened, and the way there and back.
    median = told.measures.steps[GET].response.percentile(50)
    assert seen[len(seen) // 2] <= median
