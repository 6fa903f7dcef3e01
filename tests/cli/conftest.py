"""An engine that simulates in no time: what it gives depends on seed, people and parameters."""

from __future__ import annotations

import hashlib
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

from etalon_conformance.requirements import requirement_set
from etalon_conformance.suites import suites
from etalon_scenarios.engine import Engine
from etalon_scenarios.ledger import COUNT, Ledger, cell_key
from etalon_scenarios.loading import load_scenario
from etalon_scenarios.policies.measuring import Figure, Measured, week_ends
from etalon_scenarios.run_directory import RunDirectory
from etalon_scenarios.run_record import Plan, RunRecord
from etalon_scenarios.study import Study
from etalon_text.packs import packs

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping
    from datetime import date
    from pathlib import Path

    from etalon_scenarios.engine import Progress, Run
    from etalon_scenarios.observation import Observer
    from etalon_scenarios.run_directory import Json
    from etalon_scenarios.scenario import Scenario


@dataclass(frozen=True, slots=True)
class ToyProgress:
    """A day of the toy engine."""

    day: date
    days_done: int
    days: int


@dataclass(frozen=True, slots=True)
class ToyRun:
    """A run of the toy engine."""

    ledger: Ledger
    days_done: int
    population: int
    lives: None = None


def toy_simulate(  # noqa: PLR0913 (the signature of an engine)
    scenario: Scenario,
    *,
    population: int,
    seed: int,
    until: date | None,
    on_day: Callable[[Progress], None] | None,
    stop: Callable[[], bool],
    observer: Observer | None = None,
) -> ToyRun:
    """Count some objections a day: more when e-mails are read more, moved by the seed."""
    days = ((until or scenario.ends_on) - scenario.starts_on).days + 1
    if observer is not None:
        # Somebody calls once, at an instant that the seed moves.
        observer.calls(np.array([seed * 60_000_000]), np.array([0]))
    ledger = Ledger(("31", "44", "80"), days)
    for day in range(days):
        addresses: list[int] = []
        counts: list[int] = []
        for department in range(3):
            word = hashlib.sha256(f"{seed}/{day}/{department}".encode()).digest()
            opposed = int(population * scenario.reading.email.value) * (word[0] + 64) // 40_000
            address = cell_key((department * 20 + 7) * 2, 1)
            addresses += [address + COUNT["sent_email"], address + COUNT["opposed"]]
            counts += [population // (3 * days), opposed]
        ledger.close_day(day, np.array(addresses), np.array(counts))
        if on_day is not None:
            on_day(ToyProgress(scenario.starts_on + timedelta(days=day), day + 1, days))
        if stop():
            return ToyRun(ledger, day + 1, population)
    return ToyRun(ledger, days, population)


def toy_summarise(run: Run, scenario: Scenario) -> Mapping[str, Json]:
    """Give the keys that a study reads."""
    assert isinstance(run, ToyRun)
    totals = run.ledger.totals()
    opposed, last = totals["opposed"], scenario.starts_on + timedelta(days=run.days_done - 1)
    interval: Json = {"chance": [0.0, 1.0], "sample_noise": None, "knowledge": None}
    return {
        "last_day_on": last.isoformat(),
        "notified": run.population,
        "opposed": opposed,
        "rates": [{"key": "opt_out_rate", "value": opposed / run.population, "numerator": opposed}],
        "hotline": {"calls": 0},
        "cost_eur": {"total": run.population * float(scenario.costs.letter.value)},
        "opt_out_rate": opposed / run.population,
        "opt_out_rate_interval": interval,
        "intervals": {"opt_out_rate": interval},
        "interval_levels": {"chance": 0.95, "sample_noise": 0.95, "knowledge": 0.0},
        "ledger_digest": run.ledger.digest(),
        "law_digest": "0" * 64,
    }


def toy_measure(run: Run, scenario: Scenario) -> Measured:
    """Give the share that objects and their cost, by nobody's age."""
    assert isinstance(run, ToyRun)
    opposed = run.ledger.totals()["opposed"]
    letters = run.population * float(scenario.costs.letter.value)
    scale = TOY_FULL / run.population
    return Measured(
        figures={
            ("opt_out_rate", "all", "all"): Figure(
                opposed / run.population, opposed, opposed, run.population
            ),
            ("opposed", "all", "all"): Figure(opposed * scale, opposed),
            ("cost_eur", "all", "all"): Figure(letters * scale, run.population),
        },
        curves={"opposed": [opposed * scale] * run.days_done},
        hotline={"calls": 0.0},
        costs={"total": letters * scale},
        full=TOY_FULL,
        days=run.days_done,
        weeks={"opposed": [opposed] * len(week_ends(run.days_done))},
    )


TOY_FULL = 20_000
TOY = Engine("agents", toy_simulate, toy_summarise, toy_measure)


@pytest.fixture(scope="session")
def toy_engine() -> Engine:
    """The engine of this file."""
    return TOY


@pytest.fixture(scope="session")
def study_in() -> Callable[..., Study]:
    """Make studies of the pilot on the toy engine: path, draws, replications, stop, engine."""

    def make(
        path: Path,
        *,
        draws: int = 0,
        replications: int = 1,
        stop: Callable[[], bool] = lambda: False,
        engine: Engine = TOY,
    ) -> Study:
        plan = Plan(
            scenario="pilot-2021",
            changes=(),
            engine="agents",
            population=2000,
            seed=7,
            until=None,
            replications=replications,
            knowledge_draws=draws,
            knowledge_population=1000,
        )
        path.mkdir(exist_ok=True)
        return Study(
            record=RunRecord(
                plan=plan, command="simulate", arguments=(), started_at=datetime.now(UTC)
            ),
            scenario=load_scenario("pilot-2021"),
            directory=RunDirectory(path),
            engine=engine,
            stop=stop,
        )

    return make


@pytest.fixture
def make_study(tmp_path: Path, study_in: Callable[..., Study]) -> Callable[..., Study]:
    """Make such studies in directories of this test, by name."""

    def make(name: str = "run", **asked: Any) -> Study:  # noqa: ANN401 (passed on)
        return study_in(tmp_path / name, **asked)

    return make


@pytest.fixture
def find_packs_in(monkeypatch: pytest.MonkeyPatch) -> Generator[Callable[[Path], None]]:
    """Have this process find packs in a folder too, for one test."""
    before, folders = set(sys.modules), list[str]()

    def find(folder: Path) -> None:
        folders.append(str(folder))
        monkeypatch.setattr(sys, "path", [str(folder), *sys.path])
        forget_packs()

    yield find
    forget_packs()
    for name in set(sys.modules) - before:
        file = str(getattr(sys.modules[name], "__file__", ""))
        if any(folder in file for folder in folders):
            del sys.modules[name]


def forget_packs() -> None:
    """Have what is installed looked up again."""
    packs.cache_clear()
    suites.cache_clear()
    requirement_set.cache_clear()
